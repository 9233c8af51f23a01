"""An AE in a page of a browser, and one in a program with the npm package ws: all that they do goes over one WebSocket connection."""

import itertools

import pytest

from client import PATIENCE
from clients.browser import Page, Program
from stack import free_ports

numbers = itertools.count(1)


@pytest.fixture(params=["browser", "node"])
def start(stack, request):
    """Starts the application under this name."""
    running = []

    def run(name, port=stack.websocket_port):
        url = f"ws://127.0.0.1:{port}"
        running.append(Page(url=url, name=name) if request.param == "browser" else Program("program.mjs", url, name))
        return running[-1]

    yield run
    for one in running:
        one.close()


@pytest.fixture
def name(admin):
    name = f"page{next(numbers)}"
    yield name
    admin.delete(name)


def content(app):
    return app.reports.get(timeout=PATIENCE)["request"]["pc"]["m2m:sgn"]["nev"]["rep"]["m2m:cin"]["con"]


def test_registration_notifications_and_what_is_passed_on(start, name, admin):
    app = start(name)
    assert app.reports.get(timeout=PATIENCE) == {"protocol": "oneM2M.json", "made": [2001, 2001, 2001, 2000], "name": name}
    for i in ("größe", 2, {"a": [1, None]}):
        assert admin.create(f"{name}/c", 4, {"con": i}).rsc == 2001
        assert content(app) == i
    answer = admin.request("POST", f"/~/id-in/C{name}", {"m2m:sgn": {"sur": "x"}})  # what the application answers is the answer
    assert answer.rsc == 2000
    assert app.reports.get(timeout=PATIENCE)["request"]["pc"] == {"m2m:sgn": {"sur": "x"}}


def test_what_waited_comes_with_the_next_connection(start, name, admin):
    app = start(name)
    app.reports.get(timeout=PATIENCE)
    app.close()
    for i in range(5):
        assert admin.create(f"{name}/c", 4, {"con": i}).rsc == 2001
    app = start(name)
    got = [app.reports.get(timeout=PATIENCE) for _ in range(6)]
    assert {"protocol": "oneM2M.json", "made": [4117, 4105, 4105, 2000], "name": name} in got
    assert [one["request"]["pc"]["m2m:sgn"]["nev"]["rep"]["m2m:cin"]["con"] for one in got if "request" in one] == list(range(5))


def test_a_page_of_another_origin_gets_no_connection(instance, name):
    port = free_ports()
    instance("websocket.8", WEBSOCKET_PORT=port, WEBSOCKET_ORIGINS="https://house.example").ready()
    page = Page(url=f"ws://127.0.0.1:{port}", name=name)
    assert page.reports.get(timeout=PATIENCE) == {"failed": "Error: closed: 1006"}
    page.close()
