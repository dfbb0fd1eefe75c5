//! What becomes of jobs when things go wrong.

use std::time::Duration;

use porter_kernel::db::Freshness;
use porter_kernel::jobs::Failure;
use porter_mail::MailError;
use uuid::Uuid;

use crate::domain::{CertificateId, CertificateRequestStatus};
use crate::store::jobs as queue;
use crate::testing::{ANNA, ANNAS, BRUNO, CERTIFICATE, COURSE, HANNA, HANNAS, World, link};

#[tokio::test]
async fn a_mail_that_cannot_be_sent_now_is_sent_later_with_the_same_id() {
    let world = World::new().await;
    world.store.ask_for_account(Uuid::from_u128(1), ANNA, world.now()).await.unwrap();
    for why in ["the server cannot be reached", "451 <anna.keller@learner.example> later"] {
        world.outbox.failures.lock().unwrap().push_back(MailError::Later(why.to_owned()));
    }
    let first = world.work().await;
    assert_eq!(
        first.last().unwrap(),
        &(queue::SEND_MAIL.to_owned(), Err(Failure::Retry("the server cannot be reached".to_owned())))
    );
    assert_eq!(world.store.mails_waiting().await.unwrap(), 1);
    world.clock.advance(Duration::from_mins(1));
    assert_eq!(world.work().await.last().unwrap().1, Err(Failure::Retry("451 … later".to_owned())), "no address in what is kept");
    world.clock.advance(Duration::from_mins(5));
    world.work().await;
    let mails = world.outbox.take();
    assert_eq!((mails.len(), world.store.mails_waiting().await.unwrap()), (1, 0));
    assert!(mails[0].message_id.ends_with("@northlight.example"));
    world.clock.advance(Duration::from_mins(5));
    assert!(world.work().await.is_empty());
}

#[tokio::test]
async fn a_mail_that_is_refused_for_good_is_given_up() {
    let world = World::new().await;
    world.store.ask_for_account(Uuid::from_u128(1), ANNA, world.now()).await.unwrap();
    world.outbox.failures.lock().unwrap().push_back(MailError::Never("550 no such mailbox".to_owned()));
    world.work().await;
    assert_eq!(world.store.mails_waiting().await.unwrap(), 0);
    let dead = world.jobs.dead(10).await.unwrap();
    assert_eq!((dead.len(), dead[0].reason.as_str()), (1, "550 no such mailbox"));
    world.clock.advance(Duration::from_hours(1));
    world.work().await;
    assert!(world.outbox.take().is_empty());
}

