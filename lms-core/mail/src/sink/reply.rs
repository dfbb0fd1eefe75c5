//! What the sink answers.

use std::fmt::Write as _;

/// A code of three digits and one or more lines of ASCII.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reply {
    code: u16,
    lines: Vec<&'static str>,
}

impl Reply {
    pub(super) fn new(code: u16, text: &'static str) -> Self {
        Self { code, lines: vec![text] }
    }

    /// With more lines, as the answer to `EHLO` has.
    pub(super) fn with(mut self, more: &[&'static str]) -> Self {
        self.lines.extend_from_slice(more);
        self
    }

    pub(super) fn is_refusal(&self) -> bool {
        self.code >= 400
    }

    #[cfg(test)]
    pub(super) fn code(&self) -> u16 {
        self.code
    }

    /// `250-first`, `250 last`.
    pub(super) fn wire(&self) -> String {
        let mut wire = String::new();
        for (at, line) in self.lines.iter().enumerate() {
            let mark = if at + 1 == self.lines.len() { ' ' } else { '-' };
            // Writing to a String cannot fail.
            let _ = write!(wire, "{}{mark}{line}\r\n", self.code);
        }
        wire
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_lines_but_the_last_have_a_dash() {
        assert_eq!(Reply::new(250, "OK").wire(), "250 OK\r\n");
        assert_eq!(Reply::new(250, "hello").with(&["A", "B"]).wire(), "250-hello\r\n250-A\r\n250 B\r\n");
    }
}
