//! Somebody at the widget: says, presses and fills in what the dialogue has them do, over the desk's real HTTP API.

use std::time::{Duration, Instant};

use porter_evals::{Chance, Dialogue, Step};
use porter_kernel::clock::{Clock as _, Timestamp};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use super::faults::Fault;
use super::world::{SignedIn, World};
use crate::error::PorterError;

/// As often as the widget tries again when the desk says that a part is down.
const TRIES: usize = 3;
/// Longer than a worker's lease: another may take a killed one's turn.
const PAST_LEASE: Duration = Duration::from_secs(60);
/// How long the widget keeps an identity: less than it lives.
const KEPT: Duration = Duration::from_secs(10 * 60);

/// A visit, step by step.
pub(super) struct Visitor<'a> {
    world: &'a World,
    client: &'a Client,
    chance: Chance,
    who: Option<SignedIn>,
    /// What vouches for that person, and until when the widget shows it.
    identity: Option<(String, Timestamp)>,
    id: String,
    token: String,
    pub(super) stuck: Option<String>,
    pub(super) milliseconds: Vec<f64>,
    /// What was done and what came of it, for the trace.
    pub(super) log: Vec<Value>,
    /// Messages up to here are in the log.
    seen: i64,
}

struct Reply {
    status: StatusCode,
    body: Value,
}

impl<'a> Visitor<'a> {
    /// Opens a conversation as whoever is signed in.
    pub(super) async fn arrive(
        world: &'a World,
        client: &'a Client,
        chance: Chance,
        dialogue: &Dialogue,
    ) -> Result<Self, PorterError> {
        let who = match &dialogue.person {
            Some(email) => Some(signed_in(world, email).await?),
            None => None,
        };
        let mut visitor = Self {
            world,
            client,
            chance,
            who,
            identity: None,
            id: String::new(),
            token: String::new(),
            stuck: None,
            milliseconds: Vec::new(),
            log: Vec::new(),
            seen: 1,
        };
        let created = visitor.call(Method::POST, "/api/v1/conversations".to_owned(), json!({})).await?;
        let text = |name: &str| created.body.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        (visitor.id, visitor.token) = (text("id"), text("token"));
        if created.status != StatusCode::CREATED {
            visitor.stuck = Some(format!("the conversation did not begin: {}", created.status));
        }
        Ok(visitor)
    }

    /// The conversation's id.
    pub(super) fn conversation(&self) -> Uuid {
        self.id.parse().unwrap_or_default()
    }

    /// Takes all steps; a fault waits at one of them. What cannot be done ends the visit.
    pub(super) async fn visit(&mut self, steps: &[Step], fault: Option<Fault>) -> Result<(), PorterError> {
        let moment = self.chance.below(steps.len());
        for (place, step) in steps.iter().enumerate() {
            if self.stuck.is_some() {
                break;
            }
            if let Some(fault) = fault.filter(|_| place == moment) {
                self.world.trap.arm(fault);
            }
            self.world.clock.advance(Duration::from_secs(5 + self.chance.bits() % 115));
            self.take(step).await?;
            self.answered().await?;
            self.press_wish(step).await?;
            self.world.work_off_jobs().await?;
            self.note().await?;
        }
        Ok(())
    }

    async fn take(&mut self, step: &Step) -> Result<(), PorterError> {
        let (done, path, body) = match step {
            Step::Say { say, .. } => {
                let wording = self.chance.pick(say).cloned().unwrap_or_default();
                let text = self.chance.typos(&wording);
                let body = json!({ "client_id": self.world.ids.uuid(), "text": text });
                (json!({ "says": text }), self.path("/messages"), body)
            }
            Step::Submit { address, .. } => match self.card("address_form").await? {
                Some((seq, _)) => {
                    (json!({ "fills_in": address }), self.path(&format!("/cards/{seq}")), json!({ "address": address }))
                }
                None => {
                    self.give_up("there was no form for an address");
                    return Ok(());
                }
            },
            Step::Choose { choose } => {
                let card = self.card("choice").await?;
                let option = card.and_then(|(seq, card)| {
                    let option = card.get("choice")?.get("options")?.get(choose)?.clone();
                    Some((seq, option))
                });
                match option {
                    Some((seq, option)) => {
                        let body = json!({ "option": option.get("id") });
                        (json!({ "chooses": option.get("label") }), self.path(&format!("/cards/{seq}")), body)
                    }
                    None => {
                        self.give_up("there was no such choice");
                        return Ok(());
                    }
                }
            }
            Step::Press { .. } => (json!({ "presses": "talk to a person" }), self.path("/handoff"), json!({})),
            Step::SignIn { sign_in } => {
                (self.who, self.identity) = (Some(signed_in(self.world, sign_in).await?), None);
                (json!({ "signs_in": sign_in }), self.path("/identity"), json!({}))
            }
        };
        self.log.push(done);
        for _ in 0..TRIES {
            let reply = self.call(Method::POST, path.clone(), body.clone()).await?;
            if reply.status.is_success() {
                return Ok(());
            }
            self.log.push(json!({ "status": reply.status.as_u16(), "problem": reply.body.get("detail") }));
            if reply.status != StatusCode::SERVICE_UNAVAILABLE {
                self.give_up(&format!("the desk answered {}", reply.status));
                return Ok(());
            }
            self.world.clock.advance(Duration::from_secs(5));
        }
        self.give_up("the desk went on saying that a part is down");
        Ok(())
    }

