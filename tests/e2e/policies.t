# Who sees what: policies on every read, and what becomes of those that are wrong.

include common/governed.inc

section who may read: own domain, allow policy, and nobody else
run weft publish --all
run weft query --as ana -o csv "SELECT id, customer FROM sales.orders.orders ORDER BY id"
out is <<END
id,customer
1,xxx
2,xxxxx
3,xxx
END
run weft query --as sam -o csv "SELECT count(*) AS n FROM sales.orders.orders"
out is <<END
n
3
END
run weft query --as gus "SELECT 1 FROM sales.orders.orders"
exit 2
err has table "sales.orders.orders" does not exist
run weft query --as gus "SELECT 1 FROM sales.orders.nothing"
exit 2
err has table "sales.orders.nothing" does not exist
err lacks did you mean
run weft query --as ana "SELECT 1 FROM sales.orders.order"
exit 2
err has did you mean "sales.orders.orders"?
run weft query -o csv "SELECT customer FROM sales.orders.orders WHERE id = 2"
out is <<END
customer
grace
END

section a name that nobody has, and a purpose that mesh.yaml does not have
run weft publish --all
run weft query --as anna "FROM sales.orders.orders"
exit 3
err has no principal "anna"; did you mean "ana"?
run weft query --as ana --purpose fun "FROM sales.orders.orders"
exit 2
err has mesh.yaml has no purpose "fun"

section purposes and exceptions
run weft publish --all
run weft query --as eve --purpose fraud -o csv "SELECT customer FROM sales.orders.orders ORDER BY id"
out is <<END
customer
ada
grace
ada
END
run weft query --as eve --purpose marketing -o csv "SELECT DISTINCT customer FROM sales.orders.orders ORDER BY ALL"
out is <<END
customer
xxx
xxxxx
END
run weft query --as eve --purpose security -o csv "SELECT DISTINCT customer FROM sales.orders.orders ORDER BY ALL"
out is <<END
customer
xxx
xxxxx
END

section a deny wins over every grant, and a contract may be open
file policies/deny.yaml <<END
apiVersion: weft/v1
kind: Policy
name: not-for-eve
applies: {tables: sales.orders.orders}
deny: read
when: {principal: {name: eve}}
END
append domains/insight/totals/totals.odcs.yaml <<END
customProperties:
  - {property: weft.access, value: open}
END
run weft publish --all
run weft query --as eve "FROM sales.orders.orders"
exit 2
err has does not exist
run weft query --as gus -o csv "SELECT count(*) AS n FROM insight.totals.totals"
out is <<END
n
2
END

section products read under the same policies, and are built anew when these change
run weft publish --all
run weft query -o csv "FROM insight.totals.totals ORDER BY ALL"
out is <<END
customer,total
xxx,62.0
xxxxx,5.0
END
edit policies/names.yaml /unless: {purpose: fraud, principal: {role: fraud, clearance: ">= 3"}}/when: {principal: {kind: user}}/
run weft plan insight.totals
out has what policies give of sales.orders_v1.orders changed
run weft publish --all
run weft query -o csv "FROM insight.totals.totals ORDER BY ALL"
out is <<END
customer,total
ada,62.0
grace,5.0
END
run weft publish --all
out has unchanged

section a product without a grant is refused, and told what to do
run rm policies/default.yaml
run weft publish --all
exit 4
err has the policies do not let product "insight.totals" read "sales.orders_v1.orders"
err has weft policy explain --as insight.totals sales.orders_v1.orders
run weft query "FROM sales.orders.orders"

