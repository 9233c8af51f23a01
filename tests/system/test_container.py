"""Containers: attributes, names, limits and counters; TS-0001 9.6.6, TS-0004 7.4.6 and 7.3.3."""

import pytest

from client import ACP, AE, CIN, CNT, SUB


@pytest.fixture
def make(ae):
    """Creates a container "c"; returns its path."""

    def make(**attributes):
        answer = ae.create(ae.name, CNT, {"rn": "c", **attributes})
        assert answer.rsc == 2001, answer
        return f"{ae.name}/c"

    return make


def fill(ae, at, *contents):
    return [ae.create(at, CIN, {"con": con}).pc for con in contents]


def contents(ae, at):
    return [cin["con"] for cin in ae.get(at, rcn=8).pc.get("m2m:cin", [])]


def counters(ae, at):
    a = ae.get(at).pc
    return a["cni"], a["cbs"], a["st"]


def test_what_is_set_by_the_cse(ae):
    a = ae.create(ae.name, CNT, {}).pc
    assert (a["ty"], a["pi"], a["st"], a["cni"], a["cbs"]) == (3, ae.origin, 0, 0, 0)
    assert a["ct"] == a["lt"] and a["et"] > a["ct"] and a["rn"] and a["ri"]
    assert "cr" not in a and "mni" not in a and "acpi" not in a
    assert ae.get("/" + a["ri"]).pc == a == ae.get(f"{ae.name}/{a['rn']}").pc


KEPT = {"lbl": ["a", "k:v", "ä"], "mni": 5, "mbs": 500, "mia": 5000, "or": "http://example.com/o", "disr": True, "loc": {"typ": 1, "crd": "[1.5,2]"}, "et": "20290101T000000"}


@pytest.mark.parametrize("name", KEPT)
def test_attributes_are_kept_changed_and_removed(ae, make, name):
    at = make()
    value = KEPT[name]
    got = ae.update(at, "m2m:cnt", {name: value}).pc[name]
    assert got == value or name == "et" and got.startswith(value)
    assert ae.get(at).pc[name] == got
    removed = ae.update(at, "m2m:cnt", {name: None})
    assert removed.rsc == 2004
    assert name not in removed.pc or name == "et" and removed.pc["et"] != got  # the CSE gives another
    assert ae.delete(at).rsc == 2002
    created = ae.create(ae.name, CNT, {name: value}).pc
    assert created[name] == got
    if name != "disr":
        assert ae.create(f"{ae.name}/{created['rn']}", CIN, {"con": 1}).rsc == 2001


def test_creator_only_when_asked_for(ae):
    assert ae.create(ae.name, CNT, {"cr": None}).pc["cr"] == ae.origin
    assert ae.create(ae.name, CNT, {"cr": ae.origin}).rsc == 4000


BAD = {
    "negative mni": {"mni": -1}, "text mni": {"mni": "5"}, "fraction mni": {"mni": 1.5}, "bool mni": {"mni": True}, "negative mbs": {"mbs": -1}, "negative mia": {"mia": -1},
    "list mia": {"mia": [1]}, "disr": {"disr": "true"}, "disr number": {"disr": 1}, "lbl": {"lbl": "a"}, "lbl numbers": {"lbl": [1]}, "et": {"et": "soon"}, "et number": {"et": 20290101},
    "acpi text": {"acpi": "x"}, "unknown": {"xyz": 1}, "of another type": {"con": 1}, "NP ri": {"ri": "x"}, "NP ty": {"ty": 3}, "NP pi": {"pi": "x"}, "NP ct": {"ct": "20260101T000000"},
    "NP lt": {"lt": "20260101T000000"}, "NP st": {"st": 0}, "NP cni": {"cni": 0}, "NP cbs": {"cbs": 0}, "NP li": {"li": "x"}, "loc": {"loc": {"typ": 9}},
}


@pytest.mark.parametrize("case", BAD)
def test_bad_attributes(ae, make, case):
    answer = ae.create(ae.name, CNT, BAD[case])
    assert answer.rsc == 4000 and next(iter(BAD[case])) in answer.dbg, answer
    at = make()
    before = ae.get(at).text
    assert ae.update(at, "m2m:cnt", BAD[case]).rsc == 4000
    assert ae.get(at).text == before


@pytest.mark.parametrize("attributes", [{"rn": "x"}, {"cr": None}, {"rn": None}, {"ri": None}, {"st": None}, {"cni": None}, {"ct": None}])
def test_bad_on_update_only(ae, make, attributes):
    assert ae.update(make(), "m2m:cnt", attributes).rsc == 4000


GOOD_NAMES = ["a", "0", "A-b_c.d", "x" * 100, "lala", "LA", "5.0"]
BAD_NAMES = ["", "a/b", "la", "ol", "fopt", "-", "-a", ".a", "_a", "a b", "ä", "a~b", "a:b", "a?b", "a#b", "a%20b", "a\n", "..", 5, None, ["a"]]


