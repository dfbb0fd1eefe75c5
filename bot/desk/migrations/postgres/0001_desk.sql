-- The twin in ../sqlite makes the same schema; a test compares them.

CREATE TABLE staff (
    id            UUID        NOT NULL PRIMARY KEY,
    email         TEXT        NOT NULL UNIQUE, -- lower case
    name          TEXT        NOT NULL,
    role          TEXT        NOT NULL,
    password_hash TEXT        NOT NULL,
    created_at    TIMESTAMPTZ NOT NULL
);

CREATE TABLE staff_session (
    token_hash TEXT        NOT NULL PRIMARY KEY,
    staff_id   UUID        NOT NULL REFERENCES staff (id) ON DELETE CASCADE,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX staff_session_by_staff ON staff_session (staff_id);
CREATE INDEX staff_session_by_expiry ON staff_session (expires_at);

CREATE TABLE conversation (
    id           UUID        NOT NULL PRIMARY KEY,
    token_hash   TEXT        NOT NULL UNIQUE,
    holder       TEXT        NOT NULL,
    agent_id     UUID        REFERENCES staff (id), -- while the holder is 'agent'
    epoch        BIGINT      NOT NULL, -- rises with every change of holder
    last_seq     BIGINT      NOT NULL, -- of the newest message
    answered_seq BIGINT      NOT NULL, -- messages up to here need no answer of the bot
    asked_at     TIMESTAMPTZ, -- when the oldest message came that waits for the bot; null: none does
    lease_owner  UUID, -- the worker that is answering
    lease_until  TIMESTAMPTZ,
    clarified    BOOLEAN     NOT NULL, -- the bot has asked once for more
    created_at   TIMESTAMPTZ NOT NULL,
    updated_at   TIMESTAMPTZ NOT NULL
);
CREATE INDEX conversation_waiting ON conversation (asked_at, id) WHERE asked_at IS NOT NULL;

CREATE TABLE message (
    conversation_id UUID        NOT NULL REFERENCES conversation (id) ON DELETE CASCADE,
    seq             BIGINT      NOT NULL,
    author          TEXT        NOT NULL,
    agent_id        UUID        REFERENCES staff (id),
    text            TEXT        NOT NULL,
    citations       JSONB       NOT NULL,
    offer_person    BOOLEAN     NOT NULL,
    client_id       UUID,
    trace           JSONB,
    created_at      TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (conversation_id, seq)
);
-- Students see the client ids of agents, so each author has its own.
CREATE UNIQUE INDEX message_by_client_id ON message (conversation_id, author, client_id)
    WHERE client_id IS NOT NULL;

CREATE TABLE ticket_counter (
    id          BIGINT NOT NULL PRIMARY KEY,
    last_number BIGINT NOT NULL
);
INSERT INTO ticket_counter (id, last_number) VALUES (1, 0);

CREATE TABLE ticket (
    id              UUID             NOT NULL PRIMARY KEY,
    number          BIGINT           NOT NULL UNIQUE,
    conversation_id UUID             NOT NULL REFERENCES conversation (id) ON DELETE CASCADE,
    status          TEXT             NOT NULL,
    urgency         TEXT             NOT NULL,
    urgency_rank    BIGINT           NOT NULL,
    intent          TEXT,
    confidence      DOUBLE PRECISION,
    reason          TEXT             NOT NULL,
    subject         TEXT             NOT NULL,
    summary         TEXT             NOT NULL,
    proposed_reply  TEXT,
    passages        JSONB            NOT NULL,
    created_at      TIMESTAMPTZ      NOT NULL,
    assignee        UUID             REFERENCES staff (id),
    claimed_at      TIMESTAMPTZ,
    resolved_at     TIMESTAMPTZ
);
CREATE UNIQUE INDEX ticket_open ON ticket (conversation_id) WHERE status <> 'resolved';
CREATE INDEX ticket_queue ON ticket (status, urgency_rank DESC, created_at, number);
CREATE INDEX ticket_of_assignee ON ticket (assignee, status);
CREATE INDEX ticket_resolved ON ticket (resolved_at DESC) WHERE resolved_at IS NOT NULL;
