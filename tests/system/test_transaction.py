"""A transaction below one resource: locked, executed for a trial, committed or rolled back."""

import itertools
import time

import pytest

from client import ACTR, CIN, CNT, CSE, SUB, case_name, eventually, moment, stamp

TRAC = 51
INITIAL, LOCK, EXECUTE, COMMIT, ABORT = range(1, 6)
LOCKED, EXECUTED, COMMITTED, ERROR, ABORTED = range(2, 7)
ILLEGAL, BUSY = 4123, 5222
WAY = {INITIAL: [], LOCKED: [LOCK], EXECUTED: [LOCK, EXECUTE], COMMITTED: [LOCK, EXECUTE, COMMIT], ABORTED: [ABORT]}

names = itertools.count(1)


@pytest.fixture
def box(ae):
    """A container."""
    path = f"{ae.name}/box{next(names)}"
    assert ae.create(ae.name, CNT, {"rn": path.split("/")[1], "lbl": ["before"]}).rsc == 2001
    return path


def begin(client, parent, op, more=None, **attributes):
    """A transaction with a request to `parent`; its address."""
    rqp = {"op": op, "to": f"cse-in/{parent}", "rqi": "own", **(more or {})}
    answer = client.request("POST", parent, {"m2m:trac": {"tid": "t1", "rqp": rqp, **attributes}}, ty=TRAC)
    assert answer.rsc == 2001, answer
    assert (answer.pc["tctl"], answer.pc["trst"], answer.pc["rqp"]["fr"]) == (INITIAL, INITIAL, client.origin)
    return f"{parent}/{answer.pc['rn']}"


def control(client, path, tctl):
    return client.update(path, "m2m:trac", {"tctl": tctl})


def drive(client, path, *controls):
    """All of them, which succeed; the transaction as it is in the end."""
    for tctl in controls:
        answer = control(client, path, tctl)
        assert answer.rsc == 2004, answer
    return answer.pc


def labels(value):
    return {"pc": {"m2m:cnt": {"lbl": [value]}}}


def test_committed_update(ae, box):
    path = begin(ae, box, 3, labels("after"), tltp=2)
    assert drive(ae, path, LOCK)["trst"] == LOCKED
    executed = drive(ae, path, EXECUTE)
    assert executed["trst"] == EXECUTED and executed["rsp"]["rsc"] == 2004 and executed["rsp"]["rqi"] == "own"
    assert executed["rsp"]["pc"]["m2m:cnt"]["lbl"] == ["after"]
    assert ae.get(box).pc["lbl"] == ["before"], "seen before it was committed"
    assert drive(ae, path, COMMIT)["trst"] == COMMITTED
    now = ae.get(box).pc
    assert now["lbl"] == ["after"] and now["st"] == ae.get(path).pc["rsp"]["pc"]["m2m:cnt"]["st"]
    assert ae.delete(path).rsc == 2002


def test_rolled_back(ae, box, receiver):
    assert ae.create(box, SUB, {"nu": [receiver.url], "enc": {"net": [1]}}).rsc == 2001
    path = begin(ae, box, 3, labels("after"))
    assert drive(ae, path, LOCK, EXECUTE, ABORT)["trst"] == ABORTED
    assert "rsp" not in ae.get(path).pc
    now = ae.get(box).pc
    assert now["lbl"] == ["before"] and now["st"] == 0
    assert ae.update(box, "m2m:cnt", {"lbl": ["free"]}).rsc == 2004
    assert receiver.next()["nev"]["rep"]["m2m:cnt"]["lbl"] == ["free"]  # the first that anybody hears
    again = drive(ae, path, INITIAL, LOCK, EXECUTE, COMMIT)
    assert again["trst"] == COMMITTED and ae.get(box).pc["lbl"] == ["after"]


@pytest.mark.parametrize("state", WAY)
@pytest.mark.parametrize("tctl", [INITIAL, LOCK, EXECUTE, COMMIT, ABORT])
def test_transitions(ae, box, state, tctl):
    legal = {INITIAL: {INITIAL, LOCK, ABORT}, LOCKED: {LOCK, EXECUTE, ABORT}, EXECUTED: {EXECUTE, COMMIT, ABORT}, COMMITTED: {COMMIT}, ABORTED: {INITIAL, ABORT}}
    path = begin(ae, box, 3, labels("after"))
    for step in WAY[state]:
        drive(ae, path, step)
    answer = control(ae, path, tctl)
    assert answer.rsc == (2004 if tctl in legal[state] else ILLEGAL), answer
    if answer.rsc == ILLEGAL:
        assert "tctl" in answer.dbg and ae.get(path).pc["trst"] == state
    if ae.get(path).pc["trst"] in (LOCKED, EXECUTED):
        drive(ae, path, ABORT)


