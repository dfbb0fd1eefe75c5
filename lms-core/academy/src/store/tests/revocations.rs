use serde_json::json;

use super::*;
use crate::domain::event::Event;
use crate::domain::revocation::RESTORABLE;

const ADMIN: AccountId = AccountId(Uuid::from_u128(0x99));

fn taken(reason: RevocationReason) -> Taken {
    Taken { by: ADMIN, reason, note: "Case 12\0".to_owned() }
}

async fn kinds(world: &World) -> Vec<Event> {
    world.store.events_after(0, 100).await.unwrap().into_iter().map(|event| event.event).collect()
}

async fn a_revoked_certificate_is_told_and_not_sent(world: World) {
    let (mail, at) = (world.uuid(), world.tick());
    assert!(world.store.revoke(ANNAS_CERTIFICATE, &taken(RevocationReason::Integrity), mail, at).await.unwrap());
    // A second time, by another reason: the first one stands.
    let again = taken(RevocationReason::Refunded);
    assert!(!world.store.revoke(ANNAS_CERTIFICATE, &again, world.uuid(), world.tick()).await.unwrap());
    let revocation = Revocation { reason: RevocationReason::Integrity, at };
    let row = RevokedRow { certificate: ANNAS_CERTIFICATE, revocation, note: "Case 12\u{fffd}".to_owned(), by: ADMIN };
    assert_eq!(world.store.revocation(ANNAS_CERTIFICATE).await.unwrap(), Some(row.clone()));
    assert_eq!(world.store.revoked().await.unwrap(), [row]);
    assert_eq!(world.store.certificate_by_code("NL-7F3K-9QWD").await.unwrap().unwrap().revoked, Some(revocation));
    assert_eq!(
        world.store.courses(ANNA, Freshness::Fresh).await.unwrap().into_iter().find_map(|facts| facts.certificate).unwrap().revoked,
        Some(revocation)
    );
    assert_eq!(kinds(&world).await, [Event::CertificateRevoked { account: ANNA, certificate: ANNAS_CERTIFICATE }]);
    world.take_one(jobs::SEND_MAIL).await;
    assert_eq!(
        world.store.mail(mail).await.unwrap().unwrap().0.letter,
        Letter::CertificateRevoked { certificate: ANNAS_CERTIFICATE }
    );

    let refused = world.store.resend(world.uuid(), ANNA, ANNAS_CERTIFICATE, world.uuid(), world.tick()).await;
    assert!(matches!(refused, Err(AcademyError::Revoked(RevocationReason::Integrity))), "{refused:?}");
    assert_eq!((world.rows("mail").await, world.rows("request_key").await), (1, 0));
    // It is not made anew either.
    world.store.request_certificate(ANNA, FIRST, world.uuid(), world.tick()).await.unwrap();
    assert!(world.take().await.is_empty());
    let nobodys = world.store.revoke(CertificateId(world.uuid()), &again, world.uuid(), world.tick()).await;
    assert!(matches!(nobodys, Err(AcademyError::NotFound)), "{nobodys:?}");
}

async fn a_sending_that_was_acknowledged_is_answered_again_after_a_revocation(world: World) {
    let key = world.uuid();
    world.store.resend(key, ANNA, ANNAS_CERTIFICATE, world.uuid(), world.tick()).await.unwrap();
    world.store.revoke(ANNAS_CERTIFICATE, &taken(RevocationReason::Replaced), world.uuid(), world.tick()).await.unwrap();
    assert!(world.store.resend(key, ANNA, ANNAS_CERTIFICATE, world.uuid(), world.tick()).await.unwrap().duplicate);
}

