-- Questions lie in banks; a quiz draws from one. An edit makes a new version, and an attempt keeps the version that it was shown.
CREATE TABLE question_bank (
    id                 UUID        NOT NULL PRIMARY KEY,
    course_id          UUID        NOT NULL REFERENCES course (id) ON DELETE CASCADE,
    title              TEXT        NOT NULL
);
CREATE INDEX question_bank_by_course ON question_bank (course_id);

CREATE TABLE quiz (
    lesson_id          UUID        NOT NULL PRIMARY KEY REFERENCES lesson (id) ON DELETE CASCADE,
    bank_id            UUID        NOT NULL REFERENCES question_bank (id) ON DELETE CASCADE,
    settings           JSONB       NOT NULL,
    updated_at         TIMESTAMPTZ NOT NULL
);
CREATE INDEX quiz_by_bank ON quiz (bank_id);

CREATE TABLE question (
    id                 UUID        NOT NULL PRIMARY KEY,
    bank_id            UUID        NOT NULL REFERENCES question_bank (id) ON DELETE CASCADE,
    place              BIGINT      NOT NULL,
    version            BIGINT      NOT NULL, -- the newest
    retired_at         TIMESTAMPTZ, -- not asked any more
    created_at         TIMESTAMPTZ NOT NULL
);
CREATE INDEX question_by_bank ON question (bank_id, place);

CREATE TABLE question_version (
    question_id        UUID        NOT NULL REFERENCES question (id) ON DELETE CASCADE,
    version            BIGINT      NOT NULL, -- from 1
    body               JSONB       NOT NULL,
    created_at         TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (question_id, version)
);

-- The result of each attempt is in quiz_attempt as well, beside those that have no sheet.
CREATE TABLE attempt (
    id                 UUID        NOT NULL PRIMARY KEY,
    account_id         UUID        NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    lesson_id          UUID        NOT NULL REFERENCES lesson (id) ON DELETE CASCADE,
    number             BIGINT      NOT NULL, -- from 1
    seed               BIGINT      NOT NULL,
    state              TEXT        NOT NULL,
    started_at         TIMESTAMPTZ NOT NULL,
    due_at             TIMESTAMPTZ, -- null: no limit
    submitted_at       TIMESTAMPTZ,
    submitted_by       TEXT,
    graded_at          TIMESTAMPTZ,
    percent            BIGINT,
    UNIQUE (account_id, lesson_id, number)
);
CREATE UNIQUE INDEX attempt_open ON attempt (account_id, lesson_id) WHERE state = 'started';
CREATE INDEX attempt_by_lesson ON attempt (lesson_id, started_at);

CREATE TABLE attempt_answer (
    attempt_id         UUID        NOT NULL REFERENCES attempt (id) ON DELETE CASCADE,
    place              BIGINT      NOT NULL, -- on the sheet, from 1
    question_id        UUID        NOT NULL REFERENCES question (id) ON DELETE CASCADE,
    version            BIGINT      NOT NULL,
    arrangement        JSONB       NOT NULL, -- the order in which its parts are shown
    seq                BIGINT      NOT NULL, -- of the newest change; 0: none
    answer             JSONB,
    saved_at           TIMESTAMPTZ,
    points_numerator   BIGINT, -- null: not graded
    points_denominator BIGINT,
    PRIMARY KEY (attempt_id, place)
);
CREATE INDEX attempt_answer_by_question ON attempt_answer (question_id);

-- More time than others have, for who needs it.
CREATE TABLE quiz_allowance (
    account_id         UUID        NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    lesson_id          UUID        NOT NULL REFERENCES lesson (id) ON DELETE CASCADE,
    extra_seconds      BIGINT      NOT NULL,
    PRIMARY KEY (account_id, lesson_id)
);
CREATE INDEX quiz_allowance_by_lesson ON quiz_allowance (lesson_id);
