//! Texts to vectors, each computed once and kept below `cache_dir`, so that a second run takes seconds.

use porter_embeddings::{Encoder, Progress as _};
use porter_evals::{CachedEncoder, VectorCache};

use crate::assemble;
use crate::bars::Bars;
use crate::config::Config;
use crate::error::PorterError;

/// Texts that are encoded between two steps of the progress bar.
const STEP: usize = 256;

/// The encoder of that name, which keeps what it has computed.
pub(super) async fn keeping(config: &Config, name: &str) -> Result<CachedEncoder, PorterError> {
    kept(config, assemble::encoder_named(config, name, &Bars::default()).await?)
}

/// An encoder that keeps what it has computed.
pub(in crate::commands) fn kept(config: &Config, encoder: Box<dyn Encoder>) -> Result<CachedEncoder, PorterError> {
    let cache = VectorCache::open(&config.cache_dir.join("vectors"), encoder.fingerprint(), encoder.dimensions())?;
    Ok(CachedEncoder::new(encoder, cache))
}

/// The texts' vectors, in their order.
pub(super) fn encode(encoder: &dyn Encoder, texts: &[String]) -> Result<Vec<Vec<f32>>, PorterError> {
    let bars = Bars::default();
    bars.start("Encoding", Some(texts.len() as u64));
    let mut vectors = Vec::with_capacity(texts.len());
    for step in texts.chunks(STEP) {
        vectors.extend(encoder.encode(&step.iter().map(String::as_str).collect::<Vec<_>>())?);
        bars.advance(step.len() as u64);
    }
    bars.finish();
    Ok(vectors)
}
