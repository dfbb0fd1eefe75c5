//! Which training messages hold a word: products of word parts for all training messages at once, since most pairs share none.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::features::Features;

/// Lists of `(message, value)` by hash.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Postings {
    /// `(hash, where its list begins)`, sorted by hash.
    starts: Vec<(u32, u32)>,
    entries: Vec<(u32, f32)>,
}

impl Postings {
    pub(crate) fn of(rows: &[Features]) -> Self {
        let mut lists: BTreeMap<u32, Vec<(u32, f32)>> = BTreeMap::new();
        for (row, features) in (0_u32..).zip(rows) {
            for (hash, value) in &features.sparse {
                lists.entry(*hash).or_default().push((row, *value));
            }
        }
        let (mut starts, mut entries) = (Vec::with_capacity(lists.len()), Vec::new());
        for (hash, list) in lists {
            starts.push((hash, u32::try_from(entries.len()).unwrap_or(u32::MAX)));
            entries.extend(list);
        }
        Self { starts, entries }
    }

    /// The product of a message's word part with that of each of the `rows` training messages.
    pub(crate) fn products(&self, features: &Features, rows: usize) -> Vec<f32> {
        let mut products = vec![0.0; rows];
        for (hash, value) in &features.sparse {
            for (row, own) in self.list(*hash) {
                if let Some(sum) = usize::try_from(*row).ok().and_then(|row| products.get_mut(row)) {
                    *sum += value * own;
                }
            }
        }
        products
    }

    fn list(&self, hash: u32) -> &[(u32, f32)] {
        let Ok(place) = self.starts.binary_search_by_key(&hash, |(own, _)| *own) else { return &[] };
        let start = |place: usize| self.starts.get(place).and_then(|(_, start)| usize::try_from(*start).ok());
        let end = start(place + 1).unwrap_or(self.entries.len());
        start(place).and_then(|start| self.entries.get(start..end)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_those_of_the_pairs() {
        let row = |sparse: &[(u32, f32)]| Features { dense: Vec::new(), sparse: sparse.to_vec() };
        let rows = [row(&[(1, 0.5), (7, 2.0)]), row(&[(7, 3.0)]), row(&[])];
        let postings = Postings::of(&rows);
        assert_eq!(postings.products(&row(&[(1, 4.0), (7, 1.0), (9, 5.0)]), 3), [4.0, 3.0, 0.0]);
    }
}
