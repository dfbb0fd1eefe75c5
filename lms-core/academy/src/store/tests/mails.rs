use super::*;

/// A mail that waits, with its job.
async fn waiting(world: &World) -> (Uuid, Job) {
    let mail = world.uuid();
    world.store.resend(world.uuid(), ANNA, ANNAS_CERTIFICATE, mail, world.tick()).await.unwrap();
    (mail, world.take_one(jobs::SEND_MAIL).await)
}

async fn a_mail_names_an_account_and_goes_to_its_present_address(world: World) {
    let (mail, _) = waiting(&world).await;
    world.execute("UPDATE account SET email = 'new@learner.example' WHERE email = 'anna@learner.example'").await;
    let (row, account) = world.store.mail(mail).await.unwrap().unwrap();
    assert_eq!((row.id, row.account, account.email.as_str()), (mail, ANNA, "new@learner.example"));
    assert!(world.store.mail(world.uuid()).await.unwrap().is_none());
}

async fn a_sent_mail_ends_its_job(world: World) {
    let (mail, job) = waiting(&world).await;
    assert_eq!(world.store.mails_waiting().await.unwrap(), 1);
    let sent = world.tick();
    world.store.mail_sent(&job, mail, sent).await.unwrap();
    assert_eq!(world.store.mail(mail).await.unwrap().unwrap().0.sent_at, Some(sent));
    assert_eq!(world.store.mails_waiting().await.unwrap(), 0);
    let again = world.store.mail_sent(&job, mail, world.tick()).await;
    assert!(matches!(again, Err(JobError::LeaseLost)), "{again:?}");
    assert_eq!(world.store.mail(mail).await.unwrap().unwrap().0.sent_at, Some(sent));
    // Too late to refuse it.
    world.store.mail_refused(mail, "no such mailbox", world.tick()).await.unwrap();
    assert_eq!(world.store.mail(mail).await.unwrap().unwrap().0.sent_at, Some(sent));
}

async fn a_refused_mail_does_not_wait(world: World) {
    let (mail, _) = waiting(&world).await;
    world.store.mail_refused(mail, "no such\0mailbox", world.tick()).await.unwrap();
    assert_eq!(world.store.mails_waiting().await.unwrap(), 0);
    assert_eq!(world.store.mail(mail).await.unwrap().unwrap().0.sent_at, None);
}

async fn an_overtaken_worker_has_not_sent_it(world: World) {
    let (mail, job) = waiting(&world).await;
    let job = world.lost(&job).await;
    let refused = world.store.mail_sent(&job, mail, world.tick()).await;
    assert!(matches!(refused, Err(JobError::LeaseLost)), "{refused:?}");
    assert_eq!(world.store.mail(mail).await.unwrap().unwrap().0.sent_at, None);
    assert_eq!(world.store.mails_waiting().await.unwrap(), 1);
}

porter_testkit::both_engines!(
    World::open;
    a_mail_names_an_account_and_goes_to_its_present_address,
    a_sent_mail_ends_its_job,
    a_refused_mail_does_not_wait,
    an_overtaken_worker_has_not_sent_it,
);
