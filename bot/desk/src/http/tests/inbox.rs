use axum::http::Method;
use porter_actions::ActionName;
use porter_kernel::ids::Ids as _;
use serde_json::Value;

use super::{Chat, Site};
use crate::domain::{ConversationId, Role, StaffId};
use crate::store::NewStaff;
use crate::testing::{ANNA, TOKEN_LIFE, wants};

/// The case of a conversation as an agent sees it.
async fn case(site: &Site, chat: &Chat) -> Value {
    case_of(site, chat.id()).await
}

pub(super) async fn case_of(site: &Site, conversation: ConversationId) -> Value {
    let (store, now) = (&site.world.store, site.world.now());
    let id = StaffId(site.world.uuid());
    let email = format!("{id}@northlight.example");
    let agent = NewStaff { id, email, name: "Mina".to_owned(), role: Role::Agent, password_hash: String::new() };
    store.create_staff(&agent, now).await.unwrap();
    let session = site.world.ids.token();
    store.create_session(&session.hash(), id, now, now + TOKEN_LIFE).await.unwrap();
    let ticket = store.open_ticket(conversation).await.unwrap().expect("a ticket");
    let cookie = format!("porter_staff={}", session.reveal());
    site.call(Method::GET, &format!("/api/v1/inbox/tickets/{ticket}"), &[("cookie", &cookie)], "").await.ok()
}

#[tokio::test]
async fn an_agent_sees_who_it_is_and_what_was_done() {
    let site = Site::open().await;
    site.world.lms.sign_in("anna", ANNA, "Anna Berg");
    site.world.lms.award(ANNA, &["Welding"]);
    let chat = site.begin(Some("anna")).await;
    site.world.reader.says(wants(ActionName::CertificateResend));
    site.say(&chat, Some("anna"), "my certificate, please").await.ok();
    assert!(site.world.answer().await);
    site.chat(&chat, Method::POST, "/handoff", Some("anna"), "{}").await.ok();

    let case = case(&site, &chat).await;
    assert_eq!(case["student"], serde_json::json!({ "name": "Anna Berg", "verified": true }));
    let receipts = case["receipts"].as_array().unwrap();
    assert_eq!(receipts.len(), 1);
    assert_eq!((receipts[0]["action"].as_str(), receipts[0]["state"].as_str()), (Some("certificate_resend"), Some("done")));
    let card = &case["messages"][2]["card"];
    assert_eq!((card["kind"].as_str(), &card["receipt"]["id"]), (Some("receipt"), &receipts[0]["outcome"]["receipt"]["id"]));
    assert!(!case.to_string().contains("\"identity"), "{case}");
}

#[tokio::test]
async fn of_a_stranger_nothing_is_vouched_for() {
    let site = Site::open().await;
    let chat = site.begin(None).await;
    site.chat(&chat, Method::POST, "/handoff", None, "{}").await.ok();
    let case = case(&site, &chat).await;
    assert_eq!((&case["student"], &case["receipts"]), (&Value::Null, &serde_json::json!([])));
}

#[tokio::test]
async fn every_page_is_rendered_with_and_without_an_academy() {
    let site = Site::open().await;
    for path in ["/", "/widget"] {
        let page = site.call(Method::GET, path, &[], "").await;
        assert_eq!(page.status, 200);
        assert!(page.text.contains("Northlight"), "{path}");
    }
}
