-- A certificate that counts no more. What stands on it stays as it was printed.
CREATE TABLE certificate_revocation (
    certificate_id UUID        NOT NULL PRIMARY KEY REFERENCES certificate (id) ON DELETE CASCADE,
    reason         TEXT        NOT NULL,
    note           TEXT        NOT NULL, -- for administrators alone
    revoked_at     TIMESTAMPTZ NOT NULL,
    revoked_by     UUID        NOT NULL -- no reference: it outlives the administrator's account
);
CREATE INDEX certificate_revocation_by_time ON certificate_revocation (revoked_at);

-- The public halves of all keys that ever signed a credential: what an old one signed can be checked for ever.
CREATE TABLE credential_key (
    kid           TEXT        NOT NULL PRIMARY KEY, -- the key's thumbprint (RFC 7638)
    jwk           JSONB       NOT NULL,
    first_used_at TIMESTAMPTZ NOT NULL
);
