"""Documents that the standards themselves give out, judged by us and by their own version's schema.

Always: the full example of ODCS v3.2.0 and the test document of its Python model (.deps/data/odcs), the
starting documents inside the peers' packages, and tests/data/odcs/refused.txt, which makes the mistakes of
the official negative tests.

With WEFT_ODCS_GIT and WEFT_ODPS_GIT, git folders of the standards' repositories, every example and negative
test of every release: the same verdict as the schema of the document's own version, each wrong example
named in WRONG with its reason, each negative test refused at the line NEGATIVE names; and random changes
of every text leave all other lines as they are.
"""
import os
import subprocess
import sys
import tempfile

import datacontract
import dataproduct
import yaml

import compare
import odcs_schema_test
import odps_schema_test
import official_schemas

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TOUCH = os.environ.get("YAML_TOUCH", "./yaml_touch")

RELEASES = {"odcs": ["v2.2.0", "v2.2.1", "v2.2.2", "v3.0.0", "v3.0.1", "v3.0.2", "v3.1.0", "v3.2.0"],
            "odps": ["v0.9.0", "v1.0.0", "v1.1.0"]}
# A snapshot of the repository may end before the newest tag; its branch then stands for the release.
INSTEAD = {"v3.2.0": "dev-v3.2.0"}

# Examples that their own version's schema refuses: (folder and file, the releases, reason).
FRAGMENT = "a part of a document only"
WRONG = [
    ("odcs", "all/full-example", "v2.2.1", "apiVersion is 2.3.0, texts are null or missing"),
    ("odcs", "all/postgresql-adventureworks-contract", "v2.2.1 v2.2.2", "of an older template: dataset.tables"),
    ("odcs", "fundamentals/table-column-description", "v2.2.0 v2.2.1", FRAGMENT),
    ("odcs", "quality/column-accuracy", "v2.2.0 v2.2.1", "no YAML, then a part of a document only"),
    ("odcs", "quality/column-completeness", "v2.2.0 v2.2.1", "no YAML, then a part of a document only"),
    ("odcs", "quality/column-validity", "v2.2.0 v2.2.1", "no YAML, then a part of a document only"),
    ("odcs", "roles/service-and-operational-roles", "v2.2.1", FRAGMENT),
    ("odcs", "schema/table-column", "v2.2.0 v2.2.1", FRAGMENT),
    ("odcs", "schema/table-columns-with-partition", "v2.2.1", FRAGMENT),
    ("odcs", "sla/database-table-sla", "v2.2.1", FRAGMENT),
    ("odcs", "stakeholders/basic-four-dpo", "v2.2.0 v2.2.1", FRAGMENT),
    ("odcs", "data-types/all-data-types", "v3.1.0 v3.2.0", "says v3.0.2, has timestamp of v3.1.0"),
    ("odcs", "quality/column-completeness", "v3.1.0 v3.2.0", "says v3.0.2, has metric of v3.1.0"),
    ("odcs", "stakeholders/basic-four-dpo", "v3.1.0 v3.2.0", "says v3.0.2, has the team of v3.1.0"),
    ("odps", "customer-data-product", "v1.0.0 v1.1.0", "says v0.9.0, has a port's tags of v1.0.0"),
]

# Line of the finding in each official negative test of ODCS v3.2.0.
NEGATIVE = {
    "additional-unknown-property": 9, "enum-duplicate-values": 17, "enum-empty": 15,
    "enum-missing-value": 16, "invalid-api-version": 5, "invalid-kind": 6,
    "invalid-quality-dimension": 20, "invalid-quality-metric": 17, "invalid-quality-type": 17,
    "map-missing-block": 13, "map-missing-key": 16, "map-missing-value": 16,
    "missing-required-fields": 4, "quality-custom-missing-implementation": 17,
    "quality-element-field": 18, "quality-library-missing-metric": 17, "quality-multiple-operators": 20,
    "quality-mustbebetween-wrong-size": 15, "quality-sql-missing-query": 17,
    "relationship-property-level-with-from": 17, "relationship-schema-level-missing-from-to": 13,
    "schema-property-invalid-logicaltype": 14, "schema-property-missing-name": 13,
    "server-invalid-type": 11, "server-missing-conditional-fields": 10,
    "server-missing-required-fields": 10, "sla-missing-required-value": 10, "synonym-missing-term": 18,
    "btrieve-missing-host": 15, "deprecated-wrong-type": 18, "fastobjects-missing-database": 15,
    "iceberg-missing-catalogurl": 14, "server-encoding-wrong-type": 17,
    "sla-authoritativedefinition-missing-type": 19, "stable-id-denied-characters": 14,
    "variables-in-integer-field": 31, "vector-missing-dimensions": 19, "vendor-wrong-type": 15,
}


