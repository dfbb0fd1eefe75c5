use std::time::Duration;

use axum::http::Method;
use porter_actions::ActionName;
use porter_kernel::db::Database;
use serde_json::{Value, json};

use super::{Chat, Site};
use crate::domain::{Author, Card, Holder, Role, StaffId};
use crate::store::NewStaff;
use crate::testing::{ANNA, BEN, Effect, Health, wants};
use crate::texts;

const ANNAS: Option<&str> = Some("anna");
const ADDRESS: &str = "Zanzibar.Person+tag@example.com";

fn address(address: &str) -> String {
    json!({ "address": address }).to_string()
}

/// A stranger who has asked for a link; the form is message 3.
async fn form(site: &Site) -> Chat {
    let chat = site.begin(None).await;
    site.world.reader.says(wants(ActionName::PasswordReset));
    site.say(&chat, None, "I forgot my password").await.ok();
    assert!(site.world.answer().await);
    assert_eq!(site.newest(&chat).await.card, Some(Card::AddressForm));
    chat
}

/// Anna with two certificates and the question which one; the choice is message 3.
async fn choice(site: &Site) -> (Chat, Vec<uuid::Uuid>) {
    site.world.lms.sign_in("anna", ANNA, "Anna Berg");
    let certificates = site.world.lms.award(ANNA, &["Welding", "Yoga"]);
    let chat = site.begin(ANNAS).await;
    site.world.reader.says(wants(ActionName::CertificateResend));
    site.say(&chat, ANNAS, "my certificate, please").await.ok();
    assert!(site.world.answer().await);
    assert!(matches!(site.newest(&chat).await.card, Some(Card::Choice { .. })));
    (chat, certificates)
}

