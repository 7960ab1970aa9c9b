-- :name state_get
-- By which reading of documents the index was made.
SELECT reading FROM search_state WHERE id = 1;

-- :name state_put
-- The index is of this reading now.
UPDATE search_state SET reading = $1 WHERE id = 1;

-- :name entry_list
-- What the index has of one product, or of one domain ($1 empty, $2 its name).
SELECT id, address, column_name, status, name, title, path, labels, about
FROM search_entry WHERE product_id = $1 AND ($1 <> '' OR address = $2) ORDER BY id;

-- :name entry_count
-- All rows of the index.
SELECT count(*) FROM search_entry;

-- :name entry_put
-- One more row behind those of its rank, which are the ids from $1 to $2.
INSERT INTO search_entry (id, product_id, address, column_name, status, name, title, path, labels, about)
SELECT coalesce(max(id) + 1, $1), $3, $4, $5, $6, $7, $8, $9, $10, $11
FROM search_entry WHERE id BETWEEN $1 AND $2
RETURNING id;

-- :name entry_drop
-- A row that is described otherwise now, or not at all; its words went before.
DELETE FROM search_entry WHERE id = $1;

-- :name entry_drop_all
-- Before everything is read anew.
DELETE FROM search_entry;

-- :name name_put
-- The name of a row.
INSERT INTO search_name (rowid, name) SELECT id, name FROM search_entry WHERE id = $1;

-- :name path_put
-- What a row is called and where it stands.
INSERT INTO search_path (rowid, name, title, path) SELECT id, name, title, path FROM search_entry WHERE id = $1;

-- :name text_put
-- All words of a row.
INSERT INTO search_text (rowid, title, path, labels, about)
SELECT id, title, path, labels, about FROM search_entry WHERE id = $1;

-- :name name_drop
-- The name of a row that goes, as it is now.
INSERT INTO search_name (search_name, rowid, name) SELECT 'delete', id, name FROM search_entry WHERE id = $1;

-- :name path_drop
-- What a row that goes is called and where it stands, as it is now.
INSERT INTO search_path (search_path, rowid, name, title, path)
SELECT 'delete', id, name, title, path FROM search_entry WHERE id = $1;

-- :name text_drop
-- All words of a row that goes, as they are now.
INSERT INTO search_text (search_text, rowid, title, path, labels, about)
SELECT 'delete', id, title, path, labels, about FROM search_entry WHERE id = $1;

-- :name name_rebuild
-- The names of all rows.
INSERT INTO search_name (search_name) VALUES ('rebuild');

-- :name path_rebuild
-- What all rows are called and where they stand.
INSERT INTO search_path (search_path) VALUES ('rebuild');

-- :name text_rebuild
-- The words of all rows.
INSERT INTO search_text (search_text) VALUES ('rebuild');

-- :name name_check
-- Fails unless the names in the index are those of the rows.
INSERT INTO search_name (search_name, rank) VALUES ('integrity-check', 1);

-- :name path_check
-- Fails unless the paths in the index are those of the rows.
INSERT INTO search_path (search_path, rank) VALUES ('integrity-check', 1);

-- :name text_check
-- Fails unless the words in the index are those of the rows.
INSERT INTO search_text (search_text, rank) VALUES ('integrity-check', 1);

-- :name find_address
-- What stands at this path.
SELECT id, product_id, address, column_name, status, name, title, path, labels, about, ''
FROM search_entry WHERE path = $1 ORDER BY id;

-- :name find_whole
-- Rows of exactly this name.
SELECT id, product_id, address, column_name, status, name, title, path, labels, about, ''
FROM search_entry WHERE name = $1 ORDER BY id;

-- :name find_name
-- Rows with words in their name, in order of rank.
SELECT e.id, e.product_id, e.address, e.column_name, e.status, e.name, e.title, e.path, e.labels, e.about,
       snippet(search_name, -1, '', '', '…', 12)
FROM search_name JOIN search_entry e ON e.id = search_name.rowid
WHERE search_name MATCH $1 ORDER BY search_name.rowid;

-- :name find_path
-- Rows with words in what they are called or where they stand, in order of rank.
SELECT e.id, e.product_id, e.address, e.column_name, e.status, e.name, e.title, e.path, e.labels, e.about,
       snippet(search_path, -1, '', '', '…', 12)
FROM search_path JOIN search_entry e ON e.id = search_path.rowid
WHERE search_path MATCH $1 ORDER BY search_path.rowid;

-- :name find_text
-- Rows with words anywhere, in order of rank.
SELECT e.id, e.product_id, e.address, e.column_name, e.status, e.name, e.title, e.path, e.labels, e.about,
       snippet(search_text, -1, '', '', '…', 12)
FROM search_text JOIN search_entry e ON e.id = search_text.rowid
WHERE search_text MATCH $1 ORDER BY search_text.rowid;

-- :name word_list
-- Words of names by which a mistyped one may be meant: those of about its length.
SELECT term FROM search_word WHERE length(term) BETWEEN $1 AND $2;
