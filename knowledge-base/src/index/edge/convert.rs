//! Our types as the engine's.

use qdrant_edge::{
    AnyVariants, Condition, FieldCondition, Filter, Fusion, JsonPath, Match, NamedQuery, PointId, PointStruct,
    PointStructPersisted, Prefetch, QueryEnum, QueryRequest, ScoringQuery, SparseVector, Vector, VectorInternal, Vectors,
    WithPayloadInterface, WithVector,
};

use crate::index::{Audience, Mode, Point, Search, Sparse};

/// The names that vectors and fields have in every index.
pub(in crate::index) const DENSE: &str = "dense";
pub(in crate::index) const SPARSE: &str = "bm25";
pub(in crate::index) const AUDIENCE: &str = "audience";

/// A fused search looks at so many times as many points of either list as are wanted.
pub(in crate::index) const PREFETCH: usize = 4;
/// As a Qdrant server fuses where it is not told otherwise.
const RRF_K: usize = 2;

pub(super) fn audience_path() -> Result<JsonPath, String> {
    AUDIENCE.parse().map_err(|()| format!("{AUDIENCE} is no path of a field"))
}

pub(super) fn point(point: &Point) -> Result<PointStructPersisted, qdrant_edge::OperationError> {
    let sparse = Vector::new_sparse(point.sparse.indices.clone(), point.sparse.values.clone())?;
    let vectors = Vectors::from(vec![(DENSE, Vector::new_dense(point.dense.clone())), (SPARSE, sparse)]);
    let payload = serde_json::json!({"slug": point.slug, "kind": point.kind, AUDIENCE: point.audience.as_str()});
    Ok(PointStruct::new(PointId::Uuid(point.id), vectors, payload).into())
}

pub(super) fn query(search: Search) -> Result<QueryRequest, String> {
    let Search { mode, dense, sparse, reader, limit } = search;
    let filter = Some(readable_by(reader)?);
    let by_meaning = |vector| nearest(VectorInternal::Dense(vector), DENSE);
    let by_words = |Sparse { indices, values }| nearest(VectorInternal::Sparse(SparseVector { indices, values }), SPARSE);
    let (prefetches, query) = match mode {
        Mode::Dense => (Vec::new(), by_meaning(dense)),
        Mode::Sparse => (Vec::new(), by_words(sparse)),
        Mode::Fused => {
            let prefetch = |query| Prefetch {
                prefetches: Vec::new(),
                query: Some(query),
                limit: limit.saturating_mul(PREFETCH),
                params: None,
                filter: filter.clone(),
                score_threshold: None,
            };
            (
                vec![prefetch(by_meaning(dense)), prefetch(by_words(sparse))],
                ScoringQuery::Fusion(Fusion::Rrf { k: RRF_K, weights: None }),
            )
        }
    };
    Ok(QueryRequest {
        prefetches,
        query: Some(query),
        filter,
        score_threshold: None,
        limit,
        offset: 0,
        params: None,
        with_vector: WithVector::Bool(false),
        with_payload: WithPayloadInterface::Bool(false),
    })
}

fn nearest(vector: VectorInternal, name: &str) -> ScoringQuery {
    ScoringQuery::Vector(QueryEnum::Nearest(NamedQuery::new(vector, name)))
}

/// Holds for the points that this reader may see.
fn readable_by(reader: Audience) -> Result<Filter, String> {
    let names = reader.may_read().iter().map(|audience| audience.as_str().to_owned()).collect();
    let condition = FieldCondition::new_match(audience_path()?, Match::new_any(AnyVariants::Strings(names)));
    Ok(Filter::new_must(Condition::Field(condition)))
}
