-- Who answers for a domain: its team and the people in it, as domain.yaml says.
CREATE TABLE team (
    domain      TEXT NOT NULL PRIMARY KEY REFERENCES domain (name),
    name        TEXT NOT NULL,
    description TEXT NOT NULL,
    email       TEXT NOT NULL
) STRICT;

CREATE TABLE team_member (
    domain   TEXT    NOT NULL REFERENCES team (domain),
    position INTEGER NOT NULL,
    name     TEXT    NOT NULL,
    role     TEXT    NOT NULL,
    email    TEXT    NOT NULL,
    PRIMARY KEY (domain, position),
    UNIQUE (domain, name)
) STRICT;
