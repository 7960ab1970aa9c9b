-- Snapshots: immutable states of a table. The head says which one readers see.
CREATE TABLE data_file (
    id         INTEGER NOT NULL PRIMARY KEY,
    key        TEXT    NOT NULL UNIQUE,
    bytes      INTEGER NOT NULL,
    row_count  INTEGER NOT NULL,
    sha256     TEXT    NOT NULL,
    row_digest TEXT    NOT NULL,
    stats      TEXT    NOT NULL
) STRICT;

CREATE TABLE snapshot (
    id         TEXT    NOT NULL PRIMARY KEY,
    address    TEXT    NOT NULL,
    number     INTEGER NOT NULL,
    publish_id TEXT    NOT NULL,
    parent     TEXT,
    columns    TEXT    NOT NULL,
    row_count  INTEGER NOT NULL,
    bytes      INTEGER NOT NULL,
    made_us    INTEGER NOT NULL,
    UNIQUE (address, number)
) STRICT;

CREATE TABLE snapshot_file (
    snapshot_id TEXT    NOT NULL REFERENCES snapshot (id),
    position    INTEGER NOT NULL,
    file_id     INTEGER NOT NULL REFERENCES data_file (id),
    PRIMARY KEY (snapshot_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE table_head (
    address     TEXT NOT NULL PRIMARY KEY,
    product_id  TEXT NOT NULL,
    port        TEXT NOT NULL,
    snapshot_id TEXT NOT NULL REFERENCES snapshot (id)
) STRICT;

CREATE INDEX snapshot_by_publish ON snapshot (publish_id);
CREATE INDEX table_head_by_product ON table_head (product_id);
