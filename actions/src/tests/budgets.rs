//! How often.

use std::time::Duration;

use super::*;
use crate::AddressForm;

const HOUR: Duration = Duration::from_secs(3_600);

fn over(outcome: &Result<Outcome, ActionError>) -> Option<Duration> {
    match outcome {
        Err(ActionError::OverBudget { retry_after }) => Some(*retry_after),
        Ok(_) => None,
        Err(other) => panic!("{other}"),
    }
}

async fn a_budget_is_used_up_and_comes_back_after_an_hour(bench: Bench) {
    let minute = Duration::from_secs(60);
    for key in 1..=3 {
        bench.run(ActionName::PasswordReset, key).await.unwrap();
        bench.desk.clock.advance(minute);
    }
    assert_eq!(over(&bench.run(ActionName::PasswordReset, 4).await), Some(HOUR - 3 * minute));
    assert_eq!(bench.mails().len(), 3);
    assert_eq!(bench.actions.receipts(at(1).conversation).await.unwrap().len(), 3, "what was refused is not written down");

    bench.desk.clock.advance(HOUR - 3 * minute);
    assert_eq!(over(&bench.run(ActionName::PasswordReset, 4).await), None);
    assert_eq!(over(&bench.run(ActionName::PasswordReset, 5).await), Some(minute), "the second one is not an hour old yet");
}

async fn a_repetition_costs_nothing_and_is_answered_when_the_budget_is_used_up(bench: Bench) {
    for key in 1..=3 {
        for _ in 0..3 {
            bench.run(ActionName::PasswordReset, key).await.unwrap();
        }
    }
    assert_eq!(over(&bench.run(ActionName::PasswordReset, 1).await), None);
    assert_eq!(over(&bench.run(ActionName::PasswordReset, 4).await), Some(HOUR));
}

async fn a_failed_request_costs_but_may_be_repeated(bench: Bench) {
    let anna = bench.desk.anna().await;
    bench.desk.lms.be_down(true);
    for key in 1..=3 {
        let outcome = bench.actions.run(&anna, ActionName::PasswordReset, About::default(), at(key)).await;
        assert_eq!(outcome, Err(ActionError::Unavailable));
    }
    bench.desk.lms.be_down(false);
    assert!(over(&bench.run(ActionName::PasswordReset, 4).await).is_some());
    assert_eq!(over(&bench.run(ActionName::PasswordReset, 3).await), None);
}

async fn a_budget_is_of_one_learner_and_one_action(bench: Bench) {
    let ben = bench.desk.ben().await;
    for key in 1..=3 {
        bench.run(ActionName::PasswordReset, key).await.unwrap();
    }
    assert!(over(&bench.run(ActionName::PasswordReset, 4).await).is_some());
    assert_eq!(over(&bench.run(ActionName::RefundStatus, 5).await), None);
    assert_eq!(over(&bench.actions.run(&ben, ActionName::PasswordReset, About::default(), at(6)).await), None);
    // Another conversation does not help.
    let anna = bench.desk.anna().await;
    let elsewhere = At { conversation: Uuid::from_u128(0xc1), ..at(7) };
    assert!(over(&bench.actions.run(&anna, ActionName::PasswordReset, About::default(), elsewhere).await).is_some());
}

async fn a_form_is_bounded_by_conversation(bench: Bench) {
    for key in 1..=4 {
        let form = AddressForm::parse(&format!("student{key}@example.com")).unwrap();
        let outcome = bench.actions.reset_by_form(&form, at(key)).await;
        assert_eq!(over(&outcome), (key == 4).then_some(HOUR));
    }
    let form = AddressForm::parse("anna@example.com").unwrap();
    let elsewhere = At { conversation: Uuid::from_u128(0xc1), ..at(5) };
    assert_eq!(over(&bench.actions.reset_by_form(&form, elsewhere).await), None);
}

async fn many_requests_at_once_do_not_exceed_it(bench: Bench) {
    let anna = bench.desk.anna().await;
    let outcomes = at_once(32, |key| {
        let (actions, anna) = (Arc::clone(&bench.actions), anna.clone());
        async move { actions.run(&anna, ActionName::PasswordReset, About::default(), at(key + 1)).await }
    })
    .await;
    assert_eq!(outcomes.iter().filter(|outcome| over(outcome).is_none()).count(), 3);
    assert_eq!(bench.mails().len(), 3);
}

porter_testkit::both_engines!(
    Bench::open;
    a_budget_is_used_up_and_comes_back_after_an_hour,
    a_repetition_costs_nothing_and_is_answered_when_the_budget_is_used_up,
    a_failed_request_costs_but_may_be_repeated,
    a_budget_is_of_one_learner_and_one_action,
    a_form_is_bounded_by_conversation,
    many_requests_at_once_do_not_exceed_it,
);
