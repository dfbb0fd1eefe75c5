//! The lines that the sink puts before a mail, as a mail server does on delivery (RFC 5321, section 4.4): who it was for in truth,
//! whatever its own headers say.

use porter_kernel::clock::Timestamp;
use uuid::Uuid;

/// How a mail came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trace {
    pub(crate) id: Uuid,
    pub(crate) received_at: Timestamp,
    /// The name that the client gave itself.
    pub(crate) client: String,
    pub(crate) extended: bool,
    /// `None` for a mail that shall not be answered by another.
    pub(crate) from: Option<String>,
    /// The recipients of the envelope.
    pub(crate) to: Vec<String>,
}

const FROM: &str = "Return-Path: <";
const TO: &str = "Delivered-To: ";
const AT: &str = "X-Received-At: ";
const LAST: &str = "Received: from ";

impl Trace {
    /// The lines. What they are made of holds no line breaks: the sink's commands refuse control characters.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let to: String = self.to.iter().map(|to| format!("{TO}{to}\r\n")).collect();
        let (from, protocol) = (self.from.as_deref().unwrap_or_default(), if self.extended { "ESMTP" } else { "SMTP" });
        let Self { id, received_at, client, .. } = self;
        let date = received_at.datetime().to_rfc2822();
        format!(
            "{FROM}{from}>\r\n{to}{AT}{received_at}\r\n{LAST}{client} by porter-mailbox with {protocol} id {id};\r\n\t{date}\r\n"
        )
        .into_bytes()
    }

    /// Reads the lines back; `None` when the file does not begin with them. A mail's own headers come after, and are not asked.
    pub(crate) fn from_bytes(id: Uuid, bytes: &[u8]) -> Option<Self> {
        let mut lines = bytes.split(|byte| *byte == b'\n').map(|line| std::str::from_utf8(line).unwrap_or_default().trim_end());
        let from = lines.next()?.strip_prefix(FROM)?.strip_suffix('>')?;
        let mut to = Vec::new();
        let received_at = loop {
            let line = lines.next()?;
            match line.strip_prefix(TO) {
                Some(address) => to.push(address.to_owned()),
                None => break line.strip_prefix(AT)?.parse().ok()?,
            }
        };
        let (client, rest) = lines.next()?.strip_prefix(LAST)?.split_once(" by porter-mailbox with ")?;
        let from = Some(from.to_owned()).filter(|from| !from.is_empty());
        Some(Self { id, received_at, client: client.to_owned(), extended: rest.starts_with("ESMTP"), from, to })
    }
}

#[cfg(test)]
mod tests {
    use porter_kernel::clock::{Clock as _, ManualClock};

    use super::*;

    #[test]
    fn a_trace_is_read_back_and_the_mails_own_headers_do_not_count() {
        let trace = Trace {
            id: Uuid::nil(),
            received_at: ManualClock::default().now(),
            client: "client.example".to_owned(),
            extended: true,
            from: Some("support@northlight.example".to_owned()),
            to: vec!["anna@learners.example".to_owned(), "ben@learners.example".to_owned()],
        };
        let mut bytes = trace.to_bytes();
        assert!(String::from_utf8_lossy(&bytes).ends_with(";\r\n\tTue, 24 Nov 2026 10:00:00 +0000\r\n"));
        bytes.extend_from_slice(b"Delivered-To: eve@evil.example\r\n\r\nhello");
        assert_eq!(Trace::from_bytes(Uuid::nil(), &bytes), Some(trace.clone()));
        let nobody = Trace { from: None, extended: false, ..trace };
        assert_eq!(Trace::from_bytes(Uuid::nil(), &nobody.to_bytes()), Some(nobody));
        for foreign in ["", "Subject: x\r\n\r\n", "Return-Path: <a@b>\r\nSubject: x\r\n"] {
            assert_eq!(Trace::from_bytes(Uuid::nil(), foreign.as_bytes()), None, "{foreign}");
        }
    }
}
