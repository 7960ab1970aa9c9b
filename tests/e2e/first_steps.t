# From nothing to a queried product, the ways the README shows.

section an empty mesh says what to do next
run weft init "my mesh"
out has made mesh in
out has mesh.yaml
out has next: cd 'my mesh' && weft new product
run weft init "my mesh"
exit 5
err has is a mesh already
cd my mesh
run weft validate
out has 0 products, no errors, 0 warnings
run weft status
out has next: weft publish --all
run weft plan
exit 3
err has no products here; `weft new product DOMAIN.NAME --from FILE` makes one
run weft publish
exit 3
err has there is nothing to publish here
run cat .gitignore
out is .weft/
python <<END
import json, os
settings = json.load(open(".vscode/settings.json"))["yaml.schemas"]
assert set(settings.values()) == {"*.odcs.yaml", "*.odps.yaml", "mesh.yaml", "domain.yaml"}, settings
for schema in settings:
    assert json.load(open(schema))["$schema"], schema
END

section the example
run weft init --example shop
cd shop
run weft validate
run weft plan
out has + sales.orders  publish: it was never published
out has reads file data/orders.csv
out has next: weft publish
run test -d .weft/objects/sales
exit 1
run weft publish --all
out has sales.orders published in
out has 5 rows
run weft query "SELECT customer, sum(amount) AS total FROM sales.orders.orders GROUP BY customer ORDER BY customer"
out has edsger     7.25
run weft catalog tree
out has sales.orders_v1.orders
run weft doctor
out has everything that was published is whole
# The domain's page: the team is that of the newest publish.
run weft catalog show sales
out has What the sales domain is responsible for
out has team: sales
out matches ^sales\.orders +active
edit domains/sales/domain.yaml /  name: sales\n  members:/  name: order desk\n  email: desk@example.org\n  members:\n    - {name: ada, role: owner, email: ada@example.org}/
run weft publish --all --full
run weft catalog show sales
out has team: order desk  desk@example.org
out matches ^ada +owner +ada@example\.org$
run weft catalog show sales --json
json team.members length 2
json team.members[0].email == "ada@example.org"
json products[0].address == "sales.orders"
json path == "domains/sales/domain.yaml"
run weft catalog show sale
exit 3
err has did you mean "sales"?
run weft catalog show orders
exit 3
err has did you mean "sales.orders"?

section a domain by hand, then what is wrong with names
run weft init m
cd m
run weft new domain shop
out has domains/shop/domain.yaml
run weft new domain shop
exit 5
err has shop
run weft new domain main
exit 2
err has cannot be a domain's name
run weft new domain "Big Shop"
exit 2
file x.csv <<END
id
1
END
run weft new product orders --from x.csv
exit 2
err has cannot be a product's address; write domain.product
run weft new product shop.orders
exit 2
err has --from FILE.csv
run weft new product shop.orders --from nowhere.csv
exit 3
err has nowhere.csv
run test -e domains/shop/orders
exit 1

section two files with one line per column, and no SQL as long as the table is a copy
file rides.csv <<END
ride;started;station;minutes
1;2026-05-04 07:58:11;Hafen;12
2;2026-05-04 08:02:40;Markt;NA
END
run weft new product bikes.rides --from rides.csv
run ls domains/bikes/rides
out is <<END
product.odps.yaml
rides.odcs.yaml
weft.lock
END
run cat domains/bikes/rides/product.odps.yaml domains/bikes/rides/rides.odcs.yaml
out is <<END
apiVersion: v1.0.0
kind: DataProduct
id: bikes.rides
name: rides
status: active
domain: bikes
inputPorts:
  - {name: source, version: 1.0.0, contractId: bikes.rides.source}
outputPorts:
  - {name: rides, version: 1.0.0, contractId: bikes.rides}
apiVersion: v3.2.0
kind: DataContract
id: bikes.rides
version: 1.0.0
status: active
schema:
  - name: rides
    properties:
      - {name: ride, logicalType: integer, required: true}
      - {name: started, logicalType: timestamp, required: true}
      - {name: station, logicalType: string, required: true}
      - {name: minutes, logicalType: integer}
