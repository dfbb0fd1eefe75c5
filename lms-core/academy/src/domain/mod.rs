//! The nouns of the academy. Nothing here knows a database or a page.

use std::{fmt, str::FromStr};

use porter_kernel::clock::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id!(
    /// A person with an account.
    AccountId
);
id!(
    /// A course.
    CourseId
);
id!(
    /// A lesson of a course.
    LessonId
);
id!(
    /// A certificate that was issued.
    CertificateId
);
id!(
    /// An order.
    OrderId
);
id!(
    /// An assignment.
    AssignmentId
);
id!(
    /// A version of what a learner hands in.
    SubmissionId
);

id!(
    /// One taking of a quiz.
    AttemptId
);
id!(
    /// A question of a bank, through all its versions.
    QuestionId
);

pub mod money;

pub use accounts::{ApiKey, ApiScope, EmailChangeState, Person, PersonChange, SessionFacts, TwoFactor};

/// A word that is not one of a closed set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{word:?} is not a {set}")]
pub struct UnknownWord {
    pub set: &'static str,
    pub word: String,
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident as $set:literal { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            /// The word that is stored and sent.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;

            fn from_str(word: &str) -> Result<Self, UnknownWord> {
                match word {
                    $($word => Ok(Self::$variant),)+
                    other => Err(UnknownWord { set: $set, word: other.to_owned() }),
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = UnknownWord;

            fn try_from(word: String) -> Result<Self, UnknownWord> {
                word.parse()
            }
        }
    };
}

pub mod catalogue;
pub mod enrolment;
pub mod event;
pub mod progress;
pub mod quiz;
// After the macros that it uses.
mod accounts;
pub mod assignment;
pub mod gradebook;

words!(
    /// What an account may do.
    Role as "role" { Learner = "learner", /// Teaches the courses that are theirs: see [`crate::store::Teaching`].
    Instructor = "instructor", SupportAgent = "support_agent", Administrator = "administrator" }
);
words!(
    /// Whether an account may sign in.
    AccountStatus as "account status" { Active = "active", /// By an administrator: a new password does not open it.
    Locked = "locked", /// Signed up, and nobody has shown yet that the address is theirs.
    Unverified = "unverified", /// Nothing is left of the person; orders that must be kept point here.
    Erased = "erased" }
);
words!(
    /// What a lesson is.
    LessonKind as "lesson kind" { Text = "text", Video = "video", Quiz = "quiz" }
);
words!(
    /// Where an enrolment is.
    EnrolmentStatus as "enrolment status" {
        /// Paid or asked for, not open yet: usually seconds; stuck when it lasts.
        Pending = "pending",
        Active = "active",
        Completed = "completed",
        Cancelled = "cancelled",
    }
);
words!(
    /// Where the making of a certificate is.
    CertificateRequestStatus as "certificate request status" { Queued = "queued", Issued = "issued", Failed = "failed" }
);
words!(
    /// Where an order is.
    OrderStatus as "order status" { Open = "open", Paid = "paid", Failed = "failed", Refunded = "refunded", Cancelled = "cancelled" }
);
words!(
    /// Where a charge is.
    ChargeStatus as "charge status" {
        /// The bank holds the money for us; it may still lapse.
        Authorised = "authorised",
        Captured = "captured",
        Declined = "declined",
        /// Given back by the bank without a refund: a hold that lapsed.
        Released = "released",
    }
);
words!(
    /// Where a refund is.
    RefundStatus as "refund status" { Requested = "requested", Approved = "approved", Sent = "sent", Settled = "settled", Rejected = "rejected" }
);

pub mod announcement;
pub mod revocation;

pub use revocation::{Revocation, RevocationReason};

/// Money in minor units (cents) of an ISO 4217 currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Money {
    pub minor: i64,
    pub currency: String,
}

/// `€49.00`; `USD 12.50` for a currency without a sign of its own here.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.minor < 0 { "-" } else { "" };
        let (whole, cents) = (self.minor.unsigned_abs() / 100, self.minor.unsigned_abs() % 100);
        match self.currency.as_str() {
            "EUR" => write!(f, "{sign}€{whole}.{cents:02}"),
            other => write!(f, "{sign}{other} {whole}.{cents:02}"),
        }
    }
}

