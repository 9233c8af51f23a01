"""Any process killed under load: nothing acknowledged is lost, nothing is done twice, notifications arrive in order, all heals by itself."""

import collections

import pytest

from client import CNT, SUB, Client
from load import Creates, Sink, assert_in_order
from stack import MODE, Stack

GOAL = 10000 if MODE == "release" else 4000


@pytest.fixture(scope="module")
def stack():
    s = Stack()
    s.start()
    yield s
    s.stop()


def contents(client, path):
    """All instances' contents, page by page."""
    found, offset = [], 1
    while True:
        answer = client.get(path, rcn=8, ty=4, lim=1000, ofst=offset)
        assert answer.rsc == 2000, answer
        page = answer.pc.get("m2m:cin", [])
        found += page
        if answer.headers.get("X-M2M-CTS") != "1":
            return found
        offset = int(answer.headers["X-M2M-CTO"])


@pytest.mark.parametrize("victim", ["http.1", "orchestrator.1", "storage.1", "notification.1", "broker", "supervisor", "keeper"])
def test_kill(stack, victim):
    name = "k" + victim.replace(".", "")
    ae = Client(stack.http_port).ae(name)
    sink = Sink()
    try:
        for c in ("a", "b"):
            assert ae.create(name, CNT, {"rn": c}).rsc == 2001
            assert ae.create(f"{name}/{c}", SUB, {"nu": [sink.url], "enc": {"net": [3]}}).rsc == 2001
        paths = [f"/cse-in/{name}/{c}" for c in ("a", "b")]
        load = Creates(stack.http_port, paths, f"C{name}", goal=GOAL)
        load.at[GOAL // 3] = lambda: stack.kill(victim)
        load.run()
        assert len(load.acked) >= GOAL, (load.refused, load.broken)
        after = stack.wait_healthy(stack.recovery)
        assert load.longest < stack.recovery, f"{load.longest:.1f} s without an answer; a start takes {stack.boot:.1f} s here"

        stored = contents(ae, f"{name}/a") + contents(ae, f"{name}/b")
        count = collections.Counter(i["con"] for i in stored)
        assert not [n for n in load.acked if n not in count], "acknowledged and lost"
        assert not [n for n, times in count.items() if times > 1], "done twice"
        for c in ("a", "b"):
            container = ae.get(f"{name}/{c}").pc
            assert container["cni"] == container["st"] == len([i for i in stored if i["pi"] == container["ri"]])

        assert_in_order(sink.wait(len(stored), 60))
        print(f"{victim}: {load.tried} tried, refused {load.refused}, {load.broken} connections lost, longest silence {load.longest:.2f} s, "
              f"healthy {after:.1f} s after the end (first start {stack.boot:.1f} s)")
    finally:
        sink.close()
        ae.as_(ae.origin).delete(name)  # its connection may have been idle for too long
