//! What is carried out, and what is written down of it.

use super::*;
use crate::{AddressForm, Choice, ChoiceOption, RunState};

fn choice(action: ActionName, options: &[Uuid]) -> Choice {
    let options = options.iter().map(|id| ChoiceOption { id: *id, label: "A course".to_owned(), detail: String::new() });
    Choice { action, prompt: "Which?".to_owned(), options: options.collect() }
}

async fn the_principals_name_decides_whose_account_it_is(bench: Bench) {
    let ben = bench.desk.ben().await;
    bench.actions.run(&ben, ActionName::PasswordReset, About::default(), at(1)).await.unwrap();
    bench.run(ActionName::PasswordReset, 2).await.unwrap();
    assert_eq!(bench.mails(), ["reset to ben@example.com", "reset to anna@example.com"]);
}

async fn a_choice_is_carried_out_once(bench: Bench) {
    bench.desk.lms.certify("Yoga", YOGA);
    bench.desk.lms.certify("Welding", WELDING);
    let Outcome::Choose { choice } = bench.run(ActionName::CertificateResend, 1).await.unwrap() else { panic!("no choice") };
    let anna = bench.desk.anna().await;
    let first = bench.actions.choose(&anna, &choice, WELDING, at(2)).await.unwrap();
    assert_eq!(bench.actions.choose(&anna, &choice, WELDING, at(2)).await.unwrap(), first);
    assert_eq!(bench.actions.choose(&anna, &choice, YOGA, at(2)).await, Err(ActionError::Conflict), "one key, one option");
    assert_eq!(bench.mails(), ["certificate Welding to anna@example.com"]);
}

async fn what_was_not_offered_is_not_carried_out(bench: Bench) {
    bench.desk.lms.certify("Yoga", YOGA);
    let (anna, ben) = (bench.desk.anna().await, bench.desk.ben().await);
    let resend = ActionName::CertificateResend;
    for (principal, card, option) in [
        (&anna, choice(resend, &[WELDING]), YOGA),
        (&anna, choice(resend, &[]), YOGA),
        // Offered, and not Anna's; Anna's, and not Ben's.
        (&anna, choice(resend, &[WELDING]), WELDING),
        (&ben, choice(resend, &[YOGA]), YOGA),
        // No card of this action has options.
        (&anna, choice(ActionName::PasswordReset, &[YOGA]), YOGA),
    ] {
        let key = bench.desk.lms.asked().len() as u128 + 10;
        assert_eq!(bench.actions.choose(principal, &card, option, at(key)).await, Err(ActionError::NotOffered), "{card:?}");
    }
    assert!(bench.mails().is_empty());
}

async fn a_form_says_and_writes_down_the_same_for_every_address(bench: Bench) {
    let mut told = Vec::new();
    for (key, address) in [(1, "anna@example.com"), (2, "nobody@example.com"), (3, "ANNA@example.com\u{202e}")] {
        let Outcome::Done { mut receipt } =
            bench.actions.reset_by_form(&AddressForm::parse(address).unwrap(), at(key)).await.unwrap()
        else {
            panic!("no receipt")
        };
        receipt.id = Uuid::nil();
        told.push(receipt);
    }
    assert!(told.iter().all(|receipt| *receipt == told[0]), "{told:?}");
    assert_eq!(bench.mails(), ["reset to anna@example.com"]);

    let rows = bench.actions.receipts(at(1).conversation).await.unwrap();
    assert!(rows.iter().all(|row| row.learner.is_none() && row.argument.is_none() && row.state == RunState::Done));
    let written = serde_json::to_string(&(&rows, &told)).unwrap();
    assert!(!written.contains('@') && !written.to_lowercase().contains("anna"), "{written}");
}

async fn receipts_are_listed_in_order_and_hold_no_address(bench: Bench) {
    bench.desk.lms.certify("Yoga", YOGA);
    let anna = bench.desk.anna().await;
    for (key, action) in (1..).zip(ActionName::ALL) {
        let about = About { order: crate::OrderNumber::find("NL-100234") };
        bench.actions.run(&anna, *action, about, at(key)).await.unwrap();
        bench.desk.clock.advance(std::time::Duration::from_secs(1));
    }
    let elsewhere = At { conversation: Uuid::from_u128(0xc1), ..at(50) };
    bench.actions.run(&anna, ActionName::ChargeQuestion, About::default(), elsewhere).await.unwrap();

    let rows = bench.actions.receipts(at(1).conversation).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.action).collect::<Vec<_>>(), ActionName::ALL);
    assert!(rows.iter().all(|row| row.learner == Some(anna.learner()) && row.argument.as_deref() == Some("NL-100234")));
    assert!(rows.iter().all(|row| row.outcome.as_ref().unwrap().receipt().unwrap().action == row.action));
    let written = serde_json::to_string(&rows).unwrap();
    assert!(!written.contains("anna@"), "{written}");
    assert!(written.contains("a•••@example.com"));
}

porter_testkit::both_engines!(
    Bench::open;
    the_principals_name_decides_whose_account_it_is,
    a_choice_is_carried_out_once,
    what_was_not_offered_is_not_carried_out,
    a_form_says_and_writes_down_the_same_for_every_address,
    receipts_are_listed_in_order_and_hold_no_address,
);