section a change holds at the next query
run weft publish --all
file policies/rows.yaml <<END
apiVersion: weft/v1
kind: Policy
name: own-statuses
applies: {tables: sales.orders}
rows: {status: "in principal.statuses"}
when: {principal: {kind: user}}
END
run weft query --as ana -o csv "SELECT count(*) AS n FROM sales.orders.orders"
out is <<END
n
2
END
run weft query --as eve -o csv "SELECT count(*) AS n FROM sales.orders.orders"
out is <<END
n
0
END
edit principals/people.yaml /statuses: [paid]/statuses: [open]/
run weft query --as ana -o csv "SELECT count(*) AS n FROM sales.orders.orders"
out is <<END
n
1
END
run rm policies/rows.yaml
run weft query --as ana -o csv "SELECT count(*) AS n FROM sales.orders.orders"
out is <<END
n
3
END
edit principals/people.yaml /  - {name: ana, roles: [analyst], attributes: {clearance: 1, statuses: [open]}}\n//
run weft query --as ana "FROM sales.orders.orders"
exit 3
err has no principal "ana"

section a file with an error weakens nothing
run weft publish --all
edit policies/names.yaml /mask: redact/mask: redcat/
run weft query --as ana -o csv "SELECT customer FROM sales.orders.orders WHERE id = 1"
out is <<END
customer
xxx
END
err has the policies have errors (weft validate shows them); the last ones without errors hold
run weft validate
exit 2
err has policies/names.yaml:5
err has redact
run rm policies/default.yaml
run weft query --as ana -o csv "SELECT customer FROM sales.orders.orders WHERE id = 1"
out is <<END
customer
xxx
END
edit policies/names.yaml /mask: redcat/mask: null/
run weft query --as ana -o csv "SELECT customer IS NULL AS n FROM sales.orders.orders WHERE id = 1"
out is <<END
n
true
END
err empty

section policies that were never right let nobody in but the operator
edit policies/names.yaml /mask: redact/mask: redcat/
run weft publish sales.orders
run weft query --as ana "FROM sales.orders.orders"
exit 3
run weft query --as sam "FROM sales.orders.orders"
exit 2
err has does not exist
run weft query "FROM sales.orders.orders"
err has until they are mended only the operator reads anything

section everything the loader refuses is told at once, with its place
file policies/wrong.yaml <<END
apiVersion: weft/v1
kind: Policy
name: mask-names
applies: {columns: {tag: pii}}
mask: {frist: 4}
when: {principal: {clearanse: ">= 3"}, purpose: fruad}
END
file principals/more.yaml <<END
apiVersion: weft/v1
kind: Principals
groups:
  - {name: a, groups: [b]}
  - {name: b, groups: [a]}
principals:
  - {name: ana}
  - {name: lee, attributes: {clearance: high}}
END
file domains/insight/policies/far.yaml <<END
apiVersion: weft/v1
kind: Policy
name: far
applies: {tables: sales.orders}
deny: read
END
run weft validate
exit 2
err has frist
err has clearanse
err has did you mean "clearance"?
err has fruad
err has did you mean "fraud"?
err has mask-names
err has circle
err has lee
err has domains/insight/policies/far.yaml:4

section a policy that does not fit a table closes it for those it applies to
file policies/rows.yaml <<END
apiVersion: weft/v1
kind: Policy
name: own-regions
applies: {tables: sales.orders}
rows: {region: EU}
when: {principal: {name: ana}}
END
run weft validate
err has own-regions
err has region
run weft publish --all
run weft query --as ana "FROM sales.orders.orders"
exit 2
err has does not exist
run weft policy explain --as ana sales.orders.orders
out has does not fit this table
run weft query --as eve -o csv "SELECT count(*) AS n FROM sales.orders.orders"
out is <<END
n
3
END

section two masks of one strength give nothing
file policies/other.yaml <<END
apiVersion: weft/v1
kind: Policy
name: other-names
applies: {columns: {name: customer}}
mask: {first: 1}
END
file policies/third.yaml <<END
apiVersion: weft/v1
kind: Policy
name: third-names
applies: {columns: {name: customer}}
mask: {last: 1}
END
run rm policies/names.yaml
run weft publish sales.orders
run weft query --as ana -o csv "SELECT count(customer) AS n FROM sales.orders.orders"
out is <<END
n
0
END
run weft policy explain --as ana sales.orders.orders
out has two masks of one strength

