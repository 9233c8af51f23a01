"""What is notified, with which content, to whom, in which order and when; TS-0001 9.6.8, TS-0004 7.5.1.2."""

import socket
import time

import cbor2
import pytest

from client import CIN, CNT, SUB, Receiver, eventually


@pytest.fixture
def box(ae):
    ae.create(ae.name, CNT, {"rn": "c"})
    return f"{ae.name}/c"


@pytest.fixture
def watch(ae, box, receiver):
    """Subscribes to the container; returns the subscription's path."""

    def watch(at=None, target=None, **attributes):
        answer = ae.create(at or box, SUB, {"nu": [target or receiver.url], **attributes})
        assert answer.rsc == 2001, answer
        return f"{at or box}/{answer.pc['rn']}"

    return watch


def fill(ae, box, *contents):
    for con in contents:
        assert ae.create(box, CIN, {"con": con}).rsc == 2001


def con(sgn):
    return sgn["nev"]["rep"]["m2m:cin"]["con"]


# ---- events

EVENTS = {
    "default": (None, [1]), "update": ([1], [1]), "delete": ([2], [2]), "create child": ([3], [3]), "delete child": ([4], [4]), "retrieve what is missing": ([5], [5]),
    "update and delete": ([1, 2], [1, 2]), "children": ([3, 4], [3, 4]), "all": ([5, 4, 3, 2, 1], [1, 2, 3, 4, 5]),
}


@pytest.mark.parametrize("case", EVENTS)
def test_events(ae, box, watch, receiver, case):
    net, expected = EVENTS[case]
    watch(**({"enc": {"net": net}} if net else {}))
    ae.update(box, "m2m:cnt", {"lbl": ["x"]})
    fill(ae, box, "one")
    ae.delete(f"{box}/la")
    ae.get(f"{box}/la")
    got = sorted(receiver.next()["nev"]["net"] for event in expected if event != 2)
    ae.delete(box)
    got += [receiver.next()["nev"]["net"] for event in expected if event == 2]
    assert sorted(got) == sorted(expected)
    assert receiver.none(0.15)


def test_what_a_notification_holds(ae, box, watch, receiver):
    at = watch(enc={"net": [1]}, cr=None)
    updated = ae.update(box, "m2m:cnt", {"lbl": ["x"], "mni": 5})
    headers, body = receiver.message()
    assert list(body) == ["m2m:sgn"]
    sgn = body["m2m:sgn"]
    assert sgn["nev"] == {"net": 1, "rep": {"m2m:cnt": updated.pc}}
    assert sgn["sur"] == f"/id-in/cse-in/{at}" and sgn["cr"] == ae.origin
    assert headers["X-M2M-Origin"] == "/id-in" and headers["X-M2M-RI"] and headers["X-M2M-RVI"]
    assert headers["Content-Type"] in ("application/json", "application/vnd.onem2m-ntfy+json") and headers["Content-Length"]


CONTENT = {  # per event and nct: the representation
    "1, all": (1, 1, lambda a, path: {"m2m:cnt": a}),
    "1, modified": (1, 2, lambda a, path: {"m2m:cnt": {"lbl": ["x"], "lt": a["lt"], "st": a["st"]}}),
    "1, address": (1, 3, lambda a, path: {"m2m:uri": path}),
    "2, all": (2, 1, lambda a, path: {"m2m:cnt": a}),
    "2, address": (2, 3, lambda a, path: {"m2m:uri": path}),
    "3, all": (3, 1, lambda a, path: {"m2m:cin": a}),
    "3, address": (3, 3, lambda a, path: {"m2m:uri": path}),
    "4, all": (4, 1, lambda a, path: {"m2m:cin": a}),
    "4, address": (4, 3, lambda a, path: {"m2m:uri": path}),
}


