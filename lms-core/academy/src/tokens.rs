//! What the academy signs: who is signed in, for the support desk; links for a new password; the codes on certificates.
//!
//! One key, three domains: a text made for one purpose says nothing for another.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use porter_kernel::clock::Timestamp;
use porter_kernel::ids::Token;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use uuid::Uuid;

use crate::domain::{AccountId, CertificateId, CourseId};

const IDENTITY: &str = "porter-academy/identity/1";
const RESET: &str = "porter-academy/reset/1";
const SUBJECT: &str = "porter-academy/credential-subject/1";
const SALT: &str = "porter-academy/credential-salt/1";
const UNSUBSCRIBE: &str = "porter-academy/unsubscribe/1";
const INVITATION: &str = "porter-academy/invitation/1";
const CODE: &str = "porter-academy/certificate-code/1";

/// Longer than any that [`SigningKey::sign`] makes: what a header may carry.
const MAX_TEXT: usize = 1_024;
/// Who an identity token is for.
const AUDIENCE: &str = "support";
/// Crockford's base 32: nothing in it is taken for something else when read aloud.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The academy's secret of 32 bytes. It never prints itself.
#[derive(Clone)]
pub struct SigningKey([u8; 64]);

/// Who is signed in, and in which session, until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    pub account: AccountId,
    /// The session's id: when it ends, the token is worth nothing.
    pub session: Uuid,
    pub expires_at: Timestamp,
    /// Tells two tokens of one session apart.
    pub id: Uuid,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    v: u8,
    aud: String,
    sub: AccountId,
    sid: Uuid,
    exp: Timestamp,
    jti: Uuid,
}

