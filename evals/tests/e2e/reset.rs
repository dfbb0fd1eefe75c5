//! Who has lost the password gets a new one, and nobody else does.

use serde_json::{Value, json};

use crate::harness::cards::{ADDRESS_FORM, RECEIPT};
use crate::harness::people::{ANNA, BRUNO, HANNA, NOBODY};
use crate::harness::{Browser, Home, Learner, Letter, Letters, Porter, Queue, Session, Student, list, reset_page_takes, text_of};

const WISH: &str = "I forgot my password, please reset it";
/// Four words that nobody expects together.
const GOOD: &str = "lantern-otter-quilt-violet";
const OTHER: &str = "harbour-walnut-comet-moss";

fn is_link(letter: &Letter) -> bool {
    letter.reset_link().is_some()
}

#[tokio::test(flavor = "multi_thread")]
async fn story_reset_from_a_signed_out_tab_to_a_working_new_password() {
    let home = Home::seeded();
    let porter = Porter::start(&home);
    let (letters, queue) = (Letters::at(&porter.mailbox), Queue::of(&home).await);
    let elsewhere = Session::of(&porter, ANNA).await;

    // The account is named in a form that code reads; the chat says what was done, and not to whom.
    let browser = Browser::start().await;
    let visitor = Learner::visiting(&browser, &porter);
    let chat = visitor.opens_chat("/").await;
    let asked = chat.ask_for_card(WISH, ADDRESS_FORM).await;
    assert_eq!(asked.author, "bot");
    browser.screenshot("reset-1-form").await;
    let before = chat.messages().await.len();
    chat.types_address(ANNA).await;
    chat.presses_twice("card-address-send").await;
    let done = chat.card_after(before, RECEIPT).await;
    browser.screenshot("reset-2-receipt").await;
    assert_eq!(done.author, "system", "{done:?}");
    assert!(done.words().contains("If an account") && done.words().contains("30 minutes"), "{done:?}");
    let shown = chat.messages().await;
    assert!(shown.iter().all(|message| !message.words().contains("anna")), "the address is in the conversation: {shown:?}");

    // One letter, to her alone, although the button was clicked twice.
    queue.is_worked_off().await;
    letters.are_only_to(&[ANNA]).await;
    assert_eq!(shown.iter().filter(|message| message.card == RECEIPT).count(), 1, "{shown:?}");
    let letter = letters.waits_for(ANNA, is_link).await;
    let link = letter.reset_link().expect("a link");
    assert!(link.starts_with(&format!("{}/reset-password?token=", porter.academy)), "{link}");
    assert!(letter.text.contains("30 minutes") && letter.subject.contains("password"), "{letter:?}");

    // A password that anybody would guess is refused with a reason, and the link stays good.
    let refused = reset_page_takes(&browser, &link, "password123").await;
    browser.screenshot("reset-3-weak").await;
    browser.find("main [role=alert]").await;
    assert!(refused.to_lowercase().contains("guess") || refused.to_lowercase().contains("common"), "no reason: {refused}");
    assert!(elsewhere.is_alive().await, "a refused password has ended a session");
    reset_page_takes(&browser, &link, GOOD).await;
    browser.screenshot("reset-4-done").await;

    // The new password opens the account, the old one does not, and whoever was signed in is not any more.
    assert!(!elsewhere.is_alive().await, "another browser's session goes on");
    assert!(!visitor.tries(ANNA, &porter.learner_password).await, "the old password still opens the account");
    assert!(visitor.tries(ANNA, GOOD).await, "the new password does not open the account");

    // She hears that it was changed. The link is used up.
    queue.is_worked_off().await;
    letters.are_only_to(&[ANNA, ANNA]).await;
    assert_eq!(letters.to(ANNA).await.into_iter().filter(is_link).count(), 1);
    browser.open(&link).await;
    browser.screenshot("reset-5-used-link").await;
    assert!(!browser.has_css("input[name=password]").await, "a used link opens the form again");
    let used = visitor.reads().await.to_lowercase();
    assert!(used.contains("link") && (used.contains("used") || used.contains("no longer") || used.contains("not work")), "{used}");
    porter.stop();
}

/// Asks in a new conversation and fills in the form; the message that comes of it.
async fn asks_for_a_link(porter: &Porter, address: &str) -> Value {
    let student = Student::begin(&porter.base).await;
    let card = student.ask(WISH).await;
    assert_eq!(card["card"]["kind"], "address_form", "{card}");
    student.submit(card["seq"].as_i64().expect("a seq"), &json!({ "address": address })).await.is(200).json()
}

/// What a receipt says, without what differs each time: its number and its time (once for programs,
/// once to the minute for people).
fn said(message: &Value) -> Value {
    let mut receipt = message["card"]["receipt"].clone();
    for changing in ["/id", "/done_at", "/facts/1/value"] {
        let value = receipt.pointer_mut(changing).unwrap_or_else(|| panic!("no {changing}: {message}"));
        assert!(value.is_string(), "{message}");
        *value = Value::Null;
    }
    json!({ "text": message["text"], "author": message["author"], "card": receipt })
}

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_tells_whether_an_account_exists_and_a_newer_link_voids_the_older() {
    let home = Home::seeded();
    let porter = Porter::start(&home);
    let (letters, queue) = (Letters::at(&porter.mailbox), Queue::of(&home).await);

    // Known, unknown and locked sound alike; only the known one gets mail. Other spellings are other addresses.
    let known = asks_for_a_link(&porter, BRUNO).await;
    for address in [
        NOBODY,
        HANNA,
        "bruno.costa+x@learner.example",
        "bruno.costa@learner.example.evil.example",
        "Bruno Costa <bruno.costa@learner.example>",
    ] {
        let other = asks_for_a_link(&porter, address).await;
        assert_eq!(said(&other), said(&known), "{address} is answered otherwise");
    }
    queue.is_worked_off().await;
    letters.are_only_to(&[BRUNO]).await;
    let first = letters.waits_for(BRUNO, is_link).await.reset_link().expect("a link");

    // The same form once more, in the same conversation: the same message, no second letter.
    let student = Student::begin(&porter.base).await;
    let card = student.ask(WISH).await["seq"].as_i64().expect("a seq");
    let once = student.submit(card, &json!({ "address": BRUNO })).await.is(200).json();
    let again = student.submit(card, &json!({ "address": format!("  {BRUNO} ") })).await.is(200).json();
    assert_eq!(once, again);
    queue.is_worked_off().await;
    letters.are_only_to(&[BRUNO, BRUNO]).await;

    // Of two links only the newer works.
    let links: Vec<String> = letters.to(BRUNO).await.iter().filter_map(Letter::reset_link).collect();
    let second = links.iter().find(|link| **link != first).expect("another link");
    let browser = Browser::start().await;
    browser.open(&first).await;
    assert!(!browser.has_css("input[name=password]").await, "the older link still works");
    reset_page_takes(&browser, second, OTHER).await;
    assert!(Session::try_to_open(&porter.academy, BRUNO, OTHER).await.is_some());

    // What is no address is refused where it was typed, and nothing happens.
    for body in [
        json!({ "address": "no address" }),
        json!({ "address": [BRUNO] }),
        json!({ "option": student.id }),
        json!({ "address": BRUNO, "to": NOBODY }),
    ] {
        student.submit(card, &body).await.is_problem(422);
    }
    queue.is_worked_off().await;
    assert!(letters.all().await.iter().all(|letter| letter.to == [BRUNO]));
    let messages = list(&student.show().await["messages"]);
    assert!(messages.iter().all(|message| !text_of(&message["text"]).contains("bruno")), "{messages:#?}");
    porter.stop();
}
