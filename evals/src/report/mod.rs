//! The report: one HTML file that needs nothing else, for a person who runs a support desk. What changed comes first, then figures, then pictures, then
//! every case with what the assistant made of it.

mod cases;
mod changes;
mod charts;
mod figures;
mod trace;
mod words;

use std::cmp::Reverse;
use std::collections::HashMap;

use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use self::cases::Shown;
use self::changes::Changes;
use crate::compare::compare;
use crate::run::{Better, Measure, Plot, Run, Unit};
use crate::saved::Saved;

const STYLE: &str = include_str!("../../templates/report.css");
const SCRIPT: &str = include_str!("../../templates/report.js");

/// A report, and what a page that shows it has to allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    pub html: String,
    /// A content security policy under which it works: its own style and script by their hashes, and nothing else.
    pub policy: String,
}

#[derive(Template)]
#[template(path = "report.html")]
struct Report<'a> {
    policy: &'a str,
    style: &'a str,
    script: &'a str,
    title: String,
    at: String,
    release: &'a str,
    baseline: Option<String>,
    sections: Vec<Section>,
}

/// One eval of the report.
struct Section {
    /// Its name, for anchors.
    name: &'static str,
    title: &'static str,
    subtitle: &'static str,
    about: Vec<(String, String)>,
    /// `None` when there is nothing to compare with.
    changes: Option<Changes>,
    figures: Vec<Figure>,
    misses: Vec<MissCount>,
    pictures: Vec<Picture>,
    cases: Vec<Shown>,
    failing: usize,
    total: usize,
}

struct Figure {
    name: String,
    title: String,
    value: String,
    interval: Option<String>,
    bar: Option<String>,
    meaning: String,
    advice: String,
    failing: Vec<Link>,
}

/// The way to a case of the page.
struct Link {
    anchor: String,
    words: String,
}

struct MissCount {
    key: &'static str,
    label: &'static str,
    advice: &'static str,
    count: usize,
    share: String,
    bar: String,
}

struct Picture {
    title: &'static str,
    meaning: &'static str,
    svg: String,
}

/// Renders runs, and what changed since the baseline.
pub fn render(saved: &Saved, baseline: Option<&Saved>) -> Result<Page, askama::Error> {
    let policy = policy();
    let sections: Vec<Section> =
        saved.runs.iter().map(|run| section(run, baseline.and_then(|before| before.run(run.kind)))).collect::<Result<_, _>>()?;
    let names: Vec<&str> = sections.iter().map(|section| section.title).collect();
    let report = Report {
        policy: &policy,
        style: STYLE,
        script: SCRIPT,
        title: names.join(", "),
        at: moment(&saved.at.to_string()),
        release: &saved.release,
        baseline: baseline.map(|before| format!("{}, version {}", moment(&before.at.to_string()), before.release)),
        sections,
    };
    let html = report.render()?;
    Ok(Page { html, policy })
}

/// What may run and be fetched: the style and the script of this very report.
fn policy() -> String {
    let hash = |text: &str| STANDARD.encode(Sha256::digest(text.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; img-src data:; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    )
}

/// To the minute: `2026-11-24 10:00 UTC`.
fn moment(at: &str) -> String {
    match (at.get(..10), at.get(11..16)) {
        (Some(day), Some(time)) => format!("{day} {time} UTC"),
        _ => at.to_owned(),
    }
}

fn section(run: &Run, baseline: Option<&Run>) -> Result<Section, askama::Error> {
    let kind = run.kind.as_str();
    let comparison = baseline.map(|before| compare(before, run));
    let anchors: HashMap<&str, String> =
        run.cases.iter().enumerate().map(|(place, case)| (case.id.as_str(), format!("{kind}-case-{place}"))).collect();
    let (title, subtitle) = words::kind(run.kind);
    Ok(Section {
        name: kind,
        title,
        subtitle,
        about: run.about.iter().map(|(name, words)| (name.replace('_', " "), words.clone())).collect(),
        figures: run.measures.iter().filter(|own| part(own).is_none()).map(|own| figure(run, own, &anchors)).collect(),
        misses: misses(run),
        pictures: parts(run).into_iter().chain(run.plots.iter().filter_map(picture)).collect(),
        cases: cases::shown(run, comparison.as_ref(), &anchors),
        failing: run.cases.iter().filter(|case| !case.fails.is_empty()).count(),
        total: run.cases.len(),
        changes: comparison.map(|comparison| Changes::new(run, &comparison, &anchors)).transpose()?,
    })
}

fn figure(run: &Run, measure: &Measure, anchors: &HashMap<&str, String>) -> Figure {
    let words = words::measure(measure);
    let failing = run.cases.iter().filter(|case| case.fails.contains(&measure.name));
    let interval = measure.interval.filter(|own| own.high - own.low > 1e-9);
    Figure {
        name: measure.name.clone(),
        title: words.title,
        value: value(measure.value, measure.unit),
        interval: interval.map(|own| format!("{} to {}", value(own.low, measure.unit), value(own.high, measure.unit))),
        bar: (measure.unit == Unit::Share && measure.better != Better::Neither).then(|| charts::share(measure.value, interval)),
        meaning: words.meaning,
        advice: words.advice,
        failing: failing.filter_map(|case| link(&case.id, anchors)).collect(),
    }
}

fn link(id: &str, anchors: &HashMap<&str, String>) -> Option<Link> {
    Some(Link { anchor: anchors.get(id)?.clone(), words: id.to_owned() })
}

fn value(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Share => charts::percent(value),
        Unit::Count => format!("{value:.0}"),
        Unit::Milliseconds => format!("{value:.1} ms"),
    }
}

