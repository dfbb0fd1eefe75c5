use super::*;

async fn an_account_is_found_by_exactly_its_address(world: World) {
    let found = world.store.account_by_email("anna@learner.example").await.unwrap().unwrap();
    assert_eq!(found.password_hash, OLD_HASH);
    let anna = Account {
        id: ANNA,
        email: "anna@learner.example".to_owned(),
        name: "Anna Keller".to_owned(),
        role: Role::Learner,
        status: AccountStatus::Active,
        created_at: world.now(),
    };
    assert_eq!(found.account, anna);
    assert_eq!(world.store.account(ANNA).await.unwrap(), Some(anna));
    assert_eq!(world.store.account(AccountId(world.uuid())).await.unwrap(), None);
    for other in [
        "Anna@learner.example",
        "anna@learner.example ",
        "anna+x@learner.example",
        "anna%40learner.example",
        "аnna@learner.example",
        "anna@learner.example\0",
        "anna@learner.exampl_",
        "%",
        "",
    ] {
        assert!(world.store.account_by_email(other).await.unwrap().is_none(), "{other:?}");
    }
    let locked = world.store.account_by_email("hanna@learner.example").await.unwrap().unwrap();
    assert_eq!(locked.account.status, AccountStatus::Locked);
    assert_eq!(world.store.account_count().await.unwrap(), 3);
    assert_eq!(format!("{locked:?}"), format!("Credentials {{ account: {HANNA:?}, .. }}"), "no hash is printed");
}

async fn a_session_lives_until_it_ends(world: World) {
    let (id, token, now) = (world.uuid(), world.token(), world.now());
    let end = now + Duration::from_secs(60);
    world.store.create_session(id, &token.hash(), ANNA, now, end).await.unwrap();
    let (found, account) = world.store.session(&token.hash(), now).await.unwrap().unwrap();
    assert_eq!((found, account.id), (id, ANNA));
    assert_eq!(world.store.session_by_id(id, now).await.unwrap().unwrap().id, ANNA);

    assert!(world.store.session(&world.token().hash(), now).await.unwrap().is_none());
    assert!(world.store.session_by_id(world.uuid(), now).await.unwrap().is_none());
    assert!(world.store.session(&token.hash(), end).await.unwrap().is_none());
    assert!(world.store.session_by_id(id, end).await.unwrap().is_none());
}

async fn signing_out_ends_one_session(world: World) {
    let (first, second) = (world.signed_in(ANNA).await, world.signed_in(ANNA).await);
    world.store.delete_session(&first.hash()).await.unwrap();
    assert!(world.store.session(&first.hash(), world.now()).await.unwrap().is_none());
    assert!(world.store.session(&second.hash(), world.now()).await.unwrap().is_some());
    world.store.delete_session(&first.hash()).await.unwrap();
}

async fn a_session_ends_when_the_account_is_locked(world: World) {
    let id = world.uuid();
    let (token, now) = (world.token(), world.now());
    world.store.create_session(id, &token.hash(), ANNA, now, now + Duration::from_secs(60)).await.unwrap();
    world.execute("UPDATE account SET status = 'locked' WHERE email = 'anna@learner.example'").await;
    assert!(world.store.session(&token.hash(), now).await.unwrap().is_none());
    assert!(world.store.session_by_id(id, now).await.unwrap().is_none());
}

async fn only_an_active_account_gets_a_session(world: World) {
    for nobody in [HANNA, AccountId(world.uuid())] {
        let (now, token) = (world.now(), world.token());
        let refused = world.store.create_session(world.uuid(), &token.hash(), nobody, now, now + Duration::from_secs(60)).await;
        assert!(matches!(refused, Err(AcademyError::NotFound)), "{refused:?}");
    }
    assert_eq!(world.rows("session").await, 0);
}

async fn a_sign_in_needs_the_password_that_was_checked(world: World) {
    let checked = world.store.account_by_email("anna@learner.example").await.unwrap().unwrap();
    let sign_in = async |checked: &Credentials| {
        let (now, token) = (world.now(), world.token());
        world.store.sign_in(world.uuid(), &token.hash(), checked, now, now + Duration::from_secs(60)).await.unwrap()
    };
    assert!(sign_in(&checked).await);
    assert_eq!(world.rows("session").await, 1);

    // A link is used while the old password is being checked.
    let link = world.link(ANNA).await;
    world.store.redeem_reset(&link.hash(), "$argon2id$new", world.uuid(), world.tick()).await.unwrap();
    assert!(!sign_in(&checked).await, "the old password opens nothing");
    assert_eq!(world.rows("session").await, 0);
    let now_checked = world.store.account_by_email("anna@learner.example").await.unwrap().unwrap();
    assert!(sign_in(&now_checked).await);

    let locked = world.store.account_by_email("hanna@learner.example").await.unwrap().unwrap();
    assert!(!sign_in(&locked).await);
}

async fn old_sessions_do_not_pile_up(world: World) {
    for _ in 0..3 {
        world.signed_in(ANNA).await;
        world.signed_in(BRUNO).await;
        world.clock.advance(Duration::from_secs(4_000));
    }
    world.signed_in(ANNA).await;
    assert_eq!(world.rows("session").await, 2, "Anna's newest, and one of Bruno's");
}

porter_testkit::both_engines!(
    World::open;
    an_account_is_found_by_exactly_its_address,
    a_session_lives_until_it_ends,
    signing_out_ends_one_session,
    a_session_ends_when_the_account_is_locked,
    only_an_active_account_gets_a_session,
    a_sign_in_needs_the_password_that_was_checked,
    old_sessions_do_not_pile_up,
);
