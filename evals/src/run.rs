//! What an evaluation found: figures with their intervals, the plots behind them, and every case with its trace. All evals yield this one type,
//! so that one report, one comparison and one store serve them all.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::bootstrap::{Interval, interval, mean};
use crate::metrics::Scored;

/// What was measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunKind {
    Intents,
    Retrieval,
    Triage,
    Answers,
    /// Answers that a model words.
    Rephrase,
    Dialogues,
    Attacks,
}

impl RunKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Intents => "intents",
            Self::Retrieval => "retrieval",
            Self::Triage => "triage",
            Self::Answers => "answers",
            Self::Rephrase => "rephrase",
            Self::Dialogues => "dialogues",
            Self::Attacks => "attacks",
        }
    }
}

/// One evaluation of one state of the system on one set of cases.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    pub kind: RunKind,
    /// Words about the run that stand beside the figures: the data's name and SHA-256, the split, the encoder, the model's fingerprint.
    pub about: BTreeMap<String, String>,
    pub measures: Vec<Measure>,
    pub plots: Vec<Plot>,
    pub cases: Vec<Case>,
}

/// A figure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Measure {
    pub name: String,
    pub value: f64,
    /// Where the value lies in 95 of 100 samples of this size.
    pub interval: Option<Interval>,
    pub better: Better,
    pub unit: Unit,
}

/// Which way a figure is to move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Better {
    Higher,
    Lower,
    /// It says what was there, and is neither good nor bad.
    Neither,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// From 0 to 1.
    Share,
    Count,
    Milliseconds,
}

/// A picture of the run, as data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Plot {
    /// How often a label was taken for another, without the zeros.
    Confusion {
        cells: Vec<ConfusionCell>,
    },
    /// How often the classifier was right where it was so sure (Guo et al. 2017).
    Reliability {
        bins: Vec<ReliabilityBin>,
    },
    /// Share of wrong answers among the surest, from the surest one to all (El-Yaniv and Wiener 2010).
    RiskCoverage {
        points: Vec<RiskPoint>,
    },
    PerLabel {
        rows: Vec<LabelRow>,
    },
    /// Time of a case in milliseconds.
    Latency {
        p50: f64,
        p90: f64,
        p95: f64,
        p99: f64,
    },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConfusionCell {
    pub expected: String,
    pub found: String,
    pub count: usize,
}

/// Cases whose confidence is above `low` and at most `high`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReliabilityBin {
    pub low: f64,
    pub high: f64,
    pub confidence: f64,
    pub accuracy: f64,
    pub count: usize,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RiskPoint {
    pub coverage: f64,
    pub risk: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LabelRow {
    pub label: String,
    pub precision: f64,
    pub recall: f64,
    pub f1: f64,
    pub count: usize,
}

/// A case and what became of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Case {
    pub id: String,
    /// What a person wrote.
    pub text: String,
    /// Names of the measures that this case counts against; empty for a case in which all was right.
    pub fails: Vec<String>,
    pub miss: Option<Miss>,
    /// Everything between the text and the reply: scores, passages, decision, reply, and what was expected.
    pub trace: Value,
}

/// Where a miss comes from, and so who mends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Miss {
    /// An article has to be written.
    NotInKnowledgeBase,
    NotRetrieved,
    /// Retrieved, but the answer does not hold what the article says.
    Misread,
    WronglyDecided,
}

/// What a case counted for each figure is kept under this name of its trace, so that two runs can be compared case by case.
const SCORES: &str = "scores";
/// A classifier's answer, for figures that are no mean over cases.
const CLASSIFIED: &str = "classified";

impl Case {
    /// Notes what the case counts for a figure: 1 or 0 where it is right or wrong, or any share of it. A case that the figure is not about has none.
    pub fn score(&mut self, measure: &str, value: f64) {
        self.note(SCORES, measure, json!(value));
    }

    /// What the case counted for that figure.
    pub fn score_of(&self, measure: &str) -> Option<f64> {
        self.trace.get(SCORES)?.get(measure)?.as_f64()
    }

