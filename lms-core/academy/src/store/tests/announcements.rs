use std::collections::BTreeSet;

use porter_kernel::jobs::{NewJob, Priority};
use serde_json::json;

use super::*;
use crate::domain::announcement::*;
use crate::domain::event::Event;

const COURSE: CourseId = FIRST;

fn new(world: &World, by_mail: bool, session: Option<LiveSession>) -> NewAnnouncement {
    NewAnnouncement {
        id: world.uuid(),
        course: COURSE,
        author: ANNA,
        subject: "Chapter 3\0 is out".to_owned(),
        body: "Read **it**.".to_owned(),
        by_mail,
        as_notice: true,
        session,
        publish_at: world.now(),
    }
}

/// More learners of the course than a page holds: their ids.
async fn crowd(world: &World, count: u128) -> BTreeSet<Uuid> {
    let now = world.now() - Duration::from_secs(10);
    let mut seed = Seed::default();
    for number in 0..count {
        let id = AccountId(Uuid::from_u128(0x10_000 + number));
        seed.accounts.push(account(id, &format!("learner{number}@learner.example"), "Somebody", now));
        seed.enrolments.push(SeedEnrolment {
            account: id,
            course: COURSE,
            order: None,
            status: EnrolmentStatus::Active,
            enrolled_at: now,
            activated_at: Some(now),
            access_until: None,
            stuck_reason: None,
        });
    }
    world.store.seed(&seed).await.unwrap();
    seed.accounts.into_iter().map(|account| account.id.0).collect()
}

/// Does the jobs of the walk until none is due; how many.
async fn walk(world: &World) -> usize {
    let mut pages = 0;
    loop {
        let jobs = world.jobs.take(&[jobs::ANNOUNCE], world.uuid(), world.now(), LEASE, 1).await.unwrap();
        let Some(job) = jobs.first() else { return pages };
        world.store.fan_out(job, world.now()).await.unwrap();
        pages += 1;
    }
}

async fn figures(world: &World, id: Uuid) -> (AnnouncementStatus, Figures) {
    let all = world.store.announcements(COURSE).await.unwrap();
    let found = all.into_iter().find(|(announcement, _)| announcement.new.id == id).unwrap();
    (found.0.status, found.1)
}

async fn events(world: &World) -> Vec<Event> {
    world.store.events_after(0, 1_000).await.unwrap().into_iter().map(|event| event.event).collect()
}

async fn every_learner_gets_one_mail(world: World) {
    let count = u128::try_from(fan_out::PAGE).unwrap() * 2 + 7;
    crowd(&world, count).await;
    let new = new(&world, true, None);
    world.store.announce(&new, world.now()).await.unwrap();
    world.store.announce(&new, world.now()).await.unwrap();
    assert_eq!(world.rows("job").await, 1, "the same form twice is one announcement");
    let other = NewAnnouncement { author: BRUNO, ..new.clone() };
    assert!(matches!(world.store.announce(&other, world.now()).await, Err(AcademyError::KeyReused)));

    assert_eq!(walk(&world).await, 3);
    // With Anna and Bruno; Hanna is locked.
    let recipients = i64::try_from(count).unwrap() + 2;
    let (status, tallies) = figures(&world, new.id).await;
    assert_eq!(
        (status, tallies),
        (AnnouncementStatus::Sent, Figures { queued: recipients, skipped_inactive: 1, ..Figures::default() })
    );
    assert_eq!((world.rows("mail").await, world.rows("announcement_mail").await), (recipients, recipients));
    assert_eq!(events(&world).await, [Event::AnnouncementPublished { course: COURSE, announcement: new.id, recipients }]);
    // Every mail has its job, and all are bulk.
    let jobs = world.jobs.take(&[jobs::SEND_MAIL], world.uuid(), world.now(), LEASE, 1_000).await.unwrap();
    assert!(jobs.len() == usize::try_from(recipients).unwrap() && jobs.iter().all(|job| job.priority == Priority::Bulk));
    let mails: BTreeSet<String> = jobs.iter().map(|job| job.payload["mail"].as_str().unwrap().to_owned()).collect();
    assert_eq!(mails.len(), jobs.len());
}

