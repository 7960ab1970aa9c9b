-- Which policies are in force: the newest set. Its documents are kept as the bytes that were compiled, so
-- that a file with an error leaves the policies before it in force.
CREATE TABLE policy_set (
    seq         INTEGER NOT NULL PRIMARY KEY,
    fingerprint TEXT    NOT NULL,
    actor       TEXT    NOT NULL,
    since_us    INTEGER NOT NULL
) STRICT;

CREATE TABLE policy_text (
    sha256 TEXT NOT NULL PRIMARY KEY,
    bytes  BLOB NOT NULL
) STRICT;

CREATE TABLE policy_document (
    seq    INTEGER NOT NULL REFERENCES policy_set (seq),
    path   TEXT    NOT NULL,
    domain TEXT    NOT NULL,
    sha256 TEXT    NOT NULL REFERENCES policy_text (sha256),
    PRIMARY KEY (seq, path)
) STRICT;

-- Keys of hashes by their id. The key itself lies in a file; `proof` tells whether a file is that key.
CREATE TABLE mask_key (
    id         TEXT    NOT NULL PRIMARY KEY,
    proof      TEXT    NOT NULL,
    created_us INTEGER NOT NULL
) STRICT;
