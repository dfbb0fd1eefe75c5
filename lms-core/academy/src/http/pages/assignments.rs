//! Handing work in, and having it looked at.

use std::sync::Arc;

use axum::Router;

use crate::http::Academy;

pub(super) fn router() -> Router<Arc<Academy>> {
    Router::new()
}
