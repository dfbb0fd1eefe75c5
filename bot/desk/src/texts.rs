//! The fixed texts that Porter says. Nothing of a message is ever woven into them.

pub(crate) mod letter;
mod wish;

use porter_actions::{ActionName, Outcome};
use porter_triage::{Intent, Urgency};

pub(crate) use self::wish::wish;
pub use self::wish::wishes;

/// The first message of every conversation.
pub(crate) const GREETING: &str = "Hello! I am the academy's assistant. Ask me about courses, certificates, payments or your account, or talk to a person at any time.";

/// Said with the form for a password's link, to whoever is not signed in.
pub(crate) const ADDRESS_FORM: &str = "I can have a link for a new password sent to you. Please enter the e-mail address of your account in the form below, not in the chat. The link goes to that address and nowhere else.";

/// Said when the wish is to be carried out but nobody is signed in whose account could be meant.
pub(crate) const SIGN_IN: &str =
    "To look at your account I have to know that it is you. Please sign in, and I will go on from here by myself.";
/// Said when somebody was signed in, and is not any more.
pub(crate) const SIGN_IN_AGAIN: &str = "Your sign-in has run out. Please sign in again, and I will go on from here by myself.";

/// Said with the receipt of an effect.
pub(crate) const DONE: &str = "That is done. Here is your receipt.";
/// Said with what the facts say.
pub(crate) const LOOKED: &str = "I have looked at your records. This is what they say.";
/// Said when there are several that could be meant.
pub(crate) const CHOOSE: &str = "There is more than one. Please choose the one that you mean.";
/// Said when an action was asked for too often.
pub(crate) const OVER_BUDGET: &str = "You have asked for this several times within the hour, so I am not doing it again just now. If you are waiting for a message, please look into the spam folder too. A person can help you if nothing arrives.";
/// Said with what came of the form for a password's link, whoever the address belongs to.
pub(crate) const FORM_TAKEN: &str = "Thank you. This is what happens now.";

/// Said with the articles that come nearest when none plainly answers.
pub(crate) const NEAREST: &str = "I have no answer to exactly this. What comes nearest in our help centre is below. If it is not there, tell me a little more, or talk to a person.";

/// Said when nothing in the help centre answers, the first time.
pub(crate) const ASK_FOR_MORE: &str =
    "I am not sure that I understand. Could you tell me a little more: what you wanted to do, and what happened instead?";

/// Said when it is not sure which of a few wishes is meant.
pub(crate) const WHICH_WISH: &str = "I want to be sure that I do the right thing. Which of these do you mean? If it is none of them, tell me a little more, or talk to a person.";

/// Said when nothing answers the second time either.
pub(crate) const NO_ANSWER: &str =
    "I could not find an answer to this in our help centre, and I do not want to guess. A person can help you.";

/// Said in `porter triage`, where nobody can be asked back.
pub(crate) const NOTHING_FOUND: &str =
    "Our help centre has no answer to this, so we do not want to guess. A person from our support team can help you.";

/// Said to what has nothing to do with the academy.
pub(crate) const OUT_OF_SCOPE: &str = "I can only help with the academy: courses, certificates, payments, your account and technical questions. Is there something of that kind?";

const HELLO: &str = "Hello! What can I help you with?";
const THANKS: &str = "You are welcome! If anything else comes up, just write here.";
const GOODBYE: &str = "Goodbye, and good luck with your course!";
const CHAT: &str =
    "Thank you for writing! When you have a question about your courses, certificates, payments or account, I am here.";

/// Announces a hand-off; `{place}` becomes the place in the queue.
pub(crate) const HANDED_OFF: &str = "I am passing this to a person in our support team. You are number {place} in the queue. Everything you have written is with them, and you can add to it here.";
const HANDED_OFF_URGENT: &str = "This is urgent, so I am passing it to a person in our support team ahead of others. You are number {place} in the queue. You can go on writing here.";
const HANDED_OFF_SAFETY: &str = "I am passing this to a person in our support team at once. You are number {place} in the queue. If you or somebody else is in danger now, please call the emergency number of your country. You can go on writing here.";
/// Announces a hand-off because a part of Porter is down.
pub(crate) const HANDED_OFF_FAULT: &str = "Something on our side is not working, so I cannot answer this myself. I am passing it to a person in our support team. You are number {place} in the queue. Nothing you have written is lost.";

/// Announces a hand-off because the academy's system does not answer: nothing was asked of it, or nothing but a look.
pub(crate) const HANDED_OFF_UNREACHABLE: &str = "I cannot reach the academy's system just now, so I could not do this. Nothing was changed. I am passing it to a person in our support team. You are number {place} in the queue.";
/// Announces a hand-off because the academy's system was asked for an effect and did not answer.
pub(crate) const HANDED_OFF_UNCLEAR: &str = "The academy's system did not answer me, so I cannot say whether this was done. Doing it twice does no harm. I am passing it to a person in our support team, who will make sure. You are number {place} in the queue.";
/// Announces a hand-off of what only a person can put right, after the findings.
pub(crate) const HANDED_OFF_FOUND: &str = "Only a person can put this right, so I am passing it to our support team, with what I found. You are number {place} in the queue. You can go on writing here.";

