//! Who holds what, who left what, and which mails may have left the house once more.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::{Duration, Instant};

use uuid::Uuid;

use super::point::Point;

/// A process, by its number.
pub(super) type Process = u32;

#[derive(Debug, Clone, Copy)]
struct Held {
    attempt: i64,
    /// The mail that it sends.
    mail: Option<Uuid>,
}

#[derive(Debug, Clone, Copy)]
struct Orphan {
    since: Instant,
    /// The table had it as running after the kill: its work was not done before.
    seen: bool,
}

#[derive(Debug, Default)]
pub(super) struct Ledger {
    /// Jobs that a process works at.
    open: HashMap<Process, HashMap<Uuid, Held>>,
    /// Mails between the first byte to the server and the note that they were sent.
    gaps: HashMap<Process, HashSet<Uuid>>,
    /// What killed processes have left, by job and attempt.
    orphans: HashMap<(Uuid, i64), Orphan>,
    pub(super) kills: BTreeMap<Point, u32>,
    /// How often each mail was in its gap when its process was killed or overtaken: so often it may be there once more.
    pub(super) allowed: HashMap<Uuid, u32>,
    /// Orphans that went back into the queue, and how long the slowest has waited for that, on the wall.
    pub(super) taken_up: u32,
    pub(super) slowest: Duration,
    /// Jobs that went to another while their holder lived.
    pub(super) overtaken: u32,
}

impl Ledger {
    /// What a process has said.
    pub(super) fn hears(&mut self, process: Process, line: &str) {
        let words: Vec<&str> = line.split(' ').collect();
        let id = |place: usize| words.get(place).and_then(|word| word.parse::<Uuid>().ok());
        match (words.first().copied(), id(1)) {
            (Some("took"), Some(job)) => {
                let attempt = words.get(2).and_then(|word| word.parse().ok()).unwrap();
                self.took(process, job, Held { attempt, mail: id(3) });
            }
            (Some("ended"), Some(job)) => {
                let mail = self.open.entry(process).or_default().remove(&job).and_then(|held| held.mail);
                mail.map(|mail| self.gaps.entry(process).or_default().remove(&mail));
            }
            (Some("sending"), Some(mail)) => {
                self.gaps.entry(process).or_default().insert(mail);
            }
            (Some("noted"), Some(mail)) => {
                self.gaps.entry(process).or_default().remove(&mail);
            }
            _ => {}
        }
    }

    fn took(&mut self, process: Process, job: Uuid, held: Held) {
        let holders: Vec<Process> =
            self.open.iter().filter(|(_, jobs)| jobs.contains_key(&job)).map(|(holder, _)| *holder).collect();
        for holder in holders {
            self.overtaken += 1;
            self.open.entry(holder).or_default().remove(&job);
            if let Some(mail) = held.mail.filter(|mail| self.gaps.get(&holder).is_some_and(|gaps| gaps.contains(mail))) {
                *self.allowed.entry(mail).or_default() += 1;
            }
        }
        self.open.entry(process).or_default().insert(job, held);
    }

    /// A process is gone.
    pub(super) fn killed(&mut self, process: Process, point: Point, at: Instant) {
        *self.kills.entry(point).or_default() += 1;
        for (job, held) in self.open.remove(&process).unwrap_or_default() {
            self.orphans.insert((job, held.attempt), Orphan { since: at, seen: false });
        }
        for mail in self.gaps.remove(&process).unwrap_or_default() {
            *self.allowed.entry(mail).or_default() += 1;
        }
    }

    /// What the table says is running, asked after `asked`.
    pub(super) fn sees(&mut self, running: &HashSet<(Uuid, i64)>, asked: Instant) {
        let (taken_up, slowest) = (&mut self.taken_up, &mut self.slowest);
        self.orphans.retain(|job, orphan| {
            if orphan.since > asked {
                return true;
            }
            if running.contains(job) {
                orphan.seen = true;
                return true;
            }
            if orphan.seen {
                *taken_up += 1;
                *slowest = (*slowest).max(orphan.since.elapsed());
            }
            false
        });
    }

    /// A process was made to fall silent and to go on, and was not killed for that.
    pub(super) fn silenced(&mut self) {
        *self.kills.entry(Point::Overtaken).or_default() += 1;
    }
}
