//! Why a paid course cannot be seen.

use super::{Budget, Context, Needs, Spec, Tier, diagnosis};
use crate::{ActionError, ActionName, OrderNumber, Outcome, Principal, Topic};

pub(crate) const SPEC: Spec = Spec {
    name: ActionName::AccessAfterPayment,
    tier: Tier::Look,
    budget: Budget { per_hour: 20 },
    needs: Needs::SignIn,
    about: ActionName::AccessAfterPayment.about(),
};

/// Finds out from orders and enrolments; the order narrows it down.
pub(crate) async fn run(cx: &Context<'_>, principal: &Principal, order: Option<&OrderNumber>) -> Result<Outcome, ActionError> {
    diagnosis::explain(cx, principal, SPEC.name, Topic::Access, order, "I looked at your orders and your courses.").await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::Desk;

    #[tokio::test]
    async fn it_asks_for_the_right_reason_and_changes_nothing() {
        let desk = Desk::new();
        let order = OrderNumber::find("NL-100234");
        let outcome = run(&desk.context(1), &desk.anna().await, order.as_ref()).await.unwrap();
        let Outcome::Explained { receipt, findings } = outcome else { panic!("{outcome:?}") };
        assert_eq!((receipt.action, findings[0].reason.as_str()), (SPEC.name, "access"));
        assert_eq!(desk.lms.asked(), ["access of anna NL-100234"]);
        assert!(desk.lms.mails().is_empty());
    }
}
