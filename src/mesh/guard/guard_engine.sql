-- :name parse
-- The tree of a text; nothing in the text is bound or run.
SELECT json_serialize_sql($1::VARCHAR);
