# weft catalog search: what is published is found by what its documents say, by those who may know it.

include common/governed.inc
edit domains/sales/orders/product.odps.yaml /status: active/status: active\ndescription: {purpose: What customers bought at the till}\ntags: [gold]\nteam: {name: tillkeepers}/
edit domains/sales/orders/orders.odcs.yaml /        tags: [pii.name]/        tags: [pii.name]\n        businessName: Käufer\n        description: Who paid\n        customProperties: [{property: glossary, value: purchaser}]/
edit domains/insight/totals/totals.odcs.yaml /schema:\n  - name: totals/schema:\n  - name: totals\n    description: Turnover of each customer/

section products, tables and columns by name, title, label and description
run weft publish --all
run weft catalog search orders
out matches ^found +kind +status +says$
out matches ^sales\.orders +product +active +What customers bought at the till$
out matches ^sales\.orders_v1\.orders +table +active *$
out lacks sales.orders_v1.orders.customer
run weft catalog search kaufer
out matches ^sales\.orders_v1\.orders\.customer +column +active +title: Käufer$
run weft catalog search purchaser --json
json words == "purchaser"
json hits length 1
json hits[0].address == "sales.orders_v1.orders.customer"
json hits[0].kind == "column"
json hits[0].name == "customer"
json hits[0].status == "active"
json hits[0].field == "labels"
json hits[0].line has glossary: purchaser
json hits[0].description == "Who paid"
json has_more == false
json did_you_mean == ""
run weft catalog search pii.name --json
json hits length 1
run weft catalog search tillkeepers --json
json hits[0].address == "sales.orders"
run weft catalog search turnover --json
json hits length 1
json hits[0].address == "insight.totals_v1.totals"
json hits[0].field == "about"
run weft catalog search sam --json
json hits[0].kind == "domain"
json hits[0].address == "sales"
run weft catalog search sales cust --json
json hits length 2
json hits[0].address == "sales.orders_v1.orders.customer"
run weft catalog search sales.orders.orders --json
json hits length 1
run weft catalog search sales.orders_v1.orders --json
json hits length 1

section a limit shows the best, and says that there is more
run weft publish --all
run weft catalog search customer --json
json hits length 4
json hits[0].name == "customer"
json hits[1].name == "customer"
run weft catalog search customer --json --limit 2
json hits length 2
json has_more == true
run weft catalog search customer -n 1
out has there is more
run weft catalog search customer -n 0
exit 2
err has --limit is a number from 1 to 1000, not "0"
run weft catalog search customer -n many
exit 2

section nothing found is an answer, with what may have been meant
run weft publish --all
run weft catalog search custmer
out is <<END
nothing that you may see has "custmer"
did you mean "customer"?
END
run weft catalog search sales custmer --json
json hits length 0
json did_you_mean == "sales customer"
run weft catalog search xyzzy
out lacks did you mean
run weft catalog search customer xyzzy
out has every word must be there

section a mesh in which nothing is published has nothing
run weft catalog search orders
out has nothing that you may see has "orders"

section words are words, whatever they look like
run weft publish --all
python <<END
import json, subprocess
for text in ['"', '""', '" OR "a', "a AND", "NEAR(a b)", "{name} : a", "name:a", "^a", "a*", "(a", "a)", "'; DROP TABLE product; --",
             "a\\", "%", "…", "😀", "a" * 1024, "a b c d e f g h i j k l m n o p"]:
    done = subprocess.run(["weft", "catalog", "search", "--json", "--", text], env=env, text=True, capture_output=True)
    assert done.returncode in (0, 2), (text, done.stdout, done.stderr)
    answer = json.loads(done.stdout)
    assert done.returncode == 0 or answer["status"] == "invalid", (text, answer)
    assert "fts5" not in done.stdout and "syntax" not in done.stdout, (text, done.stdout)
END
run weft catalog search "..."
exit 2
err has there is no word to look for
run weft catalog search "$(printf 'a\377')"
exit 2
err has not UTF-8

