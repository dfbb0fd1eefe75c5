//! A signed-in learner at the academy's HTTP, as a browser would speak it.

use reqwest::RequestBuilder;

use super::http::{Answer, client};
use super::porter::Porter;
use super::words::text_of;

/// A session of the academy.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    /// The academy's address.
    pub(crate) academy: String,
    cookie: String,
}

impl Session {
    /// Signs a demo learner in.
    pub(crate) async fn of(porter: &Porter, email: &str) -> Self {
        let session = Self::try_to_open(&porter.academy, email, &porter.learner_password).await;
        session.unwrap_or_else(|| panic!("{email} cannot sign in"))
    }

    /// Signs in, if the academy lets one.
    pub(crate) async fn try_to_open(academy: &str, email: &str, password: &str) -> Option<Self> {
        let answer = post(academy, "/sign-in", &[("email", email), ("password", password)]).await;
        let cookie = answer.header("set-cookie").split(';').next().unwrap_or_default().to_owned();
        let opened = answer.status == 303 && cookie.starts_with("academy_session=");
        assert!(opened || (answer.status != 303 && cookie.is_empty()), "neither in nor out: {answer:?}");
        opened.then(|| Self { academy: academy.to_owned(), cookie })
    }

    fn request(&self, path: &str) -> RequestBuilder {
        client().get(format!("{}{path}", self.academy)).header("cookie", &self.cookie)
    }

    /// A page of the academy, as this learner gets it.
    pub(crate) async fn page(&self, path: &str) -> Answer {
        Answer::to(self.request(path)).await
    }

    /// A file that this learner downloads.
    pub(crate) async fn file(&self, path: &str) -> Vec<u8> {
        let response = self.request(path).send().await.expect("the academy answers");
        assert_eq!(response.status(), 200, "{path}");
        response.bytes().await.expect("the whole file").to_vec()
    }

    /// Whether the academy still knows who this is.
    pub(crate) async fn is_alive(&self) -> bool {
        let (learning, identity) = (self.page("/learning").await.status, self.page("/support-identity").await.status);
        match (learning, identity) {
            (200, 200) => true,
            (303, 204) => false,
            other => panic!("half signed in: {other:?}"),
        }
    }

    /// What the academy's pages hand to the widget.
    pub(crate) async fn identity(&self) -> String {
        text_of(&self.page("/support-identity").await.is(200).json()["token"])
    }

    pub(crate) async fn sign_out(&self) {
        let request = client().post(format!("{}/sign-out", self.academy)).header("origin", &self.academy);
        Answer::to(request.header("cookie", &self.cookie)).await.is(303);
    }

    /// The number of an order on this learner's page of orders.
    pub(crate) async fn order_number(&self) -> String {
        let page = self.page("/orders").await.is(200).text;
        let at = page.find("NL-").unwrap_or_else(|| panic!("no order: {page}"));
        page[at..].chars().take_while(|part| part.is_ascii_alphanumeric() || *part == '-').collect()
    }
}

/// Asks for a link on the academy's page, as somebody who is not signed in.
pub(crate) async fn forgot(academy: &str, email: &str) {
    post(academy, "/forgot-password", &[("email", email)]).await.is(200);
}

/// Sends a form of the academy.
async fn post(academy: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
    let mut body = reqwest::Url::parse("form:").expect("an address");
    body.query_pairs_mut().extend_pairs(fields);
    let request = client().post(format!("{academy}{path}")).header("content-type", "application/x-www-form-urlencoded");
    Answer::to(request.header("origin", academy).body(body.query().unwrap_or_default().to_owned())).await
}
