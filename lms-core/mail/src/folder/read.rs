//! A caught mail, read.

use mail_parser::{Addr, Address, MessageParser, MimeHeaders as _, PartType};
use porter_kernel::clock::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use super::Trace;

/// What a list of mails shows of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Summary {
    pub id: Uuid,
    pub received_at: Timestamp,
    /// Where it was delivered: the recipients of the envelope.
    pub to: Vec<String>,
    /// The sender as the mail names it: `Northlight Academy <support@northlight.example>`.
    pub from: String,
    pub subject: String,
    /// Without angle brackets.
    pub message_id: Option<String>,
    /// Of the file, in bytes.
    pub size: u64,
    pub has_attachments: bool,
}

/// A whole mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Caught {
    #[serde(flatten)]
    pub summary: Summary,
    /// The sender of the envelope, which gets the bounces.
    pub envelope_from: Option<String>,
    /// The recipients as the mail names them.
    pub header_to: String,
    /// All headers in their order, decoded no further than they came.
    pub headers: Vec<(String, String)>,
    pub text: Option<String>,
    pub html: Option<String>,
    pub attachments: Vec<CaughtAttachment>,
}

/// A file that came with a mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CaughtAttachment {
    pub file_name: String,
    /// Such as `application/pdf`.
    pub media_type: String,
    /// In bytes.
    pub size: usize,
    #[serde(skip)]
    pub bytes: Vec<u8>,
}

impl Summary {
    /// Whether it was delivered to this address, in upper or lower case.
    #[must_use]
    pub fn is_to(&self, address: &str) -> bool {
        self.to.iter().any(|to| to.to_lowercase() == address.to_lowercase())
    }
}

/// Of a mail whose headers are in `head`; `None` when the sink did not write it.
pub(super) fn summary(id: Uuid, head: &[u8], size: u64) -> Option<Summary> {
    let trace = Trace::from_bytes(id, head)?;
    let message = MessageParser::default().parse_headers(head).unwrap_or_default();
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    Some(Summary {
        id,
        received_at: trace.received_at,
        to: trace.to,
        from: addresses(message.from()),
        subject: if message.parts.is_empty() { String::new() } else { text(message.subject()) },
        message_id: message.message_id().map(str::to_owned),
        size,
        has_attachments: message.content_type().is_some_and(|kind| {
            kind.ctype().eq_ignore_ascii_case("multipart") && kind.subtype().is_some_and(|kind| kind.eq_ignore_ascii_case("mixed"))
        }),
    })
}

/// The whole of it.
pub(super) fn mail(id: Uuid, bytes: &[u8]) -> Option<Caught> {
    let trace = Trace::from_bytes(id, bytes)?;
    let mut summary = summary(id, bytes, u64::try_from(bytes.len()).unwrap_or(u64::MAX))?;
    let Some(message) = MessageParser::default().parse(bytes) else {
        let (header_to, headers, attachments) = (String::new(), Vec::new(), Vec::new());
        return Some(Caught { summary, envelope_from: trace.from, header_to, headers, text: None, html: None, attachments });
    };
    let attachments: Vec<_> = message
        .attachments()
        .map(|part| CaughtAttachment {
            file_name: part.attachment_name().unwrap_or("attachment").to_owned(),
            media_type: part.content_type().map_or_else(
                || "application/octet-stream".to_owned(),
                |kind| format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or("octet-stream")).to_ascii_lowercase(),
            ),
            size: part.contents().len(),
            bytes: part.contents().to_vec(),
        })
        .collect();
    summary.has_attachments = !attachments.is_empty();
    // Only what the mail itself holds: the parser would also make one form out of the other.
    let text = message.text_bodies().find_map(|part| match &part.body {
        PartType::Text(text) => Some(text.to_string()),
        _ => None,
    });
    let html = message.html_bodies().find_map(|part| match &part.body {
        PartType::Html(html) => Some(html.to_string()),
        _ => None,
    });
    let headers = message.headers_raw().map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect();
    Some(Caught { summary, envelope_from: trace.from, header_to: addresses(message.to()), headers, text, html, attachments })
}

/// `Name <address>, address`.
fn addresses(addresses: Option<&Address<'_>>) -> String {
    addresses.map(|all| all.iter().map(address).collect::<Vec<_>>().join(", ")).unwrap_or_default()
}

fn address(one: &Addr<'_>) -> String {
    match (one.name(), one.address()) {
        (Some(name), Some(address)) => format!("{name} <{address}>"),
        (name, address) => address.or(name).unwrap_or_default().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use porter_kernel::clock::{Clock as _, ManualClock};
    use proptest::prelude::*;

    use super::*;

    fn caught(content: &[u8]) -> Caught {
        let trace = Trace {
            id: Uuid::nil(),
            received_at: ManualClock::default().now(),
            client: "x".to_owned(),
            extended: true,
            from: None,
            to: vec!["anna@learners.example".to_owned()],
        };
        let mut bytes = trace.to_bytes();
        bytes.extend_from_slice(content);
        mail(Uuid::nil(), &bytes).unwrap()
    }

    #[test]
    fn headers_are_decoded_and_the_envelope_is_the_truth() {
        let mail = caught(
            b"From: =?utf-8?q?N=C3=B6rdlicht?= <a@b.example>\r\nTo: Somebody Else <eve@evil.example>\r\nSubject: =?utf-8?b?w6nDqQ==?=\r\n\
              Message-ID: <1@b.example>\r\n\r\nhello\r\n",
        );
        assert_eq!(mail.summary.from, "Nördlicht <a@b.example>");
        assert_eq!((mail.summary.subject.as_str(), mail.summary.message_id.as_deref()), ("éé", Some("1@b.example")));
        assert_eq!(
            (mail.summary.to, mail.header_to.as_str()),
            (vec!["anna@learners.example".to_owned()], "Somebody Else <eve@evil.example>")
        );
        assert_eq!((mail.text.as_deref(), mail.html), (Some("hello\r\n"), None));
    }

    #[test]
    fn a_mail_of_html_alone_has_no_text() {
        let mail = caught(b"Content-Type: text/html\r\n\r\n<p>hello</p>");
        assert_eq!((mail.text, mail.html.as_deref()), (None, Some("<p>hello</p>")));
    }

    #[test]
    fn an_empty_mail_is_a_mail() {
        let mail = caught(b"");
        assert_eq!((mail.summary.subject.as_str(), mail.summary.message_id, mail.attachments.len()), ("", None, 0));
    }

    proptest! {
        #[test]
        fn no_content_makes_it_panic(content in any::<Vec<u8>>(), text in "[A-Za-z:;=/\" \\r\\n-]{0,80}") {
            let _ = caught(&content);
            let _ = caught(format!("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n{text}\r\n--b--").as_bytes());
        }
    }
}
