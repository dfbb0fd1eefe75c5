//! Files in a folder of this machine; in memory for tests.

use std::path::Path as FolderPath;
use std::sync::Arc;

use async_trait::async_trait;
use futures::StreamExt as _;
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{Error, ObjectStore, ObjectStoreExt as _, WriteMultipart};
use uuid::Uuid;

use super::{Content, Files, FilesError};

/// Pieces on their way to the disk at once: a quick sender waits for a slow disk.
const IN_FLIGHT: usize = 2;
/// Bytes in a piece.
const PIECE: usize = 256 * 1_024;

/// Files in an object store.
#[derive(Debug, Clone)]
pub struct Stored(Arc<dyn ObjectStore>);

impl Stored {
    /// In this folder, which is made when it is not there. A file is written beside its place, brought to the disk, and then given its name.
    ///
    /// # Errors
    /// [`FilesError::Unavailable`] when the folder cannot be made.
    pub fn in_folder(folder: &FolderPath) -> Result<Self, FilesError> {
        std::fs::create_dir_all(folder).map_err(|error| FilesError::Unavailable(error.into()))?;
        let store = LocalFileSystem::new_with_prefix(folder).map_err(unavailable)?.with_fsync(true);
        Ok(Self(Arc::new(store)))
    }

    /// In memory, for tests.
    #[must_use]
    pub fn in_memory() -> Self {
        Self(Arc::new(InMemory::new()))
    }
}

/// By the last byte, which is random in every id that is made: a folder with a million files is slow to list.
fn path(key: Uuid) -> Path {
    let name = key.simple().to_string();
    let (_, shelf) = name.split_at(name.len().saturating_sub(2));
    Path::from_iter([shelf, &name])
}

fn unavailable(error: Error) -> FilesError {
    FilesError::Unavailable(error.into())
}

#[async_trait]
impl Files for Stored {
    async fn put(&self, key: Uuid, mut content: Content<'_>) -> Result<(), FilesError> {
        let upload = self.0.put_multipart(&path(key)).await.map_err(unavailable)?;
        // Dropped before its end, it takes away what it had written.
        let mut writer = WriteMultipart::new_with_chunk_size(upload, PIECE);
        while let Some(piece) = content.next().await {
            match piece {
                Ok(piece) => {
                    writer.wait_for_capacity(IN_FLIGHT).await.map_err(unavailable)?;
                    writer.write(&piece);
                }
                Err(error) => {
                    writer.abort().await.map_err(unavailable)?;
                    return Err(error);
                }
            }
        }
        writer.finish().await.map_err(unavailable)?;
        Ok(())
    }

    async fn get(&self, key: Uuid) -> Result<Option<Content<'static>>, FilesError> {
        match self.0.get(&path(key)).await {
            Ok(found) => Ok(Some(Box::pin(found.into_stream().map(|piece| piece.map_err(unavailable))))),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(unavailable(error)),
        }
    }

    async fn delete(&self, key: Uuid) -> Result<(), FilesError> {
        match self.0.delete(&path(key)).await {
            Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(unavailable(error)),
        }
    }
}
