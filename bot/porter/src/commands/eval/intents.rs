use std::path::Path;

use porter_embeddings::Encoder as _;
use porter_evals::{CachedEncoder, IntentData, LabelledSet, Row, Run, evaluate_intents};
use porter_triage::Sample;

use super::encoded::{encode, keeping};
use crate::config::Config;
use crate::error::PorterError;

/// Trains the heads that triage uses on somebody's labelled texts, and grades them.
pub(super) async fn run(config: &Config, dataset: &Path, encoders: &[String]) -> Result<Run, PorterError> {
    let set = LabelledSet::read(dataset).map_err(|error| PorterError::Usage(error.to_string()))?;
    let mut loaded = Vec::new();
    for name in encoders {
        loaded.push(keeping(config, name).await?);
    }
    let graded = tokio::task::spawn_blocking(move || grade(set, &loaded));
    let mut run = graded.await.map_err(std::io::Error::other)??;
    run.about.insert("dataset".to_owned(), dataset.display().to_string());
    run.about.insert("encoders".to_owned(), encoders.join(" + "));
    Ok(run)
}

fn grade(set: LabelledSet, encoders: &[CachedEncoder]) -> Result<Run, PorterError> {
    let width = encoders.first().map_or(1, |encoder| encoder.dimensions());
    let data = IntentData {
        train: samples(set.train, encoders)?,
        val: samples(set.val, encoders)?,
        test: set.test.map(|rows| samples(rows, encoders)).transpose()?,
        width,
    };
    evaluate_intents(&data).map_err(|error| PorterError::Usage(error.to_string()))
}

/// The rows with the encoders' vectors laid end to end.
fn samples(rows: Vec<Row>, encoders: &[CachedEncoder]) -> Result<Vec<Sample>, PorterError> {
    let (texts, labels): (Vec<String>, Vec<String>) = rows.into_iter().map(|row| (row.text, row.label)).unzip();
    let mut joined = vec![Vec::new(); texts.len()];
    for encoder in encoders {
        for (all, own) in joined.iter_mut().zip(encode(encoder, &texts)?) {
            all.extend(own);
        }
    }
    let each = texts.into_iter().zip(labels).zip(joined);
    Ok(each.map(|((text, label), vector)| Sample { text, vector, label }).collect())
}
