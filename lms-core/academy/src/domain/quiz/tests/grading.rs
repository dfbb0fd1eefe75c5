//! Grading, for any question and any answer.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::samples::{any_answer, question, questions, right, words};
use crate::domain::quiz::{Answer, Kind, Points, Pool, Question, Seed, arrange, draw, grade, mark};

proptest! {
    /// Nothing makes grading fail, and nothing is worth less than nothing or more than all.
    #[test]
    fn any_answer_is_worth_between_nothing_and_all(question in questions(), answer in any_answer()) {
        prop_assert_eq!(question.faults(), []);
        prop_assert!(grade(&question, &answer) <= Points::whole(question.points));
    }

    #[test]
    fn a_right_answer_is_worth_all(question in questions()) {
        prop_assert_eq!(grade(&question, &right(&question)), Points::whole(question.points));
        prop_assert_eq!(mark([(&question, Some(&right(&question)))]).percent, 100);
    }

    /// Choices may come in any order on the page and in the question: the same answer is worth the same.
    #[test]
    fn the_order_on_the_page_changes_nothing(question in questions(), answer in any_answer(), seeds in any::<(i64, i64)>()) {
        let worth = grade(&question, &answer);
        for seed in [seeds.0, seeds.1] {
            let arrangement = arrange(Seed(seed), 0, true, &question);
            let sent = answer.shown(&arrangement);
            // What names no choice cannot be shown; all else comes back as it was.
            if let Ok(Some(read)) = Answer::read(&question, &arrangement, &sent) {
                prop_assert!(grade(&question, &read) >= worth || read != answer);
                if read == answer {
                    prop_assert_eq!(grade(&question, &read), worth);
                }
            }
        }
        let arrangement = arrange(Seed(seeds.0), 0, true, &question);
        let read = Answer::read(&question, &arrangement, &right(&question).shown(&arrangement)).unwrap().unwrap();
        prop_assert_eq!(grade(&question, &read), Points::whole(question.points));
    }

    /// The choices themselves written down in another order.
    #[test]
    fn the_order_in_the_bank_changes_nothing(
        (count, correct, chosen) in (2..=12_usize).prop_flat_map(|count| {
            let set = || proptest::collection::btree_set(0..count, 1..=count);
            (Just(count), set(), set())
        }),
        seed in any::<i64>(),
    ) {
        let one = question(Kind::Multiple { choices: words(count), correct: correct.clone() });
        let moved = arrange(Seed(seed), 0, true, &one);
        let to = |set: &BTreeSet<usize>| set.iter().map(|own| moved.iter().position(|other| other == own).unwrap()).collect();
        let choices = moved.iter().map(|own| words(count)[*own].clone()).collect();
        let other = question(Kind::Multiple { choices, correct: to(&correct) });
        prop_assert_eq!(grade(&one, &Answer::Choices(chosen.clone())), grade(&other, &Answer::Choices(to(&chosen))));
    }

    /// Whatever a request holds, reading it does not fail otherwise than by refusing.
    #[test]
    fn garbage_is_read_or_refused(question in questions(), values in proptest::collection::vec(any::<String>(), 0..25), seed in any::<i64>()) {
        let arrangement = arrange(Seed(seed), 3, true, &question);
        if let Ok(Some(answer)) = Answer::read(&question, &arrangement, &values) {
            prop_assert!(grade(&question, &answer) <= Points::whole(question.points));
        }
    }

    #[test]
    fn a_draw_has_no_question_twice_and_follows_from_its_seed(seed in any::<i64>(), tags in proptest::collection::vec(0..3_u8, 1..40), wanted in 1..10_i64) {
        let bank: Vec<Question> = tags.iter().map(|tag| Question { tags: vec![tag.to_string()], ..question(Kind::Ordering { items: words(3) }) }).collect();
        let bank: Vec<&Question> = bank.iter().collect();
        let pools = [Pool { tag: Some("1".to_owned()), draw: wanted }, Pool { tag: None, draw: wanted }];
        let drawn = draw(Seed(seed), &pools, true, &bank);
        prop_assert_eq!(&drawn, &draw(Seed(seed), &pools, true, &bank));
        prop_assert_eq!(drawn.iter().collect::<BTreeSet<_>>().len(), drawn.len());
        let tagged = tags.iter().filter(|tag| **tag == 1).count().min(usize::try_from(wanted).unwrap());
        prop_assert!(drawn.iter().filter(|place| tags[**place] == 1).count() >= tagged);
        prop_assert_eq!(drawn.len(), (tagged + usize::try_from(wanted).unwrap()).min(tags.len()));
        prop_assert_eq!(draw(Seed(seed), &[], true, &bank).len(), bank.len());
    }

    #[test]
    fn sums_are_exact_and_percentages_never_rounded_up(parts in proptest::collection::vec((1..=100_u32, 0..=20_usize, 1..=20_usize), 1..60)) {
        let all: u32 = parts.iter().map(|part| part.0).sum();
        let sum = parts.iter().map(|(points, part, whole)| Points::share(*points, *part, *whole)).fold(Points::ZERO, Points::plus);
        let exact: f64 = parts.iter().map(|(points, part, whole)| f64::from(*points) * (*part.min(whole) as f64) / *whole as f64).sum();
        let percent = sum.percent_of(all);
        prop_assert!((0..=100).contains(&percent));
        prop_assert!((percent as f64) <= exact * 100.0 / f64::from(all) + 1e-6 && (percent as f64) + 1.0 > exact * 100.0 / f64::from(all) - 1e-6);
        let (numerator, denominator) = sum.parts();
        prop_assert_eq!(Points::from_parts(numerator, denominator), Some(sum));
    }
}