@pytest.mark.parametrize("case", CONTENT)
def test_content_type(ae, box, watch, receiver, case):
    net, nct, expected = CONTENT[case]
    watch(enc={"net": [net]}, nct=nct)
    cin = ae.create(box, CIN, {"rn": "i", "con": "one", "lbl": ["y"]}).pc
    if net == 4:
        ae.delete(f"{box}/i")
    if net in (1, 2):
        cnt = ae.update(box, "m2m:cnt", {"lbl": ["x"]}).pc
    if net == 2:
        ae.delete(box)
    rep = receiver.next()["nev"]["rep"]
    path = f"cse-in/{box}" + ("/i" if net > 2 else "")
    if nct == 3:
        assert list(rep) == ["m2m:uri"] and rep["m2m:uri"] in (path, f"/id-in/{path}")
    elif nct == 2:
        got = rep["m2m:cnt"]
        assert got["lbl"] == ["x"] and not set(got) - {"lbl", "lt", "st"}
    else:
        assert rep == expected(cin if net > 2 else cnt, path)


def test_modified_attributes_that_were_removed(ae, box, watch, receiver):
    ae.update(box, "m2m:cnt", {"lbl": ["x"], "mni": 5})
    watch(enc={"net": [1]}, nct=2)
    ae.update(box, "m2m:cnt", {"lbl": None, "mbs": 7})
    got = receiver.next()["nev"]["rep"]["m2m:cnt"]
    assert got["mbs"] == 7 and got.get("lbl") is None and "mni" not in got


def test_child_types(ae, box, watch, receiver):
    watch(enc={"net": [3, 4], "chty": [3]})
    fill(ae, box, "no")
    ae.create(box, CNT, {"rn": "sub"})
    ae.delete(f"{box}/la")
    ae.delete(f"{box}/sub")
    assert [(s["nev"]["net"], list(s["nev"]["rep"])) for s in receiver.many(2)] == [(3, ["m2m:cnt"]), (4, ["m2m:cnt"])]
    assert receiver.none(0.15)


def test_only_direct_children(ae, box, watch, receiver):
    watch(enc={"net": [3, 4]})
    ae.create(box, CNT, {"rn": "sub"})
    fill(ae, f"{box}/sub", "grandchild")
    ae.delete(f"{box}/sub")
    assert [s["nev"]["net"] for s in receiver.many(2)] == [3, 4]
    assert receiver.none(0.15)


def test_attributes_of_interest(ae, box, watch, receiver):
    watch(enc={"net": [1], "atr": ["lbl", "mbs"]})
    for change in ({"mni": 5}, {"lbl": ["x"]}, {"mni": 6, "mbs": 100}, {"mni": None}, {"lbl": None}):
        ae.update(box, "m2m:cnt", change)
    assert [(s["nev"]["rep"]["m2m:cnt"].get("lbl"), s["nev"]["rep"]["m2m:cnt"].get("mbs")) for s in receiver.many(3)] == [(["x"], None), (["x"], 100), (None, 100)]
    assert receiver.none(0.15)


def test_failures_are_no_events(ae, guest, box, watch, receiver):
    watch(enc={"net": [1, 2, 3, 4, 5]})
    ae.update(box, "m2m:cnt", {"mni": -1})
    ae.create(box, CIN, {})
    guest.create(box, CIN, {"con": 1})
    guest.delete(box)
    guest.get(f"{box}/la")  # has no right to know
    ae.get(box)
    ae.discover(box)
    assert receiver.none(0.3)


def test_eviction_is_no_event(ae, box, watch, receiver):
    ae.update(box, "m2m:cnt", {"mni": 1})
    watch(enc={"net": [4]})
    fill(ae, box, 1, 2, 3)
    ae.delete(f"{box}/la")
    assert con(receiver.next()) == 3
    assert receiver.none(0.15)


def test_a_new_subscription_knows_nothing_of_before_and_a_deleted_one_of_after(ae, box, watch, receiver):
    fill(ae, box, "before")
    at = watch(enc={"net": [3]})
    fill(ae, box, "during")
    assert con(receiver.next()) == "during"
    ae.delete(at)
    fill(ae, box, "after")
    assert receiver.none(0.2)


