# Views: governed, without bytes, checked at publish, read under the policies of the view and of its reader.

include common/view.inc

section a view stores no rows and shows those of its inputs
run weft publish sales.orders
run weft plan insight.desk
out has a view by desk.sql
run weft publish --all
run weft query -o csv "FROM insight.desk.desk ORDER BY id"
out is <<END
id,who,amount
1,xxx,19.9
2,xxxxx,5.0
3,xxx,42.1
END
run find .weft/objects -path "*desk*" -type f
out empty
run weft history insight.desk.desk
out has view
run weft history insight.desk.desk --json
json snapshots[0].kind == "view"
json snapshots[0].rows == 3
json snapshots[0].bytes == 0
run weft catalog show insight.desk
out has a view, 3 rows when it was published
run weft catalog show insight.desk --json
json ports[0].tables[0].kind == "view"
json ports[0].tables[0].sql == "domains/insight/desk/desk.sql"
run weft catalog show sales.orders --json
json ports[0].tables[0].kind == "table"
run weft receipt show insight.desk
json receipt.publish.build == "view"
json receipt.ports[0].tables[0].view == true
json receipt.ports[0].tables[0].files length 0
json receipt.ports[0].tables[0].rows == 3
json receipt.ports[0].tables[0].sql.path == "domains/insight/desk/desk.sql"
run weft doctor
out has everything that was published is whole
out lacks garbage

section new rows of an input are seen at once, and what was published is what is read
run weft publish --all
append data/orders.csv <<END
4,eve,7.00,open
END
run weft publish sales.orders
run weft query -o csv "SELECT count(*) AS n FROM insight.desk.desk"
out is <<END
n
4
END
file domains/insight/desk/desk.sql <<END
SELECT id, customer AS who, amount FROM sales.orders.orders WHERE id > 3
END
run weft query -o csv "SELECT count(*) AS n FROM insight.desk.desk"
out is <<END
n
4
END
run weft publish insight.desk
run weft query -o csv "SELECT count(*) AS n FROM insight.desk.desk"
out is <<END
n
1
END

section what is masked for the view's product stays masked for those who see the table clear
run weft publish --all
run weft query --as eve --purpose fraud -o csv "SELECT customer FROM sales.orders.orders WHERE id = 2"
out is <<END
customer
grace
END
run weft query --as eve --purpose fraud -o csv "SELECT who FROM insight.desk.desk WHERE id = 2"
out is <<END
who
xxxxx
END
run weft query -o csv "SELECT who FROM insight.desk.desk WHERE id = 2"
out is <<END
who
xxxxx
END

section what the view's product sees clear is masked again by the view's own policies
edit policies/names.yaml /unless: {purpose: fraud, principal: {role: fraud, clearance: ">= 3"}}/when: {principal: {kind: user}}/
edit domains/insight/desk/desk.odcs.yaml /{name: who, logicalType: string, required: true}/{name: who, logicalType: string, required: true, tags: [pii.name]}/
run weft publish --all
run weft query -o csv "SELECT who FROM insight.desk.desk ORDER BY id"
out is <<END
who
ada
grace
ada
END
run weft query --as ana -o csv "SELECT who FROM insight.desk.desk WHERE who LIKE 'x%' ORDER BY id"
out is <<END
who
xxx
xxxxx
xxx
END
run weft query --as ana -o csv "SELECT who FROM insight.desk.desk WHERE who = 'ada'"
out is <<END
who
END

section rows that the policies take from the view's product or from its reader are not there
file policies/rows.yaml <<END
apiVersion: weft/v1
kind: Policy
name: products-see-what-is-paid
applies: {tables: sales.orders}
rows: {status: paid}
when: {principal: {kind: product}}
END
file policies/small.yaml <<END
apiVersion: weft/v1
kind: Policy
name: analysts-see-small-amounts
applies: {tables: insight.desk}
rows: {amount: "< 10"}
when: {principal: {role: analyst}}
END
run weft publish --all
run weft query -o csv "SELECT id FROM insight.desk.desk ORDER BY id"
out is <<END
id
1
2
END
run weft query --as ana -o csv "SELECT id FROM insight.desk.desk ORDER BY id"
out is <<END
id
2
END
run weft query --as ana -o csv "SELECT id FROM insight.desk.desk WHERE 1 / (amount - 19.90) IS NOT NULL AND CAST(who AS VARCHAR) <> '' ORDER BY id"
out is <<END
id
2
END
run weft query --as ana -o csv "SELECT count(*) AS n FROM sales.orders.orders"
out is <<END
n
3
END

