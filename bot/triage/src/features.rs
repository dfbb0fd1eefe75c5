//! What the heads see of a message: the encoder's vector, and hashed words beside it.
//!
//! A sentence vector blurs small words ("not", "my friend's", "what if") that decide what may be done; counts of words and
//! word pairs keep them.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

/// Buckets of the hashed words; collisions are rarer than the head's own noise at this size.
const BUCKETS: usize = 1 << 13;
/// A word is known from this many training messages on; words of the few foreign ones stay below.
const KNOWN_FROM: usize = 6;

/// Dense part first, then sparse `(index, value)` whose indices begin after it.
#[derive(Debug, Clone)]
pub(crate) struct Features {
    pub(crate) dense: Vec<f32>,
    pub(crate) sparse: Vec<(usize, f32)>,
}

/// Weighs words by how rare they are in the training set.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct WordWeights {
    /// Words that several training messages hold, sorted: what counts as English.
    known: Vec<String>,
    /// Inverse document frequency a bucket.
    idf: Vec<f32>,
    /// Length of the sparse part relative to the dense one, which has length 1.
    scale: f32,
    dimensions: usize,
}

impl WordWeights {
    pub(crate) fn fit<'a>(texts: impl Iterator<Item = &'a str>, dimensions: usize, scale: f32) -> Self {
        let mut documents = 0_f32;
        let mut frequency = vec![0_f32; BUCKETS];
        let mut counts: HashMap<String, usize> = HashMap::new();
        for text in texts {
            documents += 1.0;
            let own: HashSet<String> = words(text).into_iter().collect();
            for word in own {
                *counts.entry(word).or_default() += 1;
            }
            let mut buckets: Vec<usize> = grams(text).collect();
            buckets.sort_unstable();
            buckets.dedup();
            for bucket in buckets {
                if let Some(count) = frequency.get_mut(bucket) {
                    *count += 1.0;
                }
            }
        }
        let mut known: Vec<String> = counts.into_iter().filter(|(_, count)| *count >= KNOWN_FROM).map(|(word, _)| word).collect();
        known.sort_unstable();
        let idf = frequency.into_iter().map(|count| ((1.0 + documents) / (1.0 + count)).ln() + 1.0).collect();
        Self { known, idf, scale, dimensions }
    }

    /// Share of the text's words that training knows, 0 to 1; 1 for a text without words.
    pub(crate) fn known_share(&self, text: &str) -> f32 {
        let words = words(text);
        let known = words.iter().filter(|word| self.known.binary_search(word).is_ok()).count();
        let share = |count: usize| f32::from(u16::try_from(count).unwrap_or(u16::MAX));
        if words.is_empty() { 1.0 } else { share(known) / share(words.len()) }
    }

    /// Length of the whole feature vector.
    pub(crate) fn width(&self) -> usize {
        self.dimensions + BUCKETS
    }

    pub(crate) fn features(&self, text: &str, vector: &[f32]) -> Features {
        let mut buckets: Vec<usize> = grams(text).collect();
        buckets.sort_unstable();
        let mut sparse: Vec<(usize, f32)> = buckets
            .chunk_by(|a, b| a == b)
            .filter_map(|run| {
                let bucket = *run.first()?;
                let count = u16::try_from(run.len()).unwrap_or(u16::MAX);
                Some((self.dimensions + bucket, (1.0 + f32::from(count).ln()) * self.idf.get(bucket)?))
            })
            .collect();
        let length = sparse.iter().map(|(_, value)| value * value).sum::<f32>().sqrt().max(1e-6);
        for (_, value) in &mut sparse {
            *value *= self.scale / length;
        }
        Features { dense: vector.to_vec(), sparse }
    }
}

fn words(text: &str) -> Vec<String> {
    text.to_lowercase()
        .replace(['’', '\''], "")
        .split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| word.chars().take(24).collect())
        .collect()
}

/// Buckets of single words, word pairs and the four-letter pieces of words, the last for typing mistakes.
fn grams(text: &str) -> impl Iterator<Item = usize> {
    let words = words(text);
    let singles = words.iter().map(|word| bucket(&["w", word])).collect::<Vec<_>>();
    let pairs = words.iter().zip(words.iter().skip(1)).map(|(a, b)| bucket(&["p", a, b])).collect::<Vec<_>>();
    let pieces = words
        .iter()
        .flat_map(|word| {
            let letters: Vec<char> = format!("<{word}>").chars().collect();
            letters.windows(4).map(|window| bucket(&["c", &window.iter().collect::<String>()])).collect::<Vec<_>>()
        })
        .collect::<Vec<_>>();
    singles.into_iter().chain(pairs).chain(pieces)
}

/// FNV-1a: the same bucket on every machine and in every version.
fn bucket(parts: &[&str]) -> usize {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in parts.iter().flat_map(|part| part.bytes().chain(std::iter::once(0))) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    usize::try_from(hash % BUCKETS as u64).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sparse_part_has_the_set_length_and_lies_after_the_dense_one() {
        let weights = WordWeights::fit(["lost my password", "lost my certificate"].into_iter(), 3, 0.5);
        let features = weights.features("I lost my password", &[1.0, 0.0, 0.0]);
        let length = features.sparse.iter().map(|(_, value)| value * value).sum::<f32>().sqrt();
        assert!((length - 0.5).abs() < 1e-4, "{length}");
        assert!(features.sparse.iter().all(|(index, _)| (3..weights.width()).contains(index)));
        assert!(features.sparse.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }

    #[test]
    fn a_text_without_words_has_no_sparse_part() {
        let weights = WordWeights::fit(std::iter::empty(), 3, 0.5);
        assert!(weights.features("?!?", &[0.0; 3]).sparse.is_empty());
    }
}
