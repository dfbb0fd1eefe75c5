//! E-mail as a channel: a person writes, is answered, answers, and reaches a person; whatever they or a program send, nothing is done in their name.

use porter_desk::domain::Author;
use porter_kernel::db::{Database, DatabaseSetting};
use serde_json::json;

use crate::harness::people::BRUNO;
use crate::harness::post::{Written, hook, key, pipe};
use crate::harness::{Answer, Browser, Home, Inbox, Launch, Letters, Manner, Porter, Queue, SmtpServer, client, text_of, until};

const ANNA: &str = "anna.private@mail.example";

/// The conversation that a delivery has told.
fn conversation(out: &str) -> String {
    let (_, id) = out.trim().split_once("conversation ").unwrap_or_else(|| panic!("no conversation: {out}"));
    id.to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn story_a_mail_is_answered_its_answer_threads_and_a_person_takes_over() {
    let home = Home::seeded();
    let porter = Porter::start(&home);
    let letters = Letters::at(&porter.mailbox);

    let first = Written::by(
        "Anna <anna.private@mail.example>",
        "one",
        "Certificate",
        "How do I get my certificate as PDF?\r\n\r\nKind regards\r\nAnna",
    );
    let delivered = pipe(&home, &first).exits(0);
    let id = conversation(&delivered.out);
    let answer = letters.waits_for(ANNA, |_| true).await;
    assert!(answer.subject == "Re: Certificate" && answer.text.to_lowercase().contains("pdf"), "{answer:?}");
    assert!(answer.text.contains(&format!("{}/help/", porter.base)) && answer.text.contains("automatic"), "{answer:?}");

    // The mail server was not sure and delivers it again.
    let again = pipe(&home, &first).exits(0);
    assert!(again.out.starts_with("known") && conversation(&again.out) == id, "{again}");

    // Anna answers; what she quotes is not what she wants.
    let second = Written::by(
        "Anna <anna.private@mail.example>",
        "two",
        "Re: Certificate",
        "my exam was marked wrong, i want it looked at again",
    )
    .answering(&answer.message_id, &answer.text);
    assert_eq!(conversation(&pipe(&home, &second).exits(0).out), id);
    let announced = letters.waits_for(ANNA, |letter| letter.text.contains("A person in our support team")).await;
    assert!(announced.text.contains("You are number 1 in the queue."), "{announced:?}");

    // An agent sees what it is, and answers as always.
    let desk = Browser::start().await;
    let inbox = Inbox::sign_in(&desk, &porter).await;
    inbox.opens("my exam was marked wrong").await;
    let channel = desk.js("return document.querySelector('.thread-facts [data-testid=channel]').dataset.channel").await;
    assert_eq!(text_of(&channel), "mail");
    assert!(desk.text("letter").await.contains(ANNA), "{}", desk.text("letter").await);
    assert!(desk.text("student").await.contains("Not signed in"));
    desk.screenshot("mail-1-ticket").await;
    inbox.presses("claim").await;
    inbox.waits_for_holder("Yours").await;
    inbox.replies("I have read it again: three points more.").await;
    desk.screenshot("mail-2-answered").await;
    let from_agent = letters.waits_for(ANNA, |letter| letter.text.contains("three points more")).await;
    assert!(!from_agent.text.contains("automatic") && from_agent.subject == "Re: Certificate", "{from_agent:?}");
    assert_eq!(letters.to(ANNA).await.len(), 3, "each answer is one mail");

    // It is another system's to look at, and nobody else's.
    let api_key = key(&home, "api_key");
    let ticket =
        Answer::to(client().get(format!("{}/api/v1/tickets/{id}", porter.base)).bearer_auth(&api_key)).await.is(200).json();
    assert_eq!((ticket["state"].as_str(), &ticket["number"]), (Some("claimed"), &json!(1)), "{ticket}");
    porter.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn story_nothing_is_done_because_a_mail_says_so() {
    let home = Home::seeded();
    let porter = Porter::start(&home);
    let (letters, academy) = (Letters::at(&porter.mailbox), Queue::of(&home).await);

    // Somebody writes in Bruno's name. He hears how to do it himself, and no link is made.
    let wish = Written::by(BRUNO, "reset", "Password", "I forgot my password, please reset it");
    pipe(&home, &wish).exits(0);
    let told = letters.waits_for(BRUNO, |_| true).await;
    assert!(told.text.contains(&format!("{}/forgot-password", porter.academy)), "{told:?}");
    academy.is_worked_off().await;
    assert!(letters.all().await.iter().all(|letter| letter.reset_link().is_none()));

    // Programs are not answered: not a note of absence, not a report, not our own mail.
    let away =
        Written { headers: "Auto-Submitted: auto-replied\r\n".to_owned(), ..Written::by(BRUNO, "away", "Away", "I am away") };
    let ours = Written::by("support@northlight.example", "own", "Hello", "How do I get my certificate as PDF?");
    for mail in [&away, &ours] {
        assert_eq!(pipe(&home, mail).exits(0).out.trim(), "automatic");
    }

    // Nobody delivers without the secret.
    let mail = Written::by("eve@evil.example", "eve", "Hello", "How do I get my certificate as PDF?").bytes();
    hook(&porter.base, &mail, "a secret of eve's own making").await.is_problem(401);
    let unsigned = client().post(format!("{}/api/v1/inbound-mail", porter.base)).body(mail.clone());
    Answer::to(unsigned).await.is_problem(401);

    // A mail that is taken afterwards is answered: by then all the others would have been.
    hook(&porter.base, &mail, &key(&home, "inbound_secret")).await.is(202);
    letters.waits_for("eve@evil.example", |_| true).await;
    assert_eq!(letters.all().await.len(), 2, "{:#?}", letters.all().await);
    porter.stop();

    // With nobody there the mail server is told to keep the mail.
    pipe(&home, &wish).exits(75).tells(&["start it"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_between_the_answer_and_its_mail_says_it_once_and_sends_it() {
    let home = Home::seeded();
    let server = SmtpServer::start(Manner::Holds).await;
    let start = || Launch::at(&home).env("PORTER_MAIL__SMTP", &server.url()).start();
    let first = start();
    let id =
        conversation(&pipe(&home, &Written::by(ANNA, "one", "Certificate", "How do I get my certificate as PDF?")).exits(0).out);
    // The server has the whole mail and has not said yes: now.
    until("a mail that is held", async || (!server.read().is_empty()).then_some(())).await;
    first.kill9();

    server.set(Manner::Takes);
    let second = start();
    let sent = until("the mail again", async || Some(server.read()).filter(|read| read.len() >= 2)).await;
    assert!(sent.iter().all(|mail| mail.to == ANNA && mail.message_id == sent[0].message_id), "{sent:?}");
    assert!(!sent[0].message_id.is_empty());
    let database =
        Database::open(&DatabaseSetting::Sqlite(home.data().join("porter.db")), None).await.expect("opening the desk's database");
    let store = porter_desk::store::open(&database);
    let id = id.parse().expect("an id");
    let authors: Vec<Author> =
        store.messages_after(id, 0, 10).await.expect("reading").iter().map(|message| message.author).collect();
    assert_eq!(authors, [Author::Student, Author::Bot]);
    until("the note that it was sent", async || {
        let kept = store.correspondence(id).await.expect("reading").expect("a correspondence");
        kept.replies.iter().all(|reply| reply.sent_at.is_some()).then_some(())
    })
    .await;
    assert_eq!(server.read().len(), 2);
    database.close().await;
    second.stop();
}
