-- Accounts, their check history, settings, and the journal of secret changes. NOTES.md explains the columns.

-- The data folder itself: one row.
CREATE TABLE home (
    only INTEGER NOT NULL PRIMARY KEY DEFAULT 1 CHECK (only = 1),
    id TEXT NOT NULL,
    oldest_reader INTEGER NOT NULL DEFAULT 1
) STRICT;

CREATE TABLE account (
    position INTEGER NOT NULL PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    address TEXT NOT NULL,
    address_key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL DEFAULT '',
    color TEXT NOT NULL DEFAULT '#3f5bc4',
    is_primary INTEGER NOT NULL DEFAULT 0 CHECK (is_primary IN (0, 1)),
    imap_host TEXT NOT NULL,
    imap_port INTEGER NOT NULL,
    imap_security TEXT NOT NULL,
    imap_username TEXT NOT NULL,
    imap_auth TEXT NOT NULL,
    smtp_host TEXT NOT NULL,
    smtp_port INTEGER NOT NULL,
    smtp_security TEXT NOT NULL,
    smtp_username TEXT NOT NULL,
    smtp_auth TEXT NOT NULL,
    health_state TEXT NOT NULL DEFAULT 'unchecked',
    checked_at INTEGER,
    problem_code TEXT,
    search_text TEXT NOT NULL DEFAULT '',
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    removal_until INTEGER,
    had_primary INTEGER NOT NULL DEFAULT 0 CHECK (had_primary IN (0, 1)),
    -- A hidden account can't be the one that is offered first.
    CHECK (is_primary = 0 OR removal_until IS NULL)
) STRICT;

CREATE UNIQUE INDEX account_one_primary ON account (is_primary) WHERE is_primary = 1;
CREATE INDEX account_removal ON account (removal_until) WHERE removal_until IS NOT NULL;

CREATE TABLE identity (
    account_id TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    address TEXT NOT NULL,
    name TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (account_id, ordinal)
) STRICT, WITHOUT ROWID;

CREATE TABLE check_report (
    sequence INTEGER NOT NULL PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    account_id TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    at INTEGER NOT NULL,
    report TEXT NOT NULL
) STRICT;

CREATE INDEX check_report_of_account ON check_report (account_id, sequence);

CREATE TABLE setting (
    key TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Which entry of which secret store holds an account's secret. RESTRICT, not CASCADE: an account must not
-- go before each of its secrets has a delete-intent, or its entry would stay in the keyring for ever.
CREATE TABLE secret (
    account_id TEXT NOT NULL REFERENCES account (id) ON DELETE RESTRICT,
    purpose TEXT NOT NULL,
    id TEXT NOT NULL UNIQUE,
    storage TEXT NOT NULL,
    PRIMARY KEY (account_id, purpose)
) STRICT, WITHOUT ROWID;

-- Changes to a secret store that were begun and not yet seen through.
CREATE TABLE secret_intent (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    storage TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
