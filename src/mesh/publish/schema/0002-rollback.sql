-- The publish whose data a rollback made live again.
ALTER TABLE publish ADD COLUMN rollback_of TEXT REFERENCES publish (id);
