"""A real Prometheus (Debian's) beside a live installation: what it finds, that every query of the dashboards and every alert returns data,
and that alerts fire. `make test-monitoring`.

When is an alert right although nothing is wrong? When each side of it returns data without its threshold: dashboards.left_sides()."""

import contextlib
import json
import os
import pathlib
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
import urllib.parse
import urllib.request

import pytest

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent), str(pathlib.Path(__file__).resolve().parents[1])]
import pages  # noqa: E402
from client import eventually  # noqa: E402
from dashboards import HERE, dashboards, left_sides, panels, queries  # noqa: E402
from stack import Stack, free_ports  # noqa: E402
from traffic import Traffic  # noqa: E402

CONFIG = HERE / "prometheus"


class Prometheus:
    """With the project's own configuration, its times shortened."""

    def __init__(self, stack, folder):
        text = (CONFIG / "local.yml").read_text()
        for was, becomes in ((":8090/", f":{stack.management_port}/"), (": 15s", ": 1s"), (": 10s", ": 1s"), (": 5s", ": 1s")):
            assert was in text, was
            text = text.replace(was, becomes)
        (folder / "local.yml").write_text(text)
        shutil.copy(CONFIG / "alerts.yml", folder)
        self.port = free_ports()
        self.log = open(folder / "log", "w")
        command, = pages.blocks("docs/monitoring.md", "sh", "monitoring")
        command = shlex.split(command.text.replace("services/monitoring/prometheus", str(folder)).replace("var/", f"{folder}/"))
        self.process = subprocess.Popen([*command, f"--web.listen-address=127.0.0.1:{self.port}"], stdout=self.log, stderr=subprocess.STDOUT)
        assert eventually(self.ready), (folder / "log").read_text()

    def ready(self):
        with contextlib.suppress(OSError):
            return urllib.request.urlopen(f"http://127.0.0.1:{self.port}/-/ready", timeout=5).status == 200

    def api(self, path, **query):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/v1/{path}?{urllib.parse.urlencode(query)}", timeout=30) as r:
            return json.load(r)["data"]

    def ask(self, expr):
        """[(labels, value)], numbers only."""
        return [(r["metric"], float(r["value"][1])) for r in self.api("query", query=expr)["result"] if r["value"][1] != "NaN"]

    def stop(self):
        self.process.terminate()
        self.process.wait(60)
        self.log.close()


@pytest.fixture(scope="module")
def own():
    s = Stack()
    s.env["TESSERA_HTTP_TLS_PORT"] = str(s.management_port + 30)
    s.start()
    yield s
    s.stop()


@pytest.fixture(scope="module")
def prom(own, tmp_path_factory):
    p = Prometheus(own, tmp_path_factory.mktemp("prometheus"))
    yield p
    p.stop()


@pytest.fixture(scope="module")
def idle(own, prom):
    """What the panels show before anybody has asked for anything: {(dashboard, title): something}."""
    assert eventually(lambda: prom.ask("count(count_over_time(tessera_healthy[1h]) >= 5) == count(up)"))
    shown = {}
    for uid, dashboard in dashboards().items():
        for panel in panels(dashboard):
            for target in panel.get("targets", []):
                shown[uid, panel["title"]] = bool(prom.ask(live(target["expr"]))) or shown.get((uid, panel["title"]), False)
    return shown


@pytest.fixture(scope="module")
def traffic(own, prom, idle):
    t = Traffic(own)
    t.once()
    yield t
    t.close()


def test_every_process_is_found_and_answers(own, prom):
    wanted = {name for name, child in own.status().items() if child["port"]} | {"supervisor.1"}
    assert eventually(lambda: {l["instance"] for l, v in prom.ask('up{job="tessera"}') if v == 1} == wanted), prom.ask("up")
    assert {l["service"] for l, _ in prom.ask("up")} == {name.rpartition(".")[0] for name in wanted}


def live(expr, service="orchestrator"):
    """As Grafana sends it."""
    for variable, value in (("$__rate_interval", "20s"), ("$service", service), ("$instance", ".*")):
        expr = expr.replace(variable, value)
    return expr


def service_for(expr):
    """One that has such metrics, for the dashboard of one service."""
    return "http" if "tessera_(" in expr or "certificate" in expr else "orchestrator"


def returns_data(prom, traffic, asked):
    """Waits, under load, until all of {where: expression} return something."""
    left, end = dict(asked), time.monotonic() + 60
    while left and time.monotonic() < end:
        traffic.once()
        left = {where: expr for where, expr in left.items() if not prom.ask(expr)}
    return left


def test_every_query_of_the_dashboards_returns_data(prom, traffic):
    asked = {}
    for uid, dashboard in dashboards().items():
        for title, expr in queries(dashboard):
            if title not in ("alerts", "restarts"):  # below
                asked[uid, title, expr] = live(expr, service_for(expr))
    assert len(asked) > 70
    assert returns_data(prom, traffic, asked) == {}


def test_a_panel_that_is_empty_when_all_is_well_says_so(idle):
    """Also before the first request."""
    texts = {(uid, panel["title"]): panel["fieldConfig"]["defaults"].get("noValue", "") for uid, dashboard in dashboards().items() for panel in panels(dashboard) if panel["type"] != "row"}
    assert texts.keys() == idle.keys() and len(texts) > 60
    silent = sorted(which for which, shown in idle.items() if not shown and not texts[which])
    assert not silent, "\n".join(map(str, silent))


