//! A page on loopback is open to every web page that the browser on this machine shows: a site may let its own name resolve to
//! 127.0.0.1 and read the answers as if they were its own ("DNS rebinding"). Such a request carries the site's name in `Host`, so
//! only addresses and `localhost` are answered.

use std::net::IpAddr;

use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use porter_kernel::http::Problem;

pub(super) async fn own_name_only(request: Request, next: Next) -> Response {
    if is_ours(request.headers()) {
        return next.run(request).await;
    }
    let why = "The mailbox answers to an IP address or to localhost, and to no other name.";
    Problem::new(StatusCode::MISDIRECTED_REQUEST, "misdirected", why).into_response()
}

fn is_ours(headers: &HeaderMap) -> bool {
    // Browsers always send one.
    let Some(host) = headers.get(header::HOST) else { return true };
    let Ok(host) = host.to_str() else { return false };
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next(),
        None => host.split(':').next(),
    };
    let name = name.unwrap_or_default().trim_end_matches('.').to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost") || name.parse::<IpAddr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_localhost_are_ours_and_names_are_not() {
        let ours = |host: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, host.parse().unwrap());
            is_ours(&headers)
        };
        for host in ["localhost", "LOCALHOST:8025", "localhost.", "127.0.0.1:8025", "[::1]:8025", "mail.localhost:80"] {
            assert!(ours(host), "{host}");
        }
        for host in ["evil.example", "evil.example:8025", "127.0.0.1.evil.example", "localhost.evil.example", ""] {
            assert!(!ours(host), "{host}");
        }
        assert!(is_ours(&HeaderMap::new()));
    }
}
