-- :name attach
-- The file that whole tables go to; the path and the end follow.
ATTACH

-- :name attached
-- The end of "attach".
AS weft_export (TYPE duckdb)

-- :name schema
-- A product in the file; its name follows.
CREATE SCHEMA IF NOT EXISTS weft_export.

-- :name table
-- A table in the file; its name, AS and the SELECT that the guard approved follow.
CREATE TABLE weft_export.

-- :name checkpoint
-- All that was written into the file itself; a full disk is said here.
CHECKPOINT weft_export

-- :name detach
-- The file is nobody's any more.
DETACH weft_export
