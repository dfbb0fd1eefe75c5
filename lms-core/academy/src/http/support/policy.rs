//! What the academy promises, for whoever writes about it.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use porter_kernel::http::{Json, Problem};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::Academy;

/// The figures in force.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Promises {
    /// By the names that help articles know them by, such as `refund.window_days`.
    facts: BTreeMap<&'static str, String>,
}

/// The figures that the academy goes by. A help article that names one of them shows this one, whatever its author wrote down.
#[utoipa::path(get, path = "/support/v1/policy", tag = "support", security(("service" = [])),
    responses((status = 200, body = Promises), (status = 401, body = Problem)))]
pub(super) async fn show(State(academy): State<Arc<Academy>>) -> Json<Promises> {
    Json(Promises { facts: academy.parts.policy.facts() })
}
