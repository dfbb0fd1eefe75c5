//! Going on in a lesson.

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;

use super::races::at_once;
use super::*;
use crate::domain::catalogue::{LessonText, ModuleId, Refusal, Standing};
use crate::domain::event::Event;

const TEXT: u128 = 1;
const VIDEO: u128 = 2;
const WATCHED: i64 = 90;

fn reached(percent: i64, position: i64) -> Reached {
    Reached { percent, position, watched_percent: WATCHED }
}

fn refused<T: std::fmt::Debug>(outcome: Result<T>) -> Refusal {
    match outcome {
        Err(AcademyError::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

impl World {
    /// The kinds of all events in their order.
    async fn happened(&self) -> Vec<Event> {
        self.store.events_after(0, 10_000).await.unwrap().into_iter().map(|event| event.event).collect()
    }
}

async fn a_text_is_completed_once(world: World) {
    world.execute("DELETE FROM lesson_progress").await;
    let (lesson, now) = (lesson(FIRST, TEXT), world.tick());
    let standing = world.store.complete_lesson(ANNA, lesson, WATCHED, None, now).await.unwrap();
    let expected =
        Standing { percent: 100, position: 0, completed: true, lessons: 3, lessons_completed: 1, course_completed: false };
    assert_eq!(standing, expected);
    assert_eq!(world.store.complete_lesson(ANNA, lesson, WATCHED, None, world.tick()).await.unwrap(), expected, "again");
    let events = world.happened().await;
    assert_eq!(events, [Event::LessonCompleted { account: ANNA, course: FIRST, lesson }]);
    assert_eq!(world.store.open_lesson(ANNA, lesson, now).await.unwrap().completed_at, Some(now), "the first time counts");
}

async fn percent_rises_and_a_position_is_kept(world: World) {
    let video = lesson(SECOND, VIDEO);
    let tell = async |percent, position| {
        let standing = world.store.progress_lesson(ANNA, video, reached(percent, position), None, world.tick()).await.unwrap();
        (standing.percent, standing.position, standing.completed)
    };
    assert_eq!(tell(40, 120).await, (40, 120, false));
    assert_eq!(tell(10, 30).await, (40, 30, false), "somebody looks at the beginning again");
    assert_eq!(tell(10, 30).await, (40, 30, false));
    assert_eq!(tell(89, 267).await, (89, 267, false));
    assert_eq!(refused(world.store.complete_lesson(ANNA, video, WATCHED, None, world.tick()).await), Refusal::ByWatching);
    assert_eq!(tell(90, 270).await, (100, 270, true), "watched");
    assert_eq!(tell(5, 12).await, (100, 12, true));
    assert_eq!(tell(900, -5).await, (100, 0, true), "within bounds");
    let told = world.happened().await.iter().filter(|event| matches!(event, Event::LessonProgressed { .. })).count();
    assert_eq!(told, 6, "what changed nothing is not told");
    let open = world.store.open_lesson(ANNA, video, world.now()).await.unwrap();
    assert_eq!((open.percent, open.position, open.kind), (100, 0, LessonKind::Video));
}

async fn the_last_lesson_completes_the_course_and_asks_for_the_certificate(world: World) {
    let modules = [Uuid::from_u128(0x101), Uuid::from_u128(0x102)];
    for module in modules {
        world.store.add_module(SECOND, ModuleId(module), "A module").await.unwrap();
    }
    world.execute("UPDATE lesson SET module_id = (SELECT id FROM module WHERE place = 1) WHERE course_id = (SELECT id FROM course WHERE slug = 'second') AND place <= 2").await;
    world.execute("UPDATE lesson SET module_id = (SELECT id FROM module WHERE place = 2) WHERE course_id = (SELECT id FROM course WHERE slug = 'second') AND place = 3").await;
    world
        .execute(
            "UPDATE lesson SET kind = 'text' WHERE kind = 'quiz' AND course_id = (SELECT id FROM course WHERE slug = 'second')",
        )
        .await;
    let now = world.tick();
    world.store.progress_lesson(ANNA, lesson(SECOND, VIDEO), reached(95, 10), None, now).await.unwrap();
    let standing = world.store.complete_lesson(ANNA, lesson(SECOND, 3), WATCHED, None, world.tick()).await.unwrap();
    assert!(standing.course_completed && standing.lessons_completed == 3, "{standing:?}");
    let kinds: Vec<_> = world
        .happened()
        .await
        .into_iter()
        .filter(|event| !matches!(event, Event::LessonProgressed { .. } | Event::LessonCompleted { .. }))
        .collect();
    let [first, second] = modules;
    let account = ANNA;
    assert_eq!(kinds, [Event::ModuleCompleted { account, course: SECOND, module: first }, kinds[1].clone(), kinds[2].clone(),]);
    for event in
        [Event::ModuleCompleted { account, course: SECOND, module: second }, Event::CourseCompleted { account, course: SECOND }]
    {
        assert!(kinds[1..].contains(&event), "{kinds:?}");
    }
    assert_eq!(world.store.entry(ANNA, SECOND).await.unwrap().enrolment, Some(EnrolmentStatus::Completed));
    let job = world.take_one(jobs::ISSUE_CERTIFICATE).await;
    assert_eq!(jobs::payload::<jobs::IssueCertificate>(&job).unwrap(), jobs::IssueCertificate { account: ANNA, course: SECOND });
    world.store.issue(&job, CertificateId(world.uuid()), "NL-0000-0001", world.uuid(), world.tick()).await.unwrap();
    assert_eq!(world.store.certificates(ANNA).await.unwrap().len(), 2);
}

async fn only_who_is_in_may_go_on(world: World) {
    let (text, now) = (lesson(FIRST, TEXT), world.now());
    let soon = now + Duration::from_secs(10);
    assert_eq!(refused(world.store.complete_lesson(ANNA, lesson(FIRST, 3), WATCHED, None, now).await), Refusal::ByQuiz);
    assert_eq!(refused(world.store.progress_lesson(ANNA, lesson(FIRST, 3), reached(1, 1), None, now).await), Refusal::ByQuiz);
    assert_eq!(refused(world.store.open_lesson(AccountId(world.uuid()), text, now).await), Refusal::NotEnrolled);
    assert_eq!(refused(world.store.complete_lesson(BRUNO, lesson(SECOND, TEXT), WATCHED, None, now).await), Refusal::NotEnrolled);
    let none = world.store.open_lesson(ANNA, LessonId(world.uuid()), now).await;
    assert!(matches!(none, Err(AcademyError::NotFound)), "{none:?}");

    let dates =
        LessonText { title: "T".to_owned(), minutes: 1, body: "B".to_owned(), media: None, captions: None, opens_at: Some(soon) };
    world.store.change_lesson(FIRST, text, &dates).await.unwrap();
    assert_eq!(refused(world.store.open_lesson(ANNA, text, now).await), Refusal::NotOpen);
    assert_eq!(world.store.open_lesson(ANNA, text, soon).await.unwrap().body, "B");
    world.store.publish_lesson(FIRST, text, false).await.unwrap();
    let hidden = world.store.open_lesson(ANNA, text, soon).await;
    assert!(matches!(hidden, Err(AcademyError::NotFound)), "{hidden:?}");
    assert_eq!(world.store.courses(BRUNO).await.unwrap()[0].lessons.len(), 2, "what is not published does not count");

    world.execute("UPDATE enrolment SET status = 'cancelled'").await;
    assert_eq!(
        refused(world.store.progress_lesson(ANNA, lesson(FIRST, VIDEO), reached(1, 1), None, soon).await),
        Refusal::NotEnrolled
    );
}

async fn a_key_counts_once(world: World) {
    let (video, key) = (lesson(SECOND, VIDEO), Some(world.uuid()));
    let first = world.store.progress_lesson(ANNA, video, reached(30, 9), key, world.tick()).await.unwrap();
    let again = world.store.progress_lesson(ANNA, video, reached(60, 18), key, world.tick()).await.unwrap();
    assert_eq!(first, again, "the same key is the same request");
    let other = world.store.complete_lesson(ANNA, lesson(SECOND, TEXT), WATCHED, key, world.tick()).await;
    assert!(matches!(other, Err(AcademyError::KeyReused)), "{other:?}");
    // What was refused may be tried again with its key.
    let key = Some(world.uuid());
    assert_eq!(refused(world.store.complete_lesson(ANNA, video, WATCHED, key, world.tick()).await), Refusal::ByWatching);
    world.store.progress_lesson(ANNA, video, reached(99, 1), None, world.tick()).await.unwrap();
    assert!(world.store.complete_lesson(ANNA, video, WATCHED, key, world.tick()).await.unwrap().completed);
}

/// Many at once complete the same lessons: each counts once, and the course completes once.
async fn a_crowd_completes_each_lesson_once(world: World) {
    world.execute("UPDATE lesson SET kind = 'text'").await;
    world.execute("DELETE FROM lesson_progress").await;
    world.execute("DELETE FROM certificate").await;
    let now = world.tick();
    let outcomes = at_once(60, |number| {
        let store = Arc::clone(&world.store);
        let lesson = lesson(FIRST, 1 + u128::try_from(number % 3).unwrap());
        let (account, key) = (
            if number % 2 == 0 { ANNA } else { BRUNO },
            Some(Uuid::from_u128(0x9000 + u128::try_from(number / 2).unwrap() * 7 + u128::try_from(number % 6).unwrap())),
        );
        async move { store.complete_lesson(account, lesson, WATCHED, key, now).await }
    })
    .await;
    for outcome in outcomes {
        outcome.unwrap();
    }
    let events = world.happened().await;
    let count = |matching: fn(&Event) -> bool| events.iter().filter(|event| matching(event)).count();
    assert_eq!(count(|event| matches!(event, Event::LessonCompleted { .. })), 6);
    assert_eq!(count(|event| matches!(event, Event::CourseCompleted { .. })), 2);
    assert_eq!(world.take().await.len(), 2, "a certificate each");
}

async fn progress_can_be_made_anew_from_its_events(world: World) {
    world.execute("DELETE FROM lesson_progress").await;
    world.store.progress_lesson(ANNA, lesson(FIRST, VIDEO), reached(40, 120), None, world.tick()).await.unwrap();
    world.store.progress_lesson(ANNA, lesson(FIRST, VIDEO), reached(20, 60), None, world.tick()).await.unwrap();
    world.store.complete_lesson(ANNA, lesson(FIRST, TEXT), WATCHED, None, world.tick()).await.unwrap();
    world.store.progress_lesson(ANNA, lesson(SECOND, VIDEO), reached(95, 200), None, world.tick()).await.unwrap();
    let before = (world.progress_rows().await, world.store.courses(ANNA).await.unwrap());
    world.execute("DELETE FROM lesson_progress").await;
    assert_eq!(world.store.recompute(ANNA, FIRST).await.unwrap(), 2);
    assert_eq!(world.store.recompute(ANNA, SECOND).await.unwrap(), 1);
    assert_eq!((world.progress_rows().await, world.store.courses(ANNA).await.unwrap()), before);
    world.execute("UPDATE lesson_progress SET percent = 77, position = 1, completed_at = NULL").await;
    assert_eq!(world.store.recompute(ANNA, FIRST).await.unwrap() + world.store.recompute(ANNA, SECOND).await.unwrap(), 3);
    assert_eq!(world.progress_rows().await, before.0, "what was spoilt is mended");
    assert_eq!(world.store.recompute(BRUNO, FIRST).await.unwrap(), 0);
}

#[derive(Debug, Clone, Copy)]
enum Deed {
    Progress {
        lesson: u128,
        percent: i64,
        position: i64,
    },
    Complete {
        lesson: u128,
    },
    /// The clock stands still or goes on.
    Wait(u64),
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let deed = prop_oneof![
        4 => (1_u128..=2, 0_i64..=100, 0_i64..900).prop_map(|(lesson, percent, position)| Deed::Progress { lesson, percent, position }),
        2 => (1_u128..=2).prop_map(|lesson| Deed::Complete { lesson }),
        2 => (0_u64..5).prop_map(Deed::Wait),
    ];
    prop::collection::vec(deed, 0..25)
}

impl World {
    async fn progress_rows(&self) -> Vec<(Uuid, Uuid, i64, i64, Option<Timestamp>, Option<Timestamp>, Timestamp)> {
        const SQL: &str = "SELECT account_id, lesson_id, percent, position, position_at, completed_at, updated_at FROM lesson_progress ORDER BY account_id, lesson_id";
        match &self.db.db {
            Database::Sqlite(db) => sqlx::query_as(SQL).fetch_all(db.read_fresh()).await.unwrap(),
            Database::Postgres(db) => sqlx::query_as(SQL).fetch_all(db.read_fresh()).await.unwrap(),
        }
    }
}

/// Random deeds; afterwards the progress is destroyed, made anew, and is the same.
async fn drill_sequences_progress_is_recomputed(world: World) {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for _ in 0..sequences::through_a_database() {
        let deeds = deeds().new_tree(&mut runner).unwrap().current();
        world.execute("DELETE FROM lesson_progress").await;
        world.execute("DELETE FROM event").await;
        world.execute("DELETE FROM certificate_request").await;
        let mut highest = std::collections::HashMap::new();
        for deed in &deeds {
            match *deed {
                Deed::Progress { lesson: number, percent, position } => {
                    let standing = world
                        .store
                        .progress_lesson(ANNA, lesson(SECOND, number), reached(percent, position), None, world.now())
                        .await
                        .unwrap();
                    let known = highest.insert(number, standing.percent).unwrap_or(0);
                    assert!(known <= standing.percent, "{deeds:?}");
                }
                Deed::Complete { lesson: number } => {
                    let _ = world.store.complete_lesson(ANNA, lesson(SECOND, number), WATCHED, None, world.now()).await;
                }
                Deed::Wait(seconds) => drop(world.clock.advance(Duration::from_secs(seconds))),
            }
        }
        let before = world.progress_rows().await;
        world.execute("DELETE FROM lesson_progress").await;
        world.store.recompute(ANNA, SECOND).await.unwrap();
        assert_eq!(world.progress_rows().await, before, "{deeds:?}");
    }
}

porter_testkit::both_engines!(World::open;
    a_text_is_completed_once,
    percent_rises_and_a_position_is_kept,
    the_last_lesson_completes_the_course_and_asks_for_the_certificate,
    only_who_is_in_may_go_on,
    a_key_counts_once,
    a_crowd_completes_each_lesson_once,
    progress_can_be_made_anew_from_its_events,
    drill_sequences_progress_is_recomputed,
);
