//! Work that is done in the background: how much waits, what is dead and why, and another try for it.
//!
//! Nothing here is personal: a job's payload is not shown, and the queue keeps no address in a reason.

use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use porter_kernel::clock::Timestamp;
use porter_kernel::http::{Problem, Query};
use porter_kernel::jobs::{DeadJob, QueueDepth};
use serde::Deserialize;
use uuid::Uuid;

use crate::http::page::{Frame, PageProblem, page};
use crate::http::pages::Fields;
use crate::http::session::Administrator;
use crate::http::words::Badge;
use crate::http::{Academy, words};

/// Dead jobs on the page.
const SHOWN: usize = 50;
/// Later than this is worth a look: most work is begun within a second.
const LATE: Duration = Duration::from_secs(60);
/// Later than this, nobody seems to work.
const VERY_LATE: Duration = Duration::from_secs(15 * 60);

#[derive(Template)]
#[template(path = "admin_jobs.html")]
struct Jobs<'a> {
    frame: Frame<'a>,
    kinds: Vec<Kind>,
    dead: Vec<Dead>,
    /// Dead jobs beyond those on the page.
    more: i64,
    /// What a button has just done.
    told: Option<String>,
}

struct Kind {
    /// As it is stored; in forms.
    kind: String,
    name: String,
    waiting: i64,
    running: i64,
    dead: i64,
    lateness: Badge,
    late_by: Option<String>,
}

struct Dead {
    id: Uuid,
    name: String,
    reason: String,
    attempts: i64,
    died: String,
}

/// What the address says of the button that led here.
#[derive(Debug, Deserialize)]
pub(super) struct Told {
    /// How many jobs are tried again.
    again: Option<String>,
}

pub(super) async fn show(
    State(academy): State<Arc<Academy>>,
    Administrator(account): Administrator,
    Query(told): Query<Told>,
) -> Result<Response, PageProblem> {
    let (now, queue) = (academy.parts.clock.now(), &academy.parts.jobs);
    let depths = queue.depth().await.map_err(Problem::from)?;
    let dead = queue.dead(i64::try_from(SHOWN).unwrap_or(i64::MAX)).await.map_err(Problem::from)?;
    let total: i64 = depths.iter().map(|depth| depth.dead).sum();
    let more = total.saturating_sub(i64::try_from(dead.len()).unwrap_or(i64::MAX)).max(0);
    let told = told.again.and_then(|count| count.parse::<u64>().ok()).map(|count| match count {
        0 => "There was nothing to try again: somebody else was faster.".to_owned(),
        1 => "The job is tried again now. Reload the page to see how it went.".to_owned(),
        _ => format!("{count} jobs are tried again now. Reload the page to see how it went."),
    });
    Ok(page(&Jobs {
        frame: academy.frame(Some(&account), "/admin"),
        kinds: depths.into_iter().map(|depth| kind(depth, now)).collect(),
        dead: dead.into_iter().map(self::dead).collect(),
        more,
        told,
    }))
}

/// `send_mail` as `Send mail`.
fn name(kind: &str) -> String {
    let words = kind.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn kind(depth: QueueDepth, now: Timestamp) -> Kind {
    let late = depth.oldest_run_at.map(|run_at| now.since(run_at));
    let (text, tone) = match late {
        None => ("Nothing waits", "quiet"),
        Some(late) if late < LATE => ("On time", "good"),
        Some(late) if late < VERY_LATE => ("Late", "waiting"),
        Some(_) => ("Very late", "bad"),
    };
    Kind {
        name: name(&depth.kind),
        waiting: depth.waiting,
        running: depth.running,
        dead: depth.dead,
        lateness: Badge { text, tone },
        late_by: late.filter(|late| *late >= LATE).map(length),
        kind: depth.kind,
    }
}

/// In the largest unit that gives at least one.
fn length(length: Duration) -> String {
    let minutes = length.as_secs() / 60;
    match (minutes / 60, minutes) {
        (0, minutes) => format!("{minutes} min"),
        (hours @ 1..48, _) => format!("{hours} h"),
        (hours, _) => format!("{} days", hours / 24),
    }
}

fn dead(job: DeadJob) -> Dead {
    let reason = if job.reason.is_empty() { "No reason was given.".to_owned() } else { job.reason };
    Dead { id: job.id, name: name(&job.kind), reason, attempts: job.attempts, died: words::date_and_time(job.died_at) }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct One {
    job: Uuid,
}

/// Gives a dead job all its attempts again. A second press changes nothing.
pub(super) async fn again(
    State(academy): State<Arc<Academy>>,
    Administrator(account): Administrator,
    Fields(form): Fields<One>,
) -> Result<Response, PageProblem> {
    let parts = &academy.parts;
    let revived = parts.jobs.revive(form.job, parts.clock.now()).await.map_err(Problem::from)?;
    tracing::info!(administrator = %account.id, job = %form.job, revived, "a dead job is to be tried again");
    Ok(back(u64::from(revived)))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AllOf {
    kind: String,
}

/// The same for every dead job of a kind.
pub(super) async fn all_again(
    State(academy): State<Arc<Academy>>,
    Administrator(account): Administrator,
    Fields(form): Fields<AllOf>,
) -> Result<Response, PageProblem> {
    let parts = &academy.parts;
    let revived = parts.jobs.revive_kind(&form.kind, parts.clock.now()).await.map_err(Problem::from)?;
    tracing::info!(administrator = %account.id, revived, "all dead jobs of a kind are to be tried again");
    Ok(back(revived))
}

fn back(count: u64) -> Response {
    Redirect::to(&format!("/admin/jobs?again={count}")).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_and_lengths_are_said_in_words() {
        assert_eq!(name("password_reset_by_address"), "Password reset by address");
        assert_eq!((name("ärger"), name("")), ("Ärger".to_owned(), String::new()));
        let lengths = [60, 3_599, 3_600, 47 * 3_600, 48 * 3_600].map(|seconds| length(Duration::from_secs(seconds)));
        assert_eq!(lengths, ["1 min", "59 min", "1 h", "47 h", "2 days"]);
    }
}
