//! From the bytes of a mail to a letter that can be kept.

use porter_kernel::ids::Token;
use porter_mail::inbound::{Automatic, Inbound, InboundError};
use porter_mail::report::{self, Fate};
use uuid::Uuid;

use crate::domain::{Channel, LetterFile, NewLetter};
use crate::store::ours;
use crate::texts;

/// What a mail is to the desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Incoming {
    /// Somebody wrote it.
    Letter(Box<NewLetter>),
    /// A mail server tells that one of our mails did not arrive, or was not wanted.
    CameBack { mail: Uuid, why: &'static str },
    /// Nobody wrote it, and nobody waits for an answer.
    Automatic(Automatic),
}

/// Reads a mail. `own_address`: ours, whose mails are never answered.
///
/// # Errors
/// See [`InboundError`].
pub fn incoming(bytes: &[u8], own_address: &str) -> Result<Incoming, InboundError> {
    if let Some(report) = report::read(bytes)
        && let Some(mail) = ours(&report.message_id)
    {
        let why = match report.fate {
            Fate::Hard => "It came back: there is no such mailbox, or it takes nothing.",
            Fate::Soft => "It came back: the mailbox was full or could not be reached.",
            Fate::Complaint => "Its reader called it spam.",
        };
        return Ok(Incoming::CameBack { mail, why });
    }
    let mail = Inbound::read(bytes)?;
    if let Some(automatic) = mail.automatic {
        return Ok(Incoming::Automatic(automatic));
    }
    if mail.sender.address.eq_ignore_ascii_case(own_address) {
        return Ok(Incoming::Automatic(Automatic::Bulk));
    }
    Ok(Incoming::Letter(Box::new(letter(mail, bytes))))
}

fn letter(mail: Inbound, bytes: &[u8]) -> NewLetter {
    let text = [mail.text.as_str(), mail.own_subject()].into_iter().map(str::trim).find(|text| !text.is_empty());
    NewLetter {
        key: key(&mail, bytes),
        channel: Channel::Mail,
        text: text.unwrap_or(texts::letter::NOTHING_OWN).to_owned(),
        message_id: mail.message_id,
        answers: mail.answers,
        address: Some(mail.sender.address),
        name: mail.sender.name,
        subject: mail.subject,
        language: None,
        rest: mail.rest,
        files: mail
            .files
            .into_iter()
            .map(|file| LetterFile { name: file.name, media_type: file.media_type, size: file.size })
            .collect(),
    }
}

/// The same for a mail that is delivered again. Nobody can suppress another's mail by using its id first: the sender is part of the key.
fn key(mail: &Inbound, bytes: &[u8]) -> String {
    let of = match &mail.message_id {
        Some(id) => format!("{}\n{id}", mail.sender.address.to_lowercase()),
        None => String::from_utf8_lossy(bytes).into_owned(),
    };
    format!("mail/{}", Token::hash_text(&of).as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(mail: &str) -> Incoming {
        incoming(mail.as_bytes(), "support@northlight.example").unwrap()
    }

    fn letter_of(mail: &str) -> NewLetter {
        match read(mail) {
            Incoming::Letter(letter) => *letter,
            other => panic!("no letter: {other:?}"),
        }
    }

    #[test]
    fn a_mail_without_words_is_its_subject_or_nothing_of_its_own() {
        assert_eq!(letter_of("From: a@b.example\r\nSubject: Where is my refund?\r\n\r\n").text, "Where is my refund?");
        let forwarded = "From: a@b.example\r\nSubject: Fwd: x\r\n\r\n---------- Forwarded message ---------\nReset it";
        let letter = letter_of(forwarded);
        assert_eq!(letter.text, texts::letter::NOTHING_OWN);
        assert!(letter.rest.contains("Reset it"));
    }

    #[test]
    fn what_is_left_of_a_mail_is_not_cut_again_before_it_is_read() {
        let text =
            "Dear team,\n\nI paid twice for the course.\n\nAlso, my certificate has the wrong name:\n- Anna Berg\n- Anna Bergh";
        let whole = format!(
            "From: a@b.example\r\n\r\n{text}\n\nThanks in advance,\nAnna\n\nOn 24 Nov 2026 at 10:00 P <p@q.example> wrote:\n> Hello"
        );
        let letter = letter_of(&whole);
        assert_eq!(letter.text, text);
        assert_eq!(porter_triage::reduce(&letter.text), text.trim_start_matches("Dear team,").trim_start());
    }

    #[test]
    fn a_mail_has_one_key_whichever_way_it_came_and_two_people_have_two() {
        let key = |mail: &str| letter_of(mail).key;
        let first = key("Received: by one\r\nFrom: a@b.example\r\nMessage-ID: <x@y>\r\n\r\nHi");
        assert_eq!(first, key("Received: by two\r\nFrom: A@b.example\r\nMessage-ID: <x@y>\r\n\r\nHi"));
        assert_ne!(first, key("From: c@b.example\r\nMessage-ID: <x@y>\r\n\r\nHi"));
        let without = "From: a@b.example\r\n\r\nHi";
        assert_eq!(key(without), key(without));
        assert_ne!(key(without), key("From: a@b.example\r\n\r\nHo"));
    }

    #[test]
    fn our_own_mails_and_those_of_programs_are_no_letters() {
        assert_eq!(read("From: Support@Northlight.example\r\n\r\nHi"), Incoming::Automatic(Automatic::Bulk));
        assert_eq!(read("From: a@b.example\r\nAuto-Submitted: auto-replied\r\n\r\nAway"), Incoming::Automatic(Automatic::Reply));
    }

    #[test]
    fn a_mail_that_came_back_is_known_by_its_id() {
        let id = Uuid::from_u128(5);
        let bounce = format!(
            "From: MAILER-DAEMON@mx.example\r\nReturn-Path: <>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; boundary=b\r\n\r\n--b\r\n\
             Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b\r\n\
             Content-Type: text/rfc822-headers\r\n\r\nMessage-ID: <{id}@northlight.example>\r\n\r\n--b--\r\n"
        );
        assert!(matches!(read(&bounce), Incoming::CameBack { mail, why } if mail == id && why.contains("no such mailbox")));
    }
}
