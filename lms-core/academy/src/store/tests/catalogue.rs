//! Getting in and out.

use super::races::at_once;
use super::*;
use crate::domain::catalogue::*;

const GROUP: CohortId = CohortId(Uuid::from_u128(0x201));

fn refused<T: std::fmt::Debug>(outcome: Result<T>) -> Refusal {
    match outcome {
        Err(AcademyError::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

pub(super) fn dates(starts_at: Timestamp, seats: Option<i64>) -> CohortDates {
    CohortDates { name: "Winter".to_owned(), starts_at, ends_at: None, enrol_from: None, enrol_until: None, seats }
}

async fn a_course_has_its_parts(world: World) {
    let now = world.now();
    let (first, second) = (ModuleId(world.uuid()), ModuleId(world.uuid()));
    world.store.add_module(FIRST, first, "One").await.unwrap();
    world.store.add_module(FIRST, second, "Two").await.unwrap();
    world.store.let_teach(BRUNO, FIRST).await.unwrap();
    world.store.add_cohort(FIRST, GROUP, &dates(now, Some(5)), now).await.unwrap();
    let outline = world.store.outline("first", now).await.unwrap().unwrap();
    assert_eq!(outline.modules.iter().map(|module| module.title.as_str()).collect::<Vec<_>>(), ["One", "Two"]);
    assert_eq!(outline.lessons.len(), 3);
    assert_eq!(outline.instructors, ["Bruno Costa"]);
    assert_eq!((outline.cohorts[0].name.as_str(), outline.cohorts[0].left()), ("Winter", Some(5)));
    assert_eq!((outline.course.admission, outline.course.level), (Admission::Paid, Level::Beginner));
    assert!(world.store.outline("no-such", now).await.unwrap().is_none());
    assert!(!world.store.outline("second", now).await.unwrap().unwrap().course.published);
}

async fn a_free_course_is_joined_and_left(world: World) {
    let now = world.tick();
    assert_eq!(
        refused(world.store.join(HANNA, SECOND, None, now).await.map_err(|error| match error {
            AcademyError::NotFound => AcademyError::Refused(Refusal::NotEnrolled),
            other => other,
        })),
        Refusal::NotEnrolled,
        "not published"
    );
    world.execute("UPDATE course SET published = TRUE, admission = 'free' WHERE slug = 'second'").await;
    let bruno = world.store.entry(BRUNO, SECOND).await.unwrap();
    assert!(bruno.enrolment.is_none() && !bruno.is_in());
    for _ in 0..2 {
        world.store.join(BRUNO, SECOND, None, now).await.unwrap();
    }
    assert!(world.store.entry(BRUNO, SECOND).await.unwrap().is_in());
    assert_eq!(world.store.events_after(0, 10).await.unwrap().len(), 1);
    world.store.leave(BRUNO, SECOND, world.tick()).await.unwrap();
    assert_eq!(world.store.entry(BRUNO, SECOND).await.unwrap().enrolment, Some(EnrolmentStatus::Cancelled));
    assert_eq!(refused(world.store.leave(BRUNO, SECOND, world.tick()).await), Refusal::NotEnrolled);
    world.store.join(BRUNO, SECOND, None, world.tick()).await.unwrap();
    assert!(world.store.entry(BRUNO, SECOND).await.unwrap().is_in());

    let other = AccountId(world.uuid());
    world.execute("UPDATE course SET admission = 'paid' WHERE slug = 'second'").await;
    assert_eq!(refused(world.store.join(HANNA, SECOND, None, now).await), Refusal::Paid);
    world.store.may_buy(HANNA, SECOND, now).await.unwrap();
    world.execute("UPDATE course SET admission = 'invited' WHERE slug = 'second'").await;
    assert_eq!(refused(world.store.join(HANNA, SECOND, None, now).await), Refusal::Invited);
    assert_eq!(refused(world.store.may_buy(other, SECOND, now).await), Refusal::Invited);
}

async fn what_comes_first_must_be_completed(world: World) {
    world.execute("UPDATE course SET published = TRUE, admission = 'free' WHERE slug = 'second'").await;
    world.execute("INSERT INTO course_prerequisite (course_id, needs_id) SELECT s.id, f.id FROM course s, course f WHERE s.slug = 'second' AND f.slug = 'first'").await;
    let now = world.tick();
    let entry = world.store.entry(BRUNO, SECOND).await.unwrap();
    assert!(!entry.is_prepared());
    assert_eq!(entry.prerequisites, [Prerequisite { slug: "first".to_owned(), title: "The first course".to_owned(), met: false }]);
    assert_eq!(refused(world.store.join(BRUNO, SECOND, None, now).await), Refusal::Unprepared);
    assert!(world.store.entry(ANNA, SECOND).await.unwrap().is_prepared(), "has the certificate");
    world.execute("UPDATE enrolment SET status = 'completed' WHERE course_id = (SELECT id FROM course WHERE slug = 'first')").await;
    world.store.join(BRUNO, SECOND, None, now).await.unwrap();
}

/// Ten learners for three seats, at once, again and again.
async fn seats_are_never_oversold(world: World) {
    world.execute("UPDATE course SET published = TRUE, admission = 'free' WHERE slug = 'second'").await;
    let people: Vec<AccountId> = (0..10).map(|number| AccountId(Uuid::from_u128(0x5000 + number))).collect();
    let accounts =
        people.iter().enumerate().map(|(number, id)| account(*id, &format!("p{number}@learner.example"), "P", world.now()));
    world.store.seed(&Seed { accounts: accounts.collect(), ..Seed::default() }).await.unwrap();
    let now = world.tick();
    world.store.add_cohort(SECOND, GROUP, &dates(now + Duration::from_secs(1_000), Some(3)), now).await.unwrap();
    assert_eq!(refused(world.store.join(people[0], SECOND, None, now).await), Refusal::NoGroup);
    for trial in 0..races::trials() {
        let outcomes = at_once(10, |number| {
            let (store, person) = (Arc::clone(&world.store), people[number]);
            async move { store.join(person, SECOND, Some(GROUP), now).await }
        })
        .await;
        let got = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        assert_eq!(got, 3, "trial {trial}: {outcomes:?}");
        for outcome in outcomes.into_iter().filter(Result::is_err) {
            assert_eq!(refused(outcome), Refusal::NoSeat);
        }
        let outline = world.store.outline("second", now).await.unwrap().unwrap();
        assert_eq!(outline.cohorts[0].taken, 3);
        for person in &people {
            let _ = world.store.leave(*person, SECOND, now).await;
        }
    }
    let refusal = world.store.change_cohort(SECOND, GROUP, &dates(now, Some(0)), now).await;
    refusal.unwrap();
    assert_eq!(refused(world.store.join(people[0], SECOND, Some(GROUP), now).await), Refusal::NoSeat);
    let closed = CohortDates { enrol_until: Some(now), ..dates(now, None) };
    world.store.change_cohort(SECOND, GROUP, &closed, now).await.unwrap();
    assert_eq!(refused(world.store.join(people[0], SECOND, Some(GROUP), now).await), Refusal::GroupClosed);
}

async fn a_seat_is_kept_for_who_goes_to_pay(world: World) {
    world.execute("UPDATE course SET published = TRUE WHERE slug = 'second'").await;
    let now = world.tick();
    let until = now + Duration::from_secs(1_800);
    world.store.add_cohort(SECOND, GROUP, &dates(until, Some(2)), now).await.unwrap();
    // Anna, who was in before there were groups, has no seat.
    world.store.hold_seat(BRUNO, SECOND, GROUP, until, now).await.unwrap();
    world.store.hold_seat(BRUNO, SECOND, GROUP, until, now).await.unwrap();
    assert_eq!(world.store.outline("second", now).await.unwrap().unwrap().cohorts[0].left(), Some(1));
    world.store.hold_seat(HANNA, SECOND, GROUP, until, now).await.unwrap();
    let late = AccountId(Uuid::from_u128(0x6000));
    world.store.seed(&Seed { accounts: vec![account(late, "late@learner.example", "L", now)], ..Seed::default() }).await.unwrap();
    assert_eq!(refused(world.store.hold_seat(late, SECOND, GROUP, until, now).await), Refusal::NoSeat);
    assert_eq!(refused(world.store.may_buy(late, SECOND, now).await), Refusal::NoSeat);
    world.store.may_buy(BRUNO, SECOND, now).await.unwrap();
    assert_eq!(world.store.outline("second", until).await.unwrap().unwrap().cohorts[0].left(), Some(2), "holds run out");
}

async fn learners_start_with_their_group(world: World) {
    world.execute("UPDATE course SET published = TRUE, admission = 'free' WHERE slug = 'second'").await;
    let now = world.tick();
    let start = now + Duration::from_secs(1_000);
    world.store.add_cohort(SECOND, GROUP, &dates(start, None), now).await.unwrap();
    world.store.join(BRUNO, SECOND, Some(GROUP), now).await.unwrap();
    assert_eq!(world.store.entry(BRUNO, SECOND).await.unwrap().cohort, Some(GROUP));
    assert_eq!(refused(world.store.open_lesson(BRUNO, lesson(SECOND, 1), now).await), Refusal::NotStarted);
    assert!(world.store.open_lesson(BRUNO, lesson(SECOND, 1), start).await.is_ok());
    assert_eq!(world.store.courses(BRUNO).await.unwrap()[0].starts_at, Some(start), "as the diagnosis sees it");
}

porter_testkit::both_engines!(World::open;
    a_course_has_its_parts,
    a_free_course_is_joined_and_left,
    what_comes_first_must_be_completed,
    seats_are_never_oversold,
    a_seat_is_kept_for_who_goes_to_pay,
    learners_start_with_their_group,
);
