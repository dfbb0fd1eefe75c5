//! Many do the same at once.

use super::*;

/// Starts one task for each number and waits for all of them.
pub(super) async fn at_once<T, W>(count: usize, task: impl Fn(usize) -> W) -> Vec<T>
where
    T: Send + 'static,
    W: Future<Output = T> + Send + 'static,
{
    let tasks: Vec<_> = (0..count).map(|number| tokio::spawn(task(number))).collect();
    let mut outcomes = Vec::new();
    for task in tasks {
        outcomes.push(task.await.unwrap());
    }
    outcomes
}

/// How often the races are run: `PORTER_TRIALS`, or a few times.
pub(super) fn trials() -> usize {
    std::env::var("PORTER_TRIALS").ok().and_then(|trials| trials.parse().ok()).unwrap_or(5)
}

/// A link used by 32 requests at the same time: one of them sets the password.
async fn of_many_uses_of_a_link_one_succeeds(world: World) {
    for trial in 0..trials() {
        let session = world.signed_in(ANNA).await;
        let link = world.link(ANNA).await.hash();
        for job in world.take().await {
            world.jobs.done(&job, world.now()).await.unwrap();
        }
        let now = world.tick();
        let mails = world.rows("mail").await;
        let outcomes = at_once(32, |number| {
            let (store, link, mail) = (Arc::clone(&world.store), link.clone(), world.uuid());
            async move { (number, store.redeem_reset(&link, &format!("$argon2id${number}"), mail, now).await.unwrap()) }
        })
        .await;
        let winners: Vec<usize> =
            outcomes.iter().filter(|(_, outcome)| *outcome != Redeemed::NotLive).map(|(number, _)| *number).collect();
        assert_eq!(winners.len(), 1, "trial {trial}: {outcomes:?}");
        let account = world.store.account_by_email("anna@learner.example").await.unwrap().unwrap();
        assert_eq!(account.password_hash, format!("$argon2id${}", winners[0]), "trial {trial}");
        assert_eq!(world.rows("mail").await, mails + 1, "trial {trial}");
        assert!(world.store.session(&session.hash(), now).await.unwrap().is_none(), "trial {trial}");
        let send = world.take_one(jobs::SEND_MAIL).await;
        world.jobs.done(&send, world.now()).await.unwrap();
    }
}

/// A new link is made while the old one is used: the old one is used or voided, and both at once never wait for each other in a circle.
async fn a_link_is_used_while_the_next_is_made(world: World) {
    for trial in 0..trials() {
        let old = world.link(ANNA).await;
        for job in world.take().await {
            world.jobs.done(&job, world.now()).await.unwrap();
        }
        world.store.ask_for_account(world.uuid(), ANNA, world.tick()).await.unwrap();
        let job = world.take_one(jobs::PASSWORD_RESET_FOR_ACCOUNT).await;
        let new = world.token();
        let (reset, mail) = world.reset(ANNA, &new);
        let now = world.now();
        let (uses, makes) = (Arc::clone(&world.store), Arc::clone(&world.store));
        let (old_hash, mail_id) = (old.hash(), world.uuid());
        let used = tokio::spawn(async move { uses.redeem_reset(&old_hash, "$argon2id$new", mail_id, now).await.unwrap() });
        let made = tokio::spawn(async move { makes.issue_reset(&job, &reset, &mail, now).await.unwrap() });
        let used = used.await.unwrap();
        made.await.unwrap();
        assert!(world.store.live_reset(&old.hash(), now).await.unwrap().is_none(), "trial {trial}");
        // A link that was made first is voided by the use of the old one only if that could still be used.
        let alive = world.store.live_reset(&new.hash(), now).await.unwrap().is_some();
        assert!(alive || used != Redeemed::NotLive, "trial {trial}: {used:?}");
        for job in world.take().await {
            world.jobs.done(&job, world.now()).await.unwrap();
        }
    }
}

/// A password is checked while a new one is set: no session of the old password survives.
async fn signing_in_while_the_password_changes(world: World) {
    for trial in 0..trials() {
        let link = world.link(ANNA).await.hash();
        for job in world.take().await {
            world.jobs.done(&job, world.now()).await.unwrap();
        }
        let checked = world.store.account_by_email("anna@learner.example").await.unwrap().unwrap();
        let now = world.tick();
        let (setter, mail) = (Arc::clone(&world.store), world.uuid());
        let hash = format!("$argon2id$trial{trial}");
        let set = tokio::spawn(async move { setter.redeem_reset(&link, &hash, mail, now).await.unwrap() });
        let sessions = at_once(8, |_| {
            let (store, checked, id, token) = (Arc::clone(&world.store), checked.clone(), world.uuid(), world.token());
            async move {
                store.sign_in(id, &token.hash(), &checked, now, now + Duration::from_secs(60)).await.unwrap();
                token
            }
        })
        .await;
        assert!(matches!(set.await.unwrap(), Redeemed::Done { .. }));
        for token in sessions {
            assert!(world.store.session(&token.hash(), now).await.unwrap().is_none(), "trial {trial}");
        }
        for job in world.take().await {
            world.jobs.done(&job, world.now()).await.unwrap();
        }
    }
}

async fn the_same_key_many_times_at_once_is_one_request(world: World) {
    let (key, now) = (world.uuid(), world.tick());
    let outcomes = at_once(16, |_| {
        let (store, mail) = (Arc::clone(&world.store), world.uuid());
        async move { store.resend(key, ANNA, ANNAS_CERTIFICATE, mail, now).await.unwrap() }
    })
    .await;
    assert_eq!(outcomes.iter().filter(|outcome| !outcome.duplicate).count(), 1);
    assert!(outcomes.iter().all(|outcome| outcome.asked_at == now));
    assert_eq!((world.rows("mail").await, world.rows("job").await), (1, 1));

    let key = world.uuid();
    at_once(16, |_| {
        let store = Arc::clone(&world.store);
        async move { store.ask_by_address(key, "anna@learner.example", now).await.unwrap() }
    })
    .await;
    assert_eq!(world.rows("job").await, 2);
}

async fn many_requests_for_a_certificate_are_one_job(world: World) {
    let now = world.tick();
    at_once(16, |_| {
        let (store, job) = (Arc::clone(&world.store), world.uuid());
        async move { store.request_certificate(BRUNO, FIRST, job, now).await.unwrap() }
    })
    .await;
    world.take_one(jobs::ISSUE_CERTIFICATE).await;
}

porter_testkit::both_engines!(
    World::open;
    of_many_uses_of_a_link_one_succeeds,
    a_link_is_used_while_the_next_is_made,
    signing_in_while_the_password_changes,
    the_same_key_many_times_at_once_is_one_request,
    many_requests_for_a_certificate_are_one_job,
);
