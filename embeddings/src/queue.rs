use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, PoisonError};

use tokio::sync::oneshot;

use crate::encoder::{Embedding, EncodeError};

/// Texts of one caller, waiting for their vectors.
pub(crate) struct Job {
    pub(crate) texts: Vec<String>,
    pub(crate) reply: oneshot::Sender<Result<Vec<Embedding>, EncodeError>>,
}

/// Two lanes: a person who waits for an answer goes before bulk work.
#[derive(Default)]
pub(crate) struct Lanes {
    pub(crate) interactive: VecDeque<Job>,
    pub(crate) bulk: VecDeque<Job>,
    closed: bool,
}

/// A bounded queue between async callers and the encoder's thread.
pub(crate) struct Queue {
    lanes: Mutex<Lanes>,
    arrival: Condvar,
    limit: usize,
}

impl Queue {
    pub(crate) fn new(limit: usize) -> Self {
        Self { lanes: Mutex::default(), arrival: Condvar::new(), limit }
    }

    /// Puts a job into the lane that `choose` names.
    pub(crate) fn push(&self, job: Job, choose: impl FnOnce(&mut Lanes) -> &mut VecDeque<Job>) -> Result<(), EncodeError> {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        if lanes.closed {
            return Err(EncodeError::Stopped);
        }
        let lane = choose(&mut lanes);
        if lane.len() >= self.limit {
            return Err(EncodeError::Busy);
        }
        lane.push_back(job);
        self.arrival.notify_one();
        Ok(())
    }

    /// Waits for work: all waiting interactive jobs up to `texts`, or else one bulk job. `None` once closed and empty.
    pub(crate) fn take(&self, texts: usize) -> Option<Vec<Job>> {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let mut batch = Vec::new();
            let mut count = 0;
            while count < texts
                && let Some(job) = lanes.interactive.pop_front()
            {
                count += job.texts.len();
                batch.push(job);
            }
            if batch.is_empty() {
                batch.extend(lanes.bulk.pop_front());
            }
            if !batch.is_empty() {
                return Some(batch);
            }
            if lanes.closed {
                return None;
            }
            lanes = self.arrival.wait(lanes).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Refuses new jobs; the thread ends when the queue is empty.
    pub(crate) fn close(&self) {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner).closed = true;
        self.arrival.notify_all();
    }
}