impl SigningKey {
    /// Reads 32 bytes in base64url without padding.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        Some(Self::from_bytes(bytes.try_into().ok()?))
    }

    /// The key of these bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        // HMAC fills a key with zeros up to a block, so this is the same key.
        let mut block = [0; 64];
        for (to, from) in block.iter_mut().zip(bytes) {
            *to = from;
        }
        Self(block)
    }

    pub(crate) fn mac(&self, domain: &str, message: &[u8]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new(&self.0.into());
        mac.update(domain.as_bytes());
        mac.update(&[0]);
        mac.update(message);
        mac
    }

    pub(crate) fn digest(&self, domain: &str, message: &[u8]) -> [u8; 32] {
        self.mac(domain, message).finalize().into_bytes().into()
    }

    /// The token of an identity: base64url of its JSON, a dot, base64url of the signature.
    #[must_use]
    pub fn sign(&self, identity: &Identity) -> String {
        let claims = Claims {
            v: 1,
            aud: AUDIENCE.to_owned(),
            sub: identity.account,
            sid: identity.session,
            exp: identity.expires_at,
            jti: identity.id,
        };
        // Plain fields always serialise; an empty payload would be refused when read.
        let payload = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&claims).unwrap_or_default());
        let signature = URL_SAFE_NO_PAD.encode(self.digest(IDENTITY, payload.as_bytes()));
        format!("{payload}.{signature}")
    }

    /// The identity, when this academy signed the text and it has not run out. Whether the session still lives is for the store to say.
    #[must_use]
    pub fn verify(&self, text: &str, now: Timestamp) -> Option<Identity> {
        if text.len() > MAX_TEXT {
            return None;
        }
        let (payload, signature) = text.split_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        // In constant time; nothing of the payload is read before.
        self.mac(IDENTITY, payload.as_bytes()).verify_slice(&signature).ok()?;
        let claims: Claims = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
        let good = claims.v == 1 && claims.aud == AUDIENCE && now < claims.exp;
        good.then_some(Identity { account: claims.sub, session: claims.sid, expires_at: claims.exp, id: claims.jti })
    }

    /// The secret of an invitation's link. It follows from the invitation's id, as [`Self::reset_token`] does from the reset's.
    #[must_use]
    pub fn invitation_token(&self, invitation: Uuid) -> Token {
        let mut bytes = [0; 16];
        for (to, from) in bytes.iter_mut().zip(self.digest(INVITATION, invitation.as_bytes())) {
            *to = from;
        }
        Token::from_bytes(bytes)
    }

    /// The secret of a link for a new password. It follows from the reset's id, so that no row has to hold it until the mail is made.
    #[must_use]
    pub fn reset_token(&self, reset: Uuid) -> Token {
        let mut bytes = [0; 16];
        for (to, from) in bytes.iter_mut().zip(self.digest(RESET, reset.as_bytes())) {
            *to = from;
        }
        Token::from_bytes(bytes)
    }

    /// A name of a credential's holder that leads to no other credential and to no account.
    #[must_use]
    pub fn credential_subject(&self, certificate: CertificateId) -> Uuid {
        let mut bytes = [0; 16];
        for (to, from) in bytes.iter_mut().zip(self.digest(SUBJECT, certificate.0.as_bytes())) {
            *to = from;
        }
        uuid::Builder::from_custom_bytes(bytes).into_uuid()
    }

    /// With what the holder's address is hashed in a credential: the same each time, and another for each credential.
    #[must_use]
    pub fn credential_salt(&self, certificate: CertificateId) -> String {
        URL_SAFE_NO_PAD.encode(self.digest(SALT, certificate.0.as_bytes()))
    }

    /// What the link of an announcement proves: that its mail went to this account. It does not run out, as mails are kept.
    #[must_use]
    pub fn unsubscribe_token(&self, account: AccountId, course: CourseId) -> String {
        let mut bytes = Vec::with_capacity(48);
        bytes.extend_from_slice(account.0.as_bytes());
        bytes.extend_from_slice(course.0.as_bytes());
        let digest = self.digest(UNSUBSCRIBE, &bytes);
        bytes.extend(digest.iter().take(16));
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Whose mails such a token is about, and of which course; `None` when this academy did not make it.
    #[must_use]
    pub fn unsubscribed_by(&self, token: &str) -> Option<(AccountId, CourseId)> {
        let bytes: [u8; 48] = URL_SAFE_NO_PAD.decode(token).ok()?.try_into().ok()?;
        let (named, signature) = bytes.split_at_checked(32)?;
        self.mac(UNSUBSCRIBE, named).verify_truncated_left(signature).ok()?;
        let (account, course) = named.split_at_checked(16)?;
        Some((AccountId(Uuid::from_slice(account).ok()?), CourseId(Uuid::from_slice(course).ok()?)))
    }

    /// The code of a certificate, such as `NL-7F3K-9QWD`: 40 bits that follow from its id, so that nobody can guess one from another.
    #[must_use]
    pub fn certificate_code(&self, certificate: Uuid) -> String {
        let digest = self.digest(CODE, certificate.as_bytes());
        let mut letters = digest.iter().filter_map(|byte| LETTERS.get(usize::from(byte % 32))).map(|letter| char::from(*letter));
        let first: String = letters.by_ref().take(4).collect();
        let second: String = letters.take(4).collect();
        format!("NL-{first}-{second}")
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use porter_kernel::clock::{Clock as _, ManualClock};
    use proptest::prelude::*;

    use super::*;

    fn key() -> SigningKey {
        SigningKey::from_bytes([7; 32])
    }

    fn identity() -> Identity {
        Identity {
            account: AccountId(Uuid::from_u128(1)),
            session: Uuid::from_u128(2),
            expires_at: ManualClock::default().now() + Duration::from_secs(900),
            id: Uuid::from_u128(3),
        }
    }

    #[test]
    fn a_signed_identity_is_read_until_it_runs_out() {
        let (clock, token) = (ManualClock::default(), key().sign(&identity()));
        assert!(token.len() < 512 && token.bytes().all(|byte| byte.is_ascii_graphic()), "{token}");
        assert_eq!(key().verify(&token, clock.now()), Some(identity()));
        assert_eq!(key().verify(&token, clock.advance(Duration::from_secs(899))), Some(identity()));
        assert_eq!(key().verify(&token, clock.advance(Duration::from_secs(1))), None);
        assert_eq!(SigningKey::from_bytes([8; 32]).verify(&token, ManualClock::default().now()), None);
    }

    #[test]
    fn only_the_right_claims_count_even_when_signed() {
        let now = ManualClock::default().now();
        let signed = |json: &str| {
            let payload = URL_SAFE_NO_PAD.encode(json);
            format!("{payload}.{}", URL_SAFE_NO_PAD.encode(key().digest(IDENTITY, payload.as_bytes())))
        };
        let (nil, exp) = (Uuid::nil(), now + Duration::from_secs(60));
        let claims = |v: u8, aud: &str, more: &str| {
            signed(&format!(r#"{{"v":{v},"aud":"{aud}","sub":"{nil}","sid":"{nil}","exp":"{exp}","jti":"{nil}"{more}}}"#))
        };
        assert!(key().verify(&claims(1, "support", ""), now).is_some());
        for token in [
            claims(2, "support", ""),
            claims(1, "billing", ""),
            claims(1, "support", r#","role":"administrator""#),
            signed("{}"),
            signed(""),
        ] {
            assert_eq!(key().verify(&token, now), None);
        }
    }

    #[test]
    fn a_signature_of_one_domain_is_none_of_another() {
        let payload = URL_SAFE_NO_PAD.encode("{}");
        assert_ne!(key().digest(IDENTITY, payload.as_bytes()), key().digest(RESET, payload.as_bytes()));
        assert_ne!(key().digest("a", b"b"), key().digest("ab", b""));
    }

    #[test]
    fn a_reset_token_can_be_made_again_and_only_with_the_key() {
        let reset = Uuid::from_u128(9);
        let token = key().reset_token(reset);
        assert_eq!(Token::parse(token.reveal()), Some(token.clone()));
        assert_eq!(token, key().reset_token(reset));
        assert_ne!(token, key().reset_token(Uuid::from_u128(10)));
        assert_ne!(token, SigningKey::from_bytes([8; 32]).reset_token(reset));
    }

    #[test]
    fn a_link_to_leave_is_for_one_account_and_one_course() {
        let (account, course) = (AccountId(Uuid::from_u128(1)), CourseId(Uuid::from_u128(2)));
        let token = key().unsubscribe_token(account, course);
        assert_eq!((key().unsubscribed_by(&token), token.len()), (Some((account, course)), 64));
        assert_eq!(SigningKey::from_bytes([8; 32]).unsubscribed_by(&token), None);
        for at in 0..64 {
            let mut changed = token.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            assert_eq!(key().unsubscribed_by(&String::from_utf8(changed).unwrap()), None, "at {at}");
        }
        for none in ["", "x", &token[1..], &format!("{token}A")] {
            assert_eq!(key().unsubscribed_by(none), None);
        }
    }

    #[test]
    fn a_code_has_the_form_that_stands_on_certificates() {
        let code = key().certificate_code(Uuid::from_u128(4));
        assert_eq!(code, key().certificate_code(Uuid::from_u128(4)));
        assert_eq!((code.len(), &code[..3], &code[7..8]), (12, "NL-", "-"));
        assert!(code.chars().all(|letter| letter == '-' || letter.is_ascii_digit() || letter.is_ascii_uppercase()), "{code}");
    }

    #[test]
    fn a_key_is_32_bytes_and_stays_hidden() {
        let text = URL_SAFE_NO_PAD.encode([7; 32]);
        assert_eq!(SigningKey::parse(&text).unwrap().sign(&identity()), key().sign(&identity()));
        assert!(SigningKey::parse("short").is_none() && SigningKey::parse(&URL_SAFE_NO_PAD.encode([7; 33])).is_none());
        assert_eq!(format!("{:?}", key()), "SigningKey(…)");
    }

    proptest! {
        #[test]
        fn no_text_is_trusted_by_chance(text in "\\PC{0,200}") {
            prop_assert_eq!(key().verify(&text, ManualClock::default().now()), None);
        }

        #[test]
        fn any_change_of_a_token_refuses_it(at in 0_usize..10_000, bit in 0_u8..7) {
            let mut bytes = key().sign(&identity()).into_bytes();
            let at = at % bytes.len();
            bytes[at] ^= 1 << bit;
            let text = String::from_utf8(bytes).unwrap();
            prop_assert_eq!(key().verify(&text, ManualClock::default().now()), None);
        }

        #[test]
        fn no_part_or_prolongation_of_a_token_is_one(cut in 0_usize..10_000, more in "[A-Za-z0-9_.=-]{1,8}") {
            let token = key().sign(&identity());
            let now = ManualClock::default().now();
            prop_assert_eq!(key().verify(&token[..cut % token.len()], now), None);
            prop_assert_eq!(key().verify(&format!("{token}{more}"), now), None);
        }
    }
}
