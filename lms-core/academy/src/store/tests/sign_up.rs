use super::*;
use crate::domain::event::Event;

const NEW: &str = "new@learner.example";

fn form(email: &str, hash: &str) -> NewSignUp {
    NewSignUp { email: email.to_owned(), name: "Nora New".to_owned(), password_hash: hash.to_owned() }
}

impl World {
    fn new_link(&self, token: &Token) -> NewVerification {
        NewVerification {
            id: self.uuid(),
            account: AccountId(self.uuid()),
            token: token.hash(),
            mail: self.uuid(),
            limit_key: "letters".to_owned(),
        }
    }

    pub(super) async fn take_of(&self, kind: &str) -> Vec<Job> {
        self.jobs.take(&[kind], self.uuid(), self.now(), LEASE, 1_000).await.unwrap()
    }

    /// Signs up and gives the link's secret and the account's id, when one was made.
    async fn signs_up(&self, email: &str, hash: &str) -> (Token, NewVerification) {
        let key = self.uuid();
        self.store.sign_up(key, &form(email, hash), self.tick()).await.unwrap();
        let job = self.take_of(jobs::accounts::SIGN_UP).await.remove(0);
        assert_eq!(self.store.waiting_sign_up(key).await.unwrap().as_deref(), Some(email));
        let token = self.token();
        let link = self.new_link(&token);
        self.store.finish_sign_up(&job, key, &link, self.tick()).await.unwrap();
        assert_eq!(self.store.waiting_sign_up(key).await.unwrap(), None);
        (token, link)
    }

    async fn letters(&self) -> Vec<Letter> {
        let mut letters = Vec::new();
        for job in self.take_of(jobs::SEND_MAIL).await {
            let jobs::SendMail { mail } = jobs::payload(&job).unwrap();
            letters.push(self.store.mail(mail).await.unwrap().unwrap().0.letter);
            self.jobs.done(&job, self.now()).await.unwrap();
        }
        letters
    }
}

async fn a_form_writes_the_same_for_every_address(world: World) {
    for email in ["anna@learner.example", NEW, "hanna@learner.example", "x\0@learner.example"] {
        let before = (world.rows("sign_up").await, world.rows("job").await, world.rows("request_key").await);
        let key = world.uuid();
        for _ in 0..2 {
            world.store.sign_up(key, &form(email, "$argon2id$n"), world.tick()).await.unwrap();
        }
        let after = (world.rows("sign_up").await, world.rows("job").await, world.rows("request_key").await);
        assert_eq!(after, (before.0 + 1, before.1 + 1, before.2 + 1), "{email:?}");
    }
    assert_eq!((world.rows("account").await, world.rows("mail").await), (3, 0));
    assert!(!format!("{:?}", form(NEW, "x")).contains("new@"));
}

async fn a_link_opens_the_account_once(world: World) {
    let (token, link) = world.signs_up(NEW, "$argon2id$n").await;
    let found = world.store.account_by_email(NEW).await.unwrap().unwrap();
    assert_eq!(
        (found.account.id, found.account.status, found.account.role),
        (link.account, AccountStatus::Unverified, Role::Learner)
    );
    assert_eq!(world.letters().await, [Letter::VerifyEmail { verification: link.id }]);
    // Not before: no session, no link for a password.
    let now = world.now();
    assert!(!world.store.sign_in(world.uuid(), &world.token().hash(), &found, now, now + Duration::from_secs(60)).await.unwrap());
    assert!(world.store.create_session(world.uuid(), &world.token().hash(), link.account, now, now).await.is_err());

    let live = world.store.live_verification(&token.hash(), world.now()).await.unwrap().unwrap();
    assert_eq!((live.account.id, live.password_hash.as_str()), (link.account, "$argon2id$n"));
    assert_eq!(world.store.verify(&world.token().hash(), world.now()).await.unwrap(), None);
    assert_eq!(world.store.verify(&token.hash(), world.tick()).await.unwrap(), Some(link.account));
    assert_eq!(world.store.verify(&token.hash(), world.tick()).await.unwrap(), None, "used");
    assert!(world.store.live_verification(&token.hash(), world.now()).await.unwrap().is_none());
    let open = world.store.account(link.account).await.unwrap().unwrap();
    assert_eq!(open.status, AccountStatus::Active);
    let events: Vec<Event> = world.store.events_after(0, 10).await.unwrap().into_iter().map(|event| event.event).collect();
    assert_eq!(events, [Event::AccountCreated { account: link.account }, Event::EmailVerified { account: link.account }]);
}

async fn a_link_ends(world: World) {
    let (token, _) = world.signs_up(NEW, "$argon2id$n").await;
    world.clock.advance(VERIFY_WITHIN - Duration::from_secs(1));
    assert!(world.store.live_verification(&token.hash(), world.now()).await.unwrap().is_some());
    world.tick();
    assert!(world.store.live_verification(&token.hash(), world.now()).await.unwrap().is_none());
    assert_eq!(world.store.verify(&token.hash(), world.now()).await.unwrap(), None);
}

