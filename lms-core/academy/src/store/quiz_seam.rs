//! The seam of quizzes: what their store does, and what it tells.

use async_trait::async_trait;
use porter_kernel::clock::Timestamp;
use porter_kernel::jobs::{Job, JobError};

use super::Result;
use crate::domain::quiz::{Attempt, Closed, Item, Kept, Points, Question, Quiz, Saved, Settings, Unreadable};
use crate::domain::{AccountId, AttemptId, CourseId, LessonId, QuestionId};

/// Quizzes as instructors make them. Always fresh.
#[async_trait]
pub trait Quizzes: Send + Sync {
    /// Puts a quiz onto a lesson, in place of the one before: a question with the text of one that is there becomes its next version (or stays, when
    /// nothing differs), a new one is added, and what is not in `quiz` is retired. Errors: [`super::AcademyError::NotFound`] when there is no such
    /// lesson, or it is no quiz.
    async fn put_quiz(&self, lesson: LessonId, quiz: &Quiz, now: Timestamp) -> Result<()>;

    /// The quiz of a lesson; of a lesson that is a quiz and has no questions yet, an empty one.
    async fn quiz(&self, lesson: LessonId) -> Result<Option<QuizFacts>>;

    /// All quizzes of the course with this slug, in their order.
    async fn quizzes_of(&self, slug: &str) -> Result<Option<CourseQuizzes>>;

    /// The questions of a lesson's bank in their order, retired ones last.
    async fn questions(&self, lesson: LessonId) -> Result<Vec<BankQuestion>>;

    /// Changes how a quiz is taken: for attempts that begin from now on. Errors: as [`Self::put_quiz`].
    async fn put_settings(&self, lesson: LessonId, settings: &Settings, now: Timestamp) -> Result<()>;

    /// Adds a question, or a new version of the one with this id; the same again changes nothing. Errors: [`super::AcademyError::NotFound`] also for
    /// a question of another bank.
    async fn put_question(&self, lesson: LessonId, id: QuestionId, question: &Question, now: Timestamp) -> Result<()>;

    /// Takes a question out of future attempts, or puts it back.
    async fn retire_question(&self, lesson: LessonId, id: QuestionId, retired: bool, now: Timestamp) -> Result<()>;

    /// Gives somebody who is enrolled more time for this quiz, from the next attempt on; 0 takes it away. Errors: [`super::AcademyError::NotFound`]
    /// when nobody with this address (in the stored form) is enrolled.
    async fn allow_extra(&self, lesson: LessonId, email: &str, extra_seconds: i64) -> Result<()>;

    /// Who has more time.
    async fn allowances(&self, lesson: LessonId) -> Result<Vec<Allowance>>;

    /// Every question of the last `attempts` graded attempts. May lag.
    async fn quiz_items(&self, lesson: LessonId, attempts: i64) -> Result<Vec<Item>>;
}

/// Taking quizzes. Always fresh; whose an attempt is not, for them it is not there.
#[async_trait]
pub trait Attempts: Send + Sync {
    /// What this person finds before the quiz. `default_attempts`: how often a quiz may be taken that does not say. `None`: there is no such quiz, or
    /// they were never enrolled in its course.
    async fn quiz_door(&self, account: AccountId, lesson: LessonId, default_attempts: i64) -> Result<Option<QuizDoor>>;

    /// Begins an attempt and its clock, or gives the one that is under way: of one person and quiz there is one. Whether the enrolment is active and an
    /// attempt is left is decided here. Errors: [`super::AcademyError::NotFound`] as [`Self::quiz_door`].
    async fn start_attempt(
        &self,
        account: AccountId,
        lesson: LessonId,
        id: AttemptId,
        default_attempts: i64,
        now: Timestamp,
    ) -> Result<StartedAttempt>;

    /// The attempt with its sheet.
    async fn attempt(&self, account: AccountId, id: AttemptId) -> Result<Option<AttemptFacts>>;

    /// Keeps answers. What comes late, twice or out of order changes nothing and is no error. Errors: [`super::AcademyError::NotFound`] when the
    /// attempt is not theirs.
    async fn save_answers(&self, account: AccountId, id: AttemptId, saves: &[NewSave], now: Timestamp) -> Result<SaveReport>;

    /// Keeps answers as [`Self::save_answers`], then submits and grades, all at once; over already: changes nothing. Too late: what the clock would
    /// have done.
    async fn submit_attempt(&self, account: AccountId, id: AttemptId, saves: &[NewSave], now: Timestamp) -> Result<SaveReport>;

    /// Ends the attempt if its time is up: for who looks before the job came.
    async fn settle_attempt(&self, account: AccountId, id: AttemptId, now: Timestamp) -> Result<()>;

    /// Ends an attempt whose time is up, in one transaction under the job's fence; over already, or gone: only the job ends.
    async fn close_attempt(&self, job: &Job, now: Timestamp) -> std::result::Result<(), JobError>;
}

