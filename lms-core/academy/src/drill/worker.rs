//! A worker process.

use std::env;
use std::io::Read as _;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use porter_kernel::clock::Timestamp;
use porter_kernel::files::Stored;
use porter_kernel::ids::RandomIds;
use porter_kernel::jobs::{self as queue, Handler, LEASE, Timing, Worker};
use porter_kernel::shutdown::Shutdown;
use porter_mail::{SmtpMailer, SmtpSetting};
use tokio::process::{Child, Command};

use super::doubles::{Begun, FastClock, Post, Queue, Silent, TrapClock};
use super::point::{Point, Trap};
use super::{effect, wire};
use crate::jobs::{WorkerParts, handlers};
use crate::policy::Policy;
use crate::store;
use crate::tokens::SigningKey;

/// The environment's word.
const ORDER: &str = "PORTER_DRILL_WORKER";
/// Jobs at the same time.
const SLOTS: u32 = 4;

/// What a process is told.
#[derive(Debug, Clone)]
pub(super) struct Order {
    /// As in the configuration.
    pub(super) database: String,
    pub(super) smtp: String,
    pub(super) clock: FastClock,
    /// Where it ends, and at the how many-th time; at the end of the drill when there is none.
    pub(super) end: Option<(Point, i64)>,
}

impl Order {
    /// Starts a process with this order. It ends in good order when its input does.
    pub(super) fn start(&self) -> Child {
        let end = self.end.map(|(point, nth)| format!("{point} {nth}")).unwrap_or_default();
        let FastClock { origin, factor } = self.clock;
        let order = [self.database.clone(), self.smtp.clone(), origin.micros().to_string(), factor.to_string(), end].join("\n");
        let program: PathBuf = env::current_exe().unwrap();
        Command::new(program)
            .args(["drill::worker_process", "--exact", "--nocapture", "--test-threads=1"])
            .env(ORDER, order)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap()
    }

    pub(super) fn from_environment() -> Option<Self> {
        let order = env::var(ORDER).ok()?;
        let mut lines = order.split('\n');
        let mut next = || lines.next().unwrap().to_owned();
        let (database, smtp) = (next(), next());
        let clock = FastClock { origin: Timestamp::from_micros(next().parse().unwrap()).unwrap(), factor: next().parse().unwrap() };
        let end = next();
        let end = end.split_once(' ').map(|(point, nth)| (point.parse().unwrap(), nth.parse().unwrap()));
        Some(Self { database, smtp, clock, end })
    }
}

/// Works until its input ends, or it is killed.
pub(super) fn run(order: &Order) {
    let shutdown = Shutdown::default();
    let ended = shutdown.clone();
    std::thread::spawn(move || {
        let _ = std::io::stdin().lock().read_to_end(&mut Vec::new());
        ended.trigger();
    });
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(work(order, shutdown));
}

async fn work(order: &Order, shutdown: Shutdown) {
    let trap = Trap::new(order.end.map(|(point, _)| point), order.end.map_or(0, |(_, nth)| nth));
    let (clock, silent) = (order.clock, Silent::default());
    let database = wire::open(&order.database, &trap).await;
    let setting: SmtpSetting = order.smtp.parse().unwrap();
    let mailer = SmtpMailer::new(&setting, "Northlight Academy <support@northlight.example>", Arc::new(clock)).unwrap();
    let parts = WorkerParts {
        store: store::open(&database),
        mailer: Arc::new(Post { inner: mailer, trap: trap.clone() }),
        policy: Policy::sample(),
        clock: Arc::new(TrapClock { inner: clock, trap: trap.clone() }),
        ids: Arc::new(RandomIds),
        files: Arc::new(Stored::in_memory()),
        key: SigningKey::from_bytes([7; 32]),
        payments: None,
        public_url: "http://academy.example".to_owned(),
    };
    let mut all = handlers(parts);
    all.extend(effect::handlers(&database, clock, &trap, &silent));
    let begun = |inner| -> Arc<dyn Handler> { Arc::new(Begun { inner, trap: trap.clone() }) };
    let all = all.into_iter().map(begun).collect();
    let jobs = Arc::new(Queue { inner: queue::open(&database), trap: trap.clone(), silent });
    let timing = Timing { poll: Duration::from_secs(1) / clock.factor, lease: LEASE, beat: LEASE / 4 / clock.factor };
    Worker::new(jobs, Arc::new(clock), Arc::new(RandomIds), all).with_slots(SLOTS).with_timing(timing).run(shutdown).await;
    database.close().await;
}
