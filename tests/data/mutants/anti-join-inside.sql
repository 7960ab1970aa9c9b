-- attacked: fred for fraud-investigation
-- # A form that the engine cannot run once the policy's subquery stands in place of the table.
SELECT count(*) AS n FROM ops.filtered.rows_eq AS x
WHERE EXISTS (SELECT 1 FROM ops.filtered.rows_eq AS y ANTI JOIN ops."window".pane AS other ON (y.js = other.region) WHERE y.id = x.id)
