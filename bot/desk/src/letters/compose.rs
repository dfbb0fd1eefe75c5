//! An answer as a mail.

use askama::Template;
use porter_mail::{Mail, WrittenBy};

use super::send::ReplyParts;
use crate::domain::{Author, Before, Outgoing};

/// So long a `References` is at most; between the first mail of the thread and the last ones some are left out.
const REFERENCES_BYTES: usize = 800;
const SUBJECT_CHARS: usize = 120;

/// What both forms of the mail show.
struct Letter<'a> {
    academy: &'a str,
    hours: &'a str,
    /// The agent's name; `None`: no person wrote it.
    agent: Option<&'a str>,
    /// The bot's answer, and not the word that a person gets it.
    answer: bool,
    text: &'a str,
    sources: &'a [Source<'a>],
}

struct Source<'a> {
    title: &'a str,
    url: String,
}

#[derive(Template)]
#[template(path = "reply_mail.txt")]
struct Text<'a> {
    letter: &'a Letter<'a>,
}

#[derive(Template)]
#[template(path = "reply_mail.html")]
struct Html<'a> {
    letter: &'a Letter<'a>,
}

/// The mail that carries the answer.
pub(super) fn mail(parts: &ReplyParts, outgoing: &Outgoing) -> askama::Result<Mail> {
    let sources: Vec<Source<'_>> = outgoing
        .citations
        .iter()
        .map(|citation| Source { title: &citation.title, url: absolute(&parts.public_url, &citation.url) })
        .collect();
    let letter = &Letter {
        academy: &parts.academy_name,
        hours: &parts.support_hours,
        agent: (outgoing.author == Author::Agent).then(|| outgoing.agent_name.as_deref().unwrap_or("Support team")),
        answer: outgoing.author == Author::Bot,
        text: &outgoing.text,
        sources: &sources,
    };
    Ok(Mail {
        message_id: message_id(parts, &Before::Ours(outgoing.id)),
        to_name: String::new(),
        to_address: outgoing.address.clone(),
        subject: subject(&outgoing.subject, &parts.academy_name),
        text: Text { letter }.render()?,
        html: Html { letter }.render()?,
        attachments: Vec::new(),
        headers: thread(parts, &outgoing.before),
        written_by: if outgoing.author == Author::Agent { WrittenBy::Person } else { WrittenBy::Answering },
    })
}

fn absolute(public_url: &str, url: &str) -> String {
    if url.starts_with('/') { format!("{public_url}{url}") } else { url.to_owned() }
}

fn message_id(parts: &ReplyParts, mail: &Before) -> String {
    match mail {
        Before::Theirs(id) => id.clone(),
        Before::Ours(id) => {
            let domain = parts.address.rsplit('@').next().unwrap_or_default();
            format!("{id}@{domain}")
        }
    }
}

/// `In-Reply-To` names the newest of their mails, `References` the thread.
fn thread(parts: &ReplyParts, before: &[Before]) -> Vec<(&'static str, String)> {
    let Some(answered) = before.iter().rev().find(|mail| matches!(mail, Before::Theirs(_))) else { return Vec::new() };
    let ids: Vec<String> = before.iter().map(|mail| format!("<{}>", message_id(parts, mail))).collect();
    let mut kept = Vec::new();
    let mut left = REFERENCES_BYTES;
    for id in ids.iter().rev() {
        if id.len() >= left {
            break;
        }
        left -= id.len() + 1;
        kept.push(id.as_str());
    }
    kept.reverse();
    let mut headers = vec![("In-Reply-To", format!("<{}>", message_id(parts, answered)))];
    if !kept.is_empty() {
        headers.push(("References", kept.join(" ")));
    }
    headers
}

