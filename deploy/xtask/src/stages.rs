//! The stages of a task and their times.

use std::{
    fmt,
    time::{Duration, Instant},
};

use crate::failure::Failure;

/// The stages that were run, in order.
#[derive(Debug, Default)]
pub(crate) struct Stages(Vec<Stage>);

#[derive(Debug)]
struct Stage {
    name: &'static str,
    took: Duration,
    failed: bool,
}

impl Stages {
    /// Runs a stage and notes its time, also when it fails.
    pub(crate) fn run(&mut self, name: &'static str, work: impl FnOnce() -> Result<(), Failure>) -> Result<(), Failure> {
        println!("\n=== {name}");
        let start = Instant::now();
        let outcome = work();
        let stage = Stage { name, took: start.elapsed(), failed: outcome.is_err() };
        println!("=== {stage}");
        self.0.push(stage);
        outcome
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        row(f, self.name, self.took)?;
        f.write_str(if self.failed { "  FAILED" } else { "" })
    }
}

impl fmt::Display for Stages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for stage in &self.0 {
            writeln!(f, "{stage}")?;
        }
        row(f, "total", self.0.iter().map(|stage| stage.took).sum())
    }
}

fn row(f: &mut fmt::Formatter<'_>, name: &str, took: Duration) -> fmt::Result {
    write!(f, "{name:<10}{:>9.1} s", took.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_stage_is_in_the_table_and_its_failure_is_handed_on() {
        let mut stages = Stages::default();
        stages.run("good", || Ok(())).unwrap();
        stages.run("bad", || Err(Failure::Missing(Vec::new()))).unwrap_err();
        let table = stages.to_string();
        let rows: Vec<_> = table.lines().map(|line| (line.split(' ').next(), line.ends_with("FAILED"))).collect();
        assert_eq!(rows, [(Some("good"), false), (Some("bad"), true), (Some("total"), false)]);
    }

    #[test]
    fn times_stand_below_one_another() {
        let stage = |name, seconds| Stage { name, took: Duration::from_millis(seconds), failed: false };
        let stages = Stages(vec![stage("build", 754_250), stage("tests", 60_000)]);
        assert_eq!(stages.to_string(), "build         754.2 s\ntests          60.0 s\ntotal         814.2 s");
    }
}
