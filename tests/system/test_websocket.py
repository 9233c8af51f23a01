"""The WebSocket binding: requests both ways over one connection."""

import queue
import urllib.error
import urllib.request

import pytest
import websocket

from client import eventually
from conformance.malformed import MALFORMED
from stack import free_ports
from ws import WebSocket, WebSocketServer

CREATE, RETRIEVE, NOTIFY = 1, 2, 5
BASE = "/id-in/cse-in"


@pytest.fixture
def ws(stack):
    """Opens connections that end with the test."""
    opened = []

    def connect(*args, **more):
        opened.append(WebSocket(stack.websocket_port, *args, **more))
        return opened[-1]

    yield connect
    for one in opened:
        one.close()


def test_many_requests_of_one_connection_are_all_answered(ws, ae):
    c = ws(ae.origin)
    c.ask(CREATE, f"{BASE}/{ae.name}", {"m2m:cnt": {"rn": "many"}}, ty=3)
    for i in range(300):
        c.send({"op": CREATE, "to": f"{BASE}/{ae.name}/many", "fr": ae.origin, "rqi": f"m{i}", "rvi": "3", "ty": 4, "pc": {"m2m:cin": {"con": i}}})
    assert c.ask(RETRIEVE, f"{BASE}/{ae.name}/many")["rsc"] == 2000
    while c.ask(RETRIEVE, f"{BASE}/{ae.name}/many")["pc"]["m2m:cnt"]["cni"] < 300:
        pass


def test_large_content(ws, ae):
    c = ws(ae.origin)
    c.ask(CREATE, f"{BASE}/{ae.name}", {"m2m:cnt": {"rn": "large"}}, ty=3)
    text = "0123456789" * 90000
    assert c.ask(CREATE, f"{BASE}/{ae.name}/large", {"m2m:cin": {"con": text}}, ty=4)["rsc"] == 2001
    assert c.ask(RETRIEVE, f"{BASE}/{ae.name}/large/la")["pc"]["m2m:cin"]["con"] == text


def test_registration_over_the_connection_and_notifications_back(ws, admin):
    c = ws()
    registered = c.ask(CREATE, BASE, {"m2m:ae": {"api": "N1", "rr": False, "srv": ["3"]}}, ty=2)
    assert registered["rsc"] == 2001
    c.originator = me = registered["pc"]["m2m:ae"]["aei"]
    try:
        assert c.ask(CREATE, me, {"m2m:cnt": {"rn": "c"}}, ty=3)["rsc"] == 2001
        assert c.ask(CREATE, f"{BASE}/{registered['pc']['m2m:ae']['rn']}/c", {"m2m:sub": {"rn": "s", "nu": [me], "enc": {"net": [3]}}}, ty=23)["rsc"] == 2001
        for i in range(20):  # a change made over HTTP
            assert admin.create(f"{registered['pc']['m2m:ae']['rn']}/c", 4, {"con": i}).rsc == 2001
        got = [c.request() for _ in range(20)]
        assert [n["pc"]["m2m:sgn"]["nev"]["rep"]["m2m:cin"]["con"] for n in got] == list(range(20))
        assert all(n["op"] == NOTIFY and n["to"] for n in got)
    finally:
        admin.delete(registered["pc"]["m2m:ae"]["rn"])


def test_what_waited_comes_when_it_connects_again(stack, ws, admin):
    name = "wsagain"
    admin.ae(name)
    try:
        with WebSocket(stack.websocket_port, "Cwsagain") as c:
            c.ask(CREATE, f"{BASE}/{name}", {"m2m:cnt": {"rn": "c"}}, ty=3)
            assert c.ask(CREATE, f"{BASE}/{name}/c", {"m2m:sub": {"rn": "s", "nu": ["Cwsagain"], "enc": {"net": [3]}}}, ty=23)["rsc"] == 2001
        for i in range(10):
            assert admin.create(f"{name}/c", 4, {"con": i}).rsc == 2001
        c = ws("Cwsagain", announce=True)
        assert [c.request()["pc"]["m2m:sgn"]["nev"]["rep"]["m2m:cin"]["con"] for _ in range(10)] == list(range(10))
    finally:
        admin.delete(name)


