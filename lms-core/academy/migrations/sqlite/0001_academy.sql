-- Times are microseconds since 1970, ids 16 bytes, truth values 0 and 1, JSON is text.
-- The twin in ../postgres makes the same schema; a test compares them.
-- Amounts are in minor units (cents) of an ISO 4217 currency.

CREATE TABLE account (
    id            BLOB    NOT NULL PRIMARY KEY,
    email         TEXT    NOT NULL UNIQUE, -- in the stored form
    name          TEXT    NOT NULL,
    role          TEXT    NOT NULL,
    status        TEXT    NOT NULL,
    password_hash TEXT    NOT NULL,
    created_at    INTEGER NOT NULL
) STRICT;

CREATE TABLE session (
    id         BLOB    NOT NULL PRIMARY KEY, -- names it where its secret must not appear
    token_hash TEXT    NOT NULL UNIQUE,
    account_id BLOB    NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX session_by_account ON session (account_id);

CREATE TABLE course (
    id             BLOB    NOT NULL PRIMARY KEY,
    slug           TEXT    NOT NULL UNIQUE,
    title          TEXT    NOT NULL,
    summary        TEXT    NOT NULL,
    signatory      TEXT    NOT NULL,
    signatory_role TEXT    NOT NULL,
    price_minor    INTEGER NOT NULL,
    currency       TEXT    NOT NULL,
    pass_percent   INTEGER NOT NULL, -- of each quiz
    starts_at      INTEGER, -- of a cohort; null: at once
    published      INTEGER NOT NULL
) STRICT;

CREATE TABLE lesson (
    id        BLOB    NOT NULL PRIMARY KEY,
    course_id BLOB    NOT NULL REFERENCES course (id) ON DELETE CASCADE,
    place     INTEGER NOT NULL, -- from 1
    title     TEXT    NOT NULL,
    kind      TEXT    NOT NULL,
    minutes   INTEGER NOT NULL,
    UNIQUE (course_id, place)
) STRICT;

CREATE TABLE orders (
    id          BLOB    NOT NULL PRIMARY KEY,
    number      TEXT    NOT NULL UNIQUE, -- what people say to each other
    account_id  BLOB    NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    course_id   BLOB    NOT NULL REFERENCES course (id),
    total_minor INTEGER NOT NULL,
    currency    TEXT    NOT NULL,
    status      TEXT    NOT NULL,
    created_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX orders_by_account ON orders (account_id, created_at);

CREATE TABLE charge (
    id           BLOB    NOT NULL PRIMARY KEY,
    order_id     BLOB    NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
    amount_minor INTEGER NOT NULL,
    currency     TEXT    NOT NULL,
    method       TEXT    NOT NULL,
    status       TEXT    NOT NULL,
    charged_at   INTEGER NOT NULL
) STRICT;
CREATE INDEX charge_by_order ON charge (order_id);

CREATE TABLE refund (
    id           BLOB    NOT NULL PRIMARY KEY,
    order_id     BLOB    NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
    amount_minor INTEGER NOT NULL,
    currency     TEXT    NOT NULL,
    status       TEXT    NOT NULL,
    requested_at INTEGER NOT NULL,
    decided_at   INTEGER,
    sent_at      INTEGER,
    settled_at   INTEGER,
    reason       TEXT
) STRICT;
CREATE INDEX refund_by_order ON refund (order_id);

CREATE TABLE enrolment (
    account_id   BLOB    NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    course_id    BLOB    NOT NULL REFERENCES course (id),
    order_id     BLOB    REFERENCES orders (id), -- null: a free course, or a seat that was given
    status       TEXT    NOT NULL,
    enrolled_at  INTEGER NOT NULL,
    activated_at INTEGER,
    access_until INTEGER,
    stuck_reason TEXT,
    PRIMARY KEY (account_id, course_id)
) STRICT;

CREATE TABLE lesson_progress (
    account_id   BLOB    NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    lesson_id    BLOB    NOT NULL REFERENCES lesson (id) ON DELETE CASCADE,
    percent      INTEGER NOT NULL,
    completed_at INTEGER,
    updated_at   INTEGER NOT NULL,
    PRIMARY KEY (account_id, lesson_id)
) STRICT;

CREATE TABLE quiz_attempt (
    account_id   BLOB    NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    lesson_id    BLOB    NOT NULL REFERENCES lesson (id) ON DELETE CASCADE,
    attempt      INTEGER NOT NULL, -- from 1
    percent      INTEGER NOT NULL,
    submitted_at INTEGER NOT NULL,
    PRIMARY KEY (account_id, lesson_id, attempt)
) STRICT;

-- What stands on it is kept as it was on the day of issue.
CREATE TABLE certificate (
    id             BLOB    NOT NULL PRIMARY KEY,
    account_id     BLOB    NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    course_id      BLOB    NOT NULL REFERENCES course (id),
    course_title   TEXT    NOT NULL,
    learner_name   TEXT    NOT NULL,
    signatory      TEXT    NOT NULL,
    signatory_role TEXT    NOT NULL,
    code           TEXT    NOT NULL UNIQUE,
    issued_at      INTEGER NOT NULL,
    UNIQUE (account_id, course_id)
) STRICT;

CREATE TABLE certificate_request (
    account_id   BLOB    NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    course_id    BLOB    NOT NULL REFERENCES course (id),
    status       TEXT    NOT NULL,
    requested_at INTEGER NOT NULL,
    reason       TEXT, -- of a failure
    PRIMARY KEY (account_id, course_id)
) STRICT;

CREATE TABLE password_reset (
    id         BLOB    NOT NULL PRIMARY KEY,
    account_id BLOB    NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    token_hash TEXT    NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at    INTEGER,
    voided_at  INTEGER -- by a newer one, or by the use of another
) STRICT;
CREATE INDEX password_reset_by_account ON password_reset (account_id, created_at);

CREATE TABLE mail (
    id             BLOB    NOT NULL PRIMARY KEY,
    account_id     BLOB    NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    letter         TEXT    NOT NULL,
    created_at     INTEGER NOT NULL,
    sent_at        INTEGER,
    refused_at     INTEGER, -- by the server, for good
    refused_reason TEXT
) STRICT;
CREATE INDEX mail_by_account ON mail (account_id);
CREATE INDEX mail_waiting ON mail (created_at) WHERE sent_at IS NULL AND refused_at IS NULL;

-- What was asked for under an idempotency key.
CREATE TABLE request_key (
    key        BLOB    NOT NULL PRIMARY KEY,
    operation  TEXT    NOT NULL,
    account_id BLOB    REFERENCES account (id) ON DELETE CASCADE, -- null: nobody was signed in
    subject_id BLOB, -- what it was about, such as a certificate
    asked_at   INTEGER NOT NULL
) STRICT;
CREATE INDEX request_key_by_account ON request_key (account_id);
