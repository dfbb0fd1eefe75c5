//! Enrolments go from state to state as a model says, in memory and through a database: payment, refund, invitation, joining, leaving, seats.

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use super::*;
use crate::domain::catalogue::{CohortId, InvitationId};
use crate::domain::enrolment::{self, Seat};

/// How many sequences a drill has.
fn sequences(full: usize, few: usize) -> usize {
    if std::env::var("PORTER_DRILL").is_ok_and(|drill| drill == "full") { full } else { few }
}

/// Of each engine: 2,000 on both in a drill.
pub(super) fn through_a_database() -> usize {
    sequences(1_000, 30)
}

const GROUP: CohortId = CohortId(Uuid::from_u128(0x301));

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deed {
    Pays,
    Refunded,
    Joins,
    Leaves,
    Accepts,
    /// One of the course's three lessons.
    Completes(u128),
    /// Somebody else takes a seat, or gives it back.
    OtherJoins,
    OtherLeaves,
    /// The instructor sets the seats.
    Seats(i64),
}

fn deeds() -> impl Strategy<Value = (Option<i64>, Vec<Deed>)> {
    let deed = prop_oneof![
        3 => Just(Deed::Pays),
        2 => Just(Deed::Refunded),
        2 => Just(Deed::Joins),
        2 => Just(Deed::Leaves),
        1 => Just(Deed::Accepts),
        4 => (1_u128..=3).prop_map(Deed::Completes),
        2 => Just(Deed::OtherJoins),
        1 => Just(Deed::OtherLeaves),
        1 => (0_i64..=2).prop_map(Deed::Seats),
    ];
    (prop::option::of(0_i64..=2), prop::collection::vec(deed, 1..16))
}

/// The states as the code makes them.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Course {
    /// `None`: no groups.
    seats: Option<i64>,
    status: Option<EnrolmentStatus>,
    seated: bool,
    other: bool,
    done: [bool; 3],
}

impl Course {
    fn new(seats: Option<i64>) -> Self {
        Self { seats, status: None, seated: false, other: false, done: [false; 3] }
    }

    fn is_in(&self) -> bool {
        matches!(self.status, Some(EnrolmentStatus::Active | EnrolmentStatus::Completed))
    }

    fn seat(&self, taken: bool) -> Seat {
        if self.seats.is_none_or(|seats| seats > i64::from(taken)) { Seat::Taken } else { Seat::None }
    }

    fn open(&mut self, seat: Seat) {
        if let Some(status) = enrolment::opened(self.status, false, seat) {
            self.status = Some(status);
            self.seated = status == EnrolmentStatus::Active;
            self.settle();
        }
    }

    fn close(&mut self) {
        if let Some(status) = enrolment::closed(self.status) {
            (self.status, self.seated) = (Some(status), false);
        }
    }

    fn settle(&mut self) {
        if self.done == [true; 3] {
            self.status = enrolment::completed(self.status).or(self.status);
        }
    }

    fn does(&mut self, deed: Deed) {
        match deed {
            Deed::Pays => self.open(self.seat(self.other)),
            Deed::Joins | Deed::Accepts if self.seat(self.other) == Seat::Taken => self.open(Seat::Taken),
            Deed::Joins | Deed::Accepts => {}
            Deed::Refunded => self.close(),
            Deed::Leaves if self.is_in() => self.close(),
            Deed::Leaves => {}
            Deed::Completes(lesson) if self.is_in() => {
                if let Some(done) = self.done.get_mut(usize::try_from(lesson - 1).unwrap()) {
                    *done = true;
                }
                self.settle();
            }
            Deed::Completes(_) => {}
            Deed::OtherJoins => self.other = self.other || self.seat(self.seated) == Seat::Taken,
            Deed::OtherLeaves => self.other = false,
            Deed::Seats(seats) => {
                if self.seats.is_some() && seats >= i64::from(self.seated) + i64::from(self.other) {
                    self.seats = Some(seats);
                    if self.status == Some(EnrolmentStatus::Pending) {
                        self.open(self.seat(self.other));
                    }
                }
            }
        }
    }
}

/// What must be true of any history, told without the machine: reads the deeds and what was seen after each.
fn assert_holds(seats: Option<i64>, history: &[(Deed, Course)]) {
    let mut before = Course::new(seats);
    for (deed, after) in history {
        let (was, is) = (before.status, after.status);
        let word = format!("{deed:?}: {before:?} -> {after:?}");
        assert!(is.is_some() || was.is_none(), "nothing is forgotten: {word}");
        assert_eq!(after.seated, after.is_in(), "who is in has a seat: {word}");
        assert!(after.seats.is_none_or(|seats| i64::from(after.seated) + i64::from(after.other) <= seats), "oversold: {word}");
        if was != is {
            let by = match is {
                Some(EnrolmentStatus::Pending) => *deed == Deed::Pays && !before.is_in(),
                Some(EnrolmentStatus::Cancelled) => matches!(deed, Deed::Refunded | Deed::Leaves) && was.is_some(),
                Some(EnrolmentStatus::Active) => {
                    !before.is_in()
                        && (matches!(deed, Deed::Pays | Deed::Joins | Deed::Accepts) || was == Some(EnrolmentStatus::Pending))
                }
                Some(EnrolmentStatus::Completed) => after.done == [true; 3],
                None => false,
            };
            assert!(by, "without a cause: {word}");
        }
        assert!(before.done.iter().zip(after.done).all(|(was, is)| !was || is), "progress is kept: {word}");
        if is == Some(EnrolmentStatus::Active) {
            assert_ne!(after.done, [true; 3], "{word}");
        }
        before = after.clone();
    }
}

