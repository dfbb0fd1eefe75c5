//! Which questions an attempt asks, and in which order: chance that follows from a seed, so that it can be repeated.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Kind, Pool, Question};

/// What an attempt's chance follows from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seed(pub i64);

impl Seed {
    /// From the attempt's id, whose last bits are random.
    #[must_use]
    pub fn of(attempt: Uuid) -> Self {
        let (high, low) = attempt.as_u64_pair();
        Self(i64::from_ne_bytes(Random(high).next().wrapping_add(low).to_ne_bytes()))
    }
}

/// SplitMix64 (Steele, Lea and Flood 2014): small, and the same on every machine and in every release.
struct Random(u64);

impl Random {
    fn new(seed: Seed, salt: u64) -> Self {
        let mut random = Self(u64::from_ne_bytes(seed.0.to_ne_bytes()));
        let first = random.next();
        Self(first ^ salt.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Below `end`, which is small: the bias is beyond anything that can be seen.
    fn below(&mut self, end: usize) -> usize {
        let product = u128::from(self.next()) * u128::try_from(end).unwrap_or_default();
        usize::try_from(product >> 64).unwrap_or_default()
    }

    /// Fisher and Yates.
    fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

/// The places (in `questions`) of what is asked, in the order in which it is. Each pool takes from what the pools before it have left; one that asks
/// for more than there is takes what there is.
#[must_use]
pub fn draw(seed: Seed, pools: &[Pool], shuffle: bool, questions: &[&Question]) -> Vec<usize> {
    let mut deck: Vec<usize> = (0..questions.len()).collect();
    Random::new(seed, 0).shuffle(&mut deck);
    let mut drawn = Vec::new();
    for pool in pools {
        let tagged = |place: &usize| {
            pool.tag.as_ref().is_none_or(|tag| questions.get(*place).is_some_and(|question| question.tags.contains(tag)))
        };
        let count = usize::try_from(pool.draw).unwrap_or_default();
        let taken: Vec<usize> = deck.iter().copied().filter(|place| tagged(place)).take(count).collect();
        deck.retain(|place| !taken.contains(place));
        drawn.extend(taken);
    }
    if pools.is_empty() {
        drawn = deck;
    }
    drawn.sort_unstable();
    if shuffle {
        Random::new(seed, 1).shuffle(&mut drawn);
    }
    drawn
}

/// The order in which the parts of the question at this place of the attempt are shown: `arrangement[shown] = own`. Empty for a question without parts.
#[must_use]
pub fn arrange(seed: Seed, place: usize, shuffle: bool, question: &Question) -> Vec<usize> {
    let mut arrangement: Vec<usize> = (0..question.kind.parts().len()).collect();
    let ordering = matches!(question.kind, Kind::Ordering { .. });
    if shuffle || ordering {
        Random::new(seed, u64::try_from(place).unwrap_or_default().wrapping_add(2)).shuffle(&mut arrangement);
    }
    // An ordering that is shown in its right order would be solved by doing nothing.
    if ordering && arrangement.is_sorted() {
        arrangement.rotate_left(1);
    }
    arrangement
}
