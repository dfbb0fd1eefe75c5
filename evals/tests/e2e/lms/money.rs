//! Paying, invoices and refunds.

use serde_json::json;

use crate::harness::people::{ANNA, IVAN};
use crate::harness::{
    Browser, Home, Launch, Learner, Letter, Letters, Look, Porter, Session, Student, client, pages_of, until, words_of,
};

const ADMINISTRATOR: &str = "theo.brandt@northlight.example";
const NOAH: &str = "noah.williams@learner.example";

/// A course that Noah, who has none, can buy.
const SLUG: &str = "foundations-of-security";

async fn status_is(learner: &Learner<'_>, number: &str, word: &str) {
    until(&format!("the order to be {word}"), async || {
        learner.goes_to(&format!("/orders/{number}")).await;
        learner.browser.text("order-status").await.contains(word).then_some(())
    })
    .await;
}

fn has(words: &'static str) -> impl Fn(&Letter) -> bool {
    move |letter| letter.subject.contains(words)
}

#[tokio::test(flavor = "multi_thread")]
async fn story_money_from_a_coupon_to_the_money_back() {
    let home = Home::seeded();
    let porter = Porter::start(&home);
    let letters = Letters::at(&porter.mailbox);

    let browser = Browser::start().await;
    let noah = Learner::sign_in(&browser, &porter, NOAH).await;
    noah.goes_to(&format!("/checkout/{SLUG}")).await;
    browser.part("checkout-coupon").await.send_keys("welcome20").await.expect("typing");
    browser.press("checkout-apply").await;
    browser.part("checkout-discount").await;
    browser.screenshot("money-1-checkout").await;
    let total = browser.text("checkout-total").await;
    browser.press("checkout-buy").await;

    // The bank declines, and the second attempt works.
    browser.part("sandbox-decline").await;
    assert_eq!(browser.text("sandbox-amount").await, total);
    browser.screenshot("money-2-sandbox").await;
    browser.press("sandbox-decline").await;
    browser.part("order-status").await;
    let number = browser.js("return location.pathname.split('/').pop()").await.as_str().expect("a number").to_owned();
    status_is(&noah, &number, "Payment failed").await;
    browser.screenshot("money-3-declined").await;
    browser.press("order-pay-link").await;
    browser.press("sandbox-pay").await;
    browser.part("order-status").await;
    status_is(&noah, &number, "Paid").await;
    browser.screenshot("money-4-paid").await;

    // The course is open; the invoice says what was paid.
    let letter = letters.waits_for(NOAH, has("is paid")).await;
    let invoice = letters.file(&letter).await;
    let words = words_of(&invoice);
    assert!(
        words.contains("Invoice") && words.contains(&number) && words.contains(&total) && words.contains("Noah Williams"),
        "{words}"
    );
    assert_eq!(pages_of(&invoice, "money-invoice"), 1);
    let session = Session::of(&porter, NOAH).await;
    assert!(!session.page("/learning").await.text.contains("You have no courses yet"));

    // Within the policy one may ask, an administrator grants it, and the money comes back.
    browser.press("refund-ask").await;
    browser.part("refund-asked").await;
    browser.screenshot("money-5-asked").await;
    let desk = Browser::start().await;
    let theo = Learner::sign_in(&desk, &porter, ADMINISTRATOR).await;
    theo.goes_to(&format!("/admin/payments?order={number}")).await;
    desk.screenshot("money-6-admin").await;
    let css = format!("//li[@data-testid='refund-task'][contains(., '{number}')]//button[@data-testid='refund-approve']");
    desk.js_with(
        "document.evaluate(arguments[0], document, null, XPathResult.FIRST_ORDERED_NODE_TYPE, null).singleNodeValue.click()",
        vec![json!(css)],
    )
    .await;
    desk.part("payments-note").await;
    status_is(&noah, &number, "Refunded").await;
    browser.screenshot("money-7-refunded").await;
    let credit = letters.file(&letters.waits_for(NOAH, has("paid out")).await).await;
    assert!(words_of(&credit).contains("Credit note"));
    pages_of(&credit, "money-credit-note");
    theo.goes_to("/admin/payments").await;
    assert!(desk.text("ledger").await.contains("€0.00"), "what was taken has gone back");

    // Anna has done the course: the page says why she cannot have her money back.
    let anna = Session::of(&porter, ANNA).await;
    let order = anna.page(&format!("/orders/{}", anna.order_number().await)).await.text;
    assert!(order.contains("refund-policy") && !order.contains("refund-ask"), "{order}");
    porter.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_is_away_leaves_learning_alone_and_the_order_is_kept() {
    let home = Home::seeded();
    // Nobody listens there.
    let porter = Launch::at(&home).env("PORTER_PAYMENTS__PROVIDER_URL", "http://127.0.0.1:9").start();
    let session = Session::of(&porter, NOAH).await;
    let browser = Browser::start().await;
    let noah = Learner::sign_in(&browser, &porter, NOAH).await;
    noah.goes_to(&format!("/checkout/{SLUG}")).await;
    browser.press("checkout-buy").await;
    assert!(browser.text("order-trouble").await.contains("Nothing was charged"));
    browser.screenshot("money-8-provider-away").await;
    browser.part("order-pay").await;
    for path in ["/learning", "/orders", "/certificates"] {
        assert_eq!(session.page(path).await.status, 200);
    }
    assert_eq!(client().get(format!("{}/readyz", porter.academy)).send().await.expect("asking").status(), 200);
    porter.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_hangs_leaves_learning_video_and_support_alone() {
    let home = Home::seeded();
    // It takes every call and never says a word.
    let provider = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", provider.local_addr().expect("its number"));
    let (called, mut calls) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((call, _)) = provider.accept().await {
            let _ = called.send(call);
        }
    });
    let porter = Launch::at(&home).env("PORTER_PAYMENTS__PROVIDER_URL", &url).start();
    let (anna, ivan) = (Session::of(&porter, ANNA).await, Session::of(&porter, IVAN).await);
    let lessons = ivan.page("/learning").await.text;
    let course = lessons.split("href=\"").filter_map(|rest| rest.split('"').next()).find(|link| link.starts_with("/learn/"));
    let course = course.unwrap_or_else(|| panic!("no course: {lessons}")).to_owned();
    let browser = Browser::start().await;
    let noah = Learner::sign_in(&browser, &porter, NOAH).await;
    noah.goes_to(&format!("/checkout/{SLUG}")).await;
    let others = async {
        let held = calls.recv().await.expect("the provider is called");
        for path in ["/learning", "/courses", "/certificates", "/orders"] {
            anna.page(path).await.is(200);
        }
        ivan.page(&course).await.is(200);
        let student = Student::begin_as(&porter.base, &anna).await;
        let answer = student.ask("How can I download a video for later?").await;
        assert_eq!(answer["author"], "bot", "{answer}");
        held
    };
    let (_held, ()) = tokio::join!(others, browser.press("checkout-buy"));
    assert!(browser.text("order-trouble").await.contains("Nothing was charged"));
    porter.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_about_money_fit_every_screen() {
    let home = Home::seeded();
    let porter = Porter::start(&home);
    for look in [Look::PLAIN, Look { dark: true, width: 1280 }, Look { dark: false, width: 380 }, Look { dark: true, width: 380 }] {
        let browser = Browser::with(look).await;
        let shot = async |name: &str| {
            browser.screenshot(&format!("look-money-{name}-{}", look.name())).await;
            let over = browser.js("return document.documentElement.scrollWidth - innerWidth").await;
            assert!(over.as_i64().expect("a number") <= 0, "{name} sticks out on {look:?}");
        };
        let noah = Learner::sign_in(&browser, &porter, NOAH).await;
        noah.goes_to(&format!("/checkout/{SLUG}?coupon=WELCOME20")).await;
        shot("checkout").await;
        browser.press("checkout-buy").await;
        browser.part("sandbox-pay").await;
        shot("sandbox").await;
        noah.goes_to("/orders").await;
        shot("orders").await;
        browser.press("order-open").await;
        browser.part("order-status").await;
        shot("order").await;
        let theo = Learner::sign_in(&browser, &porter, ADMINISTRATOR).await;
        theo.goes_to("/admin/payments").await;
        shot("admin").await;
    }
    porter.stop();
}
