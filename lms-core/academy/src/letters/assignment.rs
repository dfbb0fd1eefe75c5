//! Tells a learner that work was graded or returned. What was said of it is on the page, behind the sign-in: a mail can be read by others.

use askama::Template;
use porter_mail::Mail;
use uuid::Uuid;

use super::{Frame, Letterhead, name};
use crate::domain::assignment::SubmissionStatus;
use crate::domain::{Account, SubmissionId};
use crate::store::Work;

#[derive(Template)]
#[template(path = "letters/assignment_decided.html")]
struct Html<'a> {
    frame: &'a Frame<'a>,
    title: &'a str,
    course: &'a str,
    returned: bool,
    passed: bool,
    link: &'a str,
}

#[derive(Template)]
#[template(path = "letters/assignment_decided.txt")]
struct Text<'a> {
    frame: &'a Frame<'a>,
    title: &'a str,
    course: &'a str,
    returned: bool,
    passed: bool,
    link: &'a str,
}

impl Letterhead<'_> {
    /// What an instructor decided.
    ///
    /// # Errors
    /// When a template cannot be rendered: a fault here.
    pub(crate) fn assignment_decided(
        &self,
        id: Uuid,
        account: &Account,
        work: &Work,
        submission: SubmissionId,
    ) -> askama::Result<Mail> {
        let frame = &self.frame(account);
        let asked = &work.placed.assignment;
        let found = work.submissions.iter().find(|one| one.id == submission);
        let returned = found.is_some_and(|one| one.status == SubmissionStatus::Returned);
        let points = found.and_then(|one| one.verdict.as_ref()?.points);
        let passed = points.is_some_and(|points| points >= asked.pass_percent * 100);
        let (title, course) = (&name::plain(&asked.title), &name::plain(&work.placed.course_title));
        let link = &format!("{}/assignments/{}", self.public_url, work.placed.id);
        let text = Text { frame, title, course, returned, passed, link }.render()?;
        let html = Html { frame, title, course, returned, passed, link }.render()?;
        let subject = if returned { format!("Please work it over: {title}") } else { format!("Your work was graded: {title}") };
        Ok(self.mail(id, account, subject, text, html))
    }
}
