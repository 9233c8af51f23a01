"""flexContainers: their specializations, their size, and the history they keep; TS-0001 9.6.35, TS-0004 7.4.37, TS-0023."""

import json

import pytest

from client import CNT, FCIN, FCNT, SUB, TS, Receiver, eventually, stamp
from stack import ROOT

SPECIALIZATIONS = {}
for file in sorted((ROOT / "common/types/flexcontainers").glob("*.json")):
    SPECIALIZATIONS.update(json.loads(file.read_text()))
TEMPERATURE = "org.onem2m.common.moduleclass.temperature"

# By kind: a value that fits, one that does not.
SAMPLES = {
    "string": ("x", 1), "boolean": (True, "true"), "integer": (-1, 1.5), "uint": (0, -1), "float": (1.5, "1.5"), "timestamp": ("20260101T000000", "2026"), "datetime": ("2026-01-01T00:00:00Z", "2026-01-01"),
    "date": ("2026-01-01", "2026-02-30"), "time": ("12:34:56", "25:00:00"), "uri": ("http://example.com/x", "a b"), "list": ([1, "x"], {}),
}


def create(ae, key, attributes, at=None):
    return ae.request("POST", at or ae.name, {key: attributes}, ty=FCNT)


@pytest.fixture
def make(ae):
    """Creates a thermometer "f"; returns its path."""

    def make(**attributes):
        answer = create(ae, "cod:tempe", {"rn": "f", "cnd": TEMPERATURE, "curT0": 21.5, **attributes})
        assert answer.rsc == 2001, answer
        return f"{ae.name}/f"

    return make


def update(ae, at, **attributes):
    return ae.update(at, "cod:tempe", attributes)


def history(ae, at):
    return [fcin["curT0"] for fcin in ae.get(at, rcn=8).pc.get("cod:tempeInst", [])]


def described(key):
    """The custom attributes of a specialization: name, kind, mandatory."""
    for name, text in SPECIALIZATIONS[key]["attributes"].items():
        _, kind, *more = text.split(" ")
        yield name, kind, (more[1] if len(more) > 1 else "M" if more == ["1"] else "O") == "M"


def test_all_specializations(ae):
    assert len(SPECIALIZATIONS) == 270
    for key, definition in SPECIALIZATIONS.items():
        mandatory = {name: SAMPLES[kind][0] for name, kind, must in described(key) if must}
        cnd = definition.get("cnd", "org.example.interworking")
        created = create(ae, key, {"rn": "f", "cnd": cnd, **mandatory})
        assert created.rsc == 2001 and list(created.json) == [key], (key, created)
        assert created.pc["cnd"] == cnd and {name: created.pc[name] for name in mandatory} == mandatory
        for name, kind, _ in list(described(key))[:1]:
            wrong = create(ae, key, {"cnd": cnd, **mandatory, name: SAMPLES[kind][1]})
            assert wrong.rsc == 4000 and name in wrong.dbg, (key, name, wrong)
        assert ae.delete(f"{ae.name}/f").rsc == 2002


def test_every_kind_of_attribute(ae):
    seen = {}
    for key in SPECIALIZATIONS:
        for name, kind, _ in described(key):
            seen.setdefault(kind, (key, name))
    assert seen.keys() == SAMPLES.keys()
    for kind, (key, name) in seen.items():
        mandatory = {n: SAMPLES[k][0] for n, k, must in described(key) if must}
        right, wrong = SAMPLES[kind]
        assert create(ae, key, {"cnd": SPECIALIZATIONS[key]["cnd"], **mandatory, name: right}).pc[name] == right, kind
        assert create(ae, key, {"cnd": SPECIALIZATIONS[key]["cnd"], **mandatory, name: wrong}).rsc == 4000, kind


