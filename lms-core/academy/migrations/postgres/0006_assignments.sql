-- Work that learners hand in, how instructors grade it, and how a course's grade is put together.
CREATE TABLE assignment (
    id                   UUID   NOT NULL PRIMARY KEY,
    lesson_id            UUID   NOT NULL UNIQUE REFERENCES lesson (id) ON DELETE CASCADE,
    title                TEXT    NOT NULL,
    instructions         TEXT    NOT NULL, -- Markdown
    due_at               TIMESTAMPTZ, -- for all
    due_days             BIGINT, -- after a learner's enrolment; neither: no deadline
    pass_percent         BIGINT NOT NULL,
    late                 TEXT    NOT NULL,
    late_percent_per_day BIGINT NOT NULL,
    late_percent_max     BIGINT NOT NULL,
    types                JSONB    NOT NULL, -- JSON
    max_files            BIGINT NOT NULL,
    max_bytes            BIGINT NOT NULL, -- of a file
    attempts             BIGINT, -- null: until it is graded
    category             TEXT    NOT NULL,
    rubric               JSONB    NOT NULL -- JSON
);

-- A version of what a learner hands in.
CREATE TABLE submission (
    id            UUID   NOT NULL PRIMARY KEY,
    assignment_id UUID   NOT NULL REFERENCES assignment (id) ON DELETE CASCADE,
    account_id    UUID   NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    version       BIGINT NOT NULL, -- from 1
    status        TEXT    NOT NULL,
    answer        TEXT    NOT NULL,
    created_at    TIMESTAMPTZ NOT NULL,
    submitted_at  TIMESTAMPTZ,
    revision      BIGINT NOT NULL, -- goes up with every verdict: who decides on an older one is told
    claimed_by    UUID   REFERENCES account (id) ON DELETE SET NULL,
    claimed_until TIMESTAMPTZ,
    decided_by    UUID   REFERENCES account (id) ON DELETE SET NULL,
    decided_at    TIMESTAMPTZ,
    marks         JSONB, -- JSON, in the rubric's order
    remark        TEXT    NOT NULL,
    raw_points    BIGINT, -- basis points before what being late costs
    final_points  BIGINT, -- basis points
    UNIQUE (assignment_id, account_id, version)
);
CREATE INDEX submission_waiting ON submission (assignment_id, submitted_at) WHERE status = 'submitted';
CREATE INDEX submission_by_account ON submission (account_id, assignment_id);
CREATE INDEX submission_by_claimer ON submission (claimed_by) WHERE claimed_by IS NOT NULL;
CREATE INDEX submission_by_decider ON submission (decided_by) WHERE decided_by IS NOT NULL;

-- What is in a version. Two versions may hold the same stored file.
CREATE TABLE submission_file (
    id            UUID   NOT NULL PRIMARY KEY,
    submission_id UUID   NOT NULL REFERENCES submission (id) ON DELETE CASCADE,
    stored        UUID   NOT NULL, -- under which it is kept
    name          TEXT    NOT NULL, -- cleaned; never a path
    type          TEXT    NOT NULL,
    bytes         BIGINT NOT NULL,
    sha256        TEXT    NOT NULL,
    added_at      TIMESTAMPTZ NOT NULL
);
CREATE INDEX submission_file_by_submission ON submission_file (submission_id, added_at);
CREATE INDEX submission_file_by_stored ON submission_file (stored);

CREATE TABLE assignment_extension (
    assignment_id UUID   NOT NULL REFERENCES assignment (id) ON DELETE CASCADE,
    account_id    UUID   NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    due_at        TIMESTAMPTZ NOT NULL,
    granted_by    UUID   REFERENCES account (id) ON DELETE SET NULL,
    granted_at    TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (assignment_id, account_id)
);
CREATE INDEX assignment_extension_by_account ON assignment_extension (account_id);
CREATE INDEX assignment_extension_by_granter ON assignment_extension (granted_by) WHERE granted_by IS NOT NULL;

-- What each category counts in a course's grade. Without a row: 40, 50 and 10.
CREATE TABLE grade_scheme (
    course_id        UUID   NOT NULL PRIMARY KEY REFERENCES course (id) ON DELETE CASCADE,
    quizzes          BIGINT NOT NULL,
    assignments      BIGINT NOT NULL,
    participation    BIGINT NOT NULL,
    drop_quizzes     BIGINT NOT NULL, -- so many of the lowest do not count
    drop_assignments BIGINT NOT NULL
);

CREATE INDEX enrolment_for_gradebook ON enrolment (course_id, account_id);
