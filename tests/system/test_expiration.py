"""How long resources live: the moment chosen, and what happens then; TS-0004 7.3.3.3, 7.3.3.7 and TS-0001 9.6.1.3."""

import calendar
import time

import pytest

from client import ACP, CIN, CNT, SUB, eventually, stamp

YEAR = 365 * 24 * 3600
DEFAULT, LONGEST = 157680000, 315360000  # settings of the CSE


def seconds(text):
    """The Unix time of an m2m:timestamp."""
    whole, _, fraction = text.partition(",")
    return calendar.timegm(time.strptime(whole, "%Y%m%dT%H%M%S")) + float(f"0.{fraction or 0}")


def lifetime(a):
    return seconds(a["et"]) - seconds(a["ct"])


@pytest.fixture
def long_lived(admin):
    """An AE that lives as long as allowed, so that its children may, too."""
    ae = admin.ae("longlived", et="99991231T235959")
    yield ae
    admin.delete("longlived")


def test_chosen_by_the_cse(long_lived):
    a = long_lived.create("longlived", CNT, {}).pc
    assert abs(lifetime(a) - DEFAULT) < 2
    assert abs(lifetime(long_lived.get("longlived").pc) - LONGEST) < 2


def test_given_and_bounded(long_lived):
    for given, lives in ((stamp(3600), 3600), (stamp(6 * YEAR), 6 * YEAR), (stamp(9 * YEAR), 9 * YEAR), (stamp(20 * YEAR), LONGEST), ("99991231T235959,999", LONGEST)):
        assert abs(lifetime(long_lived.create("longlived", CNT, {"et": given}).pc) - lives) < 2, given


def test_never_later_than_the_parent(ae):
    parent = ae.create(ae.name, CNT, {"rn": "c", "et": stamp(100)}).pc["et"]
    acr = {"acr": [{"acor": ["all"], "acop": 63}]}
    for ty, body in ((CNT, {}), (CIN, {"con": 1}), (SUB, {"nu": ["http://127.0.0.1:1"]})):
        for given in ({}, {"et": stamp(1000)}, {"et": "99991231T000000"}):
            assert ae.create(f"{ae.name}/c", ty, {**body, **given}).pc["et"] == parent, (ty, given)
        assert ae.create(f"{ae.name}/c", ty, {**body, "et": stamp(50)}).pc["et"] < parent
    assert ae.create(ae.name, ACP, {"pv": acr, "pvs": acr, "et": "99991231T000000"}).pc["et"] == ae.get(ae.name).pc["et"]


@pytest.mark.parametrize("et", ["20200101T000000", "19700101T000000", "20200101T000000,5", "tomorrow", "", "20299999T000000", "2029-01-01T00:00:00Z", "20290101", 20290101, True, ["20290101T000000"]], ids=repr)
def test_moments_that_are_none(ae, et):
    ae.create(ae.name, CNT, {"rn": "c"})
    assert ae.create(ae.name, CNT, {"et": et}).rsc == 4000
    assert ae.create(f"{ae.name}/c", CIN, {"con": 1, "et": et}).rsc == 4000
    assert ae.update(f"{ae.name}/c", "m2m:cnt", {"et": et}).rsc == 4000
    assert ae.as_("C").request("POST", "", {"m2m:ae": {"api": "N.x", "rr": False, "srv": ["3"], "et": et}}, ty=2).rsc == 4000


def test_update(ae):
    ae.create(ae.name, CNT, {"rn": "c", "et": stamp(100)})
    at = f"{ae.name}/c"
    assert ae.update(at, "m2m:cnt", {"et": stamp(500)}).pc["et"].startswith(stamp(500)[:11])
    assert ae.update(at, "m2m:cnt", {"et": "99991231T000000"}).pc["et"] == ae.get(ae.name).pc["et"]
    chosen = ae.update(at, "m2m:cnt", {"et": stamp(100)})
    again = ae.update(at, "m2m:cnt", {"et": None})
    assert again.rsc == 2004 and again.pc["et"] > chosen.pc["et"]
    assert again.pc["et"] <= ae.get(ae.name).pc["et"]