#[test]
fn drill_sequences_enrolment_in_memory() {
    let mut runner = TestRunner::deterministic();
    for _ in 0..sequences(100_000, 3_000) {
        let (seats, deeds) = deeds().new_tree(&mut runner).unwrap().current();
        let mut course = Course::new(seats);
        let history: Vec<_> = deeds
            .into_iter()
            .map(|deed| {
                course.does(deed);
                (deed, course.clone())
            })
            .collect();
        assert_holds(seats, &history);
    }
}

impl World {
    async fn pays(&self, account: AccountId) {
        let now = self.now();
        match &self.db.db {
            Database::Sqlite(db) => {
                let mut tx = db.write().await.unwrap();
                super::super::enrolling::sqlite::open(&mut tx, account, SECOND, None, now).await.unwrap();
                tx.commit().await.unwrap();
            }
            Database::Postgres(db) => {
                let mut tx = db.write().await.unwrap();
                super::super::enrolling::postgres::open(&mut tx, account, SECOND, None, now).await.unwrap();
                tx.commit().await.unwrap();
            }
        }
    }

    async fn is_refunded(&self, account: AccountId) {
        let now = self.now();
        match &self.db.db {
            Database::Sqlite(db) => {
                let mut tx = db.write().await.unwrap();
                super::super::enrolling::sqlite::close(&mut tx, account, SECOND, now).await.unwrap();
                tx.commit().await.unwrap();
            }
            Database::Postgres(db) => {
                let mut tx = db.write().await.unwrap();
                super::super::enrolling::postgres::close(&mut tx, account, SECOND, now).await.unwrap();
                tx.commit().await.unwrap();
            }
        }
    }

    async fn does(&self, deed: Deed, group: Option<CohortId>) {
        let now = self.tick();
        match deed {
            Deed::Pays => self.pays(BRUNO).await,
            Deed::Refunded => self.is_refunded(BRUNO).await,
            Deed::Joins => drop(self.store.join(BRUNO, SECOND, group, now).await),
            Deed::Leaves => drop(self.store.leave(BRUNO, SECOND, now).await),
            Deed::Accepts => {
                let token = self.token().hash();
                let new = NewInvitation {
                    id: InvitationId(self.uuid()),
                    course: SECOND,
                    cohort: group,
                    email: "bruno@learner.example".to_owned(),
                    token: token.clone(),
                    by: ANNA,
                    expires_at: now + Duration::from_secs(9),
                };
                self.store.invite(&new, now).await.unwrap();
                drop(self.store.accept_invitation(&token, BRUNO, now).await);
            }
            Deed::Completes(number) => drop(self.store.complete_lesson(BRUNO, lesson(SECOND, number), 90, None, now).await),
            Deed::OtherJoins => drop(self.store.join(HANNA, SECOND, group, now).await),
            Deed::OtherLeaves => drop(self.store.leave(HANNA, SECOND, now).await),
            Deed::Seats(seats) => {
                drop(self.store.change_cohort(SECOND, GROUP, &super::catalogue::dates(now, Some(seats)), now).await)
            }
        }
    }
}

async fn drill_sequences_enrolment_through_a_database(world: World) {
    world.execute("UPDATE course SET published = TRUE, admission = 'free' WHERE slug = 'second'").await;
    world.execute("UPDATE lesson SET kind = 'text'").await;
    let mut runner = TestRunner::deterministic();
    for _ in 0..through_a_database() {
        let (seats, deeds) = deeds().new_tree(&mut runner).unwrap().current();
        for sql in [
            "DELETE FROM enrolment",
            "DELETE FROM invitation",
            "DELETE FROM cohort",
            "DELETE FROM lesson_progress",
            "DELETE FROM certificate_request",
            "DELETE FROM event",
        ] {
            world.execute(sql).await;
        }
        if seats.is_some() {
            world.store.add_cohort(SECOND, GROUP, &super::catalogue::dates(world.now(), seats), world.now()).await.unwrap();
        }
        let (group, mut course, mut told) = (seats.map(|_| GROUP), Course::new(seats), Vec::new());
        for deed in &deeds {
            course.does(*deed);
            world.does(*deed, group).await;
            let entry = world.store.entry(BRUNO, SECOND).await.unwrap();
            // Before the first deed that opens there is no row; what was refused leaves none.
            assert_eq!(entry.enrolment, course.status, "{seats:?} {deeds:?} at {deed:?}");
            assert_eq!(entry.cohort.is_some(), course.seated && group.is_some(), "{seats:?} {deeds:?} at {deed:?}");
            let taken =
                world.store.outline("second", world.now()).await.unwrap().unwrap().cohorts.first().map_or(0, |cohort| cohort.taken);
            assert!(
                group.is_none() || taken == i64::from(course.seated) + i64::from(course.other),
                "{seats:?} {deeds:?} at {deed:?}"
            );
            told.push((*deed, course.clone()));
        }
        assert_holds(seats, &told);
    }
}

porter_testkit::both_engines!(World::open; drill_sequences_enrolment_through_a_database);
