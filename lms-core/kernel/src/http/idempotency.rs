//! The key under which a client may repeat a write.

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use serde::{Deserialize, Deserializer, de};
use uuid::Uuid;

use super::Problem;

const HEADER: &str = "idempotency-key";

/// The key of a write: the same key again is the same request again, and is answered as the first was. The client makes a UUID once for each
/// thing that it wants and sends it with every try; who answers notes it in the transaction of the change, so that a request whose answer
/// was lost, or that was told 503, can be sent again without a thought.
///
/// * An API takes it from the header `Idempotency-Key`, as an argument of the handler: 400 without one, 422 when it is no UUID.
/// * A form carries it in a hidden field, which is of this type: the page that shows the form makes the key, so that the form sent twice
///   (a double click, *reload*, *back*) counts once.
///
/// ```
/// use porter_kernel::http::IdempotencyKey;
///
/// #[derive(serde::Deserialize)]
/// struct Enrol {
///     key: IdempotencyKey,
///     course: uuid::Uuid,
/// }
///
/// async fn by_api(IdempotencyKey(key): IdempotencyKey) -> String {
///     format!("noted under {key}")
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdempotencyKey(pub Uuid);

impl IdempotencyKey {
    /// One UUID, and not that of all zeros, which is what a client sends that has none.
    fn parse(text: &str) -> Option<Self> {
        Uuid::try_parse(text).ok().filter(|key| !key.is_nil()).map(Self)
    }

    fn of(headers: &HeaderMap) -> Result<Self, Problem> {
        let mut values = headers.get_all(HEADER).into_iter();
        let Some(value) = values.next() else {
            return Err(Problem::bad_request(
                "The header Idempotency-Key is missing. Make a UUID once for each request and send it with every retry.",
            ));
        };
        let only = values.next().is_none();
        let key = value.to_str().ok().filter(|_| only).and_then(Self::parse);
        key.ok_or_else(|| Problem::unprocessable("The header Idempotency-Key must hold one UUID."))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Self::of(&parts.headers)
    }
}

impl<'de> Deserialize<'de> for IdempotencyKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| de::Error::custom("a key must be one UUID"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "0190f6a2-7c1b-7c3e-8b1a-5d2f00000001";

    fn status(values: &[&str]) -> Result<IdempotencyKey, u16> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(HEADER, value.parse().unwrap());
        }
        IdempotencyKey::of(&headers).map_err(|problem| problem.status().as_u16())
    }

    #[test]
    fn a_header_holds_one_key() {
        let key = IdempotencyKey(KEY.parse().unwrap());
        assert_eq!(status(&[KEY]), Ok(key));
        assert_eq!(status(&[]), Err(400));
        for wrong in [&["", "x"][..], &["7"], &[KEY, KEY], &["00000000-0000-0000-0000-000000000000"]] {
            assert_eq!(status(wrong), Err(422), "{wrong:?}");
        }
    }

    #[test]
    fn a_field_of_a_form_is_a_key_too() {
        let key: IdempotencyKey = serde_json::from_value(KEY.into()).unwrap();
        assert_eq!(key, IdempotencyKey(KEY.parse().unwrap()));
        for wrong in ["", "7", "00000000-0000-0000-0000-000000000000"] {
            assert!(serde_json::from_value::<IdempotencyKey>(wrong.into()).is_err(), "{wrong}");
        }
    }
}
