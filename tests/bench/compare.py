"""tests/bench/compare COMMIT: the same load against that commit and the working tree, alternating; medians of BENCH_REPEAT (3) and their ratios.

Both installations run beside each other, so what else the machine does meets both. The commit is built in a git worktree of its own, which is removed in the end.
"""

import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

from bench import OUT, REPEAT, ROOT, SECONDS, table, wrk
from client import CNT, Client

CONNECTIONS = 64
MEASURED = (("create contentInstance", "create", "/cse-in/bench/c{}"), ("retrieve la", "get", "/cse-in/bench/c0/la"), ("retrieve AE", "get", "/cse-in/bench"))
# Starts the installation of the tree it runs in, says its port, and ends it when its input ends.
HOLD = "import sys; sys.path.insert(0, 'tests'); from stack import Stack; s = Stack(); s.start(); print(s.http_port, flush=True); sys.stdin.read(); s.stop()"


class Installation:
    def __init__(self, tree, out):
        self.process = subprocess.Popen([sys.executable, "-c", HOLD], cwd=tree, env={**os.environ, "OUT": str(out), "MODE": "release"}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())
        self.rates = {what: [] for what, _, _ in MEASURED}

    def prepare(self):
        self.ae = Client(self.port).ae("bench")
        for turn in range(REPEAT):
            assert self.ae.create("bench", CNT, {"rn": f"c{turn}"}).rsc == 2001

    def measure(self, turn, what, operation, path):
        result = wrk(self.port, CONNECTIONS, operation, path.format(turn))
        assert not result["failed"] + result["errors"], (what, result)
        self.rates[what].append(result["rate"])

    def median(self, what):
        return statistics.median(self.rates[what])

    def stop(self):
        self.process.communicate()


def build(commit, tree):
    """The commit's programs; what was built is kept beside the working tree's for the next comparison."""
    out = OUT.parent / f"compare-{commit[:12]}"
    subprocess.run(["git", "worktree", "add", "--detach", "--quiet", tree, commit], cwd=ROOT, check=True)
    subprocess.run(["make", "-s", "-j2", f"OUT={out}", "MODE=release", "all"], cwd=tree, check=True, stdout=subprocess.DEVNULL)
    return out


def compare(old, new):
    for installation in (old, new):
        installation.prepare()
    for turn in range(REPEAT):
        for what in MEASURED:
            for installation in (old, new) if turn % 2 == 0 else (new, old):
                installation.measure(turn, *what)


def main():
    name = sys.argv[1]
    commit = subprocess.run(["git", "rev-parse", "--verify", f"{name}^{{commit}}"], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    running = []
    with tempfile.TemporaryDirectory(prefix="tessera-compare-") as folder:
        tree = pathlib.Path(folder) / "tree"
        try:
            out = build(commit, tree)
            for where in ((tree, out), (ROOT, OUT)):
                running.append(Installation(*where))
            old, new = running
            compare(old, new)
            print(f"{CONNECTIONS} connections, medians of {REPEAT} of {SECONDS} s each, alternating")
            table(("per second", name, "working tree", "ratio"), [(what, f"{old.median(what):,.0f}", f"{new.median(what):,.0f}", f"{new.median(what) / old.median(what):.2f}") for what, _, _ in MEASURED])
        finally:
            for installation in running:
                installation.stop()
            subprocess.run(["git", "worktree", "remove", "--force", tree], cwd=ROOT, check=False)


main()
