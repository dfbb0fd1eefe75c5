//! Cut off at the worst moment, and asked again.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::task::JoinHandle;

use super::fake_lms::Gate;
use super::record::CutShort;
use super::*;
use crate::{LmsError, RunState};

impl Bench {
    async fn state(&self) -> (RunState, Option<String>) {
        let [row] = &self.runs.of_conversation(at(1).conversation).await.unwrap()[..] else { panic!("one run") };
        (row.state, row.failure.clone())
    }

    /// A call whose first request waits at the gate, and then fails, or not.
    async fn held(&self, action: ActionName, then: Option<LmsError>) -> (Gate, JoinHandle<Result<Outcome, ActionError>>) {
        let gate = Gate::new();
        self.desk.lms.trouble(Trouble::Wait(gate.clone(), then));
        let (actions, anna) = (Arc::clone(&self.actions), self.desk.anna().await);
        let call = tokio::spawn(async move { actions.run(&anna, action, About::default(), at(1)).await });
        gate.reached().await;
        (gate, call)
    }
}

async fn an_answer_that_is_lost_is_unclear_and_asked_for_again(bench: Bench) {
    let asked_at = bench.desk.clock.advance(Duration::ZERO);
    bench.desk.lms.trouble(Trouble::After);
    assert_eq!(bench.run(ActionName::PasswordReset, 1).await, Err(ActionError::Unclear));
    assert_eq!(bench.state().await, (RunState::Failed, Some("unclear".to_owned())));
    bench.desk.clock.advance(Duration::from_secs(5));
    let outcome = bench.run(ActionName::PasswordReset, 1).await.unwrap();
    assert_eq!(outcome.receipt().unwrap().done_at, asked_at, "it happened the first time");
    assert_eq!(bench.run(ActionName::PasswordReset, 1).await.unwrap(), outcome);
    assert_eq!(bench.mails().len(), 1);
    assert_eq!(bench.state().await, (RunState::Done, None));
}

async fn a_process_that_dies_after_the_effect_leaves_a_run_that_goes_on(bench: Bench) {
    let gate = Gate::new();
    bench.desk.lms.trouble(Trouble::Silence(gate.clone()));
    tokio::select! {
        outcome = bench.run(ActionName::PasswordReset, 1) => panic!("{outcome:?}"),
        () = gate.reached() => {}
    }
    assert_eq!((bench.state().await, bench.mails().len()), ((RunState::Begun, None), 1));
    bench.desk.clock.advance(Duration::from_secs(5));
    let outcome = bench.run(ActionName::PasswordReset, 1).await.unwrap();
    assert_eq!(bench.run(ActionName::PasswordReset, 1).await.unwrap(), outcome);
    assert_eq!((bench.state().await, bench.mails().len()), ((RunState::Done, None), 1));
}

/// The database goes between the effect and its record: the student is told what happened, and asking again tells the same.
async fn an_effect_that_cannot_be_written_down_is_still_told(bench: Bench) {
    let runs = Arc::new(CutShort { runs: Arc::clone(&bench.runs), broken: AtomicBool::new(true) });
    let actions = Actions::new(bench.desk.lms.clone(), runs.clone(), Arc::new(bench.desk.clock.clone()));
    let anna = bench.desk.anna().await;
    let ask = async |action, key| actions.run(&anna, action, About::default(), at(key)).await;

    let told = ask(ActionName::PasswordReset, 1).await.unwrap();
    assert_eq!(bench.state().await, (RunState::Begun, None));
    bench.desk.clock.advance(Duration::from_secs(5));
    runs.broken.store(false, Ordering::Relaxed);
    assert_eq!(ask(ActionName::PasswordReset, 1).await.unwrap(), told);
    assert_eq!((bench.state().await, bench.mails().len()), ((RunState::Done, None), 1));

    // What only looks has not happened until it is written down.
    runs.broken.store(true, Ordering::Relaxed);
    assert_eq!(ask(ActionName::RefundStatus, 2).await, Err(ActionError::Unavailable));
}

async fn a_certificate_issued_between_two_attempts_does_not_change_which_is_sent(bench: Bench) {
    bench.desk.lms.certify("Yoga", YOGA);
    // The list of certificates arrives, the answer about the effect does not.
    let gate = Gate::new();
    bench.desk.lms.trouble(Trouble::None);
    bench.desk.lms.trouble(Trouble::Silence(gate.clone()));
    tokio::select! {
        outcome = bench.run(ActionName::CertificateResend, 1) => panic!("{outcome:?}"),
        () = gate.reached() => {}
    }
    bench.desk.lms.certify("Welding", WELDING);
    let outcome = bench.run(ActionName::CertificateResend, 1).await.unwrap();
    assert_eq!(outcome.receipt().unwrap().facts[0].value, "Yoga");
    assert_eq!(bench.mails(), ["certificate Yoga to anna@example.com"]);
}

