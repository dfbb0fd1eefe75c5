//! Where a process ends.

use std::fmt;
use std::io::Write as _;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// A named point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Point {
    /// The table says that the jobs are this worker's; the worker has not heard it.
    BeforeTakesAnswer,
    /// The handler is about to begin.
    AfterTake,
    /// The handler knows what it will change.
    BeforeFence,
    /// In the transaction, behind the fence and the change.
    BehindFence,
    /// Any transaction of the process, before it is committed.
    BeforeCommit,
    /// The change is committed; the queue has not heard that the job is done.
    AfterCommit,
    /// The server has taken the mail; the table does not know it.
    AfterFinalDot,
    /// Not killed: no sign of life for longer than a lease, then on with it.
    Overtaken,
    /// Anywhere, whenever.
    Random,
}

impl Point {
    pub(super) const ALL: [Self; 9] = [
        Self::BeforeTakesAnswer,
        Self::AfterTake,
        Self::BeforeFence,
        Self::BehindFence,
        Self::BeforeCommit,
        Self::AfterCommit,
        Self::AfterFinalDot,
        Self::Overtaken,
        Self::Random,
    ];
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl FromStr for Point {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|point| point.to_string() == text).ok_or_else(|| format!("no such point: {text}"))
    }
}

/// The end of one process: at the `n`th time that it comes to its point.
#[derive(Debug, Clone)]
pub(super) struct Trap(Option<(Point, Arc<AtomicI64>)>);

impl Trap {
    pub(super) fn new(point: Option<Point>, nth: i64) -> Self {
        Self(point.map(|point| (point, Arc::new(AtomicI64::new(nth)))))
    }

    /// Whether it is now.
    pub(super) fn springs(&self, here: Point) -> bool {
        matches!(&self.0, Some((point, left)) if *point == here && left.fetch_sub(1, Ordering::SeqCst) == 1)
    }

    /// Ends the process if it is now. The thread goes no further: who has started the process kills it.
    pub(super) fn at(&self, here: Point) {
        if self.springs(here) {
            say(&format!("dying {here}"));
            loop {
                std::thread::park();
            }
        }
    }
}

/// Tells who has started this process, in one write: what is said before a kill was said.
pub(super) fn say(what: &str) {
    let line = format!("\n@{what}\n");
    let _ = std::io::stdout().lock().write_all(line.as_bytes()).and_then(|()| std::io::stdout().lock().flush());
}
