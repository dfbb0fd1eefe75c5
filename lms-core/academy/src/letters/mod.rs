//! The mails: each as plain text and as HTML, made at the time of sending, so that no row holds a link or a file.

mod accounts;
mod announcement;
mod assignment;
mod money;
mod name;
mod revocation;

use askama::Template;
use porter_kernel::clock::Timestamp;
use porter_mail::{Attachment, Mail, WrittenBy};
use uuid::Uuid;

use crate::domain::catalogue::Invitation;
use crate::domain::{Account, IssuedCertificate};
use crate::http::words::{date, date_and_time};
use crate::paper;
use crate::policy::Policy;
use crate::tokens::SigningKey;

pub(crate) use money::Paper;

/// What all letters of the academy have in common.
#[derive(Debug)]
pub(crate) struct Letterhead<'a> {
    pub(crate) policy: &'a Policy,
    /// How learners reach the academy; links begin with it.
    pub(crate) public_url: &'a str,
}

/// What stands around a letter's text.
struct Frame<'a> {
    academy: &'a str,
    support_email: &'a str,
    home: &'a str,
    /// `Hello Anna Keller,`: untrusted text, but none that looks like a link.
    greeting: String,
}

#[derive(Template)]
#[template(path = "letters/password_reset.html")]
struct PasswordResetHtml<'a> {
    frame: &'a Frame<'a>,
    link: &'a str,
    until: &'a str,
    minutes: u64,
}

#[derive(Template)]
#[template(path = "letters/password_reset.txt")]
struct PasswordResetText<'a> {
    frame: &'a Frame<'a>,
    link: &'a str,
    until: &'a str,
    minutes: u64,
}

#[derive(Template)]
#[template(path = "letters/password_changed.html")]
struct PasswordChangedHtml<'a> {
    frame: &'a Frame<'a>,
    when: &'a str,
    forgot: &'a str,
}

#[derive(Template)]
#[template(path = "letters/password_changed.txt")]
struct PasswordChangedText<'a> {
    frame: &'a Frame<'a>,
    when: &'a str,
    forgot: &'a str,
}

#[derive(Template)]
#[template(path = "letters/certificate.html")]
struct CertificateHtml<'a> {
    frame: &'a Frame<'a>,
    course: &'a str,
    issued: &'a str,
    code: &'a str,
    verify: &'a str,
    certificates: &'a str,
    again: bool,
}

#[derive(Template)]
#[template(path = "letters/certificate.txt")]
struct CertificateText<'a> {
    frame: &'a Frame<'a>,
    course: &'a str,
    issued: &'a str,
    code: &'a str,
    verify: &'a str,
    certificates: &'a str,
    again: bool,
}

#[derive(Template)]
#[template(path = "letters/invitation.html")]
struct InvitationHtml<'a> {
    frame: &'a Frame<'a>,
    course: &'a str,
    cohort: Option<&'a str>,
    link: &'a str,
    until: &'a str,
}

#[derive(Template)]
#[template(path = "letters/invitation.txt")]
struct InvitationText<'a> {
    frame: &'a Frame<'a>,
    course: &'a str,
    cohort: Option<&'a str>,
    link: &'a str,
    until: &'a str,
}

