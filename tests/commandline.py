"""`tessera`, the command line, against an installation."""

import os
import subprocess

from stack import OUT

PROGRAM = OUT / "bin/tessera"
OK, REFUSED, USAGE, UNREACHABLE = 0, 1, 2, 69


class Result:
    def __init__(self, done):
        self.status, self.out, self.err = done.returncode, done.stdout, done.stderr

    @property
    def lines(self):
        """What was printed, without regard to columns."""
        return [" ".join(line.split()) for line in self.out.splitlines()]

    def __repr__(self):
        return f"<{self.status} out={self.out!r} err={self.err!r}>"


def tessera(stack, *arguments, input="", env=None, timeout=60):
    """Runs `tessera ARGUMENTS` with the settings of this installation (None: of no one's)."""
    mine = {**(stack.env if stack else {k: v for k, v in os.environ.items() if not k.startswith("TESSERA_")}), **(env or {})}
    return Result(subprocess.run([PROGRAM, *map(str, arguments)], env=mine, input=input, capture_output=True, text=True, timeout=timeout))
