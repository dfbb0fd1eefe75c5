//! Decimal numbers, exact: with binary ones, 0.4 would not be within 0.1 of 0.3.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Digits after the point that are kept; what is finer is cut off.
const PLACES: i64 = 12;
const UNIT: i128 = 1_000_000_000_000;
/// Below this: fifteen digits before the point.
const LIMIT: i128 = 1_000_000_000_000_000 * UNIT;

/// A number with at most 15 digits before the point and 12 after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Decimal(i128);

impl Decimal {
    pub const ZERO: Self = Self(0);
    pub const HUNDRED: Self = Self(100 * UNIT);

    /// From digits: `±whole.fraction × 10^exponent`. `None` when one is no digit, when there is none, or when it is too large.
    pub(super) fn from_digits(negative: bool, whole: &str, fraction: &str, exponent: i64) -> Option<Self> {
        let digits: Vec<i128> =
            whole.chars().chain(fraction.chars()).map(|digit| digit.to_digit(10).map(i128::from)).collect::<Option<_>>()?;
        if digits.is_empty() || exponent.abs() > 40 {
            return None;
        }
        let kept = i64::try_from(whole.chars().count()).ok()? + exponent + PLACES;
        let mut value: i128 = 0;
        for place in 0..usize::try_from(kept.max(0)).ok()? {
            value = value * 10 + digits.get(place).copied().unwrap_or(0);
            if value >= LIMIT {
                return None;
            }
        }
        Some(Self(if negative { -value } else { value }))
    }

    /// How far two numbers are apart.
    #[must_use]
    pub fn distance(self, other: Self) -> Self {
        Self((self.0 - other.0).abs())
    }

    /// Whether `self` is at most `percent` per cent of `whole`, exactly; of the percentage, six digits after the point count.
    pub(super) fn is_share(self, percent: Self, whole: Self) -> bool {
        let millionths = UNIT / 1_000_000;
        let (Some(left), Some(right)) = (self.0.checked_mul(100 * 1_000_000), (percent.0 / millionths).checked_mul(whole.0.abs()))
        else {
            return false;
        };
        left <= right
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, fraction) = (self.0.abs() / UNIT, self.0.abs() % UNIT);
        if fraction == 0 {
            return write!(f, "{sign}{whole}");
        }
        let fraction = format!("{fraction:012}");
        write!(f, "{sign}{whole}.{}", fraction.trim_end_matches('0'))
    }
}

/// What is not a number in the plain form `-12.5` or `1e-3`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a number such as 12.5, with at most 15 digits before the point")]
pub struct NotANumber;

/// The plain form of files and of the database; what people type is read by [`super::numeric`].
impl FromStr for Decimal {
    type Err = NotANumber;

    fn from_str(text: &str) -> Result<Self, NotANumber> {
        let (negative, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (rest, exponent) = match rest.split_once(['e', 'E']) {
            Some((rest, exponent)) => (rest, exponent.parse().map_err(|_| NotANumber)?),
            None => (rest, 0),
        };
        let (whole, fraction) = rest.split_once('.').unwrap_or((rest, ""));
        if rest.len() > 60 {
            return Err(NotANumber);
        }
        Self::from_digits(negative, whole, fraction, exponent).ok_or(NotANumber)
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}
