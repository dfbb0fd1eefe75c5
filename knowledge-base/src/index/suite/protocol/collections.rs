use std::sync::Arc;

use async_trait::async_trait;
use qdrant_client::qdrant::alias_operations::Action;
use qdrant_client::qdrant::collections_server::Collections;
use qdrant_client::qdrant::vectors_config::Config;
use qdrant_client::qdrant::{
    AliasDescription, ChangeAliases, CollectionClusterInfoRequest, CollectionClusterInfoResponse, CollectionDescription,
    CollectionExists, CollectionExistsRequest, CollectionExistsResponse, CollectionOperationResponse, CreateCollection,
    CreateShardKeyRequest, CreateShardKeyResponse, DeleteCollection, DeleteShardKeyRequest, DeleteShardKeyResponse,
    GetCollectionInfoRequest, GetCollectionInfoResponse, ListAliasesRequest, ListAliasesResponse, ListCollectionAliasesRequest,
    ListCollectionsRequest, ListCollectionsResponse, ListShardKeysRequest, ListShardKeysResponse, Modifier, UpdateCollection,
    UpdateCollectionClusterSetupRequest, UpdateCollectionClusterSetupResponse,
};
use qdrant_edge::{Distance, EdgeConfig, EdgeShard, EdgeSparseVectorParams, EdgeVectorParams};
use tonic::{Request, Response, Status};

use super::{Collection, Shared, not_served};

fn done(result: bool) -> Response<CollectionOperationResponse> {
    Response::new(CollectionOperationResponse { result, time: 0.0 })
}

/// A shard as the request describes it.
fn make(request: CreateCollection) -> Result<Collection, Status> {
    let Some(Config::ParamsMap(dense)) = request.vectors_config.and_then(|config| config.config) else {
        return Err(Status::unimplemented("one vector without a name"));
    };
    let mut config = EdgeConfig::builder();
    let mut dimensions = 0;
    for (name, params) in dense.map {
        assert_eq!(params.distance, qdrant_client::qdrant::Distance::Cosine as i32);
        dimensions = usize::try_from(params.size).unwrap();
        config = config.vector(name, EdgeVectorParams::builder(dimensions, Distance::Cosine).build());
    }
    for (name, params) in request.sparse_vectors_config.unwrap_or_default().map {
        assert_eq!(params.modifier, Some(Modifier::Idf as i32));
        let params = EdgeSparseVectorParams::builder().modifier(qdrant_edge::Modifier::Idf).build();
        config = config.sparse_vector(name, params);
    }
    let folder = tempfile::tempdir()?;
    let shard = EdgeShard::new(folder.path(), config.build()).map_err(|error| Status::internal(error.to_string()))?;
    Ok(Collection { shard, dimensions, _folder: folder })
}

#[async_trait]
impl Collections for Shared {
    async fn create(&self, request: Request<CreateCollection>) -> Result<Response<CollectionOperationResponse>, Status> {
        let request = request.into_inner();
        let name = request.collection_name.clone();
        let mut state = self.lock();
        if state.collections.contains_key(&name) || state.aliases.contains_key(&name) {
            return Err(Status::already_exists(format!("Wrong input: Collection `{name}` already exists!")));
        }
        state.collections.insert(name, Arc::new(make(request)?));
        Ok(done(true))
    }

    async fn delete(&self, request: Request<DeleteCollection>) -> Result<Response<CollectionOperationResponse>, Status> {
        let name = request.into_inner().collection_name;
        let mut state = self.lock();
        state.aliases.retain(|_, collection| *collection != name);
        Ok(done(state.collections.remove(&name).is_some()))
    }

    async fn list(&self, _request: Request<ListCollectionsRequest>) -> Result<Response<ListCollectionsResponse>, Status> {
        let collections = self.lock().collections.keys().map(|name| CollectionDescription { name: name.clone() }).collect();
        Ok(Response::new(ListCollectionsResponse { collections, time: 0.0 }))
    }

    async fn collection_exists(
        &self,
        request: Request<CollectionExistsRequest>,
    ) -> Result<Response<CollectionExistsResponse>, Status> {
        let exists = self.lock().collections.contains_key(&request.into_inner().collection_name);
        Ok(Response::new(CollectionExistsResponse { result: Some(CollectionExists { exists }), time: 0.0 }))
    }

    async fn update_aliases(&self, request: Request<ChangeAliases>) -> Result<Response<CollectionOperationResponse>, Status> {
        let mut state = self.lock();
        for action in request.into_inner().actions.into_iter().filter_map(|operation| operation.action) {
            match action {
                Action::CreateAlias(wanted) => {
                    if !state.collections.contains_key(&wanted.collection_name) {
                        return Err(Status::not_found(format!(
                            "Not found: Collection `{}` doesn't exist!",
                            wanted.collection_name
                        )));
                    }
                    if state.collections.contains_key(&wanted.alias_name) {
                        return Err(Status::already_exists(format!(
                            "Wrong input: Collection `{}` already exists!",
                            wanted.alias_name
                        )));
                    }
                    state.aliases.insert(wanted.alias_name, wanted.collection_name);
                }
                Action::DeleteAlias(unwanted) => {
                    state.aliases.remove(&unwanted.alias_name);
                }
                Action::RenameAlias(_) => return Err(Status::unimplemented("renaming")),
            }
        }
        Ok(done(true))
    }

    async fn list_aliases(&self, _request: Request<ListAliasesRequest>) -> Result<Response<ListAliasesResponse>, Status> {
        let state = self.lock();
        let describe = |(alias, collection): (&String, &String)| AliasDescription {
            alias_name: alias.clone(),
            collection_name: collection.clone(),
        };
        Ok(Response::new(ListAliasesResponse { aliases: state.aliases.iter().map(describe).collect(), time: 0.0 }))
    }

    not_served! {
        get(GetCollectionInfoRequest) -> GetCollectionInfoResponse,
        update(UpdateCollection) -> CollectionOperationResponse,
        list_collection_aliases(ListCollectionAliasesRequest) -> ListAliasesResponse,
        collection_cluster_info(CollectionClusterInfoRequest) -> CollectionClusterInfoResponse,
        update_collection_cluster_setup(UpdateCollectionClusterSetupRequest) -> UpdateCollectionClusterSetupResponse,
        create_shard_key(CreateShardKeyRequest) -> CreateShardKeyResponse,
        delete_shard_key(DeleteShardKeyRequest) -> DeleteShardKeyResponse,
        list_shard_keys(ListShardKeysRequest) -> ListShardKeysResponse,
    }
}
