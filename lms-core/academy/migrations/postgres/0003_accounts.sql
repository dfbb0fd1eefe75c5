-- When and where a session was begun, in plain words, and when it was used last, to the hour.
ALTER TABLE session ADD COLUMN device TEXT NOT NULL DEFAULT '';
ALTER TABLE session ADD COLUMN seen_at TIMESTAMPTZ; -- null: not since it began

-- What somebody typed into the form; a job turns it into an account or into a letter to the owner, and takes it away.
CREATE TABLE sign_up (
    id            UUID    NOT NULL PRIMARY KEY,
    email         TEXT    NOT NULL,
    name          TEXT    NOT NULL,
    password_hash TEXT    NOT NULL,
    asked_at      TIMESTAMPTZ NOT NULL
);
CREATE INDEX sign_up_by_time ON sign_up (asked_at);

-- A link that makes an account usable. Each sign-up has its own name and password: whoever follows the link gets those of the form that it is from.
CREATE TABLE verification (
    id            UUID    NOT NULL PRIMARY KEY,
    account_id    UUID    NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    token_hash    TEXT    NOT NULL UNIQUE,
    name          TEXT    NOT NULL,
    password_hash TEXT    NOT NULL,
    created_at    TIMESTAMPTZ NOT NULL,
    expires_at    TIMESTAMPTZ NOT NULL,
    used_at       TIMESTAMPTZ
);
CREATE INDEX verification_by_account ON verification (account_id, created_at);

CREATE TABLE two_factor (
    account_id UUID    NOT NULL PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
    sealed     TEXT    NOT NULL, -- the secret, under the academy's key
    last_step  BIGINT NOT NULL, -- of 30 seconds: a code of it or of one before is not taken
    created_at TIMESTAMPTZ NOT NULL,
    enabled_at TIMESTAMPTZ -- null: being set up
);

CREATE TABLE recovery_code (
    account_id UUID NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    code_hash  TEXT NOT NULL,
    used_at    TIMESTAMPTZ,
    PRIMARY KEY (account_id, code_hash)
);

-- A new address takes effect when both have said yes.
CREATE TABLE email_change (
    id          UUID    NOT NULL PRIMARY KEY,
    account_id  UUID    NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    old_email   TEXT    NOT NULL,
    new_email   TEXT    NOT NULL,
    old_hash    TEXT    NOT NULL UNIQUE,
    new_hash    TEXT    NOT NULL UNIQUE,
    created_at  TIMESTAMPTZ NOT NULL,
    expires_at  TIMESTAMPTZ NOT NULL,
    old_said_at TIMESTAMPTZ,
    new_said_at TIMESTAMPTZ,
    done_at     TIMESTAMPTZ,
    ended_at    TIMESTAMPTZ -- vetoed, or replaced by a newer one
);
CREATE INDEX email_change_by_account ON email_change (account_id, created_at);

CREATE TABLE api_key (
    id         UUID    NOT NULL PRIMARY KEY,
    name       TEXT    NOT NULL,
    prefix     TEXT    NOT NULL, -- what may be shown
    token_hash TEXT    NOT NULL UNIQUE,
    scopes     TEXT    NOT NULL, -- words, with spaces between
    made_by    UUID    NOT NULL REFERENCES account (id),
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ,
    revoked_at TIMESTAMPTZ,
    used_at    TIMESTAMPTZ -- to the hour
);
CREATE INDEX api_key_by_time ON api_key (created_at);
CREATE INDEX api_key_by_maker ON api_key (made_by);

-- What administrators changed of an account.
CREATE TABLE account_change (
    id         UUID    NOT NULL PRIMARY KEY,
    account_id UUID    NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    by_id      UUID    NOT NULL REFERENCES account (id),
    what       TEXT    NOT NULL, -- role, status
    was        TEXT    NOT NULL,
    now_is     TEXT    NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX account_change_by_account ON account_change (account_id, changed_at);
CREATE INDEX account_change_by_who ON account_change (by_id);
-- By code points, as in SQLite, so that a prefix is a range of the index.
ALTER TABLE account ALTER COLUMN name TYPE TEXT COLLATE "C";
CREATE INDEX account_by_name ON account (name, id);

-- Who wants to be forgotten, and when.
CREATE TABLE erasure (
    account_id UUID    NOT NULL PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
    asked_at   TIMESTAMPTZ NOT NULL,
    due_at     TIMESTAMPTZ NOT NULL
);

-- So that a printed code is answered honestly after its learner was forgotten.
CREATE TABLE erased_certificate (
    code      TEXT    NOT NULL PRIMARY KEY,
    erased_at TIMESTAMPTZ NOT NULL
);

-- One row a key, which is a keyed hash: no addresses. The time is GCRA's "theoretical arrival time", in microseconds since 1970.
CREATE TABLE rate_limit (
    key     TEXT    NOT NULL PRIMARY KEY,
    full_at BIGINT NOT NULL
);
CREATE INDEX rate_limit_by_time ON rate_limit (full_at);
