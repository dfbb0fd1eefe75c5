//! Groups that learn on fixed dates.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use porter_kernel::http::Path;
use serde::Deserialize;
use uuid::Uuid;

use super::{back, day, id, taught, title, written, wrong};
use crate::domain::catalogue::{CohortDates, CohortId};
use crate::http::page::{Frame, PageProblem, page};
use crate::http::pages::Fields;
use crate::http::session::Instructor;
use crate::http::{Academy, words};

#[derive(Template)]
#[template(path = "teach/groups.html")]
struct Groups<'a> {
    frame: Frame<'a>,
    title: &'a str,
    slug: &'a str,
    here: &'static str,
    groups: Vec<Group>,
}

struct Group {
    id: Uuid,
    name: String,
    when: String,
    taken: i64,
    seats: String,
    starts: String,
    ends: String,
    from: String,
    until: String,
}

pub(super) async fn show(
    State(academy): State<Arc<Academy>>,
    instructor: Instructor,
    Path(slug): Path<String>,
) -> Result<Response, PageProblem> {
    let course = taught(&academy, &instructor, &slug).await?;
    let groups = course.outline.cohorts.iter().map(|cohort| Group {
        id: cohort.id.0,
        name: cohort.name.clone(),
        when: words::date(cohort.starts_at),
        taken: cohort.taken,
        seats: cohort.seats.map(|seats| seats.to_string()).unwrap_or_default(),
        starts: written(Some(cohort.starts_at)),
        ends: written(cohort.ends_at),
        from: written(cohort.enrol_from),
        until: written(cohort.enrol_until),
    });
    Ok(page(&Groups {
        frame: academy.frame(Some(&instructor.0), "/teach"),
        title: &course.outline.course.title,
        slug: &course.outline.course.slug,
        here: "groups",
        groups: groups.collect(),
    }))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Form {
    name: String,
    starts: String,
    #[serde(default)]
    ends: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    until: String,
    #[serde(default)]
    seats: String,
}

impl Form {
    fn dates(&self) -> Result<CohortDates, PageProblem> {
        let seats = match self.seats.trim() {
            "" => None,
            number => Some(number.parse::<i64>().ok().filter(|seats| (0..=1_000_000).contains(seats)).ok_or_else(|| {
                wrong("Seats are a number from 0 on, or nothing for a group without a limit. Go back and change it.")
            })?),
        };
        let dates = CohortDates {
            name: title(&self.name)?.to_owned(),
            starts_at: day(&self.starts)?.ok_or_else(|| wrong("A group has a day on which it starts. Go back and choose one."))?,
            ends_at: day(&self.ends)?,
            enrol_from: day(&self.from)?,
            enrol_until: day(&self.until)?,
            seats,
        };
        let ends_first = dates.ends_at.is_some_and(|end| end <= dates.starts_at);
        if ends_first { Err(wrong("The group ends before it starts. Go back and change the dates.")) } else { Ok(dates) }
    }
}

pub(super) async fn add(
    State(academy): State<Arc<Academy>>,
    instructor: Instructor,
    Path(slug): Path<String>,
    Fields(form): Fields<Form>,
) -> Result<Response, PageProblem> {
    let course = taught(&academy, &instructor, &slug).await?;
    academy.store().add_cohort(course.outline.course.id, CohortId(academy.parts.ids.uuid()), &form.dates()?, course.now).await?;
    Ok(back(&slug, "/groups"))
}

pub(super) async fn change(
    State(academy): State<Arc<Academy>>,
    instructor: Instructor,
    Path((slug, group)): Path<(String, String)>,
    Fields(form): Fields<Form>,
) -> Result<Response, PageProblem> {
    let course = taught(&academy, &instructor, &slug).await?;
    academy.store().change_cohort(course.outline.course.id, id(&group, CohortId)?, &form.dates()?, course.now).await?;
    Ok(back(&slug, "/groups"))
}
