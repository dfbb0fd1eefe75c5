//! What the headers of a mail say: who sent it, what it answers, and whether a person wrote it at all.

use lettre::Address;
use mail_parser::{HeaderName, Message, MimeHeaders as _};

use super::Sender;
use crate::line::one_line;

/// Longer ids are none: RFC 5322 has lines of 998 bytes, and no program makes ids like that.
const ID_BYTES: usize = 250;
/// References that are looked at, the nearest first.
const MOST_IDS: usize = 30;
const NAME_CHARS: usize = 120;

/// Why nobody waits for an answer to a mail. Such a mail is never answered, so two programs can never write to each other for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Automatic {
    /// A mail server tells what became of a mail.
    Report,
    /// Somebody's program answers in their place: away until Monday.
    Reply,
    /// A program wrote it, or a list passed it on.
    Bulk,
}

impl Automatic {
    /// In one word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Report => "report",
            Self::Reply => "reply",
            Self::Bulk => "bulk",
        }
    }
}

/// The last value of a header as it stands.
fn raw<'m>(message: &'m Message<'_>, name: &'static str) -> Option<&'m str> {
    let name = HeaderName::parse(name)?;
    message.header_raw(name).map(str::trim)
}

/// Whether a person wrote it, by RFC 3834 and by what programs do that are older than it.
pub(super) fn automatic(message: &Message<'_>, sender: &Sender) -> Option<Automatic> {
    let word = |name| raw(message, name).map(|value| first_word(value).to_ascii_lowercase());
    let is_report = message.content_type().is_some_and(|kind| {
        kind.ctype().eq_ignore_ascii_case("multipart") && kind.subtype().is_some_and(|sub| sub.eq_ignore_ascii_case("report"))
    });
    if is_report || raw(message, "Return-Path").is_some_and(|path| path.split_whitespace().collect::<String>() == "<>") {
        return Some(Automatic::Report);
    }
    let local = sender.address.rsplit_once('@').map_or("", |(local, _)| local).to_ascii_lowercase();
    if matches!(local.as_str(), "mailer-daemon" | "postmaster") {
        return Some(Automatic::Report);
    }
    match word("Auto-Submitted").as_deref() {
        None | Some("no") => {}
        Some("auto-replied") => return Some(Automatic::Reply),
        Some(_) => return Some(Automatic::Bulk),
    }
    if ["X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Auto-Reply"].iter().any(|name| raw(message, name).is_some()) {
        return Some(Automatic::Reply);
    }
    match word("Precedence").as_deref() {
        Some("auto_reply") => return Some(Automatic::Reply),
        Some("bulk" | "junk" | "list") => return Some(Automatic::Bulk),
        _ => {}
    }
    (raw(message, "List-Id").is_some() || raw(message, "List-Unsubscribe").is_some()).then_some(Automatic::Bulk)
}

fn first_word(value: &str) -> &str {
    value.split(|char: char| char.is_whitespace() || matches!(char, ';' | '(')).find(|word| !word.is_empty()).unwrap_or("")
}

/// The first address of `From`. It proves nothing: whoever sends a mail writes it. A `Reply-To` is not read, as what little a mail server checks
/// (SPF, DKIM, DMARC) is about `From`.
pub(super) fn sender(message: &Message<'_>) -> Option<Sender> {
    let from = message.from()?.first()?;
    let address = from.address()?.trim();
    let address: Address = address.parse().ok()?;
    let name = from.name().map(|name| one_line(name, NAME_CHARS)).unwrap_or_default();
    Some(Sender { address: address.to_string(), name })
}

/// An id that can be kept and compared.
fn proper(id: &str) -> Option<String> {
    let id = id.trim().trim_start_matches('<').trim_end_matches('>');
    let fine =
        !id.is_empty() && id.len() <= ID_BYTES && id.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'<' | b'>'));
    fine.then(|| id.to_owned())
}

pub(super) fn message_id(message: &Message<'_>) -> Option<String> {
    message.message_id().and_then(proper)
}

/// The mails that it answers, the nearest first: `In-Reply-To`, then `References` from the end.
pub(super) fn answers(message: &Message<'_>) -> Vec<String> {
    let ids = |name| -> Vec<String> {
        raw(message, name)
            .unwrap_or_default()
            .split(|char: char| char.is_whitespace() || matches!(char, '<' | '>' | ','))
            .filter(|word| word.contains('@'))
            .filter_map(proper)
            .collect()
    };
    let mut found: Vec<String> = Vec::new();
    for id in ids("In-Reply-To").into_iter().chain(ids("References").into_iter().rev()) {
        if found.len() < MOST_IDS && !found.contains(&id) {
            found.push(id);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use mail_parser::MessageParser;

    use super::*;

    fn automatic_of(headers: &str) -> Option<Automatic> {
        let mail = format!("From: Anna <anna@learners.example>\r\n{headers}\r\n\r\nHi");
        let message = MessageParser::default().parse(mail.as_bytes()).unwrap();
        automatic(&message, &sender(&message).unwrap())
    }

    #[test]
    fn what_nobody_wrote_is_told_from_what_a_person_wrote() {
        for (headers, expected) in [
            ("Subject: hello", None),
            ("Auto-Submitted: no", None),
            ("Precedence: first-class", None),
            ("Return-Path: <anna@learners.example>", None),
            ("Auto-Submitted: auto-replied (vacation)", Some(Automatic::Reply)),
            ("auto-submitted: AUTO-REPLIED; owner=x", Some(Automatic::Reply)),
            ("Auto-Submitted: auto-generated", Some(Automatic::Bulk)),
            ("X-Autoreply: yes", Some(Automatic::Reply)),
            ("Precedence: auto_reply", Some(Automatic::Reply)),
            ("Precedence: bulk", Some(Automatic::Bulk)),
            ("List-Id: <news.example>", Some(Automatic::Bulk)),
            ("Return-Path: <>", Some(Automatic::Report)),
            ("Return-Path: < >", Some(Automatic::Report)),
            ("Content-Type: multipart/report; report-type=delivery-status; boundary=b", Some(Automatic::Report)),
        ] {
            assert_eq!(automatic_of(headers), expected, "{headers}");
        }
        let daemon = MessageParser::default().parse(b"From: MAILER-DAEMON@mx.example\r\n\r\nSorry".as_slice()).unwrap();
        assert_eq!(automatic(&daemon, &sender(&daemon).unwrap()), Some(Automatic::Report));
    }

    #[test]
    fn the_nearest_mail_that_is_answered_comes_first() {
        let mail = b"From: a@b.example\r\nIn-Reply-To: <three@x>\r\nReferences: <one@x>\r\n <two@x> <three@x>\r\nMessage-ID: <four@x>\r\n\r\nHi";
        let message = MessageParser::default().parse(mail.as_slice()).unwrap();
        assert_eq!(answers(&message), ["three@x", "two@x", "one@x"]);
        assert_eq!(message_id(&message).as_deref(), Some("four@x"));
        let long = format!("From: a@b.example\r\nReferences: {}\r\n\r\nHi", "<x@y> ".repeat(10_000));
        assert_eq!(answers(&MessageParser::default().parse(long.as_bytes()).unwrap()), ["x@y"]);
    }

    #[test]
    fn who_has_no_proper_address_is_nobody() {
        for from in ["From: nobody", "From: <>", "From: a b@c", "Subject: x", "From: anna@learners.example\u{202e}"] {
            let mail = format!("{from}\r\n\r\nHi");
            let message = MessageParser::default().parse(mail.as_bytes());
            assert!(message.is_none_or(|message| sender(&message).is_none()), "{from}");
        }
    }
}
