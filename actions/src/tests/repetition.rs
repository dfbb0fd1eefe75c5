//! One request, one effect, one receipt: however often and from however many places it is made.

use super::*;
use crate::{AddressForm, RunState};

async fn a_double_click_gives_one_effect_and_the_same_receipt(bench: Bench) {
    let first = bench.run(ActionName::PasswordReset, 1).await.unwrap();
    bench.desk.clock.advance(std::time::Duration::from_secs(40));
    let second = bench.run(ActionName::PasswordReset, 1).await.unwrap();
    assert_eq!(first, second);
    assert_eq!(bench.mails(), ["reset to anna@example.com"]);
    assert_eq!(bench.desk.lms.asked(), ["reset of anna"], "the second was answered from the record");
}

async fn another_key_is_another_request(bench: Bench) {
    let first = bench.run(ActionName::PasswordReset, 1).await.unwrap();
    let second = bench.run(ActionName::PasswordReset, 2).await.unwrap();
    assert_ne!(first.receipt().unwrap().id, second.receipt().unwrap().id);
    assert_eq!(bench.mails().len(), 2);
}

async fn many_calls_at_once_give_one_effect_and_the_same_receipt(bench: Bench) {
    bench.desk.lms.certify("Yoga", YOGA);
    for (round, action) in [ActionName::PasswordReset, ActionName::CertificateResend].into_iter().enumerate() {
        let anna = bench.desk.anna().await;
        let outcomes = at_once(32, |_| {
            let (actions, anna) = (Arc::clone(&bench.actions), anna.clone());
            async move { actions.run(&anna, action, About::default(), at(1 + round as u128)).await }
        })
        .await;
        let first = outcomes[0].clone().unwrap();
        assert!(matches!(first, Outcome::Done { .. }));
        assert!(outcomes.iter().all(|outcome| outcome.as_ref() == Ok(&first)), "{outcomes:?}");
        assert_eq!(bench.mails().len(), round + 1);
    }
    let rows = bench.actions.receipts(at(1).conversation).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.state).collect::<Vec<_>>(), [RunState::Done, RunState::Done]);
}

/// The diagnosis has no time of its own: the record decides which of many equal looks is shown.
async fn many_looks_at_once_give_the_same_receipt(bench: Bench) {
    let anna = bench.desk.anna().await;
    let outcomes = at_once(16, |number| {
        let (actions, anna, clock) = (Arc::clone(&bench.actions), anna.clone(), bench.desk.clock.clone());
        async move {
            clock.advance(std::time::Duration::from_millis(u64::try_from(number).unwrap()));
            actions.run(&anna, ActionName::RefundStatus, About::default(), at(1)).await.unwrap()
        }
    })
    .await;
    assert!(outcomes.iter().all(|outcome| *outcome == outcomes[0]), "{outcomes:?}");
    // Both engines store text without U+0000, and the caller sees what is stored.
    let Outcome::Explained { findings, .. } = &outcomes[0] else { panic!("{outcomes:?}") };
    assert_eq!(findings[0].about, "Yoga \u{fffd} <b>for</b> all");
}

async fn a_key_of_another_request_is_refused(bench: Bench) {
    bench.run(ActionName::PasswordReset, 1).await.unwrap();
    let (anna, ben) = (bench.desk.anna().await, bench.desk.ben().await);
    let conflict = Err(ActionError::Conflict);
    let reset = ActionName::PasswordReset;
    assert_eq!(bench.actions.run(&ben, reset, About::default(), at(1)).await, conflict, "another learner");
    assert_eq!(bench.run(ActionName::RefundStatus, 1).await, conflict, "another action");
    let elsewhere = At { conversation: Uuid::from_u128(0xc1), ..at(1) };
    assert_eq!(bench.actions.run(&anna, reset, About::default(), elsewhere).await, conflict, "another conversation");
    let about = About { order: crate::OrderNumber::find("NL-100234") };
    assert_eq!(bench.actions.run(&anna, reset, about, at(1)).await, conflict, "about something else");
    let form = AddressForm::parse("ben@example.com").unwrap();
    assert_eq!(bench.actions.reset_by_form(&form, at(1)).await, conflict, "by form");
    assert_eq!(bench.mails(), ["reset to anna@example.com"]);
    assert_eq!(bench.desk.lms.asked().len(), 1);
}

/// The record knows no address, so it is the LMS that sees the difference.
async fn a_form_with_another_address_under_the_same_key_is_refused(bench: Bench) {
    let form = |address| AddressForm::parse(address).unwrap();
    bench.desk.lms.trouble(Trouble::After);
    assert_eq!(bench.actions.reset_by_form(&form("anna@example.com"), at(1)).await, Err(ActionError::Unclear));
    assert_eq!(bench.actions.reset_by_form(&form("ben@example.com"), at(1)).await, Err(ActionError::Conflict));
    assert_eq!(bench.mails(), ["reset to anna@example.com"]);
}

porter_testkit::both_engines!(
    Bench::open;
    a_double_click_gives_one_effect_and_the_same_receipt,
    another_key_is_another_request,
    many_calls_at_once_give_one_effect_and_the_same_receipt,
    many_looks_at_once_give_the_same_receipt,
    a_key_of_another_request_is_refused,
    a_form_with_another_address_under_the_same_key_is_refused,
);
