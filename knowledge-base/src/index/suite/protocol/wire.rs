//! The protocol's types as the engine's.

use qdrant_client::qdrant::condition::ConditionOneOf;
use qdrant_client::qdrant::r#match::MatchValue;
use qdrant_client::qdrant::point_id::PointIdOptions;
use qdrant_client::qdrant::points_selector::PointsSelectorOneOf;
use qdrant_client::qdrant::query::Variant;
use qdrant_client::qdrant::value::Kind;
use qdrant_client::qdrant::vector_input::Variant as Input;
use qdrant_client::qdrant::vectors::VectorsOptions;
use qdrant_client::qdrant::{self, PointsSelector, RetrievedPoint, ScoredPoint, vector};
use qdrant_edge::{
    AnyVariants, Condition, FieldCondition, Filter, Fusion, Match, NamedQuery, PointId, PointStruct, PointStructPersisted,
    Prefetch, QueryEnum, QueryRequest, ScoringQuery, SparseVector, Vector, VectorInternal, Vectors, WithPayloadInterface,
    WithVector,
};
use tonic::Status;

fn wrong(what: impl std::fmt::Display) -> Status {
    Status::invalid_argument(format!("Wrong input: {what}"))
}

pub(super) fn id(id: qdrant::PointId) -> Result<PointId, Status> {
    match id.point_id_options {
        Some(PointIdOptions::Uuid(text)) => text.parse().map(PointId::Uuid).map_err(|_| wrong("Unable to parse UUID")),
        Some(PointIdOptions::Num(number)) => Ok(PointId::NumId(number)),
        None => Err(wrong("a point without an id")),
    }
}

pub(super) fn id_of(id: PointId) -> qdrant::PointId {
    match id {
        PointId::Uuid(uuid) => uuid.to_string().into(),
        PointId::NumId(number) => number.into(),
    }
}

pub(super) fn selected(selector: Option<PointsSelector>) -> Result<Vec<PointId>, Status> {
    match selector.and_then(|selector| selector.points_selector_one_of) {
        Some(PointsSelectorOneOf::Points(list)) => list.ids.into_iter().map(id).collect(),
        _ => Err(Status::unimplemented("deleting by a filter")),
    }
}

fn dense(values: Vec<f32>, dimensions: usize) -> Result<Vec<f32>, Status> {
    if values.len() == dimensions {
        return Ok(values);
    }
    Err(wrong(format!("Vector dimension error: expected dim: {dimensions}, got {}", values.len())))
}

pub(super) fn point(point: qdrant::PointStruct, dimensions: usize) -> Result<PointStructPersisted, Status> {
    let Some(VectorsOptions::Vectors(named)) = point.vectors.and_then(|vectors| vectors.vectors_options) else {
        return Err(wrong("Not existing vector name error: "));
    };
    let vectors = named
        .vectors
        .into_iter()
        .map(|(name, vector)| match vector.vector {
            Some(vector::Vector::Dense(own)) => Ok((name, Vector::new_dense(dense(own.data, dimensions)?))),
            Some(vector::Vector::Sparse(own)) => Vector::new_sparse(own.indices, own.values).map(|own| (name, own)).map_err(wrong),
            _ => Err(Status::unimplemented("vectors of this form")),
        })
        .collect::<Result<Vec<_>, _>>()?;
    let payload = point
        .payload
        .into_iter()
        .map(|(key, value)| match value.kind {
            Some(Kind::StringValue(text)) => Ok((key, text.into())),
            _ => Err(Status::unimplemented("payloads other than texts")),
        })
        .collect::<Result<serde_json::Map<_, _>, _>>()?;
    let id = id(point.id.ok_or_else(|| wrong("a point without an id"))?)?;
    Ok(PointStruct::new(id, Vectors::from(vectors), payload.into()).into())
}

pub(super) fn filter(filter: qdrant::Filter) -> Result<Filter, Status> {
    if !filter.should.is_empty() || !filter.must_not.is_empty() || filter.min_should.is_some() {
        return Err(Status::unimplemented("filters other than must"));
    }
    let must = filter.must.into_iter().map(condition).collect::<Result<Vec<_>, _>>()?;
    Ok(Filter { must: Some(must), ..Filter::new() })
}

fn condition(condition: qdrant::Condition) -> Result<Condition, Status> {
    let Some(ConditionOneOf::Field(field)) = condition.condition_one_of else {
        return Err(Status::unimplemented("conditions other than of a field"));
    };
    let key = field.key.parse().map_err(|()| wrong("not a field"))?;
    match field.r#match.and_then(|own| own.match_value) {
        Some(MatchValue::Keywords(list)) => {
            let any = AnyVariants::Strings(list.strings.into_iter().collect());
            Ok(Condition::Field(FieldCondition::new_match(key, Match::new_any(any))))
        }
        _ => Err(Status::unimplemented("matches other than of keywords")),
    }
}

fn scoring(query: Option<qdrant::Query>, using: Option<String>, dimensions: usize) -> Result<ScoringQuery, Status> {
    let nearest = |vector| ScoringQuery::Vector(QueryEnum::Nearest(NamedQuery::new(vector, using.clone().unwrap_or_default())));
    match query.and_then(|query| query.variant) {
        Some(Variant::Nearest(input)) => match input.variant {
            Some(Input::Dense(own)) => Ok(nearest(VectorInternal::Dense(dense(own.data, dimensions)?))),
            Some(Input::Sparse(own)) => {
                let (indices, values) = (own.indices, own.values);
                Ok(nearest(VectorInternal::Sparse(SparseVector { indices, values })))
            }
            _ => Err(Status::unimplemented("nearest to something else")),
        },
        // A server's k where the request names none.
        Some(Variant::Fusion(kind)) if kind == i32::from(qdrant::Fusion::Rrf) => {
            Ok(ScoringQuery::Fusion(Fusion::Rrf { k: 2, weights: None }))
        }
        _ => Err(Status::unimplemented("queries of this form")),
    }
}

pub(super) fn query(request: qdrant::QueryPoints, dimensions: usize) -> Result<QueryRequest, Status> {
    let prefetches = request
        .prefetch
        .into_iter()
        .map(|own| {
            Ok(Prefetch {
                prefetches: Vec::new(),
                query: Some(scoring(own.query, own.using, dimensions)?),
                limit: usize::try_from(own.limit.unwrap_or(10)).unwrap(),
                params: None,
                filter: own.filter.map(filter).transpose()?,
                score_threshold: None,
            })
        })
        .collect::<Result<Vec<_>, Status>>()?;
    Ok(QueryRequest {
        prefetches,
        query: Some(scoring(request.query, request.using, dimensions)?),
        filter: request.filter.map(filter).transpose()?,
        score_threshold: None,
        limit: usize::try_from(request.limit.unwrap_or(10)).unwrap(),
        offset: 0,
        params: None,
        with_vector: WithVector::Bool(false),
        with_payload: WithPayloadInterface::Bool(false),
    })
}

pub(super) fn scored(point: qdrant_edge::ScoredPoint) -> ScoredPoint {
    ScoredPoint { id: Some(id_of(point.id)), score: point.score, version: point.version, ..ScoredPoint::default() }
}

pub(super) fn retrieved(id: PointId) -> RetrievedPoint {
    RetrievedPoint { id: Some(id_of(id)), ..RetrievedPoint::default() }
}
