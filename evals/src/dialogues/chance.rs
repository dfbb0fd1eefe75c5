//! What a repetition draws: wordings, typos, a clock, faults. All of it follows from the seed, the dialogue and the repetition.

use sha2::{Digest, Sha256};

/// From so many words on a message may have two slips.
const LONG: usize = 8;

/// A generator that is the same on every machine: splitmix64 from a hash of its name.
#[derive(Debug, Clone)]
pub struct Chance(u64);

impl Chance {
    /// The one of this repetition of this dialogue.
    pub fn new(seed: u64, dialogue: &str, repetition: u32) -> Self {
        let hash = Sha256::new().chain_update(seed.to_le_bytes()).chain_update(repetition.to_le_bytes()).chain_update(dialogue);
        let mut state = [0; 8];
        for (to, from) in state.iter_mut().zip(hash.finalize()) {
            *to = from;
        }
        Self(u64::from_le_bytes(state))
    }

    /// Sixty-four bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`; 0 when there is none.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.bits() % (end.max(1) as u64)).unwrap_or(0)
    }

    /// True in `percent` of a hundred.
    pub fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of them.
    pub fn pick<'a, T>(&mut self, these: &'a [T]) -> Option<&'a T> {
        these.get(self.below(these.len()))
    }

    /// The text as somebody in a hurry types it: in half of the messages a slip in an ordinary word, or two where it is long. Names, numbers and addresses stay, since
    /// a slip in them would ask for something else.
    pub fn typos(&mut self, text: &str) -> String {
        if self.percent(50) {
            return text.to_owned();
        }
        let mut words: Vec<String> = text.split(' ').map(str::to_owned).collect();
        let ordinary: Vec<usize> = words.iter().enumerate().filter(|(_, word)| is_ordinary(word)).map(|(place, _)| place).collect();
        for _ in 0..=self.below(2).min(words.len() / LONG) {
            let Some(place) = self.pick(&ordinary).copied() else { break };
            if let Some(word) = words.get_mut(place) {
                *word = self.slip(word);
            }
        }
        words.join(" ")
    }

    /// Two letters change places, one is left out, or one comes twice; the first stays.
    fn slip(&mut self, word: &str) -> String {
        let mut letters: Vec<char> = word.chars().collect();
        let place = 1 + self.below(letters.len().saturating_sub(2));
        match self.below(3) {
            0 if place + 1 < letters.len() => letters.swap(place, place + 1),
            1 => {
                letters.remove(place.min(letters.len().saturating_sub(1)));
            }
            _ => {
                if let Some(letter) = letters.get(place).copied() {
                    letters.insert(place, letter);
                }
            }
        }
        letters.into_iter().collect()
    }
}

/// A word of five small letters or more and nothing else: no name, no number, no part of an address.
fn is_ordinary(word: &str) -> bool {
    word.chars().count() >= 5 && word.chars().all(|letter| letter.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_repetition_draws_the_same_and_another_draws_others() {
        let drawn = |seed, id: &str, repetition| {
            let mut chance = Chance::new(seed, id, repetition);
            (0..8).map(|_| chance.bits()).collect::<Vec<_>>()
        };
        assert_eq!(drawn(1, "d", 0), drawn(1, "d", 0));
        let others = [drawn(1, "d", 0), drawn(2, "d", 0), drawn(1, "e", 0), drawn(1, "d", 1)];
        assert!((0..4).all(|one| (0..one).all(|other| others[one] != others[other])));
    }

    #[test]
    fn typos_touch_ordinary_words_alone() {
        let text = "please send Anna the certificate NL-100205 at anna@x.example, it's 89 eur";
        let mut changed = 0;
        for repetition in 0..200 {
            let typed = Chance::new(7, "d", repetition).typos(text);
            changed += usize::from(typed != text);
            for kept in ["Anna", "NL-100205", "anna@x.example,", "it's", "89", "eur", "send", "the", "at"] {
                assert!(typed.split(' ').any(|word| word == kept), "{kept} in {typed}");
            }
        }
        assert!((60..140).contains(&changed), "{changed}");
        assert_eq!(Chance::new(1, "d", 1).typos(""), "");
    }
}
