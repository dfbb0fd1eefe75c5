//! One conformance suite, run on both engines; the schemas compared.

use std::sync::Arc;
use std::time::Duration;

use porter_kernel::clock::{Clock as _, ManualClock};
use porter_testkit::TestDb;

use super::*;
use crate::{ActionError, Budget, Choice, Receipt};

const BUDGET: Budget = Budget { per_hour: 2 };

struct Record {
    runs: Arc<dyn Runs>,
    clock: ManualClock,
    db: TestDb,
}

impl Record {
    async fn open(db: TestDb) -> Self {
        migrate(&db.db).await.unwrap();
        Self { runs: open(&db.db), clock: ManualClock::default(), db }
    }

    fn tick(&self) -> Timestamp {
        self.clock.advance(Duration::from_secs(1))
    }

    async fn begin(&self, run: &NewRun) -> Begun {
        self.runs.begin(run, BUDGET, self.tick()).await.unwrap()
    }

    fn done(&self, title: &str) -> Outcome {
        let (id, done_at) = (Uuid::from_u128(9), self.clock.now());
        let receipt = Receipt { id, action: ActionName::PasswordReset, title: title.to_owned(), facts: Vec::new(), done_at };
        Outcome::Done { receipt }
    }
}

fn question() -> Outcome {
    Outcome::Choose { choice: Choice { action: ActionName::CertificateResend, prompt: "Which?".to_owned(), options: Vec::new() } }
}

fn run(key: u128) -> NewRun {
    NewRun {
        key: Uuid::from_u128(key),
        action: ActionName::CertificateResend,
        learner: Some(Uuid::from_u128(1)),
        conversation: Uuid::from_u128(0xc0),
        argument: None,
    }
}

const GO: Begun = Begun::Go { target: None };

#[test]
fn both_engines_have_the_same_schema() {
    porter_testkit::run(async {
        let (_folder, sqlite) = porter_testkit::sqlite().await;
        let postgres = porter_testkit::postgres_db().await;
        sqlite.migrate("actions", &runs::SQLITE).await.unwrap();
        postgres.migrate("actions", &runs::POSTGRES).await.unwrap();
        porter_testkit::assert_same_schema(&sqlite, &postgres).await;
    });
}

#[test]
fn the_twin_folders_have_the_same_migrations() {
    let names = |migrator: &sqlx::migrate::Migrator| {
        migrator.iter().map(|step| (step.version, step.description.to_string())).collect::<Vec<_>>()
    };
    assert_eq!(names(&runs::SQLITE), names(&runs::POSTGRES));
}

async fn migrations_can_be_applied_again(record: Record) {
    record.begin(&run(1)).await;
    migrate(&record.db.db).await.unwrap();
    assert_eq!(record.runs.of_conversation(run(1).conversation).await.unwrap().len(), 1);
}

async fn a_run_is_written_down_from_begin_to_end(record: Record) {
    let new = NewRun { argument: Some("NL-100234".to_owned()), ..run(1) };
    let begun_at = record.clock.now() + Duration::from_secs(1);
    assert_eq!(record.begin(&new).await, GO);
    let row = RunRow {
        key: new.key,
        action: new.action,
        learner: new.learner,
        conversation: new.conversation,
        argument: new.argument.clone(),
        state: RunState::Begun,
        failure: None,
        outcome: None,
        begun_at,
        ended_at: None,
    };
    assert_eq!(record.runs.of_conversation(new.conversation).await.unwrap(), std::slice::from_ref(&row));

    let failed_at = record.tick();
    assert_eq!(record.runs.fail(new.key, ActionError::Unavailable, failed_at).await.unwrap(), None);
    let failed =
        RunRow { state: RunState::Failed, failure: Some("unavailable".to_owned()), ended_at: Some(failed_at), ..row.clone() };
    assert_eq!(record.runs.of_conversation(new.conversation).await.unwrap(), [failed]);

    assert_eq!(record.begin(&new).await, GO);
    assert_eq!(record.runs.of_conversation(new.conversation).await.unwrap(), std::slice::from_ref(&row));

    let (outcome, ended_at) = (record.done("Sent."), record.tick());
    assert_eq!(record.runs.finish(new.key, &outcome, ended_at).await.unwrap(), Finished::Stored(outcome.clone()));
    let done = RunRow { state: RunState::Done, outcome: Some(outcome.clone()), ended_at: Some(ended_at), ..row };
    assert_eq!(record.runs.of_conversation(new.conversation).await.unwrap(), [done]);
    assert_eq!(record.begin(&new).await, Begun::Done(outcome));
    assert!(record.runs.of_conversation(Uuid::from_u128(0xc1)).await.unwrap().is_empty());
}

async fn the_first_outcome_stays(record: Record) {
    record.begin(&run(1)).await;
    let (first, second) = (record.done("First."), record.done("Second."));
    record.runs.finish(run(1).key, &first, record.tick()).await.unwrap();
    assert_eq!(record.runs.finish(run(1).key, &second, record.tick()).await.unwrap(), Finished::Stored(first.clone()));
    assert_eq!(record.runs.fail(run(1).key, ActionError::Unclear, record.tick()).await.unwrap(), Some(first.clone()));
    assert_eq!(record.begin(&run(1)).await, Begun::Done(first));
}

