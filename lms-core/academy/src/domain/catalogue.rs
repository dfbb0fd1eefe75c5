//! What the academy offers, who gets in, and what a learner finds inside.

use porter_kernel::clock::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{CourseId, EnrolmentStatus, LessonId, LessonKind, Money};
use super::{FromStr, UnknownWord, fmt};

id!(
    /// A part of a course.
    ModuleId
);
id!(
    /// A group that learns on fixed dates.
    CohortId
);
id!(
    /// An invitation to a course.
    InvitationId
);

words!(
    /// Who gets into a course.
    Admission as "kind of admission" {
        /// Everybody who wants to.
        Free = "free",
        /// Who has paid.
        Paid = "paid",
        /// Who was invited.
        Invited = "invited",
    }
);
words!(
    /// What a course expects of its learners.
    Level as "level" { Beginner = "beginner", Intermediate = "intermediate", Advanced = "advanced" }
);

impl Level {
    pub const ALL: [Self; 3] = [Self::Beginner, Self::Intermediate, Self::Advanced];
}

/// What an instructor says about a course. Every text is untrusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CourseCard {
    pub id: CourseId,
    pub slug: String,
    pub title: String,
    pub summary: String,
    /// Markdown.
    pub description: String,
    pub level: Level,
    /// Such as `en`.
    pub language: String,
    pub signatory: String,
    pub signatory_role: String,
    pub admission: Admission,
    pub price: Money,
    pub pass_percent: i64,
    pub starts_at: Option<Timestamp>,
    pub published: bool,
}

/// A part of a course.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Module {
    pub id: ModuleId,
    pub title: String,
}

/// A lesson as the outline shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LessonCard {
    pub id: LessonId,
    pub module: Option<ModuleId>,
    pub title: String,
    pub kind: LessonKind,
    pub minutes: i64,
    pub opens_at: Option<Timestamp>,
    pub published: bool,
}

/// A group that learns on fixed dates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cohort {
    pub id: CohortId,
    pub name: String,
    pub starts_at: Timestamp,
    pub ends_at: Option<Timestamp>,
    pub enrol_from: Option<Timestamp>,
    pub enrol_until: Option<Timestamp>,
    pub seats: Option<i64>,
    /// Seats that have somebody, kept ones included.
    pub taken: i64,
}

impl Cohort {
    /// Whether one may come in at this moment.
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.enrol_from.is_none_or(|from| from <= now)
            && self.enrol_until.is_none_or(|until| now < until)
            && self.ends_at.is_none_or(|end| now < end)
    }

    /// How many may still come; `None`: without limit.
    #[must_use]
    pub fn left(&self) -> Option<i64> {
        self.seats.map(|seats| seats.saturating_sub(self.taken).max(0))
    }
}

/// Another course that one must have completed first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prerequisite {
    pub slug: String,
    pub title: String,
    /// By the learner who asks.
    pub met: bool,
}

/// A course with everything that its page shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CourseOutline {
    pub course: CourseCard,
    pub modules: Vec<Module>,
    /// In their order.
    pub lessons: Vec<LessonCard>,
    pub cohorts: Vec<Cohort>,
    pub instructors: Vec<String>,
}

/// Where a learner stands before a course.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub enrolment: Option<EnrolmentStatus>,
    /// Whether the enrolment was bought.
    pub bought: bool,
    pub cohort: Option<CohortId>,
    pub prerequisites: Vec<Prerequisite>,
}

impl Entry {
    /// Whether the course is open to the learner, now or from its start.
    #[must_use]
    pub fn is_in(&self) -> bool {
        matches!(self.enrolment, Some(EnrolmentStatus::Active | EnrolmentStatus::Completed))
    }

    /// Whether nothing that one must have completed first is missing.
    #[must_use]
    pub fn is_prepared(&self) -> bool {
        self.prerequisites.iter().all(|prerequisite| prerequisite.met)
    }
}

/// A lesson as its learner opens it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenLesson {
    pub id: LessonId,
    pub course: CourseId,
    pub title: String,
    pub kind: LessonKind,
    pub minutes: i64,
    /// Markdown: the text, or a video's notes.
    pub body: String,
    pub media: Option<String>,
    pub captions: Option<String>,
    pub percent: i64,
    /// Seconds of a video, per mille of a text.
    pub position: i64,
    pub completed_at: Option<Timestamp>,
}

/// What one write of progress came to: what the page shows next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Standing {
    /// Of the lesson, 0 to 100. Never goes down.
    pub percent: i64,
    /// Where to go on: seconds of a video, per mille of a text.
    pub position: i64,
    pub completed: bool,
    /// Lessons that count, and those of them that are completed.
    pub lessons: i64,
    pub lessons_completed: i64,
    pub course_completed: bool,
}

/// Why something is not to be had now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("You are not enrolled in this course. Its page says how to get in.")]
    NotEnrolled,
    #[error("The course has not started yet.")]
    NotStarted,
    #[error("Your access to this course has ended.")]
    AccessEnded,
    #[error("This lesson is not open yet.")]
    NotOpen,
    #[error("This lesson is completed by passing its quiz.")]
    ByQuiz,
    #[error("This lesson is completed by watching its video.")]
    ByWatching,
    #[error("This lesson is completed by what you hand in. Its page leads there.")]
    ByAssignment,
    #[error("This course has to be paid. Its page leads to the checkout.")]
    Paid,
    #[error("This course is for people who were invited by its instructor.")]
    Invited,
    #[error("Another course has to be completed first. The page of this course says which.")]
    Unprepared,
    #[error("There is no seat left in this group. Choose another one.")]
    NoSeat,
    #[error("Enrolment in this group is closed. Choose another one.")]
    GroupClosed,
    #[error("Choose the group that you want to learn with.")]
    NoGroup,
    #[error("A course that was paid is left by asking for a refund. Your orders show how.")]
    LeaveByRefund,
    #[error("The invitation has ended, was withdrawn or was used. Ask the instructor for a new one.")]
    InvitationEnded,
    #[error("This invitation is for another address. Sign in with the account that it was sent to.")]
    InvitationForAnother,
    #[error("There are lessons in this module. Move or remove them first.")]
    ModuleNotEmpty,
    #[error("There are fewer seats than learners then. Choose a larger number.")]
    SeatsTaken,
}

/// An invitation as its course's instructor sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    pub id: InvitationId,
    pub course: CourseId,
    pub course_title: String,
    pub course_slug: String,
    pub cohort: Option<String>,
    /// In the stored form.
    pub email: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub sent_at: Option<Timestamp>,
    pub accepted_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
}

impl Invitation {
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.accepted_at.is_none() && self.revoked_at.is_none() && now < self.expires_at
    }
}

/// A learner as the instructor's list shows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LearnerRow {
    pub account: Uuid,
    /// Written by the person: untrusted text.
    pub name: String,
    pub email: String,
    pub enrolment: EnrolmentStatus,
    pub cohort: Option<String>,
    pub enrolled_at: Timestamp,
    pub lessons_completed: i64,
    pub last_seen: Option<Timestamp>,
}

/// A lesson as its instructor edits it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LessonText {
    pub title: String,
    pub minutes: i64,
    pub body: String,
    pub media: Option<String>,
    pub captions: Option<String>,
    pub opens_at: Option<Timestamp>,
}

/// A cohort to be, or as it shall be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CohortDates {
    pub name: String,
    pub starts_at: Timestamp,
    pub ends_at: Option<Timestamp>,
    pub enrol_from: Option<Timestamp>,
    pub enrol_until: Option<Timestamp>,
    pub seats: Option<i64>,
}

/// One step in an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Up,
    Down,
}
