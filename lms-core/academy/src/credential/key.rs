//! The key that signs credentials.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::rsa::{KeyPair, PublicKeyComponents};
use ring::signature::RSA_PKCS1_SHA256;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// An RSA key of at least 2,048 bits. It never prints itself.
#[derive(Clone)]
pub struct CredentialKey {
    pair: Arc<KeyPair>,
    kid: String,
    modulus: String,
    exponent: String,
}

/// The key could not sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the credential could not be signed")]
pub struct SigningFailed;

impl CredentialKey {
    /// Reads a private key: the DER of PKCS#1 or PKCS#8, in base64url without padding. `None` for what is none, or has fewer than 2,048 bits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let der = URL_SAFE_NO_PAD.decode(text).ok()?;
        let pair = KeyPair::from_der(&der).or_else(|_| KeyPair::from_pkcs8(&der)).ok()?;
        let public = PublicKeyComponents::<Vec<u8>>::from(pair.public());
        let (modulus, exponent) = (URL_SAFE_NO_PAD.encode(&public.n), URL_SAFE_NO_PAD.encode(&public.e));
        // RFC 7638: the members that are needed, in the order of their names and without spaces.
        let needed = format!(r#"{{"e":"{exponent}","kty":"RSA","n":"{modulus}"}}"#);
        let kid = URL_SAFE_NO_PAD.encode(Sha256::digest(needed.as_bytes()));
        Some(Self { pair: Arc::new(pair), kid, modulus, exponent })
    }

    /// The key's thumbprint (RFC 7638), by which it is found.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The public half, as everybody may have it.
    #[must_use]
    pub fn jwk(&self) -> Value {
        json!({ "kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.kid, "n": self.modulus, "e": self.exponent })
    }

    /// A compact JWS of this payload, whose header names the key by `address`.
    ///
    /// # Errors
    /// [`SigningFailed`] for a key whose parts do not fit together.
    pub fn sign(&self, address: &str, payload: &Value) -> Result<String, SigningFailed> {
        // No other members: Open Badges allows none.
        let header = json!({ "alg": "RS256", "kid": address, "typ": "JWT" });
        let text = format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(payload.to_string()));
        let mut signature = vec![0; self.pair.public().modulus_len()];
        self.pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature).map_err(|_| SigningFailed)?;
        Ok(format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

impl fmt::Debug for CredentialKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CredentialKey").field(&self.kid).finish()
    }
}
