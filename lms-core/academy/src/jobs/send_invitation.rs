//! An invitation goes out, to an address that may be nobody's account yet.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use porter_kernel::jobs::{Failure, Handler, Job};
use porter_mail::MailError;

use super::{WorkerParts, failure, payload};
use crate::letters::Letterhead;
use crate::store::jobs as queue;

pub(super) struct SendInvitation(pub(super) Arc<WorkerParts>);

#[async_trait]
impl Handler for SendInvitation {
    fn kind(&self) -> &'static str {
        queue::SEND_INVITATION
    }

    fn timeout(&self) -> Duration {
        Duration::from_secs(90)
    }

    /// Killed between the server's yes and the note of it, the next attempt sends again, with the same Message-ID.
    async fn run(&self, job: &Job) -> Result<(), Failure> {
        let queue::SendInvitation { invitation: id } = payload(job)?;
        let parts = &self.0;
        let Some(invitation) = parts.store.invitation_for_mail(id).await.map_err(failure)? else {
            return Err(Failure::Fail("there is no such invitation".to_owned()));
        };
        // Withdrawn or run out while the mail server was away: there is no sense in it any more.
        if invitation.sent_at.is_some() || !invitation.is_live(parts.clock.now()) {
            return Ok(());
        }
        let head = Letterhead { policy: &parts.policy, public_url: &parts.public_url };
        let mail = head.invitation(&invitation, &parts.key).map_err(|error| Failure::Fail(error.to_string()))?;
        match parts.mailer.send(&mail).await {
            Ok(()) => Ok(parts.store.invitation_sent(job, id, parts.clock.now()).await?),
            Err(MailError::Later(why)) => Err(Failure::Retry(super::send_mail::without_addresses(&why))),
            Err(MailError::Never(why)) => Err(Failure::Fail(super::send_mail::without_addresses(&why))),
        }
    }
}
