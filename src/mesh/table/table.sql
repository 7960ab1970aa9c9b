-- :name file_put
-- A data file that a snapshot will hold.
INSERT INTO data_file (key, bytes, row_count, sha256, row_digest, stats, partition, made_us)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
RETURNING id;

-- :name snapshot_put
-- A new immutable state of a table.
INSERT INTO snapshot (id, address, number, publish_id, parent, columns, row_count, bytes, made_us, view, about)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);

-- :name view_input_put
-- One table that a view reads.
INSERT INTO view_input (snapshot_id, position, address) VALUES ($1, $2, $3);

-- :name view_inputs
-- The tables that a view reads.
SELECT address FROM view_input WHERE snapshot_id = $1 ORDER BY position;

-- :name snapshot_file_put
-- One more file of a snapshot, behind the others.
INSERT INTO snapshot_file (snapshot_id, position, file_id)
SELECT $1, coalesce(max(position) + 1, 0), $2 FROM snapshot_file WHERE snapshot_id = $1;

-- :name snapshot_files_copy
-- An appending snapshot begins with the files of its parent.
INSERT INTO snapshot_file (snapshot_id, position, file_id)
SELECT $2, position, file_id FROM snapshot_file WHERE snapshot_id = $1;

-- :name snapshot_file_drop
-- A file of its parent that a snapshot does not keep.
DELETE FROM snapshot_file WHERE snapshot_id = $1 AND file_id = (SELECT id FROM data_file WHERE key = $2);

-- :name snapshot_line
-- Does an appended line of snapshots, from $1 back to its first, have the columns $2 all along?
WITH RECURSIVE line (parent) AS (
    SELECT parent FROM snapshot WHERE id = $1 AND columns = $2
    UNION ALL
    SELECT p.parent FROM line l JOIN snapshot p ON p.id = l.parent AND p.columns = $2
)
SELECT 1 FROM line WHERE parent IS NULL;

-- :name head_put
-- What readers see from now on.
INSERT INTO table_head (address, product_id, port, snapshot_id) VALUES ($1, $2, $3, $4)
ON CONFLICT (address) DO UPDATE SET snapshot_id = excluded.snapshot_id, port = excluded.port,
    product_id = excluded.product_id;

-- :name head_get
-- The live snapshot of a table.
SELECT s.id, s.address, s.number, s.publish_id, coalesce(s.parent, ''), s.columns, s.row_count, s.bytes,
       s.made_us, h.product_id, h.port, coalesce(s.view, ''),
       coalesce(s.forgotten_us, 0), coalesce(s.about, '')
FROM table_head h JOIN snapshot s ON s.id = h.snapshot_id WHERE h.address = $1;

-- :name head_list
-- The live snapshots of one product, all majors.
SELECT s.id, s.address, s.number, s.publish_id, coalesce(s.parent, ''), s.columns, s.row_count, s.bytes,
       s.made_us, h.product_id, h.port, coalesce(s.view, ''),
       coalesce(s.forgotten_us, 0), coalesce(s.about, '')
FROM table_head h JOIN snapshot s ON s.id = h.snapshot_id WHERE h.product_id = $1 ORDER BY s.address;

-- :name head_all
-- The live snapshots of the whole mesh.
SELECT s.id, s.address, s.number, s.publish_id, coalesce(s.parent, ''), s.columns, s.row_count, s.bytes,
       s.made_us, h.product_id, h.port, coalesce(s.view, ''),
       coalesce(s.forgotten_us, 0), coalesce(s.about, '')
FROM table_head h JOIN snapshot s ON s.id = h.snapshot_id ORDER BY s.address;

-- :name head_remove
-- A table that readers see no longer.
DELETE FROM table_head WHERE address = $1;

-- :name gone_put
-- ... is remembered with its last state.
INSERT INTO table_gone (address, product_id, port, snapshot_id, gone_us)
SELECT address, product_id, port, snapshot_id, $2 FROM table_head WHERE address = $1
ON CONFLICT (address) DO UPDATE SET product_id = excluded.product_id, port = excluded.port,
    snapshot_id = excluded.snapshot_id, gone_us = excluded.gone_us;

-- :name gone_drop
-- A table that is there again.
DELETE FROM table_gone WHERE address = $1;

-- :name gone_get
-- The last state of a table that is not there any more, and since when.
SELECT s.id, s.address, s.number, s.publish_id, coalesce(s.parent, ''), s.columns, s.row_count, s.bytes,
       s.made_us, g.product_id, g.port, coalesce(s.view, ''),
       coalesce(s.forgotten_us, 0), coalesce(s.about, ''), g.gone_us
FROM table_gone g JOIN snapshot s ON s.id = g.snapshot_id WHERE g.address = $1;

-- :name gone_list
-- Tables of one product that are not there any more.
SELECT s.id, s.address, s.number, s.publish_id, coalesce(s.parent, ''), s.columns, s.row_count, s.bytes,
       s.made_us, g.product_id, g.port, coalesce(s.view, ''),
       coalesce(s.forgotten_us, 0), coalesce(s.about, ''), g.gone_us
FROM table_gone g JOIN snapshot s ON s.id = g.snapshot_id WHERE g.product_id = $1 ORDER BY g.address;

