//! What an instructor tells fifty thousand learners.

use crate::harness::people::{ANNA, CHIDI};
use crate::harness::{Answer, Browser, Home, Learner, Letters, Look, Porter, Queue, client, text_of};

/// May announce in every course.
const ADMINISTRATOR: &str = "theo.brandt@northlight.example";
const PAGE: &str = "/teach/data-analysis-from-zero/announcements";

/// Fills in the form on this page; with a live session in three days.
async fn writes(browser: &Browser, subject: &str, body: &str, session: bool) {
    let fill = |name: &str, value: &str| {
        let value = serde_json::json!(value);
        format!("document.querySelector('[name={name}]').value = {value};")
    };
    browser.js(&(fill("subject", subject) + &fill("body", body))).await;
    if session {
        let at = "new Date(Date.now() + 3 * 86400000).toISOString().slice(0, 16)";
        let more = "document.querySelector('details').open = true;".to_owned()
            + &format!("document.querySelector('[name=session_at]').value = {at};")
            + &fill("session_link", "https://meet.northlight.example/data-room");
        browser.js(&more).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn story_an_instructor_invites_to_a_session_and_a_learner_leaves_the_list() {
    let home = Home::seeded();
    let porter = Porter::start(&home);
    let (letters, queue) = (Letters::at(&porter.mailbox), Queue::of(&home).await);
    let browser = Browser::start().await;
    let theo = Learner::sign_in(&browser, &porter, ADMINISTRATOR).await;
    theo.goes_to(PAGE).await;
    let body = "Hello all,\n\nthe **third chapter** is out. In the session we go through\n\n- your questions,\n- the quiz.\n\n<script>alert(1)</script>";
    writes(&browser, "Chapter 3, and a live session", body, true).await;
    browser.press("announce-preview").await;
    let preview = browser.text("preview").await;
    assert!(preview.contains("the third chapter is out") && !preview.contains("**"), "{preview}");
    browser.screenshot("announcements-1-preview").await;
    browser.press("announce-publish").await;
    browser.part("announced").await;
    letters.waits_for(CHIDI, |letter| letter.subject.starts_with("Chapter 3")).await;
    queue.is_worked_off_of("send_mail").await;
    theo.goes_to(PAGE).await;
    browser.js("document.getElementById('list').scrollIntoView()").await;
    browser.screenshot("announcements-2-figures").await;

    let told = letters.waits_for(ANNA, |letter| letter.subject.starts_with("Chapter 3, and a live session")).await;
    assert_eq!(told.attachments, ["live-session.ics"]);
    assert!(
        told.text.contains("https://meet.northlight.example/data-room") && told.html.contains("<strong>third chapter</strong>"),
        "{told:?}"
    );
    assert!(!told.html.contains("<script"), "{}", told.html);

    // Anna reads it on the site, where the time is in her own zone too.
    let anna = Learner::sign_in(&browser, &porter, ANNA).await;
    anna.goes_to("/learning").await;
    assert!(browser.text("unread").await.contains("One announcement"));
    anna.goes_to("/announcements").await;
    browser.screenshot("announcements-3-list").await;
    browser.find("[data-testid=announcement] a").await.click().await.expect("opening it");
    let live = browser.text("live-session").await;
    assert!(live.contains("UTC") && live.contains("Join the session"), "{live}");
    browser.screenshot("announcements-4-read").await;

    // Her mail program leaves the list for her, with one click.
    let leave = told.text.split_whitespace().find(|word| word.contains("/unsubscribe/")).expect("a link").to_owned();
    browser.open(&leave).await;
    browser.part("subscribed").await;
    browser.screenshot("announcements-5-unsubscribe").await;
    let click =
        client().post(&leave).header("content-type", "application/x-www-form-urlencoded").body("List-Unsubscribe=One-Click");
    Answer::to(click).await.is(200);
    browser.open(&leave).await;
    browser.part("unsubscribed-course").await;

    let theo = Learner::sign_in(&browser, &porter, ADMINISTRATOR).await;
    theo.goes_to(PAGE).await;
    writes(&browser, "Another thing", "Short and **plain**.", false).await;
    browser.press("announce-publish").await;
    letters.waits_for(CHIDI, |letter| letter.subject.starts_with("Another thing")).await;
    queue.is_worked_off_of("send_mail").await;
    let annas = letters.to(ANNA).await;
    assert_eq!(annas.len(), 1, "she had left: {annas:?}");
    theo.goes_to(PAGE).await;
    assert!(
        theo.reads().await.contains("UNSUBSCRIBED\n1")
            || text_of(&browser.js("return document.querySelector('#list').textContent").await).contains("Unsubscribed")
    );

    for look in [Look { dark: false, width: 380 }, Look { dark: true, width: 1280 }] {
        let browser = Browser::with(look).await;
        let theo = Learner::sign_in(&browser, &porter, ADMINISTRATOR).await;
        theo.goes_to(PAGE).await;
        browser.screenshot(&format!("announcements-teach-{}", look.name())).await;
        let anna = Learner::sign_in(&browser, &porter, ANNA).await;
        anna.goes_to("/announcements").await;
        browser.screenshot(&format!("announcements-list-{}", look.name())).await;
        browser.find("[data-testid=announcement]:last-child a").await.click().await.expect("opening it");
        browser.part("announcement-whole").await;
        browser.screenshot(&format!("announcements-one-{}", look.name())).await;
        let over = browser.js("return document.documentElement.scrollWidth - innerWidth").await;
        assert!(over.as_f64().is_some_and(|over| over < 1.0), "it sticks out by {over} on {look:?}");
    }
    porter.stop();
}
