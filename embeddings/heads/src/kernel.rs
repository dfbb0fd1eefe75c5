//! Kernel ridge regression: each class has a function that is 1 at its own training messages and 0 at others', as smooth as the ridge demands.
//!
//! A Gaussian over sentence vectors bends the borders between classes where a linear head must keep them straight; the product of the word parts beside
//! it keeps small words. Solved at once by a Cholesky factor, so there is no step length, no number of passes and no chance in it, and the predictions
//! that training would have made *without* each message come out of the same factor (Cawley and Talbot 2004): settings and temperatures are found on
//! those, and no message has to be held back.

use faer::dyn_stack::{MemBuffer, MemStack, StackReq};
use faer::linalg::cholesky::llt::{self, factor::LltRegularization};
use faer::linalg::solvers::{DenseSolveCore as _, Llt, Solve as _};
use faer::{Mat, MatRef, Side, Spec};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::features::Features;
use crate::postings::Postings;

/// How near two messages are.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Kernel {
    /// Sharpness of the Gaussian: its exponent is this times the squared distance of the dense parts.
    pub sharpness: f32,
    /// Weight of the word parts' product beside the Gaussian's 1.
    pub words: f32,
}

impl Kernel {
    /// 1 + `words` for a message with itself, about 0 for messages that have nothing in common.
    fn nearness(self, dense: f32, sparse: f32) -> f32 {
        // Both dense parts have length 1, so their squared distance is 2 - 2 * product.
        (-self.sharpness * 2.0 * (1.0 - dense)).exp() + self.words * sparse
    }
}

/// A fitted function a class.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct KernelRidge {
    kernel: Kernel,
    /// What each class has without any evidence: its share of the training messages.
    base: Vec<f32>,
    /// The dense parts of the training messages, end to end.
    dense: Vec<f32>,
    width: usize,
    words: Postings,
    /// A weight a row and class.
    weights: Vec<f32>,
}

/// What a fit is to be at the training messages: a number a row and column, unknown ones `NaN`.
#[derive(Debug, Clone, PartialEq)]
pub struct Targets {
    columns: usize,
    values: Vec<f32>,
}

impl Targets {
    /// 1 in the column of the row's class, 0 elsewhere; unknown for a row without a class.
    pub fn of_classes(classes: impl Iterator<Item = Option<usize>>, columns: usize) -> Self {
        let row =
            |class: Option<usize>| (0..columns).map(move |own| class.map_or(f32::NAN, |class| f32::from(u8::from(own == class))));
        Self { columns, values: classes.flat_map(row).collect() }
    }

    /// Numbers as they are, `columns` a row.
    pub fn of_numbers(values: Vec<f32>, columns: usize) -> Self {
        Self { columns, values }
    }

    /// All columns of several targets, side by side.
    pub fn beside(parts: &[Self]) -> Self {
        let rows = parts.iter().map(|part| part.values.len() / part.columns.max(1)).max().unwrap_or(0);
        let row = |row: usize| {
            parts.iter().flat_map(move |part| (0..part.columns).map(move |column| part.get(row, column).unwrap_or(f32::NAN)))
        };
        Self { columns: parts.iter().map(|part| part.columns).sum(), values: (0..rows).flat_map(row).collect() }
    }

    fn get(&self, row: usize, column: usize) -> Option<f32> {
        self.values.get(row * self.columns + column).copied().filter(|value| !value.is_nan())
    }

    /// By how much each is above its column's base. An unknown one is taken to be the base: it pulls neither way.
    fn above(&self, base: &[f32], rows: usize) -> Mat<f32> {
        Mat::from_fn(rows, self.columns, |row, column| {
            self.get(row, column).map_or(0.0, |target| target - base.get(column).copied().unwrap_or(0.0))
        })
    }

    fn means(&self) -> Vec<f32> {
        let rows = self.values.len() / self.columns.max(1);
        let mean = |column: usize| {
            let known: Vec<f32> = (0..rows).filter_map(|row| self.get(row, column)).collect();
            known.iter().sum::<f32>() / known.len().max(1) as f32
        };
        (0..self.columns).map(mean).collect()
    }
}

