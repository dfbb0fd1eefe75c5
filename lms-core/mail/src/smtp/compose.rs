//! A [`Mail`] as a message: headers and MIME parts.
//!
//! Names, subjects and file names are other people's text. What could end a header line is taken out here, and lettre encodes the rest;
//! the recipient is one parsed address, so nothing in a name can add another.

use lettre::message::header::{ContentType, HeaderName, HeaderValue, MessageId};
use lettre::message::{Attachment, Mailbox, MultiPart, SinglePart};
use lettre::{Address, Message};
use porter_kernel::clock::Timestamp;

use crate::line::one_line;
use crate::{Mail, MailError};

/// Longer names and subjects are cut: no mail client shows more.
const NAME_CHARS: usize = 120;
const SUBJECT_CHARS: usize = 250;
const HEADER_CHARS: usize = 900;
const FILE_NAME_CHARS: usize = 120;
/// RFC 5322 allows 998 bytes a line; an id needs far fewer.
const MESSAGE_ID_BYTES: usize = 250;

/// The message, dated `now`. Only a mail without a proper recipient, id or media type fails, and for good.
pub(super) fn message(mail: &Mail, from: &Mailbox, now: Timestamp) -> Result<Message, MailError> {
    let address: Address = mail.to_address.parse().map_err(|_| never("the recipient is no address"))?;
    let name = one_line(&mail.to_name, NAME_CHARS);
    let to = Mailbox::new(Some(name).filter(|name| !name.is_empty()), address);
    let builder = Message::builder()
        .from(from.clone())
        .to(to)
        .subject(one_line(&mail.subject, SUBJECT_CHARS))
        .header(MessageId::from(message_id(&mail.message_id)?))
        .date(now.datetime().into())
        // RFC 3834: nobody's out-of-office note shall answer.
        .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), mail.written_by.as_str().to_owned()));

    let builder = mail.headers.iter().try_fold(builder, |builder, (name, value)| {
        let line = one_line(value, HEADER_CHARS);
        let proper = line == *value && is_extra(name);
        let name = HeaderName::new_from_ascii_str(name);
        if proper { Ok(builder.raw_header(HeaderValue::new(name, line))) } else { Err(never("a header is not one")) }
    })?;

    let text = SinglePart::plain(mail.text.clone());
    let body = match (mail.html.is_empty(), mail.attachments.is_empty()) {
        (true, true) => return builder.singlepart(text).map_err(|_| never("the mail cannot be built")),
        (true, false) => MultiPart::mixed().singlepart(text),
        (false, true) => return builder.multipart(alternative(mail)).map_err(|_| never("the mail cannot be built")),
        (false, false) => MultiPart::mixed().multipart(alternative(mail)),
    };
    let body = mail.attachments.iter().try_fold(body, |body, file| {
        let media_type = ContentType::parse(&file.media_type).map_err(|_| never("an attachment has no proper media type"))?;
        Ok(body.singlepart(Attachment::new(one_line(&file.file_name, FILE_NAME_CHARS)).body(file.bytes.clone(), media_type)))
    })?;
    builder.multipart(body).map_err(|_| never("the mail cannot be built"))
}

/// Not one that is made of the mail's other fields.
fn is_extra(name: &str) -> bool {
    ["List-Unsubscribe", "List-Unsubscribe-Post", "List-Id", "Precedence", "In-Reply-To", "References"].contains(&name)
}

fn alternative(mail: &Mail) -> MultiPart {
    MultiPart::alternative_plain_html(mail.text.clone(), mail.html.clone())
}

/// In angle brackets. An id that could break the header is no id.
fn message_id(id: &str) -> Result<String, MailError> {
    let proper = id.len() <= MESSAGE_ID_BYTES
        && id.split_once('@').is_some_and(|(left, right)| !left.is_empty() && !right.is_empty())
        && id.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'<' | b'>'));
    if proper { Ok(format!("<{id}>")) } else { Err(never("the Message-ID is not one")) }
}

fn never(why: &str) -> MailError {
    MailError::Never(why.to_owned())
}

