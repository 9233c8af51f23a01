"""Polling channels and a killed polling service: what waits on either side waits on; what failed is tried with the next poll."""

import contextlib
import http.client
import queue
import signal
import threading

import pytest

from client import CIN, CNT, PATIENCE, SUB, Client, eventually
from stack import Stack

PCH = 15
INSTANCES = ("polling.1", "polling.2")


@pytest.fixture(scope="module")
def installation():
    stack = Stack(instances="storage=1 orchestrator=1 notification=1 polling=2 http=1", NOTIFICATION_TIMEOUT=4000)
    stack.start()
    yield stack
    stack.stop()


@pytest.fixture
def owner(installation):
    mine = Client(installation.http_port).ae("polls", rr=False)
    assert mine.request("POST", "polls", {"m2m:pch": {"rn": "ch"}}, ty=PCH).rsc == 2001
    mine.create("polls", CNT, {"rn": "c"})
    mine.create("polls/c", SUB, {"nu": [mine.origin], "enc": {"net": [3]}})
    yield mine
    mine.as_(mine.origin).delete("polls")


def poll(owner, ret=20000):
    return owner.as_(owner.origin).get("polls/ch/pcu", headers={"X-M2M-RET": str(ret)})


def respond(owner, request):
    return owner.as_(owner.origin).request("POST", "polls/ch/pcu", {"m2m:rsp": {"rsc": 2000, "rqi": request["rqi"]}})


def con(request):
    return request["pc"]["m2m:sgn"]["nev"]["rep"]["m2m:cin"]["con"]


def sample(stack, name, metric):
    """Of an instance; 0 of one that is not there now."""
    with contextlib.suppress(OSError, http.client.HTTPException):
        return stack.metrics(name).get(metric, 0)
    return 0


def open_at(stack, what):
    """The instance that has some of these open, or None."""
    return next((name for name in INSTANCES if sample(stack, name, f'tessera_polling_open{{what="{what}"}}') > 0), None)


ENDS = pytest.mark.parametrize("sig", [signal.SIGKILL, signal.SIGTERM])


@ENDS
def test_a_request_that_waits(installation, owner, sig):
    owner.create("polls/c", CIN, {"con": "waits"})
    installation.kill(eventually(lambda: open_at(installation, "waiting")), sig)
    request = poll(owner).pc
    assert con(request) == "waits" and respond(owner, request).rsc == 2000
    installation.wait_healthy()


@ENDS
def test_a_poll_that_waits(installation, owner, sig):
    got = queue.Queue()
    thread = threading.Thread(target=lambda: got.put(poll(owner)))
    thread.start()
    installation.kill(eventually(lambda: open_at(installation, "polls")), sig)
    assert eventually(lambda: open_at(installation, "polls"))
    owner.create("polls/c", CIN, {"con": "comes"})
    answer = got.get(timeout=PATIENCE)
    thread.join()
    assert con(answer.pc) == "comes" and respond(owner, answer.pc).rsc == 2000
    assert poll(owner, 500).rsc == 4008
    installation.wait_healthy()


def test_an_answer_after_the_crash(installation, owner):
    owner.create("polls/c", CIN, {"con": "handed"})
    request = poll(owner).pc
    installation.kill(eventually(lambda: open_at(installation, "handed")))
    assert eventually(lambda: open_at(installation, "waiting")), "it was not redelivered"
    assert respond(owner, request).rsc == 2000
    assert poll(owner, 500).rsc == 4008
    installation.wait_healthy()


def test_a_poll_does_not_need_the_orchestrator_to_wait(installation, owner):
    got = queue.Queue()
    threading.Thread(target=lambda: got.put(poll(owner)), daemon=True).start()
    assert eventually(lambda: open_at(installation, "polls"))
    installation.kill("orchestrator.1")
    installation.wait_healthy()
    owner.create("polls/c", CIN, {"con": "still"})
    answer = got.get(timeout=PATIENCE)
    assert con(answer.pc) == "still" and respond(owner, answer.pc).rsc == 2000


def test_http_ends_without_waiting_for_polls(installation, owner):
    got = queue.Queue()
    threading.Thread(target=lambda: got.put(poll(owner, 1000 * PATIENCE)), daemon=True).start()
    assert eventually(lambda: open_at(installation, "polls"))
    before = installation.pid("http.1")
    installation.kill("http.1", signal.SIGTERM)
    answer = got.get(timeout=PATIENCE / 2)
    assert answer.rsc == 4008 and answer.headers["Connection"] == "close"
    assert eventually(lambda: installation.pid("http.1") not in (before, 0))
    installation.wait_healthy()


def failures(stack):
    return sum(sample(stack, name, 'tessera_polling_requests_total{result="unpolled"}') for name in INSTANCES)


def test_what_failed_is_tried_with_the_next_poll():
    """Before the back-off would let it."""
    stack = Stack(instances="storage=1 orchestrator=1 notification=1 polling=2 http=1", NOTIFICATION_TIMEOUT=500)
    stack.start()
    try:
        mine = Client(stack.http_port).ae("polls", rr=False)
        mine.request("POST", "polls", {"m2m:pch": {"rn": "ch"}}, ty=PCH)
        mine.create("polls", CNT, {"rn": "c"})
        mine.create("polls/c", SUB, {"nu": [mine.origin], "enc": {"net": [3]}})
        mine.create("polls/c", CIN, {"con": 0})
        assert eventually(lambda: failures(stack) >= 6), "6 s of back-off are next"
        for i in (1, 2):
            mine.create("polls/c", CIN, {"con": i})
        for i in range(3):
            request = poll(mine, 5000 if i == 0 else 20000).pc
            assert con(request) == i and respond(mine, request).rsc == 2000
    finally:
        stack.stop()
