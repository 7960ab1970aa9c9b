# How long history is kept, and what goes when its time is over.

include common/shop.inc

section files of old snapshots go, numbers and receipts stay
edit domains/sales/orders/product.odps.yaml /status: active/status: active\ncustomProperties:\n  - {property: weft.history, value: 1s}/
run weft publish -q --all
edit data/orders.csv /19.90/20.00/
run weft publish -q --all
edit data/orders.csv /20.00/21.00/
run weft publish -q --all
run sh -c "find .weft/objects/sales -path '*/data/*.parquet' | wc -l"
out is 3
run sleep 1.1
run weft tick
out has sales.orders: 2 old snapshots forgotten, 2 files
out lacks insight
run sh -c "find .weft/objects/sales -path '*/data/*.parquet' | wc -l"
out is 1
run sh -c "find .weft/objects/insight -path '*/data/*.parquet' | wc -l"
out is 3
run weft query -o csv "SELECT sum(amount) AS s FROM sales.orders.orders"
out is <<END
s
68.1
END
run weft query "SELECT sum(amount) AS s FROM sales.orders.orders AT (VERSION => 1)"
exit 2
err has version 1 of "sales.orders_v1.orders" is history: its files went on
run weft history sales.orders.orders
out has forgotten
run weft history sales.orders.orders --json
json snapshots length 3
json snapshots[2].number == 1
run weft publish sales.orders --rollback 1
exit 3
err has the data of that publish is gone
run weft doctor
out has everything that was published is whole
out lacks garbage
out lacks missing
run sh -c "ls .weft/objects/sales/orders/orders/v1/_delta_log"
out is <<END
00000000000000000003.checkpoint.parquet
00000000000000000003.json
_last_checkpoint
END
run weft tick
out is nothing is due
# What is younger than history stays, however slow the machine is.
edit domains/sales/orders/product.odps.yaml /value: 1s/value: 30d/
edit data/orders.csv /21.00/22.00/
run weft publish -q sales.orders
run weft doctor
out has everything that was published is whole
out lacks missing
run weft tick --json
json history length 0

section a rollback holds the files it went back to
edit domains/sales/orders/product.odps.yaml /status: active/status: active\ncustomProperties:\n  - {property: weft.history, value: 1s}/
run weft publish -q --all
edit data/orders.csv /19.90/20.00/
run weft publish -q --all
run weft publish -q sales.orders --rollback 1
run sleep 1.1
run weft tick --json
json history[0].snapshots == 2
json history[0].files == 1
run weft query -o csv "SELECT sum(amount) AS s FROM sales.orders.orders"
out is <<END
s
67.0
END
run weft doctor
out has everything that was published is whole
out lacks garbage

section what has errors is left
run weft publish -q --all
edit domains/sales/orders/orders.odcs.yaml /kind: DataContract/kind: DataContracts/
run weft tick
out has sales.orders: left for the next time: its documents have errors
