//! The catalogue, a course from inside, and the instructor's pages.

use axum::body::Body;
use axum::http::Request;
use serde_json::json;
use uuid::Uuid;

use crate::domain::catalogue::ModuleId;
use crate::domain::{AccountId, AccountStatus, CourseId, LessonId, LessonKind, Money, Role};
use crate::store::{Seed, SeedAccount, SeedCourse, SeedLesson, SeedLessonText, SeedModule};
use crate::testing::*;

const MAREN: AccountId = AccountId(Uuid::from_u128(0x705));
const MARENS: &str = "maren@northlight.example";
const FREE: CourseId = CourseId(Uuid::from_u128(0x701));
const TEXT: LessonId = LessonId(Uuid::from_u128(0x702));
const VIDEO: LessonId = LessonId(Uuid::from_u128(0x703));

/// A free course of a text and a video, which Maren teaches.
async fn world() -> World {
    let world = World::new().await;
    let module = ModuleId(Uuid::from_u128(0x704));
    let lesson =
        |id, position, kind, title: &str| SeedLesson { id, course: FREE, position, title: title.to_owned(), kind, minutes: 5 };
    let text = |lesson, body: &str, media: Option<&str>| SeedLessonText {
        lesson,
        module: Some(module),
        body: body.to_owned(),
        media: media.map(str::to_owned),
        captions: None,
    };
    let seed = Seed {
        courses: vec![SeedCourse {
            id: FREE,
            slug: "free".to_owned(),
            title: "A free course".to_owned(),
            summary: "For everybody.".to_owned(),
            signatory: "S".to_owned(),
            signatory_role: "R".to_owned(),
            price: Money { minor: 0, currency: "EUR".to_owned() },
            pass_percent: 70,
            starts_at: None,
            published: true,
        }],
        lessons: vec![lesson(TEXT, 1, LessonKind::Text, "Read <this>"), lesson(VIDEO, 2, LessonKind::Video, "Watch this")],
        modules: vec![SeedModule { id: module, course: FREE, place: 1, title: "First part".to_owned() }],
        lesson_texts: vec![
            text(TEXT, "## Hello\n\n<script>alert(1)</script>\n\n*there*", None),
            text(VIDEO, "", Some("/media/demo-lesson.webm")),
        ],
        teaching: vec![(MAREN, FREE)],
        accounts: vec![SeedAccount {
            id: MAREN,
            email: MARENS.to_owned(),
            name: "Maren Holt".to_owned(),
            role: Role::Instructor,
            status: AccountStatus::Active,
            password_hash: porter_kernel::passwords::hash(PASSWORD.to_owned()).await.unwrap(),
            created_at: world.now(),
        }],
        ..Seed::default()
    };
    world.store.seed(&seed).await.unwrap();
    world
}

