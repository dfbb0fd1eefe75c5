//! The secrets that bot and academy share, or the academy alone has. What the configuration does not give is made once and kept in the data folder.

use std::fs;
use std::io;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::config::Config;
use crate::data_dir::make_private;
use crate::error::PorterError;
use crate::secret::Secret;

/// The secrets in force.
#[derive(Debug, Clone)]
pub(crate) struct Keys {
    /// Opens the support API.
    pub(crate) service_token: Secret,
    /// 32 bytes in base64url, known to the academy alone.
    pub(crate) signing_key: Secret,
    /// What the payment provider knows the academy by.
    pub(crate) payments_key: Secret,
    /// Checks the payment provider's webhooks.
    pub(crate) webhook_secret: Secret,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    service_token: String,
    signing_key: String,
}

/// In a file of its own: data folders of before have the other file already.
#[derive(Serialize, Deserialize)]
struct KeptPayments {
    key: String,
    webhook_secret: String,
}

/// Reads or makes them.
pub(crate) fn obtain(config: &Config) -> Result<Keys, PorterError> {
    let (service_token, signing_key) = match (&config.lms.service_token, &config.lms.signing_key) {
        (Some(service_token), Some(signing_key)) => (service_token.clone(), signing_key.clone()),
        (service_token, signing_key) => {
            let path = config.data_dir.join("keys.toml");
            let kept: Kept = keep(&path, || Kept { service_token: fresh(), signing_key: fresh() })
                .map_err(|cause| PorterError::Folder { path, cause })?;
            (
                service_token.clone().unwrap_or_else(|| Secret::new(kept.service_token)),
                signing_key.clone().unwrap_or_else(|| Secret::new(kept.signing_key)),
            )
        }
    };
    let (payments_key, webhook_secret) = match (&config.payments.key, &config.payments.webhook_secret) {
        (Some(key), Some(secret)) => (key.clone(), secret.clone()),
        (key, secret) => {
            let path = config.data_dir.join("payment-keys.toml");
            let kept: KeptPayments = keep(&path, || KeptPayments { key: fresh(), webhook_secret: fresh() })
                .map_err(|cause| PorterError::Folder { path, cause })?;
            (
                key.clone().unwrap_or_else(|| Secret::new(kept.key)),
                secret.clone().unwrap_or_else(|| Secret::new(kept.webhook_secret)),
            )
        }
    };
    Ok(Keys { service_token, signing_key, payments_key, webhook_secret })
}

/// Two processes that start at once keep the same file: the first one's.
fn keep<T: Serialize + DeserializeOwned>(path: &Path, make: impl FnOnce() -> T) -> io::Result<T> {
    if !path.exists() {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let text = toml::to_string(&make()).map_err(io::Error::other)?;
        make_private(path, text.as_bytes())?;
    }
    toml::from_str(&fs::read_to_string(path)?)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.message().to_owned()))
}

fn fresh() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keep(path: &Path) -> io::Result<Kept> {
        super::keep(path, || Kept { service_token: fresh(), signing_key: fresh() })
    }

    #[test]
    fn they_are_made_once_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/keys.toml");
        let first = keep(&path).unwrap();
        let second = keep(&path).unwrap();
        assert_eq!(first.signing_key, second.signing_key);
        assert_ne!(first.signing_key, first.service_token);
        assert_eq!(URL_SAFE_NO_PAD.decode(first.signing_key).unwrap().len(), 32);
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&path).unwrap().permissions()) & 0o777, 0o600);
        fs::write(&path, "service_token = 3").unwrap();
        assert!(keep(&path).is_err());
    }
}
