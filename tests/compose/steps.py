"""What tests/compose/check does once there are images: a row per step, each prints what it has seen and when.

    steps.py FOLDER NEW OLD     FOLDER: a clone to install from; NEW, OLD: two commits of it
"""

import contextlib
import json
import os
import pathlib
import re
import signal
import sys
import tempfile
import time
import urllib.request

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent), str(pathlib.Path(__file__).resolve().parents[1])]

import others
import pages
import tour
import variants
from client import AE, CNT, Client, eventually
from containers import MEMORY_MAX, Containers
from stack import ROOT, free_ports
from traffic import Traffic

ORIGIN = "Cload"
READY = 120  # seconds that the first start may take, images built


class Check:
    def __init__(self, folder, new, old):
        self.new, self.old = new, old
        base = free_ports()
        self.c = Containers(folder, base, COMPOSE_PROJECT_NAME="tessera-check", TESSERA_WEBSOCKET_PORT=str(base + 1), TESSERA_COAP_PORT=str(base + 2),
                            TESSERA_MQTT_PORT=str(base + 3), TESSERA_PUBLISH_PROMETHEUS_PORT=str(base + 4), TESSERA_PUBLISH_GRAFANA_PORT=str(base + 5))
        self.others = base + 1, base + 2, base + 3
        self.prometheus_port, self.receiver_port = base + 4, base + 6
        self.containers = 0  # of contentInstances, so that each step has one of its own

    @property
    def http(self):
        return Client(self.c.http_port, ORIGIN)

    def traffic(self, **how):
        """Requests to a container of their own."""
        self.containers += 1
        name = f"c{self.containers}"
        self.http.as_("CAdmin").create("", AE, {"rn": "load", "api": "N.load", "rr": False, "srv": ["3"]}, headers={"X-M2M-Origin": ORIGIN})
        assert self.http.create("load", CNT, {"rn": name, "mni": 1000000}).rsc == 2001
        self.http.request("POST", f"load/{name}", {"m2m:cin": {"con": 0}}, ty=4)
        return Traffic(self.c.http_port, f"/cse-in/load/{name}", ORIGIN, **how)

    def stored(self, traffic):
        """Of what was answered as created everything is there."""
        there = self.http.request("GET", traffic.path.removeprefix("/cse-in/")).pc["cni"] - 1
        assert there >= traffic.created, f"{there} stored, {traffic.created} acknowledged"
        return there

    def checkout(self, commit):
        self.c.shell(f"git checkout -q --detach {commit} && docker compose build -q")

    def answers(self, seconds=60):
        """Waits until requests are answered again."""
        begin = time.monotonic()
        with contextlib.suppress(OSError):
            eventually(lambda: self.tried(), seconds)
        assert self.tried(), "no answer"
        return time.monotonic() - begin

    def tried(self):
        with contextlib.suppress(OSError):
            return self.http.as_("CAdmin").request("GET").rsc == 2000
        return False


# ---- the steps

def up(check):
    begin = time.monotonic()
    for block in pages.blocks("README.md", "sh", "docker"):
        check.c.shell(block.text)
    took = time.monotonic() - begin
    assert took < READY, f"{took:.0f} s"
    assert not check.c.sick(), check.c.sick()
    return f"{len(check.c.inspect())} containers healthy {took:.0f} s after the first command"


def memory(check):
    used = check.c.memory()
    total = sum(used.values())
    assert total < MEMORY_MAX, used
    most = sorted(used.items(), key=lambda item: -item[1])[:3]
    return f"{total:.0f} MiB, of them " + ", ".join(f"{name.removeprefix('tessera-check-')} {mib:.0f}" for name, mib in most)


