"""Content instances: content, size, order and what cannot be done to them; TS-0001 9.6.7, TS-0004 7.4.7 and 7.4.27."""

import json

import pytest

from client import CIN, CNT


@pytest.fixture
def box(ae):
    ae.create(ae.name, CNT, {"rn": "c"})
    return f"{ae.name}/c"


# What is sent as content, and its size in bytes: of a text as it is, of anything else as JSON.
SIZES = {
    "empty": ('""', 0), "ascii": ('"21.5"', 4), "two bytes each": ('"äöü"', 6), "three bytes": ('"€"', 3), "four bytes": ('"😀"', 4), "escape": ('"a\\nb"', 3),
    "escaped quote": ('"\\""', 1), "\\u of two bytes": ('"\\u00e4"', 2), "\\u surrogates": ('"\\ud83d\\ude00"', 4), "slash": ('"\\/"', 1),
    "number": ("21.50", 5), "bool": ("true", 4), "object": ('{"a":1}', 7), "list": ("[1,2]", 5),
}


@pytest.mark.parametrize("case", SIZES)
def test_content_size_in_bytes(ae, box, case):
    text, size = SIZES[case]
    answer = ae.request("POST", box, ('{"m2m:cin":{"con":%s}}' % text).encode(), ty=CIN)
    assert answer.rsc == 2001 and answer.pc["cs"] == size, answer
    assert answer.pc["con"] == json.loads(text)
    assert ae.get(f"{box}/la").pc == answer.pc
    assert ae.get(box).pc["cbs"] == size


def test_what_is_set_by_the_cse(ae, box):
    container = ae.get(box).pc
    a = ae.create(box, CIN, {"con": "x"}).pc
    assert (a["ty"], a["pi"], a["cs"], a["st"]) == (4, container["ri"], 1, 1)
    assert a["rn"] and a["ri"] and a["ct"] == a["lt"] and a["et"] <= container["et"]
    assert "cr" not in a and "cnf" not in a and "acpi" not in a
    assert ae.get("/" + a["ri"]).pc == a == ae.get(f"{box}/{a['rn']}").pc


KEPT = {"cnf": "application/json:0", "lbl": ["k:v", "ä"], "or": "http://example.com/o", "rn": "given", "dgt": "20260101T000000"}


@pytest.mark.parametrize("name", KEPT)
def test_attributes_are_kept(ae, box, name):
    answer = ae.create(box, CIN, {"con": 1, name: KEPT[name]})
    assert answer.rsc == 2001 and answer.pc[name] == KEPT[name], answer
    assert ae.get(f"{box}/la").pc[name] == KEPT[name]


def test_creator_only_when_asked_for(ae, box):
    assert ae.create(box, CIN, {"con": 1, "cr": None}).pc["cr"] == ae.origin
    assert ae.get(f"{box}/la").pc["cr"] == ae.origin
    assert ae.create(box, CIN, {"con": 1, "cr": ae.origin}).rsc == 4000


@pytest.mark.parametrize("cnf,rsc", [("text/plain:0", 2001), ("application/vnd.x+json:1", 2001), ("image/png:2", 2001), ("application/xml:0:1", 2001), ("text/plain", 4000), ("text:0", 4000), ("text/plain:3", 4000),
                                     ("text/plain:x", 4000), ("/plain:0", 4000), ("", 4000), ("text/plain:0:9", 4000), (0, 4000)])
def test_content_info(ae, box, cnf, rsc):
    assert ae.create(box, CIN, {"con": "x", "cnf": cnf}).rsc == rsc


BAD = {
    "no content": {"lbl": ["x"]}, "null content": {"con": None}, "unknown": {"con": 1, "xyz": 1}, "NP cs": {"con": 1, "cs": 1}, "NP st": {"con": 1, "st": 1}, "NP ri": {"con": 1, "ri": "x"},
    "NP ty": {"con": 1, "ty": 4}, "NP pi": {"con": 1, "pi": "x"}, "NP ct": {"con": 1, "ct": "20260101T000000"}, "NP lt": {"con": 1, "lt": "20260101T000000"}, "no acpi here": {"con": 1, "acpi": ["x"]},
    "lbl": {"con": 1, "lbl": "x"}, "et": {"con": 1, "et": "never"}, "null": {"con": 1, "lbl": None}, "mni": {"con": 1, "mni": 1}, "virtual name": {"con": 1, "rn": "la"}, "bad name": {"con": 1, "rn": "a/b"}, "name": {"con": 1, "rn": 5},
}


@pytest.mark.parametrize("case", BAD)
def test_bad_instances(ae, box, case):
    answer = ae.create(box, CIN, BAD[case])
    assert answer.rsc == 4000 and answer.dbg, answer
    assert ae.get(box).pc["cni"] == 0


def test_given_names(ae, box):
    first = ae.create(box, CIN, {"rn": "first", "con": 1})
    assert first.pc["rn"] == "first" and first.headers["Content-Location"].endswith(f"{box}/first")
    assert ae.create(box, CIN, {"rn": "first", "con": 2}).rsc == 4105
    assert ae.get(box).pc["cni"] == 1 and ae.get(f"{box}/first").pc["con"] == 1
    ae.create(box, CNT, {"rn": "box"})
    assert ae.create(box, CIN, {"rn": "box", "con": 2}).rsc == 4105
    assert ae.delete(f"{box}/first").rsc == 2002
    assert ae.create(box, CIN, {"rn": "first", "con": 3}).pc["con"] == 3


