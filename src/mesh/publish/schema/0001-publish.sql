-- One row per publish that was committed; failed ones live in the journal only.
CREATE TABLE publish (
    id           TEXT    NOT NULL PRIMARY KEY,
    product_id   TEXT    NOT NULL,
    seq          INTEGER NOT NULL,
    fingerprint  TEXT    NOT NULL,
    started_us   INTEGER NOT NULL,
    committed_us INTEGER NOT NULL,
    actor        TEXT    NOT NULL,
    row_count    INTEGER NOT NULL,
    bytes        INTEGER NOT NULL,
    checks       INTEGER NOT NULL,
    warnings     INTEGER NOT NULL,
    receipt_hash TEXT    NOT NULL,
    UNIQUE (product_id, seq)
) STRICT;

-- What each publish read: an upstream snapshot, or a source file with its hash.
CREATE TABLE publish_input (
    publish_id TEXT    NOT NULL REFERENCES publish (id),
    position   INTEGER NOT NULL,
    kind       TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    snapshot   TEXT    NOT NULL,
    bytes      INTEGER NOT NULL,
    mtime_us   INTEGER NOT NULL,
    sha256     TEXT    NOT NULL,
    PRIMARY KEY (publish_id, position)
) STRICT;

CREATE TABLE check_result (
    publish_id TEXT    NOT NULL REFERENCES publish (id),
    position   INTEGER NOT NULL,
    address    TEXT    NOT NULL,
    id         TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    columns    TEXT    NOT NULL,
    dimension  TEXT    NOT NULL,
    severity   TEXT    NOT NULL,
    outcome    TEXT    NOT NULL,
    measured   TEXT    NOT NULL,
    threshold  TEXT    NOT NULL,
    bad_rows   INTEGER,
    message    TEXT    NOT NULL,
    PRIMARY KEY (publish_id, position)
) STRICT;

-- A running publish. Its row keeps the sweeper away from its files and a second publish out.
CREATE TABLE lease (
    product_id TEXT    NOT NULL PRIMARY KEY,
    publish_id TEXT    NOT NULL,
    host       TEXT    NOT NULL,
    process    INTEGER NOT NULL,
    started_us INTEGER NOT NULL,
    alive_us   INTEGER NOT NULL
) STRICT;
