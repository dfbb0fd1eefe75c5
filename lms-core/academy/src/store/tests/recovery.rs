use porter_kernel::jobs::Priority;
use serde_json::json;

use super::*;

async fn asking_by_address_writes_the_same_for_everybody(world: World) {
    for address in ["anna@learner.example", "nobody@learner.example", "x\0y@learner.example"] {
        let (keys, waiting) = (world.rows("request_key").await, world.rows("job").await);
        world.store.ask_by_address(world.uuid(), address, world.tick()).await.unwrap();
        assert_eq!((world.rows("request_key").await, world.rows("job").await), (keys + 1, waiting + 1), "{address:?}");
    }
    assert_eq!(world.rows("password_reset").await + world.rows("mail").await, 0);
    let jobs = world.take().await;
    let payloads: Vec<_> = jobs.iter().map(|job| job.payload.clone()).collect();
    assert_eq!(payloads[0], json!({"address": "anna@learner.example"}));
    assert_eq!(payloads[2], json!({"address": "x\u{fffd}y@learner.example"}));
    assert!(jobs.iter().all(|job| job.kind == jobs::PASSWORD_RESET_BY_ADDRESS && job.priority == Priority::Urgent));
    let carried: jobs::ResetByAddress = jobs::payload(&jobs[1]).unwrap();
    assert_eq!(carried.address, "nobody@learner.example");
    assert_eq!(format!("{carried:?}"), "ResetByAddress { .. }", "no address is printed");
}

async fn the_same_key_asks_once(world: World) {
    let key = world.uuid();
    world.store.ask_by_address(key, "anna@learner.example", world.tick()).await.unwrap();
    world.store.ask_by_address(key, "anna@learner.example", world.tick()).await.unwrap();
    world.store.ask_by_address(key, "bruno@learner.example", world.tick()).await.unwrap();
    let job = world.take_one(jobs::PASSWORD_RESET_BY_ADDRESS).await;
    assert_eq!(job.payload, json!({"address": "anna@learner.example"}));
    world.jobs.done(&job, world.now()).await.unwrap();
    world.store.ask_by_address(key, "anna@learner.example", world.tick()).await.unwrap();
    assert!(world.take().await.is_empty(), "also after it was done");
}

async fn asking_for_an_account_answers_again_as_at_first(world: World) {
    let (key, first) = (world.uuid(), world.tick());
    assert_eq!(world.store.ask_for_account(key, ANNA, first).await.unwrap(), first);
    assert_eq!(world.store.ask_for_account(key, ANNA, world.tick()).await.unwrap(), first);
    let job = world.take_one(jobs::PASSWORD_RESET_FOR_ACCOUNT).await;
    assert_eq!((job.payload.clone(), job.priority), (json!({"account": ANNA}), Priority::Urgent));
    assert_eq!(jobs::payload::<jobs::ResetForAccount>(&job).unwrap(), jobs::ResetForAccount { account: ANNA });

    for reused in [
        world.store.ask_for_account(key, BRUNO, world.tick()).await.map(|_| ()),
        world.store.ask_by_address(key, "anna@learner.example", world.tick()).await,
        world.store.resend(key, ANNA, ANNAS_CERTIFICATE, world.uuid(), world.tick()).await.map(|_| ()),
    ] {
        assert!(matches!(reused, Err(AcademyError::KeyReused)), "{reused:?}");
    }
    assert_eq!((world.rows("job").await, world.rows("mail").await), (1, 0));
}

