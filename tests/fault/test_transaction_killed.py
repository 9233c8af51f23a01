"""Transactions and killed processes: each is carried out at all of its targets or at none, and no lock is left behind."""

import pytest

from client import CNT, Client, eventually
from stack import Stack

TRAM, TRAC = 50, 51
LOCK, EXECUTE, COMMIT = 2, 3, 4
COMMITTED, ABORTED = 4, 6
TARGETS, ROUNDS = 12, 4


@pytest.fixture(scope="module")
def stack():
    s = Stack()
    s.start()
    yield s
    s.stop()


def requests(ae, boxes, value):
    return [{"op": 3, "to": f"cse-in/{box}", "fr": ae.origin, "rqi": str(i), "mi": {"rvi": "3"}, "pc": {"m2m:cnt": {"lbl": [value]}}} for i, box in enumerate(boxes)]


def begin(ae, boxes, value, **attributes):
    answer = ae.request("POST", ae.name, {"m2m:tram": {"rqps": {"req": requests(ae, boxes, value)}, **attributes}}, ty=TRAM)
    assert answer.rsc == 2001, answer
    return "/" + answer.pc["ri"]


def ended(ae, path):
    answer = ae.get(path)
    return answer.rsc == 2000 and answer.pc["trst"] in (COMMITTED, ABORTED) and answer.pc["trst"]


@pytest.fixture
def shelf(stack, request):
    name = "t" + request.node.name.translate({ord(c): "" for c in "_[].-"})
    ae = Client(stack.http_port).ae(name)
    ae.name = name
    boxes = [f"{name}/b{i}" for i in range(TARGETS)]
    for box in boxes:
        assert ae.create(name, CNT, {"rn": box.split("/")[1], "lbl": ["before"]}).rsc == 2001
    yield ae, boxes
    ae.delete(name)


@pytest.mark.parametrize("victim", ["orchestrator.1", "storage.1"])
def test_all_or_nothing(stack, shelf, victim):
    """Killed at ever later moments on the way from INITIAL to COMMITTED."""
    ae, boxes = shelf
    done = []
    for turn in range(ROUNDS):
        path = begin(ae, boxes, f"v{turn}", tmr=50)
        for _ in range(2 * turn):
            ae.get(path)  # time goes by
        stack.kill(victim)
        stack.wait_healthy(stack.recovery)
        state = eventually(lambda: ended(ae, path))
        found = {tuple(ae.get(box).pc["lbl"]) for box in boxes}
        assert state and len(found) == 1, (state, found, ae.get(path))
        assert (found == {(f"v{turn}",)}) == (state == COMMITTED), (state, found)
        done.append(state)
        for box in boxes:
            assert ae.update(box, "m2m:cnt", {"mni": turn}).rsc == 2004, "still locked"
    assert COMMITTED in done
    print(f"{victim}: {done.count(COMMITTED)} of {ROUNDS} committed")


@pytest.mark.parametrize("victim", ["orchestrator.1", "storage.1"])
def test_goes_on_where_it_was(stack, shelf, victim):
    """Its creator leads it; between two steps whoever carries them out is killed."""
    ae, boxes = shelf
    path = begin(ae, boxes, "after", tmd=2)
    for control in (LOCK, EXECUTE, COMMIT):
        assert ae.update(path, "m2m:tram", {"tctl": control}).rsc == 2004
        stack.kill(victim)
        stack.wait_healthy(stack.recovery)
        assert eventually(lambda: (answer := ae.get(path)).rsc == 2000 and answer.pc["trst"] == control), ae.get(path)
    assert {tuple(ae.get(box).pc["lbl"]) for box in boxes} == {("after",)}


def test_deleted_and_killed(stack, shelf):
    ae, boxes = shelf
    path = begin(ae, boxes, "never", tmd=2)
    assert ae.update(path, "m2m:tram", {"tctl": LOCK}).rsc == 2004
    assert eventually(lambda: ae.get(path).pc["trst"] == LOCK)
    assert ae.delete(path).rsc == 2002
    stack.kill("orchestrator.1")
    stack.wait_healthy(stack.recovery)
    assert eventually(lambda: all(ae.get(box).rsc == 2000 for box in boxes))
    assert {tuple(ae.get(box).pc["lbl"]) for box in boxes} == {("before",)}
