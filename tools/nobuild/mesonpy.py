"""Stands in for a source package's build system, so that pip can download the package (and check its
hash) without building it: no code of the package runs, and no build tools are fetched for it."""
import os


def get_requires_for_build_wheel(config_settings=None):
    return []


def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    with open("PKG-INFO", encoding="utf-8") as file:
        lines = file.read().split("\n\n", 1)[0].splitlines()
    head = dict(line.split(": ", 1) for line in lines if ": " in line)
    folder = "%s-%s.dist-info" % (head["Name"].replace("-", "_"), head["Version"])
    os.makedirs(os.path.join(metadata_directory, folder))
    with open(os.path.join(metadata_directory, folder, "METADATA"), "w", encoding="utf-8") as file:
        file.write("Metadata-Version: 2.1\nName: %s\nVersion: %s\n" % (head["Name"], head["Version"]))
    return folder
