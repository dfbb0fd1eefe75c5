//! An encoder that computes the vector of a text once.

use std::sync::{Mutex, PoisonError};

use porter_embeddings::{Embedding, EncodeError, Encoder};

use crate::vectors::VectorCache;

/// Keeps vectors between runs. For passages, not for what is to be timed.
pub struct CachedEncoder {
    inner: Box<dyn Encoder>,
    cache: Mutex<VectorCache>,
}

impl std::fmt::Debug for CachedEncoder {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("CachedEncoder").field("model", &self.inner.fingerprint()).finish_non_exhaustive()
    }
}

impl CachedEncoder {
    /// An encoder whose vectors are kept in `cache`, which must have been opened for it.
    pub fn new(inner: Box<dyn Encoder>, cache: VectorCache) -> Self {
        Self { inner, cache: Mutex::new(cache) }
    }
}

impl Encoder for CachedEncoder {
    fn fingerprint(&self) -> &str {
        self.inner.fingerprint()
    }

    fn dimensions(&self) -> usize {
        self.inner.dimensions()
    }

    fn query_prefix(&self) -> &'static str {
        self.inner.query_prefix()
    }

    fn encode(&self, texts: &[&str]) -> Result<Vec<Embedding>, EncodeError> {
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        let missing = cache.missing(texts.iter().copied());
        let vectors = self.inner.encode(&missing)?;
        cache.add(&missing, vectors).map_err(|error| EncodeError::Failed(format!("vectors cannot be kept: {error}")))?;
        let found = texts.iter().filter_map(|text| cache.get(text).map(<[f32]>::to_vec));
        Ok(found.collect())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    struct Counted(Arc<AtomicUsize>);

    impl Encoder for Counted {
        fn fingerprint(&self) -> &str {
            "counted"
        }

        fn dimensions(&self) -> usize {
            1
        }

        fn encode(&self, texts: &[&str]) -> Result<Vec<Embedding>, EncodeError> {
            self.0.fetch_add(texts.len(), Ordering::Relaxed);
            Ok(texts.iter().map(|text| vec![text.chars().fold(0.0, |sum, _| sum + 1.0)]).collect())
        }
    }

    #[test]
    fn a_text_is_encoded_once_and_comes_back_in_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let count = Arc::new(AtomicUsize::new(0));
        let open = || {
            let cache = VectorCache::open(folder.path(), "counted", 1).unwrap();
            CachedEncoder::new(Box::new(Counted(Arc::clone(&count))), cache)
        };
        assert_eq!(open().encode(&["aa", "b", "aa"]).unwrap(), [vec![2.0], vec![1.0], vec![2.0]]);
        assert_eq!(open().encode(&["b", "ccc"]).unwrap(), [vec![1.0], vec![3.0]]);
        assert_eq!(count.load(Ordering::Relaxed), 3);
    }
}
