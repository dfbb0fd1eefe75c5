//! What happened, for whoever subscribes.

use std::sync::Arc;

use axum::extract::State;
use porter_kernel::http::{Json, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::event::RecordedEvent;
use crate::http::Academy;

const MOST: i64 = 1_000;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct After {
    /// The number of the last event that was read; 0, or nothing, begins at the beginning.
    after: Option<i64>,
    /// 1 to 1,000; 100 when nothing is said.
    limit: Option<i64>,
}

/// Events in their order. Ask again after the last one's `seq`.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Happened {
    /// Each with `seq`, `id`, `version`, `occurred_at`, `kind` and the fields of its kind: ids, amounts and closed words, no text of a person.
    #[schema(value_type = Vec<Object>)]
    events: Vec<RecordedEvent>,
}

/// The events after a number, without gaps: who has read up to one misses nothing by asking for what comes after.
#[utoipa::path(get, path = "/support/v1/events", tag = "support", security(("service" = [])), params(After),
    responses((status = 200, body = Happened), (status = 401, body = Problem), (status = 422, body = Problem)))]
pub(super) async fn list(State(academy): State<Arc<Academy>>, Query(asked): Query<After>) -> Result<Json<Happened>, Problem> {
    let (after, limit) = (asked.after.unwrap_or(0), asked.limit.unwrap_or(100));
    if after < 0 || !(1..=MOST).contains(&limit) {
        return Err(Problem::unprocessable("`after` is a number from 0, `limit` one from 1 to 1000."));
    }
    Ok(Json(Happened { events: academy.store().events_after(after, limit).await? }))
}