section only what the reader may know, in hits, counts and guesses
run weft publish --all
run weft catalog search customer --as ana --json
json hits length 2
json hits[0].address == "sales.orders_v1.orders.customer"
json hits[1].address == "sales.orders"
run weft catalog search customer --as ana --json --limit 2
json has_more == false
run weft catalog search turnover --as ana
out has nothing that you may see has "turnover"
run weft catalog search insight --as ana
out has nothing that you may see
run weft catalog search totalls --as ana
out lacks did you mean
run weft catalog search totalls
out has did you mean "totals"?
run weft catalog search orders --as gus
out has nothing that you may see has "orders"
run weft catalog search ordrs --as gus
out lacks did you mean
run weft catalog search sales --as gus --json
json hits length 0
json has_more == false
file policies/hide.yaml <<END
apiVersion: weft/v1
kind: Policy
name: hide-names
applies: {columns: {classification: ">= confidential"}}
deny: column
when: {principal: {name: ana}}
END
run weft catalog search purchaser --as ana
out has nothing that you may see
run weft catalog search kaufer --as ana
out lacks Käufer
run weft catalog search custmer --as ana
out lacks did you mean
run weft catalog search amount --as ana --json
json hits length 1

section what a publish changes is found otherwise at once, and what is refused is not
run weft publish --all
edit domains/sales/orders/orders.odcs.yaml /description: Who paid/description: Whoever settled the bill/
run weft plan --fix --all
run weft publish --all
run weft catalog search settled --json
json hits length 1
run weft catalog search "who paid" --json
json hits length 0
edit domains/sales/orders/orders.odcs.yaml /Whoever settled the bill/Nobody knows/
run weft plan --fix --all
append data/orders.csv <<END
4,ada,-1.00,paid
END
run weft publish sales.orders
exit 2
run weft catalog search settled --json
json hits length 1
run weft catalog search "nobody knows" --json
json hits length 0
edit data/orders.csv /4,ada,-1.00,paid\n//
run weft publish sales.orders --rollback 1
run weft catalog search "nobody knows" --json
json hits length 1
run weft doctor
out lacks search index
run weft backup ../saved
run rm -r .weft
run weft restore ../saved
run weft catalog search "nobody knows" --json
json hits length 1

section the doctor sees an index that is not what was published, and makes it anew
run weft publish --all
python <<END
import sqlite3
store = sqlite3.connect(".weft/registry.db")
store.execute("UPDATE search_entry SET about = 'forged' WHERE name = 'orders'")
store.commit()
END
run weft doctor
out has the search index is damaged; weft doctor --repair makes it anew
run weft doctor --json
json is_search_damaged == true
json search_entries_wrong == 2
run weft doctor --repair
out has the search index is damaged: made anew
run weft doctor --json
json is_search_damaged == false
json search_entries_wrong == 0
run weft catalog search bought --json
json hits length 1
python <<END
import sqlite3
store = sqlite3.connect(".weft/registry.db")
for table in ("search_name", "search_path", "search_text"):
    store.execute(f"INSERT INTO {table} ({table}) VALUES ('delete-all')")
store.execute("DELETE FROM search_entry")
store.commit()
END
run weft doctor
out matches \d+ entries of the search index are not what was published
run weft catalog search bought --json
json hits length 0
run weft publish sales.orders --full
run weft catalog search bought --json
json hits length 1
run weft doctor --repair
run weft doctor
out lacks search index
run weft catalog search turnover --json
json hits length 1

section a damaged index stops what would write it, says how to mend it, and is mended
run weft publish --all
python <<END
import sqlite3
store = sqlite3.connect(".weft/registry.db")
for table in ("search_name", "search_path", "search_text"):
    store.execute(f"INSERT INTO {table} ({table}) VALUES ('delete-all')")
store.commit()
END
edit domains/sales/orders/product.odps.yaml /What customers bought/Purchases of customers/
run weft publish sales.orders
exit 9
err has the search index is damaged; weft doctor --repair makes it anew
run weft query -o csv "SELECT count(*) AS n FROM sales.orders.orders"
out is <<END
n
3
END
run weft doctor --repair
out has the search index is damaged: made anew
run weft publish sales.orders
out has 1 published
run weft catalog search purchases --json
json hits length 1
python <<END
import sqlite3
store = sqlite3.connect(".weft/registry.db")
for table in ("search_name", "search_path", "search_text"):
    store.execute(f"UPDATE {table}_data SET block = zeroblob(3) WHERE id > 10")
store.commit()
END
run weft catalog search purchases
exit 9
err has the search index is damaged; weft doctor --repair makes it anew
run weft doctor --repair
run weft catalog search purchases --json
json hits length 1
