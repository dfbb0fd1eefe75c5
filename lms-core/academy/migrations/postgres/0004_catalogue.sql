-- What a course is, who gets in and how; modules, what lessons hold, and where a learner stopped.
ALTER TABLE course ADD COLUMN admission TEXT NOT NULL DEFAULT 'paid';
UPDATE course SET admission = 'free' WHERE price_minor = 0;
ALTER TABLE course ADD COLUMN description TEXT NOT NULL DEFAULT ''; -- Markdown
ALTER TABLE course ADD COLUMN level TEXT NOT NULL DEFAULT 'beginner';
ALTER TABLE course ADD COLUMN language TEXT NOT NULL DEFAULT 'en';

CREATE TABLE module (
    id        UUID NOT NULL PRIMARY KEY,
    course_id UUID NOT NULL REFERENCES course (id) ON DELETE CASCADE,
    place     BIGINT NOT NULL, -- from 1
    title     TEXT NOT NULL,
    UNIQUE (course_id, place)
);

-- lesson.place counts through the whole course; lessons of a module follow one another.
ALTER TABLE lesson ADD COLUMN module_id UUID REFERENCES module (id); -- null: of a course without modules
ALTER TABLE lesson ADD COLUMN body TEXT NOT NULL DEFAULT ''; -- Markdown: the text, or a video's notes
ALTER TABLE lesson ADD COLUMN media TEXT; -- address of a video
ALTER TABLE lesson ADD COLUMN captions TEXT; -- address of its captions, WebVTT
ALTER TABLE lesson ADD COLUMN opens_at TIMESTAMPTZ; -- null: with the course
ALTER TABLE lesson ADD COLUMN published BOOLEAN NOT NULL DEFAULT TRUE; -- others neither show nor count
CREATE INDEX lesson_by_module ON lesson (module_id);

CREATE TABLE course_prerequisite (
    course_id UUID NOT NULL REFERENCES course (id) ON DELETE CASCADE,
    needs_id  UUID NOT NULL REFERENCES course (id) ON DELETE CASCADE,
    PRIMARY KEY (course_id, needs_id)
);
CREATE INDEX course_prerequisite_by_need ON course_prerequisite (needs_id);

-- A group that learns on fixed dates.
CREATE TABLE cohort (
    id          UUID NOT NULL PRIMARY KEY,
    course_id   UUID NOT NULL REFERENCES course (id) ON DELETE CASCADE,
    name        TEXT NOT NULL,
    starts_at   TIMESTAMPTZ NOT NULL,
    ends_at     TIMESTAMPTZ,
    enrol_from  TIMESTAMPTZ, -- null: at once
    enrol_until TIMESTAMPTZ, -- null: as long as there are seats
    seats       BIGINT -- null: without limit
);
CREATE INDEX cohort_by_course ON cohort (course_id, starts_at);

ALTER TABLE enrolment ADD COLUMN cohort_id UUID REFERENCES cohort (id);
CREATE INDEX enrolment_by_cohort ON enrolment (cohort_id, status);
CREATE INDEX enrolment_by_course_and_time ON enrolment (course_id, enrolled_at, account_id);

-- A seat that is kept while its learner pays.
CREATE TABLE seat_hold (
    account_id UUID NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    course_id  UUID NOT NULL REFERENCES course (id) ON DELETE CASCADE,
    cohort_id  UUID NOT NULL REFERENCES cohort (id) ON DELETE CASCADE,
    held_until TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (account_id, course_id)
);
CREATE INDEX seat_hold_by_cohort ON seat_hold (cohort_id, held_until);

CREATE TABLE invitation (
    id          UUID NOT NULL PRIMARY KEY,
    course_id   UUID NOT NULL REFERENCES course (id) ON DELETE CASCADE,
    cohort_id   UUID REFERENCES cohort (id) ON DELETE CASCADE,
    email       TEXT NOT NULL, -- in the stored form; perhaps nobody's account
    token_hash  TEXT NOT NULL UNIQUE,
    invited_by  UUID REFERENCES account (id) ON DELETE SET NULL,
    created_at  TIMESTAMPTZ NOT NULL,
    expires_at  TIMESTAMPTZ NOT NULL,
    sent_at     TIMESTAMPTZ,
    accepted_by UUID REFERENCES account (id) ON DELETE SET NULL,
    accepted_at TIMESTAMPTZ,
    revoked_at  TIMESTAMPTZ
);
CREATE INDEX invitation_by_course ON invitation (course_id, created_at, id);
CREATE INDEX invitation_by_email ON invitation (email);

-- Where to go on: seconds of a video, per mille of a text; and when that was said.
ALTER TABLE lesson_progress ADD COLUMN position BIGINT NOT NULL DEFAULT 0;
ALTER TABLE lesson_progress ADD COLUMN position_at TIMESTAMPTZ;
