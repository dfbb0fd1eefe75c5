//! The processes: started, killed, replaced.

use std::collections::HashMap;
use std::os::unix::process::ExitStatusExt as _;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use porter_kernel::clock::{Clock as _, SystemClock};
use porter_kernel::db::{Database, DatabaseSetting};
use porter_kernel::ids::RandomIds;
use porter_kernel::jobs::{self as queue, LEASE};
use porter_kernel::shutdown::Shutdown;
use porter_mail::Folder;
use porter_mail::sink::Sink;
use porter_testkit::Engine;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, timeout_at};
use uuid::Uuid;

use super::doubles::FastClock;
use super::effect;
use super::ledger::{Ledger, Process};
use super::load::Work;
use super::point::Point;
use super::verdict::Figures;
use super::worker::Order;
use crate::store;

/// How often orphans and mails are looked after.
const LOOK: Duration = Duration::from_millis(200);

/// What the keepers of the processes share.
pub(super) struct Crew {
    order: Order,
    work: Work,
    ledger: Mutex<Ledger>,
    plans: Mutex<Plans>,
    database: Database,
    mailbox: Folder,
    /// Every mail that came in, by the id of its coming: the mailbox forgets the oldest.
    caught: Mutex<HashMap<Uuid, Uuid>>,
    /// All is done.
    over: Shutdown,
}

/// The ends of the processes to come.
struct Plans {
    random: u64,
    started: u32,
}

impl Plans {
    /// A number below `limit`. The same in every drill, as far as processes let it be.
    fn below(&mut self, limit: u64) -> u64 {
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.random >> 33) % limit
    }
}

impl Crew {
    /// The whole drill on one engine.
    pub(super) async fn drill(engine: Engine, work: Work) -> Figures {
        let folder = tempfile::tempdir().unwrap();
        let url = match engine {
            Engine::Sqlite => format!("sqlite:{}", folder.path().join("academy.db").display()),
            Engine::Postgres => porter_testkit::postgres().fresh_database().await.to_string(),
        };
        let setting: DatabaseSetting = url.parse().unwrap();
        let database = Database::open(&setting, None).await.unwrap();
        queue::migrate(&database).await.unwrap();
        store::migrate(&database).await.unwrap();
        effect::prepare(&database).await;
        let clock = FastClock { origin: SystemClock.now(), factor: work.size.factor };
        let (academy, jobs) = (store::open(&database), queue::open(&database));
        academy.seed(&work.people(clock)).await.unwrap();

        let address = "127.0.0.1:0".parse().unwrap();
        let sink = Sink::bind(address, &folder.path().join("mail"), Arc::new(SystemClock), Arc::new(RandomIds)).await.unwrap();
        let (smtp, mailbox, closing) = (format!("smtp://{}", sink.local_addr().unwrap()), sink.folder(), Shutdown::default());
        let serving = tokio::spawn(sink.serve(closing.clone()));

        let crew = Arc::new(Self {
            order: Order { database: url, smtp, clock, end: None },
            work: work.clone(),
            ledger: Mutex::default(),
            plans: Mutex::new(Plans { random: 4, started: 0 }),
            database: database.clone(),
            mailbox,
            caught: Mutex::default(),
            over: Shutdown::default(),
        });
        let began = Instant::now();
        let mut keepers = JoinSet::new();
        for _ in 0..work.size.workers {
            keepers.spawn(Arc::clone(&crew).keep());
        }
        let watching = tokio::spawn(Arc::clone(&crew).watch());
        tokio::select! {
            () = work.feed(&database, &academy, &jobs, clock) => {}
            Some(ended) = keepers.join_next() => panic!("a keeper ended before the work: {ended:?}"),
        }
        let took = began.elapsed();
        crew.over.trigger();
        while let Some(ended) = keepers.join_next().await {
            ended.unwrap();
        }
        closing.trigger();
        serving.await.unwrap();
        watching.abort();
        crew.collect();
        let ledger = std::mem::take(&mut *crew.ledger.lock().unwrap());
        let caught: Vec<Uuid> = crew.caught.lock().unwrap().values().copied().collect();
        let figures = Figures::gather(&database, &caught, &work, ledger, took).await;
        database.close().await;
        figures
    }

