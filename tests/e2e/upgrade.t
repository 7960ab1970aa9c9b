# Stores that earlier programs wrote are opened, migrated after a copy, and go on.

section a store of version 7
run tar xzf "$WEFT_ROOT/tests/data/stores/version-7.tar.gz" --strip-components=1
run weft doctor
out has everything that was published is whole
out lacks garbage
run sh -c "ls .weft | grep -c 'registry.db.before-7$'"
out is 1
include common/kept_rows.inc
run weft query --as ana -o csv "SELECT count(*) AS n FROM insight.desk.desk"
out is <<END
n
3
END
run weft history --json
json publishes length 6
run weft publish --all
out has 0 published, 3 unchanged
edit data/orders.csv /20.00/21.00/
run weft publish --all
out has 3 published
run weft publish sales.orders --rollback 1
out has published
run weft query -o csv "SELECT sum(amount) AS s FROM sales.orders.orders"
out is <<END
s
67.0
END
run weft backup ../saved
run weft doctor
out has everything that was published is whole

section a store of version 11, from before there was a search
run tar xzf "$WEFT_ROOT/tests/data/stores/version-11.tar.gz" --strip-components=1
run weft catalog search customer --json
json hits length 2
json hits[0].address == "insight.totals_v1.totals.customer"
json hits[1].address == "sales.orders_v1.orders.customer"
run weft catalog search amount --as ana --json
json hits length 1
run sh -c "ls .weft | grep -c 'registry.db.before-11$'"
out is 1
run weft doctor
out has everything that was published is whole
out lacks garbage
out lacks search index
include common/kept_rows.inc
run weft history --json
json publishes length 6
run weft publish --all
out has 0 published, 3 unchanged
edit data/orders.csv /20.00/21.00/
run weft publish --all
out has 3 published
run weft doctor
out lacks search index

section a store of version 11 knows when its majors end, though nobody looked when they were published
run tar xzf "$WEFT_ROOT/tests/data/stores/version-11-majors.tar.gz" --strip-components=1
run weft doctor
out has everything that was published is whole
out lacks garbage
run sh -c "ls .weft | grep -c 'registry.db.before-11$'"
out is 1
run weft catalog tree
out matches sales.orders_v1.orders .*, deprecated, its sunset was 2020-01-31, use sales.orders_v2.orders
run weft query -o csv "SELECT sum(amount) AS s FROM sales.orders_v1.orders"
out is <<END
s
67.1
END
err has is deprecated, its sunset was 2020-01-31
run weft publish --all
out has 0 published, 3 unchanged
run weft tick
out is sales.orders_v1: withdrawn, 1 table of port orders (its sunset was 2020-01-31); in its place sales.orders_v2
run weft query "FROM sales.orders_v1.orders"
exit 2
err has was withdrawn on
run weft query -o csv "SELECT sum(amount) AS s FROM sales.orders.orders"
out is <<END
s
67.1
END
run weft doctor
out has everything that was published is whole
out lacks garbage
