-- :name publish_put
-- A committed publish.
INSERT INTO publish (id, product_id, seq, fingerprint, started_us, committed_us, actor, row_count, bytes,
                     checks, warnings, receipt_hash, rollback_of)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13);

-- :name publish_last_seq
-- The number of publishes a product has.
SELECT coalesce(max(seq), 0) FROM publish WHERE product_id = $1;

-- :name publish_get
-- One publish by id: the answer after an unclear COMMIT.
SELECT id, product_id, seq, fingerprint, started_us, committed_us, actor, row_count, bytes, checks, warnings,
       receipt_hash, coalesce(rollback_of, '')
FROM publish WHERE id = $1;

-- :name publish_of_product
-- One publish of a product, by its number or its id.
SELECT id, product_id, seq, fingerprint, started_us, committed_us, actor, row_count, bytes, checks, warnings,
       receipt_hash, coalesce(rollback_of, '')
FROM publish WHERE product_id = $1 AND (id = $2 OR seq = $3);

-- :name publish_list
-- The publishes of one product, newest first.
SELECT id, product_id, seq, fingerprint, started_us, committed_us, actor, row_count, bytes, checks, warnings,
       receipt_hash, coalesce(rollback_of, '')
FROM publish WHERE product_id = $1 ORDER BY seq DESC LIMIT $2;

-- :name publish_recent
-- The publishes of the mesh, newest first.
SELECT id, product_id, seq, fingerprint, started_us, committed_us, actor, row_count, bytes, checks, warnings,
       receipt_hash, coalesce(rollback_of, '')
FROM publish ORDER BY committed_us DESC, id DESC LIMIT $1;

-- :name input_put
-- One thing a publish read.
INSERT INTO publish_input (publish_id, position, kind, name, snapshot, bytes, mtime_us, sha256)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- :name input_list
-- What a publish read.
SELECT kind, name, snapshot, bytes, mtime_us, sha256 FROM publish_input
WHERE publish_id = $1 ORDER BY position;

-- :name result_put
-- One check's outcome.
INSERT INTO check_result (publish_id, position, address, id, name, columns, dimension, severity, outcome,
                          measured, threshold, bad_rows, message)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13);

-- :name result_list
-- The outcomes of one publish.
SELECT address, id, name, columns, dimension, severity, outcome, measured, threshold,
       coalesce(bad_rows, -1), message
FROM check_result WHERE publish_id = $1 ORDER BY position;

-- :name lease_take
-- Take a product's lease when nobody has it.
INSERT INTO lease (product_id, publish_id, host, process, started_us, alive_us)
VALUES ($1, $2, $3, $4, $5, $5) ON CONFLICT (product_id) DO NOTHING;

-- :name lease_get
-- Who publishes this product now.
SELECT publish_id, host, process, started_us, alive_us FROM lease WHERE product_id = $1;

-- :name lease_alive
-- The publish is still running.
UPDATE lease SET alive_us = $3 WHERE product_id = $1 AND publish_id = $2;

-- :name lease_drop
-- The publish ended, one way or the other.
DELETE FROM lease WHERE product_id = $1 AND publish_id = $2;

-- :name lease_list
-- All running publishes, for the sweeper and the doctor.
SELECT product_id, publish_id, host, process, started_us, alive_us FROM lease ORDER BY product_id;