async fn a_link_is_written_with_its_mail_and_ends_the_job(world: World) {
    world.store.ask_for_account(world.uuid(), ANNA, world.tick()).await.unwrap();
    let job = world.take_one(jobs::PASSWORD_RESET_FOR_ACCOUNT).await;
    let token = world.token();
    let (reset, mail) = world.reset(ANNA, &token);
    let now = world.tick();
    world.store.issue_reset(&job, &reset, &mail, now).await.unwrap();

    let send = world.take_one(jobs::SEND_MAIL).await;
    assert_eq!((send.payload.clone(), send.priority), (json!({"mail": mail.id}), Priority::Urgent));
    let (row, account) = world.store.mail(mail.id).await.unwrap().unwrap();
    assert_eq!((row.letter, row.account, row.created_at, row.sent_at), (mail.letter.clone(), ANNA, now, None));
    assert_eq!(account.id, ANNA);
    assert_eq!(world.store.live_reset(&token.hash(), world.now()).await.unwrap().unwrap().id, ANNA);
    assert_eq!(world.store.resets_since(ANNA, now).await.unwrap(), 1);
    assert_eq!(world.store.resets_since(ANNA, world.tick()).await.unwrap(), 0);
    assert_eq!(world.store.resets_since(BRUNO, now).await.unwrap(), 0);

    let again = world.store.issue_reset(&job, &world.reset(ANNA, &token).0, &mail, world.tick()).await;
    assert!(matches!(again, Err(JobError::LeaseLost)), "{again:?}");
}

async fn a_link_is_live_until_its_time(world: World) {
    let token = world.link(ANNA).await;
    world.clock.advance(Duration::from_secs(1_799));
    assert!(world.store.live_reset(&token.hash(), world.now()).await.unwrap().is_some());
    let end = world.tick();
    assert!(world.store.live_reset(&token.hash(), end).await.unwrap().is_none());
    let redeemed = world.store.redeem_reset(&token.hash(), "$argon2id$new", world.uuid(), end).await.unwrap();
    assert_eq!(redeemed, Redeemed::NotLive);
    let redeemed = world.store.redeem_reset(&world.token().hash(), "$argon2id$new", world.uuid(), end).await.unwrap();
    assert_eq!(redeemed, Redeemed::NotLive, "nobody's link");
    let found = world.store.account_by_email("anna@learner.example").await.unwrap().unwrap();
    assert_eq!(found.password_hash, OLD_HASH);
}

async fn a_newer_link_voids_the_older(world: World) {
    let older = world.link(ANNA).await;
    for job in world.take().await {
        world.jobs.done(&job, world.now()).await.unwrap();
    }
    let newer = world.link(ANNA).await;
    assert!(world.store.live_reset(&older.hash(), world.now()).await.unwrap().is_none());
    let redeemed = world.store.redeem_reset(&older.hash(), "$argon2id$x", world.uuid(), world.now()).await.unwrap();
    assert_eq!(redeemed, Redeemed::NotLive);
    assert!(world.store.live_reset(&newer.hash(), world.now()).await.unwrap().is_some());
}

async fn using_a_link_sets_the_password_and_ends_every_session(world: World) {
    let (first, second) = (world.signed_in(ANNA).await, world.signed_in(ANNA).await);
    let brunos = world.signed_in(BRUNO).await;
    let token = world.link(ANNA).await;
    for job in world.take().await {
        world.jobs.done(&job, world.now()).await.unwrap();
    }
    let mail = world.uuid();
    let redeemed = world.store.redeem_reset(&token.hash(), "$argon2id$new", mail, world.tick()).await.unwrap();
    assert_eq!(redeemed, Redeemed::Done { account: ANNA, sessions_ended: 2 });

    let found = world.store.account_by_email("anna@learner.example").await.unwrap().unwrap();
    assert_eq!(found.password_hash, "$argon2id$new");
    for ended in [first, second] {
        assert!(world.store.session(&ended.hash(), world.now()).await.unwrap().is_none());
    }
    assert!(world.store.session(&brunos.hash(), world.now()).await.unwrap().is_some());
    assert_eq!(world.store.mail(mail).await.unwrap().unwrap().0.letter, Letter::PasswordChanged);
    let send = world.take_one(jobs::SEND_MAIL).await;
    assert_eq!((send.payload.clone(), send.priority), (json!({"mail": mail}), Priority::Urgent));

    assert!(world.store.live_reset(&token.hash(), world.now()).await.unwrap().is_none());
    let again = world.store.redeem_reset(&token.hash(), "$argon2id$newer", world.uuid(), world.tick()).await.unwrap();
    assert_eq!(again, Redeemed::NotLive);
}