#[tokio::test]
async fn a_link_that_ended_in_an_outage_is_not_sent() {
    let world = World::new().await;
    world.store.ask_for_account(Uuid::from_u128(1), ANNA, world.now()).await.unwrap();
    world.outbox.failures.lock().unwrap().push_back(MailError::Later("away".to_owned()));
    world.work().await;
    world.clock.advance(Duration::from_mins(31));
    assert!(world.work().await.iter().all(|(_, outcome)| outcome.is_ok()));
    assert!(world.outbox.take().is_empty());
    assert_eq!(world.store.mails_waiting().await.unwrap(), 0);
    assert!(world.jobs.dead(10).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_locked_account_gets_no_link_by_either_way() {
    let world = World::new().await;
    world.store.ask_by_address(Uuid::from_u128(1), HANNAS, world.now()).await.unwrap();
    world.store.ask_for_account(Uuid::from_u128(2), HANNA, world.now()).await.unwrap();
    let outcomes = world.work().await;
    assert_eq!(outcomes.len(), 2);
    assert!(outcomes.iter().all(|(_, outcome)| outcome.is_ok()));
    assert!(world.outbox.take().is_empty());
}

#[tokio::test]
async fn a_job_done_twice_sends_one_mail_and_makes_one_certificate() {
    let world = World::new().await;
    world.store.request_certificate(BRUNO, COURSE, Uuid::from_u128(1), world.now()).await.unwrap();
    // A worker that hangs: its lease runs out, another does the work, then the first one wakes up.
    let handlers = super::handlers(world.worker_parts());
    let kinds: Vec<&str> = handlers.iter().map(|handler| handler.kind()).collect();
    let held = world.jobs.take(&kinds, Uuid::from_u128(7), world.now(), porter_kernel::jobs::LEASE, 1).await.unwrap();
    world.clock.advance(Duration::from_secs(60));
    world.work().await;
    let late = handlers.iter().find(|handler| handler.kind() == held[0].kind).unwrap().run(&held[0]).await;
    assert!(matches!(late, Err(Failure::Retry(_))), "{late:?}");
    world.work().await;
    assert_eq!(world.store.certificates(BRUNO, Freshness::Fresh).await.unwrap().len(), 1);
    assert_eq!(world.outbox.take().len(), 1);
}

#[tokio::test]
async fn a_certificate_that_cannot_be_made_becomes_a_fact() {
    let world = World::new().await;
    world.store.request_certificate(BRUNO, COURSE, Uuid::from_u128(1), world.now()).await.unwrap();
    let handlers = super::handlers(world.worker_parts());
    let maker = handlers.iter().find(|handler| handler.kind() == queue::ISSUE_CERTIFICATE).unwrap();
    let job = world
        .jobs
        .take(&[queue::ISSUE_CERTIFICATE], Uuid::from_u128(7), world.now(), porter_kernel::jobs::LEASE, 1)
        .await
        .unwrap()
        .remove(0);
    for _ in 0..2 {
        maker.buried(&job, "the printer is on fire").await.unwrap();
    }
    let courses = world.store.courses(BRUNO, Freshness::Fresh).await.unwrap();
    let request = courses[0].certificate_request.as_ref().unwrap();
    assert_eq!(request.status, CertificateRequestStatus::Failed);
}

#[tokio::test]
async fn a_resent_certificate_goes_to_its_owner() {
    let world = World::new().await;
    let id = CertificateId(CERTIFICATE);
    world.store.resend(Uuid::from_u128(1), ANNA, id, Uuid::from_u128(2), world.now()).await.unwrap();
    assert!(world.store.resend(Uuid::from_u128(3), BRUNO, id, Uuid::from_u128(4), world.now()).await.is_err());
    world.work().await;
    let mails = world.outbox.take();
    assert_eq!((mails.len(), mails[0].to_address.as_str()), (1, ANNAS));
}

#[tokio::test]
async fn a_payload_of_another_version_is_given_up_and_not_tried_for_ever() {
    let world = World::new().await;
    for kind in [queue::PASSWORD_RESET_BY_ADDRESS, queue::PASSWORD_RESET_FOR_ACCOUNT, queue::SEND_MAIL, queue::ISSUE_CERTIFICATE] {
        let job = porter_kernel::jobs::NewJob {
            id: porter_kernel::ids::Ids::uuid(&porter_kernel::ids::RandomIds),
            kind,
            payload: serde_json::json!({ "v": 2 }),
            priority: porter_kernel::jobs::Priority::Normal,
            run_at: world.now(),
            unique_key: None,
            max_attempts: 5,
        };
        world.jobs.enqueue(&job, world.now()).await.unwrap();
    }
    let outcomes = world.work().await;
    assert!(outcomes.len() == 4 && outcomes.iter().all(|(_, outcome)| matches!(outcome, Err(Failure::Fail(_)))), "{outcomes:?}");
    assert_eq!(world.jobs.dead(10).await.unwrap().len(), 4);
}

#[tokio::test]
async fn the_link_of_the_mail_opens_the_account_that_it_was_sent_to() {
    let world = World::new().await;
    world.store.ask_by_address(Uuid::from_u128(1), ANNAS, world.now()).await.unwrap();
    world.work().await;
    let path = link(&world.outbox.take()[0]);
    let token = porter_kernel::ids::Token::parse(path.split_once("token=").unwrap().1).unwrap();
    assert_eq!(world.store.live_reset(&token.hash(), world.now()).await.unwrap().unwrap().id, ANNA);
}
