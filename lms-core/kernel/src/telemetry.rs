//! Logs on standard error and metrics for Prometheus.

use std::{io, str::FromStr};

use metrics_exporter_prometheus::{BuildError, PrometheusBuilder};
pub use metrics_exporter_prometheus::{PrometheusHandle, PrometheusRecorder};
use serde::{Deserialize, Serialize};
use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _};

/// How a line of the log looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line, for machines.
    Json,
}

impl FromStr for LogFormat {
    type Err = TelemetryError;

    fn from_str(text: &str) -> Result<Self, TelemetryError> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            other => Err(TelemetryError::Format(other.to_owned())),
        }
    }
}

/// Why telemetry could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// Neither of the two.
    #[error("{0:?} is no log format: write `text` or `json`")]
    Format(String),
    /// Not in the form of a filter.
    #[error("{filter:?} is no log filter ({cause}): write a level such as `info`, or `info,porter_desk=debug`")]
    Filter {
        /// What was given.
        filter: String,
        /// Why not.
        cause: tracing_subscriber::filter::ParseError,
    },
    /// A second call.
    #[error("telemetry is already set up in this process")]
    Twice,
    /// The recorder refuses its settings.
    #[error("the metrics recorder cannot be built: {0}")]
    Metrics(#[from] BuildError),
}

/// Seconds. From an answer out of memory to a model that thinks.
const BUCKETS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

fn builder() -> Result<PrometheusBuilder, BuildError> {
    PrometheusBuilder::new().set_buckets(&BUCKETS)
}

/// Sets up logs and metrics for the process. `filter` is a level, or a list of `target=level`.
///
/// The handle renders the metrics: give it to [`Ops`](crate::http::Ops).
pub fn init(format: LogFormat, filter: &str) -> Result<PrometheusHandle, TelemetryError> {
    let filter = EnvFilter::try_new(filter).map_err(|cause| TelemetryError::Filter { filter: filter.to_owned(), cause })?;
    let (text, json) = match format {
        LogFormat::Text => (Some(fmt::layer().with_writer(io::stderr)), None),
        LogFormat::Json => (None, Some(fmt::layer().json().flatten_event(true).with_writer(io::stderr))),
    };
    tracing_subscriber::registry().with(filter).with(text).with(json).try_init().map_err(|_| TelemetryError::Twice)?;
    let recorder = builder()?.build_recorder();
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder).map_err(|_| TelemetryError::Twice)?;
    Ok(handle)
}

/// A recorder like the one that [`init`] installs, for `metrics::with_local_recorder`.
#[must_use]
pub fn recorder_for_tests() -> (PrometheusRecorder, PrometheusHandle) {
    let recorder = builder().unwrap_or_default().build_recorder();
    let handle = recorder.handle();
    (recorder, handle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_filter_is_named_and_a_second_set_up_refused() {
        let error = init(LogFormat::Text, "info,porter=loud").unwrap_err().to_string();
        assert!(error.contains("\"info,porter=loud\" is no log filter"), "{error}");
        let handle = init(LogFormat::Json, "info").unwrap();
        metrics::counter!("set_up_total").increment(1);
        assert!(handle.render().contains("set_up_total 1"));
        assert!(matches!(init(LogFormat::Text, "info"), Err(TelemetryError::Twice)));
    }

    #[test]
    fn the_format_is_text_or_json() {
        assert_eq!("json".parse::<LogFormat>().unwrap(), LogFormat::Json);
        assert!("xml".parse::<LogFormat>().unwrap_err().to_string().contains("`text` or `json`"));
    }
}
