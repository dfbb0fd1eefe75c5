//! What an agent gets: why the case came, what it is about, the evidence, and a reply to begin with.

use porter_actions::{ActionName, Finding};
use porter_kernel::ids::Ids;
use porter_triage::{Guard, Intent, Reason, Urgency};

use crate::domain::{NewTicket, TicketId, TicketPassage};
use crate::respond::Understood;
use crate::texts;

const SUBJECT_CHARS: usize = 90;
const QUOTE_CHARS: usize = 400;

/// A ticket for a message that triage has read.
pub(crate) fn from_message(understood: &Understood, message: &str, ids: &dyn Ids) -> NewTicket {
    let assessment = &understood.assessment;
    NewTicket {
        id: TicketId(ids.uuid()),
        urgency: assessment.urgency,
        intent: Some(assessment.intent.as_str().to_owned()),
        confidence: Some(f64::from(assessment.confidence)),
        reason: reason(understood).to_owned(),
        subject: shorten(message, SUBJECT_CHARS),
        summary: summary(assessment.intent, message),
        proposed_reply: understood
            .extract
            .as_ref()
            .map(|extract| format!("{}\n\nMore about this: {}", extract.text(), extract.title)),
        passages: understood
            .passages
            .iter()
            .map(|found| TicketPassage {
                title: found.title.clone(),
                url: found.url(),
                heading: found.heading.clone(),
                text: found.text.clone(),
                score: found.score,
            })
            .collect(),
    }
}

/// The summary with the wishes that the message holds besides.
pub(crate) fn with_wishes(summary: &str, understood: &Understood) -> String {
    let wishes: Vec<&str> = understood.further.iter().map(|wish| texts::subject_of(wish.assessment.intent)).collect();
    format!("{summary}\n\nAsked for besides: {}.", wishes.join("; "))
}

/// A ticket for what the records show and only a person can put right.
pub(crate) fn with_findings(understood: &Understood, message: &str, findings: &[Finding], ids: &dyn Ids) -> NewTicket {
    let ticket = from_message(understood, message, ids);
    let found: Vec<String> = findings.iter().map(|finding| format!("– {}: {}", finding.about, finding.sentence)).collect();
    NewTicket {
        reason: "The records show what only a person can put right.".to_owned(),
        summary: format!("{}\n\nWhat the records say:\n{}", ticket.summary, found.join("\n")),
        ..ticket
    }
}

/// A ticket for an action that a broken part kept from being carried out. `why`: one sentence.
pub(crate) fn not_carried_out(understood: &Understood, message: &str, action: ActionName, why: &str, ids: &dyn Ids) -> NewTicket {
    let ticket = from_message(understood, message, ids);
    NewTicket { reason: why.to_owned(), summary: format!("{}\n\nTo be done: {}", ticket.summary, action.about()), ..ticket }
}

/// A ticket for a student who asked for a person, when there was nothing to read or it could not be read.
pub(crate) fn without_reading(message: Option<&str>, reason: &str, ids: &dyn Ids) -> NewTicket {
    NewTicket {
        id: TicketId(ids.uuid()),
        urgency: Urgency::Normal,
        intent: None,
        confidence: None,
        reason: reason.to_owned(),
        subject: message.map_or_else(|| "Wants to talk to a person".to_owned(), |message| shorten(message, SUBJECT_CHARS)),
        summary: message.map_or_else(
            || "Wants to talk to a person and has written nothing yet.".to_owned(),
            |message| format!("In the student's words: “{}”", shorten(message, QUOTE_CHARS)),
        ),
        proposed_reply: None,
        passages: Vec::new(),
    }
}

/// Why it came to a person, one sentence.
fn reason(understood: &Understood) -> &'static str {
    let assessment = &understood.assessment;
    match assessment.reason {
        Reason::Uncertain => "The assistant is not sure what this is about.",
        Reason::Language => "The message is in a language that the assistant does not know.",
        Reason::Alarm => "Some words of it may be a matter of safety.",
        Reason::Guarded(Guard::ThirdPerson) => "The wish is for somebody else's account.",
        Reason::Guarded(Guard::OtherAddress) => "Something is to be sent elsewhere than to the address on file.",
        Reason::Guarded(Guard::Injection) => "The message gives the assistant instructions.",
        Reason::Guarded(Guard::Negation) => "The message takes back the very thing that it names.",
        Reason::Guarded(Guard::Hypothetical) => "The question is about what would happen.",
        Reason::Usual => match assessment.intent {
            Intent::Safety => "Safety always goes to a person, first of all.",
            Intent::HumanRequest => "The student asks for a person.",
            Intent::RefundRequest => "A refund is approved by a person.",
            Intent::GradeDispute => "Only a person can look at a grade again.",
            Intent::DeadlineExtension => "Only a person can move a deadline.",
            Intent::Complaint => "A complaint is answered by a person.",
            Intent::ContentError => "The course team has to look at the lesson.",
            Intent::EmailChange => "The address on an account is only changed by a person who has checked who asks.",
            Intent::PrivacyRequest => "Requests about personal data are handled by a person.",
            Intent::EnrolmentChange => "Enrolments are changed by a person.",
            _ => "This case of it is decided by a person.",
        },
    }
}

fn summary(intent: Intent, message: &str) -> String {
    format!("{}. In the student's words: “{}”", texts::subject_of(intent), shorten(&porter_triage::reduce(message), QUOTE_CHARS))
}

/// One line of at most `limit` characters, cut between words.
fn shorten(text: &str, limit: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= limit {
        return line;
    }
    let cut: String = line.chars().take(limit).collect();
    let end = cut.rfind(' ').filter(|end| *end > limit / 2).unwrap_or(cut.len());
    format!("{}…", cut.get(..end).unwrap_or(&cut))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_one_short_line_cut_between_words() {
        assert_eq!(shorten("two\nlines", 90), "two lines");
        let long = shorten(&"word ".repeat(100), 90);
        assert!(long.chars().count() <= 91 && long.ends_with("word…"), "{long}");
        assert_eq!(shorten(&"é".repeat(200), 90).chars().count(), 91);
    }
}
