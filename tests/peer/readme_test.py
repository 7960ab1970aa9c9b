"""The tour of README.md, run as it stands: every `sh` block, in one shell, in a folder with a space.

Output blocks that follow a `sh` block must be part of what it printed, and the table of files must
have the true numbers of lines.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.environ["WEFT_ROOT"]
WEFT = os.environ["WEFT"]


def main():
    with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as file:
        text = file.read()
    blocks = re.findall(r"^```(sh)?\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    script, shown = "", []
    for kind, body in blocks:
        if kind == "sh":
            script += body
        elif script:
            shown.append(body)
    if script.count("weft ") < 10:
        sys.exit("README.md has no tour")
    failures = 0
    with (tempfile.TemporaryDirectory(prefix="weft tour ") as folder,
          tempfile.TemporaryDirectory(prefix="weft fresh ") as fresh):
        path = os.path.dirname(os.path.abspath(WEFT)) + os.pathsep + os.environ["PATH"]
        done = subprocess.run(["sh", "-eu", "-c", script], cwd=folder, env={**os.environ, "PATH": path},
                              capture_output=True, text=True, check=False)
        print(done.stdout, done.stderr)
        if done.returncode != 0:
            print(f"FAIL the tour ended with {done.returncode}")
            failures += 1
        for body in shown:
            if body not in done.stdout:
                print(f"FAIL the tour did not print:\n{body}")
                failures += 1
        if "refused, as it should be" not in done.stdout:
            print("FAIL the wrong data was not refused")
            failures += 1
        shutil.copy(os.path.join(folder, "good.csv"), os.path.join(fresh, "rides.csv"))
        subprocess.run([WEFT, "new", "product", "bikes.rides", "--from", "rides.csv"], cwd=fresh, check=True,
                       stdout=subprocess.DEVNULL)
        for name, lines in re.findall(r"^\| `([\w.]+)` \| (\d+) \|", text, re.MULTILINE):
            with open(os.path.join(fresh, "domains", "bikes", "rides", name), encoding="utf-8") as file:
                count = len(file.readlines())
            if count != int(lines):
                print(f"FAIL {name} has {count} lines, README.md says {lines}")
                failures += 1
    sys.exit(1 if failures else 0)


main()
