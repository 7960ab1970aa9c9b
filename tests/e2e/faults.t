# Publishes that are cancelled, killed, doubled, or have no room: nothing half published, nothing lost.

include common/shop.inc
include common/slow.inc
run weft publish -q --all
# Version 2 of the data would be published next.
append data/orders.csv <<END
4,edsger,1.00,paid
END
run cp domains/sales/orders/orders.sql fast.sql

section Ctrl-C during a publish
run cp domains/sales/orders/slow.txt domains/sales/orders/orders.sql
start publish weft publish sales.orders
until weft status | grep "publishing orders-id: process"
signal publish INT
wait publish
exit 8
err has cancelled
run weft status --json
json running == 0
run weft query -o csv "SELECT count(*) AS n FROM sales.orders.orders"
out is <<END
n
3
END
run weft doctor
out has everything that was published is whole
out lacks garbage
run cp fast.sql domains/sales/orders/orders.sql
run weft publish --all
out has 2 published
run weft query -o csv "SELECT count(*) AS n FROM sales.orders.orders"
out is <<END
n
4
END

section a terminal that goes away (SIGTERM, SIGHUP)
run cp domains/sales/orders/slow.txt domains/sales/orders/orders.sql
start publish weft publish sales.orders
until weft status | grep "publishing orders-id: process"
signal publish TERM
wait publish
exit 8
start publish weft publish sales.orders
until weft status | grep "publishing orders-id: process"
signal publish HUP
wait publish
exit 8
run weft doctor
out lacks garbage

section a time limit
run cp domains/sales/orders/slow.txt domains/sales/orders/orders.sql
run weft publish sales.orders --timeout 1s
exit 8
err has time limit reached
err has --timeout
run weft status --json
json running == 0
append mesh.yaml <<END
limits: {publishTime: 1s}
END
run weft publish sales.orders
exit 8
run weft doctor
out lacks garbage

section Ctrl-C during a query
start query weft query -o csv -f out.csv "SELECT sum(hash(a.range + b.range)) FROM range(1000000) a, range(1000000) b"
until test -n "$(ls -A .weft/tmp)"
signal query INT
wait query
exit 8
err has cancelled
run test -e out.csv
exit 1
run ls -A .weft/tmp
out empty
start query weft query -o csv "SELECT range FROM range(900000000)" >stream.csv
until test -s stream.csv
signal query INT
wait query
exit 8

section two publishes of one product at once
run cp domains/sales/orders/slow.txt domains/sales/orders/orders.sql
start publish weft publish sales.orders
until weft status | grep "publishing orders-id: process"
run weft publish sales.orders
exit 5
err has "sales.orders" is being published by another process
err matches process \d+
run weft publish sales.orders --json
exit 5
json products[0].status == "conflict"
# Another product, and readers, do not wait.
run weft publish --full insight.totals
out has 1 published
run weft query -o csv "SELECT count(*) AS n FROM sales.orders.orders"
out is <<END
n
3
END
# The doctor leaves a living publish alone.
run weft doctor --repair
out lacks dead
run weft status --json
json running == 1
signal publish INT
wait publish
exit 8

section kill -9 during a publish
run cp domains/sales/orders/slow.txt domains/sales/orders/orders.sql
start publish weft publish sales.orders
until weft status | grep "publishing orders-id: process"
signal publish KILL
wait publish
exit 137
run weft query -o csv "SELECT count(*) AS n FROM sales.orders.orders"
out is <<END
n
3
END
run weft doctor
out matches publish \S+ of orders-id died while it ran
out has weft doctor --repair removes them
run weft doctor --json
json dead_publishes == 1
run cp fast.sql domains/sales/orders/orders.sql
run weft publish sales.orders
out has 1 published
run weft query -o csv "SELECT count(*) AS n FROM sales.orders.orders"
out is <<END
n
4
END
run weft doctor --repair
run weft doctor --json
json dead_publishes == 0
json garbage_files == 0
json problems == []
run weft receipt show sales.orders
json receipt.sequence == 2

section killed at each of its write points, then published
need command strings -a "$WEFT" | grep -q WEFT_CRASH_AT
python <<END
import subprocess, os
def weft(*args, **more):
    return subprocess.run(["weft", *args], env={**env, **more}, text=True, capture_output=True)
