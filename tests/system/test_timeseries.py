"""Time series: intervals that go together, instances told apart by their time, limits; TS-0001 9.6.36 and 37, TS-0004 7.4.38 and 39."""

import pytest

from client import CNT, SUB, TS, TSI, Receiver, eventually, stamp


@pytest.fixture
def make(ae):
    """Creates a timeSeries "t"; returns its path."""

    def make(**attributes):
        answer = ae.create(ae.name, TS, {"rn": "t", **attributes})
        assert answer.rsc == 2001, answer
        return f"{ae.name}/t"

    return make


def times(ae, at):
    return [tsi["dgt"] for tsi in ae.get(at, rcn=8).pc.get("m2m:tsi", [])]


def at_second(n):
    return f"20260101T0000{n:02}"


def test_what_is_set_by_the_cse(ae):
    a = ae.create(ae.name, TS, {}).pc
    assert (a["ty"], a["pi"], a["cni"], a["cbs"], a["mdd"], a["mdc"]) == (29, ae.origin, 0, 0, False, 0)
    assert "st" not in a and "mdlt" not in a and "peid" not in a and a["et"] > a["ct"]
    assert ae.get("/" + a["ri"]).pc == a


KEPT = {"lbl": ["a"], "mni": 5, "mbs": 500, "mia": 5000, "or": "http://example.com/o", "pei": 1000, "mdt": 400, "mdn": 3, "loc": {"typ": 1, "crd": "[1.5,2]"}, "cnf": "text/plain:0"}


@pytest.mark.parametrize("name", KEPT)
def test_attributes_are_kept_changed_and_removed(ae, make, name):
    at = make(**{name: KEPT[name]})
    assert ae.get(at).pc[name] == KEPT[name]
    if name == "cnf":
        assert ae.update(at, "m2m:ts", {name: "text/html:0"}).rsc == 4000
        return
    assert name not in ae.update(at, "m2m:ts", {name: None}).pc
    assert ae.update(at, "m2m:ts", {name: KEPT[name]}).pc[name] == KEPT[name]


INTERVALS = {
    "tolerance": ({"pei": 1000, "peid": 500}, 2001), "too much tolerance": ({"pei": 1000, "peid": 501}, 4000), "odd": ({"pei": 999, "peid": 500}, 4000),
    "detection without mdt": ({"pei": 1000, "mdd": True}, 4000), "detection": ({"pei": 1000, "mdd": True, "mdt": 400, "mdn": 5}, 2001), "mdt not above peid": ({"pei": 1000, "peid": 400, "mdd": True, "mdt": 400}, 4000),
    "mdt above peid": ({"pei": 1000, "peid": 400, "mdd": True, "mdt": 401}, 2001), "a short mdt": ({"pei": 1000, "mdd": True, "mdt": 5}, 2001), "no interval": ({"mdd": True, "mdt": 400}, 2001),
    "pei 0": ({"pei": 0}, 4000), "mdn 0": ({"mdn": 0}, 4000), "mdt 0": ({"mdt": 0}, 4000), "list": ({"mdlt": []}, 4000), "count": ({"mdc": 0}, 4000), "mdd text": ({"mdd": "true"}, 4000), "negative": ({"mni": -1}, 4000),
    "off with anything": ({"pei": 1000, "mdd": False, "mdt": 1}, 2001),
}


@pytest.mark.parametrize("case", INTERVALS)
def test_intervals(ae, case):
    attributes, rsc = INTERVALS[case]
    answer = ae.create(ae.name, TS, attributes)
    assert answer.rsc == rsc, answer
    if rsc == 2001 and "pei" in attributes:
        assert 2 * answer.pc["peid"] <= attributes["pei"]


def test_intervals_change_only_without_detection(ae, make):
    at = make(pei=1000, mdt=400)
    assert ae.update(at, "m2m:ts", {"mdd": True, "mdt": 300}).rsc == 4000  # not in one UPDATE
    assert ae.update(at, "m2m:ts", {"mdd": True, "mdn": None}).rsc == 4000
    assert ae.update(at, "m2m:ts", {"mdt": 300}).rsc == 2004
    assert ae.update(at, "m2m:ts", {"mdt": None}).rsc == 2004
    assert ae.update(at, "m2m:ts", {"mdd": True}).rsc == 4000  # mdt is missing
    assert ae.update(at, "m2m:ts", {"mdt": 300, "pei": 500}).rsc == 2004
    assert ae.update(at, "m2m:ts", {"mdd": True}).rsc == 2004
    for change in ({"pei": 2000}, {"peid": 1}, {"mdt": 500}, {"mdn": 1}, {"pei": None}, {"mdt": None}):
        answer = ae.update(at, "m2m:ts", change)
        assert answer.rsc == 4000 and next(iter(change)) in answer.dbg, answer
    assert ae.update(at, "m2m:ts", {"lbl": ["x"]}).rsc == 2004
    assert ae.update(at, "m2m:ts", {"mdd": None}).rsc == 2004
    assert ae.update(at, "m2m:ts", {"pei": 2000}).rsc == 2004


