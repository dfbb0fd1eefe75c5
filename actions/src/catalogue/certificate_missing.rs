//! Why a certificate has not been issued.

use super::{Budget, Context, Needs, Spec, Tier, diagnosis};
use crate::{ActionError, ActionName, Outcome, Principal, Topic};

pub(crate) const SPEC: Spec = Spec {
    name: ActionName::CertificateMissing,
    tier: Tier::Look,
    budget: Budget { per_hour: 20 },
    needs: Needs::SignIn,
    about: ActionName::CertificateMissing.about(),
};

/// Finds out from lessons, quizzes and the making of certificates.
pub(crate) async fn run(cx: &Context<'_>, principal: &Principal) -> Result<Outcome, ActionError> {
    diagnosis::explain(cx, principal, SPEC.name, Topic::Certificate, None, "I looked at what your certificates still need.").await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::Desk;

    #[tokio::test]
    async fn it_asks_for_the_right_reason_and_changes_nothing() {
        let desk = Desk::new();
        let outcome = run(&desk.context(1), &desk.anna().await).await.unwrap();
        let Outcome::Explained { receipt, findings } = outcome else { panic!("{outcome:?}") };
        assert_eq!((receipt.action, findings[0].reason.as_str()), (SPEC.name, "certificate"));
        assert_eq!(desk.lms.asked(), ["certificate of anna"]);
        assert!(desk.lms.mails().is_empty());
    }
}
