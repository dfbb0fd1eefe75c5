-- Times are microseconds since 1970, ids 16 bytes, truth values 0 and 1, JSON is text.
-- The twin in ../postgres makes the same schema; a test compares them.

CREATE TABLE staff (
    id            BLOB    NOT NULL PRIMARY KEY,
    email         TEXT    NOT NULL UNIQUE, -- lower case
    name          TEXT    NOT NULL,
    role          TEXT    NOT NULL,
    password_hash TEXT    NOT NULL,
    created_at    INTEGER NOT NULL
) STRICT;

CREATE TABLE staff_session (
    token_hash TEXT    NOT NULL PRIMARY KEY,
    staff_id   BLOB    NOT NULL REFERENCES staff (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX staff_session_by_staff ON staff_session (staff_id);
CREATE INDEX staff_session_by_expiry ON staff_session (expires_at);

CREATE TABLE conversation (
    id           BLOB    NOT NULL PRIMARY KEY,
    token_hash   TEXT    NOT NULL UNIQUE,
    holder       TEXT    NOT NULL,
    agent_id     BLOB    REFERENCES staff (id), -- while the holder is 'agent'
    epoch        INTEGER NOT NULL, -- rises with every change of holder
    last_seq     INTEGER NOT NULL, -- of the newest message
    answered_seq INTEGER NOT NULL, -- messages up to here need no answer of the bot
    asked_at     INTEGER, -- when the oldest message came that waits for the bot; null: none does
    lease_owner  BLOB, -- the worker that is answering
    lease_until  INTEGER,
    clarified    INTEGER NOT NULL, -- the bot has asked once for more
    created_at   INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL
) STRICT;
CREATE INDEX conversation_waiting ON conversation (asked_at, id) WHERE asked_at IS NOT NULL;

CREATE TABLE message (
    conversation_id BLOB    NOT NULL REFERENCES conversation (id) ON DELETE CASCADE,
    seq             INTEGER NOT NULL,
    author          TEXT    NOT NULL,
    agent_id        BLOB    REFERENCES staff (id),
    text            TEXT    NOT NULL,
    citations       TEXT    NOT NULL,
    offer_person    INTEGER NOT NULL,
    client_id       BLOB,
    trace           TEXT,
    created_at      INTEGER NOT NULL,
    PRIMARY KEY (conversation_id, seq)
) STRICT;
-- Students see the client ids of agents, so each author has its own.
CREATE UNIQUE INDEX message_by_client_id ON message (conversation_id, author, client_id)
    WHERE client_id IS NOT NULL;

CREATE TABLE ticket_counter (
    id          INTEGER NOT NULL PRIMARY KEY,
    last_number INTEGER NOT NULL
) STRICT;
INSERT INTO ticket_counter (id, last_number) VALUES (1, 0);

CREATE TABLE ticket (
    id              BLOB    NOT NULL PRIMARY KEY,
    number          INTEGER NOT NULL UNIQUE,
    conversation_id BLOB    NOT NULL REFERENCES conversation (id) ON DELETE CASCADE,
    status          TEXT    NOT NULL,
    urgency         TEXT    NOT NULL,
    urgency_rank    INTEGER NOT NULL,
    intent          TEXT,
    confidence      REAL,
    reason          TEXT    NOT NULL,
    subject         TEXT    NOT NULL,
    summary         TEXT    NOT NULL,
    proposed_reply  TEXT,
    passages        TEXT    NOT NULL,
    created_at      INTEGER NOT NULL,
    assignee        BLOB    REFERENCES staff (id),
    claimed_at      INTEGER,
    resolved_at     INTEGER
) STRICT;
CREATE UNIQUE INDEX ticket_open ON ticket (conversation_id) WHERE status <> 'resolved';
CREATE INDEX ticket_queue ON ticket (status, urgency_rank DESC, created_at, number);
CREATE INDEX ticket_of_assignee ON ticket (assignee, status);
CREATE INDEX ticket_resolved ON ticket (resolved_at DESC) WHERE resolved_at IS NOT NULL;
