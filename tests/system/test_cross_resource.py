"""crossResourceSubscription: notified when all its targets have changed within a time window."""

import time

import pytest

from client import CIN, CNT, SCH, SUB, Receiver, eventually

CRS = 48
CHILDREN = {"encn": [{"net": [3]}]}


@pytest.fixture
def boxes(ae):
    for rn in "ab":
        assert ae.create(ae.name, CNT, {"rn": rn}).rsc == 2001
    return [f"{ae.name}/a", f"{ae.name}/b"]


def cross(ae, receiver, **attributes):
    body = {"rn": "crs", "twt": 1, "tws": "PT1H", "nu": [receiver.url], "encs": CHILDREN, **attributes}
    return ae.request("POST", ae.name, {"m2m:crs": {k: v for k, v in body.items() if v is not None}}, ty=CRS)


def paths(boxes):
    return [f"cse-in/{box}" for box in boxes]


def subscriptions(ae, box):
    return ae.get(box, rcn=8, ty=SUB).json.get("m2m:cnt", {}).get("m2m:sub", [])


def test_notified_when_all_have_changed(ae, boxes, receiver):
    crs = cross(ae, receiver, rrat=paths(boxes))
    assert crs.rsc == 2001, crs
    assert len(crs.pc["rrats"]) == 2 and not [name for name in crs.pc if name.startswith("_")]
    address = "/id-in/" + crs.pc["ri"]
    for box in boxes:
        (sub,) = subscriptions(ae, box)
        assert sub["nu"] == sub["acrs"] == [address] and "/id-in/" + sub["ri"] in crs.pc["rrats"]
    ae.create(boxes[0], CIN, {"con": 1})
    ae.create(boxes[0], CIN, {"con": 2})
    time.sleep(0.5)
    assert receiver.got.empty()
    ae.create(boxes[1], CIN, {"con": 3})
    assert receiver.got.get(timeout=8)[1] == {"m2m:sgn": {"sur": f"/id-in/cse-in/{ae.name}/crs", "cr": ae.origin}}
    ae.create(boxes[1], CIN, {"con": 4})
    ae.create(boxes[0], CIN, {"con": 5})
    assert receiver.got.get(timeout=8)[1]["m2m:sgn"]["sur"].endswith("/crs")
    for answer in (ae.get(f"{ae.name}/crs"), ae.get(ae.name, rcn=4)):
        assert "_w" not in answer.text and "_src" not in answer.text


def test_sliding_window_is_over(ae, boxes, receiver):
    assert cross(ae, receiver, rrat=paths(boxes), twt=2, tws="PT1S").rsc == 2001
    ae.create(boxes[0], CIN, {"con": 1})
    time.sleep(2)
    ae.create(boxes[1], CIN, {"con": 2})
    time.sleep(0.5)
    assert receiver.got.empty()
    assert ae.update(f"{ae.name}/crs", "m2m:crs", {"tws": "PT1H"}).rsc == 2004
    for box in boxes:
        ae.create(box, CIN, {"con": 3})
    receiver.got.get(timeout=8)


def test_existing_subscriptions(ae, boxes, receiver):
    with Receiver() as other:
        for box in boxes:
            assert ae.create(box, SUB, {"rn": "s", "nu": [other.url], "enc": {"net": [3]}}).rsc == 2001
        crs = cross(ae, receiver, srat=[f"{p}/s" for p in paths(boxes)], encs=None)
        assert crs.rsc == 2001, crs
        sub = ae.get(f"{boxes[0]}/s").pc
        assert sub["nu"] == [other.url, "/id-in/" + crs.pc["ri"]] and sub["acrs"] == ["/id-in/" + crs.pc["ri"]]
        for box in boxes:
            ae.create(box, CIN, {"con": 1})
        receiver.got.get(timeout=8)
        assert other.got.get(timeout=8) and other.got.get(timeout=8)
        assert ae.delete(f"{ae.name}/crs").rsc == 2002
        sub = ae.get(f"{boxes[0]}/s").pc
        assert sub["nu"] == [other.url] and "acrs" not in sub


def test_rolled_back(ae, boxes, receiver):
    answer = cross(ae, receiver, rrat=paths(boxes) + ["cse-in/nothing"])
    assert answer.rsc == 5221 and "cse-in/nothing" in answer.dbg, answer
    assert eventually(lambda: not subscriptions(ae, boxes[0]) and not subscriptions(ae, boxes[1]))
    assert ae.create(boxes[0], SUB, {"rn": "s", "nu": [receiver.url], "enc": {"net": [3]}}).rsc == 2001
    answer = cross(ae, receiver, srat=[f"cse-in/{boxes[0]}/s", "cse-in/nothing"], encs=None)
    assert answer.rsc == 5221
    assert ae.get(f"{boxes[0]}/s").pc["nu"] == [receiver.url]
    assert ae.get(f"{ae.name}/crs").rsc == 4004


def test_without_right(guest, boxes, receiver):
    assert cross(guest, receiver, rrat=paths(boxes)).rsc == 5221


@pytest.mark.parametrize("more", [{"rrat": None, "encs": None}, {"encs": None}, {"encs": {"encn": [{"net": [1]}] * 3}}, {"twt": 3}, {"tws": "x"}, {"nu": []}], ids=str)
def test_malformed(ae, boxes, receiver, more):
    assert cross(ae, receiver, **{"rrat": paths(boxes), **more}).rsc == 4000


def test_deleted(ae, boxes, receiver):
    assert cross(ae, receiver, rrat=paths(boxes)).rsc == 2001
    assert ae.delete(f"{ae.name}/crs").rsc == 2002
    assert subscriptions(ae, boxes[0]) == subscriptions(ae, boxes[1]) == []


