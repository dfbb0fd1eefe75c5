//! A circuit breaker: after some failures in a row nobody asks for a while; then one tries, and its answer decides.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::clock::Timestamp;

#[derive(Debug, Clone, Copy)]
struct State {
    /// In a row.
    failures: u32,
    /// Closed to everybody before.
    until: Option<Timestamp>,
}

/// See the module.
#[derive(Debug)]
pub struct Breaker {
    threshold: u32,
    pause: Duration,
    state: Mutex<State>,
}

impl Breaker {
    /// Opens the circuit after `threshold` failures in a row, for `pause`.
    #[must_use]
    pub fn new(threshold: u32, pause: Duration) -> Self {
        Self { threshold, pause, state: Mutex::new(State { failures: 0, until: None }) }
    }

    /// Whether one may ask now. After a pause the first that asks is the trial, and others wait for a pause more.
    pub fn allows(&self, now: Timestamp) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match state.until {
            None => true,
            Some(until) if now < until => false,
            Some(_) => {
                state.until = Some(now + self.pause);
                true
            }
        }
    }

    /// Notes how it went.
    pub fn note(&self, worked: bool, now: Timestamp) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if worked {
            *state = State { failures: 0, until: None };
            return;
        }
        state.failures = state.failures.saturating_add(1);
        if state.failures >= self.threshold {
            state.until = Some(now + self.pause);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::clock::{Clock as _, ManualClock};

    use super::*;

    #[test]
    fn it_opens_after_failures_and_lets_one_try_after_a_pause() {
        let (clock, pause) = (ManualClock::default(), Duration::from_secs(10));
        let breaker = Breaker::new(2, pause);
        breaker.note(false, clock.now());
        breaker.note(true, clock.now());
        breaker.note(false, clock.now());
        assert!(breaker.allows(clock.now()), "not two in a row");
        breaker.note(false, clock.now());
        assert!(!breaker.allows(clock.now()));
        clock.advance(pause);
        assert!(breaker.allows(clock.now()), "the trial");
        assert!(!breaker.allows(clock.now()), "only one");
        breaker.note(false, clock.now());
        clock.advance(pause);
        assert!(breaker.allows(clock.now()));
        breaker.note(true, clock.now());
        assert!(breaker.allows(clock.now()) && breaker.allows(clock.now()));
    }
}
