//! The API that the support desk uses.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use porter_kernel::clock::Clock as _;
use serde_json::json;
use uuid::Uuid;

use crate::testing::{ANNA, ANNAS, Answer, BRUNO, BRUNOS, CERTIFICATE, SERVICE, TITLE, World};
use crate::tokens::{Identity, SigningKey};

async fn get(world: &World, path: &str, identity: &str) -> Answer {
    world.call(world.support("GET", path).header("porter-identity", identity).body(Body::empty()).unwrap()).await
}

async fn post(world: &World, path: &str, identity: &str, key: Uuid) -> Answer {
    let request = world.support("POST", path).header("porter-identity", identity).header("idempotency-key", key.to_string());
    world.call(request.body(Body::empty()).unwrap()).await
}

async fn reset(world: &World, address: &str, key: Uuid) -> Answer {
    let request = world
        .support("POST", "/password-resets")
        .header("idempotency-key", key.to_string())
        .header("content-type", "application/json");
    world.call(request.body(Body::from(json!({ "address": address }).to_string())).unwrap()).await
}

fn key(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

#[tokio::test]
async fn nothing_is_answered_without_the_service_token() {
    let world = World::new().await;
    let identity = world.identity(&world.sign_in(ANNAS).await).await;
    let paths = [
        ("GET", "/identity".to_owned()),
        ("GET", "/policy".to_owned()),
        ("POST", "/password-resets".to_owned()),
        ("POST", "/me/password-reset".to_owned()),
        ("GET", "/me/certificates".to_owned()),
        ("POST", format!("/me/certificates/{CERTIFICATE}/resend")),
        ("GET", "/me/diagnosis/certificate".to_owned()),
    ];
    for (method, path) in &paths {
        for token in [
            None,
            Some(String::new()),
            Some("Bearer wrong".to_owned()),
            Some(SERVICE.to_owned()),
            Some(format!("bearer {SERVICE}")),
            Some(format!("Bearer {SERVICE} ")),
        ] {
            let mut request = Request::builder().method(*method).uri(format!("/support/v1{path}"));
            request = request
                .header("porter-identity", &identity)
                .header("idempotency-key", key(1).to_string())
                .header("content-type", "application/json");
            if let Some(token) = &token {
                request = request.header("authorization", token);
            }
            let answer = world.call(request.body(Body::from(json!({ "address": ANNAS }).to_string())).unwrap()).await;
            assert_eq!(answer.status, 401, "{method} {path} {token:?}");
            assert_eq!(answer.json()["type"], "urn:porter:problem:unauthorized");
        }
        let twice = world.support(method, path).header("authorization", format!("Bearer {SERVICE}"));
        assert_eq!(world.call(twice.body(Body::empty()).unwrap()).await.status, 401);
    }
    assert!(world.work().await.is_empty());
}

#[tokio::test]
async fn an_identity_is_whose_it_is_while_its_session_lives() {
    let world = World::new().await;
    let cookie = world.sign_in(ANNAS).await;
    let identity = world.identity(&cookie).await;
    let answer = get(&world, "/identity", &identity).await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.json(),
        json!({ "learner_id": ANNA, "name": "Anna <i>Keller</i>", "role": "learner", "expires_at": "2026-11-24T10:15:00Z" })
    );
    world.post("/sign-out", &cookie, "").await;
    let signed_out = get(&world, "/identity", &identity).await;
    assert_eq!((signed_out.status.as_u16(), signed_out.json()["type"].as_str().unwrap()), (401, "urn:porter:problem:signed-out"));
}

