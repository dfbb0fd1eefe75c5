//! Time comes from an injected [`Clock`], so that tests decide what the time is.

use std::{
    fmt,
    ops::{Add, Sub},
    str::FromStr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, SecondsFormat, SubsecRound, TimeDelta, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::ToSchema;

/// A moment in UTC, in whole microseconds: the finest that both database engines store.
///
/// Written and read as RFC 3339 with `Z`: `2026-11-24T10:00:00Z`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, ToSchema)]
#[schema(value_type = String, format = DateTime, example = "2026-11-24T10:00:00Z")]
pub struct Timestamp(DateTime<Utc>);

impl Timestamp {
    /// Cuts off what is finer than a microsecond.
    #[must_use]
    pub fn from_datetime(datetime: DateTime<Utc>) -> Self {
        Self(datetime.trunc_subsecs(6))
    }

    /// The moment as chrono has it.
    #[must_use]
    pub fn datetime(self) -> DateTime<Utc> {
        self.0
    }

    /// Microseconds since 1970-01-01T00:00:00Z; `None` beyond the years that chrono counts.
    #[must_use]
    pub fn from_micros(micros: i64) -> Option<Self> {
        DateTime::from_timestamp_micros(micros).map(Self)
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn micros(self) -> i64 {
        self.0.timestamp_micros()
    }

    /// The time passed since `earlier`; zero when that is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        (self.0 - earlier.0).to_std().unwrap_or_default()
    }
}

impl From<DateTime<Utc>> for Timestamp {
    fn from(datetime: DateTime<Utc>) -> Self {
        Self::from_datetime(datetime)
    }
}

/// Saturates at the end of chrono's calendar.
impl Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        let delta = TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX);
        Self::from_datetime(self.0.checked_add_signed(delta).unwrap_or(DateTime::<Utc>::MAX_UTC))
    }
}

/// Saturates at the beginning of chrono's calendar.
impl Sub<Duration> for Timestamp {
    type Output = Self;

    fn sub(self, duration: Duration) -> Self {
        let delta = TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX);
        Self::from_datetime(self.0.checked_sub_signed(delta).unwrap_or(DateTime::<Utc>::MIN_UTC))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Timestamp {
    type Err = chrono::ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        DateTime::parse_from_rfc3339(text).map(|datetime| Self::from_datetime(datetime.to_utc()))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|error| de::Error::custom(format_args!("{text:?} is not an RFC 3339 time: {error}")))
    }
}

/// Tells the time.
pub trait Clock: Send + Sync + fmt::Debug {
    /// The time now.
    fn now(&self) -> Timestamp;
}

impl<C: Clock + ?Sized> Clock for Arc<C> {
    fn now(&self) -> Timestamp {
        (**self).now()
    }
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    fn now(&self) -> Timestamp {
        Timestamp::from_datetime(Utc::now())
    }
}

/// A clock that stands still until it is told otherwise. Clones show the same time.
#[derive(Debug, Clone)]
pub struct ManualClock(Arc<Mutex<Timestamp>>);

impl ManualClock {
    /// A clock that shows `now`.
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        Self(Arc::new(Mutex::new(now)))
    }

    /// Moves the clock to `now`, also backwards.
    pub fn set(&self, now: Timestamp) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }

    /// Moves the clock on and returns the new time.
    pub fn advance(&self, duration: Duration) -> Timestamp {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *now = *now + duration;
        *now
    }
}

/// Starts at 2026-11-24T10:00:00Z.
impl Default for ManualClock {
    fn default() -> Self {
        Self::new(Timestamp(DateTime::from_timestamp_nanos(1_795_514_400_000_000_000)))
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timestamp_is_written_with_z_and_read_back() {
        let clock = ManualClock::default();
        assert_eq!(serde_json::to_string(&clock.now()).unwrap(), "\"2026-11-24T10:00:00Z\"");
        let fine = clock.advance(Duration::from_nanos(1_234_567));
        assert_eq!(fine.to_string(), "2026-11-24T10:00:00.001234Z");
        assert_eq!(serde_json::from_str::<Timestamp>("\"2026-11-24T12:00:00.001234+02:00\"").unwrap(), fine);
        assert_eq!(Timestamp::from_micros(fine.micros()), Some(fine));
    }

    #[test]
    fn a_bad_time_is_named() {
        let error = serde_json::from_str::<Timestamp>("\"yesterday\"").unwrap_err().to_string();
        assert!(error.contains("\"yesterday\" is not an RFC 3339 time"), "{error}");
    }

    #[test]
    fn arithmetic_saturates() {
        let now = ManualClock::default().now();
        assert_eq!((now + Duration::from_secs(1)).since(now), Duration::from_secs(1));
        assert_eq!(now.since(now + Duration::from_secs(1)), Duration::ZERO);
        assert!(now + Duration::MAX > now);
        assert!(now - Duration::MAX < now);
    }

    #[test]
    fn clones_of_a_manual_clock_agree() {
        let clock = ManualClock::default();
        let other = clock.clone();
        clock.advance(Duration::from_secs(60));
        assert_eq!(clock.now(), other.now());
        other.set(Timestamp::from_micros(0).unwrap());
        assert_eq!(clock.now().to_string(), "1970-01-01T00:00:00Z");
    }

    #[test]
    fn the_system_clock_goes_forward() {
        let first = SystemClock.now();
        assert!(SystemClock.now() >= first);
    }
}
