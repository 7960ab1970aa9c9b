# weft set: fields of documents change in place, everything else stays byte for byte.

include common/shop.inc

section a column's field: one line comes, the others stay
run cp domains/sales/orders/orders.odcs.yaml before.yaml
run weft set sales.orders.orders.customer classification=restricted
out has wrote 1 change into domains/sales/orders/orders.odcs.yaml
out has next: weft plan
run diff before.yaml domains/sales/orders/orders.odcs.yaml
exit 1
out is <<END
15a16
>         classification: restricted
END
run weft set sales.orders.orders.customer classification=restricted
out is nothing to change
run weft set sales.orders.orders.customer classification=
run cmp before.yaml domains/sales/orders/orders.odcs.yaml
run weft set sales.orders.orders.customer classification=
exit 3
err has "classification": there is no such field in domains/sales/orders/orders.odcs.yaml

section values are typed as the standard wants them
run weft set sales.orders.orders.amount required=true description=2026 logicalTypeOptions.maximum=99.5
run weft set sales.orders.orders contract.version=1.1 contract.name=null "description=a: b # c"
run grep -n -e "required: true" -e "description: " -e "maximum: " -e "version: " -e "name: .null" domains/sales/orders/orders.odcs.yaml
out is <<END
5:version: "1.1"   # bumped by a person
15:        required: true
20:          maximum: 99.5
21:        required: true
22:        description: "2026"
25:    description: "a: b # c"
26:name: "null"
END
run weft validate domains/sales/orders/orders.odcs.yaml

section lists: entries join and go
run cp domains/sales/orders/orders.odcs.yaml before.yaml
run weft set sales.orders.orders.customer tags+=pii.name tags+=vip tags+=pii.name
run grep -n tags domains/sales/orders/orders.odcs.yaml
out is 16:        tags: [pii.name, vip]
run weft set sales.orders.orders.customer tags-=pii.name
run grep -n tags domains/sales/orders/orders.odcs.yaml
out is 16:        tags: [vip]
run weft set sales.orders.orders.customer tags-=nobody
exit 3
err has no such entry
run weft set sales.orders.orders.customer tags-=vip
run cmp before.yaml domains/sales/orders/orders.odcs.yaml
run weft set sales.orders.orders.customer "tags=[a, b c]"
run grep -n tags domains/sales/orders/orders.odcs.yaml
out is 16:        tags: [a, "b c"]

section custom properties of a table, of its contract and its port
run weft set sales.orders.orders weft.build=delivered contract.weft.history=90d port.weft.access=open
out has orders.odcs.yaml
out has product.odps.yaml
run weft validate domains/sales/orders/orders.odcs.yaml domains/sales/orders/product.odps.yaml
run tail -2 domains/sales/orders/orders.odcs.yaml
out is <<END
    customProperties: [{property: weft.build, value: delivered}]
customProperties: [{property: weft.history, value: "90d"}]
END
run tail -1 domains/sales/orders/product.odps.yaml
out matches ^    customProperties: \[\{property: weft.access, value: open\}\]
run weft set sales.orders.orders weft.build=sql customProperties.cost.centre=4711
run grep -n weft.build domains/sales/orders/orders.odcs.yaml
out matches value: sql\}, \{property: cost.centre, value: 4711\}\]$
run weft set sales.orders.orders customProperties.cost.centre= weft.build=
run tail -2 domains/sales/orders/orders.odcs.yaml
out is <<END
        logicalType: string
customProperties: [{property: weft.history, value: "90d"}]
END