def test_changed_criteria_count_at_once(ae, box, watch, receiver):
    at = watch(enc={"net": [1]})
    ae.update(at, "m2m:sub", {"enc": {"net": [3]}})
    ae.update(box, "m2m:cnt", {"lbl": ["x"]})
    fill(ae, box, "x")
    assert receiver.next()["nev"]["net"] == 3
    ae.update(at, "m2m:sub", {"enc": None})
    fill(ae, box, "y")
    ae.update(box, "m2m:cnt", {"lbl": ["y"]})
    assert receiver.next()["nev"]["net"] == 1
    assert receiver.none(0.15)


MONITORS = {  # what is watched: operations seen
    "all": ([{"ops": 63}], [(2, "ae"), (2, "guest"), (4, "guest"), (3, "ae"), (1, "ae")]),
    "retrieval": ([{"ops": 2}], [(2, "ae"), (2, "guest")]),
    "update or delete": ([{"ops": 12}], [(4, "guest"), (3, "ae")]),
    "of one originator": ([{"or": "guest"}], [(2, "guest"), (4, "guest")]),
    "both": ([{"ops": 2, "or": "guest"}], [(2, "guest")]),
    "one of two": ([{"ops": 8}, {"ops": 4, "or": "ae"}], [(4, "guest"), (3, "ae")]),
}


@pytest.mark.parametrize("case", MONITORS)
def test_operation_monitoring(ae, guest, box, watch, receiver, case):
    """Any attempt, also one that is refused."""
    monitors, expected = MONITORS[case]
    who = {"ae": ae.origin, "guest": guest.origin}
    watch(enc={"om": [{k: who.get(v, v) for k, v in m.items()} for m in monitors]})
    assert ae.get(box).rsc == 2000
    assert guest.get(box).rsc == 4103
    assert guest.delete(box).rsc == 4103
    assert ae.update(box, "m2m:cnt", {"lbl": ["x"]}).rsc == 2004
    assert ae.create(box, CIN, {"con": 1}).rsc == 2001
    got = [receiver.next()["nev"]["om"] for _ in expected]
    assert sorted((om["op"], om["or"]) for om in got) == sorted((op, who[name]) for op, name in expected)
    assert receiver.none(0.15)


@pytest.mark.parametrize("enc", [{"net": [5]}, {"om": [{"ops": 2}]}], ids=["net 5", "monitoring"])
def test_what_was_seen_before_the_subscription_went_is_told(ae, box, watch, receiver, enc):
    for _ in range(20):
        at = watch(enc=enc)
        assert ae.get(f"{box}/la").rsc == 4004
        assert ae.delete(at).rsc == 2002
        assert receiver.next()["nev"]
    assert receiver.none(0.1)


# ---- conditions, tested on the subscribed-to resource

PAST, FUTURE = "20200101T000000", "20990101T000000"
CONDITIONS = {  # which of three instances of two bytes each are told
    "created before": ({"crb": FUTURE}, [1, 2, 3]), "not created before": ({"crb": PAST}, []), "created after": ({"cra": PAST}, [1, 2, 3]), "not created after": ({"cra": FUTURE}, []),
    "modified since": ({"ms": PAST}, [1, 2, 3]), "not modified since": ({"ms": FUTURE}, []), "unmodified since": ({"us": FUTURE}, [1, 2, 3]), "not unmodified since": ({"us": PAST}, []),
    "state at least": ({"stb": 2}, [2, 3]), "state below": ({"sts": 2}, [1]), "state in a range": ({"stb": 2, "sts": 3}, [2]),
    "expires before": ({"exb": FUTURE}, [1, 2, 3]), "does not expire before": ({"exb": PAST}, []), "expires after": ({"exa": PAST}, [1, 2, 3]), "does not expire after": ({"exa": FUTURE}, []),
    "at least as large": ({"sza": 4}, [2, 3]), "smaller": ({"szb": 4}, [1]),
    "and": ({"stb": 2, "szb": 5}, [2]), "and, explicitly": ({"stb": 2, "szb": 5, "fo": 1}, [2]), "or": ({"stb": 3, "szb": 3, "fo": 2}, [1, 3]), "or, none": ({"crb": PAST, "cra": FUTURE, "fo": 2}, []),
}


