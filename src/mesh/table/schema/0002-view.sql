-- Views: snapshots without files, evaluated when they are read. `view` is the hash of their SELECT, which the
-- registry keeps; a table with files has none.
ALTER TABLE snapshot ADD COLUMN view TEXT;

-- The tables that a view's SELECT names, at the majors that its input ports declare.
CREATE TABLE view_input (
    snapshot_id TEXT    NOT NULL REFERENCES snapshot (id),
    position    INTEGER NOT NULL,
    address     TEXT    NOT NULL,
    PRIMARY KEY (snapshot_id, position)
) STRICT, WITHOUT ROWID;
