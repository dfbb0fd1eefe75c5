//! The cases of a report. What is right and was right before is shown in one line; all others open to the whole trace.

use std::collections::{HashMap, HashSet};

use super::{trace, words};
use crate::compare::Comparison;
use crate::run::{Case, Measure, Run, Unit};

/// The beginning of a message that stands for it in a list.
const HEAD: usize = 110;

/// A case as the report shows it.
pub(super) struct Shown {
    pub(super) anchor: String,
    pub(super) id: String,
    pub(super) head: String,
    /// The whole message, when it is not all in the head.
    pub(super) text: String,
    /// Names of the figures that it fails, with spaces between: what the filter reads.
    pub(super) fails: String,
    /// The same for people.
    pub(super) labels: Vec<String>,
    pub(super) miss_key: &'static str,
    pub(super) miss: Option<&'static str>,
    pub(super) advice: &'static str,
    /// `newly failing`, `newly right` or nothing.
    pub(super) change: &'static str,
    /// HTML, escaped already; `None` for a case without news.
    pub(super) trace: Option<String>,
}

/// All cases: failing ones first, in the order of the run.
pub(super) fn shown(run: &Run, comparison: Option<&Comparison>, anchors: &HashMap<&str, String>) -> Vec<Shown> {
    let ids = |pick: fn(&Comparison) -> &Vec<crate::compare::CaseChange>| -> HashSet<&str> {
        comparison.map(pick).into_iter().flatten().map(|own| own.id.as_str()).collect()
    };
    let (failing, right) = (ids(|own| &own.newly_failing), ids(|own| &own.newly_right));
    let titles: HashMap<&str, String> =
        run.measures.iter().map(|measure| (measure.name.as_str(), words::measure(measure).title)).collect();
    let show = |case: &Case| {
        let change = match (failing.contains(case.id.as_str()), right.contains(case.id.as_str())) {
            (true, _) => "newly failing",
            (false, true) => "newly right",
            _ => "",
        };
        let label = |name: &String| titles.get(name.as_str()).cloned().unwrap_or_else(|| words::measure(&named(name)).title);
        let (miss, advice) = case.miss.map(words::miss).unzip();
        let news = !case.fails.is_empty() || !change.is_empty();
        Shown {
            anchor: anchors.get(case.id.as_str()).cloned().unwrap_or_default(),
            id: case.id.clone(),
            head: head(&case.text),
            text: case.text.clone(),
            fails: case.fails.join(" "),
            labels: case.fails.iter().map(label).collect(),
            miss_key: case.miss.map_or("", crate::run::Miss::as_str),
            miss,
            advice: advice.unwrap_or_default(),
            change,
            trace: news.then(|| trace::html(&case.trace)),
        }
    };
    let (wrong, right): (Vec<&Case>, Vec<&Case>) = run.cases.iter().partition(|case| !case.fails.is_empty());
    wrong.into_iter().chain(right).map(show).collect()
}

/// A figure that the run does not list, for its words.
fn named(name: &str) -> Measure {
    Measure { name: name.to_owned(), value: 0.0, interval: None, better: crate::run::Better::Neither, unit: Unit::Share }
}

fn head(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= HEAD { line } else { line.chars().take(HEAD).chain(['…']).collect() }
}
