//! The drill "read-your-writes": many people write once and look at what they wrote for a while, and the replica lags.

use porter_testkit::Cluster;
use tokio::time::{Instant, sleep_until};

use super::*;

const READS: u32 = 20;

/// How large the drill is. CI's window is shorter, with pauses in the same proportion to it.
struct Plan {
    users: u32,
    /// So many at once.
    batch: u32,
    /// Over which a person looks.
    window: Duration,
    /// The longest pause of the replica.
    lag: Duration,
    /// So many people in the world where a timer decides.
    by_timer: u32,
}

impl Plan {
    fn choose() -> Self {
        if std::env::var("PORTER_DRILL").as_deref() == Ok("full") {
            let (window, lag) = (Duration::from_secs(30), Duration::from_millis(9_500));
            Self { users: 10_000, batch: 1_700, window, lag, by_timer: 500 }
        } else {
            let (window, lag) = (Duration::from_secs(15), Duration::from_millis(4_750));
            Self { users: 120, batch: 120, window, lag, by_timer: 60 }
        }
    }
}

/// How a read chooses where it goes.
#[derive(Debug, Clone, Copy)]
enum Rule {
    /// By the position of one's last write.
    Position,
    /// What many do instead: the primary for two seconds, then a replica.
    Timer,
}

fn person(number: u32) -> AccountId {
    AccountId(Uuid::from_u128(0x1_0000_0000 + u128::from(number)))
}

/// As a browser does that gets a 503: again, until there is an answer.
async fn answered<T, F: Future<Output = Result<T>>>(ask: impl Fn() -> F) -> T {
    loop {
        match ask().await {
            Err(AcademyError::Database(error)) if error.is_transient() => tokio::task::yield_now().await,
            answer => return answer.unwrap(),
        }
    }
}

/// Writes, looks again and again. Gives how often the own write was not there.
async fn look(store: Arc<dyn AcademyStore>, number: u32, rule: Rule, begin: Instant, window: Duration) -> u32 {
    sleep_until(begin).await;
    let account = person(number);
    let certificate = SeedCertificate {
        id: account.0,
        account,
        course: FIRST,
        code: format!("DRILL-{number}"),
        issued_at: ManualClock::default().now(),
    };
    let seed = Seed { certificates: vec![certificate], ..Seed::default() };
    answered(|| store.seed(&seed)).await;
    let position = answered(|| store.position()).await.expect("there is a replica");
    let (written, mut missed) = (Instant::now(), 0);
    for read in 0..READS {
        sleep_until(written + window * read / (READS - 1)).await;
        let freshness = match rule {
            Rule::Position => Freshness::Since(position),
            Rule::Timer if written.elapsed() < Duration::from_secs(2) => Freshness::Fresh,
            Rule::Timer => Freshness::Stale,
        };
        missed += u32::from(answered(|| store.certificates(account, freshness)).await.is_empty());
    }
    missed
}

/// Everybody of `people`, beginning within a third of the window.
async fn crowd(store: &Arc<dyn AcademyStore>, people: std::ops::Range<u32>, rule: Rule, window: Duration) -> u32 {
    let now = Instant::now();
    let count = people.len().try_into().unwrap_or(1);
    let looks: Vec<_> = people
        .zip(0..)
        .map(|(number, place)| {
            let begin = now + window / 3 * place / count;
            tokio::spawn(look(Arc::clone(store), number, rule, begin, window))
        })
        .collect();
    let mut missed = 0;
    for look in looks {
        missed += look.await.unwrap();
    }
    missed
}

/// Pauses the replica for anything from nothing to `longest`, again and again.
async fn lagging(cluster: Arc<Cluster>, longest: Duration) {
    for turn in 1_u32.. {
        // The golden ratio spreads its multiples evenly.
        let part = (f64::from(turn) * 0.618_034).fract();
        cluster.replicas[0].pause_replay().await;
        sleep_until(Instant::now() + longest.mul_f64(part)).await;
        cluster.replicas[0].resume_replay().await;
        sleep_until(Instant::now() + Duration::from_millis(200)).await;
    }
}

#[test]
fn drill_read_your_writes() {
    porter_testkit::run(async {
        let plan = Plan::choose();
        let cluster = Arc::new(Cluster::start(1));
        let world = World::empty(cluster.database().await).await;
        let mut seed = seed(world.now());
        seed.certificates.clear();
        for number in 0..plan.users + plan.by_timer {
            seed.accounts.push(account(person(number), &format!("drill{number}@learner.example"), "Drill", world.now()));
        }
        world.store.seed(&seed).await.unwrap();
        let Database::Postgres(db) = &world.db.db else { unreachable!("a cluster is PostgreSQL's") };
        let seeded = world.store.position().await.unwrap().unwrap();
        while db.traffic().replicas == 0 {
            drop(db.read(Freshness::Since(seeded)).await.unwrap());
            tokio::task::yield_now().await;
        }
        let timers = cluster.database().await;
        let timed = open(&timers.db);

        let lagging = tokio::spawn(lagging(Arc::clone(&cluster), plan.lag));
        let (begun, before) = (Instant::now(), db.traffic());
        let by_timer =
            tokio::spawn(async move { crowd(&timed, plan.users..plan.users + plan.by_timer, Rule::Timer, plan.window).await });
        let mut missed = 0;
        for first in (0..plan.users).step_by(plan.batch as usize) {
            let people = first..plan.users.min(first + plan.batch);
            missed += crowd(&world.store, people, Rule::Position, plan.window).await;
        }
        let (missed_by_timer, traffic) = (by_timer.await.unwrap(), db.traffic());
        lagging.abort();

        let reads = u64::from(plan.users * READS);
        let (primary, replicas) = (traffic.primary - before.primary, traffic.replicas - before.replicas);
        // A read that had to be asked for again counts twice.
        assert!(primary + replicas >= reads);
        println!(
            "read-your-writes: {} users, {reads} reads over {:?} each, lag 0 to {:?}: {missed} stale own reads, {:.1} % off the primary; \
             by a timer of 2 s {missed_by_timer} of {} were stale; {:.0} s",
            plan.users,
            plan.window,
            plan.lag,
            100.0 * replicas as f64 / reads as f64,
            plan.by_timer * READS,
            begun.elapsed().as_secs_f64(),
        );
        assert_eq!(missed, 0, "somebody did not see the own write");
        assert!(replicas * 100 >= reads * 80, "too many reads went to the primary: {primary} of {reads}");
        assert!(missed_by_timer > 0, "the drill does not find out a timer");
    });
}
