-- What instructors tell all learners of a course. Mails are made of it at the time of sending, so it never changes once it is on its way.
CREATE TABLE announcement (
    id              BLOB NOT NULL PRIMARY KEY,
    course_id       BLOB NOT NULL REFERENCES course (id) ON DELETE CASCADE,
    author_id       BLOB NOT NULL, -- no reference: it outlives the instructor's account
    subject         TEXT NOT NULL,
    body            TEXT NOT NULL, -- Markdown
    by_mail         INTEGER NOT NULL,
    as_notice       INTEGER NOT NULL,
    session_at      INTEGER, -- of a live session; null: there is none
    session_minutes INTEGER,
    session_link    TEXT,
    remind          INTEGER NOT NULL, -- an hour before the session
    status          TEXT NOT NULL,
    publish_at      INTEGER NOT NULL,
    created_at      INTEGER NOT NULL,
    published_at    INTEGER, -- the walk over the learners began
    walked_at       INTEGER, -- and ended
    unsubscribed    INTEGER NOT NULL, -- passed over in the walk, as are the next two
    bounced         INTEGER NOT NULL,
    inactive        INTEGER NOT NULL
) STRICT;
CREATE INDEX announcement_by_course ON announcement (course_id, publish_at);

-- Who gets which mail: one of a kind for each learner.
CREATE TABLE announcement_mail (
    announcement_id BLOB NOT NULL REFERENCES announcement (id) ON DELETE CASCADE,
    account_id      BLOB NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    reminder        INTEGER NOT NULL,
    mail_id         BLOB NOT NULL UNIQUE REFERENCES mail (id) ON DELETE CASCADE,
    PRIMARY KEY (announcement_id, reminder, account_id)
) STRICT;
CREATE INDEX announcement_mail_by_account ON announcement_mail (account_id);

CREATE TABLE announcement_read (
    account_id      BLOB NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    announcement_id BLOB NOT NULL REFERENCES announcement (id) ON DELETE CASCADE,
    read_at         INTEGER NOT NULL,
    PRIMARY KEY (account_id, announcement_id)
) STRICT;
CREATE INDEX announcement_read_by_announcement ON announcement_read (announcement_id);

-- Who wants no more announcements by mail: of a course, or of any (then the scope is all zeros).
CREATE TABLE mail_optout (
    account_id BLOB NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    scope      BLOB NOT NULL,
    at         INTEGER NOT NULL,
    PRIMARY KEY (account_id, scope)
) STRICT;

-- What did not arrive. It counts while the account still has the address that it came back from.
CREATE TABLE mail_bounce (
    mail_id    BLOB NOT NULL REFERENCES mail (id) ON DELETE CASCADE,
    kind       TEXT NOT NULL,
    account_id BLOB NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    email      TEXT NOT NULL,
    at         INTEGER NOT NULL,
    cleared_at INTEGER, -- the learner has said that the address works
    PRIMARY KEY (mail_id, kind)
) STRICT;
CREATE INDEX mail_bounce_by_account ON mail_bounce (account_id, at);

-- The walk over the learners of a course, in pages.
CREATE INDEX announcement_audience ON enrolment (course_id, account_id);