END
run weft plan
out has table bikes.rides_v1.rides: 4 columns, 7 checks, a copy of source.rides
run weft plan --json
json products[0].tables[0].copy_of == "source.rides"
json products[0].tables[0].sql == ""
run weft publish
run weft catalog show bikes.rides
out has a copy of source.rides
run weft catalog show bikes.rides --json
json ports[0].tables[0].copy_of == "source.rides"
run weft receipt show bikes.rides
json receipt.ports[0].tables[0].copy_of == "source.rides"
json receipt.ports[0].tables[0].sql == null
# What a copy cannot do is said of the contract, for there is no SQL to point at.
edit domains/bikes/rides/rides.odcs.yaml /name: minutes,/name: minuts,/
run weft plan
exit 2
err has table "rides" is a copy of source.rides, which has no column "minuts"
err has did you mean "minutes"?
edit domains/bikes/rides/rides.odcs.yaml /name: minuts, logicalType: integer/name: minutes, logicalType: date/
run weft plan
exit 2
err has column "minutes" is declared DATE but source.rides has BIGINT
err has write domains/bikes/rides/rides.sql with CAST(minutes AS DATE) AS minutes
# An SQL file of the table's name takes the place of the copy.
edit domains/bikes/rides/rides.odcs.yaml /logicalType: date/logicalType: integer/
file domains/bikes/rides/rides.sql <<END
SELECT ride, started, upper(station) AS station, minutes FROM source.rides
END
run weft plan
out has 4 columns, 7 checks, built by rides.sql
run weft publish
run weft catalog show bikes.rides
out has built by domains/bikes/rides/rides.sql
out lacks a copy of
run weft query -o csv "SELECT station FROM bikes.rides.rides WHERE ride = 1"
out has HAFEN

section a column of a type that cannot be published is cast, so there is SQL
file alarms.csv <<END
room,rings_at
1,07:30:00
2,08:15:00
END
run weft new product home.alarms --from alarms.csv --publish
run cat domains/home/alarms/alarms.sql
out is <<END
SELECT
    "room",
    CAST("rings_at" AS VARCHAR) AS "rings_at"
FROM source.alarms
END
run weft catalog show home.alarms
out has built by domains/home/alarms/alarms.sql

section a wide table has one line per column, also with names and values that need quotes
python <<END
import csv
rows = [["no: 1", "it's", "a, b", "#x", "{y}", *(f"c{i}" for i in range(200))]]
rows += [[i, "yes" if i % 2 else "null value", "- x", "ü", "a: b", *range(200)] for i in range(60)]
csv.writer(open("wide.csv", "w", newline="")).writerows(rows)
END
run weft new product lab.wide --from wide.csv --publish
run sh -c "cat domains/lab/wide/*.yaml | wc -l"
out is 223
run weft validate
out has no errors, 0 warnings

section one command from a stranger's CSV to a published product, without a mesh
file räder & more.csv <<END
Bike ID;Länge (cm);sold on;colour
1;170,5;31.12.2025;red
2;180;01.01.2026;blue
3;;02.01.2026;red
END
run weft new product shop.bikes --from "räder & more.csv" --publish
out has shop.bikes published in
run weft query -o csv "FROM shop.bikes.bikes ORDER BY 1"
out has 1,"170,5",2025-12-31,red
out has 3,,2026-01-02,red

section a CSV file that ends its lines in two ways is read, and weft.lock says how
run sh -c "printf 'id,name\\r\\n1,a\\r\\n2,b\\n' >mixed.csv"
run weft new product shop.mixed --from mixed.csv --publish
out has weft.lock says strict: false
run cat domains/shop/mixed/weft.lock
out has value: {strict: false}
run weft query -o csv "FROM shop.mixed.mixed ORDER BY id"
out has 2,b

