# What the rows of a publish do to the rows that are there: append, partitions, merge.

include common/shop.inc

section merge: rows with the same primary key are replaced, others stay
edit domains/sales/orders/orders.odcs.yaml /status: active/status: active\ncustomProperties:\n  - {property: weft.materialization, value: merge}/
run weft publish -q sales.orders
file data/orders.csv <<END
id,customer,amount,status
2,grace,6.00,paid
4,bob,1.00,open
END
run weft publish sales.orders
out has sales.orders_v1.orders: 2 rows
run weft query -o csv "FROM sales.orders.orders ORDER BY id"
out is <<END
id,customer,amount,status
1,ada,19.9,paid
2,grace,6.0,paid
3,ada,42.1,open
4,bob,1.0,open
END
run weft query -o csv "FROM sales.orders.orders AT (VERSION => 1) ORDER BY id"
out is <<END
id,customer,amount,status
1,ada,19.9,paid
2,grace,5.0,paid
3,ada,42.1,open
END
run weft receipt show sales.orders
json receipt.publish.materialization == "merge"
json receipt.ports[0].tables[0].rows == 4
json receipt.ports[0].tables[0].files length 2
# A file that holds none of the new keys is kept as it is; one whose rows all go is gone.
file data/orders.csv <<END
id,customer,amount,status
2,grace,7.00,paid
4,bob,2.00,open
END
run weft publish -q sales.orders
run weft query -o csv "SELECT sum(amount) AS s, count(*) AS n FROM sales.orders.orders"
out is <<END
s,n
71.0,4
END
run weft receipt show sales.orders
json receipt.ports[0].tables[0].files length 2
# A key that is there twice among the new rows.
file data/orders.csv <<END
id,customer,amount,status
2,grace,7.00,paid
2,bob,2.00,open
END
run weft publish sales.orders
exit 2
out has orders.primaryKey
run weft doctor
out has everything that was published is whole
out lacks garbage
# --full begins anew.
file data/orders.csv <<END
id,customer,amount,status
9,eve,7.00,paid
END
run weft publish -q --full sales.orders
run weft query -o csv "SELECT id FROM sales.orders.orders"
out is <<END
id
9
END

section merge in a table that is partitioned
edit domains/sales/orders/orders.odcs.yaml /status: active/status: active\ncustomProperties:\n  - {property: weft.materialization, value: merge}/
edit domains/sales/orders/orders.odcs.yaml /      - name: status\n        logicalType: string/      - name: status\n        logicalType: string\n        partitioned: true/
run weft publish -q sales.orders
file data/orders.csv <<END
id,customer,amount,status
3,ada,42.10,paid
END
run weft publish -q sales.orders
run weft query -o csv "FROM sales.orders.orders ORDER BY id"
out is <<END
id,customer,amount,status
1,ada,19.9,paid
2,grace,5.0,paid
3,ada,42.1,paid
END
run weft receipt show sales.orders
json receipt.ports[0].tables[0].files length 2
run weft doctor
out lacks garbage

section partitions: those of the new rows are replaced, others stay
edit domains/sales/orders/orders.odcs.yaml /status: active/status: active\ncustomProperties:\n  - {property: weft.materialization, value: partitions}/
edit domains/sales/orders/orders.odcs.yaml /      - name: status\n        logicalType: string/      - name: status\n        logicalType: string\n        partitioned: true/
edit data/orders.csv /42.10,open/42.10,/
run weft publish sales.orders
out has sales.orders_v1.orders: 3 rows
run sh -c "find .weft/objects/sales -name '*.parquet' | wc -l"
out is 2
file data/orders.csv <<END
id,customer,amount,status
5,eve,1.00,paid
6,eve,2.00,new
END
run weft publish sales.orders
run weft query -o csv "SELECT id, status FROM sales.orders.orders ORDER BY id"
out is <<END
id,status
3,
5,paid
6,new
END
file data/orders.csv <<END
id,customer,amount,status
7,eve,1.00,
END
run weft publish -q sales.orders
run weft query -o csv "SELECT id FROM sales.orders.orders WHERE status IS NULL OR status = 'new' ORDER BY id"
out is <<END
id
6
7
END
run weft doctor
out has everything that was published is whole
out lacks garbage

