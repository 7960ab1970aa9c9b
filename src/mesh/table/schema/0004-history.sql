-- A snapshot whose files are gone: history is kept for a time only. Its row stays.
ALTER TABLE snapshot ADD COLUMN forgotten_us INTEGER;

CREATE INDEX snapshot_file_by_file ON snapshot_file (file_id);
