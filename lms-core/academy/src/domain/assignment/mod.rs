//! Work that a learner hands in: what is asked, when it is due, how it is judged.

mod content;
mod deadline;
pub mod file;
mod rubric;
#[cfg(test)]
mod tests;

use std::str::FromStr;

use porter_kernel::clock::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

pub use content::{ContentError, parse};
pub use deadline::{LateRule, Lateness, due, lateness};
pub use rubric::{Criterion, Level, Mark, MarkError, percent, points};

use super::gradebook::Category;
use super::{AccountId, AssignmentId, CourseId, LessonId, SubmissionId, UnknownWord};

/// Of a file, in bytes, when an assignment does not say less.
pub const MAX_BYTES: i64 = 20_000_000;
/// Files of a version, when an assignment does not say less.
pub const MAX_FILES: i64 = 5;
/// Of an answer that was typed, in characters.
pub const MAX_ANSWER: usize = 20_000;

words!(
    /// Where a version is.
    SubmissionStatus as "submission status" {
        /// The learner is at it.
        Draft = "draft",
        /// Waits for an instructor.
        Submitted = "submitted",
        /// The learner has handed in a newer one.
        Superseded = "superseded",
        /// Given back to be worked over.
        Returned = "returned",
        Graded = "graded",
    }
);

/// What is asked, without its place in a course.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    pub title: String,
    /// Markdown of a course's author: untrusted text.
    pub instructions: String,
    /// For all learners; otherwise [`Self::due_days`].
    pub due_at: Option<Timestamp>,
    /// After a learner's enrolment.
    pub due_days: Option<i64>,
    /// Of the points, after what being late costs.
    pub pass_percent: i64,
    pub late: LateRule,
    pub types: Vec<file::FileType>,
    pub max_files: i64,
    /// Of a file.
    pub max_bytes: i64,
    /// How many versions may be handed in; `None`: as many as it takes until one is graded.
    pub attempts: Option<i64>,
    pub category: Category,
    /// Never empty, and worth more than nothing.
    pub rubric: Vec<Criterion>,
}

/// An assignment in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacedAssignment {
    pub id: AssignmentId,
    pub lesson: LessonId,
    pub course: CourseId,
    /// Written by an instructor: untrusted text.
    pub course_title: String,
    pub slug: String,
    /// The lesson's, from 1.
    pub place: i64,
    pub assignment: Assignment,
}

/// A file of a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubmissionFile {
    pub id: Uuid,
    /// Under which it is stored.
    pub stored: Uuid,
    /// Cleaned, and still a person's text.
    pub name: String,
    pub kind: file::FileType,
    pub bytes: i64,
    /// 64 hexadecimal digits.
    pub sha256: String,
}

/// An instructor's word on a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Who decided; `None`: an account that is gone.
    pub by: Option<String>,
    pub at: Timestamp,
    /// In the rubric's order; empty for a version that was returned.
    pub marks: Vec<Mark>,
    /// An instructor's text: untrusted.
    pub remark: String,
    /// Basis points, before what being late costs; for a graded version.
    pub raw: Option<i64>,
    /// Basis points that count; for a graded version.
    pub points: Option<i64>,
}

/// A version of what a learner hands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    pub id: SubmissionId,
    pub assignment: AssignmentId,
    pub account: AccountId,
    /// From 1.
    pub version: i64,
    pub status: SubmissionStatus,
    /// A learner's text: untrusted.
    pub answer: String,
    pub submitted_at: Option<Timestamp>,
    /// Goes up with every verdict.
    pub revision: i64,
    /// Who grades it now, and until when nobody else may.
    pub claim: Option<(AccountId, Timestamp)>,
    pub files: Vec<SubmissionFile>,
    pub verdict: Option<Verdict>,
}

impl Submission {
    /// Who grades it at this moment.
    #[must_use]
    pub fn claimed_by(&self, now: Timestamp) -> Option<AccountId> {
        self.claim.filter(|(_, until)| *until > now).map(|(by, _)| by)
    }
}
