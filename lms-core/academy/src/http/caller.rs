//! Where a request comes from, for counting only.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;

/// The address of who asks. A peer on this machine or a private network is taken for a proxy, and the last address that it has forwarded counts:
/// the one that it saw itself. A peer from outside can write what it wants into that header, so there it is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Caller(pub(super) IpAddr);

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| address.ip().to_canonical());
        let forwarded = parts.headers.get_all("x-forwarded-for").into_iter().next_back();
        let forwarded = forwarded.and_then(|value| value.to_str().ok()?.rsplit(',').next()?.trim().parse::<IpAddr>().ok());
        Ok(Self(match (peer, forwarded) {
            (Some(peer), Some(forwarded)) if is_near(peer) => forwarded.to_canonical(),
            (Some(peer), _) => peer,
            (None, _) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        }))
    }
}

fn is_near(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_loopback() || address.is_private(),
        IpAddr::V6(address) => address.is_loopback() || address.is_unique_local(),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    async fn caller(peer: Option<&str>, forwarded: &[&str]) -> String {
        let mut request = Request::get("/");
        for value in forwarded {
            request = request.header("x-forwarded-for", *value);
        }
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        if let Some(peer) = peer {
            parts.extensions.insert(ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 1)));
        }
        let Ok(Caller(address)) = Caller::from_request_parts(&mut parts, &()).await;
        address.to_string()
    }

    #[tokio::test]
    async fn only_a_near_proxy_is_believed_and_only_its_own_word() {
        assert_eq!(caller(Some("127.0.0.1"), &[]).await, "127.0.0.1");
        assert_eq!(caller(Some("10.0.0.3"), &["6.6.6.6, 203.0.113.9"]).await, "203.0.113.9");
        assert_eq!(caller(Some("::1"), &["6.6.6.6", "203.0.113.9"]).await, "203.0.113.9");
        assert_eq!(caller(Some("198.51.100.7"), &["203.0.113.9"]).await, "198.51.100.7");
        assert_eq!(caller(Some("127.0.0.1"), &["nonsense"]).await, "127.0.0.1");
        assert_eq!(caller(Some("::ffff:198.51.100.7"), &["203.0.113.9"]).await, "198.51.100.7");
        assert_eq!(caller(None, &["203.0.113.9"]).await, "0.0.0.0");
    }
}
