//! People see what they wrote, also where a page is read from a replica: every write leaves a cookie that says where the database was then, and
//! a page asks for at least that.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use porter_kernel::db::Freshness;

use super::Academy;

const COOKIE: &str = "academy_seen";
/// The position could not be learned: everything is read from the primary for a while.
const EVERYTHING: &str = "all";
/// Far longer than a replica in rotation may lag; after it, any of them has the write.
const LIFE: Duration = Duration::from_secs(300);

/// How fresh this person's pages must be. For what a page shows; what is decided is read with [`Freshness::Fresh`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seen(pub(super) Freshness);

impl<S: Send + Sync> FromRequestParts<S> for Seen {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(freshness(&parts.headers)))
    }
}

/// What the cookies say; what cannot be read asks for everything.
fn freshness(headers: &HeaderMap) -> Freshness {
    let cookies = headers.get_all(header::COOKIE).into_iter().flat_map(|value| value.as_bytes().split(|byte| *byte == b';'));
    let ours = cookies.filter_map(|cookie| cookie.trim_ascii().strip_prefix(COOKIE.as_bytes())?.strip_prefix(b"="));
    let read = |value: &[u8]| Some(Freshness::Since(std::str::from_utf8(value).ok()?.parse().ok()?));
    // Of several the freshest counts: somebody may have set another for a narrower path.
    ours.map(|value| read(value).unwrap_or(Freshness::Fresh)).fold(Freshness::Stale, |most, one| match (most, one) {
        (Freshness::Fresh, _) | (_, Freshness::Fresh) => Freshness::Fresh,
        (Freshness::Since(most), Freshness::Since(one)) => Freshness::Since(most.max(one)),
        (Freshness::Stale, one) | (one, Freshness::Stale) => one,
    })
}

/// Lets every write of these pages leave its cookie.
pub(super) fn router(pages: Router<Arc<Academy>>, academy: &Arc<Academy>) -> Router<Arc<Academy>> {
    pages.layer(from_fn_with_state(Arc::clone(academy), remember))
}

async fn remember(State(academy): State<Arc<Academy>>, request: Request, next: Next) -> Response {
    let reads = request.method().is_safe();
    let mut response = next.run(request).await;
    let done = response.status().is_success() || response.status().is_redirection();
    if reads || !done {
        return response;
    }
    let value = match academy.store().position().await {
        Ok(None) => return response,
        Ok(Some(position)) => position.to_string(),
        Err(error) => {
            tracing::warn!(%error, "where the database is could not be asked");
            EVERYTHING.to_owned()
        }
    };
    let secure = if academy.parts.secure_cookies { "; Secure" } else { "" };
    let cookie = format!("{COOKIE}={value}; HttpOnly; SameSite=Lax; Path=/; Max-Age={}{secure}", LIFE.as_secs());
    if let Ok(cookie) = HeaderValue::try_from(cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(cookies: &[&'static str]) -> Freshness {
        let mut headers = HeaderMap::new();
        for cookie in cookies {
            headers.append(header::COOKIE, HeaderValue::from_static(cookie));
        }
        freshness(&headers)
    }

    #[test]
    fn the_freshest_cookie_counts_and_an_unreadable_one_asks_for_everything() {
        let since = |text: &str| Freshness::Since(text.parse().unwrap());
        assert_eq!(seen(&[]), Freshness::Stale);
        assert_eq!(seen(&["theme=dark; academy_seen_old=5"]), Freshness::Stale);
        assert_eq!(seen(&["a=b; academy_seen=1f"]), since("1f"));
        assert_eq!(seen(&["academy_seen=1f;academy_seen=2", "academy_seen=3"]), since("1f"));
        for bad in ["academy_seen=all", "academy_seen=", "academy_seen=1; academy_seen=-2", "academy_seen=11111111111111111"] {
            assert_eq!(seen(&[bad]), Freshness::Fresh, "{bad}");
        }
    }
}
