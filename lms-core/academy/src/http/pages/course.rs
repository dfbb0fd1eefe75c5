//! A course from inside: its lessons, and what was done in them.

use std::sync::Arc;

use axum::Router;

use crate::http::Academy;

pub(super) fn router() -> Router<Arc<Academy>> {
    Router::new()
}
