//! The outbox.

use super::races::at_once;
use super::*;
use crate::domain::event::{Event, RecordedEvent};

impl World {
    async fn records(&self, event: &Event, at: Timestamp) {
        match &self.db.db {
            Database::Sqlite(db) => {
                let mut tx = db.write().await.unwrap();
                super::super::events::sqlite::record(&mut tx, event, at).await.unwrap();
                tx.commit().await.unwrap();
            }
            Database::Postgres(db) => {
                let mut tx = db.write().await.unwrap();
                super::super::events::postgres::record(&mut tx, event, at).await.unwrap();
                tx.commit().await.unwrap();
            }
        }
    }

    async fn after(&self, seq: i64) -> Vec<RecordedEvent> {
        self.store.events_after(seq, 10_000).await.unwrap()
    }
}

fn signed_in(number: u128) -> Event {
    Event::SignedIn { account: AccountId(Uuid::from_u128(number)) }
}

fn seqs(events: &[RecordedEvent]) -> Vec<i64> {
    events.iter().map(|event| event.seq).collect()
}

async fn events_are_numbered_in_their_order_without_gaps(world: World) {
    let now = world.now();
    for number in [3, 1, 2] {
        world.records(&signed_in(number), now + Duration::from_secs(u64::try_from(number).unwrap())).await;
    }
    let all = world.after(0).await;
    assert_eq!(seqs(&all), [1, 2, 3]);
    assert_eq!(all.iter().map(|event| event.event.clone()).collect::<Vec<_>>(), [signed_in(1), signed_in(2), signed_in(3)]);
    // What happened earlier and is committed later comes after what was given.
    world.records(&signed_in(4), now).await;
    assert_eq!(world.after(3).await[0].event, signed_in(4));
    assert_eq!(seqs(&world.after(0).await), [1, 2, 3, 4]);
    let two = world.store.events_after(1, 2).await.unwrap();
    assert_eq!(seqs(&two), [2, 3]);
    assert!(world.after(4).await.is_empty());
    let first = &all[0];
    assert_eq!((first.version, first.occurred_at, first.id), (1, now + Duration::from_secs(1), signed_in(1).id(first.occurred_at)));
}

async fn the_same_event_at_the_same_moment_is_there_once(world: World) {
    let now = world.now();
    for _ in 0..3 {
        world.records(&signed_in(1), now).await;
    }
    world.records(&signed_in(1), now + Duration::from_micros(1)).await;
    assert_eq!(world.after(0).await.len(), 2);
}

/// A transaction that began first and ends last: its event gets a later number, and nobody who reads on misses it.
async fn a_late_commit_is_not_missed(world: World) {
    let Database::Postgres(db) = &world.db.db else { return };
    let mut slow = db.write().await.unwrap();
    super::super::events::postgres::record(&mut slow, &signed_in(1), world.now()).await.unwrap();
    world.records(&signed_in(2), world.tick()).await;
    let before = world.after(0).await;
    assert_eq!(before.iter().map(|event| event.event.clone()).collect::<Vec<_>>(), [signed_in(2)]);
    slow.commit().await.unwrap();
    let after = world.after(1).await;
    assert_eq!((seqs(&after), after[0].event.clone()), (vec![2], signed_in(1)));
}

/// Writers and readers at once: every reader that goes on from what it has sees everything once, in one and the same order.
async fn readers_miss_nothing_while_others_write(world: World) {
    const WRITERS: usize = 8;
    const EACH: usize = 25;
    let world = Arc::new(world);
    let start = world.now();
    let seen = at_once(WRITERS + 3, |number| {
        let world = Arc::clone(&world);
        async move {
            let mut seen: Vec<RecordedEvent> = Vec::new();
            if number < WRITERS {
                for count in 0..EACH {
                    let at = start + Duration::from_millis(u64::try_from(count * 7 % 11).unwrap());
                    world.records(&signed_in(u128::try_from(number * 1_000 + count).unwrap()), at).await;
                }
            } else {
                while seen.len() < WRITERS * EACH {
                    let last = seen.last().map_or(0, |event| event.seq);
                    seen.extend(world.store.events_after(last, 17).await.unwrap());
                }
            }
            seen
        }
    })
    .await;
    let all = world.after(0).await;
    assert_eq!(seqs(&all), (1..=i64::try_from(WRITERS * EACH).unwrap()).collect::<Vec<_>>());
    assert!(seen[WRITERS..].iter().all(|reader| *reader == all));
}

porter_testkit::both_engines!(World::open;
    events_are_numbered_in_their_order_without_gaps,
    the_same_event_at_the_same_moment_is_there_once,
    a_late_commit_is_not_missed,
    readers_miss_nothing_while_others_write,
);