def test_an_interval_set_later_gets_its_tolerance(ae, make):
    at = make()
    a = ae.update(at, "m2m:ts", {"pei": 1000}).pc
    assert a["peid"] <= 500
    assert ae.update(at, "m2m:ts", {"peid": 600}).rsc == 4000
    assert ae.update(at, "m2m:ts", {"peid": None}).pc["peid"] == a["peid"]


def test_instances(ae, make):
    at = make(cnf="text/plain:0")
    series = ae.get(at).pc
    a = ae.create(at, TSI, {"dgt": at_second(1), "con": "21.5", "snr": 7, "lbl": ["x"], "cr": None}).pc
    assert (a["ty"], a["pi"], a["cs"], a["snr"], a["dgt"], a["con"], a["cr"]) == (30, series["ri"], 4, 7, at_second(1), "21.5", ae.origin)
    assert "st" not in a and a["ri"].startswith("tsi") and a["rn"] == a["ri"] and a["et"] == series["et"]
    assert ae.get(f"{at}/la").pc == a == ae.get("/" + a["ri"]).pc == ae.get(f"{at}/{a['rn']}").pc == ae.get(f"{at}/ol").pc
    series = ae.get(at).pc
    assert (series["cni"], series["cbs"]) == (1, 4)
    assert ae.update(f"{at}/{a['rn']}", "m2m:tsi", {"con": 1}).rsc == 4005
    assert ae.create(f"{at}/{a['rn']}", SUB, {"nu": ["http://127.0.0.1:9"]}).rsc == 5203
    assert ae.delete("/" + a["ri"], rcn=1).pc == a
    assert ae.get(f"{at}/la").rsc == 4004 and ae.get(at).pc["cni"] == 0


CONTENTS = {"text": ('"ä"', 2), "number": ("1.50", 4), "boolean": ("true", 4), "object": ('{"a":1}', None), "list": ("[1]", None), "null": ("null", None)}


@pytest.mark.parametrize("case", CONTENTS)
def test_content_is_a_simple_value(ae, make, case):
    text, size = CONTENTS[case]
    answer = ae.request("POST", make(), ('{"m2m:tsi":{"dgt":"20260101T000000","con":%s}}' % text).encode(), ty=TSI)
    assert (answer.rsc, answer.pc["cs"]) == (2001, size) if size else answer.rsc == 4000, answer


BAD = {"no dgt": {"con": 1}, "no con": {"dgt": at_second(1)}, "dgt": {"con": 1, "dgt": "yesterday"}, "dgt null": {"con": 1, "dgt": None}, "snr": {"con": 1, "dgt": at_second(1), "snr": -1}, "cnf": {"con": 1, "dgt": at_second(1), "cnf": "text/plain:0"},
       "st": {"con": 1, "dgt": at_second(1), "st": 1}, "cs": {"con": 1, "dgt": at_second(1), "cs": 1}, "et": {"con": 1, "dgt": at_second(1), "et": "20200101T000000"}}


@pytest.mark.parametrize("case", BAD)
def test_bad_instances(ae, make, case):
    at = make()
    answer = ae.create(at, TSI, BAD[case])
    assert answer.rsc == 4000 and answer.dbg, answer
    assert ae.get(at).pc["cni"] == 0


def test_one_instance_for_each_time(ae, make):
    at = make()
    assert ae.create(at, TSI, {"dgt": at_second(1), "con": 1}).rsc == 2001
    for same in (at_second(1), at_second(1) + ",000", at_second(1) + ".0"):
        answer = ae.create(at, TSI, {"dgt": same, "con": 2})
        assert answer.rsc == 4105 and "dgt" in answer.dbg, answer
    assert ae.create(at, TSI, {"dgt": at_second(1) + ",000001", "con": 2}).rsc == 2001  # a microsecond later
    assert ae.create(at, TSI, {"dgt": at_second(0), "con": 3}).rsc == 2001  # earlier, but the latest to come
    assert ae.get(f"{at}/la").pc["con"] == 3 and ae.get(f"{at}/ol").pc["con"] == 1
    ae.create(ae.name, TS, {"rn": "other"})
    assert ae.create(f"{ae.name}/other", TSI, {"dgt": at_second(1), "con": 1}).rsc == 2001
    assert ae.delete(f"{at}/ol").rsc == 2002
    assert ae.create(at, TSI, {"dgt": at_second(1), "con": 4}).rsc == 2001  # free again


