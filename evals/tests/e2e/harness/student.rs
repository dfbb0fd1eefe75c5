//! A student at the API: what the widget does, without the widget.

use std::sync::atomic::{AtomicU64, Ordering};

use reqwest::RequestBuilder;
use serde_json::{Value, json};

use super::http::{Answer, client};
use super::session::Session;
use super::words::list;
use super::{until, words};

/// Says who is asking, in the academy's words.
pub(crate) const IDENTITY: &str = "porter-identity";

/// One conversation and its key.
#[derive(Debug, Clone)]
pub(crate) struct Student {
    pub(crate) base: String,
    pub(crate) id: String,
    pub(crate) token: String,
    /// What the academy says about who this is; nothing for a visitor.
    pub(crate) identity: Option<String>,
}

impl Student {
    /// Begins a conversation.
    pub(crate) async fn begin(base: &str) -> Self {
        Self::begin_with(base, None).await
    }

    /// Begins a conversation as somebody who is signed in to the academy.
    pub(crate) async fn begin_as(base: &str, session: &Session) -> Self {
        Self::begin_with(base, Some(session.identity().await)).await
    }

    async fn begin_with(base: &str, identity: Option<String>) -> Self {
        let mut request = client().post(format!("{base}/api/v1/conversations"));
        if let Some(identity) = &identity {
            request = request.header(IDENTITY, identity);
        }
        let created = Answer::to(request).await.is(201).json();
        Self { base: base.to_owned(), id: words::text_of(&created["id"]), token: words::text_of(&created["token"]), identity }
    }

    /// The same conversation at a porter that was started anew.
    pub(crate) fn at(&self, base: &str) -> Self {
        Self { base: base.to_owned(), ..self.clone() }
    }

    pub(crate) fn address(&self, rest: &str) -> String {
        format!("{}/api/v1/conversations/{}{rest}", self.base, self.id)
    }

    /// Carries the conversation's token, and who is asking.
    pub(crate) fn signed(&self, request: RequestBuilder) -> RequestBuilder {
        let request = request.bearer_auth(&self.token);
        match &self.identity {
            Some(identity) => request.header(IDENTITY, identity),
            None => request,
        }
    }

    /// Sends a message, whatever comes of it.
    pub(crate) async fn post(&self, text: &str) -> Answer {
        self.post_as(&new_id(), text).await
    }

    pub(crate) async fn post_as(&self, client_id: &str, text: &str) -> Answer {
        let body = json!({ "client_id": client_id, "text": text });
        Answer::to(self.signed(client().post(self.address("/messages"))).json(&body)).await
    }

    /// Sends a message and gives its `seq`.
    pub(crate) async fn say(&self, text: &str) -> i64 {
        self.post(text).await.is(201).json()["seq"].as_i64().expect("a seq")
    }

    pub(crate) async fn show(&self) -> Value {
        Answer::to(self.signed(client().get(self.address("")))).await.is(200).json()
    }

    pub(crate) async fn messages(&self) -> Vec<Value> {
        list(&self.show().await["messages"])
    }

    /// Sends a message and waits for what comes back: an answer, or the announcement of a hand-off.
    pub(crate) async fn ask(&self, text: &str) -> Value {
        let seq = self.say(text).await;
        self.answer_after(seq).await
    }

    /// The first message after `seq` that the student did not write.
    pub(crate) async fn answer_after(&self, seq: i64) -> Value {
        until("an answer", async || {
            let messages = self.messages().await;
            messages.into_iter().find(|message| message["seq"].as_i64() > Some(seq) && message["author"] != "student")
        })
        .await
    }

    /// Sends what a card asks for, whatever comes of it.
    pub(crate) async fn submit(&self, card: i64, body: &Value) -> Answer {
        Answer::to(self.signed(client().post(self.address(&format!("/cards/{card}")))).json(body)).await
    }

    /// Presses the button.
    pub(crate) async fn hand_off(&self) -> Value {
        Answer::to(self.signed(client().post(self.address("/handoff")))).await.is(200).json()
    }
}

/// An id for a message, new in this process.
pub(crate) fn new_id() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    uuid::Uuid::from_u128(u128::from(NEXT.fetch_add(1, Ordering::Relaxed))).to_string()
}
