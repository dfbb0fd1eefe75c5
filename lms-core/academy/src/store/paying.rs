//! What the provider tells, refunds, and the books.

use async_trait::async_trait;
use porter_kernel::clock::Timestamp;
use porter_kernel::db::{DbError, storable};
use porter_kernel::jobs::{Job, JobError, JobTx as _};
use porter_payments::{EventKind, ProviderEvent};
use sqlx::types::Json;
use uuid::Uuid;

use super::money::{MoneyDecision, Paying, Received, RefundTask, StrayEvent};
use super::purchases::{Locked, Notes, id_of};
use super::sql::{Claim, Operation, Request};
use super::{AcademyError, Result, jobs};
use crate::diagnosis::progress_percent;
use crate::domain::money::ledger::Balance;
use crate::domain::money::purchase::{Charge, Fact, Unmoved};
use crate::domain::money::refunding::{RefundAnswer, RefundCase};
use crate::domain::{AccountId, ChargeStatus, Money, OrderId, RefundStatus};
use crate::policy::Policy;

/// Stray events that a page shows.
const SHOWN: i64 = 50;

#[derive(Debug, sqlx::FromRow)]
struct TaskRow {
    id: Uuid,
    order_id: Uuid,
    number: String,
    account_id: Uuid,
    buyer: String,
    course: String,
    amount_minor: i64,
    currency: String,
    #[sqlx(try_from = "String")]
    status: RefundStatus,
    requested_at: Timestamp,
    attempt: i64,
    failed_reason: Option<String>,
    reason: Option<String>,
}

impl From<TaskRow> for RefundTask {
    fn from(row: TaskRow) -> Self {
        Self {
            id: row.id,
            order: OrderId(row.order_id),
            number: row.number,
            account: AccountId(row.account_id),
            buyer: row.buyer,
            course: row.course,
            amount: Money { minor: row.amount_minor, currency: row.currency },
            status: row.status,
            requested_at: row.requested_at,
            attempt: row.attempt,
            failed_reason: row.failed_reason,
            reason: row.reason,
        }
    }
}

#[derive(Debug, sqlx::FromRow)]
struct StrayRow {
    id: String,
    kind: String,
    order_id: Uuid,
    received_at: Timestamp,
    note: Option<String>,
}

macro_rules! task {
    () => {
        "SELECT r.id, r.order_id, o.number, o.account_id, a.name AS buyer, c.title AS course, r.amount_minor, r.currency, r.status, r.requested_at, \
         r.attempt, r.failed_reason, r.reason FROM refund r JOIN orders o ON o.id = r.order_id JOIN account a ON a.id = o.account_id \
         JOIN course c ON c.id = o.course_id "
    };
}

/// What an event says of its order; `None` for what this version does not know.
fn fact(event: &ProviderEvent) -> Option<Fact> {
    let charge = |status| {
        let amount = Money { minor: event.amount.minor, currency: event.amount.currency.clone() };
        Some(Fact::Charged(Charge { id: id_of(&format!("charge:{}", event.charge)), amount, status }))
    };
    match event.kind {
        EventKind::ChargeAuthorised => charge(ChargeStatus::Authorised),
        EventKind::ChargeCaptured => charge(ChargeStatus::Captured),
        EventKind::ChargeDeclined => charge(ChargeStatus::Declined),
        EventKind::ChargeReleased => charge(ChargeStatus::Released),
        EventKind::RefundSettled => event.refund.map(Fact::RefundSettled),
        EventKind::RefundFailed => event.refund.map(|refund| Fact::RefundFailed { refund, attempt: event.attempt }),
        EventKind::Unknown => None,
    }
}

/// In the order in which things happen, where they came together.
fn rank(kind: EventKind) -> u8 {
    match kind {
        EventKind::ChargeAuthorised => 0,
        EventKind::ChargeDeclined | EventKind::ChargeReleased => 1,
        EventKind::ChargeCaptured => 2,
        EventKind::RefundFailed => 3,
        EventKind::RefundSettled => 4,
        EventKind::Unknown => 5,
    }
}

/// With text that both engines can store.
fn clean(event: &ProviderEvent) -> ProviderEvent {
    let mut event = event.clone();
    for text in [&mut event.id, &mut event.charge, &mut event.method, &mut event.amount.currency] {
        *text = storable(text).into_owned();
    }
    event.reason = event.reason.map(|reason| storable(&reason).into_owned());
    event
}

