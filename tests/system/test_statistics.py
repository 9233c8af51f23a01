"""notificationStatsEnable: off freezes the statistics, on begins anew, also when the process that counts was restarted in between. TS-0001 9.6.8."""

import pytest

from client import CIN, CNT, SUB, Client, Receiver, eventually
from stack import Stack


@pytest.fixture(scope="module")
def house():
    s = Stack()
    s.start()
    yield s
    s.stop()


@pytest.fixture
def counted(house):
    """fill(n) makes n instances and waits for their notifications; is_(n) waits for the statistics to say so; the rest by `ae` and `at`."""
    class Counted:
        ae = Client(house.http_port)
        at = "t/c/s"

        def fill(self, count):
            for i in range(count):
                assert self.ae.create("t/c", CIN, {"con": i}).rsc == 2001
            self.receiver.many(count)

        def is_(self, count):
            expected = [(self.receiver.url, count, count, count)] if count else []
            same = lambda: [(s["tg"], s["rqs"], s["rsr"], s["noec"]) for s in self.ae.get(self.at).pc.get("nsi", [])] == expected
            return eventually(same)

        def enable(self, on):
            return self.ae.update(self.at, "m2m:sub", {"nse": on})

    c = Counted()
    c.ae.delete("t")
    c.ae = c.ae.ae("t")
    c.ae.create("t", CNT, {"rn": "c"})
    with Receiver() as c.receiver:
        assert c.ae.create("t/c", SUB, {"rn": "s", "nu": [c.receiver.url], "enc": {"net": [3], "chty": [CIN]}, "nse": True}).rsc == 2001
        yield c


@pytest.mark.parametrize("when", ["running", "while off", "after on", "off and on at once"])
def test_on_begins_anew(house, counted, when):
    def restart():
        house.kill("notification.1")
        house.wait_healthy()

    counted.fill(3)
    assert counted.is_(3)
    assert counted.enable(False).rsc == 2004 and counted.is_(3), "frozen"
    if when != "off and on at once":
        counted.fill(1)
        assert counted.is_(3)
    if when == "while off":
        restart()
    answer = counted.enable(True)
    assert answer.rsc == 2004 and answer.pc["nsi"] == [] and counted.is_(0)
    if when == "after on":
        restart()
    counted.fill(2)
    assert counted.is_(2)
    assert counted.ae.update(counted.at, "m2m:sub", {"lbl": ["x"], "nse": True}).rsc == 2004
    counted.fill(1)
    assert counted.is_(3), "it was on already"
