//! Which article a question is about, learnt from the articles themselves: a multinomial logistic regression from a point's vector to its article.
//!
//! Nearest points judge by the few texts that are near; this judges by what sets an article's texts apart from all others'. On the academy's own questions the two together
//! rank better than either. It is learnt in a second or two whenever articles change, the same each time.

use std::collections::HashMap;

/// Beyond this many articles or points learning would take minutes, and nearest points must do.
const MOST_ARTICLES: usize = 400;
const MOST_POINTS: usize = 20_000;

const EPOCHS: usize = 10;
const BATCH: usize = 16;
const RATE: f32 = 0.3;
/// Pulls weights to zero.
const DECAY: f32 = 1e-4;
/// Keeps the first steps of AdaGrad (Duchi et al. 2011) from being infinite.
const TINY: f32 = 1e-6;

/// What was learnt.
#[derive(Debug, Clone, Default)]
pub(crate) struct Head {
    articles: HashMap<String, usize>,
    dimensions: usize,
    /// For every article, its weights and then its bias.
    rows: Vec<Vec<f32>>,
}

impl Head {
    /// Learns from points: the slug of each one's article, and its vector. Of too many, or of a single article, nothing is learnt.
    pub(crate) fn learn(points: &[(String, Vec<f32>)]) -> Self {
        let mut articles: HashMap<String, usize> = HashMap::new();
        let classes: Vec<usize> = points
            .iter()
            .map(|(slug, _)| {
                let next = articles.len();
                *articles.entry(slug.clone()).or_insert(next)
            })
            .collect();
        let dimensions = points.first().map_or(0, |(_, vector)| vector.len());
        if articles.len() < 2 || articles.len() > MOST_ARTICLES || points.len() > MOST_POINTS {
            return Self::default();
        }
        let mut rows = vec![vec![0.0_f32; dimensions + 1]; articles.len()];
        let mut seen = vec![vec![TINY; dimensions + 1]; articles.len()];
        let mut order: Vec<usize> = (0..points.len()).collect();
        let mut random = 0x9e37_79b9_7f4a_7c15_u64;
        for _ in 0..EPOCHS {
            shuffle(&mut order, &mut random);
            for batch in order.chunks(BATCH) {
                let examples: Vec<(&[f32], usize)> = batch
                    .iter()
                    .filter_map(|place| Some((points.get(*place)?.1.as_slice(), *classes.get(*place)?)))
                    .filter(|(vector, _)| vector.len() == dimensions)
                    .collect();
                step(&mut rows, &mut seen, &examples);
            }
        }
        Self { articles, dimensions, rows }
    }

    /// The logarithm of every article's probability; `None` where nothing was learnt.
    pub(crate) fn judge(&self, vector: &[f32]) -> Option<Judgement<'_>> {
        if self.rows.is_empty() || vector.len() != self.dimensions {
            return None;
        }
        let mut logs = scores(&self.rows, vector);
        let highest = logs.iter().copied().fold(f32::MIN, f32::max);
        let sum: f32 = logs.iter().map(|own| (own - highest).exp()).sum();
        for own in &mut logs {
            *own -= highest + sum.ln();
        }
        Some(Judgement { head: self, logs })
    }
}

/// How probable every article is.
#[derive(Debug)]
pub(crate) struct Judgement<'a> {
    head: &'a Head,
    logs: Vec<f32>,
}

impl Judgement<'_> {
    /// The logarithm of the article's probability; of one that came after learning, as if all were equally probable.
    pub(crate) fn of(&self, slug: &str) -> f32 {
        let even = -(self.logs.len().max(1) as f32).ln();
        self.head.articles.get(slug).and_then(|place| self.logs.get(*place)).copied().unwrap_or(even)
    }
}

