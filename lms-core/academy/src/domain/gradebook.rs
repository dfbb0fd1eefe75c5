//! How the grade of a course is put together, in whole numbers.

use std::str::FromStr;

use porter_kernel::clock::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{AccountId, AssignmentId, UnknownWord};

words!(
    /// What a score counts among.
    Category as "category" { Quizzes = "quizzes", Assignments = "assignments", /// Lessons that were finished.
    Participation = "participation" }
);

/// What each category counts, in parts of their sum, and how many of the lowest scores do not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scheme {
    pub quizzes: i64,
    pub assignments: i64,
    pub participation: i64,
    pub drop_quizzes: i64,
    pub drop_assignments: i64,
}

impl Default for Scheme {
    fn default() -> Self {
        Self { quizzes: 40, assignments: 50, participation: 10, drop_quizzes: 0, drop_assignments: 0 }
    }
}

impl Scheme {
    /// What is wrong with these numbers.
    #[must_use]
    pub fn fault(self) -> Option<&'static str> {
        let weights = [self.quizzes, self.assignments, self.participation];
        let drops = [self.drop_quizzes, self.drop_assignments];
        if weights.iter().any(|weight| !(0..=100).contains(weight)) {
            Some("Each weight is 0 to 100.")
        } else if weights.iter().sum::<i64>() == 0 {
            Some("At least one weight must be more than 0.")
        } else if drops.iter().any(|drop| !(0..=20).contains(drop)) {
            Some("So many scores cannot be left out: 0 to 20.")
        } else {
            None
        }
    }

    fn weight(self, category: Category) -> i64 {
        match category {
            Category::Quizzes => self.quizzes,
            Category::Assignments => self.assignments,
            Category::Participation => self.participation,
        }
        .max(0)
    }

    fn drops(self, category: Category) -> usize {
        let drops = match category {
            Category::Quizzes => self.drop_quizzes,
            Category::Assignments => self.drop_assignments,
            Category::Participation => 0,
        };
        usize::try_from(drops).unwrap_or_default()
    }
}

/// Where a score stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Basis points.
    Scored(i64),
    /// Nothing came, and the time for it is over: counts as 0.
    Missing,
    /// Waits for an instructor: does not count yet.
    Waiting,
    /// There is still time: does not count yet.
    NotYet,
}

impl Standing {
    /// What counts, in basis points.
    #[must_use]
    pub fn counted(self) -> Option<i64> {
        match self {
            Self::Scored(points) => Some(points.clamp(0, 10_000)),
            Self::Missing => Some(0),
            Self::Waiting | Self::NotYet => None,
        }
    }
}

/// A column of the gradebook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The lesson's id.
    pub lesson: Uuid,
    /// From 1.
    pub place: i64,
    /// Written by an instructor: untrusted text.
    pub title: String,
    pub category: Category,
    /// For an assignment.
    pub assignment: Option<AssignmentId>,
}

/// A learner's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub account: AccountId,
    /// Untrusted text.
    pub name: String,
    pub email: String,
    /// One for each item, in their order.
    pub standings: Vec<Standing>,
    /// When each is due, in their order; `None`: never, or a quiz.
    pub due: Vec<Option<Timestamp>>,
    /// Lessons finished, of all.
    pub finished: (i64, i64),
    /// Basis points; `None`: nothing counts yet.
    pub total: Option<i64>,
}

/// A page of a course's gradebook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gradebook {
    pub scheme: Scheme,
    pub items: Vec<Item>,
    pub lines: Vec<Line>,
    /// After whom the next page begins; `None`: this is the last.
    pub next: Option<AccountId>,
}

/// The grade of the course in basis points: the mean of each category that something counts in, weighted; the weights of the others fall away.
/// `None` when nothing counts yet. Computed in fractions and rounded once, to the nearest, a half up.
#[must_use]
pub fn total(scheme: Scheme, scores: &[(Category, Standing)]) -> Option<i64> {
    let mut categories = Vec::new();
    for category in [Category::Quizzes, Category::Assignments, Category::Participation] {
        let mut counted: Vec<i64> =
            scores.iter().filter(|(of, _)| *of == category).filter_map(|(_, standing)| standing.counted()).collect();
        counted.sort_unstable();
        // The last score of a category always stays.
        let dropped = scheme.drops(category).min(counted.len().saturating_sub(1));
        let kept = counted.get(dropped..).unwrap_or_default();
        let weight = i128::from(scheme.weight(category));
        if weight > 0 && !kept.is_empty() {
            let sum: i128 = kept.iter().copied().map(i128::from).sum();
            categories.push((weight, sum, i128::try_from(kept.len()).unwrap_or(1)));
        }
    }
    let weights: i128 = categories.iter().map(|(weight, ..)| weight).sum();
    let product: i128 = categories.iter().map(|(.., count)| count).product();
    let parts: i128 = categories.iter().map(|(weight, sum, count)| weight * sum * (product / count)).sum();
    let whole = weights * product;
    if whole == 0 {
        return None;
    }
    i64::try_from((2 * parts + whole) / (2 * whole)).ok()
}

/// `83.47 %`.
#[must_use]
pub fn in_percent(points: i64) -> String {
    format!("{}.{:02} %", points / 100, points % 100)
}
