-- Which entry of which secret store holds what the session at the server needs: the tokens, and the key that signs
-- this computer's requests. NOTES.md explains the columns.

CREATE TABLE session_secret (
    purpose TEXT NOT NULL PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    storage TEXT NOT NULL
) STRICT;
