//! The thundering herd: everybody completes the same lesson in the same second.

use porter_kernel::db::Freshness;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use porter_academy::crowd::{Crowd, DOMAIN};
use porter_academy::domain::event::Event;
use porter_academy::domain::{EnrolmentStatus, LessonId, LessonKind};
use porter_academy::store::{self, AcademyStore, SeedEnrolment};
use porter_kernel::clock::{Clock as _, SystemClock};
use porter_kernel::db::{Database, DatabaseSetting};
use porter_kernel::ids::{Ids as _, RandomIds};
use porter_kernel::jobs;
use porter_testkit::postgres;
use reqwest::header::{COOKIE, RETRY_AFTER};
use tokio::task::JoinSet;

use super::bench::Waits;
use super::is_drill;
use crate::harness::http::client;
use crate::harness::student::new_id;
use crate::harness::{Home, Launch};

/// One who stands at the door.
struct Member {
    account: porter_academy::domain::AccountId,
    cookie: String,
}

/// An academy in which all of them are enrolled in one course, and signed in; the lesson that none has done.
async fn gather(database: &Database, learners: u64) -> (LessonId, Vec<Member>) {
    jobs::migrate(database).await.expect("making the queue");
    store::migrate(database).await.expect("making the tables");
    let (academy, now) = (store::open(database), SystemClock.now());
    academy.seed(&porter_academy::demo::academy(now, &RandomIds, "$argon2id$none")).await.expect("seeding");
    let courses = academy.crowd_courses().await.expect("reading the courses");
    let course =
        courses.iter().find(|course| course.lessons.iter().any(|(_, kind)| *kind == LessonKind::Text)).expect("a course").clone();
    let lesson = course.lessons.iter().find(|(_, kind)| *kind == LessonKind::Text).expect("a lesson to read").0;
    let crowd = Crowd { now, password_hash: "$argon2id$none".to_owned(), courses: Vec::new() };
    let mut members = Vec::new();
    for start in (0..learners).step_by(1_000) {
        let (mut seed, _) = crowd.learners(start..(start + 1_000).min(learners));
        for account in &mut seed.accounts {
            account.status = porter_academy::domain::AccountStatus::Active;
        }
        seed.enrolments = seed.accounts.iter().map(|account| enrolment(account.id, course.id, now)).collect();
        academy.load(&seed, &[]).await.expect("loading");
        for account in &seed.accounts {
            let token = RandomIds.token();
            let until = now + Duration::from_hours(1);
            academy.create_session(RandomIds.uuid(), &token.hash(), account.id, now, until).await.expect("beginning a session");
            members.push(Member { account: account.id, cookie: format!("academy_session={}", token.reveal()) });
        }
    }
    assert_eq!(academy.crowd_size(DOMAIN).await.expect("counting"), i64::try_from(learners).expect("a number"));
    (lesson, members)
}

fn enrolment(
    account: porter_academy::domain::AccountId,
    course: porter_academy::domain::CourseId,
    now: porter_kernel::clock::Timestamp,
) -> SeedEnrolment {
    SeedEnrolment {
        account,
        course,
        order: None,
        status: EnrolmentStatus::Active,
        enrolled_at: now,
        activated_at: Some(now),
        access_until: None,
        stuck_reason: None,
    }
}

/// Completes the lesson, and tries again under the same key while the academy says that it is busy. How often it was told so.
#[expect(clippy::disallowed_methods, reason = "a client that was told to come back later comes back later")]
async fn complete(academy: &str, lesson: LessonId, member: &Member, turn: usize) -> usize {
    let key = new_id();
    let mut refused = 0;
    loop {
        let request = client()
            .post(format!("{academy}/api/v1/lessons/{lesson}/complete"))
            .header(COOKIE, &member.cookie)
            .header("idempotency-key", &key)
            .header("sec-fetch-site", "same-origin")
            .header("x-forwarded-for", format!("203.0.{}.{}", turn / 250 % 250, turn % 250));
        match request.send().await {
            Ok(answer) if answer.status().is_success() => return refused,
            Ok(answer) if answer.status() == 503 => {
                let wait = answer.headers().get(RETRY_AFTER).expect("a busy academy says when to come back");
                let wait: u64 = wait.to_str().expect("ASCII").parse().expect("seconds");
                // Spread, as people are.
                tokio::time::sleep(Duration::from_millis(wait * 1_000 + (turn as u64 * 37) % 1_000)).await;
            }
            Ok(answer) => panic!("{}: {}", answer.status(), answer.text().await.unwrap_or_default()),
            // A connection that the system refused: nothing is known of it, so it is asked again under its key.
            Err(error) if error.is_connect() || error.is_request() => tokio::time::sleep(Duration::from_millis(200)).await,
            Err(error) => panic!("{error}"),
        }
        refused += 1;
        assert!(refused < 500, "this learner is refused for ever");
    }
}

