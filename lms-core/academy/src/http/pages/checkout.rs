//! Paying, invoices, refunds.

use std::sync::Arc;

use axum::Router;

use crate::http::Academy;

pub(super) fn router() -> Router<Arc<Academy>> {
    Router::new()
}
