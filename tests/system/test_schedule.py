"""Schedules: their form, and when notifications wait for the windows of a subscription or of the target's node. TS-0001 9.6.9, 9.6.8, TS-0004 7.4.9."""

import pytest

from client import CNT, NOD, SCH, SUB, eventually

OPEN, SHUT = "* * * * * * *", "* * * * * * 1999"
NAME = "notificationSchedule"


def schedule(*entries):
    return {"se": {"sce": list(entries)}}


@pytest.fixture
def node(admin):
    answer = admin.create("", NOD, {"ni": "n.test"})
    assert answer.rsc == 2001, answer
    yield answer.pc["rn"]
    admin.delete(answer.pc["rn"])


@pytest.fixture
def watch(ae):
    """Subscribes to updates; returns the path of the subscription."""

    def watch(target, **attributes):
        answer = ae.create(ae.name, SUB, {"nu": [target], "enc": {"net": [1]}, **attributes})
        assert answer.rsc == 2001, answer
        return f"{ae.name}/{answer.pc['rn']}"

    return watch


def change(ae, *labels):
    for label in labels:
        assert ae.update(ae.name, "m2m:ae", {"lbl": [label]}).rsc == 2004


def labels(receiver, count):
    return [n["nev"]["rep"]["m2m:ae"]["lbl"][0] for n in receiver.many(count)]


@pytest.mark.parametrize("entry", ["* * * * * *", "* * * * * * * *", "60 * * * * * *", "* * 24 * * * *", "* * * 0 * * *", "* * * * 13 * *", "x * * * * * *", "", "*/0 * * * * * *"])
def test_entries_that_are_none(admin, entry):
    answer = admin.create("", SCH, schedule(entry))
    assert answer.rsc == 4000 and "se" in answer.dbg, answer


def test_below_the_base(admin):
    answer = admin.create("", SCH, {"rn": "hours", **schedule("0-30 * 8-17 * * 1-5 *", "*/10 * * * * 0,6 *")})
    assert answer.rsc == 2001
    assert admin.get("hours").pc["se"]["sce"][0] == "0-30 * 8-17 * * 1-5 *"
    assert admin.update("hours", "m2m:sch", schedule(OPEN)).pc["se"] == {"sce": [OPEN]}
    assert admin.update("hours", "m2m:sch", {"se": None}).rsc == 4000
    assert admin.update("hours", "m2m:sch", {"nco": False}).rsc == 4102
    assert admin.create("", SCH, {}).rsc == 4000 and admin.create("", SCH, {"se": {"sce": []}}).rsc == 4000
    assert admin.create("", SCH, {"nco": False, **schedule(OPEN)}).rsc == 4102
    assert admin.delete("hours").rsc == 2002


def test_below_a_node(admin, node):
    made = admin.create(node, SCH, {"nco": False, **schedule(OPEN)})
    assert made.rsc == 2001 and made.pc["nco"] is False
    assert admin.create(node, SCH, {"nco": True, **schedule(OPEN)}).rsc == 5001
    assert admin.update(f"{node}/{made.pc['rn']}", "m2m:sch", {"nco": True}).rsc == 5001


def test_below_a_subscription(ae, receiver, watch):
    sub = watch(receiver.url)
    assert ae.create(sub, SCH, {"rn": "mine", **schedule(OPEN)}).rsc == 4000
    assert ae.create(sub, SCH, {"nco": False, **schedule(OPEN)}).rsc == 4102
    assert ae.create(sub, SCH, schedule(OPEN)).pc["rn"] == NAME
    assert ae.create(sub, SCH, {"rn": NAME, **schedule(OPEN)}).rsc == 4105
    assert ae.create(ae.name, SCH, schedule(OPEN)).rsc == 4108


def test_outside_its_windows_nothing_is_told(ae, receiver, watch):
    sub = watch(receiver.url)
    assert ae.create(sub, SCH, schedule(SHUT)).rsc == 2001
    change(ae, "a", "b")
    assert receiver.none()
    assert ae.update(f"{sub}/{NAME}", "m2m:sch", schedule(SHUT, OPEN)).rsc == 2004
    change(ae, "c")
    assert labels(receiver, 1) == ["c"]  # the others were dropped: nothing said that they wait
    assert ae.update(f"{sub}/{NAME}", "m2m:sch", schedule(SHUT)).rsc == 2004
    change(ae, "d")
    assert receiver.none()
    assert ae.delete(f"{sub}/{NAME}").rsc == 2002
    change(ae, "e")
    assert labels(receiver, 1) == ["e"]


@pytest.mark.parametrize("pn, told", [(1, ["c", "d"]), (2, ["a", "b", "c", "d"])])
def test_what_waits_is_told_when_its_window_opens(ae, receiver, watch, pn, told):
    sub = watch(receiver.url, pn=pn)
    assert ae.create(sub, SCH, schedule(SHUT)).rsc == 2001
    change(ae, "a", "b", "c")
    assert receiver.none(1)
    assert ae.update(f"{sub}/{NAME}", "m2m:sch", schedule(OPEN)).rsc == 2004
    assert labels(receiver, len(told) - 1) == told[:-1]
    change(ae, "d")
    assert labels(receiver, 1) == ["d"]


def test_immediate_ones_do_not_wait(ae, receiver, watch):
    sub = watch(receiver.url, nec=2)
    assert ae.create(sub, SCH, schedule(SHUT)).rsc == 2001
    change(ae, "a")
    assert labels(receiver, 1) == ["a"]


def test_what_waits_survives_a_kill(stack, ae, receiver, watch):
    def waiting():
        return stack.metrics("notification.1")['tessera_notifications_pending{where="storage"}']

    before = waiting()  # others share the installation
    sub = watch(receiver.url, pn=2)
    assert ae.create(sub, SCH, schedule(SHUT)).rsc == 2001
    change(ae, "a", "b")
    assert eventually(lambda: waiting() >= before + 2)
    stack.kill("notification.1")
    stack.wait_healthy()
    assert receiver.none(1)
    assert ae.delete(f"{sub}/{NAME}").rsc == 2002
    assert labels(receiver, 2) == ["a", "b"]


def test_a_node_that_cannot_be_reached_now(admin, ae, node, receiver, watch):
    assert ae.update(ae.name, "m2m:ae", {"poa": [receiver.url], "nl": admin.get(node).pc["ri"]}).rsc == 2004
    admin.create(node, SCH, {"rn": "hours", **schedule(SHUT)})
    watch(ae.origin, pn=2)
    dropping = watch(ae.origin)
    immediate = watch(ae.origin, nec=2)
    change(ae, "a", "b")
    found = receiver.many(2)
    assert {n["sur"].split("/", 2)[2] for n in found} == {f"cse-in/{immediate}"}
    assert receiver.none()
    assert admin.update(f"{node}/hours", "m2m:sch", schedule(OPEN)).rsc == 2004
    assert labels(receiver, 2) == ["a", "b"]
    ae.delete(immediate)
    change(ae, "c")
    found = receiver.many(2)
    assert {n["sur"].split("/", 2)[2] for n in found} > {f"cse-in/{dropping}"}


def test_a_container_has_none(ae):
    parent = ae.create(ae.name, CNT, {}).pc["rn"]
    assert ae.create(f"{ae.name}/{parent}", SCH, schedule(OPEN)).rsc == 4108
