//! The academy's articles as they are now: those of the folder, with the figures that the academy goes by.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use porter_actions::HttpLms;
use porter_knowledge_base::document::Facts;
use porter_knowledge_base::{Document, Source};

use crate::assemble;
use crate::config::Config;

/// The configured folder, or the built-in articles, and the academy behind its support API.
pub(crate) struct Articles {
    config: Config,
    academy: HttpLms,
    /// What the academy has said last: it stays in force while the academy is down.
    said: Mutex<BTreeMap<String, String>>,
}

impl fmt::Debug for Articles {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Articles").field("folder", &self.config.academy.articles).finish_non_exhaustive()
    }
}

impl Articles {
    pub(crate) fn new(config: Config, academy: HttpLms) -> Self {
        Self { config, academy, said: Mutex::default() }
    }

    async fn figures(&self) -> BTreeMap<String, String> {
        let asked = self.academy.facts().await;
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if let Ok(facts) = asked {
            *said = facts;
        }
        said.clone()
    }
}

#[async_trait]
impl Source for Articles {
    async fn read(&self) -> Result<(Facts, Vec<Document>), String> {
        let figures = self.figures().await;
        let config = self.config.clone();
        let read = tokio::task::spawn_blocking(move || assemble::academy(&config)).await.map_err(|error| error.to_string())?;
        let (facts, documents) = read.map_err(|error| error.to_string())?;
        Ok((facts.overridden(figures.iter().map(|(name, figure)| (name.as_str(), figure.as_str()))), documents))
    }
}
