//! Handing in and grading at the pages, with files of people who mean ill.

use std::path::Path;

use axum::body::{Body, Bytes};
use axum::http::{Request, header};
use futures::stream;
use porter_kernel::passwords;
use uuid::Uuid;

use crate::domain::assignment::parse;
use crate::domain::{AccountStatus, AssignmentId, LessonId, Role};
use crate::store::{Seed, SeedAccount};
use crate::testing::{ANNA, ANNAS, Answer, BRUNOS, COURSE, PASSWORD, World};

const ID: AssignmentId = AssignmentId(Uuid::from_u128(0xaa));
const PAGE: &str = "/assignments/00000000-0000-0000-0000-0000000000aa";
const MARENS: &str = "maren@northlight.example";
const JONAS: &str = "jonas@northlight.example";
const OTHERS: &str = "other@northlight.example";
const TEXT: &str = r#"
title = "A <i>project</i>"
instructions = "Do it. <script>alert(1)</script>"
due_days = 10
pass_percent = 60
late = "accept"
types = ["pdf", "txt", "png", "docx", "zip"]
max_megabytes = 1
max_files = 3
[[criterion]]
title = "All of it"
points = 10
levels = [ { points = 10, text = "Good" }, { points = 0, text = "None" } ]
"#;

/// Two instructors of the course, and one of none.
async fn academy() -> World {
    let world = World::new().await;
    let hash = passwords::hash(PASSWORD.to_owned()).await.unwrap();
    let account = |number, email: &str, name: &str| SeedAccount {
        id: crate::domain::AccountId(Uuid::from_u128(number)),
        email: email.to_owned(),
        name: name.to_owned(),
        role: Role::Instructor,
        status: AccountStatus::Active,
        password_hash: hash.clone(),
        created_at: world.now(),
    };
    let accounts = vec![account(0x71, MARENS, "Maren Holt"), account(0x72, JONAS, "=Jonas"), account(0x73, OTHERS, "Other")];
    let teaching = vec![(accounts[0].id, COURSE), (accounts[1].id, COURSE)];
    world.store.seed(&Seed { accounts, teaching, ..Seed::default() }).await.unwrap();
    world.store.put_assignment(ID, LessonId(Uuid::from_u128(0xe2)), &parse(TEXT).unwrap()).await.unwrap();
    world
}

fn form(name: &str, content: &[u8]) -> Vec<u8> {
    let mut body =
        format!("--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: text/html\r\n\r\n")
            .into_bytes();
    body.extend_from_slice(content);
    body.extend_from_slice(b"\r\n--edge--\r\n");
    body
}

async fn send(world: &World, cookie: &str, body: Body) -> Answer {
    let request = Request::post(format!("{PAGE}/files"))
        .header(header::COOKIE, cookie)
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=edge")
        .header("sec-fetch-site", "same-origin");
    world.call(request.body(body).unwrap()).await
}

fn lying_in(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries.map(|entry| if entry.file_type().unwrap().is_dir() { lying_in(&entry.path()) } else { 1 }).sum()
}

/// The path of the only file on the page.
fn file_link(page: &str) -> String {
    let start = page.find(&format!("{PAGE}/files/")).unwrap();
    page[start..].split('"').next().unwrap().to_owned()
}

async fn hands_in(world: &World, cookie: &str) -> String {
    let sent = send(world, cookie, Body::from(form("../../my \u{202e}report.pdf", b"%PDF-1.7 hello"))).await;
    assert_eq!(sent.status, 303, "{}", sent.text());
    let saved = world.post(&format!("{PAGE}/answer"), cookie, "answer=%3Cb%3ENote%3C%2Fb%3E&then=submit").await;
    assert_eq!(saved.status, 303, "{}", saved.text());
    let work = world.store.work(ID, ANNA, world.now()).await.unwrap().unwrap();
    format!("/teach/data-analysis/assignments/{}", work.submissions[0].id)
}

#[tokio::test]
async fn a_learner_hands_in_and_reads_the_verdict() {
    let world = academy().await;
    let (anna, maren) = (world.sign_in(ANNAS).await, world.sign_in(MARENS).await);
    let first = world.get(PAGE, &anna).await.text();
    assert!(
        first.contains("A &#60;i&#62;project") && first.contains("&lt;script&gt;alert") && !first.contains("<script>alert"),
        "{first}"
    );
    let at = hands_in(&world, &anna).await;
    let page = world.get(PAGE, &anna).await.text();
    assert!(
        page.contains("my report.pdf") && page.contains("Waiting for an instructor") && page.contains("&#60;b&#62;Note"),
        "{page}"
    );

    let queue = world.get("/teach/data-analysis/assignments", &maren).await.text();
    assert!(queue.contains("Anna &#60;i&#62;Keller") && queue.contains("1 waiting"), "{queue}");
    assert_eq!(world.post(&format!("{at}/claim"), &maren, "").await.status, 303);
    let open = world.post(&format!("{at}/decide"), &maren, "revision=0&remark=Keep+this&then=grade").await;
    assert_eq!(open.status, 422);
    assert!(open.text().contains("Choose a level") && open.text().contains("Keep this"), "what was typed stays");
    let graded =
        world.post(&format!("{at}/decide"), &maren, "revision=0&points_0=10&comment_0=Fine&remark=Very+good&then=grade").await;
    assert_eq!(graded.status, 303, "{}", graded.text());
    let page = world.get(PAGE, &anna).await.text();
    for says in ["100.00 %", "Passed", "Very good", "Fine", "Graded by Maren Holt"] {
        assert!(page.contains(says), "{says}: {page}");
    }
    world.work().await;
    let mails = world.outbox.take();
    assert_eq!(mails.len(), 1);
    assert!(mails[0].subject.starts_with("Your work was graded") && mails[0].text.contains(PAGE), "{:?}", mails[0]);
    let grades = world.get("/learn/data-analysis/grades", &anna).await.text();
    assert!(grades.contains("100.00 %") && grades.contains(PAGE), "{grades}");
}

