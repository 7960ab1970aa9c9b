# The folder of a table is a Delta table: written with each publish, healed, and never over another program's files.

include common/shop.inc
env LOG=.weft/objects/sales/orders/orders/v1/_delta_log

section a publish writes the versions of its tables, and a view among them is one that nobody reads
run weft publish --all --json
json products[0].log_status == "ok"
json products[0].log_message == ""
run sh -c 'ls $LOG'
out is <<END
00000000000000000000.json
00000000000000000001.json
END
edit data/orders.csv /grace/gracy/
run weft publish --all
out lacks warning
run sh -c 'cat $LOG/00000000000000000002.json'
out has {"remove":{"path":"data/
out has {"add":{"path":"data/
out has \"customer\":\"gracy\"
edit domains/insight/totals/totals.odcs.yaml /schema:/customProperties:\n  - {property: weft.build, value: view}\nschema:/
run weft plan --fix
run weft publish --all
run sh -c 'cat .weft/objects/insight/totals/totals/v1/_delta_log/00000000000000000003.json'
out has weftView
out has {"remove":
out lacks {"add":
run weft doctor
out lacks missing
out has everything that was published is whole

section what a kill between commit and log left out is added, byte for byte
run weft publish --all
edit data/orders.csv /grace/gracy/
run weft publish --all
run sh -c 'cat $LOG/* > ../before'
run rm $LOG/00000000000000000002.json
run weft doctor
out has 1 files of Delta logs are missing; weft doctor --repair writes them
run weft doctor --json
json log_files_missing == 1
json problems length 0
# A publish that has nothing else to do.
run weft publish --all
out has 0 published, 2 unchanged
run sh -c 'cat $LOG/* | cmp - ../before'
run rm -r $LOG
run weft doctor --repair
out has 3 files of Delta logs are missing: written
run sh -c 'cat $LOG/* | cmp - ../before'
# The next publish finds a gap at the end of a log and fills it first.
run rm $LOG/00000000000000000002.json
edit data/orders.csv /gracy/grace/
run weft publish --all
run weft doctor
out lacks missing
run sh -c 'ls $LOG | wc -l'
out is 4

section another program's version is told by everybody and replaced by nobody
run weft publish --all
run sh -c 'echo "{}" > $LOG/00000000000000000002.json'
run weft doctor
exit 9
out has log of sales.orders_v1.orders: "sales/orders/orders/v1/_delta_log/00000000000000000002.json" was written by another program
edit data/orders.csv /grace/gracy/
run weft publish --all
exit 5
out has sales.orders published
out has warning: Delta log of sales.orders_v1.orders
err has sales.orders is live, but another program writes to its folder
run weft query -o csv "SELECT customer FROM sales.orders.orders WHERE id = 2"
out has gracy
run weft publish --all --json
json products[0].outcome == "unchanged"
edit data/orders.csv /gracy/grace/
run weft publish --all --json
exit 5
json products[0].outcome == "published"
json products[0].log_status == "conflict"
json products[1].log_status == "ok"
run weft doctor --repair
exit 9
run sh -c 'cat $LOG/00000000000000000002.json; ls $LOG | wc -l'
out is <<END
{}
3
END
# Once a person has taken it away the log goes on.
run rm $LOG/00000000000000000002.json
run weft publish --all
out has unchanged
run weft doctor
out lacks missing
run sh -c 'ls $LOG | wc -l'
out is 4
python <<END
import sqlite3
kinds = [row[0] for row in sqlite3.connect(".weft/registry.db").execute("SELECT kind FROM event WHERE subject = 'sales.orders_v1.orders'")]
assert kinds.count("log.foreign") == 2, kinds
END

section an appended table whose column was widened keeps its older versions
file domains/sales/clicks/product.odps.yaml <<END
apiVersion: v1.0.0
kind: DataProduct
id: clicks
name: clicks
status: active
outputPorts:
  - {name: clicks, version: 1.0.0, contractId: clicks}
END
file domains/sales/clicks/clicks.odcs.yaml <<END
apiVersion: v3.1.0
kind: DataContract
id: clicks
version: 1.0.0
status: active
schema:
  - name: clicks
    properties:
      - {name: n, physicalType: INTEGER}
customProperties:
  - {property: weft.build, value: delivered}
  - {property: weft.materialization, value: append}
END
file clicks.csv <<END
n
7
END
run weft publish sales.clicks --data clicks.csv
edit domains/sales/clicks/clicks.odcs.yaml /INTEGER/BIGINT/
run weft plan --fix
run weft publish sales.clicks --data clicks.csv
out has warning: Delta log of sales.clicks_v1.clicks: snapshot 2 of sales.clicks_v1.clicks keeps files in which column "n" has type INTEGER, not BIGINT
run weft query -o csv "SELECT sum(n) AS s FROM sales.clicks.clicks"
out has 14
run weft doctor
out has its Delta log ends before
out has everything that was published is whole
run sh -c 'ls .weft/objects/sales/clicks/clicks/v1/_delta_log | wc -l'
out is 2
