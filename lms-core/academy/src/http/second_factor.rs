//! Codes of an authenticator app (RFC 6238: SHA-1, six digits, 30 seconds, which is what all apps know), and codes for when the app is gone.

use std::fmt::Write as _;

use porter_kernel::clock::Timestamp;
use porter_kernel::ids::{Ids, TokenHash};
use qrcode::{Color, EcLevel, QrCode};
use sha2::{Digest as _, Sha256};
use totp_rs::{Builder, Secret, Totp};

use crate::domain::{AccountId, TwoFactor};
use crate::store::Proof;
use crate::tokens::SigningKey;

/// Seconds of a step.
const STEP: u64 = 30;
/// Recovery codes that a person gets.
const CODES: usize = 10;
/// Letters of a recovery code: 50 bits, and the door counts guesses.
const LETTERS: usize = 10;
/// Crockford's base 32: nothing in it is taken for something else.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A new secret of 20 bytes: the length of the hash, as RFC 4226 asks for.
pub(super) fn new_secret(ids: &dyn Ids) -> Vec<u8> {
    let digest = Sha256::digest(format!("{}{}", ids.token().reveal(), ids.token().reveal()).as_bytes());
    digest.iter().take(20).copied().collect()
}

fn totp(secret: &[u8]) -> Option<Totp> {
    // A code of the step before or after passes: clocks differ.
    Builder::new().with_secret(secret.to_vec()).build().ok()
}

/// The step whose code this is.
pub(super) fn step_of(secret: &[u8], code: &str, now: Timestamp) -> Option<i64> {
    let seconds = u64::try_from(now.micros()).ok()? / 1_000_000;
    i64::try_from(totp(secret)?.check(code, seconds)?).ok()
}

/// What a person typed, as a proof that the store can check once: six digits of the app, or a recovery code.
pub(super) fn proof(key: &SigningKey, account: AccountId, two_factor: &TwoFactor, typed: &str, now: Timestamp) -> Option<Proof> {
    let plain: String = typed.chars().filter(char::is_ascii_alphanumeric).take(32).collect();
    if plain.len() == 6 && plain.bytes().all(|byte| byte.is_ascii_digit()) {
        let secret = key.unseal(account, &two_factor.sealed)?;
        let step = step_of(&secret, &plain, now)?;
        return Some(Proof::Step { step, sealed: two_factor.sealed.clone() });
    }
    (plain.len() == LETTERS).then(|| Proof::Recovery(key.recovery_hash(account, &written(&plain))))
}

/// As it was printed, whatever was typed for letters that look alike.
fn written(typed: &str) -> String {
    typed
        .chars()
        .map(|letter| match letter.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            letter => letter,
        })
        .collect()
}

/// New recovery codes, as a person reads them (`7F3K9-QWD42`), and what is stored of each.
pub(super) fn recovery_codes(key: &SigningKey, ids: &dyn Ids, account: AccountId) -> Vec<(String, TokenHash)> {
    let code = |_| {
        let digest = Sha256::digest(ids.token().reveal().as_bytes());
        let letters = digest.iter().take(LETTERS).filter_map(|byte| ALPHABET.get(usize::from(byte % 32)).copied());
        let letters: String = letters.map(char::from).collect();
        let (first, second) = letters.split_at_checked(LETTERS / 2).unwrap_or_default();
        (format!("{first}-{second}"), key.recovery_hash(account, &letters))
    };
    (0..CODES).map(code).collect()
}

/// The secret in the form that people type, in groups of four.
pub(super) fn spelled(secret: &[u8]) -> String {
    let text = base32(secret);
    let mut spelled = String::with_capacity(text.len() + text.len() / 4);
    for (place, letter) in text.chars().enumerate() {
        if place > 0 && place % 4 == 0 {
            spelled.push(' ');
        }
        spelled.push(letter);
    }
    spelled
}

fn base32(secret: &[u8]) -> String {
    Secret::from(secret.to_vec()).to_base32()
}

/// The address that an app reads from the picture (the "Key URI Format" of Google Authenticator, which all apps know).
pub(super) fn uri(secret: &[u8], academy: &str, email: &str) -> String {
    format!(
        "otpauth://totp/{}:{}?secret={}&issuer={}&algorithm=SHA1&digits=6&period={STEP}",
        escaped(academy),
        escaped(email),
        base32(secret),
        escaped(academy)
    )
}

fn escaped(text: &str) -> String {
    let mut all = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            all.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(all, "%{byte:02X}");
        }
    }
    all
}

/// A QR code as a path of an SVG, and how many modules it is wide, with the quiet zone.
#[derive(Debug)]
pub(super) struct Picture {
    pub(super) path: String,
    pub(super) width: usize,
}

/// `None` when the text is too long: addresses are not.
pub(super) fn picture(text: &str) -> Option<Picture> {
    const QUIET: usize = 4;
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let width = code.width();
    let mut path = String::new();
    for (at, _) in code.to_colors().iter().enumerate().filter(|(_, color)| **color == Color::Dark) {
        // Writing to a String cannot fail.
        let _ = write!(path, "M{} {}h1v1h-1z", at % width + QUIET, at / width + QUIET);
    }
    Some(Picture { path, width: width + 2 * QUIET })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use porter_kernel::ids::SequentialIds;
    use uuid::Uuid;

    use super::*;

    const ANNA: AccountId = AccountId(Uuid::from_u128(1));

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000).unwrap()
    }

    /// RFC 6238, appendix B, for SHA-1; the last six of its eight digits.
    #[test]
    fn codes_are_those_of_the_rfc() {
        let secret = b"12345678901234567890";
        for (seconds, code) in [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (20_000_000_000, "353130")] {
            assert_eq!(step_of(secret, code, at(seconds)), Some(seconds / 30));
            assert_eq!(step_of(secret, code, at(seconds) + Duration::from_secs(30)), Some(seconds / 30), "a slow clock");
            assert_eq!(step_of(secret, code, at(seconds) + Duration::from_secs(90)), None);
        }
        for wrong in ["", "28708", "2870822", "abcdef"] {
            assert_eq!(step_of(secret, wrong, at(59)), None, "{wrong}");
        }
    }

    #[test]
    fn what_is_typed_becomes_a_proof() {
        let key = SigningKey::from_bytes([7; 32]);
        let sealed = key.seal(ANNA, Uuid::from_u128(3), b"12345678901234567890").unwrap();
        let two_factor = TwoFactor { sealed: sealed.clone(), last_step: 0, enabled_at: Some(at(1)), codes_left: 10 };
        let proof = |typed: &str| proof(&key, ANNA, &two_factor, typed, at(59));
        assert_eq!(proof(" 287 082 "), Some(Proof::Step { step: 1, sealed }));
        assert_eq!(proof("287083"), None);
        let codes = recovery_codes(&key, &SequentialIds::default(), ANNA);
        assert_eq!((codes.len(), codes[0].0.len()), (10, 11));
        assert_eq!(proof(&codes[3].0.to_lowercase()), Some(Proof::Recovery(codes[3].1.clone())));
        assert_eq!(proof("too short"), None);
    }

    #[test]
    fn the_picture_holds_the_address() {
        let uri = uri(b"12345678901234567890", "Northlight Academy", "anna@learner.example");
        assert!(
            uri.starts_with("otpauth://totp/Northlight%20Academy:anna%40learner.example?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&"),
            "{uri}"
        );
        let picture = picture(&uri).unwrap();
        assert!(picture.width > 40 && picture.path.starts_with("M4 4h1v1h-1z"));
        assert_eq!(spelled(b"12345678901234567890"), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
    }
}
