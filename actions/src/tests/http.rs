//! The HTTP client against a server that behaves like the LMS.

use super::academy::{SERVICE_TOKEN, serve};
use super::*;
use crate::{ActionName, AddressForm, HttpLms, Lms, LmsError, OrderNumber, Topic};

async fn client(desk: &Desk) -> HttpLms {
    HttpLms::new(&serve(desk.lms.clone()).await, SERVICE_TOKEN).unwrap()
}

#[tokio::test]
async fn every_request_means_what_it_means_in_memory() {
    let (over, direct) = (Desk::new(), Desk::new());
    for desk in [&over, &direct] {
        desk.lms.certify("Yoga", YOGA);
    }
    let http = client(&over).await;
    let anna = http.identify(&token("anna")).await.unwrap();
    assert_eq!(anna, direct.anna().await);

    let (key, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let form = AddressForm::parse("ben@example.com").unwrap();
    assert_eq!(http.send_reset_to(&form, key).await, direct.lms.send_reset_to(&form, key).await);
    assert_eq!(http.send_reset(&anna, other).await, direct.lms.send_reset(&anna, other).await);
    assert_eq!(http.certificates(&anna).await, direct.lms.certificates(&anna).await);
    let key = Uuid::from_u128(3);
    assert_eq!(http.resend_certificate(&anna, YOGA, key).await, direct.lms.resend_certificate(&anna, YOGA, key).await);
    let order = OrderNumber::find("NL-100234");
    for topic in [Topic::Certificate, Topic::Access, Topic::Progress, Topic::Charge, Topic::Refund] {
        for order in [None, order.as_ref()] {
            assert_eq!(http.diagnose(&anna, topic, order).await, direct.lms.diagnose(&anna, topic, order).await);
        }
    }
    assert_eq!(over.lms.mails(), direct.lms.mails());
    assert_eq!(over.lms.asked(), direct.lms.asked());
}

#[tokio::test]
async fn the_figures_in_force_come_by_name() {
    let facts = client(&Desk::new()).await.facts().await.unwrap();
    assert_eq!(facts.into_iter().collect::<Vec<_>>(), [("refund.window_days".to_owned(), "14".to_owned())]);
}

#[tokio::test]
async fn refusals_mean_what_they_mean_in_memory() {
    let desk = Desk::new();
    desk.lms.certify("Yoga", YOGA);
    let http = client(&desk).await;
    assert_eq!(http.identify(&token("eve")).await, Err(LmsError::SignedOut));
    let (anna, ben) = (desk.anna().await, desk.ben().await);
    let (one, two) = (Uuid::from_u128(1), Uuid::from_u128(2));
    assert_eq!(http.resend_certificate(&ben, YOGA, one).await, Err(LmsError::NotFound));
    assert_eq!(http.resend_certificate(&anna, WELDING, one).await, Err(LmsError::NotFound));
    http.send_reset(&anna, two).await.unwrap();
    assert_eq!(http.send_reset(&ben, two).await, Err(LmsError::KeyUsed));
    desk.lms.trouble(Trouble::Before(LmsError::Busy));
    assert_eq!(http.send_reset(&anna, one).await, Err(LmsError::Busy));
    desk.lms.sign_out("anna");
    assert_eq!(http.send_reset(&anna, one).await, Err(LmsError::SignedOut));
    assert_eq!(desk.lms.mails(), ["reset to anna@example.com"]);
}

#[tokio::test]
async fn a_wrong_service_token_is_not_taken_for_a_signed_out_student() {
    let desk = Desk::new();
    let http = HttpLms::new(&serve(desk.lms.clone()).await, "wrong").unwrap();
    let form = AddressForm::parse("anna@example.com").unwrap();
    assert!(matches!(http.identify(&token("anna")).await, Err(LmsError::Down(_))));
    assert!(matches!(http.send_reset_to(&form, Uuid::from_u128(1)).await, Err(LmsError::Down(_))));
    assert!(matches!(http.certificates(&desk.anna().await).await, Err(LmsError::Down(_))));
}

async fn actions_over_http_give_one_effect_and_one_receipt(bench: Bench) {
    let http = Arc::new(client(&bench.desk).await);
    let actions = Arc::new(Actions::new(http, Arc::clone(&bench.runs), Arc::new(bench.desk.clock.clone())));
    bench.desk.lms.certify("Yoga", YOGA);
    let anna = actions.identify(&token("anna")).await.unwrap();
    let outcomes = at_once(32, |_| {
        let (actions, anna) = (Arc::clone(&actions), anna.clone());
        async move { actions.run(&anna, ActionName::CertificateResend, About::default(), at(1)).await.unwrap() }
    })
    .await;
    assert!(outcomes.iter().all(|outcome| *outcome == outcomes[0]), "{outcomes:?}");
    assert_eq!(bench.mails(), ["certificate Yoga to anna@example.com"]);

    // The effect happens and the answer is lost: the LMS knows the key again.
    bench.desk.lms.trouble(Trouble::After);
    let lost = actions.run(&anna, ActionName::PasswordReset, About::default(), at(2)).await;
    assert_eq!(lost, Err(ActionError::Unclear));
    actions.run(&anna, ActionName::PasswordReset, About::default(), at(2)).await.unwrap();
    assert_eq!(bench.mails().len(), 2);
}

porter_testkit::both_engines!(Bench::open; actions_over_http_give_one_effect_and_one_receipt);
