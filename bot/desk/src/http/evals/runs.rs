//! Runs: the list with its trends, one of them, and two side by side.

use std::collections::BTreeSet;
use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use porter_kernel::clock::Timestamp;
use porter_kernel::http::{Problem, Query};
use serde::Deserialize;
use uuid::Uuid;

use super::trend::{self, Trend, trends};
use crate::domain::EvalRunRow;
use crate::http::Desk;
use crate::http::pages::{failed, name, page};
use crate::http::session::signed_in;

/// Runs of a list, and points of a trend.
const LIMIT: i64 = 60;
/// Figures that stand for a run in the list.
const SHOWN: usize = 4;

#[derive(Template)]
#[template(path = "evals.html")]
struct List<'a> {
    academy_name: &'a str,
    kinds: Vec<String>,
    kind: Option<String>,
    runs: Vec<Row>,
    trends: Vec<Trend>,
}

struct Row {
    id: Uuid,
    kind: String,
    release: String,
    at: String,
    figures: String,
    /// The run of the same kind before it.
    before: Option<Uuid>,
    /// The one that is compared with.
    compared: bool,
}

#[derive(Template)]
#[template(path = "evals_run.html")]
struct Show<'a> {
    academy_name: &'a str,
    run: Row,
    with: Option<Uuid>,
    /// Others of the same kind, to compare with.
    others: Vec<Row>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Filter {
    kind: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Which {
    id: Uuid,
    /// What it is compared with.
    with: Option<Uuid>,
}

/// To the minute.
pub(super) fn moment(at: Timestamp) -> String {
    at.datetime().format("%Y-%m-%d %H:%M UTC").to_string()
}

fn row(run: &EvalRunRow, before: Option<Uuid>) -> Row {
    let told = run.figures.iter().filter(|figure| figure.better != "neither").take(SHOWN);
    let figures: Vec<String> = told.map(|own| format!("{} {}", trend::title(&own.name), trend::shown(own))).collect();
    Row {
        id: run.id,
        kind: run.kind.clone(),
        release: run.release.clone(),
        at: moment(run.created_at),
        figures: figures.join(" · "),
        before,
        compared: false,
    }
}

fn rows(runs: &[EvalRunRow]) -> Vec<Row> {
    let before = |place: usize, kind: &str| runs.iter().skip(place + 1).find(|own| own.kind == kind).map(|own| own.id);
    runs.iter().enumerate().map(|(place, run)| row(run, before(place, &run.kind))).collect()
}

/// Sends whoever is not signed in to sign in.
pub(super) fn door() -> Response {
    Redirect::to("/inbox/sign-in").into_response()
}

pub(super) async fn list(
    State(desk): State<Arc<Desk>>,
    headers: HeaderMap,
    Query(filter): Query<Filter>,
) -> Result<Response, Problem> {
    if signed_in(&headers, &desk).await?.is_none() {
        return Ok(door());
    }
    let all = desk.store.eval_runs(None, LIMIT).await?;
    let kinds: BTreeSet<String> = all.iter().map(|run| run.kind.clone()).collect();
    let kind = filter.kind.filter(|kind| kinds.contains(kind));
    let runs = match &kind {
        Some(kind) => desk.store.eval_runs(Some(kind), LIMIT).await?,
        None => all,
    };
    let trends = if kind.is_some() { trends(&runs) } else { Vec::new() };
    Ok(page(&List { academy_name: name(&desk), kinds: kinds.into_iter().collect(), kind, runs: rows(&runs), trends }))
}

pub(super) async fn show(
    State(desk): State<Arc<Desk>>,
    headers: HeaderMap,
    Query(which): Query<Which>,
) -> Result<Response, Problem> {
    if signed_in(&headers, &desk).await?.is_none() {
        return Ok(door());
    }
    let Some(run) = desk.store.eval_run(which.id).await? else { return Ok(gone()) };
    let others = desk.store.eval_runs(Some(&run.row.kind), LIMIT).await?;
    let others = others
        .iter()
        .filter(|own| own.id != which.id)
        .map(|own| Row { compared: which.with == Some(own.id), ..row(own, None) })
        .collect();
    Ok(page(&Show { academy_name: name(&desk), run: row(&run.row, None), with: which.with, others }))
}

fn gone() -> Response {
    let detail = "It may have been removed. The list of runs has those that are there.";
    failed(StatusCode::NOT_FOUND, "This run does not exist", detail)
}

/// The report alone, in a world of its own: what cases say is hostile text, so the page may run its own script and reach nothing.
pub(super) async fn report(
    State(desk): State<Arc<Desk>>,
    headers: HeaderMap,
    Query(which): Query<Which>,
) -> Result<Response, Problem> {
    if signed_in(&headers, &desk).await?.is_none() {
        return Ok(door());
    }
    let (Some(run), Some(reports)) = (desk.store.eval_run(which.id).await?, &desk.evals) else { return Ok(gone()) };
    let with = match which.with {
        Some(with) => desk.store.eval_run(with).await?,
        None => None,
    };
    let rendered = match reports.page(&run, with.as_ref()) {
        Ok(rendered) => rendered,
        Err(why) => {
            tracing::warn!(run = %which.id, why, "a run cannot be shown");
            let detail = "It was written by another version of Porter in a form that this one cannot read.";
            return Ok(failed(StatusCode::UNPROCESSABLE_ENTITY, "This run cannot be shown", detail));
        }
    };
    let policy = format!("{}; frame-ancestors 'self'; sandbox allow-scripts", rendered.policy);
    let policy = HeaderValue::try_from(policy).map_err(|_| Problem::internal())?;
    Ok(([(header::CONTENT_SECURITY_POLICY, policy)], Html(rendered.html)).into_response())
}
