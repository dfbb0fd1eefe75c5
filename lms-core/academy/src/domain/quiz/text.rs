//! Short texts are compared in a form in which writing habits do not count.

use unicode_normalization::UnicodeNormalization as _;

/// Compatibility forms are one, case does not count, nor do accents, nor how many spaces there are, nor quotation marks and full stops around it.
pub(super) fn normalised(text: &str) -> String {
    let folded = folded(text);
    let bare = folded.trim_matches(|c: char| {
        c.is_whitespace() || matches!(c, '.' | '!' | '?' | '"' | '\'' | '“' | '”' | '„' | '‘' | '’' | '«' | '»')
    });
    bare.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Without case and accents. Marks that are letters of their own (as in Hindi) stay: only the combining marks of Latin, Greek and Cyrillic go.
pub(super) fn folded(text: &str) -> String {
    let plain: String =
        text.nfkd().filter(|c| !matches!(c, '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200f}' | '\u{feff}' | '\u{ad}')).collect();
    plain.to_lowercase().nfkc().collect()
}

pub(super) fn without_spaces(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}
