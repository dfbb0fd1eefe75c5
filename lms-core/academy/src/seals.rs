//! More of what the academy's key makes: links of sign-ups and changes of address, the challenge between password and code, the mark of a known
//! device, sealed secrets, and keys of limits that hold no address.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead as _, KeyInit as _};
use chacha20poly1305::{ChaCha20Poly1305, Nonce};
use hmac::Mac as _;
use porter_kernel::clock::Timestamp;
use porter_kernel::ids::{Token, TokenHash};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::AccountId;
use crate::tokens::SigningKey;

const VERIFY: &str = "porter-academy/verify-email/1";
const EMAIL_OLD: &str = "porter-academy/email-change-old/1";
const EMAIL_NEW: &str = "porter-academy/email-change-new/1";
const CHALLENGE: &str = "porter-academy/challenge/1";
const DEVICE: &str = "porter-academy/device/1";
const SEAL: &str = "porter-academy/seal/1";
const RECOVERY: &str = "porter-academy/recovery/1";
const LIMIT: &str = "porter-academy/limit/1";
const PASSWORD: &str = "porter-academy/password/1";

/// Longer than a challenge ever is.
const MAX_CHALLENGE: usize = 1_024;

/// Who has shown a right password and has still to show a code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Challenge {
    pub(crate) account: AccountId,
    /// The session that will be begun: it can be begun once.
    pub(crate) session: Uuid,
    /// Stands for the password's hash: a new password ends the challenge.
    pub(crate) password: String,
    pub(crate) expires_at: Timestamp,
}

impl SigningKey {
    fn derived(&self, domain: &str, id: Uuid) -> Token {
        let mut bytes = [0; 16];
        for (to, from) in bytes.iter_mut().zip(self.digest(domain, id.as_bytes())) {
            *to = from;
        }
        Token::from_bytes(bytes)
    }

    /// The secret of a link that confirms a sign-up.
    #[must_use]
    pub fn verification_token(&self, verification: Uuid) -> Token {
        self.derived(VERIFY, verification)
    }

    /// The secret of the link to the present address of a change.
    #[must_use]
    pub fn old_address_token(&self, change: Uuid) -> Token {
        self.derived(EMAIL_OLD, change)
    }

    /// The secret of the link to the new address of a change.
    #[must_use]
    pub fn new_address_token(&self, change: Uuid) -> Token {
        self.derived(EMAIL_NEW, change)
    }

    /// Stands for a password's hash where that itself must not lie.
    pub(crate) fn password_mark(&self, password_hash: &str) -> String {
        URL_SAFE_NO_PAD.encode(self.digest(PASSWORD, password_hash.as_bytes()))
    }

    pub(crate) fn sign_challenge(&self, challenge: &Challenge) -> String {
        // Plain fields always serialise; an empty payload would be refused when read.
        let payload = URL_SAFE_NO_PAD.encode(serde_json::to_vec(challenge).unwrap_or_default());
        format!("{payload}.{}", URL_SAFE_NO_PAD.encode(self.digest(CHALLENGE, payload.as_bytes())))
    }

    pub(crate) fn read_challenge(&self, text: &str, now: Timestamp) -> Option<Challenge> {
        if text.len() > MAX_CHALLENGE {
            return None;
        }
        let (payload, signature) = text.split_once('.')?;
        self.mac(CHALLENGE, payload.as_bytes()).verify_slice(&URL_SAFE_NO_PAD.decode(signature).ok()?).ok()?;
        let challenge: Challenge = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
        (now < challenge.expires_at).then_some(challenge)
    }

    /// Says that `device` has been signed in to `account` before.
    pub(crate) fn device_mark(&self, account: AccountId, device: Uuid) -> String {
        let named = [*account.0.as_bytes(), *device.as_bytes()].concat();
        let signature = self.digest(DEVICE, &named);
        URL_SAFE_NO_PAD.encode([named.as_slice(), signature.get(..16).unwrap_or_default()].concat())
    }

