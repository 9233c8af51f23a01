"""Processes killed under fan-outs: each member is done to once, and what a group collects is not lost."""

import collections
import concurrent.futures
import contextlib
import http.client

import pytest

from client import CIN, CNT, PATIENCE, SUB, Client
from load import Sink, assert_in_order
from stack import Stack

GRP, MEMBERS, ROUNDS, CLIENTS = 9, 40, 60, 4


@pytest.fixture(scope="module")
def stack():
    s = Stack()
    s.start()
    yield s
    s.stop()


def installed(stack, name, **attributes):
    """An AE with a group of containers."""
    ae = Client(stack.http_port).ae(name)
    for i in range(MEMBERS):
        assert ae.create(name, CNT, {"rn": f"c{i}"}).rsc == 2001
    members = [f"cse-in/{name}/c{i}" for i in range(MEMBERS)]
    assert ae.request("POST", name, {"m2m:grp": {"rn": "g", "mnm": MEMBERS, "mid": members, **attributes}}, ty=GRP).rsc == 2001
    return ae, members


def contents(ae, path):
    return [i["con"] for i in ae.get(path, rcn=8, ty=4, lim=1000).pc.get("m2m:cin", [])]


def fan_out(stack, name, clients, kill):
    """Creates by all clients at once; {con: members that confirmed it}. In the middle, `kill`."""
    def create(number):
        own = Client(stack.http_port, f"C{name}")
        done = {}
        for i in range(ROUNDS):
            con = f"{number}.{i}"
            if number == 0 and i == ROUNDS // 3:
                kill()
            with contextlib.suppress(http.client.HTTPException, OSError):
                answer = own.create(f"{name}/g/fopt", CIN, {"con": con})
                if answer.rsc == 2000:
                    done[con] = [r["fr"] for r in answer.json["m2m:agr"]["m2m:rsp"] if r["rsc"] == 2001]
        return done

    with concurrent.futures.ThreadPoolExecutor(clients) as pool:
        return {con: confirmed for part in pool.map(create, range(clients)) for con, confirmed in part.items()}


@pytest.mark.parametrize("victim", ["orchestrator.1", "storage.1"])
def test_each_member_once(stack, victim):
    name = "f" + victim.replace(".", "")
    ae, members = installed(stack, name)
    confirmed = fan_out(stack, name, CLIENTS, lambda: stack.kill(victim))
    stack.wait_healthy(stack.recovery)
    assert len(confirmed) > ROUNDS * CLIENTS // 2
    complete = [con for con, by in confirmed.items() if len(by) == MEMBERS]
    for member in members:
        count = collections.Counter(contents(ae, f"/{member}"))
        assert not [con for con, times in count.items() if times > 1], "done twice"
        assert not [con for con, by in confirmed.items() if member in by and con not in count], "confirmed and lost"
    print(f"{victim}: {len(confirmed)} of {ROUNDS * CLIENTS} answered, {len(complete)} by all members")
    ae.delete(name)


@pytest.mark.parametrize("victim", ["notification.1", "orchestrator.1"])
def test_what_a_group_collects_is_not_lost(stack, victim):
    name = "n" + victim.replace(".", "")
    ae, members = installed(stack, name, nar={"num": 10, "dur": "PT1S"})
    sink = Sink()
    try:
        assert ae.create(f"{name}/g/fopt", SUB, {"nu": ["http://127.0.0.1:9/"], "nfu": sink.url, "enc": {"net": [3]}}).rsc == 2000
        fan_out(stack, name, 1, lambda: stack.kill(victim))
        stack.wait_healthy(stack.recovery)
        stored = sum(len(contents(ae, f"/{m}")) for m in members)
        assert stored > ROUNDS * MEMBERS // 2
        assert_in_order(sink.wait(stored, PATIENCE))
    finally:
        sink.close()
        ae.delete(name)
