use proptest::prelude::*;

use super::*;

fn limit(key: &str, burst: u32, every: u64) -> Taking {
    Taking { key: key.to_owned(), burst, every: Duration::from_secs(every) }
}

async fn a_limit_lets_a_burst_through_and_then_one_at_a_time(world: World) {
    let limit = [limit("a", 3, 60)];
    for _ in 0..3 {
        assert_eq!(world.store.take(&limit, world.now()).await.unwrap(), Ok(()));
    }
    assert_eq!(world.store.take(&limit, world.now()).await.unwrap(), Err(Duration::from_secs(60)));
    world.clock.advance(Duration::from_secs(59));
    assert_eq!(world.store.take(&limit, world.now()).await.unwrap(), Err(Duration::from_secs(1)));
    world.clock.advance(Duration::from_secs(1));
    assert_eq!(world.store.take(&limit, world.now()).await.unwrap(), Ok(()));
    assert!(world.store.take(&limit, world.now()).await.unwrap().is_err());
    assert_eq!(world.store.take(&[self::limit("b", 3, 60)], world.now()).await.unwrap(), Ok(()), "another key is another limit");
}

async fn a_refusal_takes_nothing_of_the_others(world: World) {
    let (narrow, wide) = (limit("narrow", 1, 60), limit("wide", 2, 60));
    let both = [wide.clone(), narrow];
    let wide = [wide];
    assert_eq!(world.store.take(&both, world.now()).await.unwrap(), Ok(()));
    for _ in 0..5 {
        assert!(world.store.take(&both, world.now()).await.unwrap().is_err());
    }
    assert_eq!(world.store.take(&wide, world.now()).await.unwrap(), Ok(()));
    assert!(world.store.take(&wide, world.now()).await.unwrap().is_err());
    world.store.give_back(&wide).await.unwrap();
    assert_eq!(world.store.take(&wide, world.now()).await.unwrap(), Ok(()), "what was given back can be taken");
}

/// Another store on the same database is another process.
async fn a_limit_holds_across_processes_and_restarts(world: World) {
    let limit = [limit("a", 10, 60)];
    let other = open(&world.db.db);
    let mut passed = 0;
    for number in 0..20 {
        let store = if number % 2 == 0 { &world.store } else { &other };
        passed += usize::from(store.take(&limit, world.now()).await.unwrap().is_ok());
    }
    assert_eq!(passed, 10);
    let restarted = open(&world.db.db);
    assert!(restarted.take(&limit, world.now()).await.unwrap().is_err());
}

async fn of_many_at_once_no_more_than_the_burst_pass(world: World) {
    let taken = (0..40).map(|number| {
        let (store, now) = (Arc::clone(&world.store), world.now());
        // In different orders of keys: nobody waits in a circle.
        let (a, b) = (limit("a", 10, 60), limit("b", 100, 60));
        let takings = if number % 2 == 0 { [a, b] } else { [b, a] };
        tokio::spawn(async move { store.take(&takings, now).await.unwrap().is_ok() })
    });
    let mut passed = 0;
    for taken in taken.collect::<Vec<_>>() {
        passed += usize::from(taken.await.unwrap());
    }
    assert_eq!(passed, 10);
}

async fn full_limits_are_forgotten(world: World) {
    for number in 0..7 {
        world.store.take(&[limit(&number.to_string(), 2, 60)], world.now()).await.unwrap().unwrap();
    }
    assert_eq!(world.store.forget_full_limits(100, world.now()).await.unwrap(), 0);
    world.clock.advance(Duration::from_secs(60));
    world.store.take(&[limit("0", 2, 60)], world.now()).await.unwrap().unwrap();
    assert_eq!(world.store.forget_full_limits(4, world.now()).await.unwrap(), 4);
    assert_eq!(world.store.forget_full_limits(100, world.now()).await.unwrap(), 2);
    assert_eq!(world.rows("rate_limit").await, 1);
}

porter_testkit::both_engines!(
    World::open;
    a_limit_lets_a_burst_through_and_then_one_at_a_time,
    a_refusal_takes_nothing_of_the_others,
    a_limit_holds_across_processes_and_restarts,
    of_many_at_once_no_more_than_the_burst_pass,
    full_limits_are_forgotten,
);

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Whatever the pauses: in every span of time no more pass than the burst and one for each interval.
    #[test]
    fn no_span_of_time_sees_more_than_promised(pauses in prop::collection::vec(0_u64..40, 1..60), burst in 1_u32..6) {
        let seen = Arc::new(std::sync::Mutex::new(Vec::<u64>::new()));
        let kept = Arc::clone(&seen);
        porter_testkit::run(async move {
            let (_folder, sqlite) = porter_testkit::sqlite().await;
            let db = Database::Sqlite(sqlite);
            migrate_all(&db).await;
            let (store, clock) = (open(&db), ManualClock::default());
            let mut at = 0;
            for pause in pauses {
                at += pause;
                let now = clock.advance(Duration::from_secs(pause));
                if store.take(&[limit("a", burst, 10)], now).await.unwrap().is_ok() {
                    kept.lock().unwrap().push(at);
                }
            }
        });
        let passed = seen.lock().unwrap().clone();
        for (first, start) in passed.iter().enumerate() {
            for (count, end) in passed[first..].iter().enumerate() {
                let most = u64::from(burst) + (end - start) / 10;
                prop_assert!(u64::try_from(count).unwrap() < most + 1, "{:?}", passed);
            }
        }
    }
}

async fn migrate_all(db: &Database) {
    queue::migrate(db).await.unwrap();
    migrate(db).await.unwrap();
}
