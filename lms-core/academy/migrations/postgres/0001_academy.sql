-- The twin in ../sqlite makes the same schema; a test compares them.
-- Amounts are in minor units (cents) of an ISO 4217 currency.

CREATE TABLE account (
    id            UUID        NOT NULL PRIMARY KEY,
    email         TEXT        NOT NULL UNIQUE, -- in the stored form
    name          TEXT        NOT NULL,
    role          TEXT        NOT NULL,
    status        TEXT        NOT NULL,
    password_hash TEXT        NOT NULL,
    created_at    TIMESTAMPTZ NOT NULL
);

CREATE TABLE session (
    id         UUID        NOT NULL PRIMARY KEY, -- names it where its secret must not appear
    token_hash TEXT        NOT NULL UNIQUE,
    account_id UUID        NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX session_by_account ON session (account_id);

CREATE TABLE course (
    id             UUID        NOT NULL PRIMARY KEY,
    slug           TEXT        NOT NULL UNIQUE,
    title          TEXT        NOT NULL,
    summary        TEXT        NOT NULL,
    signatory      TEXT        NOT NULL,
    signatory_role TEXT        NOT NULL,
    price_minor    BIGINT      NOT NULL,
    currency       TEXT        NOT NULL,
    pass_percent   BIGINT      NOT NULL, -- of each quiz
    starts_at      TIMESTAMPTZ, -- of a cohort; null: at once
    published      BOOLEAN     NOT NULL
);

CREATE TABLE lesson (
    id        UUID   NOT NULL PRIMARY KEY,
    course_id UUID   NOT NULL REFERENCES course (id) ON DELETE CASCADE,
    place     BIGINT NOT NULL, -- from 1
    title     TEXT   NOT NULL,
    kind      TEXT   NOT NULL,
    minutes   BIGINT NOT NULL,
    UNIQUE (course_id, place)
);

CREATE TABLE orders (
    id          UUID        NOT NULL PRIMARY KEY,
    number      TEXT        NOT NULL UNIQUE, -- what people say to each other
    account_id  UUID        NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    course_id   UUID        NOT NULL REFERENCES course (id),
    total_minor BIGINT      NOT NULL,
    currency    TEXT        NOT NULL,
    status      TEXT        NOT NULL,
    created_at  TIMESTAMPTZ NOT NULL
);
CREATE INDEX orders_by_account ON orders (account_id, created_at);

CREATE TABLE charge (
    id           UUID        NOT NULL PRIMARY KEY,
    order_id     UUID        NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
    amount_minor BIGINT      NOT NULL,
    currency     TEXT        NOT NULL,
    method       TEXT        NOT NULL,
    status       TEXT        NOT NULL,
    charged_at   TIMESTAMPTZ NOT NULL
);
CREATE INDEX charge_by_order ON charge (order_id);

CREATE TABLE refund (
    id           UUID        NOT NULL PRIMARY KEY,
    order_id     UUID        NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
    amount_minor BIGINT      NOT NULL,
    currency     TEXT        NOT NULL,
    status       TEXT        NOT NULL,
    requested_at TIMESTAMPTZ NOT NULL,
    decided_at   TIMESTAMPTZ,
    sent_at      TIMESTAMPTZ,
    settled_at   TIMESTAMPTZ,
    reason       TEXT
);
CREATE INDEX refund_by_order ON refund (order_id);

CREATE TABLE enrolment (
    account_id   UUID        NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    course_id    UUID        NOT NULL REFERENCES course (id),
    order_id     UUID        REFERENCES orders (id), -- null: a free course, or a seat that was given
    status       TEXT        NOT NULL,
    enrolled_at  TIMESTAMPTZ NOT NULL,
    activated_at TIMESTAMPTZ,
    access_until TIMESTAMPTZ,
    stuck_reason TEXT,
    PRIMARY KEY (account_id, course_id)
);

CREATE TABLE lesson_progress (
    account_id   UUID        NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    lesson_id    UUID        NOT NULL REFERENCES lesson (id) ON DELETE CASCADE,
    percent      BIGINT      NOT NULL,
    completed_at TIMESTAMPTZ,
    updated_at   TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (account_id, lesson_id)
);

CREATE TABLE quiz_attempt (
    account_id   UUID        NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    lesson_id    UUID        NOT NULL REFERENCES lesson (id) ON DELETE CASCADE,
    attempt      BIGINT      NOT NULL, -- from 1
    percent      BIGINT      NOT NULL,
    submitted_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (account_id, lesson_id, attempt)
);

-- What stands on it is kept as it was on the day of issue.
CREATE TABLE certificate (
    id             UUID        NOT NULL PRIMARY KEY,
    account_id     UUID        NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    course_id      UUID        NOT NULL REFERENCES course (id),
    course_title   TEXT        NOT NULL,
    learner_name   TEXT        NOT NULL,
    signatory      TEXT        NOT NULL,
    signatory_role TEXT        NOT NULL,
    code           TEXT        NOT NULL UNIQUE,
    issued_at      TIMESTAMPTZ NOT NULL,
    UNIQUE (account_id, course_id)
);

CREATE TABLE certificate_request (
    account_id   UUID        NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    course_id    UUID        NOT NULL REFERENCES course (id),
    status       TEXT        NOT NULL,
    requested_at TIMESTAMPTZ NOT NULL,
    reason       TEXT, -- of a failure
    PRIMARY KEY (account_id, course_id)
);

CREATE TABLE password_reset (
    id         UUID        NOT NULL PRIMARY KEY,
    account_id UUID        NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    token_hash TEXT        NOT NULL UNIQUE,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    used_at    TIMESTAMPTZ,
    voided_at  TIMESTAMPTZ -- by a newer one, or by the use of another
);
CREATE INDEX password_reset_by_account ON password_reset (account_id, created_at);

CREATE TABLE mail (
    id             UUID        NOT NULL PRIMARY KEY,
    account_id     UUID        NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    letter         JSONB       NOT NULL,
    created_at     TIMESTAMPTZ NOT NULL,
    sent_at        TIMESTAMPTZ,
    refused_at     TIMESTAMPTZ, -- by the server, for good
    refused_reason TEXT
);
CREATE INDEX mail_by_account ON mail (account_id);
CREATE INDEX mail_waiting ON mail (created_at) WHERE sent_at IS NULL AND refused_at IS NULL;

-- What was asked for under an idempotency key.
CREATE TABLE request_key (
    key        UUID        NOT NULL PRIMARY KEY,
    operation  TEXT        NOT NULL,
    account_id UUID        REFERENCES account (id) ON DELETE CASCADE, -- null: nobody was signed in
    subject_id UUID, -- what it was about, such as a certificate
    asked_at   TIMESTAMPTZ NOT NULL
);
CREATE INDEX request_key_by_account ON request_key (account_id);
