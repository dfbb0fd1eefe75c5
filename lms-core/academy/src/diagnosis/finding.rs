//! What a diagnosis yields.

use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use super::words;

/// A label and its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = EvidenceFact)]
pub struct Fact {
    pub label: String,
    pub value: String,
}

/// Whether a finding is good news.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Mood {
    /// All is well, or done.
    Good,
    /// Under way: only time is needed.
    Waiting,
    /// Something is missing; the remedy says what.
    Problem,
}

/// What can be done about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Remedy {
    pub text: String,
    /// A page of the academy, as a path.
    pub url: Option<String>,
}

/// A reason found in the facts. Titles and names in it are data: to be shown as plain text, never read as links or markup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Finding {
    /// A course's title or an order's number.
    pub about: String,
    #[schema(value_type = String, example = "quiz_below_pass")]
    pub reason: Reason,
    pub mood: Mood,
    /// The reason in one to three sentences, with the figures.
    pub sentence: String,
    pub evidence: Vec<Fact>,
    pub remedy: Option<Remedy>,
    /// Only a person can put it right.
    pub needs_person: bool,
}

macro_rules! reasons {
    ($($(#[$doc:meta])* $variant:ident = $word:literal),+ $(,)?) => {
        /// Every cause that a diagnosis can name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Reason { $($(#[$doc])* $variant),+ }

        impl Reason {
            /// The word that is sent.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }
    };
}

reasons!(
    /// The order's number is none of this account's.
    NoSuchOrder = "no_such_order",
    /// The account has no orders.
    NoOrders = "no_orders",
    /// The account has no courses.
    NotEnrolledAnywhere = "not_enrolled_anywhere",
    /// The account has neither.
    NoOrdersOrEnrolments = "no_orders_or_enrolments",
    // Enrolment
    /// Paid or asked for, and opening soon.
    EnrolmentPending = "enrolment_pending",
    /// It should be open and is not.
    EnrolmentStuck = "enrolment_stuck",
    EnrolmentCancelled = "enrolment_cancelled",
    /// A cohort that begins later.
    StartsLater = "starts_later",
    AccessExpired = "access_expired",
    /// The course was closed by a refund.
    AccessRefunded = "access_refunded",
    /// It can be opened now.
    AccessOpen = "access_open",
    // Certificate
    CertificateIssued = "certificate_issued",
    /// Issued, and taken back.
    CertificateRevoked = "certificate_revoked",
    CertificateBeingMade = "certificate_being_made",
    /// Asked for, and later than promised.
    CertificateOverdue = "certificate_overdue",
    CertificateFailed = "certificate_failed",
    /// Earned, and never asked for.
    CertificateNotRequested = "certificate_not_requested",
    // Lessons
    /// The course has no lessons yet.
    CourseEmpty = "course_empty",
    LessonsMissing = "lessons_missing",
    QuizBelowPass = "quiz_below_pass",
    VideoNotWatched = "video_not_watched",
    /// Done as far as the figures go, and yet not marked as finished.
    NotCounted = "not_counted",
    NotStarted = "not_started",
    /// Everything that was done counts; something is left to do.
    ProgressCounted = "progress_counted",
    CourseComplete = "course_complete",
    // Payment
    OrderUnpaid = "order_unpaid",
    OrderCancelled = "order_cancelled",
    /// The bank holds the money; we do not have it yet.
    PaymentNotCaptured = "payment_not_captured",
    PaymentDeclined = "payment_declined",
    SingleCharge = "single_charge",
    Instalments = "instalments",
    /// More was taken than the order costs.
    ChargedTwice = "charged_twice",
    /// Two orders for one course were paid.
    PaidTwoOrders = "paid_two_orders",
    /// Paid once; the second amount is a hold that lapses.
    SecondHold = "second_hold",
    /// A hold that should have lapsed.
    HoldOverdue = "hold_overdue",
    HoldReleased = "hold_released",
    ChargeRefunded = "charge_refunded",
    /// Amounts that do not fit together.
    ChargeUnclear = "charge_unclear",
    // Refund
    RefundNotRequested = "refund_not_requested",
    NothingToRefund = "nothing_to_refund",
    RefundRequested = "refund_requested",
    RefundDecisionOverdue = "refund_decision_overdue",
    RefundApproved = "refund_approved",
    RefundSent = "refund_sent",
    RefundPayoutOverdue = "refund_payout_overdue",
    RefundSettled = "refund_settled",
    RefundRejected = "refund_rejected",
);

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl Finding {
    /// A finding without evidence and remedy, for no person in particular.
    pub(super) fn new(about: impl Into<String>, reason: Reason, mood: Mood, sentence: impl Into<String>) -> Self {
        Self {
            about: about.into(),
            reason,
            mood,
            sentence: sentence.into(),
            evidence: Vec::new(),
            remedy: None,
            needs_person: false,
        }
    }

    pub(super) fn evidence(mut self, label: &str, value: impl Into<String>) -> Self {
        self.evidence.push(Fact { label: label.to_owned(), value: value.into() });
        self
    }

    pub(super) fn remedy(mut self, text: impl Into<String>) -> Self {
        self.remedy = Some(Remedy { text: text.into(), url: None });
        self
    }

    pub(super) fn remedy_at(mut self, text: impl Into<String>, path: &str) -> Self {
        self.remedy = Some(Remedy { text: text.into(), url: Some(path.to_owned()) });
        self
    }

    pub(super) fn needs_person(mut self) -> Self {
        self.needs_person = true;
        self
    }
}

/// Pages of the academy.
pub(super) const COURSES: &str = "/";
pub(super) const LEARNING: &str = "/learning";
pub(super) const ORDERS: &str = "/orders";
pub(super) const CERTIFICATES: &str = "/certificates";

/// The answer to a number that is none of the account's, the same for all such numbers.
pub(super) fn no_such_order(number: &str) -> Finding {
    let sentence = format!("There is no order {} in your account.", words::quoted(number));
    Finding::new(number, Reason::NoSuchOrder, Mood::Problem, sentence).remedy_at(
        "Compare the number with the list of your orders. Did you buy with another account? Then sign in with that one.",
        ORDERS,
    )
}

/// The answer about an account that has no course.
pub(super) fn not_enrolled() -> Finding {
    let sentence = "You are not enrolled in any course with this account.";
    Finding::new("Your account", Reason::NotEnrolledAnywhere, Mood::Problem, sentence)
        .remedy_at("Did you enrol with another address? Then sign in with that one. Our courses are on the first page.", COURSES)
}

/// The answer about an account that has no order.
pub(super) fn no_orders() -> Finding {
    let sentence = "There are no orders in this account, so nothing was charged to it.";
    Finding::new("Your account", Reason::NoOrders, Mood::Problem, sentence).remedy(
        "Did you buy with another address? Then sign in with that one. If your bank shows a payment to us that belongs to no account of yours, \
         a person can look for it: have its date and amount at hand, but never your full card number.",
    )
}
