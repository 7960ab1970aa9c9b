# What a publish does, skips, refuses and leaves.

include common/shop.inc

section a contract that its data breaks: refused, bad rows shown, live data unchanged
run weft publish -q --all
file data/orders.csv <<END
id,customer,amount,status
1,ada,19.90,paid
1,grace,-5.00,paid
3,,42.10,open
END
run weft publish --all
exit 2
out has sales.orders refused
out lacks of the contract's checks failed
err has weft: sales.orders was refused: 3 of the contract's checks failed
err has the live data stays as it was
out has fail orders.customer.required
out has fail orders.amount.minimum
out has fail orders.primaryKey
out has first bad rows of orders.amount.minimum
out matches ^ +1 +-5\.0
out matches ^ +3 +NULL
out has insight.totals not published: an upstream product was not published
out has 0 published, 0 unchanged, 1 refused, 1 not published
run weft query -o csv "SELECT sum(amount) AS s, count(*) AS n FROM sales.orders.orders"
out is <<END
s,n
67.0,3
END
run weft history sales.orders --json
json publishes length 1
run weft doctor
out lacks garbage
run weft publish sales.orders --json
exit 2
json products[0].outcome == "refused"
json products[0].status == "invalid"
json errors == 0
python <<END
import json
checks = {c["id"]: c for c in json.loads(last.out)["products"][0]["tables"][0]["checks"]}
assert checks["orders.amount.minimum"]["bad_count"] == 1 and checks["orders.amount.minimum"]["outcome"] == "fail", checks
assert checks["orders.amount.minimum"]["columns"] == "amount" and checks["orders.amount.minimum"]["measured"] == "1", checks
assert checks["orders.id.type"]["outcome"] == "pass" and "measured" not in checks["orders.id.type"], checks
END
# --keep keeps the staged files for a look; the doctor knows them as garbage.
run weft publish sales.orders --keep
exit 2
run weft doctor
out has 1 files of garbage

section rules of the contract: a warning does not refuse, an sql rule reads the staged data
edit domains/sales/orders/orders.odcs.yaml /  - name: orders\n    properties/  - name: orders\n    quality:\n      - {id: few, metric: rowCount, mustBeLessThan: 3, severity: warning}\n      - {id: paid, type: sql, query: "SELECT count(*) FROM orders WHERE status = 'open'", mustBe: 0}\n    properties/
run weft publish sales.orders
exit 2
out has warn few
out has fail paid
edit data/orders.csv /open/paid/
run weft publish sales.orders
out has warn few

section skipped, with the reason, and what makes it run again
run weft publish -q --all
run weft publish --all
out has sales.orders unchanged: documents, SQL and inputs are those of the last publish
out has insight.totals unchanged: documents, SQL and inputs are those of the last publish
out has 0 published, 2 unchanged
# A comment in a document is a change of the document.
append domains/sales/orders/orders.odcs.yaml <<END
# one more word
END
run weft publish sales.orders
out has sales.orders published in
run weft plan insight.totals
out has sales.orders_v1.orders has a new snapshot
run weft publish --all
out has 1 published, 1 unchanged
# The SQL.
edit domains/sales/orders/orders.sql /SELECT id/SELECT  id/
run weft plan sales.orders
out has domains/sales/orders/orders.sql changed
run weft publish -q --all
# The file with the same content: touched, copied away and back.
run touch -d "2030-01-01" data/orders.csv
run weft publish --all
out has 0 published, 2 unchanged
run sh -c 'cp data/orders.csv x && rm data/orders.csv && mv x data/orders.csv'
run weft publish --all
out has 0 published, 2 unchanged
# Same size, same time, other content: the time is only trusted when it is old enough to be.
run touch -r data/orders.csv stamp
edit data/orders.csv /grace/gracy/
run touch -r stamp data/orders.csv
run weft plan sales.orders
out matches data/orders\.csv changed|unchanged
# Other content.
append data/orders.csv <<END
4,edsger,1.00,paid
END
run weft plan
out has sales.orders  publish: data/orders.csv changed
out has insight.totals  publish: an upstream product is published in this run
run weft publish --all
out has 2 published
run weft publish --full sales.orders
out has 1 published
# A moved mesh is the same mesh.
run weft publish -q --all
run sh -c 'mkdir ../moved && cp -rp . ../moved/'
cd ../moved
run weft publish --all
out has 0 published, 2 unchanged

