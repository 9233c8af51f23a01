"""What an operator sees: health that means something, metrics, logs that can be followed through all services."""

import contextlib
import http.client
import json
import os
import re
import signal
import time

import pytest

import prometheus
from bus import Bus
from client import CIN, CNT, PATIENCE, SUB, Client
from collector import Collector
from stack import Stack

TRACE = "0af7651916cd43dd8448eb211c80319c"
SERVICES = ("storage.1", "orchestrator.1", "notification.1", "http.1")


@pytest.fixture(scope="module")
def collector():
    c = Collector()
    yield c
    c.close()
    assert c.problems == []


@pytest.fixture(scope="module")
def own(collector):
    s = Stack(LOG_LEVEL="debug", BUS_HEARTBEAT=2, TRACE_ENDPOINT=collector.url)
    s.start()
    yield s
    s.stop()


def ask(port, path, method="GET"):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    with contextlib.closing(connection):
        connection.request(method, path)
        response = connection.getresponse()
        return response.status, response.headers, response.read().decode()


def health(stack, name):
    """(status, why) of a process."""
    status, headers, text = ask(stack.management_port if name == "supervisor" else stack.status()[name]["port"], "/health")
    answer = json.loads(text)
    assert headers["Content-Type"] == "application/json"
    assert answer["instance"] == (name if "." in name else f"{name}.1")
    assert answer["status"] == {200: "ok", 503: "unavailable"}[status]
    return status, answer.get("why", "")


def until(what, condition, seconds=PATIENCE):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        got = condition()
        if got:
            return got
        time.sleep(0.03)
    raise AssertionError(f"{what}: not within {seconds} s")


def metrics(stack, name):
    status, headers, text = ask(stack.management_port if name == "supervisor" else stack.status()[name]["port"], "/metrics")
    assert status == 200 and headers["Content-Type"].startswith("text/plain; version=0.0.4")
    return prometheus.parse(text)


def total(families, name, **labels):
    return sum(v for sample, l, v in families[name][2] if sample in (name, name + "_count") and all(l.get(k) == w for k, w in labels.items()))


# ---- health


def test_every_process_tells_its_health(own):
    for name in (*SERVICES, "supervisor"):
        assert health(own, name) == (200, ""), name
        port = own.management_port if name == "supervisor" else own.status()[name]["port"]
        assert ask(port, "/health", "HEAD")[::2] == (200, "")
        for method, path in (("GET", "/"), ("GET", "/healthy"), ("POST", "/health"), ("GET", "/../etc/passwd")):
            status, _, text = ask(port, path, method)
            assert status == 404 and "error" in json.loads(text)


def test_readiness_proves_storage(own):
    """A storage that runs but does nothing makes the orchestrator unready, and so the whole; requests are told."""
    client = Client(own.http_port)
    pid = own.pid("storage.1")
    os.kill(pid, signal.SIGSTOP)
    try:
        until("the orchestrator says so", lambda: health(own, "orchestrator.1")[0] == 503 and "storage" in health(own, "orchestrator.1")[1])
        until("the supervisor says so", lambda: health(own, "supervisor")[0] == 503 and "orchestrator.1" in health(own, "supervisor")[1])
        answer = client.get("")
        assert answer.status in (503, 504) and answer.rsc in (4008, 5103) and "storage" in answer.dbg, answer
    finally:
        os.kill(pid, signal.SIGCONT)
    own.wait_healthy()
    assert client.get("").rsc == 2000


@pytest.mark.parametrize("sig", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "frozen"])
def test_a_broker_that_is_away_is_said(own, sig):
    client = Client(own.http_port)
    pids = own.broker_pids()
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, sig)
    try:
        for name in SERVICES:
            until(f"{name} says that the broker is away", lambda: health(own, name)[0] == 503 and "broker" in health(own, name)[1])
            assert ask(own.status()[name]["port"], "/live")[0] == 200  # no reason to end it
        answer = client.get("")
        assert (answer.status, answer.rsc) == (503, 5103) and int(answer.headers["Retry-After"]) > 0 and "broker" in answer.dbg, answer  # having waited in vain it would be 504
        until("supervisor unready", lambda: health(own, "supervisor")[0] == 503)
    finally:
        if sig == signal.SIGSTOP:
            for pid in pids:
                os.kill(pid, signal.SIGCONT)
    own.wait_healthy()
    assert client.get("").rsc == 2000


