//! That a certificate counts no more, and that it counts again.

use askama::Template;
use porter_mail::Mail;
use uuid::Uuid;

use super::{Frame, Letterhead, name};
use crate::domain::{Account, IssuedCertificate, Revocation};
use crate::http::words::date;

#[derive(Template)]
#[template(path = "letters/certificate_revoked.html")]
struct RevokedHtml<'a> {
    frame: &'a Frame<'a>,
    facts: &'a Facts<'a>,
}

#[derive(Template)]
#[template(path = "letters/certificate_revoked.txt")]
struct RevokedText<'a> {
    frame: &'a Frame<'a>,
    facts: &'a Facts<'a>,
}

/// What both parts say. Without a reason: it counts again.
struct Facts<'a> {
    course: String,
    code: &'a str,
    revoked: Option<(String, &'static str)>,
    verify: String,
    certificates: String,
}

impl Letterhead<'_> {
    fn facts<'a>(&self, certificate: &'a IssuedCertificate, revoked: Option<Revocation>) -> Facts<'a> {
        Facts {
            course: name::plain(&certificate.course_title),
            code: &certificate.code,
            revoked: revoked.map(|revoked| (date(revoked.at), revoked.reason.said())),
            verify: format!("{}/verify/{}", self.public_url, certificate.code),
            certificates: format!("{}/certificates", self.public_url),
        }
    }

    /// Tells that a certificate was revoked.
    ///
    /// # Errors
    /// When a template cannot be rendered: a fault here.
    pub(crate) fn certificate_revoked(
        &self,
        id: Uuid,
        account: &Account,
        certificate: &IssuedCertificate,
        revoked: Revocation,
    ) -> askama::Result<Mail> {
        let (frame, facts) = (&self.frame(account), &self.facts(certificate, Some(revoked)));
        let subject = format!("Your certificate was revoked: {}", facts.course);
        Ok(self.mail(id, account, subject, RevokedText { frame, facts }.render()?, RevokedHtml { frame, facts }.render()?))
    }

    /// Tells that the revocation was taken back.
    ///
    /// # Errors
    /// As [`Self::certificate_revoked`].
    pub(crate) fn certificate_restored(
        &self,
        id: Uuid,
        account: &Account,
        certificate: &IssuedCertificate,
    ) -> askama::Result<Mail> {
        let (frame, facts) = (&self.frame(account), &self.facts(certificate, None));
        let subject = format!("Your certificate counts again: {}", facts.course);
        Ok(self.mail(id, account, subject, RevokedText { frame, facts }.render()?, RevokedHtml { frame, facts }.render()?))
    }
}
