# What a command line may say, what it may not, and how weft answers.

section unknown commands and options name the nearest right word
run weft
out has usage: weft COMMAND
run weft --version
out matches ^weft \d+\.\d+\.\d+$
run weft --help
out has First steps
run weft qery "SELECT 1"
exit 2
err is weft: unknown command "qery"; did you mean query?
out empty
run weft frobnicate
exit 2
err is weft: unknown command "frobnicate"; weft help lists them
run weft catalog
exit 2
err is weft: weft catalog needs one of: tree, list, show, search
run weft receipt verfy x
exit 2
err is weft: weft receipt needs one of: show, verify
run weft -C shop status
exit 2
err is weft: "-C" stands before the command; options come behind it: weft COMMAND -C
run weft query --ouput csv "SELECT 1"
exit 2
err is weft: unknown option "--ouput"; did you mean --output?
run weft plan --repair
exit 2
err is weft: unknown option "--repair"; --help lists the options
run weft query
exit 2
err is weft: weft query needs SQL
run weft query "SELECT 1" "SELECT 2"
exit 2
err is weft: weft query does not take "SELECT 2"
run weft query --output
exit 2
err is weft: option "--output" needs a value: --output FORMAT
run weft publish --all=yes
exit 2
err is weft: option "--all" takes no value
run weft help qery
exit 2
err has did you mean query?

section values of options
include common/shop.inc
run weft query -o xml "SELECT 1"
exit 2
err is weft: unknown format "xml"; it is table, csv, json, ndjson, arrow or parquet
run weft query -n many "SELECT 1"
exit 2
err is weft: --limit is a number of rows, not "many"
run weft query -t soon "SELECT 1"
exit 2
err is weft: "soon" is not a time; write 250ms, 30s, 5m or 1h
run weft query -m lots "SELECT 1"
exit 2
err is weft: "lots" is not a size; write 512MB or 2GB
run weft query -o parquet "SELECT 1"
exit 2
err is weft: -o parquet needs a file: -f out.parquet
run weft publish --all -j many
exit 2
err has --jobs is a number
run weft publish --all -j 0
exit 2
err has --jobs is a number
run weft validate --profile lax domains/sales/domain.yaml
exit 2
err is weft: --profile is text, schema or strict, not "lax"
run weft history -n -3
exit 2
err has --limit is a number of rows
run weft schema foo
exit 3
err is weft: no schema of kind "foo": mesh, domain, policy, principals, policytest, odcs or odps
run weft publish sales.orders --data data/orders.csv
exit 2
err is weft: --data: none of these products has a delivered table (weft.build: delivered)
run weft publish --all -e staging
exit 3
err has mesh.yaml has no environment "staging"

section options stand anywhere, and -- ends them
include common/shop.inc
run weft publish -q --all -j2
out empty
run weft query "SELECT 1 AS a" -ocsv
out is <<END
a
1
END
run weft query -o=csv --limit=1 -- "SELECT 1 AS a"
exit 2
run weft query --output=csv --limit=1 -- "SELECT 1 AS a"
out is <<END
a
1
END
run <<CMD
weft query --output=csv -- "-- a comment first
SELECT 1 AS a"
CMD
out is <<END
a
1
END

section every command in the table has help with usage, and help has no side effects
python <<END
import re, subprocess, os
def weft(*args):
    return subprocess.run(["weft", *args], env=env, text=True, capture_output=True)
