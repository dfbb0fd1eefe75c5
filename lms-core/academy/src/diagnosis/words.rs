//! How facts are put into words: dates, amounts, counts, and titles that other people wrote.

use std::time::Duration;

use porter_kernel::clock::Timestamp;

/// The longest title that a sentence quotes, in characters.
const TITLE: usize = 80;
/// The longest order number that is repeated to who asks, in characters.
const NUMBER: usize = 20;

pub(super) const MINUTE: u64 = 60;
pub(super) const HOUR: u64 = 60 * MINUTE;
pub(super) const DAY: u64 = 24 * HOUR;

/// So many units later; saturates.
pub(super) fn later(at: Timestamp, count: u64, unit: u64) -> Timestamp {
    at + Duration::from_secs(count.saturating_mul(unit))
}

/// `24 November 2026`, in UTC.
pub(super) fn date(at: Timestamp) -> String {
    at.datetime().format("%-d %B %Y").to_string()
}

/// `24 November 2026, 10:15 UTC`.
pub(super) fn moment(at: Timestamp) -> String {
    at.datetime().format("%-d %B %Y, %H:%M UTC").to_string()
}

/// `1 lesson`, `2 lessons`.
pub(super) fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// `1 day`, `2 days`.
pub(super) fn span(number: u64, unit: &str) -> String {
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}

/// `62 %`.
pub(super) fn percent(percent: i64) -> String {
    format!("{percent} %")
}

/// A text that somebody else wrote, in one line of at most 80 characters, without characters that steer how it is shown.
pub(super) fn title(text: &str) -> String {
    cut(text, TITLE)
}

/// As [`title`], in quotation marks that the text itself cannot close.
pub(super) fn quoted(text: &str) -> String {
    format!("“{}”", title(text).replace(['“', '”', '"'], "'"))
}

/// What somebody gave for an order's number.
pub(super) fn order_number(text: &str) -> String {
    cut(text, NUMBER).to_ascii_uppercase()
}

fn cut(text: &str, limit: usize) -> String {
    let shown: String = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).filter(|&c| !steers(c)).collect();
    let line = shown.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    if line.chars().count() <= limit {
        return line;
    }
    let mut short: String = line.chars().take(limit.saturating_sub(1)).collect();
    short.truncate(short.trim_end().len());
    short.push('…');
    short
}

/// Control characters, and those that turn the direction of the text or take no space: with them a title could look like another text.
fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
        || matches!(c, '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use porter_kernel::clock::{Clock as _, ManualClock};

    use super::*;

    #[test]
    fn times_are_written_out() {
        let now = ManualClock::default().now();
        assert_eq!(date(now), "24 November 2026");
        assert_eq!(moment(later(now, 15, MINUTE)), "24 November 2026, 10:15 UTC");
        assert_eq!(date(later(now, 7, DAY)), "1 December 2026");
        assert!(later(now, u64::MAX, DAY) > now, "the end of the calendar, not a panic");
        assert_eq!(date(Timestamp::from_micros(0).unwrap()), "1 January 1970");
    }

    #[test]
    fn a_title_is_one_line_and_cannot_steer() {
        assert_eq!(title("  Data\n\tanalysis \u{202e}from\u{0} zero\u{200b} "), "Data analysis from zero");
        assert_eq!(title("<script>alert(1)</script>"), "<script>alert(1)</script>", "shown as it is: the page escapes it");
        let long = title(&"é".repeat(81));
        assert_eq!((long.chars().count(), long.ends_with("é…")), (80, true));
        assert_eq!(title(&"é".repeat(80)), "é".repeat(80));
        assert_eq!(quoted("He said “stop”. Then \"go\""), "“He said 'stop'. Then 'go'”");
    }

    #[test]
    fn an_order_number_is_short_and_upper_case() {
        assert_eq!(order_number(" nl-100234\n"), "NL-100234");
        assert_eq!(order_number(&"x".repeat(100)).chars().count(), 20);
    }
}
