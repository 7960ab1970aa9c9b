-- :name row_digest
-- Rows and an order-free digest of them; a relation and " AS r" follow the text.
SELECT count(*), CAST(coalesce(sum(hash(r)), 0) AS VARCHAR) FROM

-- :name checkpoint_write
-- Actions, $1 as a JSON array and $2 their types, one a row of a file; a path and options follow.
COPY (SELECT unnest(action) FROM (SELECT unnest(from_json($1, $2)) AS action)) TO

-- :name difference_begin
-- How many rows a checkpoint has that it should not have, or lacks; a relation is put between the parts. What
-- was removed before is left out: the store forgets it.
WITH actions AS MATERIALIZED (SELECT unnest(action) FROM (SELECT unnest(from_json($1, $2)) AS action)),
    found AS MATERIALIZED (SELECT txn, add, metaData, protocol FROM

-- :name difference_end
-- Both ways.
WHERE remove IS NULL), wanted AS (SELECT txn, add, metaData, protocol FROM actions WHERE remove IS NULL)
SELECT count(*) FROM ((FROM wanted EXCEPT ALL FROM found) UNION ALL (FROM found EXCEPT ALL FROM wanted))

-- :name checkpoint_size
-- How many actions a checkpoint has; a relation follows.
SELECT count(*) FROM
