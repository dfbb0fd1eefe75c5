//! The worst that a model, a message and a visitor can do together, against a real academy and a real desk in this process.
//!
//! The model is replaced by one that proposes anything. Visitors send what they like to every part of the chat's API: other people's identities,
//! certificates, addresses and conversations. Afterwards a judge looks at what really happened: which mail went to whom, whose certificates they were,
//! which passwords and orders changed, and whether each of it was somebody's own wish.

mod judge;
mod mixed_up;
mod visitors;
mod world;
mod worst;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rand::SeedableRng;
use rand::rngs::StdRng;

use judge::Judge;
use mixed_up::MixedUp;
use visitors::Visitors;
use world::World;

/// What visitors do; half of it is a message, so that the drill has more than 10,000 turns of the model.
fn turns() -> usize {
    if std::env::var_os("PORTER_DRILL").is_some() { 21_000 } else { 900 }
}

static PANICS: AtomicUsize = AtomicUsize::new(0);

/// Counts panics of any thread; a desk that catches them has panicked all the same.
fn count_panics() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        PANICS.fetch_add(1, Ordering::Relaxed);
        usual(info);
    }));
}

/// Lets visitors loose on the world for so many turns, and has the judge look at it.
async fn siege(world: &World, turns: usize) -> Judge {
    let mut visitors = Visitors::new(world, StdRng::seed_from_u64(20_261_124));
    let mut judge = Judge::before(world).await;
    for turn in 0..turns {
        visitors.turn(world, &mut judge).await;
        if turn % 50 == 0 {
            world.work_off_jobs().await;
        }
    }
    world.work_off_jobs().await;
    judge.after(world).await;
    judge
}

#[test]
fn drill_attack_has_no_effect_beyond_the_sessions_rights() {
    count_panics();
    porter_testkit::run(async {
        let world = World::open(Arc::new).await;
        let judge = siege(&world, turns()).await;
        eprintln!("{judge}");
        assert!(
            judge.violations.is_empty(),
            "{} violations, among them {:#?}",
            judge.violations.len(),
            &judge.violations[..judge.violations.len().min(5)]
        );
        assert_eq!(PANICS.load(Ordering::Relaxed), 0, "panics");
        // An attack that nothing came of would prove nothing.
        assert!(judge.certificates_sent > 0 && judge.links_sent > 0 && judge.looks > 0 && judge.refused > 0, "{judge}");
    });
}

/// The same attack against a desk whose client takes one person for another: the judge must see it.
#[test]
fn drill_attack_finds_out_a_desk_that_mixes_people_up() {
    porter_testkit::run(async {
        let world = World::open(|lms| Arc::new(MixedUp::new(lms))).await;
        let judge = siege(&world, 600).await;
        assert!(!judge.violations.is_empty(), "a desk without the check of the principal went unnoticed: {judge}");
    });
}
