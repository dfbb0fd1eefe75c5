//! Letters about the account itself, made from what their rows name.

use porter_kernel::jobs::Failure;
use porter_mail::Mail;

use super::{WorkerParts, failure};
use crate::domain::{Account, EmailChangeState};
use crate::letters::Letterhead;
use crate::store::{Letter, MailRow, VERIFY_WITHIN};

type Made = askama::Result<Mail>;

/// The letter, or why there is no sense in sending it any more.
pub(super) async fn make(
    parts: &WorkerParts,
    head: &Letterhead<'_>,
    row: &MailRow,
    account: &Account,
) -> Result<Result<Made, &'static str>, Failure> {
    let (id, now) = (row.id, parts.clock.now());
    Ok(Ok(match &row.letter {
        Letter::VerifyEmail { verification } => {
            let token = parts.key.verification_token(*verification);
            if parts.store.live_verification(&token.hash(), now).await.map_err(failure)?.is_none() {
                return Ok(Err("its link ended before it could be sent"));
            }
            head.verify_email(id, account, &token, row.created_at + VERIFY_WITHIN)
        }
        Letter::AccountExists => head.account_exists(id, account),
        Letter::EmailChangeOld { change } => {
            let token = parts.key.old_address_token(*change);
            match live(parts, &token).await? {
                Some(change) => head.email_change_old(id, account, &change, &token),
                None => return Ok(Err("the change was over before it could be sent")),
            }
        }
        Letter::EmailChangeNew { change } => {
            let token = parts.key.new_address_token(*change);
            let Some(change) = live(parts, &token).await? else { return Ok(Err("the change was over before it could be sent")) };
            // Its owner is not bothered, and who asked does not learn that there is one.
            let known = parts.store.account_by_email(&change.new_email).await.map_err(failure)?;
            if known.is_some_and(|known| known.account.status != crate::domain::AccountStatus::Unverified) {
                return Ok(Err("the new address has an account"));
            }
            head.email_change_new(id, account, &change, &token)
        }
        Letter::EmailChanged { change, to_old } => match parts.store.email_change(*change).await.map_err(failure)? {
            Some(change) => head.email_changed(id, account, &change, *to_old),
            None => return Ok(Err("there is no such change")),
        },
        Letter::TwoFactorChanged { on } => head.two_factor_changed(id, account, *on, row.created_at),
        Letter::DeletionAsked { due } => head.deletion_asked(id, account, *due),
        Letter::DeletionCancelled => head.deletion_cancelled(id, account),
        _ => return Ok(Err("it is not about the account")),
    }))
}

async fn live(parts: &WorkerParts, token: &porter_kernel::ids::Token) -> Result<Option<EmailChangeState>, Failure> {
    let found = parts.store.live_email_change(&token.hash(), parts.clock.now()).await.map_err(failure)?;
    Ok(found.map(|(_, change)| change))
}