-- :name snapshot_by_number
-- An older state of a table.
SELECT s.id, s.address, s.number, s.publish_id, coalesce(s.parent, ''), s.columns, s.row_count, s.bytes,
       s.made_us, coalesce(h.product_id, ''), coalesce(h.port, ''), coalesce(s.view, ''),
       coalesce(s.forgotten_us, 0), coalesce(s.about, '')
FROM snapshot s LEFT JOIN table_head h ON h.address = s.address WHERE s.address = $1 AND s.number = $2;

-- :name snapshot_by_publish
-- The state that one publish gave a table.
SELECT s.id, s.address, s.number, s.publish_id, coalesce(s.parent, ''), s.columns, s.row_count, s.bytes,
       s.made_us, coalesce(h.product_id, ''), coalesce(h.port, ''), coalesce(s.view, ''),
       coalesce(s.forgotten_us, 0), coalesce(s.about, '')
FROM snapshot s LEFT JOIN table_head h ON h.address = s.address WHERE s.address = $1 AND s.publish_id = $2;

-- :name snapshot_list
-- The history of one table, newest first.
SELECT s.id, s.address, s.number, s.publish_id, coalesce(s.parent, ''), s.columns, s.row_count, s.bytes,
       s.made_us, coalesce(h.product_id, ''), coalesce(h.port, ''), coalesce(s.view, ''),
       coalesce(s.forgotten_us, 0), coalesce(s.about, '')
FROM snapshot s LEFT JOIN table_head h ON h.address = s.address
WHERE s.address = $1 ORDER BY s.number DESC LIMIT $2;

-- :name snapshot_last_number
-- The highest number a table's snapshots have; 0 when there is none.
SELECT coalesce(max(number), 0) FROM snapshot WHERE address = $1;

-- :name snapshot_files
-- The files of a snapshot in order.
SELECT f.key, f.bytes, f.row_count, f.sha256, f.row_digest, f.stats, coalesce(f.partition, ''), f.made_us
FROM snapshot_file sf JOIN data_file f ON f.id = sf.file_id
WHERE sf.snapshot_id = $1 ORDER BY sf.position;

-- :name file_all
-- Every file any snapshot holds, for the doctor and the sweeper.
SELECT key, bytes, row_count, sha256, row_digest, stats, coalesce(partition, ''), made_us FROM data_file ORDER BY key;

-- :name file_known
-- Is a key held by a snapshot?
SELECT 1 FROM data_file WHERE key = $1;

-- :name snapshot_superseded
-- States of a table that something newer took the place of before $2, or that went with the table before then, and
-- that still have their files.
SELECT s.id FROM snapshot s
LEFT JOIN snapshot newer ON newer.address = s.address AND newer.number = s.number + 1
LEFT JOIN table_gone g ON g.address = s.address
WHERE s.address = $1 AND coalesce(newer.made_us, g.gone_us) < $2 AND s.forgotten_us IS NULL
    AND s.id NOT IN (SELECT snapshot_id FROM table_head WHERE address = $1);

-- :name snapshot_forget
-- The files of this state are held no longer.
UPDATE snapshot SET forgotten_us = $2 WHERE id = $1;

-- :name snapshot_files_drop
-- Part of forgetting a state.
DELETE FROM snapshot_file WHERE snapshot_id = $1;

-- :name file_drop_free
-- Files that no state holds any more, with what was known of their values.
DELETE FROM data_file WHERE NOT EXISTS (SELECT 1 FROM snapshot_file WHERE file_id = data_file.id)
RETURNING key, bytes;
-- :name identity_put
-- Who a table is, from its first snapshot on.
INSERT INTO table_identity (address, id, made_us) VALUES ($1, $2, $3) ON CONFLICT (address) DO NOTHING;

-- :name identity_get
-- Who a table is.
SELECT id, made_us FROM table_identity WHERE address = $1;

-- :name log_addresses
-- Tables of which some snapshot has files, and the newest number of each. Of those that readers see no longer the log
-- went.
SELECT address, max(number) FROM snapshot WHERE address NOT IN (SELECT address FROM table_gone)
GROUP BY address HAVING count(*) > count(view) ORDER BY address;

-- :name log_reach
-- The newest and the oldest snapshot that the store can tell of a table of which some snapshot has files.
SELECT max(number), coalesce(min(number) FILTER (WHERE forgotten_us IS NULL), max(number))
FROM snapshot WHERE address = $1 HAVING count(*) > count(view);

-- :name columns_until
-- The descriptions of columns that the snapshots of a table had, up to a number.
SELECT DISTINCT columns FROM snapshot WHERE address = $1 AND number <= $2;

-- :name tombstones
-- Files that snapshots until $2 held and $2 does not hold, removed after the time $3, in the order in which
-- they went. The last snapshot that held a file is followed by the one that removed it.
SELECT f.key, f.bytes, gone.made_us, coalesce(f.partition, '')
FROM (SELECT sf.file_id, max(s.number) AS number
      FROM snapshot s JOIN snapshot_file sf ON sf.snapshot_id = s.id
      WHERE s.address = $1 AND s.number <= $2 AND s.number + 1 >= (
          SELECT min(w.number) FROM snapshot w WHERE w.address = $1 AND w.made_us > $3)
      GROUP BY sf.file_id) AS held
JOIN snapshot gone ON gone.address = $1 AND gone.number = held.number + 1 AND gone.number <= $2
JOIN data_file f ON f.id = held.file_id
WHERE gone.made_us > $3
ORDER BY gone.number, held.file_id;
