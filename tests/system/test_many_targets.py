"""More targets that wait than storage names at once: after a restart each of them gets what it is owed. On an installation of its own."""

import socket

import pytest

from client import CIN, CNT, SUB, Client, Receiver, eventually
from stack import Stack

LANES, TARGETS = 1100, 100


@pytest.fixture(scope="module")
def house():
    s = Stack()
    s.start()
    yield s
    s.stop()


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def test_all_are_remembered(house):
    ae = Client(house.http_port).ae("many")
    ae.create("many", CNT, {"rn": "c"})
    port = free_port()
    for i in range(LANES // TARGETS):
        nu = [f"http://127.0.0.1:{port}/{i}/{k}" for k in range(TARGETS)]
        assert ae.create("many/c", SUB, {"nu": nu, "enc": {"net": [3], "chty": [4]}, "pn": 2}).rsc == 2001
    ae.create("many/c", CIN, {"con": "x"})

    def waiting(where):
        return house.metrics("notification.1").get(f'tessera_notifications_pending{{where="{where}"}}')

    assert eventually(lambda: waiting("storage") == LANES), {k: v for k, v in house.metrics("notification.1").items() if "notifications" in k or "lanes" in k}
    house.kill("notification.1")
    house.wait_healthy()
    with Receiver(port=port) as receiver:
        got = [receiver.message() for _ in range(LANES)]
        assert len(got) == LANES
        assert eventually(lambda: waiting("storage") == 0)
