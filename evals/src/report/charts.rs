//! Pictures as inline SVG: no script, no style attribute, colours by class, so that they follow the page's light and dark.

use std::fmt::Write as _;

use super::trace::escape;
use crate::bootstrap::Interval;
use crate::run::{ConfusionCell, LabelRow, ReliabilityBin, RiskPoint};

/// Labels of a confusion map, and rows of bars: more than fit on a page.
const MOST_LABELS: usize = 14;

/// The beginning of a picture of that size, for eyes and for screen readers.
fn open(width: f64, height: f64, class: &str, words: &str) -> String {
    format!("<svg class=\"{class}\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{}\">", escape(words))
}

fn line(svg: &mut String, class: &str, from: (f64, f64), to: (f64, f64)) {
    let _ =
        write!(svg, "<line class=\"{class}\" x1=\"{:.1}\" y1=\"{:.1}\" x2=\"{:.1}\" y2=\"{:.1}\"/>", from.0, from.1, to.0, to.1);
}

fn rect(svg: &mut String, class: &str, (x, y): (f64, f64), (width, height): (f64, f64), title: &str) {
    let _ = write!(
        svg,
        "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"2\"><title>{}</title></rect>",
        width.max(0.0),
        height.max(0.0),
        escape(title)
    );
}

fn text(svg: &mut String, class: &str, (x, y): (f64, f64), words: &str) {
    let _ = write!(svg, "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\">{}</text>", escape(words));
}

/// A share with its interval on a track from 0 to 1.
pub(super) fn share(value: f64, interval: Option<Interval>) -> String {
    let at = |value: f64| 4.0 + value.clamp(0.0, 1.0) * 292.0;
    let mut svg = open(300.0, 16.0, "share", &percent(value));
    rect(&mut svg, "track", (4.0, 6.0), (292.0, 4.0), "");
    if let Some(Interval { low, high }) = interval {
        rect(
            &mut svg,
            "band",
            (at(low), 3.0),
            ((at(high) - at(low)).max(2.0), 10.0),
            &format!("{} to {}", percent(low), percent(high)),
        );
    }
    let _ = write!(svg, "<circle class=\"dot\" cx=\"{:.1}\" cy=\"8\" r=\"4\"/></svg>", at(value));
    svg
}

/// A difference with its interval around zero; the track is as wide as the widest of the table.
pub(super) fn difference(value: f64, interval: Option<Interval>, widest: f64, class: &str) -> String {
    let at = |value: f64| 100.0 + (value / widest.max(1e-6)).clamp(-1.0, 1.0) * 92.0;
    let mut svg = open(200.0, 16.0, "difference", &points(value));
    line(&mut svg, "zero", (100.0, 1.0), (100.0, 15.0));
    if let Some(Interval { low, high }) = interval {
        rect(&mut svg, &format!("band {class}"), (at(low), 4.0), ((at(high) - at(low)).max(2.0), 8.0), "");
    }
    let _ = write!(svg, "<circle class=\"dot {class}\" cx=\"{:.1}\" cy=\"8\" r=\"3.5\"/></svg>", at(value));
    svg
}

/// The labels that are confused most, expected down and found across. Right answers are left out: they would drown the rest.
pub(super) fn confusion(cells: &[ConfusionCell]) -> Option<String> {
    let mut wrong: Vec<&ConfusionCell> = cells.iter().filter(|cell| cell.expected != cell.found && cell.count > 0).collect();
    wrong.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.expected.cmp(&b.expected)));
    let most = wrong.first()?.count;
    let (mut rows, mut columns): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
    for cell in &wrong {
        for (labels, label) in [(&mut rows, &cell.expected), (&mut columns, &cell.found)] {
            if labels.len() < MOST_LABELS && !labels.contains(&label.as_str()) {
                labels.push(label);
            }
        }
    }
    rows.sort_unstable();
    columns.sort_unstable();
    let (left, top, step) = (170.0, 150.0, 26.0);
    let (width, height) = (left + step * columns.len() as f64 + 60.0, top + step * rows.len() as f64 + 8.0);
    let mut svg = open(width, height, "chart map", "Which subject was taken for which");
    text(&mut svg, "axis end", (left - 8.0, top - 8.0), "expected ↓   found →");
    for (place, label) in columns.iter().enumerate() {
        let x = left + step * (place as f64 + 0.5);
        let _ = write!(
            svg,
            "<text class=\"axis\" transform=\"translate({x:.1} {:.1}) rotate(-55)\">{}</text>",
            top - 8.0,
            escape(label)
        );
    }
    for (place, label) in rows.iter().enumerate() {
        let y = top + step * place as f64;
        text(&mut svg, "axis end", (left - 8.0, y + 17.0), label);
        for across in 0..columns.len() {
            rect(&mut svg, "cell", (left + step * across as f64, y), (step - 2.0, step - 2.0), "");
        }
    }
    for cell in wrong {
        let place = |labels: &[&str], label: &str| labels.iter().position(|own| *own == label);
        let (Some(row), Some(column)) = (place(&rows, &cell.expected), place(&columns, &cell.found)) else { continue };
        let (x, y) = (left + step * column as f64, top + step * row as f64);
        let heat = 1 + (cell.count * 4).div_ceil(most.max(1)).min(4);
        let words = format!("{} taken for {}: {} times", cell.expected, cell.found, cell.count);
        rect(&mut svg, &format!("heat heat-{heat}"), (x, y), (step - 2.0, step - 2.0), &words);
        text(&mut svg, "count", (x + 12.0, y + 16.0), &cell.count.to_string());
    }
    svg.push_str("</svg>");
    Some(svg)
}

