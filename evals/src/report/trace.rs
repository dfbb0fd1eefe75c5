//! A case's trace as HTML. Everything in it is data that somebody wrote: it is escaped, and its direction is its own.

use std::fmt::Write as _;

use serde_json::{Map, Value};

/// The parts of a trace that are read first, in this order; the rest follows by name.
const FIRST: [&str; 9] =
    ["expected", "wanted", "found", "decision", "reply", "faults", "conversation", "passages", "probabilities"];
/// Parts that are for comparisons and not for people.
const HIDDEN: [&str; 2] = ["scores", "classified"];
/// Nesting that is shown; a trace goes no deeper unless somebody means harm.
const DEEPEST: usize = 8;

/// The text with nothing left that HTML could take for its own, and with the characters that steer direction made visible.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\n' | '\t' => escaped.push(character),
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => escaped.push('\u{fffd}'),
            other if other.is_control() => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}

/// The trace, without what is only for comparisons.
pub(super) fn html(trace: &Value) -> String {
    let mut out = String::new();
    match trace {
        Value::Object(parts) => object(&mut out, parts, 0),
        other => value(&mut out, other, 0),
    }
    out
}

fn object(out: &mut String, parts: &Map<String, Value>, depth: usize) {
    let first = FIRST.iter().filter_map(|name| parts.get_key_value(*name));
    let rest = parts.iter().filter(|(name, _)| !FIRST.contains(&name.as_str()) && !HIDDEN.contains(&name.as_str()));
    out.push_str("<dl>");
    for (name, part) in first.chain(rest) {
        if matches!(part, Value::Null) {
            continue;
        }
        let _ = write!(out, "<div><dt>{}</dt><dd>", escape(&name.replace('_', " ")));
        value(out, part, depth + 1);
        out.push_str("</dd></div>");
    }
    out.push_str("</dl>");
}

fn value(out: &mut String, part: &Value, depth: usize) {
    match part {
        _ if depth > DEEPEST => out.push('…'),
        Value::Null => out.push('–'),
        Value::Bool(true) => out.push_str("yes"),
        Value::Bool(false) => out.push_str("no"),
        Value::Number(number) => out.push_str(&escape(&plain(number))),
        Value::String(text) => {
            let _ = write!(out, "<span class=\"words\" dir=\"auto\">{}</span>", escape(text));
        }
        Value::Array(parts) if parts.is_empty() => out.push_str("none"),
        Value::Array(parts) => {
            out.push_str("<ol>");
            for part in parts {
                out.push_str("<li>");
                value(out, part, depth + 1);
                out.push_str("</li>");
            }
            out.push_str("</ol>");
        }
        Value::Object(parts) if parts.is_empty() => out.push_str("none"),
        Value::Object(parts) if is_numbers(parts) => numbers(out, parts),
        Value::Object(parts) => object(out, parts, depth),
    }
}

fn is_numbers(parts: &Map<String, Value>) -> bool {
    parts.values().all(Value::is_number)
}

/// Names with their numbers, the largest first.
fn numbers(out: &mut String, parts: &Map<String, Value>) {
    let mut sorted: Vec<(&String, f64)> = parts.iter().filter_map(|(name, value)| Some((name, value.as_f64()?))).collect();
    sorted.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    out.push_str("<ul class=\"numbers\">");
    for (name, value) in sorted {
        let _ = write!(out, "<li><span>{}</span> <b>{}</b></li>", escape(&name.replace('_', " ")), rounded(value));
    }
    out.push_str("</ul>");
}

fn plain(number: &serde_json::Number) -> String {
    if number.is_f64() { number.as_f64().map_or_else(|| number.to_string(), rounded) } else { number.to_string() }
}

/// Three decimals, and none that are zero.
fn rounded(value: f64) -> String {
    let text = format!("{value:.3}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nothing_of_a_trace_becomes_markup() {
        let hostile = "<script>alert(1)</script>\u{202e} \" onload='x' & \0";
        let page = html(&json!({ hostile: { hostile: [hostile, { hostile: 0.5 }] }, "reply": hostile }));
        assert!(
            !page.contains("<script") && !page.contains("onload='") && !page.contains('\u{202e}') && !page.contains('\0'),
            "{page}"
        );
        assert!(page.contains("&lt;script&gt;"), "{page}");
    }

    #[test]
    fn what_matters_comes_first_and_scores_are_left_out() {
        let page = html(&json!({ "also": 1, "scores": { "accuracy": 1 }, "found": "b", "expected": "a", "none": null }));
        let places: Vec<usize> = ["expected", "found", "also"].iter().map(|name| page.find(name).unwrap()).collect();
        assert!(places.is_sorted(), "{page}");
        assert!(!page.contains("scores") && !page.contains("none"), "{page}");
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!((rounded(0.5), rounded(1.0), rounded(0.123_45)), ("0.5".to_owned(), "1".to_owned(), "0.123".to_owned()));
        assert_eq!(plain(&serde_json::Number::from(1200)), "1200");
    }

    #[test]
    fn a_trace_that_never_ends_is_cut() {
        let mut deep = json!("end");
        for _ in 0..100 {
            deep = json!([deep]);
        }
        let page = html(&deep);
        assert!(page.contains('…') && !page.contains("end"), "{page}");
    }
}