section a reader needs a grant on the view, and none on what it reads
file policies/desk.yaml <<END
apiVersion: weft/v1
kind: Policy
name: gus-sees-the-desk
applies: {tables: insight.desk}
allow: read
when: {principal: {name: gus}}
END
run weft publish --all
run weft query --as gus -o csv "SELECT count(*) AS n FROM insight.desk.desk"
out is <<END
n
3
END
run weft query --as gus "FROM sales.orders.orders"
exit 2
err has does not exist
run weft query --as ana "FROM insight.desk.desk"
exit 2
err has table "insight.desk.desk" does not exist

section a view whose product lost its grant cannot be read, and names nothing
run weft publish --all
run rm policies/default.yaml
run weft query --as ana "FROM insight.desk.desk"
exit 2
err has view "insight.desk_v1.desk" cannot be read at present
err lacks sales
run weft query "FROM insight.desk.desk"
exit 2
err lacks sales
run weft plan insight.desk
exit 2
err has the policies do not let product "insight.desk" read "sales.orders_v1.orders"

section a column that the view's product lost is not taken from the reader's text
run weft publish --all
file policies/hidden.yaml <<END
apiVersion: weft/v1
kind: Policy
name: products-do-not-see-customers
applies: {tables: sales.orders, columns: {name: customer}}
deny: column
when: {principal: {kind: product}}
END
run weft query --as ana "SELECT who FROM insight.desk.desk"
exit 2
err has view "insight.desk_v1.desk" cannot be read at present
err lacks customer
err lacks status
run weft query --as ana "SELECT d.who FROM (SELECT 'mine' AS customer) AS e, insight.desk.desk AS d"
exit 2
err has cannot be read at present
err lacks customer
run weft query --as ana "WITH orders AS (SELECT 1 AS id, 'mine' AS customer, 2 AS amount) SELECT who FROM insight.desk.desk"
exit 2
err lacks customer

section a column that may only be used in conditions may not be shown by a view
file policies/conditions.yaml <<END
apiVersion: weft/v1
kind: Policy
name: products-only-compare-customers
applies: {tables: sales.orders, columns: {name: customer}}
deny: projection
when: {principal: {kind: product}}
END
run weft publish sales.orders
run weft publish insight.desk
exit 2
err has column "customer" may be used in conditions only
run rm policies/conditions.yaml
run weft publish insight.desk
file policies/conditions.yaml <<END
apiVersion: weft/v1
kind: Policy
name: products-only-compare-customers
applies: {tables: sales.orders, columns: {name: customer}}
deny: projection
when: {principal: {kind: product}}
END
run weft query --as ana "SELECT who FROM insight.desk.desk"
exit 2
err has cannot be read at present
err lacks customer

section the reader's own mistakes are told as ever
run weft publish --all
run weft query --as ana "SELECT whom FROM insight.desk.desk"
exit 2
err has column "whom" does not exist
err has did you mean "who"?
err lacks customer
run weft query --as ana "SELECT customer FROM insight.desk.desk"
exit 2
err has column "customer" does not exist
run weft query --as ana "SELECT rows.id FROM insight.desk.desk AS rows, desk"
exit 2
err has table "desk" does not exist
run weft query --as ana -o csv "WITH orders AS (SELECT 9 AS id), RECURSIVE_ AS (SELECT 1) SELECT max(d.id) AS n FROM insight.desk.desk d, orders"
out is <<END
n
3
END
run weft query --as ana -o csv "WITH RECURSIVE up AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM up WHERE n < 3) SELECT count(*) AS n FROM up JOIN insight.desk.desk d ON d.id = up.n"
out is <<END
n
3
END
run weft query --as ana -o csv "SELECT id FROM insight.desk.desk UNION ALL SELECT -id FROM insight.desk.desk ORDER BY id LIMIT 2"
out is <<END
id
-3
-2
END

