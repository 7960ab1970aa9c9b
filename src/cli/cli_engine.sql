-- :name count_rows
-- Rows of what `weft new` looks at; counts of columns and FROM follow.
SELECT count(*)

-- :name count_values
-- Values that are not null; a column and ")" follow.
count(

-- :name count_distinct
-- About how many values there are; a column and ")" follow.
approx_count_distinct(

-- :name exact_distinct
-- How many values there are; a column, ")" and FROM follow.
SELECT count(DISTINCT

-- :name list_values
-- The values of a column; the column, ")" and FROM follow.
SELECT DISTINCT (