def test_a_client_that_does_not_answer_is_tried_again(ws, admin):
    name = "wsmute"
    admin.ae(name)
    try:
        c = ws("Cwsmute")
        c.ask(CREATE, f"{BASE}/{name}", {"m2m:cnt": {"rn": "c"}}, ty=3)
        c.ask(CREATE, f"{BASE}/{name}/c", {"m2m:sub": {"rn": "s", "nu": ["Cwsmute"], "enc": {"net": [3]}}}, ty=23)
        c.answer = 5000
        assert admin.create(f"{name}/c", 4, {"con": 1}).rsc == 2001
        assert c.request()["pc"]["m2m:sgn"]["nev"]["rep"]["m2m:cin"]["con"] == 1
        c.answer = 2000
        assert admin.create(f"{name}/c", 4, {"con": 2}).rsc == 2001
        while c.request()["pc"]["m2m:sgn"]["nev"]["rep"]["m2m:cin"]["con"] != 2:
            pass
    finally:
        admin.delete(name)


def test_malformed_messages_are_refused_and_the_connection_goes_on(ws):
    c = ws("CAdmin")
    for name, text in MALFORMED.items():
        c.waiting[None] = c.waiting["1"] = answers = queue.Queue()
        c.socket.send(text)
        refused = answers.get(timeout=60)
        assert refused["rsc"] == 4000 and refused["pc"]["m2m:dbg"], name
    assert c.ask(RETRIEVE, BASE)["rsc"] == 2000


def closed(c):
    return eventually(lambda: c.status)


def test_what_the_protocol_does_not_allow_ends_the_connection(ws):
    c = ws("CAdmin")
    c.socket.send_binary(b"\xa0")
    assert closed(c) == 1003
    c = ws("CAdmin")
    c.socket.send("x" * (1 << 20) + "x")
    assert closed(c) == 1009
    with pytest.raises(websocket.WebSocketException):
        ws("CAdmin", subprotocol="oneM2M.xml")


def test_a_request_without_handshake_is_refused(stack):
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"http://127.0.0.1:{stack.websocket_port}/", timeout=30)
    assert refused.value.code == 404


def test_pages_of_other_origins_are_turned_away(instance):
    """A browser says whose page it is; other clients say nothing."""
    port = free_ports()
    one = instance("websocket.8", WEBSOCKET_PORT=port, WEBSOCKET_ORIGINS="https://house.example http://127.0.0.1:3000").ready()
    for origin, allowed in (("https://house.example", True), ("http://127.0.0.1:3000", True), ("https://house.example:444", False), ("null", False), ("https://" + "x" * 300, False)):
        c = websocket.WebSocket()
        try:
            c.connect(f"ws://127.0.0.1:{port}/", origin=origin, subprotocols=["oneM2M.json"], timeout=30)
            assert allowed, origin
        except (OSError, websocket.WebSocketException):
            assert not allowed, origin
        c.close()
    websocket.create_connection(f"ws://127.0.0.1:{port}/", suppress_origin=True, subprotocols=["oneM2M.json"], timeout=30).close()
    assert one.metric("tessera_websocket_turned_away_total") == 3


@pytest.mark.parametrize("cbor", [False, True], ids=["json", "cbor"])
def test_notifications_to_an_address(ae, cbor):
    """The CSE opens one connection and keeps it."""
    with WebSocketServer(cbor) as server:
        ae.create(ae.name, 3, {"rn": "c"})
        assert ae.create(f"{ae.name}/c", 23, {"rn": "s", "nu": [server.url + ("?ct=cbor" if cbor else "")], "enc": {"net": [3]}}).rsc == 2001
        for i in range(30):
            assert ae.create(f"{ae.name}/c", 4, {"con": i}).rsc == 2001
        got = [server.requests.get(timeout=60)["pc"]["m2m:sgn"]["nev"]["rep"]["m2m:cin"]["con"] for _ in range(30)]
        assert got == list(range(30))
        assert server.connections == 1


def test_nobody_listens_at_an_address(ae):
    """What could not be delivered waits; others are served."""
    ae.create(ae.name, 3, {"rn": "c"})
    port = free_ports()
    assert ae.create(f"{ae.name}/c", 23, {"rn": "s", "nu": [f"ws://127.0.0.1:{port}/", "ws://nowhere.invalid/"], "enc": {"net": [3]}}).rsc == 2001
    assert ae.create(f"{ae.name}/c", 4, {"con": 1}).rsc == 2001
    assert ae.get(f"{ae.name}/c/la").pc["con"] == 1
