"""What an answer holds: rcn for every operation, and a part of the attributes; TS-0004 6.3.4.2.7 and 7.3.3."""

import pytest

from client import ACP, CIN, CNT, SUB

ALLOWED = {  # operation: the values that may be asked for; of those the ones that this CSE can do nothing with
    "CREATE": ({0, 1, 2, 3, 9}, set()),
    "RETRIEVE": ({1, 4, 5, 6, 8, 12}, set()),  # 7 is for announced resources
    "discovery": ({6, 11}, set()),
    "UPDATE": ({0, 1, 9}, set()),
    "DELETE": ({0, 1, 4, 5, 6, 8}, set()),
}
SUCCESS = {"CREATE": 2001, "RETRIEVE": 2000, "discovery": 2000, "UPDATE": 2004, "DELETE": 2002}


@pytest.fixture
def box(ae):
    ae.create(ae.name, CNT, {"rn": "c", "lbl": ["old"], "mni": 9})
    return f"{ae.name}/c"


@pytest.fixture
def tree(ae, box):
    """c: two instances, a container "d" with one instance, and a subscription."""
    ae.create(box, CIN, {"rn": "i1", "con": 1})
    ae.create(box, CIN, {"rn": "i2", "con": 2})
    ae.create(box, CNT, {"rn": "d"})
    ae.create(f"{box}/d", CIN, {"rn": "i3", "con": 3})
    ae.create(box, SUB, {"rn": "s", "nu": ["http://127.0.0.1:1"]})
    return box


def perform(ae, box, operation, **query):
    return {
        "CREATE": lambda: ae.create(box, CNT, {"lbl": ["new"], "cr": None}, **query),
        "RETRIEVE": lambda: ae.get(box, **query),
        "discovery": lambda: ae.discover(box, **query),
        "UPDATE": lambda: ae.update(box, "m2m:cnt", {"lbl": ["new"]}, **query),
        "DELETE": lambda: ae.delete(box, **query),
    }[operation]()


@pytest.mark.parametrize("operation", ALLOWED)
@pytest.mark.parametrize("rcn", [*range(13), 13, -1, 99, "x", ""])
def test_which_are_allowed(ae, tree, operation, rcn):
    allowed, unsupported = ALLOWED[operation]
    before = ae.get(tree).text
    answer = perform(ae, tree, operation, rcn=rcn)
    assert answer.rsc == (5001 if rcn in unsupported else SUCCESS[operation] if rcn in allowed else 4000), answer
    if answer.status >= 400:
        assert ae.get(tree).text == before


# ---- CREATE

def test_create(ae, box):
    nothing = ae.create(box, CNT, {"rn": "r0"}, rcn=0)
    assert nothing.text == "" and nothing.headers["Content-Location"].endswith(f"cse-in/{box}/r0")
    assert ae.create(box, CNT, {"rn": "r1"}, rcn=1).pc == ae.get(f"{box}/r1").pc
    assert ae.create(box, CNT, {"rn": "r"}).pc == ae.get(f"{box}/r").pc
    assert ae.create(box, CNT, {"rn": "r2"}, rcn=2).json == {"m2m:uri": f"cse-in/{box}/r2"}
    both = ae.create(box, CNT, {"rn": "r3"}, rcn=3).json["m2m:rce"]
    assert both == {"m2m:cnt": ae.get(f"{box}/r3").pc, "uri": f"cse-in/{box}/r3"}


def test_create_modified(ae, box):
    """Only what the CSE has set or changed."""
    given = {"rn": "r9", "lbl": ["x"], "mni": 5}
    got = ae.create(box, CNT, {**given, "cr": None, "et": "99991231T000000"}, rcn=9).pc
    whole = ae.get(f"{box}/r9").pc
    assert {"ri", "ct", "lt", "et", "pi", "cr"} <= set(got) and not set(got) & set(given)
    assert got == {k: v for k, v in whole.items() if k not in given}


@pytest.mark.parametrize("rcn", [0, 1, 2, 3, 9])
def test_create_of_an_instance(ae, box, rcn):
    answer = ae.create(box, CIN, {"rn": "i", "con": "x" * 10, "lbl": ["y"]}, rcn=rcn)
    whole = ae.get(f"{box}/i").pc
    assert whole["con"] == "x" * 10
    if rcn == 0:
        assert answer.text == ""
    else:
        expected = {1: {"m2m:cin": whole}, 2: {"m2m:uri": f"cse-in/{box}/i"}, 3: {"m2m:rce": {"m2m:cin": whole, "uri": f"cse-in/{box}/i"}},
                    9: {"m2m:cin": {k: v for k, v in whole.items() if k not in ("rn", "con", "lbl")}}}
        assert answer.json == expected[rcn]


