//! What came of it.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use porter_kernel::db::Database;
use porter_testkit::Engine;
use uuid::Uuid;

use super::effect::count;
use super::ledger::Ledger;
use super::load::{Size, Work};

/// An orphan waits no longer than this, by the system's clock.
const ORPHANS_WAIT: Duration = Duration::from_secs(30);

/// The figures of a drill.
#[derive(Debug)]
pub(super) struct Figures {
    work: Work,
    ledger: Ledger,
    took: Duration,
    counts: BTreeMap<&'static str, i64>,
    /// How often each mail was caught, by its id.
    copies: HashMap<Uuid, u32>,
}

/// What is counted in the tables.
const COUNTS: [(&str, &str); 8] = [
    (
        "done",
        "SELECT COUNT(*) FROM job WHERE state = 'done' AND (kind LIKE 'drill%' OR kind = 'send_mail' OR kind = 'issue_certificate' \
         OR kind = 'password_reset_for_account')",
    ),
    ("dead", "SELECT COUNT(*) FROM job WHERE state = 'dead'"),
    ("effects", "SELECT COUNT(*) FROM drill_effect"),
    ("effects apart", "SELECT COUNT(DISTINCT job_id) FROM drill_effect"),
    ("certificates", "SELECT COUNT(*) FROM certificate"),
    ("resets", "SELECT COUNT(*) FROM password_reset"),
    ("mails", "SELECT COUNT(*) FROM mail"),
    ("mails sent", "SELECT COUNT(*) FROM mail WHERE sent_at IS NOT NULL"),
];

impl Figures {
    pub(super) async fn gather(db: &Database, caught: &[Uuid], work: &Work, ledger: Ledger, took: Duration) -> Self {
        let mut counts = BTreeMap::new();
        for (name, sql) in COUNTS {
            counts.insert(name, count(db, sql).await);
        }
        let mut copies = HashMap::new();
        for mail in caught {
            *copies.entry(*mail).or_default() += 1;
        }
        Self { work: work.clone(), ledger, took, counts, copies }
    }

    fn count(&self, name: &str) -> i64 {
        self.counts.get(name).copied().unwrap()
    }

    /// Mails that were caught more often than once.
    fn extra(&self) -> u32 {
        self.copies.values().map(|copies| copies - 1).sum()
    }

    /// By the drill's own clock.
    fn slowest(&self) -> Duration {
        self.ledger.slowest * self.work.size.factor
    }

    /// Shown when the drill is run by its name, with `--no-capture`.
    pub(super) fn print(&self, engine: Engine) {
        let Size { workers, factor, .. } = self.work.size;
        let (kills, jobs) = (self.ledger.kills.values().sum::<u32>(), self.work.size.jobs());
        println!(
            "kill -9 on {engine:?}: {jobs} jobs, {workers} processes at a time, {:.0} s, clock x{factor}",
            self.took.as_secs_f64()
        );
        println!("  {kills} ends: {:?}", self.ledger.kills);
        println!("  in the tables: {:?}", self.counts);
        println!(
            "  lost {}, effects twice {}, mails {} of {}, extra {} (allowed {})",
            i128::try_from(jobs).unwrap() - i128::from(self.count("done")),
            self.count("effects") - self.count("effects apart"),
            self.copies.len(),
            self.count("mails"),
            self.extra(),
            self.ledger.allowed.values().sum::<u32>(),
        );
        println!(
            "  {} orphans back in the queue, the slowest after {:.1} s; {} jobs overtaken",
            self.ledger.taken_up,
            self.slowest().as_secs_f64(),
            self.ledger.overtaken
        );
    }

    /// Everything that must not be, in words.
    pub(super) fn violations(&self) -> Vec<String> {
        let mut violations = Vec::new();
        let mut must = |holds: bool, otherwise: String| {
            if !holds {
                violations.push(otherwise);
            }
        };
        let Size { certificates, resets, effects, factor, .. } = self.work.size;
        let wanted = |number: u128| i64::try_from(number).unwrap();
        let (done, dead) = (self.count("done"), self.count("dead"));
        must(done == wanted(self.work.size.jobs()), format!("jobs are lost: {done} of {} are done", self.work.size.jobs()));
        must(dead == 0, format!("{dead} jobs are dead"));
        let (rows, apart) = (self.count("effects"), self.count("effects apart"));
        must(apart == wanted(effects), format!("effects are lost: {apart} of {effects}"));
        must(rows == apart, format!("{} effects are there more than once", rows - apart));
        for (name, number) in [("certificates", certificates), ("resets", resets), ("mails", certificates + resets)] {
            let found = self.count(name);
            must(found == wanted(number), format!("{found} {name} for {number}"));
        }
        let (mails, sent) = (self.count("mails"), self.count("mails sent"));
        must(sent == mails, format!("{sent} mails of {mails} are noted as sent"));
        must(i64::try_from(self.copies.len()).unwrap() == mails, format!("{} mails of {mails} were caught", self.copies.len()));
        for (mail, copies) in &self.copies {
            let allowed = 1 + self.ledger.allowed.get(mail).copied().unwrap_or_default();
            must(*copies <= allowed, format!("the mail {mail} was sent {copies} times, and {allowed} are allowed"));
        }
        for point in self.work.points {
            must(self.ledger.kills.contains_key(point), format!("no process ended at {point}"));
        }
        // With another clock it would be a figure of the machine.
        let slowest = self.slowest();
        must(factor > 1 || slowest <= ORPHANS_WAIT, format!("an orphan has waited {slowest:?}"));
        violations
    }
}
