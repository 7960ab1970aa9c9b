-- :name parse
-- The tree of a text; nothing in the text is bound or run.
SELECT json_serialize_sql($1::VARCHAR);

-- :name print
-- The text of a tree, and the tree of that text for the proof.
SELECT sql, json_serialize_sql(sql) FROM (SELECT json_deserialize_sql(CAST($1::VARCHAR AS JSON)) AS sql);
