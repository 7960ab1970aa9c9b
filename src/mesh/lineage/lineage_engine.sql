-- :name attach
-- An empty catalog in memory; its quoted name follows the text.
ATTACH ':memory:' AS

-- :name create_schema
-- A schema; its quoted name follows the text.
CREATE SCHEMA IF NOT EXISTS

-- :name create_table
-- An empty table; its quoted name and its columns follow the text.
CREATE OR REPLACE TABLE

-- :name explain_failure
-- Binds a text as the engine would and gives its plan or what is wrong, with the place.
SELECT json_serialize_plan($1::VARCHAR, optimize := false);
