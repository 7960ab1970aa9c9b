-- Events and receipts. Triggers of the schema refuse every change of what was written.

-- :name event_put
-- Append one event.
INSERT INTO event (seq, id, time_us, kind, actor, purpose, subject, details, previous, hash)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- :name head_put
-- The end of the chain moves with each event.
INSERT INTO journal_head (chain, seq, hash) VALUES ('event', $1, $2)
ON CONFLICT (chain) DO UPDATE SET seq = excluded.seq, hash = excluded.hash;

-- :name head_get
-- Where the chain is said to end.
SELECT seq, hash FROM journal_head WHERE chain = 'event';

-- :name event_last
-- The last event.
SELECT seq, id, hash FROM event ORDER BY seq DESC LIMIT 1;

-- :name event_get
-- One event.
SELECT seq, time_us, id, kind, actor, purpose, subject, details, previous, hash FROM event WHERE seq = $1;

-- :name event_walk
-- All events from the first.
SELECT seq, time_us, id, kind, actor, purpose, subject, details, previous, hash FROM event ORDER BY seq;

-- :name event_list
-- A page of events, newest first; an empty text and 0 restrict nothing.
SELECT seq, time_us, id, kind, actor, purpose, subject, details, previous, hash FROM event
WHERE seq < $1 AND ($2 = '' OR kind = $2)
  AND ($3 = '' OR subject = $3 OR ($4 = 1 AND subject > $3 || '.' AND subject < $3 || '/'))
  AND ($5 = '' OR actor = $5) AND time_us >= $6 AND time_us < $7
ORDER BY seq DESC LIMIT $8;

-- :name event_list_of_subject
-- The same for exactly one subject, by its index.
SELECT seq, time_us, id, kind, actor, purpose, subject, details, previous, hash FROM event
WHERE subject = $3 AND seq < $1 AND ($2 = '' OR kind = $2) AND $4 = 0
  AND ($5 = '' OR actor = $5) AND time_us >= $6 AND time_us < $7
ORDER BY seq DESC LIMIT $8;

-- :name event_list_of_kind
-- The same for one kind, by its index.
SELECT seq, time_us, id, kind, actor, purpose, subject, details, previous, hash FROM event
WHERE kind = $2 AND seq < $1
  AND ($3 = '' OR subject = $3 OR ($4 = 1 AND subject > $3 || '.' AND subject < $3 || '/'))
  AND ($5 = '' OR actor = $5) AND time_us >= $6 AND time_us < $7
ORDER BY seq DESC LIMIT $8;

-- :name receipt_put
-- Append one receipt.
INSERT INTO receipt (product_id, sequence, publish_id, sha256, previous, key_id, time_us, event_seq, document)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- :name receipt_of_publish
-- Is there a receipt of this publish?
SELECT sequence FROM receipt WHERE publish_id = $1;

-- :name receipt_document
-- The document of one publish.
SELECT document FROM receipt WHERE publish_id = $1;

-- :name receipt_list
-- The receipts of one product, newest first.
SELECT sequence, publish_id, sha256, time_us, key_id FROM receipt WHERE product_id = $1
ORDER BY sequence DESC LIMIT $2;

-- :name receipt_walk
-- The receipts of one product from the first, each with the event that anchors it.
SELECT r.sequence, r.publish_id, r.sha256, r.previous, r.key_id, r.time_us, r.document,
       coalesce(e.kind, ''), coalesce(e.details, '')
FROM receipt r LEFT JOIN event e ON e.seq = r.event_seq
WHERE r.product_id = $1 ORDER BY r.sequence;

-- :name receipt_products
-- Every product that has receipts.
SELECT DISTINCT product_id FROM receipt ORDER BY product_id;

-- :name receipt_missing
-- The first event of a publish whose receipt is gone; an empty product means all.
SELECT e.seq FROM event e
WHERE e.kind = 'product.published' AND ($1 = '' OR CASE WHEN json_valid(e.details) THEN e.details ->> '$.product_id' = $1 END)
  AND NOT EXISTS (SELECT 1 FROM receipt r WHERE r.event_seq = e.seq)
ORDER BY e.seq LIMIT 1;
