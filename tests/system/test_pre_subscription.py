"""preSubscriptionNotify: a new subscription is told of the newest children that are there, oldest first, before all that comes later. TS-0001 9.6.8."""

import pytest

from client import CIN, CNT, SUB


@pytest.fixture
def box(ae):
    ae.create(ae.name, CNT, {"rn": "c"})
    return f"{ae.name}/c"


def fill(ae, box, *contents):
    for con in contents:
        assert ae.create(box, CIN, {"con": con}).rsc == 2001


def con(sgn):
    assert sgn["nev"]["net"] == 3
    return sgn["nev"]["rep"]["m2m:cin"]["con"]


def subscribe(ae, box, receiver, psn, **attributes):
    answer = ae.create(box, SUB, {"nu": [receiver.url], "enc": {"net": [3]}, "psn": psn, **attributes})
    assert answer.rsc == 2001, answer
    return answer


@pytest.mark.parametrize("psn,expected", [(1, [7]), (3, [5, 6, 7]), (7, [1, 2, 3, 4, 5, 6, 7]), (1000000, [1, 2, 3, 4, 5, 6, 7])])
def test_the_newest_in_their_order(ae, box, receiver, psn, expected):
    fill(ae, box, *range(1, 8))
    subscribe(ae, box, receiver, psn)
    fill(ae, box, "later")
    assert [con(s) for s in receiver.many(len(expected) + 1)] == [*expected, "later"]
    assert receiver.none(0.2)


def test_it_is_a_wish_and_not_kept(ae, box, receiver):
    fill(ae, box, 1)
    answer = subscribe(ae, box, receiver, 1)
    assert "psn" not in answer.pc and "psn" not in ae.get(f"{box}/{answer.pc['rn']}").pc
    assert con(receiver.next()) == 1
    assert ae.update(f"{box}/{answer.pc['rn']}", "m2m:sub", {"psn": 2}).rsc == 4000


def test_only_the_new_one_is_told(ae, box, receiver):
    fill(ae, box, 1)
    old = ae.create(box, SUB, {"rn": "old", "nu": [receiver.url], "enc": {"net": [3], "chty": [CIN]}})
    assert old.rsc == 2001
    subscribe(ae, box, receiver, 5, rn="new", enc={"net": [3], "chty": [CIN]})
    sgn = receiver.next()
    assert con(sgn) == 1 and sgn["sur"].endswith("/new")
    assert receiver.none(0.2)


def test_types_and_other_children(ae, box, receiver):
    for rn in ("x", "y"):
        ae.create(box, CNT, {"rn": rn})
    fill(ae, box, 1)
    subscribe(ae, box, receiver, 5, rn="s1", enc={"net": [3], "chty": [CNT]}, nct=3)
    assert [s["nev"]["rep"]["m2m:uri"].rsplit("/", 1)[1] for s in receiver.many(2)] == ["x", "y"]
    assert receiver.none(0.2)


def test_nothing_there(ae, box, receiver):
    subscribe(ae, box, receiver, 5)
    fill(ae, box, 1)
    assert con(receiver.next()) == 1


def test_what_is_hidden_stays_so(ae, receiver):
    ae.create(ae.name, CNT, {"rn": "h"})
    fill(ae, f"{ae.name}/h", 1)
    ae.update(f"{ae.name}/h", "m2m:cnt", {"disr": True})
    subscribe(ae, f"{ae.name}/h", receiver, 5)
    assert receiver.none(0.3)


def test_its_other_rules_hold(ae, box, receiver):
    fill(ae, box, 1, 2, 3, 4)
    answer = subscribe(ae, box, receiver, 4, bn={"num": 2}, exc=10)
    for expected in ([1, 2], [3, 4]):
        assert [con(s) for s in receiver.message()[1]["m2m:agn"]["m2m:sgn"]] == expected
    assert answer.pc["exc"] == 10


def test_other_events_are_not_kept(ae, box, receiver):
    for enc in (None, {"net": [1]}, {"net": [2, 4]}, {"om": [{"ops": 1}]}):
        answer = ae.create(box, SUB, {"nu": [receiver.url], "psn": 1, **({"enc": enc} if enc else {})})
        assert answer.rsc == 5001 and "psn" in answer.dbg, answer
    for psn in (0, -1, 1.5, "1", None):
        assert ae.create(box, SUB, {"nu": [receiver.url], "enc": {"net": [3]}, "psn": psn}).rsc == 4000, psn