table = weft("help")
assert table.returncode == 0 and table.stderr == "", table.stderr
names = re.findall(r"^  ([a-z]+(?: [a-z]+)?)  +\S.*$", table.stdout, re.M)
assert len(names) >= 17, names
for name in names:
    words = name.split()
    for asked in (weft(*words, "--help"), weft(*words, "-h"), weft("help", *words)):
        assert asked.returncode == 0 and asked.stderr == "", (name, asked.stderr)
        assert asked.stdout.startswith(f"weft {name} - "), (name, asked.stdout)
        assert f"\nusage: weft {name}" in asked.stdout, name
        assert "--json" in asked.stdout and "--help" in asked.stdout, name
        assert max(len(line) for line in asked.stdout.split("\n")) <= 120, name
    examples = re.findall(r"^  ((?:[A-Z]+=\S+ )?weft .*)$", asked.stdout, re.M)
    for example in examples:
        assert f"weft {name}" in example, (name, example)
    if name in ("init", "new domain", "new product", "validate", "plan", "set", "publish", "query", "catalog show", "receipt show",
                "receipt verify", "schema", "history", "doctor", "status", "catalog tree", "catalog list", "catalog search", "help"):
        assert examples, f"{name} has no example"
assert os.listdir(".") == [], os.listdir(".")
END

section --json of every command is one JSON document of api v1, whatever the outcome
run weft init --json --example shop
json api == "v1"
cd shop
python <<END
import json, subprocess
def answer(code, *args):
    done = subprocess.run(["weft", *args, "--json"], env=env, text=True, capture_output=True)
    assert done.returncode == code, (args, done.returncode, done.stdout, done.stderr)
    made = json.loads(done.stdout)
    assert made.get("api") == "v1", (args, done.stdout[:200])
    assert done.stderr == "", (args, done.stderr)
    return made
answer(0, "new", "domain", "hr")
open("people.csv", "w").write("id,name\n1,ada\n")
answer(0, "new", "product", "hr.people", "--from", "people.csv")
assert answer(0, "validate")["errors"] == 0
plan = answer(0, "plan", "--all")
assert [p["verdict"] for p in plan["products"]] == ["publish", "publish"], plan
done = answer(0, "publish", "--all")
assert done["published"] == 2 and done["products"][0]["tables"][0]["checks"], done
assert answer(0, "query", "SELECT 1 AS a")["rows"] == [{"a": 1}]
assert answer(0, "catalog", "tree") and answer(0, "catalog", "list")
assert answer(0, "catalog", "show", "hr.people")
assert answer(0, "catalog", "search", "people")["hits"][0]["address"] == "hr.people"
assert answer(0, "status")["products"] == 2
assert len(answer(0, "history")["publishes"]) == 2
assert len(answer(0, "history", "hr.people.people")["snapshots"]) == 1
assert answer(0, "doctor")["problems"] == []
answer(0, "help")
answer(0, "help", "query")
answer(0, "query", "--help")
# Failures are answers too.
assert answer(2, "query", "SELEC 1")["status"] == "invalid"
assert answer(3, "publish", "hr.nobody")["status"] == "not_found"
assert answer(3, "catalog", "show", "hr.nobody")["status"] == "not_found"
assert answer(2, "nonsense")["status"] == "invalid"
assert answer(2, "publish", "--nonsense")["status"] == "invalid"
assert answer(5, "new", "domain", "hr")["status"] == "conflict"
END
# The one document that is not weft's own answer: the receipt, byte for byte as it was signed.
run weft receipt show hr.people --json
json receipt.product.id == "hr.people"

section the manual page and completions come from the table of commands
run weft manual
out has .TH WEFT 1
out has .SS weft publish
out has \-\-rollback
run weft completion bash
out has complete -o default -F _weft weft
file try <<END
. ./weft.bash
COMP_WORDS=(weft receipt v)
COMP_CWORD=2
_weft
echo "${COMPREPLY[@]}"
COMP_WORDS=(weft publish --roll)
_weft
echo "${COMPREPLY[@]}"
COMP_WORDS=(weft publ)
COMP_CWORD=1
_weft
echo "${COMPREPLY[@]}"
END
run sh -c "weft completion bash > weft.bash"
run bash try
out is <<END
verify
--rollback
publish
END
run weft completion zsh
out has #compdef weft
run weft completion fish
out has complete -c weft -f -n __fish_use_subcommand -a publish -d
run weft completion tcsh
exit 2
err has there are bash, zsh and fish
