//! `porter triage`: what Porter would do with each message, without doing it.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::ExitCode;

use futures::{StreamExt, stream};
use porter_actions::ActionName;
use porter_desk::Responder;
use porter_kernel::db::{Database, DatabaseSetting};
use porter_triage::{Decision, Intent, Urgency};
use serde::{Deserialize, Serialize};

use crate::assemble;
use crate::bars::Bars;
use crate::config::Config;
use crate::error::PorterError;
use crate::say;

/// Lines at work at the same time: enough to fill the encoder's batches.
const AT_ONCE: usize = 16;
/// The longest line that is read, in bytes.
const LONGEST_LINE: usize = 4 << 20;

#[derive(Debug, Deserialize)]
struct Line {
    id: Id,
    text: String,
}

/// An id is given back as it came.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
enum Id {
    Text(String),
    Number(serde_json::Number),
}

#[derive(Debug, Serialize)]
struct Triaged {
    id: Id,
    intent: Intent,
    confidence: f64,
    urgency: Urgency,
    decision: Decision,
    action: Option<ActionName>,
    passages: Vec<Passage>,
    reply: String,
}

#[derive(Debug, Serialize)]
struct Passage {
    article: String,
    score: f64,
}

pub(crate) async fn run(config: &Config, input: &Path) -> Result<ExitCode, PorterError> {
    let reader: Box<dyn BufRead + Send> = if input == Path::new("-") {
        Box::new(BufReader::new(std::io::stdin()))
    } else {
        let file = File::open(input).map_err(|cause| PorterError::Input { path: input.to_owned(), cause })?;
        Box::new(BufReader::new(file))
    };
    let responder = responder(config).await?;
    let mut output = std::io::BufWriter::new(std::io::stdout());
    let mut failed = false;
    let mut results = stream::iter(lines(reader)).map(|(number, line)| handle(&responder, number, line)).buffered(AT_ONCE);
    while let Some(result) = results.next().await {
        match result {
            Ok(Some(triaged)) => {
                serde_json::to_writer(&mut output, &triaged).map_err(std::io::Error::other)?;
                output.write_all(b"\n")?;
            }
            Ok(None) => {}
            Err(problem) => {
                failed = true;
                say::problem(&problem);
            }
        }
    }
    output.flush()?;
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Models, heads and articles in the cache, made when they are not there. The index is a folder of this call alone, filled from the
/// vectors in the cache's database, so that several calls can run side by side.
pub(super) async fn responder(config: &Config) -> Result<Responder, PorterError> {
    let bars = Bars::default();
    let encoder = assemble::encoder(config, &bars).await?;
    let database = Database::open(&DatabaseSetting::Sqlite(config.cache_dir.join("triage").join("articles.db")), None).await?;
    let folder = tempfile::tempdir()?;
    let knowledge = assemble::knowledge(config, &database, folder.path(), encoder, &bars).await?;
    // Everything of the index that is needed is open or in memory; the folder is removed when the process ends.
    std::mem::forget(folder);
    assemble::responder(config, knowledge, &bars).await
}

/// Lines with their numbers, from 1. A line that cannot be read is an error of its own.
fn lines(mut reader: Box<dyn BufRead + Send>) -> impl Iterator<Item = (usize, Result<Vec<u8>, String>)> {
    let mut number = 0;
    std::iter::from_fn(move || {
        let mut line = Vec::new();
        number += 1;
        match reader.read_until(b'\n', &mut line) {
            Ok(0) => None,
            Ok(length) if length > LONGEST_LINE => Some((number, Err(format!("longer than {LONGEST_LINE} bytes")))),
            Ok(_) => Some((number, Ok(line))),
            Err(error) => Some((number, Err(error.to_string()))),
        }
    })
}

async fn handle(responder: &Responder, number: usize, line: Result<Vec<u8>, String>) -> Result<Option<Triaged>, String> {
    let bad = |why: String| format!("line {number}: {why}");
    let line = line.map_err(bad)?;
    if line.trim_ascii().is_empty() {
        return Ok(None);
    }
    std::str::from_utf8(&line).map_err(|error| bad(format!("not UTF-8 from byte {} on", error.valid_up_to())))?;
    let line: Line = serde_json::from_slice(&line).map_err(|error| bad(error.to_string()))?;
    let understood = responder.understand(&line.text).await.map_err(|error| bad(error.to_string()))?;
    let reply = understood.reply(&line.text);
    let assessment = understood.assessment;
    Ok(Some(Triaged {
        id: line.id,
        intent: assessment.intent,
        confidence: rounded(assessment.confidence),
        urgency: assessment.urgency,
        decision: assessment.decision,
        action: assessment.action,
        passages: understood
            .passages
            .into_iter()
            .map(|found| Passage { article: found.slug, score: rounded(found.score) })
            .collect(),
        reply,
    }))
}

/// Four decimals: more would pretend to a precision that is not there.
fn rounded(value: f32) -> f64 {
    (f64::from(value) * 10_000.0).round() / 10_000.0
}
