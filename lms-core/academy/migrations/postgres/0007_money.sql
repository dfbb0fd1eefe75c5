-- Coupons, invoices, what the payment provider tells, and the books.

ALTER TABLE orders ADD COLUMN list_minor BIGINT; -- before the coupon; null: the same as total_minor
ALTER TABLE refund ADD COLUMN attempt BIGINT NOT NULL DEFAULT 0; -- how often it was handed to the provider
ALTER TABLE refund ADD COLUMN failed_reason TEXT; -- of the last attempt

CREATE TABLE coupon (
    id           UUID    NOT NULL PRIMARY KEY,
    code         TEXT    NOT NULL UNIQUE, -- in capitals
    percent      BIGINT CHECK (percent BETWEEN 1 AND 100),
    amount_minor BIGINT CHECK (amount_minor > 0),
    currency     TEXT,
    starts_at    TIMESTAMPTZ,
    ends_at      TIMESTAMPTZ,
    uses         BIGINT, -- by all together; null: any number
    uses_each    BIGINT, -- by each person
    course_id    UUID    REFERENCES course (id) ON DELETE CASCADE, -- null: every course
    used         BIGINT NOT NULL DEFAULT 0,
    created_at   TIMESTAMPTZ NOT NULL,
    CHECK (used >= 0 AND (uses IS NULL OR used <= uses))
);

CREATE TABLE coupon_use (
    order_id   UUID NOT NULL PRIMARY KEY REFERENCES orders (id) ON DELETE CASCADE,
    coupon_id  UUID NOT NULL REFERENCES coupon (id) ON DELETE CASCADE,
    account_id UUID NOT NULL REFERENCES account (id) ON DELETE CASCADE
);
CREATE INDEX coupon_use_by_person ON coupon_use (coupon_id, account_id);

-- Where the buyer pays; no row: the provider was not reached yet.
CREATE TABLE checkout (
    order_id   UUID    NOT NULL PRIMARY KEY REFERENCES orders (id) ON DELETE CASCADE,
    pay_url    TEXT    NOT NULL,
    started_at TIMESTAMPTZ NOT NULL
);

-- Everything that the provider has told, once each; no reference to orders, as it may tell of some that are not ours.
CREATE TABLE payment_event (
    id          TEXT    NOT NULL PRIMARY KEY, -- the provider's
    order_id    UUID    NOT NULL,
    kind        TEXT    NOT NULL,
    body        JSONB   NOT NULL,
    received_at TIMESTAMPTZ NOT NULL,
    applied_at  TIMESTAMPTZ, -- null: it waits for what comes before it, or never fits
    note        TEXT -- why it was not applied
);
CREATE INDEX payment_event_by_order ON payment_event (order_id);
CREATE INDEX payment_event_waiting ON payment_event (received_at) WHERE applied_at IS NULL;

-- Numbers without gaps: the row is locked until the transaction that takes one ends.
CREATE TABLE number_series (
    name TEXT    NOT NULL PRIMARY KEY,
    last BIGINT NOT NULL
);

-- What stands on it is kept as it was on the day of issue. No reference to the account: the law keeps invoices longer than people keep accounts.
CREATE TABLE invoice (
    id             UUID    NOT NULL PRIMARY KEY,
    number         TEXT    NOT NULL UNIQUE,
    kind           TEXT    NOT NULL,
    order_id       UUID    NOT NULL,
    refund_id      UUID,
    account_id     UUID    NOT NULL,
    order_number   TEXT    NOT NULL,
    of_number      TEXT, -- of the invoice that a credit note corrects
    buyer_name     TEXT    NOT NULL,
    course_title   TEXT    NOT NULL,
    list_minor     BIGINT NOT NULL,
    discount_minor BIGINT NOT NULL,
    total_minor    BIGINT NOT NULL,
    currency       TEXT    NOT NULL,
    issued_at      TIMESTAMPTZ NOT NULL,
    CHECK (list_minor - discount_minor = total_minor)
);
CREATE INDEX invoice_by_order ON invoice (order_id);

-- The books. An entry is written once for its cause; its lines move amounts from one account to another, so that all sums to zero.
CREATE TABLE ledger_entry (
    id        UUID    NOT NULL PRIMARY KEY,
    cause     TEXT    NOT NULL UNIQUE,
    order_id  UUID    NOT NULL, -- no reference: the books outlive orders
    posted_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX ledger_entry_by_order ON ledger_entry (order_id);

CREATE TABLE ledger_line (
    entry_id     UUID    NOT NULL REFERENCES ledger_entry (id),
    place        BIGINT NOT NULL, -- from 1
    debit        TEXT    NOT NULL,
    credit       TEXT    NOT NULL,
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    currency     TEXT    NOT NULL,
    PRIMARY KEY (entry_id, place),
    CHECK (debit <> credit)
);
