-- :name document_put
-- Keep the bytes of a document as the user wrote them; the same bytes are kept once.
INSERT INTO document (sha256, bytes, first_us) VALUES ($1, $2, $3)
ON CONFLICT (sha256) DO NOTHING;

-- :name document_get
-- The bytes of one document.
SELECT bytes FROM document WHERE sha256 = $1;

-- :name domain_put
-- Add a domain or bring it up to date; the first time it was seen stays.
INSERT INTO domain (name, purpose, team, origin, path, revision, document, first_us)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (name) DO UPDATE SET purpose = excluded.purpose, team = excluded.team,
    origin = excluded.origin, path = excluded.path, revision = excluded.revision,
    document = excluded.document;

-- :name domain_list
-- All domains by name.
SELECT name, purpose, team, origin, path, revision, document, first_us FROM domain ORDER BY name;

-- :name domain_get
-- One domain.
SELECT name, purpose, team, origin, path, revision, document, first_us FROM domain WHERE name = $1;

-- :name team_put
-- The team of a domain as its document says now.
INSERT INTO team (domain, name, description, email) VALUES ($1, $2, $3, $4)
ON CONFLICT (domain) DO UPDATE SET name = excluded.name, description = excluded.description,
    email = excluded.email;

-- :name team_get
-- The team of a domain.
SELECT name, description, email FROM team WHERE domain = $1;

-- :name member_drop
-- Members are written anew with their team.
DELETE FROM team_member WHERE domain = $1;

-- :name member_put
-- One member, in the order of the document.
INSERT INTO team_member (domain, position, name, role, email) VALUES ($1, $2, $3, $4, $5);

-- :name member_list
-- The members of a domain's team, in the order of the document.
SELECT name, role, email FROM team_member WHERE domain = $1 ORDER BY position;

-- :name product_put
-- Add a product or bring it up to date; identity is the id, so a new name is a rename.
INSERT INTO product (id, domain, name, status, description, owner, origin, path, revision, document, first_us)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (id) DO UPDATE SET domain = excluded.domain, name = excluded.name, status = excluded.status,
    description = excluded.description, owner = excluded.owner, origin = excluded.origin,
    path = excluded.path, revision = excluded.revision, document = excluded.document;

-- :name product_published
-- Record the publish that a product now shows.
UPDATE product SET published_us = $2, publish_id = $3 WHERE id = $1;

-- :name product_get
-- One product by id.
SELECT id, domain, name, status, description, owner, path, revision, document, first_us,
       coalesce(published_us, 0), coalesce(publish_id, '')
FROM product WHERE id = $1;

-- :name product_by_name
-- One product by its address.
SELECT id, domain, name, status, description, owner, path, revision, document, first_us,
       coalesce(published_us, 0), coalesce(publish_id, '')
FROM product WHERE domain = $1 AND name = $2;

-- :name product_list
-- All products by address.
SELECT id, domain, name, status, description, owner, path, revision, document, first_us,
       coalesce(published_us, 0), coalesce(publish_id, '')
FROM product ORDER BY domain, name;

-- :name alias_put
-- The old address of a renamed product, until a date.
INSERT INTO product_alias (domain, name, product_id, until_us) VALUES ($1, $2, $3, $4)
ON CONFLICT (domain, name) DO UPDATE SET product_id = excluded.product_id, until_us = excluded.until_us;

-- :name alias_get
-- The product that had this address and may still be called by it.
SELECT product_id FROM product_alias WHERE domain = $1 AND name = $2 AND until_us > $3;

-- :name port_put
-- The version of a port's major that is published now.
INSERT INTO port (product_id, name, major, version, contract_id, status, is_open, description, path,
                  document, first_us, published_us, publish_id, is_deprecated, support_us, sunset_us, withdrawn_us)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, $12, $13, $14, $15, $16)
ON CONFLICT (product_id, name, major) DO UPDATE SET version = excluded.version,
    contract_id = excluded.contract_id, status = excluded.status, is_open = excluded.is_open,
    description = excluded.description, path = excluded.path, document = excluded.document,
    published_us = excluded.published_us, publish_id = excluded.publish_id,
    is_deprecated = excluded.is_deprecated, support_us = excluded.support_us,
    sunset_us = excluded.sunset_us, withdrawn_us = excluded.withdrawn_us;

-- :name port_unsettled
-- Ports that were published by a program that did not look when they end.
SELECT product_id, name, major, path, document FROM port WHERE is_deprecated IS NULL;

-- :name port_settle
-- ... when that is, by their documents.
UPDATE port SET is_deprecated = $4, support_us = $5, sunset_us = $6 WHERE product_id = $1 AND name = $2 AND major = $3;

-- :name port_withdraw
-- A major that is served no longer.
UPDATE port SET withdrawn_us = $4 WHERE product_id = $1 AND name = $2 AND major = $3;

-- :name port_version_put
-- The history of versions.
INSERT INTO port_version (product_id, name, version, document, publish_id, first_us)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (product_id, name, version, document) DO NOTHING;

-- :name port_version_get
-- The newest document of one version of a port.
SELECT document FROM port_version WHERE product_id = $1 AND name = $2 AND version = $3
ORDER BY first_us DESC LIMIT 1;

-- :name port_version_list
-- All versions of a port that ever were published, newest first.
SELECT version FROM port_version WHERE product_id = $1 AND name = $2 ORDER BY first_us DESC;

-- :name port_list
-- The ports of one product, newest major first.
SELECT name, major, version, contract_id, status, is_open, description, path, document, first_us,
       published_us, publish_id, is_deprecated, support_us, sunset_us, coalesce(withdrawn_us, 0)
FROM port WHERE product_id = $1 ORDER BY name, major DESC;

-- :name port_get
-- One major of a port.
SELECT name, major, version, contract_id, status, is_open, description, path, document, first_us,
       published_us, publish_id, is_deprecated, support_us, sunset_us, coalesce(withdrawn_us, 0)
FROM port WHERE product_id = $1 AND name = $2 AND major = $3;
