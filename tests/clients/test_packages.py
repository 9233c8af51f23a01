"""oneM2M clients from npm, which were made for another server: what they offer, as far as it is oneM2M. docs/mqtt.md says what is left."""

import itertools
import queue

import pytest

from client import PATIENCE, eventually
from clients.browser import Program

numbers = itertools.count(1)


@pytest.fixture
def run(stack, admin):
    """Runs a program with the installation's ports and a name; what it reports last is `last`."""
    running = []

    def start(file, *arguments, last):
        name = f"package{next(numbers)}"
        program = Program(file, stack.http_port, stack.mqtt_port, name, *arguments)
        running.append((program, name))
        reports = []
        while not reports or not last(reports):
            try:
                reports.append(program.reports.get(timeout=PATIENCE))
            except queue.Empty:
                raise AssertionError(reports) from None
            assert "failed" not in reports[-1], reports[-1]["failed"]
        return name, reports

    yield start
    for program, name in running:
        program.close()
        admin.delete(name)


def of(reports, key):
    return [report[key] for report in reports if key in report]


def test_onem2m_client(stack, run):
    def answered():
        return sum(v for k, v in stack.metrics("mqtt.1").items() if k.startswith("tessera_mqtt_egress_total") and "ok" in k)

    before = answered()
    name, reports = run("onem2m_client.mjs", last=lambda r: of(r, "refused") and len(of(r, "told")) == 6)
    assert of(reports, "base") == ["/id-in"] and of(reports, "made") == [[name, "c"]]
    assert of(reports, "found") == [[1, 2, 1]] and of(reports, "latest") == ["2"] and of(reports, "refused") == [404]
    for sub in ("plain", "topic"):
        told = [report for report in reports if report.get("by") == f"/id-in/cse-in/{name}/c/{sub}"]
        assert of(told, "told") == ["1", "2", "3"] and set(of(told, "to")) == {f"S{name}"}
    assert eventually(lambda: answered() >= before + 6)


@pytest.mark.parametrize("main", ["http", "mqtt"])
def test_thyme(run, main):
    name, reports = run("thyme.mjs", main, last=lambda r: of(r, "refused") and len(of(r, "told")) == 3)
    assert reports[0] == {"cse": "id-in", "ae": f"S{name}"}
    assert of(reports, "added") == of(reports, "told") == ["100", "200", "300"]
    assert of(reports, "last") == ["300"] and of(reports, "container") == [1024]
