use std::collections::HashSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};

use async_trait::async_trait;
use qdrant_edge::{
    DEFAULT_VECTOR_NAME, Distance, EdgeConfig, EdgeShard, EdgeVectorParams, NamedQuery, PointId, PointInsertOperations,
    PointOperations, PointStruct, QueryEnum, ScrollRequest, SearchRequest, UpdateOperation, WithPayloadInterface, WithVector,
};
use tokio::sync::oneshot;
use uuid::Uuid;

use super::{Hit, IndexError, Point, VectorIndex};

/// Points written in one operation.
const BATCH: usize = 256;
/// Ids read in one page.
const PAGE: usize = 4_096;

type Reply = oneshot::Sender<Result<(), IndexError>>;

enum Command {
    Apply { remove: Vec<Uuid>, add: Vec<Point>, reply: Reply },
    Settle { reply: Reply },
}

/// `qdrant-edge` in process.
///
/// One thread writes, flushes and optimises, since `flush` panics when a write holds its locks; reads go straight to the shard.
/// The write-ahead log is not replayed on load and updates are not synced, so after a crash the shard may lack its last changes:
/// whoever opens it compares [`VectorIndex::ids`] with the tables.
#[derive(Debug)]
pub struct EdgeIndex {
    shard: Arc<EdgeShard>,
    commands: mpsc::Sender<Command>,
}

impl EdgeIndex {
    /// Opens the shard in that folder or makes a new one. A shard that cannot be read is moved aside and replaced by an empty one.
    pub fn open(folder: &Path, dimensions: usize) -> Result<Self, IndexError> {
        let failed = |cause: String| IndexError::Open { path: folder.display().to_string(), cause };
        fs::create_dir_all(folder).map_err(|error| failed(error.to_string()))?;
        let shard = match open_shard(folder, dimensions) {
            Ok(shard) => shard,
            Err(cause) if cause.contains("Resource temporarily unavailable") || cause.contains("lock") => {
                return Err(IndexError::Locked { path: folder.display().to_string() });
            }
            Err(cause) => {
                tracing::warn!(%cause, "the vector index is unreadable and is built anew");
                set_aside(folder).map_err(|error| failed(error.to_string()))?;
                open_shard(folder, dimensions).map_err(failed)?
            }
        };
        let shard = Arc::new(shard);
        let (commands, received) = mpsc::channel();
        let writer = Arc::clone(&shard);
        std::thread::Builder::new()
            .name("vector-index".to_owned())
            .spawn(move || write(&writer, &received))
            .map_err(|error| failed(error.to_string()))?;
        Ok(Self { shard, commands })
    }

    async fn command(&self, make: impl FnOnce(Reply) -> Command) -> Result<(), IndexError> {
        let (reply, answer) = oneshot::channel();
        self.commands.send(make(reply)).map_err(|_| IndexError::Stopped)?;
        answer.await.map_err(|_| IndexError::Stopped)?
    }

    /// Runs a blocking read off the async threads.
    async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&EdgeShard) -> Result<T, IndexError> + Send + 'static,
    ) -> Result<T, IndexError> {
        let shard = Arc::clone(&self.shard);
        tokio::task::spawn_blocking(move || work(&shard)).await.map_err(|error| IndexError::Failed(error.to_string()))?
    }
}

/// Opens or makes the shard; a panic inside the engine counts as an unreadable shard.
fn open_shard(folder: &Path, dimensions: usize) -> Result<EdgeShard, String> {
    let config = || {
        EdgeConfig::builder().vector(DEFAULT_VECTOR_NAME, EdgeVectorParams::builder(dimensions, Distance::Cosine).build()).build()
    };
    let exists = folder.join("segments").exists();
    catch_unwind(AssertUnwindSafe(
        || {
            if exists { EdgeShard::load(folder, Some(config())) } else { EdgeShard::new(folder, config()) }
        },
    ))
    .map_err(|_| "the engine panicked on opening it".to_owned())?
    .map_err(|error| error.to_string())
}

