"""The programs that decide the problem of decisions.py: ours and the peers, each compiled when first asked for.

Such a program is called as `PROGRAM DIR PASSES`. It reads the five files in DIR, decides the first 1,000
questions unmeasured, then all of them PASSES times on one thread, takes the time of each decision and compares
each answer. It prints a JSON array with one object for each way it was asked:
{"name", "decisions", "wrong", "p50_us", "p99_us"}.
"""
import os
import re
import shutil
import subprocess

from decisions import QUESTIONS, problem
from measure import CACHE, RELEASE, ROOT, Run

PEERS = os.path.join(CACHE, "peers")


class Missing(Exception):
    """Why a peer is not measured on this machine."""


def needs(client, args, wanted, language):
    """The compiler `client` when it is here and not older than `wanted`."""
    found = shutil.which(client)
    said = subprocess.run([found, *args], stdout=subprocess.PIPE, text=True, check=False).stdout if found else ""
    version = re.search(r"(\d+)\.(\d+)", said)
    if not version or tuple(map(int, version.groups())) < tuple(map(int, wanted.split("."))):
        raise Missing(f"{language} >= {wanted} is needed, "
                      + (f"here is {version.group(0)}" if version else f"there is no {client} here"))
    return found


def wanted_version(path, pattern):
    with open(path, encoding="utf-8") as file:
        return re.search(pattern, file.read(), re.MULTILINE).group(1)


def build(name, args, **env):
    """Compiles a peer in a copy of its folder: the clients write lock files beside what they read."""
    source, copy = os.path.join(ROOT, "bench", "peers", name), os.path.join(PEERS, name)
    shutil.copytree(source, copy, dirs_exist_ok=True)
    done = subprocess.run(["nice", *args], cwd=copy, env=dict(os.environ, **env), stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        raise Missing("its build failed: " + (done.stdout.strip().splitlines() or ["no message"])[-1])


def opa():
    module = os.path.join(ROOT, "bench", "peers", "opa", "go.mod")
    go = needs("go", ["version"], wanted_version(module, r"^go (\d+\.\d+)"), "Go")
    program = os.path.join(PEERS, "opa-peer")
    build("opa", [go, "build", "-o", program, "."], GOFLAGS="-mod=readonly -buildvcs=false", GOTOOLCHAIN="local")
    return [program, problem(), "3"]


def cedar():
    package = os.path.join(ROOT, "bench", "peers", "cedar", "Cargo.toml")
    wanted = wanted_version(package, r"^rust-version = \"(\d+\.\d+)")
    needs("rustc", ["--version"], wanted, "Rust")
    target = os.path.join(PEERS, "cargo")
    build("cedar", [needs("cargo", ["--version"], wanted, "Rust"), "build", "--release", "--quiet"],
          CARGO_TARGET_DIR=target)
    return [os.path.join(target, "release", "cedar-peer"), problem(), "1"]


def ours():
    program = os.path.join(RELEASE, "bench_decide")
    if not os.path.exists(program):
        raise Missing("build/release/bench_decide is not built")
    return [program, problem()]


def measure(engine):
    """What the engine's program found, all answers right; raises Missing when it cannot be had."""
    found = Run(engine()).json()
    if engine is ours:  # says more of itself, in nanoseconds
        found = [{"name": "weft", "decisions": found["questions"], "wrong": found["wrong"],
                  "p50_us": found["may_read"]["p50"] / 1000, "p99_us": found["may_read"]["p99"] / 1000}]
    for way in found:
        if way["wrong"] or way["decisions"] < QUESTIONS:
            raise SystemExit(f"bench: {way['name']}: {way['wrong']} of {way['decisions']} answers are wrong")
    return found
