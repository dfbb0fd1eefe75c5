//! Whole stories of attempts through a database, against the model.

use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::{Config, TestRunner};

use super::quizzes::quiz_lesson;
use super::*;
use crate::domain::quiz::tests::model::{Event, Outcome, Story, count, expected, start, step, stories};
use crate::domain::quiz::{Answer, Phase, Question, Quiz, Settings};

/// The story told to the store, as pages and the queue would.
async fn played(world: &World, story: &Story) -> Outcome {
    world.execute("DELETE FROM attempt").await;
    world.execute("DELETE FROM quiz_attempt").await;
    let seconds = story.limit.map(|limit| i64::try_from(limit.as_secs()).unwrap());
    let questions =
        (1..).zip(&story.questions).map(|(number, question)| Question { text: format!("{number}"), ..question.clone() }).collect();
    let settings = Settings { seconds, shuffle: true, ..Settings::default() };
    let mut at = start();
    world.clock.set(at);
    world.store.put_quiz(quiz_lesson(), &Quiz { settings, questions }, at).await.unwrap();
    let id = world.started(ANNA).await;
    let sheet = world.store.attempt(ANNA, id).await.unwrap().unwrap().sheet;
    let asked = |question: usize| sheet.iter().find(|asked| asked.question.text == format!("{}", question + 1)).unwrap();
    for (pause, event) in &story.events {
        let now = step(&mut at, *pause);
        world.clock.set(now);
        match event {
            Event::Save { question, seq, answer } => {
                let asked = asked(*question);
                let values = answer.as_ref().map(|answer| answer.shown(&asked.arrangement)).unwrap_or_default();
                let save = NewSave { place: asked.place, seq: *seq, form: false, values };
                world.store.save_answers(ANNA, id, &[save], now).await.unwrap();
            }
            Event::Submit => drop(world.store.submit_attempt(ANNA, id, &[], now).await.unwrap()),
            Event::Look => {
                let due = world.jobs.take(&[jobs::CLOSE_ATTEMPT], world.uuid(), now, LEASE, 100).await.unwrap();
                for job in due {
                    world.store.close_attempt(&job, now).await.unwrap();
                }
                world.store.settle_attempt(ANNA, id, now).await.unwrap();
            }
        }
    }
    let facts = world.store.attempt(ANNA, id).await.unwrap().unwrap();
    let result = match facts.attempt.phase {
        Phase::Graded { at, by, percent, .. } => Some((by, at, percent)),
        Phase::Started | Phase::Submitted { .. } => None,
    };
    assert_eq!(world.rows("quiz_attempt").await, i64::from(result.is_some()));
    let answers = (0..story.questions.len()).map(|question| {
        let place = asked(question).place;
        facts.sheet.iter().find(|question| question.place == place).unwrap().kept.answer.clone()
    });
    Outcome { result, answers: answers.collect() }
}

/// The story as pages can tell it: what cannot be sent by one is left out, the rest as it comes back from being sent.
fn sendable(story: Story) -> Story {
    let questions = story.questions;
    let events = story.events.into_iter().filter_map(|(pause, event)| match event {
        Event::Save { question, seq, answer } => {
            let asked = &questions[question];
            let own: Vec<usize> = (0..asked.kind.parts().len()).collect();
            let values = answer.map(|answer| answer.shown(&own)).unwrap_or_default();
            let read = Answer::read(asked, &own, &values).ok()?;
            Some((pause, Event::Save { question, seq, answer: read.map(cleaned) }))
        }
        other => Some((pause, other)),
    });
    Story { events: events.collect(), questions, limit: story.limit }
}

/// As a database keeps it.
fn cleaned(answer: Answer) -> Answer {
    match answer {
        Answer::Number(text) => Answer::Number(text.replace('\0', "\u{fffd}")),
        Answer::Text(text) => Answer::Text(text.replace('\0', "\u{fffd}")),
        other => other,
    }
}

async fn drill_sequences_attempt_through_a_database(world: World) {
    let mut runner = TestRunner::new_with_rng(
        Config::default(),
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    for number in 0..count(2_000, 25) {
        let story = sendable(stories().new_tree(&mut runner).unwrap().current());
        let (played, expected) = (played(&world, &story).await, expected(&story));
        assert_eq!(played, expected, "story {number}: {story:#?}");
    }
}

porter_testkit::both_engines!(World::open; drill_sequences_attempt_through_a_database);
