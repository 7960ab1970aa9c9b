# Majors side by side: deprecated, past their sunset, withdrawn.

include common/majors.inc

section a deprecated major is told in catalog, plan and query
edit domains/sales/orders/v1/orders.odcs.yaml /status: active/status: deprecated\nslaProperties:\n  - {property: endOfLife, value: 2999-01-31}/
run weft validate
err empty
run weft publish --all
out has 2 published
err has product.odps.yaml:9:17: warning: input port "orders" reads sales.orders_v1: deprecated, sunset 2999-01-31 (
err has days left) [inputs.deprecated]
err has = read sales.orders_v2: write version: 2.0.0 and contractId: orders-contract
err lacks domains/sales
run weft plan
out has 0 to publish, 2 unchanged
err has reads sales.orders_v1: deprecated
run weft plan --json
json findings[0].rule == "inputs.deprecated"
json findings[0].file == "domains/insight/totals/product.odps.yaml"
json findings[0].line == 9
run weft catalog tree
out matches sales.orders_v1.orders .*deprecated, sunset 2999-01-31 \([0-9]+ days left\), use sales.orders_v2.orders
out matches sales.orders_v2.orders  3 rows, snapshot 1$
run weft catalog list
out matches ^sales.orders_v1.orders, deprecated, sunset 2999-01-31
run weft catalog list --json
json products[1].tables[0].address == "sales.orders_v1.orders"
json products[1].tables[0].deprecated == true
json products[1].tables[0].sunset == "2999-01-31"
json products[1].tables[0].successor == "sales.orders_v2.orders"
json products[1].tables[1].deprecated == false
json products[1].tables[1].sunset == ""
json products[1].tables[1].successor == ""
run weft catalog show sales.orders
out matches port orders 1.0.0 .*deprecated, sunset 2999-01-31 .*, use sales.orders_v2$
run weft catalog show sales.orders --json
json ports[1].deprecated == true
json ports[1].successor == "sales.orders_v2"
json ports[1].tables[0].successor == "sales.orders_v2.orders"
json ports[0].deprecated == false
run weft query -o csv "SELECT count(*) AS n FROM sales.orders_v1.orders a JOIN sales.orders_v1.orders b ON a.id = b.id"
out is <<TEXT
n
3
TEXT
err matches ^warning: "sales.orders_v1.orders" is deprecated, sunset 2999-01-31 \([0-9]+ days left\) \[query.deprecated\]
err has = use sales.orders_v2.orders
python <<PY
assert last.err.count(b"is deprecated") == 1, last.err
PY
run weft query -q -o csv "SELECT count(*) AS n FROM sales.orders_v1.orders"
err empty
run weft query --json "SELECT count(*) AS n FROM sales.orders_v1.orders"
err empty
json row_count == 1
json findings[0].rule == "query.deprecated"
json findings length 1
run weft query -o ndjson "SELECT count(*) AS n FROM sales.orders_v1.orders AT (VERSION => 1)"
out is {"n":3}
err has is deprecated
run weft query -f out.parquet "FROM sales.orders_v1.orders"
err has is deprecated
run weft query --json "SELECT count(*) AS n FROM sales.orders_v2.orders"
out lacks findings
run weft query -o csv "SELECT count(*) AS n FROM insight.totals.totals"
err empty

section what the product says of its port, and an end of support that has come, deprecate too
edit domains/sales/orders/product.odps.yaml /apiVersion: v1.0.0/apiVersion: v1.1.0/
edit domains/sales/orders/product.odps.yaml /    version: 1.0.0   # kept with the contract's/    version: 1.0.0\n    deprecated: true/
run weft publish -q --all
run weft query -o csv "SELECT 1 AS one FROM sales.orders_v1.orders LIMIT 1"
err has "sales.orders_v1.orders" is deprecated [query.deprecated]
edit domains/sales/orders/product.odps.yaml /\n    deprecated: true//
edit domains/sales/orders/v1/orders.odcs.yaml /status: active/status: active\nslaProperties:\n  - {property: es, value: 2020-01-31}\n  - {property: el, value: 2999-01-31}/
run weft plan -q --fix
run weft publish -q sales.orders
run weft query -o csv "SELECT 1 AS one FROM sales.orders_v1.orders LIMIT 1"
err has is deprecated, sunset 2999-01-31

section only who may read a table is told of its end, and of what stands in its place
file policies/ana.yaml <<TEXT
apiVersion: weft/v1
kind: Policy
name: ana-reads-the-old-orders
applies: {tables: sales.orders_v1}
allow: read
when: {principal: {name: ana}}
TEXT
file policies/eve.yaml <<TEXT
apiVersion: weft/v1
kind: Policy
name: eve-reads-all-orders
applies: {tables: sales.orders}
allow: read
when: {principal: {name: eve}}
TEXT
file principals/people.yaml <<TEXT
apiVersion: weft/v1
kind: Principals
principals:
  - {name: ana}
  - {name: eve}
  - {name: gus}