    /// Presses what was meant, where the desk has just asked which wish it is.
    async fn press_wish(&mut self, step: &Step) -> Result<(), PorterError> {
        let Step::Say { means, .. } = step else { return Ok(()) };
        let messages = self.messages().await?;
        let asked = messages.last().and_then(|message| message.get("card")?.get("wishes")?.as_array()).into_iter().flatten();
        let is_meant =
            |wish: &&Value| means.iter().any(|intent| wish.get("intent").and_then(Value::as_str) == Some(intent.as_str()));
        let Some(text) = asked.into_iter().find(is_meant).and_then(|wish| wish.get("text")?.as_str()) else { return Ok(()) };
        self.log.push(json!({ "presses": text }));
        let body = json!({ "client_id": self.world.ids.uuid(), "text": text });
        let reply = self.call(Method::POST, self.path("/messages"), body).await?;
        if !reply.status.is_success() {
            self.give_up(&format!("the desk answered {}", reply.status));
        }
        self.answered().await
    }

    fn give_up(&mut self, why: &str) {
        self.stuck = Some(why.to_owned());
    }

    /// Lets workers answer whatever waits. A killed one's turn goes to another when its lease has run out.
    async fn answered(&mut self) -> Result<(), PorterError> {
        let (world, begun) = (self.world, Instant::now());
        let mut any = false;
        loop {
            world.trap.working(true);
            let done = tokio::select! {
                done = world.turns.next(world.ids.uuid()) => Some(done),
                () = world.trap.killed.notified() => None,
            };
            world.trap.working(false);
            match done {
                Some(Ok(true)) => any = true,
                Some(Ok(false)) => break,
                Some(Err(error)) => return Err(error.into()),
                None => {
                    self.log.push(json!({ "fault": "the worker is killed" }));
                    world.clock.advance(PAST_LEASE);
                }
            }
        }
        if any {
            self.milliseconds.push(begun.elapsed().as_secs_f64() * 1_000.0);
        }
        Ok(())
    }

    /// Notes what was read, and what has been shown since.
    async fn note(&mut self) -> Result<(), PorterError> {
        self.log.extend(self.world.trap.readings().into_iter().map(|reading| json!({ "reads": reading })));
        for message in self.messages().await? {
            let seq = message.get("seq").and_then(Value::as_i64).unwrap_or_default();
            let author = message.get("author").and_then(Value::as_str).unwrap_or("desk");
            if seq > self.seen && author != "student" {
                let card = message.get("card").filter(|card| !card.is_null());
                self.log.push(json!({ author: message.get("text"), "card": card }));
            }
            self.seen = self.seen.max(seq);
        }
        Ok(())
    }

    /// All messages as the widget gets them.
    pub(super) async fn messages(&mut self) -> Result<Vec<Value>, PorterError> {
        let shown = self.shown().await?;
        Ok(shown.get("messages").and_then(Value::as_array).cloned().unwrap_or_default())
    }

    /// Who holds the conversation.
    pub(super) async fn holder(&mut self) -> Result<String, PorterError> {
        let shown = self.shown().await?;
        Ok(shown.get("state").and_then(|state| state.get("holder")?.as_str()).unwrap_or("nobody").to_owned())
    }

    async fn shown(&mut self) -> Result<Value, PorterError> {
        Ok(self.call(Method::GET, self.path(""), Value::Null).await?.body)
    }

    /// The newest card of that kind and its place.
    async fn card(&mut self, kind: &str) -> Result<Option<(i64, Value)>, PorterError> {
        let messages = self.messages().await?;
        Ok(messages.iter().rev().find_map(|message| {
            let card = message.get("card")?;
            (card.get("kind")?.as_str()? == kind).then_some((message.get("seq")?.as_i64()?, card.clone()))
        }))
    }

    /// The widget keeps what the academy's page has given it, and fetches another before it runs out.
    fn identity(&mut self) -> Option<String> {
        let (who, now) = (self.who?, self.world.clock.now());
        if self.identity.as_ref().is_none_or(|(_, until)| now >= *until) {
            self.identity = Some((self.world.identity(who), now + KEPT));
        }
        self.identity.as_ref().map(|(identity, _)| identity.clone())
    }

    fn path(&self, rest: &str) -> String {
        format!("/api/v1/conversations/{}{rest}", self.id)
    }

    async fn call(&mut self, method: Method, path: String, body: Value) -> Result<Reply, PorterError> {
        let mut request = self.client.request(method, format!("{}{path}", self.world.url));
        if !body.is_null() {
            request = request.json(&body);
        }
        if !self.token.is_empty() {
            request = request.bearer_auth(&self.token);
        }
        if let Some(identity) = self.identity() {
            request = request.header("porter-identity", identity);
        }
        let failed = |error: reqwest::Error| PorterError::Remote(error.to_string());
        let response = request.send().await.map_err(failed)?;
        let status = response.status();
        let text = response.bytes().await.map_err(failed)?;
        Ok(Reply { status, body: serde_json::from_slice(&text).unwrap_or_default() })
    }
}

async fn signed_in(world: &World, email: &str) -> Result<SignedIn, PorterError> {
    let unknown = || PorterError::Usage(format!("the dialogue has {email} signed in, who is nobody of the demo academy"));
    world.sign_in(email).await?.ok_or_else(unknown)
}
