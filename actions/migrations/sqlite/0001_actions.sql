-- Times are microseconds since 1970, ids 16 bytes, JSON is text.
-- The twin in ../postgres makes the same schema; a test compares them.

-- What was asked for, by whom and where, and what it came to: the audit of actions. No address is in here.
CREATE TABLE action_run (
    idempotency_key BLOB    NOT NULL PRIMARY KEY, -- one request; the LMS is asked with the same
    action          TEXT    NOT NULL,
    learner         BLOB, -- for whom; null: asked for by form, with nobody signed in
    conversation    BLOB    NOT NULL,
    lane            BLOB    NOT NULL, -- whose budget: the learner's, or the conversation's
    argument        TEXT, -- an order's number or a chosen option
    target          BLOB, -- what the effect concerns, written down before it
    state           TEXT    NOT NULL,
    failure         TEXT, -- of the last attempt, while the state is 'failed'
    outcome         TEXT, -- once the state is 'done'
    begun_at        INTEGER NOT NULL,
    ended_at        INTEGER
) STRICT;
CREATE INDEX action_run_of_conversation ON action_run (conversation, begun_at);
CREATE INDEX action_run_of_lane ON action_run (lane, action, begun_at);

-- Whoever begins a run locks the row first, so that a budget is counted by one at a time.
CREATE TABLE action_lane (
    lane     BLOB    NOT NULL,
    action   TEXT    NOT NULL,
    asked_at INTEGER NOT NULL,
    PRIMARY KEY (lane, action)
) STRICT;