TEXT
edit domains/sales/orders/v1/orders.odcs.yaml /status: active/status: deprecated/
run weft publish -q --all
run weft query --as ana -o csv "SELECT count(*) AS n FROM sales.orders_v1.orders"
err has is deprecated
err lacks v2
run weft query --as eve -o csv "SELECT count(*) AS n FROM sales.orders_v1.orders"
err has = use sales.orders_v2.orders
run weft query --as gus "FROM sales.orders_v1.orders"
exit 2
err has table "sales.orders_v1.orders" does not exist
err lacks deprecated
run weft catalog tree --as ana
out has sales.orders_v1.orders
out has deprecated
out lacks v2
edit domains/sales/orders/v1/orders.odcs.yaml /status: deprecated/status: deprecated\nslaProperties:\n  - {property: endOfLife, value: 2020-01-31}/
run weft plan -q --fix
run weft publish -q sales.orders
run weft tick
run weft query --as ana "FROM sales.orders_v1.orders"
exit 2
err matches table "sales.orders_v1.orders" was withdrawn on [0-9-]{10}T[0-9:.]+Z
err lacks v2
run weft query --as eve "FROM sales.orders_v1.orders"
exit 2
err matches was withdrawn on .*; use sales.orders_v2.orders
run weft query --as gus "FROM sales.orders_v1.orders"
exit 2
err has table "sales.orders_v1.orders" does not exist
err lacks withdrawn
run weft catalog show sales.orders --as ana
out matches port orders 1.0.1 .*, withdrawn on
out lacks v2
run weft catalog show sales.orders --as gus
exit 3
err lacks withdrawn
run weft catalog search orders --as eve
out has sales.orders_v2.orders
out lacks sales.orders_v1
run weft export sales.orders_v1.orders --as gus -f out.duckdb
exit 3
err has nothing published is called "sales.orders_v1.orders"
err lacks withdrawn

section at its sunset a major is not built, served until the tick, then withdrawn
run weft validate
err has v1/orders.odcs.yaml:5:10: info: major 1 of port "orders" stands beside the newer sales.orders_v2 and nothing says when it ends [versions.no-sunset]
run weft publish -q --all
run sh -c "weft receipt show sales.orders > receipt.json"
edit domains/sales/orders/v1/orders.odcs.yaml /status: active/status: active\nslaProperties:\n  - {property: endOfLife, value: 2020-01-31}/
run weft plan -q --fix
run weft plan sales.orders
out has port orders 1.0.1 (its sunset has come)
out lacks table sales.orders_v1
run weft publish sales.orders
out has sales.orders_v2.orders: 3 rows
out lacks sales.orders_v1.orders:
err has v1/orders.odcs.yaml:8:34: warning: the sunset of sales.orders_v1 was 2020-01-31: nothing is built for port "orders"; weft tick withdraws it [ports.sunset]
run weft receipt show sales.orders
json receipt.ports length 1
json receipt.ports[0].version == "2.0.0"
# Served until the tick, with a word.
run weft query -o csv "SELECT count(customer) AS n FROM sales.orders_v1.orders"
out is <<TEXT
n
3
TEXT
err has is deprecated, its sunset was 2020-01-31
# What reads it and did not change stays as it is; what would be built is refused.
run weft plan insight.totals
out has insight.totals  unchanged
err has product.odps.yaml:9:17: warning: input port "orders" reads sales.orders_v1, whose sunset was 2020-01-31; what was published stays, and cannot be built again [inputs.sunset]
run weft publish --all
out has 0 published, 2 unchanged
run weft publish insight.totals --full
exit 2
err has error: input port "orders" reads sales.orders_v1, whose sunset was 2020-01-31; nothing new can be built on it [inputs.sunset]
err has = read sales.orders_v2: write version: 2.0.0
run weft tick
out is sales.orders_v1: withdrawn, 1 table of port orders (its sunset was 2020-01-31); in its place sales.orders_v2
run weft tick
out is nothing is due
run weft catalog search orders
out has sales.orders_v2.orders
out lacks orders_v1
run weft doctor
out lacks search index
run weft query "FROM sales.orders_v1.orders"
exit 2
err matches table "sales.orders_v1.orders" was withdrawn on [0-9-]{10}T.*; use sales.orders_v2.orders
run weft query "FROM sales.orders_v1.orders AT (VERSION => 1)"
exit 2
err has was withdrawn on
run weft export sales.orders_v1.orders -f out.duckdb
exit 2
err has was withdrawn on
run weft query -o csv "SELECT count(*) AS n FROM sales.orders.orders"
out is <<TEXT
n
3
TEXT
err empty
run weft catalog tree
out lacks sales.orders_v1
run weft catalog show sales.orders
out matches port orders 1.0.1 .*, withdrawn on .*, use sales.orders_v2$
run weft catalog show sales.orders --json
json ports[1].withdrawn_us > 0
json ports[1].tables length 0
run weft history sales.orders
out matches ^port orders 1.0.1 was withdrawn on
run weft history sales.orders_v1.orders
out has withdrawn on
run weft history sales.orders_v1.orders --json
json snapshots length 1
json withdrawn_us > 0
run weft receipt verify receipt.json
out has valid
run weft plan insight.totals
out has insight.totals  unchanged
err has warning: input port "orders" reads sales.orders_v1, which was withdrawn on
run weft publish --all
out has 0 published, 2 unchanged
err has info: the sunset of sales.orders_v1 was 2020-01-31: nothing is built for port "orders"; it is withdrawn
run weft query -o csv "SELECT sum(total) AS s FROM insight.totals.totals"
out is <<TEXT
s
67.0
TEXT
append domains/insight/totals/totals.sql <<TEXT
-- anew
TEXT
run weft plan insight.totals
exit 2
out has insight.totals  refused
err has which was withdrawn on
err has nothing new can be built on it [inputs.withdrawn]
run weft publish insight.totals
exit 2
run weft query -o csv "SELECT sum(total) AS s FROM insight.totals.totals"
out is <<TEXT
s
67.0
TEXT
run find .weft/objects/sales/orders/orders/v1 -path "*_delta_log*" -type f
out empty
run weft doctor
out has everything that was published is whole
out lacks garbage
