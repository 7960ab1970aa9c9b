# Receipts and the doctor: what was published can be proven, and what is damaged is found.

include common/shop.inc
run weft publish -q --all

section a receipt is proven with the file and the public key, nowhere near the mesh
run sh -c 'weft receipt show sales.orders > ../receipt.json'
run cp .weft/keys/receipt-ed25519.pub.pem ../key.pem
run weft receipt verify ../receipt.json
out has valid: 
out has sales.orders
run mkdir ../far
cd ../far
run weft receipt verify ../receipt.json
exit 2
err has give the public key: --key
run weft receipt verify ../receipt.json --key ../key.pem
out has publish 1 of mesh shop
run weft receipt verify ../receipt.json --key ../key.pem --json
json is_valid == true
json product == "sales.orders"
run weft receipt verify nowhere.json --key ../key.pem
exit 3
run weft receipt verify ../receipt.json --key nowhere.pem
exit 3
run weft receipt verify ../key.pem --key ../key.pem
exit 2
err lacks INTERNAL
python <<END
import json, subprocess
original = open("../receipt.json", "rb").read()
def verify(data):
    open("changed.json", "wb").write(data)
    return subprocess.run(["weft", "receipt", "verify", "changed.json", "--key", "../key.pem", "--json"], env=env,
                          text=True, capture_output=True)
assert verify(original).returncode == 0
refused = 0
# One byte anywhere.
for at in range(0, len(original) - 1, 97):
    data = bytearray(original)
    data[at] ^= 1
    done = verify(bytes(data))
    assert done.returncode in (2, 4, 9), (at, done.returncode, done.stdout, done.stderr)
    assert json.loads(done.stdout)["api"] == "v1"
    if "is_valid" in json.loads(done.stdout):
        assert json.loads(done.stdout)["is_valid"] is False
    refused += 1
