-- :name set_newest
-- The set in force.
SELECT seq, fingerprint, actor, since_us FROM policy_set ORDER BY seq DESC LIMIT 1;

-- :name set_put
-- Another set comes into force.
INSERT INTO policy_set (seq, fingerprint, actor, since_us) VALUES ($1, $2, $3, $4);

-- :name text_put
-- Keep the bytes of a document; the same bytes are kept once.
INSERT INTO policy_text (sha256, bytes) VALUES ($1, $2) ON CONFLICT (sha256) DO NOTHING;

-- :name document_put
-- A document of a set.
INSERT INTO policy_document (seq, path, domain, sha256) VALUES ($1, $2, $3, $4);

-- :name document_list
-- The documents of a set, as they were compiled.
SELECT d.path, d.domain, d.sha256, t.bytes FROM policy_document AS d
JOIN policy_text AS t ON t.sha256 = d.sha256 WHERE d.seq = $1 ORDER BY d.path;

-- :name key_list
-- All keys of hashes, the newest last.
SELECT id, proof, created_us FROM mask_key ORDER BY created_us, id;

-- :name key_put
-- A new key.
INSERT INTO mask_key (id, proof, created_us) VALUES ($1, $2, $3);