/// Where misses come from, the most frequent first.
fn misses(run: &Run) -> Vec<MissCount> {
    use crate::run::Miss as M;
    let all = run.cases.iter().filter(|case| case.miss.is_some()).count();
    let mut counts: Vec<MissCount> = [M::NotInKnowledgeBase, M::NotRetrieved, M::Misread, M::WronglyDecided]
        .into_iter()
        .map(|miss| {
            let count = run.cases.iter().filter(|case| case.miss == Some(miss)).count();
            let share = count as f64 / all.max(1) as f64;
            let (label, advice) = words::miss(miss);
            MissCount { key: miss.as_str(), label, advice, count, share: charts::percent(share), bar: charts::share(share, None) }
        })
        .filter(|own| own.count > 0)
        .collect();
    counts.sort_by_key(|own| Reverse(own.count));
    counts
}

/// What a figure is about that is only a part of another: these stand together in a picture.
fn part(measure: &Measure) -> Option<&str> {
    measure.name.strip_prefix("pass_1_")
}

/// The parts of a figure, the worst first.
fn parts(run: &Run) -> Option<Picture> {
    let told = |measure: &Measure| Some((part(measure)?.to_owned(), measure.value, part(measure)?.to_owned()));
    let mut rows: Vec<(String, f64, String)> = run.measures.iter().filter_map(told).collect();
    rows.sort_by(|(one, a, _), (other, b, _)| a.total_cmp(b).then_with(|| one.cmp(other)));
    let title = "Dialogues that end well, by what they are about";
    let meaning =
        "Short bars are subjects to look at first. Each stands for a handful of dialogues, so a bar says little by itself.";
    Some(Picture { title, meaning, svg: charts::bars(title, &rows)? })
}

fn picture(plot: &Plot) -> Option<Picture> {
    let (title, meaning, svg) = match plot {
        Plot::Confusion { cells } => (
            "What is taken for what",
            "Each square counts messages of the subject on the left that were taken for the one above. Dark squares are pairs to teach apart.",
            charts::confusion(cells)?,
        ),
        Plot::Reliability { bins } => (
            "Whether its confidence can be trusted",
            "Circles on the dashed line: when it says 80 %, it is right in 80 of 100. Below the line it is too sure of itself; large circles hold many messages.",
            charts::reliability(bins)?,
        ),
        Plot::RiskCoverage { points } => (
            "What caution would buy",
            "Taking only the surest messages (left) makes fewer mistakes than taking all (right). A line that stays low for long means that doubt is a good guide.",
            charts::risk_coverage(points)?,
        ),
        Plot::PerLabel { rows } => (
            "The subjects that are recognised worst",
            "100 % is perfect. Short bars are subjects that need more examples, or that overlap with another.",
            charts::per_label(rows)?,
        ),
        Plot::Latency { p50, p90, p95, p99 } => (
            "How long it takes",
            "Half of the cases took at most the first time, 99 of 100 at most the last.",
            charts::latency([("half of them", *p50), ("90 of 100", *p90), ("95 of 100", *p95), ("99 of 100", *p99)]),
        ),
    };
    Some(Picture { title, meaning, svg })
}

#[cfg(test)]
mod tests;
