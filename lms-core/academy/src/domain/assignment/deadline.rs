//! When work is due, and what being late costs. Nothing here asks what time it is.

use std::time::Duration;

use porter_kernel::clock::Timestamp;

use super::Assignment;

const DAY: Duration = Duration::from_secs(86_400);
/// All of it, in basis points.
const WHOLE: i64 = 10_000;

/// What becomes of work that comes after its deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LateRule {
    /// It is not taken.
    Refuse,
    /// It costs so many percent of the points for every day that has begun, up to a maximum.
    Penalty { percent_per_day: i64, percent_max: i64 },
    /// It is taken as if it were on time.
    Accept,
}

/// How late work is, and what that costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lateness {
    /// Days that have begun since the deadline; 0: on time.
    pub days: i64,
    /// Basis points of what was reached: 0 to 10,000.
    pub cost: i64,
    /// It is not taken.
    pub refused: bool,
}

impl LateRule {
    /// The word that is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Refuse => "refuse",
            Self::Penalty { .. } => "penalty",
            Self::Accept => "accept",
        }
    }

    /// Percent a day and at most; 0 where that means nothing.
    #[must_use]
    pub fn numbers(self) -> (i64, i64) {
        match self {
            Self::Penalty { percent_per_day, percent_max } => (percent_per_day, percent_max),
            Self::Refuse | Self::Accept => (0, 0),
        }
    }
}

/// When one learner's work is due: an extension before all else, then the date for all, then the days since the enrolment. `None`: never.
#[must_use]
pub fn due(assignment: &Assignment, enrolled_at: Timestamp, extension: Option<Timestamp>) -> Option<Timestamp> {
    let days = || assignment.due_days.and_then(|days| u32::try_from(days).ok());
    extension.or(assignment.due_at).or_else(|| days().map(|days| enrolled_at + DAY * days))
}

/// How late work is that arrives `at`. The moment of the deadline itself is on time.
#[must_use]
pub fn lateness(rule: LateRule, due: Option<Timestamp>, at: Timestamp) -> Lateness {
    let Some(due) = due.filter(|due| at > *due) else { return Lateness { days: 0, cost: 0, refused: false } };
    let days = i64::try_from(at.since(due).as_micros().div_ceil(DAY.as_micros())).unwrap_or(i64::MAX);
    let cost = match rule {
        LateRule::Refuse | LateRule::Accept => 0,
        LateRule::Penalty { percent_per_day, percent_max } => {
            percent_per_day.max(0).saturating_mul(days).min(percent_max).clamp(0, 100) * 100
        }
    };
    Lateness { days, cost, refused: rule == LateRule::Refuse }
}

impl Lateness {
    /// What counts of `raw` basis points, rounded to the nearest, a half up.
    #[must_use]
    pub fn applied_to(self, raw: i64) -> i64 {
        if self.refused {
            return 0;
        }
        (raw.clamp(0, WHOLE) * (WHOLE - self.cost) + WHOLE / 2) / WHOLE
    }
}
