//! What keeps a hostile mail from costing more than its size.
//!
//! The parser makes a part of each boundary and a message of each `message/rfc822`, and what is nested that way is copied and freed by recursion: a mail
//! of 25 MB could nest hundreds of thousands, also inside of an encoded part, where nobody sees them beforehand.

use std::sync::LazyLock;
use std::thread;

use regex::bytes::Regex;

/// Parts of a mail at most; more than any person attaches.
const MOST_PARTS: usize = 100;
/// Lines that may be a boundary.
const MOST_DASHED: usize = 2_000;
/// Of a mail that may hold others so much is read: it bounds how deep they nest, to some 2,000. Each of those in an encoded part is given a copy of
/// the whole part, so what is kept at a time grows with the square of this: 80 MB.
const NESTING_BYTES: usize = 64 << 10;
/// Room for that, several times over. Only what is used is taken from the system.
const STACK_BYTES: usize = 64 << 20;

/// An empty line, and the words without which nothing is a nested message. The parser takes both halves of a media type as they stand in one header,
/// and no header holds an empty line.
static NESTING: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i-u)\n\r?\n|message|multipart|rfc822|global|digest").ok());

/// Reads a mail with `read`, which gets what can be read safely of it.
pub(super) fn reading<T: Send>(bytes: &[u8], read: impl FnOnce(&[u8]) -> T + Send) -> Option<T> {
    let bytes = bytes.get(..end(bytes))?;
    if !nests(bytes) {
        return Some(read(bytes));
    }
    let bytes = bytes.get(..bytes.len().min(NESTING_BYTES))?;
    thread::scope(|scope| {
        let reader = thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, || read(bytes)).ok()?;
        reader.join().ok()
    })
}

/// Where a mail is cut that has more parts than any person sends.
fn end(bytes: &[u8]) -> usize {
    let (mut parts, mut dashed, mut end) = (0, 0, 0);
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        dashed += usize::from(line.starts_with(b"--"));
        parts += usize::from(line.get(..12).is_some_and(|name| name.eq_ignore_ascii_case(b"content-type")));
        if parts > MOST_PARTS || dashed > MOST_DASHED {
            break;
        }
        end += line.len();
    }
    end
}

/// Whether there may be a mail in this mail.
fn nests(bytes: &[u8]) -> bool {
    let Some(pattern) = NESTING.as_ref() else { return true };
    let mut typed = false;
    for word in pattern.find_iter(bytes) {
        match word.as_bytes().first().map(u8::to_ascii_lowercase) {
            Some(b'\n') => typed = false,
            Some(b'm') => typed = true,
            _ if typed => return true,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pattern_compiles() {
        assert!(NESTING.is_some());
    }

    #[test]
    fn a_mail_in_a_mail_is_seen_however_its_kind_is_spelt() {
        for headers in [
            "Content-Type: message/rfc822",
            "content-type:\n MESSAGE /\n \n (a comment) RFC822; x=y",
            "X: y\r\n:Content-Type: message/global\r\n",
            "Content-Type: multipart/digest; boundary=b",
        ] {
            assert!(nests(format!("Subject: x\r\n\r\n--b\r\n{headers}\r\n\r\nx").as_bytes()), "{headers}");
        }
        for text in ["", "My message.\n\nWe are a global school.", "Content-Type: multipart/mixed\r\n\r\nglobal", "rfc822 message"]
        {
            assert!(!nests(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn what_has_more_parts_than_a_person_sends_is_cut() {
        let part = "--b\r\nContent-Type: text/plain\r\n\r\nx\r\n";
        let mail = format!("Content-Type: multipart/mixed; boundary=b\r\n\r\n{}", part.repeat(20_000));
        let kept = end(mail.as_bytes());
        assert!(kept < 5_000 && kept > 3_000, "{kept}");
        assert!(end("--\n".repeat(10_000).as_bytes()) <= 3 * MOST_DASHED);
        assert_eq!(end(b"a\r\nb"), 4);
    }
}
