"""One set of requests and responses, the same for every binding and serialization: tests/conformance."""

import itertools

import pytest

from client import Client
from conformance.clients import Coap, Http, Mqtt, WebSocket
from conformance.rows import CHAPTERS
from conformance.runner import run

numbers = itertools.count(1)

# Every binding brings its client; a row of it is a test of its own.
CLIENTS = {
    "HTTP with JSON": Http,
    "HTTP with CBOR": lambda stack: Http(stack, cbor=True),
    "CoAP with JSON": Coap,
    "CoAP with CBOR": lambda stack: Coap(stack, cbor=True),
    "WebSocket with JSON": WebSocket,
    "WebSocket with CBOR": lambda stack: WebSocket(stack, cbor=True),
    "MQTT with JSON": Mqtt,
    "MQTT with CBOR": lambda stack: Mqtt(stack, cbor=True),
}


@pytest.fixture(scope="module", params=CLIENTS)
def client(stack, request):
    return CLIENTS[request.param](stack)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_rows(stack, client, chapter):
    admin, n = Client(stack.http_port), next(numbers)
    names = {"ae": f"conf{n}", "originator": f"Cconf{n}", "guest": f"Cconfguest{n}", "admin": "CAdmin", "csi": "/id-in", "cb": "cse-in", "sp": "tessera.example.com"}
    admin.ae(names["ae"])
    admin.ae(names["guest"][1:])
    run(client, CHAPTERS[chapter], **names)
    for name in (names["ae"], names["guest"][1:]):
        admin.delete(name)
