# Product SQL against the contract and against what the product declares.

include common/shop.inc

section a column the source does not have
file domains/sales/orders/orders.sql <<END
SELECT id, custmer AS customer, amount, status
FROM source.till
END
run weft plan sales.orders
exit 2
err has domains/sales/orders/orders.sql:1:12: error: column "custmer" does not exist
err has ^~~~~~~
err has did you mean "customer"?
run weft publish sales.orders
exit 2
err has orders.sql:1:12

section a column too many, one too few, and another type
file domains/sales/orders/orders.sql <<END
SELECT id, customer, CAST(amount AS VARCHAR) AS amount, 1 AS more FROM source.till
END
run weft plan sales.orders
exit 2
err has column "more", which the contract of table "orders" does not have
err has "status"
err has "amount"
err has VARCHAR
err has DOUBLE

section a syntax error
file domains/sales/orders/orders.sql <<END
SELECT id, customer,
FRM source.till
END
run weft plan sales.orders
exit 2
err matches orders\.sql:2:\d+: error: syntax error

section two statements, none, and something else than SELECT
file domains/sales/orders/orders.sql <<END
SELECT 1; SELECT 2
END
run weft plan sales.orders
exit 2
err has only one statement is allowed
file domains/sales/orders/orders.sql <<END
-- nothing here
END
run weft plan sales.orders
exit 2
file domains/sales/orders/orders.sql <<END
DELETE FROM source.till
END
run weft plan sales.orders
exit 2
err has only a SELECT is allowed here

section an input that no port declares
file domains/insight/totals/totals.sql <<END
SELECT customer, sum(amount) AS total
FROM sales.orders.orders o JOIN insight.other.things t ON true GROUP BY customer
END
run weft plan insight.totals
exit 2
err matches totals\.sql:2:\d+: error:
err has insight.other.things
edit domains/insight/totals/product.odps.yaml /inputPorts:\n  - name: orders\n    version: 1.0.0\n    contractId: orders-contract\n//
file domains/insight/totals/totals.sql <<END
SELECT customer, sum(amount) AS total FROM sales.orders.orders GROUP BY customer
END
run weft plan insight.totals
exit 2
err has no input port of "insight.totals" declares "sales.orders"
err has add it to inputPorts with its contract's id

section its own table, a source that is not there, a file, and AT
file domains/insight/totals/totals.sql <<END
SELECT customer, total FROM insight.totals.totals
END
run weft plan insight.totals
exit 2
err has a product cannot read its own tables
file domains/insight/totals/totals.sql <<END
SELECT customer, total FROM source.tills
END
run weft plan insight.totals
exit 2
err has source.tills
file domains/insight/totals/totals.sql <<END
SELECT customer, sum(amount) AS total FROM 'data/orders.csv' GROUP BY 1
END
run weft plan insight.totals
exit 2
file domains/insight/totals/totals.sql <<END
SELECT customer, sum(amount) AS total FROM read_csv('data/orders.csv') GROUP BY 1
END
run weft plan insight.totals
exit 2
err has read_csv
run weft publish -q sales.orders
file domains/insight/totals/totals.sql <<END
SELECT customer, sum(amount) AS total FROM sales.orders.orders AT (VERSION => 1) GROUP BY 1
END
run weft plan insight.totals
exit 2
err has product SQL reads the newest snapshot of its inputs; AT is for queries

section types that cannot be published say what to write
file domains/sales/orders/orders.sql <<END
SELECT id, customer, sum(id) OVER () AS amount, status FROM source.till
END
run weft plan sales.orders
exit 2
err has HUGEINT
err has amount

section cyclic products
file domains/sales/orders/product.odps.yaml <<END
apiVersion: v1.0.0
kind: DataProduct
id: orders-id
name: orders
status: active
inputPorts:
  - {name: till, version: 1.0.0, contractId: till}
  - {name: back, version: 1.0.0, contractId: totals-contract}
outputPorts:
  - {name: orders, version: 1.0.0, contractId: orders-contract}
END
run weft validate
exit 2
err has sales.orders
err has insight.totals
err matches (cycle|circle|each other)
run weft publish --all
exit 2
run weft publish sales.orders
exit 2

section a missing source file
run mv data/orders.csv data/gone.csv
run weft validate
run weft plan sales.orders
exit 2
err has data/orders.csv
run weft publish --all
exit 3
err has data/orders.csv
out has insight.totals not published: an upstream product was not published

section a source that says something else than its contract
file data/orders.csv <<END
id,customer,amount,status
1,ada,a lot,paid
END
run weft publish sales.orders
exit 2
err has a lot
err has amount
file data/orders.csv <<END
id,customer,status
1,ada,paid
END
run weft publish sales.orders
exit 3
err has has no column "amount"; it has "id", "customer", "status"
file data/orders.csv <<END
END
run weft publish sales.orders
exit 3
err has has no column "id"
run weft query "FROM sales.orders.orders"
exit 2

section files outside of the mesh need mesh.yaml's word
run mkdir ../elsewhere
run cp data/orders.csv ../elsewhere/
edit domains/sales/orders/source.odcs.yaml /..\/..\/..\/data\/orders.csv/..\/..\/..\/..\/elsewhere\/orders.csv/
run weft publish sales.orders
exit 4
err has elsewhere
err has mesh.yaml
append mesh.yaml <<END
allowed:
  paths: [../elsewhere]
END
run weft publish sales.orders
run sh -c 'ln -s /etc/passwd data/link.csv'
edit domains/sales/orders/source.odcs.yaml /..\/..\/..\/..\/elsewhere\/orders.csv/..\/..\/..\/data\/link.csv/
run weft publish sales.orders
exit 4
err lacks root:

section globs, partitions and gzip
run mkdir -p data/y=2025 data/y=2026
file data/y=2025/a.csv <<END
id,customer,amount,status
1,ada,1,paid
END
file data/y=2026/b.csv <<END
id,customer,amount,status
2,ada,2,paid
END
run gzip data/y=2026/b.csv
edit domains/sales/orders/source.odcs.yaml /data\/orders.csv/data\/y=*\/*.csv*/
run weft publish sales.orders
run weft query -o csv "SELECT sum(amount) AS s FROM sales.orders.orders"
out is <<END
s
3.0
END