impl World {
    async fn tell(&self, path: &str, cookie: &str, body: Option<serde_json::Value>, key: Option<Uuid>) -> Answer {
        let mut request = Request::post(path).header("cookie", cookie).header("sec-fetch-site", "same-origin");
        if let Some(key) = key {
            request = request.header("idempotency-key", key.to_string());
        }
        let body = match body {
            Some(body) => {
                request = request.header("content-type", "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        self.call(request.body(body).unwrap()).await
    }

    /// Bruno, who is in the free course.
    async fn bruno_inside(&self) -> String {
        let bruno = self.sign_in(BRUNOS).await;
        let joined = self.post("/courses/free/enrol", &bruno, "").await;
        assert_eq!((joined.status.as_u16(), joined.header("location")), (303, "/learn/free"), "{}", joined.text());
        bruno
    }
}

#[tokio::test]
async fn the_catalogue_is_searched() {
    let world = world().await;
    let all = world.get("/courses", "").await.text();
    assert!(all.contains("A free course") && all.contains("Data &#60;b&#62;analysis&#60;/b&#62; from zero"), "{all}");
    let free = world.get("/courses?price=free&q=EVERYBODY", "").await.text();
    assert!(free.contains("A free course") && !free.contains("analysis"), "{free}");
    assert!(world.get("/courses?level=advanced", "").await.text().contains("Nothing found"));
    let hostile = world.get("/courses?q=%22%3E%3Cscript%3E&level=%3Cb%3E", "").await;
    assert!(hostile.status == 200 && !hostile.text().contains("<script>\""), "{}", hostile.text());
}

#[tokio::test]
async fn a_free_course_is_joined_read_completed_and_left() {
    let world = world().await;
    assert!(world.get("/courses/free", "").await.text().contains("/sign-in?next=/courses/free"));
    assert_eq!(world.get("/courses/no-such", "").await.status, 404);
    let bruno = world.bruno_inside().await;
    assert!(world.get("/courses/free", &bruno).await.text().contains("You are enrolled"));
    let home = world.get("/learn/free", &bruno).await.text();
    assert!(home.contains("First part") && home.contains("0 of 2 lessons") && home.contains("Start the first lesson"), "{home}");
    let lesson = world.get(&format!("/learn/free/{TEXT}"), &bruno).await.text();
    assert!(
        lesson.contains("<h2>Hello</h2>") && lesson.contains("<em>there</em>") && !lesson.contains("<script>alert"),
        "{lesson}"
    );
    assert!(lesson.contains("Read &#60;this&#62;"), "{lesson}");
    let next = world.post(&format!("/learn/free/{TEXT}/complete"), &bruno, "").await;
    assert_eq!((next.status.as_u16(), next.header("location")), (303, format!("/learn/free/{VIDEO}").as_str()));
    assert!(world.get("/learn/free", &bruno).await.text().contains("1 of 2 lessons"));
    assert!(world.get("/learning", &bruno).await.text().contains(&format!("/learn/free/{VIDEO}")));
    let last = world.post(&format!("/learn/free/{VIDEO}/watched"), &bruno, "").await;
    assert_eq!(last.header("location"), "/learn/free");
    world.work().await;
    let mails = world.outbox.take();
    assert!(
        mails.iter().any(|mail| mail.to_address == BRUNOS && mail.subject.contains("A free course")),
        "the certificate by itself"
    );
    assert!(world.get("/learn/free", &bruno).await.text().contains("Download your certificate"));
    let left = world.post("/courses/free/leave", &bruno, "").await;
    assert_eq!(left.header("location"), "/courses/free");
    assert_eq!(world.get("/learn/free", &bruno).await.header("location"), "/courses/free");
    let paid = world.post("/courses/data-analysis/leave", &bruno, "").await;
    assert_eq!(paid.status, 409, "a paid course is left by a refund");
}

#[tokio::test]
async fn progress_is_told_as_json_and_kept() {
    let world = world().await;
    let bruno = world.bruno_inside().await;
    let path = format!("/api/v1/lessons/{VIDEO}/progress");
    let told = world.tell(&path, &bruno, Some(json!({ "percent": 40, "position": 5 })), None).await;
    assert_eq!(
        told.json(),
        json!({ "percent": 40, "position": 5, "completed": false, "lessons": 2, "lessons_completed": 0, "course_completed": false })
    );
    assert!(world.get(&format!("/learn/free/{VIDEO}"), &bruno).await.text().contains(r#"data-percent="40" data-position="5""#));
    let key = Some(Uuid::from_u128(0x9));
    for _ in 0..2 {
        let told = world.tell(&path, &bruno, Some(json!({ "percent": 95, "position": 11 })), key).await.json();
        assert_eq!((&told["completed"], &told["lessons_completed"]), (&json!(true), &json!(1)));
    }
    let complete = format!("/api/v1/lessons/{TEXT}/complete");
    let reused = world.tell(&complete, &bruno, None, key).await;
    assert_eq!((reused.status.as_u16(), reused.header("content-type")), (409, "application/problem+json"));
    assert_eq!(world.tell(&complete, &bruno, None, None).await.json()["course_completed"], true);
    assert_eq!(world.tell(&complete, "", None, None).await.status, 401);
    assert_eq!(world.tell(&path, &bruno, Some(json!({ "percent": 101, "position": 1 })), None).await.status, 422);
    assert_eq!(
        world.tell("/api/v1/lessons/x/progress", &bruno, Some(json!({ "percent": 1, "position": 1 })), None).await.status,
        404
    );
    let anna = world.sign_in(ANNAS).await;
    assert_eq!(world.tell(&complete, &anna, None, None).await.status, 409, "who is not in");
    let foreign =
        Request::post(&complete).header("cookie", &bruno).header("sec-fetch-site", "cross-site").body(Body::empty()).unwrap();
    assert_eq!(world.call(foreign).await.status, 403);
}

#[tokio::test]
async fn instructors_see_their_own_courses_and_no_others() {
    let world = world().await;
    let learner = world.sign_in(ANNAS).await;
    for path in ["/teach", "/teach/free", "/teach/free/learners"] {
        assert_eq!(world.get(path, &learner).await.status, 404, "a learner at {path}");
    }
    let anna = world.sign_in(MARENS).await;
    let list = world.get("/teach", &anna).await.text();
    assert!(list.contains("A free course") && !list.contains("from zero"), "{list}");
    for path in ["", "/facts", "/learners", "/groups", "/invitations", &format!("/lessons/{TEXT}")] {
        assert_eq!(world.get(&format!("/teach/free{path}"), &anna).await.status, 200, "{path}");
        assert_eq!(world.get(&format!("/teach/data-analysis{path}"), &anna).await.status, 404, "{path}");
    }
    let foreign = world.post("/teach/data-analysis/modules", &anna, "title=Mine").await;
    assert_eq!(foreign.status, 404);
}

#[tokio::test]
async fn an_instructor_builds_a_course_and_learners_see_it() {
    let world = world().await;
    let (maren, bruno) = (world.sign_in(MARENS).await, world.bruno_inside().await);
    let save = "title=Read+that&minutes=7&body=%23%23+New%0D%0A%0D%0AWords.&media=&captions=&opens=";
    assert_eq!(world.post(&format!("/teach/free/lessons/{TEXT}"), &maren, save).await.status, 303);
    let lesson = world.get(&format!("/learn/free/{TEXT}"), &bruno).await.text();
    assert!(lesson.contains("Read that") && lesson.contains("<h2>New</h2>"), "{lesson}");
    let far = world
        .post(&format!("/teach/free/lessons/{VIDEO}"), &maren, "title=T&minutes=7&body=&media=https%3A%2F%2Fevil.example%2Fv.webm")
        .await;
    assert_eq!(far.status, 422, "a video of another site");

    assert_eq!(world.post("/teach/free/modules", &maren, "title=Second+part").await.status, 303);
    let outline = world.store.outline("free", world.now()).await.unwrap().unwrap();
    let second = outline.modules[1].id;
    let added = world.post("/teach/free/lessons", &maren, &format!("module={second}&title=More&kind=text&minutes=3")).await;
    let page = added.header("location").to_owned();
    let id = page.rsplit('/').next().unwrap();
    assert!(!world.get("/learn/free", &bruno).await.text().contains("More"), "not published yet");
    assert_eq!(world.get(&format!("/learn/free/{id}"), &bruno).await.status, 404);
    assert!(world.get("/teach/free", &maren).await.text().contains("Not published"));
    for (action, status) in [("publish", 303), ("up", 303), ("down", 303), ("burn", 404)] {
        assert_eq!(world.post(&format!("/teach/free/lessons/{id}/step"), &maren, &format!("action={action}")).await.status, status);
    }
    assert!(world.get("/learn/free", &bruno).await.text().contains("More"));
    assert_eq!(world.post(&format!("/teach/free/modules/{second}"), &maren, "action=remove").await.status, 409, "it has a lesson");
    assert_eq!(world.post(&format!("/teach/free/modules/{second}"), &maren, "action=rename&title=Renamed").await.status, 303);
    let learners = world.get("/teach/free/learners", &maren).await.text();
    assert!(learners.contains("Bruno Costa") && learners.contains("1 in all"), "{learners}");

    let facts = "title=Freely&summary=S&description=D&level=advanced&language=en&pass_percent=60&starts=&signatory=S&signatory_role=R&published=yes";
    assert_eq!(world.post("/teach/free/facts", &maren, facts).await.status, 303);
    assert!(world.get("/courses?level=advanced", "").await.text().contains("Freely"));
    assert_eq!(world.post("/teach/free/facts", &maren, &facts.replace("published=yes", "")).await.status, 303);
    assert_eq!(world.get("/courses/free", "").await.status, 404);
    assert_eq!(world.get("/courses/free", &bruno).await.status, 200, "who is in still sees it");
    assert_eq!(world.post("/teach/free/lessons", &bruno, "").await.status, 404);
}

#[tokio::test]
async fn a_group_is_chosen_and_a_seat_kept_for_the_checkout() {
    let world = world().await;
    let maren = world.sign_in(MARENS).await;
    let bad = world.post("/teach/free/groups", &maren, "name=G&starts=2026-12-01&ends=2026-11-01").await;
    assert_eq!(bad.status, 422);
    assert_eq!(world.post("/teach/free/groups", &maren, "name=Winter&starts=2026-12-01&seats=1").await.status, 303);
    let group = world.store.outline("free", world.now()).await.unwrap().unwrap().cohorts[0].id;
    let (anna, bruno) = (world.sign_in(ANNAS).await, world.sign_in(BRUNOS).await);
    assert!(world.get("/courses/free", &anna).await.text().contains("1 December 2026"));
    assert_eq!(world.post("/courses/free/enrol", &anna, "").await.status, 409, "a group must be chosen");
    assert_eq!(world.post("/courses/free/enrol", &anna, &format!("group={group}")).await.header("location"), "/learn/free");
    assert!(world.get("/learn/free", &anna).await.text().contains("starts on 1 December 2026"));
    assert!(world.get(&format!("/learn/free/{TEXT}"), &anna).await.text().contains("not started"));
    assert!(world.get("/courses/free", &bruno).await.text().contains("Every group is full"));
    assert_eq!(world.post("/courses/free/enrol", &bruno, &format!("group={group}")).await.status, 409);
}

#[tokio::test]
async fn an_invitation_is_mailed_and_accepted_by_its_address_only() {
    let world = world().await;
    let maren = world.sign_in(MARENS).await;
    assert_eq!(world.post("/teach/free/invitations", &maren, "emails=nonsense").await.status, 422);
    let invite = format!("emails={BRUNOS}%0A{BRUNOS},nobody@learner.example&group=");
    assert_eq!(world.post("/teach/free/invitations", &maren, &invite).await.status, 303);
    world.work().await;
    let mails = world.outbox.take();
    assert_eq!(mails.len(), 2);
    let mail = mails.iter().find(|mail| mail.to_address == BRUNOS).unwrap();
    let link = mail.text.lines().find_map(|line| line.strip_prefix("http://academy.example")).unwrap().to_owned();
    assert!(world.get(&link, "").await.text().contains(&format!("/sign-in?next={link}")));
    let (anna, bruno) = (world.sign_in(ANNAS).await, world.sign_in(BRUNOS).await);
    assert!(world.get(&link, &anna).await.text().contains("another address"));
    assert_eq!(world.post(&link, &anna, "").await.status, 409);
    assert!(world.get(&link, &bruno).await.text().contains("Join the course"));
    assert_eq!(world.post(&link, &bruno, "").await.header("location"), "/learn/free");
    assert_eq!(world.post(&link, &bruno, "").await.status, 409, "once");
    assert_eq!(world.get("/invitations/AAAAAAAAAAAAAAAAAAAAAA", &bruno).await.status, 404);
    let listed = world.get("/teach/free/invitations", &maren).await.text();
    assert!(listed.contains("Accepted") && listed.contains("Waiting for an answer"), "{listed}");
    let open = world.store.invitations(FREE, 10).await.unwrap().into_iter().find(|it| it.accepted_at.is_none()).unwrap();
    world.post(&format!("/teach/free/invitations/{}/revoke", open.id), &maren, "").await;
    assert!(world.get("/teach/free/invitations", &maren).await.text().contains("Withdrawn"));
}

#[tokio::test]
async fn events_are_given_to_the_service() {
    let world = world().await;
    world.bruno_inside().await;
    let ask = async |query: &str| world.call(world.support("GET", &format!("/events{query}")).body(Body::empty()).unwrap()).await;
    let events = ask("?after=0&limit=10").await.json();
    let enrolled = events["events"].as_array().unwrap().iter().find(|event| event["kind"] == "enrolled").unwrap();
    assert_eq!((&enrolled["version"], &enrolled["course"]), (&json!(1), &json!(FREE)));
    let last = events["events"].as_array().unwrap().len();
    assert_eq!(ask(&format!("?after={last}")).await.json(), json!({ "events": [] }));
    let rest = ask("?after=1").await.json();
    assert_eq!(rest["events"].as_array().unwrap().len(), last - 1);
    for bad in ["?limit=0", "?limit=1001", "?after=-1"] {
        assert_eq!(ask(bad).await.status, 422, "{bad}");
    }
    assert_eq!(world.get("/support/v1/events", "").await.status, 401);
}

#[tokio::test]
async fn a_video_is_given_in_parts() {
    let world = World::new().await;
    let whole = world.get("/media/demo-lesson.webm", "").await;
    assert_eq!((whole.status.as_u16(), whole.header("content-type"), whole.header("accept-ranges")), (200, "video/webm", "bytes"));
    let part = Request::get("/media/demo-lesson.webm").header("range", "bytes=10-19").body(Body::empty()).unwrap();
    let part = world.call(part).await;
    assert_eq!((part.status.as_u16(), part.body.as_slice()), (206, &whole.body[10..20]));
    assert_eq!(part.header("content-range"), format!("bytes 10-19/{}", whole.body.len()));
    assert_eq!(world.get("/media/..%2Fbase.css", "").await.status, 404);
}
