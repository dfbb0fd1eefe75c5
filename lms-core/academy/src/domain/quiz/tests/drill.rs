//! The attempt's state machine against the model.

use proptest::test_runner::{Config, TestRunner};

use super::model::{Event, Outcome, Story, count, expected, start, step, stories};
use crate::domain::quiz::{Attempt, Kept, Phase, Save, mark};

/// The story told to the machine, event by event.
fn played(story: &Story) -> Outcome {
    let mut attempt = Attempt::begin(start(), story.limit);
    let mut sheet = vec![Kept::default(); story.questions.len()];
    let mut at = start();
    for (pause, event) in &story.events {
        let now = step(&mut at, *pause);
        let before = (attempt, sheet.clone());
        match event {
            Event::Save { question, seq, answer } => {
                let save = Save { seq: *seq, stamp: *seq, answer: answer.clone() };
                let saved = attempt.save(&mut sheet[*question], save, now);
                assert_eq!(saved.is_err(), !attempt.is_open(now));
            }
            Event::Submit => attempt = attempt.submit(now),
            Event::Look => attempt = attempt.run_out(now),
        }
        let marks = mark(story.questions.iter().zip(sheet.iter().map(|kept| kept.answer.as_ref())));
        attempt = attempt.grade(marks.percent, now);
        // What is over stays as it is, whatever comes.
        if matches!(before.0.phase, Phase::Graded { .. }) {
            assert_eq!((attempt, &sheet), (before.0, &before.1));
            assert_eq!(attempt.submit(now), attempt);
        }
    }
    let result = match attempt.phase {
        Phase::Graded { at, by, percent, .. } => Some((by, at, percent)),
        Phase::Started => None,
        Phase::Submitted { .. } => panic!("submitted and not graded"),
    };
    Outcome { result, answers: sheet.into_iter().map(|kept| kept.answer).collect() }
}

#[test]
fn drill_sequences_attempt_in_memory() {
    let config = Config { cases: count(100_000, 2_000), failure_persistence: None, ..Config::default() };
    TestRunner::new(config)
        .run(&stories(), |story| {
            proptest::prop_assert_eq!(played(&story), expected(&story));
            Ok(())
        })
        .unwrap();
}
