//! The academy's support API, spoken to as the desk speaks to it.

use std::fs;

use reqwest::{Method, RequestBuilder};
use serde_json::Value;

use super::home::Home;
use super::http::{Answer, client};
use super::session::Session;
use super::student::{IDENTITY, new_id};
use super::words::{list, text_of};

/// For one learner.
#[derive(Debug)]
pub(crate) struct Support {
    academy: String,
    service_token: String,
    identity: String,
}

impl Support {
    pub(crate) async fn of(home: &Home, session: &Session) -> Self {
        let keys = fs::read_to_string(home.data().join("keys.toml")).expect("the academy's keys");
        let line = keys.lines().find_map(|line| line.strip_prefix("service_token = ")).expect("the service token");
        let service_token = line.trim_matches('"').to_owned();
        Self { academy: session.academy.clone(), service_token, identity: session.identity().await }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = client().request(method, format!("{}/support/v1/me{path}", self.academy));
        request.bearer_auth(&self.service_token).header(IDENTITY, &self.identity)
    }

    /// The learner's certificates, the newest first.
    pub(crate) async fn certificates(&self) -> Vec<Value> {
        list(&Answer::to(self.request(Method::GET, "/certificates")).await.is(200).json()["certificates"])
    }

    /// Has the newest certificate sent again.
    pub(crate) async fn resend_first_certificate(&self) {
        let id = text_of(&self.certificates().await.first().expect("a certificate")["id"]);
        let request = self.request(Method::POST, &format!("/certificates/{id}/resend")).header("idempotency-key", new_id());
        Answer::to(request).await.is(202);
    }
}