section a view has no versions
run weft publish --all
run weft query "FROM insight.desk.desk AT (VERSION => 1)"
exit 2
err has version 1 of "insight.desk_v1.desk" is a view

section views keep no rows, so they read input ports only, without parameters
run weft publish sales.orders
file domains/insight/desk/steps/draft.sql <<END
SELECT 1 AS id
END
file domains/insight/desk/desk.sql <<END
SELECT id, 'x' AS who, 1.5 AS amount
FROM draft
END
run weft plan insight.desk
exit 2
err has a view reads tables of input ports only, not the step "draft"
err has desk.sql:2:6
file domains/insight/desk/desk.sql <<END
SELECT id, customer AS who, amount FROM sales.orders.orders WHERE amount > $from
END
run weft plan insight.desk
exit 2
err has parameters are not allowed here
file domains/sales/orders/orders.odcs.yaml <<END
apiVersion: v3.1.0
kind: DataContract
id: orders-contract
version: 1.0.0
status: active
customProperties:
  - {property: weft.build, value: view}
schema:
  - name: orders
    properties:
      - {name: id, logicalType: integer}
END
run weft plan sales.orders
exit 2
err has a view reads tables of input ports only, not the source "till"

section a view has no materialization, and needs its SQL
append domains/insight/desk/desk.odcs.yaml <<END
  - name: two
    customProperties:
      - {property: weft.materialization, value: append}
      - {property: weft.incremental, value: {column: id}}
    properties:
      - {name: id, logicalType: integer}
END
run weft plan insight.desk
exit 2
err has table "two" is a view and keeps no rows: weft.materialization has no meaning for it
err has table "two" is a view and keeps no rows: weft.incremental has no meaning for it
err has nothing says how table "two" is built

section a contract that the view's rows break refuses the publish, and a wrong type the plan
run weft publish --all
edit data/orders.csv /2,grace,5.00,paid/2,grace,5.00,paid\n2,ada,1.00,paid/
edit domains/sales/orders/orders.odcs.yaml /        primaryKey: true\n//
edit domains/sales/orders/orders.odcs.yaml /version: "1.0.0"/version: "2.0.0"/
edit domains/sales/orders/product.odps.yaml /1.0.0   # kept/2.0.0   # kept/
edit domains/insight/desk/product.odps.yaml /  - name: orders\n    version: 1.0.0/  - name: orders\n    version: 2.0.0/
edit domains/insight/totals/product.odps.yaml /  - name: orders\n    version: 1.0.0/  - name: orders\n    version: 2.0.0/
edit domains/insight/desk/desk.sql /sales.orders.orders/sales.orders_v2.orders/
run weft publish sales.orders
run weft publish insight.desk
exit 2
err has checks failed
run weft query -o csv "SELECT count(*) AS n FROM insight.desk.desk"
out is <<END
n
3
END
run weft doctor
out lacks garbage
file domains/insight/desk/desk.sql <<END
SELECT id, customer AS who, amount > 1 AS amount FROM sales.orders_v2.orders
END
run weft plan insight.desk
exit 2
err has column "amount" is declared DOUBLE but the SQL gives BOOLEAN

section views on views, a product built on one, and what the journal says
file domains/insight/totals/product.odps.yaml <<END
apiVersion: v1.0.0
kind: DataProduct
id: totals-id
name: totals
status: active
inputPorts:
  - name: desk
    version: 1.0.0
    contractId: desk-contract
outputPorts:
  - name: totals
    version: 1.0.0
    contractId: totals-contract
