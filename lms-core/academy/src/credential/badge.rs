//! The badge: an SVG with the credential baked in, so that one picture is both.

use askama::Template;

/// The longest line of the title in the picture, in characters, and how many lines there are.
const LINE: usize = 20;
const LINES: usize = 3;

#[derive(Template)]
#[template(path = "badge.svg")]
struct Badge<'a> {
    academy: &'a str,
    title: &'a str,
    lines: Vec<Line>,
    issued: &'a str,
    credential: &'a str,
}

struct Line {
    y: usize,
    text: String,
}

/// The picture of this course with the compact JWS in it, as Open Badges 3.0 wants it: at once after the `svg` tag, in an element of its own.
///
/// # Errors
/// When the template cannot be rendered: a fault here.
pub fn baked(academy: &str, title: &str, issued: &str, credential: &str) -> askama::Result<String> {
    let (academy, title) = (visible(academy), visible(title));
    let lines = lines(&title);
    let first = 400 - 15 * lines.len().saturating_sub(1);
    let lines = lines.into_iter().enumerate().map(|(at, text)| Line { y: first + 30 * at, text }).collect();
    Badge { academy: &academy, title: &title, lines, issued, credential }.render()
}

/// Without what XML forbids or what would steer how the text is shown.
fn visible(text: &str) -> String {
    let kept = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c });
    let kept: String = kept.filter(|c| !c.is_control() && !matches!(*c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fff0}'..='\u{ffff}')).collect();
    kept.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The title in lines that fit, cut where there are too many.
fn lines(title: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in title.split(' ') {
        let word: String = word.chars().take(LINE).collect();
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= LINE => {
                line.push(' ');
                line.push_str(&word);
            }
            _ => lines.push(word),
        }
    }
    if lines.len() > LINES {
        lines.truncate(LINES);
        if let Some(last) = lines.last_mut() {
            last.push('…');
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_set_in_a_few_short_lines() {
        assert_eq!(lines("Data analysis from zero"), ["Data analysis from", "zero"]);
        assert_eq!(lines("Cyber security for everybody"), ["Cyber security for", "everybody"]);
        let long = lines(&"word ".repeat(100));
        assert!(
            long.len() == LINES && long.iter().all(|line| line.chars().count() <= LINE + 1) && long[2].ends_with('…'),
            "{long:?}"
        );
        assert_eq!(lines(&"x".repeat(500))[0].len(), LINE);
    }

    #[test]
    fn a_hostile_title_stays_text() {
        let svg = baked("A & B", "</text><script>alert(1)</script>\0\u{202e}\u{ffff}]]>", "24 November 2026", "a.b.c").unwrap();
        assert!(!svg.contains("<script") && !svg.contains('\0') && !svg.contains('\u{202e}') && !svg.contains('\u{ffff}'), "{svg}");
        assert!(svg.contains("A &#38; B"), "{svg}");
    }
}
