//! Tickets of other systems over HTTP.

use std::sync::Arc;

use axum::http::Method;
use porter_triage::{Decision, Intent, Urgency};
use serde_json::{Value, json};

use super::letters::answerable;
use super::{Reply, Site};
use crate::testing::{API_KEY, Posted, reading};

impl Site {
    async fn file(&self, key: u128, body: &Value) -> Reply {
        let (key, bearer) = (uuid::Uuid::from_u128(key).to_string(), format!("Bearer {API_KEY}"));
        self.call(Method::POST, "/api/v1/tickets", &[("idempotency-key", &key), ("authorization", &bearer)], &body.to_string())
            .await
    }

    async fn ticket(&self, id: &str) -> Reply {
        let bearer = format!("Bearer {API_KEY}");
        self.call(Method::GET, &format!("/api/v1/tickets/{id}"), &[("authorization", &bearer)], "").await
    }
}

#[tokio::test]
async fn another_system_files_a_ticket_and_sees_what_becomes_of_it() {
    let (site, posted) = (Site::open().await, Arc::new(Posted::default()));
    let body = json!({ "subject": "Certificate", "text": "Is it real?", "email": "anna@learners.example", "name": "Anna", "language": "en" });
    let filed = site.file(1, &body).await;
    assert_eq!((filed.status, filed.json()["state"].as_str()), (201, Some("received")));
    let id = filed.json()["id"].as_str().unwrap().to_owned();
    let again = site.file(1, &body).await;
    assert_eq!((again.status, again.json()["id"].as_str()), (200, Some(id.as_str())));
    assert_eq!(site.file(1, &json!({ "text": "Something else" })).await.status, 409);

    site.world.reader.says(answerable());
    assert!(site.world.answer().await);
    let answered = site.ticket(&id).await.ok();
    assert_eq!((answered["state"].as_str(), answered["answer"].as_str()), (Some("answered"), Some("Open the page.")));
    assert_eq!(site.world.post(&posted).await, 1);
    assert_eq!(posted.mails()[0].to_address, "anna@learners.example");

    // Without an address nothing is mailed, and it is the same otherwise.
    let silent = site.file(2, &json!({ "text": "my exam was marked wrong" })).await.ok();
    site.world.reader.says(reading(Intent::GradeDispute, Urgency::Normal, Decision::Escalate, None));
    assert!(site.world.answer().await);
    assert_eq!(site.world.post(&posted).await, 0);
    let id = silent["id"].as_str().unwrap();
    let queued = site.ticket(id).await.ok();
    assert_eq!((queued["state"].as_str(), &queued["number"], &queued["place"]), (Some("queued"), &json!(1), &json!(1)));
    let (ticket, agent) = site.claims(id.parse().unwrap()).await;
    assert_eq!(site.ticket(id).await.ok()["state"], "claimed");
    site.world.store.agent_reply(ticket, agent, site.world.uuid(), "Three points more.", site.world.now()).await.unwrap();
    site.world.store.resolve(ticket, agent, site.world.now()).await.unwrap();
    let resolved = site.ticket(id).await.ok();
    assert_eq!((resolved["state"].as_str(), resolved["answer"].as_str()), (Some("resolved"), Some("Three points more.")));
}

#[tokio::test]
async fn tickets_are_shut_to_who_has_no_key_and_say_what_is_wrong_with_a_body() {
    let site = Site::open().await;
    let (key, body) = (uuid::Uuid::from_u128(1).to_string(), json!({ "text": "Hello" }).to_string());
    for bearer in ["", "Bearer ", "Bearer nonsense", "Basic abc"] {
        let headers = [("idempotency-key", key.as_str()), ("authorization", bearer)];
        assert_eq!(site.call(Method::POST, "/api/v1/tickets", &headers, &body).await.status, 401, "{bearer}");
        assert_eq!(site.call(Method::GET, &format!("/api/v1/tickets/{key}"), &headers, "").await.status, 401, "{bearer}");
    }
    let bearer = format!("Bearer {API_KEY}");
    assert_eq!(
        site.call(Method::POST, "/api/v1/tickets", &[("authorization", &bearer)], &body).await.status,
        400,
        "no key of its own"
    );
    for wrong in [
        json!({ "text": " \n" }),
        json!({ "text": "x".repeat(20_001) }),
        json!({ "text": "x", "email": "not an address" }),
        json!({ "text": "x", "email": "a@b.example, c@d.example" }),
        json!({ "text": "x", "language": "<script>" }),
        json!({ "text": "x", "subject": "y".repeat(251) }),
        json!({ "text": "x", "bcc": "eve@evil.example" }),
        json!({ "subject": "x" }),
    ] {
        assert_eq!(site.file(9, &wrong).await.status, 422, "{wrong}");
    }
    assert_eq!(site.ticket(&key).await.status, 404);
    // The conversation of a chat is none.
    let chat = site.begin(None).await;
    assert_eq!(site.ticket(&chat.id).await.status, 404);
    assert!(!site.world.answer().await);
}
