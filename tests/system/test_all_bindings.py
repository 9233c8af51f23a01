"""An AE that listens over one binding is told of changes made over another: all pairs; and one AE whose points of access name several."""

import contextlib

import pytest

import coap
from client import CIN, CNT, SUB, Receiver
from conformance.clients import Coap, Http, Mqtt, WebSocket
from mqtt import Mqtt as MqttAe
from ws import WebSocket as WebSocketAe

CHANGE = {"HTTP": Http, "CoAP": Coap, "MQTT": Mqtt, "WebSocket": WebSocket}


@contextlib.contextmanager
def over_http(stack, name):
    with Receiver() as r:
        yield [r.url], lambda: r.message()[1]


@contextlib.contextmanager
def over_coap(stack, name):
    with coap.Receiver() as r:
        yield [r.url], lambda: coap.content(r.get())


def told(connection):
    return lambda: connection.request()["pc"]


def con(content):
    return content["m2m:sgn"]["nev"]["rep"]["m2m:cin"]["con"]


@contextlib.contextmanager
def over_mqtt(stack, name):
    with MqttAe(stack.mqtt_port, f"C{name}") as m:
        yield [f"mqtt://127.0.0.1:{stack.mqtt_port}"], told(m)


@contextlib.contextmanager
def over_websocket(stack, name):
    with WebSocketAe(stack.websocket_port, f"C{name}", announce=True) as w:
        yield ["ws://default"], told(w)


LISTEN = {"HTTP": over_http, "CoAP": over_coap, "MQTT": over_mqtt, "WebSocket": over_websocket}


@pytest.fixture(scope="module")
def ask(stack):
    """ask(binding, op, to, rqi, pc): a request of the admin over this binding."""
    clients = {}

    def request(binding, op, to, rqi, pc, **more):
        client = clients.setdefault(binding, CHANGE[binding](stack))
        return client.request({"op": op, "to": to, "fr": "CAdmin", "rqi": rqi, "rvi": "3", "pc": pc, **more})

    return request


@pytest.fixture
def change(ask):
    """change(binding, container, value): one more contentInstance."""

    def make(binding, container, value):
        made = ask(binding, 1, container, f"{binding}{value}", {"m2m:cin": {"con": value}}, ty=CIN)
        assert made["rsc"] == 2001, made

    return make


@pytest.mark.parametrize("listens", LISTEN)
def test_changes_over_every_binding_are_told_over_this_one(stack, admin, change, listens):
    name = f"all{listens}"
    with LISTEN[listens](stack, name) as (poa, told):
        ae = admin.ae(name, poa=poa)
        ae.create(name, CNT, {"rn": "c"})
        assert ae.create(f"{name}/c", SUB, {"rn": "s", "nu": [f"C{name}"], "enc": {"net": [3]}}).rsc == 2001
        values = list(range(12))
        for i in values:
            change(list(CHANGE)[i % len(CHANGE)], f"cse-in/{name}/c", i)
        assert [con(told()) for _ in values] == values
    admin.delete(name)


@pytest.mark.parametrize("listens", LISTEN)
def test_a_notify_over_every_binding_is_passed_on_over_this_one(stack, admin, ask, listens):
    """A NOTIFY to an AE, TS-0004 7.5.1.2.4: what the AE answers is the answer."""
    name = f"pass{listens}"
    with LISTEN[listens](stack, name) as (poa, told):
        admin.ae(name, poa=poa)
        for binding in CHANGE:
            content = {"m2m:sgn": {"sur": binding}}
            assert ask(binding, 5, f"/id-in/C{name}", f"pass{binding}", content)["rsc"] == 2000
            assert told() == content
    admin.delete(name)


def test_points_of_access_are_tried_in_order_whatever_their_binding(stack, admin, change):
    """The first ones are not there: the CSE goes on to the next, to the connection in the end."""
    name = "allorder"
    dead = ["http://127.0.0.1:9/n", "coap://127.0.0.1:9", "mqtt://127.0.0.1:9", "ws://127.0.0.1:9/"]
    with over_websocket(stack, name) as (poa, told):
        ae = admin.ae(name, poa=dead + poa)
        ae.create(name, CNT, {"rn": "c"})
        assert ae.create(f"{name}/c", SUB, {"rn": "s", "nu": [f"C{name}"], "enc": {"net": [3]}}).rsc == 2001
        change("HTTP", f"cse-in/{name}/c", 1)
        assert con(told()) == 1
    admin.delete(name)