section hashes: equal values stay equal, and without the key there are none
edit policies/names.yaml /mask: redact/mask: hash/
run weft publish --all
run weft query --as ana -o csv "SELECT count(DISTINCT customer) AS n, min(length(customer)) AS l FROM sales.orders.orders"
out is <<END
n,l
2,32
END
run weft query --as ana -o csv "SELECT customer FROM sales.orders.orders WHERE id = 1"
let first = weft query --as ana -o csv "SELECT customer FROM sales.orders.orders WHERE id = 1"
run weft policy rotate-key
out has key 2 is in force
run weft query --as ana -o csv "SELECT customer FROM sales.orders.orders WHERE id = 1"
out lacks $first
run rm .weft/keys/mask-2.key
run weft query --as ana -o csv "SELECT count(customer) AS n FROM sales.orders.orders"
out is <<END
n
0
END
run cp .weft/keys/mask-1.key .weft/keys/mask-2.key
run weft query --as ana -o csv "SELECT count(customer) AS n FROM sales.orders.orders"
out is <<END
n
0
END

section a failing query says nothing of what it saw
run weft publish --all
run weft query --as ana "SELECT CAST(customer AS INTEGER) FROM sales.orders.orders"
exit 2
err lacks xxx
err has its message is not shown
run weft query "SELECT CAST(customer AS INTEGER) FROM sales.orders.orders"
exit 2
err has ada

section the catalog shows what its reader may know
run weft publish --all
run weft catalog tree --as ana
out has sales.orders_v1.orders
out lacks insight
run weft catalog list --as gus
out lacks sales
run weft catalog show --as gus sales.orders
exit 3
err has nothing published is called "sales.orders"
file policies/hide.yaml <<END
apiVersion: weft/v1
kind: Policy
name: hide-names
applies: {columns: {classification: ">= confidential"}}
deny: column
when: {principal: {name: ana}}
END
run weft catalog show --as ana sales.orders
out has amount
out lacks customer
run weft query --as ana -o csv "SELECT * FROM sales.orders.orders WHERE id = 1"
out is <<END
id,amount,status
1,19.9,paid
END
run weft query --as ana "SELECT customer FROM sales.orders.orders"
exit 2
err has column "customer" does not exist

section the journal has reader, purpose, columns and policies, and no value
run weft publish --all
run weft query --as eve --purpose fraud "SELECT customer FROM sales.orders.orders"
python <<END
import json, sqlite3
db = sqlite3.connect(".weft/registry.db")
row = db.execute("SELECT purpose, details FROM event WHERE kind = 'query.started' ORDER BY seq DESC LIMIT 1").fetchone()
assert row[0] == "fraud", row
details = json.loads(row[1])
assert details["reader"] == "eve", details
assert details["tables"][0]["columns"] == ["customer"], details
ended = json.loads(db.execute("SELECT details FROM event WHERE kind = 'query.ended' ORDER BY seq DESC LIMIT 1").fetchone()[0])
assert ended["rows"] == 3, ended
assert not any("grace" in (d or "") for (d,) in db.execute("SELECT details FROM event"))
assert db.execute("SELECT count(*) FROM event WHERE kind = 'policy.changed'").fetchone()[0] == 1
END

section expectations are run
run weft publish --all
file policies/test.yaml <<END
apiVersion: weft/v1
kind: PolicyTest
name: who-sees-orders
expect:
  - {as: ana, table: sales.orders.orders, read: true, masked: [customer], clear: [amount], rows: all}
  - {as: gus, table: sales.orders.orders, read: false}
END
run weft policy test
out has 2 expectations, all hold
edit policies/test.yaml /masked: [customer]/hidden: [customer]/
run weft policy test
exit 2
err has policies/test.yaml:5
err has customer