/// Empties the folder by renaming it; the old one is deleted when that succeeds.
fn set_aside(folder: &Path) -> std::io::Result<()> {
    let mut aside = PathBuf::from(folder).into_os_string();
    aside.push(".unreadable");
    let aside = PathBuf::from(aside);
    if aside.exists() {
        fs::remove_dir_all(&aside)?;
    }
    fs::rename(folder, &aside)?;
    fs::create_dir_all(folder)
}

fn write(shard: &EdgeShard, commands: &mpsc::Receiver<Command>) {
    while let Ok(command) = commands.recv() {
        let (reply, result) = match command {
            Command::Apply { remove, add, reply } => (reply, guarded(|| apply(shard, remove, add))),
            Command::Settle { reply } => (
                reply,
                guarded(|| {
                    shard.flush();
                    shard.optimize().map_err(failed)?;
                    shard.flush();
                    Ok(())
                }),
            ),
        };
        // A caller that hung up needs no answer.
        let _ = reply.send(result);
    }
}

fn guarded(work: impl FnOnce() -> Result<(), IndexError>) -> Result<(), IndexError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(IndexError::Failed("the engine panicked".to_owned())))
}

fn failed(error: impl std::fmt::Display) -> IndexError {
    IndexError::Failed(error.to_string())
}

fn apply(shard: &EdgeShard, remove: Vec<Uuid>, add: Vec<Point>) -> Result<(), IndexError> {
    let kept: HashSet<Uuid> = add.iter().map(|point| point.id).collect();
    let ids: Vec<PointId> = remove.into_iter().filter(|id| !kept.contains(id)).map(PointId::Uuid).collect();
    if !ids.is_empty() {
        shard.update(UpdateOperation::PointOperation(PointOperations::DeletePoints { ids })).map_err(failed)?;
    }
    for batch in add.chunks(BATCH) {
        let points = batch
            .iter()
            .map(|point| PointStruct::new(PointId::Uuid(point.id), point.vector.clone(), serde_json::json!({})).into())
            .collect();
        let upsert = PointOperations::UpsertPoints(PointInsertOperations::PointsList(points));
        shard.update(UpdateOperation::PointOperation(upsert)).map_err(failed)?;
    }
    Ok(())
}

fn uuid(id: PointId) -> Option<Uuid> {
    match id {
        PointId::Uuid(uuid) => Some(uuid),
        PointId::NumId(_) => None,
    }
}

#[async_trait]
impl VectorIndex for EdgeIndex {
    async fn apply(&self, remove: Vec<Uuid>, add: Vec<Point>) -> Result<(), IndexError> {
        self.command(|reply| Command::Apply { remove, add, reply }).await
    }

    async fn search(&self, vector: Vec<f32>, limit: usize) -> Result<Vec<Hit>, IndexError> {
        self.read(move |shard| {
            let request = SearchRequest {
                query: QueryEnum::Nearest(NamedQuery::default_dense(vector)),
                filter: None,
                params: None,
                limit,
                offset: 0,
                with_payload: Some(WithPayloadInterface::Bool(false)),
                with_vector: Some(WithVector::Bool(false)),
                score_threshold: None,
            };
            let found = shard.search(request).map_err(failed)?;
            Ok(found.into_iter().filter_map(|point| Some(Hit { id: uuid(point.id)?, score: point.score })).collect())
        })
        .await
    }

    async fn ids(&self) -> Result<Vec<Uuid>, IndexError> {
        self.read(|shard| {
            let mut ids = Vec::new();
            let mut offset = None;
            loop {
                let page = ScrollRequest {
                    offset,
                    limit: Some(PAGE),
                    filter: None,
                    with_payload: Some(WithPayloadInterface::Bool(false)),
                    with_vector: WithVector::Bool(false),
                    order_by: None,
                };
                let (records, next) = shard.scroll(page).map_err(failed)?;
                ids.extend(records.into_iter().filter_map(|record| uuid(record.id)));
                match next {
                    Some(_) => offset = next,
                    None => return Ok(ids),
                }
            }
        })
        .await
    }

    async fn settle(&self) -> Result<(), IndexError> {
        self.command(|reply| Command::Settle { reply }).await
    }
}
