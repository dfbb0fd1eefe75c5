//! Ordering: prices, coupons, orders and their papers.

use async_trait::async_trait;
use porter_kernel::clock::Timestamp;
use porter_kernel::db::{DbError, storable};
use porter_kernel::jobs::JobTx as _;
use uuid::Uuid;

use super::invoices::InvoiceRow;
use super::money::{Buying, Invoice, OrderView, Placed, Quote};
use super::purchases::{Notes, id_of};
use super::rows::{ChargeRow, OrderRow, RefundRow};
use super::sql::{Claim, Operation, Request};
use super::{AcademyError, Learning as _, Result, jobs};
use crate::diagnosis::progress_percent;
use crate::domain::event::Event;
use crate::domain::money::coupon::{Coupon, CouponRefused, Off, stored_code};
use crate::domain::money::purchase::Fact;
use crate::domain::money::refunding::RefundCase;
use crate::domain::{AccountId, AccountStatus, ChargeStatus, CourseId, Money, OrderFacts, OrderId, RefundStatus};

/// The first number of orders that were placed here; those that were brought along have lower ones.
const FIRST_NUMBER: i64 = 700_000;

#[derive(Debug, sqlx::FromRow)]
struct CourseRow {
    id: Uuid,
    title: String,
    summary: String,
    price_minor: i64,
    currency: String,
}

#[derive(Debug, sqlx::FromRow)]
struct CouponRow {
    id: Uuid,
    code: String,
    percent: Option<i64>,
    amount_minor: Option<i64>,
    currency: Option<String>,
    starts_at: Option<Timestamp>,
    ends_at: Option<Timestamp>,
    uses: Option<i64>,
    uses_each: Option<i64>,
    course_id: Option<Uuid>,
    used: i64,
}

impl From<CouponRow> for Coupon {
    fn from(row: CouponRow) -> Self {
        let off = match (row.percent, row.amount_minor) {
            (Some(percent), _) => Off::Percent(percent),
            (None, minor) => Off::Amount(Money { minor: minor.unwrap_or_default(), currency: row.currency.unwrap_or_default() }),
        };
        Self {
            id: row.id,
            code: row.code,
            off,
            starts_at: row.starts_at,
            ends_at: row.ends_at,
            uses: row.uses,
            uses_each: row.uses_each,
            course: row.course_id.map(CourseId),
            used: row.used,
        }
    }
}

/// An order's row with what only its own page needs.
#[derive(Debug, sqlx::FromRow)]
struct ViewRow {
    account_id: Uuid,
    buyer: String,
    slug: String,
    list_minor: Option<i64>,
    pay_url: Option<String>,
    #[sqlx(flatten)]
    order: OrderRow,
}

macro_rules! coupon {
    () => {
        "id, code, percent, amount_minor, currency, starts_at, ends_at, uses, uses_each, course_id, used"
    };
}
macro_rules! invoice {
    () => {
        "SELECT number, of_number, order_number, account_id, buyer_name, course_title, list_minor, discount_minor, total_minor, currency, \
         issued_at FROM invoice "
    };
}

/// What the coupon makes of the price.
fn reduced(
    coupon: Option<&Coupon>,
    course: CourseId,
    list: &Money,
    mine: i64,
    now: Timestamp,
) -> std::result::Result<Money, CouponRefused> {
    coupon.ok_or(CouponRefused::Unknown)?.discount(course, list, mine, now)
}

