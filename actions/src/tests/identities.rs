//! Whose token it is.

use std::time::Duration;

use super::*;

/// Nothing is written down to say who somebody is, so one engine is enough.
async fn with_bench(test: impl AsyncFnOnce(Bench)) {
    test(Bench::open(porter_testkit::databases(porter_testkit::Engine::Sqlite).await).await).await;
}

#[tokio::test]
async fn the_lms_is_asked_once_in_thirty_seconds() {
    with_bench(async |bench| {
        let anna = bench.actions.identify(&token("anna")).await.unwrap();
        bench.desk.clock.advance(Duration::from_secs(29));
        assert_eq!(bench.actions.identify(&token("anna")).await.unwrap(), anna);
        assert_eq!(bench.desk.lms.identified(), 1);
        bench.desk.clock.advance(Duration::from_secs(1));
        bench.actions.identify(&token("anna")).await.unwrap();
        assert_eq!(bench.desk.lms.identified(), 2);
        assert_ne!(bench.actions.identify(&token("ben")).await.unwrap().learner(), anna.learner());
    })
    .await;
}

#[tokio::test]
async fn a_bad_answer_is_not_kept() {
    with_bench(async |bench| {
        assert_eq!(bench.actions.identify(&token("eve")).await, Err(ActionError::SignedOut));
        bench.desk.lms.be_down(true);
        assert_eq!(bench.actions.identify(&token("anna")).await, Err(ActionError::Unavailable));
        bench.desk.lms.be_down(false);
        bench.actions.identify(&token("anna")).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn once_an_action_finds_them_signed_out_nobody_is_known_by_that_token() {
    with_bench(async |bench| {
        let anna = bench.actions.identify(&token("anna")).await.unwrap();
        bench.desk.lms.sign_out("anna");
        let outcome = bench.actions.run(&anna, ActionName::PasswordReset, About::default(), at(1)).await;
        assert_eq!(outcome, Err(ActionError::SignedOut));
        assert!(bench.mails().is_empty());
        assert_eq!(bench.actions.identify(&token("anna")).await, Err(ActionError::SignedOut));
    })
    .await;
}
