"""A private Tessera installation for tests: own directory, own ports, real broker and database."""

import contextlib
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[1]
MODE = os.environ.get("MODE", "release")
OUT = ROOT / os.environ.get("OUT", f"build/{MODE}")
PORTS = 40  # http, broker, broker distribution, management of supervisor and services, spare


given = set()  # by free_ports(): installations of one test take them only when they start
worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])  # tests in parallel: each worker has ports of its own
workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))


def free_ports():
    """The first of PORTS neighbouring ports that nobody uses now."""
    while True:
        base = random.randrange(15000 + PORTS * worker, 30000, PORTS * workers)
        if base in given:
            continue
        with contextlib.ExitStack() as held:
            try:
                for port in range(base, base + PORTS):
                    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                        s = held.enter_context(socket.socket(type=kind))
                        s.bind(("127.0.0.1", port))
                given.add(base)
                return base
            except OSError:
                continue


class Stack:
    def __init__(self, instances=None, **settings):
        """Settings by variable without prefix: STORAGE_SWEEP="1000"."""
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="tessera-test-"))
        self.boot = None  # seconds that the last start took until all was healthy
        base = free_ports()
        self.http_port, self.broker_port, self.websocket_port, self.management_port = base, base + 1, base + 2, base + 5
        self.mqtt_port = base + 37
        self.coap_port, self.coaps_port = base + 38, base + 39
        self.env = {k: v for k, v in os.environ.items() if not k.startswith("TESSERA_")}
        self.env.update({
            "TESSERA_STATE_DIR": str(self.dir),
            "TESSERA_HTTP_PORT": str(self.http_port),
            "TESSERA_WEBSOCKET_PORT": str(self.websocket_port),
            "TESSERA_MQTT_PORT": str(self.mqtt_port),
            "TESSERA_COAP_PORT": str(self.coap_port),
            "TESSERA_BROKER_PORT": str(self.broker_port),
            "TESSERA_BROKER_DIST_PORT": str(base + 3),
            "TESSERA_MANAGEMENT_PORT": str(self.management_port),
            "OUT": os.path.relpath(OUT, ROOT),
            "UP_SECONDS": "120",
        })
        if instances:
            self.env["TESSERA_SUPERVISOR_INSTANCES"] = instances
        self.env.update({f"TESSERA_{k}": str(v) for k, v in settings.items()})

    def start(self):
        begin = time.monotonic()
        done = subprocess.run([ROOT / "services/supervisor/up", MODE], env=self.env, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=240)
        if done.returncode:
            text = done.stdout
            self.stop()
            raise RuntimeError(text)
        self.boot = time.monotonic() - begin
        return done.stdout

    @property
    def recovery(self):
        """Seconds within which everything is to be healthy again after a process was killed. A broker boots anew, and the
        load goes on meanwhile: twice what this machine took for the first start, and some for the noise of a busy machine."""
        return 2 * self.boot + 5

    def down(self):
        """Stops everything; the data stays."""
        return subprocess.run([ROOT / "services/supervisor/down"], env=self.env, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=240).stdout

    def stop(self):
        self.down()
        keep = os.environ.get("KEEP")
        problems = self.sanitizer_reports()
        if not keep:
            shutil.rmtree(self.dir, ignore_errors=True)
        assert not problems, problems[:4000]

    def sanitizer_reports(self):
        log = self.log()
        at = [log.find(word) for word in ("ERROR: AddressSanitizer", "ERROR: LeakSanitizer", "runtime error:") if word in log]
        return log[min(at):] if at else ""

    def log(self):
        """Of all processes, oldest first."""
        files = sorted((self.dir / "log").glob("tessera.log*"), key=lambda f: int(f.suffix[1:]) if f.suffix[1:].isdigit() else 0, reverse=True)
        return "".join(f.read_text(errors="replace") for f in files)

    def ctl(self, *arguments, node=None):
        """rabbitmqctl on the private broker, or on one of its nodes."""
        env = {**self.env, "NODE": str(node)} if node else self.env
        return subprocess.run([ROOT / "broker-config/ctl", self.dir, *arguments], env=env, check=True, stdout=subprocess.PIPE, text=True, timeout=120).stdout

    # ---- processes

    def status(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.management_port}/status", timeout=30) as r:
            return {c["name"]: c for c in json.load(r)["children"]}

    def pid(self, name):
        if name == "supervisor":
            return int((self.dir / "run/supervisor.lock").read_text())
        return self.status()[name]["pid"]

    def kill(self, name, sig=signal.SIGKILL):
        if name.startswith("broker"):
            for pid in self.broker_pids(name):
                with contextlib.suppress(ProcessLookupError):  # a helper that has ended by itself
                    os.kill(pid, sig)
            return
        os.kill(self.pid(name), sig)

    def broker_pids(self, name="broker"):
        """The broker's own process and all below it."""
        found = [self.pid(name)]
        for pid in found:
            found += [int(p) for p in subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], stdout=subprocess.PIPE, text=True).stdout.split()]
        return found

    def wait_healthy(self, seconds=120):
        """Seconds until every process is healthy; fails when that takes too long."""
        start = time.monotonic()
        while time.monotonic() - start < seconds:
            with contextlib.suppress(OSError, ValueError):
                status = self.status()
                if status and all(c["state"] == "healthy" for c in status.values()):
                    return time.monotonic() - start
            time.sleep(0.05)
        raise AssertionError(f"not healthy after {seconds} s: {self.status()}")

    def pace(self):
        """Seconds that the slowest of a few ordinary requests takes on this machine now: what "at once" is measured against."""
        worst = 0
        for _ in range(5):
            begin = time.monotonic()
            request = urllib.request.Request(f"http://127.0.0.1:{self.http_port}/cse-in", headers={"X-M2M-Origin": "CAdmin", "X-M2M-RI": "pace", "X-M2M-RVI": "3"})
            with contextlib.suppress(urllib.error.HTTPError), urllib.request.urlopen(request, timeout=60):  # another base, another admin: an answer is an answer
                pass
            worst = max(worst, time.monotonic() - begin)
        return worst

    def metrics(self, name):
        """All samples of one process: {'tessera_x_total{a="b"}': 1.0}."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.status()[name]['port']}/metrics", timeout=30) as r:
            lines = r.read().decode().splitlines()
        return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in lines if line and line[0] != "#"}
