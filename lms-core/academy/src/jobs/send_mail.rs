//! A mail goes out: made now, from what its row names, to the address that the account has now.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use metrics::counter;
use porter_kernel::jobs::{Failure, Handler, Job};
use porter_mail::{Mail, MailError};
use uuid::Uuid;

use super::{WorkerParts, about_account, failure, payload};
use crate::domain::announcement::BounceKind;
use crate::domain::{Account, CertificateId, OrderId, OrderStatus};
use crate::letters::{Letterhead, Paper};
use crate::paper;
use crate::store::jobs as queue;
use crate::store::{Letter, MailRow, OrderView, RefundTask};

pub(super) struct SendMail(pub(super) Arc<WorkerParts>);

/// What a row turns into.
enum Made {
    Mail(Box<Mail>),
    /// There is no sense in sending it any more: why.
    Pointless(&'static str),
}

#[async_trait]
impl Handler for SendMail {
    fn kind(&self) -> &'static str {
        queue::SEND_MAIL
    }

    fn timeout(&self) -> Duration {
        Duration::from_secs(90)
    }

    /// A worker that is killed between the server's yes and the note of it makes the next attempt send again, with the same Message-ID.
    async fn run(&self, job: &Job) -> Result<(), Failure> {
        let queue::SendMail { mail: id } = payload(job)?;
        let Some((row, account)) = self.0.store.mail(id).await.map_err(failure)? else {
            return Err(Failure::Fail("there is no such mail".to_owned()));
        };
        if row.sent_at.is_some() {
            return Ok(());
        }
        let mail = match self.make(&row, &account).await? {
            Made::Mail(mail) => mail,
            Made::Pointless(why) => {
                tracing::info!(mail = %id, why, "a mail was not sent");
                return self.0.store.mail_refused(id, why, self.0.clock.now()).await.map_err(failure);
            }
        };
        let outcome = self.0.mailer.send(&mail).await;
        let word = match &outcome {
            Ok(()) => "sent",
            Err(MailError::Later(_)) => "later",
            Err(MailError::Never(_)) => "refused",
        };
        counter!("porter_mails_total", "letter" => kind(&row.letter), "outcome" => word).increment(1);
        let about_the_address = outcome.as_ref().is_err_and(MailError::is_about_the_address);
        match outcome {
            Ok(()) => Ok(self.0.store.mail_sent(job, id, self.0.clock.now()).await?),
            Err(MailError::Later(why)) => Err(Failure::Retry(without_addresses(&why))),
            Err(MailError::Never(why)) => {
                // Whether the address or what was said is refused, this mail is given up; the address counts for others too.
                if about_the_address {
                    let now = self.0.clock.now();
                    self.0.store.bounced(id, BounceKind::Hard, now, now).await.map_err(failure)?;
                }
                Err(Failure::Fail(without_addresses(&why)))
            }
        }
    }

    async fn buried(&self, job: &Job, reason: &str) -> Result<(), Failure> {
        let Ok(queue::SendMail { mail }) = payload(job) else { return Ok(()) };
        tracing::error!(job = %job.id, %mail, reason, "a mail could not be sent");
        self.0.store.mail_refused(mail, reason, self.0.clock.now()).await.map_err(failure)
    }
}

impl SendMail {
    async fn make(&self, row: &MailRow, account: &Account) -> Result<Made, Failure> {
        let parts = &self.0;
        let head = Letterhead { policy: &parts.policy, public_url: &parts.public_url };
        let made = match &row.letter {
            Letter::PasswordReset { reset } => {
                let (token, now) = (parts.key.reset_token(*reset), parts.clock.now());
                // After an outage a person may have asked again: one link that works is better than several of which one does.
                if parts.store.live_reset(&token.hash(), now).await.map_err(failure)?.is_none() {
                    return Ok(Made::Pointless("its link ended before it could be sent"));
                }
                let until = row.created_at + Duration::from_mins(parts.policy.reset_link_minutes);
                head.password_reset(row.id, account, &parts.key, *reset, until)
            }
            Letter::PasswordChanged => head.password_changed(row.id, account, row.created_at),
            Letter::VerifyEmail { .. }
            | Letter::AccountExists
            | Letter::EmailChangeOld { .. }
            | Letter::EmailChangeNew { .. }
            | Letter::EmailChanged { .. }
            | Letter::TwoFactorChanged { .. }
            | Letter::DeletionAsked { .. }
            | Letter::DeletionCancelled => match about_account::make(parts, &head, row, account).await? {
                Ok(mail) => mail,
                Err(why) => return Ok(Made::Pointless(why)),
            },
            Letter::Certificate { certificate, again } => {
                let certificate = self.certificate(*certificate, row).await?;
                if certificate.revoked.is_some() {
                    return Ok(Made::Pointless("it was revoked before it could be sent"));
                }
                let pdf = paper::pdf(&certificate, &parts.policy, &parts.public_url)
                    .await
                    .map_err(|error| Failure::Retry(error.to_string()))?;
                head.certificate(row.id, account, &certificate, *again, pdf)
            }
            Letter::CertificateRevoked { certificate } => {
                let certificate = self.certificate(*certificate, row).await?;
                let Some(revoked) = certificate.revoked else {
                    return Ok(Made::Pointless("the revocation was taken back before it could be sent"));
                };
                head.certificate_revoked(row.id, account, &certificate, revoked)
            }
            Letter::Announcement { announcement, reminder } => {
                let now = parts.clock.now();
                let Some(found) = parts.store.announcement_for_mail(account, *announcement, now).await.map_err(failure)? else {
                    return Ok(Made::Pointless("its learner does not get announcements any more"));
                };
                if *reminder && found.new.session.as_ref().is_none_or(|session| session.at <= now) {
                    return Ok(Made::Pointless("the session had begun before it could be sent"));
                }
                head.announcement(row.id, account, &found, *reminder, &parts.key, now)
            }
            Letter::CertificateRestored { certificate } => {
                let certificate = self.certificate(*certificate, row).await?;
                if certificate.revoked.is_some() {
                    return Ok(Made::Pointless("it was revoked again before it could be sent"));
                }
                head.certificate_restored(row.id, account, &certificate)
            }
            Letter::AssignmentDecided { submission } => {
                let work = parts
                    .store
                    .work_of(*submission, parts.clock.now())
                    .await
                    .map_err(failure)?
                    .filter(|work| work.account == row.account);
                let Some(work) = work else { return Ok(Made::Pointless("what was handed in is gone")) };
                head.assignment_decided(row.id, account, &work, *submission)
            }
            Letter::OrderPaid { order } => {
                let order = self.order(*order, row).await?;
                let paper = self.paper(&order, |number| number.starts_with("INV")).await?;
                head.order_paid(row.id, account, &order, paper)
            }
            Letter::PaymentFailed { order } => {
                let order = self.order(*order, row).await?;
                if order.facts.status != OrderStatus::Failed {
                    return Ok(Made::Pointless("the payment has worked meanwhile"));
                }
                head.payment_failed(row.id, account, &order)
            }
            Letter::RefundDecided { refund } => head.refund_decided(row.id, account, &self.refund(*refund, row).await?),
            Letter::RefundSettled { refund } => {
                let refund = self.refund(*refund, row).await?;
                let order = self.order(refund.order, row).await?;
                let paper = self.paper(&order, |number| number.starts_with("CN")).await?;
                head.refund_settled(row.id, account, &refund, paper)
            }
        };
        made.map(|mail| Made::Mail(Box::new(mail))).map_err(|error| Failure::Fail(error.to_string()))
    }

