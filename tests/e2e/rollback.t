# A rollback: the data of an older publish is live again, as a publish of its own.

include common/shop.inc

section the data of an older publish is live again, and the next publish waits for a change
run weft publish -q --all
append data/orders.csv <<END
4,bob,-1.00,open
END
edit domains/sales/orders/orders.odcs.yaml /minimum: 0/minimum: -10/
run weft plan --fix sales.orders
run weft publish -q sales.orders
exit 0
edit data/orders.csv /19.90/1990.00/
run weft publish -q sales.orders
run weft query -o csv "SELECT sum(amount) AS s FROM sales.orders.orders"
out is <<END
s
2036.1
END
run weft publish sales.orders --rollback 2
out has published
out has publish 4
out has 4 rows
run weft query -o csv "SELECT sum(amount) AS s FROM sales.orders.orders"
out is <<END
s
66.0
END
run weft history sales.orders
out matches back to 2$
run weft history sales.orders --json
json publishes[0].sequence == 4
json publishes length 4
run weft receipt show sales.orders
json receipt.publish.build == "sql"
python <<END
import json
receipt = json.loads(last.out)["receipt"]
file = receipt["ports"][0]["tables"][0]["files"][0]
assert receipt["publish"]["rollback_of"] in file["path"], receipt
assert receipt["checks"] and all(c["outcome"] == "pass" for c in receipt["checks"]), receipt["checks"]
END
run weft doctor
out has everything that was published is whole
out lacks garbage
# What was published since then stays in the history, and nothing is built while nothing changed.
run weft query -o csv "SELECT sum(amount) AS s FROM sales.orders.orders AT (VERSION => 3)"
out is <<END
s
2036.1
END
run weft publish sales.orders
out has unchanged
# A product that reads it follows.
run weft publish insight.totals
out has published
edit data/orders.csv /1990.00/19.90/
run weft publish sales.orders
out has published
out has publish 5

section what cannot be gone back to is refused, and the live data stays
run weft publish -q --all
edit data/orders.csv /19.90/20.00/
run weft publish -q sales.orders
run weft publish sales.orders --rollback 2
exit 5
err has publish 2 is the live one
run weft publish sales.orders --rollback 7
exit 3
err has the product has no publish "7"
run weft publish --all --rollback 1
exit 2
err has --rollback is for one product, and these are 2
run weft publish sales.orders --rollback 1 --full
exit 2
err has --rollback builds nothing
run weft publish sales.orders --rollback no-such-publish
exit 3
run weft query -o csv "SELECT max(amount) AS m, count(*) AS n FROM sales.orders.orders"
out is <<END
m,n
42.1,3
END

section a contract with other columns
run weft publish -q sales.orders
edit domains/sales/orders/orders.odcs.yaml /      - name: status/      - {name: note, logicalType: string}\n      - name: status/
run weft plan --fix sales.orders
edit domains/sales/orders/orders.sql /amount, status/amount, 'none' AS note, status/
run weft publish -q sales.orders
exit 0
run weft publish sales.orders --rollback 1
exit 2
err has the data of that publish does not have the columns of today's contract
err has column 4 was
