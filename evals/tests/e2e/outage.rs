//! A part is down: nothing happens by halves, the student hears the truth, and a person gets the case.

use serde_json::json;

use crate::harness::people::{ANNA, BRUNO};
use crate::harness::{Agent, Home, Launch, Letter, Letters, Manner, Queue, Session, SmtpServer, Student, list, text_of, until};

const RESEND: &str = "please send me my certificate again";
const RESET: &str = "I forgot my password, please reset it";

#[tokio::test(flavor = "multi_thread")]
async fn story_the_academy_is_down() {
    let home = Home::seeded();
    let lms = Launch::role(&home, "lms").start();
    let desk = Launch::role(&home, "bot").env("PORTER_LMS__URL", &lms.academy).start();
    let session = Session::try_to_open(&lms.academy, ANNA, &lms.learner_password).await.expect("signing in");
    let anna = Student::begin_as(&desk.base, &session).await;
    let visitor = Student::begin(&desk.base).await;
    let form = visitor.ask(RESET).await;
    assert_eq!(form["card"]["kind"], "address_form", "{form}");
    lms.kill9();

    // A wish of hers: honest words, a place in the queue, no receipt.
    let answer = anna.ask(RESEND).await;
    let words = text_of(&answer["text"]).to_lowercase();
    assert!(words.contains("cannot reach") && words.contains("person"), "{answer}");
    assert!(answer["card"].is_null(), "{answer}");
    assert_eq!(anna.show().await["state"]["holder"], "queue");

    // The form says so where it was filled in, can be tried again, and the case waits for a person.
    let seq = form["seq"].as_i64().expect("a seq");
    for _ in 0..2 {
        visitor.submit(seq, &json!({ "address": BRUNO })).await.is_problem(503);
    }
    let shown = visitor.show().await;
    assert_eq!(shown["state"]["holder"], "queue", "{shown:#}");
    assert!(list(&shown["messages"]).iter().all(|message| message["card"]["kind"] != "receipt"), "{shown:#}");

    let agent = Agent::sign_in(&desk).await;
    let queue = agent.tickets("queue").await;
    assert_eq!(queue.len(), 2, "{queue:#?}");
    for ticket in &queue {
        let detail = agent.detail(&text_of(&ticket["id"])).await;
        assert!(!detail.to_string().contains(BRUNO), "the address is in a ticket: {detail:#}");
        for receipt in list(&detail["receipts"]) {
            assert!(receipt["outcome"].is_null(), "a receipt for what was not done: {receipt:#}");
        }
    }

    // Back again, the form works, and nothing of before is caught up on.
    let address = session_address(&session);
    let lms = Launch::role(&home, "lms").env("PORTER_LMS__LISTEN", &address).start();
    let done = visitor.submit(seq, &json!({ "address": BRUNO })).await.is(200).json();
    assert_eq!(done["card"]["kind"], "receipt", "{done}");
    let jobs = Queue::of(&home).await;
    assert_eq!((jobs.left("password_reset_by_address").await, jobs.left("send_mail").await), (1, 0));
    drop(desk.stop());
    lms.stop();
}

fn session_address(session: &Session) -> String {
    session.academy.trim_start_matches("http://").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn story_the_mail_server_is_down() {
    let home = Home::seeded();
    // First it refuses, so that the first attempts can be seen; then nobody listens there.
    let moody = SmtpServer::start(Manner::Refuses).await;
    let (address, url) = (moody.address.to_string(), moody.url());
    let porter = Launch::at(&home).env("PORTER_MAIL__SMTP", &url).start();
    assert_eq!(porter.mailbox, "", "a mailbox although there is a mail server");
    let anna = Student::begin_as(&porter.base, &Session::of(&porter, ANNA).await).await;
    let done = anna.ask(RESEND).await;
    assert_eq!(done["card"]["kind"], "receipt", "{done}");
    let said = done.to_string().to_lowercase();
    assert!(!said.contains("was sent") && !said.contains("has been sent"), "it says that it was sent: {done}");

    let refused = until("an attempt", async || moody.read().into_iter().next()).await;
    assert_eq!(refused.to, ANNA);
    moody.end().await;

    // A server at last: the letter arrives, once, and it is the same letter.
    let mailbox = Launch::role(&home, "mailbox").env("PORTER_MAILBOX__SMTP", &address).start();
    let letters = Letters::at(&mailbox.mailbox);
    let letter = letters.waits_for(ANNA, Letter::has_file).await;
    assert_eq!(letter.message_id.trim_matches(['<', '>']), refused.message_id.trim_matches(['<', '>']));
    Queue::of(&home).await.is_worked_off().await;
    letters.are_only_to(&[ANNA]).await;
    porter.stop();
    mailbox.stop();
}
