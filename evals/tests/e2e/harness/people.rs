//! Learners of the demo academy, by the story that each of them can tell.

/// One certificate.
pub(crate) const ANNA: &str = "anna.keller@learner.example";
/// Two certificates.
pub(crate) const BRUNO: &str = "bruno.costa@learner.example";
/// A quiz at 62 %, 70 are needed.
pub(crate) const CHIDI: &str = "chidi.eze@learner.example";
/// A refund on its way.
pub(crate) const DANA: &str = "dana.levi@learner.example";
/// Charged twice.
pub(crate) const ELIF: &str = "elif.demir@learner.example";
/// The making of the certificate has failed.
pub(crate) const FARID: &str = "farid.haddad@learner.example";
/// An enrolment that is stuck.
pub(crate) const GRACE: &str = "grace.kim@learner.example";
/// Locked by an administrator.
pub(crate) const HANNA: &str = "hanna.berg@learner.example";
/// A video watched to 60 %.
pub(crate) const IVAN: &str = "ivan.petrov@learner.example";
/// A refund that is asked for.
pub(crate) const JULIA: &str = "julia.nowak@learner.example";
/// Nobody's address.
pub(crate) const NOBODY: &str = "nobody.here@learner.example";
