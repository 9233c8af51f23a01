"""CoAP with DTLS and pre-shared keys, over TCP, over TLS: who is who, who is not let in, handshakes by the thousand."""

import pathlib
import socket

import pytest

from client import Client, eventually
from coap import Coap, Dtls, Tcp
from stack import Stack, free_ports

CREATE, RETRIEVE = 1, 2
KEY = "0123456789abcdef0123456789abcdef"


def keyed(port, identity="Cpsk", key=KEY):
    return Dtls(port, "-psk_identity", identity, "-psk", key, "-cipher", "PSK-AES128-CCM8:PSK-AES128-GCM-SHA256:PSK-AES128-CCM:@SECLEVEL=0")


@pytest.fixture(scope="module")
def stack():
    s = Stack(instances="storage=1 orchestrator=1 notification=1 http=1 coap=1")
    keys = pathlib.Path(s.dir) / "keys"
    keys.write_text(f"# identity:key\nCpsk:{KEY}\nCother:{KEY[::-1]}\n/id-in:{KEY}\n")
    base = free_ports()
    s.tcp_port, s.tls_port = base, base + 1
    s.env.update({"TESSERA_COAP_KEYS": str(keys), "TESSERA_COAP_DTLS_PORT": str(s.coaps_port), "TESSERA_COAP_TCP_PORT": str(s.tcp_port), "TESSERA_COAP_TLS_PORT": str(s.tls_port),
                  "TESSERA_COAP_EGRESS_IDENTITY": "/id-in", "TESSERA_COAP_EGRESS_KEY": KEY, "TESSERA_COAP_HANDSHAKES": "20"})
    s.start()
    yield s
    s.stop()


@pytest.fixture(scope="module")
def ae(stack):
    mine = Client(stack.http_port).ae("psk")
    mine.create("psk", 3, {"rn": "c"})
    return mine


def test_requests_with_a_key(stack, ae):
    with Coap(None, "Cpsk", transport=keyed(stack.coaps_port), first=20) as c:
        assert c.ask(CREATE, "cse-in/psk/c", {"m2m:cin": {"con": "1"}}, ty=4).rsc == 2001
        text = "0123456789" * 500
        assert c.ask(CREATE, "cse-in/psk/c", {"m2m:cin": {"con": text}}, ty=4, query=["rcn=0"]).rsc == 2001
        assert c.ask(RETRIEVE, "cse-in/psk/c/la").pc["con"] == text


@pytest.mark.parametrize("identity, key", [("Cpsk", "00" * 16), ("Cnobody", KEY)], ids=["another key", "nobody"])
def test_strangers_are_not_let_in(stack, ae, identity, key):
    with Coap(None, identity, transport=keyed(stack.coaps_port, identity, key), patience=1) as c, pytest.raises((TimeoutError, ConnectionResetError)):
        c.ask(RETRIEVE, "cse-in/psk")


def test_over_tcp(stack, ae):
    with Coap(None, "Cpsk", transport=Tcp(stack.tcp_port)) as c:
        text = "0123456789" * 10000
        assert c.ask(CREATE, "cse-in/psk/c", {"m2m:cin": {"con": text}}, ty=4, query=["rcn=0"]).rsc == 2001
        assert c.ask(RETRIEVE, "cse-in/psk/c/la").pc["con"] == text
    assert ae.get("psk/c/la").pc["cs"] == 100000


@pytest.mark.parametrize("scheme, port", [("coaps", "coaps_port"), ("coap+tcp", "tcp_port"), ("coaps+tcp", "tls_port")])
def test_requests_out(stack, ae, scheme, port):
    """To itself: what is notified is a NOTIFY that nobody takes, but it arrives."""
    name = f"out{scheme}"
    before = served(stack)
    ae.create("psk/c", 23, {"rn": name.replace("+", ""), "nu": [f"{scheme}://127.0.0.1:{getattr(stack, port)}/cse-in/psk/nothing"], "enc": {"net": [3]}, "nct": 1})
    ae.create("psk/c", 4, {"con": "x"})
    assert eventually(lambda: served(stack) > before, 20)
    ae.delete(f"psk/c/{name.replace('+', '')}")


def served(stack):
    return sum(v for k, v in stack.metrics("coap.1").items() if k.startswith("tessera_coap_requests_total") and 'operation="notify"' in k)


def test_a_thousand_handshakes_at_once(stack, ae):
    """Half of a handshake each, from as many addresses: the others are served on."""
    hello = (b"\x16\xfe\xfd" + bytes(8) + b"\x00\x36" + b"\x01\x00\x00\x2a" + b"\x00\x00" + bytes(3) + b"\x00\x00\x2a" + b"\xfe\xfd" + bytes(32)
             + b"\x00" + b"\x00" + b"\x00\x02\xc0\xa8" + b"\x01\x00")
    sockets = []
    for _ in range(1000):
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.sendto(hello, ("127.0.0.1", stack.coaps_port))
        sockets.append(s)
    with Coap(stack.coap_port, "Cpsk") as c:
        assert c.ask(RETRIEVE, "cse-in/psk").rsc == 2000
    for s in sockets:
        s.close()
    with Coap(None, "Cpsk", transport=keyed(stack.coaps_port), first=20) as c:
        assert c.ask(RETRIEVE, "cse-in/psk").rsc == 2000
    assert stack.metrics("coap.1")["tessera_coap_sessions"] <= 20 + 20  # handshakes, and the others of this file
