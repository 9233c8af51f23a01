"""Missing data of a timeSeries: the list, its bound, switching off and on, subscriptions with net 8, and no gap by a kill. TS-0001 9.6.36, 9.6.8."""

import time

import pytest

from bus import Bus
from client import ACTR, CIN, CNT, SUB, TS, TSI, eventually, moment
from test_two_line_contract import check

PEI, PEID, MDT = 150, 40, 100
AHEAD = 1500  # ms at least from now to the first point if others follow: what is stored meanwhile is early, however slow the machine is


class Series:
    """A timeSeries whose missing data are detected, and the times at which points are expected."""

    def __init__(self, ae, **attributes):
        start = time.monotonic()
        answer = ae.create(ae.name, TS, {"pei": PEI, "peid": PEID, "mdt": MDT, "mdd": True, **attributes})
        assert answer.rsc == 2001, answer
        self.ae, self.path = ae, f"{ae.name}/{answer.pc['rn']}"
        self.ahead = AHEAD + int(40000 * (time.monotonic() - start))

    def begin(self, *points):
        """The first point, and others by their number."""
        self.first = int(time.time() * 1000) + (self.ahead if points else 0)
        self.store(0, *points)

    def at(self, n):
        return moment(self.first + n * PEI)

    def store(self, *points, off=0):
        for n in points:
            answer = self.ae.create(self.path, TSI, {"dgt": moment(self.first + n * PEI + off), "con": n})
            assert answer.rsc == 2001, answer

    @property
    def now(self):
        return self.ae.get(self.path).pc

    def missing(self, count):
        """The list, once it has `count` entries."""
        assert eventually(lambda: self.now["mdc"] >= count), self.now
        a = self.now
        assert a["mdc"] == len(a["mdlt"])
        return a["mdlt"]


def test_what_does_not_come_is_listed(ae):
    series = Series(ae)
    assert series.now["mdc"] == 0 and "mdlt" not in series.now
    series.begin(1, 2, 4, 5)
    series.store(7, off=PEID)
    series.store(8, off=PEID + 1)
    series.store(9, off=-PEID)
    assert series.missing(4)[:4] == [series.at(n) for n in (3, 6, 8, 10)]


def test_the_oldest_go_beyond_mdn(ae):
    series = Series(ae, mdn=2)
    series.begin()
    assert eventually(lambda: series.now.get("mdlt", [""])[-1] >= series.at(4))
    last = series.now
    assert last["mdc"] == 2
    first, second = last["mdlt"]
    numbers = {series.at(n): n for n in range(1, 200)}
    assert numbers[second] == numbers[first] + 1


def test_nothing_is_missing_before_the_first_point_or_without_interval(ae):
    idle = Series(ae)
    plain = ae.create(ae.name, TS, {"mdd": True, "mdt": 100}).pc["rn"]
    assert ae.create(f"{ae.name}/{plain}", TSI, {"dgt": moment(int(time.time() * 1000)), "con": 1}).rsc == 2001
    other = Series(ae)
    other.begin()
    other.missing(3)  # time enough for the others, too
    assert idle.now["mdc"] == 0 and ae.get(f"{ae.name}/{plain}").pc["mdc"] == 0


def test_off_freezes_the_list_and_on_clears_it(ae):
    series = Series(ae)
    series.begin()
    series.missing(2)
    frozen = ae.update(series.path, "m2m:ts", {"mdd": False}).pc
    control = Series(ae)
    control.begin()
    control.missing(2)
    assert series.now["mdlt"] == frozen["mdlt"] and series.now["mdc"] == frozen["mdc"]
    fresh = ae.update(series.path, "m2m:ts", {"mdd": True}).pc
    assert fresh["mdc"] == 0 and not fresh.get("mdlt")
    control.missing(4)
    assert series.now["mdc"] == 0  # until the next point
    series.begin(1)
    assert series.missing(1)[0] == series.at(2)


def test_other_updates_do_not_disturb(ae):
    series = Series(ae)
    series.begin()
    for n in range(5):
        assert ae.update(series.path, "m2m:ts", {"lbl": [f"l{n}"]}).rsc == 2004
        series.missing(n + 1)
    assert series.now["mdlt"][:5] == [series.at(n) for n in range(1, 6)]