section a new contract upstream is planned with what reads it, also when only upstream has changed
edit domains/insight/totals/totals.sql /FROM sales.orders.orders/FROM sales.orders.orders, (VALUES (1)) AS one(region) WHERE region = 1/
run weft publish -q --all
edit domains/sales/orders/orders.odcs.yaml /      - name: status/      - name: region\n        logicalType: string\n      - name: status/
edit domains/sales/orders/orders.odcs.yaml /version: "1.0.0"/version: "1.1.0"/
edit domains/sales/orders/product.odps.yaml /version: 1.0.0   #/version: 1.1.0   #/
edit domains/sales/orders/orders.sql /SELECT id/SELECT 'north' AS region, id/
run weft plan
exit 2
out has sales.orders  publish
out has insight.totals  refused
err has region

section several tables in a port come from one publish
file domains/sales/orders/orders.odcs.yaml <<END
apiVersion: v3.1.0
kind: DataContract
id: orders-contract
version: "1.0.0"
status: active
schema:
  - name: orders
    properties:
      - {name: id, logicalType: integer, primaryKey: true}
      - {name: customer, logicalType: string}
  - name: customers
    properties:
      - {name: customer, logicalType: string, primaryKey: true}
      - {name: orders, logicalType: integer}
END
file domains/sales/orders/orders.sql <<END
SELECT id, customer FROM source.till
END
file domains/sales/orders/customers.sql <<END
SELECT customer, count(*) AS orders FROM source.till GROUP BY customer
END
run weft publish sales.orders --json
json published == 1
json products[0].tables length 2
let PUBLISH products[0].id
run weft history sales.orders.customers --json
python <<END
import json
assert json.loads(last.out)["snapshots"][0]["publish_id"] == env["PUBLISH"]
END
run weft query -o csv "SELECT c.orders = count(*) AS same FROM sales.orders.customers c JOIN sales.orders.orders o USING (customer) GROUP BY c.customer, c.orders"
out lacks false
# One table's broken check keeps both as they were.
append data/orders.csv <<END
3,ada,1,paid
END
run weft publish sales.orders
exit 2
run weft query -o csv "SELECT sum(orders) AS n FROM sales.orders.customers"
out is <<END
n
3
END

section steps are private, build in order, and may not go in circles
file domains/sales/orders/steps/clean.sql <<END
SELECT id, customer, amount, status FROM source.till WHERE amount > 6
END
file domains/sales/orders/steps/big.sql <<END
SELECT * FROM clean WHERE amount > 20
END
file domains/sales/orders/orders.sql <<END
SELECT id, customer, amount, status FROM big UNION ALL SELECT id, customer, amount, status FROM clean WHERE amount <= 20
END
run weft publish sales.orders
run weft query -o csv "SELECT id FROM sales.orders.orders ORDER BY 1"
out is <<END
id
1
3
END
run weft query "FROM sales.orders.clean"
exit 2
err has table "sales.orders.clean" does not exist
file domains/sales/orders/steps/clean.sql <<END
SELECT id, customer, amount, status FROM big
END
run weft plan sales.orders
exit 2
err has clean
err has big
err matches (cycle|circle|each other)

section append: each run takes what is new
edit domains/sales/orders/orders.odcs.yaml /status: active/status: active\ncustomProperties:\n  - {property: weft.materialization, value: append}\n  - {property: weft.incremental, value: {column: id}}/
file domains/sales/orders/orders.sql <<END
SELECT id, customer, amount, status FROM source.till WHERE $from IS NULL OR id > $from
END
run weft plan sales.orders
exit 2
err has the type of $from or $to does not follow from the text
file domains/sales/orders/orders.sql <<END
SELECT id, customer, amount, status FROM source.till WHERE id > $from
END
run weft publish --all
out has sales.orders_v1.orders: 3 rows, 
append data/orders.csv <<END
4,edsger,1.00,paid
5,edsger,2.00,paid
END
run weft publish --all
run weft query -o csv "SELECT count(*) AS n, sum(amount) AS s FROM sales.orders.orders"
out is <<END
n,s
5,70.0
END
run weft query -o csv "SELECT count(*) AS n FROM sales.orders.orders AT (VERSION => 1)"
out is <<END
n
3
END
run weft query -o csv "SELECT total FROM insight.totals.totals WHERE customer = 'edsger'"
out is <<END
total
3.0
END
run weft publish --all
out has 0 published, 2 unchanged
# A key that is there already is found in all rows, not only in the new ones.
file data/orders.csv <<END
id,customer,amount,status
7,ada,1,paid
7,ada,1,paid
END
run weft publish sales.orders
exit 2
out has fail orders.primaryKey
run weft query -o csv "SELECT count(*) AS n FROM sales.orders.orders"
out is <<END
n
5
END
run weft doctor

