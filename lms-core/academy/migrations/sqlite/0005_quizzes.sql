-- Questions lie in banks; a quiz draws from one. An edit makes a new version, and an attempt keeps the version that it was shown.
CREATE TABLE question_bank (
    id        BLOB NOT NULL PRIMARY KEY,
    course_id BLOB NOT NULL REFERENCES course (id) ON DELETE CASCADE,
    title     TEXT NOT NULL
) STRICT;
CREATE INDEX question_bank_by_course ON question_bank (course_id);

CREATE TABLE quiz (
    lesson_id  BLOB    NOT NULL PRIMARY KEY REFERENCES lesson (id) ON DELETE CASCADE,
    bank_id    BLOB    NOT NULL REFERENCES question_bank (id) ON DELETE CASCADE,
    settings   TEXT    NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX quiz_by_bank ON quiz (bank_id);

CREATE TABLE question (
    id         BLOB    NOT NULL PRIMARY KEY,
    bank_id    BLOB    NOT NULL REFERENCES question_bank (id) ON DELETE CASCADE,
    place      INTEGER NOT NULL,
    version    INTEGER NOT NULL, -- the newest
    retired_at INTEGER, -- not asked any more
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX question_by_bank ON question (bank_id, place);

CREATE TABLE question_version (
    question_id BLOB    NOT NULL REFERENCES question (id) ON DELETE CASCADE,
    version     INTEGER NOT NULL, -- from 1
    body        TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    PRIMARY KEY (question_id, version)
) STRICT;

-- The result of each attempt is in quiz_attempt as well, beside those that have no sheet.
CREATE TABLE attempt (
    id           BLOB    NOT NULL PRIMARY KEY,
    account_id   BLOB    NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    lesson_id    BLOB    NOT NULL REFERENCES lesson (id) ON DELETE CASCADE,
    number       INTEGER NOT NULL, -- from 1
    seed         INTEGER NOT NULL,
    state        TEXT    NOT NULL,
    started_at   INTEGER NOT NULL,
    due_at       INTEGER, -- null: no limit
    submitted_at INTEGER,
    submitted_by TEXT,
    graded_at    INTEGER,
    percent      INTEGER,
    UNIQUE (account_id, lesson_id, number)
) STRICT;
CREATE UNIQUE INDEX attempt_open ON attempt (account_id, lesson_id) WHERE state = 'started';
CREATE INDEX attempt_by_lesson ON attempt (lesson_id, started_at);

CREATE TABLE attempt_answer (
    attempt_id         BLOB    NOT NULL REFERENCES attempt (id) ON DELETE CASCADE,
    place              INTEGER NOT NULL, -- on the sheet, from 1
    question_id        BLOB    NOT NULL REFERENCES question (id) ON DELETE CASCADE,
    version            INTEGER NOT NULL,
    arrangement        TEXT    NOT NULL, -- the order in which its parts are shown
    seq                INTEGER NOT NULL, -- of the newest change; 0: none
    answer             TEXT,
    saved_at           INTEGER,
    points_numerator   INTEGER, -- null: not graded
    points_denominator INTEGER,
    PRIMARY KEY (attempt_id, place)
) STRICT;
CREATE INDEX attempt_answer_by_question ON attempt_answer (question_id);

-- More time than others have, for who needs it.
CREATE TABLE quiz_allowance (
    account_id    BLOB    NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    lesson_id     BLOB    NOT NULL REFERENCES lesson (id) ON DELETE CASCADE,
    extra_seconds INTEGER NOT NULL,
    PRIMARY KEY (account_id, lesson_id)
) STRICT;
CREATE INDEX quiz_allowance_by_lesson ON quiz_allowance (lesson_id);
