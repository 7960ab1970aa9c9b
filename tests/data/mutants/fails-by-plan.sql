-- # Fails on a row that may be seen, or not at all: the plan decides.
-- attacked: ana
SELECT y.closed FROM ops.filtered.rows_or AS x LEFT JOIN ops.filtered.rows_null AS y ON (x.owner = y.big AND y.closed)