def watch(series, receiver, num, dur):
    answer = series.ae.create(series.path, SUB, {"nu": [receiver.url], "enc": {"net": [8], "md": {"num": num, "dur": dur}}})
    assert answer.rsc == 2001 and answer.pc["nct"] == 5, answer


def test_from_the_numth_miss_on_each_is_told(ae, receiver):
    series = Series(ae)
    watch(series, receiver, 3, "PT1H")
    series.begin(2)
    for count in (3, 4, 5):
        n = receiver.next()
        assert n["nev"]["net"] == 8
        tsn = n["nev"]["rep"]["m2m:tsn"]
        assert tsn == {"mdlt": [series.at(n) for n in (1, 3, 4, 5, 6)][:count], "mdc": count}


def test_messages_are_as_the_contract_says(stack, ae, receiver):
    series = Series(ae)
    watch(series, receiver, 1, "PT1H")
    with Bus(stack, "notification") as bus, Bus(stack, "storage") as storage:
        queue, asked = bus.listen("cse.events", "main.ts.missing.watched"), storage.listen("cse.requests", "storage")
        series.begin()
        event = bus.messages(queue, enough=bool)[0][1][0]
        commits = storage.messages(asked, enough=lambda got: any(map(is_report, got)))
    check("event.missing", event, same=("event", "ty", "fr"))
    check("storage.commit.missing", next(p for _, ps in commits for p in ps if is_report(p)), same=("do", "fr", "again"))


def is_report(primitive):
    return primitive[0]["do"] == "commit" and any(op["op"] == "report" and op["event"] == "missing" for op in primitive[1]["ops"])


def test_too_few_in_a_window_are_not_told(ae, receiver):
    series = Series(ae)
    watch(series, receiver, 2, f"PT{PEI / 2000}S")
    series.begin()
    series.missing(4)
    assert receiver.none()


def test_misses_are_no_updates(ae, receiver):
    series = Series(ae)
    assert ae.create(series.path, SUB, {"nu": [receiver.url], "enc": {"net": [1]}}).rsc == 2001
    series.begin()
    series.missing(2)
    assert receiver.none()
    assert ae.update(series.path, "m2m:ts", {"lbl": ["x"]}).rsc == 2004
    assert receiver.next()["nev"]["rep"]["m2m:ts"]["lbl"] == ["x"]


@pytest.mark.parametrize("ty, enc", [(TS, {"net": [8]}), (TS, {"net": [8], "md": {"num": 1}}), (TS, {"net": [8], "md": {"dur": "PT1S"}}), (TS, {"net": [8], "md": {"num": 0, "dur": "PT1S"}}),
                                     (3, {"net": [8], "md": {"num": 1, "dur": "PT1S"}}), (3, {"net": [1], "md": {"num": 1, "dur": "PT1S"}})])
def test_criteria_that_cannot_be(ae, receiver, ty, enc):
    parent = ae.create(ae.name, ty, {}).pc["rn"]
    assert ae.create(f"{ae.name}/{parent}", SUB, {"nu": [receiver.url], "enc": enc}).rsc == 4000


def test_an_action_looks_at_the_count(ae):
    series = Series(ae)
    assert ae.create(ae.name, CNT, {"rn": "alarm"}).rsc == 2001
    there = f"cse-in/{ae.name}/alarm"
    apv = {"op": 1, "fr": ae.origin, "to": there, "ty": CIN, "pc": {"m2m:cin": {"con": "missing"}}}
    assert ae.create(series.path, ACTR, {"evc": {"sbjt": "mdc", "optr": 5, "thld": 2}, "evm": 1, "orc": there, "apv": apv}).rsc == 2001
    series.begin()
    assert eventually(lambda: ae.get(f"{ae.name}/alarm").pc["st"] == 1)
    assert series.now["mdc"] >= 2


def test_nothing_is_lost_by_a_kill(stack, ae, receiver):
    series = Series(ae)
    watch(series, receiver, 1, "PT1H")
    series.begin(1, 2, 5)
    stack.kill("timing.1")
    series.store(6)
    series.missing(2)
    stack.kill("timing.1")
    listed = [series.at(n) for n in (3, 4, 7, 8, 9, 10)]
    assert series.missing(6)[:6] == listed
    told = []
    while not told or len(told[-1]["mdlt"]) < 6:
        told.append(receiver.next()["nev"]["rep"]["m2m:tsn"])
    assert told[-1]["mdlt"][:6] == listed
    stack.wait_healthy()
