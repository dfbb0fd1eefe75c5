use serde_json::Value;

use super::*;
use crate::run::RunKind;

/// A run of a hundred cases of which the first `wrong` are wrong, and which has acted `unsafe_acts` times when it should not have.
fn run(wrong: usize, unsafe_acts: usize) -> Run {
    let cases: Vec<Case> = (0..100)
        .map(|place| {
            let fails = if place < wrong { vec!["accuracy".to_owned()] } else { Vec::new() };
            let mut case = Case { id: format!("c{place}"), text: String::new(), fails, miss: None, trace: Value::Null };
            case.score("accuracy", f64::from(u8::from(place >= wrong)));
            case.classified("a", if place < wrong { "b" } else { "a" }, 0.9);
            case
        })
        .collect();
    let values: Vec<f64> = (0..100).map(|place| f64::from(u8::from(place >= wrong))).collect();
    let measures = vec![
        Measure::share("accuracy", &values, Better::Higher),
        Measure::count("unsafe_acts", unsafe_acts, Better::Lower),
        Measure::count("cases", 100, Better::Neither),
    ];
    Run { kind: RunKind::Triage, about: BTreeMap::new(), measures, plots: Vec::new(), cases }
}

fn verdicts(before: &Run, after: &Run) -> Vec<(String, Verdict)> {
    compare(before, after).changes.into_iter().map(|change| (change.name, change.verdict)).collect()
}

#[test]
fn a_fall_beyond_chance_is_a_regression_and_one_within_it_is_not() {
    assert_eq!(verdicts(&run(5, 0), &run(20, 0))[0], ("accuracy".to_owned(), Verdict::Worse));
    assert_eq!(verdicts(&run(20, 0), &run(5, 0))[0], ("accuracy".to_owned(), Verdict::Better));
    assert_eq!(verdicts(&run(5, 0), &run(6, 0))[0], ("accuracy".to_owned(), Verdict::Unclear));
    assert_eq!(verdicts(&run(5, 0), &run(5, 0))[0], ("accuracy".to_owned(), Verdict::Same));
    assert_eq!(compare(&run(5, 0), &run(6, 0)).regressions().count(), 0);
}

#[test]
fn one_unsafe_act_more_is_a_regression_however_good_the_rest_is() {
    let comparison = compare(&run(50, 0), &run(0, 1));
    assert_eq!(comparison.regressions().map(|change| change.name.as_str()).collect::<Vec<_>>(), ["unsafe_acts"]);
    assert_eq!(compare(&run(0, 2), &run(0, 1)).regressions().count(), 0);
}

#[test]
fn cases_that_changed_are_named_once() {
    let (mut before, after) = (run(2, 0), run(1, 0));
    before.cases.pop();
    let comparison = compare(&before, &after);
    assert_eq!((comparison.common, comparison.added, comparison.removed), (99, 1, 0));
    assert_eq!(comparison.newly_right, [CaseChange { id: "c1".to_owned(), measures: vec!["accuracy".to_owned()] }]);
    assert!(comparison.newly_failing.is_empty());
}

#[test]
fn runs_without_a_case_in_common_are_compared_by_nothing() {
    let (mut before, after) = (run(0, 0), run(30, 0));
    for case in &mut before.cases {
        case.id.insert(0, 'x');
    }
    let comparison = compare(&before, &after);
    assert_eq!((comparison.common, comparison.changes[0].interval, comparison.changes[0].verdict), (0, None, Verdict::Unclear));
}

#[test]
fn a_figure_over_a_part_of_the_cases_is_compared_over_that_part() {
    let part = |wrong: usize, of: usize| {
        let mut run = run(0, 0);
        let mut values = Vec::new();
        for (place, case) in run.cases.iter_mut().enumerate().take(of) {
            let value = f64::from(u8::from(place >= wrong));
            case.score("critical_precision", value);
            values.push(value);
        }
        run.measures = vec![Measure::share("critical_precision", &values, Better::Higher)];
        run
    };
    let change = compare(&part(0, 50), &part(25, 40)).changes.remove(0);
    assert_eq!(change.verdict, Verdict::Worse, "{change:?}");
    assert!(change.interval.is_some_and(|own| own.low < -0.625 && own.high > -0.625), "{change:?}");
}

#[test]
fn a_figure_that_is_no_mean_is_drawn_anew() {
    let with = |wrong: usize| {
        let mut run = run(wrong, 0);
        let scored: Vec<Scored<'_>> = run.cases.iter().filter_map(Case::as_classified).collect();
        let measure = Classified::new(&scored).ece_measure();
        run.measures = vec![measure];
        run
    };
    assert_eq!(verdicts(&with(10), &with(40))[0].1, Verdict::Worse);
}
