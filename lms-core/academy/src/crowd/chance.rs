//! Chance that falls the same way each time.

use uuid::Uuid;

/// `SplitMix64` (Steele, Lea, Flood 2014): the next number follows from the state alone, on every machine and in every version.
#[derive(Debug, Clone)]
pub(super) struct Chance(u64);

impl Chance {
    /// Of one learner.
    pub(super) fn of(number: u64) -> Self {
        let mut chance = Self(number.wrapping_mul(0xd1b5_4a32_d192_ed03));
        // Neighbours begin with alike states.
        chance.next();
        chance
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Less than `bound`.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        // The bias towards small numbers is bound / 2^64.
        self.next() % bound.max(1)
    }

    /// True so many times in a thousand.
    pub(super) fn in_thousand(&mut self, times: u64) -> bool {
        self.below(1_000) < times
    }

    pub(super) fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        let place = self.below(u64::try_from(of.len()).unwrap_or(u64::MAX));
        of.get(usize::try_from(place).unwrap_or_default())
    }
}

/// An id that sorts by `number` (rows that are written together lie together), in the form of version 7.
pub(super) fn id(chance: &mut Chance, number: u64) -> Uuid {
    // 1 January 2020 in milliseconds, and a second for each learner.
    let millis = 1_577_836_800_000_u64.saturating_add(number.saturating_mul(1_000));
    let high = millis << 16 | 0x7000 | (chance.next() & 0x0fff);
    let low = 0x8000_0000_0000_0000 | (chance.next() >> 2);
    Uuid::from_u64_pair(high, low)
}
