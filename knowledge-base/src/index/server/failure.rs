//! What went wrong, by the codes of gRPC.

use qdrant_client::QdrantError;

use crate::index::IndexError;

/// gRPC's codes by number, so that the client's transport need not be named here.
const CANCELLED: i32 = 1;
const DEADLINE_EXCEEDED: i32 = 4;
const NOT_FOUND: i32 = 5;
const PERMISSION_DENIED: i32 = 7;
const RESOURCE_EXHAUSTED: i32 = 8;
const UNAVAILABLE: i32 = 14;
const UNAUTHENTICATED: i32 = 16;

pub(super) fn of(error: QdrantError, url: &str, collection: &str) -> IndexError {
    let url = url.to_owned();
    let (QdrantError::ResponseError { status } | QdrantError::ResourceExhaustedError { status, .. }) = &error else {
        return IndexError::Failed(error.to_string());
    };
    let message = status.message();
    match i32::from(status.code()) {
        NOT_FOUND => IndexError::NoCollection { name: collection.to_owned() },
        PERMISSION_DENIED | UNAUTHENTICATED => IndexError::Refused { url },
        // The client's own clock cancels the call.
        DEADLINE_EXCEEDED | CANCELLED => IndexError::TimedOut { url },
        UNAVAILABLE | RESOURCE_EXHAUSTED => IndexError::Unreachable { url, cause: message.to_owned() },
        // The client reports a connection that cannot be made as an error of its own.
        _ if message.starts_with("Failed to connect") => IndexError::Unreachable { url, cause: "nothing answers there".to_owned() },
        _ => IndexError::Failed(message.to_owned()),
    }
}
