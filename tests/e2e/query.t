# weft query: what comes out, in which form, and when it ends early.

include common/shop.inc
run weft publish -q --all

section as a table
run weft query "FROM sales.orders.orders ORDER BY id"
out is <<END
id  customer  amount  status
 1  ada         19.9  paid
 2  grace        5.0  paid
 3  ada         42.1  open
3 rows
END
run weft query "SELECT 1 AS a WHERE false"
out is <<END
a
0 rows
END
# What data may not do to a terminal.
run weft query "SELECT 'red' || chr(27) || '[31m' || chr(10) || 'x' AS a"
out has red [31m x

section as CSV
run <<CMD
weft query -o csv "SELECT 1 AS \"a,b\", 'x\"y' AS b, NULL AS c, '' AS d, 'two
lines' AS e"
CMD
out is <<END
"a,b",b,c,d,e
1,"x""y",,"","two
lines"
END

section as JSON, and two equal names
run weft query -o json "SELECT 1 AS a, 'x' AS a, NULL AS b, [1,2] AS l, {'k': 'v'} AS s"
json api == "v1"
json rows == [{"a": 1, "a_1": "x", "b": null, "l": [1, 2], "s": {"k": "v"}}]
json columns[1].name == "a_1"
json row_count == 1
run weft query --json "SELECT id FROM sales.orders.orders ORDER BY id"
json rows == [{"id": 1}, {"id": 2}, {"id": 3}]
run weft query -o json "SELECT 'NaN'::DOUBLE AS n, 1e300 AS big, 9007199254740993 AS i, DATE '2026-01-01' AS d"
json rows[0].d == "2026-01-01"
json rows[0].i == 9007199254740993

section as NDJSON, Arrow and Parquet
run weft query -o ndjson "SELECT id, customer FROM sales.orders.orders ORDER BY id LIMIT 2"
out is <<END
{"id":1,"customer":"ada"}
{"id":2,"customer":"grace"}
END
run weft query -o arrow -f o.arrow "FROM sales.orders.orders"
run weft query -o parquet -f o.parquet "FROM sales.orders.orders"
out has 3 rows in 
python <<END
import os, subprocess
assert open("o.parquet", "rb").read(4) == b"PAR1"
assert open("o.arrow", "rb").read(4) == b"\xff\xff\xff\xff"
# pyarrow is not in every checkout; where it is, it reads what weft wrote.
py = os.path.join(env.get("WEFT_DEPS", ""), "py/bin/python")
probe = ("import pyarrow.ipc as i, pyarrow.parquet as p; "
         "print(i.open_stream('o.arrow').read_all().to_pylist() == p.read_table('o.parquet').to_pylist())")
if os.path.exists(py) and subprocess.run([py, "-c", "import pyarrow"], capture_output=True).returncode == 0:
    done = subprocess.run([py, "-c", probe], text=True, capture_output=True)
    assert done.stdout.strip() == "True", done.stdout + done.stderr
END

section --file appears whole or not at all
run weft query -o csv -f out/x.csv "SELECT 1"
exit 3
err has out
file keep.csv <<END
old
END
run weft query -o csv -f keep.csv "SELECT CAST(customer AS INTEGER) AS c FROM sales.orders.orders"
exit 2
run cat keep.csv
out is old
run weft query -o csv -f new.csv "SELECT CAST(customer AS INTEGER) AS c FROM sales.orders.orders"
exit 2
run weft query -o parquet -f new.parquet "SELECT CAST(customer AS INTEGER) AS c FROM sales.orders.orders"
exit 2
run weft query -o arrow -n 2 -f new.arrow "FROM sales.orders.orders"
exit 6
run ls -A
out is <<END
.weft
data
domains
keep.csv
mesh.yaml
policies
END
run weft query -o csv -f keep.csv "SELECT 1 AS a"
run cat keep.csv
out is <<END
a
1
END
# A table goes into a file too.
run weft query -f t.txt "SELECT 1 AS a"
out is 1 row in t.txt
run cat t.txt
out has 1 row
# Without -o the file's name says the format.
run weft query -f t.csv "SELECT 1 AS a, 'x,y' AS b"
run cat t.csv
out is <<END
a,b
1,"x,y"
END
run weft query -q -f t.ndjson "SELECT 1 AS a"
out empty
run cat t.ndjson
out is {"a":1}

section errors of the engine stay on one line and show no inner SQL
run weft query "SELECT CAST(customer AS INTEGER) AS c FROM sales.orders.orders"
exit 2
err has ada
err lacks LINE 1
err lacks read_parquet
err lacks .weft

section limits of rows, time and memory say which and how to change them
run weft query -o csv -n 2 "FROM sales.orders.orders"
exit 6
err has more than 2 rows
err has --limit
run weft query -o csv -n 3 "FROM sales.orders.orders"
run weft query -o csv -n 0 "FROM sales.orders.orders"
run weft query -t 200ms "SELECT sum(hash(a.range + b.range)) FROM range(1000000) a, range(1000000) b"
exit 8
err has time limit
err has --timeout
run weft query -m 10MB "SELECT count(*) FROM range(3000000) a JOIN range(3000000) b ON hash(a.range) = hash(b.range)"
exit 6
err has memory
err has --memory
append mesh.yaml <<END
limits:
  rows: 1
  queryTime: 1s
END
run weft validate
run weft query "FROM sales.orders.orders"
exit 6
err has more than 1 rows
run weft query -o parquet -n 2 -f two.parquet "FROM sales.orders.orders"
exit 6
run test -e two.parquet
exit 1
run weft query -n 10 "FROM sales.orders.orders"
run weft query "SELECT sum(hash(a.range + b.range)) FROM range(1000000) a, range(1000000) b"
exit 8

section a reader that goes away
run <<END
weft query -o csv "SELECT range, hash(range) AS h FROM range(5000000)" | head -1
END
out is range,h
run <<END
bash -c 'weft query -o csv "SELECT range FROM range(5000000)" | head -1; exit ${PIPESTATUS[0]}'
END
exit 8
err has the reader has gone

section nothing that is not there
run weft query "FROM sales.orders.order"
exit 2
err has query:1:6: error: table "sales.orders.order" does not exist [guard.table]
err has ^~~~
err has did you mean "sales.orders.orders"?
# A finding is the message; it is not said a second time.
err lacks weft: table
run weft query "SELECT custmer FROM sales.orders.orders"
exit 2
err has query:1:8: error: column "custmer" does not exist
err has did you mean "customer"?
run weft query "SELECT 'a"
exit 2
err has query:1:8: error: unterminated quoted string
run weft query ""
exit 2
run weft query "SELECT 1; SELECT 2"
exit 2
err has only one statement is allowed
run weft query "FROM sales.orders_v3.orders"
exit 2
err has sales.orders_v3.orders
run weft query "SELECT nosuch(1)"
exit 2
err has nosuch
run weft catalog show sales.order
exit 3
err has did you mean
run weft history sales.order
exit 3
run weft receipt show sales.order
exit 3
run weft publish sales.order
exit 3
err is weft: no product "sales.order"; did you mean "sales.orders"?
