# weft export: whole tables in one DuckDB file, as their reader sees them.

include common/view.inc
# Reads a file that was exported; the peers' Python has DuckDB, and is not in every checkout.
file ../read.py <<END
import os, sys
try:
    import duckdb
except ImportError:
    sys.exit(0)
db = duckdb.connect(sys.argv[1], read_only=True)
for line in sys.stdin.read().split("\n"):
    sql, _, want = line.partition(" => ")
    if want:
        got = str(db.execute(sql).fetchall())
        assert got == want, f"{sql}: {got}, not {want}"
END
file ../read <<END
#!/bin/sh
python=$WEFT_DEPS/py/bin/python
[ -x "$python" ] || exit 0
exec "$python" "$(dirname "$0")/read.py" "$@"
END
run chmod +x ../read
run weft publish -q --all

section a domain, a product and a table, under the names of their addresses
run weft export sales insight.totals insight.desk.desk -f all.duckdb
out is <<END
in the file    rows  address
orders.orders     3  sales.orders_v1.orders
totals.totals     2  insight.totals_v1.totals
desk.desk         3  insight.desk_v1.desk
3 tables, 8 rows in all.duckdb
next: duckdb all.duckdb "FROM orders.orders"
END
run <<CMD
../read all.duckdb <<'SQL'
SELECT table_schema, table_name, table_type FROM information_schema.tables ORDER BY ALL => [('desk', 'desk', 'BASE TABLE'), ('orders', 'orders', 'BASE TABLE'), ('totals', 'totals', 'BASE TABLE')]
FROM orders.orders ORDER BY id LIMIT 1 => [(1, 'ada', 19.9, 'paid')]
SELECT id, who FROM desk.desk ORDER BY id => [(1, 'xxx'), (2, 'xxxxx'), (3, 'xxx')]
SQL
CMD
# The file of a domain, under its name, knows the addresses of the mesh.
run weft export sales -f sales.duckdb --json
json file == "sales.duckdb"
json tables == [{"address": "sales.orders_v1.orders", "schema": "orders", "table": "orders", "rows": 3}]
run <<CMD
../read sales.duckdb <<'SQL'
SELECT count(*) FROM sales.orders.orders => [(3,)]
SQL
CMD
# A file and a schema of one name need all three parts.
run weft export sales.orders -f orders.duckdb
out has next: duckdb orders.duckdb "FROM orders.orders.orders"
run <<CMD
../read orders.duckdb <<'SQL'
SELECT count(*) FROM orders.orders.orders => [(3,)]
SQL
CMD
# Twice the same is once; a port's name stands for its tables, a major for itself.
run weft export insight.totals insight insight.totals_v1.totals -q -f some.duckdb
out empty
run <<CMD
../read some.duckdb <<'SQL'
SELECT table_schema FROM information_schema.tables ORDER BY ALL => [('desk',), ('totals',), ('totals_v1',)]
SQL
CMD
run weft export --all -f all.duckdb
out has 3 tables, 8 rows in all.duckdb

section what a reader may not see is not there
run weft export --all --as ana -f ana.duckdb
out has orders.orders
out has desk.desk
out lacks totals
run <<CMD
../read ana.duckdb <<'SQL'
SELECT customer FROM orders.orders ORDER BY id => [('xxx',), ('xxxxx',), ('xxx',)]
SQL
CMD
run weft export sales --as eve --purpose fraud -f eve.duckdb
run <<CMD
../read eve.duckdb <<'SQL'
SELECT customer FROM orders.orders ORDER BY id => [('ada',), ('grace',), ('ada',)]
SQL
CMD
file policies/rows.yaml <<END
apiVersion: weft/v1
kind: Policy
name: own-statuses
applies: {tables: sales.orders}
rows: {status: "in principal.statuses"}
when: {principal: {role: analyst}}
END
run weft export sales.orders.orders --as ana -f ana.duckdb
out has 1 table, 2 rows in ana.duckdb
# A column that one may only filter by is no more in a file than in SELECT *.
file policies/amounts.yaml <<END
apiVersion: weft/v1
kind: Policy
name: amounts-are-for-filters
applies: {columns: {name: amount}}
deny: projection
when: {principal: {role: analyst}}
END
run weft export sales.orders.orders --as ana -f ana.duckdb
run <<CMD
../read ana.duckdb <<'SQL'
SELECT list(column_name ORDER BY column_index) FROM duckdb_columns() WHERE NOT internal => [(['id', 'customer', 'status'],)]
SQL
CMD
# A hidden name and one that is not there give the same answer.
run weft export insight.totals.totals --as ana -f none.duckdb
exit 3
err is weft: nothing published is called "insight.totals.totals"; weft catalog tree shows what is
run weft export insight.nothing.totals --as ana -f none.duckdb
exit 3
err is weft: nothing published is called "insight.nothing.totals"; weft catalog tree shows what is
run weft export --all --as gus -f none.duckdb
exit 3
err has nothing is published that could be exported
run weft export sales.order --as ana -f none.duckdb
exit 3
err is weft: nothing published is called "sales.order"; did you mean "sales.orders"?
run ls -A
out lacks none