#[tokio::test]
async fn an_identity_that_is_forged_run_out_or_missing_is_nobodys() {
    let world = World::new().await;
    let cookie = world.sign_in(ANNAS).await;
    let token = world.identity(&cookie).await;
    let session = world.parts.key.verify(&token, world.clock.now()).unwrap().session;
    let forged = |account, session, key: SigningKey| {
        key.sign(&Identity { account, session, expires_at: world.clock.now() + Duration::from_mins(5), id: Uuid::nil() })
    };
    let own = world.parts.key.clone();
    for identity in [
        String::new(),
        "x".to_owned(),
        // Another account in Anna's session, a session that never was, another key.
        forged(BRUNO, session, own.clone()),
        forged(ANNA, Uuid::from_u128(1), own),
        forged(ANNA, session, SigningKey::from_bytes([8; 32])),
    ] {
        assert_eq!(get(&world, "/identity", &identity).await.status, 401, "{identity}");
        assert_eq!(get(&world, "/me/certificates", &identity).await.status, 401);
        assert_eq!(post(&world, "/me/password-reset", &identity, key(1)).await.status, 401);
    }
    let missing = world.call(world.support("GET", "/identity").body(Body::empty()).unwrap()).await;
    assert_eq!(missing.status, 401);
    let twice = world.support("GET", "/identity").header("porter-identity", &token).header("porter-identity", &token);
    assert_eq!(world.call(twice.body(Body::empty()).unwrap()).await.status, 401);
    assert_eq!(get(&world, "/identity", &token).await.status, 200);
    world.clock.advance(Duration::from_mins(15));
    assert_eq!(get(&world, "/identity", &token).await.status, 401);
    assert!(world.work().await.is_empty());
}