def test_no_parent_dies_before_its_child(ae):
    at = f"{ae.name}/c"
    ae.create(ae.name, CNT, {"rn": "c"})
    ae.create(at, CNT, {"rn": "d", "et": stamp(1000)})
    assert ae.update(at, "m2m:cnt", {"et": stamp(500)}).rsc == 4000
    assert ae.update(at, "m2m:cnt", {"et": stamp(2000)}).rsc == 2004
    assert ae.update(f"{at}/d", "m2m:cnt", {"et": stamp(400)}).rsc == 2004
    assert ae.update(at, "m2m:cnt", {"et": stamp(500)}).rsc == 2004
    ae.create(at, CIN, {"con": 1, "et": stamp(450)})
    assert ae.update(at, "m2m:cnt", {"et": stamp(420)}).rsc == 4000


def test_instances_and_the_age_of_their_container(ae):
    at = f"{ae.name}/c"
    ae.create(ae.name, CNT, {"rn": "c", "mia": 100})
    for given, most in (({}, 100), ({"et": stamp(1000)}, 100), ({"et": stamp(50)}, 51)):
        assert most - 6 < lifetime(ae.create(at, CIN, {"con": 1, **given}).pc) <= most, given
    ae.update(at, "m2m:cnt", {"mia": None})
    assert lifetime(ae.create(at, CIN, {"con": 1}).pc) > 1000


def test_what_happens_then(ae, receiver):
    """The resource and all below it are gone, its counters are right, and whoever asked is told."""
    top = ae.name
    soon = lambda: {"et": stamp(3)}
    watch = ae.create(top, SUB, {"rn": "watch", "nu": [receiver.url + "?4"], "enc": {"net": [4]}}).pc["rn"]
    ae.create(top, CNT, {"rn": "c"})
    ae.create(f"{top}/c", CNT, {"rn": "d"})
    ids = [ae.create(f"{top}/c/d", CIN, {"con": 1}).pc["ri"], ae.get(f"{top}/c/d").pc["ri"]]
    ae.create(f"{top}/c", SUB, {"rn": "s", "nu": [receiver.url + "?2"], "enc": {"net": [2]}, "su": receiver.url + "?sud"})
    ae.create(top, CNT, {"rn": "box", "mia": 1})
    for i in range(3):
        ae.create(f"{top}/box", CIN, {"con": "young"})
    ae.create(top, CNT, {"rn": "other"})
    ae.create(f"{top}/other", CIN, {"rn": "stays", "con": "stays"})
    ae.create(f"{top}/other", SUB, {"rn": "s", "nu": [receiver.url], "enc": {"net": [4]}})
    leaving = ae.as_("C").create("", 2, {"rn": top + "x", "api": "N.x", "rr": False, "srv": ["3"], **soon()})
    assert leaving.rsc == 2001
    assert ae.create(f"{top}/other", CIN, {"rn": "short", "con": "short", **soon()}).rsc == 2001
    end = soon()
    for at, key in ((f"{top}/c/s", "m2m:sub"), (f"{top}/c/d", "m2m:cnt"), (f"{top}/c", "m2m:cnt")):
        assert ae.update(at, key, end).rsc == 2004

    for at in (f"{top}/c", f"{top}/c/d", *("/" + i for i in ids), f"{top}/c/s", f"{top}/box/la", f"{top}/other/short"):
        assert eventually(lambda at=at: ae.get(at).rsc == 4004), at
    counters = lambda at: (ae.get(at).pc["cni"], ae.get(at).pc["cbs"])  # corrected when it is swept
    assert eventually(lambda: (counters(f"{top}/box"), counters(f"{top}/other")) == ((0, 0), (1, 5)))
    assert ae.get(f"{top}/other/la").pc["con"] == "stays" == ae.get(f"{top}/other/ol").pc["con"]
    assert ae.discover(top, rn="short").found == []
    assert eventually(lambda: ae.as_(leaving.pc["ri"]).get("").rsc == 4106)
    assert ae.create(top, CNT, {"rn": "c"}).rsc == 2001  # the name is free

    got = [receiver.next() for _ in range(4)]
    told = sorted((s["sur"].removeprefix(f"/id-in/cse-in/{top}/"), s.get("sud", s.get("nev", {}).get("net"))) for s in got)
    assert told == sorted([(watch, 4), ("c/s", 2), ("c/s", True), ("other/s", 4)])
    assert receiver.none(0.2)
