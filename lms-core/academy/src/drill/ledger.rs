//! Who holds what, who left what, and which mails may have left the house once more.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::{Duration, Instant};

use uuid::Uuid;

use super::point::Point;

/// A process, by its number.
pub(super) type Process = u32;

#[derive(Debug, Default)]
pub(super) struct Ledger {
    /// Jobs that a process works at, with their mails.
    open: HashMap<Process, HashMap<Uuid, Option<Uuid>>>,
    /// Mails between the first byte to the server and the note that they were sent.
    gaps: HashMap<Process, HashSet<Uuid>>,
    /// Jobs that killed processes have left, and since when.
    orphans: HashMap<Uuid, Instant>,
    pub(super) kills: BTreeMap<Point, u32>,
    /// How often each mail was in its gap when its process was killed or overtaken: so often it may be there once more.
    pub(super) allowed: HashMap<Uuid, u32>,
    /// Orphans that were taken up, and how long the slowest has waited, on the wall.
    pub(super) taken_up: u32,
    pub(super) slowest: Duration,
    /// Jobs that went to another while their holder lived.
    pub(super) overtaken: u32,
}

impl Ledger {
    /// What a process has said.
    pub(super) fn hears(&mut self, process: Process, line: &str, at: Instant) {
        let words: Vec<&str> = line.split(' ').collect();
        let id = |place: usize| words.get(place).and_then(|word| word.parse::<Uuid>().ok());
        match (words.first().copied(), id(1)) {
            (Some("took"), Some(job)) => self.took(process, job, id(3), at),
            (Some("ended"), Some(job)) => {
                let mail = self.open.entry(process).or_default().remove(&job).flatten();
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

    fn took(&mut self, process: Process, job: Uuid, mail: Option<Uuid>, at: Instant) {
        if let Some(left) = self.orphans.remove(&job) {
            self.taken_up += 1;
            self.slowest = self.slowest.max(at.saturating_duration_since(left));
        }
        let holders: Vec<Process> =
            self.open.iter().filter(|(_, jobs)| jobs.contains_key(&job)).map(|(holder, _)| *holder).collect();
        for holder in holders {
            self.overtaken += 1;
            self.open.entry(holder).or_default().remove(&job);
            if let Some(mail) = mail.filter(|mail| self.gaps.get(&holder).is_some_and(|gaps| gaps.contains(mail))) {
                *self.allowed.entry(mail).or_default() += 1;
            }
        }
        self.open.entry(process).or_default().insert(job, mail);
    }

    /// A process is gone.
    pub(super) fn killed(&mut self, process: Process, point: Point, at: Instant) {
        *self.kills.entry(point).or_default() += 1;
        for job in self.open.remove(&process).unwrap_or_default().into_keys() {
            self.orphans.insert(job, at);
        }
        for mail in self.gaps.remove(&process).unwrap_or_default() {
            *self.allowed.entry(mail).or_default() += 1;
        }
    }

    /// A process was made to fall silent and to go on, and was not killed for that.
    pub(super) fn silenced(&mut self) {
        *self.kills.entry(Point::Overtaken).or_default() += 1;
    }
}