porter_kernel::for_both_engines! {
    siblings academy, sql, events, purchases, invoices;

    #[async_trait]
    impl Buying for academy::Academy {
        async fn quote(&self, account: AccountId, slug: &str, code: Option<&str>, now: Timestamp) -> Result<Option<Quote>> {
            let mut tx = self.db.write().await?;
            let Some(course) = course(&mut tx, slug).await? else { return Ok(None) };
            let list = Money { minor: course.price_minor, currency: course.currency.clone() };
            let found = match code {
                None => Ok(Money::zero(&list.currency)),
                Some(code) => {
                    let coupon = coupon(&mut tx, code).await?;
                    let mine = mine(&mut tx, coupon.as_ref(), account).await?;
                    reduced(coupon.as_ref(), CourseId(course.id), &list, mine, now)
                }
            };
            let (discount, refused) = match found {
                Ok(discount) => (discount, None),
                Err(refused) => (Money::zero(&list.currency), Some(refused)),
            };
            let total = Money { minor: list.minor.saturating_sub(discount.minor), currency: list.currency.clone() };
            let enrolled = enrolled(&mut tx, account, course.id).await?;
            Ok(Some(Quote { course: CourseId(course.id), title: course.title, summary: course.summary, list, discount, total, refused, enrolled }))
        }

        async fn place_order(&self, key: Uuid, account: AccountId, slug: &str, code: Option<&str>, now: Timestamp) -> Result<Placed> {
            let order = OrderId(id_of(&format!("order:{}:{key}", account.0)));
            let request = Request { key, operation: Operation::PlaceOrder, account: Some(account), subject: Some(order.0) };
            let mut tx = self.db.write().await?;
            // One of a person's orders comes after another.
            let person = sql::lock_account(&mut tx, account).await?.filter(|account| account.status == AccountStatus::Active);
            person.ok_or(AcademyError::NotFound)?;
            if let Claim::Repeated(_) = sql::claim_key(&mut tx, request, now).await? {
                let known = purchases::lock(&mut tx, order.0).await?;
                if let Some(known) = known {
                    let to_pay = !known.purchase.is_paid().unwrap_or(false);
                    return Ok(Placed::Order { number: known.number, to_pay });
                }
                // The first time another order was given, which is looked for again.
            }
            let course = course(&mut tx, slug).await?.ok_or(AcademyError::NotFound)?;
            if enrolled(&mut tx, account, course.id).await? {
                return Ok(Placed::Enrolled);
            }
            if course.price_minor == 0 {
                return Ok(Placed::Free);
            }
            let asked = match code {
                None => None,
                Some(code) => match coupon(&mut tx, code).await? {
                    None => return Ok(Placed::Coupon(CouponRefused::Unknown)),
                    some => some,
                },
            };
            if let Some(number) = waiting(&mut tx, account, course.id, asked.as_ref(), now).await? {
                tx.commit().await?;
                return Ok(Placed::Order { number, to_pay: true });
            }
            let list = Money { minor: course.price_minor, currency: course.currency };
            // Read again: the order that was given up may have given a use back.
            let asked = match code {
                None => None,
                Some(code) => coupon(&mut tx, code).await?,
            };
            let discount = match &asked {
                None => Money::zero(&list.currency),
                Some(coupon) => {
                    let mine = mine(&mut tx, asked.as_ref(), account).await?;
                    match coupon.discount(CourseId(course.id), &list, mine, now) {
                        Ok(discount) => discount,
                        Err(refused) => return Ok(Placed::Coupon(refused)),
                    }
                }
            };
            let total = Money { minor: list.minor.saturating_sub(discount.minor), currency: list.currency.clone() };
            insert(&mut tx, order, account, course.id, (&list, &total), now).await?;
            if let Some(coupon) = &asked {
                use_coupon(&mut tx, coupon, order, account).await?;
            }
            events::record(&mut tx, &Event::OrderPlaced { account, order, total: total.clone() }, now).await?;
            let mut placed = purchases::lock(&mut tx, order.0).await?.ok_or(AcademyError::NotFound)?;
            let to_pay = !placed.purchase.is_paid().unwrap_or(false);
            if !to_pay {
                sqlx::query("UPDATE orders SET status = 'paid' WHERE id = $1").bind(order.0).execute(&mut *tx).await?;
                placed.purchase.status = crate::domain::OrderStatus::Paid;
            }
            purchases::follow(&mut tx, &placed, None, now).await?;
            tx.commit().await?;
            Ok(Placed::Order { number: placed.number, to_pay })
        }

        async fn order(&self, account: Option<AccountId>, number: &str) -> Result<Option<OrderView>> {
            let db = self.db.read_fresh();
            let row: Option<ViewRow> = sqlx::query_as(
                "SELECT o.id, o.number, o.course_id, c.title AS course_title, o.total_minor, o.currency, o.status, o.created_at, o.account_id, \
                 a.name AS buyer, c.slug, o.list_minor, k.pay_url FROM orders o JOIN course c ON c.id = o.course_id JOIN account a ON a.id = o.account_id \
                 LEFT JOIN checkout k ON k.order_id = o.id WHERE o.number = $1",
            )
            .bind(storable(number))
            .fetch_optional(db)
            .await?;
            let Some(row) = row.filter(|row| account.is_none_or(|account| account.0 == row.account_id)) else { return Ok(None) };
            let mut facts = OrderFacts::from(row.order);
            let charges: Vec<ChargeRow> = sqlx::query_as(
                "SELECT order_id, amount_minor, currency, method, status, charged_at FROM charge WHERE order_id = $1 ORDER BY charged_at, id",
            )
            .bind(facts.id.0)
            .fetch_all(db)
            .await?;
            let refunds: Vec<RefundRow> = sqlx::query_as(
                "SELECT order_id, amount_minor, currency, status, requested_at, decided_at, sent_at, settled_at, reason \
                 FROM refund WHERE order_id = $1 ORDER BY requested_at, id",
            )
            .bind(facts.id.0)
            .fetch_all(db)
            .await?;
            facts.charges = charges.into_iter().map(Into::into).collect();
            facts.refunds = refunds.into_iter().map(Into::into).collect();
            let papers: Vec<String> = sqlx::query_scalar("SELECT number FROM invoice WHERE order_id = $1 ORDER BY issued_at, number")
                .bind(facts.id.0)
                .fetch_all(db)
                .await?;
            let courses = self.courses(AccountId(row.account_id), porter_kernel::db::Freshness::Fresh).await?;
            let course = courses.iter().find(|course| course.course == facts.course);
            let list = Money { minor: row.list_minor.unwrap_or(facts.total.minor), currency: facts.total.currency.clone() };
            let refund = case(&facts, course.map_or(0, progress_percent));
            Ok(Some(OrderView {
                account: AccountId(row.account_id),
                buyer: row.buyer,
                slug: row.slug,
                pay_url: row.pay_url,
                facts,
                list,
                papers,
                refund,
            }))
        }

        async fn order_by_id(&self, id: OrderId) -> Result<Option<OrderView>> {
            let number: Option<String> = sqlx::query_scalar("SELECT number FROM orders WHERE id = $1")
                .bind(id.0)
                .fetch_optional(self.db.read_fresh())
                .await?;
            match number {
                Some(number) => self.order(None, &number).await,
                None => Ok(None),
            }
        }

        async fn checkout_started(&self, order: OrderId, pay_url: &str, now: Timestamp) -> Result<()> {
            let mut tx = self.db.write().await?;
            let started = sqlx::query("INSERT INTO checkout (order_id, pay_url, started_at) VALUES ($1, $2, $3) ON CONFLICT (order_id) DO NOTHING")
                .bind(order.0)
                .bind(storable(pay_url))
                .bind(now)
                .execute(&mut *tx)
                .await?;
            if started.rows_affected() == 1 {
                tx.enqueue(&jobs::reconcile(order, 1, jobs::reconcile_after(1, now)), now).await?;
            }
            tx.commit().await?;
            Ok(())
        }

        async fn invoice(&self, account: Option<AccountId>, number: &str) -> Result<Option<Invoice>> {
            const SQL: &str = concat!(invoice!(), "WHERE number = $1");
            let row: Option<InvoiceRow> = sqlx::query_as(SQL).bind(storable(number)).fetch_optional(self.db.read_fresh()).await?;
            let invoice = row.map(Invoice::from);
            Ok(invoice.filter(|invoice| account.is_none_or(|account| account == invoice.account)))
        }

        async fn coupons(&self) -> Result<Vec<Coupon>> {
            const SQL: &str = concat!("SELECT ", coupon!(), " FROM coupon ORDER BY created_at DESC, code");
            let rows: Vec<CouponRow> = sqlx::query_as(SQL).fetch_all(self.db.read_fresh()).await?;
            Ok(rows.into_iter().map(Into::into).collect())
        }

        async fn add_coupon(&self, coupon: &Coupon, now: Timestamp) -> Result<bool> {
            let (percent, amount) = match &coupon.off {
                Off::Percent(percent) => (Some(*percent), None),
                Off::Amount(amount) => (None, Some(amount)),
            };
            let mut tx = self.db.write().await?;
            let added = sqlx::query(
                "INSERT INTO coupon (id, code, percent, amount_minor, currency, starts_at, ends_at, uses, uses_each, course_id, used, created_at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, $11) ON CONFLICT (code) DO NOTHING",
            )
            .bind(coupon.id)
            .bind(storable(&coupon.code))
            .bind(percent)
            .bind(amount.map(|amount| amount.minor))
            .bind(amount.map(|amount| storable(&amount.currency)))
            .bind(coupon.starts_at)
            .bind(coupon.ends_at)
            .bind(coupon.uses)
            .bind(coupon.uses_each)
            .bind(coupon.course.map(|course| course.0))
            .bind(now)
            .execute(&mut *tx)
            .await?;
            tx.commit().await?;
            Ok(added.rows_affected() == 1)
        }

        async fn end_coupon(&self, id: Uuid, now: Timestamp) -> Result<()> {
            let mut tx = self.db.write().await?;
            sqlx::query("UPDATE coupon SET ends_at = $2 WHERE id = $1 AND (ends_at IS NULL OR ends_at > $2)")
                .bind(id)
                .bind(now)
                .execute(&mut *tx)
                .await?;
            tx.commit().await?;
            Ok(())
        }
    }

    /// A course that is on sale.
    async fn course(tx: &mut engine::Tx, slug: &str) -> std::result::Result<Option<CourseRow>, DbError> {
        let row = sqlx::query_as("SELECT id, title, summary, price_minor, currency FROM course WHERE slug = $1 AND published = $2");
        Ok(row.bind(storable(slug)).bind(true).fetch_optional(&mut **tx).await?)
    }

    async fn enrolled(tx: &mut engine::Tx, account: AccountId, course: Uuid) -> std::result::Result<bool, DbError> {
        let count: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM enrolment WHERE account_id = $1 AND course_id = $2 AND status IN ('active', 'completed')",
        )
        .bind(account.0)
        .bind(course)
        .fetch_one(&mut **tx)
        .await?;
        Ok(count > 0)
    }

    /// The coupon with this code, locked: two that use its last use come one after another.
    async fn coupon(tx: &mut engine::Tx, code: &str) -> std::result::Result<Option<Coupon>, DbError> {
        const SQL: &str = concat!("UPDATE coupon SET used = used WHERE code = $1 RETURNING ", coupon!());
        let Some(code) = stored_code(code) else { return Ok(None) };
        let row: Option<CouponRow> = sqlx::query_as(SQL).bind(code).fetch_optional(&mut **tx).await?;
        Ok(row.map(Into::into))
    }

    /// How often this person has used it.
    async fn mine(tx: &mut engine::Tx, coupon: Option<&Coupon>, account: AccountId) -> std::result::Result<i64, DbError> {
        let Some(coupon) = coupon else { return Ok(0) };
        let count = sqlx::query_scalar("SELECT COUNT(*) FROM coupon_use WHERE coupon_id = $1 AND account_id = $2");
        Ok(count.bind(coupon.id).bind(account.0).fetch_one(&mut **tx).await?)
    }

    async fn use_coupon(
        tx: &mut engine::Tx,
        coupon: &Coupon,
        order: OrderId,
        account: AccountId,
    ) -> std::result::Result<(), DbError> {
        sqlx::query("INSERT INTO coupon_use (order_id, coupon_id, account_id) VALUES ($1, $2, $3)")
            .bind(order.0)
            .bind(coupon.id)
            .bind(account.0)
            .execute(&mut **tx)
            .await?;
        sqlx::query("UPDATE coupon SET used = used + 1 WHERE id = $1").bind(coupon.id).execute(&mut **tx).await?;
        Ok(())
    }

    /// The number of their order for this course that waits for its payment with the same coupon; orders with another coupon are given up, unless the
    /// bank holds money for one.
    async fn waiting(
        tx: &mut engine::Tx,
        account: AccountId,
        course: Uuid,
        coupon: Option<&Coupon>,
        now: Timestamp,
    ) -> std::result::Result<Option<String>, DbError> {
        let waiting: Vec<(Uuid, Option<Uuid>)> = sqlx::query_as(
            "SELECT o.id, u.coupon_id FROM orders o LEFT JOIN coupon_use u ON u.order_id = o.id \
             WHERE o.account_id = $1 AND o.course_id = $2 AND o.status IN ('open', 'failed') ORDER BY o.created_at, o.id",
        )
        .bind(account.0)
        .bind(course)
        .fetch_all(&mut **tx)
        .await?;
        for (order, used) in waiting {
            let Some(mut locked) = purchases::lock(tx, order).await? else { continue };
            if used == coupon.map(|coupon| coupon.id) {
                return Ok(Some(locked.number));
            }
            if purchases::apply(tx, &mut locked, &Fact::GivenUp, Notes::default(), now).await?.is_err() {
                return Ok(Some(locked.number));
            }
        }
        Ok(None)
    }

    async fn insert(
        tx: &mut engine::Tx,
        order: OrderId,
        account: AccountId,
        course: Uuid,
        (list, total): (&Money, &Money),
        now: Timestamp,
    ) -> std::result::Result<(), DbError> {
        loop {
            let number = FIRST_NUMBER.saturating_add(invoices::next(tx, "order").await?);
            let inserted = sqlx::query(
                "INSERT INTO orders (id, number, account_id, course_id, total_minor, list_minor, currency, status, created_at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, 'open', $8) ON CONFLICT (number) DO NOTHING",
            )
            .bind(order.0)
            .bind(format!("NL-{number}"))
            .bind(account.0)
            .bind(course)
            .bind(total.minor)
            .bind(list.minor)
            .bind(storable(&total.currency))
            .bind(now)
            .execute(&mut **tx)
            .await?;
            // A number that was brought along is skipped.
            if inserted.rows_affected() == 1 {
                return Ok(());
            }
        }
    }
}

/// What the refund policy goes by, of an order as it is shown.
fn case(facts: &OrderFacts, progress_percent: i64) -> RefundCase {
    let captured = facts.charges.iter().filter(|charge| charge.status == ChargeStatus::Captured);
    let taken: i64 = captured.clone().map(|charge| charge.amount.minor).fold(0, i64::saturating_add);
    let live = facts.refunds.iter().filter(|refund| refund.status != RefundStatus::Rejected);
    let asked = live.clone().map(|refund| refund.amount.minor).fold(0, i64::saturating_add);
    let minor = taken.min(facts.total.minor).saturating_sub(asked).max(0);
    RefundCase {
        paid_at: captured.map(|charge| charge.charged_at).min(),
        progress_percent,
        refundable: Money { minor, currency: facts.total.currency.clone() },
        asked: live.count() > 0,
    }
}
