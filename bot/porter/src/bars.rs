//! Progress bars on standard error; plain lines where that is no terminal.

use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use porter_embeddings::Progress;

use crate::say;

/// Draws the present task.
#[derive(Debug, Default)]
pub(crate) struct Bars {
    present: Mutex<Option<ProgressBar>>,
}

impl Progress for Bars {
    fn start(&self, task: &str, total: Option<u64>) {
        if !std::io::stderr().is_terminal() {
            say::note(format_args!("{task} …"));
            return;
        }
        let bar = match total {
            Some(total) => ProgressBar::new(total),
            None => ProgressBar::new_spinner(),
        };
        let bytes = task.starts_with("Fetching");
        let template = match (total, bytes) {
            (Some(_), true) => "{msg:32} [{bar:30}] {bytes}/{total_bytes} {bytes_per_sec} {eta}",
            (Some(_), false) => "{msg:32} [{bar:30}] {pos}/{len} {eta}",
            (None, _) => "{msg:32} {spinner} {elapsed}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_message(task.to_owned());
        bar.enable_steady_tick(Duration::from_millis(120));
        *self.present.lock().unwrap_or_else(PoisonError::into_inner) = Some(bar);
    }

    fn advance(&self, steps: u64) {
        if let Some(bar) = self.present.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
            bar.inc(steps);
        }
    }

    fn finish(&self) {
        if let Some(bar) = self.present.lock().unwrap_or_else(PoisonError::into_inner).take() {
            bar.finish();
        }
    }
}
