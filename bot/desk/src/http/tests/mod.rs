//! The desk over HTTP, with an LMS in memory.

mod cards;
mod evals;
mod identity;
mod inbox;
mod letters;
mod tickets;

use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Method, Request};
use serde_json::Value;
use tower::ServiceExt as _;

use crate::testing::World;

/// A desk behind its routes.
struct Site {
    world: World,
    routes: Router,
}

/// What came back.
#[derive(Debug)]
struct Reply {
    status: u16,
    headers: HeaderMap,
    /// The body as it was sent.
    text: String,
}

impl Reply {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    fn ok(&self) -> Value {
        assert!((200..300).contains(&self.status), "{} {}", self.status, self.text);
        self.json()
    }
}

/// A conversation as the widget knows it.
#[derive(Debug, Clone)]
struct Chat {
    id: String,
    token: String,
}

impl Chat {
    fn path(&self, rest: &str) -> String {
        format!("/api/v1/conversations/{}{rest}", self.id)
    }

    fn id(&self) -> crate::domain::ConversationId {
        self.id.parse().unwrap()
    }
}

impl Site {
    async fn open() -> Self {
        let world = World::open().await;
        let (routes, _) = super::router(&world.desk);
        Self { world, routes }
    }

    async fn request(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> axum::response::Response {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(body.into()).unwrap();
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 4_000))));
        self.routes.clone().oneshot(request).await.unwrap()
    }

    async fn call(&self, method: Method, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        let mut headers = headers.to_vec();
        if !body.is_empty() {
            headers.push(("content-type", "application/json"));
        }
        let response = self.request(method, path, &headers, body.to_owned()).await;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = axum::body::to_bytes(response.into_body(), 10_000_000).await.unwrap();
        Reply { status, headers, text: String::from_utf8(bytes.to_vec()).unwrap() }
    }

    /// A call about a conversation, by its token and whoever is signed in.
    async fn chat(&self, chat: &Chat, method: Method, rest: &str, identity: Option<&str>, body: &str) -> Reply {
        let bearer = format!("Bearer {}", chat.token);
        let mut headers = vec![("authorization", bearer.as_str())];
        headers.extend(identity.map(|token| ("porter-identity", token)));
        self.call(method, &chat.path(rest), &headers, body).await
    }

    async fn begin(&self, identity: Option<&str>) -> Chat {
        let headers: Vec<_> = identity.map(|token| ("porter-identity", token)).into_iter().collect();
        let created = self.call(Method::POST, "/api/v1/conversations", &headers, "").await.ok();
        Chat { id: created["id"].as_str().unwrap().to_owned(), token: created["token"].as_str().unwrap().to_owned() }
    }

    async fn show(&self, chat: &Chat, identity: Option<&str>) -> Reply {
        self.chat(chat, Method::GET, "", identity, "").await
    }

    async fn say(&self, chat: &Chat, identity: Option<&str>, text: &str) -> Reply {
        let body = serde_json::json!({ "client_id": self.world.uuid(), "text": text }).to_string();
        self.chat(chat, Method::POST, "/messages", identity, &body).await
    }

    async fn answer_card(&self, chat: &Chat, seq: i64, identity: Option<&str>, body: &str) -> Reply {
        self.chat(chat, Method::POST, &format!("/cards/{seq}"), identity, body).await
    }

    async fn newest(&self, chat: &Chat) -> crate::domain::Message {
        self.world.last(chat.id()).await
    }
}
