//! Starting, stopping, being killed, and being in one another's way.

use crate::harness::{Home, Launch, Porter, Student, get};

const QUESTION: &str = "how do i get my certificate as pdf?";

#[tokio::test(flavor = "multi_thread")]
async fn a_first_start_makes_everything_and_a_second_keeps_it() {
    let home = Home::empty();
    let porter = Porter::start(&home);
    eprintln!("first start on an empty folder: {:.1?}", porter.warm_up);
    assert_eq!(porter.accounts.len(), 2, "the welcome names two demo accounts");
    let accounts = porter.accounts.clone();
    let student = Student::begin(&porter.base).await;
    student.ask(QUESTION).await;
    let before = student.messages().await;
    let said = porter.stop();
    assert!(said.contains("SIGTERM") && said.contains("everything is saved"), "{said}");

    let porter = Porter::start(&home);
    eprintln!("second start: {:.1?}", porter.warm_up);
    assert_eq!(porter.accounts, accounts);
    get(&format!("{}/readyz", porter.base)).await.is(200);
    let student = student.at(&porter.base);
    assert_eq!(student.messages().await, before);
    student.ask("where do i find my invoice").await;
    let said = porter.stop_by("INT");
    assert!(said.contains("SIGINT") && said.contains("everything is saved"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_answered_although_porter_is_killed_right_after_it() {
    let home = Home::seeded();
    let porter = Porter::start(&home);
    let mut waiting = Vec::new();
    for question in [QUESTION, "my exam was marked wrong", "where do i find my invoice"] {
        let student = Student::begin(&porter.base).await;
        waiting.push((student.say(question).await, student));
    }
    porter.kill9();

    let porter = Porter::start(&home);
    for (seq, student) in waiting {
        let student = student.at(&porter.base);
        student.answer_after(seq).await;
        let answers = student.messages().await.into_iter().filter(|message| message["author"] != "student").count();
        assert_eq!(answers, 2, "the greeting and one answer: {:#?}", student.messages().await);
    }
    porter.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_porter_on_the_same_folder_or_port_says_so_and_ends() {
    let home = Home::seeded();
    let porter = Porter::start(&home);
    let (data, pid) = (home.data().display().to_string(), porter.pid().to_string());
    let second = Launch::at(&home).run_to_the_end().exits(1);
    second.tells(&[&data, &pid, "--data-dir"]);

    let other = Home::empty();
    let address = porter.address().to_string();
    let second = Launch::listening(&other, &address).run_to_the_end().exits(1);
    second.tells(&[&address, "--listen"]);

    // The first does not notice.
    Student::begin(&porter.base).await.ask(QUESTION).await;
    porter.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_while_students_wait_and_streams_are_open_is_quick_and_clean() {
    let home = Home::seeded();
    let porter = Porter::start(&home);
    let mut streams = Vec::new();
    let mut students = Vec::new();
    for _ in 0..5 {
        let student = Student::begin(&porter.base).await;
        let request = student.signed(crate::harness::client().get(student.address("/events")));
        streams.push(request.send().await.expect("opening a stream"));
        students.push((student.say(QUESTION).await, student));
    }
    let began = std::time::Instant::now();
    let said = porter.stop();
    assert!(!said.contains("cut off"), "{said}");
    assert!(began.elapsed().as_secs() < 10, "{:?}", began.elapsed());
    drop(streams);
    let porter = Porter::start(&home);
    for (seq, student) in students {
        student.at(&porter.base).answer_after(seq).await;
    }
    porter.stop();
}

#[test]
fn a_data_folder_that_cannot_be_made_is_named() {
    let home = Home::empty();
    home.write("data", "a file where the folder should be");
    let data = home.data().display().to_string();
    Launch::at(&home).run_to_the_end().exits(1).tells(&[&data, "--data-dir"]);
}
