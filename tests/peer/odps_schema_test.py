"""Our verdicts in profile "schema" against the official ODPS JSON Schemas, v0.9.0 to v1.1.0.

As odcs_schema_test.py: whole documents, places where versions differ, seeded mutations; each judged by
the schema of its own apiVersion (without a known one by the newest).
"""
import sys

import compare
import odps_documents as documents
import official_schemas

VERSIONS = ["v0.9.0", "v1.0.0", "v1.1.0"]

# What both sides judge differently on purpose: (name, reason, test of a document, how many at most).
DIFFERENCES = []


def version_of(document):
    name = document.get("apiVersion")
    return name if name in VERSIONS else "v1.1.0"


def corpus(rng):
    for version in VERSIONS:
        doc = documents.whole(version)
        small = list(documents.parts(doc))
        yield from [doc, *documents.special(version), *small]
        yield from compare.mutated(doc, small, rng)


def main():
    judge = compare.Judge("odps", official_schemas.odps(), version_of, DIFFERENCES)
    for version in VERSIONS:
        judge.must_accept(documents.whole(version))
    return judge.compare(corpus(compare.seeded()))


if __name__ == "__main__":
    sys.exit(main())
