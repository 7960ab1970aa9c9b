-- :name schema_make
-- Where steps and rows of databases lie while a product is built; a name follows.
CREATE SCHEMA

-- :name schema_drop
-- They are gone when the build ends; a name and CASCADE follow.
DROP SCHEMA IF EXISTS

-- :name step_make
-- A private intermediate table; a name, AS and the approved SELECT follow.
CREATE TABLE

-- :name greatest_value
-- The newest value of the column that a table grows by; the column, FROM and a relation follow.
SELECT CAST(CAST(max(

-- :name rows_make
-- Rows that are to be put apart by partition; a name, AS and the approved SELECT follow.
CREATE TABLE

-- :name rows_drop
-- They are in files now; a name follows.
DROP TABLE
