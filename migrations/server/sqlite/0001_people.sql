-- What a server keeps of people, their devices and their records. NOTES.md explains the columns.

CREATE TABLE instance (
    one        INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    sync_id    TEXT    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE person (
    id              TEXT    NOT NULL PRIMARY KEY,
    issuer          TEXT    NOT NULL,
    subject         TEXT    NOT NULL,
    email           TEXT,
    name            TEXT,
    created_at      INTEGER NOT NULL,
    sync_id         TEXT,
    revision        INTEGER NOT NULL DEFAULT 0,
    purged_revision INTEGER NOT NULL DEFAULT 0,
    record_count    INTEGER NOT NULL DEFAULT 0,
    UNIQUE (issuer, subject)
) STRICT;

CREATE TABLE replaced_history (
    sync_id     TEXT    NOT NULL,
    person_id   TEXT    REFERENCES person (id) ON DELETE CASCADE,
    replaced_at INTEGER NOT NULL
) STRICT;
CREATE INDEX replaced_history_sync_id ON replaced_history (sync_id);
CREATE INDEX replaced_history_person ON replaced_history (person_id) WHERE person_id IS NOT NULL;

CREATE TABLE device (
    id                 TEXT    NOT NULL PRIMARY KEY,
    person_id          TEXT    NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    name               TEXT    NOT NULL,
    platform           TEXT    NOT NULL,
    thumbprint         TEXT    NOT NULL,
    created_at         INTEGER NOT NULL,
    last_seen_at       INTEGER NOT NULL,
    last_address       TEXT,
    session_id         TEXT,
    session_expires_at INTEGER,
    session_ended_at   INTEGER,
    revoked_at         INTEGER,
    UNIQUE (person_id, thumbprint)
) STRICT;
CREATE INDEX device_session ON device (session_id) WHERE session_id IS NOT NULL;

CREATE TABLE record (
    person_id   TEXT    NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    id          TEXT    NOT NULL,
    kind        TEXT    NOT NULL,
    revision    INTEGER NOT NULL,
    write_id    TEXT    NOT NULL,
    body        TEXT,
    address_key TEXT,
    origin      INTEGER,
    written_at  INTEGER NOT NULL,
    PRIMARY KEY (person_id, id)
) STRICT;
CREATE UNIQUE INDEX record_revision ON record (person_id, revision);
CREATE UNIQUE INDEX record_address ON record (person_id, address_key) WHERE address_key IS NOT NULL;
CREATE INDEX record_tombstone ON record (written_at) WHERE body IS NULL;

CREATE TABLE mutation (
    person_id   TEXT    NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    id          TEXT    NOT NULL,
    fingerprint BLOB    NOT NULL,
    outcome     TEXT    NOT NULL,
    answered_at INTEGER NOT NULL,
    PRIMARY KEY (person_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX mutation_answered ON mutation (answered_at);

-- No reference to person or device: the log outlives what it tells of.
CREATE TABLE audit (
    sequence  INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    at        INTEGER NOT NULL,
    person_id TEXT    NOT NULL,
    device_id TEXT,
    action    TEXT    NOT NULL,
    target    TEXT,
    address   TEXT
) STRICT;
CREATE INDEX audit_person ON audit (person_id, sequence);
CREATE INDEX audit_at ON audit (at);

CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
BEGIN
    SELECT raise(ABORT, 'the audit log is append-only');
END;
