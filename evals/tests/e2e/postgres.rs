//! The same program on PostgreSQL.

use crate::harness::{Agent, Home, Launch, Student, text_of};

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_and_its_hand_off_live_in_postgresql() {
    let home = Home::empty();
    let url = porter_testkit::postgres().fresh_database().await.reveal().to_owned();
    let start = || Launch::at(&home).env("PORTER_DATABASE__URL", &url).start();
    let porter = start();
    let student = Student::begin(&porter.base).await;
    let answer = student.ask("how do i get my certificate as pdf?").await;
    assert_eq!(answer["author"], "bot");
    assert!(answer["citations"][0]["url"].is_string(), "{answer}");
    student.ask("my exam was marked wrong").await;
    assert!(!home.data().join("porter.db").exists(), "a SQLite file beside PostgreSQL");
    porter.kill9();

    let porter = start();
    let student = student.at(&porter.base);
    assert_eq!(student.show().await["state"]["holder"], "queue");
    let agent = Agent::sign_in(&porter).await;
    let queue = agent.tickets("queue").await;
    let ticket = text_of(&queue.first().expect("the ticket is still there")["id"]);
    agent.act(&ticket, "claim").await.is(200);
    agent.reply(&ticket, "I am reading your exam.").await.is(201);
    agent.act(&ticket, "resolve").await.is(200);
    assert_eq!(student.show().await["state"]["holder"], "closed");
    porter.stop();
}
