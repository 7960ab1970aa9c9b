# After a withdrawal: served again, forgotten, gone from the documents, and what reads it.

include common/majors.inc

section with a later date a major is served again, by new snapshots
run weft publish -q --all
edit domains/sales/orders/v1/orders.odcs.yaml /status: active/status: active\nslaProperties:\n  - {property: endOfLife, value: 2020-01-31}/
run weft plan -q --fix
run weft publish -q sales.orders
run weft tick -q
edit domains/sales/orders/v1/orders.odcs.yaml /2020-01-31/2999-01-31/
run weft plan insight.totals
err has input sales.orders_v1.orders was withdrawn on
err has = publish it first: weft publish sales.orders
exit 2
run weft plan -q --fix
edit data/orders.csv /19.90/20.00/
run weft publish --all
out has sales.orders_v1.orders: 3 rows
out has 2 published
run weft history sales.orders_v1.orders --json
json snapshots[0].number == 2
json snapshots length 2
out lacks withdrawn_us
run weft query -o csv "SELECT sum(amount) AS s FROM sales.orders_v1.orders"
out is <<TEXT
s
67.1
TEXT
err empty
run weft query -o csv "SELECT sum(amount) AS s FROM sales.orders_v1.orders AT (VERSION => 1)"
out is <<TEXT
s
67.0
TEXT
run weft catalog show sales.orders
out lacks withdrawn
out matches port orders 1.1.0 .*, sunset 2999-01-31
run sh -c "ls .weft/objects/sales/orders/orders/v1/_delta_log"
out is <<TEXT
00000000000000000000.json
00000000000000000001.json
00000000000000000002.json
TEXT
run weft doctor
out has everything that was published is whole
out lacks missing
out lacks garbage
run weft tick
out is nothing is due

section files of a withdrawn major are history for weft.history, and its columns keep their ids
edit domains/sales/orders/v1/orders.odcs.yaml /status: active/status: active\ncustomProperties:\n  - {property: weft.history, value: 0s}/
run weft publish -q sales.orders
edit domains/sales/orders/v1/orders.odcs.yaml /status: active/status: active\nslaProperties:\n  - {property: endOfLife, value: 2020-01-31}/
run weft plan -q --fix
run weft publish -q sales.orders
run weft tick
out has sales.orders_v1: withdrawn
out has sales.orders: 1 old snapshot forgotten, 1 file
run weft history sales.orders_v1.orders
out has forgotten
run find .weft/objects/sales/orders/orders/v1 -type f
out empty
run weft doctor
out has everything that was published is whole
out lacks garbage
edit domains/sales/orders/v1/orders.odcs.yaml /  - {property: endOfLife, value: 2020-01-31}/  - {property: endOfLife, value: 2999-01-31}/
edit domains/sales/orders/v1/orders.odcs.yaml /      - name: customer/      - {name: note, logicalType: string}\n      - name: customer/
edit domains/sales/orders/v1/orders.sql /SELECT id, /SELECT id, 'x' AS note, /
run weft plan -q --fix
run weft publish -q sales.orders
run weft query -o csv "SELECT customer, note FROM sales.orders_v1.orders WHERE id = 2"
out is <<TEXT
customer,note
grace,x
TEXT
python <<PY
import json, sqlite3
rows = sqlite3.connect(".weft/registry.db").execute(
    "SELECT number, columns FROM snapshot WHERE address = 'sales.orders_v1.orders' ORDER BY number").fetchall()
first, second = ({c["name"]: c["id"] for c in json.loads(columns)["columns"]} for _, columns in rows)
assert [number for number, _ in rows] == [1, 2], rows
assert all(second[name] == first[name] for name in first), (first, second)
assert second["note"] > max(first.values()), (first, second)
PY
run weft doctor
out has everything that was published is whole
out lacks missing

