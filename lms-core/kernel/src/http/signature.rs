//! Signed webhooks: HMAC-SHA256 over `timestamp.body`, in a header `t=SECONDS,v1=HEX` that may name several signatures while a secret is changed.

use std::fmt;
use std::time::Duration;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::clock::Timestamp;

/// The header that carries a webhook's signature.
pub const SIGNATURE_HEADER: &str = "porter-signature";

/// A signature that is older, or from so far in the future, is not taken: it may be a recording.
const TOLERANCE: Duration = Duration::from_mins(5);

/// Secrets that both sides know. The first signs; each verifies, so that one can be replaced without a gap.
#[derive(Clone)]
pub struct Secrets(Vec<String>);

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets(…)")
    }
}

/// Why a webhook is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    #[error("there is no signature that can be read")]
    Missing,
    #[error("the signature is too old, or from the future")]
    Stale,
    #[error("the signature is wrong")]
    Wrong,
}

impl Secrets {
    /// Of a setting with one secret, or several with commas between, the newest first. `None` when one is shorter than 16 bytes.
    #[must_use]
    pub fn parse(setting: &str) -> Option<Self> {
        let secrets: Vec<String> = setting.split(',').map(|secret| secret.trim().to_owned()).collect();
        secrets.iter().all(|secret| secret.len() >= 16).then_some(Self(secrets))
    }

    fn mac(secret: &str, seconds: i64, body: &[u8]) -> Option<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
        mac.update(seconds.to_string().as_bytes());
        mac.update(b".");
        mac.update(body);
        Some(mac)
    }

    /// The header for a body that is sent now.
    #[must_use]
    pub fn sign(&self, body: &[u8], now: Timestamp) -> String {
        let seconds = now.micros() / 1_000_000;
        let newest = self.0.first().map(String::as_str).unwrap_or_default();
        let mac = Self::mac(newest, seconds, body).map(|mac| mac.finalize().into_bytes());
        let hex: String = mac.iter().flatten().map(|byte| format!("{byte:02x}")).collect();
        format!("t={seconds},v1={hex}")
    }

    /// Checks the header against the body as it came.
    ///
    /// # Errors
    /// See [`SignatureError`].
    pub fn verify(&self, header: Option<&str>, body: &[u8], now: Timestamp) -> Result<(), SignatureError> {
        let header = header.ok_or(SignatureError::Missing)?;
        let (mut seconds, mut signatures) = (None, Vec::new());
        for part in header.split(',').take(10) {
            match part.trim().split_once('=') {
                Some(("t", value)) => seconds = value.parse::<i64>().ok(),
                Some(("v1", value)) => signatures.extend(unhex(value)),
                _ => {}
            }
        }
        let seconds = seconds.ok_or(SignatureError::Missing)?;
        if signatures.is_empty() {
            return Err(SignatureError::Missing);
        }
        if (now.micros() / 1_000_000).abs_diff(seconds) > TOLERANCE.as_secs() {
            return Err(SignatureError::Stale);
        }
        // `verify_slice` compares in constant time.
        let right = self.0.iter().any(|secret| {
            signatures.iter().any(|given| Self::mac(secret, seconds, body).is_some_and(|mac| mac.verify_slice(given).is_ok()))
        });
        if right { Ok(()) } else { Err(SignatureError::Wrong) }
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    (0..32).map(|at| text.get(at * 2..at * 2 + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok())).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::clock::{Clock as _, ManualClock};

    const OLD: &str = "an old secret of some length";
    const NEW: &str = "a new secret of some length!";

    #[test]
    fn a_webhook_is_taken_only_as_it_was_signed_and_only_for_a_while() {
        let clock = ManualClock::default();
        let secrets = Secrets::parse(OLD).unwrap();
        let header = secrets.sign(b"{}", clock.now());
        let check = |header: &str, body: &[u8], now| secrets.verify(Some(header), body, now);
        assert_eq!(check(&header, b"{}", clock.now()), Ok(()));
        assert_eq!(check(&header, b"{} ", clock.now()), Err(SignatureError::Wrong));
        assert_eq!(check(&header.replace("t=", "t=1"), b"{}", clock.now()), Err(SignatureError::Stale));
        assert_eq!(check(&header, b"{}", clock.now() + Duration::from_secs(300)), Ok(()));
        assert_eq!(check(&header, b"{}", clock.now() + Duration::from_secs(302)), Err(SignatureError::Stale));
        assert_eq!(check(&header, b"{}", clock.now() - Duration::from_secs(302)), Err(SignatureError::Stale));
        assert_eq!(secrets.verify(None, b"{}", clock.now()), Err(SignatureError::Missing));
        for nonsense in ["", "t=", "v1=00", "t=x,v1=y", "t=1790000000", "v1=éé"] {
            assert_eq!(check(nonsense, b"{}", clock.now()), Err(SignatureError::Missing), "{nonsense}");
        }
    }

    #[test]
    fn a_secret_is_replaced_without_a_gap() {
        let now = ManualClock::default().now();
        let both = Secrets::parse(&format!("{NEW}, {OLD}")).unwrap();
        let (old, new) = (Secrets::parse(OLD).unwrap(), Secrets::parse(NEW).unwrap());
        for header in [old.sign(b"x", now), new.sign(b"x", now), both.sign(b"x", now)] {
            assert_eq!(both.verify(Some(&header), b"x", now), Ok(()));
        }
        assert_eq!(new.verify(Some(&old.sign(b"x", now)), b"x", now), Err(SignatureError::Wrong));
        assert!(Secrets::parse("short").is_none() && Secrets::parse("").is_none());
        assert_eq!(format!("{both:?}"), "Secrets(…)");
    }

    proptest! {
        #[test]
        fn no_header_panics_and_no_guess_is_right(header in ".{0,200}", body in proptest::collection::vec(any::<u8>(), 0..50)) {
            let secrets = Secrets::parse(OLD).unwrap();
            prop_assert!(secrets.verify(Some(&header), &body, ManualClock::default().now()).is_err());
        }
    }
}
