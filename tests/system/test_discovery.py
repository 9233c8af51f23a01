"""Discovery: what is found, in which form and order, page by page, and by whom; TS-0004 7.3.3.17 and 6.3.5.8."""

import time
import urllib.parse

import pytest

from client import ACP, CIN, CNT, SUB, Client


@pytest.fixture(scope="module")
def tree(stack):
    """
    house: room (10 values at most): temp (instances t1, t2), hum; watch (subscription); hall: door (instance d1); acp.
    """
    admin = Client(stack.http_port)
    ae = admin.ae("house")
    rights = {"acr": [{"acor": [ae.origin], "acop": 63}]}

    def create(at, ty, rn, **attributes):
        answer = ae.create(at, ty, {"rn": rn, **attributes})
        assert answer.rsc == 2001, answer
        time.sleep(0.01)  # so that all times differ
        return answer.pc

    create("house", CNT, "room", lbl=["kind:room", "floor:1"], mni=10, et="20290101T000000")
    create("house/room", CNT, "temp", lbl=["kind:sensor", "unit:c", "plain"], mbs=1000)
    create("house/room", CNT, "hum", lbl=["kind:sensor", "unit:%"])
    create("house/room/temp", CIN, "t1", con="1", cnf="text/plain:0", lbl=["first"])
    create("house/room/temp", CIN, "t2", con="22222", cnf="application/json:0")
    create("house/room", SUB, "watch", nu=["http://127.0.0.1:1"])
    create("house", CNT, "hall", lbl=["kind:hall", "floor:2"], mni=20)
    create("house/hall", CNT, "door", lbl=["kind:sensor", "floor:2"])
    create("house/hall/door", CIN, "d1", con="333", cnf="text/plain:0")
    create("house", ACP, "acp", pv=rights, pvs=rights)
    ae.at = {p: ae.get(f"house/{p}").pc for p in ("room", "room/temp", "room/hum", "room/temp/t1", "room/temp/t2", "room/watch", "hall", "hall/door", "hall/door/d1", "acp")}
    yield ae
    admin.delete("house")