    /// Which device was signed in to which account, when this academy has said so.
    pub(crate) fn read_device_mark(&self, text: &str) -> Option<(AccountId, Uuid)> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok().filter(|bytes| bytes.len() == 48)?;
        let (named, signature) = bytes.split_at_checked(32)?;
        self.mac(DEVICE, named).verify_truncated_left(signature).ok()?;
        let (account, device) = named.split_at_checked(16)?;
        Some((AccountId(Uuid::from_slice(account).ok()?), Uuid::from_slice(device).ok()?))
    }

    /// Seals a secret of an account. `id` must be new for each text: the key of the cipher follows from it.
    #[must_use]
    pub fn seal(&self, account: AccountId, id: Uuid, secret: &[u8]) -> Option<String> {
        let sealed = self.cipher(account, id).encrypt(&Nonce::default(), secret).ok()?;
        Some(URL_SAFE_NO_PAD.encode([id.as_bytes().as_slice(), &sealed].concat()))
    }

    /// The secret, when this key has sealed it for this account.
    #[must_use]
    pub fn unseal(&self, account: AccountId, text: &str) -> Option<Vec<u8>> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (id, sealed) = bytes.split_at_checked(16)?;
        self.cipher(account, Uuid::from_slice(id).ok()?).decrypt(&Nonce::default(), sealed).ok()
    }

    /// A key of its own for every text, so that the nonce may always be zero.
    fn cipher(&self, account: AccountId, id: Uuid) -> ChaCha20Poly1305 {
        let named = [*account.0.as_bytes(), *id.as_bytes()].concat();
        ChaCha20Poly1305::new(&self.digest(SEAL, &named).into())
    }

    /// What may be stored of a recovery code. Keyed, for a code is short enough to be guessed from a plain hash.
    pub(crate) fn recovery_hash(&self, account: AccountId, code: &str) -> TokenHash {
        let bytes = self.digest(RECOVERY, format!("{account}:{code}").as_bytes());
        Token::hash_text(&URL_SAFE_NO_PAD.encode(bytes))
    }

    /// The key of a limit: the same for the same words, and nobody can tell the words from it.
    pub(crate) fn limit_key(&self, words: &[&str]) -> String {
        let digest = self.digest(LIMIT, words.join("\n").as_bytes());
        URL_SAFE_NO_PAD.encode(digest.get(..18).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use porter_kernel::clock::{Clock as _, ManualClock};

    use super::*;

    fn key() -> SigningKey {
        SigningKey::from_bytes([7; 32])
    }

    const ANNA: AccountId = AccountId(Uuid::from_u128(1));
    const BRUNO: AccountId = AccountId(Uuid::from_u128(2));

    #[test]
    fn the_links_of_one_id_differ_by_what_they_are_for() {
        let id = Uuid::from_u128(5);
        let all = [key().verification_token(id), key().old_address_token(id), key().new_address_token(id), key().reset_token(id)];
        for (place, token) in all.iter().enumerate() {
            assert!(all.iter().skip(place + 1).all(|other| other != token));
        }
        assert_eq!(key().verification_token(id), key().verification_token(id));
    }

    #[test]
    fn a_challenge_ends_and_cannot_be_written_by_others() {
        let (clock, challenge) = (ManualClock::default(), Uuid::from_u128(3));
        let challenge = Challenge {
            account: ANNA,
            session: challenge,
            password: key().password_mark("$argon2id$x"),
            expires_at: clock.now() + Duration::from_secs(60),
        };
        let text = key().sign_challenge(&challenge);
        assert_eq!(key().read_challenge(&text, clock.now()), Some(challenge));
        assert_eq!(SigningKey::from_bytes([8; 32]).read_challenge(&text, clock.now()), None);
        assert_eq!(key().read_challenge(&text.replacen('A', "B", 1), clock.now()), None);
        assert_eq!(key().read_challenge(&text, clock.advance(Duration::from_secs(60))), None);
    }

    #[test]
    fn a_sealed_secret_opens_for_its_account_and_key_only() {
        let sealed = key().seal(ANNA, Uuid::from_u128(9), b"twenty bytes of salt").unwrap();
        assert_eq!(key().unseal(ANNA, &sealed).unwrap(), b"twenty bytes of salt");
        assert_eq!(key().unseal(BRUNO, &sealed), None);
        assert_eq!(SigningKey::from_bytes([8; 32]).unseal(ANNA, &sealed), None);
        assert!(key().unseal(ANNA, "").is_none() && key().unseal(ANNA, &sealed[..sealed.len() - 2]).is_none());
    }

    #[test]
    fn a_device_is_known_for_its_account() {
        let mark = key().device_mark(ANNA, Uuid::from_u128(4));
        assert_eq!(key().read_device_mark(&mark), Some((ANNA, Uuid::from_u128(4))));
        assert_eq!(SigningKey::from_bytes([8; 32]).read_device_mark(&mark), None);
        let mut forged = URL_SAFE_NO_PAD.decode(&mark).unwrap();
        forged[15] ^= 3;
        assert_eq!(key().read_device_mark(&URL_SAFE_NO_PAD.encode(forged)), None);
        assert_eq!(key().read_device_mark("nonsense"), None);
    }

    #[test]
    fn a_limit_key_hides_its_words() {
        assert_eq!(key().limit_key(&["sign-in", "a@b"]), key().limit_key(&["sign-in", "a@b"]));
        assert_ne!(key().limit_key(&["sign-in", "a@b"]), SigningKey::from_bytes([8; 32]).limit_key(&["sign-in", "a@b"]));
        assert_eq!(key().limit_key(&["x"]).len(), 24);
    }
}
