//! Forms of other sites are refused. `SameSite=Lax` keeps the cookie from them already; this also holds against another port or subdomain.

use axum::extract::Request;
use axum::http::{HeaderMap, Method, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use porter_kernel::http::Problem;

use super::page::PageProblem;

/// Lets a request through that changes nothing or comes from this site's own pages.
pub(super) async fn own_forms_only(request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if reads || is_own(request.headers(), request.uri()) {
        return next.run(request).await;
    }
    tracing::warn!("a form of another site was refused");
    if request.uri().path().starts_with("/api/") {
        return Problem::forbidden("This call came from another site.").into_response();
    }
    PageProblem::from(Problem::forbidden("This form was sent from another site. Go to the page here and try again."))
        .into_response()
}

/// Browsers say where a form comes from, by `Sec-Fetch-Site` or at least by `Origin`; what says neither is no browser and has nobody's cookie.
fn is_own(headers: &HeaderMap, uri: &Uri) -> bool {
    let text = |name| headers.get(name).map(|value: &axum::http::HeaderValue| value.to_str().unwrap_or("unreadable"));
    if let Some(site) = text(header::HeaderName::from_static("sec-fetch-site")) {
        return matches!(site, "same-origin" | "none");
    }
    let Some(origin) = text(header::ORIGIN) else { return true };
    let host = text(header::HOST).or_else(|| uri.authority().map(|authority| authority.as_str()));
    // The scheme may have been changed by a proxy that ends TLS; host and port are what the browser used.
    origin.split_once("://").is_some_and(|(_, authority)| host.is_some_and(|host| host.eq_ignore_ascii_case(authority)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(headers: &[(&'static str, &'static str)]) -> bool {
        let headers = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        is_own(&headers, &Uri::from_static("/sign-in"))
    }

    #[test]
    fn only_the_same_origin_may_send_forms() {
        assert!(own(&[("sec-fetch-site", "same-origin"), ("origin", "null")]));
        assert!(own(&[("host", "academy.example"), ("origin", "https://academy.example")]));
        assert!(own(&[("host", "127.0.0.1:8081"), ("origin", "http://127.0.0.1:8081")]));
        assert!(own(&[("host", "academy.example")]));
        assert!(!own(&[("sec-fetch-site", "same-site"), ("host", "a.example"), ("origin", "http://a.example")]));
        assert!(!own(&[("sec-fetch-site", "cross-site")]));
        assert!(!own(&[("host", "127.0.0.1:8081"), ("origin", "http://127.0.0.1:8080")]));
        assert!(!own(&[("host", "academy.example"), ("origin", "null")]));
        assert!(!own(&[("host", "academy.example"), ("origin", "https://academy.example.evil.example")]));
        assert!(!own(&[("origin", "https://academy.example")]));
    }
}
