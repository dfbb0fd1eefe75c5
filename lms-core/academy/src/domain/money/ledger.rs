//! The books: double entry. A line moves an amount from one account to another, so that an entry, a currency and the whole ledger sum to zero because
//! there is no way to write anything else.
//!
//! | account | what its balance says (debits less credits) |
//! |---|---|
//! | `cash` | what lies at the payment provider for us |
//! | `credit` | what buyers have paid that belongs to no paid order: instalments, and money taken twice (negative: owed to them) |
//! | `revenue` | list prices of what was sold (negative) |
//! | `discounts` | what coupons took off |
//! | `refunds` | what was granted back |
//! | `payable` | of that, what has not left yet (negative: owed to them) |

use crate::domain::Money;

/// An account of the ledger: see the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Account {
    Cash,
    Credit,
    Revenue,
    Discounts,
    Refunds,
    Payable,
}

impl Account {
    pub const ALL: [Self; 6] = [Self::Cash, Self::Credit, Self::Revenue, Self::Discounts, Self::Refunds, Self::Payable];

    /// The word that is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cash => "cash",
            Self::Credit => "credit",
            Self::Revenue => "revenue",
            Self::Discounts => "discounts",
            Self::Refunds => "refunds",
            Self::Payable => "payable",
        }
    }
}

/// An amount that moves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub debit: Account,
    pub credit: Account,
    /// More than nothing.
    pub amount: Money,
}

/// What one event of money means. Written once for its cause, and never changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Such as `charge:…` or `refund:…:settled`: no two entries have the same.
    pub cause: String,
    pub lines: Vec<Line>,
}

impl Entry {
    /// An entry of the lines that move something.
    #[must_use]
    pub fn new(cause: String, lines: impl IntoIterator<Item = (Account, Account, Money)>) -> Self {
        let lines = lines.into_iter().filter(|(_, _, amount)| amount.minor > 0);
        Self { cause, lines: lines.map(|(debit, credit, amount)| Line { debit, credit, amount }).collect() }
    }
}

/// What an account holds in one currency: debits less credits, in minor units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Balance {
    pub account: String,
    pub amount: Money,
}
