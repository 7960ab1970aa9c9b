-- What the metadata store needs for itself. The other statements live beside their modules.

-- :name begin_read
-- A transaction that reads; the snapshot is taken by "pin".
BEGIN DEFERRED;

-- :name begin_write
-- A transaction that may write: waits for the other writer now, not in the middle.
BEGIN IMMEDIATE;

-- :name pin
-- Any read fixes the state that the transaction sees.
SELECT 1 FROM sqlite_schema LIMIT 1;

-- :name commit
-- Make it durable.
COMMIT;

-- :name rollback
-- Undo it.
ROLLBACK;

-- :name application_id
-- Whose file this is; reading it reads the first page.
PRAGMA application_id;

-- :name application_id_set
-- "weft" as a number.
PRAGMA application_id = 2003134068;

-- :name object_count
-- 0 in a new store.
SELECT count(*) FROM sqlite_schema;

-- :name journal_wal
-- Readers beside one writer; gives the mode that holds afterwards.
PRAGMA journal_mode = WAL;

-- :name synchronous_full
-- Every commit is synced before it returns.
PRAGMA synchronous = FULL;

-- :name synchronous
-- Read back: 2 is FULL.
PRAGMA synchronous;

-- :name foreign_keys_on
-- References are checked.
PRAGMA foreign_keys = ON;

-- :name foreign_keys
-- Read back: 1 is on.
PRAGMA foreign_keys;

-- :name cell_size_check_on
-- Damaged pages are noticed when they are read.
PRAGMA cell_size_check = ON;

-- :name foreign_keys_off
-- While a migration rebuilds tables; has no effect inside a transaction.
PRAGMA foreign_keys = OFF;

-- :name store_table
-- One row that db_reopen writes to, so that an unclear commit is settled.
CREATE TABLE IF NOT EXISTS db_store (
    id      INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    settled INTEGER NOT NULL
) STRICT;

-- :name migration_table
-- The steps of each module's schema that were applied.
CREATE TABLE IF NOT EXISTS db_migration (
    module     TEXT    NOT NULL,
    number     INTEGER NOT NULL,
    name       TEXT    NOT NULL,
    sha256     TEXT    NOT NULL,
    applied_us INTEGER NOT NULL,
    PRIMARY KEY (module, number)
) STRICT;

-- :name store_row
-- The one row.
INSERT INTO db_store (id, settled) VALUES (1, 0) ON CONFLICT (id) DO NOTHING;

-- :name settle
-- A write of its own behind an unclear commit.
UPDATE db_store SET settled = settled + 1 WHERE id = 1;

-- :name migration_list
-- What was applied.
SELECT module, number, name, sha256 FROM db_migration ORDER BY module, number;

-- :name migration_put
-- One step was applied.
INSERT INTO db_migration (module, number, name, sha256, applied_us) VALUES ($1, $2, $3, $4, $5);

-- :name integrity_check
-- Every page, index and constraint.
PRAGMA integrity_check(100);

-- :name foreign_key_check
-- Rows whose reference leads nowhere: table, row, table referred to.
PRAGMA foreign_key_check;
