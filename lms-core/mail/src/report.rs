//! Reads the reports that mail servers send back: delivery status (RFC 3464) and complaints (RFC 5965).

use mail_parser::{Message, MessageParser, MimeHeaders as _, PartType};

/// The longest report that is read, in bytes.
pub const MAX_BYTES: usize = 256_000;

/// What became of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fate {
    /// There is no such mailbox, or it takes nothing for good.
    Hard,
    /// Full, or away for too long: another mail may arrive.
    Soft,
    /// Its reader calls it spam.
    Complaint,
}

/// A mail that did not arrive, or was not wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Of the mail that this is about, without angle brackets.
    pub message_id: String,
    pub fate: Fate,
}

/// What a report says. `None` for what is no report, is about no mail that it names, or only says that a delivery takes longer.
#[must_use]
pub fn read(bytes: &[u8]) -> Option<Report> {
    let bytes = bytes.get(..bytes.len().min(MAX_BYTES))?;
    let message = MessageParser::default().parse(bytes)?;
    let part = |subtype: &str| {
        message.parts.iter().find(|part| {
            part.content_type().is_some_and(|kind| {
                kind.ctype().eq_ignore_ascii_case("message")
                    && kind.subtype().is_some_and(|found| found.eq_ignore_ascii_case(subtype))
            })
        })
    };
    let fate = match (part("delivery-status"), part("feedback-report")) {
        (Some(status), _) => fate_of(&text(&status.body))?,
        (None, Some(_)) => Fate::Complaint,
        (None, None) => return None,
    };
    Some(Report { message_id: original(&message)?, fate })
}

fn text(body: &PartType<'_>) -> String {
    match body {
        PartType::Text(text) | PartType::Html(text) => text.to_string(),
        PartType::Binary(bytes) | PartType::InlineBinary(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        PartType::Message(message) => String::from_utf8_lossy(&message.raw_message).into_owned(),
        PartType::Multipart(_) => String::new(),
    }
}

/// By `Action` and the class of `Status`, over all recipients: ours have one each.
fn fate_of(status: &str) -> Option<Fate> {
    let field = |name: &str| {
        status.lines().find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.trim().eq_ignore_ascii_case(name).then(|| value.trim().to_ascii_lowercase())
        })
    };
    if !field("action")?.starts_with("failed") {
        return None;
    }
    let code = field("status").unwrap_or_default();
    let code = code.split_whitespace().next().unwrap_or_default();
    // 5.2.2 is a mailbox that is full; 5.7 is about what the mail says, or whose it is.
    let lasting = code.starts_with("5.") && code != "5.2.2" && !code.starts_with("5.7") && !code.starts_with("5.3");
    Some(if lasting { Fate::Hard } else { Fate::Soft })
}

/// The id of the mail that came back: whole, or its headers alone.
fn original(message: &Message<'_>) -> Option<String> {
    message.parts.iter().skip(1).find_map(|part| {
        if let PartType::Message(inner) = &part.body {
            return inner.message_id().map(str::to_owned);
        }
        let kind = part.content_type()?;
        let headers =
            kind.subtype().is_some_and(|kind| kind.eq_ignore_ascii_case("rfc822-headers") || kind.eq_ignore_ascii_case("rfc822"));
        if !headers {
            return None;
        }
        MessageParser::default().parse_headers(text(&part.body).as_bytes())?.message_id().map(str::to_owned)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bounce(action: &str, status: &str, original: &str) -> String {
        format!(
            "From: MAILER-DAEMON@mx.example\r\nTo: support@northlight.example\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\n\
             Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n\
             Sorry.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n\
             Final-Recipient: rfc822; anna@learner.example\r\nAction: {action}\r\nStatus: {status}\r\nDiagnostic-Code: smtp; 550 no\r\n\
             \r\n--b\r\n{original}\r\n--b--\r\n"
        )
    }

    const WHOLE: &str = "Content-Type: message/rfc822\r\n\r\nFrom: a@b.example\r\nMessage-ID: <0190-x@northlight.example>\r\nSubject: Hi\r\n\r\nHello\r\n";
    const HEADERS: &str =
        "Content-Type: text/rfc822-headers\r\n\r\nFrom: a@b.example\r\nMessage-ID: <0190-x@northlight.example>\r\nSubject: Hi\r\n";

    #[test]
    fn a_bounce_names_the_mail_and_what_became_of_it() {
        for original in [WHOLE, HEADERS] {
            for (status, fate) in [
                ("5.1.1", Fate::Hard),
                ("5.0.0", Fate::Hard),
                ("5.2.1 (disabled)", Fate::Hard),
                ("5.2.2", Fate::Soft),
                ("5.7.1", Fate::Soft),
                ("4.4.7", Fate::Soft),
                ("nonsense", Fate::Soft),
            ] {
                let report = read(bounce("failed", status, original).as_bytes());
                assert_eq!(report, Some(Report { message_id: "0190-x@northlight.example".to_owned(), fate }), "{status}");
            }
        }
    }

    #[test]
    fn a_delay_is_none_and_neither_is_other_mail() {
        assert_eq!(read(bounce("delayed", "4.4.1", WHOLE).as_bytes()), None);
        assert_eq!(read(bounce("delivered", "2.0.0", WHOLE).as_bytes()), None);
        assert_eq!(read(bounce("failed", "5.1.1", "Content-Type: text/plain\r\n\r\nMessage-ID: <x@y.example>").as_bytes()), None);
        for other in ["", "From: a@b.example\r\n\r\nhello", "\0\0\0"] {
            assert_eq!(read(other.as_bytes()), None);
        }
    }

    #[test]
    fn a_complaint_is_one() {
        let mail = bounce("failed", "5.1.1", WHOLE).replace("message/delivery-status", "message/feedback-report");
        assert_eq!(read(mail.as_bytes()).unwrap().fate, Fate::Complaint);
    }

    proptest! {
        #[test]
        fn nothing_makes_it_fall_over(bytes in proptest::collection::vec(any::<u8>(), 0..400), cut in 0_usize..900) {
            let _ = read(&bytes);
            let whole = bounce("failed", "5.1.1", WHOLE).into_bytes();
            let _ = read(&whole[..cut.min(whole.len())]);
        }
    }
}
