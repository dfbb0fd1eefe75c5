//! What an administrator sees and does, and nobody else.

use std::time::Duration;

use porter_kernel::ids::{Ids as _, RandomIds};
use porter_kernel::jobs::{Failure, LEASE, NewJob, Priority};
use uuid::Uuid;

use crate::domain::{AccountId, AccountStatus, Role};
use crate::store::jobs::{ISSUE_CERTIFICATE, SEND_MAIL};
use crate::store::{Seed, SeedAccount};
use crate::testing::{ANNAS, World};

const THEO: AccountId = AccountId(Uuid::from_u128(0xad));

impl World {
    /// Signs an administrator in.
    async fn administrator(&self) -> String {
        let theo = SeedAccount {
            id: THEO,
            email: "theo.brandt@learner.example".to_owned(),
            name: "Theo Brandt".to_owned(),
            role: Role::Administrator,
            status: AccountStatus::Active,
            password_hash: "$argon2id$none".to_owned(),
            created_at: self.now(),
        };
        self.store.seed(&Seed { accounts: vec![theo], ..Seed::default() }).await.unwrap();
        let token = RandomIds.token();
        let (now, until) = (self.now(), self.now() + Duration::from_hours(1));
        self.store.create_session(Uuid::from_u128(0xae), &token.hash(), THEO, now, until).await.unwrap();
        format!("academy_session={}", token.reveal())
    }

    /// A job that dies of this reason at its first attempt.
    async fn dead(&self, kind: &'static str, reason: &str) -> Uuid {
        let job = self.waiting(kind).await;
        let taken = self.jobs.take(&[kind], RandomIds.uuid(), self.now(), LEASE, 1).await.unwrap().remove(0);
        assert_eq!(taken.id, job);
        self.jobs.failed(&taken, &Failure::Fail(reason.to_owned()), self.now()).await.unwrap();
        job
    }

    async fn waiting(&self, kind: &'static str) -> Uuid {
        let job = NewJob {
            id: RandomIds.uuid(),
            kind,
            payload: serde_json::json!({ "account": "of somebody" }),
            priority: Priority::Normal,
            run_at: self.now(),
            unique_key: None,
            max_attempts: 3,
        };
        assert!(self.jobs.enqueue(&job, self.now()).await.unwrap());
        job.id
    }
}

#[tokio::test]
async fn for_everybody_else_there_are_no_such_pages() {
    let world = World::new().await;
    let job = world.dead(SEND_MAIL, "550 no").await;
    let anna = world.sign_in(ANNAS).await;
    for path in ["/admin", "/admin/jobs"] {
        assert_eq!(world.get(path, &anna).await.status, 404, "{path}");
        let visitor = world.get(path, "").await;
        assert_eq!((visitor.status.as_u16(), visitor.header("location").starts_with("/sign-in")), (303, true), "{path}");
    }
    for (path, form) in [("/admin/jobs/again", format!("job={job}")), ("/admin/jobs/all-again", format!("kind={SEND_MAIL}"))] {
        assert_eq!(world.post(path, &anna, &form).await.status, 404, "{path}");
        assert_eq!(world.post(path, "", &form).await.header("location"), "/sign-in", "{path}");
    }
    assert_eq!(world.jobs.dead(10).await.unwrap().len(), 1);
    assert!(!world.get("/learning", &anna).await.text().contains("href=\"/admin\""));
}

#[tokio::test]
async fn the_overview_leads_to_the_work_in_the_background() {
    let world = World::new().await;
    let cookie = world.administrator().await;
    let html = world.get("/admin", &cookie).await.text();
    assert!(html.contains("<a href=\"/admin/jobs\">Background work</a>"), "{html}");
    let html = world.get("/admin/jobs", &cookie).await.text();
    assert!(html.contains("All work is done.") && html.contains("Nothing has failed for good."), "{html}");
}

#[tokio::test]
async fn what_waits_and_what_is_dead_is_shown_without_anybodys_data() {
    let world = World::new().await;
    let cookie = world.administrator().await;
    let dead = world.dead(SEND_MAIL, "550 5.1.1 <anna@learner.example>: <b>unknown</b>").await;
    world.waiting(ISSUE_CERTIFICATE).await;
    world.clock.advance(Duration::from_mins(3));
    let html = world.get("/admin/jobs", &cookie).await.text();
    for words in ["Send mail", "Issue certificate", "Late, 3 min", "1 attempt,", "24 November 2026, 10:00 UTC", &dead.to_string()] {
        assert!(html.contains(words), "{words}: {html}");
    }
    assert!(html.contains("550 5.1.1 … &#60;b&#62;unknown"), "{html}");
    assert!(!html.contains("anna@") && !html.contains("of somebody") && !html.contains("<b>unknown"), "{html}");
    assert!(!html.contains("/admin/jobs/all-again"), "one is tried by its own button");
}

#[tokio::test]
async fn a_dead_job_is_tried_again_once() {
    let world = World::new().await;
    let cookie = world.administrator().await;
    let (job, other) = (world.dead(SEND_MAIL, "550 no").await, world.dead(ISSUE_CERTIFICATE, "no paper").await);
    for (count, told) in [(1, "The job is tried again now."), (0, "There was nothing to try again")] {
        let answer = world.post("/admin/jobs/again", &cookie, &format!("job={job}")).await;
        assert_eq!((answer.status.as_u16(), answer.header("location")), (303, format!("/admin/jobs?again={count}").as_str()));
        let html = world.get(answer.header("location"), &cookie).await.text();
        assert!(html.contains(told) && !html.contains(&job.to_string()) && html.contains(&other.to_string()), "{html}");
    }
    let taken = world.jobs.take(&[SEND_MAIL], RandomIds.uuid(), world.now(), LEASE, 10).await.unwrap();
    assert_eq!(taken.iter().map(|taken| (taken.id, taken.attempt)).collect::<Vec<_>>(), [(job, 2)]);
    for odd in ["/admin/jobs?again=x", "/admin/jobs?again=-1", "/admin/jobs?again=%3Cb%3E"] {
        let answer = world.get(odd, &cookie).await;
        assert!(answer.status == 200 && !answer.text().contains("role=\"status\""), "{odd}");
    }
    assert!(world.post("/admin/jobs/again", &cookie, "job=everything").await.status.is_client_error());
}

#[tokio::test]
async fn all_of_a_kind_are_tried_again_and_no_others() {
    let world = World::new().await;
    let cookie = world.administrator().await;
    for _ in 0..3 {
        world.dead(SEND_MAIL, "550 no").await;
    }
    let other = world.dead(ISSUE_CERTIFICATE, "no paper").await;
    let html = world.get("/admin/jobs", &cookie).await.text();
    assert!(html.contains("Try all 3 of “Send mail” again") && !html.contains("of “Issue certificate” again"), "{html}");
    let answer = world.post("/admin/jobs/all-again", &cookie, &format!("kind={SEND_MAIL}")).await;
    assert_eq!(answer.header("location"), "/admin/jobs?again=3");
    assert!(world.get("/admin/jobs?again=3", &cookie).await.text().contains("3 jobs are tried again now."));
    assert_eq!(world.jobs.dead(10).await.unwrap().iter().map(|job| job.id).collect::<Vec<_>>(), [other]);
    let nothing = world.post("/admin/jobs/all-again", &cookie, "kind=of+nobody").await;
    assert_eq!(nothing.header("location"), "/admin/jobs?again=0");
}
