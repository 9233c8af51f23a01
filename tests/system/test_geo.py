"""Geo-queries: the filter's geometry and the attribute `loc` of resources; in discovery, retrieval with children, and for one target."""

import json
import urllib.parse

import pytest

from client import CNT, Client

SQUARE = [[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]
PLACES = {
    "square": (3, [SQUARE]),
    "ring": (3, SQUARE),  # a polygon without the list around its only ring
    "text": (3, json.dumps([SQUARE])),
    "spot": (1, [0.5, 0.5]),
    "far": (1, [20, 50]),
    "line": (2, [[1, 1], [2, 2]]),
    "spots": (4, [[0.5, 0.5], [20, 50]]),
    "lines": (5, [[[1, 1], [2, 2]], [[20, 50], [21, 51]]]),
    "squares": (6, [[SQUARE], [[[20, 50], [21, 50], [21, 51], [20, 50]]]]),
}
WITHIN, CONTAINS, INTERSECTS = 1, 2, 3


@pytest.fixture(scope="module")
def places(stack):
    admin = Client(stack.http_port)
    ae = admin.ae("places")
    for name, (typ, crd) in PLACES.items():
        answer = ae.create("places", CNT, {"rn": name, "loc": {"typ": typ, "crd": crd}})
        assert answer.rsc == 2001 and answer.pc["loc"] == {"typ": typ, "crd": crd}, answer
    assert ae.create("places", CNT, {"rn": "nowhere"}).rsc == 2001
    yield ae
    admin.delete("places")


def ask(gmty, geom, gsf):
    return f"gmty={gmty}&gsf={gsf}&geom={urllib.parse.quote(json.dumps(geom))}"


CASES = {
    "what contains the point": (1, [0.25, 0.5], WITHIN, "square ring text squares"),
    "what is at the point": (1, [0.5, 0.5], CONTAINS, "spot"),
    "what touches the corner": (1, [1, 1], INTERSECTS, "square ring text line lines squares"),
    "what lies in the polygon": (3, [[[-1, -1], [3, -1], [3, 3], [-1, 3], [-1, -1]]], CONTAINS, "square ring text spot line"),
    "what lies in the ring": (3, [[-1, -1], [3, -1], [3, 3], [-1, 3], [-1, -1]], CONTAINS, "square ring text spot line"),
    "what meets the polygon": (3, [[[-1, -1], [3, -1], [3, 3], [-1, 3], [-1, -1]]], INTERSECTS, "square ring text spot line spots lines squares"),
    "longitude first": (3, [[[19, 49], [22, 49], [22, 52], [19, 52], [19, 49]]], CONTAINS, "far"),
    "all of several points": (4, [[0.5, 0.5], [20, 50]], CONTAINS, "spot far spots"),
    "a line across": (2, [[0.5, -1], [0.5, 2]], INTERSECTS, "square ring text spot spots squares"),
    "several lines": (5, [[[1, 1], [2, 2]], [[20, 50], [21, 51]]], CONTAINS, "line lines"),
    "several polygons": (6, [[[[-1, -1], [3, -1], [3, 0], [-1, -1]]], [[[19, 49], [22, 49], [22, 52], [19, 52], [19, 49]]]], CONTAINS, "far"),
    "nothing there": (1, [-50, -50], INTERSECTS, ""),
}


@pytest.mark.parametrize("case", CASES)
def test_discovery(places, case):
    gmty, geom, gsf, expected = CASES[case]
    answer = places.get(f"places?fu=1&{ask(gmty, geom, gsf)}")
    assert answer.rsc == 2000, answer
    assert sorted(uri.rsplit("/", 1)[1] for uri in answer.found) == sorted(expected.split())


def test_with_other_criteria(places):
    here = ask(1, [0.5, 0.5], CONTAINS)
    names = lambda more: sorted(uri.rsplit("/", 1)[1] for uri in places.get(f"places?fu=1&{here}&{more}").found)  # noqa: E731
    assert names("ty=3") == ["spot"] and names("ty=4") == []
    assert names("rn=nowhere&fo=2") == ["nowhere", "spot"]
    assert names("rn=spot&fo=3") == []


def test_children_shown(places):
    answer = places.get(f"places?rcn=8&{ask(1, [0.25, 0.5], WITHIN)}")
    assert sorted(c["rn"] for c in answer.pc["m2m:cnt"]) == ["ring", "square", "squares", "text"]


def test_one_target(places):
    assert places.get(f"places/square?{ask(1, [0.5, 0.5], WITHIN)}").rsc == 2000
    for path in ("far", "nowhere"):
        assert places.get(f"places/{path}?{ask(1, [0.5, 0.5], WITHIN)}").rsc == 4004


def test_a_moved_resource_is_found_where_it_is(places):
    assert places.create("places", CNT, {"rn": "car", "loc": {"typ": 1, "crd": [-10, -10]}}).rsc == 2001
    find = lambda point: places.get(f"places?fu=1&{ask(1, point, CONTAINS)}").found  # noqa: E731
    assert find([-10, -10]) == ["cse-in/places/car"]
    assert places.update("places/car", "m2m:cnt", {"loc": {"typ": 1, "crd": [-11, -11]}}).rsc == 2004
    assert find([-10, -10]) == [] and find([-11, -11]) == ["cse-in/places/car"]
    places.delete("places/car")


BAD = {
    "type alone": ("gmty=1", "belong together"),
    "geometry alone": ("geom=[1,2]", "belong together"),
    "function alone": ("gsf=1", "belong together"),
    "no function": ("gmty=1&geom=[1,2]", "belong together"),
    "no geometry": ("gmty=1&gsf=1", "belong together"),
    "no type": ("gsf=1&geom=[1,2]", "belong together"),
    "no coordinates": ("gmty=1&gsf=1&geom=1.0", "geom"),
    "another type's": ("gmty=3&gsf=1&geom=[1,2]", "geom"),
    "a polygon that crosses itself": ("gmty=3&gsf=1&geom=[[[0,0],[2,2],[2,0],[0,2],[0,0]]]", "Self-intersection"),
    "open ring": ("gmty=3&gsf=1&geom=[[[0,0],[2,2],[2,0],[0,2]]]", "geom"),
    "unknown type": ("gmty=7&gsf=1&geom=[1,2]", "gmty"),
    "unknown function": ("gmty=1&gsf=4&geom=[1,2]", "gsf"),
}


@pytest.mark.parametrize("case", BAD)
def test_malformed(places, case):
    query, why = BAD[case]
    for path in ("places?fu=1", "places?rcn=4", "places/square?rcn=1"):
        answer = places.get(f"{path}&{query}")
        assert answer.rsc == 4000 and why in answer.dbg, answer
