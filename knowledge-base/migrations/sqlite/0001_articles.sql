-- Times are microseconds since 1970, ids 16 bytes, JSON is text, vectors little-endian f32.
-- The twin in ../postgres makes the same schema; a test compares them.

CREATE TABLE article (
    slug        TEXT    NOT NULL PRIMARY KEY,
    source      TEXT    NOT NULL,
    path        TEXT    NOT NULL,
    fingerprint TEXT    NOT NULL,
    title       TEXT    NOT NULL,
    summary     TEXT,
    category    TEXT,
    intents     TEXT    NOT NULL,
    updated     TEXT,
    markdown    TEXT    NOT NULL,
    ingested_at INTEGER NOT NULL,
    UNIQUE (source, path)
) STRICT;

CREATE TABLE passage (
    slug       TEXT    NOT NULL REFERENCES article (slug) ON DELETE CASCADE,
    ordinal    INTEGER NOT NULL,
    point_id   BLOB    NOT NULL UNIQUE,
    kind       TEXT    NOT NULL,
    anchor     TEXT,
    heading    TEXT,
    text       TEXT    NOT NULL,
    embed_text TEXT    NOT NULL,
    embedding  BLOB    NOT NULL,
    PRIMARY KEY (slug, ordinal)
) STRICT;