# ---- metrics


def test_what_is_measured(own, receiver):
    client = Client(own.http_port)
    client.delete("measured")
    before = {name: metrics(own, name) for name in SERVICES}
    ae = client.ae("measured")
    ae.create("measured", CNT, {"rn": "c"})
    ae.create("measured/c", SUB, {"nu": [receiver.url], "enc": {"net": [3]}})
    for i in range(5):
        ae.create("measured/c", CIN, {"con": i})
    ae.get("measured/c/la")
    ae.get("measured/nothing")
    for _ in range(5):
        receiver.next()
    delivered = lambda families: total(families, "tessera_http_egress_total", result="ok") if "tessera_http_egress_total" in families else 0
    until("the answers are counted", lambda: delivered(metrics(own, "http.1")) - delivered(before["http.1"]) >= 5)
    after = {name: metrics(own, name) for name in SERVICES}

    def grown(service, metric, by=1, **labels):
        old = total(before[service], metric, **labels) if metric in before[service] else 0
        assert total(after[service], metric, **labels) - old >= by, (service, metric, labels)

    # requests by operation, type and status
    for metric, service in (("tessera_http_requests_total", "http.1"), ("tessera_requests_total", "orchestrator.1")):
        grown(service, metric, 5, operation="create", type="cin", status="2001")
        grown(service, metric, 1, operation="create", type="ae", status="2001")
        grown(service, metric, 1, operation="retrieve", status="2000")
        grown(service, metric, 1, operation="retrieve", status="4004")
    # how long each stage takes, and waits in queues
    grown("http.1", "tessera_http_request_seconds", 5, operation="create")
    grown("orchestrator.1", "tessera_stage_seconds", 5)
    assert len({labels["stage"] for _, labels, _ in after["orchestrator.1"]["tessera_stage_seconds"][2]}) > 1
    grown("storage.1", "tessera_storage_group_seconds", 5)
    grown("storage.1", "tessera_storage_wait_seconds", 5)
    for service, queue in (("orchestrator.1", "orchestrator"), ("storage.1", "storage"), ("http.1", "egress.http"), ("notification.1", "notification")):
        grown(service, "tessera_bus_queue_wait_seconds", 1, queue=queue)  # by message: several primitives may share one
    # batches, commits and their rows
    for service in SERVICES:
        grown(service, "tessera_bus_batch_size", 1, direction="in")
        grown(service, "tessera_bus_batch_size", 1, direction="out")
    grown("storage.1", "tessera_storage_groups_total", 5)
    grown("storage.1", "tessera_storage_rows_total", 5)
    grown("storage.1", "tessera_storage_group_size", 5)
    grown("storage.1", "tessera_storage_events_total", 5)
    # the outbox and notifications
    assert "tessera_storage_outbox_seconds" in after["storage.1"] and "tessera_storage_outbox_events" in after["storage.1"]
    grown("http.1", "tessera_http_egress_total", 5, result="ok")
    notified = [n for n in after["notification.1"] if n.startswith("tessera_notif")]
    assert notified, list(after["notification.1"])
    # the processes themselves
    for name in (*SERVICES, "supervisor"):
        families = after.get(name) or metrics(own, name)
        assert 1e6 < total(families, "process_resident_memory_bytes") < 1e9
        assert total(families, "process_open_fds") > 3 and "process_cpu_seconds_total" in families
        assert "tessera_loop_lag_seconds" in families and "tessera_uptime_seconds" in families
    client.delete("measured")


