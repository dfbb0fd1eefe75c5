//! Chat, inbox and help article on a wide and a narrow screen, light and dark: nothing sticks out, and dark is dark.

use crate::harness::{Browser, Chat, Home, Inbox, Look, Porter, Student};

/// Whether the page is wider than the window, how bright its background is (0 to 255), and what sticks out.
const MEASURE: &str = "
    const page = document.documentElement;
    const ground = [document.body, page].map((node) => getComputedStyle(node).backgroundColor).find((colour) => !/, 0\\)$/.test(colour));
    const [red, green, blue] = (ground ?? 'rgb(255, 255, 255)').match(/[\\d.]+/g).map(Number);
    const out = [...document.querySelectorAll('body *')].filter((node) => {
        const box = node.getBoundingClientRect();
        return box.width > 1 && box.right > innerWidth + 1 && !node.closest('[hidden], .visually-hidden, pre, svg, .skip-link');
    });
    return { over: page.scrollWidth - innerWidth, bright: (red + green + blue) / 3, out: out.slice(0, 3).map((node) => node.outerHTML.slice(0, 200)) };";

async fn assert_fits(browser: &Browser, look: Look, what: &str) {
    browser.screenshot(&format!("look-{what}-{}", look.name())).await;
    let measured = browser.js(MEASURE).await;
    let over = measured["over"].as_f64().expect("a number");
    assert!(over < 1.0, "{what} sticks out by {over} px on {look:?}: {measured}");
    let bright = measured["bright"].as_f64().expect("a number");
    assert!(if look.dark { bright < 90.0 } else { bright > 200.0 }, "{what} is not {look:?}: {measured}");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_fit_every_screen_and_follow_the_colour_scheme() {
    let home = Home::seeded();
    let porter = Porter::start(&home);
    let base = porter.base.as_str();
    let waiting = Student::begin(base).await;
    waiting.ask("my exam was marked wrong, i want it looked at again. the examiner did not count the second half of my answer to question four").await;
    Student::begin(base).await.ask("i was charged twice for the same course, that is 49 euro too much").await;
    for look in [false, true].into_iter().flat_map(|dark| [1280, 380].map(|width| Look { dark, width })) {
        let browser = Browser::with(look).await;
        browser.open(&format!("{base}/help")).await;
        assert_fits(&browser, look, "help").await;
        browser.find(".articles a").await.click().await.expect("opening an article");
        browser.find("article.article").await;
        assert_fits(&browser, look, "article").await;

        let chat = Chat::open(&browser, base).await;
        chat.ask("how do i get my certificate as pdf?").await;
        assert_fits(&browser, look, "chat-frame").await;
        browser.page.enter_parent_frame().await.expect("leaving the frame");
        assert_fits(&browser, look, "chat").await;

        let inbox = Inbox::sign_in(&browser, &porter).await;
        assert_fits(&browser, look, "inbox").await;
        inbox.opens("my exam was marked wrong").await;
        assert_fits(&browser, look, "ticket").await;
    }
    porter.stop();
}