/// `Re: …` with the subject of the letter, unless that could carry a message of its own: anybody can have it sent to anybody.
fn subject(subject: &str, academy: &str) -> String {
    let carries = subject.chars().any(|char| matches!(char, '/' | '@' | '\\' | '<' | '>'))
        || subject.split_whitespace().any(|word| {
            let mut labels = word.split('.');
            labels.next();
            labels.any(|label| label.chars().filter(|char| char.is_alphanumeric()).count() > 1)
        })
        || subject.chars().filter(char::is_ascii_digit).count() > 9;
    if carries || subject.trim().is_empty() {
        return format!("Re: Your message to {academy}");
    }
    let own: String = subject.chars().take(SUBJECT_CHARS).collect();
    if own.to_lowercase().starts_with("re:") { own } else { format!("Re: {own}") }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use porter_kernel::clock::ManualClock;
    use uuid::Uuid;

    use super::*;
    use crate::domain::{Citation, ConversationId};
    use crate::testing::{Posted, World};

    async fn parts() -> ReplyParts {
        let world = World::open().await;
        ReplyParts {
            store: Arc::clone(&world.store),
            mailer: Arc::new(Posted::default()),
            clock: Arc::new(ManualClock::default()),
            academy_name: "Northlight Academy".to_owned(),
            support_hours: "Monday to Friday".to_owned(),
            public_url: "https://help.northlight.example".to_owned(),
            address: "support@northlight.example".to_owned(),
        }
    }

    fn outgoing(author: Author) -> Outgoing {
        Outgoing {
            id: Uuid::from_u128(3),
            conversation: ConversationId(Uuid::from_u128(1)),
            sent_at: None,
            failure: None,
            address: "anna@learners.example".to_owned(),
            subject: "My certificate".to_owned(),
            author,
            agent_name: (author == Author::Agent).then(|| "Mina <b>".to_owned()),
            text: "Open the page.\nChoose <it>.".to_owned(),
            citations: vec![Citation { title: "Certificates".to_owned(), url: "/help/certificates".to_owned() }],
            before: vec![Before::Theirs("one@learners.example".to_owned()), Before::Ours(Uuid::from_u128(2))],
        }
    }

    #[tokio::test]
    async fn an_answer_says_that_no_person_wrote_it_where_it_is_from_and_how_to_reach_one() {
        let mail = mail(&parts().await, &outgoing(Author::Bot)).unwrap();
        assert_eq!(mail.message_id, format!("{}@northlight.example", Uuid::from_u128(3)));
        assert_eq!((mail.to_address.as_str(), mail.subject.as_str()), ("anna@learners.example", "Re: My certificate"));
        assert_eq!(mail.written_by, WrittenBy::Answering);
        for part in ["Open the page.\nChoose <it>.", "https://help.northlight.example/help/certificates", "“person”", "automatic"]
        {
            assert!(mail.text.contains(part), "{part}: {}", mail.text);
        }
        assert!(mail.html.contains("Choose &#60;it&#62;.") && !mail.html.contains("<it>"), "{}", mail.html);
        let ours = format!("<{}@northlight.example>", Uuid::from_u128(2));
        assert_eq!(
            mail.headers,
            [("In-Reply-To", "<one@learners.example>".to_owned()), ("References", format!("<one@learners.example> {ours}"))]
        );
    }

    #[tokio::test]
    async fn an_agents_mail_has_their_name_and_nothing_automatic() {
        let mail = mail(&parts().await, &outgoing(Author::Agent)).unwrap();
        assert_eq!(mail.written_by, WrittenBy::Person);
        assert!(mail.text.contains("Mina <b>\nNorthlight Academy"), "{}", mail.text);
        assert!(mail.html.contains("Mina &#60;b&#62;") && !mail.text.contains("automatic"), "{}", mail.html);
    }

    #[test]
    fn a_subject_that_could_carry_a_message_is_not_sent_on() {
        for fine in ["My certificate", "Where is v2. of it?", "Re: My certificate"] {
            assert!(subject(fine, "N").ends_with("y certificate") || subject(fine, "N").contains("v2."), "{fine}");
        }
        for bad in [
            "",
            "Your account is closed: evil.example",
            "https://evil.example",
            "call +44 20 7946 0999",
            "mail eve@evil.example",
            "<b>",
        ] {
            assert_eq!(subject(bad, "Northlight"), "Re: Your message to Northlight", "{bad}");
        }
    }

    #[tokio::test]
    async fn a_long_thread_keeps_its_newest_mails() {
        let before: Vec<Before> = (0..30).map(|n| Before::Theirs(format!("{n}-{}@learners.example", "x".repeat(60)))).collect();
        let headers = thread(&parts().await, &before);
        assert!(headers[0].1.starts_with("<29-") && headers[1].1.ends_with(&headers[0].1), "{headers:?}");
        assert!(headers[1].1.len() <= REFERENCES_BYTES);
    }
}
