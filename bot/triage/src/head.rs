//! A choice among named classes: which columns of the kernel machine speak for them, and the temperature that makes their scores probabilities.

use serde::{Deserialize, Serialize};

use crate::temperature::{softmax, temperature};

/// Which class a message belongs to, with calibrated probabilities.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Head<C> {
    classes: Vec<C>,
    /// Where its columns begin.
    first: usize,
    temperature: f32,
}

impl<C: Copy + PartialEq> Head<C> {
    /// A head over the columns from `first` on, with the temperature that suits `unseen`: scores of messages that training has not seen, and their classes.
    pub(crate) fn calibrated<'a>(classes: Vec<C>, first: usize, unseen: impl Iterator<Item = (&'a [f32], C)>) -> Self {
        let mut head = Self { classes, first, temperature: 1.0 };
        let known = unseen.filter_map(|(scores, class)| {
            let place = head.classes.iter().position(|own| *own == class)?;
            Some((head.own(scores), place))
        });
        head.temperature = temperature(known);
        head
    }

    /// Every class with its probability, from the scores of all columns.
    pub(crate) fn probabilities(&self, scores: &[f32]) -> Vec<(C, f32)> {
        self.classes.iter().copied().zip(softmax(self.own(scores), self.temperature)).collect()
    }

    /// The probability of one class.
    pub(crate) fn probability(&self, class: C, scores: &[f32]) -> f32 {
        self.probabilities(scores).into_iter().find(|(own, _)| *own == class).map_or(0.0, |(_, probability)| probability)
    }

    fn own<'a>(&self, scores: &'a [f32]) -> &'a [f32] {
        scores.get(self.first..self.first + self.classes.len()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_reads_its_own_columns() {
        let scores = [[9.0, 1.0, 0.0], [9.0, 0.0, 1.0], [0.0, 1.0, 0.0]];
        let head = Head::calibrated(vec!["a", "b"], 1, scores.iter().map(<[f32; 3]>::as_slice).zip(["a", "b", "a"]));
        assert!(head.probability("a", &scores[0]) > 0.9 && head.probability("b", &scores[1]) > 0.9);
        assert!(head.probability("c", &scores[0]).abs() < 1e-9);
    }
}
