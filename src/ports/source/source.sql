-- What a PostgreSQL server is asked. Names of schemas, tables and columns are parameters only; where
-- one must become part of a statement the server itself quotes it (format %I).

-- :name begin
-- One state for everything that is read.
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;

-- :name settings
-- Text forms that the decoder knows, no names but the catalog's, and a time limit in ms (0 = none).
SELECT set_config('TimeZone', 'UTC', false), set_config('DateStyle', 'ISO, YMD', false),
       set_config('IntervalStyle', 'iso_8601', false), set_config('extra_float_digits', '3', false),
       set_config('bytea_output', 'hex', false), set_config('search_path', 'pg_catalog', false),
       set_config('statement_timeout', $1, false);

-- :name relation
-- A table or view by schema and name.
SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p', 'v', 'm', 'f');

-- :name relations
-- Tables and views of a schema, for "did you mean".
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'v', 'm', 'f') ORDER BY c.relname LIMIT 10000;

-- :name columns
-- Columns in order: name, type behind domains (empty when it is not one of the system's), its
-- modifier, kind of type, element type of an array and its kind, may this user read it.
WITH RECURSIVE base AS (
    SELECT a.attnum, a.attname, a.atttypid AS typid, a.atttypmod AS typmod
    FROM pg_attribute a WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT b.attnum, b.attname, t.typbasetype,
           CASE WHEN t.typtypmod >= 0 THEN t.typtypmod ELSE b.typmod END
    FROM base b JOIN pg_type t ON t.oid = b.typid WHERE t.typtype = 'd'
)
SELECT b.attname,
       CASE WHEN t.typnamespace = 'pg_catalog'::regnamespace THEN t.typname ELSE '' END,
       b.typmod, t.typtype,
       CASE WHEN e.typnamespace = 'pg_catalog'::regnamespace THEN e.typname ELSE '' END,
       coalesce(e.typtype::text, ''), has_column_privilege($1::oid, b.attnum, 'SELECT')
FROM base b
JOIN pg_type t ON t.oid = b.typid
LEFT JOIN pg_type e ON t.typcategory = 'A' AND e.oid = t.typelem
WHERE t.typtype <> 'd'
ORDER BY b.attnum;

-- :name keys
-- Columns of the primary key in its order.
SELECT a.attname
FROM pg_index i
CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k (attnum, place)
JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
WHERE i.indrelid = $1::oid AND i.indisprimary AND k.place <= i.indnkeyatts
ORDER BY k.place;

-- :name copy
-- The statement that streams the columns named in $2. Money is printed as a number, for its own text
-- depends on the server's language.
SELECT format('COPY (SELECT %s FROM %I.%I) TO STDOUT',
              (SELECT string_agg(format(CASE WHEN a.atttypid = 'money'::regtype
                                             THEN '%I::pg_catalog.numeric' ELSE '%I' END, u.name),
                                 ', ' ORDER BY u.place)
               FROM unnest($2::text[]) WITH ORDINALITY AS u (name, place)
               JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = u.name),
              n.nspname, c.relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = $1::oid;
