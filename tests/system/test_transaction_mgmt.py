"""Requests to several resources that are carried out together or not at all."""

import concurrent.futures
import itertools
import time

import pytest

from client import CIN, CNT, SUB, case_name, eventually, moment, stamp

TRAM, TRAC = 50, 51
INITIAL, LOCK, EXECUTE, COMMIT, ABORT = range(1, 6)
LOCKED, EXECUTED, COMMITTED, ERROR, ABORTED = range(2, 7)
BUSY = 5222

names = itertools.count(1)


@pytest.fixture
def boxes(ae):
    """Three containers."""
    paths = [f"{ae.name}/b{next(names)}" for _ in range(3)]
    for path in paths:
        assert ae.create(ae.name, CNT, {"rn": path.split("/")[1], "lbl": ["before"]}).rsc == 2001
    return paths


def request(ae, op, to, number=1, ty=None, **pc):
    return {"op": op, "to": f"cse-in/{to}", "fr": ae.origin, "rqi": f"q{number}", "mi": {"rvi": "3", **({"ty": ty} if ty else {})},
            **({"pc": pc["pc"]} if pc else {})}


def label(ae, path, value, number=1):
    return request(ae, 3, path, number, pc={"m2m:cnt": {"lbl": [value]}})


def begin(ae, requests, parent=None, **attributes):
    answer = ae.request("POST", parent or ae.name, {"m2m:tram": {"rqps": {"req": requests}, **attributes}}, ty=TRAM)
    assert answer.rsc == 2001, answer
    return f"{parent or ae.name}/{answer.pc['rn']}"


def state(ae, path):
    return ae.get(path).pc["trst"]


def ends(ae, path, *states):
    """As it is when it has come to one of these states."""
    assert eventually(lambda: state(ae, path) in states), ae.get(path)
    return ae.get(path).pc


def all_labels(ae, boxes):
    return [ae.get(box).pc["lbl"] for box in boxes]


def codes(pc):
    return [entry["rsc"] for entry in pc["rsps"]["m2m:rsp"]]


def test_all_committed(ae, boxes):
    path = begin(ae, [label(ae, box, "after", i) for i, box in enumerate(boxes)])
    pc = ends(ae, path, COMMITTED)
    assert codes(pc) == [2004, 2004, 2004] and pc["tctl"] == COMMIT
    assert [entry["rqi"] for entry in pc["rsps"]["m2m:rsp"]] == ["q0", "q1", "q2"]
    assert pc["rsps"]["m2m:rsp"][1]["pc"]["m2m:cnt"]["lbl"] == ["after"]
    assert all_labels(ae, boxes) == [["after"]] * 3


def test_all_kinds_of_requests(ae, boxes):
    path = begin(ae, [request(ae, 1, boxes[0], 0, CIN, pc={"m2m:cin": {"con": 1}}), request(ae, 4, boxes[1], 1), request(ae, 2, boxes[2], 2)])
    assert codes(ends(ae, path, COMMITTED)) == [2001, 2002, 2000]
    assert ae.get(f"{boxes[0]}/la").pc["con"] == 1 and ae.get(boxes[1]).rsc == 4004


def test_one_fails_and_nothing_happens(ae, boxes):
    bad = request(ae, 3, boxes[1], 1, pc={"m2m:cnt": {"mni": "many"}})
    path = begin(ae, [label(ae, boxes[0], "after"), bad, label(ae, boxes[2], "after")])
    pc = ends(ae, path, ABORTED)
    assert codes(pc) == [BUSY, 4000, BUSY] and "mni" in pc["rsps"]["m2m:rsp"][1]["pc"]["m2m:dbg"]
    assert all_labels(ae, boxes) == [["before"]] * 3


def test_a_target_that_is_not_there(ae, boxes):
    path = begin(ae, [label(ae, boxes[0], "after"), label(ae, f"{ae.name}/none", "after")])
    assert codes(ends(ae, path, ABORTED)) == [BUSY, 4004]
    assert ae.get(boxes[0]).pc["lbl"] == ["before"]


