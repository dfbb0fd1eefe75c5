//! What the actions that only look have in common: the LMS walks its fault tree, and its findings are shown.

use super::Context;
use crate::{ActionError, ActionName, Fact, OrderNumber, Outcome, Principal, Topic};

/// Asks for the reason and shows it under `title`.
pub(super) async fn explain(
    cx: &Context<'_>,
    principal: &Principal,
    action: ActionName,
    topic: Topic,
    order: Option<&OrderNumber>,
    title: &str,
) -> Result<Outcome, ActionError> {
    let findings = cx.lms.diagnose(principal, topic, order).await?;
    if findings.is_empty() {
        tracing::error!(%action, "the LMS gave no finding, which it should never do");
        return Err(ActionError::Unavailable);
    }
    let facts = order.map(|order| Fact::new("Order", order.as_str())).into_iter().collect();
    Ok(Outcome::Explained { receipt: cx.receipt(action, title, facts, cx.clock.now()), findings })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::Desk;

    #[tokio::test]
    async fn no_finding_is_no_answer() {
        let desk = Desk::new();
        desk.lms.find_nothing();
        let outcome =
            explain(&desk.context(1), &desk.anna().await, ActionName::RefundStatus, Topic::Refund, None, "I looked.").await;
        assert_eq!(outcome, Err(ActionError::Unavailable));
    }

    #[tokio::test]
    async fn the_order_that_was_asked_for_stands_in_the_receipt() {
        let desk = Desk::new();
        let order = OrderNumber::find("nl-100234");
        let outcome =
            explain(&desk.context(1), &desk.anna().await, ActionName::RefundStatus, Topic::Refund, order.as_ref(), "I looked.")
                .await;
        let Ok(Outcome::Explained { receipt, .. }) = outcome else { panic!("{outcome:?}") };
        assert_eq!(receipt.facts, [Fact::new("Order", "NL-100234")]);
    }
}
