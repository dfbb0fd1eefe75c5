//! Sessions, password, second factor, address.

use super::*;
use crate::domain::event::Event;

impl World {
    async fn begun(&self, account: AccountId) -> (Uuid, Token) {
        let (id, token, now) = (self.uuid(), self.token(), self.tick());
        self.store.create_session(id, &token.hash(), account, now, now + Duration::from_hours(48)).await.unwrap();
        (id, token)
    }

    async fn checked(&self, account: AccountId) -> Credentials {
        self.store.credentials(account).await.unwrap().unwrap()
    }
}

async fn sessions_are_listed_and_ended_by_their_owner(world: World) {
    let ((first, _), (second, token), (third, _)) = (world.begun(ANNA).await, world.begun(ANNA).await, world.begun(ANNA).await);
    let (brunos, _) = world.begun(BRUNO).await;
    world.store.describe_session(second, "Firefox on Windows").await.unwrap();
    let begun = world.now();
    world.clock.advance(Duration::from_mins(59));
    world.store.session(&token.hash(), world.now()).await.unwrap().unwrap();
    let seen = |sessions: Vec<SessionFacts>| sessions.into_iter().find(|session| session.id == second).unwrap().seen_at;
    assert!(seen(world.store.sessions(ANNA, world.now()).await.unwrap()) <= begun, "coarse: not noted for every page");
    world.clock.advance(Duration::from_mins(5));
    world.store.session(&token.hash(), world.now()).await.unwrap().unwrap();
    let listed = world.store.sessions(ANNA, world.now()).await.unwrap();
    assert_eq!(listed.iter().map(|session| session.id).collect::<Vec<_>>(), [third, second, first]);
    assert_eq!((listed[1].device.as_str(), listed[0].device.as_str()), ("Firefox on Windows", ""));
    assert_eq!(seen(listed), world.now());

    let refused = world.store.end_session(ANNA, brunos).await;
    assert!(matches!(refused, Err(AcademyError::NotFound)), "{refused:?}");
    world.store.end_session(ANNA, first).await.unwrap();
    assert_eq!(world.store.end_other_sessions(ANNA, second).await.unwrap(), 1);
    assert!(world.store.session(&token.hash(), world.now()).await.unwrap().is_some());
    assert_eq!(world.rows("session").await, 2);
}

async fn a_new_name_leaves_certificates_alone(world: World) {
    world.store.rename(ANNA, "Anna\0 Weber").await.unwrap();
    assert_eq!(world.store.account(ANNA).await.unwrap().unwrap().name, "Anna\u{fffd} Weber");
    assert_eq!(world.store.certificates(ANNA, Freshness::Fresh).await.unwrap()[0].learner_name, "Anna Keller");
    world.store.rename(HANNA, "Other").await.unwrap();
    assert_eq!(world.store.account(HANNA).await.unwrap().unwrap().name, "Hanna Berg", "a locked account stays as it is");
}

async fn a_new_password_ends_the_other_sessions_and_tells(world: World) {
    let link = world.link(ANNA).await;
    let ((kept, token), (_, other)) = (world.begun(ANNA).await, world.begun(ANNA).await);
    let checked = world.checked(ANNA).await;
    let mail = world.uuid();
    assert!(world.store.change_password(&checked, "$argon2id$new", kept, mail, world.tick()).await.unwrap());
    assert!(world.store.session(&token.hash(), world.now()).await.unwrap().is_some());
    assert!(world.store.session(&other.hash(), world.now()).await.unwrap().is_none());
    assert!(world.store.live_reset(&link.hash(), world.now()).await.unwrap().is_none());
    assert_eq!(world.store.mail(mail).await.unwrap().unwrap().0.letter, Letter::PasswordChanged);
    assert_eq!(world.checked(ANNA).await.password_hash, "$argon2id$new");
    let again = world.store.change_password(&checked, "$argon2id$late", kept, world.uuid(), world.tick()).await.unwrap();
    assert!(!again, "it was checked against an older password");
}

const SEALED: &str = "sealed";

impl World {
    async fn with_two_factor(&self, account: AccountId, code: &Token) {
        assert!(self.store.begin_two_factor(account, SEALED, self.now()).await.unwrap());
        let enabled = self.store.enable_two_factor(account, SEALED, 100, &[code.hash()], self.uuid(), self.tick()).await.unwrap();
        assert!(enabled);
    }

    async fn signs_in_with(&self, id: Uuid, proof: &Proof) -> bool {
        let (now, checked) = (self.tick(), self.checked(ANNA).await);
        let end = now + Duration::from_secs(60);
        self.store.sign_in_with_proof(id, &self.token().hash(), &checked, proof, now, end).await.unwrap()
    }
}

fn step(step: i64) -> Proof {
    Proof::Step { step, sealed: SEALED.to_owned() }
}

