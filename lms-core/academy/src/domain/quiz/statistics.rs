//! How questions do: how many points they yield, and whether those who do well elsewhere do well here.

use std::collections::BTreeMap;

use super::Points;
use crate::domain::QuestionId;

/// One question of one graded attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Item {
    pub attempt: uuid::Uuid,
    pub question: QuestionId,
    pub points: Points,
    /// What it was worth.
    pub of: u32,
}

/// How one question did.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Statistic {
    /// In how many attempts it was asked.
    pub asked: usize,
    /// The mean share of its points, in percent.
    pub right: f64,
    /// The correlation (Pearson) of its share with the share of the attempt's other questions, from -1 to 1: below 0.2 a question tells little, below 0
    /// something is wrong with it. `None` with fewer than ten attempts, or when all did alike.
    pub discrimination: Option<f64>,
}

/// Below this a correlation is chance.
const ENOUGH: usize = 10;

/// For every question that was asked.
#[must_use]
pub fn statistics(items: &[Item]) -> BTreeMap<QuestionId, Statistic> {
    let mut attempts: BTreeMap<uuid::Uuid, (f64, f64)> = BTreeMap::new();
    for item in items {
        let (points, of) = attempts.entry(item.attempt).or_default();
        *points += value(item.points);
        *of += f64::from(item.of);
    }
    let mut pairs: BTreeMap<QuestionId, Vec<(f64, Option<f64>)>> = BTreeMap::new();
    for item in items {
        let (points, of) = attempts.get(&item.attempt).copied().unwrap_or_default();
        let rest_of = of - f64::from(item.of);
        let rest = (rest_of > 0.0).then(|| (points - value(item.points)) / rest_of);
        pairs.entry(item.question).or_default().push((value(item.points) / f64::from(item.of.max(1)), rest));
    }
    pairs.into_iter().map(|(question, pairs)| (question, statistic(&pairs))).collect()
}

fn statistic(pairs: &[(f64, Option<f64>)]) -> Statistic {
    let with_rest: Vec<(f64, f64)> = pairs.iter().filter_map(|(own, rest)| Some((*own, (*rest)?))).collect();
    Statistic {
        asked: pairs.len(),
        right: mean(pairs.iter().map(|(own, _)| *own)) * 100.0,
        discrimination: (with_rest.len() >= ENOUGH).then(|| correlation(&with_rest)).flatten(),
    }
}

fn correlation(pairs: &[(f64, f64)]) -> Option<f64> {
    let (x, y) = (mean(pairs.iter().map(|pair| pair.0)), mean(pairs.iter().map(|pair| pair.1)));
    let sum = |part: fn(f64, f64) -> f64| pairs.iter().map(|(a, b)| part(a - x, b - y)).sum::<f64>();
    let spread = (sum(|a, _| a * a) * sum(|_, b| b * b)).sqrt();
    (spread > 1e-9).then(|| (sum(|a, b| a * b) / spread).clamp(-1.0, 1.0))
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0_u32), |(sum, count), value| (sum + value, count + 1));
    if count == 0 { 0.0 } else { sum / f64::from(count) }
}

#[expect(clippy::as_conversions, reason = "for a display in whole percent")]
fn value(points: Points) -> f64 {
    let (numerator, denominator) = points.parts();
    numerator as f64 / denominator.max(1) as f64
}