section what would be wrong is refused with its place, and nothing changes
run cp domains/sales/orders/orders.odcs.yaml before.yaml
run weft set sales.orders.orders.customer clasification=restricted
exit 2
err matches orders\.odcs\.yaml:16:9: error: unknown field "clasification"
err has did you mean "classification"?
err has nothing was changed
run weft set sales.orders.orders.amount logicalType=numbr
exit 2
err has did you mean "number"?
run weft set sales.orders.orders weft.biuld=delivered
exit 2
err has weft.build
run weft set sales.orders.orders contract.version=
exit 2
err has missing field "version"
run weft set sales.orders.orders.customer required=perhaps
exit 2
err has expected a boolean for "required"
run weft set sales.orders.orders context=x
exit 2
err has field "context" of schema object is unknown in v3.1.0; it came with v3.2.0
run cmp before.yaml domains/sales/orders/orders.odcs.yaml

section names that are not there
run weft set sales.orders.orders.custmer x=1
exit 3
err has no column "custmer"; did you mean "customer"?
run weft set sales.orders.order x=1
exit 3
err has did you mean "orders"?
run weft set sales.ordrs x=1
exit 3
err has did you mean "sales.orders"?
run weft set sale x=1
exit 3
err has did you mean "sales"?
run weft set sales.orders.orders properties.nobody.description=x
exit 3
err has no entry "nobody"
run weft set sales.orders.orders.customer classification
exit 2
err has is no KEY=VALUE
run weft set nowhere.odcs.yaml x=1
exit 3
run weft set sales.orders
exit 2

section a product, a domain, any document by its path
run weft set sales.orders description.purpose=orders "tags+=core data"
run weft set sales purpose=selling
run weft set domains/sales/orders/source.odcs.yaml servers.files.format=json schema.till.properties.amount.physicalType=DECIMAL
run tail -1 domains/sales/domain.yaml
out is purpose: selling
run grep -n -e format -e amount domains/sales/orders/source.odcs.yaml
out is <<END
10:    format: json
16:      - {name: amount, logicalType: number, physicalType: DECIMAL}
END
run tail -2 domains/sales/orders/product.odps.yaml
out is <<END
description: {purpose: orders}
tags: ["core data"]
END

section a dry run shows the lines and writes nothing
run cp domains/sales/orders/orders.odcs.yaml before.yaml
run weft set --dry-run sales.orders.orders contract.version=2.0.0 contract.status=draft
out is <<END
domains/sales/orders/orders.odcs.yaml, line 5:
-version: "1.0.0"   # bumped by a person
+version: "2.0.0"   # bumped by a person
domains/sales/orders/orders.odcs.yaml, line 6:
-status: active
+status: draft
END
run cmp before.yaml domains/sales/orders/orders.odcs.yaml
run weft set --json sales.orders.orders contract.status=draft
json status == "ok"
json made[0] == "domains/sales/orders/orders.odcs.yaml"
run weft set --json sales.orders.orders contract.kind=x
exit 2
json errors == 1

section a contract of v2.2 is read, and no command writes it
file old.odcs.yaml <<END
apiVersion: v2.2.2
kind: DataContract
uuid: u-1
version: 1.0.0
status: current
type: tables
datasetName: views
quantumName: sellers
dataset: [{table: orders, columns: [{column: id, logicalType: string, physicalType: text}]}]
END
run weft validate old.odcs.yaml
run weft set old.odcs.yaml status=gone
exit 7
err has a contract of ODCS v2.2 is read only; raise it to v3.2.0

section where a text cannot be changed alone
edit domains/sales/orders/orders.odcs.yaml /status: active/status: &s active/
run weft set sales.orders.orders contract.status=draft
exit 7
err has line 6
err has edit it by hand

section no room on the disk: the file stays as it was, and nothing is left behind
run sh -c 'weft set sales.orders.orders contract.description.purpose=$(head -c 3000 /dev/zero | tr "\\0" a)'
run cp domains/sales/orders/orders.odcs.yaml before.yaml
run sh -c 'ulimit -f 2; exec weft set sales.orders.orders contract.status=draft'
exit 6
err has orders.odcs.yaml
run cmp before.yaml domains/sales/orders/orders.odcs.yaml
run ls domains/sales/orders
out is <<END
orders.odcs.yaml
orders.sql
product.odps.yaml
source.odcs.yaml
END
