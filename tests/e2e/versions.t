# Versions: the one a person wrote must fit what changed.

include common/shop.inc
run weft publish -q --all

section a missing bump is refused with the right version, and --fix writes it
edit domains/sales/orders/orders.odcs.yaml /      - name: status/      # where it was said\n      - {name: note, logicalType: string}   # new\n      - name: status/
edit domains/sales/orders/orders.sql /, status FROM/, status, NULL::VARCHAR AS note FROM/
run cp -r domains before
run weft plan
exit 2
err has orders.odcs.yaml:5:10: error: version 1.0.0 does not fit: since 1.0.0 the contract has a minor change (orders.note added), which needs 1.1.0 [versions.bump]
err has = write version: 1.1.0, or let `weft plan --fix` do it
run weft publish sales.orders
exit 2
err has which needs 1.1.0
run weft plan --json
exit 2
json products[0].verdict == "refused"
json products[0].ports[0].impact == "minor"
json products[0].ports[0].changes[0].path == "orders.note"
run weft plan --markdown
exit 2
out has | `sales.orders` | refused |
out has `orders.note` **minor**
run weft plan --fix
out has wrote version 1.1.0 into domains/sales/orders/orders.odcs.yaml
out has wrote version 1.1.0 into domains/sales/orders/product.odps.yaml
python <<END
# Every byte but those of the versions is as the person wrote it.
for name, old, new in (("orders.odcs.yaml", b'version: "1.0.0"   # bumped', b'version: "1.1.0"   # bumped'),
                       ("product.odps.yaml", b"version: 1.0.0   # kept", b"version: 1.1.0   # kept")):
    before = open("before/sales/orders/" + name, "rb").read()
    assert before.count(old) == 1, (name, before)
    assert open("domains/sales/orders/" + name, "rb").read() == before.replace(old, new), name
for name in ("orders.sql", "source.odcs.yaml"):
    assert open("domains/sales/orders/" + name, "rb").read() == open("before/sales/orders/" + name, "rb").read()
END
run weft plan
out has port orders 1.1.0 (now 1.0.0)
out has + orders.note
run weft publish --all
out has 2 published
run weft plan --fix
out has 0 to publish, 2 unchanged

section a patch, and a bump that is larger than needed
edit domains/sales/orders/orders.odcs.yaml /      - name: status/      - name: status\n        description: paid or open/
run weft plan
exit 2
err has a patch change
err has which needs 1.0.1
edit domains/sales/orders/orders.odcs.yaml /version: "1.0.0"/version: "1.4.0"/
run weft plan --fix
run weft publish sales.orders
run weft history sales.orders --json
json publishes length 2

section a version that goes back
edit domains/sales/orders/orders.odcs.yaml /version: "1.0.0"/version: "0.9.0"/
run weft publish sales.orders
exit 2

section a loosened check is minor, a tightened one major
edit domains/sales/orders/orders.odcs.yaml /          minimum: 0/          minimum: -10/
run weft plan --json
exit 2
json products[0].ports[0].impact == "minor"
edit domains/sales/orders/orders.odcs.yaml /          minimum: -10/          minimum: 1/
run weft plan --json
exit 2
json products[0].ports[0].impact == "major"

section a major change is refused, and lives beside the old major in v1
run mkdir domains/sales/orders/v1
run cp domains/sales/orders/orders.odcs.yaml domains/sales/orders/orders.sql domains/sales/orders/v1/
edit domains/sales/orders/orders.odcs.yaml /      - name: customer\n        logicalType: string\n        required: true\n//
edit domains/sales/orders/orders.sql /customer, //
run rm -r domains/sales/orders/v1
run weft plan
exit 2
err has has a major change (orders.customer removed), which needs 2.0.0
err has move this contract and its SQL as they were published to v1/ and write version: 2.0.0 here
run weft publish sales.orders
exit 2
run weft plan --fix
exit 2
run grep -c "1.0.0" domains/sales/orders/orders.odcs.yaml
out is 1
# As the message says.
file domains/sales/orders/v1/orders.odcs.yaml <<END
# What sales promises about orders.
apiVersion: v3.1.0
kind: DataContract
id: orders-contract
version: "1.0.0"   # bumped by a person
status: active
schema:
  - name: orders
    properties:
      - name: id
        logicalType: integer
        primaryKey: true
      - name: customer
        logicalType: string
        required: true
      - name: amount
        logicalType: number
        logicalTypeOptions:
          minimum: 0
      - name: status
        logicalType: string
END
file domains/sales/orders/v1/orders.sql <<END
SELECT id, customer, amount, status FROM source.till
END
edit domains/sales/orders/orders.odcs.yaml /version: "1.0.0"/version: "2.0.0"/
edit domains/sales/orders/product.odps.yaml /    contractId: orders-contract/    contractId: orders-contract\n  - name: orders\n    version: 2.0.0\n    contractId: orders-contract/
run weft validate
run weft publish --all
out has sales.orders_v1.orders: 3 rows
out has sales.orders_v2.orders: 3 rows
run weft query -o csv "SELECT count(customer) AS n FROM sales.orders_v1.orders"
out is <<END
n
3
END
run weft query "SELECT customer FROM sales.orders_v2.orders"
exit 2
# Without a major it is the newest; a consumer that declared major 1 still reads major 1.
run weft query "SELECT customer FROM sales.orders.orders"
exit 2
run weft query -o csv "SELECT sum(total) AS s FROM insight.totals.totals"
out is <<END
s
67.0
END
run weft catalog tree
out has sales.orders_v1.orders
out has sales.orders_v2.orders
run weft doctor

section a port says another version than its contract
edit domains/sales/orders/orders.odcs.yaml /version: "1.0.0"/version: "1.2.0"/
run weft validate
err has warning: port "orders" says version 1.0.0, its contract says 1.2.0
run weft plan --fix
out has wrote version 1.2.0 into domains/sales/orders/product.odps.yaml

section --fix in JSON says what it wrote
edit domains/sales/orders/orders.odcs.yaml /      - name: status/      - {name: note, logicalType: string}\n      - name: status/
run weft plan --fix --json
json api == "v1"
json made has domains/sales/orders/orders.odcs.yaml

section a table that is removed from the contract of a living major
edit domains/sales/orders/orders.odcs.yaml /schema:\n  - name: orders/schema:\n  - name: bills/
run mv domains/sales/orders/orders.sql domains/sales/orders/bills.sql
run weft plan sales.orders
exit 2
err has which needs 2.0.0
