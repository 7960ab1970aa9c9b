# No secret ever leaves: not in outputs, state, receipts, plans, error texts, process lists or cores.

include common/crm.inc
run weft init -q m
cd m
env PGPASSWORD=tr0ub4dor-and-3
run sh -c 'weft new product crm.members --from "postgres://app@127.0.0.1:$PG_PORT/crm/public.member"'
unset PGPASSWORD
run sed -i "s/PGPASSWORD/CRM_PASSWORD/" domains/crm/members/weft.lock

section from the environment: everything weft says and keeps is searched
python <<END
import glob, os, subprocess
SECRET = "tr0ub4dor-and-3"
said = []
def weft(*args, code=None, **more):
    done = subprocess.run(["weft", *args], env={**env, "CRM_PASSWORD": SECRET, **more}, capture_output=True)
    assert code is None or done.returncode == code, (args, done.returncode, done.stdout, done.stderr)
    said.append((args, done.stdout + done.stderr))
    return done
weft("validate", code=0)
weft("validate", "--json", code=0)
weft("plan", code=0)
weft("plan", "--json", code=0)
weft("plan", "--markdown", code=0)
weft("publish", "crm.members", code=0)
weft("publish", "crm.members", "--json", code=0)
weft("query", "FROM crm.members.members", code=0)
weft("query", "FROM crm.members.member", code=2)
weft("catalog", "show", "crm.members", "--json", code=0)
weft("history", "--json", code=0)
weft("status", "--json", code=0)
weft("doctor", "--json", code=0)
receipt = weft("receipt", "show", "crm.members", code=0).stdout
# Failures of every kind while the secret is in hand.
subprocess.run([env["PG"], "sql", env["PG_DIR"], "crm"], input="ALTER TABLE member RENAME score TO points", text=True, check=True)
weft("publish", "crm.members", code=3)
subprocess.run([env["PG"], "sql", env["PG_DIR"], "crm"], input="REVOKE SELECT ON member FROM app", text=True, check=True)
assert weft("publish", "crm.members").returncode != 0
subprocess.run([env["PG"], "sql", env["PG_DIR"]], input="ALTER ROLE app PASSWORD 'another'", text=True, check=True)
weft("publish", "crm.members", code=4)
weft("publish", "crm.members", "--json", code=4)
weft("plan", "crm.members")
subprocess.run([env["PG"], "kill", env["PG_DIR"]], check=True)
weft("publish", "crm.members", code=8)
# SQL of a product cannot reach it either.
for sql in ("SELECT getenv('CRM_PASSWORD')", "SELECT current_setting('CRM_PASSWORD')", "FROM duckdb_secrets()",
            "FROM duckdb_settings()", "FROM read_text('/proc/self/environ')"):
    weft("query", sql, code=2)
for args, text in said:
    assert SECRET.encode() not in text, args
kept = [f for f in glob.glob("**/*", recursive=True, include_hidden=True) if os.path.isfile(f)]
assert any(f.endswith("registry.db") for f in kept) and len(receipt) > 500
for name in kept:
    assert SECRET.encode() not in open(name, "rb").read(), name
END

section while it runs: no argument, no core
env CRM_PASSWORD=tr0ub4dor-and-3
run weft publish -q crm.members
run sh -c 'echo "INSERT INTO member SELECT i, repeat(chr(97), 200), NULL, i, NULL FROM generate_series(10, 400000) i" | "$PG" sql "$PG_DIR" crm'
start publish bash -c 'ulimit -c unlimited; exec weft publish crm.members'
until sh ../../busy
run sh -c 'cat /proc/[0-9]*/cmdline | tr "\\0" " " | grep -c tr0ub4do[r]'
exit 1
signal publish QUIT
wait publish
exit 131
python <<END
import glob, os
pattern = open("/proc/sys/kernel/core_pattern").read().strip()
places = ["**/core*"] + ([os.path.join(os.path.dirname(pattern), "*")] if pattern.startswith("/") else [])
cores = [f for p in places for f in glob.glob(p, recursive=True, include_hidden=True) if os.path.isfile(f)]
for name in cores:
    assert b"tr0ub4dor-and-3" not in open(name, "rb").read(), name
assert b"tr0ub4dor-and-3" not in last.out + last.err
for name in glob.glob(".weft/**/*", recursive=True, include_hidden=True):
    assert not os.path.isfile(name) or b"tr0ub4dor-and-3" not in open(name, "rb").read(), name
END

section from a file that only its owner reads, and from a command
append mesh.yaml <<END
secrets:
  CRM_PASSWORD: {file: ../password}
END
run weft validate
file ../password <<END
tr0ub4dor-and-3
END
run chmod 644 ../password
run weft publish crm.members
exit 4
err has password
err has chmod 600
err lacks tr0ub4dor
run chmod 600 ../password
run weft publish crm.members
out has 1 published
run sed -i "s|{file: ../password}|{command: [cat, ../password]}|" mesh.yaml
run weft publish crm.members
out has 1 published
run sed -i "s|\[cat, ../password\]|[sh, -c, 'echo tr0ub4dor-and-3 >\&2; exit 3']|" mesh.yaml
run weft publish crm.members
exit 8
err lacks tr0ub4dor
run grep -rl tr0ub4dor .weft
exit 1