assert refused > 25
# What a forger would do: change a number and the hash.
forged = json.loads(original)
forged["receipt"]["ports"][0]["tables"][0]["rows"] = 4
assert verify(json.dumps(forged).encode()).returncode in (2, 4, 9)
for cut in (1, 10, len(original) // 2):
    assert verify(original[:-cut]).returncode in (2, 4, 9) or cut == 1
assert verify(b"").returncode in (2, 9)
END

section another mesh's key
run weft init --example ../other
cd ../other
run weft publish -q --all
cd ../work
run sh -c 'weft receipt show sales.orders > ../receipt.json'
run weft receipt verify ../receipt.json --key ../other/.weft/keys/receipt-ed25519.pub.pem
exit 4
err has the receipt was signed with key

section receipts are a chain per product
edit data/orders.csv /grace/gracy/
run weft publish -q --all
run weft receipt show sales.orders
json receipt.sequence == 2
json receipt.previous != null
let SECOND receipt.previous
let FIRST = weft history sales.orders --json | python3 -c "import json,sys; print(json.load(sys.stdin)['publishes'][1]['id'])"
run weft receipt show $FIRST
json sha256 matches ^[0-9a-f]{64}$
python <<END
import json
assert json.loads(last.out)["sha256"] == env["SECOND"]
END

section a data file that is gone or changed is found, and --repair does not touch what is live
python <<END
import glob, os
files = sorted(glob.glob(".weft/objects/**/*.parquet", recursive=True))
assert len(files) == 2, files
os.chmod(files[0], 0o644)
data = bytearray(open(files[0], "rb").read())
data[40] ^= 0xff
open(files[0], "wb").write(data)
os.remove(files[1])
END
run weft doctor
exit 9
out has is not what was published
out has no such file or folder
out matches insight/totals
out matches sales/orders
err has 2 problems found
run weft doctor --json
exit 9
json problems length 2
run weft doctor --repair
exit 9
run test -f "$(find .weft/objects -name '*.parquet' | head -1)"
run weft query "FROM sales.orders.orders"
exit 3
err lacks INTERNAL
# Publishing again heals the newest snapshot.
run weft publish --all --full
run weft query -o csv "SELECT count(*) AS n FROM sales.orders.orders"
out is <<END
n
3
END

section a file that got shorter
python <<END
import glob, os
for name in glob.glob(".weft/objects/sales/**/*.parquet", recursive=True):
    os.chmod(name, 0o644)
    data = open(name, "rb").read()
    open(name, "wb").write(data[: len(data) // 2])
END
run weft query "FROM sales.orders.orders"
exit 9
run weft publish --full insight.totals
exit 9
run weft doctor
exit 9

section garbage is shown, and only --repair removes it, and nothing else
run mkdir -p .weft/objects/sales/orders/orders/v1/data/0190aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeee
run sh -c 'echo x > .weft/objects/sales/orders/orders/v1/data/0190aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeee/part-00000.parquet'
run sh -c 'find .weft/objects -type f | sort > ../before'
run weft doctor
out has garbage: sales/orders/orders/v1/data/0190aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeee/part-00000.parquet
out has 1 files of garbage
run weft doctor --repair
out has : removed
run sh -c 'find .weft/objects -type f | sort | diff - ../before | grep -c "^>"'
out is 1
run weft doctor
out lacks garbage

section a journal that somebody edits
need command python3 -c "import sqlite3"
python <<END
import sqlite3
db = sqlite3.connect(".weft/registry.db")
names = [r[0] for r in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
table = next(n for n in names if "event" in n)
columns = [r[1] for r in db.execute(f"PRAGMA table_info({table})")]
actor = "actor" if "actor" in columns else columns[-1]
try:
    db.execute(f"UPDATE {table} SET {actor} = 'somebody' WHERE seq = 3")
    db.commit()
    env["EDITED"] = "9"
except sqlite3.Error as refused:
    # The store's own rules forbid it: take them away first, as an attacker would.
    for (name,) in list(db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")):
        db.execute(f"DROP TRIGGER {name}")
    db.execute(f"UPDATE {table} SET {actor} = 'somebody' WHERE seq = 3")
    db.commit()
END
run weft doctor
exit 9
out has problem: journal: 

section receipts that somebody removes, with the event that anchors them or without
need command python3 -c "import sqlite3"
run weft publish --all --full
run cp .weft/registry.db ../whole.db
python <<END
import shutil, sqlite3, subprocess
def doctor_after(*statements):
    shutil.copy("../whole.db", ".weft/registry.db")
    db = sqlite3.connect(".weft/registry.db")
    for (name,) in list(db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")):
        db.execute(f"DROP TRIGGER {name}")
    for statement in statements:
        assert db.execute(statement).rowcount != 0, statement
    db.commit()
    db.close()
    return subprocess.run(["weft", "doctor"], env=env, text=True, capture_output=True)
last = "(SELECT max(event_seq) FROM receipt)"
# The chain's own walk: a head without its receipt, and a receipt without its anchor.
gone = doctor_after(f"DELETE FROM receipt WHERE event_seq = {last}")
assert gone.returncode == 9 and "the journal tells of a publish without a receipt" in gone.stdout, gone.stdout
loose = doctor_after("UPDATE receipt SET event_seq = event_seq - 1 WHERE product_id = 'orders-id' AND sequence = 2")
assert loose.returncode == 9 and "is not the one that its event in the journal names" in loose.stdout, loose.stdout
# Receipt, event and everything after it cut off together: the chains are whole, and end too early.
cut = doctor_after(f"CREATE TABLE cut AS SELECT {last} AS seq", "DELETE FROM receipt WHERE event_seq = (SELECT seq FROM cut)",
                   "DELETE FROM event WHERE seq >= (SELECT seq FROM cut)", "DROP TABLE cut",
                   "UPDATE journal_head SET seq = (SELECT max(seq) FROM event), hash = (SELECT hash FROM event ORDER BY seq DESC LIMIT 1)")
assert cut.returncode == 9 and "the receipts do not end with that of publish" in cut.stdout, cut.stdout
END

section a store that is no store, and one of a newer program
run cp .weft/registry.db ../good.db
run sh -c 'head -c 3000 ../good.db > .weft/registry.db'
run weft status
exit 9
run weft publish --all
exit 9
run sh -c 'echo hello > .weft/registry.db'
run weft status
exit 9
run cp ../good.db .weft/registry.db
run weft status
python <<END
import sqlite3
db = sqlite3.connect(".weft/registry.db")
db.execute("INSERT INTO db_migration VALUES ('journal', 99, 'from_the_future', 'x', 0)")
db.commit()
END
run weft status
exit 7
err has is newer than this program
err has use a newer weft
run weft publish --all
exit 7
run weft doctor
exit 7
