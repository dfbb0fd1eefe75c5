//! `porter train`: corrections in, a new version of the triage model out, if it is no worse than the one in force.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use porter_desk::domain::Purpose;
use porter_embeddings::EncoderService;
use porter_evals::{Comparison, Run, RunKind, Saved, compare, render, too_close};
use porter_kernel::clock::{Clock as _, SystemClock, Timestamp};
use porter_triage::{
    Decision, Example, TriageModel, Version, Versions, data_fingerprint, encode, learnt_fingerprint, parse_examples, train,
};
use serde_json::{Value, json};

use super::eval::encoded;
use super::eval::outcome::{RELEASE, sentence};
use super::eval::triage::{Cases, cases, judge, judged_conversations};
use crate::assemble;
use crate::bars::Bars;
use crate::cli::{Train, Training};
use crate::config::Config;
use crate::error::PorterError;
use crate::say;
use crate::triage_model::{in_force, versions};

/// Figures of a version that are kept with it and shown in the list.
const FIGURES: [&str; 5] = ["accuracy", "macro_f1", "decision_accuracy", "unsafe_acts", "ece"];

pub(crate) async fn run(config: &Config, training: Training, command: Option<Train>) -> Result<ExitCode, PorterError> {
    let versions = versions(config);
    match command {
        None => trained(config, &versions, &training).await,
        Some(Train::List) => list(&versions),
        Some(Train::Rollback) => {
            let Some(present) = versions.in_force() else {
                return Err(PorterError::Usage("the built-in model is in force: there is none before it".to_owned()));
            };
            put_in_force(&versions, versions.before(present)?)
        }
        Some(Train::Use { version }) if version == "built-in" => put_in_force(&versions, None),
        Some(Train::Use { version }) => match version.parse() {
            Ok(number) => put_in_force(&versions, Some(number)),
            Err(_) => Err(PorterError::Usage(format!("{version:?} is no version: give its number, or built-in"))),
        },
    }
}

fn put_in_force(versions: &Versions, number: Option<u32>) -> Result<ExitCode, PorterError> {
    versions.put_in_force(number)?;
    say::line(format_args!("{} is in force; a running porter takes it up within seconds", name(number)));
    Ok(ExitCode::SUCCESS)
}

fn name(number: Option<u32>) -> String {
    number.map_or_else(|| "The built-in model".to_owned(), |number| format!("Version {number}"))
}

fn list(versions: &Versions) -> Result<ExitCode, PorterError> {
    let present = versions.in_force();
    let mark = |number| if present == number { "*" } else { " " };
    say::line(format_args!("{} built-in", mark(None)));
    for version in versions.list()? {
        let figure = |name: &&str| Some(format!("{} {:.3}", name.replace('_', " "), version.figures.get(*name)?));
        let figures: Vec<String> = FIGURES.iter().filter_map(figure).collect();
        say::line(format_args!(
            "{} {}  {}  {} learnt  {}  {}",
            mark(Some(version.number)),
            version.number,
            version.trained_at,
            version.learnt.len(),
            figures.join(", "),
            version.fingerprint.get(..12).unwrap_or_default()
        ));
    }
    Ok(ExitCode::SUCCESS)
}

/// Trains, compares, and takes the new model if nothing got worse.
async fn trained(config: &Config, versions: &Versions, training: &Training) -> Result<ExitCode, PorterError> {
    let begun = Instant::now();
    let bars = Bars::default();
    let encoder = assemble::bare_encoder(config, &bars).await?;
    let encoder = EncoderService::start(Box::new(encoded::kept(config, encoder)?))?;
    let cases = cases(config, None, true).await?;
    let learnt = apart(corrections(config, &training.data).await?, &cases, &encoder, &bars).await?;

    let before = in_force(config, &encoder, &bars).await?;
    let fingerprint = learnt_fingerprint(&data_fingerprint(encoder.fingerprint()), &learnt);
    if before.fingerprint() == fingerprint {
        say::note(format_args!("Nothing new to learn: {} comes from this very data.", name(versions.in_force())));
        return told(
            &json!({ "taken": false, "version": versions.in_force(), "fingerprint": fingerprint, "learnt": learnt.len() }),
        );
    }
    let after = train(&learnt, &encoder, &bars).await?;
    let baseline = judge(&before, &encoder, &cases, &bars).await?;
    let run = judge(&after, &encoder, &cases, &bars).await?;
    let now = SystemClock.now();
    if let Some(path) = &training.report {
        report(path, now, &baseline, &run)?;
    }
    let comparison = compare(&baseline, &run);
    let worse = tell(&comparison);
    let taken = worse == 0 && !training.dry_run;
    let count = learnt.len();
    let version = if taken { Some(versions.add(&after, learnt, figures(&run), now)?) } else { None };
    let outcome = outcome(&before, &after, &baseline, &run, version.as_ref(), count, begun);
    if worse > 0 {
        say::problem("the new model is not taken: the one in force stays");
        told(&outcome)?;
        return Ok(ExitCode::FAILURE);
    }
    told(&outcome)
}

