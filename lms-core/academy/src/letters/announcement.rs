//! What an instructor tells, as mail.

use askama::Template;
use porter_kernel::clock::Timestamp;
use porter_mail::{Attachment, Mail};
use uuid::Uuid;

use super::{Frame, Letterhead, name};
use crate::domain::Account;
use crate::domain::announcement::Announcement;
use crate::http::words::date_and_time;
use crate::tokens::SigningKey;
use crate::{markup, session};

#[derive(Template)]
#[template(path = "letters/announcement.html")]
struct AnnouncementHtml<'a> {
    frame: &'a Frame<'a>,
    facts: &'a Facts<'a>,
    /// Cleaned HTML.
    body: &'a str,
}

#[derive(Template)]
#[template(path = "letters/announcement.txt")]
struct AnnouncementText<'a> {
    frame: &'a Frame<'a>,
    facts: &'a Facts<'a>,
}

/// What both parts say.
struct Facts<'a> {
    course: String,
    subject: String,
    /// As the instructor wrote it: Markdown reads well.
    source: &'a str,
    session: Option<Session<'a>>,
    reminder: bool,
    page: String,
    leave: String,
}

struct Session<'a> {
    when: String,
    minutes: i64,
    link: &'a str,
}

impl Letterhead<'_> {
    /// The announcement, with the link by which its learner leaves the list (RFC 8058), and the live session as a file for calendars. As a reminder: an hour
    /// before the session.
    ///
    /// # Errors
    /// When a template cannot be rendered: a fault here.
    pub(crate) fn announcement(
        &self,
        id: Uuid,
        account: &Account,
        announcement: &Announcement,
        reminder: bool,
        key: &SigningKey,
        now: Timestamp,
    ) -> askama::Result<Mail> {
        let frame = &self.frame(account);
        let new = &announcement.new;
        let leave = format!("{}/unsubscribe/{}", self.public_url, key.unsubscribe_token(account.id, new.course));
        let session = new.session.as_ref();
        let facts = &Facts {
            course: name::plain(&announcement.course_title),
            subject: name::plain(&new.subject),
            source: &new.body,
            session: session.map(|session| Session {
                when: date_and_time(session.at),
                minutes: session.minutes,
                link: &session.link,
            }),
            reminder,
            page: format!("{}/announcements/{}", self.public_url, new.id),
            leave: leave.clone(),
        };
        let text = AnnouncementText { frame, facts }.render()?;
        let html = AnnouncementHtml { frame, facts, body: &markup::to_html(&new.body) }.render()?;
        let subject =
            if reminder { format!("In an hour: {}", facts.subject) } else { format!("{} ({})", facts.subject, facts.course) };
        let domain = self.policy.support_email.rsplit('@').next().unwrap_or_default();
        let files = session::calendar(announcement, domain, now).map(|entry| Attachment {
            file_name: session::FILE_NAME.to_owned(),
            media_type: session::MEDIA_TYPE.to_owned(),
            bytes: entry.into_bytes(),
        });
        let headers = vec![
            ("List-Unsubscribe", format!("<{leave}>")),
            ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()),
            ("Precedence", "bulk".to_owned()),
        ];
        Ok(Mail { attachments: files.into_iter().collect(), headers, ..self.mail(id, account, subject, text, html) })
    }
}
