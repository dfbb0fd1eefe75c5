//! How fresh a read must be, and up to where somebody has written.

use std::{fmt, str::FromStr};

/// A place in the database's log of writes. Whoever has replayed up to a person's position has everything that this person wrote.
///
/// Opaque; prints and parses itself, for a cookie. On SQLite all positions are one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Position(u64);

/// A text that is no position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a position in the database's log")]
pub struct NoPosition;

impl Position {
    /// PostgreSQL's notation: `16/B374D848`.
    pub(super) fn from_lsn(text: &str) -> Option<Self> {
        let (high, low) = text.split_once('/')?;
        let (high, low) = (u32::from_str_radix(high, 16).ok()?, u32::from_str_radix(low, 16).ok()?);
        Some(Self((u64::from(high) << 32) | u64::from(low)))
    }

    #[cfg(test)]
    pub(super) fn from_raw(raw: u64) -> Self {
        Self(raw)
    }

    pub(super) fn raw(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}", self.0)
    }
}

impl FromStr for Position {
    type Err = NoPosition;

    fn from_str(text: &str) -> Result<Self, NoPosition> {
        // `from_str_radix` would take a sign.
        let digits = (1..=16).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if digits { u64::from_str_radix(text, 16).map(Self).map_err(|_| NoPosition) } else { Err(NoPosition) }
    }
}

/// What a read must see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// Everything that was committed. Whatever is *decided* is read so.
    Fresh,
    /// At least everything up to here: a person's own writes. Others' may be missing.
    Since(Position),
    /// Whatever a replica has, which may lag by the configured bound.
    Stale,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_read_as_postgres_writes_them() {
        assert_eq!(Position::from_lsn("16/B374D848"), Some(Position(0x16_B374_D848)));
        assert_eq!(Position::from_lsn("0/0"), Some(Position::default()));
        for bad in ["", "16", "/", "1/-1", "100000000/0"] {
            assert_eq!(Position::from_lsn(bad), None, "{bad}");
        }
        assert!(Position::from_lsn("1/0") > Position::from_lsn("0/FFFFFFFF"));
    }

    #[test]
    fn a_position_survives_a_cookie() {
        for raw in [0, 1, 0x16_B374_D848, u64::MAX] {
            assert_eq!(Position(raw).to_string().parse(), Ok(Position(raw)));
        }
        for bad in ["", "+1", "-1", "g", "11111111111111111", " 1"] {
            assert_eq!(bad.parse::<Position>(), Err(NoPosition), "{bad}");
        }
    }
}