fn told(outcome: &Value) -> Result<ExitCode, PorterError> {
    say::line(serde_json::to_string_pretty(outcome).map_err(std::io::Error::other)?);
    Ok(ExitCode::SUCCESS)
}

/// What agents have corrected, and the lines of these files.
async fn corrections(config: &Config, files: &[PathBuf]) -> Result<Vec<Example>, PorterError> {
    let mut all = parsed("the corrections", &judged_conversations(config, Purpose::Teach).await?)?;
    for path in files {
        let text = std::fs::read_to_string(path).map_err(|cause| PorterError::Input { path: path.clone(), cause })?;
        all.extend(parsed(&path.display().to_string(), &text)?);
    }
    let mut ids = HashSet::new();
    if let Some(twice) = all.iter().find(|example| !ids.insert(example.id.as_str())) {
        return Err(PorterError::Usage(format!("the id {} occurs twice among what is to be learnt", twice.id)));
    }
    Ok(all)
}

fn parsed(origin: &str, text: &str) -> Result<Vec<Example>, PorterError> {
    let examples = parse_examples(text).map_err(|error| PorterError::Usage(format!("{origin}: {error}")))?;
    match examples.iter().find(|example| example.decision == Decision::Act && example.intent.action().is_none()) {
        Some(odd) => Err(PorterError::Usage(format!(
            "{origin}: {}: there is no action for {}, so nothing can act on it",
            odd.id, odd.intent
        ))),
        None => Ok(examples),
    }
}

/// Without what is nearly a case: what is learnt by heart measures nothing.
async fn apart(learnt: Vec<Example>, cases: &Cases, encoder: &EncoderService, bars: &Bars) -> Result<Vec<Example>, PorterError> {
    if learnt.is_empty() {
        return Ok(learnt);
    }
    let known = parse_examples(&cases.lines).map_err(|error| PorterError::Usage(error.to_string()))?;
    let (own, others) = (encode(&learnt, encoder, bars).await?, encode(&known, encoder, bars).await?);
    let alike = too_close((&learnt, &own), (&known, &others));
    for pair in &alike {
        say::note(format_args!("{} is left out: it is almost the case {} ({})", pair.training, pair.case, pair.why));
    }
    let alike: HashSet<&str> = alike.iter().map(|pair| pair.training.as_str()).collect();
    Ok(learnt.into_iter().filter(|example| !alike.contains(example.id.as_str())).collect())
}

/// Says what moved; how many figures got worse.
fn tell(comparison: &Comparison) -> usize {
    for case in &comparison.newly_right {
        say::note(format_args!("right now: {} ({})", case.id, case.measures.join(", ")));
    }
    for case in &comparison.newly_failing {
        say::note(format_args!("wrong now: {} ({})", case.id, case.measures.join(", ")));
    }
    let worse: Vec<String> = comparison.regressions().map(|change| sentence(RunKind::Triage, change)).collect();
    for regression in &worse {
        say::problem(regression);
    }
    worse.len()
}

fn report(path: &Path, now: Timestamp, baseline: &Run, run: &Run) -> Result<(), PorterError> {
    let saved = |run: &Run| Saved::new(now, RELEASE, vec![run.clone()]);
    let page = render(&saved(run), Some(&saved(baseline))).map_err(std::io::Error::other)?;
    std::fs::write(path, page.html).map_err(|cause| PorterError::Input { path: path.to_owned(), cause })?;
    say::note(format_args!("The report is in {}", path.display()));
    Ok(())
}

fn figures(run: &Run) -> BTreeMap<String, f64> {
    FIGURES.iter().filter_map(|name| Some(((*name).to_owned(), run.measure(name)?.value))).collect()
}

fn outcome(
    before: &TriageModel,
    after: &TriageModel,
    baseline: &Run,
    run: &Run,
    version: Option<&Version>,
    learnt: usize,
    begun: Instant,
) -> Value {
    json!({
        "taken": version.is_some(),
        "version": version.map(|version| version.number),
        "fingerprint": after.fingerprint(),
        "learnt": learnt,
        "seconds": (begun.elapsed().as_secs_f64() * 10.0).round() / 10.0,
        "figures": figures(run),
        "before": { "fingerprint": before.fingerprint(), "figures": figures(baseline) },
    })
}