def test_goes_with_its_targets(ae, boxes, receiver):
    assert cross(ae, receiver, rrat=paths(boxes), su=receiver.url).rsc == 2001
    assert ae.delete(boxes[0]).rsc == 2002
    assert eventually(lambda: ae.get(f"{ae.name}/crs").rsc == 4004)
    assert eventually(lambda: subscriptions(ae, boxes[1]) == [])
    assert receiver.got.get(timeout=8)[1]["m2m:sgn"]["sud"] is True


def test_expiration_counter(ae, boxes, receiver):
    assert cross(ae, receiver, rrat=paths(boxes), exc=2, nse=True).rsc == 2001
    for left in (1, None):
        for box in boxes:
            ae.create(box, CIN, {"con": 1})
        receiver.got.get(timeout=8)
        if left:
            assert eventually(lambda: ae.get(f"{ae.name}/crs").pc["exc"] == left)
            assert ae.get(f"{ae.name}/crs").pc["nsi"] == [{"tg": receiver.url, "rqs": 1, "rsr": 1, "noec": 1}]
    assert eventually(lambda: ae.get(f"{ae.name}/crs").rsc == 4004)


def test_not_lost_while_the_target_is_away(ae, boxes):
    with Receiver() as first:
        port = first.port
    with_port = type("Away", (), {"url": f"http://127.0.0.1:{port}/n"})
    assert cross(ae, with_port, rrat=paths(boxes)).rsc == 2001
    for box in boxes:
        ae.create(box, CIN, {"con": 1})
    time.sleep(1)
    with Receiver(port=port) as back:
        assert back.got.get(timeout=30)[1]["m2m:sgn"]["sur"].endswith("/crs")


def test_only_cses_notify_it(ae, boxes, receiver):
    assert cross(ae, receiver, rrat=paths(boxes)).rsc == 2001
    answer = ae.request("POST", f"{ae.name}/crs", {"m2m:sgn": {"sur": "x"}})
    assert answer.rsc == 4103


# ---- other modes than "all present"


def crs_notified(receiver):
    return receiver.got.get(timeout=60)[1]["m2m:sgn"]["sur"].endswith("/crs")


def test_with_the_first_change(ae, boxes, receiver):
    assert cross(ae, receiver, rrat=paths(boxes), eem=2).rsc == 2001
    ae.create(boxes[0], CIN, {"con": 1})
    assert crs_notified(receiver) and receiver.none(1)  # it is noted after it was told: changes at the same moment may be told twice
    for box in boxes:
        ae.create(box, CIN, {"con": 1})
    assert receiver.none()  # once in a window
    assert ae.update(f"{ae.name}/crs", "m2m:crs", {"eem": 1}).rsc == 2004
    for box in boxes:
        ae.create(box, CIN, {"con": 2})
    assert crs_notified(receiver)


@pytest.mark.parametrize("case", ["a part", "all"])
def test_some_are_missing(ae, boxes, receiver, case):
    assert cross(ae, receiver, rrat=paths(boxes), eem=3, twt=2, tws="PT1S").rsc == 2001
    for box in boxes if case == "all" else boxes[:1]:
        ae.create(box, CIN, {"con": 1})
    if case == "all":
        assert receiver.none(1.5)
    else:
        assert crs_notified(receiver)


def test_nothing_has_changed(ae, boxes, receiver):
    assert cross(ae, receiver, rrat=paths(boxes), eem=4, tws="PT1S", exc=2).rsc == 2001
    assert crs_notified(receiver) and crs_notified(receiver)
    assert eventually(lambda: ae.get(f"{ae.name}/crs").rsc == 4004)


def test_some_but_not_all(ae, boxes, receiver):
    assert cross(ae, receiver, rrat=paths(boxes), eem=5, tws="PT1S").rsc == 2001
    assert receiver.none(1.5)  # all are missing
    ae.create(boxes[1], CIN, {"con": 1})
    assert crs_notified(receiver)


def test_all_missing_needs_periods(ae, boxes, receiver):
    assert cross(ae, receiver, rrat=paths(boxes), eem=4, twt=2).rsc == 4000
    assert cross(ae, receiver, rrat=paths(boxes), eem=4).rsc == 2001
    assert ae.update(f"{ae.name}/crs", "m2m:crs", {"twt": 2}).rsc == 4000
    assert ae.update(f"{ae.name}/crs", "m2m:crs", {"twt": 2, "eem": 5}).rsc == 2004


def test_schedule(ae, boxes, receiver):
    """Outside of its notificationSchedule nothing is told, nor counted."""
    assert cross(ae, receiver, rrat=paths(boxes), exc=1).rsc == 2001
    assert ae.create(f"{ae.name}/crs", SCH, {"se": {"sce": ["0 0 0 1 1 * 2001"]}}).pc["rn"] == "notificationSchedule"
    for box in boxes:
        ae.create(box, CIN, {"con": 1})
    assert receiver.none()
    assert ae.update(f"{ae.name}/crs/notificationSchedule", "m2m:sch", {"se": {"sce": ["* * * * * * *"]}}).rsc == 2004
    for box in boxes:
        ae.create(box, CIN, {"con": 2})
    assert crs_notified(receiver)
    assert eventually(lambda: ae.get(f"{ae.name}/crs").rsc == 4004)


def test_deletion_is_not_outrun_by_that_of_its_subscriptions(ae, boxes, receiver):
    """What its own subscriptions say when they go does not make it a 4004."""
    for _ in range(20):
        assert cross(ae, receiver, rrat=paths(boxes)).rsc == 2001
        assert ae.delete(f"{ae.name}/crs").rsc == 2002
        assert ae.get(f"{ae.name}/crs").rsc == 4004
