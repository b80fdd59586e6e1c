-- What travels to the person's other devices: who is signed in, what the server last confirmed, what is on its way,
-- and the versions of each account. NOTES.md explains the columns.

ALTER TABLE account ADD COLUMN travels INTEGER NOT NULL DEFAULT 0 CHECK (travels IN (0, 1));
ALTER TABLE account ADD COLUMN sort_order INTEGER;
ALTER TABLE account ADD COLUMN other TEXT NOT NULL DEFAULT '{}';

-- Who is signed in, or was: one row, or none.
CREATE TABLE sync_session (
    only INTEGER NOT NULL PRIMARY KEY DEFAULT 1 CHECK (only = 1),
    server TEXT NOT NULL,
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    user_id TEXT NOT NULL,
    device_id TEXT,
    email TEXT,
    name TEXT,
    signed_in INTEGER NOT NULL DEFAULT 1 CHECK (signed_in IN (0, 1)),
    sync_id TEXT,
    cursor INTEGER NOT NULL DEFAULT 0,
    is_full INTEGER NOT NULL DEFAULT 1 CHECK (is_full IN (0, 1)),
    reset TEXT
) STRICT;

-- No reference to account: a record outlives its account, or waits for it.
CREATE TABLE sync_record (
    sequence INTEGER NOT NULL PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    base TEXT,
    memory TEXT,
    incoming TEXT,
    sent TEXT,
    refused TEXT,
    is_held INTEGER NOT NULL DEFAULT 0 CHECK (is_held IN (0, 1)),
    is_seen INTEGER NOT NULL DEFAULT 1 CHECK (is_seen IN (0, 1))
) STRICT;

-- Writes whose answer is not known.
CREATE TABLE sync_outbox (
    sequence INTEGER NOT NULL PRIMARY KEY,
    mutation_id TEXT NOT NULL UNIQUE,
    record_id TEXT NOT NULL UNIQUE,
    content TEXT NOT NULL
) STRICT;

CREATE TABLE record_version (
    sequence INTEGER NOT NULL PRIMARY KEY,
    record_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    source TEXT NOT NULL,
    device_id TEXT,
    body TEXT NOT NULL,
    members TEXT NOT NULL DEFAULT '[]',
    is_seen INTEGER NOT NULL DEFAULT 1 CHECK (is_seen IN (0, 1))
) STRICT;

CREATE INDEX record_version_of_record ON record_version (record_id, sequence);