/// Somebody else signed up with the address first: the owner's link gives the owner's password.
async fn each_link_gives_the_password_of_its_own_form(world: World) {
    let (theirs, first) = world.signs_up(NEW, "$argon2id$thief").await;
    let (owners, _) = world.signs_up(NEW, "$argon2id$owner").await;
    assert_eq!(world.rows("account").await, 4);
    assert_eq!(world.store.verify(&owners.hash(), world.tick()).await.unwrap(), Some(first.account));
    let found = world.store.account_by_email(NEW).await.unwrap().unwrap();
    assert_eq!(found.password_hash, "$argon2id$owner");
    assert!(world.store.live_verification(&theirs.hash(), world.now()).await.unwrap().is_none());
}

async fn who_has_an_account_gets_a_letter_and_nothing_changes(world: World) {
    let before = world.store.account_by_email("anna@learner.example").await.unwrap().unwrap();
    world.signs_up("anna@learner.example", "$argon2id$other").await;
    assert_eq!(world.letters().await, [Letter::AccountExists]);
    let after = world.store.account_by_email("anna@learner.example").await.unwrap().unwrap();
    assert_eq!((after.account, after.password_hash), (before.account, before.password_hash));
    world.signs_up("hanna@learner.example", "$argon2id$other").await;
    assert!(world.letters().await.is_empty(), "a locked account");
    for _ in 0..9 {
        world.signs_up("anna@learner.example", "$argon2id$other").await;
    }
    assert_eq!(world.letters().await.len(), 4, "five letters, and no flood");
}

async fn a_link_can_be_sent_again(world: World) {
    let (first, link) = world.signs_up(NEW, "$argon2id$n").await;
    for (address, account) in [(NEW, link.account), ("anna@learner.example", ANNA)] {
        world.store.ask_to_verify_again(world.uuid(), address, world.tick()).await.unwrap();
        let job = world.take_of(jobs::accounts::VERIFY_AGAIN).await.remove(0);
        let token = world.token();
        world.store.finish_verify_again(&job, account, &world.new_link(&token), world.tick()).await.unwrap();
        let live = world.store.live_verification(&token.hash(), world.now()).await.unwrap();
        assert_eq!(live.map(|live| live.password_hash).as_deref(), (account != ANNA).then_some("$argon2id$n"));
    }
    assert!(world.store.live_verification(&first.hash(), world.now()).await.unwrap().is_some());
}

async fn an_account_that_nobody_confirms_is_forgotten(world: World) {
    let (token, link) = world.signs_up(NEW, "$argon2id$n").await;
    assert!(world.take_of(jobs::accounts::FORGET_UNVERIFIED).await.is_empty(), "not yet");
    assert!(!world.store.forget_unverified(link.account, world.now()).await.unwrap());
    world.clock.advance(UNVERIFIED_KEPT);
    let job = world.take_of(jobs::accounts::FORGET_UNVERIFIED).await.remove(0);
    assert_eq!(jobs::payload::<jobs::accounts::OfAccount>(&job).unwrap().account, link.account);
    assert!(world.store.forget_unverified(link.account, world.now()).await.unwrap());
    assert!(world.store.account_by_email(NEW).await.unwrap().is_none());
    assert_eq!(world.store.verify(&token.hash(), world.now()).await.unwrap(), None);
    assert!(!world.store.forget_unverified(ANNA, world.now()).await.unwrap(), "others stay");
}

async fn an_overtaken_worker_makes_no_account(world: World) {
    let key = world.uuid();
    world.store.sign_up(key, &form(NEW, "$argon2id$n"), world.tick()).await.unwrap();
    let job = world.take_of(jobs::accounts::SIGN_UP).await.remove(0);
    world.clock.advance(LEASE + Duration::from_secs(60));
    assert_eq!(world.take_of(jobs::accounts::SIGN_UP).await.len(), 1);
    let refused = world.store.finish_sign_up(&job, key, &world.new_link(&world.token()), world.tick()).await;
    assert!(matches!(refused, Err(JobError::LeaseLost)), "{refused:?}");
    assert!(world.store.account_by_email(NEW).await.unwrap().is_none());
    assert!(world.store.waiting_sign_up(key).await.unwrap().is_some());
}

porter_testkit::both_engines!(
    World::open;
    a_form_writes_the_same_for_every_address,
    a_link_opens_the_account_once,
    a_link_ends,
    each_link_gives_the_password_of_its_own_form,
    who_has_an_account_gets_a_letter_and_nothing_changes,
    a_link_can_be_sent_again,
    an_account_that_nobody_confirms_is_forgotten,
    an_overtaken_worker_makes_no_account,
);
