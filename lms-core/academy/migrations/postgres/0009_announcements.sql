-- What instructors tell all learners of a course. Mails are made of it at the time of sending, so it never changes once it is on its way.
CREATE TABLE announcement (
    id              UUID NOT NULL PRIMARY KEY,
    course_id       UUID NOT NULL REFERENCES course (id) ON DELETE CASCADE,
    author_id       UUID NOT NULL, -- no reference: it outlives the instructor's account
    subject         TEXT NOT NULL,
    body            TEXT NOT NULL, -- Markdown
    by_mail         BOOLEAN NOT NULL,
    as_notice       BOOLEAN NOT NULL,
    session_at      TIMESTAMPTZ, -- of a live session; null: there is none
    session_minutes BIGINT,
    session_link    TEXT,
    remind          BOOLEAN NOT NULL, -- an hour before the session
    status          TEXT NOT NULL,
    publish_at      TIMESTAMPTZ NOT NULL,
    created_at      TIMESTAMPTZ NOT NULL,
    published_at    TIMESTAMPTZ, -- the walk over the learners began
    walked_at       TIMESTAMPTZ, -- and ended
    unsubscribed    BIGINT NOT NULL, -- passed over in the walk, as are the next two
    bounced         BIGINT NOT NULL,
    inactive        BIGINT NOT NULL
);
CREATE INDEX announcement_by_course ON announcement (course_id, publish_at);

-- Who gets which mail: one of a kind for each learner.
CREATE TABLE announcement_mail (
    announcement_id UUID NOT NULL REFERENCES announcement (id) ON DELETE CASCADE,
    account_id      UUID NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    reminder        BOOLEAN NOT NULL,
    mail_id         UUID NOT NULL UNIQUE REFERENCES mail (id) ON DELETE CASCADE,
    PRIMARY KEY (announcement_id, reminder, account_id)
);
CREATE INDEX announcement_mail_by_account ON announcement_mail (account_id);

CREATE TABLE announcement_read (
    account_id      UUID NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    announcement_id UUID NOT NULL REFERENCES announcement (id) ON DELETE CASCADE,
    read_at         TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (account_id, announcement_id)
);
CREATE INDEX announcement_read_by_announcement ON announcement_read (announcement_id);

-- Who wants no more announcements by mail: of a course, or of any (then the scope is all zeros).
CREATE TABLE mail_optout (
    account_id UUID NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    scope      UUID NOT NULL,
    at         TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (account_id, scope)
);

-- What did not arrive. It counts while the account still has the address that it came back from.
CREATE TABLE mail_bounce (
    mail_id    UUID NOT NULL REFERENCES mail (id) ON DELETE CASCADE,
    kind       TEXT NOT NULL,
    account_id UUID NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    email      TEXT NOT NULL,
    at         TIMESTAMPTZ NOT NULL,
    cleared_at TIMESTAMPTZ, -- the learner has said that the address works
    PRIMARY KEY (mail_id, kind)
);
CREATE INDEX mail_bounce_by_account ON mail_bounce (account_id, at);

-- The walk over the learners of a course, in pages.
CREATE INDEX announcement_audience ON enrolment (course_id, account_id);