ALL = "room room/temp room/hum room/temp/t1 room/temp/t2 room/watch hall hall/door hall/door/d1 acp"
FOUND = {
    "everything": ("", ALL),
    "type": ("ty=3", "room room/temp room/hum hall hall/door"),
    "types joined": ("ty=4+23", "room/temp/t1 room/temp/t2 hall/door/d1 room/watch"),
    "types repeated": ("ty=4&ty=23", "room/temp/t1 room/temp/t2 hall/door/d1 room/watch"),
    "type that is not there": ("ty=2", ""),
    "label": ("lbl=kind:sensor", "room/temp room/hum hall/door"),
    "label without a value": ("lbl=plain", "room/temp"),
    "labels joined": ("lbl=kind:room+kind:hall", "room hall"),
    "labels repeated": ("lbl=kind:room&lbl=first", "room room/temp/t1"),
    "label escaped": ("lbl=unit:%25", "room/hum"),
    "label that is nowhere": ("lbl=kind", ""),
    "label and type": ("lbl=kind:room+first&ty=4", "room/temp/t1"),
    "label or type": ("lbl=kind:room&ty=4&fo=2", "room room/temp/t1 room/temp/t2 hall/door/d1"),
    "either label or type": ("lbl=first+kind:room&ty=4&fo=3", "room room/temp/t2 hall/door/d1"),
    "child labels": ("clbl=kind:sensor", "room hall"),
    "child labels, instances": ("clbl=first", "room/temp"),
    "parent labels": ("palb=floor:1", "room/temp room/hum room/watch"),
    "child type": ("chty=4", "room/temp hall/door"),
    "child types": ("chty=4+23", "room/temp hall/door room"),
    "parent type": ("pty=2", "room hall acp"),
    "parent type and type": ("pty=3&ty=3", "room/temp room/hum hall/door"),
    "content type": ("cty=text/plain", "room/temp/t1 hall/door/d1"),
    "content types": ("cty=text/plain&cty=application/json", "room/temp/t1 room/temp/t2 hall/door/d1"),
    "size above": ("sza=3", "room/temp/t2 hall/door/d1"),
    "size below": ("szb=3", "room/temp/t1"),
    "size in a range": ("sza=2&szb=5", "hall/door/d1"),
    "state bigger": ("stb=2", "room/temp room/temp/t2"),
    "state smaller": ("sts=2&ty=4", "room/temp/t1 hall/door/d1"),
    "attribute": ("mni=10", "room"),
    "attribute of several values": ("mni=10&mni=20", "room hall"),
    "attribute, text": ("con=333", "hall/door/d1"),
    "attribute, star": ("rn=t*", "room/temp room/temp/t1 room/temp/t2"),
    "attribute, star inside": ("rn=*o*", "room hall/door"),
    "attribute, no part": ("rn=t", ""),
    "two attributes": ("mni=*&rn=hall", "hall"),
    "attribute that nothing has": ("xyz=1", ""),
    "child's attribute": ("c.con=1", "room/temp"),
    "child's attribute, star": ("c.rn=t*", "room room/temp"),
    "parent's attribute": ("p.rn=temp", "room/temp/t1 room/temp/t2"),
    "parent's attribute, number": ("p.mni=10", "room/temp room/hum room/watch"),
    "query, key": ("lbq=unit", "room/temp room/hum"),
    "query, not the key": ("lbq=NT floor&ty=3", "room/temp room/hum"),
    "query, equal": ("lbq=kind EQ sensor", "room/temp room/hum hall/door"),
    "query, not equal": ("lbq=kind NE sensor&ty=3", "room hall"),
    "query, one of": ("lbq=kind IN (room,hall)", "room hall"),
    "query, none of": ("lbq=kind NI (room,hall)&ty=3", "room/temp room/hum hall/door"),
    "depth 1": ("lvl=1", "room hall acp"),
    "depth 2": ("lvl=2", "room hall acp room/temp room/hum room/watch hall/door"),
    "depth and type": ("lvl=2&ty=3&lbl=kind:sensor", "room/temp room/hum hall/door"),
    "expires before": ("exb=20290102T000000&ty=3", "room room/temp room/hum"),
    "expires after": ("exa=20290102T000000&ty=3", "hall hall/door"),
    "relative path": ("lbl=kind:room+kind:hall&arp=temp", "room/temp"),
    "relative path, longer": ("pty=2&arp=temp/t1", "room/temp/t1"),
    "relative path, virtual": ("lbl=kind:sensor&arp=la", "room/temp/la hall/door/la"),
}


def encoded(query):
    return urllib.parse.quote(query, safe="=&+%*:/().,")


def found(client, query, at="house"):
    answer = client.request("GET", f"/cse-in{at and '/' + at}?fu=1" + ("&" + encoded(query) if query else ""))
    assert answer.rsc == 2000, answer
    return [uri.removeprefix("cse-in/house/") for uri in answer.found]


@pytest.mark.parametrize("case", FOUND)
def test_filters(tree, case):
    query, expected = FOUND[case]
    got = found(tree, query)
    assert sorted(got) == sorted(expected.split()) and len(got) == len(set(got))


def test_times(tree):
    """Half open: created after includes the moment itself, created before does not."""
    ct, lt = tree.at["room/temp/t2"]["ct"], tree.at["room/temp/t2"]["lt"]
    for query, expected in ((f"cra={ct}&ty=4", "room/temp/t2 hall/door/d1"), (f"crb={ct}&ty=4", "room/temp/t1"), (f"ms={lt}&ty=4", "room/temp/t2 hall/door/d1"), (f"us={lt}&ty=4", "room/temp/t1"),
                            (f"cra={ct}&crb={tree.at['hall']['ct']}", "room/temp/t2 room/watch")):
        assert sorted(found(tree, query)) == sorted(expected.split()), query


def test_below_any_resource(tree):
    assert sorted(found(tree, "", "house/room")) == sorted("room/temp room/hum room/temp/t1 room/temp/t2 room/watch".split())
    assert found(tree, "", "house/room/hum") == [] and found(tree, "ty=4", "house/hall") == ["hall/door/d1"]
    ri = tree.at["hall"]["ri"]
    assert found(tree, "ty=4", "").count("hall/door/d1") == 1
    assert tree.request("GET", f"/{ri}?fu=1&ty=4").found == ["cse-in/house/hall/door/d1"]


