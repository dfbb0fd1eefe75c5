use std::collections::BTreeMap;

use porter_kernel::clock::{Clock as _, ManualClock};
use serde_json::json;

use super::*;
use crate::run::{Case, ConfusionCell, LabelRow, Miss, ReliabilityBin, RiskPoint, RunKind};

const HOSTILE: &str = "</details><script>alert(1)</script><img src=x onerror=alert(2)> \" '> \u{202e}";

fn case(id: &str, wrong: bool) -> Case {
    let mut case = Case {
        id: id.to_owned(),
        text: format!("{HOSTILE} {id}"),
        fails: if wrong { vec!["accuracy".to_owned()] } else { Vec::new() },
        miss: wrong.then_some(Miss::NotRetrieved),
        trace: json!({ "expected": HOSTILE, "passages": [{ "title": HOSTILE, "score": 0.7 }], "reply": HOSTILE }),
    };
    case.score("accuracy", f64::from(u8::from(!wrong)));
    case
}

fn saved(wrong: &[&str]) -> Saved {
    let cases: Vec<Case> = ["a", "b", "c", HOSTILE].map(|id| case(id, wrong.contains(&id))).to_vec();
    let values: Vec<f64> = cases.iter().filter_map(|case| case.score_of("accuracy")).collect();
    let cell = |expected: &str, found: &str| ConfusionCell { expected: expected.to_owned(), found: found.to_owned(), count: 2 };
    let run = Run {
        kind: RunKind::Triage,
        about: BTreeMap::from([("data".to_owned(), HOSTILE.to_owned())]),
        measures: vec![
            Measure::share("accuracy", &values, Better::Higher),
            Measure::count("unsafe_acts", 0, Better::Lower),
            Measure::share(HOSTILE, &[1.0], Better::Higher),
        ],
        plots: vec![
            Plot::Confusion { cells: vec![cell(HOSTILE, "b"), cell("b", "b")] },
            Plot::Reliability { bins: vec![ReliabilityBin { low: 0.9, high: 1.0, confidence: 0.95, accuracy: 0.9, count: 4 }] },
            Plot::RiskCoverage { points: vec![RiskPoint { coverage: 1.0, risk: 0.25 }] },
            Plot::PerLabel { rows: vec![LabelRow { label: HOSTILE.to_owned(), precision: 1.0, recall: 0.5, f1: 0.67, count: 4 }] },
            Plot::Latency { p50: 1.0, p90: 2.0, p95: 3.0, p99: 4.0 },
        ],
        cases,
    };
    Saved::new(ManualClock::default().now(), "0.1.0", vec![run])
}

#[test]
fn nothing_that_somebody_wrote_becomes_markup() {
    let page = render(&saved(&["a", HOSTILE]), Some(&saved(&["b"]))).unwrap();
    assert_eq!(page.html.matches("<script").count(), 1, "the report's own");
    assert!(!page.html.contains("<img") && !page.html.contains("\" '>"), "escaped");
    assert!(page.html.contains("&#60;img") || page.html.contains("&lt;img"));
}

#[test]
fn the_page_needs_nothing_else_and_its_policy_allows_nothing_else() {
    let page = render(&saved(&["a"]), None).unwrap();
    for outside in ["http://", "https://", "url(", "@import", "<link", " style=", " onclick="] {
        assert!(!page.html.contains(outside), "{outside}");
    }
    let within = |open: &str, close: &str| {
        let start = page.html.find(open).unwrap() + open.len();
        let end = page.html[start..].find(close).unwrap() + start;
        page.html[start..end].to_owned()
    };
    for own in [within("<style>", "</style>"), within("<script>", "</script>")] {
        let hash = STANDARD.encode(Sha256::digest(own.as_bytes()));
        assert!(page.policy.contains(&format!("'sha256-{hash}'")), "the policy does not allow the page's own {own:.40}");
    }
    assert!(page.policy.starts_with("default-src 'none'"));
}

#[test]
fn what_changed_comes_first_and_leads_to_its_cases() {
    let page = render(&saved(&["a"]), Some(&saved(&["b"]))).unwrap().html;
    let place = |words: &str| page.find(words).unwrap_or_else(|| panic!("{words} is not in the report"));
    assert!(
        place("What changed") < place("1 case newly failing, 1 case newly right")
            && place("newly right") < place("<h3>Figures</h3>")
    );
    assert!(page.contains("<a href=\"#triage-case-0\">a</a>") && page.contains("id=\"triage-case-0\""), "newly failing");
    assert!(page.contains("data-change=\"newly right\""));
    assert!(!page.contains("There is no earlier run"));
    assert!(render(&saved(&["a"]), None).unwrap().html.contains("There is no earlier run"));
}

#[test]
fn every_failing_case_has_its_trace_and_the_kind_of_its_miss() {
    let page = render(&saved(&["a", "c"]), None).unwrap().html;
    assert_eq!(page.matches("<details class=\"case\"").count(), 2);
    assert_eq!(page.matches("class=\"tag miss\">not retrieved").count(), 2);
    assert!(page.contains("<b>not retrieved</b>: 2 (100.0 %)"), "the count of the misses");
    assert!(page.contains("2 of 4 fail something"));
    assert!(page.contains("<dt>passages</dt>") && page.contains("<dt>expected</dt>"));
    assert_eq!(page.matches("<p class=\"case right\"").count(), 2, "what is right is one line");
}