/// A person with an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub id: AccountId,
    /// Lower case.
    pub email: String,
    /// Written by the person: untrusted text.
    pub name: String,
    pub role: Role,
    pub status: AccountStatus,
    pub created_at: Timestamp,
}

/// A course as the catalogue shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogueCourse {
    pub id: CourseId,
    pub slug: String,
    /// Written by an instructor: untrusted text.
    pub title: String,
    /// Written by an instructor: untrusted text.
    pub summary: String,
    pub level: catalogue::Level,
    pub admission: catalogue::Admission,
    pub price: Money,
    /// When a cohort begins; `None`: at once.
    pub starts_at: Option<Timestamp>,
    pub lessons: i64,
    /// Of all lessons together.
    pub minutes: i64,
}

/// A certificate that was issued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuedCertificate {
    pub id: CertificateId,
    pub account: AccountId,
    pub course: CourseId,
    pub course_title: String,
    /// As it was on the day of issue: a new name in the profile does not change what was printed.
    pub learner_name: String,
    /// Who signs it.
    pub signatory: String,
    /// As what, such as `Head of Data`.
    pub signatory_role: String,
    /// Such as `NL-7F3K-9QWD`.
    pub code: String,
    pub issued_at: Timestamp,
    /// Counts no more.
    pub revoked: Option<Revocation>,
}

/// A lesson with what one learner has done in it.
#[derive(Debug, Clone, PartialEq)]
pub struct LessonFacts {
    pub id: LessonId,
    /// From 1.
    pub position: i64,
    pub title: String,
    pub kind: LessonKind,
    /// For a video, how much was watched; for a text, 0 or 100; for a quiz the best result.
    pub percent: i64,
    /// For a quiz, how often it was taken.
    pub attempts: i64,
    pub completed_at: Option<Timestamp>,
    pub updated_at: Option<Timestamp>,
}

/// A course with what one learner has done in it: what the diagnoses read.
#[derive(Debug, Clone, PartialEq)]
pub struct CourseFacts {
    pub course: CourseId,
    /// Written by an instructor: untrusted text.
    pub title: String,
    pub slug: String,
    pub enrolment: EnrolmentStatus,
    pub enrolled_at: Timestamp,
    pub activated_at: Option<Timestamp>,
    pub starts_at: Option<Timestamp>,
    pub access_until: Option<Timestamp>,
    /// Why a pending enrolment is stuck, when the system knows.
    pub stuck_reason: Option<String>,
    pub pass_percent: i64,
    pub order: Option<OrderId>,
    pub lessons: Vec<LessonFacts>,
    pub certificate: Option<IssuedCertificate>,
    pub certificate_request: Option<CertificateRequest>,
}

impl LessonFacts {
    /// Whether this is a quiz whose best result is below what the course asks for.
    #[must_use]
    pub fn is_below(&self, pass_percent: i64) -> bool {
        self.kind == LessonKind::Quiz && self.percent < pass_percent
    }
}

impl CourseFacts {
    /// Whether everything is done that the certificate asks for: every lesson is finished, and the best result of every quiz is enough.
    /// A course without lessons is never complete.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        let done = |lesson: &LessonFacts| lesson.completed_at.is_some() && !lesson.is_below(self.pass_percent);
        !self.lessons.is_empty() && self.lessons.iter().all(done)
    }
}

/// The making of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateRequest {
    pub status: CertificateRequestStatus,
    pub requested_at: Timestamp,
    /// Why it failed.
    pub reason: Option<String>,
}

/// A charge on a card or account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChargeFacts {
    pub amount: Money,
    /// Such as `Visa ending 4242`.
    pub method: String,
    pub status: ChargeStatus,
    pub charged_at: Timestamp,
}

/// A refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundFacts {
    pub amount: Money,
    pub status: RefundStatus,
    pub requested_at: Timestamp,
    pub decided_at: Option<Timestamp>,
    pub sent_at: Option<Timestamp>,
    pub settled_at: Option<Timestamp>,
    /// Why it was rejected.
    pub reason: Option<String>,
}

/// An order with its money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderFacts {
    pub id: OrderId,
    /// What people say to each other: `NL-100234`.
    pub number: String,
    pub course: CourseId,
    pub course_title: String,
    pub total: Money,
    pub status: OrderStatus,
    pub created_at: Timestamp,
    pub charges: Vec<ChargeFacts>,
    pub refunds: Vec<RefundFacts>,
}
