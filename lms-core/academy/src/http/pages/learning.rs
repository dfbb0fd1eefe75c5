//! A learner's courses: how far each is, what comes next, how the quizzes went.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use porter_kernel::clock::Timestamp;
use uuid::Uuid;

use crate::domain::{CertificateRequestStatus, CourseFacts, EnrolmentStatus, LessonKind};
use crate::http::Academy;
use crate::http::page::{Frame, PageProblem, page};
use crate::http::seen::Seen;
use crate::http::session::Learner;
use crate::http::words::{self, Badge};

#[derive(Template)]
#[template(path = "learning.html")]
struct Learning<'a> {
    frame: Frame<'a>,
    /// Announcements that were not read.
    unread: i64,
    /// Mails come back from the account's address.
    trouble: bool,
    courses: Vec<Course>,
}

struct Course {
    id: Uuid,
    slug: String,
    /// Whether one may go in.
    inside: bool,
    title: String,
    badge: Badge,
    /// What there is to know about access, when it is not simply open.
    note: Option<String>,
    done: usize,
    all: usize,
    percent: usize,
    next: Option<Next>,
    quizzes: Vec<Quiz>,
    certificate: Certificate,
}

struct Next {
    id: Uuid,
    position: i64,
    title: String,
    /// Why it does not count yet, for a lesson that was begun.
    why: Option<String>,
}

struct Quiz {
    title: String,
    percent: i64,
    attempts: i64,
    passed: bool,
    needed: i64,
}

/// Where the certificate is.
enum Certificate {
    NotYet,
    /// Everything is done and nobody has asked for it.
    CanBeAsked,
    BeingMade,
    Failed,
    Ready(Uuid),
    /// Issued, and taken back.
    Revoked,
}

pub(super) async fn show(
    State(academy): State<Arc<Academy>>,
    Learner(account): Learner,
    Seen(freshness): Seen,
) -> Result<Response, PageProblem> {
    let (now, watched) = (academy.parts.clock.now(), academy.parts.policy.watched_percent);
    let courses = academy.store().courses(account.id, freshness).await?;
    let unread = academy.store().unread_notices(account.id).await?;
    let trouble = academy.store().out_of_reach(account.id, now).await?;
    let courses = courses.iter().map(|facts| course(facts, watched, now)).collect();
    Ok(page(&Learning { frame: academy.frame(Some(&account), "/learning"), unread, trouble, courses }))
}

fn course(facts: &CourseFacts, watched_percent: i64, now: Timestamp) -> Course {
    let counted = |lesson: &&crate::domain::LessonFacts| lesson.completed_at.is_some() && !lesson.is_below(facts.pass_percent);
    let done = facts.lessons.iter().filter(counted).count();
    // Where the learner stopped, else the first that is missing.
    let missing = || facts.lessons.iter().filter(|lesson| !counted(lesson));
    let begun = missing().filter(|lesson| lesson.updated_at.is_some()).max_by_key(|lesson| lesson.updated_at);
    let missing = begun.or_else(|| missing().next());
    let quizzes = facts.lessons.iter().filter(|lesson| lesson.kind == LessonKind::Quiz && lesson.attempts > 0);
    Course {
        id: facts.course.0,
        slug: facts.slug.clone(),
        inside: matches!(facts.enrolment, EnrolmentStatus::Active | EnrolmentStatus::Completed),
        title: facts.title.clone(),
        badge: words::enrolment(facts.enrolment, facts.starts_at, facts.access_until, now),
        note: note(facts, now),
        done,
        all: facts.lessons.len(),
        percent: (done * 100).checked_div(facts.lessons.len()).unwrap_or_default(),
        next: missing.filter(|_| is_open(facts, now)).map(|lesson| Next {
            id: lesson.id.0,
            position: lesson.position,
            title: lesson.title.clone(),
            why: match lesson.kind {
                LessonKind::Video if lesson.percent > 0 => {
                    Some(format!("{} % watched; it counts from {watched_percent} %.", lesson.percent))
                }
                LessonKind::Quiz if lesson.attempts > 0 => {
                    Some(format!("Best result {} %; {} % is needed.", lesson.percent, facts.pass_percent))
                }
                _ => None,
            },
        }),
        quizzes: quizzes
            .map(|quiz| Quiz {
                title: quiz.title.clone(),
                percent: quiz.percent,
                attempts: quiz.attempts,
                passed: !quiz.is_below(facts.pass_percent),
                needed: facts.pass_percent,
            })
            .collect(),
        certificate: certificate(facts),
    }
}

fn is_open(facts: &CourseFacts, now: Timestamp) -> bool {
    matches!(facts.enrolment, EnrolmentStatus::Active | EnrolmentStatus::Completed)
        && facts.starts_at.is_none_or(|start| start <= now)
        && facts.access_until.is_none_or(|until| until > now)
}

fn note(facts: &CourseFacts, now: Timestamp) -> Option<String> {
    match facts.enrolment {
        EnrolmentStatus::Pending => Some("Your enrolment is being set up. If this lasts, ask support.".to_owned()),
        EnrolmentStatus::Cancelled => None,
        EnrolmentStatus::Active | EnrolmentStatus::Completed => match (facts.starts_at, facts.access_until) {
            (_, Some(until)) if until <= now => Some(format!("Access ended on {}.", words::date(until))),
            (Some(start), _) if start > now => Some(format!("The course starts on {}.", words::date(start))),
            (_, Some(until)) => Some(format!("You have access until {}.", words::date(until))),
            _ => None,
        },
    }
}

fn certificate(facts: &CourseFacts) -> Certificate {
    if let Some(issued) = &facts.certificate {
        if issued.revoked.is_some() {
            return Certificate::Revoked;
        }
        return Certificate::Ready(issued.id.0);
    }
    match facts.certificate_request.as_ref().map(|request| request.status) {
        Some(CertificateRequestStatus::Queued | CertificateRequestStatus::Issued) => Certificate::BeingMade,
        Some(CertificateRequestStatus::Failed) => Certificate::Failed,
        None if facts.is_complete() && facts.enrolment != EnrolmentStatus::Cancelled => Certificate::CanBeAsked,
        None => Certificate::NotYet,
    }
}
