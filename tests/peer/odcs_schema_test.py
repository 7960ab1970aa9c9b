"""Our verdicts in profile "schema" against the official ODCS JSON Schemas, v2.2.1 to v3.2.0.

The schemas (official_schemas.py) are run by Python's jsonschema (Draft 2019-09). Documents: one for each
version that uses every field (or nearly), small ones for each place where text and schema disagree,
every type of server, and at least 600 seeded mutations for each version. Each is judged by the schema of
its own apiVersion and must get the same verdict from both, or stand in DIFFERENCES with its reason.
"""
import sys

import compare
import odcs_documents as documents
import official_schemas

OLD = ["v2.2.1", "v2.2.2"]
NEW = ["v3.0.0", "v3.0.1", "v3.0.2", "v3.1.0", "v3.2.0"]
V2_FIELDS = ("dataset", "datasetName", "quantumName", "uuid", "stakeholders")

# What both sides judge differently on purpose: (name, reason, test of a document, how many at most).
DIFFERENCES = []


def version_of(document):
    """The version whose schema judges: by apiVersion; without a known one by fields that only v2.2 has."""
    name = document.get("apiVersion")
    if name in OLD + NEW:
        return name
    if name == "v2.2.0":
        return "v2.2.1"
    is_v3 = isinstance(name, str) and name.startswith("v3.")
    return "v2.2.2" if not is_v3 and any(f in document for f in V2_FIELDS) else "v3.2.0"


def corpus(schemas, rng):
    for version in NEW:
        doc = documents.whole(version, schemas[version])
        small = list(documents.parts(doc))
        yield from [doc, *documents.special(version), *small]
        yield from compare.mutated(doc, small, rng)
    for version in OLD:
        doc = documents.whole_v2(version)
        yield from [doc, *documents.special_v2(version)]
        yield from compare.mutated(doc, list(documents.parts_v2(doc)), rng)


def main():
    schemas = official_schemas.odcs()
    judge = compare.Judge("odcs", schemas, version_of, DIFFERENCES)
    for version in NEW + OLD:
        whole = documents.whole_v2(version) if version in OLD else documents.whole(version, schemas[version])
        judge.must_accept(whole)
    return judge.compare(corpus(schemas, compare.seeded()))


if __name__ == "__main__":
    sys.exit(main())
