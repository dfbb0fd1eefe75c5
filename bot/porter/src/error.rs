//! What can go wrong at the composition root. Every message says what to do.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use porter_desk::store::DeskError;
use porter_embeddings::{EncodeError, FetchError};
use porter_kernel::config::ConfigError;
use porter_kernel::db::DbError;
use porter_knowledge_base::store::ArticleError;
use porter_knowledge_base::{IndexError, KnowledgeError};

#[derive(Debug, thiserror::Error)]
pub(crate) enum PorterError {
    #[error("the configuration is not right:\n{0}")]
    Config(#[from] ConfigError),
    #[error("the logs cannot be set up: {0}; correct log.filter (PORTER_LOG__FILTER)")]
    Telemetry(#[from] porter_kernel::telemetry::TelemetryError),
    #[error("{address} cannot be listened on: {cause}\nChoose another address with {option}, such as {option} 127.0.0.1:{}", .address.port().saturating_add(1))]
    Listen { address: SocketAddr, option: &'static str, cause: io::Error },
    #[error("the data folder {} is in use by another porter (process {holder})\nStop that one, or choose another folder with --data-dir", .folder.display())]
    InUse { folder: PathBuf, holder: String },
    #[error("{}: {cause}\nCheck that the folder exists, may be written and has space, or choose another with --data-dir or --cache-dir", .path.display())]
    Folder { path: PathBuf, cause: io::Error },
    #[error("{}: {cause}", .path.display())]
    Input { path: PathBuf, cause: io::Error },
    #[error("{0}")]
    Usage(String),
    #[error(transparent)]
    Fetch(#[from] FetchError),
    #[error(transparent)]
    Encode(#[from] EncodeError),
    #[error(transparent)]
    Generate(#[from] porter_embeddings::generate::GenerateError),
    #[error(transparent)]
    AnswerModel(#[from] porter_rephrase::ModelError),
    #[error(transparent)]
    Database(#[from] DbError),
    #[error(transparent)]
    Files(#[from] porter_kernel::files::FilesError),
    #[error(transparent)]
    Desk(#[from] DeskError),
    #[error(transparent)]
    Articles(#[from] ArticleError),
    #[error(transparent)]
    Index(#[from] IndexError),
    #[error(transparent)]
    Knowledge(#[from] KnowledgeError),
    #[error(transparent)]
    Triage(#[from] porter_triage::ObtainError),
    #[error(transparent)]
    Versions(#[from] porter_triage::VersionError),
    #[error(transparent)]
    Password(#[from] porter_kernel::passwords::PasswordError),
    #[error(transparent)]
    Academy(#[from] porter_academy::store::AcademyError),
    #[error(transparent)]
    Lms(#[from] porter_actions::HttpLmsError),
    #[error("the built-in facts are damaged: {0}")]
    Facts(#[from] porter_knowledge_base::document::FactsError),
    #[error("the running porter answered: {0}")]
    Remote(String),
    #[error("writing the output: {0}")]
    Output(#[from] io::Error),
}

impl PorterError {
    /// 2 for what the caller can correct in the call or the configuration, 1 for the rest.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Config(_) | Self::Usage(_) | Self::Input { .. } | Self::Telemetry(_) => 2,
            _ => 1,
        }
    }
}
