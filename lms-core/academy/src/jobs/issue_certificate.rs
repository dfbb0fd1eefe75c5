//! A certificate that was earned is issued; its PDF is drawn when it is sent or downloaded.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use porter_kernel::jobs::{Failure, Handler, Job};

use super::{WorkerParts, failure, payload};
use crate::domain::CertificateId;
use crate::store::jobs as queue;

pub(super) struct IssueCertificate(pub(super) Arc<WorkerParts>);

#[async_trait]
impl Handler for IssueCertificate {
    fn kind(&self) -> &'static str {
        queue::ISSUE_CERTIFICATE
    }

    fn timeout(&self) -> Duration {
        Duration::from_secs(30)
    }

    /// Whether the course is complete is checked by the store in the transaction that issues. A code that is taken makes the attempt fail, and the
    /// next one has another.
    async fn run(&self, job: &Job) -> Result<(), Failure> {
        let _: queue::IssueCertificate = payload(job)?;
        let (id, mail) = (self.0.ids.uuid(), self.0.ids.uuid());
        let code = self.0.key.certificate_code(id);
        Ok(self.0.store.issue(job, CertificateId(id), &code, mail, self.0.clock.now()).await?)
    }

    /// The learner sees that it failed, and a person is asked to look at it.
    async fn buried(&self, job: &Job, reason: &str) -> Result<(), Failure> {
        let Ok(queue::IssueCertificate { account, course }) = payload(job) else { return Ok(()) };
        tracing::error!(job = %job.id, %account, %course, reason, "a certificate could not be made");
        self.0.store.issue_failed(account, course, reason, self.0.clock.now()).await.map_err(failure)
    }
}
