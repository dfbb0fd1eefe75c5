//! Cases that were written when every rule and setting had been chosen. The older ones were looked at while that was done, so what they say flatters; the difference between the
//! two is by how much.

use crate::run::{Measure, Run};

/// How the ids of such cases begin: triage, questions, and questions without an answer.
const HELD_OUT: [&str; 3] = ["t4-", "q4-", "u4-"];
/// Cases that were held out before, and rules changed with them in sight.
const FORMERLY: [&str; 3] = ["t3-", "q3-", "u3-"];

pub(crate) fn is_held_out(id: &str) -> bool {
    HELD_OUT.iter().any(|prefix| id.starts_with(prefix))
}

/// Whether a case is what learners write every day, in every day's words.
pub(crate) fn is_everyday(id: &str) -> bool {
    is_held_out(id) || FORMERLY.iter().any(|prefix| id.starts_with(prefix))
}

/// Adds to a run of all cases what `part` says of those held out, and of the others.
pub(crate) fn add_parts(run: &mut Run, names: &[&str], part: impl Fn(bool) -> Vec<Measure>) {
    for (held_out, suffix) in [(false, "seen"), (true, "held_out")] {
        for mut measure in part(held_out).into_iter().filter(|own| names.contains(&own.name.as_str())) {
            measure.name = format!("{}_{suffix}", measure.name);
            run.measures.push(measure);
        }
    }
}
