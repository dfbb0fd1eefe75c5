//! An order with its charges and refunds as a state machine. Facts come from a provider late, twice and in any order, so what an order *is* follows
//! from the set of facts that are known, never from the order in which they came: a charge only ever moves up in rank, and the status of the order, the
//! enrolment and the books are read off.

use uuid::Uuid;

use super::MoneyError;
use super::ledger::{Account, Entry};
use crate::domain::{ChargeStatus, Money, OrderStatus, RefundStatus};

/// A charge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charge {
    pub id: Uuid,
    pub amount: Money,
    pub status: ChargeStatus,
}

/// A refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refund {
    pub id: Uuid,
    pub amount: Money,
    pub status: RefundStatus,
    /// How often it was handed to the provider; the last one counts.
    pub attempt: i64,
}

/// An order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purchase {
    pub id: Uuid,
    /// Before the coupon.
    pub list: Money,
    /// What is to be paid.
    pub total: Money,
    pub status: OrderStatus,
    pub charges: Vec<Charge>,
    pub refunds: Vec<Refund>,
}

/// Something that has happened, or that somebody asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// What the provider says of a charge.
    Charged(Charge),
    /// The order is given up before it was paid.
    GivenUp,
    RefundRequested {
        refund: Uuid,
        amount: Money,
    },
    RefundApproved(Uuid),
    RefundRejected(Uuid),
    /// The provider took it; `attempt` from 1.
    RefundSent {
        refund: Uuid,
        attempt: i64,
    },
    RefundSettled(Uuid),
    RefundFailed {
        refund: Uuid,
        attempt: i64,
    },
}

/// Why a fact changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unmoved {
    /// It is known, or something later is.
    #[error("known already")]
    Stale,
    /// What it follows from is not known yet: keep it and try again.
    #[error("it waits for what comes before it")]
    Waits,
    /// It never fits.
    #[error("it does not fit the order")]
    Refused,
    #[error(transparent)]
    Money(#[from] MoneyError),
}

/// A charge's place on its way. Captured is the end, whatever else is told later.
fn rank(status: ChargeStatus) -> u8 {
    match status {
        ChargeStatus::Authorised => 0,
        ChargeStatus::Declined | ChargeStatus::Released => 1,
        ChargeStatus::Captured => 2,
    }
}

fn sum<'a>(amounts: impl IntoIterator<Item = &'a Money>, currency: &str) -> Result<Money, MoneyError> {
    amounts.into_iter().try_fold(Money::zero(currency), |sum, amount| sum.plus(amount))
}

impl Purchase {
    /// Everything that was taken.
    ///
    /// # Errors
    /// See [`MoneyError`].
    pub fn captured(&self) -> Result<Money, MoneyError> {
        let captured = self.charges.iter().filter(|charge| charge.status == ChargeStatus::Captured);
        sum(captured.map(|charge| &charge.amount), &self.total.currency)
    }

    fn refunds_in(&self, states: &[RefundStatus]) -> Result<Money, MoneyError> {
        let those = self.refunds.iter().filter(|refund| states.contains(&refund.status));
        sum(those.map(|refund| &refund.amount), &self.total.currency)
    }

    /// What was granted back, whether or not it has arrived.
    ///
    /// # Errors
    /// See [`MoneyError`].
    pub fn granted(&self) -> Result<Money, MoneyError> {
        self.refunds_in(&[RefundStatus::Approved, RefundStatus::Sent, RefundStatus::Settled])
    }

    /// What could still be asked back: what was taken for the order, less what was asked for and not refused.
    ///
    /// # Errors
    /// See [`MoneyError`].
    pub fn refundable(&self) -> Result<Money, MoneyError> {
        let asked =
            self.refunds_in(&[RefundStatus::Requested, RefundStatus::Approved, RefundStatus::Sent, RefundStatus::Settled])?;
        let minor = self.captured()?.minor.min(self.total.minor).saturating_sub(asked.minor).max(0);
        Ok(Money { minor, ..asked })
    }