    /// The order of the mail, which must be the account's own.
    async fn order(&self, id: OrderId, row: &MailRow) -> Result<OrderView, Failure> {
        let found = self.0.store.order_by_id(id).await.map_err(failure)?.filter(|order| order.account == row.account);
        found.ok_or_else(|| Failure::Fail("there is no such order of this account".to_owned()))
    }

    /// The refund of the mail, which must be the account's own.
    async fn refund(&self, id: Uuid, row: &MailRow) -> Result<RefundTask, Failure> {
        let found = self.0.store.refund_task(id).await.map_err(failure)?.filter(|refund| refund.account == row.account);
        found.ok_or_else(|| Failure::Fail("there is no such refund of this account".to_owned()))
    }

    /// The newest paper of the order that is meant.
    async fn paper(&self, order: &OrderView, is_meant: impl Fn(&str) -> bool + Send) -> Result<Option<Paper>, Failure> {
        let Some(number) = order.papers.iter().rev().find(|number| is_meant(number)) else { return Ok(None) };
        let Some(invoice) = self.0.store.invoice(Some(order.account), number).await.map_err(failure)? else { return Ok(None) };
        let pdf = paper::invoice(&invoice, &self.0.policy).await.map_err(|error| Failure::Retry(error.to_string()))?;
        Ok(Some(Paper { number: invoice.number, pdf }))
    }

    /// The certificate of the mail, which must be the account's own: checked when the row was written, and once more before it leaves the house.
    async fn certificate(&self, id: CertificateId, row: &MailRow) -> Result<crate::domain::IssuedCertificate, Failure> {
        let found = self.0.store.certificate_for_mail(id).await.map_err(failure)?;
        let own = found.filter(|certificate| certificate.account == row.account);
        own.ok_or_else(|| Failure::Fail("there is no such certificate of this account".to_owned()))
    }
}

fn kind(letter: &Letter) -> &'static str {
    match letter {
        Letter::PasswordReset { .. } => "password_reset",
        Letter::PasswordChanged => "password_changed",
        Letter::Certificate { .. } => "certificate",
        Letter::CertificateRevoked { .. } => "certificate_revoked",
        Letter::Announcement { .. } => "announcement",
        Letter::CertificateRestored { .. } => "certificate_restored",
        Letter::VerifyEmail { .. } => "verify_email",
        Letter::AccountExists => "account_exists",
        Letter::EmailChangeOld { .. } => "email_change_old",
        Letter::EmailChangeNew { .. } => "email_change_new",
        Letter::EmailChanged { .. } => "email_changed",
        Letter::TwoFactorChanged { .. } => "two_factor_changed",
        Letter::DeletionAsked { .. } => "deletion_asked",
        Letter::DeletionCancelled => "deletion_cancelled",
        Letter::AssignmentDecided { .. } => "assignment_decided",
        Letter::OrderPaid { .. } => "order_paid",
        Letter::PaymentFailed { .. } => "payment_failed",
        Letter::RefundDecided { .. } => "refund_decided",
        Letter::RefundSettled { .. } => "refund_settled",
    }
}

/// Mail servers repeat the address in their refusals; logs and rows hold none.
pub(super) fn without_addresses(text: &str) -> String {
    text.split(' ').map(|word| if word.contains('@') { "…" } else { word }).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_holds_no_address() {
        assert_eq!(without_addresses("550 5.1.1 <anna@learner.example>: unknown"), "550 5.1.1 … unknown");
    }
}
