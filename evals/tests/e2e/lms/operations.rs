//! What an administrator sees of jobs, and how the academy sheds load and ends.

use std::process::Command;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::harness::people::ANNA;
use crate::harness::{Answer, Browser, Home, Launch, Learner, Look, Manner, Porter, SmtpServer, client, forgot, until};

/// Administrates the demo academy.
const THEO: &str = "theo.brandt@northlight.example";

/// Opens the page of jobs until its words are as wanted.
async fn until_it_says(theo: &Learner<'_>, wanted: &str) -> String {
    until(wanted, async || {
        theo.goes_to("/admin/jobs").await;
        Some(theo.reads().await).filter(|words| words.contains(wanted))
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn story_an_administrator_tries_a_dead_mail_again() {
    let home = Home::seeded();
    let server = SmtpServer::start(Manner::Rejects).await;
    let lms = Launch::role(&home, "lms").start();
    // A mail that is refused for good is an error in its log, and the point of this story.
    let worker = Launch::role(&home, "worker")
        .env("PORTER_MAIL__SMTP", &server.url())
        .env("PORTER_LMS__PUBLIC_URL", &lms.academy)
        .env("PORTER_LOG__FILTER", "off")
        .start();
    forgot(&lms.academy, ANNA).await;

    let browser = Browser::start().await;
    let theo = Learner::sign_in(&browser, &lms, THEO).await;
    browser.find("a[href='/admin']").await.click().await.expect("going to the administration");
    browser.find("[data-testid=admin-card] a[href='/admin/jobs']").await.click().await.expect("going to the jobs");
    let words = until_it_says(&theo, "it answered 550 5.1.1").await;
    assert!(words.contains("Send mail") && words.contains("Try again"), "{words}");
    assert!(!words.contains(ANNA) && !words.contains('@'), "somebody's address is shown: {words}");
    for dark in [false, true] {
        for width in [1280, 380] {
            fits(&lms, Look { dark, width }).await;
        }
    }

    // The mailbox is there again, and one press is enough.
    server.set(Manner::Takes);
    let refused = server.read().len();
    browser.press("again").await;
    assert!(browser.text("told").await.contains("The job is tried again now."));
    browser.screenshot("admin-jobs-tried-again").await;
    let letters = until("the letter", async || Some(server.read()).filter(|read| read.len() > refused)).await;
    assert_eq!(letters[refused].to, ANNA);
    assert_eq!(letters[0].message_id, letters[refused].message_id, "the same letter");
    until_it_says(&theo, "Nothing has failed for good.").await;
    worker.stop();
    lms.stop();
}

/// Looks at the administrator's pages on a screen.
async fn fits(lms: &Porter, look: Look) {
    let browser = Browser::with(look).await;
    let theo = Learner::sign_in(&browser, lms, THEO).await;
    for (path, name) in [("/admin", "admin"), ("/admin/jobs", "admin-jobs")] {
        theo.goes_to(path).await;
        browser.screenshot(&format!("{name}-{}", look.name())).await;
        let over = browser.js("return document.documentElement.scrollWidth - innerWidth").await;
        assert!(over.as_f64().is_some_and(|over| over < 1.0), "{path} sticks out by {over} on {look:?}");
    }
}

/// A connection to the academy on which this was said.
async fn say(lms: &Porter, text: &str) -> TcpStream {
    let mut stream = TcpStream::connect(lms.academy.trim_start_matches("http://")).await.expect("connecting to the academy");
    stream.write_all(text.as_bytes()).await.expect("sending");
    stream
}

#[tokio::test(flavor = "multi_thread")]
async fn beyond_its_capacity_the_academy_says_when_to_come_back() {
    let home = Home::seeded();
    let lms = Launch::role(&home, "lms").env("PORTER_HTTP__MAX_CONCURRENT", "1").start();
    // A body of unknown length that does not go on: its request has the only turn.
    let mut holding = say(
        &lms,
        "POST /forgot-password HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ntransfer-encoding: chunked\r\n\
         content-type: application/x-www-form-urlencoded\r\n\r\n",
    )
    .await;
    let mut asked = [0; 25];
    holding.read_exact(&mut asked).await.expect("the academy asks for the body");
    let (page, call) = tokio::join!(
        Answer::to(client().get(format!("{}/", lms.academy)).header("accept", "text/html")),
        Answer::to(client().get(format!("{}/support/v1/identity", lms.academy))),
    );
    assert_eq!((page.status, page.header("retry-after")), (503, "2"), "{page:?}");
    assert!(page.text.contains("<!doctype html>") && page.text.contains("So many people are here"), "{page:?}");
    call.is_problem(503);
    let health = Answer::to(client().get(format!("{}/healthz", lms.academy))).await;
    assert_eq!(health.status, 200, "health is never shed");
    let metrics = Answer::to(client().get(format!("{}/metrics", lms.academy))).await;
    assert!(metrics.text.contains("http_requests_shed_total{reason=\"waited\"} 2"), "{}", metrics.text);
    drop(holding);
    until("room for one again", async || {
        let page = Answer::to(client().get(format!("{}/", lms.academy))).await;
        (page.status == 200).then_some(())
    })
    .await;
    lms.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_under_way_at_sigterm_is_answered_and_what_comes_later_is_refused() {
    let home = Home::seeded();
    let lms = Launch::role(&home, "lms").start();
    let form = format!("email={}", ANNA.replace('@', "%40"));
    let head = format!(
        "POST /forgot-password HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: {}\r\n\
         content-type: application/x-www-form-urlencoded\r\n\r\n",
        form.len()
    );
    let mut sending = say(&lms, &head).await;
    let mut asked = [0; 25];
    sending.read_exact(&mut asked).await.expect("the academy asks for the body");
    let told = Command::new("sh").args(["-c", &format!("kill -TERM {}", lms.pid())]).status().expect("running sh");
    assert!(told.success());
    until("an academy that lets nobody in", async || {
        let later = TcpStream::connect(lms.academy.trim_start_matches("http://")).await;
        later.is_err_and(|error| error.kind() == std::io::ErrorKind::ConnectionRefused).then_some(())
    })
    .await;
    sending.write_all(form.as_bytes()).await.expect("sending the rest");
    let mut answer = String::new();
    sending.read_to_string(&mut answer).await.expect("an answer to the end");
    assert!(answer.starts_with("HTTP/1.1 200 ") || answer.starts_with("HTTP/1.1 303 "), "{answer}");
    lms.stop();
}
