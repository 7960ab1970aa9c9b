"""The differential proof of tests/peer/governed_test.py at scale 1: data, mesh, and one principal after the other.

Each query of TPC-H and TPC-DS goes the way of `weft query` (tests/tools/query_many.c), and to plain DuckDB in this process,
which reads files that mask_oracle.py filtered and masked. Both have the same threads and memory. Data, mesh and copies are
made once under build/bench/.
"""
import os
import shutil
import sys
import time

from measure import CACHE, MEMORY, ROOT, THREADS, WEFT

SCALE = "1"
SOME = [("ana", None), ("kim", None)]    # both see masks, and rows of some tables only
os.environ.update(WEFT_GOVERNED_SCALE=os.environ.get("BENCH_PROOF_SCALE", SCALE), WEFT=WEFT, WEFT_ROOT=ROOT)
sys.path.insert(0, os.path.join(ROOT, "tests", "peer"))
import governed_mesh     # noqa: E402  they read the environment
import governed_test     # noqa: E402


class Proof:
    """Counts and seconds of one principal."""

    def __init__(self, who):
        self.who, self.ended, self.faults = who, {"rows": 0, "empty": 0, "refused": 0}, []
        self.seconds = {"ask_weft": 0.0, "ask_duckdb": 0.0}

    def timed(self, name, ask):
        def asked(*args):
            start = time.perf_counter()
            try:
                return ask(*args)
            finally:
                self.seconds[name] += time.perf_counter() - start
        return asked


def mesh_of(data, tables):
    """The published mesh, with the policies as they are now."""
    path = os.path.join(CACHE, "governed-mesh-" + governed_mesh.SCALE)
    if not os.path.exists(os.path.join(path, "made")):
        shutil.rmtree(path, ignore_errors=True)
        governed_mesh.make_mesh(path, data, tables, WEFT)
        open(os.path.join(path, "made"), "w", encoding="utf-8").close()
    shutil.copytree(governed_mesh.GIVEN, path, dirs_exist_ok=True)
    return path


def prove(mesh, data, who, queries):
    """All queries for one principal."""
    proof = Proof(who)
    world = governed_test.World(mesh, data, who, queries, {"threads": THREADS, "memory_limit": f"{MEMORY}B",
                                                          "temp_directory": os.path.join(CACHE, "proof.tmp")})
    asks = {name: getattr(governed_test, name) for name in proof.seconds}
    try:
        for name, ask in asks.items():
            setattr(governed_test, name, proof.timed(name, ask))
        for name, sql in queries.items():
            fault, ended = governed_test.compare(world, who, sql)
            if fault:
                proof.faults.append(f"{name}: {fault[:300]}")
            else:
                proof.ended[ended] += 1
    finally:
        for name, ask in asks.items():
            setattr(governed_test, name, ask)
    return proof


def proofs():
    """One proof after the other: of SOME, or of all with BENCH_PROOF_ALL=1."""
    data = os.path.join(CACHE, "governed-data-" + governed_mesh.SCALE)
    governed_mesh.make_data(data)
    tables = governed_mesh.tables_of(data)
    queries = {n: sql for n, sql in governed_test.all_queries(tables).items() if not n.startswith("odd")}
    mesh = mesh_of(data, tables)
    for who in governed_test.WHO if os.environ.get("BENCH_PROOF_ALL") else SOME:
        yield len(queries), prove(mesh, data, who, queries)