porter_kernel::for_both_engines! {
    siblings academy, sql, purchases, learning;

    #[async_trait]
    impl Paying for academy::Academy {
        async fn receive(&self, event: &ProviderEvent, now: Timestamp) -> Result<Received> {
            let event = clean(event);
            let mut tx = self.db.write().await?;
            sqlx::query("INSERT INTO payment_event (id, order_id, kind, body, received_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO NOTHING")
                .bind(&event.id)
                .bind(event.order)
                .bind(event.kind.as_str())
                .bind(Json(&event))
                .bind(now)
                .execute(&mut *tx)
                .await?;
            if is_applied(&mut tx, &event.id).await? {
                return Ok(Received::Duplicate);
            }
            let received = match purchases::lock(&mut tx, event.order).await? {
                None => {
                    note(&mut tx, &event.id, None, Some("there is no such order")).await?;
                    Received::Unknown
                }
                Some(mut locked) => {
                    apply_waiting(&mut tx, &mut locked, now).await?;
                    if is_applied(&mut tx, &event.id).await? { Received::Applied } else { Received::Waits }
                }
            };
            tx.commit().await?;
            Ok(received)
        }

        async fn reconciled(
            &self,
            job: &Job,
            order: OrderId,
            round: i64,
            next: Timestamp,
            now: Timestamp,
        ) -> std::result::Result<(), JobError> {
            let mut tx = self.db.write().await?;
            tx.fence(job, now).await?;
            let waits: i64 = sqlx::query_scalar(
                "SELECT COUNT(*) FROM orders o WHERE o.id = $1 AND (o.status IN ('open', 'failed') \
                 OR EXISTS (SELECT 1 FROM refund r WHERE r.order_id = o.id AND r.status = 'sent'))",
            )
            .bind(order.0)
            .fetch_one(&mut *tx)
            .await
            .map_err(DbError::from)?;
            if waits > 0 && round < jobs::RECONCILE_ROUNDS {
                tx.enqueue(&jobs::reconcile(order, round.saturating_add(1), next), now).await?;
            }
            tx.finish(job, now).await?;
            tx.commit().await.map_err(DbError::from)?;
            Ok(())
        }

        async fn ask_refund(&self, key: Uuid, account: AccountId, number: &str, policy: &Policy, now: Timestamp) -> Result<RefundAnswer> {
            let mut tx = self.db.write().await?;
            let found: Option<Uuid> = sqlx::query_scalar("SELECT id FROM orders WHERE number = $1 AND account_id = $2")
                .bind(storable(number))
                .bind(account.0)
                .fetch_optional(&mut *tx)
                .await?;
            let order = found.ok_or(AcademyError::NotFound)?;
            let mut locked = purchases::lock(&mut tx, order).await?.ok_or(AcademyError::NotFound)?;
            let refund = id_of(&format!("refund:{order}:{key}"));
            let request = Request { key, operation: Operation::AskRefund, account: Some(account), subject: Some(order) };
            let case = case(&mut tx, &locked).await?;
            if let Claim::Repeated(at) = sql::claim_key(&mut tx, request, now).await? {
                // The answer of the first time, when it was yes.
                let known = locked.purchase.refunds.iter().find(|known| known.id == refund);
                return Ok(match known {
                    Some(known) => RefundAnswer::Possible { until: at, amount: known.amount.clone() },
                    None => case.answer(policy, now),
                });
            }
            let answer = case.answer(policy, now);
            if let RefundAnswer::Possible { amount, .. } = &answer {
                let fact = Fact::RefundRequested { refund, amount: amount.clone() };
                if purchases::apply(&mut tx, &mut locked, &fact, Notes::default(), now).await?.is_err() {
                    return Ok(RefundAnswer::NothingTaken);
                }
                apply_waiting(&mut tx, &mut locked, now).await?;
                tx.commit().await?;
            }
            Ok(answer)
        }

        async fn decide_refund(&self, refund: Uuid, decision: &MoneyDecision, now: Timestamp) -> Result<bool> {
            let mut tx = self.db.write().await?;
            let Some(mut locked) = of_refund(&mut tx, refund).await? else { return Ok(false) };
            let known = locked.purchase.refunds.iter().find(|known| known.id == refund).map(|known| (known.status, known.attempt));
            let done = match decision {
                MoneyDecision::Approve => purchases::apply(&mut tx, &mut locked, &Fact::RefundApproved(refund), Notes::default(), now).await?.is_ok(),
                MoneyDecision::Reject(reason) => {
                    let notes = Notes { reason: Some(reason), ..Notes::default() };
                    purchases::apply(&mut tx, &mut locked, &Fact::RefundRejected(refund), notes, now).await?.is_ok()
                }
                MoneyDecision::SendAgain => match known {
                    Some((RefundStatus::Approved, attempt)) => {
                        let cleared = sqlx::query("UPDATE refund SET failed_reason = NULL WHERE id = $1 AND failed_reason IS NOT NULL")
                            .bind(refund)
                            .execute(&mut *tx)
                            .await?;
                        if cleared.rows_affected() == 1 {
                            tx.enqueue(&jobs::send_refund(refund, attempt.saturating_add(1), now), now).await?;
                        }
                        cleared.rows_affected() == 1
                    }
                    _ => false,
                },
            };
            if done {
                apply_waiting(&mut tx, &mut locked, now).await?;
                tx.commit().await?;
            }
            Ok(done)
        }

        async fn refund_task(&self, refund: Uuid) -> Result<Option<RefundTask>> {
            const SQL: &str = concat!(task!(), "WHERE r.id = $1");
            let row: Option<TaskRow> = sqlx::query_as(SQL).bind(refund).fetch_optional(self.db.read_fresh()).await?;
            Ok(row.map(Into::into))
        }

        async fn refunds_waiting(&self) -> Result<Vec<RefundTask>> {
            const SQL: &str = concat!(
                task!(),
                "WHERE r.status = 'requested' OR (r.status = 'approved' AND r.failed_reason IS NOT NULL) ORDER BY r.requested_at, r.id LIMIT 200"
            );
            let rows: Vec<TaskRow> = sqlx::query_as(SQL).fetch_all(self.db.read_fresh()).await?;
            Ok(rows.into_iter().map(Into::into).collect())
        }

        async fn refund_sent(&self, job: &Job, refund: Uuid, attempt: i64, now: Timestamp) -> std::result::Result<(), JobError> {
            let mut tx = self.db.write().await?;
            tx.fence(job, now).await?;
            if let Some(mut locked) = of_refund(&mut tx, refund).await? {
                let fact = Fact::RefundSent { refund, attempt };
                // Settled already, when the provider was faster than this note.
                if purchases::apply(&mut tx, &mut locked, &fact, Notes::default(), now).await?.is_ok() {
                    let order = OrderId(locked.purchase.id);
                    let key = format!("{}:refund:{refund}:{attempt}", order.0);
                    tx.enqueue(&jobs::reconcile_named(order, &key, jobs::reconcile_after(2, now)), now).await?;
                }
            }
            tx.finish(job, now).await?;
            tx.commit().await.map_err(DbError::from)?;
            Ok(())
        }

        async fn refund_refused(&self, refund: Uuid, attempt: i64, reason: &str, now: Timestamp) -> Result<()> {
            let mut tx = self.db.write().await?;
            if let Some(mut locked) = of_refund(&mut tx, refund).await? {
                let notes = Notes { reason: Some(reason), ..Notes::default() };
                let fact = Fact::RefundFailed { refund, attempt };
                if purchases::apply(&mut tx, &mut locked, &fact, notes, now).await?.is_ok() {
                    tx.commit().await?;
                }
            }
            Ok(())
        }

        async fn balances(&self) -> Result<Vec<Balance>> {
            let rows: Vec<(String, String, i64)> = sqlx::query_as(
                "SELECT account, currency, CAST(SUM(minor) AS BIGINT) AS minor FROM \
                 (SELECT debit AS account, currency, amount_minor AS minor FROM ledger_line \
                 UNION ALL SELECT credit AS account, currency, -amount_minor AS minor FROM ledger_line) AS moved \
                 GROUP BY account, currency ORDER BY currency, account",
            )
            .fetch_all(self.db.read_fresh())
            .await?;
            Ok(rows.into_iter().map(|(account, currency, minor)| Balance { account, amount: Money { minor, currency } }).collect())
        }

        async fn stray_events(&self) -> Result<Vec<StrayEvent>> {
            let rows: Vec<StrayRow> = sqlx::query_as(
                "SELECT id, kind, order_id, received_at, note FROM payment_event WHERE applied_at IS NULL ORDER BY received_at DESC, id LIMIT $1",
            )
            .bind(SHOWN)
            .fetch_all(self.db.read_fresh())
            .await?;
            Ok(rows
                .into_iter()
                .map(|row| StrayEvent {
                    id: row.id,
                    kind: row.kind,
                    order: row.order_id,
                    received_at: row.received_at,
                    note: row.note.unwrap_or_default(),
                })
                .collect())
        }
    }

    /// The order of a refund, locked.
    async fn of_refund(tx: &mut engine::Tx, refund: Uuid) -> std::result::Result<Option<Locked>, DbError> {
        let order: Option<Uuid> =
            sqlx::query_scalar("SELECT order_id FROM refund WHERE id = $1").bind(refund).fetch_optional(&mut **tx).await?;
        match order {
            Some(order) => purchases::lock(tx, order).await,
            None => Ok(None),
        }
    }

    async fn is_applied(tx: &mut engine::Tx, id: &str) -> std::result::Result<bool, DbError> {
        let count: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM payment_event WHERE id = $1 AND applied_at IS NOT NULL")
            .bind(id)
            .fetch_one(&mut **tx)
            .await?;
        Ok(count > 0)
    }

    async fn note(
        tx: &mut engine::Tx,
        id: &str,
        applied_at: Option<Timestamp>,
        why: Option<&str>,
    ) -> std::result::Result<(), DbError> {
        sqlx::query("UPDATE payment_event SET applied_at = $2, note = $3 WHERE id = $1")
            .bind(id)
            .bind(applied_at)
            .bind(why.map(storable))
            .execute(&mut **tx)
            .await?;
        Ok(())
    }

    /// Applies every event of the order that waits, again and again while one of them moves something: what came too early finds its place.
    async fn apply_waiting(tx: &mut engine::Tx, locked: &mut Locked, now: Timestamp) -> std::result::Result<(), DbError> {
        loop {
            let rows: Vec<Json<ProviderEvent>> =
                sqlx::query_scalar("SELECT body FROM payment_event WHERE order_id = $1 AND applied_at IS NULL ORDER BY received_at, id")
                    .bind(locked.purchase.id)
                    .fetch_all(&mut **tx)
                    .await?;
            let mut events: Vec<ProviderEvent> = rows.into_iter().map(|row| row.0).collect();
            events.sort_by_key(|event| rank(event.kind));
            let mut moved = false;
            for event in &events {
                let Some(fact) = fact(event) else {
                    note(tx, &event.id, None, Some("of a kind that this version does not know")).await?;
                    continue;
                };
                let notes = Notes { method: &event.method, reason: event.reason.as_deref() };
                match purchases::apply(tx, locked, &fact, notes, now).await? {
                    Ok(()) => {
                        moved = true;
                        note(tx, &event.id, Some(now), None).await?;
                    }
                    Err(Unmoved::Stale) => note(tx, &event.id, Some(now), Some("known already")).await?,
                    Err(unmoved) => note(tx, &event.id, None, Some(&unmoved.to_string())).await?,
                }
            }
            if !moved {
                return Ok(());
            }
        }
    }

    /// What the refund policy goes by, as the transaction sees it.
    async fn case(tx: &mut engine::Tx, locked: &Locked) -> std::result::Result<RefundCase, DbError> {
        let paid_at: Option<Timestamp> =
            sqlx::query_scalar("SELECT MIN(charged_at) FROM charge WHERE order_id = $1 AND status = 'captured'")
                .bind(locked.purchase.id)
                .fetch_one(&mut **tx)
                .await?;
        let course = learning::course(tx, locked.account, locked.course.0).await?;
        Ok(RefundCase {
            paid_at,
            progress_percent: course.as_ref().map_or(0, progress_percent),
            refundable: locked.purchase.refundable().map_err(DbError::unreadable)?,
            asked: locked.purchase.refunds.iter().any(|refund| refund.status != RefundStatus::Rejected),
        })
    }
}
