//! The shard's files.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use qdrant_edge::{
    CreateIndex, Distance, EdgeConfig, EdgeShard, EdgeSparseVectorParams, EdgeVectorParams, FieldIndexOperations, Modifier,
    PayloadFieldSchema, PayloadSchemaType, UpdateOperation,
};

use super::convert::{DENSE, SPARSE, audience_path};

/// Opens or makes the shard; a panic inside the engine counts as an unreadable shard.
pub(super) fn open(folder: &Path, dimensions: usize) -> Result<EdgeShard, String> {
    let config = || {
        EdgeConfig::builder()
            .vector(DENSE, EdgeVectorParams::builder(dimensions, Distance::Cosine).build())
            .sparse_vector(SPARSE, EdgeSparseVectorParams::builder().modifier(Modifier::Idf).build())
            .build()
    };
    let exists = folder.join("segments").exists();
    let shard = catch_unwind(AssertUnwindSafe(|| {
        if exists { EdgeShard::load(folder, Some(config())) } else { EdgeShard::new(folder, config()) }
    }))
    .map_err(|_| "the engine panicked on opening it".to_owned())?
    .map_err(|error| error.to_string())?;
    if !exists {
        let index = CreateIndex {
            field_name: audience_path()?,
            field_schema: Some(PayloadFieldSchema::FieldType(PayloadSchemaType::Keyword)),
        };
        let operation = UpdateOperation::FieldIndexOperation(FieldIndexOperations::CreateIndex(index));
        shard.update(operation).map_err(|error| error.to_string())?;
    }
    Ok(shard)
}

/// Empties the folder by renaming it; the old one is deleted when that succeeds.
pub(super) fn set_aside(folder: &Path) -> std::io::Result<()> {
    let mut aside = PathBuf::from(folder).into_os_string();
    aside.push(".unreadable");
    let aside = PathBuf::from(aside);
    if aside.exists() {
        fs::remove_dir_all(&aside)?;
    }
    fs::rename(folder, &aside)?;
    fs::create_dir_all(folder)
}

/// Removes what other encoders, or versions before this layout, have left. What cannot be removed does no harm but to the disk.
pub(super) fn remove_others(folder: &Path, own: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|entry| entry.path()).filter(|path| path != own) {
        let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        if let Err(error) = removed {
            tracing::warn!(path = %path.display(), %error, "an old vector index could not be removed");
        }
    }
}
