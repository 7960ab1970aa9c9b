# A product from a table of a real PostgreSQL server.

include common/crm.inc
env PGPASSWORD=tr0ub4dor-and-3
run weft init -q m
cd m
run sh -c 'weft new product crm.members --from "postgres://app@127.0.0.1:$PG_PORT/crm/public.member"'
out has 3 rows, 5 columns

section new product writes no password, and the product is what the table is
run grep -r tr0ub4dor .
exit 1
run grep -rF '${PGPASSWORD}' domains
out has weft.lock
run weft validate
run weft publish crm.members
out has 3 rows
run weft query -o csv "SELECT id, name, joined, score, note FROM crm.members.members ORDER BY id"
out is <<END
id,name,joined,score,note
1,ada,2026-01-05,12.50,
2,grace,2026-02-01,7.25,"two
lines"
3,edsger,,,tab	here
END
# A database is always read.
run weft publish crm.members
out has 1 published
run weft plan
out has is a database, which is always read

section a password on the command line, a wrong one, none
run sh -c 'weft new product crm.more --from "postgres://app:secret@127.0.0.1:$PG_PORT/crm/public.member"'
exit 2
err has a password does not belong on a command line; set PGPASSWORD instead
err lacks app:secret
env PGPASSWORD=not-it-at-all
run weft publish crm.members
exit 4
err has password
err lacks not-it-at-all
out lacks not-it-at-all
unset PGPASSWORD
run weft publish crm.members
exit 3
err has PGPASSWORD

section a server that is gone, and one that mesh.yaml does not allow
run weft publish -q crm.members
run sh -c '"$PG" kill "$PG_DIR"'
run weft publish crm.members
exit 8
err has 127.0.0.1
run weft query -o csv "SELECT count(*) AS n FROM crm.members.members"
out is <<END
n
3
END
run weft doctor
out lacks garbage
run sed -i "s/127.0.0.1/localhost/" domains/crm/members/weft.lock
run weft publish crm.members
exit 4
err has localhost
err has mesh.yaml

section a server that goes away while it is read
run sh -c 'echo "INSERT INTO member SELECT i, repeat(chr(97), 200), NULL, i, NULL FROM generate_series(10, 400000) i" | "$PG" sql "$PG_DIR" crm'
start publish weft publish crm.members
until sh ../../busy
run sh -c '"$PG" kill "$PG_DIR"'
wait publish
exit 8
run weft doctor
out lacks garbage
out lacks dead

section rows that break the contract, and a column that went away
run sh -c 'echo "UPDATE member SET name = NULL WHERE id = 2" | "$PG" sql "$PG_DIR" crm'
exit 3
run sh -c 'echo "ALTER TABLE member ALTER name DROP NOT NULL; UPDATE member SET name = NULL WHERE id = 2" | "$PG" sql "$PG_DIR" crm'
run weft publish crm.members
exit 2
out has fail members.name.required
run sh -c 'echo "ALTER TABLE member RENAME name TO title" | "$PG" sql "$PG_DIR" crm'
run weft publish crm.members
exit 3
err has name

section Ctrl-C while a database is read
run sh -c 'echo "INSERT INTO member SELECT i, repeat(chr(97), 200), NULL, i, NULL FROM generate_series(10, 400000) i" | "$PG" sql "$PG_DIR" crm'
start publish weft publish crm.members
until sh ../../busy
signal publish INT
wait publish
exit 8
run weft doctor
out lacks garbage
