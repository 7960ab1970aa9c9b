# A backup holds the whole state; a restore brings it back, and says what is not whole.

include common/shop.inc

section a backup, more of it later, and the mesh back from it
run weft publish -q --all
run weft backup ../saved
out has 2 files copied
out has 0 there already
out has private keys
edit data/orders.csv /19.90/20.00/
run weft publish -q --all
run weft backup ../saved --json
json copied == 2
json kept == 2
run sh -c "ls ../saved | grep -c registry"
out is 1
run weft query -o csv "SELECT sum(amount) AS s FROM sales.orders.orders"
out is <<END
s
67.1
END
run mv .weft ../lost
run weft restore ../saved
out has 4 files restored
out has next: weft doctor
run weft doctor
out lacks missing
out has everything that was published is whole
out lacks garbage
include common/kept_rows.inc
run cmp ../lost/keys/receipt-ed25519.pem .weft/keys/receipt-ed25519.pem
run weft receipt show sales.orders
run weft publish --all
out has 0 published, 2 unchanged
edit data/orders.csv /20.00/21.00/
run weft publish --all
out has 2 published
run weft doctor
out has everything that was published is whole

section what is not whole is named
run weft publish -q --all
run weft backup ../saved
file spoil <<END
f=$(find ../saved/objects -path "*orders*" -name "*.parquet" | head -1)
printf x >> "$f"
END
run sh spoil
run mv .weft ../lost
run weft restore ../saved
exit 9
err has but 1 of its files are missing from the backup or damaged
out has is not what was published
run weft query -o csv "SELECT count(*) AS n FROM insight.totals.totals"
out has n
run weft doctor
exit 9

section what a backup and a restore refuse
run weft publish -q --all
run weft backup ../saved
run weft restore ../saved
exit 5
err has there is a store
run mv .weft ../lost
run weft restore ../nowhere
exit 3
err has holds no whole backup
file ../saved/backup.json <<END
{"kind": "Backup", "registry": "../../etc/registry-1.db"}
END
run weft restore ../saved
exit 9
err has is not a backup that this program made
run rm -r .weft
run mv ../lost .weft
file ../other/notes.txt <<END
mine
END
run weft backup ../other
exit 5
err has holds other things
# A file that is gone cannot be saved, and the earlier backup stays what it was.
run weft backup ../good
run sh -c "find .weft/objects -path '*orders*' -name '*.parquet' -delete"
run weft backup ../good2
exit 9
err has cannot be saved
run weft backup ../good --json
json kept == 2
