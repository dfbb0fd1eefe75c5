-- Who may read an article, and whose vectors its passages have: an encoder's fingerprint, empty where none is known.

ALTER TABLE article ADD COLUMN audience TEXT NOT NULL DEFAULT 'everyone';
ALTER TABLE article ADD COLUMN encoder TEXT NOT NULL DEFAULT '';
