//! What this worker holds.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::jobs::{Job, Priority, Room};

/// The jobs under way, by id. Clones share it.
#[derive(Debug, Clone, Default)]
pub(super) struct Held(Arc<Mutex<HashMap<Uuid, Entry>>>);

#[derive(Debug)]
struct Entry {
    attempt: i64,
    priority: Priority,
    lost: Arc<Notify>,
    /// The last sign of life that the table has taken.
    kept_at: Timestamp,
}

/// An attempt under way. Dropped, it is over.
#[derive(Debug)]
pub(super) struct Hold {
    held: Held,
    id: Uuid,
    attempt: i64,
    lost: Arc<Notify>,
}

impl Held {
    /// Notes an attempt that was taken at `now`. When this worker has taken a job anew that it had lost without noticing, the older attempt is stopped.
    pub(super) fn begin(&self, job: &Job, now: Timestamp) -> Hold {
        let lost = Arc::new(Notify::new());
        let entry = Entry { attempt: job.attempt, priority: job.priority, lost: lost.clone(), kept_at: now };
        if let Some(older) = self.lock().insert(job.id, entry) {
            older.lost.notify_one();
        }
        Hold { held: self.clone(), id: job.id, attempt: job.attempt, lost }
    }

    /// Ids and attempts under way.
    pub(super) fn all(&self) -> Vec<(Uuid, i64)> {
        self.lock().iter().map(|(id, entry)| (*id, entry.attempt)).collect()
    }

    /// The table has taken a sign of life of this job.
    pub(super) fn kept(&self, id: Uuid, now: Timestamp) {
        if let Some(entry) = self.lock().get_mut(&id) {
            entry.kept_at = now;
        }
    }

    /// Whether any job was without a sign of life for so long.
    pub(super) fn is_silent(&self, now: Timestamp, long: Duration) -> bool {
        self.lock().values().any(|entry| now.since(entry.kept_at) >= long)
    }

    /// The job is no longer this worker's: its attempt is to be stopped, unless it is a newer one by now.
    pub(super) fn lose(&self, id: Uuid, attempt: i64) {
        if let Some(entry) = self.lock().get(&id).filter(|entry| entry.attempt == attempt) {
            entry.lost.notify_one();
        }
    }

    /// What still fits into so many slots, one of which only urgent jobs may fill.
    pub(super) fn room(&self, slots: i64) -> Room {
        let entries = self.lock();
        let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        let ordinary = entries.values().filter(|entry| entry.priority < Priority::Urgent).count();
        let any = slots.saturating_sub(count(entries.len())).max(0);
        Room { any, ordinary: (slots - 1).saturating_sub(count(ordinary)).clamp(0, any) }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Uuid, Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Hold {
    /// Waits until the job is no longer this worker's.
    pub(super) async fn lost(&self) {
        self.lost.notified().await;
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let mut entries = self.held.lock();
        if entries.get(&self.id).is_some_and(|entry| entry.attempt == self.attempt) {
            entries.remove(&self.id);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;
    use crate::clock::{Clock as _, ManualClock};
    use crate::ids::{Ids as _, SequentialIds};

    fn now() -> Timestamp {
        ManualClock::default().now()
    }

    fn job(ids: &SequentialIds, priority: Priority) -> Job {
        Job {
            id: ids.uuid(),
            kind: "bake".to_owned(),
            payload: serde_json::Value::Null,
            priority,
            owner: Uuid::nil(),
            attempt: 1,
            max_attempts: 3,
            enqueued_at: now(),
        }
    }

    #[test]
    fn the_last_slot_is_for_urgent_jobs() {
        let (held, ids) = (Held::default(), SequentialIds::default());
        assert_eq!(held.room(3), Room { any: 3, ordinary: 2 });
        let first = held.begin(&job(&ids, Priority::Normal), now());
        assert_eq!(held.room(3), Room { any: 2, ordinary: 1 });
        let second = held.begin(&job(&ids, Priority::Bulk), now());
        assert_eq!(held.room(3), Room { any: 1, ordinary: 0 });
        let urgent = held.begin(&job(&ids, Priority::Urgent), now());
        assert_eq!(held.room(3), Room { any: 0, ordinary: 0 });
        drop(first);
        assert_eq!(held.room(3), Room { any: 1, ordinary: 1 });
        drop((second, urgent));
        assert_eq!(held.room(3), Room { any: 3, ordinary: 2 });
    }

    #[test]
    fn urgent_jobs_may_fill_every_slot() {
        let (held, ids) = (Held::default(), SequentialIds::default());
        let holds = [Priority::Urgent; 2].map(|priority| held.begin(&job(&ids, priority), now()));
        assert_eq!(held.room(2), Room { any: 0, ordinary: 0 });
        drop(holds);
    }

    #[test]
    fn a_newer_attempt_stops_the_older_and_outlives_it() {
        let (held, ids) = (Held::default(), SequentialIds::default());
        let mut job = job(&ids, Priority::Normal);
        let older = held.begin(&job, now());
        assert!(older.lost().now_or_never().is_none());
        job.attempt = 2;
        let newer = held.begin(&job, now());
        assert!(older.lost().now_or_never().is_some());
        held.lose(job.id, 1);
        assert!(newer.lost().now_or_never().is_none(), "what the older one lost is not the newer one's");
        drop(older);
        assert_eq!(held.all(), [(job.id, 2)]);
        held.lose(job.id, 2);
        assert!(newer.lost().now_or_never().is_some());
        drop(newer);
        assert_eq!(held.all(), []);
    }

    #[test]
    fn silence_is_counted_from_the_last_sign_of_life() {
        let (held, ids, long) = (Held::default(), SequentialIds::default(), Duration::from_secs(10));
        assert!(!held.is_silent(now() + long, long), "there is nothing to keep");
        let (first, second) = (job(&ids, Priority::Normal), job(&ids, Priority::Normal));
        let _holds = [held.begin(&first, now()), held.begin(&second, now())];
        assert!(!held.is_silent(now(), long));
        held.kept(first.id, now() + long);
        assert!(held.is_silent(now() + long, long), "the second is silent");
        held.kept(second.id, now() + long);
        assert!(!held.is_silent(now() + long, long));
    }
}
