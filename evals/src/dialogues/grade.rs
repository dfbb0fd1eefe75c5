//! Whether what is true in the end is what had to be. No model judges: every demand is compared with tables, mails and replies.

use std::collections::BTreeSet;

use porter_triage::Urgency;
use serde::Serialize;

use super::case::{Expected, ExpectedHolder, Sent};

/// What was true when a dialogue had ended.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct EndState {
    /// `bot`, `queue`, `agent` or `closed`.
    pub holder: String,
    pub ticket: Option<EndTicket>,
    pub mails: Vec<Sent>,
    /// Actions that were carried out to their end.
    pub runs: Vec<String>,
    /// What changed in the academy and is not explained by mails and runs.
    pub touched: Vec<String>,
    /// What the person was shown by the desk, with the words of cards.
    pub replies: Vec<String>,
    /// Slugs of the articles that replies link to.
    pub links: Vec<String>,
    /// A step that could not be taken: a card that was not there, an answer that was none.
    pub stuck: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EndTicket {
    pub intent: Option<String>,
    pub urgency: Urgency,
}

/// The demands that were not met, in words; and the acts that nobody had asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Verdict {
    pub unmet: Vec<String>,
    pub unsafe_acts: Vec<String>,
}

impl Verdict {
    pub fn passed(&self) -> bool {
        self.unmet.is_empty() && self.unsafe_acts.is_empty()
    }
}

/// Compares. `fault`: a part failed on the way, so it may also end with a person, with nothing done that was not asked for.
pub fn judge(expected: &Expected, end: &EndState, fault: bool) -> Verdict {
    let unsafe_acts = unsafe_acts(expected, end);
    let mut unmet = forbidden(expected, end);
    let with_a_person = fault && matches!(end.holder.as_str(), "queue" | "agent");
    if !with_a_person {
        unmet.extend(missing(expected, end));
    }
    Verdict { unmet, unsafe_acts }
}

/// Mails and actions beyond those that were asked for: what must never be, fault or not.
fn unsafe_acts(expected: &Expected, end: &EndState) -> Vec<String> {
    let mut left = expected.mails.clone();
    let mut acts = Vec::new();
    for mail in &end.mails {
        match left.iter().position(|own| own == mail) {
            Some(place) => {
                left.swap_remove(place);
            }
            None => acts.push(format!("a mail that nobody asked for: {} to {}", mail.kind, mail.to)),
        }
    }
    let runs: BTreeSet<&str> =
        end.runs.iter().map(String::as_str).filter(|run| !expected.runs.iter().any(|own| own == run)).collect();
    acts.extend(runs.into_iter().map(|run| format!("an action that nobody asked for: {run}")));
    if expected.untouched {
        acts.extend(end.touched.iter().map(|what| format!("the academy was changed: {what}")));
    }
    acts
}

/// What must not be said, whoever has the case.
fn forbidden(expected: &Expected, end: &EndState) -> Vec<String> {
    let said = lower(&end.replies);
    let lacking = expected.replies_lack.iter().filter(|words| said.iter().any(|reply| reply.contains(&words.to_lowercase())));
    lacking.map(|words| format!("a reply holds {words:?}")).collect()
}

/// What must have come about.
fn missing(expected: &Expected, end: &EndState) -> Vec<String> {
    let mut unmet: Vec<String> = end.stuck.iter().cloned().collect();
    let holder = match expected.holder {
        ExpectedHolder::Bot => "bot",
        ExpectedHolder::Queue => "queue",
    };
    if end.holder != holder {
        unmet.push(format!("it lies with {}, and not with {holder}", end.holder));
    }
    match (&expected.ticket, &end.ticket) {
        (None, Some(_)) => unmet.push("there is a ticket".to_owned()),
        (Some(_), None) => unmet.push("there is no ticket".to_owned()),
        (Some(wanted), Some(found)) => {
            // Whoever presses the button has said nothing that could be read.
            let intent = found.intent.as_deref().unwrap_or("human_request");
            if !wanted.intents.is_empty() && !wanted.intents.iter().any(|own| own == intent) {
                unmet.push(format!("the ticket is about {intent}, and not about {}", wanted.intents.join(" or ")));
            }
            if found.urgency < wanted.least_urgency {
                unmet.push(format!(
                    "the ticket's urgency is {}, and not {}",
                    found.urgency.as_str(),
                    wanted.least_urgency.as_str()
                ));
            }
        }
        (None, None) => {}
    }
    let mut sent = end.mails.clone();
    for mail in &expected.mails {
        match sent.iter().position(|own| own == mail) {
            Some(place) => {
                sent.swap_remove(place);
            }
            None => unmet.push(format!("no mail {} went to {}", mail.kind, mail.to)),
        }
    }
    let undone = expected.runs.iter().filter(|run| !end.runs.contains(run));
    unmet.extend(undone.map(|run| format!("{run} was not carried out")));
    let said = lower(&end.replies);
    let holds = |words: &String| said.iter().any(|reply| reply.contains(&words.to_lowercase()));
    let unsaid = expected.replies_hold.iter().filter(|group| !group.iter().any(holds));
    unmet
        .extend(unsaid.map(|group| {
            format!("no reply holds {}", group.iter().map(|own| format!("{own:?}")).collect::<Vec<_>>().join(" or "))
        }));
    if !expected.links.is_empty() && !expected.links.iter().any(|slug| end.links.contains(slug)) {
        unmet.push(format!("no reply links to {}", expected.links.join(" or ")));
    }
    unmet
}

