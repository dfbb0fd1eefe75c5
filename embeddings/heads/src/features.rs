//! What the heads see of a message: the encoder's vector, and hashed words beside it.
//!
//! A sentence vector blurs small words ("not", "my friend's", "what if") that decide what may be done; words, word pairs and pieces of words keep them.

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};

/// A word is known from this many training messages on; words of the few foreign ones stay below.
const KNOWN_FROM: usize = 6;
/// Lengths of the pieces of words, the word's ends marked: they see through typing mistakes.
const PIECES: std::ops::RangeInclusive<usize> = 2..=5;

/// Both parts have length 1, or 0 where there is nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Features {
    pub dense: Vec<f32>,
    /// `(hash, value)`, sorted by hash.
    pub sparse: Vec<(u32, f32)>,
}

/// Makes features, by what was learnt of the training messages as a whole.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Featuriser {
    /// Words that several training messages hold, sorted: what counts as English.
    known: Vec<String>,
    /// Inverse document frequency of each hash that training has, sorted by hash.
    rarity: Vec<(u32, f32)>,
    /// Mean of the training messages' vectors. What all messages have in common tells none apart.
    centre: Vec<f32>,
    /// Numbers an encoder gives; a vector may be several encoders' laid end to end, each of which counts the same.
    width: usize,
}

impl Featuriser {
    pub fn fit(texts: &[&str], vectors: &[&[f32]], width: usize) -> Self {
        let documents = texts.len() as f32;
        let mut frequency: BTreeMap<u32, f32> = BTreeMap::new();
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for text in texts {
            let own: HashSet<String> = words(text).into_iter().collect();
            let hashes: HashSet<u32> = whole_words(text).into_iter().chain(pieces(text)).collect();
            for word in own {
                *counts.entry(word).or_default() += 1;
            }
            for hash in hashes {
                *frequency.entry(hash).or_default() += 1.0;
            }
        }
        let known = counts.into_iter().filter(|(_, count)| *count >= KNOWN_FROM).map(|(word, _)| word).collect();
        let rarity = frequency.into_iter().map(|(hash, count)| (hash, ((1.0 + documents) / (1.0 + count)).ln() + 1.0)).collect();
        let mut centre = vec![0.0; vectors.first().map_or(0, |vector| vector.len())];
        for vector in vectors {
            for (sum, value) in centre.iter_mut().zip(*vector) {
                *sum += value / vectors.len().max(1) as f32;
            }
        }
        Self { known, rarity, centre, width: width.max(1) }
    }

    /// Share of the text's words that training knows, 0 to 1; 1 for a text without words.
    pub fn known_share(&self, text: &str) -> f32 {
        let words = words(text);
        let known = words.iter().filter(|word| self.known.binary_search(word).is_ok()).count();
        if words.is_empty() { 1.0 } else { known as f32 / words.len() as f32 }
    }

    pub fn features(&self, text: &str, vector: &[f32]) -> Features {
        let mut dense: Vec<f32> = vector.iter().zip(&self.centre).map(|(value, mean)| value - mean).collect();
        dense.chunks_mut(self.width).for_each(|part| scale(part, 1.0));
        scale(&mut dense, 1.0);
        let mut sparse = self.weighted(whole_words(text));
        sparse.extend(self.weighted(pieces(text)));
        sparse.sort_unstable_by_key(|(hash, _)| *hash);
        let length = sparse.iter().map(|(_, value)| value * value).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
        sparse.iter_mut().for_each(|(_, value)| *value /= length);
        Features { dense, sparse }
    }

    /// Hashes with their weight, to length 1; those that training lacks have no part in it.
    fn weighted(&self, mut hashes: Vec<u32>) -> Vec<(u32, f32)> {
        hashes.sort_unstable();
        let mut found: Vec<(u32, f32)> = hashes
            .chunk_by(|a, b| a == b)
            .filter_map(|run| {
                let hash = *run.first()?;
                let place = self.rarity.binary_search_by_key(&hash, |(own, _)| *own).ok()?;
                let (_, rarity) = self.rarity.get(place)?;
                Some((hash, (1.0 + (run.len() as f32).ln()) * rarity))
            })
            .collect();
        let length = found.iter().map(|(_, value)| value * value).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
        found.iter_mut().for_each(|(_, value)| *value /= length);
        found
    }
}

fn scale(part: &mut [f32], to: f32) {
    let length = part.iter().map(|value| value * value).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
    part.iter_mut().for_each(|value| *value *= to / length);
}

fn words(text: &str) -> Vec<String> {
    text.to_lowercase()
        .replace(['’', '\''], "")
        .split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| word.chars().take(24).collect())
        .collect()
}

/// Words and word pairs.
fn whole_words(text: &str) -> Vec<u32> {
    let words = words(text);
    let pairs = words.iter().zip(words.iter().skip(1)).map(|(a, b)| hash(&["p", a, b]));
    words.iter().map(|word| hash(&["w", word])).chain(pairs).collect()
}

fn pieces(text: &str) -> Vec<u32> {
    let cut = |word: &String| {
        let letters: Vec<char> = format!("<{word}>").chars().collect();
        let cuts = PIECES.flat_map(|length| {
            letters.windows(length).map(|piece| hash(&["c", &piece.iter().collect::<String>()])).collect::<Vec<_>>()
        });
        cuts.collect::<Vec<_>>()
    };
    words(text).iter().flat_map(cut).collect()
}

/// FNV-1a, folded: the same on every machine and in every version.
fn hash(parts: &[&str]) -> u32 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in parts.iter().flat_map(|part| part.bytes().chain(std::iter::once(0))) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    u32::try_from((hash >> 32) ^ (hash & 0xffff_ffff)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn length(values: impl Iterator<Item = f32>) -> f32 {
        values.map(|value| value * value).sum::<f32>().sqrt()
    }

    #[test]
    fn both_parts_have_length_one_and_the_words_are_sorted() {
        let vectors: [&[f32]; 2] = [&[1.0, 0.0, 0.0, 2.0], &[0.0, 1.0, 0.0, 0.0]];
        let made = Featuriser::fit(&["lost my password", "lost my certificate"], &vectors, 2);
        let features = made.features("I lost my password", vectors[0]);
        assert!((length(features.dense.iter().copied()) - 1.0).abs() < 1e-5, "{features:?}");
        assert!((length(features.dense[..2].iter().copied()) - 0.5_f32.sqrt()).abs() < 1e-5, "each encoder counts the same");
        assert!((length(features.sparse.iter().map(|(_, value)| *value)) - 1.0).abs() < 1e-5);
        assert!(features.sparse.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }

    #[test]
    fn what_training_lacks_has_no_part() {
        let vector: &[f32] = &[1.0];
        let made = Featuriser::fit(&["lost my password", "other"], &[vector, &[0.0]], 1);
        assert!(made.features("?!?", vector).sparse.is_empty());
        let (with, without) = (made.features("lost zzqq", vector), made.features("lost", vector));
        assert_eq!(with.sparse, without.sparse);
    }
}
