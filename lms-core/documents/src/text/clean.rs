//! What people type, as text that can be set in a line.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;
use unicode_segmentation::UnicodeSegmentation as _;

/// Longer texts are cut: no name and no title needs more.
const CLUSTERS: usize = 240;
/// Marks on one letter. Vietnamese needs one after composition, pointed Hebrew three; a tower of a hundred is no name.
const MARKS: usize = 4;

/// Composed (NFC), in one line, without what cannot be seen or would turn the line around. Never empty.
pub(crate) fn clean(text: &str) -> String {
    let (mut cleaned, mut marks) = (String::new(), 0);
    // Bounded first: the text may be of any length.
    for char in text.chars().take(CLUSTERS * 8).nfc() {
        marks = if is_combining_mark(char) { marks + 1 } else { 0 };
        match char {
            _ if marks > MARKS => {}
            char if char.is_whitespace() || char.is_control() => cleaned.push(' '),
            char if is_dropped(char) => {}
            char if is_private(char) => cleaned.push('\u{fffd}'),
            char => cleaned.push(char),
        }
    }
    let line = cleaned.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut clusters = line.graphemes(true);
    let mut kept: String = clusters.by_ref().take(CLUSTERS).collect();
    if clusters.next().is_some() {
        kept.push('…');
    }
    // Joiners alone can be seen no more than nothing.
    if kept.chars().all(is_invisible) { "—".to_owned() } else { kept }
}

/// Has no shape of its own, and may stand between letters that have: Persian and the Indian scripts write with joiners.
pub(crate) fn is_invisible(char: char) -> bool {
    matches!(char, '\u{200c}' | '\u{200d}')
}

/// Marks of direction, of format and of variants.
fn is_dropped(char: char) -> bool {
    matches!(char,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}' | '\u{200e}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// For private use, or no character at all (PDF/A allows neither).
fn is_private(char: char) -> bool {
    let code = u32::from(char);
    matches!(char, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}')
        || matches!(code & 0xfffe, 0xfffe)
        || (0xfdd0..=0xfdef).contains(&code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_visible_line() {
        assert_eq!(clean("  Anna \r\n\tKova\u{30c} "), "Anna Kovǎ");
        assert_eq!(clean("\u{202e}gnp\u{feff}.exe\0"), "gnp.exe");
        assert_eq!(clean("a\u{e000}b\u{ffff}c\u{10ffff}"), "a\u{fffd}b\u{fffd}c\u{fffd}");
        for nothing in ["", "   ", "\u{200d}\u{200b}", "\n"] {
            assert_eq!(clean(nothing), "—");
        }
    }

    #[test]
    fn towers_and_endless_names_are_cut() {
        assert_eq!(clean(&format!("x{}", "\u{331}".repeat(500))).chars().count(), 5);
        assert_eq!(clean(&"é ".repeat(100_000)).graphemes(true).count(), 241);
    }
}