/// A fit and what it says of its own training messages as if each had been left out.
#[derive(Debug)]
pub struct Fit {
    pub model: KernelRidge,
    /// A score a row and class.
    pub left_out: Vec<Vec<f32>>,
}

/// Why there is no fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the training messages cannot be told apart by their numbers; a vector may not be finite")]
pub struct Singular;

/// Products of all pairs of messages, before a kernel is chosen: two numbers a pair, 0.6 GB for 8,500 messages.
#[derive(Debug)]
pub struct Products {
    rows: Vec<Features>,
    dense: Mat<f32>,
    sparse: Mat<f32>,
}

impl Products {
    pub fn of(rows: Vec<Features>) -> Self {
        let (count, width) = (rows.len(), width(&rows));
        let number = |row: usize, column: usize| rows.get(row).and_then(|own| own.dense.get(column)).copied().unwrap_or(0.0);
        let matrix = Mat::from_fn(count, width, number);
        let dense = &matrix * matrix.transpose();
        let postings = Postings::of(&rows);
        let mut sparse = Mat::zeros(count, count);
        rows.par_iter().zip(sparse.as_mut().par_col_iter_mut()).for_each(|(features, mut column)| {
            for (row, product) in postings.products(features, count).into_iter().enumerate() {
                column[row] = product;
            }
        });
        Self { rows, dense, sparse }
    }

    /// How near each message is to every other one.
    pub fn nearness_to_others(&self, kernel: Kernel) -> impl Iterator<Item = Vec<f32>> {
        let count = self.rows.len();
        (0..count).map(move |row| {
            let others = (0..count).filter(move |other| *other != row);
            others.map(|other| kernel.nearness(self.dense[(row, other)], self.sparse[(row, other)])).collect()
        })
    }

    /// Fits one function a column of `targets`; `ridge` is what smoothness is worth.
    pub fn solve(&self, kernel: Kernel, ridge: f32, targets: &Targets) -> Result<KernelRidge, Singular> {
        self.solve_above(targets.means(), kernel, ridge, targets).map(|(model, _)| model)
    }

    /// [`Products::solve`], with what is said of each message as if it had been left out; three times the work.
    pub fn fit(&self, kernel: Kernel, ridge: f32, targets: &Targets) -> Result<Fit, Singular> {
        self.fit_above(targets.means(), kernel, ridge, targets)
    }

    fn fit_above(&self, base: Vec<f32>, kernel: Kernel, ridge: f32, targets: &Targets) -> Result<Fit, Singular> {
        let (model, factor) = self.solve_above(base, kernel, ridge, targets)?;
        let inverse = factor.inverse();
        drop(factor);
        let columns = targets.columns.max(1);
        let left_out = model.weights.chunks_exact(columns).enumerate().map(|(row, weights)| {
            let score = |(column, weight): (usize, &f32)| {
                targets.get(row, column).or(model.base.get(column).copied()).unwrap_or(0.0) - weight / inverse[(row, row)]
            };
            weights.iter().enumerate().map(score).collect()
        });
        let left_out = left_out.collect();
        Ok(Fit { model, left_out })
    }

    fn solve_above(
        &self,
        base: Vec<f32>,
        kernel: Kernel,
        ridge: f32,
        targets: &Targets,
    ) -> Result<(KernelRidge, Llt<f32>), Singular> {
        let (count, columns) = (self.rows.len(), targets.columns);
        let residual = targets.above(&base, count);
        let matrix = Mat::from_fn(count, count, |row, column| {
            let near = kernel.nearness(self.dense[(row, column)], self.sparse[(row, column)]);
            if row == column { near + ridge } else { near }
        });
        let factor = matrix.llt(Side::Lower).map_err(|_| Singular)?;
        drop(matrix);
        let solved = factor.solve(&residual);
        let dense = self.rows.iter().flat_map(|row| row.dense.iter().copied()).collect();
        let words = Postings::of(&self.rows);
        Ok((KernelRidge::with(kernel, base, dense, width(&self.rows), words, &solved, columns)?, factor))
    }
}

