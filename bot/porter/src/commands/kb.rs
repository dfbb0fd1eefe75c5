//! `porter kb`: beside a running porter the command talks to it, since the index belongs to one process.

use std::path::Path;
use std::process::ExitCode;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures::StreamExt;
use porter_desk::http::{IngestEvent, Upload};
use porter_embeddings::Progress;
use porter_kernel::db::Database;
use porter_knowledge_base::{Audience, Document, IngestReport, KnowledgeBase};
use serde::{Deserialize, Serialize};

use super::files;
use crate::assemble;
use crate::bars::Bars;
use crate::cli::Kb;
use crate::config::Config;
use crate::data_dir::{DataDir, Running, Taken};
use crate::error::PorterError;
use crate::say;

/// A search result as printed and as the running porter sends it.
#[derive(Debug, Serialize, Deserialize)]
struct Passage {
    article: String,
    title: String,
    heading: Option<String>,
    url: String,
    text: String,
    score: f32,
}

pub(crate) async fn run(config: &Config, command: Kb) -> Result<ExitCode, PorterError> {
    match command {
        Kb::Ingest { dir, source } => ingest(config, &dir, source).await,
        Kb::Search { question, limit, json } => search(config, &question, limit, json).await,
    }
}

async fn ingest(config: &Config, dir: &Path, source: Option<String>) -> Result<ExitCode, PorterError> {
    let documents = files::documents(dir)?;
    let source = source_name(dir, source)?;
    if documents.is_empty() {
        return Err(PorterError::Usage(format!("{} holds no .md, .html or .rst file", dir.display())));
    }
    let bars = Bars::default();
    let report = match DataDir::take(&config.data_dir)? {
        Taken::Ours(_own) => open(config, &bars).await?.ingest(&source, documents, &bars).await?,
        Taken::Theirs(running) => ingest_remotely(&reachable(config, running)?, &source, documents, &bars).await?,
    };
    say::line(format_args!(
        "{source}: {} added, {} changed, {} unchanged, {} removed, {} without text, {} passages written",
        report.added, report.changed, report.unchanged, report.removed, report.empty, report.passages
    ));
    for rejected in &report.rejected {
        say::problem(&rejected.why);
    }
    Ok(if report.rejected.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn search(config: &Config, question: &str, limit: usize, json: bool) -> Result<ExitCode, PorterError> {
    let results = match DataDir::take(&config.data_dir)? {
        Taken::Ours(_own) => open(config, &Bars::default())
            .await?
            .search_text(question, Audience::Staff, limit)
            .await?
            .into_iter()
            .map(|found| Passage {
                url: found.url(),
                article: found.slug,
                title: found.title,
                heading: found.heading,
                text: found.text,
                score: found.score,
            })
            .collect(),
        Taken::Theirs(running) => search_remotely(&reachable(config, running)?, question, limit).await?,
    };
    if json {
        say::line(serde_json::to_string_pretty(&results).map_err(std::io::Error::other)?);
        return Ok(ExitCode::SUCCESS);
    }
    for found in results {
        let heading = found.heading.map(|heading| format!(" › {heading}")).unwrap_or_default();
        say::line(format_args!("{:.3}  {}{heading}  ({})", found.score, found.title, found.url));
        say::line(format_args!("{}\n", found.text));
    }
    Ok(ExitCode::SUCCESS)
}

/// Sources are named by the folder; the name becomes part of addresses.
fn source_name(dir: &Path, given: Option<String>) -> Result<String, PorterError> {
    let name = given
        .or_else(|| dir.canonicalize().ok()?.file_name().map(|name| name.to_string_lossy().into_owned()))
        .unwrap_or_default()
        .to_lowercase();
    let name: String = name.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' }).collect();
    let name = name.trim_matches('-').to_owned();
    if name.is_empty() || name == porter_knowledge_base::BUILTIN_SOURCE {
        return Err(PorterError::Usage(format!(
            "{name:?} cannot be a source's name ({:?} is the academy's own, set by academy.articles): give another with --source",
            porter_knowledge_base::BUILTIN_SOURCE
        )));
    }
    Ok(name)
}

async fn open(config: &Config, progress: &dyn Progress) -> Result<KnowledgeBase, PorterError> {
    let encoder = assemble::encoder(config, progress).await?;
    let database = Database::open(&config.database(), None).await?;
    assemble::knowledge(config, &database, &config.data_dir.join("index"), encoder, progress).await
}

fn reachable(config: &Config, running: Option<Running>) -> Result<Running, PorterError> {
    running.ok_or_else(|| PorterError::InUse {
        folder: config.data_dir.clone(),
        holder: "still starting, or another command".to_owned(),
    })
}

fn remote(error: impl std::fmt::Display) -> PorterError {
    PorterError::Remote(error.to_string())
}

async fn ingest_remotely(
    running: &Running,
    source: &str,
    documents: Vec<Document>,
    progress: &dyn Progress,
) -> Result<IngestReport, PorterError> {
    let uploads: Vec<Upload> =
        documents.into_iter().map(|document| Upload { path: document.path, content: STANDARD.encode(document.bytes) }).collect();
    let response = reqwest::Client::new()
        .put(format!("http://{}/api/v1/knowledge/sources/{source}", running.address))
        .bearer_auth(&running.token)
        .json(&uploads)
        .send()
        .await
        .map_err(remote)?;
    if !response.status().is_success() {
        return Err(remote(response.text().await.map_err(remote)?));
    }
    let mut body = response.bytes_stream();
    let mut waiting = Vec::new();
    while let Some(piece) = body.next().await {
        waiting.extend_from_slice(&piece.map_err(remote)?);
        while let Some(end) = waiting.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = waiting.drain(..=end).collect();
            match serde_json::from_slice(&line).map_err(remote)? {
                IngestEvent::Started { task, total } => progress.start(&task, total),
                IngestEvent::Advanced(steps) => progress.advance(steps),
                IngestEvent::Finished => progress.finish(),
                IngestEvent::Report(report) => return Ok(report),
                IngestEvent::Failed(why) => return Err(remote(why)),
            }
        }
    }
    Err(remote("the connection ended before the report; run the command again, it does what is left"))
}

async fn search_remotely(running: &Running, question: &str, limit: usize) -> Result<Vec<Passage>, PorterError> {
    let response = reqwest::Client::new()
        .get(format!("http://{}/api/v1/knowledge/search", running.address))
        .query(&[("q", question), ("limit", &limit.to_string())])
        .bearer_auth(&running.token)
        .send()
        .await
        .map_err(remote)?;
    if !response.status().is_success() {
        return Err(remote(response.text().await.map_err(remote)?));
    }
    response.json().await.map_err(remote)
}
