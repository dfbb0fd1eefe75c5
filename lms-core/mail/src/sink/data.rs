//! The mail itself after `DATA`: dot-stuffed lines up to a line with one dot (RFC 5321, section 4.5.2).
//!
//! A line ends with CR LF and with nothing else. A server that also takes a bare LF can be made to see the end of a mail where the
//! sender's server saw text, and commands in what follows ("SMTP smuggling"). So a bare CR or LF is remembered, and the mail refused.

/// Puts a mail together from what arrives, in pieces of any size.
#[derive(Debug)]
pub(super) struct Data {
    bytes: Vec<u8>,
    limit: usize,
    too_large: bool,
    bare_line_break: bool,
    place: Place,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    LineStart,
    Text,
    /// After a CR.
    Cr,
    /// After a dot that began a line; it is not part of the mail.
    Dot,
    DotCr,
}

/// What arrived.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Content {
    Mail(Vec<u8>),
    TooLarge,
    BareLineBreak,
}

impl Data {
    /// For a mail of at most `limit` bytes.
    pub(super) fn new(limit: usize) -> Self {
        Self { bytes: Vec::new(), limit, too_large: false, bare_line_break: false, place: Place::LineStart }
    }

    /// Takes from `chunk`, and says how much of it belongs to the mail when the mail is complete.
    pub(super) fn feed(&mut self, chunk: &[u8]) -> Option<usize> {
        for (at, byte) in chunk.iter().copied().enumerate() {
            self.place = match (self.place, byte) {
                (Place::DotCr, b'\n') => return Some(at + 1),
                (Place::LineStart, b'.') => Place::Dot,
                (Place::Dot, b'\r') => Place::DotCr,
                (Place::DotCr, byte) => {
                    self.bare_line_break = true;
                    self.keep(b'\r');
                    self.text(byte)
                }
                (Place::Cr, b'\n') => {
                    self.keep(b'\n');
                    Place::LineStart
                }
                (Place::Cr, byte) => {
                    self.bare_line_break = true;
                    self.text(byte)
                }
                (_, byte) => self.text(byte),
            };
        }
        None
    }

    fn text(&mut self, byte: u8) -> Place {
        self.keep(byte);
        if byte == b'\n' {
            self.bare_line_break = true;
        }
        if byte == b'\r' { Place::Cr } else { Place::Text }
    }

    /// Beyond the limit nothing is kept, so that no mail fills the memory; the end is still looked for.
    fn keep(&mut self, byte: u8) {
        if self.bytes.len() < self.limit {
            self.bytes.push(byte);
        } else {
            self.too_large = true;
        }
    }

    pub(super) fn finish(self) -> Content {
        match self {
            Self { too_large: true, .. } => Content::TooLarge,
            Self { bare_line_break: true, .. } => Content::BareLineBreak,
            Self { bytes, .. } => Content::Mail(bytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(wire: &[u8], limit: usize) -> (Option<usize>, Content) {
        let mut data = Data::new(limit);
        (data.feed(wire), data.finish())
    }

    fn mail(text: &str) -> Content {
        Content::Mail(text.as_bytes().to_vec())
    }

    #[test]
    fn the_first_dot_of_a_line_is_not_part_of_the_mail() {
        assert_eq!(read(b"a\r\n..\r\n...b\r\n.c\r\n.\r\nQUIT", 100), (Some(20), mail("a\r\n.\r\n..b\r\nc\r\n")));
        assert_eq!(read(b".\r\n", 100), (Some(3), mail("")));
    }

    #[test]
    fn a_mail_over_the_limit_is_read_to_its_end() {
        assert_eq!(read(b"12345\r\n.\r\n", 7), (Some(10), mail("12345\r\n")));
        assert_eq!(read(b"12345\r\n.\r\n", 6), (Some(10), Content::TooLarge));
    }

    #[test]
    fn only_a_proper_line_with_a_dot_ends_a_mail() {
        for smuggled in ["a\n.\n", "a\n.\r\n", "a\r.\r\n", "a\r\n.\n", "a\r\n.\r", "a\r\n.\rb", "a\r\n.\r\r"] {
            let wire = format!("{smuggled}MAIL FROM:<x@y>\r\n.\r\n");
            let (end, content) = read(wire.as_bytes(), 100);
            assert_eq!((end, content), (Some(wire.len()), Content::BareLineBreak), "{smuggled:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_stuffed_comes_back_whatever_the_pieces(lines in prop::collection::vec("[.a\u{e9}]{0,5}", 0..8), piece in 1_usize..5) {
            let text: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
            let stuffed: String = lines.iter().map(|line| if line.starts_with('.') { format!(".{line}\r\n") } else { format!("{line}\r\n") }).collect();
            let wire = format!("{stuffed}.\r\nNOOP");
            let mut data = Data::new(1_000);
            let mut taken = 0;
            for chunk in wire.as_bytes().chunks(piece) {
                if let Some(end) = data.feed(chunk) {
                    taken += end;
                    break;
                }
                taken += chunk.len();
            }
            prop_assert_eq!(taken, wire.len() - 4);
            prop_assert_eq!(data.finish(), Content::Mail(text.into_bytes()));
        }

        #[test]
        fn no_bytes_make_it_panic(wire in any::<Vec<u8>>(), limit in 0_usize..40) {
            let (end, content) = read(&wire, limit);
            prop_assert!(end.is_none_or(|end| end <= wire.len()));
            if let Content::Mail(bytes) = content {
                prop_assert!(bytes.len() <= limit);
            }
        }
    }
}
