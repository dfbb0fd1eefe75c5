//! Signing up, and everything about one's own account.

use std::sync::Arc;

use axum::Router;

use crate::http::Academy;

pub(super) fn router() -> Router<Arc<Academy>> {
    Router::new()
}