def test_notification_results_are_counted(own, receiver):
    client = Client(own.http_port)
    client.delete("counted")
    ae = client.ae("counted")
    ae.create("counted", CNT, {"rn": "c"})
    ae.create("counted/c", SUB, {"nu": [receiver.url], "enc": {"net": [3]}})
    ae.create("counted/c", SUB, {"nu": ["http://127.0.0.1:9/"], "enc": {"net": [3]}})

    def results():
        families = metrics(own, "notification.1")
        return {tuple(sorted(l.items())): v for name in families if name.startswith("tessera_notification") for s, l, v in families[name][2] if "result" in l}

    before = results()
    ae.create("counted/c", CIN, {"con": 1})
    receiver.next()
    until("counted", lambda: len([k for k, v in results().items() if v > before.get(k, 0)]) >= 2)
    until("counted by http", lambda: total(metrics(own, "http.1"), "tessera_http_egress_total", result="unreachable") >= 1)
    client.delete("counted")


def test_labels_are_escaped_and_bounded(own):
    odd = ['a"b', "a\\b", "a\nb", "a\\nb", 'ä"\\\n', "{}", "a,b=\"c\""]
    with Bus(own, "orchestrator") as bus:
        for name in odd:
            assert bus.ask("storage", {"do": name})[0]["st"] == "refused"
        seen = {l["do"] for _, l, _ in metrics(own, "storage.1")["tessera_storage_requests_total"][2]}
        assert set(odd) <= seen or "other" in seen or "unknown" in seen, seen
        for i in range(300):
            bus.ask("storage", {"do": f"made-up-{i}"})
        assert len(metrics(own, "storage.1")["tessera_storage_requests_total"][2]) <= 201, "series without end"


# ---- logs and traces


def lines(stack):
    return [json.loads(line) for line in stack.log().splitlines()]


def test_one_trace_through_all_services(own, receiver):
    client = Client(own.http_port)
    client.delete("traced")
    ae = client.ae("traced")
    ae.create("traced", CNT, {"rn": "c"})
    ae.create("traced/c", SUB, {"nu": [receiver.url], "enc": {"net": [3]}})
    answer = ae.create("traced/c", CIN, {"con": 1}, headers={"traceparent": f"00-{TRACE}-b7ad6b7169203331-01", "X-M2M-RI": "traced-1"})
    assert answer.rsc == 2001 and TRACE in answer.headers["traceparent"]
    headers, _ = receiver.message()
    assert headers["traceparent"].split("-")[1] == TRACE

    def services():
        return {line["service"] for line in lines(own) if TRACE in line.get("trace", "")}

    until("the trace in all logs", lambda: services() >= {"http.1", "orchestrator.1", "notification.1"})
    of_request = [line for line in lines(own) if line.get("rqi") == "traced-1"]
    assert {line["service"] for line in of_request} >= {"http.1", "orchestrator.1"}
    assert all(TRACE in line.get("trace", "") for line in of_request), of_request
    client.delete("traced")


def test_every_line_is_json(own):
    client = Client(own.http_port)
    client.request("POST", "", "{", ty=2, headers={"X-M2M-RI": 'quote" back\\slash'})
    client.request("GET", '%C3%A4%20%22%0a"\\', headers={"X-M2M-RI": "odd"})
    client.get("nothing", headers={"X-M2M-RI": "missed"})
    until("the line", lambda: [line for line in lines(own) if line.get("rqi") == "missed"])
    for line in lines(own):
        assert list(line)[:4] == ["t", "level", "service", "event"], line
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["t"]) and line["level"] in ("debug", "info", "warn", "error")
        assert re.fullmatch(r"[a-z]+(\.[a-z_]+)+", line["event"]) and re.fullmatch(r"[a-z]+\.\d+", line["service"]), line
    assert {line["service"] for line in lines(own)} >= {*SERVICES, "supervisor.1"}
    assert 'quote" back\\slash' in {line.get("rqi") for line in lines(own)}


# ---- spans


def spans(collector, trace, names):
    """{name: span} of a trace, when all of these have come."""
    until(f"spans of {names}", lambda: {s["name"] for s in collector.of(trace)} >= set(names))
    return {s["name"]: s for s in collector.of(trace)}


