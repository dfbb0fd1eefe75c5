//! Grading: pure, and in fractions.
//!
//! | kind | full marks | part of them |
//! |---|---|---|
//! | single choice | the right one | none |
//! | multiple choice | all right ones and no other | (right ones ticked − wrong ones ticked) ÷ right ones, never below zero |
//! | numeric | within the tolerance, its ends included | none |
//! | short text | one of the accepted ones, case, accents and spaces aside | none |
//! | ordering | the right order | neighbours that follow each other as they should ÷ (items − 1) |

use super::{Answer, Decimal, Kind, Points, Question, Tolerance, numeric, text};

/// What the answer is worth. An answer of another kind, or one that names what is not there, is worth nothing; none makes it fail.
#[must_use]
pub fn grade(question: &Question, answer: &Answer) -> Points {
    let all_or_nothing = |right: bool| if right { Points::whole(question.points) } else { Points::ZERO };
    match (&question.kind, answer) {
        (Kind::Single { correct, .. }, Answer::Choice(chosen)) => all_or_nothing(chosen == correct),
        (Kind::Multiple { correct, .. }, Answer::Choices(chosen)) => {
            let right = chosen.intersection(correct).count();
            Points::share(question.points, right.saturating_sub(chosen.len() - right), correct.len())
        }
        (Kind::Numeric { answer, tolerance, unit }, Answer::Number(typed)) => {
            let readings = numeric::readings(typed, unit.as_deref());
            all_or_nothing(readings.into_iter().any(|number| is_near(number, *answer, *tolerance)))
        }
        (Kind::ShortText { accepted }, Answer::Text(typed)) => {
            let typed = text::normalised(typed);
            all_or_nothing(accepted.iter().any(|accepted| text::normalised(accepted) == typed))
        }
        (Kind::Ordering { items }, Answer::Places(places)) if places.len() == items.len() => {
            let follows = |pair: &[usize]| matches!(pair, [one, next] if *one > 0 && *next == one + 1);
            let right = places.windows(2).filter(|pair| follows(pair)).count();
            Points::share(question.points, right, items.len().saturating_sub(1))
        }
        _ => Points::ZERO,
    }
}

fn is_near(number: Decimal, answer: Decimal, tolerance: Tolerance) -> bool {
    let distance = number.distance(answer);
    match tolerance {
        Tolerance::Absolute(most) => distance <= most,
        Tolerance::Percent(percent) => distance.is_share(percent, answer),
    }
}

/// What a whole attempt is worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marks {
    /// For each question, in their order.
    pub points: Vec<Points>,
    /// What could be reached.
    pub of: u32,
    /// From 0 to 100, rounded down.
    pub percent: i64,
}

/// Grades every question; one without an answer is worth nothing.
pub fn mark<'a>(sheet: impl IntoIterator<Item = (&'a Question, Option<&'a Answer>)>) -> Marks {
    let (mut points, mut of) = (Vec::new(), 0_u32);
    for (question, answer) in sheet {
        points.push(answer.map_or(Points::ZERO, |answer| grade(question, answer)));
        of = of.saturating_add(question.points);
    }
    let percent = points.iter().copied().fold(Points::ZERO, Points::plus).percent_of(of);
    Marks { points, of, percent }
}
