"""The MQTT broker is killed under load: what was acknowledged is there once, and everything goes on by itself."""

import contextlib
import queue
import threading
import time

import pytest

import mqtt
from client import Client, eventually
from stack import Stack

CLIENTS = 20
CREATE = 1


@pytest.fixture(scope="module")
def stack():
    s = Stack("storage=1 orchestrator=1 notification=1 http=1 mqtt=1")
    s.start()
    yield s
    s.stop()


class Publisher(threading.Thread):
    """Creates one instance after the other. A new connection after each loss, so that no library sends anything twice."""

    def __init__(self, port, number):
        super().__init__(daemon=True)
        self.port, self.number, self.acknowledged, self.ended = port, number, [], threading.Event()

    def run(self):
        n = 0
        while not self.ended.is_set():
            with contextlib.suppress(OSError, AssertionError), mqtt.Mqtt(self.port, "Cload", seconds=2) as c:
                c.client.on_disconnect = lambda *_: None
                while not self.ended.is_set() and c.client.is_connected():
                    content, n = f"{self.number}-{n}", n + 1
                    request = c.primitive(CREATE, "cse-in/load/c", {"m2m:cin": {"con": content}}, ty=4, rqi=content)
                    answers = c.expect(content)
                    c.publish(c.topic, request)
                    with contextlib.suppress(queue.Empty):
                        if answers.get(timeout=3)[1]["rsc"] == 2001:
                            self.acknowledged.append(content)
            time.sleep(0.1)


def test_acknowledged_once_after_kills(stack):
    ae = Client(stack.http_port).ae("load")
    ae.create("load", 3, {"rn": "c"})
    publishers = [Publisher(stack.mqtt_port, i) for i in range(CLIENTS)]
    for p in publishers:
        p.start()

    def all_go_on():
        before = [len(p.acknowledged) for p in publishers]
        assert eventually(lambda: all(len(p.acknowledged) > n for p, n in zip(publishers, before, strict=True)))

    all_go_on()
    for _ in range(2):
        stack.kill("mosquitto")
        stack.wait_healthy()
        all_go_on()
    for p in publishers:
        p.ended.set()
    for p in publishers:
        p.join(60)
    contents = []
    for one in ae.discover("load/c", ty=4).found:
        contents.append(ae.get("/" + one if not one.startswith("/") else one).pc["con"])
    acknowledged = [content for p in publishers for content in p.acknowledged]
    assert len(acknowledged) >= 3 * CLIENTS
    assert len(contents) == len(set(contents))
    assert set(acknowledged) <= set(contents)
