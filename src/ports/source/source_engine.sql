-- What the engine is asked about files. Each text ends where a table function follows, printed by
-- source_call_text from quoted constants only.

-- :name all_of
-- Names and types of all columns of a call.
SELECT * FROM

-- :name quote_of
-- The quote that the engine detected in the file behind sniff_csv.
SELECT "Quote" FROM

-- :name table_begin
-- A new table for the rows of a database; name and columns follow, quoted.
CREATE TABLE

-- :name table_drop
-- The table of a load that failed.
DROP TABLE IF EXISTS
