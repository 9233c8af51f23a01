"""Creating and changing subscriptions: what is refused, what is asked of the targets first; TS-0001 9.6.8, TS-0004 7.4.8."""

import pytest

from client import ACP, CIN, CNT, SUB, Receiver

DEAD = "http://127.0.0.1:1/n"  # plain addresses are not verified


@pytest.fixture
def box(ae):
    ae.create(ae.name, CNT, {"rn": "c"})
    return f"{ae.name}/c"


def enc(**criteria):
    return {"nu": [DEAD], "enc": criteria}


GOOD = {
    "least": {"nu": [DEAD]}, "several targets": {"nu": [DEAD, DEAD + "2"]}, "serialization": {"nu": [DEAD + "?ct=cbor"]},
    "net 1": enc(net=[1]), "net 2": enc(net=[2]), "net 3": enc(net=[3]), "net 4": enc(net=[4]), "net 5": enc(net=[5]), "several nets": enc(net=[1, 2, 3, 4, 5]),
    "nct 2 for net 1": {**enc(net=[1]), "nct": 2}, "nct 3 for all": {**enc(net=[1, 2, 3, 4, 5]), "nct": 3}, "nct 1 for all": {**enc(net=[1, 2, 3, 4, 5]), "nct": 1},
    "child types": enc(net=[3, 4], chty=[3, 4]), "attributes": enc(net=[1], atr=["lbl", "mni"]), "operations": enc(om=[{"ops": 63}]), "operations of one": enc(om=[{"ops": 2, "or": "Cx"}, {"or": "Cy"}]),
    "conditions": enc(net=[1], crb="20990101T000000", cra="20200101T000000", ms="20200101T000000", us="20990101T000000", stb=1, sts=9, exa="20200101T000000", exb="20990101T000000", sza=1, szb=9, fo=2),
    "batch": {"nu": [DEAD], "bn": {"num": 5, "dur": "PT1M"}}, "batch, number": {"nu": [DEAD], "bn": {"num": 5}}, "batch, time": {"nu": [DEAD], "bn": {"dur": "PT1M"}},
    "rate": {"nu": [DEAD], "rl": {"mnn": 5, "tww": "PT1M"}}, "counter": {"nu": [DEAD], "exc": 1}, "pending latest": {"nu": [DEAD], "pn": 1}, "pending all": {"nu": [DEAD], "pn": 2},
    "category": {"nu": [DEAD], "nec": 4}, "own category": {"nu": [DEAD], "nec": 999}, "latest": {"nu": [DEAD], "ln": True}, "subscriber": {"nu": [DEAD], "su": DEAD}, "statistics": {"nu": [DEAD], "nse": True},
    "priority": {"nu": [DEAD], "nsp": 1}, "labels": {"nu": [DEAD], "lbl": ["a"]}, "creator": {"nu": [DEAD], "cr": None}, "custodian": {"nu": [DEAD], "cstn": "Cx"},
}


@pytest.mark.parametrize("case", GOOD)
def test_what_is_accepted(ae, box, case):
    answer = ae.create(box, SUB, {"rn": "s", **GOOD[case]})
    assert answer.rsc == 2001, answer
    for name, value in GOOD[case].items():
        assert answer.pc[name] == (ae.origin if name == "cr" else value), name
    if case != "custodian":
        assert ae.get(f"{box}/s").pc == answer.pc


