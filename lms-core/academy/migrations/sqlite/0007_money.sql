-- Coupons, invoices, what the payment provider tells, and the books.

ALTER TABLE orders ADD COLUMN list_minor INTEGER; -- before the coupon; null: the same as total_minor
ALTER TABLE refund ADD COLUMN attempt INTEGER NOT NULL DEFAULT 0; -- how often it was handed to the provider
ALTER TABLE refund ADD COLUMN failed_reason TEXT; -- of the last attempt

CREATE TABLE coupon (
    id           BLOB    NOT NULL PRIMARY KEY,
    code         TEXT    NOT NULL UNIQUE, -- in capitals
    percent      INTEGER CHECK (percent BETWEEN 1 AND 100),
    amount_minor INTEGER CHECK (amount_minor > 0),
    currency     TEXT,
    starts_at    INTEGER,
    ends_at      INTEGER,
    uses         INTEGER, -- by all together; null: any number
    uses_each    INTEGER, -- by each person
    course_id    BLOB    REFERENCES course (id) ON DELETE CASCADE, -- null: every course
    used         INTEGER NOT NULL DEFAULT 0,
    created_at   INTEGER NOT NULL,
    CHECK (used >= 0 AND (uses IS NULL OR used <= uses))
) STRICT;

CREATE TABLE coupon_use (
    order_id   BLOB NOT NULL PRIMARY KEY REFERENCES orders (id) ON DELETE CASCADE,
    coupon_id  BLOB NOT NULL REFERENCES coupon (id) ON DELETE CASCADE,
    account_id BLOB NOT NULL REFERENCES account (id) ON DELETE CASCADE
) STRICT;
CREATE INDEX coupon_use_by_person ON coupon_use (coupon_id, account_id);

-- Where the buyer pays; no row: the provider was not reached yet.
CREATE TABLE checkout (
    order_id   BLOB    NOT NULL PRIMARY KEY REFERENCES orders (id) ON DELETE CASCADE,
    pay_url    TEXT    NOT NULL,
    started_at INTEGER NOT NULL
) STRICT;

-- Everything that the provider has told, once each; no reference to orders, as it may tell of some that are not ours.
CREATE TABLE payment_event (
    id          TEXT    NOT NULL PRIMARY KEY, -- the provider's
    order_id    BLOB    NOT NULL,
    kind        TEXT    NOT NULL,
    body        TEXT    NOT NULL,
    received_at INTEGER NOT NULL,
    applied_at  INTEGER, -- null: it waits for what comes before it, or never fits
    note        TEXT -- why it was not applied
) STRICT;
CREATE INDEX payment_event_by_order ON payment_event (order_id);
CREATE INDEX payment_event_waiting ON payment_event (received_at) WHERE applied_at IS NULL;

-- Numbers without gaps: the row is locked until the transaction that takes one ends.
CREATE TABLE number_series (
    name TEXT    NOT NULL PRIMARY KEY,
    last INTEGER NOT NULL
) STRICT;

-- What stands on it is kept as it was on the day of issue. No reference to the account: the law keeps invoices longer than people keep accounts.
CREATE TABLE invoice (
    id             BLOB    NOT NULL PRIMARY KEY,
    number         TEXT    NOT NULL UNIQUE,
    kind           TEXT    NOT NULL,
    order_id       BLOB    NOT NULL,
    refund_id      BLOB,
    account_id     BLOB    NOT NULL,
    order_number   TEXT    NOT NULL,
    of_number      TEXT, -- of the invoice that a credit note corrects
    buyer_name     TEXT    NOT NULL,
    course_title   TEXT    NOT NULL,
    list_minor     INTEGER NOT NULL,
    discount_minor INTEGER NOT NULL,
    total_minor    INTEGER NOT NULL,
    currency       TEXT    NOT NULL,
    issued_at      INTEGER NOT NULL,
    CHECK (list_minor - discount_minor = total_minor)
) STRICT;
CREATE INDEX invoice_by_order ON invoice (order_id);

-- The books. An entry is written once for its cause; its lines move amounts from one account to another, so that all sums to zero.
CREATE TABLE ledger_entry (
    id        BLOB    NOT NULL PRIMARY KEY,
    cause     TEXT    NOT NULL UNIQUE,
    order_id  BLOB    NOT NULL, -- no reference: the books outlive orders
    posted_at INTEGER NOT NULL
) STRICT;
CREATE INDEX ledger_entry_by_order ON ledger_entry (order_id);

CREATE TABLE ledger_line (
    entry_id     BLOB    NOT NULL REFERENCES ledger_entry (id),
    place        INTEGER NOT NULL, -- from 1
    debit        TEXT    NOT NULL,
    credit       TEXT    NOT NULL,
    amount_minor INTEGER NOT NULL CHECK (amount_minor > 0),
    currency     TEXT    NOT NULL,
    PRIMARY KEY (entry_id, place),
    CHECK (debit <> credit)
) STRICT;
