//! An agent corrects what triage thought, `porter train` learns it, the running porter reads with it; what would make triage worse is not taken; and back again.

use porter_triage::{Intent, training_examples};
use serde_json::{Value, json};

use crate::harness::cards::SIGN_IN;
use crate::harness::{Browser, Chat, Done, Home, Inbox, Porter, Student, run, until};

/// A word of this academy's own, which nobody else could know.
const JARGON: &str = "the blue slip for bread baking has not dropped for me";

fn porter(home: &Home, arguments: &[&str]) -> Done {
    let data = home.data().display().to_string();
    let mut all = vec!["--data-dir", data.as_str()];
    all.extend(arguments);
    run(home.path(), &all)
}

fn told(done: &Done) -> Value {
    serde_json::from_str(&done.out).unwrap_or_else(|error| panic!("{error}: {done}"))
}

#[track_caller]
fn prints(done: &Done, words: &str) {
    assert!(done.out.contains(words), "{words:?} is missing: {done}");
}

/// Whether the running porter wants to act on it: it asks who is asking.
async fn acts_on_it(porter: &Porter) -> bool {
    let answer = Student::begin(&porter.base).await.ask(JARGON).await;
    answer["card"]["kind"] == "sign_in"
}

#[tokio::test(flavor = "multi_thread")]
async fn story_a_correction_is_learnt_and_rolled_back() {
    let home = Home::seeded();
    let running = Porter::start(&home);
    porter(&home, &["train", "rollback"]).exits(2).tells(&["built-in model is in force"]);
    porter(&home, &["train", "use", "7"]).exits(1).tells(&["no version 7", "porter train list"]);
    assert_eq!(told(&porter(&home, &["train"]).exits(0))["taken"], false, "there is nothing to learn");

    // A learner is misunderstood and fetches a person, who says what would have been right.
    let phone = Browser::start().await;
    let chat = Chat::open(&phone, &running.base).await;
    let answer = chat.ask(JARGON).await;
    assert_ne!(answer.card, SIGN_IN, "nobody knows this word yet: {answer:?}");
    let student = chat.student().await;
    student.hand_off().await;
    let desk = Browser::start().await;
    let inbox = Inbox::sign_in(&desk, &running).await;
    inbox.opens("blue slip").await;
    desk.press("correct").await;
    desk.find("input[name=purpose][value=teach]:checked").await;
    for (field, word) in [("intent", "certificate_missing"), ("decision", "act")] {
        desk.find(&format!("#{field}")).await.select_by_value(word).await.expect("choosing");
    }
    desk.screenshot("training-correction").await;
    desk.press("keep-case").await;
    desk.find("[data-testid=purpose-teach] [data-testid=case]").await;
    desk.screenshot("training-corrections").await;

    // It is learnt, nothing got worse, and the running porter takes it up.
    let report = home.path().join("training.html").display().to_string();
    let dry = told(&porter(&home, &["train", "--dry-run", "--report", &report]).exits(0));
    assert_eq!((&dry["taken"], &dry["learnt"]), (&json!(false), &json!(1)), "{dry}");
    assert!(std::fs::read_to_string(&report).expect("a report").contains("<html"));
    let first = told(&porter(&home, &["train"]).exits(0));
    assert_eq!((&first["taken"], &first["version"], &first["learnt"]), (&json!(true), &json!(1), &json!(1)), "{first}");
    assert_eq!(first["fingerprint"], dry["fingerprint"], "the same data has one name");
    assert_eq!(first["figures"], dry["figures"], "and trains the same model");
    until("the running porter to act on it", async || acts_on_it(&running).await.then_some(())).await;
    assert_eq!(told(&porter(&home, &["train"]).exits(0))["taken"], false, "nothing new to learn");

    // Somebody labels a heap of messages wrongly: it is measured, told, and not taken.
    let misread = [Intent::PasswordReset, Intent::RefundStatus, Intent::CertificateResend, Intent::ChargeQuestion];
    let wrong: String = training_examples()
        .expect("readable training data")
        .into_iter()
        .filter(|example| misread.contains(&example.intent))
        .map(|example| {
            let (id, text) = (format!("wrong-{}", example.id), format!("{} please", example.text));
            json!({ "id": id, "text": text, "intent": "smalltalk", "decision": "answer", "urgency": "low" }).to_string() + "\n"
        })
        .collect();
    let wrong = home.write("wrong.jsonl", wrong).display().to_string();
    let refused = porter(&home, &["train", "--data", &wrong]).exits(1).tells(&["got worse", "not taken", "wrong now"]);
    assert_eq!(told(&refused)["taken"], false);
    prints(&porter(&home, &["train", "list"]).exits(0), "* 1 ");
    let act = json!({ "id": "a", "text": "hi there you", "intent": "smalltalk", "decision": "act", "urgency": "low" }).to_string();
    let act = home.write("act.jsonl", act).display().to_string();
    porter(&home, &["train", "--data", &act]).exits(2).tells(&["there is no action for smalltalk"]);

    // And back.
    prints(&porter(&home, &["train", "rollback"]).exits(0), "built-in model is in force");
    until("the running porter to have forgotten it", async || (!acts_on_it(&running).await).then_some(())).await;
    prints(&porter(&home, &["train", "use", "1"]).exits(0), "Version 1 is in force");
    running.stop();
}
