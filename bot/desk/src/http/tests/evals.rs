use axum::http::Method;
use porter_kernel::ids::Ids as _;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Chat, Reply, Site};
use crate::domain::{EvalFigure, EvalRunRow, Role, StaffId, StoredEval};
use crate::store::NewStaff;
use crate::testing::TOKEN_LIFE;

const FORM: &str = "application/x-www-form-urlencoded";

/// The cookie of somebody of the staff.
async fn agent(site: &Site) -> String {
    let (store, now, id) = (&site.world.store, site.world.now(), StaffId(site.world.uuid()));
    let email = format!("{id}@northlight.example");
    let agent = NewStaff { id, email, name: "Mina".to_owned(), role: Role::Agent, password_hash: String::new() };
    store.create_staff(&agent, now).await.unwrap();
    let session = site.world.ids.token();
    store.create_session(&session.hash(), id, now, now + TOKEN_LIFE).await.unwrap();
    format!("porter_staff={}", session.reveal())
}

async fn get(site: &Site, path: &str, cookie: &str) -> Reply {
    site.call(Method::GET, path, &[("cookie", cookie)], "").await
}

async fn post(site: &Site, path: &str, cookie: &str, form: &str) -> Reply {
    let response = site.request(Method::POST, path, &[("cookie", cookie), ("content-type", FORM)], form.to_owned()).await;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let bytes = axum::body::to_bytes(response.into_body(), 10_000_000).await.unwrap();
    Reply { status, headers, text: String::from_utf8(bytes.to_vec()).unwrap() }
}

async fn kept(site: &Site, kind: &str, value: f64, words: &Value) -> Uuid {
    let figure =
        EvalFigure { name: "accuracy".to_owned(), value, interval: None, better: "higher".to_owned(), unit: "share".to_owned() };
    let id = site.world.uuid();
    let created_at = site.world.clock.advance(std::time::Duration::from_secs(60));
    let row = EvalRunRow { id, kind: kind.to_owned(), release: "<1>".to_owned(), created_at, figures: vec![figure] };
    site.world.store.keep_eval_run(&StoredEval { row, run: json!({ "words": words }) }).await.unwrap();
    id
}

/// A conversation with a ticket; its number.
async fn ticket(site: &Site, text: &str) -> (Chat, Uuid) {
    let chat = site.begin(None).await;
    site.say(&chat, None, text).await.ok();
    site.chat(&chat, Method::POST, "/handoff", None, "{}").await.ok();
    let ticket = site.world.store.open_ticket(chat.id()).await.unwrap().expect("a ticket");
    (chat, ticket.0)
}

#[tokio::test]
async fn strangers_see_nothing_of_it() {
    let site = Site::open().await;
    let id = kept(&site, "triage", 0.9, &json!("secret words")).await;
    let paths = [
        "/admin/evals".to_owned(),
        format!("/admin/evals/run?id={id}"),
        format!("/admin/evals/report?id={id}"),
        "/admin/evals/cases".to_owned(),
        "/admin/evals/cases.jsonl".to_owned(),
        format!("/admin/evals/cases/new?ticket={id}"),
    ];
    for path in paths {
        let reply = get(&site, &path, "").await;
        assert_eq!((reply.status, reply.headers["location"].to_str().unwrap()), (303, "/inbox/sign-in"), "{path}");
        assert!(!reply.text.contains("secret"), "{path}");
    }
    for path in ["/admin/evals/cases", "/admin/evals/cases/remove"] {
        let form = format!("ticket={id}&conversation={id}&text=a&intent=safety&decision=escalate&urgency=critical");
        assert_eq!(post(&site, path, "", &form).await.status, 303, "{path}");
    }
    assert!(site.world.store.eval_cases().await.unwrap().is_empty());
}

