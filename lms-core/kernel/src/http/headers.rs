//! Headers that tell browsers to trust a page with little.

use axum::{
    Router,
    http::{HeaderName, HeaderValue, header},
    middleware,
    response::Response,
};

/// What a page may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecurityHeaders {
    /// Which pages may show this one in a frame: `'none'`, `'self'`, or origins with spaces between.
    pub frame_ancestors: String,
}

impl Default for SecurityHeaders {
    fn default() -> Self {
        Self { frame_ancestors: "'none'".to_owned() }
    }
}

impl SecurityHeaders {
    /// Everything from our own origin only: no inline script or style, no plug-ins.
    fn policy(&self) -> String {
        format!(
            "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'self'; \
             form-action 'self'; frame-ancestors {}",
            self.frame_ancestors
        )
    }
}

/// Adds `Content-Security-Policy`, `X-Content-Type-Options` and `Referrer-Policy` to every
/// response of the router that does not have them yet.
///
/// A `frame_ancestors` that cannot stand in a header (a line break, say) is taken as `'none'`.
pub fn secure<S: Clone + Send + Sync + 'static>(router: Router<S>, policy: &SecurityHeaders) -> Router<S> {
    let policy = HeaderValue::try_from(policy.policy()).or_else(|_| HeaderValue::try_from(SecurityHeaders::default().policy()));
    let headers: Vec<(HeaderName, HeaderValue)> = policy
        .into_iter()
        .map(|policy| (header::CONTENT_SECURITY_POLICY, policy))
        .chain([
            (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
            (header::REFERRER_POLICY, HeaderValue::from_static("strict-origin-when-cross-origin")),
        ])
        .collect();
    router.layer(middleware::map_response(move |mut response: Response| {
        let headers = headers.clone();
        async move {
            for (name, value) in headers {
                response.headers_mut().entry(name).or_insert(value);
            }
            response
        }
    }))
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, extract::Request, routing};
    use tower::ServiceExt as _;

    use super::*;

    async fn headers(frame_ancestors: &str) -> (String, String) {
        let router = Router::new()
            .route("/", routing::get(|| async { "page" }))
            .route("/own", routing::get(|| async { [("content-security-policy", "default-src 'none'")] }));
        let router = secure(router, &SecurityHeaders { frame_ancestors: frame_ancestors.to_owned() });
        let mut found = Vec::new();
        for path in ["/", "/own"] {
            let request = Request::get(path).body(Body::empty()).unwrap();
            let response = router.clone().oneshot(request).await.unwrap();
            assert_eq!(response.headers()["x-content-type-options"], "nosniff");
            assert_eq!(response.headers()["referrer-policy"], "strict-origin-when-cross-origin");
            found.push(response.headers()["content-security-policy"].to_str().unwrap().to_owned());
        }
        (found.remove(0), found.remove(0))
    }

    #[tokio::test]
    async fn a_page_gets_the_policy_unless_it_has_its_own() {
        let (page, own) = headers("https://academy.example").await;
        assert!(page.starts_with("default-src 'self';") && page.ends_with("frame-ancestors https://academy.example"));
        assert_eq!(own, "default-src 'none'");
    }

    #[tokio::test]
    async fn a_policy_that_cannot_be_sent_is_replaced_by_the_strictest() {
        assert!(headers("'self'\r\nx: y").await.0.ends_with("frame-ancestors 'none'"));
    }
}
