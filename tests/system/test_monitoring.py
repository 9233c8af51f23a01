"""Dashboards and alerts ask for what there is. tests/monitoring runs them against a real Prometheus; this looks at their form and at the
names of the metrics."""

import contextlib
import json
import pathlib
import re
import subprocess
import sys
import urllib.request

import pytest

import prometheus
from client import eventually
from traffic import Traffic

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "monitoring"))
from dashboards import ALERTS, HERE, ROOT, dashboards, left_sides, names, panels, queries  # noqa: E402

SOURCE = {"type": "prometheus", "uid": "tessera-prometheus"}
WITH_TLS = {"tessera_certificate_expiry_seconds", "tessera_certificate_refused"}  # there only where a certificate is


def ask(port, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as r:
        return r.read().decode()


@pytest.fixture(scope="module")
def targets(stack):
    return json.loads(ask(stack.management_port, "/targets"))


def test_the_supervisor_tells_what_to_scrape(stack, targets):
    """Prometheus' HTTP service discovery: each process with a management port, by its name."""
    wanted = {name: child["port"] for name, child in stack.status().items() if child["port"]} | {"supervisor.1": stack.management_port}
    assert {t["labels"]["instance"]: t["targets"] for t in targets} == {name: [f"127.0.0.1:{port}"] for name, port in wanted.items()}
    assert all(t["labels"]["service"] == t["labels"]["instance"].rpartition(".")[0] for t in targets)
    assert {"http.1", "storage.1", "coap.1", "supervisor.1"} <= set(wanted)


def test_all_metrics_asked_for_exist(stack, targets):
    with contextlib.closing(Traffic(stack)) as traffic:
        traffic.once()

        def live():
            return {name for t in targets for name in prometheus.parse(ask(t["targets"][0].split(":")[1], "/metrics"))}

        def missing(there):
            plain, patterns = names("\n".join([expr for d in dashboards().values() for _, expr in queries(d)] + [ALERTS.read_text()]))
            assert len(plain) > 30
            return (plain - WITH_TLS - there) | {p for p in patterns if not any(re.fullmatch(p, name) for name in there)}

        eventually(lambda: not missing(live()), 20)
        assert missing(live()) == set()


def test_dashboards_are_current():
    done = subprocess.run([HERE / "grafana/generate", "--check"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("uid", dashboards())
def test_a_dashboard_is_well_formed(uid):
    """What Grafana does not say when it is wrong: it shows nothing."""
    d = dashboards()[uid]
    every = list(panels(d))
    assert d["uid"] == uid and d["schemaVersion"] >= 38 and d["title"]
    assert len({p["id"] for p in every}) == len(every)
    variables = {v["name"] for v in d["templating"]["list"]} | {"__rate_interval"}
    for variable in d["templating"]["list"]:
        assert variable["datasource"] == SOURCE and variable["type"] == "query"
        assert set(re.findall(r"\$(\w+)", variable["query"]["query"])) < variables
    taken = set()
    for panel in every:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert at["w"] > 0 and at["h"] > 0 and at["x"] + at["w"] <= 24
        if panel not in d["panels"]:
            continue  # in a collapsed row: drawn over what is below
        assert not cells & taken, panel["title"]
        taken |= cells
    for panel in every:
        if panel["type"] == "row":
            continue
        assert panel["datasource"] == SOURCE and panel["title"] and len(panel["description"]) > 10, panel
        assert panel["fieldConfig"]["defaults"]["unit"] and panel["fieldConfig"]["defaults"]["thresholds"]["steps"][0]["value"] is None
        assert panel["targets"] and len({t["refId"] for t in panel["targets"]}) == len(panel["targets"])
        for target in panel["targets"]:
            assert target["expr"] and target["datasource"] == SOURCE
            assert set(re.findall(r"\$(\w+)", target["expr"])) <= variables, target
    assert SOURCE["uid"] in (HERE / "grafana/provisioning/datasources/tessera.yml").read_text()


def anchors(page):
    return {re.sub(r"[^a-z0-9 -]", "", h.lower()).replace(" ", "-") for h in re.findall(r"^#+ (.*)$", page.read_text(), re.M)}


def test_alerts_say_what_to_do_and_where_more_is_said():
    text = ALERTS.read_text()
    alerts = text.count("- alert: ")
    pages = re.findall(r"^          page: (\S+)$", text, re.M)
    assert alerts > 15 and alerts == text.count("          summary: ") == text.count("          description: ") == len(pages)
    for page in pages:
        file, _, anchor = page.partition("#")
        assert (ROOT / file).is_file(), page
        assert not anchor or anchor in anchors(ROOT / file), page


def test_what_alerts_look_at():
    assert list(left_sides('absent(up{a="x > 1"}) or sum by (x) (a{b=~"c or d"} > 1) / b >= 0.5 and c')) == ['up{a="x > 1"}', 'sum by (x) (a{b=~"c or d"} > 1) / b', "c"]
