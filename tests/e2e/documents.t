# Documents that are wrong: every error at once, each with its place, and nothing changes.

include common/shop.inc

section all errors of all documents in one run, with line, column and caret
edit domains/sales/domain.yaml /name: sales/name: sale\nowner: me/
edit domains/sales/orders/orders.odcs.yaml /primaryKey: true/primaryKey: maybe/
edit domains/sales/orders/orders.odcs.yaml /logicalTypeOptions/logicalTypeOption/
edit domains/insight/totals/product.odps.yaml /contractId: orders-contract/contractId: order-contract/
edit domains/insight/totals/totals.odcs.yaml /logicalType: number/logicalType: numbr/
run weft validate
exit 2
err matches ^domains/sales/domain\.yaml:4:1: error: .*"owner"
err matches ^domains/sales/domain\.yaml:3:7: error: domain "sale" lies in folder "sales"
err matches ^domains/sales/orders/orders\.odcs\.yaml:12:21: error: expected a boolean for "primaryKey"
err has logicalTypeOption
err has did you mean "logicalTypeOptions"
err has did you mean "orders-contract"?
err matches ^domains/insight/totals/product\.odps\.yaml:9:17: error: input port "orders": no contract "order-contract"
err matches ^domains/insight/totals/totals\.odcs\.yaml:10:\d+: error: .*numbr
err has number
err matches ^ +12 \|         primaryKey: maybe\n +\| +\^~~~~$
err matches ^weft: \d+ errors
run weft validate --json
exit 2
json api == "v1"
python <<END
import json
answer = json.loads(last.out)
assert answer["errors"] >= 6, answer
for f in answer["findings"]:
    assert f["rule"] and f["message"] and f["severity"] in ("error", "warning", "info"), f
assert len({f["file"] for f in answer["findings"] if "file" in f}) == 4
END
run weft plan
exit 2
run weft publish --all
exit 2
run test -e .weft/objects/sales
exit 1

section a broken product does not keep its neighbours from being published
edit domains/insight/totals/totals.odcs.yaml /logicalType: number/logicalType: numbr/
run weft publish --all
exit 2
out has sales.orders published in
out has insight.totals refused
err has insight.totals was refused: its documents have errors
run weft query -o csv "SELECT count(*) AS n FROM sales.orders.orders"
out is <<END
n
3
END

run weft publish --all --json
exit 2
json errors > 0
json findings[0].file == "domains/insight/totals/totals.odcs.yaml"

section files that are no documents
run sh -c 'head -c 3000000 /dev/zero | tr "\\0" "a" > big.odcs.yaml'
run weft validate big.odcs.yaml
exit 2
file bad.odcs.yaml <<END
kind: DataContract
a: [1, 2
b: 3
END
run weft validate bad.odcs.yaml
exit 2
err matches ^bad\.odcs\.yaml:\d+:\d+: error:
file twice.odcs.yaml <<END
kind: DataContract
version: 1.0.0
version: 2.0.0
END
run weft validate twice.odcs.yaml
exit 2
err has twice.odcs.yaml:3:1: error:
err has version
python <<END
open("latin.odcs.yaml", "wb").write(b"kind: DataContract\nname: M\xfcller\n")
bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n"
for before, name in zip("abcdefgh", "bcdefghi"):
    bomb += f"{name}: &{name} [" + ",".join(["*" + before] * 9) + "]\n"
open("bomb.odcs.yaml", "w").write("kind: DataContract\n" + bomb)
open("deep.odcs.yaml", "w").write("kind: DataContract\na: " + "[" * 5000 + "]" * 5000 + "\n")
open("huge.odcs.yaml", "wb").write(b"kind: DataContract\nname: " + b"a" * (100 << 20) + b"\n")
open("cycle.odcs.yaml", "w").write("kind: DataContract\na: &a [*a]\n")
END
run weft validate latin.odcs.yaml
exit 2
err has latin.odcs.yaml:2:
err has UTF-8
run weft validate bomb.odcs.yaml
exit 2
err matches bomb\.odcs\.yaml:\d+:\d+: error: .*(_MAX|limit)
run weft validate deep.odcs.yaml
exit 2
err matches deep\.odcs\.yaml:\d+:\d+: error: .*(_MAX|limit)
run weft validate huge.odcs.yaml
exit 6
err has huge.odcs.yaml
run weft validate cycle.odcs.yaml
exit 2
err matches cycle\.odcs\.yaml:\d+:\d+: error:
run weft validate nowhere.odcs.yaml
exit 3
err has nowhere.odcs.yaml
run weft validate data/orders.csv
exit 2
run weft validate mesh.yaml domains/sales/domain.yaml domains/sales/orders/orders.odcs.yaml
out has 3 files, no errors

section three profiles
edit domains/sales/orders/orders.odcs.yaml /status: active/status: active\ncustomProperties:\n  - {property: weft.acess, value: open}/
run weft validate --profile schema domains/sales/orders/orders.odcs.yaml
run weft validate --profile strict domains/sales/orders/orders.odcs.yaml
exit 2
err has weft.acess
err has did you mean "weft.access"
run weft validate
exit 2
file bare.odcs.yaml <<END
apiVersion: v3.1.0
kind: DataContract
id: bare
version: 1.0.0
status: active
END
run weft validate --profile schema bare.odcs.yaml
run weft validate --profile text bare.odcs.yaml
exit 2
err has schema

section schemas of every kind are JSON Schemas
run weft schema mesh
json $schema has json-schema.org
run weft schema domain
json $schema has json-schema.org
out has "name"
run weft schema odcs
json $schema has json-schema.org
out has "schema"
run weft schema odps
json $schema has json-schema.org
out has "outputPorts"

section a literal password is refused, and not repeated
edit domains/sales/orders/source.odcs.yaml /    type: local\n    path: ..\/..\/..\/data\/orders.csv\n    format: csv/    type: postgres\n    host: localhost\n    port: 5432\n    database: crm\n    schema: public\n    customProperties:\n      - {property: user, value: app}\n      - {property: password, value: correct-horse-battery}/
run weft validate
exit 2
err matches source\.odcs\.yaml:\d+:\d+: error: .*password
err has ${
err lacks correct-horse-battery
out lacks correct-horse-battery
run weft publish --all
exit 2
err lacks correct-horse-battery
run weft validate --json
exit 2
out lacks correct-horse-battery
run weft plan --json
exit 2
out lacks correct-horse-battery
err lacks correct-horse-battery

section references into other contracts are followed, and into nothing else
edit domains/insight/totals/totals.odcs.yaml /primaryKey: true}/primaryKey: true, relationships: [{to: "..\/..\/sales\/orders\/orders.odcs.yaml#\/schema\/orders\/properties\/customer"}]}/
run weft validate
edit domains/insight/totals/totals.odcs.yaml /properties\/customer"/properties\/custmer"/
run weft validate
exit 2
err matches totals\.odcs\.yaml:9:\d+: error: .*that contract has no property "custmer"
err has did you mean "customer"?
edit domains/insight/totals/totals.odcs.yaml /orders.odcs.yaml#/order.odcs.yaml#/
run weft validate
exit 2
err has there is no contract "../../sales/orders/order.odcs.yaml"