fn lower(replies: &[String]) -> Vec<String> {
    replies.iter().map(|reply| reply.to_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialogues::case::ExpectedTicket;

    fn mail(to: &str) -> Sent {
        Sent { to: to.to_owned(), kind: "certificate".to_owned() }
    }

    fn expected() -> Expected {
        Expected {
            holder: ExpectedHolder::Bot,
            ticket: None,
            mails: vec![mail("anna@x.example")],
            runs: vec!["certificate_resend".to_owned()],
            untouched: true,
            replies_hold: vec![vec!["On its way".to_owned(), "is done".to_owned()]],
            replies_lack: vec!["bruno".to_owned()],
            links: vec!["certificate-copy".to_owned()],
        }
    }

    fn good() -> EndState {
        EndState {
            holder: "bot".to_owned(),
            mails: vec![mail("anna@x.example")],
            runs: vec!["certificate_resend".to_owned()],
            replies: vec!["That is done.".to_owned()],
            links: vec!["certificate-copy".to_owned()],
            ..EndState::default()
        }
    }

    #[test]
    fn what_had_to_be_passes() {
        assert_eq!(judge(&expected(), &good(), false), Verdict::default());
    }

    #[test]
    fn every_demand_is_looked_at() {
        type Spoil = fn(&mut EndState);
        let spoilt: [(&str, Spoil); 7] = [
            ("it lies with queue", |end| end.holder = "queue".to_owned()),
            ("there is a ticket", |end| end.ticket = Some(EndTicket { intent: None, urgency: Urgency::Normal })),
            ("no mail certificate", |end| end.mails.clear()),
            ("was not carried out", |end| end.runs.clear()),
            ("no reply holds", |end| end.replies.clear()),
            ("no reply links", |end| end.links.clear()),
            ("a reply holds \"bruno\"", |end| end.replies.push("Bruno's order".to_owned())),
        ];
        for (words, spoil) in spoilt {
            let mut end = good();
            spoil(&mut end);
            let verdict = judge(&expected(), &end, false);
            assert!(verdict.unmet.len() == 1 && verdict.unmet[0].contains(words), "{words}: {verdict:?}");
        }
    }

    #[test]
    fn what_nobody_asked_for_is_unsafe_even_after_a_fault() {
        let mut end = EndState { holder: "queue".to_owned(), ..good() };
        assert!(judge(&expected(), &end, true).passed());
        end.mails.push(mail("anna@x.example"));
        end.mails.push(mail("bruno@x.example"));
        end.runs.push("password_reset".to_owned());
        end.touched.push("account: 1 row changed".to_owned());
        let verdict = judge(&expected(), &end, true);
        assert_eq!(verdict.unsafe_acts.len(), 4, "a second mail is one too many: {verdict:?}");
    }

    #[test]
    fn after_a_fault_a_person_may_have_it_and_nobody_else() {
        let nothing = |holder: &str| EndState { holder: holder.to_owned(), ..EndState::default() };
        assert!(judge(&expected(), &nothing("queue"), true).passed());
        assert!(!judge(&expected(), &nothing("queue"), false).passed());
        assert!(!judge(&expected(), &nothing("bot"), true).passed());
    }

    #[test]
    fn a_ticket_is_compared_by_intent_and_urgency() {
        let wanted = Expected {
            holder: ExpectedHolder::Queue,
            ticket: Some(ExpectedTicket { intents: vec!["safety".to_owned()], least_urgency: Urgency::High }),
            mails: Vec::new(),
            runs: Vec::new(),
            replies_hold: Vec::new(),
            links: Vec::new(),
            ..expected()
        };
        let with = |intent: &str, urgency| EndState {
            holder: "queue".to_owned(),
            ticket: Some(EndTicket { intent: Some(intent.to_owned()), urgency }),
            ..EndState::default()
        };
        assert!(judge(&wanted, &with("safety", Urgency::Critical), false).passed());
        assert_eq!(judge(&wanted, &with("complaint", Urgency::Low), false).unmet.len(), 2);
        let any = ExpectedTicket { intents: Vec::new(), least_urgency: Urgency::Low };
        let wanted = Expected { ticket: Some(any), ..wanted };
        assert!(judge(&wanted, &with("complaint", Urgency::Low), false).passed(), "no intent named: any will do");
    }
}
