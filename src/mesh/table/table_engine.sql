-- :name row_digest
-- Rows and an order-free digest of them; a relation and " AS r" follow the text.
SELECT count(*), CAST(coalesce(sum(hash(r)), 0) AS VARCHAR) FROM
