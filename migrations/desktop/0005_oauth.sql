-- Access by OAuth: what is known of an account's tokens, which themselves are only in a secret store, in the entry that
-- `secret` names under the purpose 'oauth': the token slot. NOTES.md explains the columns.

CREATE TABLE oauth (
    account_id TEXT NOT NULL PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE ON UPDATE CASCADE,
    provider TEXT NOT NULL,
    client_id TEXT NOT NULL,
    consented_as TEXT,
    scopes TEXT NOT NULL DEFAULT '[]',
    generation INTEGER NOT NULL DEFAULT 0,
    obtained_at INTEGER NOT NULL,
    refreshed_at INTEGER NOT NULL,
    expires_at INTEGER,
    renews_at INTEGER,
    sign_in_by INTEGER,
    needs_sign_in INTEGER NOT NULL DEFAULT 0 CHECK (needs_sign_in IN (0, 1)),
    problem_code TEXT,
    explanation TEXT,
    for_good INTEGER NOT NULL DEFAULT 1 CHECK (for_good IN (0, 1)),
    not_before INTEGER
) STRICT, WITHOUT ROWID;

-- A slot on its way in: recovery gives it to this account instead of undoing it, for the consent behind it can't be
-- had twice. No reference: the account may go while its slot is on the way.
ALTER TABLE secret_intent ADD COLUMN slot_of TEXT;

-- An older program knows nothing of the slot, and `secret` lets no account go that has one. Its removal leaves the
-- delete-intent that a program of this version makes by itself.
CREATE TRIGGER token_slot_goes_with_account BEFORE DELETE ON account
BEGIN
    INSERT OR REPLACE INTO secret_intent (id, kind, storage, created_at)
        SELECT id, 'delete', storage, OLD.updated_at FROM secret WHERE account_id = OLD.id AND purpose = 'oauth';
    DELETE FROM secret WHERE account_id = OLD.id AND purpose = 'oauth';
END;
