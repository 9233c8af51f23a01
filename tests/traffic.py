"""A little of everything that an installation does: requests over all bindings, notifications that arrive and that wait, failures."""

import itertools

from client import CIN, CNT, SUB, Client, Receiver, stamp
from conformance.clients import Coap, Http, Mqtt, WebSocket

GONE = "http://127.0.0.1:9/"  # nobody listens there


class Traffic:
    def __init__(self, stack):
        self.admin, self.receiver, self.values = Client(stack.http_port), Receiver(), itertools.count()
        self.clients = {binding: make(stack) for binding, make in (("http", Http), ("coap", Coap), ("mqtt", Mqtt), ("websocket", WebSocket))}
        self.ae = self.admin.ae("traffic")
        self.ae.create("traffic", CNT, {"rn": "c"})
        for target in (self.receiver.url, GONE):
            answer = self.ae.create("traffic/c", SUB, {"nu": [target], "enc": {"net": [3]}})
            assert answer.rsc == 2001, answer

    def once(self):
        """One contentInstance and one look at it over each binding, their notifications, and requests that fail."""
        for binding, client in self.clients.items():
            value = next(self.values)
            same = {"fr": "CAdmin", "rqi": f"{binding}{value}", "rvi": "3"}
            made = client.request({"op": 1, "to": "cse-in/traffic/c", "ty": CIN, "pc": {"m2m:cin": {"con": value}}, **same})
            assert made["rsc"] == 2001, (binding, made)
            assert client.request({"op": 2, "to": "cse-in/traffic/c/la", **same, "rqi": f"{same['rqi']}b"})["rsc"] == 2000
            self.receiver.next()
        assert self.ae.get("traffic/nothing").rsc == 4004
        assert self.ae.get("traffic", headers={"X-M2M-RET": stamp(-60)}).rsc == 4008

    def close(self):
        self.admin.delete("traffic")
        self.receiver.close()
