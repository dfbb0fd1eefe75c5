//! What a verifier of Open Badges 3.0 does, by another implementation of RSA than the one that signs.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use porter_kernel::clock::{Clock as _, ManualClock};
use rsa::pkcs1v15::{Signature, VerifyingKey};
use rsa::signature::Verifier as _;
use rsa::{BoxedUint, PublicKey};
use uuid::Uuid;

use super::*;
use crate::domain::{AccountId, AccountStatus, CertificateId, CourseId, Role};
use crate::testing::credential_key;

const PUBLIC: &str = "https://academy.northlight.example";

fn certificate() -> IssuedCertificate {
    IssuedCertificate {
        id: CertificateId(Uuid::from_u128(0xd1)),
        account: AccountId(Uuid::from_u128(0xa1)),
        course: CourseId(Uuid::from_u128(0xe1)),
        course_title: "Data analysis from zero".to_owned(),
        learner_name: "Anna Keller".to_owned(),
        signatory: "Maren Holt".to_owned(),
        signatory_role: "Head of Data".to_owned(),
        code: "NL-7F3K-9QWD".to_owned(),
        // With microseconds, which the claims have not.
        issued_at: ManualClock::default().now() + std::time::Duration::from_micros(1_500_001),
        revoked: None,
    }
}

fn anna() -> Account {
    Account {
        id: AccountId(Uuid::from_u128(0xa1)),
        email: "anna.keller@learner.example".to_owned(),
        name: "Anna Keller".to_owned(),
        role: Role::Learner,
        status: AccountStatus::Active,
        created_at: ManualClock::default().now(),
    }
}

fn secrets() -> SigningKey {
    SigningKey::from_bytes([7; 32])
}

fn signed(key: &CredentialKey) -> String {
    let policy = Policy::sample();
    Issuer { policy: &policy, public_url: PUBLIC }.signed(&certificate(), &anna(), &secrets(), key).unwrap()
}