section a port that its product does not have any more is withdrawn, unless a sunset was promised
run weft publish -q --all
edit domains/sales/orders/product.odps.yaml /  - name: orders\n    version: 1.0.0   # kept with the contract's\n    contractId: orders-contract\n//
run rm -r domains/insight/totals
run weft publish -q sales.orders
run weft query -o csv "SELECT count(*) AS n FROM sales.orders_v1.orders"
out is <<TEXT
n
3
TEXT
run weft tick
out is sales.orders_v1: withdrawn, 1 table of port orders (its product does not have it any more); in its place sales.orders_v2
run weft query "FROM sales.orders_v1.orders"
exit 2
err has was withdrawn on
run weft tick --json
json withdrawn length 0
json history length 0

section a sunset that was promised holds when the port is gone
edit domains/sales/orders/v1/orders.odcs.yaml /status: active/status: active\nslaProperties:\n  - {property: endOfLife, value: 2999-01-31}/
run weft publish -q --all
edit domains/sales/orders/product.odps.yaml /  - name: orders\n    version: 1.0.0   # kept with the contract's\n    contractId: orders-contract\n//
run rm -r domains/insight/totals
run weft publish -q sales.orders
run weft tick
out is nothing is due
run weft query -o csv "SELECT count(*) AS n FROM sales.orders_v1.orders"

section a product whose every major has reached its sunset is told so, and nothing is built
edit domains/sales/orders/product.odps.yaml /  - name: orders\n    version: 1.0.0   # kept with the contract's\n    contractId: orders-contract\n//
edit domains/insight/totals/product.odps.yaml /version: 1.0.0\n    contractId: orders-contract/version: 2.0.0\n    contractId: orders-contract/
edit domains/insight/totals/totals.sql /SELECT customer,/SELECT status AS customer,/
edit domains/insight/totals/totals.sql /GROUP BY customer/GROUP BY status/
run weft publish -q --all
edit domains/sales/orders/orders.odcs.yaml /status: active/status: active\nslaProperties:\n  - {property: endOfLife, value: 2020-01-31}/
run weft plan -q --fix
run weft publish sales.orders
out has 1 published
err has nothing is built for port "orders"
run weft publish sales.orders
out has the sunset of every major has come: nothing is built
run weft tick
out is sales.orders_v2: withdrawn, 1 table of port orders (its sunset was 2020-01-31)
run weft query "FROM sales.orders.orders"
exit 2
err matches table "sales.orders_v2.orders" was withdrawn on [^;]*$
run weft catalog show sales.orders
out has withdrawn on
run weft doctor
out has everything that was published is whole
run weft publish --all
out has 0 published, 2 unchanged
run weft publish sales.orders --rollback 1
exit 2
err has the sunset of every major has come: there is nothing to go back to
edit domains/sales/orders/orders.odcs.yaml /2020-01-31/2999-01-31/
run weft plan -q --fix
run weft publish sales.orders
out has sales.orders_v2.orders: 3 rows

section a view over a withdrawn major cannot be read, and its owner is told
edit domains/insight/totals/totals.odcs.yaml /status: active/status: active\ncustomProperties:\n  - {property: weft.build, value: view}/
run weft publish -q --all
edit domains/sales/orders/v1/orders.odcs.yaml /status: active/status: active\nslaProperties:\n  - {property: endOfLife, value: 2020-01-31}/
run weft plan -q --fix
run weft publish -q sales.orders
run weft tick -q
run weft query "FROM insight.totals.totals"
exit 2
err has cannot be read at present
err lacks orders
run weft plan insight.totals
exit 2
err has views on it cannot be read any more [inputs.withdrawn]

section without anything due no engine is opened
run weft publish -q --all
run rm -r .weft/tmp
run weft tick
out is nothing is due
run sh -c "test ! -e .weft/tmp"

section ends that are none are told where they stand
edit domains/sales/orders/v1/orders.odcs.yaml /status: active/status: active\nslaProperties:\n  - {property: endOfLife, value: next summer}/
run weft validate
err has v1/orders.odcs.yaml:8:34: warning: the value of "endOfLife" is no date, so nothing ends by it [sla-date]
err has = write a date like 2027-01-31, or a time like 2027-01-31T09:30:00Z