#[tokio::test]
async fn runs_are_listed_with_their_figures_and_compared_with_the_one_before() {
    let site = Site::open().await;
    let cookie = agent(&site).await;
    assert!(get(&site, "/admin/evals", &cookie).await.text.contains("No eval was run yet"));
    let first = kept(&site, "triage", 0.9, &json!("first")).await;
    let other = kept(&site, "answers", 0.8, &json!("other")).await;
    let second = kept(&site, "triage", 0.95, &json!("second")).await;

    let list = get(&site, "/admin/evals", &cookie).await;
    assert!(
        list.text.contains("Accuracy 95.0 %") && list.text.contains("&#60;1&#62;") && !list.text.contains("<1>"),
        "{}",
        list.text
    );
    assert!(list.text.contains(&format!("/admin/evals/run?id={second}&amp;with={first}")), "{}", list.text);
    let trend = get(&site, "/admin/evals?kind=triage", &cookie).await.text;
    assert!(
        trend.contains("class=\"trend\"") && trend.contains("before: 90.0 %") && !trend.contains(&other.to_string()),
        "{trend}"
    );

    let run = get(&site, &format!("/admin/evals/run?id={second}&with={first}"), &cookie).await;
    assert!(run.text.contains(&format!("src=\"/admin/evals/report?id={second}&amp;with={first}\"")), "{}", run.text);
    let report = get(&site, &format!("/admin/evals/report?id={second}&with={first}"), &cookie).await;
    assert_eq!(report.text, "<p>second since first</p>");
    assert_eq!(report.headers["content-security-policy"], "default-src 'none'; frame-ancestors 'self'; sandbox allow-scripts");
    assert_eq!(get(&site, &format!("/admin/evals/report?id={first}"), &cookie).await.text, "<p>first since ever</p>");

    let unreadable = kept(&site, "triage", 0.5, &json!(3)).await;
    assert_eq!(get(&site, &format!("/admin/evals/report?id={unreadable}"), &cookie).await.status, 422);
    assert_eq!(get(&site, &format!("/admin/evals/run?id={}", site.world.uuid()), &cookie).await.status, 404);
}

#[tokio::test]
async fn an_agent_makes_a_conversation_a_case_and_it_comes_out_as_a_line() {
    let site = Site::open().await;
    let cookie = agent(&site).await;
    let (chat, id) = ticket(&site, "order NL-100205 of anna@x.example <b>is</b> missing").await;
    let form = get(&site, &format!("/admin/evals/cases/new?ticket={id}"), &cookie).await;
    assert!(form.text.contains("order [number] of [address] &#60;b&#62;is"), "{}", form.text);

    let answer =
        format!("ticket={id}&text=order+of+ben%40x.example+is+missing&intent=refund_status&decision=act&urgency=normal&articles=");
    let saved = post(&site, "/admin/evals/cases", &cookie, &answer).await;
    assert_eq!((saved.status, saved.headers["location"].to_str().unwrap()), (303, "/admin/evals/cases"), "{}", saved.text);
    let list = get(&site, "/admin/evals/cases", &cookie).await.text;
    assert!(list.contains("order of [address] is missing") && list.contains("refund_status") && list.contains("by Mina"), "{list}");
    let lines = get(&site, "/admin/evals/cases.jsonl", &cookie).await;
    assert!(lines.headers["content-disposition"].to_str().unwrap().contains("cases.jsonl"));
    let parsed = porter_triage::parse_examples(&lines.text).unwrap();
    assert_eq!((parsed.len(), parsed[0].text.as_str()), (1, "order of [address] is missing"));

    let corrected = post(&site, "/admin/evals/cases", &cookie, &format!("{answer}&purpose=teach")).await;
    assert_eq!(corrected.status, 303, "{}", corrected.text);
    assert_eq!(get(&site, "/admin/evals/cases.jsonl", &cookie).await.text, "", "what is taught checks nothing");
    let taught = get(&site, "/admin/evals/cases.jsonl?purpose=teach", &cookie).await.text;
    assert!(taught.contains("order of [address] is missing"), "{taught}");

    post(&site, "/admin/evals/cases/remove", &cookie, &format!("conversation={}", chat.id)).await;
    assert!(site.world.store.eval_cases().await.unwrap().is_empty());
}

#[tokio::test]
async fn what_cannot_be_a_case_is_refused_and_the_form_keeps_what_was_written() {
    let site = Site::open().await;
    let cookie = agent(&site).await;
    let (_, id) = ticket(&site, "help").await;
    for (answer, words) in [
        ("text=kept&intent=smalltalk&decision=act&urgency=low&articles=", "Nothing can be done at once"),
        ("text=kept&intent=nonsense&decision=act&urgency=low&articles=", "Choose a subject"),
        ("text=kept&intent=safety&decision=escalate&urgency=low&articles=&purpose=both", "Choose what the conversation is for"),
        ("text=+&intent=safety&decision=escalate&urgency=low&articles=", "between 1 and 4,000"),
        ("text=kept&intent=safety&decision=escalate&urgency=low&articles=no-such-article", "does not exist"),
    ] {
        let reply = post(&site, "/admin/evals/cases", &cookie, &format!("ticket={id}&{answer}")).await;
        assert!(reply.status == 422 && reply.text.contains(words), "{} {}", reply.status, reply.text);
        assert!(answer.starts_with("text=+") || reply.text.contains(">kept</textarea>"), "{}", reply.text);
    }
    assert!(site.world.store.eval_cases().await.unwrap().is_empty());
}
