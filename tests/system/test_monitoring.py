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

UNITS = {"none", "short", "reqps", "ops", "s", "bytes", "percentunit"}  # as Grafana calls them
COLOURS = {"green", "orange", "red"}
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
    assert d["uid"] == uid and re.fullmatch("[a-zA-Z0-9_-]{8,40}", uid) and 38 <= d["schemaVersion"] <= 39 and d["title"]
    assert "id" not in d and re.fullmatch(r"\d+[smh]", d["refresh"]) and d["time"]["to"] == "now" and d["timezone"] == "browser" and d["graphTooltip"] in (0, 1, 2)
    assert len({p["id"] for p in every}) == len(every) and all(isinstance(p["id"], int) and p["id"] > 0 for p in every)
    titles = [p["title"] for p in every if p["type"] != "row"]
    assert len(set(titles)) == len(titles), titles
    variables = {v["name"] for v in d["templating"]["list"]} | {"__rate_interval"}
    for variable in d["templating"]["list"]:
        assert variable["datasource"] == SOURCE and variable["type"] == "query" and variable["refresh"] in (1, 2)
        assert variable["query"]["query"] == variable["definition"] and re.fullmatch(r"label_values\(.+, \w+\)", variable["definition"]) and variable["query"]["refId"]
        assert set(re.findall(r"\$(\w+)", variable["query"]["query"])) < variables
    for group in [d["panels"], *(p["panels"] for p in d["panels"] if p["type"] == "row")]:  # what is in a collapsed row is drawn where it is opened
        taken = set()
        for panel in group:
            at = panel["gridPos"]
            cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
            assert at["w"] > 0 and at["h"] > 0 and 0 <= at["x"] and at["x"] + at["w"] <= 24 and at["y"] >= 0
            assert not cells & taken, panel["title"]
            taken |= cells
    for row in (p for p in d["panels"] if p["type"] == "row"):
        assert row["gridPos"]["w"] == 24 and row["gridPos"]["h"] == 1 and row["collapsed"] == bool(row["panels"]), row["title"]
        assert all(p["gridPos"]["y"] > row["gridPos"]["y"] for p in row["panels"])
    for panel in every:
        if panel["type"] == "row":
            continue
        assert panel["type"] in ("stat", "timeseries", "table")
        defaults, steps = panel["fieldConfig"]["defaults"], panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
        assert defaults["unit"] in UNITS and {s["color"] for s in steps} <= COLOURS, panel["title"]
        assert [s["value"] for s in steps[1:]] == sorted(s["value"] for s in steps[1:]), panel["title"]
        for mapping in defaults.get("mappings", []):
            assert mapping["type"] == "special" and mapping["options"]["match"] == "null+nan" and mapping["options"]["result"]["text"] == defaults["noValue"]
        for link in defaults.get("links", []):
            other, _, arguments = link["url"].removeprefix("/d/").partition("?")
            assert other in dashboards() and link["url"].startswith("/d/"), link
            named = set(re.findall(r"var-(\w+)=", arguments))
            assert named and named <= {v["name"] for v in dashboards()[other]["templating"]["list"]}, link
        assert panel["datasource"] == SOURCE and panel["title"] and len(panel["description"]) > 10, panel
        assert panel["fieldConfig"]["defaults"]["unit"] and panel["fieldConfig"]["defaults"]["thresholds"]["steps"][0]["value"] is None
        assert panel["targets"] and len({t["refId"] for t in panel["targets"]}) == len(panel["targets"])
        for target in panel["targets"]:
            assert target["expr"] and target["datasource"] == SOURCE
            assert set(re.findall(r"\$(\w+)", target["expr"])) <= variables, target


def test_dashboards_fit_what_grafana_is_given():
    """The data source, how often it is asked, where the files are; titles and links among them."""
    source, provider = ((HERE / f"grafana/provisioning/{what}/tessera.yml").read_text() for what in ("datasources", "dashboards"))
    assert f"uid: {SOURCE['uid']}" in source and f"type: {SOURCE['type']}" in source
    interval = re.search(r"timeInterval: (\w+)", source)[1]  # what $__rate_interval is made of
    for config in ("prometheus.yml", "local.yml"):
        assert f"scrape_interval: {interval}" in (HERE / "prometheus" / config).read_text()
    mounted = re.search(r"path: (\S+?)}", provider)[1]
    assert f":{mounted}" in (ROOT / "compose.yaml").read_text()
    assert len({d["title"] for d in dashboards().values()}) == len(dashboards())
    for d in dashboards().values():
        for link in d["links"]:
            assert link["type"] == "dashboards" and all(set(link["tags"]) <= set(other["tags"]) for other in dashboards().values())


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
