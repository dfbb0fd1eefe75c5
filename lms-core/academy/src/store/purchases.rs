//! An order's state machine on its rows: load under a lock, apply, write what changed, and do what follows from it.

use porter_kernel::clock::Timestamp;
use porter_kernel::db::{DbError, storable};
use porter_kernel::jobs::JobTx as _;
use uuid::{Uuid, uuid};

use super::{Letter, NewMail, jobs};
use crate::domain::event::Event;
use crate::domain::money::purchase::{Charge, Fact, Purchase, Refund, Unmoved};
use crate::domain::{AccountId, ChargeStatus, CourseId, Money, OrderId, OrderStatus, RefundStatus};

/// Ids of what follows from something, so that the same cause cannot have two.
const NAMESPACE: Uuid = uuid!("7b0c6d52-4f4e-4b0e-9a3c-5f9d2a1c7e33");

/// The id of what this text names.
pub(super) fn id_of(cause: &str) -> Uuid {
    Uuid::new_v5(&NAMESPACE, cause.as_bytes())
}

/// An order under its lock.
#[derive(Debug, Clone)]
pub(super) struct Locked {
    pub(super) number: String,
    pub(super) account: AccountId,
    pub(super) course: CourseId,
    pub(super) purchase: Purchase,
}

/// What is written down with a fact and decides nothing.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Notes<'a> {
    /// How it was paid.
    pub(super) method: &'a str,
    /// Why a refund was rejected, or failed.
    pub(super) reason: Option<&'a str>,
}

#[derive(Debug, sqlx::FromRow)]
struct OrderRow {
    number: String,
    account_id: Uuid,
    course_id: Uuid,
    total_minor: i64,
    list_minor: Option<i64>,
    currency: String,
    #[sqlx(try_from = "String")]
    status: OrderStatus,
}

#[derive(Debug, sqlx::FromRow)]
struct ChargeRow {
    id: Uuid,
    amount_minor: i64,
    currency: String,
    #[sqlx(try_from = "String")]
    status: ChargeStatus,
}

#[derive(Debug, sqlx::FromRow)]
struct RefundRow {
    id: Uuid,
    amount_minor: i64,
    currency: String,
    #[sqlx(try_from = "String")]
    status: RefundStatus,
    attempt: i64,
}

