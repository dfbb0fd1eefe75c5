//! Questions and answers of any form.

use proptest::prelude::*;

use crate::domain::quiz::{Answer, Decimal, Kind, Question, Tolerance};

pub(crate) fn question(kind: Kind) -> Question {
    Question { text: format!("What about {}?", kind.word()), kind, explanation: None, points: 3, tags: Vec::new() }
}

pub(crate) fn words(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("choice {number}")).collect()
}

pub(crate) fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// A good question of any kind.
pub(crate) fn questions() -> impl Strategy<Value = Question> {
    let kind = prop_oneof![
        (2..=20_usize)
            .prop_flat_map(|count| (Just(count), 0..count))
            .prop_map(|(count, correct)| Kind::Single { choices: words(count), correct }),
        (2..=20_usize)
            .prop_flat_map(|count| (Just(count), proptest::collection::btree_set(0..count, 1..=count)))
            .prop_map(|(count, correct)| Kind::Multiple { choices: words(count), correct }),
        (-1_000_000..1_000_000_i64, 0..4_u32, 0..200_i64, any::<bool>()).prop_map(|(digits, places, tolerance, percent)| {
            let answer = decimal(&format!("{digits}e-{places}"));
            let tolerance = decimal(&format!("{tolerance}e-1"));
            let tolerance = if percent { Tolerance::Percent(tolerance) } else { Tolerance::Absolute(tolerance) };
            Kind::Numeric { answer, tolerance, unit: Some("km".to_owned()) }
        }),
        proptest::collection::vec("[a-zé]{1,8}( [a-z]{1,8})?", 1..4).prop_map(|accepted| Kind::ShortText { accepted }),
        (2..=20_usize).prop_map(|count| Kind::Ordering { items: words(count) }),
    ];
    (kind, 1..=100_u32).prop_map(|(kind, points)| Question { points, ..question(kind) })
}

/// A right answer.
pub(crate) fn right(question: &Question) -> Answer {
    match &question.kind {
        Kind::Single { correct, .. } => Answer::Choice(*correct),
        Kind::Multiple { correct, .. } => Answer::Choices(correct.clone()),
        Kind::Numeric { answer, .. } => Answer::Number(answer.to_string()),
        Kind::ShortText { accepted } => Answer::Text(accepted[0].clone()),
        Kind::Ordering { items } => Answer::Places((1..=items.len()).collect()),
    }
}

/// Of any kind, fitting or not.
pub(crate) fn any_answer() -> impl Strategy<Value = Answer> {
    prop_oneof![
        any::<usize>().prop_map(Answer::Choice),
        (0..25_usize).prop_map(Answer::Choice),
        proptest::collection::btree_set(0..25_usize, 0..25).prop_map(Answer::Choices),
        any::<String>().prop_map(Answer::Number),
        "[-+−]?[0-9., ']{0,12}(e[-+]?[0-9]{1,3})? ?(km)?".prop_map(Answer::Number),
        any::<String>().prop_map(Answer::Text),
        proptest::collection::vec(0..25_usize, 0..25).prop_map(Answer::Places),
    ]
}
