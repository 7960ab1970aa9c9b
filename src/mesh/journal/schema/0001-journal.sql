-- Events: append-only and hash-chained. seq has no gaps.
CREATE TABLE event (
    seq      INTEGER NOT NULL PRIMARY KEY CHECK (seq > 0),
    id       TEXT    NOT NULL UNIQUE,
    time_us  INTEGER NOT NULL,
    kind     TEXT    NOT NULL,
    actor    TEXT    NOT NULL,
    purpose  TEXT    NOT NULL,
    subject  TEXT    NOT NULL,
    details  TEXT    NOT NULL,
    previous TEXT    NOT NULL,
    hash     TEXT    NOT NULL UNIQUE
) STRICT;

CREATE INDEX event_by_subject ON event (subject, seq);
CREATE INDEX event_by_kind ON event (kind, seq);

-- The end of the chain, so that events cut off at the end are missed.
CREATE TABLE journal_head (
    chain TEXT    NOT NULL PRIMARY KEY,
    seq   INTEGER NOT NULL,
    hash  TEXT    NOT NULL
) STRICT;

-- Receipts: one chain per product, each anchored in the event that tells of its publish.
CREATE TABLE receipt (
    product_id TEXT    NOT NULL,
    sequence   INTEGER NOT NULL CHECK (sequence > 0),
    publish_id TEXT    NOT NULL UNIQUE,
    sha256     TEXT    NOT NULL UNIQUE,
    previous   TEXT    NOT NULL,
    key_id     TEXT    NOT NULL,
    time_us    INTEGER NOT NULL,
    event_seq  INTEGER NOT NULL UNIQUE REFERENCES event (seq),
    document   BLOB    NOT NULL,
    PRIMARY KEY (product_id, sequence)
) STRICT;

CREATE TRIGGER event_no_update BEFORE UPDATE ON event
BEGIN
    SELECT raise(ABORT, 'events are append-only');
END;

CREATE TRIGGER event_no_delete BEFORE DELETE ON event
BEGIN
    SELECT raise(ABORT, 'events are append-only');
END;

-- Also keeps INSERT OR REPLACE from replacing.
CREATE TRIGGER event_in_order BEFORE INSERT ON event
WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM event)
  OR NEW.previous <> coalesce((SELECT hash FROM event ORDER BY seq DESC LIMIT 1), '')
BEGIN
    SELECT raise(ABORT, 'an event must follow the last one');
END;

CREATE TRIGGER journal_head_no_delete BEFORE DELETE ON journal_head
BEGIN
    SELECT raise(ABORT, 'the head of the journal cannot be removed');
END;

CREATE TRIGGER journal_head_in_order BEFORE UPDATE ON journal_head
WHEN NEW.chain <> OLD.chain OR NEW.seq <> OLD.seq + 1
BEGIN
    SELECT raise(ABORT, 'the head of the journal moves by one event');
END;

CREATE TRIGGER receipt_no_update BEFORE UPDATE ON receipt
BEGIN
    SELECT raise(ABORT, 'receipts are append-only');
END;

CREATE TRIGGER receipt_no_delete BEFORE DELETE ON receipt
BEGIN
    SELECT raise(ABORT, 'receipts are append-only');
END;

CREATE TRIGGER receipt_in_order BEFORE INSERT ON receipt
WHEN NEW.sequence <> (SELECT coalesce(max(sequence), 0) + 1 FROM receipt WHERE product_id = NEW.product_id)
  OR NEW.previous <> coalesce((SELECT sha256 FROM receipt WHERE product_id = NEW.product_id
                               ORDER BY sequence DESC LIMIT 1), '')
BEGIN
    SELECT raise(ABORT, 'a receipt must follow the last one of its product');
END;