async fn a_revocation_can_be_taken_back_for_a_month(world: World) {
    let none = world.store.restore(ANNAS_CERTIFICATE, ADMIN, world.uuid(), world.tick()).await;
    assert!(matches!(none, Err(AcademyError::NotFound)), "{none:?}");
    world.store.revoke(ANNAS_CERTIFICATE, &taken(RevocationReason::IssuedInError), world.uuid(), world.tick()).await.unwrap();
    world.clock.advance(RESTORABLE - Duration::from_secs(1));
    world.store.restore(ANNAS_CERTIFICATE, ADMIN, world.uuid(), world.now()).await.unwrap();
    assert_eq!(world.store.certificate(ANNA, ANNAS_CERTIFICATE).await.unwrap().unwrap().revoked, None);
    assert_eq!(
        kinds(&world).await,
        [
            Event::CertificateRevoked { account: ANNA, certificate: ANNAS_CERTIFICATE },
            Event::CertificateRestored { account: ANNA, certificate: ANNAS_CERTIFICATE }
        ]
    );
    world.store.revoke(ANNAS_CERTIFICATE, &taken(RevocationReason::IssuedInError), world.uuid(), world.tick()).await.unwrap();
    world.clock.advance(RESTORABLE);
    let late = world.store.restore(ANNAS_CERTIFICATE, ADMIN, world.uuid(), world.now()).await;
    assert!(matches!(late, Err(AcademyError::TooLate)), "{late:?}");
    assert!(world.store.revocation(ANNAS_CERTIFICATE).await.unwrap().is_some());
}

async fn of_many_who_revoke_one_does(world: World) {
    let now = world.tick();
    let tasks: Vec<_> = (0..16)
        .map(|_| {
            let (store, mail) = (Arc::clone(&world.store), world.uuid());
            tokio::spawn(
                async move { store.revoke(ANNAS_CERTIFICATE, &taken(RevocationReason::Integrity), mail, now).await.unwrap() },
            )
        })
        .collect();
    let mut done = 0;
    for task in tasks {
        done += usize::from(task.await.unwrap());
    }
    assert_eq!((done, world.rows("mail").await, kinds(&world).await.len()), (1, 1, 1));
}

/// A course that is completed twice in the same moment, by two tabs and two workers, has one certificate, one mail and one event.
async fn of_many_completions_one_certificate_is_issued(world: World) {
    let now = world.tick();
    let asks: Vec<_> = (0..16)
        .map(|_| {
            let (store, job) = (Arc::clone(&world.store), world.uuid());
            tokio::spawn(async move { store.request_certificate(BRUNO, FIRST, job, now).await.unwrap() })
        })
        .collect();
    for ask in asks {
        ask.await.unwrap();
    }
    let job = world.take_one(jobs::ISSUE_CERTIFICATE).await;
    // An old job that was revived, beside it.
    world.store.issue_failed(BRUNO, FIRST, "no ink", now).await.unwrap();
    world.store.request_certificate(BRUNO, FIRST, world.uuid(), now).await.unwrap();
    let other = world.take_one(jobs::ISSUE_CERTIFICATE).await;
    let issues: Vec<_> = [job, other]
        .into_iter()
        .enumerate()
        .map(|(number, job)| {
            let (store, id, mail) = (Arc::clone(&world.store), CertificateId(world.uuid()), world.uuid());
            tokio::spawn(async move { store.issue(&job, id, &format!("NL-AAAA-AAA{number}"), mail, now).await.unwrap() })
        })
        .collect();
    for issue in issues {
        issue.await.unwrap();
    }
    assert_eq!(world.store.certificates(BRUNO, Freshness::Fresh).await.unwrap().len(), 1);
    let issued = kinds(&world).await.into_iter().filter(|event| matches!(event, Event::CertificateIssued { .. })).count();
    assert_eq!((world.rows("mail").await, issued), (1, 1));
}

async fn keys_stay_published(world: World) {
    world.store.publish_key("a", &json!({ "kid": "a" }), world.tick()).await.unwrap();
    world.store.publish_key("a", &json!({ "kid": "other" }), world.tick()).await.unwrap();
    world.store.publish_key("b", &json!({ "kid": "b" }), world.tick()).await.unwrap();
    assert_eq!(world.store.published_keys().await.unwrap(), [json!({ "kid": "b" }), json!({ "kid": "a" })]);
}

porter_testkit::both_engines!(
    World::open;
    a_revoked_certificate_is_told_and_not_sent,
    a_sending_that_was_acknowledged_is_answered_again_after_a_revocation,
    a_revocation_can_be_taken_back_for_a_month,
    of_many_who_revoke_one_does,
    of_many_completions_one_certificate_is_issued,
    keys_stay_published,
);
