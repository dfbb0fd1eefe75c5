//! The payment sandbox: takes payments without money where there is no provider, on loopback only.

use std::net::SocketAddr;
use std::sync::Arc;

use porter_academy::http::Payments;
use porter_kernel::clock::SystemClock;
use porter_kernel::ids::RandomIds;
use porter_payments::sandbox::{Sandbox, SandboxParts};
use porter_payments::{Guard, Guarded, HttpProvider, Secrets};
use tokio::net::TcpListener;

use crate::config::Config;
use crate::error::PorterError;
use crate::keys::Keys;
use crate::process::{self, Process};

/// Takes its port. Whoever reaches the page pays without money, so only this machine may.
pub(crate) async fn bind(config: &Config) -> Result<TcpListener, PorterError> {
    let address = config.payments.listen;
    if !address.ip().is_loopback() {
        let why = "the payment sandbox takes payments without money, so it listens on this machine only: use 127.0.0.1, or set payments.provider_url";
        return Err(PorterError::Usage(format!("payments.listen = {address}: {why}")));
    }
    process::bind(address, "PORTER_PAYMENTS__LISTEN").await
}

/// Serves it; its webhooks go to the academy at `academy`.
pub(crate) fn start(
    process: &mut Process,
    config: &Config,
    listener: TcpListener,
    academy: &str,
    keys: &Keys,
) -> Result<(), PorterError> {
    let address = listener.local_addr()?;
    std::fs::create_dir_all(&config.data_dir).map_err(|cause| PorterError::Folder { path: config.data_dir.clone(), cause })?;
    let sandbox = Sandbox::new(SandboxParts {
        clock: Arc::new(SystemClock),
        ids: Arc::new(RandomIds),
        key: keys.payments_key.reveal().to_owned(),
        secrets: secrets(keys)?,
        webhook_url: format!("{academy}/payments/webhook"),
        public_url: format!("http://{address}"),
        file: Some(config.data_dir.join("payment-sandbox.json")),
    })?;
    process.serve_plainly(listener, sandbox.router(), config.capacity());
    Ok(())
}

/// How the academy gets paid: by `payments.provider_url`, else by the sandbox beside it, else not at all.
pub(crate) fn payments(config: &Config, sandbox: Option<SocketAddr>, keys: &Keys) -> Result<Option<Payments>, PorterError> {
    let url = config.payments.provider_url.clone().or_else(|| sandbox.map(|address| format!("http://{address}")));
    let Some(url) = url else { return Ok(None) };
    let provider = HttpProvider::new(&url, keys.payments_key.reveal()).map_err(PorterError::Usage)?;
    let guarded = Guarded::new(Arc::new(provider), Arc::new(SystemClock), Guard::default());
    Ok(Some(Payments { provider: Arc::new(guarded), secrets: secrets(keys)? }))
}

fn secrets(keys: &Keys) -> Result<Secrets, PorterError> {
    let secrets = Secrets::parse(keys.webhook_secret.reveal());
    secrets.ok_or_else(|| {
        PorterError::Usage("payments.webhook_secret must have 16 characters at least, several with commas between".to_owned())
    })
}