    /// Whether the whole price was taken.
    ///
    /// # Errors
    /// See [`MoneyError`].
    pub fn is_paid(&self) -> Result<bool, MoneyError> {
        Ok(self.captured()?.minor >= self.total.minor)
    }

    /// Whether the course is open by this order: it is paid, and was not granted back.
    ///
    /// # Errors
    /// See [`MoneyError`].
    pub fn opens(&self) -> Result<bool, MoneyError> {
        Ok(self.is_paid()? && (self.total.minor == 0 || self.granted()?.minor < self.total.minor))
    }

    /// Applies a fact, or says why it changes nothing.
    ///
    /// # Errors
    /// See [`Unmoved`]; nothing has changed then.
    pub fn apply(&mut self, fact: &Fact) -> Result<(), Unmoved> {
        let mut next = self.clone();
        next.take(fact)?;
        // What cannot be summed up is refused before it is believed.
        next.captured()?;
        next.granted()?;
        next.status = next.standing(matches!(fact, Fact::GivenUp))?;
        *self = next;
        Ok(())
    }

    fn take(&mut self, fact: &Fact) -> Result<(), Unmoved> {
        match fact {
            Fact::Charged(charge) => self.charge(charge),
            Fact::GivenUp if self.status == OrderStatus::Cancelled => Err(Unmoved::Stale),
            Fact::GivenUp => {
                let going =
                    self.charges.iter().any(|charge| matches!(charge.status, ChargeStatus::Authorised | ChargeStatus::Captured));
                if going || self.is_paid()? { Err(Unmoved::Refused) } else { Ok(()) }
            }
            Fact::RefundRequested { refund, amount } => {
                if self.refunds.iter().any(|known| known.id == *refund) {
                    return Err(Unmoved::Stale);
                }
                if amount.currency != self.total.currency {
                    return Err(MoneyError::Currencies.into());
                }
                if amount.minor <= 0 || amount.minor > self.refundable()?.minor {
                    return Err(Unmoved::Refused);
                }
                self.refunds.push(Refund { id: *refund, amount: amount.clone(), status: RefundStatus::Requested, attempt: 0 });
                Ok(())
            }
            Fact::RefundApproved(refund) => self.refund(*refund, |refund| match refund.status {
                RefundStatus::Requested => Ok(RefundStatus::Approved),
                RefundStatus::Rejected => Err(Unmoved::Refused),
                _ => Err(Unmoved::Stale),
            }),
            Fact::RefundRejected(refund) => self.refund(*refund, |refund| match refund.status {
                RefundStatus::Requested => Ok(RefundStatus::Rejected),
                RefundStatus::Rejected => Err(Unmoved::Stale),
                _ => Err(Unmoved::Refused),
            }),
            Fact::RefundSent { refund, attempt } => self.refund(*refund, |refund| match refund.status {
                RefundStatus::Approved if *attempt == refund.attempt.saturating_add(1) => {
                    refund.attempt = *attempt;
                    Ok(RefundStatus::Sent)
                }
                RefundStatus::Approved | RefundStatus::Sent | RefundStatus::Settled if *attempt <= refund.attempt => {
                    Err(Unmoved::Stale)
                }
                RefundStatus::Settled => Err(Unmoved::Stale),
                _ => Err(Unmoved::Refused),
            }),
            Fact::RefundSettled(refund) => self.refund(*refund, |refund| match refund.status {
                // The provider may tell the end before our own note of having sent it is written.
                RefundStatus::Approved | RefundStatus::Sent => Ok(RefundStatus::Settled),
                RefundStatus::Settled => Err(Unmoved::Stale),
                RefundStatus::Requested => Err(Unmoved::Waits),
                RefundStatus::Rejected => Err(Unmoved::Refused),
            }),
            Fact::RefundFailed { refund, attempt } => self.refund(*refund, |refund| match refund.status {
                RefundStatus::Settled => Err(Unmoved::Stale),
                RefundStatus::Approved | RefundStatus::Sent if *attempt > refund.attempt => {
                    // Told before our note of having sent it.
                    refund.attempt = *attempt;
                    Ok(RefundStatus::Approved)
                }
                RefundStatus::Sent if *attempt == refund.attempt => Ok(RefundStatus::Approved),
                RefundStatus::Approved | RefundStatus::Sent => Err(Unmoved::Stale),
                RefundStatus::Requested => Err(Unmoved::Waits),
                RefundStatus::Rejected => Err(Unmoved::Refused),
            }),
        }
    }

