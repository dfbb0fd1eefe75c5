//! Takes the teeth out of a mail before it is parsed.
//!
//! The parser keeps a part for each boundary and a message in a message for each `message/rfc822`, and walks into a nested one that is *encoded* by
//! recursion. RFC 2046 forbids encoding one, so no proper mail has it; a hostile one could nest a hundred thousand and end the process.

use std::borrow::Cow;

/// Parts of a mail at most; more than any person attaches.
const MOST_PARTS: usize = 100;
/// Lines that may be a boundary.
const MOST_DASHED: usize = 2_000;

/// The mail as far as it is read: cut where it has more parts than any person sends, and with no encoding named for a nested message.
pub(super) fn tamed(bytes: &[u8]) -> Cow<'_, [u8]> {
    let digest = holds(bytes, b"multipart/digest");
    let mut mended: Vec<usize> = Vec::new();
    let (mut parts, mut dashed, mut end) = (0, 0, bytes.len());
    let mut block = Block::default();
    let mut start = 0;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let at = start;
        start += line.len();
        let bare = line.trim_ascii_end();
        dashed += usize::from(bare.starts_with(b"--"));
        parts += usize::from(begins(bare, b"content-type"));
        if parts > MOST_PARTS || dashed > MOST_DASHED {
            end = at;
            break;
        }
        // A boundary begins a block too, whatever stands before it.
        if bare.is_empty() || bare.starts_with(b"--") {
            mended.extend(std::mem::take(&mut block).encodings_of_a_message(digest));
        } else {
            block.take(bare, at);
        }
    }
    mended.extend(block.encodings_of_a_message(digest));
    let read = bytes.get(..end).unwrap_or(bytes);
    if mended.is_empty() {
        return Cow::Borrowed(read);
    }
    let mut own = read.to_vec();
    for at in mended {
        if let Some(first) = own.get_mut(at) {
            // The header has another name now, which means nothing.
            *first = b'X';
        }
    }
    Cow::Owned(own)
}

/// Lines that may be the headers of one part.
#[derive(Debug, Default)]
struct Block {
    /// Whether a `Content-Type` was seen, and whether one names a message.
    typed: bool,
    message: bool,
    /// Where the lines that name an encoding begin.
    encodings: Vec<usize>,
    /// The line before was the media type, up to its first parameter: it may go on.
    in_type: bool,
}

impl Block {
    fn take(&mut self, line: &[u8], at: usize) {
        let value = if line.first().is_some_and(|byte| matches!(byte, b' ' | b'\t')) {
            line
        } else {
            self.in_type = begins(line, b"content-type");
            self.typed |= self.in_type;
            if begins(line, b"content-transfer-encoding") {
                self.encodings.push(at);
            }
            line
        };
        if self.in_type {
            let before = value.split(|byte| *byte == b';').next().unwrap_or_default();
            self.message |= holds(before, b"message");
            self.in_type = before.len() == value.len();
        }
    }

    fn encodings_of_a_message(self, digest: bool) -> Vec<usize> {
        // Parts of a digest are messages without being called so.
        if self.message || (digest && !self.typed) { self.encodings } else { Vec::new() }
    }
}

fn begins(line: &[u8], name: &[u8]) -> bool {
    line.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
}

fn holds(text: &[u8], word: &[u8]) -> bool {
    text.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_usual_mail_stays_as_it_is() {
        let mail = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; name=message.txt\r\nContent-Transfer-Encoding: base64\r\n\r\nSGk=\r\n--b--\r\n";
        assert!(matches!(tamed(mail), Cow::Borrowed(same) if same == mail));
    }

    #[test]
    fn a_nested_message_loses_its_encoding_however_it_is_spelt() {
        for headers in [
            "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64",
            "content-transfer-encoding:BASE64\nCONTENT-TYPE:\n MESSAGE/RFC822;\n x=y",
            "Content-Transfer-Encoding: base64\r\nContent-Type: (a) message/global",
        ] {
            let mail = format!("Subject: x\r\n\r\n--b\r\n{headers}\r\n\r\nU3ViamVjdDogeA==\r\n--b--");
            let text = String::from_utf8(tamed(mail.as_bytes()).into_owned()).unwrap();
            assert!(text.to_lowercase().contains("xontent-transfer-encoding"), "{text}");
        }
        let digest = b"Content-Type: multipart/digest; boundary=b\n\n--b\nContent-Transfer-Encoding: base64\n\nU3ViamVjdDogeA==\n";
        assert!(holds(&tamed(digest), b"Xontent-Transfer-Encoding"));
    }

    #[test]
    fn what_has_more_parts_than_a_person_sends_is_cut() {
        let part = "--b\r\nContent-Type: text/plain\r\n\r\nx\r\n";
        let mail = format!("Content-Type: multipart/mixed; boundary=b\r\n\r\n{}", part.repeat(200_000));
        let kept = tamed(mail.as_bytes()).len();
        assert!(kept < 5_000 && kept > 3_000, "{kept}");
        assert!(tamed("--\n".repeat(10_000).as_bytes()).len() <= 3 * MOST_DASHED);
    }
}