class Loader(yaml.SafeLoader):
    """Dates stay texts, as in YAML 1.2."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in rows if tag != "tag:yaml.org,2002:timestamp"]
    for first, rows in yaml.SafeLoader.yaml_implicit_resolvers.items()}


def document(path):
    """The document; its problem as a text when it is no YAML."""
    with open(path, encoding="utf-8") as file:
        try:
            return yaml.load(file, Loader)
        except yaml.YAMLError as problem:
            return str(problem)


def judges():
    return {"odcs": compare.Judge("odcs", official_schemas.odcs(), odcs_schema_test.version_of, []),
            "odps": compare.Judge("odps", official_schemas.odps(), odps_schema_test.version_of, [])}


def errors(verdict):
    return [f for f in verdict["findings"] if f["severity"] == "error"]


class Run:
    def __init__(self, judge):
        self.judge, self.count, self.problems = judge, 0, []

    def wrong(self, name, text):
        self.problems.append("%s: %s" % (name, text))

    def agree(self, kind, files, is_refused):
        """Both judges say what `is_refused(name)` says of each file: {name: path}."""
        verdicts = compare.lint_files(list(files.values()), kind)
        for (name, path), verdict in zip(files.items(), verdicts, strict=True):
            made = document(path)
            # what is no mapping is refused by every version
            valid = isinstance(made, dict) and self.judge[kind].problem(made) is None
            self.count += 1
            if valid != (verdict["errors"] == 0):
                self.wrong(name, "the schema says %s, we: %s" % ("valid" if valid else "wrong", errors(verdict)[:2]))
            if valid == is_refused(name):
                self.wrong(name, "is %s, which nobody expected" % ("valid" if valid else "refused"))

    def stays(self, files):
        """40 random changes of each (10 of the large ones) touch their own lines only; values set to what
        they are touch nothing."""
        for changes, wanted in (("40", lambda size: size < 50000), ("10", lambda size: size >= 50000)):
            some = [path for path in files if wanted(os.path.getsize(path))]
            if some:
                done = subprocess.run([TOUCH, changes, *some], stdout=subprocess.PIPE)
                print(done.stdout.decode().strip())
                if done.returncode:
                    self.wrong("changes of files", "a text changed that should not have")


def packaged(run, folder):
    files = {"full example of v3.2.0": os.path.join(ROOT, ".deps/data/odcs/full-example-v3.2.0.odcs.yaml"),
             "all new fields of v3.2.0": os.path.join(ROOT, ".deps/data/odcs/all-new-fields-v3.2.0.odcs.yaml"),
             "start of a contract": os.path.join(os.path.dirname(datacontract.__file__),
                                                 "schemas/odcs-3.2.0.init.yaml")}
    run.agree("odcs", files, lambda name: False)
    start = os.path.join(os.path.dirname(dataproduct.__file__), "schemas/odps-1.1.0.init.yaml")
    run.agree("odps", {"start of a product": start}, lambda name: False)
    run.stays([*files.values(), start])
    with open(os.path.join(ROOT, "tests/data/odcs/refused.txt"), encoding="utf-8") as file:
        parts = file.read().split("\n== ")[1:]
    refused = {}
    for part in parts:
        head, text = part.split("\n", 1)
        refused[head.split()[0]] = os.path.join(folder, head.split()[0] + ".odcs.yaml")
        with open(refused[head.split()[0]], "w", encoding="utf-8") as file:
            file.write(text + "\n")
    run.agree("odcs", refused, lambda name: True)


# ---- a git folder of the repository ---------------------------------------------------------------

def git(folder, *words):
    return subprocess.run(["git", "-C", folder, *words], stdout=subprocess.PIPE, check=True).stdout


def unpack(kind, folder, out):
    """{release/file: path} of all examples and negative tests."""
    known = set(git(folder, "tag").decode().split())
    found = {}
    for release in RELEASES[kind]:
        tree = release if release in known else INSTEAD.get(release)
        if not tree or subprocess.run(["git", "-C", folder, "rev-parse", "-q", "--verify", tree],
                                      stdout=subprocess.DEVNULL).returncode:
            print("%s %s: not in this repository" % (kind, release))
            continue
        for path in git(folder, "ls-tree", "-r", "--name-only", tree).decode().splitlines():
            if "examples/" in path and path.endswith(".yaml") or "/negative-tests/" in path:
                name = "%s/%s" % (release, path.split("examples/")[-1].split("/script/")[-1])
                found[name] = os.path.join(out, kind + "-" + name.replace("/", "-"))
                with open(found[name], "wb") as file:
                    file.write(git(folder, "show", "%s:%s" % (tree, path)))
    return found


def is_wrong(kind, name):
    release, _, file = name.partition("/")
    return any(kind == k and file.split(".")[0] == wanted and release in releases.split()
               for k, wanted, releases, _ in WRONG)


def released(run, kind, folder, out):
    files = unpack(kind, folder, out)
    run.agree(kind, files, lambda name: "negative-tests/" in name or is_wrong(kind, name))
    run.stays([path for path in files.values() if not isinstance(document(path), str)])
    negative = {name: path for name, path in files.items() if "negative-tests/" in name}
    for (name, _), verdict in zip(negative.items(), compare.lint_files(list(negative.values()), kind)):
        line = NEGATIVE.get(name.split("/")[-1].split(".")[0])
        if line is None:
            print("%s: no line is known; first finding %s" % (name, errors(verdict)[:1]))
        elif not errors(verdict) or errors(verdict)[0]["line"] != line:
            run.wrong(name, "expected line %d, found %s" % (line, errors(verdict)))


def main():
    run = Run(judges())
    with tempfile.TemporaryDirectory() as folder:
        packaged(run, folder)
        for kind in ("odcs", "odps"):
            where = os.environ.get("WEFT_%s_GIT" % kind.upper())
            if where:
                released(run, kind, where, folder)
    for problem in run.problems:
        print(problem)
    print("%d documents, %d problems" % (run.count, len(run.problems)))
    return 1 if run.problems or not run.count else 0


if __name__ == "__main__":
    sys.exit(main())
