"""An installation of containers, as an operator handles it: commands in its directory."""

import json
import os
import pathlib
import re
import subprocess
import time

from client import eventually

MEMORY_MAX = 512  # MiB, of the default profile


class Containers:
    """`folder` is a checkout with its .env. The variables choose the project's name and the ports."""

    def __init__(self, folder, http_port, env=None, **settings):
        self.folder, self.http_port = pathlib.Path(folder), http_port
        self.env = env or {**os.environ, **settings, "TESSERA_HTTP_PORT": str(http_port)}

    def run(self, *command, check=True, seconds=600):
        done = subprocess.run([str(c) for c in command], cwd=self.folder, env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=seconds)
        assert not check or done.returncode == 0, f"{' '.join(map(str, command))}\n{done.stdout[-3000:]}"
        return done.stdout

    def shell(self, text, **how):
        return self.run("bash", "-e", "-c", text, **how)

    def compose(self, *command, **how):
        return self.run("docker", "compose", *command, **how)

    def inspect(self, *services):
        """All containers, or those of some services, as Docker describes them."""
        ids = self.compose("ps", "-aq", *services).split()
        return json.loads(self.run("docker", "inspect", *ids)) if ids else []

    def ids(self, service):
        return self.compose("ps", "-q", service).split()

    def sick(self):
        """What should be healthy, and is not."""
        bad = []
        for c in self.inspect():
            health = c["State"].get("Health", {}).get("Status")
            if health != "healthy" and not (health is None and c["State"]["Status"] == "exited" and c["State"]["ExitCode"] == 0):
                bad.append(f"{c['Name']} {c['State']['Status']} {health}")
        return bad

    def wait_healthy(self, seconds=180):
        begin = time.monotonic()
        eventually(lambda: not self.sick(), seconds)
        assert not self.sick(), self.sick()
        return time.monotonic() - begin

    def signal(self, container, number):
        """To a container's process itself, below the engine's init if there is one. `docker kill` would count as the operator's wish."""
        it = json.loads(self.run("docker", "inspect", container))[0]
        pid = it["State"]["Pid"]
        children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split() if it["HostConfig"].get("Init") else []
        os.kill(int(children[0]) if children else pid, number)

    def memory(self):
        """{container: MiB}"""
        units = {"KiB": 1 / 1024, "MiB": 1, "GiB": 1024, "B": 1 / 1048576}
        lines = self.run("docker", "stats", "--no-stream", "--format", "{{.Name}} {{.MemUsage}}", *self.compose("ps", "-q").split()).splitlines()
        found = [re.match(r"(\S+) ([0-9.]+)(\w+) /", line) for line in lines]
        return {m[1]: float(m[2]) * units[m[3]] for m in found if m}