async fn herd(name: &str, setting: DatabaseSetting) {
    let learners: u64 = if is_drill() { 10_000 } else { 150 };
    let home = Home::empty();
    let database = Database::open(&setting, None).await.expect("opening the database");
    let (lesson, members) = gather(&database, learners).await;
    database.close().await;
    let url = match &setting {
        DatabaseSetting::Postgres(url) => url.reveal().to_owned(),
        DatabaseSetting::Sqlite(path) => format!("sqlite:{}", path.display()),
    };
    let porter = Launch::role(&home, "lms").env("PORTER_LMS__DATABASE__URL", &url).start();

    let (began, refusals) = (Instant::now(), Arc::new(AtomicUsize::new(0)));
    let mut tasks = JoinSet::new();
    let count = members.len();
    let accounts: Vec<_> = members.iter().map(|member| member.account).collect();
    for (turn, member) in members.into_iter().enumerate() {
        let (academy, refusals) = (porter.academy.clone(), refusals.clone());
        tasks.spawn(async move {
            // Evenly over one second.
            tokio::time::sleep_until(
                (began + Duration::from_secs(1) * u32::try_from(turn).unwrap_or(0) / u32::try_from(count).unwrap_or(1)).into(),
            )
            .await;
            let sent = Instant::now();
            refusals.fetch_add(complete(&academy, lesson, &member, turn).await, Ordering::Relaxed);
            sent.elapsed()
        });
    }
    let waits = Waits::new(tasks.join_all().await, began.elapsed());
    porter.stop();
    eprintln!(
        "{name:10} {learners} completions in the same second: {waits}, {} times told to come back",
        refusals.load(Ordering::Relaxed)
    );

    let database = Database::open(&setting, None).await.expect("opening the database");
    let academy = store::open(&database);
    let mut told: HashMap<_, usize> = HashMap::new();
    for event in everything(academy.as_ref()).await {
        if let Event::LessonCompleted { account, lesson: done, .. } = event
            && done == lesson
        {
            *told.entry(account).or_default() += 1;
        }
    }
    let lost = accounts.iter().filter(|account| !told.contains_key(account)).count();
    let double = told.values().filter(|count| **count > 1).count();
    assert_eq!((lost, double, told.len()), (0, 0, count), "lost, double, told");
    for account in accounts.iter().step_by(accounts.len() / 50) {
        let courses = academy.courses(*account, Freshness::Fresh).await.expect("reading the courses");
        let done = courses.iter().flat_map(|course| &course.lessons).find(|one| one.id == lesson).expect("the lesson");
        assert!(done.completed_at.is_some(), "{account} completed it and the table does not know");
    }
    database.close().await;
}

async fn everything(academy: &dyn AcademyStore) -> Vec<Event> {
    let (mut seq, mut events) = (0, Vec::new());
    loop {
        let page = academy.events_after(seq, 1_000).await.expect("reading the events");
        let Some(last) = page.last() else { return events };
        seq = last.seq;
        events.extend(page.into_iter().map(|event| event.event));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn drill_herd_nobody_is_lost_and_nobody_counts_twice_on_sqlite() {
    let folder = tempfile::tempdir().expect("making a folder");
    herd("SQLite", DatabaseSetting::Sqlite(folder.path().join("academy.db"))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn drill_herd_nobody_is_lost_and_nobody_counts_twice_on_postgresql() {
    herd("PostgreSQL", DatabaseSetting::Postgres(postgres().fresh_database().await)).await;
}