at, killed, seen = 1, 0, {3: 0, 4: 0}
while True:
    done = weft("publish", "sales.orders", WEFT_CRASH_AT=str(at))
    if done.returncode == 0:
        break
    assert done.returncode == -9, (at, done.returncode, done.stderr)
    killed += 1
    rows = weft("query", "-o", "csv", "SELECT count(*) AS n FROM sales.orders.orders")
    assert rows.stdout in ("n\n3\n", "n\n4\n"), (at, rows.stdout, rows.stderr)
    seen[int(rows.stdout.split()[1])] += 1
    if rows.stdout == "n\n4\n":
        break
    at += 1 if at < 4 else 3
    assert at < 400, "the publish never came to its end"
assert killed > 3, killed
done = weft("publish", "--all")
assert done.returncode == 0, done.stderr
assert weft("doctor", "--repair").returncode == 0
again = weft("doctor")
assert again.returncode == 0 and "garbage" not in again.stdout, again.stdout
END

section a read-only mesh
need command test "$(id -u)" -ne 0 || command -v setpriv || command -v su
run chmod -R a-w .
python <<END
import os, subprocess
def weft(*args):
    command = ["weft", *args]
    if os.geteuid() == 0:
        # Root writes everywhere; somebody else does not.
        command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *command]
        for folder in ("..", "."):
            os.chmod(folder, 0o755)
        subprocess.run(["chmod", "-R", "a+rX", ".."], check=True)
        subprocess.run(["chmod", "-R", "a-w", "."], check=True)
    return subprocess.run(command, env=env, text=True, capture_output=True)
done = weft("publish", "--all")
assert done.returncode in (4, 8), (done.returncode, done.stdout, done.stderr)
assert "cannot be written" in done.stderr and "rights" in done.stderr, done.stderr
done = weft("new", "domain", "more")
assert done.returncode in (4, 8), (done.returncode, done.stdout, done.stderr)
assert "could not" in done.stderr, done.stderr
assert weft("validate").returncode == 0
END
run chmod -R u+w .
run weft query -o csv "SELECT count(*) AS n FROM sales.orders.orders"
out is <<END
n
3
END

section a full disk
need root
need command mkdir -p ../small && mount -t tmpfs -o size=3m none ../small && umount ../small
run mount -t tmpfs -o size=3m none ../small
finally umount ../small
run cp -r . ../small/
cd ../small
file domains/sales/orders/orders.sql <<END
SELECT range AS id, 'c' || hash(range) AS customer, hash(range) / 7 AS amount, 'x' || hash(range + 1) AS status FROM range(200000)
END
run weft publish sales.orders
exit 8
err matches (full|No space|no space)
run weft query -o csv "SELECT count(*) AS n FROM sales.orders.orders"
out is <<END
n
3
END
run weft doctor
out lacks garbage
run weft query -o csv -f big.csv "SELECT range, hash(range) FROM range(1000000)"
exit 8
run test -e big.csv
exit 1
run sh -c 'ls -A | grep -v -e .weft -e data -e domains -e policies -e mesh.yaml -e fast.sql; true'
out empty
run cp fast.sql domains/sales/orders/orders.sql
run weft publish --all
run weft query -o csv "SELECT count(*) AS n FROM sales.orders.orders"
out is <<END
n
4
END

section files that may not grow (RLIMIT_FSIZE)
file domains/sales/orders/orders.sql <<END
SELECT range AS id, 'c' || hash(range) AS customer, hash(range) / 7 AS amount, 'x' || hash(range + 1) AS status FROM range(200000)
END
run bash -c 'ulimit -f 1000; exec weft publish sales.orders'
exit 6
err has files may not grow further
run weft doctor
out lacks garbage
run weft query -o csv "SELECT count(*) AS n FROM sales.orders.orders"
out is <<END
n
3
END
run bash -c 'ulimit -f 100; exec weft query -o csv -f big.csv "SELECT range FROM range(1000000)"'
exit 6
err has the file would be too large
run test -e big.csv
exit 1

section a source file that changes while it is read
python <<END
# Large enough that reading it takes longer than the writer's pause.
with open("data/orders.csv", "w") as f:
    f.write("id,customer,amount,status\n")
    f.writelines(f"{i},customer-{i % 1000},{i % 77}.5,paid\n" for i in range(400000))
END
start writer sh -c 'i=400000; while test ! -e stop; do echo "$i,late,1.0,open" >> data/orders.csv; i=$((i+1)); done'
run weft publish sales.orders
exit 5
err has data/orders.csv
err has changed while it was read
run touch stop
wait writer
run weft query -o csv "SELECT count(*) AS n FROM sales.orders.orders"
out is <<END
n
3
END
run weft publish sales.orders
out has 1 published