async fn a_second_factor_is_set_up_in_two_steps(world: World) {
    assert_eq!(world.store.two_factor(ANNA).await.unwrap(), None);
    assert!(world.store.begin_two_factor(ANNA, "first", world.now()).await.unwrap());
    assert!(world.store.begin_two_factor(ANNA, SEALED, world.now()).await.unwrap(), "begun anew");
    let code = world.token();
    assert!(!world.store.enable_two_factor(ANNA, "first", 100, &[], world.uuid(), world.tick()).await.unwrap());
    let begun = world.store.two_factor(ANNA).await.unwrap().unwrap();
    assert_eq!((begun.sealed.as_str(), begun.enabled_at), (SEALED, None));
    // Not in use yet: the password is enough.
    let (now, checked) = (world.tick(), world.checked(ANNA).await);
    assert!(world.store.sign_in(world.uuid(), &world.token().hash(), &checked, now, now + Duration::from_secs(9)).await.unwrap());

    assert!(world.store.enable_two_factor(ANNA, SEALED, 100, &[code.hash()], world.uuid(), world.tick()).await.unwrap());
    let on = world.store.two_factor(ANNA).await.unwrap().unwrap();
    assert_eq!((on.last_step, on.enabled_at.is_some(), on.codes_left), (100, true, 1));
    assert!(!format!("{on:?}").contains(SEALED));
    assert!(!world.store.begin_two_factor(ANNA, "other", world.now()).await.unwrap(), "not over one that is in use");
    let (now, checked) = (world.tick(), world.checked(ANNA).await);
    let alone =
        world.store.sign_in(world.uuid(), &world.token().hash(), &checked, now, now + Duration::from_secs(9)).await.unwrap();
    assert!(!alone, "the password alone does not open it");
}

async fn a_code_counts_once(world: World) {
    let code = world.token();
    world.with_two_factor(ANNA, &code).await;
    assert!(!world.signs_in_with(world.uuid(), &step(100)).await, "the code that turned it on");
    let session = world.uuid();
    assert!(world.signs_in_with(session, &step(102)).await);
    for (old, why) in [(102, "replayed"), (101, "older than one that was used")] {
        assert!(!world.signs_in_with(world.uuid(), &step(old)).await, "{why}");
    }
    assert!(!world.signs_in_with(session, &step(103)).await, "a challenge begins one session");
    let other = Proof::Step { step: 104, sealed: "other".to_owned() };
    assert!(!world.signs_in_with(world.uuid(), &other).await, "of another secret");
    let recovery = Proof::Recovery(code.hash());
    assert!(world.signs_in_with(world.uuid(), &recovery).await);
    assert!(!world.signs_in_with(world.uuid(), &recovery).await, "used");
    assert_eq!(world.store.two_factor(ANNA).await.unwrap().unwrap().codes_left, 0);
}

async fn of_two_uses_of_a_code_at_once_one_counts(world: World) {
    world.with_two_factor(ANNA, &world.token()).await;
    let checked = world.checked(ANNA).await;
    let tries = (0..8).map(|_| {
        let (store, id, token) = (Arc::clone(&world.store), world.uuid(), world.token());
        let (checked, now) = (checked.clone(), world.now());
        tokio::spawn(async move {
            store.sign_in_with_proof(id, &token.hash(), &checked, &step(105), now, now + Duration::from_secs(60)).await.unwrap()
        })
    });
    let mut passed = 0;
    for tried in tries.collect::<Vec<_>>() {
        passed += usize::from(tried.await.unwrap());
    }
    assert_eq!(passed, 1);
}

async fn a_password_reset_keeps_the_second_factor(world: World) {
    world.with_two_factor(ANNA, &world.token()).await;
    for job in world.take().await {
        world.jobs.done(&job, world.now()).await.unwrap();
    }
    let link = world.link(ANNA).await;
    let redeemed = world.store.redeem_reset(&link.hash(), "$argon2id$new", world.uuid(), world.tick()).await.unwrap();
    assert!(matches!(redeemed, Redeemed::Done { .. }));
    let (now, checked) = (world.tick(), world.checked(ANNA).await);
    assert!(!world.store.sign_in(world.uuid(), &world.token().hash(), &checked, now, now + Duration::from_secs(9)).await.unwrap());
    assert!(world.signs_in_with(world.uuid(), &step(110)).await);
}

async fn turning_it_off_needs_a_proof(world: World) {
    let code = world.token();
    world.with_two_factor(ANNA, &code).await;
    assert!(!world.store.disable_two_factor(ANNA, &step(100), world.uuid(), world.tick()).await.unwrap());
    assert!(world.store.two_factor(ANNA).await.unwrap().is_some());
    assert!(world.store.disable_two_factor(ANNA, &Proof::Recovery(code.hash()), world.uuid(), world.tick()).await.unwrap());
    assert_eq!(world.store.two_factor(ANNA).await.unwrap(), None);
    assert_eq!(world.rows("recovery_code").await, 0);
    let events: Vec<Event> = world.store.events_after(0, 10).await.unwrap().into_iter().map(|event| event.event).collect();
    assert_eq!(events, [Event::TwoFactorEnabled { account: ANNA }, Event::TwoFactorDisabled { account: ANNA }]);
}

