"""An event that kills the notification process whenever it is handled: it ends with the dead letters, and all others get through, in order."""

import contextlib
import os
import signal

import pytest

from client import CIN, CNT, PATIENCE, SUB, Client, Receiver, eventually
from stack import Stack


@pytest.fixture
def stack():
    s = Stack()
    s.start()
    yield s
    s.stop()


def con(sgn):
    return sgn["nev"]["rep"]["m2m:cin"]["con"]


def in_order(received, expected):
    """First arrivals are `expected`; what was under way at a death comes again."""
    first = [c for i, c in enumerate(received) if c not in received[:i]]
    assert first == expected, received


def test_it_comes_to_an_end(stack):
    deaths = []

    def answer(headers, body):
        """The receiver of the poison is what kills: the process that asked for it to be sent dies at once."""
        if con(body["m2m:sgn"]) != "poison":
            return 200, {"X-M2M-RSC": "2000"}
        with contextlib.suppress(OSError, KeyError):
            pid = stack.pid("notification.1")
            os.kill(pid, signal.SIGKILL)
            deaths.append(pid)
        return 500, {}

    ae = Client(stack.http_port).ae("p")
    ae.create("p", CNT, {"rn": "c"})
    ae.create("p", CNT, {"rn": "other"})
    with Receiver(answer) as receiver, Receiver() as other:
        for at, r in (("p/c", receiver), ("p/other", other)):
            assert ae.create(at, SUB, {"nu": [r.url], "enc": {"net": [3], "chty": [CIN]}}).rsc == 2001
        for i in range(100):
            ae.create("p/c", CIN, {"con": "poison" if i == 50 else i})
            ae.create("p/other", CIN, {"con": i})
        expected = [i for i in range(100) if i != 50]
        got, others = [], []
        while not got or got[-1] != 99:
            got.append(con(receiver.next(timeout=2 * PATIENCE)))
        while not others or others[-1] != 99:
            others.append(con(other.next()))
        in_order(got, expected)
        in_order(others, list(range(100)))
        assert len(deaths) >= 4, "it was tried"
        assert eventually(lambda: 'events.notification' in stack.log() and '"event":"active.poison"' in stack.log())
        stack.wait_healthy()
        lines = stack.ctl("-q", "--no-table-headers", "list_queues", "-p", "tessera", "name", "messages").splitlines()
        assert dict(line.split("\t") for line in lines)["dead-letters"] == "1"
        count = len(deaths)
        ae.create("p/c", CIN, {"con": "after"})
        while (last := con(receiver.next())) != "after":
            assert last in expected
        assert len(deaths) == count
