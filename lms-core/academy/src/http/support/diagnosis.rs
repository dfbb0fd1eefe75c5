//! Why is it so? What the person's facts say.

use std::sync::Arc;

use axum::extract::State;
use porter_kernel::db::Freshness;
use porter_kernel::http::{Json, Path, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::guard::Subject;
use crate::diagnosis::{Facts, Finding, Topic, diagnose};
use crate::http::Academy;

/// Longer than any order's number, in bytes.
const MAX_ORDER: usize = 64;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct About {
    /// An order's number, to narrow the question to it. One that is not the person's own is answered like one that does not exist.
    #[param(example = "NL-100234")]
    order: Option<String>,
}

/// One to five findings, the most relevant first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Findings {
    findings: Vec<Finding>,
}

/// What the person's facts say about a topic: `certificate`, `access`, `progress`, `charge` or `refund`.
#[utoipa::path(get, path = "/support/v1/me/diagnosis/{topic}", tag = "support", security(("service" = [], "identity" = [])),
    params(("topic" = String, Path), About),
    responses((status = 200, body = Findings), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn show(
    State(academy): State<Arc<Academy>>,
    subject: Subject,
    Path(topic): Path<String>,
    Query(about): Query<About>,
) -> Result<Json<Findings>, Problem> {
    let topic: Topic = topic.parse().map_err(|_| Problem::not_found("There is no such topic."))?;
    if about.order.as_ref().is_some_and(|order| order.len() > MAX_ORDER) {
        return Err(Problem::unprocessable("This is too long for an order's number."));
    }
    let id = subject.account.id;
    let (courses, orders) =
        (academy.store().courses(id, Freshness::Fresh).await?, academy.store().orders(id, Freshness::Fresh).await?);
    let facts = Facts { courses: &courses, orders: &orders };
    let findings = diagnose(topic, facts, about.order.as_deref(), &academy.parts.policy, academy.parts.clock.now());
    Ok(Json(Findings { findings }))
}