const NEW: &str = "anna.new@learner.example";

impl World {
    /// Begins a change and gives the secrets of the old and the new address.
    async fn begins_change(&self, address: &str) -> (Uuid, Token, Token) {
        let (old, new) = (self.token(), self.token());
        let change = NewEmailChange {
            id: self.uuid(),
            account: ANNA,
            old_token: old.hash(),
            new_token: new.hash(),
            old_mail: self.uuid(),
            new_mail: self.uuid(),
        };
        self.store.begin_email_change(&change, address, self.tick()).await.unwrap();
        (change.id, old, new)
    }

    async fn says_yes(&self, token: &Token) -> Consent {
        self.store.consent(&token.hash(), [self.uuid(), self.uuid()], self.tick()).await.unwrap()
    }

    async fn annas_address(&self) -> String {
        self.store.account(ANNA).await.unwrap().unwrap().email
    }
}

async fn an_address_changes_when_both_have_said_yes(world: World) {
    for new_first in [true, false] {
        let before = world.annas_address().await;
        let address = format!("{new_first}.{NEW}");
        let (id, old, new) = world.begins_change(&address).await;
        let (side, change) = world.store.live_email_change(&new.hash(), world.now()).await.unwrap().unwrap();
        assert_eq!(
            (side, change.new_email.as_str(), change.old_email.as_str(), change.id),
            (Side::New, address.as_str(), before.as_str(), id)
        );
        assert_eq!(world.store.live_email_change(&old.hash(), world.now()).await.unwrap().unwrap().0, Side::Old);
        let (first, second) = if new_first { (&new, &old) } else { (&old, &new) };
        assert_eq!(world.says_yes(first).await, Consent::Waiting);
        assert_eq!(world.says_yes(first).await, Consent::Waiting, "one side twice is one side");
        assert_eq!(world.annas_address().await, before);
        let state = world.store.email_change_of(ANNA, world.now()).await.unwrap().unwrap();
        assert_eq!((state.old_said, state.new_said), (!new_first, new_first));
        assert_eq!(world.says_yes(second).await, Consent::Done);
        assert_eq!(world.annas_address().await, address);
        assert_eq!(world.says_yes(second).await, Consent::NotLive);
        assert!(world.store.email_change(id).await.unwrap().unwrap().done);
        assert!(world.store.email_change_of(ANNA, world.now()).await.unwrap().is_none());
    }
}

async fn a_change_can_be_stopped_replaced_and_runs_out(world: World) {
    let (_, old, new) = world.begins_change(NEW).await;
    assert_eq!(world.says_yes(&new).await, Consent::Waiting);
    assert!(world.store.veto(&old.hash(), world.tick()).await.unwrap());
    assert!(!world.store.veto(&old.hash(), world.tick()).await.unwrap());
    assert_eq!(world.says_yes(&old).await, Consent::NotLive);

    let (_, older, _) = world.begins_change(NEW).await;
    let (_, newer, new) = world.begins_change("other@learner.example").await;
    assert_eq!(world.says_yes(&older).await, Consent::NotLive, "replaced");
    assert_eq!(world.says_yes(&newer).await, Consent::Waiting);
    world.clock.advance(CHANGE_WITHIN);
    assert_eq!(world.says_yes(&new).await, Consent::NotLive, "run out");
    assert_eq!(world.says_yes(&world.token()).await, Consent::NotLive, "nobody's");
    assert_eq!(world.annas_address().await, "anna@learner.example");
}

async fn an_address_that_is_taken_is_never_taken_over(world: World) {
    let (_, old, new) = world.begins_change("bruno@learner.example").await;
    assert_eq!(world.says_yes(&old).await, Consent::Waiting);
    assert_eq!(world.says_yes(&new).await, Consent::NotLive);
    assert_eq!(world.annas_address().await, "anna@learner.example");
    assert_eq!(world.store.account_by_email("bruno@learner.example").await.unwrap().unwrap().account.id, BRUNO);
}

porter_testkit::both_engines!(
    World::open;
    sessions_are_listed_and_ended_by_their_owner,
    a_new_name_leaves_certificates_alone,
    a_new_password_ends_the_other_sessions_and_tells,
    a_second_factor_is_set_up_in_two_steps,
    a_code_counts_once,
    of_two_uses_of_a_code_at_once_one_counts,
    a_password_reset_keeps_the_second_factor,
    turning_it_off_needs_a_proof,
    an_address_changes_when_both_have_said_yes,
    a_change_can_be_stopped_replaced_and_runs_out,
    an_address_that_is_taken_is_never_taken_over,
);