@pytest.mark.parametrize("name", GOOD_NAMES)
def test_names(ae, name):
    assert ae.create(ae.name, CNT, {"rn": name}).pc["rn"] == name
    assert ae.get(f"{ae.name}/{name}").pc["rn"] == name


@pytest.mark.parametrize("name", BAD_NAMES, ids=repr)
def test_names_that_are_none(ae, name):
    answer = ae.create(ae.name, CNT, {"rn": name})
    assert answer.rsc == 4000 and "rn" in answer.dbg, answer


def test_siblings_have_different_names(ae, make):
    at = make()
    ri = ae.get(at).pc["ri"]
    conflict = ae.create(ae.name, CNT, {"rn": "c"})
    assert (conflict.rsc, conflict.status) == (4105, 409)
    rule = {"acr": [{"acor": ["all"], "acop": 63}]}
    assert ae.create(ae.name, ACP, {"rn": "c", "pv": rule, "pvs": rule}).rsc == 4105
    assert ae.get(at).pc["ri"] == ri
    assert ae.create(at, CNT, {"rn": "c"}).rsc == 2001  # another parent
    ae.create(at, CIN, {"rn": "i", "con": 1})
    assert ae.create(at, CNT, {"rn": "i"}).rsc == 4105
    assert ae.delete(f"{at}/i").rsc == 2002
    assert ae.create(at, CNT, {"rn": "i"}).rsc == 2001  # free again


def test_parents_and_children(ae, make):
    at = make()
    rule = {"acr": [{"acor": [ae.origin], "acop": 63}]}
    bodies = {AE: {"api": "N.x", "rr": False, "srv": ["3"]}, CNT: {}, CIN: {"con": 1}, ACP: {"pv": rule, "pvs": rule}, SUB: {"nu": ["http://127.0.0.1:1"]}}
    places = {"ae": ae.name, "cnt": at, "cin": f"{at}/i", "acp": f"{ae.name}/a", "sub": f"{at}/s"}
    ae.create(at, CIN, {"rn": "i", "con": 1})
    ae.create(ae.name, ACP, {"rn": "a", **bodies[ACP]})
    ae.create(at, SUB, {"rn": "s", **bodies[SUB]})
    allowed = {("ae", CNT), ("ae", ACP), ("ae", SUB), ("cnt", CNT), ("cnt", CIN), ("cnt", SUB), ("acp", SUB)}
    for place, where in places.items():
        for ty, body in bodies.items():
            expected = 2001 if (place, ty) in allowed else 5203 if ty == SUB else 4108
            client = ae.as_("C") if ty == AE else ae.as_("CAdmin")
            assert client.create(where, ty, body).rsc == expected, (place, ty)


def test_counters_and_state_tag(ae, make):
    at = make()
    assert [cin["st"] for cin in fill(ae, at, "a", "bb", "ccc")] == [1, 2, 3]
    assert counters(ae, at) == (3, 6, 3)
    updated = ae.update(at, "m2m:cnt", {"lbl": ["x"]}).pc
    assert updated["st"] == 4 and updated["lt"] >= updated["ct"]
    assert fill(ae, at, "dddd")[0]["st"] == 5
    ae.delete(f"{at}/ol")
    assert counters(ae, at)[:2] == (3, 9)
    before = ae.get(at).pc["st"]
    ae.create(at, CNT, {"rn": "sub"})
    fill(ae, f"{at}/sub", "elsewhere")
    assert counters(ae, at) == (3, 9, before)
    for _ in range(3):
        ae.delete(f"{at}/la")
    assert counters(ae, at)[:2] == (0, 0)


def test_failed_requests_change_nothing(ae, make):
    at = make(mbs=3)
    fill(ae, at, "a")
    before = ae.get(at).text
    for answer in (ae.create(at, CIN, {"con": "toolong"}), ae.create(at, CIN, {}), ae.update(at, "m2m:cnt", {"mni": -1, "lbl": ["x"]}), ae.update(at, "m2m:cnt", {"lbl": ["x"], "ri": "y"})):
        assert answer.status >= 400
    assert ae.get(at).text == before


EVICTION = {
    "mni": ({"mni": 3}, ["1", "2", "3", "4", "5"], ["3", "4", "5"]),
    "mni of one": ({"mni": 1}, ["1", "2"], ["2"]),
    "mbs": ({"mbs": 6}, ["aa", "bb", "cc", "dd"], ["bb", "cc", "dd"]),
    "mbs, a large one takes several": ({"mbs": 6}, ["aa", "bb", "cc", "ddddd"], ["ddddd"]),
    "mbs filled exactly": ({"mbs": 6}, ["aaa", "bbb"], ["aaa", "bbb"]),
    "both, mni first": ({"mni": 2, "mbs": 100}, ["1", "2", "3"], ["2", "3"]),
    "both, mbs first": ({"mni": 100, "mbs": 2}, ["1", "2", "3"], ["2", "3"]),
    "bytes, not characters": ({"mbs": 4}, ["ä", "ö", "ü"], ["ö", "ü"]),
}


