//! What operators and programs rely on.

use std::collections::BTreeSet;

use reqwest::Method;

use crate::harness::{Agent, Answer, Home, Porter, Student, client, get};

#[tokio::test(flavor = "multi_thread")]
async fn the_api_is_described_measured_and_refuses_in_one_form() {
    let home = Home::seeded();
    let porter = Porter::start(&home);
    let at = |path: &str| format!("{}{path}", porter.base);

    let description = get(&at("/openapi.json")).await.is(200).json();
    assert!(description["openapi"].as_str().is_some_and(|version| version.starts_with("3.")));
    for path in [
        "/api/v1/conversations",
        "/api/v1/conversations/{id}/messages",
        "/api/v1/conversations/{id}/handoff",
        "/api/v1/conversations/{id}/events",
        "/api/v1/inbox/tickets",
        "/api/v1/inbox/tickets/{id}/claim",
        "/api/v1/inbox/tickets/{id}/reply",
        "/api/v1/knowledge/search",
        "/api/v1/knowledge/sources/{source}",
    ] {
        assert!(description["paths"][path].is_object(), "{path} is not described");
    }

    get(&at("/healthz")).await.is(200);
    assert_eq!(get(&at("/readyz")).await.is(200).json()["status"], "ready");
    let student = Student::begin(&porter.base).await;
    student.ask("how do i get my certificate as pdf?").await;
    let metrics = get(&at("/metrics")).await.is(200).text;
    for series in ["porter_conversations_total", "porter_turns_total", "http_"] {
        assert!(metrics.lines().any(|line| line.starts_with(series)), "no {series}:\n{metrics}");
    }
    assert!(!metrics.contains(&student.id), "ids of conversations are no labels");

    get(&at("/api/v1/nothing/here")).await.is_problem(404);
    Answer::to(client().delete(at("/api/v1/conversations"))).await.is(405);
    let other = Student::begin(&porter.base).await;
    let mixed = Student { token: other.token, ..student };
    Answer::to(mixed.signed(client().get(mixed.address("")))).await.is_problem(404);
    Answer::to(mixed.signed(client().post(mixed.address("/handoff")))).await.is_problem(404);
    Answer::to(mixed.signed(client().get(mixed.address("/events")))).await.is_problem(404);
    porter.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_inbox_and_the_operators_api_are_closed_to_strangers() {
    let home = Home::seeded();
    let porter = Porter::start(&home);
    let stranger = Agent { base: porter.base.clone(), cookie: "porter_staff=x".to_owned() };
    let agent = Agent::sign_in(&porter).await;
    let nobody = "/tickets/00000000-0000-7000-8000-000000000000";
    Answer::to(stranger.request(Method::GET, "/tickets?view=queue")).await.is_problem(401);
    Answer::to(stranger.request(Method::GET, nobody)).await.is_problem(401);
    Answer::to(stranger.request(Method::GET, "/events")).await.is_problem(401);
    stranger.act("00000000-0000-7000-8000-000000000000", "claim").await.is_problem(401);
    // A form of another site sends the cookie, but not the header.
    Answer::to(agent.request(Method::POST, &format!("{nobody}/claim"))).await.is_problem(403);
    agent.act("00000000-0000-7000-8000-000000000000", "claim").await.is_problem(404);
    Answer::to(agent.request(Method::GET, "/tickets?view=everything")).await.is_problem(400);
    let page = Answer::to(client().get(format!("{}/inbox", porter.base))).await.is(303);
    assert_eq!(page.header("location"), "/inbox/sign-in");

    let address = |path: &str| format!("{}/api/v1/knowledge{path}", porter.base);
    Answer::to(client().get(address("/search?q=x"))).await.is_problem(401);
    let ingest = client().put(address("/sources/mine")).header("cookie", &agent.cookie).json(&serde_json::json!([]));
    Answer::to(ingest).await.is_problem(401);

    // After signing out the cookie opens nothing.
    Answer::to(client().post(format!("{}/inbox/sign-out", porter.base)).header("cookie", &agent.cookie)).await.is(303);
    Answer::to(agent.request(Method::GET, "/tickets?view=queue")).await.is_problem(401);
    porter.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_and_their_parts_are_served_whole() {
    let home = Home::seeded();
    let porter = Porter::start(&home);
    let at = |path: &str| format!("{}{path}", porter.base);
    let mut parts = BTreeSet::from(["/widget.js".to_owned()]);
    for page in ["/", "/help", "/widget", "/inbox/sign-in"] {
        let page = get(&at(page)).await.is(200);
        assert!(page.header("content-type").starts_with("text/html"));
        assert!(page.header("content-security-policy").contains("default-src 'self'"));
        parts.extend(page.text.split('"').filter(|part| part.starts_with("/assets/")).map(str::to_owned));
    }
    for part in &parts {
        let kind = match part.rsplit('.').next() {
            Some("js") => "text/javascript",
            Some("css") => "text/css",
            Some("svg") => "image/svg+xml",
            _ => panic!("{part} has no known form"),
        };
        let part = get(&at(part)).await.is(200);
        assert!(part.header("content-type").starts_with(kind), "{part:?}");
    }
    get(&at("/assets/nothing.js")).await.is_problem(404);

    let index = get(&at("/help")).await.text;
    let slugs: BTreeSet<&str> = index.split("href=\"/help/").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(slugs.len() >= 60, "{} articles", slugs.len());
    for slug in slugs {
        let page = get(&at(&format!("/help/{slug}"))).await.is(200).text;
        assert!(!page.contains("{{") && !page.contains("}}"), "{slug} has an unresolved placeholder");
        assert!(page.contains("<h1>"), "{slug} has no title");
        for link in
            page.split("href=\"/help/").skip(1).filter_map(|rest| rest.split(['"', '#']).next()).filter(|link| !link.is_empty())
        {
            assert!(index.contains(&format!("\"/help/{link}\"")), "{slug} leads to /help/{link}, which is not there");
        }
    }
    let found = get(&at("/help?q=refund")).await.is(200).text;
    assert!(found.contains("Results for") && found.to_lowercase().contains("refund"));
    let gone = get(&at("/help/no-such-article")).await.is(404);
    assert!(gone.text.contains("does not exist"));
    let script = get(&at("/help?q=%3Cscript%3Ealert(1)%3C/script%3E")).await.is(200).text;
    assert!(!script.contains("<script>alert"), "the question is not escaped");
    porter.stop();
}