/// Killed before the transaction of a page ends, or overtaken after its lease: the page is done once.
async fn a_walk_that_is_cut_off_goes_on_where_it_was(world: World) {
    crowd(&world, u128::try_from(fan_out::PAGE).unwrap() + 50).await;
    let new = new(&world, true, None);
    world.store.announce(&new, world.now()).await.unwrap();
    let slow = world.take_one(jobs::ANNOUNCE).await;
    let slow = world.lost(&slow).await;
    let refused = world.store.fan_out(&slow, world.now()).await;
    assert!(matches!(refused, Err(JobError::LeaseLost)), "{refused:?}");
    assert_eq!((world.rows("mail").await, figures(&world, new.id).await.0), (0, AnnouncementStatus::Scheduled));
    // Its successor falls silent as well; the third does it, and the first page again by an old copy of its job changes nothing.
    world.clock.advance(LEASE + Duration::from_secs(60));
    let job = world.take_one(jobs::ANNOUNCE).await;
    world.store.fan_out(&job, world.now()).await.unwrap();
    assert_eq!(world.rows("mail").await, fan_out::PAGE - 1, "a full page, of which Hanna is locked");
    assert!(matches!(world.store.fan_out(&job, world.now()).await, Err(JobError::LeaseLost)));
    walk(&world).await;
    let mails = world.rows("mail").await;
    assert_eq!((mails, world.rows("announcement_mail").await), (fan_out::PAGE + 52, fan_out::PAGE + 52));
    // A job of the first page that was written by hand, as if the queue had forgotten that it was done.
    let again = NewJob {
        id: world.uuid(),
        kind: jobs::ANNOUNCE,
        payload: json!({ "announcement": new.id, "after": null, "reminder": false }),
        priority: Priority::Bulk,
        run_at: world.now(),
        unique_key: None,
        max_attempts: 3,
    };
    world.jobs.enqueue(&again, world.now()).await.unwrap();
    walk(&world).await;
    assert_eq!((world.rows("mail").await, events(&world).await.len()), (mails, 1));
}

/// What a person waits for comes first, whatever thousands were told: `PORTER_DRILL=full` has 50,000 of them.
async fn a_reset_overtakes_an_announcement(world: World) {
    let full = std::env::var("PORTER_DRILL").is_ok_and(|drill| drill == "full");
    crowd(&world, if full { 50_000 } else { 1_000 }).await;
    world.store.announce(&new(&world, true, None), world.now()).await.unwrap();
    // In the middle of the walk, and after it.
    let first = world.jobs.take(&[jobs::ANNOUNCE], world.uuid(), world.now(), LEASE, 1).await.unwrap();
    world.store.fan_out(&first[0], world.now()).await.unwrap();
    for _ in 0..2 {
        world.store.ask_by_address(world.uuid(), "anna@learner.example", world.now()).await.unwrap();
        let next = world.jobs.take(KINDS, world.uuid(), world.now(), LEASE, 1).await.unwrap();
        assert_eq!(next[0].kind, jobs::PASSWORD_RESET_BY_ADDRESS);
        walk(&world).await;
    }
}

async fn who_does_not_want_it_is_passed_over(world: World) {
    crowd(&world, 3).await;
    let ids: Vec<AccountId> = (0..3).map(|number| AccountId(Uuid::from_u128(0x10_000 + number))).collect();
    world.store.unsubscribe(ids[0], Some(COURSE), world.tick()).await.unwrap();
    world.store.unsubscribe(ids[1], None, world.tick()).await.unwrap();
    world.store.unsubscribe(ids[1], None, world.tick()).await.unwrap();
    world.store.unsubscribe(ids[2], Some(SECOND), world.tick()).await.unwrap();
    let left = Event::Unsubscribed { account: ids[1] };
    assert_eq!(events(&world).await.into_iter().filter(|event| *event == left).count(), 1);
    let first = new(&world, true, None);
    world.store.announce(&first, world.now()).await.unwrap();
    walk(&world).await;
    let tallies = figures(&world, first.id).await.1;
    assert_eq!((tallies.queued, tallies.skipped_unsubscribed), (3, 2), "Anna, Bruno, and who left another list");

    assert_eq!(world.store.unsubscribed(ids[0], COURSE).await.unwrap(), (true, false));
    assert_eq!(world.store.unsubscribed(ids[1], COURSE).await.unwrap(), (false, true));
    world.store.subscribe(ids[0], Some(COURSE)).await.unwrap();
    world.store.subscribe(ids[1], Some(COURSE)).await.unwrap();
    let second = new(&world, true, None);
    world.store.announce(&second, world.now()).await.unwrap();
    walk(&world).await;
    assert_eq!(figures(&world, second.id).await.1.queued, 5);
    assert_eq!(world.store.unsubscribed(ids[2], SECOND).await.unwrap(), (true, false));
    world.store.subscribe(ids[2], None).await.unwrap();
    assert_eq!(world.store.unsubscribed(ids[2], SECOND).await.unwrap(), (false, false));
    let nobody = world.store.unsubscribe(AccountId(world.uuid()), None, world.tick()).await;
    assert!(matches!(nobody, Err(AcademyError::NotFound)), "{nobody:?}");
}

