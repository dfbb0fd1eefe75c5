//! How an enrolment goes from state to state. `None` for what changes nothing.

use super::EnrolmentStatus::{self, Active, Cancelled, Completed, Pending};

/// Whether there is a place for who comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seat {
    /// One was taken, or the course has no groups.
    Taken,
    /// Every group is full or closed: who has paid waits.
    None,
}

/// Somebody paid, was invited or joined. `lapsed`: access has run out, so that a new payment opens it again.
#[must_use]
pub fn opened(status: Option<EnrolmentStatus>, lapsed: bool, seat: Seat) -> Option<EnrolmentStatus> {
    match (status, seat) {
        (Some(Active | Completed), _) if !lapsed => None,
        (Some(Pending), Seat::None) => None,
        (_, Seat::Taken) => Some(Active),
        (_, Seat::None) => Some(Pending),
    }
}

/// A refund, or the learner leaves.
#[must_use]
pub fn closed(status: Option<EnrolmentStatus>) -> Option<EnrolmentStatus> {
    status.filter(|status| *status != Cancelled).map(|_| Cancelled)
}

/// Everything that the course asks for is done.
#[must_use]
pub fn completed(status: Option<EnrolmentStatus>) -> Option<EnrolmentStatus> {
    (status == Some(Active)).then_some(Completed)
}