async fn a_locked_account_has_no_live_link(world: World) {
    let token = world.link(ANNA).await;
    world.execute("UPDATE account SET status = 'locked' WHERE email = 'anna@learner.example'").await;
    assert!(world.store.live_reset(&token.hash(), world.now()).await.unwrap().is_none());
    let redeemed = world.store.redeem_reset(&token.hash(), "$argon2id$new", world.uuid(), world.now()).await.unwrap();
    assert_eq!(redeemed, Redeemed::NotLive);
    world.execute("UPDATE account SET status = 'active' WHERE email = 'anna@learner.example'").await;
    let redeemed = world.store.redeem_reset(&token.hash(), "$argon2id$new", world.uuid(), world.now()).await.unwrap();
    assert!(matches!(redeemed, Redeemed::Done { .. }), "it was not used up: {redeemed:?}");
}

async fn a_locked_account_gets_no_link(world: World) {
    world.store.ask_for_account(world.uuid(), HANNA, world.tick()).await.unwrap();
    let job = world.take_one(jobs::PASSWORD_RESET_FOR_ACCOUNT).await;
    let (reset, mail) = world.reset(HANNA, &world.token());
    world.store.issue_reset(&job, &reset, &mail, world.tick()).await.unwrap();
    assert_eq!((world.rows("password_reset").await, world.rows("mail").await), (0, 0));
    assert!(world.take().await.is_empty(), "the job is done");
}

/// A worker that was overtaken writes nothing, and what is there stays as it is.
async fn an_overtaken_worker_issues_nothing(world: World) {
    let older = world.link(ANNA).await;
    for job in world.take().await {
        world.jobs.done(&job, world.now()).await.unwrap();
    }
    world.store.ask_for_account(world.uuid(), ANNA, world.tick()).await.unwrap();
    let job = world.take_one(jobs::PASSWORD_RESET_FOR_ACCOUNT).await;
    let job = world.lost(&job).await;
    let token = world.token();
    let (reset, mail) = world.reset(ANNA, &token);
    let refused = world.store.issue_reset(&job, &reset, &mail, world.tick()).await;
    assert!(matches!(refused, Err(JobError::LeaseLost)), "{refused:?}");
    assert!(world.store.live_reset(&token.hash(), world.now()).await.unwrap().is_none());
    assert!(world.store.live_reset(&older.hash(), world.now()).await.unwrap().is_some(), "the older link was not voided");
    assert!(world.store.mail(mail.id).await.unwrap().is_none());
}

/// The mail's id is taken, so the last write but one fails: nothing of the whole remains.
async fn a_failure_half_way_leaves_nothing(world: World) {
    let token = world.link(ANNA).await;
    let session = world.signed_in(ANNA).await;
    let taken = world.uuid();
    world.store.resend(world.uuid(), ANNA, ANNAS_CERTIFICATE, taken, world.tick()).await.unwrap();
    let (mails, waiting) = (world.rows("mail").await, world.rows("job").await);

    let failed = world.store.redeem_reset(&token.hash(), "$argon2id$new", taken, world.tick()).await;
    assert!(matches!(failed, Err(AcademyError::Database(_))), "{failed:?}");
    let found = world.store.account_by_email("anna@learner.example").await.unwrap().unwrap();
    assert_eq!(found.password_hash, OLD_HASH);
    assert!(world.store.session(&session.hash(), world.now()).await.unwrap().is_some());
    assert!(world.store.live_reset(&token.hash(), world.now()).await.unwrap().is_some(), "the link was not used up");
    assert_eq!((world.rows("mail").await, world.rows("job").await), (mails, waiting));
}

porter_testkit::both_engines!(
    World::open;
    asking_by_address_writes_the_same_for_everybody,
    the_same_key_asks_once,
    asking_for_an_account_answers_again_as_at_first,
    a_link_is_written_with_its_mail_and_ends_the_job,
    a_link_is_live_until_its_time,
    a_newer_link_voids_the_older,
    using_a_link_sets_the_password_and_ends_every_session,
    a_locked_account_has_no_live_link,
    a_locked_account_gets_no_link,
    an_overtaken_worker_issues_nothing,
    a_failure_half_way_leaves_nothing,
);