section many files by one pattern, also by folders
file days/y=1/x.csv <<END
a,b
1,2
END
file days/y=2/x.csv <<END
a,b
3,4
END
run weft new product s.days --from "days/*/x.csv" --publish
run weft query -o csv "FROM s.days.days ORDER BY a"
out is <<END
a,b,y
1,2,1
3,4,2
END
run sh -c "cd days/y=1 && weft new product s.one --from './*.csv' --publish"
out has 1 row, 3 columns
run weft new product s.none --from "days/*.csv"
exit 3
err has no file matches
run weft validate
out has no errors, 0 warnings

section what a contract cannot be learned from
run touch empty.csv
file head.csv <<END
id,name
END
run sh -c "head -c 4000 /dev/zero | tr '\\000' '\\377' >bytes.csv"
run weft init m
cd m
run weft new product s.empty --from ../empty.csv
exit 2
err has has no rows, so nothing can be learned from it
run weft new product s.head --from ../head.csv
exit 2
err has has no rows, so nothing can be learned from it
run weft new product s.bytes --from ../bytes.csv
exit 2
err lacks sniff
run weft new product s.web --from https://example.org/orders.csv
exit 7
err has a source is a file or postgres://
run weft new product s.folder --from ..
exit 2
err has for all files of a folder write "folder/*.csv"
run test -e domains
exit 1

section a product from each format
run weft init m
cd m
file d/o.csv <<END
id,amount,at
1,1.5,2026-01-01T10:00:00
2,2.5,2026-01-02T10:00:00
END
file d/o.json <<END
[{"id": 1, "amount": 1.5, "tags": ["a", "b"]}, {"id": 2, "amount": 2.5, "tags": []}]
END
file d/o.ndjson <<END
{"id": 1, "amount": 1.5}
{"id": 2, "amount": 2.5}
END
run gzip -k d/o.csv
run gzip -k d/o.ndjson
run weft new product shop.csv --from d/o.csv --publish
run weft new product shop.csvgz --from d/o.csv.gz --publish
run weft new product shop.json --from d/o.json --publish
run weft new product shop.ndjson --from d/o.ndjson --publish
run weft new product shop.ndjsongz --from d/o.ndjson.gz --publish
run weft query -o parquet -f d/o.parquet "SELECT id, amount FROM shop.csv.csv"
run weft new product shop.parquet --from d/o.parquet --publish
run weft query -o csv "SELECT sum(id) AS s FROM (SELECT id FROM shop.csv.csv UNION ALL SELECT id FROM shop.csvgz.csvgz UNION ALL SELECT id FROM shop.json.json UNION ALL SELECT id FROM shop.ndjson.ndjson UNION ALL SELECT id FROM shop.ndjsongz.ndjsongz UNION ALL SELECT id FROM shop.parquet.parquet)"
out is <<END
s
18
END
run weft validate
out has no errors, 0 warnings
run weft publish --all
out has 0 published, 6 unchanged

section --publish that the data refuses leaves the files and says why
run weft init m
cd m
file d/o.csv <<END
id,amount
1,1.5
END
run weft new product shop.orders --from d/o.csv --table lines
out has domains/shop/orders/lines.odcs.yaml
run weft new product shop.orders --from d/o.csv
exit 5
err has is there already
run weft publish shop.orders
run weft query -o csv "FROM shop.orders.lines"
out is <<END
id,amount
1,1.5
END

section from below a folder, and with -C
run weft init --example m
run weft -C m publish --all
exit 2
run weft publish --all -C m
run sh -c 'cd m/domains/sales && weft publish'
out has 0 published, 1 unchanged
run sh -c 'cd m/data && weft plan'
exit 3
run weft publish -C /
exit 3
err has no mesh.yaml in

section a mesh made by hand, of which nothing was published yet
include common/shop.inc
run weft plan --all
out has sales.orders
out has it was never published
run weft policy list
out has products-read-their-inputs
run weft catalog tree
run weft status
out has 0 products
run test ! -e .weft