@pytest.mark.parametrize("case", CONDITIONS)
def test_conditions(ae, box, watch, receiver, case):
    criteria, expected = CONDITIONS[case]
    watch(enc={"net": [3], **criteria})
    fill(ae, box, "11", "22", "33")
    assert [int(con(receiver.next())[0]) for _ in expected] == expected
    assert receiver.none(0.15)


# ---- targets and order

def test_several_targets(ae, box, receiver):
    with Receiver() as second:
        ae.create(box, SUB, {"nu": [receiver.url, second.url], "enc": {"net": [3]}})
        fill(ae, box, 1, 2)
        for r in (receiver, second):
            assert [con(s) for s in r.many(2)] == [1, 2]
            assert r.none(0.1)


def test_a_dead_target_does_not_delay_another(ae, box, receiver):
    ae.create(box, SUB, {"nu": ["http://127.0.0.1:1/", receiver.url], "enc": {"net": [3]}})
    fill(ae, box, *range(5))
    assert [con(s) for s in receiver.many(5)] == list(range(5))


def test_several_subscriptions(ae, box, watch, receiver):
    ats = {f"/id-in/cse-in/{watch(enc={'net': [3], 'chty': [4]})}" for _ in range(5)}
    fill(ae, box, 1)
    assert {s["sur"] for s in receiver.many(5)} == ats


def test_order_of_two_hundred(ae, box, watch, receiver):
    watch(enc={"net": [3]})
    fill(ae, box, *range(200))
    assert [con(receiver.next()) for _ in range(200)] == list(range(200))
    assert receiver.none(0.1)


def test_order_of_events_of_one_resource(ae, box, watch, receiver):
    watch(enc={"net": [1, 3, 4]})
    for i in range(20):
        fill(ae, box, i)
        ae.update(box, "m2m:cnt", {"lbl": [str(i)]})
        ae.delete(f"{box}/la")
    assert [s["nev"]["net"] for s in receiver.many(60)] == [3, 1, 4] * 20


def test_an_application_as_target(ae, box, receiver):
    ae.update(ae.name, "m2m:ae", {"poa": ["http://127.0.0.1:1/dead", receiver.url]})
    for target in (ae.origin, f"/id-in/{ae.origin}", f"cse-in/{ae.name}", f"/id-in/cse-in/{ae.name}", f"//tessera.example.com/id-in/{ae.origin}"):
        assert ae.create(box, SUB, {"rn": "s", "nu": [target], "enc": {"net": [3]}}).rsc == 2001
        fill(ae, box, target)
        assert con(receiver.next()) == target
        ae.delete(f"{box}/s")


def test_an_application_that_moves(ae, box, receiver):
    with Receiver() as first:
        ae.update(ae.name, "m2m:ae", {"poa": [first.url]})
        ae.create(box, SUB, {"nu": [ae.origin], "enc": {"net": [3]}})
        fill(ae, box, "here")
        assert con(first.next()) == "here"
        ae.update(ae.name, "m2m:ae", {"poa": [receiver.url]})
        fill(ae, box, "there")
        assert con(receiver.next()) == "there"
        assert first.none(0.1)


