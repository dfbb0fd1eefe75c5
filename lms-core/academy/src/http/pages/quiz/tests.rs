//! Quizzes as learners and instructors meet them.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use uuid::Uuid;

use crate::domain::LessonId;
use crate::domain::quiz::{AnswersShown, GRACE, Quiz, Settings, parse};
use crate::testing::{ANNA, ANNAS, Answer, BRUNOS, COURSE, World};

const QUIZ: Uuid = Uuid::from_u128(0xe3);

/// One of each kind, in their order; the items of the last come shuffled.
const FILE: &str = r#"
minutes = 10
attempts = 4
shuffle = false
[[question]]
kind = "single"
text = "Which **one**? <script>alert(1)</script>"
choices = ["right <b>", "wrong"]
correct = [0]
explanation = "For a [reason](javascript:alert(1))."
[[question]]
kind = "multiple"
text = "Which ones?"
choices = ["yes", "no", "yes too"]
correct = [0, 2]
[[question]]
kind = "numeric"
text = "How far?"
answer = 1.5
unit = "km"
[[question]]
kind = "short_text"
text = "What?"
accepted = ["median"]
[[question]]
kind = "ordering"
text = "Sort."
items = ["first", "second"]
"#;

async fn world() -> (World, String) {
    let world = World::new().await;
    let quiz = parse(FILE).unwrap();
    world.store.put_quiz(LessonId(QUIZ), &quiz, world.now()).await.unwrap();
    let cookie = world.sign_in(ANNAS).await;
    (world, cookie)
}

/// Starts an attempt and gives its path.
async fn start(world: &World, cookie: &str) -> String {
    let started = world.post(&format!("/quiz/{QUIZ}/start"), cookie, "").await;
    assert_eq!(started.status, 303, "{}", started.text());
    let path = started.header("location").to_owned();
    assert!(path.starts_with("/quiz/attempts/"), "{path}");
    path
}

/// A call of the page's script.
async fn put(world: &World, cookie: &str, path: &str, place: i64, body: &str) -> Answer {
    let request = Request::put(format!("/api/v1{}/answers/{place}", path.strip_prefix("/quiz").unwrap()))
        .header("cookie", cookie)
        .header("content-type", "application/json")
        .header("sec-fetch-site", "same-origin");
    world.call(request.body(Body::from(body.to_owned())).unwrap()).await
}

/// All answers, right: the two items are shown the wrong way round.
const RIGHT: &str = "a1=0&a2=0&a2=2&a3=1,5+km&a4=Median&a5=2&a5=1";

fn form(elapsed: i64, answers: &str, button: &str) -> String {
    let seqs: Vec<String> = (1..=5).map(|place| format!("s{place}={elapsed}")).collect();
    format!("{}&{answers}&do={button}", seqs.join("&"))
}

#[tokio::test]
async fn a_quiz_is_taken_without_script() {
    let (world, cookie) = world().await;
    let door = world.get(&format!("/quiz/{QUIZ}"), &cookie).await.text();
    assert!(
        door.contains("5 questions") && door.contains("10 minutes") && door.contains("3 of 4 left") && door.contains("84 %"),
        "{door}"
    );
    let path = start(&world, &cookie).await;
    assert_eq!(start(&world, &cookie).await, path, "two tabs, one attempt");
    assert!(world.get(&format!("/quiz/{QUIZ}"), &cookie).await.text().contains("Continue"));
    let sheet = world.get(&path, &cookie).await.text();
    assert!(
        sheet.contains("Which <strong>one</strong>?") && !sheet.contains("<script>") && !sheet.contains("right <b>"),
        "{sheet}"
    );
    assert!(sheet.contains("data-due-in=\"600000\"") && sheet.contains("right &#60;b&#62;"));

    let saved = world.post(&path, &cookie, &form(1, "a1=0&a4=Median&a3=&a5=&a5=", "save")).await;
    assert_eq!(saved.header("location"), format!("{path}?saved=1"));
    let sheet = world.get(saved.header("location"), &cookie).await.text();
    assert!(
        sheet.contains("Your answers are saved") && sheet.contains("value=\"Median\"") && sheet.contains("value=\"0\" checked"),
        "{sheet}"
    );

    world.clock.advance(Duration::from_secs(5));
    let submitted = world.post(&path, &cookie, &form(2_000, RIGHT, "submit")).await;
    assert_eq!(submitted.header("location"), format!("{path}/result"));
    let result = world.get(&format!("{path}/result"), &cookie).await.text();
    assert!(
        result.contains("100 %")
            && result.contains("5 of 5 points")
            && result.contains("For a <a rel=\"noopener noreferrer nofollow\">reason</a>"),
        "{result}"
    );
    assert_eq!(world.get(&path, &cookie).await.header("location"), format!("{path}/result"));
    assert_eq!(world.post(&path, &cookie, &form(9_000, "a1=1", "submit")).await.header("location"), format!("{path}/result"));
    assert_eq!(world.get(&format!("{path}/result"), &cookie).await.text(), result, "submitting twice is submitting once");
    assert!(world.get("/learning", &cookie).await.text().contains("100 % best of 2"));
}

