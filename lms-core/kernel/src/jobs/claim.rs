//! The statements that differ between the engines: taking rows without waiting for others who take.
//!
//! The rows are picked in a CTE that is computed once; in a sub-query PostgreSQL may pick anew for every row and take too many.

use super::rows::job;

/// Taking on one engine. `$2` is always the worker, `$3` now and `$4` the end of the lease.
pub(super) trait Claiming {
    /// Frees what lost workers have left: `$1` now, `$2` the reason. Gives id, kind, attempt and state.
    const RESCUE: &'static str;
    /// Takes waiting jobs of one priority: `$1` kinds, `$5` how many, `$6` the priority. Gives [`JobRow`](super::rows::JobRow)s.
    const CLAIM: &'static str;
    /// Takes dead jobs to report: `$1` kinds, `$5` how many. Gives [`JobRow`](super::rows::JobRow)s.
    const CLAIM_UNREPORTED: &'static str;
}

macro_rules! statements {
    ($kinds:literal, $lock:literal) => {
        const RESCUE: &'static str = concat!(
            "WITH picked AS MATERIALIZED (SELECT id AS picked_id FROM job WHERE state = 'running' AND lease_until <= $1 ",
            $lock,
            ") UPDATE job SET state = CASE WHEN attempt < max_attempts THEN 'waiting' ELSE 'dead' END, \
             ended_at = CASE WHEN attempt < max_attempts THEN NULL ELSE $1 END, \
             last_failure = $2, owner = NULL, lease_until = NULL \
             FROM picked WHERE id = picked_id RETURNING id, kind, attempt, state"
        );
        const CLAIM: &'static str = concat!(
            "WITH picked AS MATERIALIZED (SELECT id AS picked_id FROM job \
             WHERE state = 'waiting' AND priority = $6 AND run_at <= $3 AND kind IN ",
            $kinds,
            " ORDER BY run_at, id LIMIT $5 ",
            $lock,
            ") UPDATE job SET state = 'running', owner = $2, lease_until = $4, attempt = attempt + 1 \
             FROM picked WHERE id = picked_id RETURNING ",
            job!()
        );
        const CLAIM_UNREPORTED: &'static str = concat!(
            "WITH picked AS MATERIALIZED (SELECT id AS picked_id FROM job \
             WHERE state = 'dead' AND reported_at IS NULL AND (lease_until IS NULL OR lease_until <= $3) AND kind IN ",
            $kinds,
            " ORDER BY ended_at, id LIMIT $5 ",
            $lock,
            ") UPDATE job SET owner = $2, lease_until = $4 FROM picked WHERE id = picked_id RETURNING ",
            job!()
        );
    };
}

/// There is one writer at a time, so there is nobody to step around.
impl Claiming for sqlx::Sqlite {
    statements!("(SELECT value FROM json_each($1))", "");
}

/// Steps around rows that other transactions have locked: other takers, and handlers behind their fence.
impl Claiming for sqlx::Postgres {
    statements!("(SELECT jsonb_array_elements_text($1))", "FOR UPDATE SKIP LOCKED");
}