    /// Notes which label was expected, which was found, and how sure the classifier was.
    pub fn classified(&mut self, expected: &str, found: &str, confidence: f32) {
        self.note(CLASSIFIED, "expected", json!(expected));
        self.note(CLASSIFIED, "found", json!(found));
        self.note(CLASSIFIED, "confidence", json!(confidence));
    }

    /// What [`Case::classified`] noted.
    pub(crate) fn as_classified(&self) -> Option<Scored<'_>> {
        let noted = self.trace.get(CLASSIFIED)?;
        #[expect(clippy::cast_possible_truncation, reason = "it was an f32 when it was written")]
        let confidence = noted.get("confidence")?.as_f64()? as f32;
        Some(Scored { expected: noted.get("expected")?.as_str()?, found: noted.get("found")?.as_str()?, confidence })
    }

    fn note(&mut self, part: &str, name: &str, value: Value) {
        if !self.trace.is_object() {
            self.trace = json!({});
        }
        if let Some(trace) = self.trace.as_object_mut()
            && let Some(noted) = trace.entry(part).or_insert_with(|| json!({})).as_object_mut()
        {
            noted.insert(name.to_owned(), value);
        }
    }
}

impl Miss {
    /// As it is serialised.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotInKnowledgeBase => "not_in_knowledge_base",
            Self::NotRetrieved => "not_retrieved",
            Self::Misread => "misread",
            Self::WronglyDecided => "wrongly_decided",
        }
    }
}

impl Measure {
    /// The mean of one value a case, each from 0 to 1, with its bootstrap interval.
    pub fn share(name: &str, values: &[f64], better: Better) -> Self {
        Self { name: name.to_owned(), value: mean(values), interval: Some(interval(values)), better, unit: Unit::Share }
    }

    pub fn count(name: &str, count: usize, better: Better) -> Self {
        Self { name: name.to_owned(), value: count as f64, interval: None, better, unit: Unit::Count }
    }
}

impl Run {
    /// The figure of that name.
    pub fn measure(&self, name: &str) -> Option<&Measure> {
        self.measures.iter().find(|own| own.name == name)
    }

    /// The run as commands print it: every figure and every word about it at the top, then intervals and the ids of failing cases by figure.
    pub fn summary(&self) -> Value {
        let mut top = Map::from_iter([("eval".to_owned(), json!(self.kind))]);
        top.extend(self.about.iter().map(|(name, words)| (name.clone(), json!(words))));
        for measure in &self.measures {
            let value = if measure.unit == Unit::Count { json!(measure.value.round() as i64) } else { json!(measure.value) };
            top.insert(measure.name.clone(), value);
        }
        let intervals = self.measures.iter().filter_map(|own| Some((own.name.clone(), json!(own.interval?))));
        top.insert("intervals".to_owned(), Value::Object(intervals.collect()));
        let mut failing: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for case in &self.cases {
            for measure in &case.fails {
                failing.entry(measure).or_default().push(&case.id);
            }
        }
        top.insert("failing".to_owned(), json!(failing));
        Value::Object(top)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_and_words_stand_at_the_top_and_failing_cases_below_their_figure() {
        let case = |id: &str, fails: &[&str]| Case {
            id: id.to_owned(),
            text: String::new(),
            fails: fails.iter().map(|own| (*own).to_owned()).collect(),
            miss: None,
            trace: Value::Null,
        };
        let run = Run {
            kind: RunKind::Triage,
            about: BTreeMap::from([("split".to_owned(), "test".to_owned())]),
            measures: vec![
                Measure::share("accuracy", &[1.0, 0.0], Better::Higher),
                Measure::count("unsafe_acts", 2, Better::Lower),
            ],
            plots: Vec::new(),
            cases: vec![case("a", &[]), case("b", &["accuracy"])],
        };
        let summary = run.summary();
        assert_eq!((&summary["accuracy"], &summary["unsafe_acts"], &summary["split"]), (&json!(0.5), &json!(2), &json!("test")));
        assert_eq!(summary["failing"], json!({"accuracy": ["b"]}));
        assert_eq!(summary["intervals"].as_object().unwrap().len(), 1);
        assert_eq!(serde_json::from_value::<Run>(serde_json::to_value(&run).unwrap()).unwrap(), run);
    }
}
