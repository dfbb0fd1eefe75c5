//! A link for a new password.

use super::context::{moment, works_once};
use super::{Budget, Context, Needs, Spec, Tier};
use crate::{ActionError, ActionName, AddressForm, Fact, Outcome, Principal};

pub(crate) const SPEC: Spec = Spec {
    name: ActionName::PasswordReset,
    tier: Tier::Act,
    budget: Budget { per_hour: 3 },
    needs: Needs::SignInOrForm,
    about: ActionName::PasswordReset.about(),
};

/// Sends the link to the principal's address on file.
pub(crate) async fn run(cx: &Context<'_>, principal: &Principal) -> Result<Outcome, ActionError> {
    let sent = cx.lms.send_reset(principal, cx.key).await?;
    let facts = vec![
        Fact::new("Sent to", sent.sent_to),
        Fact::new("The link", works_once(sent.link_minutes)),
        Fact::new("Asked for", moment(sent.asked_at)),
    ];
    let title = "A link for a new password is on its way to the address on file.";
    Ok(Outcome::Done { receipt: cx.receipt(SPEC.name, title, facts, sent.asked_at) })
}

/// Sends the link to the account whose address the form names, if there is one. The receipt neither says whether there is nor repeats the address.
pub(crate) async fn run_form(cx: &Context<'_>, form: &AddressForm) -> Result<Outcome, ActionError> {
    let minutes = cx.lms.send_reset_to(form, cx.key).await?;
    let now = cx.clock.now();
    let facts = vec![Fact::new("The link", works_once(minutes)), Fact::new("Asked for", moment(now))];
    let title = "If an account has this address, a link for a new password is on its way to it.";
    Ok(Outcome::Done { receipt: cx.receipt(SPEC.name, title, facts, now) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::Desk;

    #[tokio::test]
    async fn the_receipt_masks_the_address_on_file() {
        let desk = Desk::new();
        let Ok(Outcome::Done { receipt }) = run(&desk.context(1), &desk.anna().await).await else { panic!("no receipt") };
        let facts: Vec<&str> = receipt.facts.iter().map(|fact| fact.value.as_str()).collect();
        assert_eq!(facts, ["a•••@example.com", "works once, for 30 minutes", "24 November 2026, 10:00 UTC"]);
        assert_eq!(desk.lms.mails(), ["reset to anna@example.com"]);
    }

    #[tokio::test]
    async fn the_receipt_of_a_form_is_the_same_whether_or_not_there_is_an_account() {
        let (mut receipts, mut mails) = (Vec::new(), Vec::new());
        for address in ["anna@example.com", "nobody@example.com"] {
            let (desk, form) = (Desk::new(), AddressForm::parse(address).unwrap());
            receipts.push(serde_json::to_string(&run_form(&desk.context(1), &form).await.unwrap()).unwrap());
            mails.extend(desk.lms.mails());
        }
        assert_eq!(receipts[0], receipts[1]);
        assert!(!receipts[0].contains('@'), "{}", receipts[0]);
        assert_eq!(mails, ["reset to anna@example.com"]);
    }
}