# ---- RETRIEVE

def test_retrieve_with_children(ae, tree):
    got = ae.get(tree, rcn=4).pc
    own = ae.get(tree).pc
    assert {k: v for k, v in got.items() if not k.startswith("m2m:")} == own
    assert [i["rn"] for i in got["m2m:cin"]] == ["i1", "i2"]
    assert got["m2m:cin"][0] == ae.get(f"{tree}/i1").pc
    assert [c["rn"] for c in got["m2m:cnt"]] == ["d"] and [s["rn"] for s in got["m2m:sub"]] == ["s"]
    assert [i["con"] for i in got["m2m:cnt"][0]["m2m:cin"]] == [3]


def test_retrieve_children_only(ae, tree):
    with_own, only = ae.get(tree, rcn=4).pc, ae.get(tree, rcn=8).pc
    assert only == {k: v for k, v in with_own.items() if k.startswith("m2m:")}


def references(tree):
    return [("i1", 4, f"cse-in/{tree}/i1"), ("i2", 4, f"cse-in/{tree}/i2"), ("d", 3, f"cse-in/{tree}/d"), ("i3", 4, f"cse-in/{tree}/d/i3"), ("s", 23, f"cse-in/{tree}/s")]


def test_retrieve_references(ae, tree):
    got = ae.get(tree, rcn=5).pc
    own = ae.get(tree).pc
    assert {k: v for k, v in got.items() if k != "ch"} == own
    assert sorted((c["nm"], c["typ"], c["val"]) for c in got["ch"]) == sorted(references(tree))
    only = ae.get(tree, rcn=6).json["m2m:rrl"]["rrf"]
    assert sorted((c["nm"], c["typ"], c["val"]) for c in only) == sorted(references(tree))


def test_references_by_id(ae, tree):
    for query in ({"rcn": 6}, {"rcn": 6, "fu": 1}):
        got = ae.get(tree, drt=2, **query).json["m2m:rrl"]["rrf"]
        assert sorted(c["nm"] for c in got) == ["d", "i1", "i2", "i3", "s"]
        for c in got:
            assert ae.get("/" + c["val"].rsplit("/", 1)[-1]).pc["rn"] == c["nm"]


@pytest.mark.parametrize("query,names", [({"ty": 4}, ["i1", "i2", "i3"]), ({"lvl": 1}, ["i1", "i2", "d", "s"]), ({"lvl": 2}, ["i1", "i2", "d", "s", "i3"]), ({"ty": 3}, ["d"]), ({"ty": 1}, []), ({"lim": 2}, 2),
                                         ({"crb": "20200101T000000"}, []), ({"rn": "i*"}, ["i1", "i2", "i3"])], ids=str)
def test_children_are_filtered(ae, tree, query, names):
    for rcn, of in ((6, lambda a: a.json["m2m:rrl"]["rrf"]), (5, lambda a: a.pc["ch"])):
        got = {c["nm"] for c in of(ae.get(tree, rcn=rcn, **query))}
        assert got == set(names) if isinstance(names, list) else len(got) == names, rcn


def test_conditional_retrieve(ae, box):
    for query, rsc in (({"lbl": "old"}, 2000), ({"lbl": "new"}, 4004), ({"ty": 3}, 2000), ({"ty": 4}, 4004), ({"crb": "20200101T000000"}, 4004), ({"cra": "20200101T000000"}, 2000), ({"mni": 9}, 2000), ({"mni": 8}, 4004),
                       ({"lbl": "new", "ty": 3, "fo": 2}, 2000), ({"lbl": "new", "ty": 3, "fo": 1}, 4004), ({"fu": 2, "lbl": "old"}, 2000), ({"stb": 0}, 2000), ({"stb": 1}, 4004)):
        assert ae.get(box, **query).rsc == rsc, query
    assert ae.request("PUT", box, {"m2m:cnt": {"mni": 8}}, lbl="new").rsc == 4004
    assert ae.request("PUT", box, {"m2m:cnt": {"mni": 8}}, lbl="old").rsc == 2004
    assert ae.delete(box, lbl="new").rsc == 4004
    assert ae.delete(box, lbl="old").rsc == 2002


