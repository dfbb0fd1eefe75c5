//! Coupons: a share of the price or an amount off it.

use porter_kernel::clock::Timestamp;
use uuid::Uuid;

use crate::domain::{CourseId, Money};

/// What it takes off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Off {
    /// From 1 to 100. Rounded down to whole minor units.
    Percent(i64),
    Amount(Money),
}

/// A coupon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coupon {
    pub id: Uuid,
    /// In capitals: see [`stored_code`].
    pub code: String,
    pub off: Off,
    pub starts_at: Option<Timestamp>,
    pub ends_at: Option<Timestamp>,
    /// How often it may be used, by all together and by each person.
    pub uses: Option<i64>,
    pub uses_each: Option<i64>,
    /// `None`: every course.
    pub course: Option<CourseId>,
    /// How often it was used, given up orders not counted.
    pub used: i64,
}

/// Why a coupon takes nothing off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CouponRefused {
    #[error("We know no coupon with this code. Look whether it was typed right.")]
    Unknown,
    #[error("This coupon is not valid yet.")]
    NotYet,
    #[error("This coupon has ended.")]
    Ended,
    #[error("This coupon was used as often as it can be.")]
    UsedUp,
    #[error("You have used this coupon as often as one person can.")]
    UsedByYou,
    #[error("This coupon is for another course.")]
    OtherCourse,
    #[error("This coupon is in another currency than the course.")]
    OtherCurrency,
}

impl Coupon {
    /// What it takes off this price: never more than the price. `mine`: how often this person has used it.
    ///
    /// # Errors
    /// See [`CouponRefused`].
    pub fn discount(&self, course: CourseId, price: &Money, mine: i64, now: Timestamp) -> Result<Money, CouponRefused> {
        if self.starts_at.is_some_and(|starts| now < starts) {
            return Err(CouponRefused::NotYet);
        }
        if self.ends_at.is_some_and(|ends| ends <= now) {
            return Err(CouponRefused::Ended);
        }
        if self.course.is_some_and(|own| own != course) {
            return Err(CouponRefused::OtherCourse);
        }
        if self.uses.is_some_and(|uses| self.used >= uses) {
            return Err(CouponRefused::UsedUp);
        }
        if self.uses_each.is_some_and(|uses| mine >= uses) {
            return Err(CouponRefused::UsedByYou);
        }
        let minor = match &self.off {
            Off::Amount(off) if off.currency != price.currency => return Err(CouponRefused::OtherCurrency),
            Off::Amount(off) => off.minor,
            Off::Percent(percent) => share(price.minor, *percent),
        };
        Ok(Money { minor: minor.clamp(0, price.minor.max(0)), currency: price.currency.clone() })
    }
}

/// So many percent, rounded down.
fn share(minor: i64, percent: i64) -> i64 {
    let share = i128::from(minor) * i128::from(percent.clamp(0, 100)) / 100;
    i64::try_from(share).unwrap_or(i64::MAX)
}

/// A code as it is stored and compared: without spaces around, in capitals. `None` for what is no code.
#[must_use]
pub fn stored_code(text: &str) -> Option<String> {
    let code = text.trim().to_ascii_uppercase();
    let plain = code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    (plain && (3..=32).contains(&code.len())).then_some(code)
}
