//! Puts the parts together: the only place that names concrete implementations.

use std::path::Path;
use std::sync::Arc;

use porter_desk::Responder;
use porter_embeddings::catalogue::{self, BGE_SMALL, MINILM, Model, SMOLLM2};
use porter_embeddings::generate::{GeneratorService, SmolLm};
use porter_embeddings::{BgeSmall, EncodeError, Encoder, EncoderService, MiniLm, Progress, RemoteEncoder, RemoteSettings, fetch};
use porter_kernel::clock::SystemClock;
use porter_kernel::db::Database;
use porter_knowledge_base::document::Facts;
use porter_knowledge_base::{
    BUILTIN_SOURCE, Document, EdgeIndex, KnowledgeBase, ServerIndex, VectorIndex, builtin_documents, builtin_facts, store,
};

use crate::commands::files;
use crate::config::Config;
use crate::error::PorterError;
use crate::triage_model;

/// The encoder of this configuration, on its thread.
pub(crate) async fn encoder(config: &Config, progress: &dyn Progress) -> Result<EncoderService, PorterError> {
    Ok(EncoderService::start(bare_encoder(config, progress).await?)?)
}

/// The encoder elsewhere that is configured, or one that is fetched, verified and loaded here.
pub(crate) async fn bare_encoder(config: &Config, progress: &dyn Progress) -> Result<Box<dyn Encoder>, PorterError> {
    if let Some(url) = &config.models.encoder_url {
        let key = config.models.encoder_key.as_ref().map(|key| key.reveal().to_owned());
        let settings = RemoteSettings::new(url.clone(), key, config.models.encoder_model.clone());
        return Ok(Box::new(RemoteEncoder::connect(settings).await?));
    }
    let files = fetch(&MINILM, &config.cache_dir, &config.sources(), progress).await?;
    let model = tokio::task::spawn_blocking(move || MiniLm::load(&files)).await.map_err(std::io::Error::other)??;
    Ok(Box::new(model))
}

/// A model of the catalogue by its name.
pub(crate) fn model(name: &str) -> Result<&'static Model, PorterError> {
    let known = || catalogue::ALL.iter().map(|model| model.name).collect::<Vec<_>>().join(", ");
    catalogue::find(name).ok_or_else(|| PorterError::Usage(format!("there is no model called {name:?}; there are {}", known())))
}

/// Fetches, verifies and loads the encoder of that name, for work that may block.
pub(crate) async fn encoder_named(config: &Config, name: &str, progress: &dyn Progress) -> Result<Box<dyn Encoder>, PorterError> {
    let model = model(name)?;
    if !catalogue::ENCODERS.iter().any(|own| own.name == name) {
        let known = catalogue::ENCODERS.iter().map(|own| own.name).collect::<Vec<_>>().join(", ");
        return Err(PorterError::Usage(format!("{name} is no encoder; there are {known}")));
    }
    let files = fetch(model, &config.cache_dir, &config.sources(), progress).await?;
    let load = move || -> Result<Box<dyn Encoder>, EncodeError> {
        if model.name == BGE_SMALL.name { Ok(Box::new(BgeSmall::load(&files)?)) } else { Ok(Box::new(MiniLm::load(&files)?)) }
    };
    Ok(tokio::task::spawn_blocking(load).await.map_err(std::io::Error::other)??)
}

/// Fetches, verifies and loads the chat model, and starts its thread.
pub(crate) async fn generator(config: &Config, progress: &dyn Progress) -> Result<GeneratorService, PorterError> {
    let files = fetch(&SMOLLM2, &config.cache_dir, &config.sources(), progress).await?;
    let model = tokio::task::spawn_blocking(move || SmolLm::load(&files)).await.map_err(std::io::Error::other)??;
    Ok(GeneratorService::start(Box::new(model))?)
}

/// The academy's articles and facts: the configured folder's, or the built-in ones.
pub(crate) fn academy(config: &Config) -> Result<(Facts, Vec<Document>), PorterError> {
    match &config.academy.articles {
        None => Ok((builtin_facts()?, builtin_documents())),
        Some(folder) => {
            let path = folder.join("facts.toml");
            let facts = std::fs::read_to_string(&path).map_err(|cause| PorterError::Input { path, cause })?;
            Ok((Facts::from_toml(&facts)?, files::documents(folder)?))
        }
    }
}

/// The vector index: on the configured server, or in that folder.
async fn index(config: &Config, folder: &Path, encoder: &EncoderService) -> Result<Arc<dyn VectorIndex>, PorterError> {
    let dimensions = encoder.dimensions();
    if let Some(settings) = config.vector_server() {
        let index = ServerIndex::open(&settings, encoder.fingerprint(), dimensions).await?;
        return Ok(Arc::new(index));
    }
    let (folder, fingerprint) = (folder.to_owned(), encoder.fingerprint().to_owned());
    let open = move || EdgeIndex::open(&folder, &fingerprint, dimensions);
    let index = tokio::task::spawn_blocking(open).await.map_err(std::io::Error::other)??;
    Ok(Arc::new(index))
}

/// The knowledge base on that database, with its index in `folder`, holding the academy's present articles.
pub(crate) async fn knowledge(
    config: &Config,
    database: &Database,
    folder: &Path,
    encoder: EncoderService,
    progress: &dyn Progress,
) -> Result<KnowledgeBase, PorterError> {
    store::migrate(database).await?;
    let (facts, documents) = academy(config)?;
    let index = index(config, folder, &encoder).await?;
    let kept = Some(config.cache_dir.join("knowledge"));
    let knowledge = KnowledgeBase::open_keeping(kept, store::open(database), index, encoder, Arc::new(SystemClock), facts).await?;
    let report = knowledge.ingest(BUILTIN_SOURCE, documents, progress).await?;
    for rejected in &report.rejected {
        tracing::warn!(path = rejected.path, why = rejected.why, "an article was not taken in");
    }
    tracing::info!(
        added = report.added,
        changed = report.changed,
        unchanged = report.unchanged,
        removed = report.removed,
        "articles"
    );
    Ok(knowledge)
}

/// Understanding: the trained heads and the knowledge base.
pub(crate) async fn responder(
    config: &Config,
    knowledge: KnowledgeBase,
    progress: &dyn Progress,
) -> Result<Responder, PorterError> {
    let model = triage_model::in_force(config, knowledge.encoder(), progress).await?;
    Ok(Responder::new(Arc::new(model), Arc::new(knowledge)))
}