END
file domains/insight/totals/totals.sql <<END
SELECT who AS customer, sum(amount) AS total FROM insight.desk.desk GROUP BY who
END
run weft publish --all
run weft query -o csv "FROM insight.totals.totals ORDER BY ALL"
out is <<END
customer,total
xxx,62.0
xxxxx,5.0
END
run weft publish --all
out has unchanged
run weft receipt show insight.totals
json receipt.inputs[0].name == "insight.desk_v1.desk"
json receipt.inputs[1].name == "sales.orders_v1.orders"
json receipt.inputs[2].name == "sales.orders_v1.orders through insight.desk_v1.desk"
append data/orders.csv <<END
4,eve,7.00,open
END
run weft publish sales.orders
run weft plan insight.totals
out has sales.orders_v1.orders has a new snapshot
run weft publish insight.totals
edit policies/names.yaml /unless: {purpose: fraud, principal: {role: fraud, clearance: ">= 3"}}/when: {principal: {kind: user}}/
run weft plan insight.totals
out has what policies give of sales.orders_v1.orders through insight.desk_v1.desk changed
edit domains/insight/totals/totals.odcs.yaml /schema:/customProperties:\n  - {property: weft.build, value: view}\nschema:/
run weft publish --all
run weft query -o csv "FROM insight.totals.totals ORDER BY ALL"
out is <<END
customer,total
ada,62.0
eve,7.0
grace,5.0
END
run weft query -o csv "SELECT total FROM insight.totals.totals t JOIN insight.desk.desk d ON d.who = t.customer JOIN sales.orders.orders o ON o.id = d.id WHERE o.id = 4"
out is <<END
total
7.0
END
python <<END
import json, sqlite3, glob
db = sqlite3.connect(".weft/registry.db")
rows = db.execute("SELECT details FROM event WHERE kind = 'query.started' ORDER BY seq").fetchall()
tables = json.loads(rows[-1][0])["tables"]
assert [(t["table"], t.get("through")) for t in tables] == [
    ("insight.totals_v1.totals", None),
    ("insight.desk_v1.desk", "insight.totals_v1.totals"),
    ("sales.orders_v1.orders", "insight.desk_v1.desk"),
    ("insight.desk_v1.desk", None),
    ("sales.orders_v1.orders", "insight.desk_v1.desk"),
    ("sales.orders_v1.orders", None)], tables
END

section of a view on a view that cannot be read only the outer one is named
edit domains/insight/totals/product.odps.yaml /  - name: orders\n    version: 1.0.0\n    contractId: orders-contract/  - name: desk\n    version: 1.0.0\n    contractId: desk-contract/
edit domains/insight/totals/totals.odcs.yaml /schema:/customProperties:\n  - {property: weft.build, value: view}\nschema:/
file domains/insight/totals/totals.sql <<END
SELECT who AS customer, sum(amount) AS total FROM insight.desk.desk GROUP BY who
END
edit policies/desk.yaml /applies: {tables: insight.desk}/applies: {tables: insight.totals}/
run weft publish --all
run weft query --as ana -o csv "SELECT count(*) AS n FROM insight.totals.totals"
out is <<END
n
2
END
file policies/hidden.yaml <<END
apiVersion: weft/v1
kind: Policy
name: products-do-not-see-customers
applies: {tables: sales.orders, columns: {name: customer}}
deny: column
when: {principal: {kind: product}}
END
run weft query --as ana "FROM insight.totals.totals"
exit 2
err has view "insight.totals_v1.totals" cannot be read at present
err lacks desk
err lacks sales
file policies/default.yaml <<END
apiVersion: weft/v1
kind: Policy
name: products-read-their-inputs
applies: {tables: insight.desk}
allow: read
when: {principal: {kind: product}}
END
run weft query --as ana "FROM insight.totals.totals"
exit 2
err has view "insight.totals_v1.totals" cannot be read at present
err lacks desk
err lacks sales

section a table becomes a view and a table again
run weft publish --all
edit domains/insight/totals/totals.odcs.yaml /schema:/customProperties:\n  - {property: weft.build, value: view}\nschema:/
run weft publish insight.totals
run weft query -o csv "SELECT count(*) AS n FROM insight.totals.totals AT (VERSION => 1)"
out is <<END
n
2
END
run weft query "SELECT count(*) AS n FROM insight.totals.totals AT (VERSION => 2)"
exit 2
err has version 2 of "insight.totals_v1.totals" is a view
edit domains/insight/totals/totals.odcs.yaml /value: view/value: sql/
run weft publish insight.totals
run weft query "SELECT count(*) AS n FROM insight.totals.totals AT (VERSION => 2)"
exit 2
err has is a view
run weft query -o csv "SELECT count(*) AS n FROM insight.totals.totals AT (VERSION => 3)"
out is <<END
n
2
END
run weft doctor
out has everything that was published is whole
