//! Drills: tests that CI runs small, here at their full size. Their figures are shown as they come.

use clap::ValueEnum;

use crate::{
    failure::Failure,
    process,
    stages::Stages,
    test::{self, Built, Options, Profile},
};

/// Tells the attack that it is a drill.
const DRILL: (&str, &str) = ("PORTER_DRILL", "full");
/// How often races are run.
const TRIALS: (&str, &str) = ("PORTER_TRIALS", "300");

/// What can be drilled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Drill {
    /// 10,000 turns with the worst of all models: no effect beyond the session's rights
    Attack,
    /// 500 hostile forms of an address: mail to none but the address on file
    Addresses,
    /// kill -9 of worker processes at named points and at random: 20,000 jobs an engine, nothing lost, nothing twice
    KillWorkers,
    /// One reset link used by 32 requests at once, 300 times on both engines: one success each
    Redeem,
    /// 1,000,000 learners on PostgreSQL beside 10,000: no large table is read from end to end, and nobody waits twice as long
    Million,
    /// 10,000 learners complete a lesson in the same second, on both engines: none lost, none double
    Herd,
    /// 100,000 sequences of each state machine and of the ledger against a model, 2,000 of them through a database
    Sequences,
    /// 1,000 certificates with names of all scripts and lengths: PDFs a second per core
    Certificates,
    /// A password is forgotten while 50,000 learners are told something: on both engines the link comes first
    Announcements,
    /// 10,000 users write and look 20 times while the replica lags 0 to 10 s: nobody misses their own write
    ReadYourWrites,
    /// The database's primary killed 20 times under writes: nothing acknowledged is lost
    PrimaryKilled,
}

impl Drill {
    /// Which tests it is, for nextest.
    fn filter(self) -> &'static str {
        match self {
            Self::Attack => "test(/drill_attack/)",
            Self::Addresses => "test(/reaches_nobody_by_a_hostile_address/)",
            Self::KillWorkers => "test(/drill_kill_workers/)",
            Self::Redeem => "test(/of_many_uses_of_a_link_one_succeeds/)",
            Self::Million => "test(/drill_million/)",
            Self::Herd => "test(/drill_herd/)",
            Self::Sequences => "test(/drill_sequences/)",
            Self::Announcements => "test(/a_reset_overtakes_an_announcement/)",
            Self::Certificates => "test(/drill_certificates/)",
            Self::ReadYourWrites => "test(/drill_read_your_writes/)",
            Self::PrimaryKilled => "test(/drill_primary_killed/)",
        }
    }
}

pub(crate) fn run(drill: Drill, stages: &mut Stages) -> Result<(), Failure> {
    let built = Built::beside_this_program()?;
    stages.run("build", || process::run(&mut test::build()))?;
    stages.run("drill", || {
        let options = Options { filter: Some(drill.filter().to_owned()), doc: false };
        process::run(built.tests(&options, Profile::Default).arg("--no-capture").envs([DRILL, TRIALS]))
    })
}
