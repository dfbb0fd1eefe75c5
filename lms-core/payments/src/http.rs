//! The client of the sandbox, or of whatever speaks its protocol.

use std::error::Error as _;
use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use reqwest::{Client, RequestBuilder, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::{CheckoutRequest, PaymentProvider, ProviderError, ProviderEvent, RefundRequest};

/// The longest answer that is read, in bytes.
const LONGEST: usize = 256 * 1024;
const CONNECT: Duration = Duration::from_secs(2);
const WHOLE: Duration = Duration::from_secs(5);

/// Speaks HTTP with the provider at an address.
pub struct HttpProvider {
    client: Client,
    base: String,
    key: String,
}

impl fmt::Debug for HttpProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpProvider").field("base", &self.base).finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
struct Started {
    pay_url: String,
}

#[derive(Deserialize)]
struct Nothing {}

impl HttpProvider {
    /// `base` without a slash at the end; `key` is what the provider knows the academy by.
    ///
    /// # Errors
    /// What is wrong with the setting, in words.
    pub fn new(base: &str, key: &str) -> Result<Self, String> {
        if !base.starts_with("https://") && !base.starts_with("http://") {
            return Err("payments.provider_url must begin with https:// or http://".to_owned());
        }
        let client =
            Client::builder().connect_timeout(CONNECT).timeout(WHOLE).redirect(reqwest::redirect::Policy::none()).no_proxy();
        let client = client.build().map_err(|error| error.to_string())?;
        Ok(Self { client, base: base.trim_end_matches('/').to_owned(), key: key.to_owned() })
    }

    async fn ask<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, ProviderError> {
        let mut response = request.bearer_auth(&self.key).send().await.map_err(|error| ProviderError::Later(causes(&error)))?;
        let status = response.status();
        match status {
            StatusCode::OK => {}
            StatusCode::UNAUTHORIZED => {
                return Err(ProviderError::Later("it does not know our key: check payments.key".to_owned()));
            }
            StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT => {
                return Err(ProviderError::Later(format!("it answered {status}")));
            }
            _ if status.is_client_error() => return Err(ProviderError::Never(format!("it answered {status}"))),
            _ => return Err(ProviderError::Later(format!("it answered {status}"))),
        }
        let mut body = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(|error| ProviderError::Later(causes(&error)))? {
            if body.len() + piece.len() > LONGEST {
                return Err(ProviderError::Later("its answer is too long".to_owned()));
            }
            body.extend_from_slice(&piece);
        }
        serde_json::from_slice(&body).map_err(|_| ProviderError::Later("its answer is not as documented".to_owned()))
    }
}

#[async_trait]
impl PaymentProvider for HttpProvider {
    async fn checkout(&self, request: &CheckoutRequest) -> Result<String, ProviderError> {
        let started: Started = self.ask(self.client.post(format!("{}/v1/checkouts", self.base)).json(request)).await?;
        // The buyer is sent there, so it must be a page.
        if started.pay_url.starts_with("https://") || started.pay_url.starts_with("http://") {
            Ok(started.pay_url)
        } else {
            Err(ProviderError::Later("it gave no address to pay at".to_owned()))
        }
    }

    async fn refund(&self, request: &RefundRequest) -> Result<(), ProviderError> {
        let Nothing {} = self.ask(self.client.post(format!("{}/v1/refunds", self.base)).json(request)).await?;
        Ok(())
    }

    async fn events(&self, order: Uuid) -> Result<Vec<ProviderEvent>, ProviderError> {
        self.ask(self.client.get(format!("{}/v1/checkouts/{order}/events", self.base))).await
    }
}

/// The reasons in the error's sources, without the address.
fn causes(error: &reqwest::Error) -> String {
    let mut words = Vec::new();
    let mut cause = error.source();
    while let Some(inner) = cause {
        words.push(inner.to_string());
        cause = inner.source();
    }
    if error.is_timeout() {
        words.push("it took too long".to_owned());
    }
    if words.is_empty() { "the request could not be made".to_owned() } else { words.join(": ") }
}
