-- When a file was made: the time that logs of its table give it.
ALTER TABLE data_file ADD COLUMN made_us INTEGER NOT NULL DEFAULT 0;
UPDATE data_file SET made_us = held.made_us
FROM (SELECT sf.file_id, min(s.made_us) AS made_us
      FROM snapshot_file sf JOIN snapshot s ON s.id = sf.snapshot_id GROUP BY sf.file_id) AS held
WHERE held.file_id = data_file.id;

-- What the contract says of the table and its columns: {"description": …, "columns": {path: …}}.
ALTER TABLE snapshot ADD COLUMN about TEXT;

-- Who a table is to those who read its folder, whatever becomes of its snapshots.
CREATE TABLE table_identity (
    address TEXT    NOT NULL PRIMARY KEY,
    id      TEXT    NOT NULL UNIQUE,
    made_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO table_identity (address, id, made_us)
SELECT s.address, s.id, s.made_us FROM snapshot s
WHERE s.number = (SELECT min(f.number) FROM snapshot f WHERE f.address = s.address);
