"""Event queues as quorum queues (bus.queue.type): everything works, and an event that kills whoever takes it comes to an end."""

import os
import signal
import time

import pytest

from bus import Bus
from client import CIN, CNT, SUB, Client, Receiver, eventually
from stack import Stack

QUEUE, TRIES = "events.notification", 10


@pytest.fixture(scope="module")
def house():
    s = Stack(BUS_QUEUE_TYPE="quorum")
    s.start()
    yield s
    s.stop()


@pytest.fixture(scope="module")
def ae(house):
    mine = Client(house.http_port).ae("q")
    mine.create("q", CNT, {"rn": "c"})
    return mine


def con(sgn):
    return sgn["nev"]["rep"]["m2m:cin"]["con"]


def test_notifications(house, ae):
    assert dict(line.split()[:2] for line in house.ctl("-q", "list_queues", "-p", "tessera", "name", "type").splitlines())[QUEUE] == "quorum"
    with Receiver() as receiver:
        at = ae.create("q/c", SUB, {"nu": [receiver.url], "enc": {"net": [3]}}).pc["ri"]
        for i in range(100):
            ae.create("q/c", CIN, {"con": i})
        assert [con(receiver.next()) for _ in range(100)] == list(range(100))
        ae.delete(at)


def give_back(house, times):
    """Takes what is poison and is gone, like a process that dies of it. What lies before it is done."""
    for _ in range(times):
        with Bus(house, "notification") as bus:
            bus.channel.basic_qos(prefetch_count=1)
            for method, _, body in bus.channel.consume(QUEUE, inactivity_timeout=5):
                assert method
                if b"poison" in body:
                    break
                bus.channel.basic_ack(method.delivery_tag)


def test_an_event_that_came_back_too_often(house, ae):
    with Receiver() as receiver:
        at = ae.create("q/c", SUB, {"nu": [receiver.url], "enc": {"net": [3], "chty": [CIN]}}).pc["ri"]
        supervisor, notification = house.pid("supervisor"), house.pid("notification.1")
        os.kill(supervisor, signal.SIGSTOP)  # nobody starts it again meanwhile
        try:
            os.kill(notification, signal.SIGKILL)
            ae.create("q/c", CIN, {"con": "poison"})
            time.sleep(0.2)
            ae.create("q/c", CIN, {"con": "healthy"})
            give_back(house, TRIES)
        finally:
            os.kill(supervisor, signal.SIGCONT)
        assert con(receiver.next()) == "healthy"
        assert receiver.none(0.2)
        house.wait_healthy()
        assert eventually(lambda: house.metrics("notification.1").get('tessera_bus_dead_total{queue="notification",why="poison"}') == 1)
        ae.create("q/c", CIN, {"con": "next"})
        assert con(receiver.next()) == "next"
        ae.delete(at)
