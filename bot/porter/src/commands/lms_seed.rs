//! `porter lms seed`: a plausible academy of any size.

use porter_kernel::db::Freshness;
use std::process::ExitCode;

use porter_academy::crowd::{Crowd, DOMAIN};
use porter_academy::demo;
use porter_academy::store::{self, AcademyStore};
use porter_embeddings::Progress as _;
use porter_kernel::clock::{Clock as _, SystemClock};
use porter_kernel::ids::{Ids as _, RandomIds};
use porter_kernel::passwords;

use crate::bars::Bars;
use crate::config::Config;
use crate::error::PorterError;
use crate::roles::academy;
use crate::say;

/// Learners in one transaction. One that is cut off leaves none of its learners behind, and the next run goes on there.
const CHUNK: u64 = 2_000;

pub(crate) async fn run(config: &Config, learners: u64, password: Option<String>) -> Result<ExitCode, PorterError> {
    let database = academy::open(config).await?;
    let outcome = fill(store::open(&database).as_ref(), learners, password).await;
    database.close().await;
    outcome.map(|()| ExitCode::SUCCESS)
}

async fn fill(store: &dyn AcademyStore, learners: u64, password: Option<String>) -> Result<(), PorterError> {
    let there = u64::try_from(store.crowd_size(DOMAIN).await?).unwrap_or_default();
    if there >= learners {
        say::line(format_args!(
            "The crowd has {there} learners already. Give a larger number to let it grow; nothing was changed."
        ));
        return Ok(());
    }
    let (now, password) = (SystemClock.now(), password.unwrap_or_else(|| RandomIds.token().reveal().chars().take(14).collect()));
    let password_hash = passwords::hash(password.clone()).await?;
    if store.catalogue(Freshness::Fresh).await?.is_empty() {
        store.seed(&demo::academy(now, &RandomIds, &password_hash)).await?;
    }
    let courses = store.crowd_courses().await?;
    if courses.is_empty() {
        return Err(PorterError::Usage(
            "there is no published course that begins at once: publish one, then seed learners".to_owned(),
        ));
    }
    let (crowd, bars) = (Crowd { now, password_hash, courses }, Bars::default());
    bars.start("Filling the academy", Some(learners - there));
    let mut next = there;
    while next < learners {
        let end = (next + CHUNK).min(learners);
        let (seed, certificates) = crowd.learners(next..end);
        store.load(&seed, &certificates).await?;
        bars.advance(end - next);
        next = end;
    }
    bars.finish();
    store.count_anew().await?;
    say::line(format_args!(
        "The academy has {} learners more, {} to {}.\nThe password of each is {password}",
        learners - there,
        Crowd::address(there),
        Crowd::address(learners - 1)
    ));
    Ok(())
}