def test_by_its_creator(ae, boxes):
    path = begin(ae, [label(ae, box, "after") for box in boxes], tmd=2, tltp=2)
    assert eventually(lambda: "rsps" in ae.get(path).pc and ae.get(path).pc["rsps"])
    assert state(ae, path) == INITIAL and ae.update(boxes[0], "m2m:cnt", {"lbl": ["free"]}).rsc == 2004
    answer = ae.update(path, "m2m:tram", {"tctl": EXECUTE})
    assert answer.rsc == 4123, answer
    for tctl, reached in ((LOCK, LOCKED), (EXECUTE, EXECUTED)):
        assert ae.update(path, "m2m:tram", {"tctl": tctl}).rsc == 2004
        ends(ae, path, reached)
        assert ae.update(boxes[0], "m2m:cnt", {"lbl": ["x"]}).rsc == BUSY
    assert codes(ae.get(path).pc) == [2004] * 3
    assert ae.get(boxes[1]).pc["lbl"] == ["before"]
    assert ae.update(path, "m2m:tram", {"tctl": COMMIT}).rsc == 2004
    ends(ae, path, COMMITTED)
    assert all_labels(ae, boxes) == [["after"]] * 3


@pytest.mark.parametrize("reached", [INITIAL, LOCKED, EXECUTED])
def test_aborted_by_its_creator(ae, boxes, reached):
    path = begin(ae, [label(ae, box, "after") for box in boxes], tmd=2)
    for tctl in {INITIAL: [], LOCKED: [LOCK], EXECUTED: [LOCK, EXECUTE]}[reached]:
        assert ae.update(path, "m2m:tram", {"tctl": tctl}).rsc == 2004
        ends(ae, path, tctl)
    assert ae.update(path, "m2m:tram", {"tctl": ABORT}).rsc == 2004
    assert ends(ae, path, ABORTED)["tctl"] == ABORT
    assert all_labels(ae, boxes) == [["before"]] * 3


def test_expires(ae, boxes):
    path = begin(ae, [label(ae, box, "after") for box in boxes], tmd=2, tept=moment(int(time.time() * 1000) + 1500))
    assert ae.update(path, "m2m:tram", {"tctl": LOCK}).rsc == 2004
    ends(ae, path, LOCKED, ABORTED)
    ends(ae, path, ABORTED)
    assert all_labels(ae, boxes) == [["before"]] * 3


def test_at_its_times(ae, boxes):
    begun = time.time()
    path = begin(ae, [label(ae, box, "after") for box in boxes], tltm=stamp(0), text=stamp(1), tct=stamp(2))
    ends(ae, path, COMMITTED)
    assert time.time() - begun > 0.9
    assert all_labels(ae, boxes) == [["after"]] * 3


def test_deleted_with_all_it_has_made(ae, boxes):
    path = begin(ae, [label(ae, box, "after") for box in boxes], tmd=2)
    assert ae.update(path, "m2m:tram", {"tctl": LOCK}).rsc == 2004
    ends(ae, path, LOCKED)
    assert ae.delete(path).rsc == 2002
    assert eventually(lambda: all(ae.get(box).rsc == 2000 for box in boxes))
    assert eventually(lambda: not any(ae.discover(box, ty=TRAC).found for box in boxes))


def test_its_creator_goes(ae, admin, boxes):
    """Nothing stays locked behind an AE that deregisters."""
    other = admin.ae(f"{ae.name}gone")
    everything = {"acr": [{"acor": [other.origin, ae.origin], "acop": 63}]}
    policy = ae.request("POST", ae.name, {"m2m:acp": {"pv": everything, "pvs": everything}}, ty=1).pc["ri"]
    for box in boxes:
        assert ae.update(box, "m2m:cnt", {"acpi": [policy]}).rsc == 2004
    other.name = f"{ae.name}gone"
    path = begin(other, [label(other, box, "after") for box in boxes], tmd=2)
    assert other.update(path, "m2m:tram", {"tctl": LOCK}).rsc == 2004
    ends(other, path, LOCKED)
    assert other.delete(other.name).rsc == 2002
    assert eventually(lambda: all(ae.get(box).rsc == 2000 for box in boxes))
    assert all_labels(ae, boxes) == [["before"]] * 3


