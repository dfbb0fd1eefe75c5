//! Figures over time as inline SVG: no script, no style attribute, colours by class.

use std::fmt::Write as _;

use crate::domain::{EvalFigure, EvalRunRow};

const WIDTH: f64 = 320.0;
const HEIGHT: f64 = 96.0;
const LEFT: f64 = 12.0;
const TOP: f64 = 10.0;

/// One figure's way through the runs.
pub(super) struct Trend {
    pub(super) title: String,
    /// The newest value, and what it was before.
    pub(super) now: String,
    pub(super) before: Option<String>,
    pub(super) svg: String,
}

/// A figure in the form in which people read it.
pub(super) fn shown(figure: &EvalFigure) -> String {
    match figure.unit.as_str() {
        "share" => format!("{:.1} %", figure.value * 100.0),
        "milliseconds" => format!("{:.1} ms", figure.value),
        _ => format!("{:.0}", figure.value),
    }
}

pub(super) fn title(name: &str) -> String {
    let words = name.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// The trends of every figure that is good or bad, over runs of one kind, the newest first.
pub(super) fn trends(runs: &[EvalRunRow]) -> Vec<Trend> {
    let Some(newest) = runs.first() else { return Vec::new() };
    newest.figures.iter().filter(|figure| figure.better != "neither").map(|figure| trend(figure, runs)).collect()
}

fn trend(figure: &EvalFigure, runs: &[EvalRunRow]) -> Trend {
    let named = |run: &EvalRunRow| run.figures.iter().find(|own| own.name == figure.name).cloned();
    let points: Vec<(&EvalRunRow, EvalFigure)> = runs.iter().rev().filter_map(|run| Some((run, named(run)?))).collect();
    let before = points.len().checked_sub(2).and_then(|place| points.get(place)).map(|(_, own)| shown(own));
    let title = title(&figure.name);
    Trend { now: shown(figure), before, svg: draw(&title, &points), title }
}

fn draw(title: &str, points: &[(&EvalRunRow, EvalFigure)]) -> String {
    let low = points.iter().map(|(_, own)| own.interval.map_or(own.value, |interval| interval.low)).fold(f64::INFINITY, f64::min);
    let high =
        points.iter().map(|(_, own)| own.interval.map_or(own.value, |interval| interval.high)).fold(f64::NEG_INFINITY, f64::max);
    let span = (high - low).max(1e-3);
    let across = |place: usize| LEFT + (WIDTH - 2.0 * LEFT) * place as f64 / (points.len().saturating_sub(1)).max(1) as f64;
    let up = |value: f64| TOP + (HEIGHT - 2.0 * TOP) * (1.0 - (value - low) / span);
    // The title is made of a figure's name, which is the evals' own; escaped all the same.
    let mut svg = format!("<svg class=\"trend\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}\">", escape(title));
    let mut path = String::new();
    for (place, (run, own)) in points.iter().enumerate() {
        let (x, y) = (across(place), up(own.value));
        let _ = write!(path, "{x:.1},{y:.1} ");
        if let Some(interval) = own.interval {
            let (top, bottom) = (up(interval.high), up(interval.low));
            let _ = write!(svg, "<line class=\"trend-band\" x1=\"{x:.1}\" y1=\"{top:.1}\" x2=\"{x:.1}\" y2=\"{bottom:.1}\"/>");
        }
        let words = format!("{}: {}, version {}", run.created_at, shown(own), run.release);
        let _ = write!(
            svg,
            "<circle class=\"trend-dot\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\"><title>{}</title></circle>",
            escape(&words)
        );
    }
    let _ = write!(svg, "<polyline class=\"trend-line\" points=\"{}\"/></svg>", path.trim_end());
    svg
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use porter_kernel::clock::{Clock as _, ManualClock};
    use uuid::Uuid;

    use super::*;

    fn run(value: f64, release: &str) -> EvalRunRow {
        let figure = |name: &str, better: &str| EvalFigure {
            name: name.to_owned(),
            value,
            interval: None,
            better: better.to_owned(),
            unit: "share".to_owned(),
        };
        let figures = vec![figure("macro_f1", "higher"), figure("cases", "neither")];
        EvalRunRow {
            id: Uuid::from_u128(1),
            kind: "triage".to_owned(),
            release: release.to_owned(),
            created_at: ManualClock::default().now(),
            figures,
        }
    }

    #[test]
    fn a_trend_goes_from_the_oldest_to_the_newest() {
        let trends = trends(&[run(0.95, "2"), run(0.9, "1<script>")]);
        assert_eq!(trends.len(), 1, "what is neither good nor bad has no trend");
        assert_eq!(
            (trends[0].title.as_str(), trends[0].now.as_str(), trends[0].before.as_deref()),
            ("Macro f1", "95.0 %", Some("90.0 %"))
        );
        let old = trends[0].svg.find("90.0 %").unwrap();
        assert!(old < trends[0].svg.find("95.0 %").unwrap() && !trends[0].svg.contains("<script"));
        assert!(trends_are_finite(&trends[0].svg));
    }

    #[test]
    fn one_run_and_equal_values_can_be_drawn() {
        for runs in [vec![run(1.0, "1")], vec![run(1.0, "2"), run(1.0, "1")]] {
            assert!(trends_are_finite(&trends(&runs)[0].svg));
        }
        assert!(trends(&[]).is_empty());
    }

    fn trends_are_finite(svg: &str) -> bool {
        !svg.contains("NaN") && !svg.contains("inf")
    }
}