#[tokio::test]
async fn files_are_for_their_learner_and_the_courses_instructors() {
    let world = academy().await;
    let anna = world.sign_in(ANNAS).await;
    let at = hands_in(&world, &anna).await;
    let link = file_link(&world.get(PAGE, &anna).await.text());
    for (email, status) in [(ANNAS, 200), (MARENS, 200), (BRUNOS, 404), (OTHERS, 404)] {
        let cookie = world.sign_in(email).await;
        let answer = world.get(&link, &cookie).await;
        assert_eq!(answer.status, status, "{email}");
        if status == 200 {
            assert_eq!(answer.body, b"%PDF-1.7 hello");
            assert_eq!(
                answer.header("content-disposition"),
                "attachment; filename=\"my report.pdf\"; filename*=UTF-8''my%20report.pdf"
            );
            assert_eq!((answer.header("x-content-type-options"), answer.header("content-type")), ("nosniff", "application/pdf"));
            assert!(answer.header("content-security-policy").contains("sandbox"));
        }
    }
    assert_eq!(world.get(&link, "").await.status, 303, "a visitor signs in first");
    for path in
        [at.as_str(), "/teach/data-analysis/assignments", "/teach/data-analysis/gradebook", "/teach/data-analysis/gradebook.csv"]
    {
        for email in [ANNAS, OTHERS] {
            assert_eq!(world.get(path, &world.sign_in(email).await).await.status, 404, "{path} {email}");
        }
    }
    assert_eq!(
        world.post(&format!("{at}/decide"), &world.sign_in(OTHERS).await, "revision=0&points_0=10&then=grade").await.status,
        404
    );
    assert!(world.get("/assignments/00000000-0000-0000-0000-0000000000ab", &anna).await.status == 404);
}

#[tokio::test]
async fn hostile_files_leave_nothing() {
    let world = academy().await;
    let anna = world.sign_in(ANNAS).await;
    let big = vec![b'x'; 1_100_000];
    let html = b"<html><script>alert(1)</script></html>".as_slice();
    for (name, content, status) in [
        ("page.pdf", html, 422),
        ("page.html", html, 422),
        ("page.png", html, 422),
        ("page.docx", b"PK\x03\x04aaaaaaaaaaaaaaaaaaaaaaaaaaevil.sh".as_slice(), 422),
        ("empty.pdf", b"".as_slice(), 422),
        ("noname", html, 422),
        ("..", html, 422),
        ("big.txt", big.as_slice(), 413),
        ("binary.txt", b"a\0b".as_slice(), 422),
        ("report.pdf.exe", b"%PDF-1.7".as_slice(), 422),
    ] {
        let answer = send(&world, &anna, Body::from(form(name, content))).await;
        assert_eq!(answer.status, status, "{name}: {}", answer.text());
        assert!(answer.text().contains("assignment-error"), "{name}");
        assert_eq!(lying_in(world.files.path()), 0, "{name}");
    }
    assert_eq!(send(&world, &anna, Body::from("no form")).await.status, 400);
    // As many as may be, and no more.
    for number in 0..4 {
        let answer = send(&world, &anna, Body::from(form(&format!("{number}.txt"), b"text"))).await;
        assert_eq!(answer.status, if number < 3 { 303 } else { 409 });
    }
    assert_eq!(lying_in(world.files.path()), 3);
    // A file that is taken out is gone from the disk too.
    let link = file_link(&world.get(PAGE, &anna).await.text());
    assert_eq!(world.post(&format!("{link}/remove"), &anna, "").await.status, 303);
    assert_eq!(lying_in(world.files.path()), 2);
    // What lies there without a row is found in an hour; what has one stays.
    let lost = world.parts.ids.uuid();
    world.store.expect_file(lost, world.now()).await.unwrap();
    world.parts.files.put(lost, Box::pin(stream::iter([Ok(Bytes::from_static(b"lost"))]))).await.unwrap();
    world.clock.advance(std::time::Duration::from_mins(61));
    world.work().await;
    assert_eq!(lying_in(world.files.path()), 2);
    assert!(world.parts.files.get(lost).await.unwrap().is_none());
    // Only this route takes so much.
    let long = format!("answer={}&then=save", "x".repeat(400_000));
    assert_eq!(world.post(&format!("{PAGE}/answer"), &anna, &long).await.status, 413);
    assert_eq!(world.post("/sign-in", "", &format!("email={}&password=x", "x".repeat(20_000))).await.status, 413);
}