section each table is a query of the journal
run weft export --all --as ana --purpose fraud -f ana.duckdb
python <<END
import json, sqlite3
db = sqlite3.connect(".weft/registry.db")
events = [(k, p, json.loads(d)) for k, p, d in db.execute("SELECT kind, purpose, details FROM event WHERE kind LIKE 'query.%' ORDER BY seq")]
assert [e[0] for e in events] == ["query.started", "query.ended"] * 2, events
assert all(p == "fraud" for _, p, _ in events), events
started = [d for k, _, d in events if k == "query.started"]
assert all(d["reader"] == "ana" for d in started), started
read = {d["tables"][0]["table"]: d["tables"][0] for d in started}
assert set(read) == {"sales.orders_v1.orders", "insight.desk_v1.desk"}, read
assert read["sales.orders_v1.orders"]["policies"] == ["analysts-read", "mask-names"], read
assert read["sales.orders_v1.orders"]["columns"] == ["id", "customer", "amount", "status"], read
assert [(d["status"], d["rows"]) for k, _, d in events if k == "query.ended"] == [("ok", 3)] * 2, events
END
run weft export nothing --as ana -f ana.duckdb
exit 3
python <<END
import sqlite3
assert sqlite3.connect(".weft/registry.db").execute("SELECT kind FROM event ORDER BY seq DESC LIMIT 1").fetchone() == ("query.refused",)
END

section two products of one name are two files
run mv domains/insight/totals domains/insight/orders
edit domains/insight/orders/product.odps.yaml /name: totals\nstatus/name: orders\nstatus/
run weft publish -q --all
run weft export --all -f all.duckdb
exit 2
err matches ^weft: "\S+" and "\S+" would both be in schema "orders"; export them into two files$
run weft export insight -f insight.duckdb
out has insight.orders_v1.totals

section the newest major, and the one that is named
run mkdir domains/sales/orders/v1
run cp domains/sales/orders/orders.odcs.yaml domains/sales/orders/orders.sql domains/sales/orders/v1/
edit domains/sales/orders/orders.odcs.yaml /version: "1.0.0"/version: "2.0.0"/
edit domains/sales/orders/orders.odcs.yaml /      - name: status\n        logicalType: string\n//
edit domains/sales/orders/orders.sql /, status FROM/ FROM/
edit domains/sales/orders/product.odps.yaml /    contractId: orders-contract/    contractId: orders-contract\n  - name: orders\n    version: 2.0.0\n    contractId: orders-contract/
run weft publish -q sales.orders
run weft export sales -f new.duckdb
out has orders.orders     3  sales.orders_v2.orders
out has 1 table, 
run weft export sales.orders sales.orders_v1 -f both.duckdb
run <<CMD
../read both.duckdb <<'SQL'
SELECT table_schema, count(*) FROM information_schema.columns GROUP BY ALL ORDER BY ALL => [('orders', 3), ('orders_v1', 4)]
SQL
CMD

section the file is whole or not there
file keep.duckdb <<END
old
END
edit domains/sales/orders/orders.sql /, customer,/, CASE id WHEN 3 THEN 'x' ELSE '7' END AS customer,/
run weft publish -q sales.orders
file domains/insight/desk/desk.sql <<END
SELECT id, CAST(CAST(customer AS INTEGER) AS VARCHAR) AS who, amount FROM sales.orders.orders
END
edit policies/names.yaml /unless:/when: {principal: {name: nobody}}\nunless:/
edit domains/sales/orders/orders.sql /WHEN 3 THEN 'x'/WHEN 3 THEN '8'/
run weft publish -q --all
edit domains/sales/orders/orders.sql /WHEN 3 THEN '8'/WHEN 3 THEN 'x'/
run weft publish -q sales.orders
run weft export sales insight.desk -f keep.duckdb
exit 2
err has insight.desk_v1.desk: 
run weft export sales insight.desk --as ana -f keep.duckdb
exit 2
err has insight.desk_v1.desk: the query failed on a value; its message is not shown
run weft export sales -n 2 -f keep.duckdb
exit 6
err has sales.orders_v1.orders: the table has more than 2 rows (row limit)
err has --limit
run weft export sales -f nowhere/keep.duckdb
exit 3
run weft export sales
exit 2
err is weft: weft export needs a file: -f out.duckdb
run weft export -f keep.duckdb
exit 2
err is weft: weft export takes addresses (domain, domain.product, domain.product.table) or --all
run weft export sales --all -f keep.duckdb
exit 2
run cat keep.duckdb
out is old
file keep.duckdb.wal <<END
somebody's
END
run weft export sales -f keep.duckdb
exit 5
err has "keep.duckdb.wal" lies beside it
run cat keep.duckdb keep.duckdb.wal
out is <<END
old
somebody's
END
run rm keep.duckdb.wal
run ls -A
out is <<END
.weft
data
domains
keep.duckdb
mesh.yaml
policies
principals
END
run weft export sales -n 3 -f keep.duckdb
run <<CMD
../read keep.duckdb <<'SQL'
SELECT count(*) FROM orders.orders => [(3,)]
SQL
CMD

section Ctrl-C, and a late export, leave nothing
file domains/insight/desk/desk.sql <<END
SELECT id, customer AS who, amount FROM sales.orders.orders
WHERE (SELECT sum(hash(a.id + b.id + c.id)) FROM sales.orders.orders a, sales.orders.orders b, sales.orders.orders c) IS NOT NULL
END
run weft publish -q --all
python <<END
with open("data/orders.csv", "a") as file:
    file.writelines(f"{i},ada,1.00,open\n" for i in range(4, 20000))
END
run weft publish -q sales.orders
start export weft export sales insight.desk -f out.duckdb
until test -n "$(find . -maxdepth 1 -name '.weft-export-*')"
signal export INT
wait export
exit 8
err has cancelled
run weft export sales insight.desk -t 1s -f out.duckdb
exit 8
err has insight.desk_v1.desk: time limit reached
err has --timeout
run ls -A
out lacks export
out lacks out
run ls -A .weft/tmp
out empty
run weft doctor
out has whole