section delivered data
file domains/sales/targets/product.odps.yaml <<END
apiVersion: v1.0.0
kind: DataProduct
id: targets-id
name: targets
status: active
outputPorts:
  - name: targets
    version: 1.0.0
    contractId: targets-contract
END
file domains/sales/targets/targets.odcs.yaml <<END
apiVersion: v3.1.0
kind: DataContract
id: targets-contract
version: 1.0.0
status: active
customProperties:
  - {property: weft.build, value: delivered}
schema:
  - name: targets
    properties:
      - {name: month, logicalType: string, primaryKey: true}
      - {name: goal, logicalType: integer}
  - name: notes
    properties:
      - {name: note, logicalType: string}
END
run weft validate
run weft publish sales.targets
out has it waits for its first delivery; bring files with --data
run mkdir ../a ../b
file ../a/t.csv <<END
month,goal
2026-01,10
2026-02,12
END
file ../b/n.csv <<END
note
a first plan
END
run weft publish sales.targets --data ../a/t.csv
exit 2
err has --data
run weft publish sales.targets --data targets=../a/t.csv
exit 2
err has table "notes" is delivered and no file was brought for it
run weft publish sales.targets --data targets=../a/t.csv --data notes=../b/n.csv
out has sales.targets published in
run weft query -o csv "SELECT sum(goal) AS s FROM sales.targets.targets"
out is <<END
s
22
END
run weft publish sales.targets
out has its data is delivered; bring files with --data
file ../a/t.csv <<END
month,goal
2026-01,10
2026-01,12
END
run weft publish sales.targets --data targets=../a/t.csv --data notes=../b/n.csv
exit 2
out has fail targets.primaryKey
run weft publish sales.targets --data targets=../a/none.csv
exit 3
err has none.csv
run weft publish sales.targets --data tragets=../a/t.csv --data notes=../b/n.csv
exit 2
err is weft: --data: no delivered table "tragets"; did you mean targets?
run weft publish sales.targets --data targets=../a/t.csv --data targets=../a/t.csv --data notes=../b/n.csv
exit 2
err has two files for table "targets"
run weft publish sales.orders --data ../a/t.csv
exit 2
err has none of these products has a delivered table
run weft query -o csv "SELECT sum(goal) AS s FROM sales.targets.targets"
out is <<END
s
22
END

section older snapshots
run weft publish -q sales.orders
append data/orders.csv <<END
4,edsger,1.00,paid
END
run weft publish -q sales.orders
run weft query -o csv "SELECT count(*) AS n FROM sales.orders.orders AT (VERSION => 1)"
out is <<END
n
3
END
run weft query -o csv "SELECT count(*) AS n FROM sales.orders.orders ANTI JOIN sales.orders.orders AS old AT (VERSION => 1) USING (id)"
out is <<END
n
1
END
run weft query "FROM sales.orders.orders AT (VERSION => 9)"
exit 2
err has table "sales.orders_v1.orders" has no version 9; the newest is 2
run weft query "FROM sales.orders.orders AT (VERSION => 0)"
exit 2
run weft query "FROM sales.orders.orders AT (VERSION => -1)"
exit 2
run weft query "FROM sales.orders.orders AT (TIMESTAMP => now())"
exit 2
run weft history
out has sales.orders
run weft history sales.orders --json
json publishes length 2
json publishes[0].sequence == 2
run weft history sales.orders.orders --json
json snapshots length 2
json snapshots[0].number == 2
json snapshots[1].rows == 3
run weft history sales.orders -n 1 --json
json publishes length 1
run weft history sales.orders.bills
exit 3
err has was never published