    /// Looks after orphans and mails, now and then.
    async fn watch(self: Arc<Self>) {
        let mut look = interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            look.tick().await;
            let asked = Instant::now();
            if let Ok(running) = effect::running(&self.database).await {
                self.ledger.lock().unwrap().sees(&running, asked);
            }
            self.collect();
        }
    }

    /// Reads the ids of the mails that came in.
    fn collect(&self) {
        let mut caught = self.caught.lock().unwrap();
        for mail in self.mailbox.newest(None, None, usize::MAX) {
            let id = mail.message_id.unwrap();
            let id = id.trim_start_matches('<').split('@').next().unwrap().parse().unwrap();
            caught.insert(mail.id, id);
        }
    }

    /// One process after another, until all is done.
    async fn keep(self: Arc<Self>) {
        while !self.over.is_triggered() {
            let (process, end) = self.next();
            self.attend(process, end).await;
        }
    }

    /// Its number, and how the next process ends.
    fn next(&self) -> (Process, Option<(Point, i64)>) {
        let mut plans = self.plans.lock().unwrap();
        let (process, points) = (plans.started, self.work.points);
        plans.started += 1;
        if process >= self.work.size.kills {
            return (process, None);
        }
        let point = points[usize::try_from(process).unwrap() % points.len()];
        let patience = u64::try_from(self.work.size.patience).unwrap() * if point == Point::BeforeCommit { 3 } else { 1 };
        let nth = 1 + i64::try_from(plans.below(patience)).unwrap();
        (process, Some((point, nth)))
    }

    /// Starts a process, hears what it says, and kills it where it should end.
    async fn attend(&self, process: Process, end: Option<(Point, i64)>) {
        let factor = self.work.size.factor;
        let mut child = Order { end, ..self.order.clone() }.start();
        let (mut input, output) = (child.stdin.take(), child.stdout.take().unwrap());
        let mut lines = BufReader::new(output).lines();
        let (mut killed, mut random_at) = (None, None);
        loop {
            let line = tokio::select! {
                line = lines.next_line() => line.unwrap(),
                () = self.over.triggered(), if input.is_some() => {
                    // Its sign to end in good order.
                    input = None;
                    continue;
                }
                () = at(random_at), if killed.is_none() => {
                    let _ = child.start_kill();
                    killed = Some((Point::Random, Instant::now()));
                    continue;
                }
            };
            let Some(line) = line else { break };
            let Some(said) = line.strip_prefix('@') else { continue };
            let now = Instant::now();
            if let Some(point) = said.strip_prefix("dying ") {
                let _ = child.start_kill();
                killed = Some((point.parse().unwrap(), now));
            } else if said.starts_with("silent ") {
                self.ledger.lock().unwrap().silenced();
                // It goes on after that, and dies later: somewhere.
                random_at = Some(now + LEASE * 2 / factor);
            } else {
                if random_at.is_none() && end.is_some_and(|(point, _)| point == Point::Random) {
                    let spread = u64::try_from(self.work.size.patience).unwrap() * 80;
                    random_at = Some(now + Duration::from_millis(self.plans.lock().unwrap().below(spread)));
                }
                self.ledger.lock().unwrap().hears(process, said);
            }
        }
        let status = child.wait().await.unwrap();
        match killed {
            // One that came to its end just before is no kill.
            Some((point, at)) if status.signal() == Some(9) => self.ledger.lock().unwrap().killed(process, point, at),
            _ => assert!(status.success(), "a worker process ended by itself: {status}"),
        }
    }
}

/// Waits until then, or for ever.
async fn at(moment: Option<Instant>) {
    match moment {
        Some(moment) => {
            let _ = timeout_at(moment.into(), std::future::pending::<()>()).await;
        }
        None => std::future::pending().await,
    }
}