def test_names_are_free_again_after_eviction(ae):
    ae.create(ae.name, CNT, {"rn": "c", "mni": 1})
    for con in range(3):
        for rn in ("a", "b"):
            assert ae.create(f"{ae.name}/c", CIN, {"rn": rn, "con": con}).rsc == 2001


def test_latest_and_oldest(ae, box):
    for virtual in ("la", "ol"):
        assert ae.get(f"{box}/{virtual}").rsc == 4004
        assert ae.delete(f"{box}/{virtual}").rsc == 4004
    for con in range(5):
        ae.create(box, CIN, {"con": con})
        assert (ae.get(f"{box}/ol").pc["con"], ae.get(f"{box}/la").pc["con"]) == (0, con)
    assert ae.delete(f"{box}/la").rsc == 2002 and ae.delete(f"{box}/ol").rsc == 2002
    assert (ae.get(f"{box}/ol").pc["con"], ae.get(f"{box}/la").pc["con"]) == (1, 3)
    ae.delete(f"{box}/" + ae.get(f"{box}/la").pc["rn"])
    assert ae.get(f"{box}/la").pc["con"] == 2
    assert ae.get(box).pc["cni"] == 2


def test_virtual_children_are_not_created_or_updated(ae, box):
    ae.create(box, CIN, {"con": 1})
    for virtual in ("la", "ol"):
        assert ae.update(f"{box}/{virtual}", "m2m:cin", {"lbl": ["x"]}).rsc == 4005
        assert ae.create(f"{box}/{virtual}", CIN, {"con": 1}).rsc == 4005
        assert ae.create(f"{box}/{virtual}", CNT, {}).rsc == 4005


def test_order_is_that_of_creation(ae, box):
    """Also for those created within one millisecond."""
    names = [ae.create(box, CIN, {"con": i}).pc["rn"] for i in range(40)]
    assert ae.get(f"{box}/la").pc["con"] == 39 and ae.get(f"{box}/ol").pc["con"] == 0
    assert [cin["con"] for cin in ae.get(box, rcn=8).pc["m2m:cin"]] == list(range(40))
    assert ae.discover(box, ty=4).found == [f"cse-in/{box}/{rn}" for rn in names]


@pytest.mark.parametrize("attributes", [{"con": 2}, {"lbl": ["x"]}, {"cnf": "text/plain:0"}, {"et": None}, {"unknown": 1}, {}])
def test_update_is_never_allowed(ae, box, attributes):
    ae.create(box, CIN, {"rn": "i", "con": 1})
    answer = ae.update(f"{box}/i", "m2m:cin", attributes)
    assert (answer.rsc, answer.status) == (4005, 405)


@pytest.mark.parametrize("con,rsc", [("x" * 10, 2001), ("x" * 11, 5207), ("ä" * 5, 2001), ("ä" * 6, 5207), ("", 2001), (1234567890, 2001), (12345678901, 5207), ([1, 2, 3, 4, 5], 5207)], ids=repr)
def test_larger_than_the_container(ae, con, rsc):
    ae.create(ae.name, CNT, {"rn": "c", "mbs": 10})
    body = json.dumps({"m2m:cin": {"con": con}}, ensure_ascii=False, separators=(",", ":")).encode()
    answer = ae.request("POST", f"{ae.name}/c", body, ty=CIN)
    assert answer.rsc == rsc, answer
    assert answer.status == (201 if rsc == 2001 else 406)


TEXTS = ["", " ", "Grüße", "日本語", "😀🏳️‍🌈", "\u001f\u007f", '"\\/\b\f\n\r\t', "\u2028\u2029", "\ufeff", "null", "</script>", "%00%0a", "x\r\nX-M2M-RSC: 2001"]


@pytest.mark.parametrize("text", TEXTS, ids=ascii)
def test_any_text_comes_back(ae, box, text):
    for ensure_ascii in (True, False):
        body = json.dumps({"m2m:cin": {"con": text}}, ensure_ascii=ensure_ascii).encode()
        answer = ae.request("POST", box, body, ty=CIN)
        assert answer.rsc == 2001, answer
        got = ae.get(f"{box}/la").pc
        assert got["con"] == text and got["cs"] == len(text.encode())


def test_a_text_holds_no_nul(ae, box):
    """xs:string has no such character; what cannot be kept is refused, not cut."""
    answer = ae.create(box, CIN, {"con": "a\0b"})
    assert answer.rsc == 4000 and answer.dbg and ae.get(box).pc["cni"] == 0


def test_large_content(ae, box):
    for size in (10_000, 100_000, 600_000):
        con = "0123456789" * (size // 10)
        assert ae.create(box, CIN, {"con": con}).pc["cs"] == size
        got = ae.get(f"{box}/la").pc
        assert got["con"] == con
    assert ae.get(box).pc["cbs"] == 710_000


def test_structured_content_comes_back(ae, box):
    con = {"a": [1, 2.5, None, True, {"b": "ä"}], "": {}, "m2m:cin": {"con": 1}}
    assert ae.create(box, CIN, {"con": con}).rsc == 2001
    assert ae.get(f"{box}/la").pc["con"] == con
