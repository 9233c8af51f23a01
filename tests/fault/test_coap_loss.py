"""CoAP over a network that loses a fifth of all datagrams: what was created is there exactly once."""

import contextlib
import random
import socket
import threading

import pytest

from client import Client
from coap import Coap, Receiver, content
from stack import Stack

CREATES, LOSS, CLIENTS = 60, 0.2, 6


class Lossy:
    """A relay of datagrams to `port`, which loses some of them in either direction."""

    def __init__(self, port):
        self.random, self.ends, self.lost = random.Random(1), {}, 0
        self.front = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.front.bind(("127.0.0.1", 0))
        self.port, self.target = self.front.getsockname()[1], ("127.0.0.1", port)
        threading.Thread(target=self.forth, daemon=True).start()

    def keeps(self):
        keeps = self.random.random() >= LOSS
        self.lost += not keeps
        return keeps

    def forth(self):
        while True:
            data, peer = self.front.recvfrom(65536)
            if peer not in self.ends:
                self.ends[peer] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                self.ends[peer].connect(self.target)
                threading.Thread(target=self.back, args=(peer,), daemon=True).start()
            if self.keeps():
                self.ends[peer].send(data)

    def back(self, peer):
        while True:
            with contextlib.suppress(ConnectionRefusedError):
                data = self.ends[peer].recv(65536)
                if self.keeps():
                    self.front.sendto(data, peer)


@pytest.fixture(scope="module")
def stack():
    s = Stack(instances="storage=1 orchestrator=1 notification=1 http=1 coap=1", COAP_ACKNOWLEDGE="100")
    s.start()
    yield s
    s.stop()


def create_all(relay, originator, path, done):
    with Coap(relay.port, originator, first=0.05) as c:
        for i in range(CREATES // CLIENTS):
            done.append(c.ask(1, path, {"m2m:cin": {"con": "x" * (10 if i % 5 else 1500)}}, ty=4).rsc)


def test_creates_arrive_exactly_once(stack):
    ae, relay, done = Client(stack.http_port).ae("lossy"), Lossy(stack.coap_port), []
    ae.create("lossy", 3, {"rn": "c"})
    threads = [threading.Thread(target=create_all, args=(relay, ae.origin, "cse-in/lossy/c", done)) for _ in range(CLIENTS)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert relay.lost > 0 and done == [2001] * CREATES
    assert ae.get("lossy/c").pc["cni"] == CREATES


def test_notifications_arrive_in_order(stack):
    ae = Client(stack.http_port).ae("told")
    ae.create("told", 3, {"rn": "c"})
    with Receiver() as r:
        relay = Lossy(r.port)
        ae.create("told/c", 23, {"rn": "s", "nu": [f"coap://127.0.0.1:{relay.port}/n"], "enc": {"net": [3]}, "nct": 1})
        for i in range(3):
            ae.create("told/c", 4, {"con": str(i)})
        got = []
        while not got or got[-1] != "2":
            got.append(content(r.get(60))["m2m:sgn"]["nev"]["rep"]["m2m:cin"]["con"])
        assert [n for i, n in enumerate(got) if n not in got[:i]] == [str(i) for i in range(3)]
