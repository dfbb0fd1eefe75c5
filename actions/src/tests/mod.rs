//! The executor over a stateful LMS that can fail at the worst moment, on both engines; the HTTP client against a server that behaves like the LMS,
//! and against some that do not.

mod academy;
mod budgets;
mod crashes;
mod execution;
mod fake_lms;
mod http;
mod identities;
mod observed;
mod odd_servers;
mod record;
mod repetition;

use std::sync::Arc;

use porter_kernel::clock::ManualClock;
use porter_testkit::TestDb;
use uuid::Uuid;

pub(crate) use fake_lms::{FakeLms, Trouble};
use record::Stub;

use crate::catalogue::Context;
use crate::store::{Runs, migrate, open};
use crate::{About, ActionError, ActionName, Actions, At, IdentityToken, Lms as _, Outcome, Principal};

/// Ids of certificates.
pub(crate) const YOGA: Uuid = Uuid::from_u128(0xa1);
pub(crate) const WELDING: Uuid = Uuid::from_u128(0xa2);

/// What a file of the catalogue is tested with: an LMS with two learners, `anna` and `ben`, whose tokens are their names.
#[derive(Debug)]
pub(crate) struct Desk {
    pub(crate) lms: Arc<FakeLms>,
    pub(crate) clock: ManualClock,
    stub: Stub,
}

impl Desk {
    pub(crate) fn new() -> Self {
        let clock = ManualClock::default();
        Self { lms: Arc::new(FakeLms::new(clock.clone())), clock, stub: Stub }
    }

    pub(crate) fn context(&self, key: u128) -> Context<'_> {
        Context { lms: &*self.lms, clock: &self.clock, runs: &self.stub, key: Uuid::from_u128(key), target: None }
    }

    pub(crate) async fn anna(&self) -> Principal {
        self.lms.identify(&token("anna")).await.unwrap()
    }

    pub(crate) async fn ben(&self) -> Principal {
        self.lms.identify(&token("ben")).await.unwrap()
    }
}

pub(crate) fn token(text: &str) -> IdentityToken {
    IdentityToken::parse(text).unwrap()
}

/// The whole of it on one engine.
struct Bench {
    desk: Desk,
    actions: Arc<Actions>,
    runs: Arc<dyn Runs>,
    db: TestDb,
}

impl Bench {
    async fn open(db: TestDb) -> Self {
        migrate(&db.db).await.unwrap();
        let (desk, runs) = (Desk::new(), open(&db.db));
        let actions = Actions::new(desk.lms.clone(), Arc::clone(&runs), Arc::new(desk.clock.clone()));
        Self { desk, actions: Arc::new(actions), runs, db }
    }

    async fn run(&self, action: ActionName, key: u128) -> Result<Outcome, ActionError> {
        self.actions.run(&self.desk.anna().await, action, About::default(), at(key)).await
    }

    fn mails(&self) -> Vec<String> {
        self.desk.lms.mails()
    }
}

/// Everything is asked for in one conversation, unless a test says otherwise.
fn at(key: u128) -> At {
    At { conversation: Uuid::from_u128(0xc0), key: Uuid::from_u128(key) }
}

/// Starts so many calls and waits for all of them.
async fn at_once<T, W>(count: u128, call: impl Fn(u128) -> W) -> Vec<T>
where
    T: Send + 'static,
    W: Future<Output = T> + Send + 'static,
{
    let calls: Vec<_> = (0..count).map(|number| tokio::spawn(call(number))).collect();
    let mut outcomes = Vec::new();
    for call in calls {
        outcomes.push(call.await.unwrap());
    }
    outcomes
}