/// Two calls under one key see different facts: the one that has chosen an effect decides for both.
async fn calls_that_see_different_facts_end_the_same(bench: Bench) {
    bench.desk.lms.certify("Yoga", YOGA);
    bench.desk.lms.certify("Welding", WELDING);
    let (gate, slow) = bench.held(ActionName::CertificateResend, None).await;
    // It has seen two, and would ask which. The fast one sees one, sends it, and loses the answer.
    bench.desk.lms.revoke(WELDING);
    bench.desk.lms.trouble(Trouble::None);
    bench.desk.lms.trouble(Trouble::After);
    assert_eq!(bench.run(ActionName::CertificateResend, 1).await, Err(ActionError::Unclear));
    gate.open();
    let outcome = slow.await.unwrap().unwrap();
    assert!(matches!(outcome, Outcome::Done { .. }), "{outcome:?}");
    assert_eq!(bench.run(ActionName::CertificateResend, 1).await.unwrap(), outcome);
    assert_eq!(bench.mails(), ["certificate Yoga to anna@example.com"]);
}

/// The other way round: the question was stored first, so nothing is sent.
async fn after_a_question_was_stored_nothing_is_sent_under_its_key(bench: Bench) {
    bench.desk.lms.certify("Yoga", YOGA);
    let (gate, slow) = bench.held(ActionName::CertificateResend, None).await;
    bench.desk.lms.certify("Welding", WELDING);
    let question = bench.run(ActionName::CertificateResend, 1).await.unwrap();
    assert!(matches!(question, Outcome::Choose { .. }), "{question:?}");
    gate.open();
    assert_eq!(slow.await.unwrap().unwrap(), question);
    assert!(bench.mails().is_empty());
    assert_eq!(bench.state().await, (RunState::Done, None));
}

async fn a_call_that_fails_beside_one_that_succeeds_gives_its_receipt(bench: Bench) {
    let (gate, slow) = bench.held(ActionName::PasswordReset, Some(LmsError::Down("refused".to_owned()))).await;
    let receipt = bench.run(ActionName::PasswordReset, 1).await;
    gate.open();
    assert_eq!(slow.await.unwrap(), receipt);
    assert_eq!(bench.mails().len(), 1);
    assert_eq!(bench.state().await, (RunState::Done, None));
}

async fn a_part_that_is_down_does_nothing_and_may_be_asked_again(bench: Bench) {
    let anna = bench.desk.anna().await;
    bench.desk.lms.be_down(true);
    for (key, action) in (1..).zip(ActionName::ALL) {
        let outcome = bench.actions.run(&anna, *action, About::default(), at(key)).await;
        assert_eq!(outcome, Err(ActionError::Unavailable), "{action}");
    }
    let rows = bench.actions.receipts(at(1).conversation).await.unwrap();
    assert_eq!(rows.len(), ActionName::ALL.len());
    assert!(rows.iter().all(|row| row.state == RunState::Failed && row.outcome.is_none()), "{rows:?}");

    bench.desk.lms.be_down(false);
    bench.run(ActionName::PasswordReset, 1).await.unwrap();
    assert_eq!(bench.mails(), ["reset to anna@example.com"]);
}

async fn what_the_lms_says_of_it_is_passed_on(bench: Bench) {
    for (key, (lms, expected)) in (1..).zip([
        (LmsError::SignedOut, ActionError::SignedOut),
        (LmsError::KeyUsed, ActionError::Conflict),
        (LmsError::Busy, ActionError::OverBudget { retry_after: Duration::from_secs(60) }),
    ]) {
        bench.desk.lms.trouble(Trouble::Before(lms));
        assert_eq!(bench.run(ActionName::PasswordReset, key).await, Err(expected));
    }
    assert!(bench.mails().is_empty());
}

async fn without_the_database_the_lms_is_not_asked(bench: Bench) {
    bench.db.db.close().await;
    for action in ActionName::ALL {
        assert_eq!(bench.run(*action, 1).await, Err(ActionError::Unavailable));
    }
    let form = crate::AddressForm::parse("anna@example.com").unwrap();
    assert_eq!(bench.actions.reset_by_form(&form, at(2)).await, Err(ActionError::Unavailable));
    assert!(bench.desk.lms.asked().is_empty() && bench.mails().is_empty());
}

porter_testkit::both_engines!(
    Bench::open;
    an_answer_that_is_lost_is_unclear_and_asked_for_again,
    a_process_that_dies_after_the_effect_leaves_a_run_that_goes_on,
    an_effect_that_cannot_be_written_down_is_still_told,
    a_certificate_issued_between_two_attempts_does_not_change_which_is_sent,
    calls_that_see_different_facts_end_the_same,
    after_a_question_was_stored_nothing_is_sent_under_its_key,
    a_call_that_fails_beside_one_that_succeeds_gives_its_receipt,
    a_part_that_is_down_does_nothing_and_may_be_asked_again,
    what_the_lms_says_of_it_is_passed_on,
    without_the_database_the_lms_is_not_asked,
);
