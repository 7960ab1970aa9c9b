-- # The same without a condition that is a text.
-- attacked: bot
SELECT y.secret FROM ops.filtered.rows_or AS x LEFT JOIN ops.filtered.rows_null AS y ON (x.owner = y.big AND y.secret = 'ana')
