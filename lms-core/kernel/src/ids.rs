//! Ids and secrets come from an injected [`Ids`], so that tests can foretell them.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// A 128-bit secret, 22 characters of base64url. It never prints itself; only its hash is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// Reads a token that a client presents; `None` when it has not the form of one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        (bytes.len() == 16).then(|| Self(text.to_owned()))
    }

    /// The secret itself, to hand to the one whose it is.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What may be stored and compared.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        Self::hash_text(&self.0)
    }

    /// The hash of a secret of any form, such as one from the configuration. It must be long and random, as a token is.
    #[must_use]
    pub fn hash_text(text: &str) -> TokenHash {
        use fmt::Write as _;
        let mut hex = String::with_capacity(64);
        for byte in Sha256::digest(text.as_bytes()) {
            // Writing to a String cannot fail.
            let _ = write!(hex, "{byte:02x}");
        }
        TokenHash(hex)
    }

    /// A token of these bytes, which nobody can foretell: random ones, or a keyed hash.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(URL_SAFE_NO_PAD.encode(bytes))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// The SHA-256 of a [`Token`] in hexadecimal. A token has 128 random bits, so a plain hash is
/// enough: there is nothing to guess faster than the token.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TokenHash(String);

impl TokenHash {
    /// 64 hexadecimal digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Makes ids and secrets.
pub trait Ids: Send + Sync + fmt::Debug {
    /// A new id. Ids of one generator sort in the order in which they were made.
    fn uuid(&self) -> Uuid;

    /// A new secret.
    fn token(&self) -> Token;
}

impl<I: Ids + ?Sized> Ids for Arc<I> {
    fn uuid(&self) -> Uuid {
        (**self).uuid()
    }

    fn token(&self) -> Token {
        (**self).token()
    }
}

/// UUID version 7 and random tokens.
#[derive(Debug, Clone, Copy, Default)]
pub struct RandomIds;

impl Ids for RandomIds {
    #[expect(clippy::disallowed_methods, reason = "the one place that makes ids")]
    fn uuid(&self) -> Uuid {
        Uuid::now_v7()
    }

    fn token(&self) -> Token {
        Token::from_bytes(rand::random())
    }
}

/// 1, 2, 3, … in the shape of ids and tokens. Clones count on together.
#[derive(Debug, Clone, Default)]
pub struct SequentialIds(Arc<AtomicU64>);

impl SequentialIds {
    fn next(&self) -> u64 {
        self.0.fetch_add(1, Ordering::Relaxed) + 1
    }
}

impl Ids for SequentialIds {
    /// `00000000-0000-7000-8000-000000000001` and so on.
    fn uuid(&self) -> Uuid {
        Uuid::from_u64_pair(0x7000, 0x8000_0000_0000_0000 | self.next())
    }

    fn token(&self) -> Token {
        Token::from_bytes(u128::from(self.next()).to_be_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_does_not_print_itself() {
        let token = RandomIds.token();
        assert_eq!(format!("{token:?}"), "Token(…)");
        assert_eq!(Token::parse(token.reveal()), Some(token.clone()));
        assert_ne!(token, RandomIds.token());
    }

    #[test]
    fn a_token_hashes_to_the_sha256_of_its_text() {
        let token = SequentialIds::default().token();
        assert_eq!(token.reveal(), "AAAAAAAAAAAAAAAAAAAAAQ");
        // printf AAAAAAAAAAAAAAAAAAAAAQ | sha256sum
        assert_eq!(token.hash().as_str(), "8665a0e2cc1ee3eefe29f804a275dec4a41c3fed237ec7380dc706bc40ad9006");
    }

    #[test]
    fn what_is_no_token_is_refused() {
        for text in ["", "short", "AAAAAAAAAAAAAAAAAAAAA!", "AAAAAAAAAAAAAAAAAAAAAQ==", "AAAAAAAAAAAAAAAAAAAAAAAA"] {
            assert_eq!(Token::parse(text), None, "{text}");
        }
    }

    #[test]
    fn sequential_ids_are_version_7_and_count_across_clones() {
        let ids = SequentialIds::default();
        let first = ids.uuid();
        assert_eq!(first.to_string(), "00000000-0000-7000-8000-000000000001");
        assert_eq!(first.get_version_num(), 7);
        assert_eq!(ids.clone().uuid().to_string(), "00000000-0000-7000-8000-000000000002");
    }

    #[test]
    fn random_ids_sort_in_the_order_they_were_made() {
        let made: Vec<Uuid> = (0..1000).map(|_| RandomIds.uuid()).collect();
        assert!(made.is_sorted());
    }
}
