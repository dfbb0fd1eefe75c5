//! Counting and tidying, now and then.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use crate::clock::Clock;
use crate::jobs::JobStore;

/// How often the queue is counted.
const COUNT: Duration = Duration::from_secs(15);
/// How often old jobs are forgotten.
const TIDY: Duration = Duration::from_secs(60 * 60);
/// How long a job that is done is remembered, and with it its unique key.
const REMEMBER: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Keeps the gauges and the table small, for ever.
pub(super) async fn keep(store: Arc<dyn JobStore>, clock: Arc<dyn Clock>, kinds: Vec<&'static str>) {
    metrics::describe_counter!("porter_jobs_total", "Attempts at jobs, by kind and outcome.");
    metrics::describe_gauge!("porter_jobs", "Jobs that wait, run or are dead, by kind and state.");
    metrics::describe_gauge!("porter_jobs_late_seconds", metrics::Unit::Seconds, "How long the oldest waiting job could have run.");
    let (mut count, mut tidy) = (interval(COUNT), interval(TIDY));
    count.set_missed_tick_behavior(MissedTickBehavior::Delay);
    tidy.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = count.tick() => measure(store.as_ref(), clock.as_ref(), &kinds).await,
            _ = tidy.tick() => {
                match store.forget_done(clock.now() - REMEMBER).await {
                    Ok(0) => {}
                    Ok(forgotten) => tracing::info!(forgotten, "old jobs that were done are forgotten"),
                    Err(error) => tracing::debug!(%error, "old jobs cannot be forgotten now"),
                }
            }
        }
    }
}

async fn measure(store: &dyn JobStore, clock: &dyn Clock, kinds: &[&'static str]) {
    let depths = match store.depth().await {
        Ok(depths) => depths,
        Err(error) => return tracing::debug!(%error, "the queue cannot be counted now"),
    };
    // Every kind each time: a gauge that is not set keeps its old value.
    for kind in kinds {
        let depth = depths.iter().find(|depth| depth.kind == *kind);
        let late = depth.and_then(|depth| depth.oldest_run_at).map_or(0.0, |run_at| clock.now().since(run_at).as_secs_f64());
        metrics::gauge!("porter_jobs_late_seconds", "kind" => *kind).set(late);
        let counts = depth.map_or([0, 0, 0], |depth| [depth.waiting, depth.running, depth.dead]);
        for (state, count) in ["waiting", "running", "dead"].into_iter().zip(counts) {
            let count = u32::try_from(count).unwrap_or(u32::MAX);
            metrics::gauge!("porter_jobs", "kind" => *kind, "state" => state).set(f64::from(count));
        }
    }
}
