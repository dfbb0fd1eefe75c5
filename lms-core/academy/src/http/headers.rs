//! What browsers may do on the academy's pages.

use axum::Router;
use axum::http::{HeaderValue, Uri, header};
use axum::middleware;
use axum::response::Response;

/// Pages are for one person and one moment: nobody keeps them. The support desk's script and frame are the only guests.
pub(super) fn pages<S: Clone + Send + Sync + 'static>(router: Router<S>, desk_url: Option<&str>) -> Router<S> {
    let policy = HeaderValue::try_from(policy(desk_url.and_then(origin).as_deref())).ok();
    router.layer(middleware::map_response(move |mut response: Response| {
        let policy = policy.clone();
        async move {
            let headers = response.headers_mut();
            headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
            if let Some(policy) = policy {
                headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
            }
            response
        }
    }))
}

/// For a page whose address is a secret: no guest sees it, and no link or request tells it.
pub(super) fn secret(mut response: Response) -> Response {
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::try_from(policy(None)) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

fn policy(guest: Option<&str>) -> String {
    let guest = guest.map(|origin| format!(" {origin}")).unwrap_or_default();
    format!(
        "default-src 'self'; script-src 'self'{guest}; frame-src 'self'{guest}; img-src 'self' data:; object-src 'none'; base-uri 'self'; \
         form-action 'self'; frame-ancestors 'none'"
    )
}

/// Scheme, host and port; `None` when the address has none, or could break out of the header's directive.
fn origin(url: &str) -> Option<String> {
    let uri: Uri = url.parse().ok()?;
    let (scheme, authority) = (uri.scheme_str()?, uri.authority()?.as_str());
    let plain = authority.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".:-[]".contains(&byte));
    (plain && matches!(scheme, "http" | "https")).then(|| format!("{scheme}://{authority}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_desk_is_the_only_guest() {
        assert_eq!(origin("http://127.0.0.1:8080").as_deref(), Some("http://127.0.0.1:8080"));
        assert_eq!(origin("https://desk.example/help?x").as_deref(), Some("https://desk.example"));
        for bad in
            ["", "/desk", "desk.example", "javascript:alert(1)", "http://a;script-src *", "http://user@desk.example", "http://*"]
        {
            assert_eq!(origin(bad), None, "{bad}");
        }
        assert!(
            policy(Some("https://desk.example"))
                .contains("script-src 'self' https://desk.example; frame-src 'self' https://desk.example;")
        );
        assert!(!policy(None).contains("http") && !policy(None).contains("unsafe"));
    }
}