impl KernelRidge {
    /// [`Products::solve`] for one kernel that is known: in place, so 4 bytes a pair of messages are all that it takes, 0.3 GB for 9,000.
    pub fn of(rows: &[Features], kernel: Kernel, ridge: f32, targets: &Targets) -> Result<Self, Singular> {
        let (count, columns, width) = (rows.len(), targets.columns, width(rows));
        let dense: Vec<f32> = rows.iter().flat_map(|row| row.dense.iter().copied()).collect();
        let words = Postings::of(rows);
        let vectors = MatRef::from_row_major_slice(&dense, count, width);
        let mut matrix = vectors * vectors.transpose();
        rows.par_iter().zip(matrix.as_mut().par_col_iter_mut()).enumerate().for_each(|(own, (features, mut column))| {
            for (row, sparse) in words.products(features, count).into_iter().enumerate() {
                let near = kernel.nearness(column[row], sparse);
                column[row] = if row == own { near + ridge } else { near };
            }
        });
        let base = targets.means();
        let mut solved = targets.above(&base, count);
        let parallel = faer::get_global_parallelism();
        let mut scratch = MemBuffer::new(llt::factor::cholesky_in_place_scratch::<f32>(count, parallel, Spec::default()));
        llt::factor::cholesky_in_place(
            matrix.as_mut(),
            LltRegularization::default(),
            parallel,
            MemStack::new(&mut scratch),
            Spec::default(),
        )
        .map_err(|_| Singular)?;
        llt::solve::solve_in_place(matrix.as_ref(), solved.as_mut(), parallel, MemStack::new(&mut MemBuffer::new(StackReq::EMPTY)));
        Self::with(kernel, base, dense, width, words, &solved, columns)
    }

    fn with(
        kernel: Kernel,
        base: Vec<f32>,
        dense: Vec<f32>,
        width: usize,
        words: Postings,
        solved: &Mat<f32>,
        columns: usize,
    ) -> Result<Self, Singular> {
        let at = (0..solved.nrows()).flat_map(|row| (0..columns).map(move |column| (row, column)));
        let weights: Vec<f32> = at.map(|at| solved[at]).collect();
        if weights.iter().any(|weight| !weight.is_finite()) {
            return Err(Singular);
        }
        Ok(Self { kernel, base, dense, width, words, weights })
    }

    /// Columns of the targets.
    pub fn columns(&self) -> usize {
        self.base.len()
    }

    /// How near a message is to each training message.
    pub fn nearness(&self, features: &Features) -> Vec<f32> {
        let rows = self.dense.chunks_exact(self.width.max(1));
        let sparse = self.words.products(features, rows.len());
        rows.zip(sparse)
            .map(|(row, sparse)| {
                let dense: f32 = row.iter().zip(&features.dense).map(|(a, b)| a * b).sum();
                self.kernel.nearness(dense, sparse)
            })
            .collect()
    }

    /// A score a class from what [`KernelRidge::nearness`] yields. A message's scores sum to about 1, since those of the training messages do.
    pub fn scores(&self, nearness: &[f32]) -> Vec<f32> {
        let mut scores = self.base.clone();
        for (near, weights) in nearness.iter().zip(self.weights.chunks_exact(self.base.len().max(1))) {
            for (score, weight) in scores.iter_mut().zip(weights) {
                *score += near * weight;
            }
        }
        scores
    }
}