#[cfg(test)]
mod tests {
    use porter_kernel::clock::{Clock as _, ManualClock};
    use proptest::prelude::*;

    use super::*;
    use crate::{Attachment as File, WrittenBy};

    fn mail() -> Mail {
        Mail {
            message_id: "0190-reset@northlight.example".to_owned(),
            to_name: "Anna Kovač".to_owned(),
            to_address: "anna@learners.example".to_owned(),
            subject: "Your new password".to_owned(),
            text: "Hello\n.\n..dots\n".to_owned(),
            html: "<p>Hello</p>".to_owned(),
            attachments: Vec::new(),
            headers: Vec::new(),
            written_by: WrittenBy::Program,
        }
    }

    fn composed(mail: &Mail) -> Result<(String, Vec<String>), MailError> {
        let from = "Northlight Academy <support@northlight.example>".parse().unwrap();
        let message = message(mail, &from, ManualClock::default().now())?;
        let to = message.envelope().to().iter().map(ToString::to_string).collect();
        Ok((String::from_utf8(message.formatted()).unwrap(), to))
    }

    /// The names of the headers before the first empty line.
    fn headers(message: &str) -> Vec<&str> {
        let head = message.split("\r\n\r\n").next().unwrap();
        head.split("\r\n").filter(|line| !line.starts_with([' ', '\t'])).map(|line| line.split(':').next().unwrap()).collect()
    }

    const HEADERS: [&str; 8] = ["From", "To", "Subject", "Message-ID", "Date", "Auto-Submitted", "MIME-Version", "Content-Type"];

    #[test]
    fn a_mail_has_its_headers_and_both_parts() {
        let (message, to) = composed(&mail()).unwrap();
        assert_eq!(headers(&message), HEADERS);
        assert_eq!(to, ["anna@learners.example"]);
        for line in [
            "Message-ID: <0190-reset@northlight.example>\r\n",
            "Date: Tue, 24 Nov 2026 10:00:00 +0000\r\n",
            "Auto-Submitted: auto-generated\r\n",
            "From: \"Northlight Academy\" <support@northlight.example>\r\n",
            "Content-Type: multipart/alternative;",
        ] {
            assert!(message.contains(line), "{line} in\n{message}");
        }
        assert!(message.is_ascii(), "no server is asked for 8BITMIME");
    }

    #[test]
    fn attachments_come_beside_the_parts() {
        let pdf = File {
            file_name: "Zertifikat für Anna.pdf".to_owned(),
            media_type: "application/pdf".to_owned(),
            bytes: vec![0, 159, 10],
        };
        let (message, _) = composed(&Mail { attachments: vec![pdf.clone()], ..mail() }).unwrap();
        assert!(message.contains("Content-Type: multipart/mixed;") && message.contains("multipart/alternative;"));
        assert!(message.contains("Content-Type: application/pdf\r\n"), "{message}");
        let (message, _) = composed(&Mail { html: String::new(), attachments: vec![pdf], ..mail() }).unwrap();
        assert!(
            message.contains("multipart/mixed;") && !message.contains("multipart/alternative;") && !message.contains("text/html")
        );
        let (message, _) = composed(&Mail { html: String::new(), ..mail() }).unwrap();
        assert!(message.contains("Content-Type: text/plain; charset=utf-8\r\n") && !message.contains("multipart"));
    }

    #[test]
    fn a_list_says_how_to_leave_it() {
        let link = format!("<https://academy.example/unsubscribe/{}>", "x".repeat(64));
        let more = vec![("List-Unsubscribe", link.clone()), ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned())];
        let (message, _) = composed(&Mail { headers: more, ..mail() }).unwrap();
        let unfolded = message.replace("\r\n ", " ").replace("  ", " ");
        assert!(unfolded.contains(&format!("List-Unsubscribe: {link}\r\n")), "{message}");
        assert!(message.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"));
        for (name, value) in [("List-Unsubscribe", "<x>\r\nBcc: eve@evil.example"), ("Bcc", "eve@evil.example"), ("Subject", "x")] {
            assert!(
                matches!(composed(&Mail { headers: vec![(name, value.to_owned())], ..mail() }), Err(MailError::Never(_))),
                "{name}"
            );
        }
    }

