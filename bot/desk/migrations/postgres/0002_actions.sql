-- The twin in ../sqlite makes the same schema; a test compares them.

-- Whose conversation it is, once somebody who is signed in has used it: never anybody else's afterwards.
ALTER TABLE conversation ADD COLUMN learner_id UUID;
ALTER TABLE conversation ADD COLUMN learner_name TEXT; -- as the LMS knows the person: untrusted text
-- What the LMS is shown when the bot acts for the person. It is kept as it is because the worker that answers is not the request that brought it.
-- It lives for minutes, ends with the person's session, opens nothing without the service token, and is removed once it has run out.
ALTER TABLE conversation ADD COLUMN identity_token TEXT;
ALTER TABLE conversation ADD COLUMN identity_until TIMESTAMPTZ;
-- While the newest answer is a sign-in card: messages after this one are answered again once the person is known.
ALTER TABLE conversation ADD COLUMN resume_seq BIGINT;
CREATE INDEX conversation_identity ON conversation (identity_until) WHERE identity_until IS NOT NULL;

ALTER TABLE message ADD COLUMN card JSONB; -- a form, a choice, a receipt, findings
