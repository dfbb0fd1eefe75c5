//! Where an order's money is.

use porter_kernel::clock::Timestamp;

use crate::domain::{ChargeFacts, ChargeStatus, Money, OrderFacts, OrderStatus, RefundFacts, RefundStatus};

/// What the charges of an order come to.
#[derive(Debug)]
pub(super) enum Payment<'a> {
    /// We have money for it, first by this charge.
    Taken(&'a ChargeFacts),
    /// The bank holds it; the newest such charge.
    Held(&'a ChargeFacts),
    /// The newest charge was declined.
    Declined(&'a ChargeFacts),
    /// The newest charge was a hold that lapsed.
    Released(&'a ChargeFacts),
    /// Nobody has tried to pay.
    None,
}

impl<'a> Payment<'a> {
    pub(super) fn of(order: &'a OrderFacts) -> Self {
        if let Some(first) = with_status(order, ChargeStatus::Captured).first() {
            return Self::Taken(first);
        }
        if let Some(held) = with_status(order, ChargeStatus::Authorised).last() {
            return Self::Held(held);
        }
        match order.charges.iter().max_by_key(|charge| charge.charged_at) {
            None => Self::None,
            Some(charge) if charge.status == ChargeStatus::Released => Self::Released(charge),
            Some(charge) => Self::Declined(charge),
        }
    }
}

/// The order's charges in this state, the oldest first.
pub(super) fn with_status(order: &OrderFacts, status: ChargeStatus) -> Vec<&ChargeFacts> {
    let mut charges: Vec<&ChargeFacts> = order.charges.iter().filter(|charge| charge.status == status).collect();
    charges.sort_by_key(|charge| charge.charged_at);
    charges
}

/// Refunds that were granted: the money is back, or will be.
pub(super) fn granted(order: &OrderFacts) -> Vec<&RefundFacts> {
    let is_granted = |status| matches!(status, RefundStatus::Approved | RefundStatus::Sent | RefundStatus::Settled);
    let mut refunds: Vec<&RefundFacts> = order.refunds.iter().filter(|refund| is_granted(refund.status)).collect();
    refunds.sort_by_key(|refund| refund.requested_at);
    refunds
}

/// Whether the order was paid back, or is being so.
pub(super) fn is_refunded(order: &OrderFacts) -> bool {
    order.status == OrderStatus::Refunded || !granted(order).is_empty()
}

/// The sum, when all are of one currency; zero of `currency` when there are none.
pub(super) fn sum<'a>(amounts: impl IntoIterator<Item = &'a Money>, currency: &str) -> Option<Money> {
    let mut minor = 0_i64;
    for amount in amounts {
        if amount.currency != currency {
            return None;
        }
        minor = minor.saturating_add(amount.minor);
    }
    Some(Money { minor, currency: currency.to_owned() })
}

/// An order's account, in its own currency.
#[derive(Debug)]
pub(super) struct Balance {
    /// Captured.
    pub(super) taken: Money,
    /// Paid back or about to be.
    pub(super) back: Money,
    /// Captured beyond the order's total, and not paid back.
    pub(super) excess: Money,
}

impl Balance {
    /// `None` when amounts of several currencies are mixed.
    pub(super) fn of(order: &OrderFacts) -> Option<Self> {
        let currency = &order.total.currency;
        let taken = sum(with_status(order, ChargeStatus::Captured).into_iter().map(|charge| &charge.amount), currency)?;
        let back = sum(granted(order).into_iter().map(|refund| &refund.amount), currency)?;
        let excess = taken.minor.saturating_sub(order.total.minor).saturating_sub(back.minor).max(0);
        Some(Self { excess: Money { minor: excess, currency: currency.clone() }, taken, back })
    }

    /// Whether we still have money for the order.
    pub(super) fn is_paid(&self) -> bool {
        self.taken.minor > self.back.minor
    }
}

/// When we first had money for the order.
pub(super) fn paid_at(order: &OrderFacts) -> Option<Timestamp> {
    with_status(order, ChargeStatus::Captured).first().map(|charge| charge.charged_at)
}
