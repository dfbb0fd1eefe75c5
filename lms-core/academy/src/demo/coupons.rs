//! Coupons to try.

use std::time::Duration;

use porter_kernel::clock::Timestamp;
use porter_kernel::ids::Ids;

use crate::domain::Money;
use crate::domain::money::coupon::{Coupon, Off};

/// `WELCOME20` takes a fifth off, once for each person; `TEAM-50` takes off 50 euros; `GIFT100` gives a course away.
#[must_use]
pub fn coupons(now: Timestamp, ids: &dyn Ids) -> Vec<Coupon> {
    let coupon = |code: &str, off, days: u64, uses| Coupon {
        id: ids.uuid(),
        code: code.to_owned(),
        off,
        starts_at: None,
        ends_at: Some(now + Duration::from_secs(days * 86_400)),
        uses,
        uses_each: Some(1),
        course: None,
        used: 0,
    };
    vec![
        coupon("WELCOME20", Off::Percent(20), 365, None),
        coupon("TEAM-50", Off::Amount(Money { minor: 5_000, currency: "EUR".to_owned() }), 90, Some(100)),
        coupon("GIFT100", Off::Percent(100), 90, Some(10)),
    ]
}
