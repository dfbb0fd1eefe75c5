//! The knowledge base over HTTP: search, and taking articles in for commands that run beside this process.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use porter_embeddings::Progress;
use porter_kernel::http::{Json, Path, Problem, Query};
use porter_knowledge_base::{Audience, Document, IngestReport, KnowledgeError};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::UnboundedReceiverStream;
use utoipa::{IntoParams, ToSchema};

use super::Desk;
use super::session::{bearer, signed_in};

/// Results of a search at most.
const MOST_RESULTS: usize = 20;

#[derive(Debug, Deserialize, IntoParams)]
pub(super) struct Question {
    /// The question in plain words.
    q: String,
    /// How many articles, 5 unless told.
    limit: Option<usize>,
}

/// A passage that fits a question.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Passage {
    article: String,
    title: String,
    heading: Option<String>,
    url: String,
    text: String,
    /// Cosine, -1 to 1.
    score: f32,
}

/// A file of a source.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Upload {
    /// Relative to the source, with forward slashes.
    pub path: String,
    /// The bytes in base64.
    pub content: String,
}

/// One line of the answer to an ingest.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum IngestEvent {
    /// A task begins.
    Started { task: String, total: Option<u64> },
    /// So many steps more are done.
    Advanced(u64),
    /// The present task is over.
    Finished,
    /// What became of the documents. The last line.
    #[schema(value_type = Object)]
    Report(IngestReport),
    /// It failed; articles taken in before stay. The last line.
    Failed(String),
}

/// Searches the help articles.
#[utoipa::path(get, path = "/api/v1/knowledge/search", tag = "knowledge", params(Question), security(("operator" = []), ("staff" = [])),
    responses((status = 200, body = Vec<Passage>), (status = 401, body = Problem)))]
pub(super) async fn search(
    State(desk): State<Arc<Desk>>,
    headers: HeaderMap,
    Query(question): Query<Question>,
) -> Result<Json<Vec<Passage>>, Problem> {
    if !is_operator(&headers, &desk) && signed_in(&headers, &desk).await?.is_none() {
        return Err(Problem::unauthorized("Sign in, or use the operator's token."));
    }
    let limit = question.limit.unwrap_or(5).clamp(1, MOST_RESULTS);
    let found = desk.knowledge.search_text(&question.q, Audience::Staff, limit).await.map_err(problem)?;
    let results = found
        .into_iter()
        .map(|found| Passage {
            url: found.url(),
            article: found.slug,
            title: found.title,
            heading: found.heading,
            text: found.text,
            score: found.score,
        })
        .collect();
    Ok(Json(results))
}

/// Makes a source consist of exactly these files. Answers with JSON Lines: progress, then the report.
#[utoipa::path(put, path = "/api/v1/knowledge/sources/{source}", tag = "knowledge", params(("source" = String, Path)),
    request_body = Vec<Upload>, security(("operator" = [])),
    responses((status = 200, body = IngestEvent, content_type = "application/x-ndjson"), (status = 401, body = Problem)))]
pub(super) async fn ingest(
    State(desk): State<Arc<Desk>>,
    headers: HeaderMap,
    Path(source): Path<String>,
    Json(uploads): Json<Vec<Upload>>,
) -> Result<Response, Problem> {
    if !is_operator(&headers, &desk) {
        return Err(Problem::unauthorized("This needs the operator's token."));
    }
    let mut documents = Vec::with_capacity(uploads.len());
    for upload in uploads {
        let bytes = STANDARD
            .decode(&upload.content)
            .map_err(|error| Problem::unprocessable(format!("The content of {} is not base64: {error}.", upload.path)))?;
        documents.push(Document { path: upload.path, bytes });
    }
    let (lines, receiver) = mpsc::unbounded_channel();
    // The work goes on when the caller hangs up: half an ingest is a valid state, but a whole one is what was asked for.
    tokio::spawn(async move {
        let progress = Lines(lines.clone());
        let last = match desk.knowledge.ingest(&source, documents, &progress).await {
            Ok(report) => IngestEvent::Report(report),
            Err(error) => {
                tracing::error!(%error, "an ingest failed");
                IngestEvent::Failed(error.to_string())
            }
        };
        let _ = lines.send(last);
    });
    let lines = UnboundedReceiverStream::new(receiver).map(|event| serde_json::to_string(&event).map(|line| format!("{line}\n")));
    let mut response = Body::from_stream(lines).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson"));
    Ok(response)
}

/// Progress as lines of the answer.
#[derive(Debug)]
struct Lines(mpsc::UnboundedSender<IngestEvent>);

impl Progress for Lines {
    fn start(&self, task: &str, total: Option<u64>) {
        let _ = self.0.send(IngestEvent::Started { task: task.to_owned(), total });
    }
    fn advance(&self, steps: u64) {
        let _ = self.0.send(IngestEvent::Advanced(steps));
    }
    fn finish(&self) {
        let _ = self.0.send(IngestEvent::Finished);
    }
}

fn is_operator(headers: &HeaderMap, desk: &Desk) -> bool {
    bearer(headers).is_some_and(|token| token.hash() == desk.operator)
}

fn problem(error: KnowledgeError) -> Problem {
    tracing::error!(%error, "the knowledge base failed");
    Problem::unavailable("The help centre's search is not working right now. Please try again in a moment.")
}