def test_locked_for_all_others(ae, admin, box):
    assert ae.create(box, CIN, {"rn": "one", "con": 1}).rsc == 2001
    path = begin(ae, box, 3, labels("after"))
    drive(ae, path, LOCK)
    for who in (ae, admin):
        for answer in (who.get(box), who.update(box, "m2m:cnt", {"lbl": ["x"]}), who.create(box, CIN, {"con": 2}), who.delete(box),
                       who.get(f"{box}/la"), who.get(f"{box}/one"), who.delete(f"{box}/one")):
            assert answer.rsc == BUSY and "locked" in answer.dbg, answer
    assert ae.get(ae.name, rcn=4).rsc == 2000  # what is above is not concerned
    assert ae.delete(path).rsc == BUSY and "aborted first" in ae.delete(path).dbg
    above = admin.delete(ae.name)
    assert above.rsc == BUSY and "locked" in above.dbg, above
    drive(ae, path, ABORT)
    assert ae.get(box).pc["lbl"] == ["before"] and ae.get(f"{box}/la").pc["con"] == 1
    assert ae.delete(path).rsc == 2002


def test_retrieves_allowed(ae, box):
    path = begin(ae, box, 3, labels("after"), tltp=2)
    drive(ae, path, LOCK)
    assert ae.get(box).pc["lbl"] == ["before"]
    assert ae.update(box, "m2m:cnt", {"lbl": ["x"]}).rsc == BUSY
    drive(ae, path, ABORT)


def test_two_race(ae, box):
    first, second = begin(ae, box, 3, labels("first")), begin(ae, box, 3, labels("second"))
    drive(ae, first, LOCK)
    answer = control(ae, second, LOCK)
    assert answer.rsc == BUSY and ae.get(second).pc["trst"] == INITIAL
    drive(ae, first, EXECUTE, COMMIT)
    assert drive(ae, second, LOCK, EXECUTE, COMMIT)["trst"] == COMMITTED
    assert ae.get(box).pc["lbl"] == ["second"]


@pytest.mark.parametrize("op, more, before, after", [
    (1, {"ty": CNT, "pc": {"m2m:cnt": {"rn": "sub"}}}, 4004, 2000),
    (1, {"ty": CIN, "pc": {"m2m:cin": {"rn": "sub", "con": 7}}}, 4004, 2000),
    (4, {}, None, 4004),
], ids=["create", "instance", "delete"])
def test_other_operations(ae, box, op, more, before, after):
    path = begin(ae, box, op, more)
    drive(ae, path, LOCK, EXECUTE)
    if before:
        assert ae.get(f"{box}/sub").rsc in (before, BUSY)
    answer = control(ae, path, COMMIT)
    assert answer.rsc == 2004 and answer.pc["trst"] == COMMITTED, answer
    assert ae.get(f"{box}/sub" if op == 1 else box).rsc == after
    if op == 1:
        assert answer.pc["rsp"]["rsc"] == 2001
        assert next(iter(answer.pc["rsp"]["pc"].values()))["rn"] == "sub"


def test_instances_count(ae, box):
    path = begin(ae, box, 1, {"ty": CIN, "pc": {"m2m:cin": {"con": "x"}}})
    rsp = drive(ae, path, LOCK, EXECUTE, COMMIT)["rsp"]
    now = ae.get(box).pc
    assert (now["cni"], now["cbs"], now["st"]) == (1, 1, 1)
    assert ae.get(f"{box}/la").pc["rn"] == rsp["pc"]["m2m:cin"]["rn"]


def test_retrieve(ae, box):
    assert ae.create(box, CIN, {"con": 5}).rsc == 2001
    whole = drive(ae, begin(ae, box, 2), LOCK, EXECUTE, COMMIT)["rsp"]
    assert whole["rsc"] == 2000 and whole["pc"]["m2m:cnt"]["cni"] == 1
    latest = drive(ae, begin(ae, box, 2, {"to": f"cse-in/{box}/la"}), LOCK, EXECUTE, COMMIT)["rsp"]
    assert latest["pc"]["m2m:cin"]["con"] == 5


@pytest.mark.parametrize("op, more, rsc", [
    (3, {"pc": {"m2m:cnt": {"mni": -1}}}, 4000),
    (3, {"pc": {"m2m:cnt": {"none": 1}}}, 4000),
    (1, {"ty": CNT, "pc": {"m2m:cnt": {"rn": "taken"}}}, 4105),
    (1, {"ty": ACTR, "pc": {"m2m:actr": {}}}, 4000),
    (1, {"ty": CSE, "pc": {"m2m:cb": {}}}, 4005),
    (2, {"to": "la"}, 4004),
], ids=["value", "attribute", "name", "mandatory", "type", "empty"])
def test_what_cannot_be_done(ae, box, op, more, rsc):
    assert ae.create(box, CNT, {"rn": "taken"}).rsc == 2001
    if more.get("to"):
        more = {"to": f"cse-in/{box}/{more['to']}"}
    failed = drive(ae, begin(ae, box, op, more), LOCK, EXECUTE)
    assert failed["trst"] == ERROR and failed["rsp"]["rsc"] == rsc, failed
    assert failed["rsp"]["pc"]["m2m:dbg"]
    assert ae.get(box).rsc == 2000, "nothing is locked any more"


