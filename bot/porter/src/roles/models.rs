//! Models lent over HTTP. The role keeps nothing: as many of it as needed may run.

use std::sync::Arc;

use porter_embeddings::EncoderService;
use porter_embeddings::catalogue::SMOLLM2;
use porter_embeddings::serve::{ModelServer, router};
use porter_kernel::clock::SystemClock;
use porter_kernel::ids::RandomIds;
use tokio::net::TcpListener;

use crate::assemble;
use crate::bars::Bars;
use crate::config::Config;
use crate::error::PorterError;
use crate::process::Process;

/// Loads and lends the models of `models.serve`; gives their names, or `None` when a signal came first.
pub(crate) async fn start(
    process: &mut Process,
    config: &Config,
    listener: TcpListener,
) -> Result<Option<Vec<String>>, PorterError> {
    if config.models.serve.is_empty() {
        return Err(PorterError::Usage("models.serve names no model: set it to some of `porter models list`".to_owned()));
    }
    let key = config.models.serve_key.as_ref().map(|key| key.reveal().to_owned());
    if key.is_none() && !listener.local_addr()?.ip().is_loopback() {
        tracing::warn!("whoever reaches this address can use the models: set models.serve_key (PORTER_MODELS__SERVE_KEY)");
    }
    let prepared = process.prepare(async {
        let bars = Bars::default();
        let (mut encoders, mut generator) = (Vec::new(), None);
        for name in &config.models.serve {
            if name == SMOLLM2.name {
                generator = Some(assemble::generator(config, &bars).await?);
            } else {
                encoders.push(EncoderService::start(assemble::encoder_named(config, name, &bars).await?)?);
            }
        }
        Ok(ModelServer { encoders, generator, key, clock: Arc::new(SystemClock), ids: Arc::new(RandomIds) })
    });
    let Some(server) = prepared.await? else { return Ok(None) };
    process.serve_alone(listener, router(server), config.capacity());
    Ok(Some(config.models.serve.clone()))
}
