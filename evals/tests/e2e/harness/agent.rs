//! An agent at the API: what the inbox does, without the inbox.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::http::{Answer, client};
use super::porter::Porter;
use super::student::new_id;
use super::words::list;

/// A signed-in session.
#[derive(Debug)]
pub(crate) struct Agent {
    pub(crate) base: String,
    pub(crate) cookie: String,
}

impl Agent {
    /// Signs in with the first demo account.
    pub(crate) async fn sign_in(porter: &Porter) -> Self {
        let (email, password) = porter.accounts.first().expect("the welcome names demo accounts");
        let form = format!("email={}&password={password}", email.replace('@', "%40"));
        let request = client().post(format!("{}/inbox/sign-in", porter.base)).body(form);
        let answer = Answer::to(request.header("content-type", "application/x-www-form-urlencoded")).await.is(303);
        let cookie = answer.header("set-cookie").split(';').next().expect("a cookie").to_owned();
        Self { base: porter.base.clone(), cookie }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        client().request(method, format!("{}/api/v1/inbox{path}", self.base)).header("cookie", &self.cookie)
    }

    /// Tickets of a view: `queue`, `mine` or `resolved`.
    pub(crate) async fn tickets(&self, view: &str) -> Vec<Value> {
        let answer = Answer::to(self.request(Method::GET, &format!("/tickets?view={view}"))).await.is(200).json();
        list(&answer["tickets"])
    }

    pub(crate) async fn detail(&self, ticket: &str) -> Value {
        Answer::to(self.request(Method::GET, &format!("/tickets/{ticket}"))).await.is(200).json()
    }

    /// `claim`, `release` or `resolve`.
    pub(crate) async fn act(&self, ticket: &str, what: &str) -> Answer {
        Answer::to(self.request(Method::POST, &format!("/tickets/{ticket}/{what}")).header("x-requested-with", "porter")).await
    }

    pub(crate) async fn reply(&self, ticket: &str, text: &str) -> Answer {
        let body = json!({ "client_id": new_id(), "text": text });
        let request = self.request(Method::POST, &format!("/tickets/{ticket}/reply"));
        Answer::to(request.header("x-requested-with", "porter").json(&body)).await
    }
}