#[tokio::test]
async fn a_reset_by_address_says_nothing_of_accounts() {
    let world = World::new().await;
    let known = reset(&world, ANNAS, key(1)).await;
    let unknown = reset(&world, "nobody@learner.example", key(2)).await;
    assert_eq!(known.status, 202);
    assert_eq!(known.text(), r#"{"link_minutes":30}"#);
    assert_eq!((known.status, &known.body, &known.headers), (unknown.status, &unknown.body, &unknown.headers));
    let depth = world.jobs.depth().await.unwrap();
    assert_eq!(depth.iter().map(|kind| kind.waiting).sum::<i64>(), 2, "the same work for both");
    for _ in 0..3 {
        assert_eq!(reset(&world, ANNAS, key(1)).await.body, known.body);
    }
    world.work().await;
    let mails = world.outbox.take();
    assert_eq!((mails.len(), mails[0].to_address.as_str()), (1, ANNAS));
}

#[tokio::test]
async fn a_signed_in_person_gets_a_link_once_for_each_key() {
    let world = World::new().await;
    let identity = world.identity(&world.sign_in(ANNAS).await).await;
    let first = post(&world, "/me/password-reset", &identity, key(1)).await;
    assert_eq!(first.status, 202);
    assert_eq!(first.json(), json!({ "sent_to": "a•••@learner.example", "link_minutes": 30, "asked_at": "2026-11-24T10:00:00Z" }));
    world.clock.advance(Duration::from_secs(60));
    assert_eq!(post(&world, "/me/password-reset", &identity, key(1)).await.body, first.body);
    let brunos = world.identity(&world.sign_in(BRUNOS).await).await;
    assert_eq!(post(&world, "/me/password-reset", &brunos, key(1)).await.status, 409);
    world.work().await;
    let to: Vec<String> = world.outbox.take().into_iter().map(|mail| mail.to_address).collect();
    assert_eq!(to, [ANNAS]);
}

#[tokio::test]
async fn a_write_needs_one_good_key_and_no_body() {
    let world = World::new().await;
    let identity = world.identity(&world.sign_in(ANNAS).await).await;
    let call = |keys: &[&str], body: &str| {
        let mut request = world.support("POST", "/me/password-reset").header("porter-identity", &identity);
        for key in keys {
            request = request.header("idempotency-key", *key);
        }
        world.call(request.body(Body::from(body.to_owned())).unwrap())
    };
    let good = key(1).to_string();
    assert_eq!(call(&[], "").await.status, 400);
    for keys in [vec![""], vec!["1"], vec![good.as_str(), good.as_str()], vec!["00000000-0000-0000-0000-000000000000"]] {
        assert_eq!(call(&keys, "").await.status, 422, "{keys:?}");
    }
    assert_eq!(call(&[&good], r#"{"address":"eve@evil.example"}"#).await.status, 422);
    assert!(world.work().await.is_empty());
    assert_eq!(call(&[&good], "").await.status, 202);
}

#[tokio::test]
async fn certificates_are_listed_and_sent_again_to_the_address_on_file() {
    let world = World::new().await;
    let identity = world.identity(&world.sign_in(ANNAS).await).await;
    let listed = get(&world, "/me/certificates", &identity).await;
    let certificate = json!({ "id": CERTIFICATE, "course": TITLE, "issued_at": "2026-11-23T10:00:00Z", "code": "NL-7F3K-9QWD" });
    assert_eq!(listed.json(), json!({ "certificates": [certificate] }));
    let path = format!("/me/certificates/{CERTIFICATE}/resend");
    let sent = post(&world, &path, &identity, key(1)).await;
    assert_eq!(sent.status, 202);
    assert_eq!(
        sent.json(),
        json!({ "certificate": certificate, "sent_to": "a•••@learner.example", "asked_at": "2026-11-24T10:00:00Z" })
    );
    world.clock.advance(Duration::from_secs(60));
    assert_eq!(post(&world, &path, &identity, key(1)).await.body, sent.body, "the same key is the same request");
    world.work().await;
    let mails = world.outbox.take();
    assert_eq!((mails.len(), mails[0].to_address.as_str()), (1, ANNAS));
    assert!(mails[0].text.contains("once more") && mails[0].attachments[0].bytes.starts_with(b"%PDF-"));
}

#[tokio::test]
async fn a_strangers_certificate_is_as_none() {
    let world = World::new().await;
    let brunos = world.identity(&world.sign_in(BRUNOS).await).await;
    assert_eq!(get(&world, "/me/certificates", &brunos).await.json(), json!({ "certificates": [] }));
    let strangers = post(&world, &format!("/me/certificates/{CERTIFICATE}/resend"), &brunos, key(1)).await;
    let unknown = post(&world, &format!("/me/certificates/{}/resend", key(9)), &brunos, key(2)).await;
    assert_eq!((strangers.status.as_u16(), &strangers.body, &strangers.headers), (404, &unknown.body, &unknown.headers));
    assert!(world.work().await.is_empty());
}

#[tokio::test]
async fn a_diagnosis_is_of_the_persons_own_facts() {
    let world = World::new().await;
    let brunos = world.identity(&world.sign_in(BRUNOS).await).await;
    for topic in ["certificate", "access", "progress", "charge", "refund"] {
        let answer = get(&world, &format!("/me/diagnosis/{topic}"), &brunos).await;
        assert_eq!(answer.status, 200, "{topic}");
        let findings = answer.json()["findings"].as_array().unwrap().clone();
        assert!(!findings.is_empty(), "{topic}");
        for name in ["about", "reason", "mood", "sentence", "evidence", "remedy", "needs_person"] {
            assert!(findings[0].get(name).is_some(), "{topic} {name}");
        }
        assert!(!answer.text().contains("NL-100001") && !answer.text().contains("Keller"));
    }
    let own = get(&world, "/me/diagnosis/refund?order=NL-100002", &brunos).await;
    assert_eq!(own.json()["findings"][0]["reason"], "refund_requested");
    let strangers = get(&world, "/me/diagnosis/refund?order=NL-100001", &brunos).await;
    let unknown = get(&world, "/me/diagnosis/refund?order=NL-999999", &brunos).await;
    assert_eq!(strangers.json()["findings"].as_array().unwrap().len(), 1);
    assert_eq!(strangers.json()["findings"][0]["reason"], "no_such_order");
    assert_eq!(strangers.text().replace("NL-100001", "#"), unknown.text().replace("NL-999999", "#"));
    assert_eq!(get(&world, "/me/diagnosis/payroll", &brunos).await.status, 404);
    assert_eq!(get(&world, "/me/diagnosis/refund?account=1", &brunos).await.status, 400);
}

#[tokio::test]
async fn the_figures_in_force_are_told_to_the_service() {
    let world = World::new().await;
    let asked = world.support("GET", "/policy").body(Body::empty()).unwrap();
    let answer = world.call(asked).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["facts"]["refund.window_days"], "14");
    assert_eq!(answer.json()["facts"]["academy.name"], "Northlight Academy");
}

#[tokio::test]
async fn the_description_names_every_call() {
    let world = World::new().await;
    let description = serde_json::to_value(crate::http::router(world.parts.clone()).1).unwrap();
    let paths: Vec<&String> = description["paths"].as_object().unwrap().keys().collect();
    assert_eq!(paths.len(), 8, "{paths:?}");
    assert!(paths.iter().all(|path| path.starts_with("/support/v1/")));
    let text = description.to_string();
    assert!(text.contains("Finding") && text.contains("Porter-Identity"));
}
