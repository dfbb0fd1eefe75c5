//! Whether a learner may ask for their money back, as the policy says.

use std::time::Duration;

use porter_kernel::clock::Timestamp;

use crate::domain::Money;
use crate::policy::Policy;

const DAY: u64 = 86_400;

/// What the answer hangs on, as of now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundCase {
    /// When the order's money was first taken.
    pub paid_at: Option<Timestamp>,
    /// Of the course, in percent of its lessons.
    pub progress_percent: i64,
    /// What could be given back.
    pub refundable: Money,
    /// One is on its way, or done.
    pub asked: bool,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefundAnswer {
    /// One may ask, until then.
    Possible {
        until: Timestamp,
        amount: Money,
    },
    /// Nothing was taken.
    NothingTaken,
    AskedAlready,
    TooLate {
        until: Timestamp,
    },
    TooFar {
        progress_percent: i64,
        limit_percent: i64,
    },
}

impl RefundCase {
    /// What the policy says at this moment. The window's last moment still counts, and so does the limit itself.
    #[must_use]
    pub fn answer(&self, policy: &Policy, now: Timestamp) -> RefundAnswer {
        let Some(paid_at) = self.paid_at else { return RefundAnswer::NothingTaken };
        if self.asked {
            return RefundAnswer::AskedAlready;
        }
        if self.refundable.minor <= 0 {
            return RefundAnswer::NothingTaken;
        }
        let until = paid_at + Duration::from_secs(policy.refund_window_days.saturating_mul(DAY));
        let (progress_percent, limit_percent) = (self.progress_percent, policy.refund_progress_limit_percent);
        if now > until {
            RefundAnswer::TooLate { until }
        } else if progress_percent > limit_percent {
            RefundAnswer::TooFar { progress_percent, limit_percent }
        } else {
            RefundAnswer::Possible { until, amount: self.refundable.clone() }
        }
    }
}
