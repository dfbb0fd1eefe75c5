//! People and keys, as administrators see them.

use super::*;

impl World {
    async fn with_administrators(db: TestDb) -> Self {
        let world = Self::open(db).await;
        world
            .execute("UPDATE account SET role = 'administrator' WHERE email IN ('anna@learner.example', 'bruno@learner.example')")
            .await;
        world
    }
}

async fn people_are_found_by_the_beginning_of_their_name(world: World) {
    let names = async |prefix: &str, after: Option<(&str, AccountId)>, limit: i64| {
        let found = world.store.people(prefix, after, limit).await.unwrap();
        found.into_iter().map(|account| account.name).collect::<Vec<_>>()
    };
    assert_eq!(names("", None, 10).await, ["Anna Keller", "Bruno Costa", "Hanna Berg"]);
    assert_eq!(names("Ann", None, 10).await, ["Anna Keller"]);
    assert_eq!(names("hanna b", None, 10).await, ["Hanna Berg"]);
    assert!(names("%", None, 10).await.is_empty() && names("nna", None, 10).await.is_empty());
    assert_eq!(names("", None, 2).await, ["Anna Keller", "Bruno Costa"]);
    assert_eq!(names("", Some(("Bruno Costa", BRUNO)), 2).await, ["Hanna Berg"]);
    assert_eq!(world.store.person(HANNA).await.unwrap().unwrap().account.status, AccountStatus::Locked);
    assert!(world.store.person(AccountId(world.uuid())).await.unwrap().is_none());
}

async fn a_decision_is_noted_with_who_made_it(world: World) {
    let decide = async |id, decision, by| world.store.decide_about(id, decision, by, world.uuid(), world.tick()).await;
    decide(HANNA, PersonDecision::Unlock, ANNA).await.unwrap();
    decide(HANNA, PersonDecision::Role(Role::Instructor), BRUNO).await.unwrap();
    decide(HANNA, PersonDecision::Role(Role::Instructor), BRUNO).await.unwrap();
    let session = world.signed_in(HANNA).await;
    let link = world.link(HANNA).await;
    decide(HANNA, PersonDecision::Lock, ANNA).await.unwrap();
    assert!(world.store.session(&session.hash(), world.now()).await.unwrap().is_none());
    assert_eq!(world.rows("session").await, 0);
    decide(HANNA, PersonDecision::Unlock, ANNA).await.unwrap();
    assert!(world.store.live_reset(&link.hash(), world.now()).await.unwrap().is_none(), "links of before do not come back");
    let changes: Vec<_> = world.store.person_changes(HANNA).await.unwrap();
    let words: Vec<_> = changes.iter().map(|change| (change.by.as_str(), change.was.as_str(), change.now_is.as_str())).collect();
    assert_eq!(
        words,
        [
            ("Anna Keller", "locked", "active"),
            ("Anna Keller", "active", "locked"),
            ("Bruno Costa", "learner", "instructor"),
            ("Anna Keller", "locked", "active"),
        ]
    );
}

async fn nobody_locks_or_demotes_themselves_and_only_administrators_decide(world: World) {
    for decision in [PersonDecision::Lock, PersonDecision::Role(Role::Learner)] {
        let own = world.store.decide_about(ANNA, decision, ANNA, world.uuid(), world.tick()).await;
        assert!(matches!(own, Err(AcademyError::NotYourself)), "{own:?}");
        let learner = world.store.decide_about(ANNA, decision, HANNA, world.uuid(), world.tick()).await;
        assert!(matches!(learner, Err(AcademyError::NotFound)), "{learner:?}");
    }
    world.store.decide_about(BRUNO, PersonDecision::Role(Role::Learner), ANNA, world.uuid(), world.tick()).await.unwrap();
    let demoted = world.store.decide_about(ANNA, PersonDecision::Lock, BRUNO, world.uuid(), world.tick()).await;
    assert!(matches!(demoted, Err(AcademyError::NotFound)), "{demoted:?}");
    assert_eq!(world.rows("account_change").await, 1);
}

async fn two_administrators_who_change_each_other_do_not_wait_for_ever(world: World) {
    let both = [(ANNA, BRUNO), (BRUNO, ANNA)].map(|(id, by)| {
        let (store, note, now) = (Arc::clone(&world.store), world.uuid(), world.now());
        tokio::spawn(async move { store.decide_about(id, PersonDecision::Role(Role::Learner), by, note, now).await })
    });
    let mut done = 0;
    for decided in both {
        match decided.await.unwrap() {
            Ok(()) => done += 1,
            Err(AcademyError::NotFound) => {}
            Err(error) => panic!("{error:?}"),
        }
    }
    assert_eq!(done, 1, "the second is no administrator any more");
}

async fn a_key_opens_its_scopes_while_it_lives(world: World) {
    let token = world.token();
    let key = NewApiKey {
        id: world.uuid(),
        name: "Desk\0".to_owned(),
        prefix: "porter_abc".to_owned(),
        token: token.hash(),
        scopes: vec![ApiScope::Support, ApiScope::Inbound],
        made_by: ANNA,
        expires_at: Some(world.now() + Duration::from_hours(24)),
    };
    for _ in 0..2 {
        world.store.add_api_key(&key, world.now()).await.unwrap();
    }
    let used = async |token: &Token, scope| world.store.use_api_key(&token.hash(), scope, world.now()).await.unwrap();
    assert_eq!(used(&token, ApiScope::Reports).await, None);
    assert_eq!(used(&world.token(), ApiScope::Support).await, None);
    assert_eq!(used(&token, ApiScope::Support).await, Some(key.id));
    let first = world.now();
    world.clock.advance(Duration::from_mins(30));
    assert_eq!(used(&token, ApiScope::Inbound).await, Some(key.id));
    let listed = world.store.api_keys().await.unwrap().remove(0);
    assert_eq!(
        (listed.used_at, listed.name.as_str(), listed.made_by.as_str()),
        (Some(first), "Desk\u{fffd}", "Anna Keller"),
        "coarse"
    );
    assert!(listed.is_live(world.now()) && listed.scopes == key.scopes);

    world.clock.advance(Duration::from_hours(24));
    assert_eq!(used(&token, ApiScope::Support).await, None, "run out");
    let other = NewApiKey { id: world.uuid(), token: world.token().hash(), expires_at: None, ..key };
    world.store.add_api_key(&other, world.now()).await.unwrap();
    assert!(world.store.use_api_key(&other.token, ApiScope::Support, world.now()).await.unwrap().is_some());
    world.store.revoke_api_key(other.id, world.now()).await.unwrap();
    assert!(world.store.use_api_key(&other.token, ApiScope::Support, world.now()).await.unwrap().is_none());
    for id in [other.id, world.uuid()] {
        assert!(matches!(world.store.revoke_api_key(id, world.now()).await, Err(AcademyError::NotFound)));
    }
}

porter_testkit::both_engines!(
    World::with_administrators;
    people_are_found_by_the_beginning_of_their_name,
    a_decision_is_noted_with_who_made_it,
    nobody_locks_or_demotes_themselves_and_only_administrators_decide,
    two_administrators_who_change_each_other_do_not_wait_for_ever,
    a_key_opens_its_scopes_while_it_lives,
);
