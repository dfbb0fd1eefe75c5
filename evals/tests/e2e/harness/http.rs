//! Plain HTTP, as a program would speak it.

use std::sync::OnceLock;
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder};
use serde_json::Value;

/// One client for the whole test; it follows no redirects.
pub(crate) fn client() -> Client {
    static CLIENT: OnceLock<Client> = OnceLock::new();
    CLIENT
        .get_or_init(|| {
            // reqwest refuses to begin without one, although only plain HTTP is spoken. Refused when there is one already.
            let _ = rustls::crypto::ring::default_provider().install_default();
            Client::builder().redirect(Policy::none()).timeout(Duration::from_secs(60)).build().expect("making a client")
        })
        .clone()
}

/// A response read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    /// Sends the request and reads all of the answer. Every answer of Porter's carries its request's id.
    pub(crate) async fn to(request: RequestBuilder) -> Self {
        let response = request.send().await.expect("porter answers");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.expect("the answer comes to its end");
        let answer = Self { status, headers, text };
        assert!(!answer.header("x-request-id").is_empty(), "no request id: {answer:?}");
        answer
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        let name = HeaderName::try_from(name).expect("a header's name");
        self.headers.get(name).map_or("", |value| value.to_str().expect("a header in ASCII"))
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("not JSON ({error}): {self:?}"))
    }

    /// Asserts that it is a problem document of this status with a sentence for the person.
    #[track_caller]
    pub(crate) fn is_problem(&self, status: u16) {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
        let problem = self.json();
        assert_eq!(problem["status"], status, "{problem}");
        for field in ["type", "title", "detail"] {
            assert!(problem[field].as_str().is_some_and(|text| !text.is_empty()), "no {field}: {problem}");
        }
    }

    #[track_caller]
    pub(crate) fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self:?}");
        self
    }
}

pub(crate) async fn get(address: &str) -> Answer {
    Answer::to(client().get(address)).await
}
