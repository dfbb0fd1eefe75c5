//! Passwords of learners: argon2id, off the async threads, a few at a time; and whether a new one is strong enough.

use std::fmt;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use tokio::sync::Semaphore;
use zxcvbn::{Score, zxcvbn};

/// The longest password that is taken, in bytes. A passphrase fits; a flood of work does not.
pub const MAX_BYTES: usize = 256;

/// Hashes computed at the same time: each takes its memory and a core.
const AT_ONCE: usize = 2;
static PERMITS: Semaphore = Semaphore::const_new(AT_ONCE);

/// The hash failed to be computed.
#[derive(Debug, thiserror::Error)]
#[error("the password could not be hashed: {0}")]
pub struct PasswordError(String);

/// 19 MiB, two passes, one lane: OWASP's first recommendation for argon2id.
fn hasher() -> Result<Argon2<'static>, PasswordError> {
    let params = Params::new(19 * 1024, 2, 1, None).map_err(failed)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn failed(error: impl fmt::Display) -> PasswordError {
    PasswordError(error.to_string())
}

/// A PHC string of the password with a random salt.
///
/// # Errors
/// When no random salt can be had, or the runtime is ending.
pub async fn hash(password: String) -> Result<String, PasswordError> {
    let _permit = PERMITS.acquire().await.map_err(failed)?;
    tokio::task::spawn_blocking(move || Ok(hasher()?.hash_password(password.as_bytes()).map_err(failed)?.to_string()))
        .await
        .map_err(failed)?
}

/// Compares a password with a PHC string. Without one, as for an address that nobody has, it takes as long and says no.
///
/// # Errors
/// When what is stored is no PHC string, or the runtime is ending.
pub async fn matches(password: String, phc: Option<String>) -> Result<bool, PasswordError> {
    let _permit = PERMITS.acquire().await.map_err(failed)?;
    tokio::task::spawn_blocking(move || {
        let hasher = hasher()?;
        match phc {
            Some(phc) => {
                let parsed = PasswordHash::new(&phc).map_err(failed)?;
                Ok(hasher.verify_password(password.as_bytes(), &parsed).is_ok())
            }
            None => hasher.hash_password(password.as_bytes()).map(|_| false).map_err(failed),
        }
    })
    .await
    .map_err(failed)?
}

/// Why a new password is refused, in a sentence for the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Weakness {
    /// Fewer characters than the academy asks for.
    TooShort { at_least: usize },
    /// More than [`MAX_BYTES`].
    TooLong,
    /// A guesser would find it: what it is made of, when that is known.
    Guessable { why: Option<String> },
}

impl fmt::Display for Weakness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooShort { at_least } => write!(f, "The password is too short: it needs at least {at_least} characters."),
            Self::TooLong => write!(f, "The password is too long: it may have at most {MAX_BYTES} bytes."),
            Self::Guessable { why } => {
                f.write_str("This password would be easy to guess.")?;
                if let Some(why) = why {
                    write!(f, " {why}")?;
                }
                f.write_str(" Try a few words that do not belong together.")
            }
        }
    }
}

/// Why the password is too weak, if it is. `about` is what a guesser knows of the person: name, address, the academy's name.
///
/// Strength is estimated by zxcvbn; a score under 3 (10^8 guesses) is refused.
#[must_use]
pub fn weakness(password: &str, at_least: usize, about: &[&str]) -> Option<Weakness> {
    if password.chars().count() < at_least {
        return Some(Weakness::TooShort { at_least });
    }
    if password.len() > MAX_BYTES {
        return Some(Weakness::TooLong);
    }
    // zxcvbn compares with whole inputs, and takes three known words in a row for a good password: so names count in parts and joined.
    let joined: Vec<String> = about.iter().map(|text| text.chars().filter(|c| c.is_alphanumeric()).collect()).collect();
    let locals = about.iter().filter_map(|text| text.split_once('@')).map(|(local, _)| local);
    let local: Vec<String> = locals.map(|local| local.chars().filter(|c| c.is_alphanumeric()).collect()).collect();
    let pieces = about.iter().flat_map(|text| text.split(|c: char| !c.is_alphanumeric()));
    let known = pieces.chain(joined.iter().map(String::as_str)).chain(local.iter().map(String::as_str));
    let parts: Vec<&str> = known.chain(about.iter().copied()).filter(|part| part.len() > 2).collect();
    let entropy = zxcvbn(password, &parts);
    (entropy.score() < Score::Three).then(|| Weakness::Guessable {
        why: entropy.feedback().and_then(zxcvbn::feedback::Feedback::warning).map(|warning| warning.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_matches_and_the_parameters_are_strong() {
        let phc = hash("correct horse".to_owned()).await.unwrap();
        assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{phc}");
        assert!(matches("correct horse".to_owned(), Some(phc.clone())).await.unwrap());
        assert!(!matches("wrong horse".to_owned(), Some(phc)).await.unwrap());
        assert!(!matches("correct horse".to_owned(), None).await.unwrap());
        assert!(matches("x".to_owned(), Some("not a hash".to_owned())).await.is_err());
    }

    #[test]
    fn weak_passwords_are_refused_with_a_reason() {
        let about = ["anna.keller@learner.example", "Anna Keller", "Northlight Academy"];
        let why = |password: &str| weakness(password, 10, &about).map(|weakness| weakness.to_string());
        assert!(why("short").unwrap().contains("at least 10 characters"));
        assert!(why(&"é".repeat(129)).unwrap().contains("256 bytes"));
        for guessable in ["password123", "1234567890", "annakeller1", "northlight1", "qwertyuiop", "aaaaaaaaaaaa", "learner2026"] {
            assert!(why(guessable).is_some_and(|why| why.contains("easy to guess")), "{guessable}");
        }
        assert_eq!(why("tram lamp quarry violin"), None);
        assert_eq!(why("k7!Wq0-zRt5m"), None);
    }

    #[test]
    fn the_personal_parts_make_the_difference() {
        assert_eq!(weakness("brzeczyszczykiewicz", 10, &[]), None);
        assert!(weakness("brzeczyszczykiewicz", 10, &["g.brzeczyszczykiewicz@learner.example"]).is_some());
    }
}
