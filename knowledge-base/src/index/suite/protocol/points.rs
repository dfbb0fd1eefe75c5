use async_trait::async_trait;
use qdrant_client::qdrant::points_server::Points;
use qdrant_client::qdrant::{
    self, FieldType, PointsOperationResponse, QueryPoints, QueryResponse, ScrollPoints, ScrollResponse, UpdateResult, UpdateStatus,
};
use qdrant_edge::{
    CreateIndex, FieldIndexOperations, PayloadFieldSchema, PayloadSchemaType, PointInsertOperations, PointOperations,
    ScrollRequest, UpdateOperation, WithPayloadInterface, WithVector,
};
use tonic::{Request, Response, Status};

use super::{Collection, Shared, not_served, wire};

fn internal(error: impl std::fmt::Display) -> Status {
    Status::internal(error.to_string())
}

/// Applies a change. Without `wait` a server answers before it is done, and a test that forgot to ask for it would pass here and fail there.
fn update(
    collection: &Collection,
    wait: Option<bool>,
    operation: UpdateOperation,
) -> Result<Response<PointsOperationResponse>, Status> {
    assert_eq!(wait, Some(true), "the index waits for its changes");
    collection.shard.update(operation).map_err(internal)?;
    let result = UpdateResult { operation_id: Some(0), status: UpdateStatus::Completed.into() };
    Ok(Response::new(PointsOperationResponse { result: Some(result), time: 0.0, usage: None }))
}

#[async_trait]
impl Points for Shared {
    async fn upsert(&self, request: Request<qdrant::UpsertPoints>) -> Result<Response<PointsOperationResponse>, Status> {
        let request = request.into_inner();
        let collection = self.collection(&request.collection_name).await?;
        let points = request.points.into_iter().map(|point| wire::point(point, collection.dimensions)).collect::<Result<_, _>>()?;
        let upsert = PointOperations::UpsertPoints(PointInsertOperations::PointsList(points));
        update(&collection, request.wait, UpdateOperation::PointOperation(upsert))
    }

    async fn delete(&self, request: Request<qdrant::DeletePoints>) -> Result<Response<PointsOperationResponse>, Status> {
        let request = request.into_inner();
        let collection = self.collection(&request.collection_name).await?;
        let ids = wire::selected(request.points)?;
        update(&collection, request.wait, UpdateOperation::PointOperation(PointOperations::DeletePoints { ids }))
    }

    async fn create_field_index(
        &self,
        request: Request<qdrant::CreateFieldIndexCollection>,
    ) -> Result<Response<PointsOperationResponse>, Status> {
        let request = request.into_inner();
        let collection = self.collection(&request.collection_name).await?;
        if request.field_type != Some(FieldType::Keyword.into()) {
            return Err(Status::unimplemented("fields that are no keywords"));
        }
        let field_name = request.field_name.parse().map_err(|()| Status::invalid_argument("not a field"))?;
        let field_schema = Some(PayloadFieldSchema::FieldType(PayloadSchemaType::Keyword));
        let create = FieldIndexOperations::CreateIndex(CreateIndex { field_name, field_schema });
        update(&collection, request.wait, UpdateOperation::FieldIndexOperation(create))
    }

    async fn query(&self, request: Request<QueryPoints>) -> Result<Response<QueryResponse>, Status> {
        let request = request.into_inner();
        let collection = self.collection(&request.collection_name).await?;
        let found = collection.shard.query(wire::query(request, collection.dimensions)?).map_err(internal)?;
        let result = found.into_iter().map(wire::scored).collect();
        Ok(Response::new(QueryResponse { result, time: 0.0, usage: None }))
    }

    async fn scroll(&self, request: Request<ScrollPoints>) -> Result<Response<ScrollResponse>, Status> {
        let request = request.into_inner();
        let collection = self.collection(&request.collection_name).await?;
        let page = ScrollRequest {
            offset: request.offset.map(wire::id).transpose()?,
            limit: Some(request.limit.map_or(10, |limit| usize::try_from(limit).unwrap())),
            filter: request.filter.map(wire::filter).transpose()?,
            with_payload: Some(WithPayloadInterface::Bool(false)),
            with_vector: WithVector::Bool(false),
            order_by: None,
        };
        let (records, next) = collection.shard.scroll(page).map_err(internal)?;
        let result = records.into_iter().map(|record| wire::retrieved(record.id)).collect();
        Ok(Response::new(ScrollResponse { next_page_offset: next.map(wire::id_of), result, time: 0.0, usage: None }))
    }

    not_served! {
        get(qdrant::GetPoints) -> qdrant::GetResponse,
        update_vectors(qdrant::UpdatePointVectors) -> PointsOperationResponse,
        delete_vectors(qdrant::DeletePointVectors) -> PointsOperationResponse,
        set_payload(qdrant::SetPayloadPoints) -> PointsOperationResponse,
        overwrite_payload(qdrant::SetPayloadPoints) -> PointsOperationResponse,
        delete_payload(qdrant::DeletePayloadPoints) -> PointsOperationResponse,
        clear_payload(qdrant::ClearPayloadPoints) -> PointsOperationResponse,
        delete_field_index(qdrant::DeleteFieldIndexCollection) -> PointsOperationResponse,
        create_vector_name(qdrant::CreateVectorNameRequest) -> PointsOperationResponse,
        delete_vector_name(qdrant::DeleteVectorNameRequest) -> PointsOperationResponse,
        search(qdrant::SearchPoints) -> qdrant::SearchResponse,
        search_batch(qdrant::SearchBatchPoints) -> qdrant::SearchBatchResponse,
        search_groups(qdrant::SearchPointGroups) -> qdrant::SearchGroupsResponse,
        recommend(qdrant::RecommendPoints) -> qdrant::RecommendResponse,
        recommend_batch(qdrant::RecommendBatchPoints) -> qdrant::RecommendBatchResponse,
        recommend_groups(qdrant::RecommendPointGroups) -> qdrant::RecommendGroupsResponse,
        discover(qdrant::DiscoverPoints) -> qdrant::DiscoverResponse,
        discover_batch(qdrant::DiscoverBatchPoints) -> qdrant::DiscoverBatchResponse,
        count(qdrant::CountPoints) -> qdrant::CountResponse,
        update_batch(qdrant::UpdateBatchPoints) -> qdrant::UpdateBatchResponse,
        query_batch(qdrant::QueryBatchPoints) -> qdrant::QueryBatchResponse,
        query_groups(qdrant::QueryPointGroups) -> qdrant::QueryGroupsResponse,
        facet(qdrant::FacetCounts) -> qdrant::FacetResponse,
        search_matrix_pairs(qdrant::SearchMatrixPoints) -> qdrant::SearchMatrixPairsResponse,
        search_matrix_offsets(qdrant::SearchMatrixPoints) -> qdrant::SearchMatrixOffsetsResponse,
    }
}