def test_serialization_of_the_target(ae, box, watch, receiver):
    watch(target=receiver.url + "?ct=cbor", enc={"net": [3], "chty": [4]})
    fill(ae, box, {"a": 1.5})
    headers, body = receiver.message()
    assert headers["Content-Type"] == "application/cbor"
    assert con(cbor2.loads(body)["m2m:sgn"]) == {"a": 1.5}
    ae.update(ae.name, "m2m:ae", {"poa": [receiver.url], "csz": ["cbor", "json"]})
    watch(target=ae.origin, enc={"net": [1]})
    ae.update(box, "m2m:cnt", {"lbl": ["x"]})
    headers, body = receiver.message()
    assert headers["Content-Type"] == "application/cbor" and cbor2.loads(body)["m2m:sgn"]["nev"]["net"] == 1


@pytest.mark.parametrize("text", ["5", "5.0", "21.50", "true", '"5"', '"ä😀\\n"', '{"a":[1,2.0,null]}', "12345678901234567890", "1e3"])
def test_values_keep_their_json_type(ae, box, watch, receiver, text):
    watch(enc={"net": [3]})
    assert ae.request("POST", box, ('{"m2m:cin":{"con":%s}}' % text).encode(), ty=CIN).rsc == 2001
    sent, got = ae.get(f"{box}/la").pc["con"], con(receiver.next())
    assert repr(got) == repr(sent)


# ---- delivery

def test_a_target_that_fails_and_recovers(ae, box):
    failures = iter([500, 500])
    with Receiver(lambda headers, body: (next(failures, 200), {})) as r:
        ae.create(box, SUB, {"nu": [r.url], "enc": {"net": [3]}})
        fill(ae, box, *range(10))
        assert [con(s) for s in r.many(10)] == list(range(10))
        assert r.none(0.2)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def test_pending_all(ae, box):
    port = free_port()
    ae.create(box, SUB, {"nu": [f"http://127.0.0.1:{port}/n"], "enc": {"net": [3]}, "pn": 2})
    fill(ae, box, *range(10))
    time.sleep(0.6)
    with Receiver(port=port) as r:
        assert [con(s) for s in r.many(10)] == list(range(10))
        fill(ae, box, "later")
        assert con(r.next()) == "later"
        assert r.none(0.1)


def test_pending_latest(stack, ae, box):
    def superseded():
        return sum(v for k, v in stack.metrics("notification.1").items() if k.startswith("tessera_notifications_total") and "superseded" in k)

    before = superseded()
    port = free_port()
    ae.create(box, SUB, {"nu": [f"http://127.0.0.1:{port}/n"], "enc": {"net": [3]}, "pn": 1})
    fill(ae, box, *range(10))
    fill(ae, box, "last")
    assert eventually(lambda: superseded() - before == 10), "only the newest is kept"
    with Receiver(port=port) as r:
        headers, body = r.message()
        assert con(body["m2m:sgn"]) == "last" and headers["X-M2M-EC"] == "4"
        assert r.none(0.3)


def test_expiration_counter(ae, box, watch, receiver):
    at = watch(enc={"net": [3]}, exc=3, su=receiver.url)
    fill(ae, box, 1)
    assert con(receiver.next()) == 1
    assert eventually(lambda: ae.get(at).pc["exc"] == 2)
    fill(ae, box, 2, 3, 4, 5)
    assert [con(s) for s in receiver.many(2)] == [2, 3]
    gone = receiver.next()
    assert gone == {"sud": True, "sur": f"/id-in/cse-in/{at}"}
    assert ae.get(at).rsc == 4004
    assert receiver.none(0.2)


def test_batch_by_number(ae, box, watch, receiver):
    watch(enc={"net": [3]}, bn={"num": 3})
    fill(ae, box, *range(7))
    for first in (0, 3):
        agn = receiver.message()[1]["m2m:agn"]
        assert [con(s) for s in agn["m2m:sgn"]] == [first, first + 1, first + 2]
        assert all(s["sur"].startswith("/id-in/") for s in agn["m2m:sgn"])
    assert receiver.none(0.3)


