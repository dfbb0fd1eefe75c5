//! What Porter says by mail and to other systems, where nobody is in a session and nobody can be asked back. Nothing of a letter is ever woven into it.

use porter_actions::ActionName;
use porter_triage::{Intent, Urgency};

/// Kept as the message of a letter in which its writer says nothing.
pub(crate) const NOTHING_OWN: &str = "(Nothing but what is quoted or forwarded.)";

/// Said to what has nothing to do with the academy.
pub(crate) const OUT_OF_SCOPE: &str = "I can only help with the academy: courses, certificates, payments, your account and technical questions. If your question is about one of these, please write again and say what you wanted to do, and what happened instead.";

/// Announces that a person answers; `{place}` becomes the place in the queue.
pub(crate) const HANDED_OFF: &str = "A person in our support team will answer this. You are number {place} in the queue. Everything you have written is with them, and you can add to it by answering this message.";
const HANDED_OFF_URGENT: &str = "This is urgent, so a person in our support team gets it ahead of others. You are number {place} in the queue. You can add to it by answering this message.";
const HANDED_OFF_SAFETY: &str = "A person in our support team gets this at once. You are number {place} in the queue. If you or somebody else is in danger now, please call the emergency number of your country.";
/// Announces it because a part of Porter is down.
pub(crate) const HANDED_OFF_FAULT: &str = "Something on our side is not working, so this cannot be answered at once. A person in our support team gets it. You are number {place} in the queue. Nothing you have written is lost.";

/// What announces that a person answers.
pub(crate) fn handed_off(intent: Intent, urgency: Urgency) -> &'static str {
    match (intent, urgency) {
        (Intent::Safety, _) => HANDED_OFF_SAFETY,
        (_, Urgency::Critical) => HANDED_OFF_URGENT,
        _ => HANDED_OFF,
    }
}

/// What is said to a wish that only somebody in a session may have: how to have it. A letter proves nothing about who wrote it.
pub(crate) fn to_be_done_by_oneself(action: ActionName, academy: Option<&str>) -> String {
    let at = |path: &str| academy.map_or_else(|| "on the academy's site".to_owned(), |academy| format!("at {academy}{path}"));
    if action == ActionName::PasswordReset {
        return format!(
            "You can have a link for a new password sent to you {}. Enter the address of your account there; the link goes to that address and nowhere else. I do not start it because of a message like this one, since anybody can write one in your name.",
            at("/forgot-password")
        );
    }
    format!(
        "For this I have to know that it is you, and a message like this one does not prove it: anybody can write one in your name. Please sign in {} and write the same words into the chat there. I will see to it at once.",
        at("/sign-in")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_announcement_names_the_place() {
        for text in [HANDED_OFF, HANDED_OFF_URGENT, HANDED_OFF_SAFETY, HANDED_OFF_FAULT] {
            assert!(text.contains("{place}"), "{text}");
        }
    }

    #[test]
    fn a_wish_is_answered_with_the_way_to_have_it() {
        let academy = Some("https://learn.example");
        assert!(to_be_done_by_oneself(ActionName::PasswordReset, academy).contains("https://learn.example/forgot-password."));
        assert!(to_be_done_by_oneself(ActionName::RefundStatus, academy).contains("https://learn.example/sign-in "));
        assert!(to_be_done_by_oneself(ActionName::RefundStatus, None).contains("on the academy's site"));
    }
}
