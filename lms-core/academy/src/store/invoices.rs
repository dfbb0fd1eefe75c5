//! Invoices and credit notes: numbers without gaps, in the transaction that they belong to.

use porter_kernel::clock::Timestamp;
use porter_kernel::db::{DbError, storable};
use uuid::Uuid;

use super::money::Invoice;
use super::purchases::{Locked, id_of};
use crate::domain::money::purchase::Refund;
use crate::domain::{AccountId, Money};

#[derive(Debug, sqlx::FromRow)]
pub(super) struct InvoiceRow {
    number: String,
    of_number: Option<String>,
    order_number: String,
    account_id: Uuid,
    buyer_name: String,
    course_title: String,
    list_minor: i64,
    discount_minor: i64,
    total_minor: i64,
    currency: String,
    issued_at: Timestamp,
}

impl From<InvoiceRow> for Invoice {
    fn from(row: InvoiceRow) -> Self {
        let money = |minor| Money { minor, currency: row.currency.clone() };
        Self {
            list: money(row.list_minor),
            discount: money(row.discount_minor),
            total: money(row.total_minor),
            number: row.number,
            corrects: row.of_number,
            order_number: row.order_number,
            account: AccountId(row.account_id),
            buyer: row.buyer_name,
            course: row.course_title,
            issued_at: row.issued_at,
        }
    }
}

porter_kernel::for_both_engines! {
    /// The next number of a series. Its row stays locked until the transaction ends, so that a number that was taken back leaves no gap.
    pub(in crate::store) async fn next(tx: &mut engine::Tx, series: &str) -> std::result::Result<i64, DbError> {
        let last = sqlx::query_scalar(
            "INSERT INTO number_series (name, last) VALUES ($1, 1) ON CONFLICT (name) DO UPDATE SET last = number_series.last + 1 RETURNING last",
        );
        Ok(last.bind(series).fetch_one(&mut **tx).await?)
    }

    /// Issues the invoice of the order, or the credit note of a refund; issued already: changes nothing.
    pub(in crate::store) async fn issue(
        tx: &mut engine::Tx,
        locked: &Locked,
        refund: Option<&Refund>,
        now: Timestamp,
    ) -> std::result::Result<(), DbError> {
        let purchase = &locked.purchase;
        let id = refund.map_or_else(|| id_of(&format!("invoice:{}", purchase.id)), |refund| id_of(&format!("credit:{}", refund.id)));
        let known: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM invoice WHERE id = $1").bind(id).fetch_one(&mut **tx).await?;
        if known > 0 {
            return Ok(());
        }
        let year = now.datetime().format("%Y").to_string();
        let (kind, prefix) = if refund.is_some() { ("credit_note", "CN") } else { ("invoice", "INV") };
        let number = next(tx, &format!("{kind}:{year}")).await?;
        let corrects: Option<String> = match refund {
            Some(_) => {
                sqlx::query_scalar("SELECT number FROM invoice WHERE order_id = $1 AND kind = 'invoice'")
                    .bind(purchase.id)
                    .fetch_optional(&mut **tx)
                    .await?
            }
            None => None,
        };
        let total = refund.map_or(purchase.total.minor, |refund| refund.amount.minor);
        let list = if refund.is_some() { total } else { purchase.list.minor };
        sqlx::query(
            "INSERT INTO invoice (id, number, kind, order_id, refund_id, account_id, order_number, of_number, buyer_name, course_title, \
             list_minor, discount_minor, total_minor, currency, issued_at) \
             SELECT $1, $2, $3, $4, $5, a.id, $6, $7, a.name, c.title, $8, $9, $10, $11, $12 FROM account a, course c WHERE a.id = $13 AND c.id = $14",
        )
        .bind(id)
        .bind(format!("{prefix}-{year}-{number:06}"))
        .bind(kind)
        .bind(purchase.id)
        .bind(refund.map(|refund| refund.id))
        .bind(storable(&locked.number))
        // An order of before invoices has none that could be corrected: the order's number stands for it.
        .bind(refund.map(|_| corrects.unwrap_or_else(|| locked.number.clone())))
        .bind(list)
        .bind(list.saturating_sub(total))
        .bind(total)
        .bind(storable(&purchase.total.currency))
        .bind(now)
        .bind(locked.account.0)
        .bind(locked.course.0)
        .execute(&mut **tx)
        .await?;
        Ok(())
    }
}
