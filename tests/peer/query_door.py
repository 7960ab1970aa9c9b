"""The way of `weft query`, asked many times without a new process each: tests/tools/query_many.c on one mesh."""
import os
import subprocess

import pyarrow as pa


# Said when the engine failed by a fault of its own, here or in an earlier query: then it answers nothing any more.
# `weft query` is a process for each query.
ENGINE_FAILED = "the query failed; the operator can see why"


class Died(Exception):
    """The program ended in the middle."""


class QueryDoor:
    """`program` is weft; query_many lies beside it. A query has `seconds` and `rows` at most."""

    def __init__(self, program, mesh, seconds, rows):
        beside = os.path.join(os.path.dirname(program), "query_many")
        self.args, self.process = [beside, mesh, str(seconds), str(rows)], None

    def ask(self, who, sql):
        """("rows", Arrow table), or "refused", "failed" or "limit" and a text. `who` is a principal and a purpose or None."""
        outcome, answer = self.ask_once(who, sql)
        if outcome == "failed" and ENGINE_FAILED in answer:
            self.close()
            outcome, answer = self.ask_once(who, sql)
            self.close()
        return outcome, answer

    def ask_once(self, who, sql):
        if not self.process:
            self.process = subprocess.Popen(self.args, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        data = sql.encode("utf-8", "surrogatepass")
        try:
            self.process.stdin.write(f"{who[0]}\t{who[1] or ''}\t{len(data)}\n".encode() + data)
            self.process.stdin.flush()
            outcome, size = self.process.stdout.readline().split()
            answer = self.process.stdout.read(int(size))
        except (ValueError, BrokenPipeError):
            process, self.process = self.process, None
            process.kill()
            raise Died(f"exit {process.wait()}: {process.stderr.read().decode('utf-8', 'replace')[-2000:]}") from None
        if outcome == b"rows":
            return "rows", pa.ipc.open_stream(answer).read_all()
        return outcome.decode(), answer.decode("utf-8", "replace")

    def close(self):
        if self.process:
            self.process.stdin.close()
            self.process.wait()
            self.process = None