#[tokio::test]
async fn a_cut_connection_leaves_nothing_half() {
    let world = academy().await;
    let anna = world.sign_in(ANNAS).await;
    let whole = form("report.pdf", &[b"%PDF-1.7".as_slice(), &[b'x'; 400_000]].concat());
    let pieces = [Ok(Bytes::copy_from_slice(&whole[..300_000])), Err(std::io::Error::other("the line went dead"))];
    let cut = send(&world, &anna, Body::from_stream(stream::iter(pieces))).await;
    assert_eq!(cut.status, 400, "{}", cut.text());
    // Also where the sender ends the stream in order, in the middle of a file.
    let short = send(&world, &anna, Body::from(whole[..300_000].to_vec())).await;
    assert_eq!(short.status, 400, "{}", short.text());
    let work = world.store.work(ID, ANNA, world.now()).await.unwrap().unwrap();
    assert!(work.submissions.iter().all(|one| one.files.is_empty()), "{work:?}");
    assert_eq!(lying_in(world.files.path()), 0);
}

#[tokio::test]
async fn the_second_grader_is_told_and_keeps_what_was_typed() {
    let world = academy().await;
    let (anna, maren, jonas) = (world.sign_in(ANNAS).await, world.sign_in(MARENS).await, world.sign_in(JONAS).await);
    let at = hands_in(&world, &anna).await;
    assert_eq!(world.post(&format!("{at}/claim"), &maren, "").await.status, 303);
    let theirs = world.post(&format!("{at}/claim"), &jonas, "").await;
    assert!(theirs.status == 409 && theirs.text().contains("Maren Holt is grading this"), "{}", theirs.text());
    let grade = "revision=0&points_0=0&comment_0=My+long+comment&remark=My+remark&then=grade";
    let early = world.post(&format!("{at}/decide"), &jonas, grade).await;
    assert!(early.status == 409 && early.text().contains("My long comment"), "{}", early.text());
    assert_eq!(world.post(&format!("{at}/decide"), &maren, "revision=0&points_0=10&remark=Good&then=grade").await.status, 303);
    let late = world.post(&format!("{at}/decide"), &jonas, grade).await;
    assert_eq!(late.status, 409);
    for kept in ["decided meanwhile", "My long comment", "My remark"] {
        assert!(late.text().contains(kept), "{kept}");
    }
    let work = world.store.work(ID, ANNA, world.now()).await.unwrap().unwrap();
    assert_eq!(work.submissions[0].verdict.clone().unwrap().points, Some(10_000), "the first one stands");
}

#[tokio::test]
async fn a_gradebook_is_a_page_and_a_file_without_formulas() {
    let world = academy().await;
    let maren = world.sign_in(MARENS).await;
    let page = world.get("/teach/data-analysis/gradebook", &maren).await.text();
    assert!(page.contains("Bruno Costa") && page.contains("84.00 %"), "{page}");
    let bad = world
        .post("/teach/data-analysis/gradebook", &maren, "quizzes=0&assignments=0&participation=0&drop_quizzes=0&drop_assignments=0")
        .await;
    assert!(bad.status == 422 && bad.text().contains("At least one weight"), "{}", bad.text());
    let good = "quizzes=100&assignments=0&participation=0&drop_quizzes=0&drop_assignments=0";
    assert_eq!(world.post("/teach/data-analysis/gradebook", &maren, good).await.status, 303);
    let csv = world.get("/teach/data-analysis/gradebook.csv", &maren).await;
    assert!(csv.header("content-disposition").starts_with("attachment") && csv.header("content-type").starts_with("text/csv"));
    let lines: Vec<String> = csv.text().lines().map(str::to_owned).collect();
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert!(lines.iter().any(|line| line.starts_with("\"Bruno Costa\"") && line.ends_with("\"84.00\"")), "{lines:?}");
}

#[tokio::test]
async fn more_time_is_given_until_the_end_of_a_day() {
    let world = academy().await;
    let (anna, maren) = (world.sign_in(ANNAS).await, world.sign_in(MARENS).await);
    let at = hands_in(&world, &anna).await;
    assert_eq!(world.post(&format!("{at}/extend"), &maren, "until=tomorrow").await.status, 422);
    assert_eq!(world.post(&format!("{at}/extend"), &maren, "until=2999-01-01").await.status, 422);
    assert_eq!(world.post(&format!("{at}/extend"), &maren, "until=2026-12-24").await.status, 303);
    assert!(world.get(PAGE, &anna).await.text().contains("Due 24 December 2026, 23:59 UTC"));
}
