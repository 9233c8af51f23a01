"""locationPolicy: the container that comes with it, what it must say, and geofences."""

import json

import pytest

from client import CIN, CNT, SUB, Receiver

LCP = 10
NETWORK, DEVICE, SHARING = 1, 2, 3
ENTERING, LEAVING, INSIDE, OUTSIDE = 1, 2, 3, 4
SQUARE = {"type": "Polygon", "coordinates": [[[0, 0], [10, 0], [10, 10], [0, 10], [0, 0]]]}


def policy(ae, **attributes):
    return ae.request("POST", ae.name, {"m2m:lcp": attributes}, ty=LCP)


def change(ae, **attributes):
    return ae.update(f"{ae.name}/p", "m2m:lcp", attributes)


def point(x, y):
    return json.dumps({"type": "Point", "coordinates": [x, y]})


def contents(ae, container):
    """What is stored, the oldest first."""
    answer = ae.get(f"{ae.name}/{container}?rcn=8")
    return [i["con"] for i in sorted(answer.pc.get("m2m:cin", []), key=lambda i: i["st"])]


def events(ae, container="places"):
    return [c for c in contents(ae, container) if c in list("1234")]


@pytest.mark.parametrize("los", (DEVICE, SHARING))
def test_its_container(ae, los):
    """Both know each other; the container has the name asked for, and goes with the policy."""
    answer = policy(ae, rn="p", los=los, lon="places", lou=["PT10S", "PT1H"])
    assert answer.rsc == 2001, answer
    lcp = answer.pc
    assert lcp["lit"] == 1 and lcp["lost"] == "" and lcp["los"] == los
    container = ae.get(f"{ae.name}/places").pc
    assert container["ri"] == lcp["loi"] and container["li"] == lcp["ri"] and container["pi"] == lcp["pi"] and container["et"] == lcp["et"]
    assert ae.get(f"{ae.name}/places/la").rsc == 4004
    for place in (point(1, 2), "somewhere", {"lat": 1.50}):
        assert ae.create(f"{ae.name}/places", CIN, {"con": place}).rsc == 2001
    assert ae.get(f"{ae.name}/places/la").pc["con"] == {"lat": 1.50} and len(contents(ae, "places")) == 3
    assert ae.delete(f"{ae.name}/p").rsc == 2002
    assert ae.get(f"{ae.name}/places").rsc == 4004


def test_a_name_is_given(ae):
    lcp = policy(ae, rn="p", los=DEVICE).pc
    assert ae.request("GET", f"/{lcp['loi']}").pc["li"] == lcp["ri"]
    ae.delete(f"{ae.name}/p")
    assert ae.request("GET", f"/{lcp['loi']}").rsc == 4004


def test_nothing_half_done(ae):
    """A name that is taken leaves neither; a container that is gone does not keep its policy from going."""
    assert ae.create(ae.name, CNT, {"rn": "taken"}).rsc == 2001
    assert policy(ae, rn="p", los=DEVICE, lon="taken").rsc == 4105
    assert ae.get(f"{ae.name}/p").rsc == 4004
    assert policy(ae, rn="p", los=DEVICE, lon="places").rsc == 2001
    assert policy(ae, rn="p", los=DEVICE, lon="others").rsc == 4105
    assert ae.get(f"{ae.name}/others").rsc == 4004
    assert ae.delete(f"{ae.name}/places").rsc == 2002
    assert ae.delete(f"{ae.name}/p").rsc == 2002


def test_rights_and_time_are_shared(ae, guest):
    rights = {"acr": [{"acor": [guest.origin], "acop": 2}, {"acor": [ae.origin], "acop": 63}]}
    assert ae.create(ae.name, 1, {"rn": "acp", "pv": rights, "pvs": rights}).rsc == 2001
    assert policy(ae, rn="p", los=DEVICE, lon="places", acpi=[f"cse-in/{ae.name}/acp"]).rsc == 2001
    assert guest.get(f"{ae.name}/places").rsc == 2000
    et = "20290101T000000"
    answer = change(ae, et=et)
    assert answer.rsc == 2004 and answer.pc["et"] == ae.get(f"{ae.name}/places").pc["et"], answer


BAD = {
    "no source": (dict(), 4000, "los"),
    "unknown source": (dict(los=4), 4000, "los"),
    "network, no target": (dict(los=NETWORK, lor="http://lbs.example"), 4000, "los: 1"),
    "network, no server": (dict(los=NETWORK, lot="msisdn"), 4000, "los: 1"),
    "network": (dict(los=NETWORK, lot="msisdn", lor="http://lbs.example"), 5001, "network.url"),
    "container given": (dict(los=DEVICE, loi="x"), 4000, "loi"),
    "name that is none": (dict(los=DEVICE, lon="a/b"), 4000, "lon"),
    "name of a virtual child": (dict(los=DEVICE, lon="la"), 4000, "lon"),
    "period that is none": (dict(los=DEVICE, lou=["ten"]), 4000, "lou"),
    "fence without area": (dict(los=DEVICE, lit=2, gec=1), 4000, "lit: 2"),
    "fence without event": (dict(los=DEVICE, lit=2, gta=SQUARE), 4000, "lit: 2"),
    "area without fence": (dict(los=DEVICE, gta=SQUARE), 4000, "gta"),
    "event without fence": (dict(los=DEVICE, lit=1, gec=1), 4000, "gec"),
    "area that is none": (dict(los=DEVICE, lit=2, gec=1, gta="here"), 4000, "gta"),
    "area of no extent": (dict(los=DEVICE, lit=2, gec=1, gta={"type": "Point", "coordinates": [1, 2]}), 4000, "gta"),
    "area that crosses itself": (dict(los=DEVICE, lit=2, gec=1, gta={"type": "Polygon", "coordinates": [[[0, 0], [2, 2], [2, 0], [0, 2], [0, 0]]]}), 4000, "Self-intersection"),
    "unknown event": (dict(los=DEVICE, lit=2, gec=5, gta=SQUARE), 4000, "gec"),
}


