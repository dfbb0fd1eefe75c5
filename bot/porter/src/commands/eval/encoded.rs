//! Texts to vectors, each computed once and kept below `cache_dir`, so that a second run takes seconds.

use std::path::Path;

use porter_embeddings::{Encoder, Progress as _};
use porter_evals::VectorCache;

use crate::bars::Bars;
use crate::error::PorterError;

/// Texts that are encoded between two steps of the progress bar.
const STEP: usize = 256;

/// The encoder's kept vectors, with those of `texts` among them.
pub(super) fn encoded(encoder: &dyn Encoder, texts: &[&str], folder: &Path, what: &str) -> Result<VectorCache, PorterError> {
    let mut cache = VectorCache::open(folder, encoder.fingerprint(), encoder.dimensions())?;
    let missing: Vec<String> = cache.missing(texts.iter().copied()).into_iter().map(str::to_owned).collect();
    let bars = Bars::default();
    bars.start(what, Some(missing.len() as u64));
    for step in missing.chunks(STEP) {
        let texts: Vec<&str> = step.iter().map(String::as_str).collect();
        cache.add(&texts, encoder.encode(&texts)?)?;
        bars.advance(texts.len() as u64);
    }
    bars.finish();
    Ok(cache)
}
