//! kill -9 of worker processes, at named points and at random.
//!
//! The workers are real processes: this test program, started again with [`worker_process`] as its only test. They run the kernel's `Worker` with
//! the academy's own handlers and an SMTP client, and beside them handlers that count ([`effect`]). Product code knows nothing of it: the points
//! lie in doubles around the seams ([`doubles`], [`wire`]). A process that comes to its point says so and stops there, and this one kills it.
//!
//! What must hold ([`verdict`]): no job is lost; what is in the database is there exactly once; a mail leaves at most once more for each kill
//! while it was between the first byte to the server and the note that it was sent, under one Message-ID.
//!
//! `PORTER_DRILL=full` (by `cargo xtask drill kill-workers`) is 20,000 jobs an engine with the real leases; otherwise it is small, and the clock
//! of all processes runs faster.

mod crew;
mod doubles;
mod effect;
mod ledger;
mod load;
mod point;
mod verdict;
mod wire;
mod worker;

use porter_testkit::Engine;

use crew::Crew;
use load::{Size, Work};

/// How large a drill is.
fn size() -> Size {
    if std::env::var("PORTER_DRILL").is_ok_and(|value| value == "full") { Size::FULL } else { Size::SMALL }
}

fn drill(engine: Engine, work: Work) -> Vec<String> {
    let mut violations = Vec::new();
    porter_testkit::run(async {
        let figures = Crew::drill(engine, work).await;
        figures.print(engine);
        violations = figures.violations();
    });
    violations
}

#[test]
fn drill_kill_workers_on_sqlite() {
    assert_eq!(drill(Engine::Sqlite, Work::fenced(size())), [""; 0]);
}

#[test]
fn drill_kill_workers_on_postgres() {
    assert_eq!(drill(Engine::Postgres, Work::fenced(size())), [""; 0]);
}

/// The same eyes on handlers that change something without a fence: they see it.
#[test]
fn drill_kill_workers_finds_out_a_missing_fence_on_sqlite() {
    finds_out(Engine::Sqlite);
}

#[test]
fn drill_kill_workers_finds_out_a_missing_fence_on_postgres() {
    finds_out(Engine::Postgres);
}

fn finds_out(engine: Engine) {
    let violations = drill(engine, Work::unfenced());
    assert!(violations.iter().any(|violation| violation.contains("more than once")), "not found out: {violations:?}");
    assert!(!violations.iter().any(|violation| violation.contains("lost")), "what is done twice is not lost: {violations:?}");
}

/// Not a test of its own: what the drill starts. Without the drill's word in the environment it does nothing.
#[test]
fn worker_process() {
    if let Some(order) = worker::Order::from_environment() {
        worker::run(&order);
    }
}
