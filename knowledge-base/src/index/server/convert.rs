//! Our types as the protocol's.

use std::collections::HashMap;

use qdrant_client::qdrant::point_id::PointIdOptions;
use qdrant_client::qdrant::{
    Condition, Distance, Filter, Fusion, Modifier, NamedVectors, PointId, PointStruct, PrefetchQueryBuilder, Query, QueryPoints,
    QueryPointsBuilder, SparseVectorParamsBuilder, SparseVectorsConfigBuilder, Value, Vector, VectorInput, VectorParamsBuilder,
    VectorsConfigBuilder,
};
use uuid::Uuid;

use crate::index::edge::convert::{AUDIENCE, DENSE, PREFETCH, SPARSE};
use crate::index::{Audience, Mode, Point, Search, Sparse};

/// Vectors by meaning, compared by their angle.
pub(super) fn dense_config(dimensions: usize) -> VectorsConfigBuilder {
    let mut config = VectorsConfigBuilder::default();
    config.add_named_vector_params(DENSE, VectorParamsBuilder::new(dimensions as u64, Distance::Cosine));
    config
}

/// Vectors by words: the weights come with the points, the words' rarity is the server's to know.
pub(super) fn sparse_config() -> SparseVectorsConfigBuilder {
    let mut config = SparseVectorsConfigBuilder::default();
    config.add_named_vector_params(SPARSE, SparseVectorParamsBuilder::default().modifier(Modifier::Idf));
    config
}

pub(super) fn point(point: &Point) -> PointStruct {
    let text = |text: &str| Value::from(text.to_owned());
    let payload = HashMap::from([
        ("slug".to_owned(), text(&point.slug)),
        ("kind".to_owned(), text(&point.kind)),
        (AUDIENCE.to_owned(), text(point.audience.as_str())),
    ]);
    let vectors = NamedVectors::default()
        .add_vector(DENSE, Vector::new_dense(point.dense.clone()))
        .add_vector(SPARSE, Vector::new_sparse(point.sparse.indices.clone(), point.sparse.values.clone()));
    PointStruct::new(point.id.to_string(), vectors, payload)
}

pub(super) fn query(collection: &str, search: Search) -> QueryPoints {
    let Search { mode, dense, sparse, reader, limit } = search;
    let filter = readable_by(reader);
    let by_meaning = |vector: Vec<f32>| Query::new_nearest(VectorInput::new_dense(vector));
    let by_words = |Sparse { indices, values }| Query::new_nearest(VectorInput::new_sparse(indices, values));
    let base =
        QueryPointsBuilder::new(collection).filter(filter.clone()).limit(limit as u64).with_payload(false).with_vectors(false);
    match mode {
        Mode::Dense => base.query(by_meaning(dense)).using(DENSE),
        Mode::Sparse => base.query(by_words(sparse)).using(SPARSE),
        Mode::Fused => {
            let prefetch = |query: Query, using: &str| {
                let limit = limit.saturating_mul(PREFETCH) as u64;
                PrefetchQueryBuilder::default().query(query).using(using).filter(filter.clone()).limit(limit)
            };
            base.add_prefetch(prefetch(by_meaning(dense), DENSE))
                .add_prefetch(prefetch(by_words(sparse), SPARSE))
                .query(Fusion::Rrf)
        }
    }
    .build()
}

/// Holds for the points that this reader may see.
fn readable_by(reader: Audience) -> Filter {
    let names: Vec<String> = reader.may_read().iter().map(|audience| audience.as_str().to_owned()).collect();
    Filter::must([Condition::matches(AUDIENCE, names)])
}

pub(super) fn uuid_of(id: PointId) -> Option<Uuid> {
    match id.point_id_options? {
        PointIdOptions::Uuid(text) => text.parse().ok(),
        PointIdOptions::Num(_) => None,
    }
}