/// A square from 0 to 1 both ways, with its axes named.
fn square(words: &str, across: &str, up: &str) -> String {
    let mut svg = open(350.0, 300.0, "chart square", words);
    for tick in [0.0, 0.25, 0.5, 0.75, 1.0] {
        let (x, y) = on_square(tick, tick);
        line(&mut svg, "grid", (66.0, y), (326.0, y));
        line(&mut svg, "grid", (x, 12.0), (x, 252.0));
        text(&mut svg, "axis end", (60.0, y + 4.0), &format!("{:.0} %", tick * 100.0));
        text(&mut svg, "axis middle", (x, 268.0), &format!("{:.0} %", tick * 100.0));
    }
    text(&mut svg, "axis middle", (196.0, 290.0), across);
    let _ = write!(svg, "<text class=\"axis middle\" transform=\"translate(14 132) rotate(-90)\">{}</text>", escape(up));
    svg
}

fn on_square(across: f64, up: f64) -> (f64, f64) {
    (66.0 + across * 260.0, 252.0 - up * 240.0)
}

pub(super) fn reliability(bins: &[ReliabilityBin]) -> Option<String> {
    let all: usize = bins.iter().map(|bin| bin.count).sum();
    if all == 0 {
        return None;
    }
    let mut svg = square("How often it was right where it was so sure", "how sure it was", "how often it was right");
    line(&mut svg, "ideal", on_square(0.0, 0.0), on_square(1.0, 1.0));
    for bin in bins {
        let (x, y) = on_square(bin.confidence, bin.accuracy);
        let words = format!("{} sure, {} right, {} cases", percent(bin.confidence), percent(bin.accuracy), bin.count);
        let radius = 4.0 + 12.0 * (bin.count as f64 / all as f64).sqrt();
        let _ = write!(
            svg,
            "<circle class=\"bubble\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius:.1}\"><title>{}</title></circle>",
            escape(&words)
        );
    }
    svg.push_str("</svg>");
    Some(svg)
}

pub(super) fn risk_coverage(points: &[RiskPoint]) -> Option<String> {
    let last = points.last()?;
    let words = format!("With all cases taken, {} are wrong", percent(last.risk));
    let mut svg = square(&words, "share of the messages taken, the surest first", "share of them wrong");
    let path: Vec<String> = points
        .iter()
        .map(|point| {
            let (x, y) = on_square(point.coverage, point.risk);
            format!("{x:.1},{y:.1}")
        })
        .collect();
    let _ = write!(svg, "<polyline class=\"curve\" points=\"{}\"/></svg>", path.join(" "));
    Some(svg)
}

/// F1 of the labels, the worst first.
pub(super) fn per_label(rows: &[LabelRow]) -> Option<String> {
    let mut worst: Vec<&LabelRow> = rows.iter().collect();
    worst.sort_by(|a, b| a.f1.total_cmp(&b.f1).then_with(|| a.label.cmp(&b.label)));
    let told = |row: &&LabelRow| {
        let (found, right) = (percent(row.recall), percent(row.precision));
        let words = format!("{}: {found} found, {right} of those named right, {} cases", row.label, row.count);
        (row.label.clone(), row.f1, words)
    };
    let rows: Vec<(String, f64, String)> = worst.iter().take(MOST_LABELS).map(told).collect();
    bars("How well each subject is recognised, the worst first", &rows)
}

/// Shares by name, as bars; each with the words that a pointer brings up.
pub(super) fn bars(words: &str, rows: &[(String, f64, String)]) -> Option<String> {
    if rows.is_empty() {
        return None;
    }
    let mut svg = open(480.0, 22.0 * rows.len() as f64 + 8.0, "chart", words);
    for (place, (label, value, words)) in rows.iter().enumerate() {
        let y = 22.0 * place as f64 + 4.0;
        text(&mut svg, "axis end", (180.0, y + 13.0), label);
        rect(&mut svg, "track", (188.0, y + 2.0), (230.0, 14.0), "");
        rect(&mut svg, "bar", (188.0, y + 2.0), (230.0 * value, 14.0), words);
        text(&mut svg, "axis", (424.0, y + 13.0), &percent(*value));
    }
    svg.push_str("</svg>");
    Some(svg)
}

pub(super) fn latency(percentiles: [(&str, f64); 4]) -> String {
    let longest = percentiles.iter().map(|(_, value)| *value).fold(1e-9, f64::max);
    let mut svg = open(480.0, 112.0, "chart", "How long a case took");
    for (place, (name, value)) in percentiles.iter().enumerate() {
        let y = 26.0 * place as f64 + 4.0;
        text(&mut svg, "axis end", (150.0, y + 15.0), name);
        rect(&mut svg, "bar", (158.0, y + 2.0), (230.0 * value / longest, 16.0), "");
        text(&mut svg, "axis", (164.0 + 230.0 * value / longest, y + 15.0), &format!("{value:.1} ms"));
    }
    svg.push_str("</svg>");
    svg
}

pub(super) fn percent(value: f64) -> String {
    format!("{:.1} %", value * 100.0)
}

pub(super) fn points(value: f64) -> String {
    format!("{:+.1} points", value * 100.0)
}
