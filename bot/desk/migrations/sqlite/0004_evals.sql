-- The twin in ../postgres makes the same schema; a test compares them.

-- What evaluations have found. A run is kept whole; its figures stand beside it, so that lists and trends need not read it.
CREATE TABLE eval_run (
    id         BLOB    NOT NULL PRIMARY KEY,
    kind       TEXT    NOT NULL,
    release    TEXT    NOT NULL, -- the version that was measured
    created_at INTEGER NOT NULL,
    measures   TEXT    NOT NULL,
    run        TEXT    NOT NULL
) STRICT;
CREATE INDEX eval_run_by_time ON eval_run (created_at DESC, kind);
CREATE INDEX eval_run_by_kind ON eval_run (kind, created_at DESC);

-- Conversations that agents have made cases of: what is to be right from now on. The text is scrubbed of addresses and numbers.
CREATE TABLE eval_case (
    conversation_id BLOB    NOT NULL PRIMARY KEY REFERENCES conversation (id) ON DELETE CASCADE,
    text            TEXT    NOT NULL,
    intent          TEXT    NOT NULL,
    decision        TEXT    NOT NULL,
    urgency         TEXT    NOT NULL,
    articles        TEXT    NOT NULL, -- slugs of the articles that a right answer comes from
    made_by         BLOB    NOT NULL REFERENCES staff (id),
    created_at      INTEGER NOT NULL
) STRICT;
CREATE INDEX eval_case_by_time ON eval_case (created_at DESC);
CREATE INDEX eval_case_by_staff ON eval_case (made_by);