fn decoded(part: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// Header and payload of a compact JWS whose signature is this JWK's; the steps of Open Badges 3.0, section 8.2.4.
fn verified(jws: &str, jwk: &Value) -> Option<(Value, Value)> {
    let (text, signature) = jws.rsplit_once('.')?;
    let (header, payload) = text.split_once('.')?;
    let number = |name: &str| BoxedUint::from_be_slice_vartime(&URL_SAFE_NO_PAD.decode(jwk[name].as_str().unwrap()).unwrap());
    let key = VerifyingKey::<sha2::Sha256>::new(PublicKey::new(number("n"), number("e")).ok()?);
    let signature = Signature::try_from(URL_SAFE_NO_PAD.decode(signature).ok()?.as_slice()).ok()?;
    key.verify(text.as_bytes(), &signature).ok()?;
    Some((decoded(header), decoded(payload)))
}

/// What the specification's data model asks of an `OpenBadgeCredential`, and of the claims beside it.
fn assert_conforms(header: &Value, credential: &Value, kid: &str) {
    let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned();
    let types = |value: &Value, wanted: &str| assert!(value["type"].as_array().unwrap().iter().any(|one| one == wanted), "{value}");
    assert_eq!(header, &json!({ "alg": "RS256", "typ": "JWT", "kid": format!("{PUBLIC}/credentials/keys/{kid}") }));
    assert_eq!(credential["@context"][0], "https://www.w3.org/ns/credentials/v2");
    assert!(text(&credential["@context"][1]).starts_with("https://purl.imsglobal.org/spec/ob/v3p0/context"));
    types(credential, "VerifiableCredential");
    types(credential, "OpenBadgeCredential");
    types(&credential["issuer"], "Profile");
    let subject = &credential["credentialSubject"];
    types(subject, "AchievementSubject");
    let achievement = &subject["achievement"];
    types(achievement, "Achievement");
    for required in ["id", "name", "description"] {
        assert!(!text(&achievement[required]).is_empty(), "{required}");
    }
    assert!(!text(&achievement["criteria"]["narrative"]).is_empty());
    assert_eq!(achievement["image"]["type"], "Image");
    assert_eq!(
        credential["credentialStatus"],
        json!({ "id": format!("{PUBLIC}/credentials/revocations"), "type": "1EdTechRevocationList" })
    );
    // The claims say the same as the credential.
    assert_eq!(credential["iss"], credential["issuer"]["id"]);
    assert_eq!(credential["jti"], credential["id"]);
    assert_eq!(credential["sub"], subject["id"]);
    let valid_from: Timestamp = text(&credential["validFrom"]).parse().unwrap();
    assert_eq!(credential["nbf"], valid_from.micros() / 1_000_000);
    assert_eq!(valid_from.micros() % 1_000_000, 0);
}

#[test]
fn another_implementation_verifies_the_credential() {
    let key = credential_key();
    let jws = signed(&key);
    let (header, credential) = verified(&jws, &key.jwk()).expect("a good signature");
    assert_conforms(&header, &credential, key.kid());
    assert_eq!(jws, signed(&key), "RS256 is deterministic: a second download is the same file");
}

#[test]
fn any_change_refuses_it() {
    let key = credential_key();
    let jws = signed(&key);
    for at in (0..jws.len()).step_by(37) {
        let mut bytes = jws.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(bytes).unwrap();
        assert!(changed == jws || verified(&changed, &key.jwk()).is_none(), "at {at}");
    }
}

#[test]
fn the_holder_is_found_by_who_knows_the_address_and_by_nobody_else() {
    let (_, credential) = verified(&signed(&credential_key()), &credential_key().jwk()).unwrap();
    let text = credential.to_string();
    assert!(
        !text.contains("anna")
            && !text.contains("Anna")
            && !text.contains("Keller")
            && !text.contains("00000000-0000-0000-0000-0000000000a1"),
        "{text}"
    );
    let identity = &credential["credentialSubject"]["identifier"][0];
    let salt = identity["salt"].as_str().unwrap();
    assert_eq!(*identity, super::identity("anna.keller@learner.example", salt));
    assert_ne!(*identity, super::identity("eve@learner.example", salt));
    // Two certificates of one person have nothing in common.
    let other = IssuedCertificate { id: CertificateId(Uuid::from_u128(0xd2)), ..certificate() };
    let policy = Policy::sample();
    let other = Issuer { policy: &policy, public_url: PUBLIC }.credential(&other, &anna(), &secrets());
    assert_ne!(other["sub"], credential["sub"]);
    assert_ne!(other["credentialSubject"]["identifier"][0]["identityHash"], identity["identityHash"]);
}

#[test]
fn a_key_is_found_by_its_thumbprint_and_hides_its_private_half() {
    let key = credential_key();
    let jwk = key.jwk();
    let members: Vec<&str> = jwk.as_object().unwrap().keys().map(String::as_str).collect();
    assert!(members.iter().all(|member| ["kty", "use", "alg", "kid", "n", "e"].contains(member)), "{members:?}");
    assert_eq!((jwk["kid"].as_str().unwrap(), key.kid().len()), (key.kid(), 43));
    assert_eq!(format!("{key:?}"), format!("CredentialKey({:?})", key.kid()));
    for none in ["", "short", &URL_SAFE_NO_PAD.encode([7; 1_200])] {
        assert!(CredentialKey::parse(none).is_none());
    }
}

#[test]
fn the_badge_carries_the_credential() {
    let jws = signed(&credential_key());
    let svg = baked("Northlight Academy", "Data analysis from zero", "24 November 2026", &jws).unwrap();
    assert!(svg.contains(r#"xmlns:openbadges="https://purl.imsglobal.org/ob/v3p0""#));
    let after = svg.split_once(">\n").unwrap().1;
    assert_eq!(after.lines().next().unwrap(), format!(r#"<openbadges:credential verify="{jws}"></openbadges:credential>"#));
    assert!(svg.contains(">Data analysis from</text>"), "{svg}");
}
