//! Where is my money, where is my course, why have I no certificate: answered from the facts.

use serde_json::Value;

use crate::harness::cards::FINDINGS;
use crate::harness::people::{CHIDI, DANA, ELIF, FARID, GRACE, IVAN};
use crate::harness::{
    Agent, Browser, Chat, Home, Inbox, Learner, Letters, Porter, Queue, Session, Student, amounts, dates, list, plain, text_of,
};

const REFUND: &str = "where is my refund?";
const NO_CERTIFICATE: &str = "i finished the course, why have i no certificate?";

/// The findings of the first card after this question.
async fn findings(student: &Student, question: &str) -> Vec<Value> {
    let answer = student.ask(question).await;
    assert_eq!(answer["card"]["kind"], "findings", "{answer}");
    list(&answer["card"]["findings"])
}

fn sentence(finding: &Value) -> String {
    plain(&text_of(&finding["sentence"]))
}

#[tokio::test(flavor = "multi_thread")]
async fn story_a_refund_is_looked_up_and_a_strangers_order_is_not() {
    let home = Home::seeded();
    let porter = Porter::start(&home);
    let browser = Browser::start().await;
    let dana = Learner::sign_in(&browser, &porter, DANA).await;
    dana.goes_to("/orders").await;
    let orders = plain(&dana.reads().await);
    let chat = dana.opens_chat("/orders").await;
    let found = chat.ask_for_card(REFUND, FINDINGS).await;
    browser.screenshot("lookup-1-refund").await;
    let (named, when) = (amounts(&found.card_text), dates(&found.card_text));
    assert!(!named.is_empty() && named.iter().all(|amount| orders.contains(amount)), "{named:?} are not hers: {orders}");
    assert!(!when.is_empty(), "no date: {found:?}");

    // An order of somebody else's and one that nobody has sound alike.
    let theirs = Session::of(&porter, ELIF).await.order_number().await;
    let student = Student::begin_as(&porter.base, &Session::of(&porter, DANA).await).await;
    let hers = Session::of(&porter, DANA).await.order_number().await;
    let nobodys = "NL-999999";
    assert_ne!(theirs, hers);
    let foreign = findings(&student, &format!("where is my refund for order {theirs}?")).await;
    let absent = findings(&student, &format!("where is my refund for order {nobodys}?")).await;
    let own = findings(&student, &format!("where is my refund for order {hers}?")).await;
    assert_eq!(foreign.len(), 1, "{foreign:#?}");
    assert_eq!(foreign[0]["reason"], "no_such_order");
    let text = |findings: &[Value], number: &str| serde_json::to_string(findings).expect("JSON").replace(number, "NUMBER");
    assert_eq!(text(&foreign, &theirs), text(&absent, nobodys));
    assert_ne!(own[0]["reason"], "no_such_order", "{own:#?}");
    assert_eq!(amounts(&sentence(&own[0])), named[..1]);
    porter.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn story_three_learners_without_a_certificate_hear_three_reasons() {
    let home = Home::seeded();
    let porter = Porter::start(&home);
    let browser = Browser::start().await;

    let chidi = Learner::sign_in(&browser, &porter, CHIDI).await;
    let quiz = why(&chidi, "why-1-quiz").await;
    assert!(quiz.contains("62 %") && quiz.contains("70 %"), "{quiz}");
    assert!(!quiz.contains("Only a person"), "{quiz}");

    let ivan = Learner::sign_in(&browser, &porter, IVAN).await;
    let video = why(&ivan, "why-2-video").await;
    assert!(video.contains("60 %") && video.contains("90 %"), "{video}");
    assert!(!video.contains("62 %"), "{video}");

    // What only a person can mend goes to one, with what was found.
    let farid = Learner::sign_in(&browser, &porter, FARID).await;
    let failed = why(&farid, "why-3-failed").await;
    assert!(failed.contains("Only a person"), "{failed}");
    let agent = Agent::sign_in(&porter).await;
    let queue = agent.tickets("queue").await;
    assert_eq!(queue.len(), 1, "one of the three needs a person: {queue:#?}");
    let ticket = agent.detail(&text_of(&queue[0]["id"])).await;
    assert_eq!(ticket["student"]["name"], "Farid Haddad", "{ticket:#}");
    assert_eq!(ticket["student"]["verified"], true, "{ticket:#}");
    assert_eq!(list(&ticket["receipts"]).len(), 1, "{ticket:#}");
    porter.stop();
}

/// Asks and gives the words of the card.
async fn why(learner: &Learner<'_>, picture: &str) -> String {
    let chat: Chat<'_> = learner.opens_chat("/certificates").await;
    let found = chat.ask_for_card(NO_CERTIFICATE, FINDINGS).await;
    learner.browser.screenshot(picture).await;
    learner.browser.page.enter_parent_frame().await.expect("leaving the frame");
    found.card_text
}

#[tokio::test(flavor = "multi_thread")]
async fn a_double_charge_and_a_stuck_enrolment_reach_a_person_with_the_facts() {
    let home = Home::seeded();
    let porter = Porter::start(&home);
    let desk = Browser::start().await;
    let inbox = Inbox::sign_in(&desk, &porter).await;
    let session = Session::of(&porter, ELIF).await;
    let elif = Student::begin_as(&porter.base, &session).await;
    let charged = findings(&elif, "i was charged twice for the same course").await;
    assert_eq!(charged[0]["needs_person"], true, "{charged:#?}");
    let charges = plain(&session.page("/orders").await.is(200).text);
    let named = amounts(&sentence(&charged[0]));
    let amount = named.first().expect("an amount");
    assert!(charges.matches(amount.as_str()).count() >= 2, "{named:?}: {charges}");
    assert_eq!(elif.show().await["state"]["holder"], "queue");

    // The agent sees who it is, what was found, and what Porter has done.
    inbox.opens("charged twice").await;
    assert!(plain(&desk.text("summary").await).contains(&sentence(&charged[0])), "{}", desk.text("summary").await);
    assert!(desk.text("student").await.contains("Elif Demir"));
    let act = desk.find("[data-testid=act][data-action=charge_question][data-state=done]").await.text().await.expect("reading");
    assert!(act.contains("looked"), "{act}");
    desk.screenshot("lookup-2-ticket").await;

    let grace = Student::begin_as(&porter.base, &Session::of(&porter, GRACE).await).await;
    let stuck = findings(&grace, "i paid but i cannot see my course").await;
    assert_eq!(stuck[0]["needs_person"], true, "{stuck:#?}");
    assert_eq!(grace.show().await["state"]["holder"], "queue");

    let queue = Queue::of(&home).await;
    queue.is_worked_off().await;
    Letters::at(&porter.mailbox).are_only_to(&[]).await;
    porter.stop();
}
