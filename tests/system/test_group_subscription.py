"""Subscriptions through a group, whose notifications the group collects; TS-0001 10.2.7.11."""

import pytest

from bus import Bus
from client import ACP, CIN, CNT, SUB, Receiver, eventually
from test_two_line_contract import check

GRP = 9


@pytest.fixture
def boxes(ae):
    for i in range(3):
        assert ae.create(ae.name, CNT, {"rn": f"c{i}"}).rsc == 2001
    return [f"cse-in/{ae.name}/c{i}" for i in range(3)]


def group(ae, members, **attributes):
    answer = ae.request("POST", ae.name, {"m2m:grp": {"rn": "g", "mnm": 10, "mt": CNT, "mid": members, **attributes}}, ty=GRP)
    assert answer.rsc == 2001, answer
    return answer.pc["ri"]


def subscribe(ae, target="http://127.0.0.1:9/none", **attributes):
    """The members' answers."""
    answer = ae.create(f"{ae.name}/g/fopt", SUB, {"rn": "s", "nu": [target], "enc": {"net": [3]}, **attributes})
    return answer.json["m2m:agr"]["m2m:rsp"] if answer.rsc == 2000 else answer


def add(ae, box, con=1):
    assert ae.create(f"{ae.name}/{box}", CIN, {"con": con}).rsc == 2001


def con_of(sgn):
    return sgn["nev"]["rep"]["m2m:cin"]["con"]


def test_group_is_marked(ae, boxes, receiver):
    ri = group(ae, boxes)
    for answer in subscribe(ae, receiver.url):
        assert answer["rsc"] == 2001 and answer["pc"]["m2m:sub"]["gpi"] == f"/id-in/{ri}"
        assert answer["pc"]["m2m:sub"]["nu"] == [receiver.url]
    add(ae, "c1")
    assert "nfu" not in receiver.next()


def test_collected_and_passed_on(ae, boxes, receiver):
    ri = group(ae, boxes)
    for answer in subscribe(ae, nfu=receiver.url):
        assert answer["rsc"] == 2001, answer
        assert answer["pc"]["m2m:sub"]["nu"] == [f"/id-in/{ri}"]
    for i in range(3):
        add(ae, f"c{i}", i)
    got = receiver.many(3)
    assert {con_of(sgn): sgn["sur"] for sgn in got} == {i: f"/id-in/cse-in/{ae.name}/c{i}/s" for i in range(3)}
    assert {sgn["nfu"] for sgn in got} == {receiver.url}
    assert receiver.none()


def test_those_of_one_member_come_in_order(ae, boxes, receiver):
    group(ae, boxes)
    subscribe(ae, nfu=receiver.url)
    for i in range(60):
        add(ae, "c0", i)
    assert [con_of(sgn) for sgn in receiver.many(60)] == list(range(60))


def test_aggregated_by_number(ae, boxes, receiver):
    group(ae, boxes, nar={"num": 3})
    subscribe(ae, nfu=receiver.url)
    for i in range(2):
        add(ae, f"c{i}", i)
    assert receiver.none()
    add(ae, "c2", 2)
    assert sorted(con_of(sgn) for sgn in receiver.next()["m2m:sgn"]) == [0, 1, 2]


def test_aggregated_by_time(ae, boxes, receiver):
    group(ae, boxes, nar={"num": 100, "dur": "PT1S"})
    subscribe(ae, nfu=receiver.url)
    for i in range(2):
        add(ae, f"c{i}", i)
    assert sorted(con_of(sgn) for sgn in receiver.next()["m2m:sgn"]) == [0, 1]


def test_batches_of_members_are_taken_apart(ae, boxes, receiver):
    group(ae, boxes[:1])
    subscribe(ae, nfu=receiver.url, bn={"num": 2})
    for i in range(2):
        add(ae, "c0", i)
    assert [con_of(sgn) for sgn in receiver.many(2)] == [0, 1]


def test_passed_on_to_an_application(admin, ae, boxes):
    with Receiver() as mine:
        assert ae.update(ae.name, "m2m:ae", {"poa": [mine.url]}).rsc == 2004
        group(ae, boxes)
        assert {a["rsc"] for a in subscribe(ae, nfu=f"C{ae.name}")} == {2001}
        assert mine.none(0.2), "nobody asks the one who subscribes"
        add(ae, "c0")
        assert con_of(mine.next()) == 1


def test_passed_on_to_another_who_consents(ae, guest, boxes):
    with Receiver() as theirs:
        assert guest.update(guest.name, "m2m:ae", {"poa": [theirs.url]}).rsc == 2004
        group(ae, boxes)
        assert subscribe(ae, nfu=f"C{guest.name}").rsc == 4101
        policy = {"pv": {"acr": [{"acor": [f"C{ae.name}"], "acop": 16}]}, "pvs": {"acr": [{"acor": [f"C{guest.name}"], "acop": 63}]}}
        assert guest.create(guest.name, ACP, {"rn": "p", **policy}).rsc == 2001
        assert guest.update(guest.name, "m2m:ae", {"acpi": [f"cse-in/{guest.name}/p"]}).rsc in (2004, 4103)
        answers = subscribe(ae, nfu=f"C{guest.name}")
        assert [a["rsc"] for a in answers] == [2001] * 3
        assert theirs.next()["vrq"] is True
        add(ae, "c2", 7)
        assert con_of(theirs.next()) == 7
        assert theirs.none(0.2)


def test_event_is_as_the_contract_says(ae, boxes, receiver, stack):
    group(ae, boxes, nar={"num": 2, "dur": "PT10S"})
    subscribe(ae, nfu=receiver.url)
    with Bus(stack, "notification") as bus:
        queue = bus.listen("cse.events", "main.grp.relay.watched")
        add(ae, "c0")
        event = bus.messages(queue, enough=bool)[0][1][0]
    check("event.relay", event, same=("event", "op", "ty"))


def test_what_waits_is_kept_and_goes_with_the_group(ae, boxes, stack):
    down = Receiver()
    url = down.url
    port = down.port
    down.close()
    group(ae, boxes)
    subscribe(ae, nfu=url)

    def waiting():
        return sum(v for k, v in stack.metrics("notification.1").items() if k.startswith('tessera_notifications_pending{where="storage"'))

    before = waiting()
    for i in range(3):
        add(ae, f"c{i}", i)
    assert eventually(lambda: waiting() == before + 3)
    with Receiver(port=port) as up:
        assert sorted(con_of(sgn) for sgn in up.many(3)) == [0, 1, 2]
    for i in range(3):
        add(ae, f"c{i}", i)
    assert eventually(lambda: waiting() == before + 3)
    assert ae.delete(f"{ae.name}/g").rsc == 2002
    assert eventually(lambda: waiting() == before)


def test_only_members_notify_the_group(ae, guest, boxes, receiver):
    ri = group(ae, boxes)
    told = {"m2m:sgn": {"nev": {}, "sur": "x", "nfu": receiver.url}}
    assert guest.request("POST", f"/{ri}", told).rsc == 4103
    assert guest.create(guest.name, SUB, {"nu": [f"/id-in/{ri}"], "nfu": receiver.url}).rsc == 4101
    assert ae.request("POST", f"/{ri}", {"m2m:sgn": {"nev": {}, "sur": "x"}}).rsc == 4000
    assert ae.request("POST", f"/{ri}", told).rsc == 2000
    assert receiver.next() == told["m2m:sgn"]