/// A quiz with its place in the course. Titles are untrusted text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuizFacts {
    pub lesson: LessonId,
    pub lesson_title: String,
    pub course: CourseId,
    pub course_slug: String,
    pub course_title: String,
    /// From this on it is passed.
    pub pass_percent: i64,
    pub settings: Settings,
    /// Questions in the bank that are not retired.
    pub questions: i64,
}

impl QuizFacts {
    /// How many questions an attempt has.
    #[must_use]
    pub fn asked(&self) -> i64 {
        let drawn: i64 = self.settings.pools.iter().map(|pool| pool.draw).sum();
        if self.settings.pools.is_empty() { self.questions } else { drawn.min(self.questions) }
    }
}

/// A course's quizzes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CourseQuizzes {
    pub course: CourseId,
    pub title: String,
    pub quizzes: Vec<QuizSummary>,
}

/// One of them, in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuizSummary {
    pub lesson: LessonId,
    pub position: i64,
    pub title: String,
    pub questions: i64,
    /// Graded ones, with their mean result.
    pub attempts: i64,
    pub mean_percent: Option<i64>,
}

/// A question in its newest version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankQuestion {
    pub id: QuestionId,
    pub version: i64,
    pub retired: bool,
    pub question: Question,
}

/// More time for somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowance {
    pub email: String,
    pub name: String,
    pub extra_seconds: i64,
}

/// Whether an attempt may begin, as far as the course is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    Open,
    /// The course starts then.
    NotYet(Timestamp),
    /// Access ended then.
    Ended(Timestamp),
    /// The enrolment is pending, cancelled or completed.
    NotActive,
}

/// What somebody finds before a quiz.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuizDoor {
    pub quiz: QuizFacts,
    pub enrolment: crate::domain::EnrolmentStatus,
    pub starts_at: Option<Timestamp>,
    pub access_until: Option<Timestamp>,
    /// How often the quiz may be taken.
    pub attempts: i64,
    pub extra_seconds: i64,
    /// The first attempt first.
    pub results: Vec<PastResult>,
    /// The attempt under way, whose time may be up.
    pub under_way: Option<(AttemptId, Attempt)>,
}

impl QuizDoor {
    /// Whether the course is open to them now.
    #[must_use]
    pub fn access(&self, now: Timestamp) -> Access {
        access(self.enrolment, self.starts_at, self.access_until, now)
    }

    /// How many attempts are left, one under way not counted.
    #[must_use]
    pub fn left(&self) -> i64 {
        let taken = self.results.last().map_or(0, |result| result.number);
        (self.attempts - taken - i64::from(self.under_way.is_some())).max(0)
    }

    /// The best result in percent.
    #[must_use]
    pub fn best(&self) -> Option<i64> {
        self.results.iter().map(|result| result.percent).max()
    }
}

pub(super) fn access(
    enrolment: crate::domain::EnrolmentStatus,
    starts_at: Option<Timestamp>,
    access_until: Option<Timestamp>,
    now: Timestamp,
) -> Access {
    match (starts_at, access_until) {
        _ if enrolment != crate::domain::EnrolmentStatus::Active => Access::NotActive,
        (Some(start), _) if start > now => Access::NotYet(start),
        (_, Some(end)) if end <= now => Access::Ended(end),
        _ => Access::Open,
    }
}

/// A result of the past.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PastResult {
    pub number: i64,
    pub percent: i64,
    pub submitted_at: Timestamp,
    /// Its sheet, if it has one.
    pub attempt: Option<AttemptId>,
}

/// What starting came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartedAttempt {
    /// New, or under way already.
    UnderWay(AttemptId),
    /// None is left.
    NoneLeft,
    /// The course is not open to them.
    NotOpen(Access),
    /// Nobody has written questions yet.
    NoQuestions,
}

/// An attempt with its sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptFacts {
    pub id: AttemptId,
    pub number: i64,
    pub quiz: QuizFacts,
    pub attempt: Attempt,
    /// In the order in which they are asked.
    pub sheet: Vec<SheetQuestion>,
}

/// A question of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetQuestion {
    /// From 1.
    pub place: i64,
    pub id: QuestionId,
    /// In the version that the learner was shown.
    pub question: Question,
    /// `arrangement[shown] = own`.
    pub arrangement: Vec<usize>,
    pub kept: Kept,
    pub saved_at: Option<Timestamp>,
    /// `None`: not graded.
    pub points: Option<Points>,
}

/// An answer as a page sends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSave {
    /// Of the question on the sheet.
    pub place: i64,
    /// Milliseconds since the attempt began when the change was made, as the page counts them; of a form without script, when the page was made.
    pub seq: i64,
    /// The whole form: only what differs from what is kept is a change, and it was made when it arrives.
    pub form: bool,
    /// See [`crate::domain::quiz::Answer::read`].
    pub values: Vec<String>,
}

/// What became of one answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SavedAnswer {
    pub place: i64,
    /// The number that is kept now.
    pub seq: i64,
    pub outcome: std::result::Result<std::result::Result<Saved, Closed>, Unreadable>,
}

/// What became of answers, and where the attempt is then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SaveReport {
    pub attempt: Attempt,
    pub saves: Vec<SavedAnswer>,
}
