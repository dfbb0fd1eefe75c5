pub(in crate::index) mod convert;
mod shard;

use std::collections::HashSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

use async_trait::async_trait;
use qdrant_edge::{
    EdgeShard, PointId, PointInsertOperations, PointOperations, ScrollRequest, UpdateOperation, WithPayloadInterface, WithVector,
};
use tokio::sync::oneshot;
use uuid::Uuid;

use super::{Hit, IndexError, Mode, Point, Search, VectorIndex, generation};

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
    dimensions: usize,
    /// Both are there until this is dropped.
    commands: Option<mpsc::Sender<Command>>,
    writer: Option<JoinHandle<()>>,
}

/// The files are free when this is over, and may be opened again: the writer has ended.
impl Drop for EdgeIndex {
    fn drop(&mut self) {
        drop(self.commands.take());
        if let Some(writer) = self.writer.take()
            && writer.join().is_err()
        {
            tracing::error!("the vector index's writer has panicked");
        }
    }
}

impl EdgeIndex {
    /// Opens the shard for that encoder's vectors in that folder or makes a new one; shards of other encoders are removed. A shard that cannot be
    /// read is moved aside and replaced by an empty one.
    pub fn open(folder: &Path, encoder: &str, dimensions: usize) -> Result<Self, IndexError> {
        let failed = |cause: String| IndexError::Open { path: folder.display().to_string(), cause };
        let own = folder.join(generation(encoder));
        fs::create_dir_all(&own).map_err(|error| failed(error.to_string()))?;
        let shard = match shard::open(&own, dimensions) {
            Ok(shard) => shard,
            Err(cause) if cause.contains("Resource temporarily unavailable") || cause.contains("lock") => {
                return Err(IndexError::Locked { path: folder.display().to_string() });
            }
            Err(cause) => {
                tracing::warn!(%cause, "the vector index is unreadable and is built anew");
                shard::set_aside(&own).map_err(|error| failed(error.to_string()))?;
                shard::open(&own, dimensions).map_err(failed)?
            }
        };
        shard::remove_others(folder, &own);
        let shard = Arc::new(shard);
        let (commands, received) = mpsc::channel();
        let written = Arc::clone(&shard);
        let writer = std::thread::Builder::new()
            .name("vector-index".to_owned())
            .spawn(move || write(&written, &received))
            .map_err(|error| failed(error.to_string()))?;
        Ok(Self { shard, dimensions, commands: Some(commands), writer: Some(writer) })
    }

    fn fits(&self, vector: &[f32]) -> Result<(), IndexError> {
        if vector.len() == self.dimensions {
            return Ok(());
        }
        Err(IndexError::WrongDimension { expected: self.dimensions, found: vector.len() })
    }

    async fn command(&self, make: impl FnOnce(Reply) -> Command) -> Result<(), IndexError> {
        let (reply, answer) = oneshot::channel();
        self.commands.as_ref().ok_or(IndexError::Stopped)?.send(make(reply)).map_err(|_| IndexError::Stopped)?;
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
        let points = batch.iter().map(convert::point).collect::<Result<_, _>>().map_err(failed)?;
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
        add.iter().try_for_each(|point| self.fits(&point.dense))?;
        self.command(|reply| Command::Apply { remove, add, reply }).await
    }

    async fn search(&self, search: Search) -> Result<Vec<Hit>, IndexError> {
        if search.mode != Mode::Sparse {
            self.fits(&search.dense)?;
        }
        self.read(move |shard| {
            let found = shard.query(convert::query(search).map_err(failed)?).map_err(failed)?;
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
