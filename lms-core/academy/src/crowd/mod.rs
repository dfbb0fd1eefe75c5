//! A crowd: a plausible academy of any size. The same learner is the same each time, whatever the size of the crowd, apart from the moment that their
//! history ends at; so a crowd can grow, and a load that was cut off can go on.

mod chance;
mod history;
mod person;
#[cfg(test)]
mod tests;

use std::ops::Range;

use porter_kernel::clock::Timestamp;

use crate::domain::IssuedCertificate;
use crate::store::{CrowdCourse, Seed};

/// Addresses of the crowd end in it, so that they are told from the demo's learners, and reach nobody (RFC 2606).
pub const DOMAIN: &str = "crowd.example";
/// The most that fit their numbers.
pub const MOST: u64 = 10_000_000;

/// What all of them share.
#[derive(Debug, Clone)]
pub struct Crowd {
    /// The moment that histories end at.
    pub now: Timestamp,
    /// Of the one password that all have: hashing it a million times would take hours.
    pub password_hash: String,
    /// Courses that begin at once.
    pub courses: Vec<CrowdCourse>,
}

impl Crowd {
    /// These learners, counted from 0, with all that they have done.
    #[must_use]
    pub fn learners(&self, range: Range<u64>) -> (Seed, Vec<IssuedCertificate>) {
        let (mut seed, mut certificates) = (Seed::default(), Vec::new());
        for number in range {
            history::write(self, number, &mut seed, &mut certificates);
        }
        (seed, certificates)
    }

    /// The address of a learner, to sign in with.
    #[must_use]
    pub fn address(number: u64) -> String {
        person::address(number)
    }
}
