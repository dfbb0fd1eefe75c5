//! Numbers as people type them: `1.5` and `1,5`, `12,000` and `12 000` and `12'000`, `−3 °C`, `1e-3`.

use unicode_normalization::UnicodeNormalization as _;

use super::Decimal;
use super::text::{folded, without_spaces};

/// Longer than any number that somebody means.
const LONGEST: usize = 60;

/// Every number that the text can mean; none when it is no number. Two only for what is truly ambiguous: `1,234` may be a thousand and more, or a
/// little over one. The unit may stand before or after, or be left out.
pub(super) fn readings(typed: &str, unit: Option<&str>) -> Vec<Decimal> {
    if typed.chars().count() > LONGEST {
        return Vec::new();
    }
    let text: String = typed.nfkc().map(|c| if matches!(c, '\u{2212}' | '\u{2013}' | '\u{2010}') { '-' } else { c }).collect();
    let text = without_unit(text.trim(), unit);
    let (negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest.trim_start()),
        None => (false, text.strip_prefix('+').map_or(text.as_str(), str::trim_start)),
    };
    let (rest, exponent) = match rest.split_once(['e', 'E']) {
        Some((rest, exponent)) => match exponent.parse::<i64>() {
            Ok(exponent) => (rest, exponent),
            Err(_) => return Vec::new(),
        },
        None => (rest, 0),
    };
    let mut found: Vec<Decimal> = Vec::new();
    for (whole, fraction) in splits(rest) {
        if let Some(number) = ungrouped(whole).and_then(|whole| Decimal::from_digits(negative, &whole, fraction, exponent))
            && !found.contains(&number)
        {
            found.push(number);
        }
    }
    found
}

/// Where the decimal sign can be: what stands before it, and what after.
fn splits(text: &str) -> Vec<(&str, &str)> {
    let is_sign = |c: char| matches!(c, '.' | ',');
    let (Some(first), Some(last)) = (text.find(is_sign), text.rfind(is_sign)) else { return vec![(text, "")] };
    let split = |at: usize| (text.get(..at).unwrap_or_default(), text.get(at + 1..).unwrap_or_default());
    let same = text.get(first..=first) == text.get(last..=last);
    match (first == last, same) {
        // One sign: it is the decimal sign, or it parts thousands.
        (true, _) => vec![split(last), (text, "")],
        // The same sign more than once parts thousands.
        (false, true)
            if text.get(first..).is_some_and(|rest| {
                rest.chars().filter(|c| is_sign(*c)).all(|c| text.get(first..=first) == Some(c.encode_utf8(&mut [0; 4])))
            }) =>
        {
            vec![(text, "")]
        }
        // Two kinds: the last is the decimal sign.
        _ => vec![split(last)],
    }
}

/// The digits without what parts thousands. `None` when that is not one sign, the same throughout, before every three digits.
fn ungrouped(whole: &str) -> Option<String> {
    let Some(separator) = whole.chars().find(|c| !c.is_ascii_digit()) else { return Some(whole.to_owned()) };
    if !matches!(separator, '.' | ',' | ' ' | '\'' | '\u{2019}') {
        return None;
    }
    let mut groups = whole.split(separator);
    let first = groups.next()?;
    let well_formed = (1..=3).contains(&first.len())
        && first.bytes().all(|digit| digit.is_ascii_digit())
        && !first.starts_with('0')
        && groups.all(|group| group.len() == 3 && group.bytes().all(|digit| digit.is_ascii_digit()));
    well_formed.then(|| whole.replace(separator, ""))
}

/// Compares without case and spaces.
fn without_unit(text: &str, unit: Option<&str>) -> String {
    let Some(unit) = unit.map(|unit| without_spaces(&folded(unit))).filter(|unit| !unit.is_empty()) else { return text.to_owned() };
    let boundaries: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    for at in &boundaries {
        let (before, after) = text.split_at(*at);
        if !before.is_empty() && without_spaces(&folded(after)) == unit {
            return before.trim().to_owned();
        }
        if !after.is_empty() && without_spaces(&folded(before)) == unit {
            return after.trim().to_owned();
        }
    }
    text.to_owned()
}