async fn what_an_effect_concerns_is_decided_once(record: Record) {
    let (yoga, welding) = (Uuid::from_u128(0xa1), Uuid::from_u128(0xa2));
    record.begin(&run(1)).await;
    assert_eq!(record.runs.aim(run(1).key, yoga).await.unwrap(), Some(yoga));
    assert_eq!(record.runs.aim(run(1).key, welding).await.unwrap(), Some(yoga));
    assert_eq!(record.begin(&run(1)).await, Begun::Go { target: Some(yoga) });
    // An outcome without an effect is not stored any more; one with it is, and then nothing is aimed at.
    assert_eq!(record.runs.finish(run(1).key, &question(), record.tick()).await.unwrap(), Finished::Aimed(yoga));
    let sent = record.done("Sent.");
    assert_eq!(record.runs.finish(run(1).key, &sent, record.tick()).await.unwrap(), Finished::Stored(sent));
    assert_eq!(record.runs.aim(run(1).key, yoga).await.unwrap(), None);
    // Nor after a question.
    record.begin(&run(2)).await;
    assert_eq!(record.runs.finish(run(2).key, &question(), record.tick()).await.unwrap(), Finished::Stored(question()));
    assert_eq!(record.runs.aim(run(2).key, yoga).await.unwrap(), None);
}

async fn a_key_is_of_one_request(record: Record) {
    record.begin(&run(1)).await;
    for other in [
        NewRun { action: ActionName::PasswordReset, ..run(1) },
        NewRun { learner: Some(Uuid::from_u128(2)), ..run(1) },
        NewRun { learner: None, ..run(1) },
        NewRun { conversation: Uuid::from_u128(0xc1), ..run(1) },
        NewRun { argument: Some("NL-100234".to_owned()), ..run(1) },
    ] {
        assert_eq!(record.begin(&other).await, Begun::KeyTaken, "{other:?}");
    }
    assert_eq!(record.begin(&run(1)).await, GO);
}

async fn what_was_never_begun_cannot_end(record: Record) {
    assert!(record.runs.finish(run(1).key, &question(), record.tick()).await.is_err());
    assert_eq!(record.runs.fail(run(1).key, ActionError::Unclear, record.tick()).await.unwrap(), None);
    assert_eq!(record.runs.aim(run(1).key, Uuid::from_u128(0xa1)).await.unwrap(), None);
    assert!(record.runs.of_conversation(run(1).conversation).await.unwrap().is_empty());
}

async fn a_budget_is_counted_over_any_sixty_minutes(record: Record) {
    let first_at = record.clock.now() + Duration::from_secs(1);
    assert_eq!(record.begin(&run(1)).await, GO);
    assert_eq!(record.begin(&run(2)).await, GO);
    let again_at = first_at + Duration::from_secs(3_600);
    assert_eq!(record.begin(&run(3)).await, Begun::OverBudget { again_at });
    assert_eq!(record.begin(&run(2)).await, GO, "it has been counted");
    // Others have their own.
    assert_eq!(record.begin(&NewRun { learner: Some(Uuid::from_u128(2)), ..run(4) }).await, GO);
    assert_eq!(record.begin(&NewRun { learner: None, ..run(5) }).await, GO);
    assert_eq!(record.begin(&NewRun { action: ActionName::PasswordReset, ..run(6) }).await, GO);
    record.clock.set(again_at - Duration::from_secs(2));
    assert_eq!(record.begin(&run(3)).await, Begun::OverBudget { again_at });
    assert_eq!(record.begin(&run(3)).await, GO);
}

/// The lane is there already, so that only its lock keeps the calls apart.
async fn the_last_of_a_budget_goes_to_one_of_many_calls_at_once(record: Record) {
    for round in 0..12_u128 {
        let of_round = |key: u128| NewRun { learner: Some(Uuid::from_u128(1_000 + round)), ..run(100 * round + key) };
        assert_eq!(record.begin(&of_round(1)).await, GO);
        let calls: Vec<_> = (2..10)
            .map(|key| {
                let (runs, now, new) = (Arc::clone(&record.runs), record.clock.now(), of_round(key));
                tokio::spawn(async move { runs.begin(&new, BUDGET, now).await.unwrap() })
            })
            .collect();
        let mut gone = 0;
        for call in calls {
            gone += usize::from(call.await.unwrap() == GO);
        }
        assert_eq!(gone, 1, "round {round}");
    }
}

async fn one_key_begun_by_many_learners_at_once_is_one_learners(record: Record) {
    for round in 0..20_u128 {
        let calls: Vec<_> = (0..4)
            .map(|learner| {
                let (runs, now) = (Arc::clone(&record.runs), record.clock.now());
                let new = NewRun { learner: Some(Uuid::from_u128(100 * round + learner)), ..run(round) };
                tokio::spawn(async move { runs.begin(&new, BUDGET, now).await.unwrap() })
            })
            .collect();
        let mut gone = 0;
        for call in calls {
            match call.await.unwrap() {
                Begun::Go { .. } => gone += 1,
                other => assert_eq!(other, Begun::KeyTaken),
            }
        }
        assert_eq!(gone, 1);
    }
}

porter_testkit::both_engines!(
    Record::open;
    migrations_can_be_applied_again,
    a_run_is_written_down_from_begin_to_end,
    the_first_outcome_stays,
    what_an_effect_concerns_is_decided_once,
    a_key_is_of_one_request,
    what_was_never_begun_cannot_end,
    a_budget_is_counted_over_any_sixty_minutes,
    the_last_of_a_budget_goes_to_one_of_many_calls_at_once,
    one_key_begun_by_many_learners_at_once_is_one_learners,
);