    #[test]
    fn an_answer_names_what_it_answers_and_who_wrote_it() {
        for (written_by, word) in
            [(WrittenBy::Program, "auto-generated"), (WrittenBy::Answering, "auto-replied"), (WrittenBy::Person, "no")]
        {
            let ids = "<one@learners.example> <two@northlight.example>";
            let headers = vec![("In-Reply-To", "<two@northlight.example>".to_owned()), ("References", ids.to_owned())];
            let (message, _) = composed(&Mail { headers, written_by, ..mail() }).unwrap();
            let unfolded = message.replace("\r\n ", " ").replace("  ", " ");
            for line in [format!("Auto-Submitted: {word}\r\n"), format!("References: {ids}\r\n")] {
                assert!(unfolded.contains(&line), "{line} in\n{message}");
            }
            assert!(message.contains("In-Reply-To: <two@northlight.example>\r\n"), "{message}");
        }
    }

    #[test]
    fn hostile_names_and_subjects_make_no_header_and_no_recipient() {
        for hostile in [
            "Anna\r\nBcc: eve@evil.example",
            "Anna\nBcc: eve@evil.example\n\nbody",
            "\"Anna\" <eve@evil.example>, ",
            "eve@evil.example,",
            "Anna\u{2028}Bcc: eve@evil.example",
            "\u{202e}gnp.exe\0",
            "=?utf-8?q?=0D=0ABcc:_eve@evil.example?=",
        ] {
            let file = File { file_name: hostile.to_owned(), media_type: "text/plain".to_owned(), bytes: Vec::new() };
            let mail = Mail { to_name: hostile.to_owned(), subject: hostile.to_owned(), attachments: vec![file], ..mail() };
            let (message, to) = composed(&mail).unwrap();
            assert_eq!(headers(&message), HEADERS, "{hostile:?}");
            assert_eq!(to, ["anna@learners.example"], "{hostile:?}");
            assert!(!message.to_lowercase().contains("\r\nbcc"), "{hostile:?}");
        }
    }

    #[test]
    fn what_is_no_mail_is_refused_for_good() {
        for address in [
            "",
            "anna",
            "anna@a.example,eve@evil.example",
            "anna@a.example\r\nRCPT TO:<eve@evil.example>",
            "a b@c.example",
            "<a@b.example>",
        ] {
            assert!(
                matches!(composed(&Mail { to_address: address.to_owned(), ..mail() }), Err(MailError::Never(_))),
                "{address:?}"
            );
        }
        for id in ["", "x", "@x", "x@", "a b@c", "a@b>\r\nBcc: x@y", "ä@b", &format!("{}@b", "x".repeat(300))] {
            assert!(matches!(composed(&Mail { message_id: id.to_owned(), ..mail() }), Err(MailError::Never(_))), "{id:?}");
        }
        let file = File { file_name: "x".to_owned(), media_type: "pdf\r\nX: y".to_owned(), bytes: Vec::new() };
        assert!(matches!(composed(&Mail { attachments: vec![file], ..mail() }), Err(MailError::Never(_))));
    }

    #[test]
    fn a_refusal_names_nobody() {
        let error = composed(&Mail { to_address: "anna at learners.example".to_owned(), ..mail() }).unwrap_err();
        assert!(!error.to_string().contains("anna"), "{error}");
        assert!(!format!("{:?}", mail()).contains("learners.example"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn no_text_breaks_out_of_its_header(name in any::<String>(), subject in any::<String>(), file in any::<String>()) {
            let file = File { file_name: file, media_type: "application/pdf".to_owned(), bytes: vec![1] };
            let (message, to) = composed(&Mail { to_name: name, subject, attachments: vec![file], ..mail() }).unwrap();
            prop_assert_eq!(headers(&message), HEADERS);
            prop_assert_eq!(to, ["anna@learners.example"]);
            prop_assert!(message.split("\r\n").all(|line| line.len() <= 998 && !line.contains(['\r', '\n'])));
        }
    }
}