/// Announces a hand-off of what is left of several wishes.
pub(crate) const HANDED_OFF_REST: &str = "The rest of what you wrote is for a person, so I am passing it to our support team. You are number {place} in the queue. You can go on writing here.";
/// Comes before what is said about a further wish of the same message.
pub(crate) const ALSO: &str = "As for the other thing you wrote:";
/// Said when a further wish needs a question back.
pub(crate) const ASK_AGAIN_ALONE: &str =
    "there is more than one that you could mean. Please ask me for it once more, and I will show you which ones there are.";

/// Small talk is answered in kind. The choice looks for a few words; what is said is fixed.
pub(crate) fn smalltalk(message: &str) -> &'static str {
    let lower = message.to_lowercase();
    let has = |words: &[&str]| {
        lower.split(|character: char| !character.is_alphanumeric() && character != '\'').any(|word| words.contains(&word))
    };
    if has(&["thanks", "thank", "thx", "ty", "cheers", "merci", "danke", "gracias", "tysm"]) {
        THANKS
    } else if has(&["bye", "goodbye", "goodnight", "ciao", "later"]) {
        GOODBYE
    } else if has(&["hi", "hello", "hey", "hiya", "morning", "afternoon", "evening", "hola", "hallo", "yo"]) {
        HELLO
    } else {
        CHAT
    }
}

/// What announces the hand-off of a case.
pub(crate) fn handed_off(intent: Intent, urgency: Urgency) -> &'static str {
    match (intent, urgency) {
        (Intent::Safety, _) => HANDED_OFF_SAFETY,
        (_, Urgency::Critical) => HANDED_OFF_URGENT,
        _ => HANDED_OFF,
    }
}

/// Said with what an action came to.
pub(crate) fn outcome(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Done { .. } => DONE,
        Outcome::Explained { .. } => LOOKED,
        Outcome::Choose { .. } => CHOOSE,
    }
}

/// What a person who is signed in is told when an action is to be carried out.
pub(crate) fn acting(action: ActionName) -> &'static str {
    match action {
        ActionName::PasswordReset => "I am sending a link for a new password to the address on your account.",
        ActionName::CertificateResend => "I am sending your certificate again to the address on your account.",
        ActionName::CertificateMissing => {
            "I am checking your course, your results and your certificate to find out why there is none."
        }
        ActionName::RefundStatus => "I am looking up the state of your refund.",
        ActionName::ChargeQuestion => "I am looking up the charge in your orders.",
        ActionName::AccessAfterPayment => "I am checking your payment and your enrolment to find out why the course does not show.",
        ActionName::ProgressMissing => "I am checking which of your lessons are counted, and why one is missing.",
    }
}

/// What an intent is about, for agents: the first words of a ticket's summary.
pub(crate) fn subject_of(intent: Intent) -> &'static str {
    match intent {
        Intent::PasswordReset => "Cannot remember the password",
        Intent::LoginTrouble => "Cannot sign in",
        Intent::EmailChange => "Wants another address on the account",
        Intent::NameChange => "Name on account or certificate",
        Intent::PrivacyRequest => "Personal data",
        Intent::CertificateResend => "Wants a certificate again",
        Intent::CertificateMissing => "Finished, but has no certificate",
        Intent::CertificateVerification => "Verification of a certificate",
        Intent::RefundStatus => "Asks where a refund is",
        Intent::RefundRequest => "Wants money back",
        Intent::ChargeQuestion => "Question about a charge",
        Intent::PaymentFailed => "Payment failed",
        Intent::InvoiceRequest => "Invoice or receipt",
        Intent::DiscountQuestion => "Discounts and coupons",
        Intent::AccessAfterPayment => "Paid or enrolled, but does not see the course",
        Intent::EnrolmentChange => "Switch, defer, cancel or transfer an enrolment",
        Intent::CourseInformation => "Question before buying",
        Intent::VideoPlayback => "A video does not play well",
        Intent::GradeDispute => "Disagrees with a grade",
        Intent::QuizProblem => "Trouble in a quiz or exam",
        Intent::DeadlineExtension => "Wants more time",
        Intent::ContentError => "Reports a mistake in a lesson",
        Intent::ProgressMissing => "A finished lesson is not counted",
        Intent::TechnicalIssue => "A fault of the site or the app",
        Intent::Accessibility => "Accessibility",
        Intent::Complaint => "Complaint",
        Intent::Safety => "Safety",
        Intent::HumanRequest => "Wants to talk to a person",
        Intent::Smalltalk => "Small talk",
        Intent::OutOfScope => "Nothing to do with the academy",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_hand_off_names_the_place_and_small_talk_is_answered_in_kind() {
        let announcements = [
            HANDED_OFF,
            HANDED_OFF_URGENT,
            HANDED_OFF_SAFETY,
            HANDED_OFF_FAULT,
            HANDED_OFF_UNREACHABLE,
            HANDED_OFF_UNCLEAR,
            HANDED_OFF_FOUND,
        ];
        for text in announcements {
            assert!(text.contains("{place}"), "{text}");
        }
        assert_eq!(smalltalk("thx a lot!!"), THANKS);
        assert_eq!(smalltalk("Hi there"), HELLO);
        assert_eq!(smalltalk("passed!!! just had to tell someone"), CHAT);
    }
}
