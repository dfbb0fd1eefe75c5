//! Signs of life for what is held, and a stop for what is not.

use std::sync::Arc;

use tokio::time::{MissedTickBehavior, interval, timeout};
use uuid::Uuid;

use super::{Held, Timing};
use crate::clock::Clock;
use crate::db::DbError;
use crate::jobs::JobStore;

/// What it takes to beat.
#[derive(Clone)]
pub(super) struct Heart {
    pub(super) store: Arc<dyn JobStore>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) owner: Uuid,
    pub(super) held: Held,
    pub(super) timing: Timing,
}

impl Heart {
    /// Beats for ever.
    pub(super) async fn keep(self) {
        let mut tick = interval(self.timing.beat);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tick.tick().await;
            // Not knowing is no reason to stop a handler: the fence decides what counts.
            match timeout(self.timing.lease / 4, self.beat()).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::warn!(%error, "the leases of running jobs cannot be kept"),
                Err(_) => tracing::warn!("the leases of running jobs cannot be kept: no answer in time"),
            }
        }
    }

    /// One sign of life. Stops what is no longer held.
    pub(super) async fn beat(&self) -> Result<(), DbError> {
        let mine = self.held.all();
        if mine.is_empty() {
            return Ok(());
        }
        let ids: Vec<Uuid> = mine.iter().map(|(id, _)| *id).collect();
        let now = self.clock.now();
        let kept = self.store.beat(self.owner, &ids, now, self.timing.lease).await?;
        for (id, attempt) in mine {
            if kept.contains(&id) {
                self.held.kept(id, now);
            } else {
                self.held.lose(id, attempt);
            }
        }
        Ok(())
    }
}
