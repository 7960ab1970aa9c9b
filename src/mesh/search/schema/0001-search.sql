-- What can be searched: one row for each domain, product, table and column that is published. The id says
-- where a row stands among others that match alike: kind, then length of its name, then who was first.
CREATE TABLE search_entry (
    id          INTEGER NOT NULL PRIMARY KEY,
    product_id  TEXT    NOT NULL, -- empty: a domain
    address     TEXT    NOT NULL, -- of a column: that of its table
    column_name TEXT    NOT NULL, -- empty: not a column
    status      TEXT    NOT NULL,
    name        TEXT    NOT NULL,
    title       TEXT    NOT NULL,
    path        TEXT    NOT NULL,
    labels      TEXT    NOT NULL,
    about       TEXT    NOT NULL,
    UNIQUE (product_id, address, column_name)
) STRICT;

CREATE INDEX search_entry_by_name ON search_entry (name);
CREATE INDEX search_entry_by_path ON search_entry (path);

-- Words of names, of what a thing is called and where it stands, and of all that is said: three, so that a
-- word that is in many texts is not looked through for a name.
CREATE VIRTUAL TABLE search_name USING fts5 (
    name, content = 'search_entry', content_rowid = 'id',
    tokenize = 'unicode61 remove_diacritics 2', prefix = '1 2 3'
);

CREATE VIRTUAL TABLE search_path USING fts5 (
    name, title, path, content = 'search_entry', content_rowid = 'id',
    tokenize = 'unicode61 remove_diacritics 2', prefix = '1 2 3'
);

CREATE VIRTUAL TABLE search_text USING fts5 (
    title, path, labels, about, content = 'search_entry', content_rowid = 'id',
    tokenize = 'unicode61 remove_diacritics 2', prefix = '1 2 3'
);

-- The words of names, for "did you mean".
CREATE VIRTUAL TABLE search_word USING fts5vocab ('search_name', 'row');

-- By which reading of the documents the rows above were made; 0: by none yet.
CREATE TABLE search_state (
    id      INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    reading INTEGER NOT NULL
) STRICT;

INSERT INTO search_state (id, reading) VALUES (1, 0);