def test_parents_before_children_and_no_virtual_ones(tree):
    got = found(tree, "")
    assert all("/" not in p or got.index(p.rsplit("/", 1)[0]) < got.index(p) for p in got)
    assert not [p for p in got if p.endswith(("/la", "/ol"))]


def test_forms_of_the_result(tree):
    query = {"lbl": "kind:room"}
    assert tree.discover("house", **query).json == {"m2m:uril": ["cse-in/house/room"]}
    assert tree.discover("house", rcn=11, **query).json == {"m2m:uril": ["cse-in/house/room"]}
    assert tree.discover("house", drt=1, **query).json == {"m2m:uril": ["cse-in/house/room"]}
    assert tree.discover("house", drt=2, **query).found[0].rsplit("/", 1)[-1] == tree.at["room"]["ri"]
    assert tree.discover("house", rcn=6, **query).json == {"m2m:rrl": {"rrf": [{"nm": "room", "typ": 3, "val": "cse-in/house/room"}]}}
    assert tree.discover("house", lbl="nothing").json == {"m2m:uril": []}
    assert tree.discover("house", lbl="nothing", rcn=6).json == {"m2m:rrl": {"rrf": []}}


@pytest.mark.parametrize("query", ["fu=9", "fu=x", "lim=-1", "lim=x", "ofst=0", "ofst=-1", "lvl=0", "lvl=x", "ty=x", "ty=99999", "ty=-1", "crb=yesterday", "stb=-1", "sts=0", "sza=x", "fo=4", "fo=0", "lbl", "=x", "drt=3", "atr=x", "a%00b=1",
                                   "lbq=kind%20EQ", "lbq=kind%20IN%20(", "lbq=kind%20XX%20a", "rcn=4", "ops=64", "ops=x", "aq=x"])
def test_malformed_criteria(tree, query):
    answer = tree.request("GET", f"/cse-in/house?fu=1&{query}")
    assert answer.rsc == 4000 and answer.dbg, answer


# ---- page by page

@pytest.fixture(scope="module")
def crowd(stack):
    admin = Client(stack.http_port)
    ae = admin.ae("crowd")
    for c in "ab":
        ae.create("crowd", CNT, {"rn": c})
        for i in range(15):
            assert ae.create(f"crowd/{c}", CIN, {"rn": f"i{i}", "con": i}).rsc == 2001
    yield ae
    admin.delete("crowd")


