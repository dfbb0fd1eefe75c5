//! Ids of one repetition: the same each time, and no other repetition's.

use std::sync::{Mutex, PoisonError};

use porter_evals::Chance;
use porter_kernel::ids::{Ids, Token};
use uuid::Uuid;

/// Counts on in the shape of UUID version 7, with drawn bits behind.
#[derive(Debug)]
pub(super) struct DrawnIds(Mutex<(Chance, u64)>);

impl DrawnIds {
    pub(super) fn new(mut chance: Chance) -> Self {
        // The front of the ids that count: some moment of the next years, in milliseconds.
        let first = 1_795_514_400_000 + chance.bits() % 100_000_000_000;
        Self(Mutex::new((chance, first)))
    }

    fn draw<T>(&self, act: impl FnOnce(&mut Chance, &mut u64) -> T) -> T {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (chance, next) = &mut *state;
        act(chance, next)
    }
}

impl Ids for DrawnIds {
    fn uuid(&self) -> Uuid {
        self.draw(|chance, next| {
            *next += 1;
            Uuid::from_u64_pair(*next << 16 | 0x7000 | chance.bits() >> 52, 1 << 63 | chance.bits() >> 2)
        })
    }

    fn token(&self) -> Token {
        self.draw(|chance, _| {
            let bits = u128::from(chance.bits()) << 64 | u128::from(chance.bits());
            Token::from_bytes(bits.to_be_bytes())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_and_are_the_same_for_the_same_repetition_alone() {
        let made = |repetition| {
            let ids = DrawnIds::new(Chance::new(1, "d", repetition));
            (0..100).map(|_| ids.uuid()).collect::<Vec<_>>()
        };
        let first = made(0);
        assert!(first.is_sorted() && first.iter().all(|id| id.get_version_num() == 7), "{first:?}");
        assert_eq!(first, made(0));
        assert!(made(1).iter().all(|id| !first.contains(id)));
    }
}
