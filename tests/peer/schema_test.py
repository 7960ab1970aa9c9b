"""The JSON Schemas that `weft schema KIND` prints for editors, checked by Python's jsonschema.

Each is a schema by the meta schema of its draft; accepts every document of the demo mesh of its kind, and
the whole documents of the newest standards; and refuses an unknown field, a wrong type and a missing name.
"""
import copy
import glob
import json
import os
import subprocess
import sys

import yaml
from jsonschema import Draft201909Validator

import odcs_documents
import odps_documents
import official_schemas
from official_test import Loader

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
WEFT = os.environ.get("WEFT", "./weft")
KINDS = {"mesh": "Mesh", "domain": "Domain", "policy": "Policy", "principals": "Principals",
         "policytest": "PolicyTest", "odcs": "DataContract", "odps": "DataProduct"}
LEAST = {"mesh": 1, "domain": 3, "policy": 3, "principals": 1, "policytest": 1, "odcs": 10, "odps": 10}


def schema(kind):
    text = subprocess.run([WEFT, "schema", kind], stdout=subprocess.PIPE, check=True).stdout
    made = json.loads(text)
    Draft201909Validator.check_schema(made)
    return Draft201909Validator(made)


def documents():
    """All documents of the demo meshes, by kind."""
    found = {kind: [] for kind in KINDS}
    for path in sorted(glob.glob(os.path.join(ROOT, "demo/**/*.yaml"), recursive=True)):
        with open(path, encoding="utf-8") as file:
            made = yaml.load(file, Loader)
        for kind, word in KINDS.items():
            if isinstance(made, dict) and made.get("kind") == word:
                found[kind].append((os.path.relpath(path, ROOT), made))
    whole = odcs_documents.whole("v3.2.0", official_schemas.odcs()["v3.2.0"])
    for p in whole["schema"][0]["properties"]: # options of types that have none: allowed by a gap only
        if "anything" in p.get("logicalTypeOptions", {}):
            del p["logicalTypeOptions"]
    found["odcs"].append(("whole v3.2.0", whole))
    found["odps"].append(("whole v1.1.0", odps_documents.whole("v1.1.0")))
    return found


def main():
    problems, count = [], 0
    for kind, some in documents().items():
        validator = schema(kind)
        if len(some) < LEAST[kind]:
            problems.append("%s: only %d documents to look at" % (kind, len(some)))
        for name, document in some:
            count += 1
            for problem in list(validator.iter_errors(document))[:3]:
                problems.append("%s: %s at %s" % (name, problem.message[:200], list(problem.absolute_path)))
        document = some[0][1]
        lacking = copy.deepcopy(document)
        del lacking["kind"]
        for what, wrong in (("an unknown field", dict(document, colour="blue")),
                            ("a wrong type", dict(document, kind=7)), ("a missing kind", lacking)):
            if validator.is_valid(wrong):
                problems.append("%s: %s passes" % (kind, what))
    print("\n".join(problems))
    print("%d documents of %d kinds, %d problems" % (count, len(KINDS), len(problems)))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
