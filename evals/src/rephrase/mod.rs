//! Answers that a model words: does anything come through that no article says?
//!
//! The grader shares no code with the check that the product applies: it compares letters, numbers and runs of words.

mod grade;
mod hostile;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use serde_json::json;

use crate::dataset::DatasetError;
use crate::run::{Better, Case, Measure, Miss, Plot, Run, RunKind, Unit};

pub use grade::unsupported;
pub use hostile::HostileModel;

/// The project's own questions, written before any answer was tuned to them.
const OWN_QUESTIONS: [&str; 4] = [
    include_str!("../../cases/questions-a.jsonl"),
    include_str!("../../cases/questions-b.jsonl"),
    include_str!("../../cases/questions-c.jsonl"),
    include_str!("../../cases/questions-d.jsonl"),
];

/// A question; what else its line holds is for other evals.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Asked {
    pub id: String,
    pub text: String,
}

/// The project's own questions.
pub fn own_questions() -> Result<Vec<Asked>, DatasetError> {
    read_questions(Path::new("evals/cases/questions"), &OWN_QUESTIONS.concat())
}

/// Reads JSON Lines of questions; `path` says in errors where they are from.
pub fn read_questions(path: &Path, text: &str) -> Result<Vec<Asked>, DatasetError> {
    let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    let read = |(line, text): (u64, &str)| {
        let wrong = |error: serde_json::Error| DatasetError::Line {
            path: path.to_owned(),
            line,
            what: error.to_string(),
            remedy: "a line is an object with id and text",
        };
        serde_json::from_str(text).map_err(wrong)
    };
    lines.map(read).collect()
}

/// What came of a question that the articles answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Worded {
    pub asked: Asked,
    /// What was shown: the model's sentences, or `None` for the articles' own.
    pub shown: Option<Vec<String>>,
    /// Each sentence that the model said, with what became of it.
    pub said: Vec<(String, &'static str)>,
    /// The articles' own sentences.
    pub floor: Vec<String>,
    /// Everything that the cited article says, as plain text.
    pub article: String,
    pub slug: String,
    pub fault: Option<String>,
    pub took: Duration,
}

/// Grades wordings.
pub fn grade_rephrasing(model: &str, worded: &[Worded], unanswered: usize) -> Run {
    let (mut cases, mut unsupported_sentences, mut shown_sentences) = (Vec::new(), 0, 0);
    for own in worded {
        let shown = own.shown.iter().flatten();
        let bad: Vec<(&String, &str)> =
            shown.clone().filter_map(|piece| Some((piece, unsupported(piece, &own.article)?))).collect();
        unsupported_sentences += bad.len();
        shown_sentences += shown.count();
        let said: Vec<_> = own.said.iter().map(|(sentence, verdict)| json!({ "sentence": sentence, "verdict": verdict })).collect();
        cases.push(Case {
            id: own.asked.id.clone(),
            text: own.asked.text.clone(),
            fails: if bad.is_empty() { Vec::new() } else { vec!["unsupported_sentences".to_owned()] },
            miss: (!bad.is_empty()).then_some(Miss::Misread),
            trace: json!({
                "article": own.slug, "said": said, "shown": own.shown, "floor": own.floor, "fault": own.fault, "unsupported": bad,
                "milliseconds": own.took.as_millis(),
            }),
        });
    }
    let each = |value: &dyn Fn(&Worded) -> bool| worded.iter().map(|own| f64::from(u8::from(value(own)))).collect::<Vec<f64>>();
    let said: Vec<f64> =
        worded.iter().flat_map(|own| &own.said).map(|(_, verdict)| f64::from(u8::from(*verdict != "supported"))).collect();
    let plot = latency(worded);
    let mut measures = vec![
        Measure::count("unsupported_sentences", unsupported_sentences, Better::Lower),
        Measure::count("shown_sentences", shown_sentences, Better::Neither),
        Measure::count("generated_sentences", said.len(), Better::Neither),
        Measure::share("dropped_share", &said, Better::Neither),
        Measure::share("floor_share", &each(&|own| own.shown.is_none()), Better::Neither),
        Measure::share("fault_share", &each(&|own| own.fault.is_some()), Better::Lower),
        Measure::count("questions", worded.len(), Better::Neither),
        Measure::count("unanswered_questions", unanswered, Better::Neither),
    ];
    if let Plot::Latency { p50, p95, .. } = &plot {
        for (name, value) in [("latency_p50", *p50), ("latency_p95", *p95)] {
            measures.push(Measure {
                name: name.to_owned(),
                value,
                interval: None,
                better: Better::Lower,
                unit: Unit::Milliseconds,
            });
        }
    }
    let about = BTreeMap::from([("model".to_owned(), model.to_owned())]);
    Run { kind: RunKind::Rephrase, about, measures, plots: vec![plot], cases }
}

fn latency(worded: &[Worded]) -> Plot {
    let mut times: Vec<f64> = worded.iter().map(|own| own.took.as_secs_f64() * 1_000.0).collect();
    times.sort_by(f64::total_cmp);
    let at = |hundredth: usize| times.get((times.len().saturating_sub(1)) * hundredth / 100).copied().unwrap_or_default();
    Plot::Latency { p50: at(50), p90: at(90), p95: at(95), p99: at(99) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn worded(shown: Option<&[&str]>, said: &[(&str, &'static str)]) -> Worded {
        Worded {
            asked: Asked { id: "q".to_owned(), text: "How long?".to_owned() },
            shown: shown.map(|pieces| pieces.iter().map(|piece| (*piece).to_owned()).collect()),
            said: said.iter().map(|(sentence, verdict)| ((*sentence).to_owned(), *verdict)).collect(),
            floor: Vec::new(),
            article: "You can ask for a refund within 14 days. The money arrives after five days.".to_owned(),
            slug: "refunds".to_owned(),
            fault: None,
            took: Duration::from_millis(8),
        }
    }

    #[test]
    fn a_sentence_that_no_article_says_is_counted_with_its_question() {
        let good = "You can ask for a refund within 14 days.";
        let bad = "You can ask for a refund within 90 days.";
        let run = grade_rephrasing(
            "stub",
            &[
                worded(Some(&[good]), &[(good, "supported"), (bad, "unsupported")]),
                worded(Some(&[good, bad]), &[]),
                worded(None, &[]),
            ],
            2,
        );
        let value = |name: &str| run.measure(name).map(|own| own.value).unwrap();
        assert!((value("unsupported_sentences") - 1.0).abs() < 1e-9 && (value("shown_sentences") - 3.0).abs() < 1e-9);
        assert!((value("dropped_share") - 0.5).abs() < 1e-9 && (value("floor_share") - 1.0 / 3.0).abs() < 1e-9);
        assert!((value("latency_p95") - 8.0).abs() < 1e-9);
        assert_eq!(run.cases.iter().filter(|case| !case.fails.is_empty()).count(), 1);
    }

    #[test]
    fn the_own_questions_are_there() {
        assert_eq!(own_questions().unwrap().len(), 543);
        let error = read_questions(Path::new("mine.jsonl"), "{\"id\": \"a\", \"text\": \"b\"}\n{}").unwrap_err().to_string();
        assert!(error.contains("mine.jsonl, line 2"), "{error}");
    }
}
