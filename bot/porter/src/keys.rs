//! The secrets that bot and academy share, or the academy alone has. What the configuration does not give is made once and kept in the data folder.

use std::fs;
use std::io;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rsa::PrivateKey;
use rsa::pkcs1::EncodeRsaPrivateKey as _;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::config::Config;
use crate::data_dir::make_private;
use crate::error::PorterError;
use crate::secret::Secret;

const RSA_BITS: usize = 2_048;

/// The secrets in force.
#[derive(Debug, Clone)]
pub(crate) struct Keys {
    /// Opens the support API.
    pub(crate) service_token: Secret,
    /// 32 bytes in base64url, known to the academy alone.
    pub(crate) signing_key: Secret,
    /// An RSA key as DER in base64url: signs credentials.
    pub(crate) credential_key: Secret,
    /// What the payment provider knows the academy by.
    pub(crate) payments_key: Secret,
    /// Checks the payment provider's webhooks.
    pub(crate) webhook_secret: Secret,
    pub(crate) doors: DoorKeys,
}

/// What opens the desk to mail servers and to other systems.
#[derive(Debug, Clone)]
pub(crate) struct DoorKeys {
    /// Signs the mails that come in.
    pub(crate) inbound_secret: Secret,
    /// Opens the tickets.
    pub(crate) api_key: Secret,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    service_token: String,
    signing_key: String,
}

/// In a file of its own: an older version has left the other one without it.
#[derive(Serialize, Deserialize)]
struct KeptForCredentials {
    credential_key: String,
}

/// In a file of its own: data folders of before have the other file already.
#[derive(Serialize, Deserialize)]
struct KeptPayments {
    key: String,
    webhook_secret: String,
}

/// In a file of its own, as above.
#[derive(Serialize, Deserialize)]
struct KeptDoors {
    inbound_secret: String,
    api_key: String,
}

/// Reads or makes those of the desk's doors: all that a command needs which delivers a mail.
pub(crate) fn doors(config: &Config) -> Result<DoorKeys, PorterError> {
    let (secret, key) = (&config.mail.inbound_secret, &config.desk.api_key);
    if let (Some(inbound_secret), Some(api_key)) = (secret, key) {
        return Ok(DoorKeys { inbound_secret: inbound_secret.clone(), api_key: api_key.clone() });
    }
    let made = || Ok(KeptDoors { inbound_secret: fresh(), api_key: fresh() });
    let kept: KeptDoors = kept(&config.data_dir, "desk-keys.toml", made)?;
    Ok(DoorKeys {
        inbound_secret: secret.clone().unwrap_or_else(|| Secret::new(kept.inbound_secret)),
        api_key: key.clone().unwrap_or_else(|| Secret::new(kept.api_key)),
    })
}

/// Reads or makes them.
pub(crate) fn obtain(config: &Config) -> Result<Keys, PorterError> {
    let folder = &config.data_dir;
    let (service_token, signing_key) = match (&config.lms.service_token, &config.lms.signing_key) {
        (Some(service_token), Some(signing_key)) => (service_token.clone(), signing_key.clone()),
        (service_token, signing_key) => {
            let kept: Kept = kept(folder, "keys.toml", || Ok(Kept { service_token: fresh(), signing_key: fresh() }))?;
            (
                service_token.clone().unwrap_or_else(|| Secret::new(kept.service_token)),
                signing_key.clone().unwrap_or_else(|| Secret::new(kept.signing_key)),
            )
        }
    };
    let credential_key = match &config.lms.credential_key {
        Some(key) => key.clone(),
        None => {
            let made = || Ok(KeptForCredentials { credential_key: fresh_rsa()? });
            Secret::new(kept(folder, "credential-key.toml", made)?.credential_key)
        }
    };
    let (payments_key, webhook_secret) = match (&config.payments.key, &config.payments.webhook_secret) {
        (Some(key), Some(secret)) => (key.clone(), secret.clone()),
        (key, secret) => {
            let made = || Ok(KeptPayments { key: fresh(), webhook_secret: fresh() });
            let kept: KeptPayments = kept(folder, "payment-keys.toml", made)?;
            (
                key.clone().unwrap_or_else(|| Secret::new(kept.key)),
                secret.clone().unwrap_or_else(|| Secret::new(kept.webhook_secret)),
            )
        }
    };
    Ok(Keys { service_token, signing_key, credential_key, payments_key, webhook_secret, doors: doors(config)? })
}

fn fresh() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

/// Takes a moment: two primes of 1,024 bits are looked for.
pub(crate) fn fresh_rsa() -> io::Result<String> {
    let key = PrivateKey::new(&mut rand::rng(), RSA_BITS).map_err(io::Error::other)?;
    Ok(URL_SAFE_NO_PAD.encode(key.to_pkcs1_der().map_err(io::Error::other)?.as_bytes()))
}

fn kept<K: Serialize + DeserializeOwned>(
    folder: &Path,
    name: &str,
    make: impl FnOnce() -> io::Result<K>,
) -> Result<K, PorterError> {
    let path = folder.join(name);
    keep(&path, make).map_err(|cause| PorterError::Folder { path, cause })
}

/// Two processes that start at once keep the same file: the first one's.
fn keep<K: Serialize + DeserializeOwned>(path: &Path, make: impl FnOnce() -> io::Result<K>) -> io::Result<K> {
    if !path.exists() {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let text = toml::to_string(&make()?).map_err(io::Error::other)?;
        make_private(path, text.as_bytes())?;
    }
    toml::from_str(&fs::read_to_string(path)?)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.message().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_made_once_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/keys.toml");
        let make = || Ok(Kept { service_token: fresh(), signing_key: fresh() });
        let first = keep(&path, make).unwrap();
        let second = keep(&path, make).unwrap();
        assert_eq!(first.signing_key, second.signing_key);
        assert_ne!(first.signing_key, first.service_token);
        assert_eq!(URL_SAFE_NO_PAD.decode(first.signing_key).unwrap().len(), 32);
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&path).unwrap().permissions()) & 0o777, 0o600);
        fs::write(&path, "service_token = 3").unwrap();
        assert!(keep(&path, make).is_err());
    }

    #[test]
    fn the_key_of_credentials_is_one_that_signs() {
        assert!(porter_academy::credential::CredentialKey::parse(&fresh_rsa().unwrap()).is_some());
    }
}