REFUSED = {
    "unknown key": ("ex:lamp", {"cnd": "org.example.lamp"}, 4125), "unknown cnd": ("cod:tempe", {"cnd": "org.example.x", "curT0": 1}, 4125), "another cnd": ("cod:tempe", {"cnd": "org.onem2m.common.moduleclass.battery", "curT0": 1}, 4125),
    "plain key": ("m2m:fcnt", {"cnd": TEMPERATURE}, 4125), "key of another type": ("m2m:cnt", {}, 4125), "key of the instances": ("cod:tempeInst", {"curT0": 1}, 4125), "announced key": ("cod:tempeAnnc", {"cnd": TEMPERATURE, "lnk": "x"}, 4125),
    "generic with the cnd of another": ("m2m:gis", {"cnd": TEMPERATURE, "gisn": "x"}, 4125), "no cnd": ("cod:tempe", {"curT0": 1}, 4000), "cnd empty": ("m2m:gis", {"cnd": "", "gisn": "x"}, 4000), "mandatory missing": ("cod:tempe", {"cnd": TEMPERATURE}, 4000),
    "unknown attribute": ("cod:tempe", {"cnd": TEMPERATURE, "curT0": 1, "xyz": 1}, 4000), "attribute of another": ("cod:tempe", {"cnd": TEMPERATURE, "curT0": 1, "lvl": 1}, 4000), "null": ("cod:tempe", {"cnd": TEMPERATURE, "curT0": None}, 4000),
    "cs": ("cod:tempe", {"cnd": TEMPERATURE, "curT0": 1, "cs": 1}, 4000), "st": ("cod:tempe", {"cnd": TEMPERATURE, "curT0": 1, "st": 1}, 4000), "fcied": ("cod:tempe", {"cnd": TEMPERATURE, "curT0": 1, "fcied": "true"}, 4000),
    "limit without history": ("cod:tempe", {"cnd": TEMPERATURE, "curT0": 1, "mni": 1}, 4000), "mni 0": ("cod:tempe", {"cnd": TEMPERATURE, "curT0": 1, "fcied": True, "mni": 0}, 4000), "mia 0": ("cod:tempe", {"cnd": TEMPERATURE, "curT0": 1, "fcied": True, "mia": 0}, 4000),
    "mbs 0": ("cod:tempe", {"cnd": TEMPERATURE, "curT0": 1, "fcied": True, "mbs": 0}, 4000), "mbs too small": ("cod:tempe", {"cnd": TEMPERATURE, "curT0": 21.5, "fcied": True, "mbs": 3}, 4000),
    "history of a generic one": ("m2m:gis", {"cnd": "x", "gisn": "x", "fcied": True}, 4000),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(ae, case):
    key, attributes, rsc = REFUSED[case]
    answer = create(ae, key, attributes)
    assert answer.rsc == rsc and answer.dbg, answer
    assert not ae.discover(ae.name).found


def test_what_is_set_by_the_cse(ae, make):
    a = ae.get(make(tarTe=20, unit=1)).pc
    assert (a["ty"], a["pi"], a["st"], a["cs"], a["cni"], a["cbs"]) == (28, ae.origin, 0, 7, 0, 0)
    assert a["curT0"] == 21.5 and a["cnd"] == TEMPERATURE and "fcied" not in a and "cr" not in a
    assert ae.get("/" + a["ri"]).json == {"cod:tempe": a}


def test_updates(ae, make):
    at = make()
    a = update(ae, at, tarTe=20.25, unit=3).pc
    assert (a["st"], a["cs"], a["tarTe"]) == (1, 10, 20.25)
    a = update(ae, at, tarTe=None, lbl=["x"]).pc
    assert (a["st"], a["cs"], a["lbl"]) == (2, 5, ["x"]) and "tarTe" not in a
    for attributes in ({"cnd": TEMPERATURE}, {"curT0": None}, {"curT0": "1"}, {"xyz": 1}, {"cs": 1}, {"mni": 1}):
        assert update(ae, at, **attributes).rsc == 4000, attributes
    assert ae.update(at, "cod:bat", {"lvl": 1}).rsc == 4000 == ae.update(at, "m2m:fcnt", {"lbl": ["x"]}).rsc
    assert ae.get(at).pc["st"] == 2
    assert ae.update(at, "cod:tempe", {"curT0": 22.25}, rcn=9).json == {"cod:tempe": {"cs": 6, "lt": ae.get(at).pc["lt"], "st": 3}}
    assert ae.get(at, atrl="curT0+cnd").pc == {"curT0": 22.25, "cnd": TEMPERATURE}
    assert ae.get(at, atrl="xyz").rsc == 4000


def test_no_history_without_fcied(ae, make):
    at = make()
    for name in ("la", "ol"):
        assert ae.get(f"{at}/{name}").rsc == 4004 == ae.delete(f"{at}/{name}").rsc
    update(ae, at, curT0=22)
    assert ae.get(at).pc["cni"] == 0 and ae.discover(at).found == []
    assert ae.request("POST", at, {"cod:tempeInst": {"curT0": 1}}, ty=FCIN).rsc == 4005


def test_history(ae, make):
    at = make(fcied=True, lbl=["a"], loc={"typ": 1, "crd": "[1.5,2]"}, tarTe=20)
    parent = ae.get(at).pc
    first = ae.get(f"{at}/la")
    assert list(first.json) == ["cod:tempeInst"]
    a = first.pc
    assert (a["ty"], a["pi"], a["st"], a["cs"], a["org"], a["curT0"], a["tarTe"], a["lbl"], a["loc"]) == (58, parent["ri"], 0, 6, ae.origin, 21.5, 20, ["a"], parent["loc"])
    assert "cnd" not in a and "fcied" not in a and a["et"] == parent["et"] and a["ri"].startswith("fcin")
    assert (parent["cni"], parent["cbs"]) == (1, 6)
    changed = update(ae, at, curT0=22.5).pc
    assert (changed["st"], changed["cni"], changed["cbs"]) == (1, 2, 12)
    update(ae, at, lbl=None)  # every UPDATE is one more
    assert history(ae, at) == [21.5, 22.5, 22.5]
    latest, oldest = ae.get(f"{at}/la").pc, ae.get(f"{at}/ol").pc
    assert oldest == a and latest["st"] == 2 and "lbl" not in latest
    assert ae.get("/" + latest["ri"]).pc == latest == ae.get(f"{at}/{latest['rn']}").pc
    assert ae.update(f"{at}/{latest['rn']}", "cod:tempeInst", {"curT0": 1}).rsc == 4005
    assert ae.request("POST", f"{at}/la", {"cod:tempeInst": {"curT0": 1}}, ty=FCIN).rsc == 4005
    assert ae.delete(f"{at}/la", rcn=1).json == {"cod:tempeInst": latest}
    assert ae.delete("/" + oldest["ri"]).rsc == 2002
    assert history(ae, at) == [22.5] and ae.get(at).pc["cni"] == 1
    assert ae.get(at).pc["st"] == 2  # what is deleted is not counted


def test_history_begins_pauses_and_ends(ae, make):
    at = make()
    assert update(ae, at, curT0=1.0, fcied=True, mni=5).pc["cni"] == 1
    assert update(ae, at, curT0=2.0, fcied=False).pc["cni"] == 1
    assert update(ae, at, curT0=3.0).pc["cni"] == 1
    assert ae.get(f"{at}/la").pc["curT0"] == 1.0
    assert update(ae, at, curT0=4.0, fcied=True).pc["cni"] == 2
    assert update(ae, at, fcied=None).rsc == 4000  # the limit must go, too
    ended = update(ae, at, fcied=None, mni=None)
    assert ended.rsc == 2004 and (ended.pc["cni"], ended.pc["cbs"]) == (0, 0)
    assert ae.get(f"{at}/la").rsc == 4004 and history(ae, at) == []
    assert update(ae, at, fcied=True).pc["cni"] == 1
    assert ae.get(f"{at}/la").pc["curT0"] == 4.0


def test_limits(ae, make):
    at = make(fcied=True, mni=2)
    for n in range(3):
        update(ae, at, curT0=float(n))
    assert history(ae, at) == [1.0, 2.0]
    assert update(ae, at, mni=1).pc["cni"] == 1
    a = update(ae, at, mni=None, mbs=7).pc
    assert (a["cni"], a["cbs"]) == (2, 6)
    assert update(ae, at, curT0=3.0).pc["cni"] == 2
    too_long = update(ae, at, curT0=1000000.5)
    assert too_long.rsc == 4000 and "mbs" in too_long.dbg
    assert update(ae, at, mia=100).rsc == 2004
    assert ae.get(f"{at}/la").pc["et"] < stamp(200) and ae.get(f"{at}/ol").pc["et"] == ae.get(at).pc["et"]
    assert update(ae, at, mia=1).rsc == 2004
    count = ae.get(at).pc["cni"]
    assert eventually(lambda: ae.get(at).pc["cni"] < count)


def test_history_is_found_and_shown(ae, make):
    at = make(fcied=True)
    update(ae, at, curT0=22.5)
    assert len(ae.discover(ae.name, ty=58).found) == 2 and ae.discover(ae.name, ty=28).found == [f"cse-in/{at}"]
    assert len(ae.discover(ae.name, curT0=22.5).found) == 2 and len(ae.discover(ae.name, curT0=21.5).found) == 1
    assert ae.discover(ae.name, cnd=TEMPERATURE).found == [f"cse-in/{at}"]
    assert len(ae.discover(ae.name, sza=4, szb=5).found) == 3 and ae.discover(ae.name, sza=5).found == []
    tree = ae.get(ae.name, rcn=4).pc["cod:tempe"]
    assert len(tree) == 1 and [i["curT0"] for i in tree[0]["cod:tempeInst"]] == [21.5, 22.5]
    refs = ae.get(ae.name, rcn=6).json["m2m:rrl"]["rrf"]
    assert {r["typ"]: r.get("spty") for r in refs} == {28: TEMPERATURE, 58: None}
    assert ae.get(at, rcn=5).json["cod:tempe"]["ch"][0]["typ"] == 58
    assert ae.get(f"{at}/la", atrl="curT0+org").pc == {"curT0": 22.5, "org": ae.origin}
    assert ae.get(f"{at}/la", atrl="cnd").rsc == 4000
    assert ae.get(f"{at}/la", curT0=22.5).rsc == 2000 and ae.get(f"{at}/la", curT0=21.5).rsc == 4004


def test_two_kinds_below_one_parent(ae, make):
    make()
    create(ae, "cod:bat", {"rn": "b", "cnd": "org.onem2m.common.moduleclass.battery", "lvl": 50})
    below = ae.get(ae.name, rcn=8).pc
    assert [x["rn"] for x in below["cod:tempe"]] == ["f"] and [x["rn"] for x in below["cod:bat"]] == ["b"]


def test_children_and_parents(ae, make):
    at = make()
    assert ae.create(at, CNT, {"rn": "c"}).rsc == 2001 and ae.create(at, TS, {}).rsc == 2001
    inner = create(ae, "cod:bat", {"cnd": "org.onem2m.common.moduleclass.battery", "lvl": 50}, f"{at}/c")
    assert inner.rsc == 2001
    assert ae.delete(at).rsc == 2002 and ae.get("/" + inner.pc["ri"]).rsc == 4004


def test_access_is_the_parents(ae, make, guest):
    at = make(fcied=True)
    assert guest.get(f"{at}/la").rsc == 4103 == guest.get(at).rsc == guest.update(at, "cod:tempe", {"curT0": 1}).rsc
    ri = ae.get(f"{at}/la").pc["ri"]
    assert guest.delete("/" + ri).rsc == 4103


def test_notifications(ae, make):
    at = make(fcied=True)
    with Receiver() as receiver:
        ae.create(at, SUB, {"rn": "s", "nu": [receiver.url], "enc": {"net": [1, 3, 4]}, "nct": 1})
        update(ae, at, curT0=22.5)
        nev = receiver.next()["nev"]
        assert nev["net"] == 1 and nev["rep"]["cod:tempe"]["curT0"] == 22.5 and nev["rep"]["cod:tempe"]["cni"] == 2
        nev = receiver.next()["nev"]
        assert nev["net"] == 3 and nev["rep"]["cod:tempeInst"]["curT0"] == 22.5
        ae.delete(f"{at}/ol")
        nev = receiver.next()["nev"]
        assert nev["net"] == 4 and nev["rep"]["cod:tempeInst"]["curT0"] == 21.5
        ae.delete(f"{at}/s")
        ae.create(at, SUB, {"rn": "modified", "nu": [receiver.url], "enc": {"net": [1], "atr": ["curT0"]}, "nct": 2})
        update(ae, at, lbl=["x"])
        update(ae, at, curT0=23.5)
        assert receiver.next()["nev"]["rep"]["cod:tempe"]["curT0"] == 23.5


def test_cbor(ae, make):
    at = make()
    answer = ae.get(at, headers={"Accept": "application/cbor"})
    assert answer.rsc == 2000 and b"cod:tempe" in answer.text and b"curT0" in answer.text
