//! The actions, one file each, always in the same order: what it is ([`Spec`]), what it does, how it is tested.
//!
//! `run` takes the person in the session and what the catalogue's own types can say. There is no parameter for a user id or an address: a text that
//! talks the model into anything can choose between these seven, for the one who wrote it.

mod access_after_payment;
mod certificate_missing;
mod certificate_resend;
mod charge_question;
mod context;
mod diagnosis;
mod password_reset;
mod progress_missing;
mod refund_status;

use crate::{ActionError, ActionName, AddressForm, Choice, OrderNumber, Outcome, Principal};

pub(crate) use context::{Context, Target};

/// What an action is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spec {
    pub name: ActionName,
    pub tier: Tier,
    pub budget: Budget,
    pub needs: Needs,
    /// What it does, in words that a person may be shown.
    pub about: &'static str,
}

/// How far an action goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tier {
    /// Reads facts, changes nothing.
    Look,
    /// Has an effect that the person could have with a button of the academy: a mail to the address on file.
    Act,
}

/// How often it may be asked for. Repetitions of a request are not counted; one that failed is, since it was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Requests in any sixty minutes, of a learner; of a conversation, while nobody is signed in.
    pub per_hour: u32,
}

/// What must be so before it can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Somebody is signed in.
    SignIn,
    /// Somebody is signed in, or names the account's address in a form card.
    SignInOrForm,
}

impl ActionName {
    /// What this action is.
    #[must_use]
    pub fn spec(self) -> Spec {
        match self {
            Self::PasswordReset => password_reset::SPEC,
            Self::CertificateResend => certificate_resend::SPEC,
            Self::CertificateMissing => certificate_missing::SPEC,
            Self::RefundStatus => refund_status::SPEC,
            Self::ChargeQuestion => charge_question::SPEC,
            Self::AccessAfterPayment => access_after_payment::SPEC,
            Self::ProgressMissing => progress_missing::SPEC,
        }
    }
}

/// What is to be done. Whom it concerns is not in here.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Work<'a> {
    Run { principal: &'a Principal, action: ActionName, order: Option<&'a OrderNumber> },
    Choose { principal: &'a Principal, choice: &'a Choice, option: uuid::Uuid },
    Form { form: &'a AddressForm },
}

impl Work<'_> {
    /// Hands the work to its file.
    pub(crate) async fn run(self, cx: &Context<'_>) -> Result<Outcome, ActionError> {
        match self {
            Self::Run { principal, action, order } => match action {
                ActionName::PasswordReset => password_reset::run(cx, principal).await,
                ActionName::CertificateResend => certificate_resend::run(cx, principal).await,
                ActionName::CertificateMissing => certificate_missing::run(cx, principal).await,
                ActionName::RefundStatus => refund_status::run(cx, principal, order).await,
                ActionName::ChargeQuestion => charge_question::run(cx, principal, order).await,
                ActionName::AccessAfterPayment => access_after_payment::run(cx, principal, order).await,
                ActionName::ProgressMissing => progress_missing::run(cx, principal).await,
            },
            Self::Choose { principal, choice, option } => match choice.action {
                ActionName::CertificateResend => certificate_resend::run_chosen(cx, principal, option).await,
                _ => Err(ActionError::NotOffered),
            },
            Self::Form { form } => password_reset::run_form(cx, form).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_has_its_own_spec_and_a_budget() {
        for action in ActionName::ALL {
            let spec = action.spec();
            assert_eq!((spec.name, spec.about), (*action, action.about()));
            let limit = if spec.tier == Tier::Act { 6 } else { 30 };
            assert!((1..=limit).contains(&spec.budget.per_hour), "{action}");
        }
    }

    #[test]
    fn only_a_reset_can_be_asked_for_by_form() {
        let by_form: Vec<_> = ActionName::ALL.iter().filter(|action| action.spec().needs == Needs::SignInOrForm).collect();
        assert_eq!(by_form, [&ActionName::PasswordReset]);
    }
}