REFUSED = {
    "no target": ({}, 4000), "target is no list": ({"nu": DEAD}, 4000), "target is no text": ({"nu": [1]}, 4000), "target null": ({"nu": None}, 4000),
    "net and om": (enc(net=[1], om=[{"ops": 1}]), 4000), "net 0": (enc(net=[0]), 4000), "net 11": (enc(net=[11]), 4000), "net as text": (enc(net=["1"]), 4000), "net is no list": (enc(net=1), 4000),
    "child type impossible here": (enc(net=[3], chty=[2]), 4000), "one of the child types impossible": (enc(net=[3], chty=[4, 1]), 4000), "child type unknown": (enc(net=[3], chty=[99999]), 4000),
    "missing data without md": (enc(net=[8]), 4000), "md without a timeSeries": (enc(net=[8], md={"num": 1, "dur": "PT1M"}), 4000), "md alone": (enc(md={"num": 1, "dur": "PT1M"}), 4000),
    "nct 2 for net 2": ({**enc(net=[2]), "nct": 2}, 4000), "nct 2 for net 3": ({**enc(net=[3]), "nct": 2}, 4000), "nct 2 for net 4": ({**enc(net=[4]), "nct": 2}, 4000), "nct 2 for net 5": ({**enc(net=[5]), "nct": 2}, 4000),
    "nct 2 for one of two": ({**enc(net=[1, 3]), "nct": 2}, 4000), "nct 4 for net 1": ({**enc(net=[1]), "nct": 4}, 4000), "nct 5 for net 3": ({**enc(net=[3]), "nct": 5}, 4000), "nct 4 by default": ({"nu": [DEAD], "nct": 4}, 4000),
    "nct 0": ({"nu": [DEAD], "nct": 0}, 4000), "nct 9": ({"nu": [DEAD], "nct": 9}, 4000),
    "om beyond the operations": (enc(om=[{"ops": 64}]), 4000), "om unknown member": (enc(om=[{"x": 1}]), 4000), "atr is no list": (enc(net=[1], atr="lbl"), 4000), "unknown criterion": (enc(net=[1], xyz=1), 4000),
    "bad time": (enc(net=[1], crb="soon"), 4000), "negative stb": (enc(net=[1], stb=-1), 4000), "sts 0": (enc(net=[1], sts=0), 4000), "fo 4": (enc(net=[1], fo=4), 4000),
    "exc 0": ({"nu": [DEAD], "exc": 0}, 4000), "exc negative": ({"nu": [DEAD], "exc": -1}, 4000), "empty batch": ({"nu": [DEAD], "bn": {}}, 4000), "bad duration": ({"nu": [DEAD], "bn": {"dur": "1 minute"}}, 4000),
    "rate without window": ({"nu": [DEAD], "rl": {"mnn": 1}}, 4000), "rate without number": ({"nu": [DEAD], "rl": {"tww": "PT1M"}}, 4000), "pn 3": ({"nu": [DEAD], "pn": 3}, 4000), "nec 5": ({"nu": [DEAD], "nec": 5}, 4000),
    "nec 1000": ({"nu": [DEAD], "nec": 1000}, 4000), "ln": ({"nu": [DEAD], "ln": 1}, 4000), "nsp 0": ({"nu": [DEAD], "nsp": 0}, 4000), "creator given": ({"nu": [DEAD], "cr": "Cx"}, 4000), "NP nsi": ({"nu": [DEAD], "nsi": []}, 4000),
    "unknown attribute": ({"nu": [DEAD], "xyz": 1}, 4000), "st": ({"nu": [DEAD], "st": 1}, 4000), "unknown id": ({"nu": ["Cnobody"]}, 5204), "unknown path": ({"nu": ["cse-in/nobody"]}, 5204),
    "blocking update": ({**enc(net=[7]), "nct": 2}, 4000), "triggers, but below an AE": ({**enc(net=[6]), "nct": 4}, 4000), "former notifications": ({"nu": [DEAD], "psn": 1}, 5001), 
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused(ae, box, case):
    attributes, rsc = REFUSED[case]
    answer = ae.create(box, SUB, {"rn": "s", **attributes})
    assert answer.rsc == rsc and answer.dbg, answer
    assert ae.get(f"{box}/s").rsc == 4004


def test_defaults(ae, box):
    a = ae.create(box, SUB, {"nu": [DEAD]}).pc
    assert a["enc"] == {"net": [1]} and a["nct"] == 1
    assert ae.create(box, SUB, {"nu": [DEAD], "enc": {"atr": ["lbl"]}}).pc["enc"] == {"net": [1], "atr": ["lbl"]}
    assert ae.create(box, SUB, {"nu": [DEAD], "enc": {}}).pc["enc"] == {"net": [1]}


def test_creator_is_kept_when_the_target_is_somebody_else(ae, box):
    assert ae.create(box, SUB, {"nu": [DEAD]}).pc["cr"] == ae.origin
    assert "cr" not in ae.create(box, SUB, {"nu": [ae.origin]}).pc


def test_below_what_cannot_be_subscribed_to(ae, box):
    ae.create(box, CIN, {"rn": "i", "con": 1})
    ae.create(box, SUB, {"rn": "s", "nu": [DEAD]})
    for at in (f"{box}/i", f"{box}/s"):
        answer = ae.create(at, SUB, {"nu": [DEAD]})
        assert (answer.rsc, answer.status) == (5203, 403), at
    for at in ("", ae.name, box):
        assert ae.as_("CAdmin").create(at, SUB, {"rn": "x" + ae.name, "nu": [DEAD]}).rsc == 2001, at
    ae.as_("CAdmin").delete("x" + ae.name)


def test_takes_the_right_to_retrieve(ae, guest, box):
    assert guest.create(box, SUB, {"nu": [DEAD]}).rsc == 4103
    assert guest.create("", SUB, {"nu": [DEAD]}).rsc == 4103


# ---- targets that are applications: asked first

@pytest.fixture
def target(guest):
    """An AE that `ae` may notify, reachable at its receiver; `target.refuse` makes it refuse."""
    guest.refuse = None
    receiver = guest.receiver = Receiver(lambda headers, body: guest.refuse or (200, {"X-M2M-RSC": "2000"}))
    rights = {"acr": [{"acor": [guest.origin], "acop": 63}, {"acor": ["all"], "acop": 16}]}
    guest.create(guest.name, ACP, {"rn": "acp", "pv": rights, "pvs": rights})
    assert guest.update(guest.name, "m2m:ae", {"poa": [receiver.url]}).rsc == 2004
    assert guest.update(guest.name, "m2m:ae", {"acpi": [f"cse-in/{guest.name}/acp"]}).rsc == 2004
    yield guest
    receiver.close()


@pytest.mark.parametrize("form", ["{id}", "/id-in/{id}", "cse-in/{rn}", "/id-in/cse-in/{rn}", "//tessera.example.com/id-in/{id}"])
def test_a_target_that_agrees(ae, box, target, form):
    created = ae.create(box, SUB, {"rn": "s", "nu": [form.format(id=target.origin, rn=target.name)], "enc": {"net": [3]}})
    assert created.rsc == 2001, created
    asked = target.receiver.next()
    assert asked["vrq"] is True and asked["cr"] == ae.origin and "nev" not in asked
    assert asked["sur"].startswith("/id-in/") and (asked["sur"].endswith(f"cse-in/{box}/s") or asked["sur"].endswith(created.pc["ri"]))
    ae.create(box, CIN, {"con": "told"})
    assert target.receiver.next()["nev"]["rep"]["m2m:cin"]["con"] == "told"


@pytest.mark.parametrize("status,rsc", [(403, "4101"), (403, "5205"), (400, "4000"), (500, "5000"), (404, None), (500, None)])
def test_a_target_that_refuses(ae, box, target, status, rsc):
    target.refuse = (status, {"X-M2M-RSC": rsc} if rsc else {})
    answer = ae.create(box, SUB, {"rn": "s", "nu": [target.origin]})
    assert (answer.rsc, answer.status) == (5204, 500), answer
    assert ae.get(f"{box}/s").rsc == 4004
    target.refuse = None
    assert ae.create(box, SUB, {"rn": "s", "nu": [target.origin]}).rsc == 2001


def test_one_of_several_refuses(ae, box, target, receiver):
    target.refuse = (403, {"X-M2M-RSC": "4103"})
    assert ae.create(box, SUB, {"rn": "s", "nu": [receiver.url, target.origin]}).rsc == 5204
    assert ae.get(f"{box}/s").rsc == 4004


UNREACHABLE = {"nobody listens": {"poa": ["http://127.0.0.1:1/"]}, "no address": {"poa": None}, "asks not to be called": {"rr": False}, "another protocol": {"poa": ["mqtt://127.0.0.1:1"]}}


@pytest.mark.parametrize("case", UNREACHABLE)
def test_a_target_that_cannot_be_asked(ae, box, target, case):
    assert target.update(target.name, "m2m:ae", UNREACHABLE[case]).rsc == 2004
    assert ae.create(box, SUB, {"rn": "s", "nu": [target.origin]}).rsc == 5204
    assert ae.get(f"{box}/s").rsc == 4004


def test_without_the_right_to_notify(ae, box, target):
    rights = {"acr": [{"acor": ["all"], "acop": 63 - 16}]}
    assert target.update(f"{target.name}/acp", "m2m:acp", {"pv": rights}).rsc == 2004
    assert ae.create(box, SUB, {"rn": "s", "nu": [target.origin]}).rsc == 4101
    assert target.receiver.none(0.2)


def test_the_originator_itself_is_not_asked(ae, box, receiver):
    ae.update(ae.name, "m2m:ae", {"poa": [receiver.url]})
    for target in (ae.origin, f"/id-in/{ae.origin}", f"cse-in/{ae.name}"):
        assert ae.create(box, SUB, {"nu": [target]}).rsc == 2001, target
    assert receiver.none(0.3)


def test_a_new_target_is_asked_at_the_update(ae, box, target):
    ae.create(box, SUB, {"rn": "s", "nu": [DEAD]})
    target.refuse = (403, {})
    assert ae.update(f"{box}/s", "m2m:sub", {"nu": [DEAD, target.origin]}).rsc == 5204
    assert ae.get(f"{box}/s").pc["nu"] == [DEAD]
    target.refuse = None
    assert ae.update(f"{box}/s", "m2m:sub", {"nu": [DEAD, target.origin]}).rsc == 2004
    assert target.receiver.next()["vrq"] is True
    assert ae.update(f"{box}/s", "m2m:sub", {"lbl": ["x"]}).rsc == 2004
    assert target.receiver.none(0.3)


# ---- changing it

@pytest.mark.parametrize("attributes,rsc", [({"nu": None}, 4000), ({"nu": "x"}, 4000), ({"cr": None}, 4000), ({"su": DEAD}, 4000), ({"psn": 1}, 4000), ({"enc": {"net": [3]}, "nct": 2}, 4000), ({"enc": {"net": [7]}}, 4000),
                                            ({"enc": {"net": [1], "om": [{"ops": 1}]}}, 4000), ({"enc": {"net": [3], "chty": [2]}}, 4000), ({"exc": 0}, 4000), ({"nct": None}, 4000), ({"rn": "x"}, 4000)], ids=str)
def test_updates_that_are_refused(ae, box, attributes, rsc):
    before = ae.create(box, SUB, {"rn": "s", "nu": [DEAD], "enc": {"net": [1]}, "nct": 1}).pc
    assert ae.update(f"{box}/s", "m2m:sub", attributes).rsc == rsc
    assert ae.get(f"{box}/s").pc == before


def test_criteria_and_content_type_fit_together_after_an_update(ae, box):
    ae.create(box, SUB, {"rn": "s", "nu": [DEAD], "enc": {"net": [1]}, "nct": 2})
    assert ae.update(f"{box}/s", "m2m:sub", {"enc": {"net": [3]}}).rsc == 4000
    assert ae.update(f"{box}/s", "m2m:sub", {"enc": {"net": [3]}, "nct": 1}).rsc == 2004
    assert ae.update(f"{box}/s", "m2m:sub", {"nct": 2}).rsc == 4000


@pytest.mark.parametrize("name", ["exc", "bn", "rl", "pn", "nec", "ln", "nse", "lbl", "nsp"])
def test_optional_ones_can_be_removed(ae, box, name):
    values = {"exc": 5, "bn": {"num": 2}, "rl": {"mnn": 1, "tww": "PT1S"}, "pn": 1, "nec": 4, "ln": True, "nse": True, "lbl": ["a"], "nsp": 1}
    ae.create(box, SUB, {"rn": "s", "nu": [DEAD], name: values[name]})
    assert name not in ae.update(f"{box}/s", "m2m:sub", {name: None}).pc
    assert ae.update(f"{box}/s", "m2m:sub", {name: values[name]}).pc[name] == values[name]


def test_removed_criteria_become_the_default(ae, box):
    ae.create(box, SUB, {"rn": "s", "nu": [DEAD], "enc": {"net": [3]}})
    assert ae.update(f"{box}/s", "m2m:sub", {"enc": None}).pc["enc"] == {"net": [1]}
