//! Certificates as Open Badges 3.0: a W3C Verifiable Credential of the type `OpenBadgeCredential`, signed as a JWT and baked into an image.
//!
//! The proof is VC-JWT with RS256. Open Badges 3.0 names that algorithm as the one that every verifier must take, and says that others limit
//! interoperability; Ed25519 it knows as a Data Integrity proof only, which signs a canonical RDF graph and would need a whole
//! JSON-LD processor here. The header names the key by an address (`kid`) where it can be fetched as a JWK; keys that are not used any more stay there.
//!
//! The file holds neither name nor address of the learner: the address stands in it as a salted hash, which its owner can prove and a reader of
//! many files cannot join.

mod badge;
mod key;

use std::fmt::Write as _;

use porter_kernel::clock::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::domain::{Account, IssuedCertificate};
use crate::policy::Policy;
use crate::tokens::SigningKey;

pub use badge::baked;
pub use key::{CredentialKey, SigningFailed};

/// What the file is (VC-JOSE-COSE).
pub const MEDIA_TYPE: &str = "application/vc+jwt";
/// The list of what was revoked: <https://www.imsglobal.org/spec/vcrl/v1p0/>.
pub const STATUS: &str = "1EdTechRevocationList";
const CONTEXT: [&str; 2] = ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"];

/// Who issues, and where that can be asked.
#[derive(Debug, Clone, Copy)]
pub struct Issuer<'a> {
    pub policy: &'a Policy,
    /// How everybody reaches the academy, without a slash at the end.
    pub public_url: &'a str,
}

impl Issuer<'_> {
    /// The issuer's profile, as it stands in each credential and at its own address.
    #[must_use]
    pub fn profile(&self) -> Value {
        json!({
            "id": self.at("/credentials/issuer"),
            "type": ["Profile"],
            "name": self.policy.academy_name,
            "url": self.public_url,
            "email": self.policy.support_email,
            "image": { "id": self.at("/assets/icon.svg"), "type": "Image", "caption": self.policy.academy_name },
        })
    }

    /// Where a key can be fetched.
    #[must_use]
    pub fn key_address(&self, kid: &str) -> String {
        self.at(&format!("/credentials/keys/{kid}"))
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.public_url)
    }

    /// The credential without its proof.
    #[must_use]
    pub fn credential(&self, certificate: &IssuedCertificate, holder: &Account, secrets: &SigningKey) -> Value {
        let issued = certificate.issued_at.datetime().format("%Y-%m-%dT%H:%M:%SZ").to_string();
        let verify = self.at(&format!("/verify/{}", certificate.code));
        let subject = format!("urn:uuid:{}", secrets.credential_subject(certificate.id));
        let id = id_of(certificate.id.0);
        let profile = self.profile();
        let (title, academy) = (certificate.course_title.as_str(), self.policy.academy_name.as_str());
        json!({
            "@context": CONTEXT,
            "id": id,
            "type": ["VerifiableCredential", "OpenBadgeCredential"],
            "name": title,
            "description": format!("Completed at {academy}"),
            "issuer": profile,
            "validFrom": issued,
            "awardedDate": issued,
            "credentialSubject": {
                "id": subject,
                "type": ["AchievementSubject"],
                "identifier": [identity(&holder.email, &secrets.credential_salt(certificate.id))],
                "achievement": {
                    "id": format!("urn:uuid:{}", certificate.course),
                    "type": ["Achievement"],
                    "achievementType": "CertificateOfCompletion",
                    "name": title,
                    "description": format!("The course {title} of {academy}."),
                    "criteria": { "narrative": "Every lesson of the course was finished, and every quiz and assignment that counts was passed." },
                    "image": { "id": self.at("/assets/badge.svg"), "type": "Image", "caption": format!("A gold star on green: a badge of {academy}") },
                },
            },
            "credentialStatus": { "id": self.at("/credentials/revocations"), "type": STATUS },
            "evidence": [{
                "id": verify,
                "type": ["Evidence"],
                "name": "The certificate",
                "narrative": "Shows to whom it was awarded, and whether it still counts.",
            }],
            // The claims of the JWT, which say the same once more.
            "iss": profile.get("id"),
            "jti": id,
            "nbf": seconds(certificate.issued_at),
            "sub": subject,
        })
    }

    /// The credential as a compact JWS.
    ///
    /// # Errors
    /// [`SigningFailed`]: a fault of the key.
    pub fn signed(
        &self,
        certificate: &IssuedCertificate,
        holder: &Account,
        secrets: &SigningKey,
        key: &CredentialKey,
    ) -> Result<String, SigningFailed> {
        key.sign(&self.key_address(key.kid()), &self.credential(certificate, holder, secrets))
    }
}

/// The credential's own name: it tells neither the code nor the holder, so that the list of what was revoked does not either.
#[must_use]
pub fn id_of(certificate: uuid::Uuid) -> String {
    format!("urn:uuid:{certificate}")
}

fn seconds(at: Timestamp) -> i64 {
    at.micros().div_euclid(1_000_000)
}

/// The holder as somebody who knows the address can recognise: `sha256$` and the hash of address and salt.
fn identity(email: &str, salt: &str) -> Value {
    let mut hash = "sha256$".to_owned();
    for byte in Sha256::digest(format!("{email}{salt}").as_bytes()) {
        // Writing to a String cannot fail.
        let _ = write!(hash, "{byte:02x}");
    }
    json!({ "type": "IdentityObject", "hashed": true, "identityHash": hash, "identityType": "emailAddress", "salt": salt })
}

#[cfg(test)]
mod tests;
