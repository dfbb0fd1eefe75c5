//! The part that is read first: what is worse than before, what is better, and which cases made it so.

use std::collections::HashMap;

use askama::Template;

use super::{Link, charts, link, value, words};
use crate::compare::{CaseChange, Change, Comparison, Verdict};
use crate::run::{Run, Unit};

pub(super) struct Changes {
    /// One sentence that says it all.
    pub(super) headline: String,
    pub(super) worse: bool,
    /// A table of the figures that moved, the worse ones first.
    pub(super) moved: Option<String>,
    /// A table of those that did not, or not beyond chance, and how many there are.
    pub(super) quiet: Option<String>,
    pub(super) quiet_count: usize,
    pub(super) newly_failing: Vec<Link>,
    pub(super) newly_right: Vec<Link>,
    /// How the cases of the two runs differ, when they do.
    pub(super) note: Option<String>,
}

#[derive(Template)]
#[template(path = "report_rows.html")]
struct Table {
    rows: Vec<Row>,
}

struct Row {
    title: String,
    before: String,
    after: String,
    difference: Option<String>,
    interval: Option<String>,
    verdict: &'static str,
    class: &'static str,
}

impl Changes {
    pub(super) fn new(run: &Run, comparison: &Comparison, anchors: &HashMap<&str, String>) -> Result<Self, askama::Error> {
        let widest = comparison
            .changes
            .iter()
            .filter_map(|change| change.interval)
            .map(|own| own.low.abs().max(own.high.abs()))
            .fold(0.01, f64::max);
        let rows = |wanted: &[Verdict]| -> Vec<Row> {
            let of = |verdict: &Verdict| comparison.changes.iter().filter(|own| own.verdict == *verdict).collect::<Vec<_>>();
            wanted.iter().flat_map(of).map(|change| row(run, change, widest)).collect()
        };
        let links = |all: &[CaseChange]| all.iter().filter_map(|own| link(&own.id, anchors)).collect::<Vec<_>>();
        let (worse, better) = (count(comparison, Verdict::Worse), count(comparison, Verdict::Better));
        let note = (comparison.added + comparison.removed > 0).then(|| {
            format!(
                "The two runs did not read the same cases: {} in both, {} only now, {} only before. Differences are over those in both.",
                comparison.common, comparison.added, comparison.removed
            )
        });
        let table = |rows: Vec<Row>| if rows.is_empty() { Ok(None) } else { Table { rows }.render().map(Some) };
        let quiet = rows(&[Verdict::Unclear, Verdict::Same]);
        Ok(Self {
            headline: headline(worse, better, comparison.newly_failing.len(), comparison.newly_right.len()),
            worse: worse > 0,
            moved: table(rows(&[Verdict::Worse, Verdict::Better]))?,
            quiet_count: quiet.len(),
            quiet: table(quiet)?,
            newly_failing: links(&comparison.newly_failing),
            newly_right: links(&comparison.newly_right),
            note,
        })
    }
}

fn count(comparison: &Comparison, verdict: Verdict) -> usize {
    comparison.changes.iter().filter(|change| change.verdict == verdict).count()
}

fn headline(worse: usize, better: usize, failing: usize, right: usize) -> String {
    let figures = |count: usize| if count == 1 { "1 figure".to_owned() } else { format!("{count} figures") };
    let cases = |count: usize| if count == 1 { "1 case".to_owned() } else { format!("{count} cases") };
    let first = match (worse, better) {
        (0, 0) => "No figure moved beyond what chance explains".to_owned(),
        (0, _) => format!("{} got better, none got worse", figures(better)),
        (_, 0) => format!("{} got worse", figures(worse)),
        (..) => format!("{} got worse, {} better", figures(worse), figures(better)),
    };
    format!("{first}; {} newly failing, {} newly right.", cases(failing), cases(right))
}

fn row(run: &Run, change: &Change, widest: f64) -> Row {
    let title = run.measure(&change.name).map_or_else(|| change.name.clone(), |measure| words::measure(measure).title);
    let (verdict, class) = match change.verdict {
        Verdict::Worse => ("worse", "worse"),
        Verdict::Better => ("better", "better"),
        Verdict::Unclear => ("within chance", "unclear"),
        Verdict::Same => ("the same", "unclear"),
    };
    let share = change.unit == Unit::Share;
    Row {
        title,
        before: value(change.before, change.unit),
        after: value(change.after, change.unit),
        difference: share.then(|| charts::difference(change.after - change.before, change.interval, widest, class)),
        interval: change.interval.map(|own| format!("{} to {}", charts::points(own.low), charts::points(own.high))),
        verdict,
        class,
    }
}
