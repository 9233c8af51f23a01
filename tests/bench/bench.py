"""make bench: rates and latencies of a private installation, beside the machine's own ceilings, in one run.

BENCH_SECONDS (default 3) per measurement, BENCH_REPEAT (default 3) for those that are medians. BENCH_ONLY=bindings: only
what compares the bindings.
"""

import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import bindings
from client import CNT, SUB, Client
from load import Creates
from stack import OUT, ROOT, Stack

SECONDS = int(os.environ.get("BENCH_SECONDS", "3"))
REPEAT = int(os.environ.get("BENCH_REPEAT", "3"))
ONLY = os.environ.get("BENCH_ONLY", "")
CONNECTIONS = (1, 16, 64, 128, 256, 1000)
TICKS = os.sysconf("SC_CLK_TCK")


def wrk(port, connections, operation, path, origin="Cbench", seconds=SECONDS):
    done = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "-s", str(ROOT / "tests/bench/load.lua"),
                           f"http://127.0.0.1:{port}", "--", operation, path, origin], stdout=subprocess.PIPE, text=True, check=True, timeout=seconds + 60)
    r = json.loads(done.stdout.splitlines()[-1])
    r["rate"] = r["requests"] / r["us"] * 1e6
    return r


def median(port, connections, operation, path):
    return sorted((wrk(port, connections, operation, path) for _ in range(REPEAT)), key=lambda r: r["rate"])[REPEAT // 2]


def cell(r):
    flaw = f" ({r['failed'] + r['errors']} failed)" if r["failed"] + r["errors"] else ""
    return f"{r['rate']:,.0f}/s  {r['p50'] / 1000:.2f}/{r['p99'] / 1000:.2f} ms{flaw}"


def table(head, rows):
    print("\n| " + " | ".join(head) + " |\n|" + "---|" * len(head))
    for row in rows:
        print("| " + " | ".join(str(c) for c in row) + " |", flush=True)


def cpu_seconds(pids):
    total = 0
    for pid in pids:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def rss_mib(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0


def platform_pids(stack):
    return [c["pid"] for n, c in stack.status().items() if n != "broker"] + [stack.pid("supervisor")] + stack.broker_pids()


def ceilings(stack):
    port = stack.http_port + 20
    server = subprocess.Popen([OUT / "bench/bare_mhd", str(port)], stdout=subprocess.DEVNULL)
    try:
        time.sleep(0.3)
        post, get = median(port, 64, "create", "/"), median(port, 64, "get", "/")
    finally:
        server.terminate()
        server.wait()
    print("\nCeilings of this machine:")
    table(("what", "64 connections"), (("bare libmicrohttpd, POST", cell(post)), ("bare libmicrohttpd, GET", cell(get))))
    print("\nSQLite group commit alone (no broker, no HTTP):")
    print(subprocess.run([OUT / "bench/group_commit"], stdout=subprocess.PIPE, text=True, check=True, cwd=stack.dir).stdout)
    return post["rate"]


def idle(stack):
    time.sleep(2)
    pids = platform_pids(stack)
    before = cpu_seconds(pids)
    time.sleep(10)
    print(f"\nidle: {(cpu_seconds(pids) - before) * 10:.2f} % of a core, all processes of the platform")


def by_connections(stack, ae):
    rows = []
    for n in CONNECTIONS:
        run = median if n == 64 else wrk
        ae.create("bench", CNT, {"rn": f"c{n}"})
        rows.append((n, cell(run(stack.http_port, n, "create", f"/cse-in/bench/c{n}")), cell(run(stack.http_port, n, "get", f"/cse-in/bench/c{n}/la")),
                     cell(run(stack.http_port, n, "get", "/cse-in/bench"))))
    print("\nRates and latencies (p50/p99); durable creates: the answer comes after the fsync. 64 connections: median of", REPEAT)
    table(("connections", "create contentInstance", "retrieve la", "retrieve AE"), rows)


def memory(stack, title):
    table((title, "RSS MiB"), [(n, f"{rss_mib(c['pid']):.1f}") for n, c in stack.status().items() if n not in ("broker", "keeper")])


def with_much_stored(stack, ae):
    """The create rate of an empty container against one that holds 100,000 instances, alternately."""
    ae.create("bench", CNT, {"rn": "full"})
    while ae.get("bench/full").pc["cni"] < 100000:
        wrk(stack.http_port, 64, "create", "/cse-in/bench/full", seconds=2)
    memory(stack, "after 100,000 creates and more")
    pairs = []
    for i in range(REPEAT):
        ae.create("bench", CNT, {"rn": f"empty{i}"})
        pairs.append((wrk(stack.http_port, 64, "create", f"/cse-in/bench/empty{i}")["rate"], wrk(stack.http_port, 64, "create", "/cse-in/bench/full")["rate"]))
    empty, full = (statistics.median(p[i] for p in pairs) for i in (0, 1))
    print(f"\ncreates/s into an empty container {empty:,.0f}, into one of {ae.get('bench/full').pc['cni']:,} instances {full:,.0f}: ratio {full / empty:.2f}")
    memory(stack, "after that")


def discovery(stack, ae):
    ae.create("bench", CNT, {"rn": "tree"})
    for i in range(10000):
        answer = ae.create("bench/tree", CNT, {"rn": f"n{i:05}", "lbl": [f"k:{i % 100}"]})
        assert answer.rsc == 2001, answer
    rows = []
    for what, query in (("all 10,000", {}), ("by label, 100 of 10,000", {"lbl": "k:7"}), ("by type, none of 10,000", {"ty": 2})):
        times = []
        for _ in range(5):
            start = time.monotonic()
            answer = ae.discover("bench/tree", **query)
            times.append((time.monotonic() - start) * 1000)
        rows.append((what, f"{statistics.median(times):.1f} ms", len(answer.json.get("m2m:uril", []))))
    table(("discovery over 10,000 resources", "median of 5", "found"), rows)


def notifications(stack, ae):
    """From the first of N creates until the receiver has counted N notifications."""
    total = 20000
    port = stack.http_port + 21
    sink = subprocess.Popen([OUT / "bench/bare_mhd", str(port)], stdout=subprocess.DEVNULL)
    receiver = Client(port)
    count = lambda: int(receiver.request("GET", "/count").text)
    try:
        time.sleep(0.3)
        ae.create("bench", CNT, {"rn": "watched"})
        answer = ae.create("bench/watched", SUB, {"nu": [f"http://127.0.0.1:{port}/"], "enc": {"net": [3]}})
        assert answer.rsc == 2001, answer
        start = time.monotonic()
        while ae.get("bench/watched").pc["cni"] < total:
            wrk(stack.http_port, 64, "create", "/cse-in/bench/watched", seconds=1)
        made, created = ae.get("bench/watched").pc["cni"], time.monotonic() - start
        while count() < made and time.monotonic() - start < 120:
            time.sleep(0.05)
        took = time.monotonic() - start
        print(f"\nnotifications, one subscriber: {count():,} of {made:,} delivered in {took:.1f} s: {count() / took:,.0f}/s (creates alone took {created:.1f} s)")
    finally:
        sink.terminate()
        sink.wait()


def over_each_binding(stack):
    """Clients that are an AE each, with a container each; over MQTT each has the response's topic for itself."""
    titles = {"http": "HTTP", "coap": "CoAP", "mqtt": "MQTT", "websocket": "WebSocket", bindings.ECHO: "Mosquitto alone, nobody behind it but an answer"}
    runs = bindings.measure(stack, SECONDS / 2, REPEAT)
    print(f"\nCreates over each binding, {bindings.CLIENTS} clients, each waits for its answer; in turns, median of {REPEAT}:")
    table(("binding", "creates/s, p50/p99", "to HTTP"), [(titles[n], cell(bindings.middle(r)), f"{bindings.ratio(runs, n):.2f}") for n, r in runs.items()])
    print("\nMicroseconds of CPU for one create:")
    table(("binding", "clients", "service", "Mosquitto", "orchestrator", "storage", "RabbitMQ", "others", "all"),
          [(titles[n], *(f"{us:.1f}" for us in bindings.cpu(r))) for n, r in runs.items()])


RECOVERY_TARGET = 5  # seconds


def recovery(stack, ae):
    """Each process killed once while 64 connections create: how long nobody was answered, and until when something was not healthy."""
    rows = []
    ae.create("bench", CNT, {"rn": "kill"})
    for victim in ("http.1", "orchestrator.1", "storage.1", "notification.1", "broker", "supervisor", "keeper"):
        load = Creates(stack.http_port, ["/cse-in/bench/kill"], "Cbench", goal=15000)
        load.at[5000] = lambda: stack.kill(victim)
        load.run()
        stack.wait_healthy(60)
        rows.append((victim, f"{load.longest:.2f} s", sum(load.refused.values()), load.broken, "yes" if load.longest < RECOVERY_TARGET else "NO"))
    print(f"\nKilled under load (a start of everything took {stack.boot:.1f} s):")
    table(("what", "longest time without an acknowledgement", "refused", "connections lost", f"below {RECOVERY_TARGET} s"), rows)


def main():
    stack = Stack()
    stack.start()
    try:
        print(f"{os.cpu_count()} cores, shared with the load generator; {SECONDS} s per measurement")
        if ONLY == "bindings":
            over_each_binding(stack)
            return
        ceilings(stack)
        idle(stack)
        ae = Client(stack.http_port).ae("bench")
        memory(stack, "fresh")
        by_connections(stack, ae)
        with_much_stored(stack, ae)
        discovery(stack, ae)
        notifications(stack, ae)
        over_each_binding(stack)
        memory(stack, "at the end")
        recovery(stack, ae)
    finally:
        stack.stop()


if __name__ == "__main__":
    main()
