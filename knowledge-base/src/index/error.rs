/// Why the index did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The files cannot be opened, and not even an empty index can be made in their place.
    #[error("the vector index in {path} cannot be opened: {cause}")]
    Open { path: String, cause: String },
    /// Another process holds the files.
    #[error("the vector index in {path} is in use by another process; stop it or choose another data_dir")]
    Locked { path: String },
    /// The settings name no server.
    #[error("qdrant.url cannot be used: {cause}; write it as http://HOST:6334, the port of gRPC")]
    Address { cause: String },
    /// The server does not answer.
    #[error(
        "the vector index at {url} cannot be reached: {cause}; see that Qdrant runs there and that qdrant.url names its gRPC port"
    )]
    Unreachable { url: String, cause: String },
    /// The server did not answer in time.
    #[error("the vector index at {url} did not answer in time; it may be overloaded, try again")]
    TimedOut { url: String },
    /// The server wants another key.
    #[error("the vector index at {url} refuses the key; correct qdrant.api_key")]
    Refused { url: String },
    /// The collection is not there: somebody removed it, or a process with another encoder has replaced it.
    #[error("the vector index has no collection {name}; restart porter, which builds it anew from the tables")]
    NoCollection { name: String },
    /// A vector is of another length than the index's.
    #[error(
        "a vector of {found} numbers does not fit the vector index, whose vectors have {expected}; this is a mistake in porter"
    )]
    WrongDimension { expected: usize, found: usize },
    /// An operation failed.
    #[error("the vector index failed: {0}")]
    Failed(String),
    /// The index has been closed.
    #[error("the vector index has stopped; restart porter")]
    Stopped,
}

impl IndexError {
    /// Whether the same call may succeed later, with nothing changed by anybody.
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::TimedOut { .. })
    }
}
