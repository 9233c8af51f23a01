"""Behind a balancer: the address of a client is the one that the balancer has seen (http.forwarded, websocket.forwarded), and a
service that is told to stop says so while it goes on (service.linger)."""

import contextlib
import json
import signal
import urllib.error
import urllib.request

import pytest
import websocket

from client import ACP, AE, CNT, Client, eventually
from stack import Stack

THERE, ELSEWHERE = "203.0.113.7", "203.0.113.8"


@pytest.fixture(scope="module")
def behind():
    s = Stack("storage=1 orchestrator=1 http=1 websocket=1", HTTP_FORWARDED="true", WEBSOCKET_FORWARDED="true", SERVICE_LINGER="1000")
    s.start()
    admin = Client(s.http_port)
    assert Client(s.http_port, "Cother").create("", AE, {"rn": "other", "api": "N.other", "rr": False, "srv": ["3"]}).rsc == 2001
    everything = {"acr": [{"acor": ["CAdmin"], "acop": 63}]}
    pv = {"acr": [*everything["acr"], {"acor": ["all"], "acop": 2, "acco": [{"acip": {"ipv4": [THERE]}}]}]}
    assert admin.create("", ACP, {"rn": "there", "pv": pv, "pvs": everything}).rsc == 2001
    assert admin.create("", CNT, {"rn": "c", "acpi": ["cse-in/there"]}).rsc == 2001
    yield s
    s.stop()


CASES = [
    ("seen by the balancer", THERE, 2000),
    ("elsewhere", ELSEWHERE, 4103),
    ("invented before it", f"{THERE}, {ELSEWHERE}", 4103),
    ("behind another proxy", f"{ELSEWHERE}, {THERE}", 2000),
    ("no address", "unknown", 4103),
    ("none", None, 4103),
]


@pytest.mark.parametrize("name, forwarded, rsc", CASES, ids=[c[0] for c in CASES])
def test_http(behind, name, forwarded, rsc):
    assert Client(behind.http_port, "Cother").request("GET", "c", headers={"X-Forwarded-For": forwarded}).rsc == rsc


@pytest.mark.parametrize("name, forwarded, rsc", CASES, ids=[c[0] for c in CASES])
def test_websocket(behind, name, forwarded, rsc):
    header = [f"X-Forwarded-For: {forwarded}"] if forwarded else []
    socket = websocket.create_connection(f"ws://127.0.0.1:{behind.websocket_port}/", timeout=30, header=header, subprotocols=["oneM2M.json"])
    socket.send(json.dumps({"op": 2, "to": "cse-in/c", "fr": "Cother", "rqi": "1", "rvi": "3"}))
    answer = json.loads(socket.recv())
    socket.close()
    assert answer.get("m2m:rsp", answer)["rsc"] == rsc


def health(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=30) as r:
            return r.status, json.load(r).get("why")
    except urllib.error.HTTPError as e:
        return e.code, json.load(e)["why"]
    except OSError:
        return None, None


def test_told_to_stop_it_goes_on_until_the_balancer_knows(behind):
    port, pid = behind.status()["http.1"]["port"], behind.pid("http.1")
    client = Client(behind.http_port)
    behind.kill("http.1", signal.SIGTERM)
    assert eventually(lambda: health(port) == (503, "stopping"))
    answered = None
    with contextlib.suppress(OSError):
        answered = client.request("GET").rsc
    assert answered == 2000 or health(port)[0] is None  # a slow machine: it has ended
    assert eventually(lambda: behind.pid("http.1") not in (0, pid)), "it does not end"
    behind.wait_healthy()
    assert client.request("GET").rsc == 2000