@pytest.mark.parametrize("case", EVICTION)
def test_the_oldest_go_first(ae, make, case):
    limits, given, left = EVICTION[case]
    at = make(**limits)
    fill(ae, at, *given)
    assert contents(ae, at) == left
    assert counters(ae, at) == (len(left), sum(len(c.encode()) for c in left), len(given))
    assert ae.get(f"{at}/ol").pc["con"] == left[0] and ae.get(f"{at}/la").pc["con"] == left[-1]


@pytest.mark.parametrize("limits,left", [({"mni": 2}, ["c", "d"]), ({"mbs": 1}, ["d"]), ({"mni": 3, "mbs": 2}, ["c", "d"]), ({"mni": 9}, ["a", "b", "c", "d"])])
def test_a_tighter_limit_counts_at_once(ae, make, limits, left):
    at = make()
    fill(ae, at, "a", "b", "c", "d")
    assert ae.update(at, "m2m:cnt", limits).rsc == 2004
    assert contents(ae, at) == left
    assert counters(ae, at)[:2] == (len(left), len(left))
    fill(ae, at, "e")
    assert ae.get(f"{at}/la").pc["con"] == "e"


def test_a_limit_lifted(ae, make):
    at = make(mni=2)
    fill(ae, at, "a", "b", "c")
    assert ae.update(at, "m2m:cnt", {"mni": None}).rsc == 2004
    fill(ae, at, "d", "e")
    assert contents(ae, at) == ["b", "c", "d", "e"]


def test_disabled_retrieval(ae, make):
    at = make(disr=True)
    cin = ae.create(at, CIN, {"rn": "i", "con": "secret"})
    assert cin.rsc == 2001
    for path in (f"{at}/i", "/" + cin.pc["ri"], f"{at}/la", f"{at}/ol"):
        assert ae.get(path).rsc == 4005, path
        assert ae.delete(path).rsc == 4005, path
    for rcn in (4, 5, 6, 8):
        answer = ae.get(at, rcn=rcn)
        assert "secret" not in answer.text and cin.pc["ri"] not in answer.text and "/i" not in answer.text, rcn
    assert ae.discover(at).found == [] == ae.as_("CAdmin").discover(at, ty=CIN).found
    assert counters(ae, at)[0] == 1


@pytest.mark.parametrize("value", [False, None])
def test_enabling_retrieval_again_deletes_what_was_hidden(ae, make, value):
    at = make(disr=True)
    fill(ae, at, "a", "b")
    assert ae.update(at, "m2m:cnt", {"disr": value}).rsc == 2004
    assert counters(ae, at)[:2] == (0, 0)
    assert ae.get(f"{at}/la").rsc == 4004
    fill(ae, at, "c")
    assert ae.get(f"{at}/la").pc["con"] == "c"


@pytest.mark.parametrize("disr", [{"disr": False}, {"disr": None}, {"disr": True}, {"lbl": ["x"]}])
def test_other_changes_of_disr_delete_nothing(ae, make, disr):
    at = make(disr=False)
    fill(ae, at, "a")
    assert ae.update(at, "m2m:cnt", disr).rsc == 2004
    assert counters(ae, at)[0] == 1


def test_update_leaves_the_rest_alone(ae, make):
    at = make(lbl=["a"], mni=5)
    before = ae.get(at).pc
    after = ae.update(at, "m2m:cnt", {"lbl": ["b"]}).pc
    assert {k: v for k, v in after.items() if k not in ("lbl", "lt", "st")} == {k: v for k, v in before.items() if k not in ("lbl", "lt", "st")}
    assert after["lbl"] == ["b"] and ae.get(at).pc == after
    assert ae.update(at, "m2m:cnt", {"lbl": None, "mni": 7}).pc["mni"] == 7
    assert ae.update(at, "m2m:cnt", {"lbl": None}).rsc == 2004  # already gone


def test_deletion_takes_the_subtree(ae, make):
    at = make()
    deep = at
    for i in range(8):
        assert ae.create(deep, CNT, {"rn": f"d{i}"}).rsc == 2001
        deep += f"/d{i}"
        fill(ae, deep, i)
    ids = [ae.get(deep).pc["ri"], ae.get(f"{deep}/la").pc["ri"]]
    assert ae.delete(at).rsc == 2002
    for gone in (at, deep, f"{deep}/la", *("/" + i for i in ids)):
        assert ae.get(gone).rsc == 4004, gone
    assert ae.delete(at).rsc == 4004
    assert ae.discover(ae.name).found == []
