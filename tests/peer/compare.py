"""Verdicts of two judges on many documents: weft's reader (odcs_lint) and Python's jsonschema."""
import json
import os
import random
import subprocess

from jsonschema import Draft201909Validator

import mutations

SEED = int(os.environ.get("SEED", "20261123"))
MUTATIONS = int(os.environ.get("MUTATIONS", "700"))
LINT = os.environ.get("ODCS_LINT", "./odcs_lint")
SHOWN = int(os.environ.get("SHOW", "5"))


def lint(documents, kind, profile="schema"):
    """One process for all: {"errors", "warnings", "findings"} of each."""
    text = "".join(json.dumps(d, ensure_ascii=False) + "\n" for d in documents)
    done = subprocess.run([LINT, kind, profile], input=text.encode(), stdout=subprocess.PIPE, check=True)
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


def lint_files(paths, kind, profile="schema"):
    done = subprocess.run([LINT, kind, profile, *paths], stdout=subprocess.PIPE, check=True)
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


def mutated(whole, small, rng):
    """MUTATIONS of small documents, so that a change hits something, and a tenth of them of the whole."""
    for _ in range(MUTATIONS):
        yield mutations.mutate(rng.choice(small), rng)
    for _ in range(MUTATIONS // 10):
        yield mutations.mutate(whole, rng)


class Judge:
    def __init__(self, kind, schemas, version_of, differences):
        self.kind, self.version_of, self.differences = kind, version_of, differences
        self.validators = {v: Draft201909Validator(schema) for v, schema in schemas.items()}

    def problem(self, document):
        """What the schema of the document's version says against it; None when nothing."""
        return next(iter(self.validators[self.version_of(document)].iter_errors(document)), None)

    def must_accept(self, document):
        problem = self.problem(document)
        assert problem is None, (self.version_of(document), problem.message, list(problem.absolute_path))

    def is_known(self, document, seen):
        for name, _, test, _ in self.differences:
            if test(document):
                seen[name] = seen.get(name, 0) + 1
                return True
        return False

    def compare(self, documents):
        """0 when both agree on all of them, but for the differences listed and no more of each."""
        documents = [d for d in documents if isinstance(d, dict)]
        wrong, valid, seen = 0, 0, {}
        for document, ours in zip(documents, lint(documents, self.kind), strict=True):
            problem = self.problem(document)
            valid += problem is None
            if (problem is None) == (ours["errors"] == 0) or self.is_known(document, seen):
                continue
            wrong += 1
            if wrong <= SHOWN:
                print("they: %s\nwe: %s\n%s\n" % (
                    "valid" if problem is None else "%s at %s" % (problem.message[:300],
                                                                  list(problem.absolute_path)),
                    [f for f in ours["findings"] if f["severity"] == "error"], json.dumps(document)[:1500]))
        for name, reason, _, most in self.differences:
            print("%s: %d documents (%s)" % (name, seen.get(name, 0), reason))
            wrong += seen.get(name, 0) > most
        print("seed %d: %d documents, %d valid by the schema, %d verdicts differ"
              % (SEED, len(documents), valid, wrong))
        return 1 if wrong else 0


def seeded():
    return random.Random(SEED)
