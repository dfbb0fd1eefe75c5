//! A certificate is sent again: the right one, to the address on file, once.

use serde_json::json;

use crate::harness::cards::{CHOICE, RECEIPT};
use crate::harness::people::{ANNA, BRUNO, CHIDI};
use crate::harness::{
    Browser, Home, Learner, Letter, Letters, Porter, Queue, Session, Student, Support, list, pages_of, plain, text_of, words_of,
};

const WISH: &str = "please send me my certificate again";

/// Course and code of every certificate, as the academy has them.
async fn certificates_of(home: &Home, session: &Session) -> Vec<(String, String)> {
    let certificates = Support::of(home, session).await.certificates().await;
    certificates.iter().map(|certificate| (text_of(&certificate["course"]), text_of(&certificate["code"]))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn story_resend_to_a_pdf_that_opens() {
    let home = Home::seeded();
    let porter = Porter::start(&home);
    let (letters, queue) = (Letters::at(&porter.mailbox), Queue::of(&home).await);
    let browser = Browser::start().await;
    let anna = Learner::sign_in(&browser, &porter, ANNA).await;
    let chat = anna.opens_chat("/certificates").await;
    let done = chat.ask_for_card(WISH, RECEIPT).await;
    browser.screenshot("resend-1-receipt").await;
    assert!(done.words().contains("a•••@learner.example") && !done.words().contains(ANNA), "{done:?}");

    let letter = letters.waits_for(ANNA, Letter::has_file).await;
    queue.is_worked_off().await;
    letters.are_only_to(&[ANNA]).await;
    assert!(letter.subject.contains("certificate"), "{letter:?}");
    let pdf = letters.file(&letter).await;
    let words = plain(&words_of(&pdf));
    let [(course, code)] = certificates_of(&home, &Session::of(&porter, ANNA).await).await.try_into().expect("one certificate");
    for part in ["Anna Keller", &course, &code, "Northlight Academy"] {
        assert!(words.contains(part), "{part:?} is not on the certificate: {words}");
    }
    assert!(done.words().contains(&course), "the receipt names another course: {done:?}");
    assert_eq!(pages_of(&pdf, "resend-certificate"), 1);
    porter.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_two_is_asked_which_and_who_has_none_is_told_why() {
    let home = Home::seeded();
    let porter = Porter::start(&home);
    let (letters, queue) = (Letters::at(&porter.mailbox), Queue::of(&home).await);
    let browser = Browser::start().await;
    let bruno = Learner::sign_in(&browser, &porter, BRUNO).await;
    let chat = bruno.opens_chat("/learning").await;
    let before = chat.messages().await.len();
    let question = chat.ask_for_card(WISH, CHOICE).await;
    browser.screenshot("resend-2-choice").await;
    let certificates = certificates_of(&home, &Session::of(&porter, BRUNO).await).await;
    assert_eq!(certificates.len(), 2);
    let ((wanted, code), (other, other_code)) = (&certificates[1], &certificates[0]);
    assert!(question.words().contains(wanted) && question.words().contains(other), "{question:?}");

    // Clicked twice in a hurry, and once more in a second tab: one letter, one receipt.
    let second = Student { identity: Some(Session::of(&porter, BRUNO).await.identity().await), ..chat.student().await };
    let shown = second.messages().await.into_iter().find(|message| message["card"]["kind"] == "choice").expect("the choice");
    let options = list(&shown["card"]["choice"]["options"]);
    let option = options.iter().find(|option| text_of(&option["label"]).contains(wanted.as_str())).expect("the option");
    chat.picks_twice(wanted).await;
    let done = chat.card_after(before, RECEIPT).await;
    browser.screenshot("resend-3-chosen").await;
    assert!(done.words().contains(wanted) && !done.words().contains(other), "{done:?}");
    let seq = shown["seq"].as_i64().expect("a seq");
    let repeated = second.submit(seq, &json!({ "option": option["id"] })).await.is(200).json();
    assert_eq!(repeated["seq"].as_i64(), Some(done.seq), "a second receipt: {repeated}");
    let letter = letters.waits_for(BRUNO, Letter::has_file).await;
    queue.is_worked_off().await;
    letters.are_only_to(&[BRUNO]).await;
    let words = plain(&words_of(&letters.file(&letter).await));
    assert!(words.contains(wanted) && words.contains(code), "{words}");
    assert!(!words.contains(other) && !words.contains(other_code), "the other certificate: {words}");

    // None at all: the reason with its figures, and no letter.
    let chidi = Student::begin_as(&porter.base, &Session::of(&porter, CHIDI).await).await;
    let answer = chidi.ask(WISH).await;
    assert_eq!(answer["card"]["kind"], "findings", "{answer}");
    let sentence = plain(&text_of(&answer["card"]["findings"][0]["sentence"]));
    assert!(sentence.contains("62 %") && sentence.contains("70 %"), "{answer}");
    queue.is_worked_off().await;
    letters.are_only_to(&[BRUNO]).await;
    // An option of somebody else's card, or none of this one's, does nothing.
    for foreign in [json!({ "option": option["id"] }), json!({ "option": "00000000-0000-4000-8000-000000000000" })] {
        let status = chidi.submit(answer["seq"].as_i64().expect("a seq"), &foreign).await.status;
        assert!((400..500).contains(&status), "{status}");
    }
    second.submit(seq, &json!({ "option": "00000000-0000-4000-8000-000000000000" })).await.is_problem(422);
    queue.is_worked_off().await;
    letters.are_only_to(&[BRUNO]).await;
    porter.stop();
}
