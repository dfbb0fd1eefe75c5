//! Money: what an order costs, what became of it, what is owed to whom. Nothing here knows a database or a provider.
//!
//! Sums are checked: what does not fit or mixes currencies is an error and never a wrong amount. The only rounding is that of a percentage, which is
//! rounded down to whole minor units in the seller's favour: see [`coupon`].

pub mod coupon;
pub mod ledger;
pub mod purchase;
pub mod refunding;
#[cfg(test)]
mod tests;

use super::Money;

/// Amounts that cannot be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    #[error("the amounts are of different currencies")]
    Currencies,
    #[error("the amount is larger than can be counted")]
    Overflow,
}

impl Money {
    /// The sum.
    ///
    /// # Errors
    /// See [`MoneyError`].
    pub fn plus(&self, other: &Self) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::Currencies);
        }
        let minor = self.minor.checked_add(other.minor).ok_or(MoneyError::Overflow)?;
        Ok(Self { minor, currency: self.currency.clone() })
    }

    /// Nothing of this currency.
    #[must_use]
    pub fn zero(currency: &str) -> Self {
        Self { minor: 0, currency: currency.to_owned() }
    }
}