fn scores(rows: &[Vec<f32>], vector: &[f32]) -> Vec<f32> {
    let score = |row: &Vec<f32>| {
        row.last().copied().unwrap_or_default() + row.iter().zip(vector).map(|(weight, value)| weight * value).sum::<f32>()
    };
    rows.iter().map(score).collect()
}

/// One step of AdaGrad along the mean gradient of these examples.
fn step(rows: &mut [Vec<f32>], seen: &mut [Vec<f32>], examples: &[(&[f32], usize)]) {
    let share = 1.0 / examples.len().max(1) as f32;
    // For every example, by how much every article's probability is too high.
    let excess: Vec<Vec<f32>> = examples
        .iter()
        .map(|(vector, class)| {
            let mut odds = scores(rows, vector);
            let highest = odds.iter().copied().fold(f32::MIN, f32::max);
            let sum: f32 = odds.iter().map(|own| (own - highest).exp()).sum();
            for (place, own) in odds.iter_mut().enumerate() {
                *own = ((*own - highest).exp() / sum - f32::from(u8::from(place == *class))) * share;
            }
            odds
        })
        .collect();
    let mut gradient = vec![0.0_f32; rows.first().map_or(0, Vec::len)];
    for (class, (row, seen)) in rows.iter_mut().zip(seen).enumerate() {
        for (slope, weight) in gradient.iter_mut().zip(row.iter()) {
            *slope = DECAY * weight;
        }
        for ((vector, _), excess) in examples.iter().zip(&excess) {
            let own = excess.get(class).copied().unwrap_or_default();
            for (slope, value) in gradient.iter_mut().zip(vector.iter().chain([&1.0])) {
                *slope += own * value;
            }
        }
        for ((weight, seen), slope) in row.iter_mut().zip(seen.iter_mut()).zip(&gradient) {
            *seen += slope * slope;
            *weight -= RATE * slope / seen.sqrt();
        }
    }
}

/// Fisher and Yates, with splitmix64.
fn shuffle(order: &mut [usize], random: &mut u64) {
    for end in (1..order.len()).rev() {
        *random = random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = *random;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        order.swap(end, usize::try_from(mixed % (end as u64 + 1)).unwrap_or(0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points() -> Vec<(String, Vec<f32>)> {
        let near = |slug: &str, base: [f32; 3]| {
            (0..12_u8)
                .map(move |place| (slug.to_owned(), base.iter().map(|own| own + f32::from(place % 3) * 0.05).collect()))
                .collect::<Vec<_>>()
        };
        [near("east", [1.0, 0.0, 0.2]), near("north", [0.0, 1.0, 0.2]), near("up", [0.0, 0.2, 1.0])].concat()
    }

    #[test]
    fn what_sets_articles_apart_is_learnt_the_same_each_time() {
        let (one, two) = (Head::learn(&points()), Head::learn(&points()));
        for (slug, vector) in [("east", [0.9, 0.1, 0.2]), ("north", [0.1, 0.9, 0.2]), ("up", [0.1, 0.1, 0.9])] {
            let judged = one.judge(&vector).unwrap();
            for other in ["east", "north", "up"] {
                assert!(judged.of(slug) >= judged.of(other), "{slug} {other}");
                assert_eq!(judged.of(other).to_bits(), two.judge(&vector).unwrap().of(other).to_bits());
            }
            let sum: f32 = ["east", "north", "up"].iter().map(|slug| judged.of(slug).exp()).sum();
            assert!((sum - 1.0).abs() < 1e-4, "{sum}");
            assert!((judged.of("unknown") - (1.0_f32 / 3.0).ln()).abs() < 1e-6);
        }
    }

    #[test]
    fn of_one_article_or_none_nothing_is_learnt() {
        assert!(Head::learn(&[]).judge(&[1.0]).is_none());
        assert!(Head::learn(&points()[..5]).judge(&[1.0, 0.0, 0.0]).is_none());
        assert!(Head::learn(&points()).judge(&[1.0]).is_none(), "a vector of another length");
    }
}