#[tokio::test]
async fn answers_are_saved_one_by_one_and_only_by_their_owner() {
    let (world, cookie) = world().await;
    let path = start(&world, &cookie).await;
    world.clock.advance(Duration::from_secs(30));
    let kept = put(&world, &cookie, &path, 4, r#"{"seq":7,"values":["mean"]}"#).await;
    assert_eq!(kept.json(), serde_json::json!({ "outcome": "kept", "seq": 7, "elapsed": 30_000, "due_in": 570_000 }));
    assert_eq!(put(&world, &cookie, &path, 4, r#"{"seq":6,"values":["late"]}"#).await.json()["outcome"], "stale");
    assert_eq!(put(&world, &cookie, &path, 1, r#"{"seq":8,"values":["1"]}"#).await.json()["outcome"], "kept");

    let bruno = world.sign_in(BRUNOS).await;
    for (who, place, body, status) in [
        ("", 4, r#"{"seq":9,"values":[]}"#, 401),
        (bruno.as_str(), 4, r#"{"seq":9,"values":[]}"#, 404),
        (cookie.as_str(), 9, r#"{"seq":9,"values":[]}"#, 404),
        (cookie.as_str(), 1, r#"{"seq":9,"values":["7"]}"#, 422),
        (cookie.as_str(), 1, r#"{"seq":0,"values":["1"]}"#, 422),
        (cookie.as_str(), 1, r#"{"seq":9,"values":["1"],"points":9}"#, 422),
        (cookie.as_str(), 1, "nonsense", 400),
    ] {
        let answer = put(&world, who, &path, place, body).await;
        assert_eq!((answer.status.as_u16(), answer.header("content-type")), (status, "application/problem+json"), "{body}");
    }
    for path in [path.clone(), format!("{path}/result")] {
        assert_eq!(world.get(&path, &bruno).await.status, 404);
    }
    let foreign = Request::put(format!("/api/v1{}/answers/4", path.strip_prefix("/quiz").unwrap()))
        .header("cookie", &cookie)
        .header("content-type", "application/json")
        .header("sec-fetch-site", "cross-site");
    let foreign = world.call(foreign.body(Body::from(r#"{"seq":99,"values":[]}"#)).unwrap()).await;
    assert_eq!((foreign.status.as_u16(), foreign.header("content-type")), (403, "application/problem+json"));
}

#[tokio::test]
async fn at_the_deadline_what_had_arrived_counts() {
    let (world, cookie) = world().await;
    let path = start(&world, &cookie).await;
    put(&world, &cookie, &path, 4, r#"{"seq":7,"values":["median"]}"#).await;
    world.clock.advance(Duration::from_mins(10) + GRACE - Duration::from_millis(1));
    assert_eq!(put(&world, &cookie, &path, 3, r#"{"seq":8,"values":["1.5"]}"#).await.json()["outcome"], "kept", "in the grace");
    world.clock.advance(Duration::from_millis(1));
    let late = put(&world, &cookie, &path, 1, r#"{"seq":9,"values":["0"]}"#).await;
    assert_eq!(
        (late.status.as_u16(), late.json()["type"].as_str().unwrap().to_owned()),
        (409, "urn:porter:problem:attempt-over".to_owned())
    );
    assert!(world.work().await.iter().any(|(kind, outcome)| kind == "close_attempt" && outcome.is_ok()));
    let result = world.get(&format!("{path}/result"), &cookie).await.text();
    assert!(result.contains("40 %") && result.contains("The time was up before") && result.contains("Not answered"), "{result}");
    assert!(result.contains("data-kept=\"4\" data-seq=\"7\""), "the script compares what the browser kept with this");
}

#[tokio::test]
async fn right_answers_are_shown_when_the_settings_say_so() {
    let (world, cookie) = world().await;
    for (answers, shown) in [(AnswersShown::AfterEach, true), (AnswersShown::Never, false)] {
        let quiz = parse(FILE).unwrap();
        let quiz = Quiz { settings: Settings { answers, ..quiz.settings }, ..quiz };
        world.store.put_quiz(LessonId(QUIZ), &quiz, world.now()).await.unwrap();
        let path = start(&world, &cookie).await;
        world.post(&path, &cookie, &form(1, "a1=1", "submit")).await;
        let result = world.get(&format!("{path}/result"), &cookie).await.text();
        assert_eq!((result.contains("Right answer"), result.contains("explanation")), (shown, shown), "{answers:?}: {result}");
        assert!(result.contains("Wrong"));
    }
}

#[tokio::test]
async fn a_course_that_is_not_open_has_no_attempts() {
    let (world, _) = world().await;
    let nobody = world.get(&format!("/quiz/{QUIZ}"), "").await;
    assert_eq!(nobody.header("location"), format!("/sign-in?next=/quiz/{QUIZ}"));
    let cookie = world.sign_in(BRUNOS).await;
    for path in ["/quiz/x", "/quiz/00000000-0000-0000-0000-000000000001", "/quiz/attempts/x", "/quiz/attempts/x/result"] {
        assert_eq!(world.get(path, &cookie).await.status, 404, "{path}");
    }
    for path in ["/teach/data-analysis/quizzes", &format!("/teach/data-analysis/quizzes/{QUIZ}")] {
        assert_eq!(world.get(path, &cookie).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn an_instructor_makes_and_changes_a_quiz() {
    let (world, cookie) = world().await;
    let seed = crate::store::Seed {
        accounts: vec![crate::store::SeedAccount {
            id: crate::domain::AccountId(Uuid::from_u128(0xf5)),
            email: "maren@northlight.example".to_owned(),
            name: "Maren Holt".to_owned(),
            role: crate::domain::Role::Instructor,
            status: crate::domain::AccountStatus::Active,
            password_hash: porter_kernel::passwords::hash(crate::testing::PASSWORD.to_owned()).await.unwrap(),
            created_at: world.now(),
        }],
        ..crate::store::Seed::default()
    };
    world.store.seed(&seed).await.unwrap();
    let maren = world.sign_in("maren@northlight.example").await;
    let base = format!("/teach/data-analysis/quizzes/{QUIZ}");
    assert_eq!(world.get(&base, &maren).await.status, 404, "she does not teach it yet");
    world.store.let_teach(seed.accounts[0].id, COURSE).await.unwrap();
    assert!(world.get("/teach/data-analysis/quizzes", &maren).await.text().contains("Quiz 1"));
    assert_eq!(world.get(&format!("/teach/elsewhere/quizzes/{QUIZ}"), &maren).await.status, 404);
    let page = world.get(&base, &maren).await.text();
    assert!(
        page.contains("1.5 km")
            && page.contains("first → second")
            && page.contains("Not asked yet")
            && !page.contains("<script>alert"),
        "{page}"
    );

    let set = world.post(&format!("{base}/settings"), &maren, "minutes=0,5&attempts=&draw=2&answers=never").await;
    assert_eq!(set.header("location"), format!("{base}?done=settings"));
    let facts = world.store.quiz(LessonId(QUIZ)).await.unwrap().unwrap();
    assert_eq!(
        (facts.settings.seconds, facts.settings.attempts, facts.asked(), facts.settings.shuffle),
        (Some(30), None, 2, false)
    );
    for bad in [
        "minutes=0&attempts=&draw=&answers=never",
        "minutes=&attempts=x&draw=&answers=never",
        "minutes=&attempts=&draw=-1&answers=never",
    ] {
        let refused = world.post(&format!("{base}/settings"), &maren, bad).await;
        assert!(refused.status == 422 && refused.text().contains("Nothing was changed"), "{bad}");
    }

    let id = Uuid::from_u128(0xf6);
    let question = format!("{base}/questions/{id}");
    assert!(world.get(&format!("{question}?kind=single"), &maren).await.text().contains("asterisk"));
    let bad = world.post(&question, &maren, "kind=single&text=New%3F&lines=a%0Ab&explanation=&points=1&tags=").await;
    assert!(bad.status == 422 && bad.text().contains("exactly one choice"));
    for lines in ["*+a%0Ab", "a%0A*+b"] {
        let good =
            world.post(&question, &maren, &format!("kind=single&text=New%3F&lines={lines}&explanation=&points=1&tags=x")).await;
        assert_eq!(good.header("location"), format!("{base}?done=question"));
    }
    let there = world.store.questions(LessonId(QUIZ)).await.unwrap();
    assert!(there.iter().any(|it| it.id.0 == id && it.version == 2));
    assert!(world.get(&question, &maren).await.text().contains("Preview"));
    world.post(&format!("{question}/retire"), &maren, "retired=true").await;
    assert!(world.get(&base, &maren).await.text().contains("Ask again"));

    let file = world.get(&format!("{base}/export"), &maren).await.text();
    assert!(parse(&file).is_ok_and(|quiz| quiz.questions.len() == 5 && quiz.settings.seconds == Some(30)), "{file}");
    let faulty = world.post(&format!("{base}/import"), &maren, "file=%5B%5Bquestion%5D%5D%0Akind%3D1").await;
    assert!(faulty.status == 422 && faulty.text().contains("line 2, question 1"), "{}", faulty.text());
    let import = format!("file={}", FILE.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>());
    assert_eq!(world.post(&format!("{base}/import"), &maren, &import).await.header("location"), format!("{base}?done=import"));

    assert!(
        world
            .post(&format!("{base}/extra"), &maren, "email=nobody%40learner.example&minutes=5")
            .await
            .text()
            .contains("Nobody with this address")
    );
    world.post(&format!("{base}/extra"), &maren, &format!("email={ANNAS}&minutes=5")).await;
    let door = world.store.quiz_door(ANNA, LessonId(QUIZ), 3).await.unwrap().unwrap();
    assert_eq!(door.extra_seconds, 300);
    assert!(world.get(&format!("/quiz/{QUIZ}"), &cookie).await.text().contains("5 minutes of them for you"));
    let learner = world.post(&format!("{base}/import"), &cookie, &import).await;
    assert_eq!(learner.status, 404);
}
