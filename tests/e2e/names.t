# Names: what they may be, and what happens when two things have the same one.

include common/shop.inc

section two products of one name
run cp -r domains/sales/orders domains/sales/copy
edit domains/sales/copy/product.odps.yaml /id: orders-id/id: copy-id/
run weft validate
exit 2
err has error: product "sales.orders" is also described in domains/sales/
err has = rename one of them

section two products of one id
run cp -r domains/sales/orders domains/sales/second
edit domains/sales/second/product.odps.yaml /name: orders\nstatus/name: second\nstatus/
edit domains/sales/second/product.odps.yaml /contractId: orders-contract/contractId: second-contract/
edit domains/sales/second/orders.odcs.yaml /id: orders-contract/id: second-contract/
run weft validate
exit 2
err has error: id "orders-id" is also that of product "sales.
err has an id is the identity of one product

section one contract served by two products
run cp -r domains/sales/orders domains/sales/second
edit domains/sales/second/product.odps.yaml /name: orders\nstatus/name: second\nstatus/
edit domains/sales/second/product.odps.yaml /id: orders-id/id: second-id/
run weft validate
exit 2
err has contract "orders-contract" is a port of "sales.
err has give one of the two contracts an id of its own

section a table twice in one product
edit domains/sales/orders/product.odps.yaml /    contractId: orders-contract/    contractId: orders-contract\n  - name: more\n    version: 1.0.0\n    contractId: more-contract/
run sh -c 'sed "s/id: orders-contract/id: more-contract/" domains/sales/orders/orders.odcs.yaml > domains/sales/orders/more.odcs.yaml'
run weft validate
exit 2
err has error: table "orders" is also a table of port "orders"
err has all tables of one product and major share one name space

section a column twice, also in another case
edit domains/sales/orders/orders.odcs.yaml /      - name: status/      - name: Customer/
run weft validate
exit 2
err matches orders\.odcs\.yaml:\d+:\d+: error: column "Customer" stands twice in table "orders"

section a port twice
edit domains/sales/orders/product.odps.yaml /    contractId: orders-contract/    contractId: orders-contract\n  - name: orders\n    version: 1.1.0\n    contractId: orders-contract/
run weft validate
exit 2
err has output port "orders" has this major twice

section reserved names
edit domains/sales/orders/product.odps.yaml /name: orders\nstatus/name: main\nstatus/
run weft validate
exit 2
err matches product\.odps\.yaml:4:7: error: product "main" is a reserved name
run mv domains/sales domains/system
run weft validate
exit 2
err has system
err has reserved

section foreign names get a derived one, which plan shows
edit domains/sales/orders/product.odps.yaml /name: orders\nstatus/name: "Orders 2026"\nstatus/
run weft plan sales.orders_2026
err has info: product "Orders 2026" is addressed as "orders_2026"
run weft publish sales.orders_2026
run weft query -o csv "SELECT count(*) AS n FROM sales.orders_2026.orders"
out is <<END
n
3
END

section a suffix that looks like a major
edit domains/sales/orders/product.odps.yaml /name: orders\nstatus/name: orders_v2\nstatus/
run weft validate
err matches (orders_v2" is addressed as|orders_v2" .*reserved)

section a document of another domain
edit domains/sales/orders/product.odps.yaml /status: active/status: active\ndomain: hr/
run weft validate
exit 2
err has the product says domain "hr" but lies in domain "sales"

section files that nothing names
run mv domains/sales/orders/orders.sql domains/sales/orders/order.sql
file domains/sales/orders/extra.odcs.yaml <<END
apiVersion: v3.1.0
kind: DataContract
id: extra
version: 1.0.0
status: active
END
run weft validate
err has warning: no table of this product is called "order"
err has warning: no port of this product names contract "extra"

section a rename by id keeps the old address
run weft publish -q --all
edit domains/sales/orders/product.odps.yaml /name: orders\nstatus/name: purchases\nstatus/
edit domains/insight/totals/totals.sql /sales.orders.orders/sales.purchases.orders/
run weft plan sales.purchases
run weft publish --all
out has sales.purchases published in
run weft query -o csv "SELECT count(*) AS n FROM sales.purchases.orders"
out is <<END
n
3
END
run weft query -o csv "SELECT count(*) AS n FROM sales.orders.orders"
out is <<END
n
3
END
run weft catalog list --json
out has sales.purchases
run weft catalog show sales.orders --json
out has purchases
run weft history sales.purchases --json
json publishes length 2
run weft doctor
