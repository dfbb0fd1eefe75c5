//! Points: fractions, so that a third of a point is a third.

use std::cmp::Ordering;
use std::fmt;

/// A fraction of at least zero, in lowest terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Points {
    numerator: u64,
    denominator: u64,
}

impl Points {
    pub const ZERO: Self = Self { numerator: 0, denominator: 1 };

    /// Whole points.
    #[must_use]
    pub fn whole(points: u32) -> Self {
        Self { numerator: u64::from(points), denominator: 1 }
    }

    /// `points × part / whole`; zero for a share of nothing.
    #[must_use]
    pub fn share(points: u32, part: usize, whole: usize) -> Self {
        let part = u128::try_from(part.min(whole)).unwrap_or_default();
        Self::reduced(u128::from(points) * part, u128::try_from(whole).unwrap_or_default())
    }

    /// As stored; `None` for what is no such fraction.
    #[must_use]
    pub fn from_parts(numerator: i64, denominator: i64) -> Option<Self> {
        let (numerator, denominator) = (u128::try_from(numerator).ok()?, u128::try_from(denominator).ok()?);
        (denominator > 0).then(|| Self::reduced(numerator, denominator))
    }

    /// Numerator and denominator, to store.
    #[must_use]
    pub fn parts(self) -> (i64, i64) {
        (i64::try_from(self.numerator).unwrap_or(i64::MAX), i64::try_from(self.denominator).unwrap_or(i64::MAX))
    }

    /// The sum. Questions have at most twenty parts, so denominators divide the least common multiple of 1 to 20 and sums of them stay small.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        let (a, b) = (u128::from(self.numerator), u128::from(other.numerator));
        let (c, d) = (u128::from(self.denominator), u128::from(other.denominator));
        Self::reduced(a * d + b * c, c * d)
    }

    /// Of so many whole points, in percent from 0 to 100, rounded down: nobody passes by rounding.
    #[must_use]
    pub fn percent_of(self, all: u32) -> i64 {
        let whole = u128::from(self.denominator) * u128::from(all);
        let percent = (u128::from(self.numerator) * 100).checked_div(whole).unwrap_or_default();
        i64::try_from(percent.min(100)).unwrap_or(100)
    }

    fn reduced(numerator: u128, denominator: u128) -> Self {
        let divisor = gcd(numerator, denominator);
        match (numerator.checked_div(divisor), denominator.checked_div(divisor)) {
            (Some(numerator), Some(denominator)) if denominator > 0 => Self {
                numerator: u64::try_from(numerator).unwrap_or(u64::MAX),
                denominator: u64::try_from(denominator).unwrap_or(u64::MAX),
            },
            _ => Self::ZERO,
        }
    }
}

fn gcd(mut a: u128, mut b: u128) -> u128 {
    while b > 0 {
        (a, b) = (b, a % b);
    }
    a
}

impl PartialOrd for Points {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Points {
    fn cmp(&self, other: &Self) -> Ordering {
        let left = u128::from(self.numerator) * u128::from(other.denominator);
        left.cmp(&(u128::from(other.numerator) * u128::from(self.denominator)))
    }
}

/// `2`, `0.5`, `1.33`.
impl fmt::Display for Points {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hundredths = u128::from(self.numerator) * 100 / u128::from(self.denominator.max(1));
        let (whole, rest) = (hundredths / 100, hundredths % 100);
        if rest == 0 { write!(f, "{whole}") } else { f.write_str(format!("{whole}.{rest:02}").trim_end_matches('0')) }
    }
}
