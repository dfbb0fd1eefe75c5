//! What an academy is filled with: rows to be, with their ids.

use porter_kernel::clock::Timestamp;
use uuid::Uuid;

use crate::domain::assignment::{Assignment, Mark, SubmissionStatus};
use crate::domain::{
    AccountId, AccountStatus, AssignmentId, CertificateRequestStatus, ChargeStatus, CourseId, EnrolmentStatus, LessonId,
    LessonKind, Money, OrderId, OrderStatus, RefundStatus, Role, SubmissionId,
};

/// Everything in the order in which it can be inserted.
#[derive(Debug, Clone, Default)]
pub struct Seed {
    pub accounts: Vec<SeedAccount>,
    pub courses: Vec<SeedCourse>,
    pub lessons: Vec<SeedLesson>,
    /// Who teaches what.
    pub teaching: Vec<(AccountId, CourseId)>,
    pub orders: Vec<SeedOrder>,
    pub charges: Vec<SeedCharge>,
    pub refunds: Vec<SeedRefund>,
    pub enrolments: Vec<SeedEnrolment>,
    pub progress: Vec<SeedProgress>,
    pub attempts: Vec<SeedAttempt>,
    pub certificates: Vec<SeedCertificate>,
    pub certificate_requests: Vec<SeedCertificateRequest>,
    pub assignments: Vec<SeedAssignment>,
    pub submissions: Vec<SeedSubmission>,
}

#[derive(Debug, Clone)]
pub struct SeedAssignment {
    pub id: AssignmentId,
    pub lesson: LessonId,
    pub assignment: Assignment,
}

/// The only version of its learner.
#[derive(Debug, Clone)]
pub struct SeedSubmission {
    pub id: SubmissionId,
    pub assignment: AssignmentId,
    pub account: AccountId,
    pub status: SubmissionStatus,
    pub answer: String,
    pub submitted_at: Timestamp,
    /// Who decided and when, marks, remark, and basis points before and after what being late costs.
    pub decided: Option<(AccountId, Timestamp, Vec<Mark>, String, i64, i64)>,
}

#[derive(Debug, Clone)]
pub struct SeedAccount {
    pub id: AccountId,
    /// In the stored form: see [`crate::address::stored_form`].
    pub email: String,
    pub name: String,
    pub role: Role,
    pub status: AccountStatus,
    pub password_hash: String,
    pub created_at: Timestamp,
}

#[derive(Debug, Clone)]
pub struct SeedCourse {
    pub id: CourseId,
    pub slug: String,
    pub title: String,
    pub summary: String,
    pub signatory: String,
    pub signatory_role: String,
    pub price: Money,
    pub pass_percent: i64,
    pub starts_at: Option<Timestamp>,
    /// Whether the catalogue shows it.
    pub published: bool,
}

#[derive(Debug, Clone)]
pub struct SeedLesson {
    pub id: LessonId,
    pub course: CourseId,
    pub position: i64,
    pub title: String,
    pub kind: LessonKind,
    pub minutes: i64,
}

#[derive(Debug, Clone)]
pub struct SeedOrder {
    pub id: OrderId,
    pub number: String,
    pub account: AccountId,
    pub course: CourseId,
    pub total: Money,
    pub status: OrderStatus,
    pub created_at: Timestamp,
}

#[derive(Debug, Clone)]
pub struct SeedCharge {
    pub id: Uuid,
    pub order: OrderId,
    pub amount: Money,
    pub method: String,
    pub status: ChargeStatus,
    pub charged_at: Timestamp,
}

#[derive(Debug, Clone)]
pub struct SeedRefund {
    pub id: Uuid,
    pub order: OrderId,
    pub amount: Money,
    pub status: RefundStatus,
    pub requested_at: Timestamp,
    pub decided_at: Option<Timestamp>,
    pub sent_at: Option<Timestamp>,
    pub settled_at: Option<Timestamp>,
    pub reason: Option<String>,
}

#[derive(Debug, Clone)]
pub struct SeedEnrolment {
    pub account: AccountId,
    pub course: CourseId,
    pub order: Option<OrderId>,
    pub status: EnrolmentStatus,
    pub enrolled_at: Timestamp,
    pub activated_at: Option<Timestamp>,
    pub access_until: Option<Timestamp>,
    pub stuck_reason: Option<String>,
}

#[derive(Debug, Clone)]
pub struct SeedProgress {
    pub account: AccountId,
    pub lesson: LessonId,
    pub percent: i64,
    pub completed_at: Option<Timestamp>,
    pub updated_at: Timestamp,
}

/// One taking of a quiz.
#[derive(Debug, Clone)]
pub struct SeedAttempt {
    pub account: AccountId,
    pub lesson: LessonId,
    /// From 1.
    pub attempt: i64,
    pub percent: i64,
    pub submitted_at: Timestamp,
}

/// The names that stand on it are those of the account and the course.
#[derive(Debug, Clone)]
pub struct SeedCertificate {
    pub id: Uuid,
    pub account: AccountId,
    pub course: CourseId,
    pub code: String,
    pub issued_at: Timestamp,
}

#[derive(Debug, Clone)]
pub struct SeedCertificateRequest {
    pub account: AccountId,
    pub course: CourseId,
    pub status: CertificateRequestStatus,
    pub requested_at: Timestamp,
    pub reason: Option<String>,
}
