//! The triage model in force: a version that `porter train` has made, or the built-in one.

use std::sync::Arc;

use porter_desk::Responder;
use porter_embeddings::{EncoderService, Progress};
use porter_kernel::shutdown::Shutdown;
use porter_knowledge_base::PERIOD;
use porter_triage::{TriageModel, Versions, data_fingerprint, obtain};
use tokio::time::{MissedTickBehavior, interval};

use crate::config::Config;
use crate::error::PorterError;

/// The versions of this data folder.
pub(crate) fn versions(config: &Config) -> Versions {
    Versions::new(config.data_dir.join("triage"))
}

/// The version in force if it fits this release and encoder, else the built-in model.
pub(crate) async fn in_force(
    config: &Config,
    encoder: &EncoderService,
    progress: &dyn Progress,
) -> Result<TriageModel, PorterError> {
    let versions = versions(config);
    if let Some(number) = versions.in_force() {
        match load(versions, number, encoder).await? {
            Some(model) => return Ok(model),
            None => unusable(number),
        }
    }
    Ok(obtain(&config.cache_dir, encoder, progress).await?)
}

fn unusable(number: u32) {
    tracing::warn!(
        version = number,
        "the trained version in force is damaged, or another release or encoder made it: the built-in model reads messages until `porter train` is run"
    );
}

/// Reading 33 MB is not for the threads that serve.
async fn load(versions: Versions, number: u32, encoder: &EncoderService) -> Result<Option<TriageModel>, PorterError> {
    let base = data_fingerprint(encoder.fingerprint());
    let load = tokio::task::spawn_blocking(move || versions.load(number, &base));
    Ok(load.await.map_err(std::io::Error::other)?)
}

/// Has the responder read with whatever version is put in force, until shutdown. What cannot be loaded changes nothing.
pub(crate) async fn follow(config: Config, responder: Responder, shutdown: Shutdown) {
    let versions = versions(&config);
    let mut seen = versions.in_force();
    let mut ticks = interval(PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = shutdown.triggered() => return,
            _ = ticks.tick() => {}
        }
        let now = versions.in_force();
        if now == seen {
            continue;
        }
        seen = now;
        let encoder = responder.knowledge().encoder().clone();
        let model = match now {
            Some(number) => load(versions.clone(), number, &encoder).await,
            None => obtain(&config.cache_dir, &encoder, &porter_embeddings::NoProgress).await.map(Some).map_err(Into::into),
        };
        match (model, now) {
            (Ok(Some(model)), _) => {
                tracing::info!(version = now, fingerprint = model.fingerprint(), "another triage model is in force");
                responder.read_with(Arc::new(model));
            }
            (Ok(None), Some(number)) => unusable(number),
            (Ok(None), None) => {}
            (Err(error), _) => tracing::warn!(version = now, %error, "a triage model cannot be loaded"),
        }
    }
}
