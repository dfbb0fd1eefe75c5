//! Inviting people to a course by their addresses.

use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use porter_kernel::http::Path;
use serde::Deserialize;
use uuid::Uuid;

use super::{back, id, taught, wrong};
use crate::address::stored_form;
use crate::domain::catalogue::{CohortId, Invitation, InvitationId};
use crate::http::Academy;
use crate::http::page::{Frame, PageProblem, page};
use crate::http::pages::Fields;
use crate::http::session::Instructor;
use crate::http::words::{self, Badge};
use crate::store::NewInvitation;

/// How long a link works.
const DAYS: u64 = 14;
/// At a time.
const MOST: usize = 100;
const SHOWN: i64 = 500;

#[derive(Template)]
#[template(path = "teach/invitations.html")]
struct Invitations<'a> {
    frame: Frame<'a>,
    title: &'a str,
    slug: &'a str,
    here: &'static str,
    days: u64,
    groups: Vec<(Uuid, String)>,
    rows: Vec<Row>,
}

struct Row {
    id: Uuid,
    email: String,
    cohort: Option<String>,
    sent: String,
    badge: Badge,
    live: bool,
}

pub(super) async fn show(
    State(academy): State<Arc<Academy>>,
    instructor: Instructor,
    Path(slug): Path<String>,
) -> Result<Response, PageProblem> {
    let course = taught(&academy, &instructor, &slug).await?;
    let rows = academy.store().invitations(course.outline.course.id, SHOWN).await?.into_iter().map(|invitation| Row {
        id: invitation.id.0,
        live: invitation.is_live(course.now),
        badge: badge(&invitation, course.now),
        sent: words::date(invitation.created_at),
        email: invitation.email,
        cohort: invitation.cohort,
    });
    Ok(page(&Invitations {
        frame: academy.frame(Some(&instructor.0), "/teach"),
        title: &course.outline.course.title,
        slug: &course.outline.course.slug,
        here: "invitations",
        days: DAYS,
        groups: course.outline.cohorts.iter().map(|cohort| (cohort.id.0, cohort.name.clone())).collect(),
        rows: rows.collect(),
    }))
}

fn badge(invitation: &Invitation, now: porter_kernel::clock::Timestamp) -> Badge {
    let (text, tone) = match invitation {
        invitation if invitation.accepted_at.is_some() => ("Accepted", "good"),
        invitation if invitation.revoked_at.is_some() => ("Withdrawn", "quiet"),
        invitation if !invitation.is_live(now) => ("Ended", "quiet"),
        invitation if invitation.sent_at.is_none() => ("Being sent", "waiting"),
        _ => ("Waiting for an answer", "waiting"),
    };
    Badge { text, tone }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Invite {
    emails: String,
    #[serde(default)]
    group: String,
}

pub(super) async fn invite(
    State(academy): State<Arc<Academy>>,
    instructor: Instructor,
    Path(slug): Path<String>,
    Fields(form): Fields<Invite>,
) -> Result<Response, PageProblem> {
    academy.limits.by_account.take(&instructor.0.id)?;
    let course = taught(&academy, &instructor, &slug).await?;
    let separated = form.emails.split([',', ';', '\n', '\r', ' ', '\t']).map(str::trim).filter(|email| !email.is_empty());
    let emails: Option<Vec<String>> = separated.map(stored_form).collect();
    let mut emails = emails
        .ok_or_else(|| wrong("One of these is not an address. Write one on each line; none was invited. Go back and try again."))?;
    emails.sort();
    emails.dedup();
    if emails.is_empty() || emails.len() > MOST {
        return Err(wrong("Invite 1 to 100 people at a time. Go back and change the list."));
    }
    let cohort = match form.group.as_str() {
        "" => None,
        group => Some(id(group, CohortId)?),
    };
    let parts = &academy.parts;
    for email in emails {
        let id = InvitationId(parts.ids.uuid());
        let new = NewInvitation {
            id,
            course: course.outline.course.id,
            cohort,
            email,
            token: parts.key.invitation_token(id.0).hash(),
            by: instructor.0.id,
            expires_at: course.now + Duration::from_secs(DAYS * 86_400),
        };
        parts.store.invite(&new, course.now).await?;
    }
    Ok(back(&slug, "/invitations"))
}

pub(super) async fn revoke(
    State(academy): State<Arc<Academy>>,
    instructor: Instructor,
    Path((slug, invitation)): Path<(String, String)>,
) -> Result<Response, PageProblem> {
    let course = taught(&academy, &instructor, &slug).await?;
    academy.store().revoke_invitation(course.outline.course.id, id(&invitation, InvitationId)?, course.now).await?;
    Ok(back(&slug, "/invitations"))
}
