-- Up to where the server may have forgotten deletions, as its last page said.

ALTER TABLE sync_session ADD COLUMN purged INTEGER NOT NULL DEFAULT 0;
