//! Rows as both engines give them.

use porter_kernel::clock::Timestamp;
use sqlx::types::Json;
use uuid::Uuid;

use super::{Credentials, Letter, MailRow};
use crate::domain::catalogue::{Admission, Level};
use crate::domain::{
    Account, AccountId, AccountStatus, CatalogueCourse, CertificateId, CertificateRequest, CertificateRequestStatus, ChargeFacts,
    ChargeStatus, CourseFacts, CourseId, EnrolmentStatus, IssuedCertificate, LessonFacts, LessonId, LessonKind, Money, OrderFacts,
    OrderId, OrderStatus, RefundFacts, RefundStatus, Revocation, RevocationReason, Role,
};

#[derive(Debug, sqlx::FromRow)]
pub(super) struct AccountRow {
    id: Uuid,
    email: String,
    name: String,
    #[sqlx(try_from = "String")]
    role: Role,
    #[sqlx(try_from = "String")]
    status: AccountStatus,
    created_at: Timestamp,
}

impl From<AccountRow> for Account {
    fn from(row: AccountRow) -> Self {
        Self {
            id: AccountId(row.id),
            email: row.email,
            name: row.name,
            role: row.role,
            status: row.status,
            created_at: row.created_at,
        }
    }
}

#[derive(sqlx::FromRow)]
pub(super) struct CredentialsRow {
    #[sqlx(flatten)]
    account: AccountRow,
    password_hash: String,
}

impl From<CredentialsRow> for Credentials {
    fn from(row: CredentialsRow) -> Self {
        Self { account: row.account.into(), password_hash: row.password_hash }
    }
}

#[derive(Debug, sqlx::FromRow)]
pub(super) struct SessionRow {
    pub(super) session_id: Uuid,
    pub(super) begun_at: Timestamp,
    pub(super) seen_at: Option<Timestamp>,
    #[sqlx(flatten)]
    account: AccountRow,
}

impl From<SessionRow> for (Uuid, Account) {
    fn from(row: SessionRow) -> Self {
        (row.session_id, row.account.into())
    }
}

#[derive(Debug, sqlx::FromRow)]
pub(super) struct CertificateRow {
    id: Uuid,
    account_id: Uuid,
    course_id: Uuid,
    course_title: String,
    learner_name: String,
    signatory: String,
    signatory_role: String,
    code: String,
    issued_at: Timestamp,
    revoked_reason: Option<String>,
    revoked_at: Option<Timestamp>,
}

impl From<CertificateRow> for IssuedCertificate {
    fn from(row: CertificateRow) -> Self {
        Self {
            id: CertificateId(row.id),
            account: AccountId(row.account_id),
            course: CourseId(row.course_id),
            course_title: row.course_title,
            learner_name: row.learner_name,
            signatory: row.signatory,
            signatory_role: row.signatory_role,
            code: row.code,
            issued_at: row.issued_at,
            // A reason of a later version is still a revocation.
            revoked: row.revoked_at.map(|at| Revocation {
                reason: row.revoked_reason.and_then(|word| word.parse().ok()).unwrap_or(RevocationReason::IssuedInError),
                at,
            }),
        }
    }
}

#[derive(Debug, sqlx::FromRow)]
pub(super) struct RequestRow {
    pub(super) course_id: Uuid,
    #[sqlx(try_from = "String")]
    status: CertificateRequestStatus,
    requested_at: Timestamp,
    reason: Option<String>,
}

impl From<RequestRow> for CertificateRequest {
    fn from(row: RequestRow) -> Self {
        Self { status: row.status, requested_at: row.requested_at, reason: row.reason }
    }
}

#[derive(Debug, sqlx::FromRow)]
pub(super) struct CourseRow {
    course_id: Uuid,
    title: String,
    slug: String,
    pass_percent: i64,
    starts_at: Option<Timestamp>,
    order_id: Option<Uuid>,
    #[sqlx(try_from = "String")]
    status: EnrolmentStatus,
    enrolled_at: Timestamp,
    activated_at: Option<Timestamp>,
    access_until: Option<Timestamp>,
    stuck_reason: Option<String>,
}

/// Without lessons, certificate and request.
impl From<CourseRow> for CourseFacts {
    fn from(row: CourseRow) -> Self {
        Self {
            course: CourseId(row.course_id),
            title: row.title,
            slug: row.slug,
            enrolment: row.status,
            enrolled_at: row.enrolled_at,
            activated_at: row.activated_at,
            starts_at: row.starts_at,
            access_until: row.access_until,
            stuck_reason: row.stuck_reason,
            pass_percent: row.pass_percent,
            order: row.order_id.map(OrderId),
            lessons: Vec::new(),
            certificate: None,
            certificate_request: None,
        }
    }
}

