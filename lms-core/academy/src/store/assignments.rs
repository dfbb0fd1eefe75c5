//! The seam of assignments: what is asked, handed in, judged and counted.

use async_trait::async_trait;
use porter_kernel::clock::Timestamp;
use uuid::Uuid;

use super::Result;
use crate::domain::assignment::{Assignment, Mark, MarkError, PlacedAssignment, Submission, SubmissionFile};
use crate::domain::gradebook::{Gradebook, Scheme};
use crate::domain::{AccountId, AssignmentId, CourseId, LessonId, SubmissionId};

/// One learner's work on an assignment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Work {
    pub placed: PlacedAssignment,
    pub account: AccountId,
    /// Untrusted text.
    pub learner: String,
    pub email: String,
    /// The course is open to the learner now.
    pub open: bool,
    /// An extension that was granted.
    pub extension: Option<Timestamp>,
    /// When it is due for this learner.
    pub due: Option<Timestamp>,
    /// The newest first.
    pub submissions: Vec<Submission>,
}

/// What handing in came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Submitted {
    Done,
    /// There is neither text nor a file in it.
    Empty,
    /// The deadline is over, and late work is not taken. The draft stays.
    TooLate,
}

/// What changing a draft came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drafted {
    Done(SubmissionId),
    /// As many files are in it as may be.
    TooManyFiles,
    /// It is graded, or as many versions were handed in as may be, or the course is not open: nothing more can be handed in.
    Closed,
}

/// A version that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    pub submission: SubmissionId,
    pub title: String,
    /// Untrusted text.
    pub learner: String,
    pub version: i64,
    pub submitted_at: Timestamp,
    /// Who grades it at this moment.
    pub claimed_by: Option<(AccountId, String)>,
}

/// What taking a version to grade it came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claimed {
    /// Until then nobody else grades it.
    Yours(Timestamp),
    /// This person is at it, until then.
    Theirs(String, Timestamp),
    /// It does not wait any more.
    NotWaiting,
}

/// An instructor's decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    Grade {
        marks: Vec<Mark>,
        remark: String,
    },
    /// To be worked over.
    Return {
        remark: String,
    },
}

/// What a decision came to. Only [`Self::Done`] has changed anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decided {
    Done,
    /// Somebody has decided since, or the learner has handed in a newer version.
    Changed,
    /// This person is at it.
    Theirs(String),
    Marks(MarkError),
}

/// Assignments, what is handed in, and the gradebook. Always fresh.
#[async_trait]
pub trait Assignments: Send + Sync {
    /// Puts the assignment at its lesson, in place of the one that was there; what was handed in stays. `id` is for a new one.
    async fn put_assignment(&self, id: AssignmentId, lesson: LessonId, assignment: &Assignment) -> Result<()>;

    /// The assignment with its place.
    async fn assignment(&self, id: AssignmentId) -> Result<Option<PlacedAssignment>>;

    /// Which assignment a lesson has.
    async fn assignment_of(&self, lesson: LessonId) -> Result<Option<AssignmentId>>;

    /// The learner's work; `None` when there is no such assignment, or it is in a course that the learner was never let into.
    async fn work(&self, id: AssignmentId, account: AccountId, now: Timestamp) -> Result<Option<Work>>;

    /// The learner's draft, begun as `draft` when there is none: after a version was handed in or returned, with what was in that.
    /// Errors: [`super::AcademyError::NotFound`] as [`Self::work`].
    async fn begin_version(&self, id: AssignmentId, account: AccountId, draft: SubmissionId, now: Timestamp) -> Result<Drafted>;

    /// Keeps the text in the draft, begun as by [`Self::begin_version`].
    async fn save_answer(
        &self,
        id: AssignmentId,
        account: AccountId,
        draft: SubmissionId,
        answer: &str,
        now: Timestamp,
    ) -> Result<Drafted>;

    /// A file is about to be kept under this key: writes the job down that looks in an hour whether a version names it by then.
    async fn expect_file(&self, stored: Uuid, now: Timestamp) -> Result<()>;

    /// Those of the stored files that no version holds.
    async fn unnamed_files(&self, stored: &[Uuid]) -> Result<Vec<Uuid>>;

    /// Puts a stored file into the draft, begun as by [`Self::begin_version`].
    async fn add_file(
        &self,
        id: AssignmentId,
        account: AccountId,
        draft: SubmissionId,
        file: &SubmissionFile,
        now: Timestamp,
    ) -> Result<Drafted>;

    /// Takes a file out of the draft. Gives under which key it is stored when no version holds it any more; `None`: there is nothing to remove.
    async fn remove_file(&self, id: AssignmentId, account: AccountId, file: Uuid) -> Result<Option<Uuid>>;

    /// Hands the draft in; an earlier version that waits gives way to it. Without a draft: [`super::AcademyError::NotFound`].
    async fn submit(&self, id: AssignmentId, account: AccountId, now: Timestamp) -> Result<Submitted>;

    /// A file with whose it is and in which course, for who asks to read it.
    async fn submitted_file(&self, file: Uuid) -> Result<Option<(SubmissionFile, AccountId, CourseId, SubmissionId)>>;

    /// A course by its name in addresses: id and title.
    async fn course_named(&self, slug: &str) -> Result<Option<(CourseId, String)>>;

    /// What waits in a course, the oldest first, `limit` at most; and how many wait in all.
    async fn grading_queue(&self, course: CourseId, limit: i64, now: Timestamp) -> Result<(Vec<Waiting>, i64)>;

    /// The work that a version belongs to. No access is checked.
    async fn work_of(&self, submission: SubmissionId, now: Timestamp) -> Result<Option<Work>>;

    /// Takes a version to grade it, alone until `until`.
    async fn claim_submission(&self, id: SubmissionId, by: AccountId, now: Timestamp, until: Timestamp) -> Result<Claimed>;

    /// Grades or returns a version, when its revision is still the one that was read and nobody else is at it. A grade that passes completes the
    /// lesson; `mail` tells the learner.
    async fn decide(
        &self,
        id: SubmissionId,
        by: AccountId,
        revision: i64,
        decision: &Decision,
        mail: Uuid,
        now: Timestamp,
    ) -> Result<Decided>;

    /// Grants the learner more time, also after the deadline. It counts for what was handed in already.
    async fn extend(&self, id: AssignmentId, account: AccountId, due_at: Timestamp, by: AccountId, now: Timestamp) -> Result<()>;

    /// What counts how much in the course.
    async fn grade_scheme(&self, course: CourseId) -> Result<Scheme>;

    /// Sets it.
    async fn set_grade_scheme(&self, course: CourseId, scheme: Scheme) -> Result<()>;

    /// The learners after `after`, in the order of their accounts, `limit` at most, with their scores. Reads no more than these learners' rows.
    async fn gradebook(&self, course: CourseId, after: Option<AccountId>, limit: i64, now: Timestamp) -> Result<Gradebook>;

    /// One learner's line of it; no lines when the course was never opened to them.
    async fn grades(&self, course: CourseId, account: AccountId, now: Timestamp) -> Result<Gradebook>;
}
