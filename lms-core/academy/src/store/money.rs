//! What the store says about money: the traits and their rows. Buying is in [`super::buying`], what the provider tells in [`super::paying`].

use async_trait::async_trait;
use porter_kernel::clock::Timestamp;
use porter_kernel::jobs::{Job, JobError};
use porter_payments::ProviderEvent;
use uuid::Uuid;

use super::Result;
use crate::domain::money::coupon::{Coupon, CouponRefused};
use crate::domain::money::ledger::Balance;
use crate::domain::money::refunding::{RefundAnswer, RefundCase};
use crate::domain::{AccountId, CourseId, Money, OrderFacts, OrderId, RefundStatus};
use crate::policy::Policy;

/// What somebody is about to pay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    pub course: CourseId,
    /// Written by an instructor: untrusted text.
    pub title: String,
    pub summary: String,
    pub list: Money,
    pub discount: Money,
    pub total: Money,
    /// The coupon that was asked for takes nothing off: why.
    pub refused: Option<CouponRefused>,
    /// They have the course already.
    pub enrolled: bool,
}

/// What placing an order came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Placed {
    /// The order, new or the one that waits for this course already; `to_pay` is false when nothing is left to pay.
    Order {
        number: String,
        to_pay: bool,
    },
    /// The course is open to them.
    Enrolled,
    /// It costs nothing.
    Free,
    Coupon(CouponRefused),
}

/// An order as its page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderView {
    pub facts: OrderFacts,
    pub account: AccountId,
    /// Of the account, as it is now: untrusted text.
    pub buyer: String,
    pub slug: String,
    /// Before the coupon.
    pub list: Money,
    pub pay_url: Option<String>,
    /// Numbers of the invoice and of credit notes, the oldest first.
    pub papers: Vec<String>,
    pub refund: RefundCase,
}

/// An invoice or a credit note, as it was on the day of issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invoice {
    pub number: String,
    /// Of the invoice that this credit note corrects; `None`: an invoice.
    pub corrects: Option<String>,
    pub order_number: String,
    pub account: AccountId,
    pub buyer: String,
    pub course: String,
    pub list: Money,
    pub discount: Money,
    pub total: Money,
    pub issued_at: Timestamp,
}

/// A refund for whoever decides on it, or hands it to the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundTask {
    pub id: Uuid,
    pub order: OrderId,
    pub number: String,
    pub account: AccountId,
    /// Untrusted text.
    pub buyer: String,
    pub course: String,
    pub amount: Money,
    pub status: RefundStatus,
    pub requested_at: Timestamp,
    pub attempt: i64,
    pub failed_reason: Option<String>,
    /// Why it was rejected.
    pub reason: Option<String>,
}

/// What a provider told that has not been applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StrayEvent {
    pub id: String,
    pub kind: String,
    pub order: Uuid,
    pub received_at: Timestamp,
    pub note: String,
}

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received {
    Applied,
    /// It was applied before.
    Duplicate,
    /// It is kept, and applied when what comes before it is known.
    Waits,
    /// It is kept, and belongs to no order of this academy.
    Unknown,
}

/// What an administrator decides on a refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MoneyDecision {
    Approve,
    /// The learner reads the reason.
    Reject(String),
    /// Of one that failed: hand it to the provider once more.
    SendAgain,
}

/// Ordering and paying.
#[async_trait]
pub trait Buying: Send + Sync {
    /// What this course costs this person with this coupon. `None`: no such course in the catalogue.
    async fn quote(&self, account: AccountId, slug: &str, code: Option<&str>, now: Timestamp) -> Result<Option<Quote>>;

    /// Places the order, once for a key. An order of the same person for the same course that waits for its payment is given again; with another coupon
    /// it is given up for the new one. When the coupon takes everything off, the course opens at once. Errors: [`super::AcademyError::NotFound`],
    /// [`super::AcademyError::KeyReused`].
    async fn place_order(&self, key: Uuid, account: AccountId, slug: &str, code: Option<&str>, now: Timestamp) -> Result<Placed>;

    /// One order, if it is this account's; `None` for the account: of anybody, for staff.
    async fn order(&self, account: Option<AccountId>, number: &str) -> Result<Option<OrderView>>;

    /// One order for the job that makes its mail.
    async fn order_by_id(&self, id: OrderId) -> Result<Option<OrderView>>;

    /// The provider waits for the buyer at this address. Puts a job into the queue that asks the provider later, whatever its webhooks do.
    async fn checkout_started(&self, order: OrderId, pay_url: &str, now: Timestamp) -> Result<()>;

    /// An invoice or credit note, if it is this account's; `None` for the account: of anybody, for staff.
    async fn invoice(&self, account: Option<AccountId>, number: &str) -> Result<Option<Invoice>>;

    /// The coupons, the newest first.
    async fn coupons(&self) -> Result<Vec<Coupon>>;

    /// Adds a coupon; `false` when its code is taken.
    async fn add_coupon(&self, coupon: &Coupon, now: Timestamp) -> Result<bool>;

    /// Ends a coupon now. Unknown or ended: no error.
    async fn end_coupon(&self, id: Uuid, now: Timestamp) -> Result<()>;
}

/// What the provider tells, and money that goes back.
#[async_trait]
pub trait Paying: Send + Sync {
    /// Takes an event in, in one transaction with all that follows from it: charges, order, refund, books, enrolment, invoice, mail.
    async fn receive(&self, event: &ProviderEvent, now: Timestamp) -> Result<Received>;

    /// The order's standing is to be asked for again after `next`, if it still waits: ends `job` under its fence.
    async fn reconciled(
        &self,
        job: &Job,
        order: OrderId,
        round: i64,
        next: Timestamp,
        now: Timestamp,
    ) -> std::result::Result<(), JobError>;

    /// Asks for the money back, once for a key, as far as the policy allows at this moment: [`RefundAnswer::Possible`] means that it was asked for.
    /// Errors: [`super::AcademyError::NotFound`], [`super::AcademyError::KeyReused`].
    async fn ask_refund(
        &self,
        key: Uuid,
        account: AccountId,
        number: &str,
        policy: &Policy,
        now: Timestamp,
    ) -> Result<RefundAnswer>;

    /// Decides on a refund; `false` when it is not in a state for that. An approved one closes the course and gets a job that sends it.
    async fn decide_refund(&self, refund: Uuid, decision: &MoneyDecision, now: Timestamp) -> Result<bool>;

    /// One refund.
    async fn refund_task(&self, refund: Uuid) -> Result<Option<RefundTask>>;

    /// Refunds that wait for a person: asked for, or failed at the provider; the oldest first.
    async fn refunds_waiting(&self) -> Result<Vec<RefundTask>>;

    /// The provider has taken the refund: in one transaction under the job's fence, which ends the job.
    async fn refund_sent(&self, job: &Job, refund: Uuid, attempt: i64, now: Timestamp) -> std::result::Result<(), JobError>;

    /// The provider refuses the refund: it stays approved, and a person looks at it.
    async fn refund_refused(&self, refund: Uuid, attempt: i64, reason: &str, now: Timestamp) -> Result<()>;

    /// What each account of the ledger holds, by currency.
    async fn balances(&self) -> Result<Vec<Balance>>;

    /// Events that could not be applied, the newest first; 50 at most.
    async fn stray_events(&self) -> Result<Vec<StrayEvent>>;
}
