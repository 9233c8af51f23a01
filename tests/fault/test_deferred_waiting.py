"""Non-blocking requests that wait, for their time or for somebody who can be told, wait in storage: however many they are, they hold
up no other, and outlive whatever is killed."""

import collections

import pytest

from client import CIN, CNT, Client, Receiver, eventually
from stack import Stack

COUNT = 700  # more than an orchestrator takes from the broker at a time
AHEAD = 7000
COMPLETED = 1


@pytest.fixture(scope="module")
def stack():
    s = Stack(instances="storage=1 orchestrator=1 notification=1 timing=1 http=1")
    s.start()
    yield s
    s.stop()


def queued(stack):
    """Events of requests that the broker still has, acknowledged by nobody."""
    lines = stack.ctl("-q", "--no-table-headers", "list_queues", "-p", "tessera", "name", "messages").splitlines()
    return dict(line.split() for line in lines)["events.requests"]


def stored(ae, path):
    found = [i["con"] for offset in range(1, COUNT + 1, 500) for i in ae.get(path, rcn=8, lim=500, ofst=offset).pc.get("m2m:cin", [])]
    return collections.Counter(found)


def test_they_hold_up_nobody_and_outlive_all(stack):
    with Receiver() as receiver:
        port = receiver.port  # nobody is there for now
    ae = Client(stack.http_port).ae("wait")
    for rn in ("told", "later", "new"):
        assert ae.create("wait", CNT, {"rn": rn}).rsc == 2001
    for i in range(COUNT):
        assert ae.create("wait/later", CIN, {"con": i}, rt=1, headers={"X-M2M-OET": str(AHEAD)}).rsc == 1001
        assert ae.create("wait/told", CIN, {"con": i}, rt=2, headers={"X-M2M-RTU": f"http://127.0.0.1:{port}/n"}).rsc == 1002
    assert ae.create("wait/new", CIN, {"con": 1}, rt=1).rsc == 1001
    assert eventually(lambda: ae.get("wait/new").pc["cni"] == 1)
    assert eventually(lambda: ae.get("wait/told").pc["cni"] == COUNT)
    assert eventually(lambda: queued(stack) == "0"), queued(stack)
    for victim in ("orchestrator.1", "storage.1", "notification.1", "timing.1"):
        stack.kill(victim)
    stack.wait_healthy()
    assert eventually(lambda: ae.get("wait/later").pc["cni"] >= 1)
    for victim in ("timing.1", "orchestrator.1"):  # while they come due
        stack.kill(victim)
    stack.wait_healthy()
    with Receiver(port=port) as receiver:
        told = set()
        while len(told) < COUNT:
            told.add(receiver.message()[1]["m2m:rsp"]["pc"]["m2m:cin"]["con"])
    assert eventually(lambda: ae.get("wait/later").pc["cni"] >= COUNT)
    assert eventually(lambda: queued(stack) == "0"), queued(stack)
    for path in ("wait/later", "wait/told"):
        assert stored(ae, path) == {i: 1 for i in range(COUNT)}, path
    states = collections.Counter(r["rs"] for offset in (1, 1001) for r in Client(stack.http_port).get("", rcn=8, ty=17, lim=1000, ofst=offset).pc["m2m:req"])
    assert states == {COMPLETED: 2 * COUNT + 1}


def test_recalled_while_it_waits(stack):
    ae = Client(stack.http_port).ae("recall")
    assert ae.create("recall", CNT, {"rn": "c"}).rsc == 2001
    kept = ae.create("recall/c", CIN, {"con": "never"}, rt=1, headers={"X-M2M-OET": "3000"})
    after = ae.create("recall/c", CIN, {"con": "then"}, rt=1, headers={"X-M2M-OET": "3200"})
    assert ae.delete("/" + kept.json["m2m:uri"]).rsc == 2002
    assert eventually(lambda: ae.get("/" + after.json["m2m:uri"]).pc["rs"] == COMPLETED)
    assert stored(ae, "recall/c") == {"then": 1}