porter_kernel::for_both_engines! {
    siblings sql, events, enrolling, invoices;

    /// Locks the order until the transaction ends, and gives it as it is now.
    pub(in crate::store) async fn lock(tx: &mut engine::Tx, order: Uuid) -> std::result::Result<Option<Locked>, DbError> {
        let row: Option<OrderRow> = sqlx::query_as(
            "UPDATE orders SET status = status WHERE id = $1 RETURNING number, account_id, course_id, total_minor, list_minor, currency, status",
        )
        .bind(order)
        .fetch_optional(&mut **tx)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let charges: Vec<ChargeRow> =
            sqlx::query_as("SELECT id, amount_minor, currency, status FROM charge WHERE order_id = $1 ORDER BY charged_at, id")
                .bind(order)
                .fetch_all(&mut **tx)
                .await?;
        let refunds: Vec<RefundRow> =
            sqlx::query_as("SELECT id, amount_minor, currency, status, attempt FROM refund WHERE order_id = $1 ORDER BY requested_at, id")
                .bind(order)
                .fetch_all(&mut **tx)
                .await?;
        let charges = charges.into_iter().map(|row| Charge {
            id: row.id,
            amount: Money { minor: row.amount_minor, currency: row.currency },
            status: row.status,
        });
        let refunds = refunds.into_iter().map(|row| Refund {
            id: row.id,
            amount: Money { minor: row.amount_minor, currency: row.currency },
            status: row.status,
            attempt: row.attempt,
        });
        let purchase = Purchase {
            id: order,
            list: Money { minor: row.list_minor.unwrap_or(row.total_minor), currency: row.currency.clone() },
            total: Money { minor: row.total_minor, currency: row.currency },
            status: row.status,
            charges: charges.collect(),
            refunds: refunds.collect(),
        };
        Ok(Some(Locked { number: row.number, account: AccountId(row.account_id), course: CourseId(row.course_id), purchase }))
    }

    /// Applies a fact with everything that follows from it; or says why it changes nothing.
    pub(in crate::store) async fn apply(
        tx: &mut engine::Tx,
        locked: &mut Locked,
        fact: &Fact,
        notes: Notes<'_>,
        now: Timestamp,
    ) -> std::result::Result<std::result::Result<(), Unmoved>, DbError> {
        let before = locked.purchase.clone();
        if let Err(unmoved) = locked.purchase.apply(fact) {
            return Ok(Err(unmoved));
        }
        write(tx, locked, &before, notes, now).await?;
        follow(tx, locked, Some(&before), now).await?;
        Ok(Ok(()))
    }

    /// Writes the rows that have changed.
    async fn write(
        tx: &mut engine::Tx,
        locked: &Locked,
        before: &Purchase,
        notes: Notes<'_>,
        now: Timestamp,
    ) -> std::result::Result<(), DbError> {
        let after = &locked.purchase;
        for charge in after.charges.iter().filter(|charge| !before.charges.contains(charge)) {
            sqlx::query(
                "INSERT INTO charge (id, order_id, amount_minor, currency, method, status, charged_at) VALUES ($1, $2, $3, $4, $5, $6, $7) \
                 ON CONFLICT (id) DO UPDATE SET amount_minor = excluded.amount_minor, method = excluded.method, status = excluded.status, \
                 charged_at = excluded.charged_at",
            )
            .bind(charge.id)
            .bind(after.id)
            .bind(charge.amount.minor)
            .bind(storable(&charge.amount.currency))
            .bind(storable(notes.method))
            .bind(charge.status.as_str())
            .bind(now)
            .execute(&mut **tx)
            .await?;
        }
        for refund in after.refunds.iter().filter(|refund| !before.refunds.contains(refund)) {
            let at = |states: &[RefundStatus]| states.contains(&refund.status).then_some(now);
            let failed = refund.status == RefundStatus::Approved && notes.reason.is_some();
            sqlx::query(
                "INSERT INTO refund (id, order_id, amount_minor, currency, status, requested_at, attempt) VALUES ($1, $2, $3, $4, $5, $6, $7) \
                 ON CONFLICT (id) DO UPDATE SET status = excluded.status, attempt = excluded.attempt, \
                 decided_at = COALESCE(refund.decided_at, $8), sent_at = COALESCE($9, refund.sent_at), settled_at = COALESCE($10, refund.settled_at), \
                 reason = COALESCE($11, refund.reason), failed_reason = $12",
            )
            .bind(refund.id)
            .bind(after.id)
            .bind(refund.amount.minor)
            .bind(storable(&refund.amount.currency))
            .bind(refund.status.as_str())
            .bind(now)
            .bind(refund.attempt)
            .bind(at(&[RefundStatus::Approved, RefundStatus::Rejected]))
            .bind(at(&[RefundStatus::Sent]))
            .bind(at(&[RefundStatus::Settled]))
            .bind(notes.reason.filter(|_| refund.status == RefundStatus::Rejected).map(storable))
            .bind(notes.reason.filter(|_| failed).map(storable))
            .execute(&mut **tx)
            .await?;
        }
        if after.status != before.status {
            sqlx::query("UPDATE orders SET status = $2 WHERE id = $1").bind(after.id).bind(after.status.as_str()).execute(&mut **tx).await?;
        }
        Ok(())
    }

    /// What follows from the change: books, enrolment, papers, events, mail, jobs. `before` is none for an order that was just placed.
    pub(in crate::store) async fn follow(
        tx: &mut engine::Tx,
        locked: &Locked,
        before: Option<&Purchase>,
        now: Timestamp,
    ) -> std::result::Result<(), DbError> {
        let (after, account, order) = (&locked.purchase, locked.account, OrderId(locked.purchase.id));
        post(tx, after, now).await?;
        let was_paid = before.is_some_and(|before| before.is_paid().unwrap_or(false));
        if after.is_paid().unwrap_or(false) && !was_paid {
            events::record(tx, &Event::OrderPaid { account, order, total: after.total.clone() }, now).await?;
            enrolling::open(tx, account, locked.course, Some(order), now).await?;
            if after.total.minor > 0 {
                invoices::issue(tx, locked, None, now).await?;
                mail(tx, account, format!("paid:{}", order.0), Letter::OrderPaid { order }, now).await?;
            }
        }
        if after.status == OrderStatus::Failed && before.is_some_and(|before| before.status != OrderStatus::Failed) {
            events::record(tx, &Event::OrderFailed { account, order }, now).await?;
            mail(tx, account, format!("failed:{}", order.0), Letter::PaymentFailed { order }, now).await?;
        }
        if after.status == OrderStatus::Cancelled && before.is_some_and(|before| before.status != OrderStatus::Cancelled) {
            release_coupon(tx, order).await?;
        }
        let opened = before.is_some_and(|before| before.opens().unwrap_or(false));
        if opened && !after.opens().unwrap_or(true) && !opens_otherwise(tx, locked).await? {
            enrolling::close(tx, account, locked.course, now).await?;
        }
        for refund in &after.refunds {
            let old = before.and_then(|before| before.refunds.iter().find(|old| old.id == refund.id));
            if old != Some(refund) {
                refund_moved(tx, locked, old.map(|old| old.status), refund, now).await?;
            }
        }
        Ok(())
    }

    async fn refund_moved(
        tx: &mut engine::Tx,
        locked: &Locked,
        old: Option<RefundStatus>,
        refund: &Refund,
        now: Timestamp,
    ) -> std::result::Result<(), DbError> {
        let (account, order, id, amount) = (locked.account, OrderId(locked.purchase.id), refund.id, refund.amount.clone());
        let decided = |approved| Event::RefundDecided { account, order, refund: id, approved };
        match refund.status {
            RefundStatus::Requested => events::record(tx, &Event::RefundRequested { account, order, refund: id, amount }, now).await,
            RefundStatus::Approved if old == Some(RefundStatus::Requested) => {
                events::record(tx, &decided(true), now).await?;
                tx.enqueue(&jobs::send_refund(id, refund.attempt.saturating_add(1), now), now).await?;
                mail(tx, account, format!("refund:{id}:decided"), Letter::RefundDecided { refund: id }, now).await
            }
            RefundStatus::Rejected => {
                events::record(tx, &decided(false), now).await?;
                mail(tx, account, format!("refund:{id}:decided"), Letter::RefundDecided { refund: id }, now).await
            }
            RefundStatus::Settled => {
                events::record(tx, &Event::RefundSettled { account, order, refund: id, amount }, now).await?;
                invoices::issue(tx, locked, Some(refund), now).await?;
                mail(tx, account, format!("refund:{id}:settled"), Letter::RefundSettled { refund: id }, now).await
            }
            RefundStatus::Approved | RefundStatus::Sent => Ok(()),
        }
    }

    async fn mail(
        tx: &mut engine::Tx,
        account: AccountId,
        cause: String,
        letter: Letter,
        now: Timestamp,
    ) -> std::result::Result<(), DbError> {
        let id = id_of(&format!("mail:{cause}:{}", now.micros()));
        sql::write_mail(tx, &NewMail { id, account, letter }, now).await
    }

    /// Writes what the books lack.
    async fn post(tx: &mut engine::Tx, purchase: &Purchase, now: Timestamp) -> std::result::Result<(), DbError> {
        let entries = purchase.books().map_err(DbError::unreadable)?;
        for entry in entries {
            let id = id_of(&entry.cause);
            let written = sqlx::query("INSERT INTO ledger_entry (id, cause, order_id, posted_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING")
                .bind(id)
                .bind(&entry.cause)
                .bind(purchase.id)
                .bind(now)
                .execute(&mut **tx)
                .await?;
            if written.rows_affected() == 0 {
                continue;
            }
            for (place, line) in (1_i64..).zip(&entry.lines) {
                sqlx::query("INSERT INTO ledger_line (entry_id, place, debit, credit, amount_minor, currency) VALUES ($1, $2, $3, $4, $5, $6)")
                    .bind(id)
                    .bind(place)
                    .bind(line.debit.as_str())
                    .bind(line.credit.as_str())
                    .bind(line.amount.minor)
                    .bind(storable(&line.amount.currency))
                    .execute(&mut **tx)
                    .await?;
            }
        }
        Ok(())
    }

    /// The order was given up: its coupon may be used by another.
    async fn release_coupon(tx: &mut engine::Tx, order: OrderId) -> std::result::Result<(), DbError> {
        let coupon: Option<Uuid> = sqlx::query_scalar("DELETE FROM coupon_use WHERE order_id = $1 RETURNING coupon_id")
            .bind(order.0)
            .fetch_optional(&mut **tx)
            .await?;
        if let Some(coupon) = coupon {
            sqlx::query("UPDATE coupon SET used = used - 1 WHERE id = $1").bind(coupon).execute(&mut **tx).await?;
        }
        Ok(())
    }

    /// Whether another order of theirs keeps the course open: paid, and nothing of it granted back.
    async fn opens_otherwise(tx: &mut engine::Tx, locked: &Locked) -> std::result::Result<bool, DbError> {
        let others: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM orders o WHERE o.account_id = $1 AND o.course_id = $2 AND o.id <> $3 AND o.status = 'paid' \
             AND NOT EXISTS (SELECT 1 FROM refund r WHERE r.order_id = o.id AND r.status IN ('approved', 'sent', 'settled'))",
        )
        .bind(locked.account.0)
        .bind(locked.course.0)
        .bind(locked.purchase.id)
        .fetch_one(&mut **tx)
        .await?;
        Ok(others > 0)
    }
}
