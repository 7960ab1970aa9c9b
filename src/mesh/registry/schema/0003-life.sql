-- When a major's life ends, by the documents it was published with; is_deprecated is NULL where a program published
-- it that did not look.
ALTER TABLE port ADD COLUMN is_deprecated INTEGER;
ALTER TABLE port ADD COLUMN support_us INTEGER;
ALTER TABLE port ADD COLUMN sunset_us INTEGER;

-- Since when it is not served any more; NULL = it is served.
ALTER TABLE port ADD COLUMN withdrawn_us INTEGER;
