-- The outbox: what happened, written in the transaction that made it so. A row gets its number after its transaction has ended, so that numbers
-- appear in their order and without gaps, whichever of two transactions ends first.
CREATE TABLE event (
    id          UUID        NOT NULL PRIMARY KEY,
    seq         BIGINT      UNIQUE, -- null: not numbered yet
    version     BIGINT      NOT NULL,
    kind        TEXT        NOT NULL,
    account_id  UUID, -- no reference: events outlive accounts
    body        JSONB       NOT NULL,
    occurred_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX event_unnumbered ON event (occurred_at, id) WHERE seq IS NULL;
CREATE INDEX event_by_account ON event (account_id, kind);

CREATE TABLE event_head (
    one  BIGINT NOT NULL PRIMARY KEY, -- always 1
    last BIGINT NOT NULL
);
INSERT INTO event_head (one, last) VALUES (1, 0);

-- Who teaches what.
CREATE TABLE course_instructor (
    course_id  UUID NOT NULL REFERENCES course (id) ON DELETE CASCADE,
    account_id UUID NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    PRIMARY KEY (course_id, account_id)
);
CREATE INDEX course_instructor_by_account ON course_instructor (account_id);
