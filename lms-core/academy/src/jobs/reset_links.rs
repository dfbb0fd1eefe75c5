//! What both ways of asking for a new password end in.

use std::time::Duration;

use porter_kernel::jobs::{Failure, Job};

use super::{WorkerParts, failure};
use crate::domain::{Account, AccountStatus};
use crate::store::{Letter, NewMail, NewReset};

/// Links that one account is sent while a link works: enough for a person, and no tool to fill somebody's mailbox. After so many the newest still works,
/// so whoever floods a mailbox with links does not keep its owner from having one.
const MOST: i64 = 5;

/// Makes the account's link and its mail, which ends the job. A locked account and one that was sent enough get none; the job is done all the same,
/// as whoever asked may not learn of it.
pub(super) async fn issue(parts: &WorkerParts, job: &Job, account: &Account) -> Result<(), Failure> {
    if account.status == AccountStatus::Locked {
        tracing::info!(job = %job.id, account = %account.id, "a locked account gets no link");
        return Ok(());
    }
    let now = parts.clock.now();
    if parts.store.resets_since(account.id, now - Duration::from_mins(parts.policy.reset_link_minutes)).await.map_err(failure)?
        >= MOST
    {
        tracing::warn!(job = %job.id, account = %account.id, "this account was sent enough links");
        return Ok(());
    }
    let id = parts.ids.uuid();
    let reset = NewReset {
        id,
        account: account.id,
        token: parts.key.reset_token(id).hash(),
        expires_at: now + Duration::from_mins(parts.policy.reset_link_minutes),
    };
    let mail = NewMail { id: parts.ids.uuid(), account: account.id, letter: Letter::PasswordReset { reset: id } };
    Ok(parts.store.issue_reset(job, &reset, &mail, now).await?)
}
