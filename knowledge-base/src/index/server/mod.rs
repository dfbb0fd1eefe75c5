//! A Qdrant server or cluster, over gRPC.

mod convert;
mod failure;

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use qdrant_client::qdrant::{
    CreateAliasBuilder, CreateCollectionBuilder, CreateFieldIndexCollectionBuilder, DeletePointsBuilder, FieldType, PointId,
    PointsIdsList, ScrollPointsBuilder, UpsertPointsBuilder,
};
use qdrant_client::{Qdrant, QdrantError};
use uuid::Uuid;

use self::convert::uuid_of;
use super::edge::convert::AUDIENCE;
use super::{Hit, IndexError, Mode, Point, Search, VectorIndex, generation};

/// Points written in one call: below a megabyte with vectors of 384 numbers.
const BATCH: usize = 256;
/// Ids read in one page.
const PAGE: u32 = 2_048;
/// A write may wait longer than a search: nobody sits in front of it.
const WRITE_SECONDS: u64 = 60;

/// Where the server is and how it is talked to.
#[derive(Clone)]
pub struct ServerSettings {
    /// Such as `http://qdrant:6334`, the port of gRPC.
    pub url: String,
    pub api_key: Option<String>,
    /// The alias under which the index in force can be found; its collections are named by it and the encoder.
    pub prefix: String,
    /// How long a search may take.
    pub timeout: Duration,
}

impl fmt::Debug for ServerSettings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ServerSettings").field("url", &self.url).field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

/// An index on a Qdrant server.
///
/// Every encoder has a collection of its own, and the alias names the one in force. Another encoder's process fills its new collection while the old one
/// answers; [`VectorIndex::settle`] then moves the alias in one step and drops what it named before. A process reads and writes its own collection by
/// name and not by alias, since the vectors of two encoders must never be compared.
pub struct ServerIndex {
    reads: Qdrant,
    writes: Qdrant,
    url: String,
    prefix: String,
    collection: String,
    dimensions: usize,
}

impl fmt::Debug for ServerIndex {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ServerIndex").field("url", &self.url).field("collection", &self.collection).finish_non_exhaustive()
    }
}

impl ServerIndex {
    /// Connects, and makes the collection for that encoder's vectors where it is missing.
    pub async fn open(settings: &ServerSettings, encoder: &str, dimensions: usize) -> Result<Self, IndexError> {
        let client = |timeout: Duration| {
            let mut builder =
                Qdrant::from_url(&settings.url).timeout(timeout).connect_timeout(settings.timeout).skip_compatibility_check();
            builder.api_key.clone_from(&settings.api_key);
            builder.build().map_err(|error| IndexError::Address { cause: error.to_string() })
        };
        let index = Self {
            reads: client(settings.timeout)?,
            writes: client(settings.timeout.max(Duration::from_secs(WRITE_SECONDS)))?,
            url: settings.url.clone(),
            prefix: settings.prefix.clone(),
            collection: format!("{}-{}", settings.prefix, generation(encoder)),
            dimensions,
        };
        index.create().await?;
        Ok(index)
    }

    /// The collection of this encoder's vectors.
    pub fn collection(&self) -> &str {
        &self.collection
    }

    fn failed(&self, error: QdrantError) -> IndexError {
        failure::of(error, &self.url, &self.collection)
    }

    fn fits(&self, vector: &[f32]) -> Result<(), IndexError> {
        if vector.len() == self.dimensions {
            return Ok(());
        }
        Err(IndexError::WrongDimension { expected: self.dimensions, found: vector.len() })
    }

    async fn create(&self) -> Result<(), IndexError> {
        if self.reads.collection_exists(&self.collection).await.map_err(|error| self.failed(error))? {
            return Ok(());
        }
        let collection = CreateCollectionBuilder::new(&self.collection)
            .vectors_config(convert::dense_config(self.dimensions))
            .sparse_vectors_config(convert::sparse_config())
            .timeout(WRITE_SECONDS);
        match self.writes.create_collection(collection).await {
            Ok(_) => {}
            // Two processes that start at the same time want the same collection.
            Err(_) if self.reads.collection_exists(&self.collection).await.map_err(|error| self.failed(error))? => {}
            Err(error) => return Err(self.failed(error)),
        }
        let index = CreateFieldIndexCollectionBuilder::new(&self.collection, AUDIENCE, FieldType::Keyword).wait(true);
        self.writes.create_field_index(index).await.map_err(|error| self.failed(error))?;
        Ok(())
    }

    /// The collection that the alias names.
    async fn in_force(&self) -> Result<Option<String>, IndexError> {
        let aliases = self.reads.list_aliases().await.map_err(|error| self.failed(error))?.aliases;
        Ok(aliases.into_iter().find(|alias| alias.alias_name == self.prefix).map(|alias| alias.collection_name))
    }
}

#[async_trait]
impl VectorIndex for ServerIndex {
    async fn apply(&self, remove: Vec<Uuid>, add: Vec<Point>) -> Result<(), IndexError> {
        add.iter().try_for_each(|point| self.fits(&point.dense))?;
        for batch in remove.chunks(BATCH) {
            let ids = batch.iter().map(|id| PointId::from(id.to_string())).collect();
            let delete = DeletePointsBuilder::new(&self.collection).points(PointsIdsList { ids }).wait(true);
            self.writes.delete_points(delete).await.map_err(|error| self.failed(error))?;
        }
        for batch in add.chunks(BATCH) {
            let points: Vec<_> = batch.iter().map(convert::point).collect();
            let upsert = UpsertPointsBuilder::new(&self.collection, points).wait(true);
            self.writes.upsert_points(upsert).await.map_err(|error| self.failed(error))?;
        }
        Ok(())
    }

    async fn search(&self, search: Search) -> Result<Vec<Hit>, IndexError> {
        if search.mode != Mode::Sparse {
            self.fits(&search.dense)?;
        }
        let found = self.reads.query(convert::query(&self.collection, search)).await.map_err(|error| self.failed(error))?.result;
        Ok(found.into_iter().filter_map(|point| Some(Hit { id: uuid_of(point.id?)?, score: point.score })).collect())
    }

    async fn ids(&self) -> Result<Vec<Uuid>, IndexError> {
        let mut ids = Vec::new();
        let mut offset: Option<PointId> = None;
        loop {
            let mut page = ScrollPointsBuilder::new(&self.collection).limit(PAGE).with_payload(false).with_vectors(false);
            if let Some(offset) = offset {
                page = page.offset(offset);
            }
            let found = self.reads.scroll(page).await.map_err(|error| self.failed(error))?;
            ids.extend(found.result.into_iter().filter_map(|point| uuid_of(point.id?)));
            offset = found.next_page_offset;
            if offset.is_none() {
                return Ok(ids);
            }
        }
    }

    /// The server syncs and optimises by itself; what is left is to put this collection in force.
    async fn settle(&self) -> Result<(), IndexError> {
        let before = self.in_force().await?;
        if before.as_deref() == Some(self.collection.as_str()) {
            return Ok(());
        }
        // An alias that exists is moved by this in one step: there is no moment without one.
        let alias = CreateAliasBuilder::new(&self.collection, &self.prefix);
        self.writes.create_alias(alias).await.map_err(|error| self.failed(error))?;
        if let Some(old) = before.filter(|old| old.starts_with(&format!("{}-", self.prefix))) {
            tracing::info!(%old, new = self.collection, "the vector index was replaced");
            self.writes.delete_collection(&old).await.map_err(|error| self.failed(error))?;
        }
        Ok(())
    }
}
