//! Invitations.

use super::races::at_once;
use super::*;
use crate::domain::catalogue::*;

impl World {
    async fn invites(&self, email: &str, cohort: Option<CohortId>) -> (InvitationId, Token) {
        let (id, token) = (InvitationId(self.uuid()), self.token());
        let new = NewInvitation {
            id,
            course: SECOND,
            cohort,
            email: email.to_owned(),
            token: token.hash(),
            by: ANNA,
            expires_at: self.now() + Duration::from_secs(100),
        };
        self.store.invite(&new, self.tick()).await.unwrap();
        (id, token)
    }
}

fn refused<T: std::fmt::Debug>(outcome: Result<T>) -> Refusal {
    match outcome {
        Err(AcademyError::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

async fn an_invitation_opens_the_course_once(world: World) {
    let (id, token) = world.invites("bruno@learner.example", None).await;
    let job = world.take_one(jobs::SEND_INVITATION).await;
    assert_eq!(jobs::payload::<jobs::SendInvitation>(&job).unwrap().invitation, id);
    world.store.invitation_sent(&job, id, world.tick()).await.unwrap();
    let mail = world.store.invitation_for_mail(id).await.unwrap().unwrap();
    assert_eq!(
        (mail.email.as_str(), mail.course_slug.as_str(), mail.sent_at),
        ("bruno@learner.example", "second", Some(world.now()))
    );
    assert!(world.store.invitation_by_token(&token.hash()).await.unwrap().unwrap().is_live(world.now()));

    assert_eq!(refused(world.store.accept_invitation(&token.hash(), ANNA, world.now()).await), Refusal::InvitationForAnother);
    let none = world.store.accept_invitation(&world.token().hash(), BRUNO, world.now()).await;
    assert!(matches!(none, Err(AcademyError::NotFound)), "{none:?}");
    let outcomes = at_once(8, |_| {
        let (store, token, now) = (Arc::clone(&world.store), token.hash(), world.now());
        async move { store.accept_invitation(&token, BRUNO, now).await }
    })
    .await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
    assert!(world.store.entry(BRUNO, SECOND).await.unwrap().is_in());
    assert!(world.store.invitations(SECOND, 10).await.unwrap()[0].accepted_at.is_some());
}

async fn an_invitation_ends_or_is_withdrawn(world: World) {
    let (id, token) = world.invites("bruno@learner.example", None).await;
    world.store.revoke_invitation(FIRST, id, world.now()).await.unwrap();
    assert!(world.store.invitations(SECOND, 10).await.unwrap()[0].is_live(world.now()), "another course's instructor");
    world.store.revoke_invitation(SECOND, id, world.now()).await.unwrap();
    assert_eq!(refused(world.store.accept_invitation(&token.hash(), BRUNO, world.now()).await), Refusal::InvitationEnded);
    let (_, older) = world.invites("bruno@learner.example", None).await;
    let (_, newer) = world.invites("bruno@learner.example", None).await;
    assert_eq!(refused(world.store.accept_invitation(&older.hash(), BRUNO, world.now()).await), Refusal::InvitationEnded);
    let late = world.now() + Duration::from_secs(200);
    assert_eq!(refused(world.store.accept_invitation(&newer.hash(), BRUNO, late).await), Refusal::InvitationEnded);
    let (_, hannas) = world.invites("hanna@learner.example", None).await;
    assert_eq!(
        refused(world.store.accept_invitation(&hannas.hash(), HANNA, world.now()).await),
        Refusal::InvitationForAnother,
        "locked"
    );
}

async fn an_invitation_needs_a_seat_too(world: World) {
    let group = CohortId(world.uuid());
    world.store.add_cohort(SECOND, group, &super::catalogue::dates(world.now(), Some(0)), world.now()).await.unwrap();
    let (_, token) = world.invites("bruno@learner.example", Some(group)).await;
    assert_eq!(refused(world.store.accept_invitation(&token.hash(), BRUNO, world.now()).await), Refusal::NoSeat);
    world.store.change_cohort(SECOND, group, &super::catalogue::dates(world.now(), Some(1)), world.now()).await.unwrap();
    assert_eq!(world.store.accept_invitation(&token.hash(), BRUNO, world.now()).await.unwrap(), "second");
    assert_eq!(world.store.entry(BRUNO, SECOND).await.unwrap().cohort, Some(group));
    let strange = NewInvitation {
        id: InvitationId(world.uuid()),
        course: FIRST,
        cohort: Some(group),
        email: "x@learner.example".to_owned(),
        token: world.token().hash(),
        by: ANNA,
        expires_at: world.now(),
    };
    assert!(matches!(world.store.invite(&strange, world.now()).await, Err(AcademyError::NotFound)));
}

async fn who_has_lost_the_lease_notes_nothing(world: World) {
    let (id, _) = world.invites("bruno@learner.example", None).await;
    let job = world.take_one(jobs::SEND_INVITATION).await;
    let lost = world.lost(&job).await;
    let outcome = world.store.invitation_sent(&lost, id, world.now()).await;
    assert!(matches!(outcome, Err(JobError::LeaseLost)), "{outcome:?}");
    assert!(world.store.invitation_for_mail(id).await.unwrap().unwrap().sent_at.is_none());
}

porter_testkit::both_engines!(World::open;
    an_invitation_opens_the_course_once,
    an_invitation_ends_or_is_withdrawn,
    an_invitation_needs_a_seat_too,
    who_has_lost_the_lease_notes_nothing,
);