def test_a_subscription(ae, box, receiver):
    path = begin(ae, box, 1, {"ty": SUB, "pc": {"m2m:sub": {"nu": [receiver.url], "enc": {"net": [3]}, "nct": 1}}})
    drive(ae, path, LOCK, EXECUTE)
    assert drive(ae, path, COMMIT)["rsp"]["rsc"] == 2001
    assert ae.create(box, CIN, {"con": "told"}).rsc == 2001
    assert receiver.next()["nev"]["rep"]["m2m:cin"]["con"] == "told"


def test_what_others_take_part_in(ae, box, receiver):
    """An update that somebody must agree to."""
    assert ae.update(ae.name, "m2m:ae", {"poa": [receiver.url]}).rsc == 2004
    assert ae.create(box, SUB, {"nu": [ae.origin], "enc": {"net": [7]}}).rsc == 2001
    failed = drive(ae, begin(ae, box, 3, labels("after")), LOCK, EXECUTE)
    assert failed["trst"] == ERROR and failed["rsp"]["rsc"] == 5001 and "others" in failed["rsp"]["pc"]["m2m:dbg"]
    receiver.none(0.1)


def test_rights(ae, guest, box):
    assert guest.request("POST", box, {"m2m:trac": {"tid": "t", "rqp": {"op": 4, "to": f"cse-in/{box}"}}}, ty=TRAC).rsc == 4103
    path = begin(ae, box, 4)
    assert control(guest, path, LOCK).rsc == 4103


@pytest.mark.parametrize("attributes, rsc, text", [
    ({"rqp": {"op": 5, "to": "BOX", "pc": {"a": 1}}}, 5001, "rqp.op"),
    ({"rqp": {"op": 4, "to": "cse-in"}}, 4000, "rqp.to"),
    ({"rqp": {"op": 4, "to": "BOX/none"}}, 4000, "rqp.to"),
    ({"rqp": {"op": 4, "to": "BOX", "fr": "CAdmin"}}, 4000, "rqp.fr"),
    ({"rqp": {"op": 2, "to": "BOX", "rcn": 4}}, 5001, "rqp.rcn"),
    ({"rqp": {"op": 1, "ty": 2, "to": "BOX"}}, 5001, "rqp.ty"),
    ({"tltm": stamp(60), "text": stamp(30)}, 4000, "text: earlier than tltm"),
    ({"trst": 2}, 4000, "trst"),
    ({"tctl": 2}, 4000, "tctl"),
], ids=case_name)
def test_malformed(ae, box, attributes, rsc, text):
    body = {"tid": "t", "rqp": {"op": 4, "to": "BOX"}, **attributes}
    body["rqp"] = {**body["rqp"], "to": body["rqp"]["to"].replace("BOX", f"cse-in/{box}")}
    answer = ae.request("POST", box, {"m2m:trac": body}, ty=TRAC)
    assert answer.rsc == rsc and text in answer.dbg, answer


def test_by_the_clock(ae, box):
    path = begin(ae, box, 3, labels("after"), tltm=stamp(0), text=stamp(1), tct=stamp(1))
    assert eventually(lambda: ae.get(path).pc["trst"] == COMMITTED), ae.get(path)
    assert ae.get(box).pc["lbl"] == ["after"]


def test_what_follows_leaves_the_locked_alone(ae, admin):
    """The node of an AE names it in return."""
    name = f"n{next(names)}"
    node = admin.request("POST", "", {"m2m:nod": {"rn": name, "ni": name}}, ty=14).pc["ri"]
    path = begin(admin, name, 2)
    drive(admin, path, LOCK)
    answer = admin.update(ae.name, "m2m:ae", {"nl": node})
    assert answer.rsc == BUSY and "nl" not in ae.get(ae.name).pc, answer
    drive(admin, path, ABORT)
    assert admin.update(ae.name, "m2m:ae", {"nl": node}).rsc == 2004
    assert admin.delete(name).rsc == 2002


def test_expiration_gives_the_lock_back(ae, box):
    path = begin(ae, box, 3, labels("after"), et=moment(int(time.time() * 1000) + 700))
    drive(ae, path, LOCK, EXECUTE)
    assert ae.get(box).rsc == BUSY
    assert eventually(lambda: ae.get(box).rsc == 2000)
    assert ae.get(box).pc["lbl"] == ["before"]
    assert drive(ae, begin(ae, box, 3, labels("next")), LOCK, EXECUTE, COMMIT)["trst"] == COMMITTED
    assert ae.get(box).pc["lbl"] == ["next"]


def test_it_does_not_live_for_ever(ae, box):
    path = begin(ae, box, 4)
    assert ae.get(path).pc["et"] < stamp(700)