/// All that is stored, as text.
async fn everything_stored(site: &Site) -> String {
    let Database::Sqlite(db) = &site.world.db.db else { unreachable!("these run on SQLite") };
    let tables: Vec<String> = sqlx::query_scalar("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
        .fetch_all(db.read_fresh())
        .await
        .unwrap();
    let mut all = String::new();
    for table in tables {
        let columns: Vec<String> =
            sqlx::query_scalar("SELECT name FROM pragma_table_info($1)").bind(&table).fetch_all(db.read_fresh()).await.unwrap();
        let quoted: Vec<String> = columns.iter().map(|column| format!("quote(\"{column}\")")).collect();
        let sql = format!("SELECT {} FROM \"{table}\"", quoted.join(" || ' ' || "));
        let rows: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_all(db.read_fresh()).await.unwrap();
        all.push_str(&rows.join("\n"));
    }
    all
}

#[tokio::test]
async fn the_form_takes_an_address_to_the_lms_and_nowhere_else() {
    let site = Site::open().await;
    let chat = form(&site).await;
    let notice = site.answer_card(&chat, 3, None, &address(ADDRESS)).await.ok();
    assert_eq!((notice["author"].as_str(), notice["text"].as_str()), (Some("system"), Some(texts::FORM_TAKEN)));
    assert_eq!(notice["card"]["kind"], "receipt");
    assert_eq!(site.world.lms.effects(), [Effect::ResetTo(ADDRESS.to_owned())]);
    assert_eq!(serde_json::to_value(site.newest(&chat).await).unwrap(), notice);

    let stored = everything_stored(&site).await.to_lowercase();
    assert!(stored.contains("forgot my password"), "the search would find it");
    assert!(!stored.contains("zanzibar"), "an address is stored");
    assert!(!notice.to_string().to_lowercase().contains("zanzibar"));
}

#[tokio::test]
async fn every_address_gets_the_same_words() {
    let site = Site::open().await;
    let mut seen: Vec<Value> = Vec::new();
    for address_given in [ADDRESS, "nobody@example.org"] {
        let chat = form(&site).await;
        let mut notice = site.answer_card(&chat, 3, None, &address(address_given)).await.ok();
        // What differs is when it was and the names of the requests, which say nothing.
        for (place, field) in [("/card/receipt", "id"), ("/card/receipt", "done_at"), ("", "client_id"), ("", "created_at")] {
            notice.pointer_mut(place).unwrap()[field] = Value::Null;
        }
        seen.push(notice);
    }
    assert_eq!(seen[0]["card"]["receipt"]["title"], seen[1]["card"]["receipt"]["title"]);
    let (mut one, mut two) = (seen[0].clone(), seen[1].clone());
    // Times as people read them are in the facts.
    for notice in [&mut one, &mut two] {
        notice["card"]["receipt"]["facts"].as_array_mut().unwrap().retain(|fact| !fact["value"].as_str().unwrap().contains("2026"));
    }
    assert_eq!(one, two);
}

#[tokio::test]
async fn a_double_click_a_second_tab_and_a_retry_are_one_effect_and_the_same_message() {
    let site = Site::open().await;
    let chat = form(&site).await;
    let body = address(ADDRESS);
    let replies = futures::future::join_all((0..8).map(|_| site.answer_card(&chat, 3, None, &body))).await;
    for reply in &replies {
        assert_eq!(reply.ok(), replies[0].ok());
    }
    assert_eq!(site.world.lms.effects().len(), 1);
    assert_eq!(site.world.messages(chat.id()).await.len(), 4);
    let shouting = address(&format!("  {}  ", ADDRESS.to_uppercase()));
    for later in [body, shouting] {
        assert_eq!(site.answer_card(&chat, 3, None, &later).await.text, replies[0].text);
    }
    assert_eq!(site.world.lms.effects().len(), 1);
}

#[tokio::test]
async fn another_card_is_another_request() {
    let site = Site::open().await;
    let chat = form(&site).await;
    site.answer_card(&chat, 3, None, &address(ADDRESS)).await.ok();
    site.say(&chat, None, "nothing came").await.ok();
    assert!(site.world.answer().await);
    assert_eq!(site.newest(&chat).await.seq, 6);
    site.answer_card(&chat, 6, None, &address(ADDRESS)).await.ok();
    assert_eq!(site.world.lms.effects().len(), 2);
}

#[tokio::test]
async fn what_is_not_an_answer_to_the_card_is_refused_and_does_nothing() {
    let site = Site::open().await;
    let option = "00000000-0000-4000-8000-000000000001";
    let bodies: Vec<String> = vec![
        json!({ "option": option }).to_string(),
        json!({ "address": ADDRESS, "option": option }).to_string(),
        json!({}).to_string(),
        json!({ "address": null }).to_string(),
        json!({ "address": [ADDRESS] }).to_string(),
        json!({ "address": { "$ne": "" } }).to_string(),
        json!({ "address": ADDRESS, "learner": "11" }).to_string(),
        format!(r#"{{"address":"{ADDRESS}","address":"eve@example.com"}}"#),
        format!(r#"["{ADDRESS}"]"#),
        address("no address"),
        address("a@b\r\nBcc: eve@example.com"),
        address(&format!("{}@example.com", "a".repeat(300))),
        address(""),
        "null".to_owned(),
        "{".to_owned(),
    ];
    for body in bodies {
        let chat = form(&site).await;
        let reply = site.answer_card(&chat, 3, None, &body).await;
        assert!(matches!(reply.status, 400 | 422), "{body}: {} {}", reply.status, reply.text);
        assert_eq!(reply.headers["content-type"], "application/problem+json");
    }
    let chat = form(&site).await;
    for seq in ["1", "2", "4", "0", "-1", &i64::MIN.to_string(), &i64::MAX.to_string()] {
        let reply = site.chat(&chat, Method::POST, &format!("/cards/{seq}"), None, &address(ADDRESS)).await;
        assert_eq!(reply.status, 404, "{seq}: {}", reply.text);
    }
    assert!(site.world.lms.effects().is_empty());
}

#[tokio::test]
async fn a_sign_in_card_takes_no_answer() {
    let site = Site::open().await;
    let chat = site.begin(None).await;
    site.world.reader.says(wants(ActionName::RefundStatus));
    site.say(&chat, None, "my refund?").await.ok();
    assert!(site.world.answer().await);
    let reply = site.answer_card(&chat, 3, None, &address(ADDRESS)).await;
    assert_eq!(reply.status, 422);
}

#[tokio::test]
async fn a_choice_is_carried_out_for_its_person_once() {
    let site = Site::open().await;
    let (chat, certificates) = choice(&site).await;
    let body = json!({ "option": certificates[1] }).to_string();
    let notice = site.answer_card(&chat, 3, ANNAS, &body).await;
    assert_eq!((notice.ok()["text"].as_str(), notice.ok()["card"]["kind"].as_str()), (Some(texts::DONE), Some("receipt")));
    assert_eq!(site.answer_card(&chat, 3, ANNAS, &body).await.text, notice.text);
    assert_eq!(site.world.lms.effects(), [Effect::Certificate(ANNA, certificates[1])]);
    // The other one is another wish.
    site.answer_card(&chat, 3, ANNAS, &json!({ "option": certificates[0] }).to_string()).await.ok();
    assert_eq!(site.world.lms.effects().len(), 2);
}

#[tokio::test]
async fn what_a_choice_does_not_offer_cannot_be_chosen() {
    let site = Site::open().await;
    let (chat, _) = choice(&site).await;
    let [bens] = site.world.lms.award(BEN, &["Glass"])[..] else { panic!("one certificate") };
    for option in [bens, uuid::Uuid::nil()] {
        let reply = site.answer_card(&chat, 3, ANNAS, &json!({ "option": option }).to_string()).await;
        assert_eq!(reply.status, 422, "{}", reply.text);
    }
    assert_eq!(site.answer_card(&chat, 3, ANNAS, &address(ADDRESS)).await.status, 422);
    site.world.lms.sign_in("ben", BEN, "Ben Ode");
    assert_eq!(site.answer_card(&chat, 3, Some("ben"), &json!({ "option": bens }).to_string()).await.status, 401);
    assert!(site.world.lms.effects().is_empty());
}

#[tokio::test]
async fn the_lms_down_means_no_effect_a_person_once_and_a_card_that_still_works() {
    let site = Site::open().await;
    let chat = form(&site).await;
    site.world.lms.set(Health::Down);
    for _ in 0..2 {
        let reply = site.answer_card(&chat, 3, None, &address(ADDRESS)).await;
        assert_eq!(reply.status, 503, "{}", reply.text);
        assert!(reply.headers.contains_key("retry-after"));
    }
    assert_eq!(site.newest(&chat).await.text, texts::HANDED_OFF_UNREACHABLE.replace("{place}", "1"));
    assert_eq!(site.world.messages(chat.id()).await.len(), 4, "one announcement");
    assert!(!everything_stored(&site).await.to_lowercase().contains("zanzibar"));

    site.world.lms.set(Health::Well);
    assert_eq!(site.answer_card(&chat, 3, None, &address(ADDRESS)).await.ok()["card"]["kind"], "receipt");
    assert_eq!(site.world.lms.effects().len(), 1);
    assert_eq!(site.world.store.state(chat.id()).await.unwrap().holder, Holder::Queue);
}

#[tokio::test]
async fn a_lost_answer_is_said_to_be_lost_and_trying_again_finds_it_done() {
    let site = Site::open().await;
    let chat = form(&site).await;
    site.world.lms.set(Health::Deaf);
    let reply = site.answer_card(&chat, 3, None, &address(ADDRESS)).await;
    assert_eq!(reply.status, 503);
    assert_eq!(site.newest(&chat).await.text, texts::HANDED_OFF_UNCLEAR.replace("{place}", "1"));
    site.world.lms.set(Health::Well);
    site.answer_card(&chat, 3, None, &address(ADDRESS)).await.ok();
    assert_eq!(site.world.lms.effects().len(), 1);
}

#[tokio::test]
async fn a_choice_while_the_lms_is_down_goes_to_a_person() {
    let site = Site::open().await;
    let (chat, certificates) = choice(&site).await;
    site.world.clock.advance(Duration::from_secs(60));
    site.world.lms.set(Health::Down);
    let body = json!({ "option": certificates[0] }).to_string();
    assert_eq!(site.answer_card(&chat, 3, ANNAS, &body).await.status, 503);
    assert_eq!(site.world.store.state(chat.id()).await.unwrap().holder, Holder::Queue);
    assert!(site.world.lms.effects().is_empty());
}

#[tokio::test]
async fn too_often_is_said_to_be_too_often() {
    let site = Site::open().await;
    let chat = form(&site).await;
    let budget = ActionName::PasswordReset.spec().budget.per_hour;
    let mut last = 0;
    for number in 0..=budget {
        last = site.answer_card(&chat, 3, None, &address(&format!("person{number}@example.com"))).await.status;
    }
    assert_eq!(last, 429);
    let done = site.world.lms.effects().len();
    assert!(done <= usize::try_from(budget).unwrap() && done > 0, "{done}");
    // One that was done before is shown again all the same.
    assert_eq!(site.answer_card(&chat, 3, None, &address("person0@example.com")).await.status, 200);
}

#[tokio::test]
async fn a_card_works_while_a_person_holds_the_conversation_and_the_bot_stays_silent() {
    let site = Site::open().await;
    let chat = form(&site).await;
    site.chat(&chat, Method::POST, "/handoff", None, "{}").await.ok();
    let (store, now) = (&site.world.store, site.world.now());
    let mina = NewStaff {
        id: StaffId(site.world.uuid()),
        email: "mina@northlight.example".to_owned(),
        name: "Mina".to_owned(),
        role: Role::Agent,
        password_hash: String::new(),
    };
    store.create_staff(&mina, now).await.unwrap();
    let ticket = store.open_ticket(chat.id()).await.unwrap().unwrap();
    store.claim(ticket, mina.id, now).await.unwrap();

    site.answer_card(&chat, 3, None, &address(ADDRESS)).await.ok();
    site.say(&chat, None, "did it work?").await.ok();
    assert!(!site.world.answer().await);
    let messages = site.world.messages(chat.id()).await;
    let after = messages.iter().skip_while(|message| message.text != "Mina joined the conversation.").skip(1);
    let authors: Vec<Author> = after.map(|message| message.author).collect();
    assert_eq!(authors, [Author::System, Author::Student]);
    assert_eq!(store.state(chat.id()).await.unwrap().holder, Holder::Agent);
}

#[tokio::test]
async fn a_flood_of_answers_is_slowed_down() {
    let site = Site::open().await;
    let chat = form(&site).await;
    let mut statuses = Vec::new();
    for _ in 0..11 {
        statuses.push(site.answer_card(&chat, 3, None, "{}").await.status);
    }
    assert_eq!((statuses[9], statuses[10]), (422, 429));
}
