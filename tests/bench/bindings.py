"""Creates over each binding, in turns: the same clients, the same content, and what each process had to do for one."""

import contextlib
import json
import os
import pathlib
import re
import statistics
import subprocess
import time

from client import CNT, Client
from stack import OUT

CLIENTS = 200
PAUSE = 0.2  # seconds between two runs
TICKS = os.sysconf("SC_CLK_TCK")
BINDINGS = {"http": "http_port", "coap": "coap_port", "mqtt": "mqtt_port", "websocket": "websocket_port"}
ECHO = "echo"  # the MQTT broker with something that only answers, instead of the CSE


def seconds_used(pids):
    """CPU time of each process so far."""
    used = {}
    for name, pid in pids.items():
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
        used[name] = (int(fields[11]) + int(fields[12])) / TICKS
    return used


def run(binding, port, seconds, pids):
    """One run of the load generator, with the microseconds of CPU that each process used for one create."""
    before = seconds_used(pids)
    done = subprocess.run([OUT / "bench/binding_load", binding, str(port), str(CLIENTS), str(seconds)], stdout=subprocess.PIPE, text=True, check=True, timeout=seconds + 60)
    after, r = seconds_used(pids), json.loads(done.stdout)
    r["rate"] = r["requests"] / r["us"] * 1e6
    r["cpu"] = {"load": r["cpu"] / max(r["answered"], 1)} | {name: (after[name] - before[name]) / max(r["answered"], 1) * 1e6 for name in pids}
    return r


def prepare(stack):
    admin = Client(stack.http_port)
    for i in range(CLIENTS):
        admin.ae(f"m{i}").create(f"m{i}", CNT, {"rn": "c"})


def processes(stack):
    """By name; of RabbitMQ's the one that does the work."""
    pids = {name.removesuffix(".1"): child["pid"] for name, child in stack.status().items()}
    below = {pathlib.Path(f"/proc/{pid}/comm").read_text().strip(): pid for pid in stack.broker_pids()}
    pids["broker"] = below.get("beam.smp", pids["broker"])
    return pids


@contextlib.contextmanager
def echo_broker(stack, port):
    """A MQTT broker like the private one, and who answers behind it; their processes."""
    own = stack.dir / "mosquitto/echo"
    own.mkdir()
    settings = (stack.dir / "mosquitto/mosquitto.conf").read_text()
    settings = re.sub(r"(?m)^listener .*", f"listener {port} 127.0.0.1", settings)
    (own / "mosquitto.conf").write_text(re.sub(r"(?m)^persistence_location .*", f"persistence_location {own}/", settings))
    started = {}
    try:
        path = os.environ["PATH"] + ":/usr/sbin"
        started["mosquitto"] = subprocess.Popen(["mosquitto", "-c", own / "mosquitto.conf"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, "PATH": path})
        time.sleep(0.5)
        started["answers"] = subprocess.Popen([OUT / "bench/mqtt_echo", str(port)])
        time.sleep(0.2)
        yield {name: p.pid for name, p in started.items()}
    finally:
        for p in started.values():
            p.terminate()
            p.wait()


def measure(stack, seconds, repeat):
    """Runs by binding, in turns."""
    prepare(stack)
    pids, runs = processes(stack), {name: [] for name in (*BINDINGS, ECHO)}
    port = stack.http_port + 22
    with echo_broker(stack, port) as alone:
        for _ in range(repeat):
            for name in runs:
                runs[name].append(run("mqtt", port, seconds, alone) if name == ECHO else run(name, getattr(stack, BINDINGS[name]), seconds, pids))
                time.sleep(PAUSE)
    return runs


def ratio(runs, name):
    """To HTTP, each run to the one of the same turn."""
    return statistics.median(r["rate"] / h["rate"] for r, h in zip(runs[name], runs["http"]))


def middle(runs):
    return sorted(runs, key=lambda r: r["rate"])[len(runs) // 2]


def cpu(runs):
    """Microseconds per create: clients, the binding's service, MQTT broker, orchestrator, storage, RabbitMQ, others, all."""
    each = {name: statistics.median(r["cpu"][name] for r in runs) for name in runs[0]["cpu"]}
    fronts = (*BINDINGS, "answers")
    columns = [each.pop("load"), sum(each.pop(n, 0) for n in fronts)] + [each.pop(n, 0) for n in ("mosquitto", "orchestrator", "storage", "broker")]
    columns.append(sum(each.values()))
    return [*columns, sum(columns)]
