use std::fmt::Debug;

/// Where long work says how far it is. The binary draws bars; tests and libraries stay silent.
pub trait Progress: Send + Sync + Debug {
    /// A task begins: what it is, and how many steps or bytes it has when that is known.
    fn start(&self, task: &str, total: Option<u64>);
    /// `steps` more of the present task are done.
    fn advance(&self, steps: u64);
    /// The present task is over.
    fn finish(&self);
}

/// Says nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoProgress;

impl Progress for NoProgress {
    fn start(&self, _task: &str, _total: Option<u64>) {}
    fn advance(&self, _steps: u64) {}
    fn finish(&self) {}
}