/// A mail of an account that was written down.
async fn mail_to_anna(world: &World) -> Uuid {
    let mail = world.uuid();
    world.store.resend(world.uuid(), ANNA, ANNAS_CERTIFICATE, mail, world.tick()).await.unwrap();
    mail
}

async fn an_address_that_fails_is_left_alone_until_its_learner_mends_it(world: World) {
    let anna = world.store.account(ANNA).await.unwrap().unwrap();
    let mail = mail_to_anna(&world).await;
    for _ in 0..2 {
        assert!(world.store.bounced(mail, BounceKind::Hard, world.now(), world.tick()).await.unwrap());
    }
    assert_eq!(world.rows("mail_bounce").await, 1);
    assert!(!world.store.bounced(world.uuid(), BounceKind::Hard, world.now(), world.tick()).await.unwrap());
    assert!(world.store.out_of_reach(ANNA, world.now()).await.unwrap());
    assert_eq!(events(&world).await, [Event::MailBounced { account: ANNA }]);
    let told = new(&world, true, None);
    world.store.announce(&told, world.now()).await.unwrap();
    walk(&world).await;
    assert_eq!(figures(&world, told.id).await.1.skipped_bounced, 1);
    assert!(world.store.announcement_for_mail(&anna, told.id, world.now()).await.unwrap().is_none());
    // A link for a new password is tried all the same.
    world.store.ask_for_account(world.uuid(), ANNA, world.tick()).await.unwrap();
    assert!(world.take().await.iter().any(|job| job.kind == jobs::PASSWORD_RESET_FOR_ACCOUNT));

    world.store.reachable(ANNA, world.tick()).await.unwrap();
    assert!(!world.store.out_of_reach(ANNA, world.now()).await.unwrap());
    assert!(world.store.announcement_for_mail(&anna, told.id, world.now()).await.unwrap().is_some());
    // It comes back again, and then the address is another one.
    assert!(world.store.bounced(mail_to_anna(&world).await, BounceKind::Hard, world.now(), world.tick()).await.unwrap());
    assert!(world.store.out_of_reach(ANNA, world.now()).await.unwrap());
    world.execute("UPDATE account SET email = 'new@learner.example' WHERE email = 'anna@learner.example'").await;
    assert!(!world.store.out_of_reach(ANNA, world.now()).await.unwrap());
}

async fn a_full_mailbox_counts_when_it_stays_full(world: World) {
    for number in 1..=SOFT_MOST {
        assert!(!world.store.out_of_reach(ANNA, world.now()).await.unwrap(), "after {}", number - 1);
        let mail = mail_to_anna(&world).await;
        world.store.bounced(mail, BounceKind::Soft, world.now(), world.now()).await.unwrap();
    }
    assert!(world.store.out_of_reach(ANNA, world.now()).await.unwrap());
    world.clock.advance(SOFT_WINDOW);
    assert!(!world.store.out_of_reach(ANNA, world.now()).await.unwrap());
}

async fn a_complaint_ends_all_announcements(world: World) {
    let mail = mail_to_anna(&world).await;
    world.store.bounced(mail, BounceKind::Complaint, world.now(), world.tick()).await.unwrap();
    assert_eq!(world.store.unsubscribed(ANNA, COURSE).await.unwrap(), (false, true));
    assert!(!world.store.out_of_reach(ANNA, world.now()).await.unwrap(), "the address works");
}

async fn it_can_be_cancelled_until_it_is_published(world: World) {
    let later = NewAnnouncement { publish_at: world.now() + Duration::from_secs(100), ..new(&world, true, None) };
    world.store.announce(&later, world.now()).await.unwrap();
    assert_eq!(walk(&world).await, 0, "not due yet");
    assert!(!world.store.cancel_announcement(SECOND, later.id).await.unwrap(), "of another course");
    assert!(world.store.notices(ANNA).await.unwrap().is_empty());
    assert!(world.store.cancel_announcement(COURSE, later.id).await.unwrap());
    assert!(!world.store.cancel_announcement(COURSE, later.id).await.unwrap());
    world.clock.advance(Duration::from_secs(100));
    assert_eq!(walk(&world).await, 1);
    assert_eq!((figures(&world, later.id).await.0, world.rows("mail").await), (AnnouncementStatus::Cancelled, 0));
    assert!(events(&world).await.is_empty() && world.store.notices(ANNA).await.unwrap().is_empty());
    let sent = new(&world, true, None);
    world.store.announce(&sent, world.now()).await.unwrap();
    walk(&world).await;
    assert!(!world.store.cancel_announcement(COURSE, sent.id).await.unwrap());
}

