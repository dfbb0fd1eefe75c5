//! kill -9 of the worker in the middle of its work loses nothing and says nothing twice that is not the same letter.

use std::collections::{BTreeMap, BTreeSet};

use crate::harness::people::{ANNA, BRUNO, CHIDI, DANA, ELIF};
use crate::harness::{Home, Launch, Manner, Porter, Queue, Session, SmtpServer, Support, forgot, until};

fn worker(home: &Home, server: &SmtpServer, academy: &str) -> Porter {
    Launch::role(home, "worker").env("PORTER_MAIL__SMTP", &server.url()).env("PORTER_LMS__PUBLIC_URL", academy).start()
}

#[tokio::test(flavor = "multi_thread")]
async fn story_a_worker_is_killed_in_the_middle_of_a_mail() {
    let home = Home::seeded();
    let server = SmtpServer::start(Manner::Holds).await;
    let lms = Launch::role(&home, "lms").start();
    let first = worker(&home, &server, &lms.academy);

    // Four people ask for a link, and one for her certificate.
    let people = [BRUNO, CHIDI, DANA, ELIF];
    for email in people {
        forgot(&lms.academy, email).await;
    }
    let anna = Session::try_to_open(&lms.academy, ANNA, &lms.learner_password).await.expect("signing in");
    Support::of(&home, &anna).await.resend_first_certificate().await;

    // The server has a whole letter and has not said yes yet: now.
    let held = until("a letter that is held", async || {
        let read = server.read();
        (!read.is_empty()).then_some(read)
    })
    .await;
    first.kill9();
    let queue = Queue::of(&home).await;
    assert!(queue.left("send_mail").await >= 1, "the mail was taken as sent before the server said so");

    // Another worker takes over what the killed one held, and does the rest.
    server.set(Manner::Takes);
    let second = worker(&home, &server, &lms.academy);
    queue.is_worked_off().await;
    let mut letters = BTreeMap::<String, Vec<String>>::new();
    for mail in server.read() {
        letters.entry(mail.to).or_default().push(mail.message_id);
    }
    let everybody: BTreeSet<&str> = people.into_iter().chain([ANNA]).collect();
    assert_eq!(letters.keys().map(String::as_str).collect::<BTreeSet<_>>(), everybody);
    for (to, ids) in &letters {
        // What was held is sent again; what the server was reading as the worker died may be.
        let least = 1 + held.iter().filter(|mail| mail.to == *to).count();
        assert!((least..=2).contains(&ids.len()), "{to} got {ids:?}, held was {held:?}");
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 1, "{to} got different letters: {ids:?}");
        assert!(!ids[0].is_empty(), "a letter without an id");
    }
    second.stop();
    lms.stop();
}