def test_every_legend_and_link_names_labels_that_are_there(prom, traffic):
    missing, seen = [], 0
    for uid, dashboard in dashboards().items():
        for panel in panels(dashboard):
            links = "".join(link["url"] for link in panel.get("fieldConfig", {}).get("defaults", {}).get("links", []))
            for target in panel.get("targets", []):
                wanted = set(re.findall(r"{{(\w+)}}", target.get("legendFormat", ""))) | set(re.findall(r"__field\.labels\.(\w+)", links))
                for labels, _ in prom.ask(live(target["expr"], service_for(target["expr"]))):
                    seen += 1
                    missing += [(uid, panel["title"], label, labels) for label in wanted if not labels.get(label)]
                if panel["type"] == "timeseries" and len(prom.ask(live(target["expr"], service_for(target["expr"])))) > 1:
                    assert wanted, (panel["title"], "several lines of one name")
    assert seen > 150 and not missing


def test_every_variable_has_values(prom):
    for dashboard in dashboards().values():
        for variable in dashboard["templating"]["list"]:
            series, label = re.fullmatch(r"label_values\((.+), (\w+)\)", variable["definition"]).groups()
            values = prom.api(f"label/{label}/values", **{"match[]": live(series, "http")})
            assert set(values) > {"http", "storage", "supervisor"} if label == "service" else values == ["http.1"]


def test_the_dashboard_of_one_service_is_right_for_each(prom, traffic):
    services = prom.api("label/service/values", **{"match[]": 'up{job="tessera"}'})
    wanted = {"up", "healthy", "running since", "loop busy", "log lines lost", "processor", "memory", "open descriptors", "a turn of the loop, p99"}
    asked = {(service, title): live(expr, service)
             for service in services for title, expr in queries(dashboards()["tessera-service"]) if title in wanted}
    assert len(asked) == len(services) * len(wanted) > 100
    assert returns_data(prom, traffic, asked) == {}


def test_every_alert_looks_at_something(prom, traffic):
    alerts = [rule for group in prom.api("rules")["groups"] for rule in group["rules"]]
    asked = {(rule["name"], part): part for rule in alerts for part in left_sides(rule["query"])}
    assert len(alerts) > 15 and {rule["health"] for rule in alerts} <= {"ok", "unknown"}, alerts
    assert returns_data(prom, traffic, asked) == {}


def test_nothing_fires_when_nothing_is_wrong(prom, traffic):
    """But that one request of seventeen was made to fail."""
    assert {l["alertname"] for l, _ in prom.ask('ALERTS{alertstate="firing"}')} == set()
    assert {l["alertname"] for l, _ in prom.ask("ALERTS")} <= {"TesseraErrors", "TesseraSlow", "TesseraQueueWait", "TesseraStorageSlow", "TesseraLoopLag", "TesseraDiskFull", "TesseraDiskFilling"}  # a slow machine's


def test_a_process_that_hangs_is_told(own, prom, traffic):
    pid = own.pid("statistics.1")
    os.kill(pid, signal.SIGSTOP)
    try:
        assert eventually(lambda: [1 for l, _ in prom.ask("ALERTS") if l["alertname"] == "TesseraProcessDown" and l["instance"] == "statistics.1"]), prom.ask("up")
        [(title, table)] = [(title, expr) for title, expr in queries(dashboards()["tessera-overview"]) if "ALERTS" in expr]
        assert any(l["alertname"] == "TesseraProcessDown" and l["alertstate"] == "pending" and l["service"] == "statistics" for l, _ in prom.ask(table)), title
        down = next(expr for title, expr in queries(dashboards()["tessera-overview"]) if title == "processes down")
        assert prom.ask(down)[0][1] == 1
    finally:
        os.kill(pid, signal.SIGCONT)


def test_one_that_ends_again_and_again_is_told(own, prom, traffic):
    for _ in range(3):
        own.wait_healthy()
        assert eventually(lambda: prom.ask('up{instance="timing.1"} == 1'))
        before = prom.ask('process_start_time_seconds{instance="timing.1"}')[0][1]
        own.kill("timing.1")
        assert eventually(lambda: [v for _, v in prom.ask('process_start_time_seconds{instance="timing.1"}') if v > before])
    assert eventually(lambda: prom.ask('ALERTS{alertname="TesseraRestarts",alertstate="firing",instance="timing.1"}'))
    assert eventually(lambda: prom.ask('increase(tessera_supervisor_restarts_total{child="timing.1"}[10m]) > 2'))
    own.wait_healthy()


# ---- the configuration itself


@pytest.mark.parametrize("command", [["check", "config", "prometheus.yml"], ["check", "config", "local.yml"], ["check", "rules", "alerts.yml"], ["test", "rules", "alerts_test.yml"]], ids=" ".join)
def test_promtool(command):
    done = subprocess.run(["promtool", *command], cwd=CONFIG, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert done.returncode == 0 and "SUCCESS" in done.stdout, done.stdout