def test_the_spans_of_a_create_with_its_notification(own, collector, receiver):
    """Each step of a request is a span, a child of the step that asked for it, up to the subscriber."""
    trace, parent = "5af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
    client = Client(own.http_port)
    client.delete("spans")
    ae = client.ae("spans")
    ae.create("spans", CNT, {"rn": "c"})
    ae.create("spans/c", SUB, {"nu": [receiver.url.replace("//", "//user:secret@") + "?key=secret"], "enc": {"net": [3]}})
    answer = ae.create("spans/c", CIN, {"con": 1}, headers={"traceparent": f"00-{trace}-{parent}-01", "X-M2M-RI": "spanned"})
    assert answer.rsc == 2001 and trace in answer.headers["traceparent"]
    headers, _ = receiver.message()
    steps = ("create cin", "orchestrator create", "storage append", "notification resource", "egress.http notify")
    found = spans(collector, trace, steps)
    for name, service, kind in zip(steps, ("http", "orchestrator", "storage", "notification", "http"), (2, 5, 5, 5, 3)):
        span = found[name]
        assert (span["service"], span["instance"], span["kind"], span["parentSpanId"], span["status"]) == (f"tessera-{service}", f"{service}.1", kind, parent, {}), span
        if name != "create cin":
            assert span["attributes"]["messaging.system"] == "rabbitmq" and span["attributes"]["messaging.destination.name"] == name.split()[0]
        assert int(found["create cin"]["startTimeUnixNano"]) <= int(span["startTimeUnixNano"])
        parent = span["spanId"]
    assert len({s["spanId"] for s in found.values()}) == len(found)
    assert headers["traceparent"] == f"00-{trace}-{parent}-01"
    root, out = found["create cin"]["attributes"], found["egress.http notify"]["attributes"]
    assert root == {"onem2m.operation": "create", "onem2m.resource_type": "cin", "onem2m.to": "cse-in/spans/c", "onem2m.request_id": "spanned", "onem2m.status_code": 2001,
                    "http.request.method": "POST", "url.path": "/cse-in/spans/c", "http.response.status_code": 201}
    assert out["server.address"] == "127.0.0.1" and out["tessera.result"] == "ok" and out["onem2m.operation"] == "notify"
    assert found["storage append"]["attributes"]["tessera.result"] == "ok"
    assert not [s for s in collector.of(trace) if "Cspans" in json.dumps(s) or "secret" in json.dumps(s)], "who asked, and how the target is opened, is nobody's business"
    client.delete("spans")


def test_traces_begin_fail_or_are_not_wanted(own, collector):
    client = Client(own.http_port)
    begun = client.get("").headers["traceparent"].split("-")[1]
    failed = client.get("", headers={"X-M2M-RET": "20200101T000000"})
    assert failed.rsc == 4008
    unwanted = "6af7651916cd43dd8448eb211c80319c"
    assert client.get("", headers={"traceparent": f"00-{unwanted}-b7ad6b7169203331-00"}).rsc == 2000
    last = client.get("").headers["traceparent"].split("-")[1]
    found = spans(collector, begun, ("retrieve", "orchestrator retrieve"))
    assert "parentSpanId" not in found["retrieve"] and found["orchestrator retrieve"]["parentSpanId"] == found["retrieve"]["spanId"]
    span = spans(collector, failed.headers["traceparent"].split("-")[1], ("retrieve",))["retrieve"]
    assert span["status"] == {"code": 2, "message": "REQUEST_TIMEOUT"} and span["attributes"]["http.response.status_code"] == failed.status
    spans(collector, last, ("retrieve",))
    assert collector.of(unwanted) == []


def test_nobody_waits_for_the_collector(own, collector):
    client = Client(own.http_port)

    def told(result):
        families = metrics(own, "http.1")
        return total(families, "tessera_trace_spans_total", result=result) if "tessera_trace_spans_total" in families else 0

    until("some are sent", lambda: told("sent") > 0)
    lost = told("failed")
    collector.close()
    try:
        for _ in range(3):
            assert client.get("").rsc == 2000
        until("they are counted", lambda: told("failed") >= lost + 3)
        assert any(line["event"] == "trace.away" for line in lines(own))
    finally:
        collector.open()
    trace = client.get("").headers["traceparent"].split("-")[1]
    spans(collector, trace, ("retrieve",))
    assert any(line["event"] == "trace.back" for line in lines(own))