def confined(check):
    """Asked of the kernel: what the processes really are."""
    count = 0
    for c in check.c.inspect():
        host = c["HostConfig"]
        assert host["ReadonlyRootfs"] and host["Memory"] and host["LogConfig"]["Config"].get("max-size"), c["Name"]
        if not c["State"]["Running"]:
            continue
        for pid in check.c.run("docker", "top", c["Id"], "-eo", "pid").split()[1:]:
            status = dict(line.split(":\t", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines())
            assert "0" not in status["Uid"].split(), f"{c['Name']} runs as root"
            assert all(int(status[field], 16) == 0 for field in ("CapEff", "CapPrm", "CapInh", "CapBnd")), f"{c['Name']} has capabilities"
            assert status["NoNewPrivs"].strip() == "1", c["Name"]
            count += 1
    for service in ("broker", "storage"):
        assert not any(check.c.inspect(service)[0]["NetworkSettings"]["Ports"].values()), f"{service} publishes a port"
    return f"{count} processes, none is root, none has a capability, none can write to its image"


def tours(check):
    with tempfile.TemporaryDirectory() as folder:
        tour.run(check.c.http_port, check.receiver_port, pathlib.Path(folder), "host.docker.internal")
    return "as README.md has it"


def scale(check):
    with check.traffic() as t:
        check.c.compose("up", "-d", "--wait", "--scale", "orchestrator=3", "--scale", "http=2", "--scale", "storage=2")
        instances = {s: len(check.c.ids(s)) for s in ("orchestrator", "http", "storage")}
        served = eventually(lambda: all(served_by(check, "http")))
    t.assert_none_failed()
    check.stored(t)
    assert instances == {"orchestrator": 3, "http": 2, "storage": 2} and served, (instances, served)
    return f"3 orchestrators, 2 http, 2 storage; {t}"


def served_by(check, service):
    """How many requests each container of a service has answered."""
    addresses = [c["NetworkSettings"]["Networks"]["tessera-check_field"]["IPAddress"] for c in check.c.inspect(service)]
    counts = []
    for address in addresses:
        with urllib.request.urlopen(f"http://{address}:8090/metrics", timeout=30) as r:
            counts.append(sum(float(line.rsplit(" ", 1)[1]) for line in r.read().decode().splitlines() if line.startswith(f"tessera_{service}_requests_total")))
    return counts


def stopped(check):
    with check.traffic() as t:
        time.sleep(1)
        check.c.run("docker", "stop", check.c.ids("http")[0])
        check.c.run("docker", "stop", check.c.ids("orchestrator")[0])
        check.c.compose("up", "-d", "--wait", "--no-recreate", "--scale", "orchestrator=3", "--scale", "http=2", "--scale", "storage=2")
    t.assert_none_failed()
    check.stored(t)
    return f"an http and an orchestrator stopped and started again: {t}"


def killed(check):
    seen = []
    for service in ("orchestrator", "storage", "http"):
        with check.traffic() as t:
            time.sleep(1)
            check.c.signal(check.c.ids(service)[0], signal.SIGKILL)
            time.sleep(4)
        check.stored(t)
        assert len(t.failures) <= t.connections, f"{service}: {t}: {t.failures[:3]}"
        seen.append(f"{service} {len(t.failures)} of {t.answered + len(t.failures)}")
        check.c.wait_healthy()
    return "requests that failed when one was killed: " + ", ".join(seen)


def cut_off(check):
    """Nobody notices that a host is gone until its silence has lasted: two heartbeats."""
    victim, network = check.c.ids("orchestrator")[0], "tessera-check_bus"
    with check.traffic() as t:
        time.sleep(1)
        check.c.run("docker", "network", "disconnect", network, victim)
        time.sleep(35)
        last = t.failures[-1][0] if t.failures else 0
        check.c.run("docker", "network", "connect", "--alias", "orchestrator", network, victim)
        check.c.wait_healthy()
    check.stored(t)
    assert last < 34, f"still failing: {t.failures[-3:]}"
    return f"an orchestrator without its network: {t}, the last {max(0, last - 1):.0f} s after the cut"


def hung(check):
    """A process that does nothing any more, neither ends nor answers."""
    victim = check.c.ids("orchestrator")[0]
    restarts = lambda: json.loads(check.c.run("docker", "inspect", victim))[0]["RestartCount"]
    before, begin = restarts(), time.monotonic()
    with check.traffic() as t:
        check.c.signal(victim, signal.SIGSTOP)
        assert eventually(lambda: restarts() > before, 180), "still hangs"
        took = time.monotonic() - begin
        check.c.wait_healthy()
    check.stored(t)
    return f"an orchestrator that hangs is ended and started again after {took:.0f} s: {t}"


def broker_restarted(check):
    with check.traffic() as t:
        time.sleep(1)
        check.c.compose("restart", "broker")
        check.c.wait_healthy()
        back = check.answers()
    check.stored(t)
    variants.told_to_wait(t)
    return f"{t}, all of them told to try again; nothing acknowledged was lost" + (f"; {back:.0f} s more" if back > 1 else "")


def one_each(check):
    check.c.compose("up", "-d", "--wait")
    assert not check.c.sick(), check.c.sick()
    return f"{len(check.c.inspect())} containers, after scaling back"


def upgrade_to(check, commit):
    check.checkout(commit)
    before = {c["Id"] for c in check.c.inspect() if c["State"]["Running"]}
    with check.traffic() as t, contextlib.ExitStack() as stack:
        asking = [stack.enter_context(client) for client in others.clients(*check.others)]
        begin = time.monotonic() - t.began
        text = check.c.run("services/supervisor/upgrade")
        took = time.monotonic() - t.began - begin
    rolled = max(int(seconds) for seconds, service in re.findall(r"\[ *(\d+) s\] (\w+)", text) if service in ("websocket", "coap", "mqtt"))
    alone = {c["Id"] for c in check.c.inspect("balancer", "mosquitto", "broker")} <= before
    early = [f for f in t.failures if alone or f[0] < begin + rolled - 1]
    assert not early and not (alone and any(a.wrong for a in asking)), f"{t}: {early[:5]}, {[(a.name, a.wrong[:3]) for a in asking]}"
    check.stored(t)
    kept = {c["Name"] for c in check.c.inspect() if c["Id"] in before}
    check.c.wait_healthy()  # the engine asks only every 10 s
    what = "" if alone else ", the balancer or a broker among them"
    return f"{len(before) - len(kept)} containers replaced in {took:.0f} s{what}: {t}; answered by " + ", ".join(map(str, asking))


def back(check):
    return f"to {check.old[:9]}: " + upgrade_to(check, check.old)


def forth(check):
    return f"to {check.new[:9]}: " + upgrade_to(check, check.new)


def refused(check):
    """A setting that is wrong is said, and nothing that runs is touched."""
    before = {c["Id"] for c in check.c.inspect() if c["State"]["Running"]}
    text = check.c.shell("TESSERA_PUBLISH=0.0.0.0 services/supervisor/upgrade", check=False)
    assert "TESSERA_PUBLISH_INSECURE" in text, text
    assert before == {c["Id"] for c in check.c.inspect() if c["State"]["Running"]}
    check.c.compose("up", "-d", "--wait")
    return "a setting that is wrong: said, and nothing changed"


def restored(check):
    """Into an empty installation, while requests go on at the time of the backup."""
    backup, restore = (block.text for block in pages.blocks("docs/backup.md", "sh", "docker"))
    with check.traffic() as t:
        time.sleep(1)
        check.c.shell(backup)
    path = t.path.removeprefix("/cse-in/")
    there = check.http.request("GET", path).pc["cni"]
    check.c.compose("down", "-v")
    check.c.shell(restore)
    again = check.http.request("GET", path).pc["cni"]
    assert not t.failures and 1 < again <= there, (str(t), again, there)
    assert check.http.request("GET", f"{path}/la").rsc == 2000
    check.c.shell("rm monday.db")
    return f"{again} of {there} instances: those from before the end of the backup; {t}"


def monitoring(check):
    """Prometheus finds every container. Grafana only where its image can be had."""
    services = ["prometheus"]
    if check.c.run("docker", "images", "-q", "grafana/grafana"):
        services.append("grafana")
    check.c.compose("--profile", "monitoring", "up", "-d", "--wait", *services)

    def targets():
        with urllib.request.urlopen(f"http://127.0.0.1:{check.prometheus_port}/api/v1/query?query=up", timeout=30) as r:
            return {m["metric"].get("service"): int(m["value"][1]) for m in json.load(r)["data"]["result"]}

    wanted = set(check.c.compose("ps", "--services", "--status", "running").split()) - {"broker", "mosquitto", "grafana"}
    eventually(lambda: {s for s, up in targets().items() if up} >= wanted, 90)
    assert {s for s, up in targets().items() if up} >= wanted, (wanted, targets())
    check.c.compose("--profile", "monitoring", "down", *services)
    return f"Prometheus sees {len(wanted)} services" + ("" if len(services) > 1 else "; no image of Grafana")


def commands(check):
    """The other commands of the pages, in their order."""
    for page in ("docs/scaling.md", "docs/install.md"):
        for block in pages.blocks(page, "sh", "docker"):
            if "ENV=" in block.text:  # an environment has a name and ports of its own: somebody's may run
                if not os.environ.get("OWN_ENGINE"):
                    continue
                env = {k: v for k, v in check.c.env.items() if not k.startswith(("TESSERA_", "COMPOSE_"))}
                Containers(check.c.folder, None, env=env).shell("set -o pipefail\n" + block.text)
            else:
                check.c.shell("set -o pipefail\n" + block.text)
    assert not check.c.inspect(), "still there"
    return "docs/scaling.md, docs/install.md"


STEPS = [
    ("up", up),
    ("memory", memory),
    ("confined", confined),
    ("tour", tours),
    ("scale", scale),
    ("stopped", stopped),
    ("killed", killed),
    ("cut off", cut_off),
    ("hung", hung),
    ("broker", broker_restarted),
    ("one each", one_each),
    ("roll back", back),
    ("upgrade", forth),
    ("refused", refused),
    ("restored", restored),
    ("monitoring", monitoring),
    ("commands", commands),
    ("cluster", variants.cluster),
    ("production", variants.production),
]


def main(folder, new, old, *names):
    check, start = Check(folder, new, old), time.monotonic()
    for name, step in STEPS:
        if names and name not in names:
            continue
        try:
            print(f"[{time.monotonic() - start:4.0f} s] {name}: {step(check)}", flush=True)
        except Exception:
            print(f"[{time.monotonic() - start:4.0f} s] {name}: failed", flush=True)
            print(check.c.compose("ps", "-a", check=False), check.c.compose("logs", "--tail", "8", check=False)[-6000:], flush=True)
            raise


if __name__ == "__main__":
    main(*sys.argv[1:])
