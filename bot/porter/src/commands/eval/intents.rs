use std::path::Path;

use porter_embeddings::Encoder;
use porter_evals::{IntentData, LabelledSet, Row, Run, evaluate_intents};
use porter_triage::Sample;

use crate::assemble;
use crate::bars::Bars;
use crate::config::Config;
use crate::error::PorterError;

/// Trains the heads that triage uses on somebody's labelled texts, and grades them.
pub(super) async fn run(config: &Config, dataset: &Path, encoders: &[String]) -> Result<Run, PorterError> {
    let set = LabelledSet::read(dataset).map_err(|error| PorterError::Usage(error.to_string()))?;
    let mut loaded = Vec::new();
    for name in encoders {
        loaded.push(assemble::encoder_named(config, name, &Bars::default()).await?);
    }
    let folder = config.cache_dir.join("vectors");
    let graded = tokio::task::spawn_blocking(move || grade(&set, &loaded, &folder));
    let mut run = graded.await.map_err(std::io::Error::other)??;
    run.about.insert("encoders".to_owned(), encoders.join(" + "));
    Ok(run)
}

fn grade(set: &LabelledSet, encoders: &[Box<dyn Encoder>], folder: &Path) -> Result<Run, PorterError> {
    let rows = set.train.iter().chain(&set.val).chain(set.test.iter().flatten());
    let texts: Vec<&str> = rows.map(|row| row.text.as_str()).collect();
    let mut caches = Vec::new();
    for encoder in encoders {
        caches.push(super::encoded::encoded(encoder.as_ref(), &texts, folder, "Encoding the texts")?);
    }
    let sample = |row: &Row| Sample {
        text: row.text.clone(),
        vector: caches.iter().flat_map(|cache| cache.get(&row.text).unwrap_or_default()).copied().collect(),
        label: row.label.clone(),
    };
    let samples = |rows: &[Row]| rows.iter().map(sample).collect::<Vec<_>>();
    let width = encoders.first().map_or(1, |encoder| encoder.dimensions());
    let data = IntentData { train: samples(&set.train), val: samples(&set.val), test: set.test.as_deref().map(samples), width };
    evaluate_intents(&data).map_err(|error| PorterError::Usage(error.to_string()))
}
