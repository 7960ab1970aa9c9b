-- # A function that fails with its argument never meets a hidden row, though the engine moves the condition down.
-- attacked: ana
-- attacked: fred
SELECT count(*) FROM (SELECT * FROM ops.filtered.rows_or) AS t WHERE date_diff(t.part, '2020-01-01', CAST('2021-01-01' AS DATE)) IS NOT NULL