@pytest.mark.parametrize("lim", [1, 7, 16, 31])
@pytest.mark.parametrize("shape", ["uril", "rrl", "ch", "tree"])
def test_all_pages(crowd, lim, shape):
    read = {
        "uril": ({"fu": 1}, lambda a: a.found),
        "rrl": ({"fu": 1, "rcn": 6}, lambda a: [r["val"] for r in a.json["m2m:rrl"]["rrf"]]),
        "ch": ({"rcn": 5}, lambda a: [r["val"] for r in a.pc["ch"]]),
        "tree": ({"rcn": 8}, lambda a: names_in(a.pc)),
    }
    query, of = read[shape]
    whole, got, offset, pages = of(crowd.get("crowd", **query)), [], 1, 0
    assert len(whole) == 32
    while True:
        answer = crowd.get("crowd", lim=lim, ofst=offset, **query)
        page = of(answer)
        got += page
        pages += 1
        assert pages < 40
        if answer.headers["X-M2M-CTS"] != "1":
            assert "X-M2M-CTO" not in answer.headers
            break
        assert len(page) == lim and int(answer.headers["X-M2M-CTO"]) == offset + lim
        offset = int(answer.headers["X-M2M-CTO"])
    assert sorted(got) == sorted(whole) and pages == -(-32 // lim)


def names_in(nested):
    return [name for kind in ("m2m:cnt", "m2m:cin") for child in nested.get(kind, []) for name in (child["rn"] + child.get("pi", "") if child else [], *names_in(child)) if name]


def test_the_whole_result_is_not_called_partial(crowd):
    for query in ({}, {"lim": 32}, {"lim": 1000}, {"ofst": 32}, {"ofst": 33}, {"ofst": 1000}):
        answer = crowd.discover("crowd", **query)
        assert answer.headers["X-M2M-CTS"] != "1" and "X-M2M-CTO" not in answer.headers, query
    assert len(crowd.discover("crowd", ofst=32).found) == 1 and crowd.discover("crowd", ofst=33).found == []
    assert crowd.discover("crowd", lim=31).headers["X-M2M-CTS"] == "1"


def test_pages_with_a_filter(crowd):
    first = crowd.discover("crowd", ty=4, lim=20)
    assert len(first.found) == 20 and first.headers["X-M2M-CTS"] == "1"
    rest = crowd.discover("crowd", ty=4, lim=20, ofst=first.headers["X-M2M-CTO"])
    assert len(rest.found) == 10 and not set(first.found) & set(rest.found)


# ---- by whom

def test_only_what_may_be_discovered(ae, guest):
    own, finder, reader = {"acor": [ae.origin], "acop": 63}, {"acor": [guest.origin], "acop": 32}, {"acor": [guest.origin], "acop": 31}
    for rn, more in (("find", finder), ("read", reader)):
        ae.create(ae.name, ACP, {"rn": rn, "pv": {"acr": [own, more]}, "pvs": {"acr": [own]}})
    for rn, acp in (("a", "find"), ("b", "read"), ("c", "find"), ("d", None)):
        ae.create(ae.name, CNT, {"rn": rn, **({"acpi": [f"cse-in/{ae.name}/{acp}"]} if acp else {})})
        ae.create(f"{ae.name}/{rn}", CIN, {"rn": "i", "con": 1})
        ae.create(f"{ae.name}/{rn}", CNT, {"rn": "inner", **({"acpi": [f"cse-in/{ae.name}/find"]} if rn == "d" else {})})

    def names(client, at=ae.name, **query):
        return sorted(uri.removeprefix(f"cse-in/{ae.name}/") for uri in client.discover(at, **query).found)

    assert names(guest) == ["a", "a/i", "c", "c/i", "d/inner"]
    assert names(guest, ty=4) == ["a/i", "c/i"]
    assert names(guest, lim=2) == ["a", "a/i"] and names(guest, lim=2, ofst=3) == ["c", "c/i"] and names(guest, lim=2, ofst=5) == ["d/inner"]
    assert guest.discover(ae.name, lim=5).headers["X-M2M-CTS"] != "1"
    assert len(names(ae)) == 14 == len(names(ae.as_("CAdmin")))
    assert names(guest, f"{ae.name}/b") == []


def test_inactive_applications_are_skipped(ae, admin):
    ae.create(ae.name, CNT, {"rn": "c", "lbl": ["of " + ae.name]})
    find = {"lbl": urllib.parse.quote("of " + ae.name)}
    assert len(admin.discover("", **find).found) == 1
    assert ae.update(ae.name, "m2m:ae", {"regs": 2}).rsc == 2004
    assert admin.discover("", **find).found == []
    assert not [path for path in admin.discover("").found if f"/{ae.name}" in path]
    assert [path for path in admin.discover("", ty=CNT).found if f"/{ae.name}/" in path] == []
    for root in (ae.name, f"{ae.name}/c", "/" + ae.origin):
        assert admin.discover(root).found == [], "neither by asking it, nor what belongs to it"
    assert ae.get(ae.name, rcn=6).rsc == 2000 and f"{ae.name}/c" in ae.get(ae.name, rcn=6).text, "its children are shown"
    assert ae.update(ae.name, "m2m:ae", {"regs": 1}).rsc == 2004
    assert len(admin.discover("", **find).found) == 1 == len(admin.discover(ae.name).found)


def test_what_changed_is_found_at_once(ae):
    for i in range(10):
        ae.create(ae.name, CNT, {"rn": "c", "lbl": [f"l{i}"]})
        assert ae.discover(ae.name, lbl=f"l{i}").found == [f"cse-in/{ae.name}/c"]
        ae.update(f"{ae.name}/c", "m2m:cnt", {"lbl": [f"m{i}"]})
        assert ae.discover(ae.name, lbl=f"l{i}").found == [] and len(ae.discover(ae.name, lbl=f"m{i}").found) == 1
        ae.delete(f"{ae.name}/c")
        assert ae.discover(ae.name, lbl=f"m{i}").found == []