@pytest.mark.parametrize("case", BAD)
def test_malformed(ae, case):
    attributes, rsc, why = BAD[case]
    answer = policy(ae, rn="p", lon=attributes.pop("lon", "places"), **attributes)
    assert answer.rsc == rsc and why in answer.dbg, answer
    assert ae.get(f"{ae.name}/p").rsc == 4004 and ae.get(f"{ae.name}/places").rsc == 4004


PATH = [(5, 5), (6, 6), (20, 20), (21, 21), (5, 5), (20, 20)]  # inside, inside, outside, outside, inside, outside
FENCES = {
    ENTERING: ["1"],
    LEAVING: ["2", "2"],
    INSIDE: ["3", "3", "3"],
    OUTSIDE: ["4", "4", "4"],
}


@pytest.mark.parametrize("gec", FENCES)
def test_geofence(ae, gec):
    """The event follows the position that causes it; before the first position nothing is known."""
    assert policy(ae, rn="p", los=DEVICE, lon="places", lit=2, gec=gec, gta=json.dumps(SQUARE) if gec == LEAVING else SQUARE).rsc == 2001
    for x, y in PATH:
        answer = ae.create(f"{ae.name}/places", CIN, {"con": point(x, y)})
        assert answer.rsc == 2001 and answer.pc["con"] == point(x, y), answer
    assert events(ae) == FENCES[gec]
    assert ae.get(f"{ae.name}/p").pc["lost"] == "outside"
    if gec == ENTERING:
        assert contents(ae, "places")[4:6] == [point(5, 5), "1"]
        assert ae.get(f"{ae.name}/places").pc["cni"] == 7


def test_what_is_no_position_is_no_event(ae):
    assert policy(ae, rn="p", los=DEVICE, lon="places", lit=2, gec=INSIDE, gta=SQUARE).rsc == 2001
    for content in ("3", "here", 5, point("a", "b"), {"type": "Point"}, {"type": "LineString", "coordinates": [[5, 5], [6, 6]]}, [5, 5]):
        assert ae.create(f"{ae.name}/places", CIN, {"con": content}).rsc == 2001
    assert len(contents(ae, "places")) == 7 and ae.get(f"{ae.name}/p").pc["lost"] == ""
    assert ae.create(f"{ae.name}/places", CIN, {"con": {"type": "Point", "coordinates": [5, 5]}}).rsc == 2001  # not only as text
    assert len(contents(ae, "places")) == 9


def test_subscribers_hear_of_events(ae):
    assert policy(ae, rn="p", los=SHARING, lon="places", lit=2, gec=LEAVING, gta=SQUARE).rsc == 2001
    with Receiver() as receiver:
        assert ae.create(f"{ae.name}/places", SUB, {"nu": [receiver.url], "enc": {"net": [3]}}).rsc == 2001
        for x, y in ((5, 5), (20, 20)):
            assert ae.create(f"{ae.name}/places", CIN, {"con": point(x, y)}).rsc == 2001
        got = [n["nev"]["rep"]["m2m:cin"]["con"] for n in receiver.many(3)]
        assert got == [point(5, 5), point(20, 20), "2"]


def test_another_fence(ae):
    """From a change of the fence on, where the device is counts anew."""
    assert policy(ae, rn="p", los=DEVICE, lon="places", lit=2, gec=ENTERING, gta=SQUARE).rsc == 2001
    put = lambda x, y: ae.create(f"{ae.name}/places", CIN, {"con": point(x, y)})  # noqa: E731
    put(20, 20)
    assert change(ae, gta={"type": "Polygon", "coordinates": [[[19, 19], [22, 19], [22, 22], [19, 22], [19, 19]]]}).pc["lost"] == ""
    put(21, 21)
    assert events(ae) == [] and ae.get(f"{ae.name}/p").pc["lost"] == "inside"
    put(5, 5), put(20, 20)
    assert events(ae) == ["1"]
    for attributes in (dict(gta=None), dict(gec=None), dict(lit=1), dict(gta="x")):
        answer = change(ae, **attributes)
        assert answer.rsc == 4000, answer
    assert change(ae, lit=1, gta=None, gec=None).rsc == 2004
    put(5, 5), put(20, 20)
    assert events(ae) == ["1"]
    assert change(ae, los=SHARING).rsc == 4000


def test_limits_hold_for_events(ae):
    assert policy(ae, rn="p", los=DEVICE, lon="places", lit=2, gec=INSIDE, gta=SQUARE).rsc == 2001
    assert ae.update(f"{ae.name}/places", "m2m:cnt", {"mni": 3}).rsc == 2004
    for _ in range(3):
        assert ae.create(f"{ae.name}/places", CIN, {"con": point(5, 5)}).rsc == 2001
    assert contents(ae, "places") == ["3", point(5, 5), "3"]
