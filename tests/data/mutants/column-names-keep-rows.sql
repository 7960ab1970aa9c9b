-- # Other names for columns must not lose the row filter.
-- attacked: ana
-- attacked: bot
SELECT count(*) FROM ops.filtered.rows_eq AS x(a, b)
