-- What a judged conversation is for: to check what triage says of it, or to teach it. One row a conversation, so never both.
ALTER TABLE eval_case ADD COLUMN purpose TEXT NOT NULL DEFAULT 'check' CHECK (purpose IN ('check', 'teach'));
