-- Tables that readers see no longer, with their last state: history is kept for a time from then.
CREATE TABLE table_gone (
    address     TEXT    NOT NULL PRIMARY KEY,
    product_id  TEXT    NOT NULL,
    port        TEXT    NOT NULL,
    snapshot_id TEXT    NOT NULL REFERENCES snapshot (id),
    gone_us     INTEGER NOT NULL
) STRICT;

CREATE INDEX table_gone_by_product ON table_gone (product_id);

-- Nobody noted when the tables went that went until now, so their time begins now. Whose they were is known from the
-- tables that stand beside them ("domain.product_v1." is what they share).
INSERT INTO table_gone (address, product_id, port, snapshot_id, gone_us)
SELECT s.address, max(h.product_id), max(h.port), s.id, CAST(strftime('%s', 'now') AS INTEGER) * 1000000
FROM snapshot s
JOIN table_head h ON rtrim(h.address, replace(h.address, '.', '')) = rtrim(s.address, replace(s.address, '.', ''))
WHERE s.number = (SELECT max(n.number) FROM snapshot n WHERE n.address = s.address)
    AND s.address NOT IN (SELECT address FROM table_head)
GROUP BY s.address, s.id;
