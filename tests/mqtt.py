"""A MQTT client of a CSE as an application would write it: requests both ways over a broker (TS-0010)."""

import itertools
import json
import queue
import socket
import threading

import cbor2
import paho.mqtt.client as paho

numbers = itertools.count(1)


class Mqtt:
    """One connection to the broker, by `me` in the topics. `answer` says how requests of the CSE are answered: the response's rsc,
    None for not at all."""

    def __init__(self, port, me, originator=None, cbor=False, credential=False, cse="id-in", prefix="", user=None, password=None, seconds=60, tls=None):
        self.me, self.originator, self.cbor, self.cse, self.prefix = me, originator or me, cbor, cse, prefix
        self.kind = "reg_req" if credential else "req"
        self.type = "cbor" if cbor else "json"
        self.answer = 2000
        self.requests, self.other = queue.Queue(), queue.Queue()  # of the CSE; on topics of one's own
        self.waiting = {}
        self.ready = threading.Event()
        self.status = None
        self.client = paho.Client(client_id=f"A::{me}.{next(numbers)}", clean_session=True)
        if user:
            self.client.username_pw_set(user, password)
        if tls:
            self.client.tls_set_context(tls)
        self.client.on_connect = self.connected
        self.client.on_subscribe = lambda *_: self.ready.set()
        self.client.on_message = self.arrived
        self.client.on_socket_open = lambda _, __, s: s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.client.connect("localhost" if tls else "127.0.0.1", port, 30)
        self.client.loop_start()
        if not self.ready.wait(seconds):
            self.close()
            raise AssertionError(f"not connected: {self.status}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.client.disconnect()
        self.client.loop_stop()

    def connected(self, client, _, __, status):
        self.status = status
        if status == 0:
            client.subscribe([(f"{self.prefix}/oneM2M/{kind}/#", 1) for kind in (f"resp/{self.me}", f"reg_resp/{self.me}", f"req/+/{self.me}")])

    def arrived(self, _, __, message):
        kind = message.topic.removeprefix(self.prefix).split("/")[2:3]
        if kind not in (["req"], ["resp"], ["reg_resp"]):
            self.other.put((message.topic, message.payload))
            return
        primitive = cbor2.loads(message.payload) if message.topic.endswith("/cbor") else json.loads(message.payload)
        if kind != ["req"]:
            inner = primitive.get("m2m:rsp", primitive)
            self.waiting.pop(str(inner.get("rqi")), queue.Queue()).put((message.topic, primitive))
            return
        self.requests.put(primitive)
        if self.answer:
            topic = message.topic.replace("/req/", "/resp/")
            self.publish(topic, {"rsc": self.answer, "rqi": primitive["rqi"], "rvi": "3"}, cbor=topic.endswith("/cbor"))

    def publish(self, topic, payload, cbor=None, retain=False):
        cbor = self.cbor if cbor is None else cbor
        if not isinstance(payload, (bytes, str)):
            payload = cbor2.dumps(payload) if cbor else json.dumps(payload)
        return self.client.publish(topic, payload, 1, retain)

    @property
    def topic(self):
        return f"{self.prefix}/oneM2M/{self.kind}/{self.me}/{self.cse}/{self.type}"

    def primitive(self, op, to, pc=None, **parameters):
        rqi = parameters.pop("rqi", f"q{next(numbers)}")
        primitive = {"op": op, "to": to, "rqi": rqi, "fr": self.originator, "rvi": "3", **parameters}
        if pc is not None:
            primitive["pc"] = pc
        return {k: v for k, v in primitive.items() if v is not None}

    def expect(self, rqi):
        self.waiting[str(rqi)] = answers = queue.Queue()
        return answers

    def ask_whole(self, primitive, topic=None):
        """Sends it as it stands: the topic and the whole of the answer."""
        answers = self.expect(primitive.get("m2m:rqp", primitive)["rqi"])
        self.publish(topic or self.topic, primitive)
        return answers.get(timeout=60)

    def ask(self, op, to, pc=None, **parameters):
        """Sends a request and waits for its response."""
        return self.ask_whole(self.primitive(op, to, pc, **parameters))[1]

    def request(self, seconds=60):
        """The next request of the CSE."""
        return self.requests.get(timeout=seconds)