def test_goes_when_it_is_over(ae, boxes):
    path = begin(ae, [label(ae, box, "after") for box in boxes], tmh=1)
    assert eventually(lambda: ae.get(path).rsc == 4004)
    assert all_labels(ae, boxes) == [["after"]] * 3
    assert eventually(lambda: not any(ae.discover(box, ty=TRAC).found for box in boxes))


def test_two_race_for_the_same_resources(ae, boxes):
    """In opposite orders: each is carried out as a whole, one after the other, or not at all."""
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        paths = list(pool.map(lambda n: begin(ae.as_(ae.origin), [label(ae, box, str(n)) for box in boxes[::1 if n % 2 else -1]], ae.name, tmr=20), range(4)))
    found = [ends(ae, path, COMMITTED, ABORTED)["trst"] for path in paths]
    assert COMMITTED in found
    last = all_labels(ae, boxes)
    assert last[0] == last[1] == last[2] and found[int(last[0][0])] == COMMITTED, (last, found)


def test_busy_without_retries(ae, boxes):
    holder = begin(ae, [label(ae, boxes[0], "holder")], tmd=2)
    assert ae.update(holder, "m2m:tram", {"tctl": LOCK}).rsc == 2004
    ends(ae, holder, LOCKED)
    late = begin(ae, [label(ae, box, "late") for box in boxes])
    assert codes(ends(ae, late, ABORTED)) == [BUSY] * 3
    patient = begin(ae, [label(ae, box, "patient") for box in boxes], tmr=100)
    assert ae.update(holder, "m2m:tram", {"tctl": ABORT}).rsc == 2004
    ends(ae, patient, COMMITTED)
    assert all_labels(ae, boxes) == [["patient"]] * 3


def test_notifications_come_with_the_commit(ae, boxes, receiver):
    assert ae.create(boxes[0], SUB, {"nu": [receiver.url]}).rsc == 2001
    path = begin(ae, [label(ae, box, "after") for box in boxes], tmd=2)
    for tctl in (LOCK, EXECUTE):
        assert ae.update(path, "m2m:tram", {"tctl": tctl}).rsc == 2004
        ends(ae, path, tctl)
    receiver.none(0.2)
    assert ae.update(path, "m2m:tram", {"tctl": COMMIT}).rsc == 2004
    assert receiver.next()["nev"]["rep"]["m2m:cnt"]["lbl"] == ["after"]


@pytest.mark.parametrize("change, attributes, rsc, text", [
    ({"fr": "CAdmin"}, {}, 4000, "rqps.fr"),
    ({"op": 5}, {}, 5001, "rqps.op"),
    ({"mi": {"rvi": "3", "rcn": 9}}, {}, 5001, "rqps.rcn"),
    ({}, {"tept": stamp(-10)}, 4000, "tept"),
    ({}, {"tct": stamp(20), "tept": stamp(10)}, 4000, "tept"),
    ({}, {"text": stamp(20), "tct": stamp(10)}, 4000, "tct: earlier than text"),
    ({}, {"tctl": 2}, 4000, "tctl"),
], ids=case_name)
def test_malformed(ae, boxes, change, attributes, rsc, text):
    answer = ae.request("POST", ae.name, {"m2m:tram": {"rqps": {"req": [{**label(ae, boxes[0], "x"), **change}]}, **attributes}}, ty=TRAM)
    assert answer.rsc == rsc and text in answer.dbg, answer


def test_twice_the_same_target(ae, boxes):
    requests = [label(ae, boxes[0], "x"), {**label(ae, boxes[0], "y"), "to": f"/id-in/cse-in/{boxes[0]}"}]
    answer = ae.request("POST", ae.name, {"m2m:tram": {"rqps": {"req": requests}}}, ty=TRAM)
    assert answer.rsc == 4000 and "two requests" in answer.dbg


def test_only_abort_is_for_others_than_creators(ae, boxes):
    path = begin(ae, [label(ae, box, "after") for box in boxes], tltm=stamp(60))
    answer = ae.update(path, "m2m:tram", {"tctl": LOCK})
    assert answer.rsc == 4000 and "tctl" in answer.dbg
    assert ae.update(path, "m2m:tram", {"tctl": ABORT}).rsc == 2004
    ends(ae, path, ABORTED)
