-- Vectors are little-endian f32. The twin in ../sqlite makes the same schema; a test compares them.

CREATE TABLE article (
    slug        TEXT        NOT NULL PRIMARY KEY,
    source      TEXT        NOT NULL,
    path        TEXT        NOT NULL,
    fingerprint TEXT        NOT NULL,
    title       TEXT        NOT NULL,
    summary     TEXT,
    category    TEXT,
    intents     JSONB       NOT NULL,
    updated     TEXT,
    markdown    TEXT        NOT NULL,
    ingested_at TIMESTAMPTZ NOT NULL,
    UNIQUE (source, path)
);

CREATE TABLE passage (
    slug       TEXT    NOT NULL REFERENCES article (slug) ON DELETE CASCADE,
    ordinal    INTEGER NOT NULL,
    point_id   UUID    NOT NULL UNIQUE,
    kind       TEXT    NOT NULL,
    anchor     TEXT,
    heading    TEXT,
    text       TEXT    NOT NULL,
    embed_text TEXT    NOT NULL,
    embedding  BYTEA   NOT NULL,
    PRIMARY KEY (slug, ordinal)
);
