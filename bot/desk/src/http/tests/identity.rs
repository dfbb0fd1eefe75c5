use std::time::Duration;

use axum::http::Method;
use futures::StreamExt as _;
use porter_actions::ActionName;

use super::{Chat, Site};
use crate::domain::Card;
use crate::testing::{ANNA, BEN, Effect, Health, TOKEN_LIFE, wants};

const ANNAS: Option<&str> = Some("anna");

/// Every way into a conversation, with a body that would be taken.
const DOORS: [(Method, &str, &str); 6] = [
    (Method::GET, "", ""),
    (Method::GET, "/events", ""),
    (Method::POST, "/messages", r#"{"client_id":"00000000-0000-4000-8000-000000000001","text":"hi"}"#),
    (Method::POST, "/handoff", "{}"),
    (Method::POST, "/identity", "{}"),
    (Method::POST, "/cards/1", r#"{"address":"a@b.example"}"#),
];

async fn site() -> Site {
    let site = Site::open().await;
    site.world.lms.sign_in("anna", ANNA, "Anna Berg");
    site.world.lms.sign_in("ben", BEN, "Ben Ode");
    site
}

#[tokio::test]
async fn a_conversation_begun_by_somebody_who_is_signed_in_is_theirs_at_once() {
    let site = site().await;
    let (own, nobodys) = (site.begin(ANNAS).await, site.begin(None).await);
    assert_eq!(site.show(&own, ANNAS).await.ok()["signed_in_as"], "Anna Berg");
    assert_eq!(site.show(&nobodys, None).await.ok()["signed_in_as"], serde_json::Value::Null);
    // What nobody vouches for is nobody.
    let refused = site.begin(Some("forged")).await;
    assert_eq!(site.show(&refused, None).await.status, 200);
}

#[tokio::test]
async fn it_is_shut_to_everybody_else_at_every_door() {
    let site = site().await;
    let own = site.begin(ANNAS).await;
    for (method, rest, body) in DOORS {
        for identity in [None, Some("ben"), Some("forged"), Some("not a token")] {
            let reply = site.chat(&own, method.clone(), rest, identity, body).await;
            assert_eq!(reply.status, 401, "{method} {rest} as {identity:?}: {}", reply.text);
        }
    }
    // Two headers are none, whatever is in them.
    let bearer = format!("Bearer {}", own.token);
    let both = [("authorization", bearer.as_str()), ("porter-identity", "ben"), ("porter-identity", "anna")];
    assert_eq!(site.call(Method::GET, &own.path(""), &both, "").await.status, 401);
    assert_eq!(site.show(&own, ANNAS).await.ok()["messages"].as_array().unwrap().len(), 1, "nobody has written");
    assert_eq!(site.world.store.learner_of(own.id()).await.unwrap(), Some(ANNA));
}

#[tokio::test]
async fn the_conversations_own_token_is_needed_too() {
    let site = site().await;
    let own = site.begin(ANNAS).await;
    let stolen = Chat { token: site.begin(None).await.token, ..own };
    assert_eq!(site.show(&stolen, ANNAS).await.status, 404);
    let reply = site.call(Method::GET, &stolen.path(""), &[("porter-identity", "anna")], "").await;
    assert_eq!(reply.status, 401);
}

#[tokio::test]
async fn a_look_claims_nothing_and_a_message_does() {
    let site = site().await;
    let chat = site.begin(None).await;
    assert_eq!(site.show(&chat, ANNAS).await.status, 200);
    assert_eq!(site.show(&chat, Some("ben")).await.status, 200);
    assert_eq!(site.say(&chat, ANNAS, "hello").await.status, 201);
    assert_eq!(site.show(&chat, Some("ben")).await.status, 401);
    assert_eq!(site.show(&chat, None).await.status, 401);
    assert_eq!(site.show(&chat, ANNAS).await.status, 200);
}

#[tokio::test]
async fn a_fresh_token_of_the_same_person_is_kept_and_an_old_one_is_forgotten() {
    let site = site().await;
    let chat = site.begin(ANNAS).await;
    site.world.clock.advance(Duration::from_secs(600));
    site.world.lms.sign_in("anna-2", ANNA, "Anna Berg");
    assert_eq!(site.show(&chat, Some("anna-2")).await.status, 200);
    assert_eq!(site.world.store.forget_identities(site.world.now() + Duration::from_secs(400)).await.unwrap(), 0);
    assert_eq!(site.world.store.forget_identities(site.world.now() + TOKEN_LIFE).await.unwrap(), 1);
    assert_eq!(site.show(&chat, Some("anna-2")).await.status, 200, "the person is still there");
}

#[tokio::test]
async fn no_answer_holds_the_identity() {
    let site = Site::open().await;
    site.world.lms.sign_in("k3y-of-anna", ANNA, "Anna Berg");
    let chat = site.begin(Some("k3y-of-anna")).await;
    for reply in [
        site.show(&chat, Some("k3y-of-anna")).await,
        site.chat(&chat, Method::POST, "/identity", Some("k3y-of-anna"), "{}").await,
        site.say(&chat, Some("k3y-of-anna"), "hi").await,
    ] {
        assert!(reply.status < 300 && !reply.text.contains("k3y"), "{}", reply.text);
        assert!(!reply.text.contains(&ANNA.to_string()), "{}", reply.text);
    }
}

#[tokio::test]
async fn after_the_sign_in_the_turn_goes_on_by_itself() {
    let site = site().await;
    let [certificate] = site.world.lms.award(ANNA, &["Welding"])[..] else { panic!("one certificate") };
    let chat = site.begin(None).await;
    site.world.reader.says(wants(ActionName::CertificateResend));
    site.say(&chat, None, "my certificate, please").await.ok();
    assert!(site.world.answer().await);
    assert_eq!(site.newest(&chat).await.card, Some(Card::SignIn));
    assert!(!site.world.answer().await, "it waits for the sign-in");

    let shown = site.chat(&chat, Method::POST, "/identity", ANNAS, "{}").await.ok();
    assert_eq!(shown["signed_in_as"], "Anna Berg");
    assert!(site.world.answer().await);
    assert!(matches!(site.newest(&chat).await.card, Some(Card::Receipt { .. })));
    // Saying again who it is has no second effect.
    site.chat(&chat, Method::POST, "/identity", ANNAS, "{}").await.ok();
    assert!(!site.world.answer().await);
    assert_eq!(site.world.lms.effects(), [Effect::Certificate(ANNA, certificate)]);
}

#[tokio::test]
async fn to_say_who_it_is_needs_somebody_to_be_there() {
    let site = site().await;
    let chat = site.begin(None).await;
    for identity in [None, Some("forged")] {
        assert_eq!(site.chat(&chat, Method::POST, "/identity", identity, "{}").await.status, 401);
        assert_eq!(site.show(&chat, identity).await.status, 200, "it stays what it was: nobody's");
    }
}

#[tokio::test]
async fn with_the_lms_down_a_stranger_can_go_on_and_so_can_who_was_just_vouched_for() {
    let site = site().await;
    let (own, nobodys) = (site.begin(ANNAS).await, site.begin(None).await);
    site.world.clock.advance(Duration::from_secs(60));
    site.world.lms.set(Health::Down);

    assert_eq!(site.say(&nobodys, Some("ben"), "hello").await.status, 201);
    assert_eq!(site.world.store.learner_of(nobodys.id()).await.unwrap(), None);
    let reply = site.chat(&nobodys, Method::POST, "/identity", Some("ben"), "{}").await;
    assert_eq!((reply.status, &reply.headers["retry-after"]), (503, &"5".parse().unwrap()));

    // The token that was vouched for still opens the conversation, until it runs out: a person can be reached.
    assert_eq!(site.say(&own, ANNAS, "hello").await.status, 201);
    assert_eq!(site.chat(&own, Method::POST, "/handoff", ANNAS, "{}").await.status, 200);
    let reply = site.show(&own, Some("another")).await;
    assert_eq!((reply.status, &reply.headers["retry-after"]), (503, &"5".parse().unwrap()));
    assert_eq!(site.show(&own, None).await.status, 401);
    site.world.clock.advance(TOKEN_LIFE);
    assert_eq!(site.show(&own, ANNAS).await.status, 503);
}

#[tokio::test]
async fn who_signed_out_cannot_read_on() {
    let site = site().await;
    let own = site.begin(ANNAS).await;
    site.world.lms.sign_out("anna");
    // The LMS's word is good for half a minute.
    site.world.clock.advance(Duration::from_secs(31));
    assert_eq!(site.show(&own, ANNAS).await.status, 401);
}

#[tokio::test]
async fn a_flood_of_identities_is_slowed_down() {
    let site = site().await;
    let chat = site.begin(None).await;
    let mut last = 0;
    for _ in 0..121 {
        last = site.show(&chat, Some("forged")).await.status;
    }
    assert_eq!(last, 429);
    assert_eq!(site.show(&chat, None).await.status, 200);
}

/// Reads the stream to its end, or until it shows `until`.
async fn read(site: &Site, chat: &Chat, identity: Option<&str>) -> axum::body::BodyDataStream {
    let bearer = format!("Bearer {}", chat.token);
    let mut headers = vec![("authorization", bearer.as_str())];
    headers.extend(identity.map(|token| ("porter-identity", token)));
    let response = site.request(Method::GET, &chat.path("/events?after=0"), &headers, "").await;
    assert_eq!(response.status(), 200);
    response.into_body().into_data_stream()
}

async fn next(stream: &mut axum::body::BodyDataStream) -> Option<String> {
    let bytes = tokio::time::timeout(Duration::from_secs(60), stream.next()).await.expect("an event or the end")?;
    Some(String::from_utf8(bytes.unwrap().to_vec()).unwrap())
}

#[tokio::test]
async fn a_stream_opened_for_nobody_ends_when_the_conversation_becomes_somebodys() {
    let site = site().await;
    let chat = site.begin(None).await;
    let mut stream = read(&site, &chat, None).await;
    let greeting = next(&mut stream).await.unwrap();
    assert!(greeting.contains("\"card\":null"), "{greeting}");
    assert!(next(&mut stream).await.unwrap().contains("event: state"));
    site.chat(&chat, Method::POST, "/identity", ANNAS, "{}").await.ok();
    let mut rest = String::new();
    while let Some(event) = next(&mut stream).await {
        rest.push_str(&event);
    }
    assert!(!rest.contains("event: message"), "{rest}");
    let mut own = read(&site, &chat, ANNAS).await;
    assert!(next(&mut own).await.unwrap().contains("event: message"));
}

#[tokio::test]
async fn a_stream_ends_when_it_has_to_be_asked_again_who_it_is_for() {
    let site = site().await;
    let chat = site.begin(ANNAS).await;
    let mut stream = read(&site, &chat, ANNAS).await;
    assert!(next(&mut stream).await.unwrap().contains("event: message"));
    site.world.clock.advance(TOKEN_LIFE);
    site.world.desk.live.tell(chat.id(), crate::ConversationEvent::Changed);
    while let Some(event) = next(&mut stream).await {
        assert!(!event.contains("event: message"), "{event}");
    }
}