impl Letterhead<'_> {
    /// The invitation to a course, to an address that may have no account.
    ///
    /// # Errors
    /// As [`Self::password_reset`].
    pub(crate) fn invitation(&self, invitation: &Invitation, key: &SigningKey) -> askama::Result<Mail> {
        let frame = &Frame {
            academy: &self.policy.academy_name,
            support_email: &self.policy.support_email,
            home: self.public_url,
            greeting: "Hello,".to_owned(),
        };
        let course = &name::plain(&invitation.course_title);
        let cohort = invitation.cohort.as_deref().map(name::plain);
        let cohort = cohort.as_deref();
        let link = &format!("{}/invitations/{}", self.public_url, key.invitation_token(invitation.id.0).reveal());
        let until = &date_and_time(invitation.expires_at);
        let domain = self.policy.support_email.rsplit('@').next().unwrap_or_default();
        Ok(Mail {
            message_id: format!("{}@{domain}", invitation.id),
            to_name: String::new(),
            to_address: invitation.email.clone(),
            subject: format!("You are invited: {course}"),
            text: InvitationText { frame, course, cohort, link, until }.render()?,
            html: InvitationHtml { frame, course, cohort, link, until }.render()?,
            attachments: Vec::new(),
            headers: Vec::new(),
            written_by: WrittenBy::Program,
        })
    }

    fn frame(&self, account: &Account) -> Frame<'_> {
        Frame {
            academy: &self.policy.academy_name,
            support_email: &self.policy.support_email,
            home: self.public_url,
            greeting: name::greeting(&account.name),
        }
    }

    /// To the account's address as it is now. The id stays the same over all attempts, so that a mailbox can tell a repetition.
    fn mail(&self, id: Uuid, account: &Account, subject: String, text: String, html: String) -> Mail {
        let domain = self.policy.support_email.rsplit('@').next().unwrap_or_default();
        Mail {
            message_id: format!("{id}@{domain}"),
            to_name: name::plain(&account.name),
            to_address: account.email.clone(),
            subject,
            text,
            html,
            attachments: Vec::new(),
            headers: Vec::new(),
            written_by: WrittenBy::Program,
        }
    }

    /// The link for a new password. `until`: when it ends.
    ///
    /// # Errors
    /// When a template cannot be rendered: a fault here.
    pub(crate) fn password_reset(
        &self,
        id: Uuid,
        account: &Account,
        key: &SigningKey,
        reset: Uuid,
        until: Timestamp,
    ) -> askama::Result<Mail> {
        let frame = &self.frame(account);
        let link = &format!("{}/reset-password?token={}", self.public_url, key.reset_token(reset).reveal());
        let (until, minutes) = (&date_and_time(until), self.policy.reset_link_minutes);
        let text = PasswordResetText { frame, link, until, minutes }.render()?;
        let html = PasswordResetHtml { frame, link, until, minutes }.render()?;
        let subject = format!("Your link for a new password at {}", self.policy.academy_name);
        Ok(self.mail(id, account, subject, text, html))
    }

    /// Tells that the password was changed.
    ///
    /// # Errors
    /// As [`Self::password_reset`].
    pub(crate) fn password_changed(&self, id: Uuid, account: &Account, at: Timestamp) -> askama::Result<Mail> {
        let frame = &self.frame(account);
        let (when, forgot) = (&date_and_time(at), &format!("{}/forgot-password", self.public_url));
        let text = PasswordChangedText { frame, when, forgot }.render()?;
        let html = PasswordChangedHtml { frame, when, forgot }.render()?;
        let subject = format!("Your password at {} was changed", self.policy.academy_name);
        Ok(self.mail(id, account, subject, text, html))
    }

    /// The certificate, with the PDF attached.
    ///
    /// # Errors
    /// As [`Self::password_reset`].
    pub(crate) fn certificate(
        &self,
        id: Uuid,
        account: &Account,
        certificate: &IssuedCertificate,
        again: bool,
        pdf: Vec<u8>,
    ) -> askama::Result<Mail> {
        let frame = &self.frame(account);
        let course = &name::plain(&certificate.course_title);
        let (issued, code) = (&date(certificate.issued_at), &certificate.code);
        let verify = &format!("{}/verify/{code}", self.public_url);
        let certificates = &format!("{}/certificates", self.public_url);
        let text = CertificateText { frame, course, issued, code, verify, certificates, again }.render()?;
        let html = CertificateHtml { frame, course, issued, code, verify, certificates, again }.render()?;
        let mail = self.mail(id, account, format!("Your certificate: {course}"), text, html);
        let file = Attachment { file_name: paper::file_name(certificate), media_type: paper::MEDIA_TYPE.to_owned(), bytes: pdf };
        Ok(Mail { attachments: vec![file], ..mail })
    }
}

#[cfg(test)]
mod tests;
