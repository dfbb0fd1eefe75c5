-- The twin in ../sqlite makes the same schema; a test compares them.

CREATE TABLE job (
    id           UUID        NOT NULL PRIMARY KEY,
    kind         TEXT        NOT NULL,
    payload      JSONB       NOT NULL,
    priority     BIGINT      NOT NULL, -- 0 bulk, 1 normal, 2 urgent
    unique_key   TEXT,
    state        TEXT        NOT NULL, -- waiting, running, done or dead
    run_at       TIMESTAMPTZ NOT NULL, -- not before
    owner        UUID, -- the worker that holds it, or that did it
    lease_until  TIMESTAMPTZ, -- while a worker holds it
    attempt      BIGINT      NOT NULL, -- 0 until it is taken; never goes down, so that no two holders share one
    max_attempts BIGINT      NOT NULL, -- the last attempt of this life
    budget       BIGINT      NOT NULL, -- attempts that each life has
    last_failure TEXT,
    enqueued_at  TIMESTAMPTZ NOT NULL,
    ended_at     TIMESTAMPTZ, -- when it was done or died
    reported_at  TIMESTAMPTZ -- when its handler knew that it is dead
);
CREATE UNIQUE INDEX job_by_unique_key ON job (unique_key) WHERE unique_key IS NOT NULL;
-- Each holds only rows of its state, so that looking for work does not slow down as done jobs pile up.
CREATE INDEX job_waiting ON job (priority DESC, run_at, id) WHERE state = 'waiting';
CREATE INDEX job_running ON job (lease_until) WHERE state = 'running';
CREATE INDEX job_dead ON job (ended_at, id) WHERE state = 'dead';
CREATE INDEX job_unreported ON job (ended_at, id) WHERE state = 'dead' AND reported_at IS NULL;
CREATE INDEX job_done ON job (ended_at) WHERE state = 'done';
CREATE INDEX job_open ON job (kind, state, run_at) WHERE state <> 'done';