def test_a_relative_time_becomes_absolute(ae, make):
    a = ae.create(make(), TSI, {"dgt": "-60000", "con": 1}).pc
    assert stamp(-70) < a["dgt"] < stamp(-50)


def test_limits(ae, make):
    at = make(mni=2, mbs=8)
    for n in range(4):
        assert ae.create(at, TSI, {"dgt": at_second(n), "con": "abc"}).rsc == 2001
    assert times(ae, at) == [at_second(2), at_second(3)]
    assert ae.create(at, TSI, {"dgt": at_second(5), "con": "123456789"}).rsc == 5207
    assert ae.update(at, "m2m:ts", {"mni": 1}).pc["cni"] == 1
    assert times(ae, at) == [at_second(3)]
    assert ae.update(at, "m2m:ts", {"mia": 100}).rsc == 2004
    assert ae.create(at, TSI, {"dgt": at_second(6), "con": 1}).pc["et"] < stamp(200)


def test_instances_are_found_by_their_attributes(ae, make):
    at = make()
    for n in range(3):
        ae.create(at, TSI, {"dgt": at_second(n), "con": n, "snr": n})
    assert [f.split("/")[0] for f in ae.discover(ae.name, ty=30, snr=1).found] == ["cse-in"]
    assert len(ae.discover(ae.name, ty="29+30").found) == 4
    assert ae.get(f"{at}/la", atrl="snr+dgt").pc == {"snr": 2, "dgt": at_second(2)}
    assert ae.get(f"{at}/la", atrl="st").rsc == 4000
    assert [x["m2m:tsi"][1]["snr"] for x in ae.get(ae.name, rcn=4).pc["m2m:ts"]] == [1]
    assert len(ae.get(at, rcn=6).json["m2m:rrl"]["rrf"]) == 3


def test_access_is_the_parents(ae, make, admin):
    at = make()
    ae.create(at, TSI, {"dgt": at_second(1), "con": 1})
    other = admin.ae(f"x{ae.name}")
    assert other.get(f"{at}/la").rsc == 4103 == other.create(at, TSI, {"dgt": at_second(2), "con": 1}).rsc


@pytest.mark.parametrize("parent,rsc", [("", 2001), ("c", 2001), ("t", 4108)])
def test_parents(ae, make, parent, rsc):
    make()
    ae.create(ae.name, CNT, {"rn": "c"})
    assert ae.create(f"{ae.name}/{parent}".rstrip("/"), TS, {}).rsc == rsc
    assert ae.create(f"{ae.name}/c", TSI, {"dgt": at_second(1), "con": 1}).rsc == 4108


def test_notifications(ae, make):
    at = make(mni=1)
    with Receiver() as receiver:
        ae.create(at, SUB, {"nu": [receiver.url], "enc": {"net": [1, 3, 4]}, "nct": 1})
        ae.create(at, TSI, {"dgt": at_second(1), "con": 1})
        nev = receiver.next()["nev"]
        assert nev["net"] == 3 and nev["rep"]["m2m:tsi"]["dgt"] == at_second(1)
        ae.create(at, TSI, {"dgt": at_second(2), "con": 1})  # evicts the first: nobody is told of that
        assert receiver.next()["nev"]["net"] == 3
        ae.delete(f"{at}/la")
        assert receiver.next()["nev"]["net"] == 4
        ae.update(at, "m2m:ts", {"lbl": ["x"]})
        nev = receiver.next()["nev"]
        assert nev["net"] == 1 and nev["rep"]["m2m:ts"]["lbl"] == ["x"]
        assert receiver.none(0.2)


def test_a_series_goes_with_its_instances(ae, make):
    at = make()
    ri = ae.create(at, TSI, {"dgt": at_second(1), "con": 1}).pc["ri"]
    assert ae.delete(at).rsc == 2002
    assert ae.get("/" + ri).rsc == 4004
    make()
    assert eventually(lambda: ae.create(at, TSI, {"dgt": at_second(1), "con": 1}).rsc == 2001)