def test_batch_by_time(ae, box, watch, receiver):
    watch(enc={"net": [3]}, bn={"num": 100, "dur": "PT1S"})
    begin, got = time.monotonic(), []
    fill(ae, box, "a", "b")
    while len(got) < 2:  # in one, unless this machine needs a second to create two
        got += [con(s) for s in receiver.message()[1]["m2m:agn"]["m2m:sgn"]]
        assert time.monotonic() - begin > 0.99
    assert got == ["a", "b"]
    fill(ae, box, "c")
    assert [con(s) for s in receiver.message()[1]["m2m:agn"]["m2m:sgn"]] == ["c"]


def test_rate_limit(ae, box, watch, receiver):
    watch(enc={"net": [3]}, rl={"mnn": 2, "tww": "PT1S"})
    begin, times = time.monotonic(), []
    fill(ae, box, *range(6))
    for i in range(6):
        assert con(receiver.next()) == i
        times.append(time.monotonic() - begin)
    assert times[2] > 0.99 and times[4] > 1.99, times
    assert receiver.none(0.1)


def test_latest_only(ae, box, watch, receiver):
    watch(enc={"net": [3]}, rl={"mnn": 1, "tww": "PT1S"}, ln=True)
    fill(ae, box, "first")
    headers, body = receiver.message()
    assert con(body["m2m:sgn"]) == "first" and headers["X-M2M-EC"] == "4"
    begin, got = time.monotonic(), []
    fill(ae, box, *range(5))
    while 4 not in got:
        headers, body = receiver.message()
        got.append(con(body["m2m:sgn"]))
        assert headers["X-M2M-EC"] == "4"
    assert got == sorted(set(got)) and len(got) <= 1 + (time.monotonic() - begin), "one each second, the newest there is"
    assert receiver.none(1.3)


@pytest.mark.parametrize("nec", [None, 2, 3, 4, 100, 999])
def test_event_category(ae, box, watch, receiver, nec):
    watch(enc={"net": [3]}, **({"nec": nec} if nec else {}))
    fill(ae, box, 1)
    assert receiver.message()[0]["X-M2M-EC"] == (str(nec) if nec else None)


# ---- the end of a subscription

ENDS = {"deleted": lambda ae, box, at: ae.delete(at), "container deleted": lambda ae, box, at: ae.delete(box), "application deleted": lambda ae, box, at: ae.delete(ae.name)}


@pytest.mark.parametrize("case", ENDS)
def test_the_subscriber_is_told_of_the_end(ae, box, watch, receiver, case):
    at = watch(target="http://127.0.0.1:1/", enc={"net": [3]}, su=receiver.url)
    assert ENDS[case](ae, box, at).rsc == 2002
    assert receiver.next() == {"sud": True, "sur": f"/id-in/cse-in/{at}"}
    assert receiver.none(0.1)


def test_what_came_before_the_end_is_still_delivered(ae, box, watch, receiver):
    at = watch(enc={"net": [3]})
    fill(ae, box, *range(20))
    ae.delete(at)
    assert [con(s) for s in receiver.many(20)] == list(range(20))


# ---- statistics

def test_statistics(ae, box, watch, receiver):
    at = watch(enc={"net": [3]}, nse=True)

    def counted(*expected):
        def same():
            nsi = ae.get(at).pc.get("nsi", [])
            return [(s["tg"], s["rqs"], s["rsr"], s["noec"]) for s in nsi] == [(receiver.url, *expected)]
        return eventually(same) or ae.get(at)

    fill(ae, box, 1, 2, 3)
    receiver.many(3)
    assert counted(3, 3, 3) is True
    ae.update(at, "m2m:sub", {"nse": False})  # freezes
    fill(ae, box, 4)
    receiver.next()
    assert counted(3, 3, 3) is True
    ae.update(at, "m2m:sub", {"nse": True})  # begins again
    fill(ae, box, 5)
    receiver.next()
    assert counted(1, 1, 1) is True
