-- The twin in ../sqlite makes the same schema; a test compares them.

-- What was asked for, by whom and where, and what it came to: the audit of actions. No address is in here.
CREATE TABLE action_run (
    idempotency_key UUID        NOT NULL PRIMARY KEY, -- one request; the LMS is asked with the same
    action          TEXT        NOT NULL,
    learner         UUID, -- for whom; null: asked for by form, with nobody signed in
    conversation    UUID        NOT NULL,
    lane            UUID        NOT NULL, -- whose budget: the learner's, or the conversation's
    argument        TEXT, -- an order's number or a chosen option
    target          UUID, -- what the effect concerns, written down before it
    state           TEXT        NOT NULL,
    failure         TEXT, -- of the last attempt, while the state is 'failed'
    outcome         JSONB, -- once the state is 'done'
    begun_at        TIMESTAMPTZ NOT NULL,
    ended_at        TIMESTAMPTZ
);
CREATE INDEX action_run_of_conversation ON action_run (conversation, begun_at);
CREATE INDEX action_run_of_lane ON action_run (lane, action, begun_at);

-- Whoever begins a run locks the row first, so that a budget is counted by one at a time.
CREATE TABLE action_lane (
    lane     UUID        NOT NULL,
    action   TEXT        NOT NULL,
    asked_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (lane, action)
);
