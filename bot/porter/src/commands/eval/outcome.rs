//! What becomes of a run: printed, kept, written as a report, and compared with an earlier one.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use porter_desk::store;
use porter_evals::{Change, Run, RunKind, Saved, SavedError, Unit, compare, render};
use porter_kernel::clock::{Clock as _, SystemClock};
use porter_kernel::db::DatabaseSetting;
use porter_kernel::ids::RandomIds;
use serde_json::{Map, Value};

use crate::cli::Reporting;
use crate::config::Config;
use crate::error::PorterError;
use crate::reports;
use crate::say;

/// In place of a file: the newest run of the same kind that the data folder keeps.
const LAST: &str = "last";
/// The version of this program.
pub(in crate::commands) const RELEASE: &str = env!("CARGO_PKG_VERSION");

/// Takes runs when they are done. It is made before they begin, so that a baseline that is not there is told at once.
#[derive(Debug)]
pub(super) struct Outcome<'a> {
    config: &'a Config,
    reporting: Reporting,
    baseline: Option<Saved>,
}

impl<'a> Outcome<'a> {
    pub(super) fn begin(config: &'a Config, reporting: Reporting) -> Result<Self, PorterError> {
        let baseline = match &reporting.baseline {
            None => None,
            Some(path) if path == Path::new(LAST) => Some(newest(&folder(config))?),
            Some(path) => Some(Saved::read(path).map_err(wrong)?),
        };
        Ok(Self { config, reporting, baseline })
    }

    /// Ends a command of one eval.
    pub(super) async fn one(self, run: Run) -> Result<ExitCode, PorterError> {
        let summary = run.summary();
        self.end(vec![run], &summary).await
    }

    /// Ends a command of several evals.
    pub(super) async fn all(self, runs: Vec<Run>) -> Result<ExitCode, PorterError> {
        let summaries: Map<String, Value> = runs.iter().map(|run| (run.kind.as_str().to_owned(), run.summary())).collect();
        self.end(runs, &Value::Object(summaries)).await
    }

    async fn end(self, runs: Vec<Run>, summary: &Value) -> Result<ExitCode, PorterError> {
        let saved = Saved::new(SystemClock.now(), RELEASE, runs);
        self.keep(&saved);
        self.show(&saved).await?;
        if let Some(path) = &self.reporting.save {
            saved.write(path).map_err(wrong)?;
        }
        if let Some(path) = &self.reporting.report {
            let page = render(&saved, self.baseline.as_ref()).map_err(std::io::Error::other)?;
            std::fs::write(path, page.html).map_err(|cause| PorterError::Input { path: path.clone(), cause })?;
            say::note(format_args!("The report is in {}", path.display()));
        }
        say::line(serde_json::to_string_pretty(summary).map_err(std::io::Error::other)?);
        let regressions = self.regressions(&saved);
        for regression in &regressions {
            say::problem(regression);
        }
        let failed = self.reporting.fail_on_regression && !regressions.is_empty();
        Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }

    /// Every run is kept by time and kind. That it cannot be kept is no reason to throw it away.
    fn keep(&self, saved: &Saved) {
        for run in &saved.runs {
            let alone = Saved::new(saved.at, RELEASE, vec![run.clone()]);
            // Colons are not for file names everywhere.
            let name = format!("{}-{}.json", saved.at.to_string().replace(':', "-"), run.kind.as_str());
            if let Err(error) = alone.write(&folder(self.config).join(name)) {
                say::note(format_args!("the run is not kept: {error}"));
            }
        }
    }

    /// Puts the runs where the desk's admin pages show them, if there is a desk: a database that is configured, or the file that a desk has made.
    async fn show(&self, saved: &Saved) -> Result<(), PorterError> {
        let setting = self.config.database();
        if matches!(&setting, DatabaseSetting::Sqlite(path) if !path.exists()) {
            return Ok(());
        }
        let database = self.config.database.open(&setting).await?;
        store::migrate(&database).await?;
        let desk = store::open(&database);
        for run in &saved.runs {
            let kept = reports::stored(run, RELEASE, saved.at, &RandomIds).map_err(std::io::Error::other)?;
            desk.keep_eval_run(&kept).await?;
        }
        database.close().await;
        Ok(())
    }

    /// A sentence for every figure that fell.
    fn regressions(&self, saved: &Saved) -> Vec<String> {
        let Some(baseline) = &self.baseline else { return Vec::new() };
        let mut sentences = Vec::new();
        for run in &saved.runs {
            let Some(before) = baseline.run(run.kind) else {
                say::note(format_args!("the baseline has no run of {}, so nothing is compared there", run.kind.as_str()));
                continue;
            };
            let comparison = compare(before, run);
            sentences.extend(comparison.regressions().map(|change| sentence(run.kind, change)));
        }
        sentences
    }
}

pub(in crate::commands) fn sentence(kind: RunKind, change: &Change) -> String {
    let value = |value: f64| match change.unit {
        Unit::Share => format!("{:.1} %", value * 100.0),
        Unit::Count => format!("{value:.0}"),
        Unit::Milliseconds => format!("{value:.1} ms"),
    };
    let (kind, name) = (kind.as_str(), change.name.replace('_', " "));
    let (before, after) = (value(change.before), value(change.after));
    let reason = match change.interval {
        Some(own) => format!(
            "over the cases that both runs have the difference lies between {:+.1} and {:+.1} points, so it is not chance",
            own.low * 100.0,
            own.high * 100.0
        ),
        None => "not one more is allowed".to_owned(),
    };
    format!("{kind}: {name} got worse, from {before} to {after} ({reason})")
}

/// Where runs are kept.
fn folder(config: &Config) -> PathBuf {
    config.data_dir.join("evals")
}

/// The newest kept run of every kind. Names begin with the time, so they sort by it.
fn newest(folder: &Path) -> Result<Saved, PorterError> {
    let nothing =
        || PorterError::Usage(format!("{} keeps no run yet: run the eval once without --baseline {LAST}", folder.display()));
    let files = std::fs::read_dir(folder).map_err(|_| nothing())?;
    let mut paths: Vec<PathBuf> = files.filter_map(|file| Some(file.ok()?.path())).collect();
    paths.sort();
    let mut runs: Vec<Run> = Vec::new();
    let mut at = None;
    for path in paths.iter().rev().filter(|path| path.extension().is_some_and(|own| own == "json")) {
        // One that an older version has written and this one cannot read is none.
        let Ok(saved) = Saved::read(path) else { continue };
        at.get_or_insert(saved.at);
        for run in saved.runs {
            if runs.iter().all(|own| own.kind != run.kind) {
                runs.push(run);
            }
        }
    }
    Ok(Saved::new(at.ok_or_else(nothing)?, RELEASE, runs))
}

fn wrong(error: SavedError) -> PorterError {
    PorterError::Usage(error.to_string())
}