fn worth(kind: Kind, answer: Answer) -> String {
    grade(&question(kind), &answer).to_string()
}

#[test]
fn partial_credit_is_as_stated() {
    let multiple = |chosen: &[usize]| {
        worth(Kind::Multiple { choices: words(5), correct: [0, 1, 2].into() }, Answer::Choices(chosen.iter().copied().collect()))
    };
    assert_eq!([multiple(&[0, 1, 2]), multiple(&[0, 1]), multiple(&[0, 1, 3]), multiple(&[0, 3])], ["3", "2", "1", "0"]);
    assert_eq!([multiple(&[0, 1, 2, 3, 4]), multiple(&[3, 4]), multiple(&[])], ["1", "0", "0"]);

    let ordering = |places: &[usize]| worth(Kind::Ordering { items: words(4) }, Answer::Places(places.to_vec()));
    assert_eq!(
        [ordering(&[1, 2, 3, 4]), ordering(&[4, 3, 2, 1]), ordering(&[3, 4, 1, 2]), ordering(&[1, 2, 4, 3])],
        ["3", "0", "2", "1"]
    );
    assert_eq!([ordering(&[0, 0, 0, 0]), ordering(&[1, 2, 3]), ordering(&[2, 3, 4, 0])], ["0", "0", "2"]);
    assert_eq!(Points::share(1, 1, 3).to_string(), "0.33");
}

#[test]
fn writing_habits_do_not_count_in_short_texts() {
    let kind = || Kind::ShortText { accepted: vec!["Médiane".to_owned(), "the median".to_owned()] };
    for right in ["mediane", " MÉDIANE. ", "The  Median", "“the median”", "ｔｈｅ median", "me\u{301}diane"] {
        assert_eq!(worth(kind(), Answer::Text(right.to_owned())), "3", "{right}");
    }
    for wrong in ["", "mean", "themedian", "median of", "."] {
        assert_eq!(worth(kind(), Answer::Text(wrong.to_owned())), "0", "{wrong}");
    }
}

#[test]
fn an_ordering_is_never_shown_solved_and_its_choices_are_never_left_out() {
    let two = question(Kind::Ordering { items: words(2) });
    for seed in 0..100 {
        assert_eq!(arrange(Seed(seed), 0, false, &two), [1, 0]);
        let mut eight = arrange(Seed(seed), 1, true, &question(Kind::Single { choices: words(8), correct: 0 }));
        eight.sort_unstable();
        assert_eq!(eight, (0..8).collect::<Vec<_>>());
    }
}
