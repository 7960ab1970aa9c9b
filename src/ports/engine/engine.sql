-- What the DuckDB adapter says to an instance while it opens. The order is that of
-- duck_settings in duckdb_open.c: the lock comes last.

-- :name time_zone
-- Times with zone are kept and printed in UTC, whatever the machine's zone is.
SET GLOBAL TimeZone = 'UTC';

-- :name lossless_on
-- Arrow arrays of types that plain Arrow cannot hold.
SET GLOBAL arrow_lossless_conversion = true;

-- :name lossless_off
-- Arrow arrays that every Arrow reader understands.
SET GLOBAL arrow_lossless_conversion = false;

-- :name allowed_directories
-- Folders that stay reachable when external access is off.
SET GLOBAL allowed_directories = $1;

-- :name allowed_paths
-- Single files that stay reachable when external access is off.
SET GLOBAL allowed_paths = $1;

-- :name external_access_off
-- No file, no network, no extension, except what is allowed above.
SET GLOBAL enable_external_access = false;

-- :name lock
-- No setting changes any more.
SET GLOBAL lock_configuration = true;

-- :name progress_quiet
-- Progress is asked for, never printed. A pragma, for it works on a locked instance too.
PRAGMA disable_print_progress_bar;

-- :name progress_on
-- Without it the engine does not count.
PRAGMA enable_progress_bar;

-- :name begin
-- Rows of an appender become visible together.
BEGIN TRANSACTION;

-- :name commit
-- Rows of an appender become visible.
COMMIT;

-- :name rollback
-- Rows of an appender vanish.
ROLLBACK;