    fn charge(&mut self, told: &Charge) -> Result<(), Unmoved> {
        if told.amount.currency != self.total.currency {
            return Err(MoneyError::Currencies.into());
        }
        if told.amount.minor <= 0 {
            return Err(Unmoved::Refused);
        }
        let Some(known) = self.charges.iter_mut().find(|known| known.id == told.id) else {
            self.charges.push(told.clone());
            return Ok(());
        };
        if rank(told.status) <= rank(known.status) {
            return Err(Unmoved::Stale);
        }
        *known = told.clone();
        Ok(())
    }

    fn refund(&mut self, id: Uuid, step: impl FnOnce(&mut Refund) -> Result<RefundStatus, Unmoved>) -> Result<(), Unmoved> {
        let refund = self.refunds.iter_mut().find(|refund| refund.id == id).ok_or(Unmoved::Waits)?;
        refund.status = step(refund)?;
        Ok(())
    }

    /// What the order is, read off its facts.
    fn standing(&self, given_up: bool) -> Result<OrderStatus, MoneyError> {
        let any = |status| self.charges.iter().any(|charge| charge.status == status);
        let back = self.refunds_in(&[RefundStatus::Settled])?;
        Ok(if self.is_paid()? {
            // An order that was called refunded stays so: those of before the ledger were, as soon as the money was on its way.
            let all_back = self.total.minor > 0 && back.minor >= self.total.minor;
            if all_back || self.status == OrderStatus::Refunded { OrderStatus::Refunded } else { OrderStatus::Paid }
        } else if given_up || self.status == OrderStatus::Cancelled {
            OrderStatus::Cancelled
        } else if any(ChargeStatus::Authorised) || any(ChargeStatus::Captured) {
            OrderStatus::Open
        } else if any(ChargeStatus::Declined) || any(ChargeStatus::Released) {
            OrderStatus::Failed
        } else {
            OrderStatus::Open
        })
    }

    /// Every entry that the books must have for this order as it is. They only ever grow, whatever comes.
    ///
    /// # Errors
    /// See [`MoneyError`].
    pub fn books(&self) -> Result<Vec<Entry>, MoneyError> {
        use Account::{Cash, Credit, Discounts, Payable, Refunds, Revenue};
        let mut entries = Vec::new();
        for charge in self.charges.iter().filter(|charge| charge.status == ChargeStatus::Captured) {
            entries.push(Entry::new(format!("charge:{}", charge.id), [(Cash, Credit, charge.amount.clone())]));
        }
        if self.is_paid()? {
            let off = self.list.minor.checked_sub(self.total.minor).ok_or(MoneyError::Overflow)?;
            let discount = Money { minor: off, currency: self.total.currency.clone() };
            let lines = [(Credit, Revenue, self.total.clone()), (Discounts, Revenue, discount)];
            entries.push(Entry::new(format!("order:{}:paid", self.id), lines));
        }
        for refund in &self.refunds {
            let (granted, settled) = match refund.status {
                RefundStatus::Requested | RefundStatus::Rejected => (false, false),
                RefundStatus::Approved | RefundStatus::Sent => (true, false),
                RefundStatus::Settled => (true, true),
            };
            if granted {
                entries.push(Entry::new(format!("refund:{}:approved", refund.id), [(Refunds, Payable, refund.amount.clone())]));
            }
            if settled {
                entries.push(Entry::new(format!("refund:{}:settled", refund.id), [(Payable, Cash, refund.amount.clone())]));
            }
        }
        Ok(entries.into_iter().filter(|entry| !entry.lines.is_empty()).collect())
    }
}