#[derive(Debug, sqlx::FromRow)]
pub(super) struct LessonRow {
    pub(super) course_id: Uuid,
    id: Uuid,
    place: i64,
    title: String,
    #[sqlx(try_from = "String")]
    kind: LessonKind,
    percent: Option<i64>,
    completed_at: Option<Timestamp>,
    updated_at: Option<Timestamp>,
    attempts: i64,
    best_percent: Option<i64>,
    submitted_at: Option<Timestamp>,
}

impl From<LessonRow> for LessonFacts {
    fn from(row: LessonRow) -> Self {
        let percent = if row.kind == LessonKind::Quiz { row.best_percent } else { row.percent };
        Self {
            id: LessonId(row.id),
            position: row.place,
            title: row.title,
            kind: row.kind,
            percent: percent.unwrap_or(0),
            attempts: row.attempts,
            completed_at: row.completed_at,
            updated_at: row.updated_at.max(row.submitted_at),
        }
    }
}

#[derive(Debug, sqlx::FromRow)]
pub(super) struct OrderRow {
    id: Uuid,
    number: String,
    course_id: Uuid,
    course_title: String,
    total_minor: i64,
    currency: String,
    #[sqlx(try_from = "String")]
    status: OrderStatus,
    created_at: Timestamp,
}

/// Without charges and refunds.
impl From<OrderRow> for OrderFacts {
    fn from(row: OrderRow) -> Self {
        Self {
            id: OrderId(row.id),
            number: row.number,
            course: CourseId(row.course_id),
            course_title: row.course_title,
            total: Money { minor: row.total_minor, currency: row.currency },
            status: row.status,
            created_at: row.created_at,
            charges: Vec::new(),
            refunds: Vec::new(),
        }
    }
}

#[derive(Debug, sqlx::FromRow)]
pub(super) struct ChargeRow {
    pub(super) order_id: Uuid,
    amount_minor: i64,
    currency: String,
    method: String,
    #[sqlx(try_from = "String")]
    status: ChargeStatus,
    charged_at: Timestamp,
}

impl From<ChargeRow> for ChargeFacts {
    fn from(row: ChargeRow) -> Self {
        let amount = Money { minor: row.amount_minor, currency: row.currency };
        Self { amount, method: row.method, status: row.status, charged_at: row.charged_at }
    }
}

#[derive(Debug, sqlx::FromRow)]
pub(super) struct RefundRow {
    pub(super) order_id: Uuid,
    amount_minor: i64,
    currency: String,
    #[sqlx(try_from = "String")]
    status: RefundStatus,
    requested_at: Timestamp,
    decided_at: Option<Timestamp>,
    sent_at: Option<Timestamp>,
    settled_at: Option<Timestamp>,
    reason: Option<String>,
}

impl From<RefundRow> for RefundFacts {
    fn from(row: RefundRow) -> Self {
        Self {
            amount: Money { minor: row.amount_minor, currency: row.currency },
            status: row.status,
            requested_at: row.requested_at,
            decided_at: row.decided_at,
            sent_at: row.sent_at,
            settled_at: row.settled_at,
            reason: row.reason,
        }
    }
}

#[derive(Debug, sqlx::FromRow)]
pub(super) struct CatalogueRow {
    id: Uuid,
    slug: String,
    title: String,
    summary: String,
    #[sqlx(try_from = "String")]
    level: Level,
    #[sqlx(try_from = "String")]
    admission: Admission,
    price_minor: i64,
    currency: String,
    starts_at: Option<Timestamp>,
    lessons: i64,
    minutes: i64,
}

impl From<CatalogueRow> for CatalogueCourse {
    fn from(row: CatalogueRow) -> Self {
        Self {
            id: CourseId(row.id),
            slug: row.slug,
            title: row.title,
            summary: row.summary,
            level: row.level,
            admission: row.admission,
            price: Money { minor: row.price_minor, currency: row.currency },
            starts_at: row.starts_at,
            lessons: row.lessons,
            minutes: row.minutes,
        }
    }
}

#[derive(Debug, sqlx::FromRow)]
pub(super) struct LetterRow {
    mail_id: Uuid,
    letter: Json<Letter>,
    written_at: Timestamp,
    sent_at: Option<Timestamp>,
    #[sqlx(flatten)]
    account: AccountRow,
}

impl From<LetterRow> for (MailRow, Account) {
    fn from(row: LetterRow) -> Self {
        let account: Account = row.account.into();
        let mail = MailRow {
            id: row.mail_id,
            account: account.id,
            letter: row.letter.0,
            created_at: row.written_at,
            sent_at: row.sent_at,
        };
        (mail, account)
    }
}
