#!/usr/bin/env python3
"""yaml_test - a second reader of YAML 1.2 (ruamel.yaml) agrees with tests/golden/yaml/*.json.

The test golden/yaml_test.c holds our reader to the same files, so both readers agree. With --bless
the files are written from what the second reader says. Of its extensions to the core schema dates are
switched off, and the documents keep away from binary integers and digits with underscores.
"""
import glob
import json
import os
import sys
import warnings

import ruamel.yaml

warnings.simplefilter("ignore", ruamel.yaml.error.ReusedAnchorWarning)

FOLDER = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "golden", "yaml")


class Resolver(ruamel.yaml.resolver.VersionedResolver):
    """The core schema: no dates."""

    def add_version_implicit_resolver(self, version, tag, regexp, first):
        if not tag.endswith(":timestamp"):
            super().add_version_implicit_resolver(version, tag, regexp, first)


def read(path):
    yaml = ruamel.yaml.YAML(typ="safe", pure=True)
    yaml.Resolver = Resolver
    with open(path, "rb") as file:
        return yaml.load(file)


def same(a, b):
    """Equality that tells 1 from 1.0 and from true, and minds the order of members."""
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b


def main():
    paths = sorted(glob.glob(os.path.join(FOLDER, "*.yaml")))
    failed = 0
    for path in paths:
        value, golden = read(path), path[: -len(".yaml")] + ".json"
        if "--bless" in sys.argv:
            with open(golden, "w", encoding="utf-8") as file:
                json.dump(value, file, ensure_ascii=False, indent=1)
                file.write("\n")
        with open(golden, encoding="utf-8") as file:
            wanted = json.load(file)
        if not same(value, wanted):
            print(f"{os.path.basename(path)}: the second reader says {value!r}")
            failed += 1
    print(f"{len(paths) - failed} documents agree, {failed} do not")
    return 1 if failed or not paths else 0


sys.exit(main())
