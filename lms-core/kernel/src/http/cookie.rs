//! The cookie that carries a session's token.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, header};

use crate::ids::Token;

/// A cookie that scripts cannot read and other sites cannot send along with a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionCookie {
    /// Its name: letters, digits, `-` and `_`.
    pub name: &'static str,
    /// Only over HTTPS. Set it whenever the site is served so.
    pub secure: bool,
}

impl SessionCookie {
    /// The value of `Set-Cookie` that signs in.
    #[must_use]
    pub fn set(&self, token: &Token, max_age: Duration) -> HeaderValue {
        let mut value = self.header(token.reveal(), max_age.as_secs());
        value.set_sensitive(true);
        value
    }

    /// The value of `Set-Cookie` that signs out.
    #[must_use]
    pub fn clear(&self) -> HeaderValue {
        self.header("", 0)
    }

    fn header(&self, value: &str, max_age: u64) -> HeaderValue {
        let secure = if self.secure { "; Secure" } else { "" };
        let text = format!("{}={value}; HttpOnly; SameSite=Lax; Path=/; Max-Age={max_age}{secure}", self.name);
        // Name and token are plain ASCII, so this does not fail.
        HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static(""))
    }

    /// The token that a request brings, when it has the form of one.
    #[must_use]
    pub fn read(&self, headers: &HeaderMap) -> Option<Token> {
        headers
            .get_all(header::COOKIE)
            .into_iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(name, _)| *name == self.name)
            .find_map(|(_, value)| Token::parse(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{Ids as _, SequentialIds};

    const COOKIE: SessionCookie = SessionCookie { name: "porter_staff", secure: false };

    #[test]
    fn a_cookie_is_set_read_and_cleared() {
        let token = SequentialIds::default().token();
        let set = COOKIE.set(&token, Duration::from_secs(3600));
        assert_eq!(set, "porter_staff=AAAAAAAAAAAAAAAAAAAAAQ; HttpOnly; SameSite=Lax; Path=/; Max-Age=3600");
        assert!(set.is_sensitive());
        assert_eq!(COOKIE.clear(), "porter_staff=; HttpOnly; SameSite=Lax; Path=/; Max-Age=0");

        let mut headers = HeaderMap::new();
        headers.append("cookie", "theme=dark; porter_staff_old=x".parse().unwrap());
        assert_eq!(COOKIE.read(&headers), None);
        headers.append("cookie", "a=b;porter_staff=AAAAAAAAAAAAAAAAAAAAAQ".parse().unwrap());
        assert_eq!(COOKIE.read(&headers), Some(token));
    }

    #[test]
    fn what_is_no_token_is_not_read() {
        let mut headers = HeaderMap::new();
        headers.append("cookie", "porter_staff=' OR 1=1".parse().unwrap());
        assert_eq!(COOKIE.read(&headers), None);
    }

    #[test]
    fn https_makes_it_secure() {
        let cookie = SessionCookie { secure: true, ..COOKIE };
        assert!(cookie.clear().to_str().unwrap().ends_with("; Secure"));
    }
}
