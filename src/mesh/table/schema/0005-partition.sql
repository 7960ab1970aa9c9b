-- Values of the partition columns that all rows of a file have, as JSON; NULL when it has none.
ALTER TABLE data_file ADD COLUMN partition TEXT;
