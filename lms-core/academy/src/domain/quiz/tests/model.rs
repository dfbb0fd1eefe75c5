//! What an attempt should come to, said another way: a list of everything that arrived, looked at from the end. The machine sees one event at a time.

use std::time::Duration;

use porter_kernel::clock::{Clock as _, ManualClock, Timestamp};
use proptest::prelude::*;

use super::samples::{any_answer, questions, right};
use crate::domain::quiz::{Answer, GRACE, Question, SubmittedBy, mark};

/// One thing that happens.
#[derive(Debug, Clone)]
pub(crate) enum Event {
    Save {
        question: usize,
        seq: i64,
        answer: Option<Answer>,
    },
    Submit,
    /// The job that closes what nobody submitted, or anybody's look at the page.
    Look,
}

/// A quiz, a limit, and what happens when (in milliseconds after the event before).
#[derive(Debug, Clone)]
pub(crate) struct Story {
    pub(crate) questions: Vec<Question>,
    pub(crate) limit: Option<Duration>,
    pub(crate) events: Vec<(u64, Event)>,
}

/// What an attempt has come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// Who submitted, when, and the result; `None`: it is open.
    pub(crate) result: Option<(SubmittedBy, Timestamp, i64)>,
    pub(crate) answers: Vec<Option<Answer>>,
}

pub(crate) fn start() -> Timestamp {
    ManualClock::default().now()
}

/// `answers_of` makes the answers that this story may send to a question.
pub(crate) fn stories() -> impl Strategy<Value = Story> {
    let limit = proptest::option::weighted(0.8, (1..40_u64).prop_map(Duration::from_secs));
    (proptest::collection::vec(questions(), 1..4), limit).prop_flat_map(|(questions, limit)| {
        let save = (0..questions.len(), 0..25_i64, proptest::option::weighted(0.9, any_answer()), any::<bool>());
        let sheet = questions.clone();
        let event = prop_oneof![
            9 => save.prop_map(move |(question, seq, answer, good)| {
                let answer = if good { answer.map(|_| right(&sheet[question])) } else { answer };
                Event::Save { question, seq, answer }
            }),
            1 => Just(Event::Submit),
            1 => Just(Event::Look),
        ];
        // Around the deadline most of all.
        let pause = prop_oneof![4 => 0..3_000_u64, 1 => 0..20_000_u64];
        let events = proptest::collection::vec((pause, event), 0..24);
        events.prop_map(move |events| Story { questions: questions.clone(), limit, events })
    })
}

/// The outcome, from the whole story at once.
pub(crate) fn expected(story: &Story) -> Outcome {
    let mut at = start();
    let timed: Vec<(Timestamp, &Event)> = story.events.iter().map(|(pause, event)| (step(&mut at, *pause), event)).collect();
    let due = story.limit.map(|limit| start() + limit);
    let end = due.map(|due| due + GRACE);
    let counts = |at: Timestamp| end.is_none_or(|end| at < end);
    let submitted = timed.iter().position(|(at, event)| matches!(event, Event::Submit) && counts(*at));
    let answers: Vec<Option<Answer>> = (0..story.questions.len())
        .map(|wanted| {
            let saves = timed.iter().take(submitted.unwrap_or(timed.len())).filter(|(at, _)| counts(*at));
            let mine = saves.filter_map(|(_, event)| match event {
                Event::Save { question, seq, answer } if *question == wanted && *seq > 0 => Some((*seq, answer)),
                _ => None,
            });
            // The highest number counts; of several with the same number, the first.
            mine.fold(
                None,
                |best: Option<(i64, &Option<Answer>)>, save| {
                    if best.is_none_or(|best| save.0 > best.0) { Some(save) } else { best }
                },
            )
            .and_then(|(_, answer)| answer.clone())
        })
        .collect();
    let percent = mark(story.questions.iter().zip(answers.iter().map(Option::as_ref))).percent;
    let over = timed.last().is_some_and(|(at, _)| !counts(*at));
    let touched = timed.iter().any(|(at, event)| !counts(*at) && !matches!(event, Event::Save { .. }));
    let result = match (submitted.and_then(|place| timed.get(place)), due) {
        (Some((at, _)), _) => Some((SubmittedBy::Learner, *at, percent)),
        (None, Some(due)) if over && touched => Some((SubmittedBy::Clock, due, percent)),
        _ => None,
    };
    Outcome { result, answers }
}

/// The next moment of a story.
pub(crate) fn step(at: &mut Timestamp, pause: u64) -> Timestamp {
    *at = *at + Duration::from_millis(pause);
    *at
}

/// How many stories: all of them in the drill, fewer else.
pub(crate) fn count(full: u32, small: u32) -> u32 {
    if std::env::var("PORTER_DRILL").is_ok_and(|drill| drill == "full") { full } else { small }
}