fn width(rows: &[Features]) -> usize {
    rows.first().map_or(0, |row| row.dense.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(angle: f32, word: u32) -> Features {
        Features { dense: vec![angle.cos(), angle.sin()], sparse: vec![(2, 0.6), (3 + word, 0.8)] }
    }

    fn classes(labels: &[usize], count: usize) -> Targets {
        Targets::of_classes(labels.iter().copied().map(Some), count)
    }

    const KERNEL: Kernel = Kernel { sharpness: 1.0, words: 0.3 };

    #[test]
    fn the_scores_left_out_are_those_of_a_fit_without_the_message() {
        let rows: Vec<Features> = (0..12_u8).map(|place| point(f32::from(place) * 0.5, u32::from(place % 3))).collect();
        let labels: Vec<usize> = (0..12).map(|place| place / 4).collect();
        let fit = Products::of(rows.clone()).fit(KERNEL, 0.1, &classes(&labels, 3)).unwrap();
        for out in 0..rows.len() {
            let (mut fewer, mut fewer_labels) = (rows.clone(), labels.clone());
            fewer.remove(out);
            fewer_labels.remove(out);
            let base = fit.model.base.clone();
            let without = Products::of(fewer).solve_above(base, KERNEL, 0.1, &classes(&fewer_labels, 3)).unwrap().0;
            for (found, expected) in without.scores(&without.nearness(&rows[out])).iter().zip(&fit.left_out[out]) {
                assert!((found - expected).abs() < 1e-3, "{found} {expected}");
            }
        }
    }

    #[test]
    fn classes_that_no_line_parts_are_parted() {
        // Inside and outside of a ring: the middle class lies on both sides of the other.
        let angles = [0.0_f32, 0.3, 0.6, 1.2, 1.5, 1.8, 2.4, 2.7, 3.0];
        let labels = [0, 0, 0, 1, 1, 1, 0, 0, 0];
        let rows: Vec<Features> = angles.iter().map(|angle| point(*angle, 0)).collect();
        let model = Products::of(rows.clone()).solve(Kernel { sharpness: 4.0, words: 0.0 }, 0.05, &classes(&labels, 2)).unwrap();
        for (row, label) in rows.iter().zip(labels) {
            let scores = model.scores(&model.nearness(row));
            assert!(scores[label] > scores[1 - label], "{scores:?}");
            assert!((scores.iter().sum::<f32>() - 1.0).abs() < 1e-3, "{scores:?}");
        }
    }

    #[test]
    fn an_unknown_target_pulls_neither_way() {
        let rows: Vec<Features> = (0..6_u8).map(|place| point(f32::from(place) * 0.4, 0)).collect();
        let known = Targets::of_classes([Some(0), Some(0), None, Some(1), Some(1), Some(1)].into_iter(), 2);
        assert_eq!(known.means(), [0.4, 0.6]);
        let beside = Targets::beside(&[known.clone(), known.clone()]);
        let model = Products::of(rows.clone()).solve(KERNEL, 0.1, &beside).unwrap();
        let scores = model.scores(&model.nearness(&rows[0]));
        assert!(scores[0] > scores[1] && (scores[0] - scores[2]).abs() < 1e-5, "{scores:?}");
    }

    #[test]
    fn in_place_the_same_is_learnt() {
        let rows: Vec<Features> = (0..40_u8).map(|place| point(f32::from(place) * 0.3, u32::from(place % 5))).collect();
        let targets = classes(&(0..40).map(|place| place / 10).collect::<Vec<_>>(), 4);
        let (one, two) = (
            KernelRidge::of(&rows, KERNEL, 0.1, &targets).unwrap(),
            Products::of(rows.clone()).solve(KERNEL, 0.1, &targets).unwrap(),
        );
        for row in &rows {
            for (a, b) in one.scores(&one.nearness(row)).iter().zip(two.scores(&two.nearness(row))) {
                assert!((a - b).abs() < 1e-4, "{a} {b}");
            }
        }
        assert_eq!(one.columns(), 4);
    }

    #[test]
    fn numbers_that_are_none_are_refused() {
        let rows = vec![Features { dense: vec![f32::NAN, 0.0], sparse: Vec::new() }, point(0.0, 0)];
        assert_eq!(KernelRidge::of(&rows, KERNEL, 0.1, &classes(&[0, 1], 2)).unwrap_err(), Singular);
        assert_eq!(Products::of(rows).solve(KERNEL, 0.1, &classes(&[0, 1], 2)).unwrap_err(), Singular);
    }
}
