//! Chat, inbox, help article, the academy's pages, the mailbox and every card on a wide and a narrow screen, light and dark: nothing sticks out, and dark is dark.

use serde_json::json;

use crate::harness::cards::{ADDRESS_FORM, CHOICE, FINDINGS, RECEIPT, SIGN_IN, WISHES};
use crate::harness::people::{BRUNO, ELIF};
use crate::harness::{
    Browser, Chat, Home, Inbox, Learner, Letter, Letters, Look, Porter, Queue, Session, Student, forgot, reset_page_takes, text_of,
};

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
    for look in looks() {
        let browser = Browser::with(look).await;
        browser.open(&format!("{base}/help")).await;
        assert_fits(&browser, look, "help").await;
        browser.find(".articles a").await.click().await.expect("opening an article");
        browser.find("article.article").await;
        assert_fits(&browser, look, "article").await;

        let chat = Chat::open(&browser, base).await;
        chat.ask("how do i get my certificate as pdf?").await;
        assert_fits(&browser, look, "chat-frame").await;
        chat.ask("about my order from monday").await;
        assert_card_fits(&chat, look, WISHES).await;
        browser.page.enter_parent_frame().await.expect("leaving the frame");
        assert_fits(&browser, look, "chat").await;

        let inbox = Inbox::sign_in(&browser, &porter).await;
        assert_fits(&browser, look, "inbox").await;
        inbox.opens("my exam was marked wrong").await;
        assert_fits(&browser, look, "ticket").await;
        inbox.shows_details().await;
        assert_fits(&browser, look, "ticket-details").await;
        browser.press("correct").await;
        browser.find("input[name=purpose][value=teach]:checked").await;
        assert_fits(&browser, look, "correction").await;
    }
    porter.stop();
}

fn looks() -> impl Iterator<Item = Look> {
    [false, true].into_iter().flat_map(|dark| [1280, 380].map(|width| Look { dark, width }))
}

/// Bruno's conversation with every card that a signed-in learner gets.
async fn bruno_has_asked(porter: &Porter) -> Student {
    let bruno = Student::begin_as(&porter.base, &Session::of(porter, BRUNO).await).await;
    bruno.ask("where is my refund?").await;
    let choice = bruno.ask("please send me my certificate again").await;
    let option = &choice["card"]["choice"]["options"][0]["id"];
    bruno.submit(choice["seq"].as_i64().expect("a seq"), &json!({ "option": option })).await.is(200);
    bruno
}

#[tokio::test(flavor = "multi_thread")]
async fn the_academy_the_mailbox_and_every_card_fit_every_screen() {
    let home = Home::seeded();
    let porter = Porter::start(&home);
    let bruno = bruno_has_asked(&porter).await;
    let elif = Student::begin_as(&porter.base, &Session::of(&porter, ELIF).await).await;
    elif.ask("i was charged twice for the same course").await;
    forgot(&porter.academy, BRUNO).await;
    Queue::of(&home).await.is_worked_off().await;
    let letters = Letters::at(&porter.mailbox);
    let link = letters.waits_for(BRUNO, |letter| letter.reset_link().is_some()).await;
    let certificate = letters.waits_for(BRUNO, Letter::has_file).await;

    for look in looks() {
        let browser = Browser::with(look).await;
        let learner = Learner::visiting(&browser, &porter);
        for (path, name) in [("/", "landing"), ("/sign-in", "sign-in"), ("/forgot-password", "forgot")] {
            learner.goes_to(path).await;
            assert_fits(&browser, look, &format!("academy-{name}")).await;
        }
        reset_page_takes(&browser, &link.reset_link().expect("a link"), "password123").await;
        assert_fits(&browser, look, "academy-reset").await;
        for (path, name) in [("", "list"), (&format!("/mail/{}", link.id), "link"), (&format!("/mail/{}", certificate.id), "file")]
        {
            browser.open(&format!("{}{path}", porter.mailbox)).await;
            assert_fits(&browser, look, &format!("mailbox-{name}")).await;
        }

        // The cards of somebody who is not signed in. Anew each time: whoever signs in at that browser makes the conversation their own.
        let visitor = Student::begin(&porter.base).await;
        visitor.ask("I forgot my password, please reset it").await;
        visitor.ask("where is my refund?").await;
        let chat = reopened(&learner, "/", &visitor).await;
        for card in [ADDRESS_FORM, SIGN_IN] {
            assert_card_fits(&chat, look, card).await;
        }
        browser.page.enter_parent_frame().await.expect("leaving the frame");

        // And of somebody who is.
        let learner = Learner::sign_in(&browser, &porter, BRUNO).await;
        for (path, name) in [("/learning", "learning"), ("/certificates", "certificates"), ("/orders", "orders")] {
            learner.goes_to(path).await;
            assert_fits(&browser, look, &format!("academy-{name}")).await;
        }
        let chat = reopened(&learner, "/orders", &bruno).await;
        for card in [FINDINGS, CHOICE, RECEIPT] {
            assert_card_fits(&chat, look, card).await;
        }
        browser.page.enter_parent_frame().await.expect("leaving the frame");
        assert_fits(&browser, look, "academy-with-chat").await;

        let inbox = Inbox::sign_in(&browser, &porter).await;
        inbox.opens("charged twice").await;
        browser.part("act").await;
        inbox.shows_details().await;
        browser.js("document.querySelector('[data-testid=act]').scrollIntoView({ block: 'nearest' })").await;
        assert_fits(&browser, look, "ticket-with-receipts").await;
    }
    porter.stop();
}

/// The chat with this conversation.
async fn reopened<'a>(learner: &Learner<'a>, page: &str, student: &Student) -> Chat<'a> {
    learner.opens_chat(page).await.remembers(student).await;
    learner.browser.page.enter_parent_frame().await.expect("leaving the frame");
    let chat = learner.opens_chat(page).await;
    assert_eq!(chat.student().await.id, student.id);
    chat
}

/// Scrolls the card into sight and looks.
async fn assert_card_fits(chat: &Chat<'_>, look: Look, card: &str) {
    chat.card_after(0, card).await;
    let script = format!(
        "const card = document.querySelector('[data-testid={card}]'); card.scrollIntoView({{ block: 'center' }}); return card.innerText"
    );
    assert!(!text_of(&chat.browser.js(&script).await).is_empty(), "{card} is empty");
    assert_fits(chat.browser, look, card).await;
}