async fn learners_of_the_course_read_it(world: World) {
    let told = new(&world, false, None);
    world.store.announce(&told, world.now()).await.unwrap();
    walk(&world).await;
    assert_eq!((world.rows("mail").await, figures(&world, told.id).await.0), (0, AnnouncementStatus::Sent));
    let notices = world.store.notices(ANNA).await.unwrap();
    assert_eq!((notices.len(), notices[0].read, world.store.unread_notices(ANNA).await.unwrap()), (1, false, 1));
    assert_eq!(notices[0].announcement.new.subject, "Chapter 3\u{fffd} is out");
    assert_eq!((notices[0].announcement.course_slug.as_str(), notices[0].announcement.published_at), ("first", Some(world.now())));
    world.store.read_notices(ANNA, &[told.id, world.uuid()], world.tick()).await.unwrap();
    world.store.read_notices(ANNA, &[told.id], world.tick()).await.unwrap();
    assert_eq!((world.store.notices(ANNA).await.unwrap()[0].read, world.store.unread_notices(ANNA).await.unwrap()), (true, 0));
    assert_eq!(world.store.unread_notices(BRUNO).await.unwrap(), 1);
    assert!(world.store.notice(BRUNO, told.id).await.unwrap().is_some());
    // Who is not in the course, or not any more, is told nothing and reads nothing.
    world.execute("UPDATE enrolment SET status = 'cancelled'").await;
    assert!(world.store.notice(BRUNO, told.id).await.unwrap().is_none());
    world.store.read_notices(BRUNO, &[told.id], world.tick()).await.unwrap();
    assert_eq!((world.store.unread_notices(BRUNO).await.unwrap(), world.rows("announcement_read").await), (0, 1));
    assert_eq!(world.store.announced_course("first").await.unwrap(), Some((FIRST, "The first course".to_owned())));
    assert_eq!(world.store.announced_course("no\0ne").await.unwrap(), None);
}

async fn a_reminder_goes_out_an_hour_before(world: World) {
    let at = world.now() + Duration::from_hours(5);
    let session = LiveSession { at, minutes: 60, link: "https://meet.example/x".to_owned(), remind: true };
    let told = new(&world, true, Some(session.clone()));
    world.store.announce(&told, world.now()).await.unwrap();
    walk(&world).await;
    let stored = world.store.announcements(COURSE).await.unwrap().remove(0).0;
    assert_eq!(stored.new.session, Some(session.clone()));
    let first = world.rows("mail").await;
    world.clock.set(at - REMINDER - Duration::from_secs(1));
    assert_eq!(walk(&world).await, 0);
    // Who has left meanwhile is not reminded.
    world.store.unsubscribe(BRUNO, Some(COURSE), world.now()).await.unwrap();
    world.clock.set(at - REMINDER);
    assert_eq!(walk(&world).await, 1);
    assert_eq!(world.rows("mail").await, first * 2 - 1);
    assert_eq!(figures(&world, told.id).await.1.queued, first, "reminders are not counted twice");

    // None for a session that is not to be reminded of, and none after a worker was away until it had begun.
    let quiet = new(&world, true, Some(LiveSession { at: at + Duration::from_hours(5), remind: false, ..session.clone() }));
    world.store.announce(&quiet, world.now()).await.unwrap();
    let late = new(&world, true, Some(LiveSession { at: at + Duration::from_hours(5), ..session }));
    world.store.announce(&late, world.now()).await.unwrap();
    walk(&world).await;
    let mails = world.rows("mail").await;
    world.clock.set(at + Duration::from_hours(6));
    assert_eq!(walk(&world).await, 1);
    assert_eq!(world.rows("mail").await, mails);
}

porter_testkit::both_engines!(
    World::open;
    every_learner_gets_one_mail,
    a_walk_that_is_cut_off_goes_on_where_it_was,
    a_reset_overtakes_an_announcement,
    who_does_not_want_it_is_passed_over,
    an_address_that_fails_is_left_alone_until_its_learner_mends_it,
    a_full_mailbox_counts_when_it_stays_full,
    a_complaint_ends_all_announcements,
    it_can_be_cancelled_until_it_is_published,
    learners_of_the_course_read_it,
    a_reminder_goes_out_an_hour_before,
);
