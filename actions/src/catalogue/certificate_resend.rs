//! An earned certificate, sent again.

use uuid::Uuid;

use super::context::{date, moment};
use super::{Budget, Context, Needs, Spec, Target, Tier, diagnosis};
use crate::{ActionError, ActionName, CertificateOnFile, Choice, ChoiceOption, Fact, Outcome, Principal, Topic};

pub(crate) const SPEC: Spec = Spec {
    name: ActionName::CertificateResend,
    tier: Tier::Act,
    budget: Budget { per_hour: 6 },
    needs: Needs::SignIn,
    about: ActionName::CertificateResend.about(),
};

/// As many as a card can show.
const MOST_OPTIONS: usize = 24;

/// Sends the certificate to the principal's address on file. Several: asks which. None: says why not.
pub(crate) async fn run(cx: &Context<'_>, principal: &Principal) -> Result<Outcome, ActionError> {
    // An attempt that was cut off may have sent it: this one goes on with the same, whatever has been issued since.
    if let Some(target) = cx.target {
        return send(cx, principal, target).await;
    }
    let certificates = cx.lms.certificates(principal).await?;
    match certificates.as_slice() {
        [] => {
            let title = "There is no certificate yet. I looked at what your courses still need.";
            diagnosis::explain(cx, principal, SPEC.name, Topic::Certificate, None, title).await
        }
        [only] => {
            let target = cx.aim(Target(only.id)).await?;
            send(cx, principal, target).await
        }
        several => {
            let options = several.iter().take(MOST_OPTIONS).map(option).collect();
            let choice = Choice { action: SPEC.name, prompt: "Which certificate shall I send?".to_owned(), options };
            Ok(Outcome::Choose { choice })
        }
    }
}

/// Sends the one that was picked from the card, if it is one of the principal's.
pub(crate) async fn run_chosen(cx: &Context<'_>, principal: &Principal, option: Uuid) -> Result<Outcome, ActionError> {
    let certificates = cx.lms.certificates(principal).await?;
    if !certificates.iter().any(|certificate| certificate.id == option) {
        return Err(ActionError::NotOffered);
    }
    send(cx, principal, Target(option)).await
}

fn option(certificate: &CertificateOnFile) -> ChoiceOption {
    let detail = format!("Issued on {}, number {}", date(certificate.issued_at), certificate.code);
    ChoiceOption { id: certificate.id, label: certificate.course.clone(), detail }
}

async fn send(cx: &Context<'_>, principal: &Principal, target: Target) -> Result<Outcome, ActionError> {
    let sent = cx.lms.resend_certificate(principal, target.0, cx.key).await?;
    let facts = vec![
        Fact::new("Course", sent.certificate.course),
        Fact::new("Certificate", sent.certificate.code),
        Fact::new("Sent to", sent.sent_to),
        Fact::new("Asked for", moment(sent.asked_at)),
    ];
    let title = "Your certificate is on its way to the address on file.";
    Ok(Outcome::Done { receipt: cx.receipt(SPEC.name, title, facts, sent.asked_at) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::{Desk, WELDING, YOGA};

    #[tokio::test]
    async fn the_only_certificate_is_sent() {
        let desk = Desk::new();
        desk.lms.certify("Yoga", YOGA);
        let Ok(Outcome::Done { receipt }) = run(&desk.context(1), &desk.anna().await).await else { panic!("no receipt") };
        let facts: Vec<&str> = receipt.facts.iter().map(|fact| fact.value.as_str()).collect();
        assert_eq!(facts, ["Yoga", "NL-YOGA", "a•••@example.com", "24 November 2026, 10:00 UTC"]);
        assert_eq!(desk.lms.mails(), ["certificate Yoga to anna@example.com"]);
    }

    #[tokio::test]
    async fn of_several_the_student_chooses() {
        let desk = Desk::new();
        desk.lms.certify("Yoga", YOGA);
        desk.lms.certify("Welding", WELDING);
        let Ok(Outcome::Choose { choice }) = run(&desk.context(1), &desk.anna().await).await else { panic!("no choice") };
        let labels: Vec<&str> = choice.options.iter().map(|option| option.label.as_str()).collect();
        assert_eq!(labels, ["Welding", "Yoga"]);
        assert_eq!(choice.options[0].detail, "Issued on 24 November 2026, number NL-WELDING");
        assert!(desk.lms.mails().is_empty());

        run_chosen(&desk.context(2), &desk.anna().await, YOGA).await.unwrap();
        assert_eq!(desk.lms.mails(), ["certificate Yoga to anna@example.com"]);
    }

    #[tokio::test]
    async fn somebody_elses_is_not_sent() {
        let desk = Desk::new();
        desk.lms.certify("Yoga", YOGA);
        let outcome = run_chosen(&desk.context(1), &desk.anna().await, WELDING).await;
        assert_eq!(outcome, Err(ActionError::NotOffered));
        assert!(desk.lms.mails().is_empty());
    }

    #[tokio::test]
    async fn without_one_the_facts_say_why() {
        let desk = Desk::new();
        let outcome = run(&desk.context(1), &desk.anna().await).await.unwrap();
        let Outcome::Explained { receipt, findings } = outcome else { panic!("{outcome:?}") };
        assert_eq!((receipt.action, findings[0].reason.as_str()), (SPEC.name, "certificate"));
    }

    #[tokio::test]
    async fn an_attempt_that_was_cut_off_goes_on_with_the_same_certificate() {
        let desk = Desk::new();
        desk.lms.certify("Yoga", YOGA);
        desk.lms.certify("Welding", WELDING);
        let cx = Context { target: Some(Target(YOGA)), ..desk.context(1) };
        run(&cx, &desk.anna().await).await.unwrap();
        assert_eq!(desk.lms.mails(), ["certificate Yoga to anna@example.com"]);
    }
}
