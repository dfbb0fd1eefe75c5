//! What the desk keeps of evals and what the evals make of it: the desk stores runs without reading them, and shows reports without drawing them.

use porter_desk::domain::{EvalFigure, EvalInterval, EvalRunRow, StoredEval};
use porter_desk::http::{EvalPage, EvalReports};
use porter_evals::{Measure, Run, Saved, render};
use porter_kernel::clock::Timestamp;
use porter_kernel::ids::Ids;
use serde::Serialize;

/// Renders kept runs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reports;

impl EvalReports for Reports {
    fn page(&self, run: &StoredEval, baseline: Option<&StoredEval>) -> Result<EvalPage, String> {
        let baseline = baseline.map(read).transpose()?;
        let page = render(&read(run)?, baseline.as_ref()).map_err(|error| error.to_string())?;
        Ok(EvalPage { html: page.html, policy: page.policy })
    }
}

fn read(stored: &StoredEval) -> Result<Saved, String> {
    let run: Run = serde_json::from_value(stored.run.clone()).map_err(|error| error.to_string())?;
    Ok(Saved::new(stored.row.created_at, &stored.row.release, vec![run]))
}

/// A run as the desk keeps it.
pub(crate) fn stored(run: &Run, release: &str, at: Timestamp, ids: &dyn Ids) -> Result<StoredEval, serde_json::Error> {
    let figures = run.measures.iter().map(figure).collect::<Result<_, _>>()?;
    let row =
        EvalRunRow { id: ids.uuid(), kind: run.kind.as_str().to_owned(), release: release.to_owned(), created_at: at, figures };
    Ok(StoredEval { row, run: serde_json::to_value(run)? })
}

fn figure(measure: &Measure) -> Result<EvalFigure, serde_json::Error> {
    Ok(EvalFigure {
        name: measure.name.clone(),
        value: measure.value,
        interval: measure.interval.map(|own| EvalInterval { low: own.low, high: own.high }),
        better: word(measure.better)?,
        unit: word(measure.unit)?,
    })
}

/// The word that a closed set is written as.
fn word(value: impl Serialize) -> Result<String, serde_json::Error> {
    serde_json::from_value(serde_json::to_value(value)?)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use porter_evals::{Better, RunKind};
    use porter_kernel::clock::{Clock as _, ManualClock};
    use porter_kernel::ids::SequentialIds;

    use super::*;

    #[test]
    fn a_run_goes_into_the_desk_and_comes_out_as_a_report() {
        let run = Run {
            kind: RunKind::Triage,
            about: BTreeMap::new(),
            measures: vec![Measure::share("accuracy", &[1.0, 0.0], Better::Higher)],
            plots: Vec::new(),
            cases: Vec::new(),
        };
        let kept = stored(&run, "0.1.0", ManualClock::default().now(), &SequentialIds::default()).unwrap();
        let figure = &kept.row.figures[0];
        assert_eq!((figure.better.as_str(), figure.unit.as_str(), kept.row.kind.as_str()), ("higher", "share", "triage"));
        let page = Reports.page(&kept, Some(&kept)).unwrap();
        assert!(page.html.contains("No figure moved") && page.policy.contains("script-src 'sha256-"));
        let other = StoredEval { run: serde_json::json!({ "kind": "triage" }), ..kept };
        assert!(Reports.page(&other, None).is_err());
    }
}
