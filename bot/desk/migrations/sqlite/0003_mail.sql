-- The twin in ../postgres makes the same schema; a test compares them.

-- A conversation by mail or over the API. Its answers go to this address and to no other; null: nobody can be written to.
CREATE TABLE correspondence (
    conversation_id BLOB    NOT NULL PRIMARY KEY REFERENCES conversation (id) ON DELETE CASCADE,
    channel         TEXT    NOT NULL, -- mail or api
    address         TEXT,
    name            TEXT    NOT NULL, -- as the person is called who wrote: untrusted text
    subject         TEXT    NOT NULL,
    language        TEXT    -- as another system says
) STRICT;

-- What came in, each once. The text itself is a message.
CREATE TABLE letter (
    letter_key      TEXT    NOT NULL PRIMARY KEY, -- the same when it is delivered again
    conversation_id BLOB    NOT NULL,
    seq             INTEGER NOT NULL,
    message_id      TEXT, -- of the mail, without angle brackets
    sender          TEXT, -- in lower case: it proves nothing
    subject         TEXT    NOT NULL,
    rest            TEXT    NOT NULL, -- quoted, forwarded, signed: not the writer's own words
    files           TEXT    NOT NULL, -- what the sender says of the files that came with it
    received_at     INTEGER NOT NULL,
    FOREIGN KEY (conversation_id, seq) REFERENCES message (conversation_id, seq) ON DELETE CASCADE
) STRICT;
CREATE INDEX letter_of_conversation ON letter (conversation_id, seq);
CREATE INDEX letter_by_message_id ON letter (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX letter_by_sender ON letter (sender, received_at) WHERE sender IS NOT NULL;

-- Messages that go out by mail, each in one mail: its Message-ID begins with the id.
CREATE TABLE reply_mail (
    id              BLOB    NOT NULL PRIMARY KEY,
    conversation_id BLOB    NOT NULL,
    seq             INTEGER NOT NULL,
    recipient       TEXT    NOT NULL, -- in lower case, for counting
    automatic       INTEGER NOT NULL, -- no person wrote it
    created_at      INTEGER NOT NULL,
    sent_at         INTEGER,
    failure         TEXT, -- why it was not sent, or did not arrive
    FOREIGN KEY (conversation_id, seq) REFERENCES message (conversation_id, seq) ON DELETE CASCADE
) STRICT;
CREATE UNIQUE INDEX reply_mail_of_message ON reply_mail (conversation_id, seq);
CREATE INDEX reply_mail_by_recipient ON reply_mail (recipient, created_at) WHERE automatic;
CREATE INDEX reply_mail_by_time ON reply_mail (created_at) WHERE automatic;
