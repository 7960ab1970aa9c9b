-- What the mesh knows: domains, products, their ports and the documents that describe them.
CREATE TABLE document (
    sha256     TEXT    NOT NULL PRIMARY KEY,
    bytes      BLOB    NOT NULL,
    first_us   INTEGER NOT NULL
) STRICT;

CREATE TABLE domain (
    name       TEXT    NOT NULL PRIMARY KEY,
    purpose    TEXT    NOT NULL,
    team       TEXT    NOT NULL,
    origin     TEXT    NOT NULL,
    path       TEXT    NOT NULL,
    revision   TEXT    NOT NULL,
    document   TEXT    NOT NULL REFERENCES document (sha256),
    first_us   INTEGER NOT NULL
) STRICT;

CREATE TABLE product (
    id           TEXT    NOT NULL PRIMARY KEY,
    domain       TEXT    NOT NULL,
    name         TEXT    NOT NULL,
    status       TEXT    NOT NULL,
    description  TEXT    NOT NULL,
    owner        TEXT    NOT NULL,
    origin       TEXT    NOT NULL,
    path         TEXT    NOT NULL,
    revision     TEXT    NOT NULL,
    document     TEXT    NOT NULL REFERENCES document (sha256),
    first_us     INTEGER NOT NULL,
    published_us INTEGER,
    publish_id   TEXT,
    UNIQUE (domain, name)
) STRICT;

-- A rename keeps the old address as an alias until a date.
CREATE TABLE product_alias (
    domain     TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    product_id TEXT    NOT NULL REFERENCES product (id),
    until_us   INTEGER NOT NULL,
    PRIMARY KEY (domain, name)
) STRICT;

-- One live major of one output port: the version that is published now.
CREATE TABLE port (
    product_id   TEXT    NOT NULL REFERENCES product (id),
    name         TEXT    NOT NULL,
    major        INTEGER NOT NULL,
    version      TEXT    NOT NULL,
    contract_id  TEXT    NOT NULL,
    status       TEXT    NOT NULL,
    is_open      INTEGER NOT NULL,
    description  TEXT    NOT NULL,
    path         TEXT    NOT NULL,
    document     TEXT    NOT NULL REFERENCES document (sha256),
    first_us     INTEGER NOT NULL,
    published_us INTEGER NOT NULL,
    publish_id   TEXT    NOT NULL,
    PRIMARY KEY (product_id, name, major)
) STRICT;

-- Every version of a port that was ever published, with the publish that brought it.
CREATE TABLE port_version (
    product_id TEXT    NOT NULL REFERENCES product (id),
    name       TEXT    NOT NULL,
    version    TEXT    NOT NULL,
    document   TEXT    NOT NULL REFERENCES document (sha256),
    publish_id TEXT    NOT NULL,
    first_us   INTEGER NOT NULL,
    PRIMARY KEY (product_id, name, version, document)
) STRICT;

CREATE INDEX product_by_address ON product (domain, name);