section other partitions than before need a full publish
edit domains/sales/orders/orders.odcs.yaml /status: active/status: active\ncustomProperties:\n  - {property: weft.materialization, value: partitions}/
edit domains/sales/orders/orders.odcs.yaml /      - name: status\n        logicalType: string/      - name: status\n        logicalType: string\n        partitioned: true/
run weft publish -q sales.orders
edit domains/sales/orders/orders.odcs.yaml /        logicalType: string\n        partitioned: true/        logicalType: string/
edit domains/sales/orders/orders.odcs.yaml /      - name: customer/      - name: customer\n        partitioned: true/
run weft plan --fix sales.orders
run weft publish sales.orders
exit 2
err has was partitioned by other columns; publish it once with --full
run weft publish -q --full sales.orders
run weft doctor
out has everything that was published is whole

section what a contract must say for it
edit domains/sales/orders/orders.odcs.yaml /status: active/status: active\ncustomProperties:\n  - {property: weft.materialization, value: partitions}/
run weft plan sales.orders
exit 2
err has table "orders" is replaced by partitions but has no partition column
edit domains/sales/orders/orders.odcs.yaml /value: partitions/value: merge/
edit domains/sales/orders/orders.odcs.yaml /        primaryKey: true\n//
run weft plan sales.orders
exit 2
err has table "orders" is merged but has no primary key
edit domains/sales/orders/orders.odcs.yaml /value: merge/value: merg/
run weft plan sales.orders
exit 2
err has did you mean "merge"

section a merge reads again what it read before
edit domains/sales/orders/orders.odcs.yaml /status: active/status: active\ncustomProperties:\n  - {property: weft.materialization, value: merge}\n  - {property: weft.incremental, value: {column: day, lookback: 2d}}/
edit domains/sales/orders/orders.odcs.yaml /      - name: status\n        logicalType: string/      - name: status\n        logicalType: string\n      - name: day\n        logicalType: date/
edit domains/sales/orders/source.odcs.yaml /      - {name: status, logicalType: string}/      - {name: status, logicalType: string}\n      - {name: day, logicalType: date}/
file data/orders.csv <<END
id,customer,amount,status,day
1,ada,1.00,paid,2026-01-01
2,ada,1.00,paid,2026-01-09
3,ada,1.00,paid,2026-01-10
END
file domains/sales/orders/orders.sql <<END
SELECT id, customer, amount, status, day FROM source.till WHERE day >= CAST($from AS DATE)
END
run weft publish -q sales.orders
file data/orders.csv <<END
id,customer,amount,status,day
1,ada,5.00,paid,2026-01-01
2,ada,5.00,paid,2026-01-09
3,ada,5.00,paid,2026-01-10
4,ada,5.00,paid,2026-01-11
END
run weft publish sales.orders
out has sales.orders_v1.orders: 3 rows
run weft query -o csv "SELECT id, amount FROM sales.orders.orders ORDER BY id"
out is <<END
id,amount
1,1.0
2,5.0
3,5.0
4,5.0
END

section many small appends become few files
edit domains/sales/orders/orders.odcs.yaml /status: active/status: active\ncustomProperties:\n  - {property: weft.materialization, value: append}/
file appends <<END
for i in $(seq 1 18); do
    printf 'id,customer,amount,status\n%d,ada,1.00,paid\n' "$i" > data/orders.csv
    weft publish -q sales.orders || exit 1
done
END
run sh appends
run weft query -o csv "SELECT count(*) AS n, count(DISTINCT id) AS d FROM sales.orders.orders"
out is <<END
n,d
18,18
END
run weft receipt show sales.orders
json receipt.ports[0].tables[0].files length 3
json receipt.ports[0].tables[0].rows == 18
run weft query -o csv "SELECT count(*) AS n FROM sales.orders.orders AT (VERSION => 16)"
out is <<END
n
16
END
run weft doctor
out has everything that was published is whole
out lacks garbage