def test_only_children_that_may_be_seen(ae, guest, tree):
    own, reader = {"acor": [ae.origin], "acop": 63}, {"acor": [guest.origin], "acop": 2}
    acp = ae.create(ae.name, ACP, {"pv": {"acr": [own, reader]}, "pvs": {"acr": [own]}}).pc["ri"]
    ae.update(tree, "m2m:cnt", {"acpi": [acp]})
    assert {c["nm"] for c in guest.get(tree, rcn=6).json["m2m:rrl"]["rrf"]} == {"i1", "i2"}
    got = guest.get(tree, rcn=4).pc
    assert "m2m:cnt" not in got and "m2m:sub" not in got and len(got["m2m:cin"]) == 2
    ae.update(f"{tree}/d", "m2m:cnt", {"acpi": [acp]})
    assert {c["nm"] for c in guest.get(tree, rcn=6).json["m2m:rrl"]["rrf"]} == {"i1", "i2", "d", "i3"}


def test_of_an_instance_and_of_what_is_empty(ae, box):
    assert ae.get(box, rcn=8).pc == {} and ae.get(box, rcn=6).json == {"m2m:rrl": {"rrf": []}}
    assert ae.get(box, rcn=4).pc == ae.get(box).pc and ae.get(box, rcn=5).pc == {**ae.get(box).pc, "ch": []}
    ae.create(box, CIN, {"con": 1})
    for at in (f"{box}/la", f"{box}/ol"):
        assert ae.get(at, rcn=1).pc == ae.get(at).pc


# ---- part of the attributes

def test_partial_retrieve(ae, box):
    ae.create(box, CIN, {"con": 1})
    for names, expected in ((["lbl"], {"lbl": ["old"]}), (["rn", "mni"], {"rn": "c", "mni": 9}), (["mbs"], {}), (["mbs", "ty"], {"ty": 3}), (["cni", "cbs"], {"cni": 1, "cbs": 1})):
        for answer in (ae.request("GET", box, {"m2m:atrl": names}), ae.get(box, atrl="+".join(names))):
            assert answer.rsc == 2000 and answer.json == {"m2m:cnt": expected}, (names, answer)
    assert ae.get(f"{box}/la", atrl="con").json == {"m2m:cin": {"con": 1}}
    assert ae.request("GET", f"/cse-in/{box}#lbl").json == {"m2m:cnt": {"lbl": ["old"]}}


@pytest.mark.parametrize("query", [{"atrl": "xyz"}, {"atrl": "con"}, {"atrl": "lbl+xyz"}, {"atrl": "lbl", "rcn": 4}, {"atrl": "lbl", "rcn": 5}, {"atrl": "lbl", "rcn": 6}, {"atrl": ""}], ids=str)
def test_partial_retrieve_refused(ae, box, query):
    assert ae.get(box, **query).rsc == 4000


@pytest.mark.parametrize("content", [{"m2m:atrl": []}, {"m2m:atrl": "lbl"}, {"m2m:atrl": [1]}, {"m2m:cnt": {}}, {}, {"m2m:atrl": ["lbl"], "x": 1}], ids=str)
def test_other_content_of_a_retrieve(ae, box, content):
    assert ae.request("GET", box, content).rsc == 4000


# ---- UPDATE and DELETE

def test_update(ae, box):
    assert ae.update(box, "m2m:cnt", {"lbl": ["a"]}, rcn=0).text == ""
    assert ae.update(box, "m2m:cnt", {"lbl": ["b"]}, rcn=1).pc == ae.get(box).pc
    assert ae.update(box, "m2m:cnt", {"lbl": ["c"]}).pc == ae.get(box).pc


def test_update_modified(ae, box):
    got = ae.update(box, "m2m:cnt", {"lbl": ["c"], "mni": None}, rcn=9).pc
    now = ae.get(box).pc
    assert got == {"lt": now["lt"], "st": now["st"]}
    given = ae.update(box, "m2m:cnt", {"et": "99991231T000000"}, rcn=9).pc
    assert given["et"] == ae.get(box).pc["et"] != "99991231T000000"  # the CSE changed what was asked for


@pytest.mark.parametrize("rcn", [1, 4, 5, 6, 8])
def test_delete(ae, tree, rcn):
    expected = ae.get(tree, rcn=rcn).json
    answer = ae.delete(tree, rcn=rcn)
    assert answer.rsc == 2002 and answer.json == expected
    assert ae.get(tree).rsc == 4004


def test_delete_tells_nothing_by_default(ae, tree):
    assert ae.delete(tree).text == ""


def test_delete_of_the_latest_shows_it(ae, tree):
    assert ae.delete(f"{tree}/la", rcn=1).pc["con"] == 2
    assert ae.delete(f"{tree}/ol", rcn=1).pc["con"] == 1
