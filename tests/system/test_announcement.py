"""Announcement: what is announced to another CSE is there, follows its original, and goes with it. Two installations that know each other."""

import time

import pytest

from client import AE, ACP, CIN, CNT, CSR, Client, eventually
from stack import Stack

ALL = {"acr": [{"acor": ["all"], "acop": 63}]}


class Pair:
    """An IN-CSE and an MN-CSE; `ae` works at the MN, whose resources are announced to the IN."""

    def __init__(self):
        self.up = Stack(CSE_PEERS="/id-mn")
        self.down = Stack(CSE_ID="/id-mn", CSE_NAME="cse-mn", CSE_TYPE="mn", CSE_PEERS="/id-in")
        self.up.start()
        self.down.start()
        self.there, self.here = Client(self.up.http_port), Client(self.down.http_port, base="/cse-mn")
        for client, other, stack in ((self.there, "mn", self.down), (self.here, "in", self.up)):
            answer = client.create("", CSR, {"csi": f"/id-{other}", "cb": f"/id-{other}/cse-{other}", "rr": True, "srv": ["3"], "poa": [f"http://127.0.0.1:{stack.http_port}"]})
            assert answer.rsc == 2001, answer
        assert self.there.create("", AE, {"rn": "reader", "api": "N.r", "rr": False, "srv": ["3"]}, headers={"X-M2M-Origin": "Creader"}).rsc == 2001

    def stop(self):
        self.up.stop()
        self.down.stop()


@pytest.fixture(scope="module")
def pair():
    p = Pair()
    yield p
    p.stop()


numbers = iter(range(1000))


@pytest.fixture
def ae(pair):
    name = f"sensor{next(numbers)}"
    mine = pair.here.ae(name)
    mine.name = name
    assert mine.create(name, ACP, {"rn": "open", "pv": ALL, "pvs": ALL}).rsc == 2001
    yield mine
    pair.here.delete(name)


def copy(pair, address):
    assert address.startswith("/id-in/"), address
    return pair.there.get("/~" + address)


def announced(pair, ae, rn="box", **attributes):
    answer = ae.create(ae.name, CNT, {"rn": rn, "at": ["/id-in"], **attributes})
    assert answer.rsc == 2001, answer
    (address,) = answer.pc["at"]
    return address


def test_copy(pair, ae):
    box = ae.create(ae.name, CNT, {"rn": "box", "lbl": ["a"], "mni": 5, "mbs": 99, "at": ["/id-in"], "aa": ["mni"], "acpi": [f"cse-mn/{ae.name}/open"]}).pc
    (address,) = box["at"]
    there = copy(pair, address)
    assert there.rsc == 2000, there
    assert next(iter(there.json)) == "m2m:cntA" and there.pc["ty"] == 10003
    assert there.pc["lnk"] == "/id-mn/" + box["ri"] and there.pc["lbl"] == ["a"] and there.pc["mni"] == 5
    assert there.pc["acpi"] == [f"/id-mn/cse-mn/{ae.name}/open"] and "mbs" not in there.pc and "st" not in there.pc
    assert there.pc["et"] == box["et"]


def test_base_is_announced_first(pair, ae):
    announced(pair, ae)
    base = pair.there.get("id-mnAnnc")
    assert base.rsc == 2000 and next(iter(base.json)) == "m2m:cbA" and base.pc["lnk"] == "/id-mn"


def test_below_its_parents_copy(pair, ae):
    parent = ae.update(ae.name, "m2m:ae", {"at": ["/id-in"]}).pc["at"][0]
    box = copy(pair, announced(pair, ae)).pc
    assert "/id-in/" + box["pi"] == parent
    inner = ae.create(f"{ae.name}/box", CNT, {"rn": "inner", "at": ["/id-in"]}).pc["at"][0]
    assert copy(pair, inner).pc["pi"] == box["ri"]


def test_explicit_parent(pair, ae):
    place = pair.there.create("", CNT, {"rn": f"place{ae.name}"})
    answer = ae.create(ae.name, CNT, {"rn": "box", "at": [f"/id-in/cse-in/place{ae.name}"]})
    assert answer.rsc == 2001 and "at" not in answer.pc  # it has no right there
    assert place.rsc == 2001


def test_what_cannot_be_announced_drops_out(pair, ae):
    answer = ae.create(ae.name, CNT, {"rn": "box", "at": ["/id-nobody", "/id-in", "/id-mn", "nonsense"]})
    assert answer.rsc == 2001 and len(answer.pc["at"]) == 1 and answer.pc["at"][0].startswith("/id-in/")


def test_names(ae):
    assert ae.create(ae.name, CNT, {"at": ["/id-in"], "aa": ["st"]}).rsc == 4000
    assert ae.create(ae.name, CNT, {"at": ["/id-in"], "aa": ["lbl"]}).rsc == 4000
    assert ae.create(ae.name, CNT, {"at": ["/id-in"], "aa": ["none"]}).rsc == 4000


def test_changes_follow(pair, ae):
    address = announced(pair, ae, lbl=["old"], mni=3, aa=["mni"])
    assert ae.update(f"{ae.name}/box", "m2m:cnt", {"lbl": ["new"], "mni": 4, "mbs": 50}).rsc == 2004
    assert eventually(lambda: copy(pair, address).pc["lbl"] == ["new"] and copy(pair, address).pc["mni"] == 4)
    assert ae.update(f"{ae.name}/box", "m2m:cnt", {"lbl": None}).rsc == 2004
    assert eventually(lambda: "lbl" not in copy(pair, address).pc)
    assert ae.update(f"{ae.name}/box", "m2m:cnt", {"aa": ["mbs"]}).rsc == 2004
    assert eventually(lambda: copy(pair, address).pc.get("mbs") == 50 and "mni" not in copy(pair, address).pc)


def test_announced_and_withdrawn_by_update(pair, ae):
    assert ae.create(ae.name, CNT, {"rn": "box", "lbl": ["a"]}).rsc == 2001
    (address,) = ae.update(f"{ae.name}/box", "m2m:cnt", {"at": ["/id-in"]}).pc["at"]
    assert copy(pair, address).pc["lbl"] == ["a"]
    assert ae.update(f"{ae.name}/box", "m2m:cnt", {"at": ["/id-in"]}).pc["at"] == [address]
    assert ae.update(f"{ae.name}/box", "m2m:cnt", {"at": None}).rsc == 2004
    assert copy(pair, address).rsc == 4004


def test_goes_with_its_original(pair, ae):
    address = announced(pair, ae)
    assert ae.delete(f"{ae.name}/box").rsc == 2002
    assert eventually(lambda: copy(pair, address).rsc == 4004)


def test_instances(pair, ae):
    address = announced(pair, ae)
    answer = ae.create(f"{ae.name}/box", CIN, {"con": "21.5", "at": ["/id-in"], "aa": ["con"], "lbl": ["x"]})
    assert answer.rsc == 2001, answer
    there = copy(pair, answer.pc["at"][0])
    assert next(iter(there.json)) == "m2m:cinA" and there.pc["con"] == "21.5" and there.pc["lbl"] == ["x"]
    assert "/id-in/" + there.pc["pi"] == address
    assert pair.here.get("/~" + there.pc["lnk"]).pc["ri"] == answer.pc["ri"]
    assert ae.delete(f"{ae.name}/box/la").rsc == 2002
    assert ae.create(ae.name, CNT, {"rn": "quiet"}).rsc == 2001
    assert ae.create(f"{ae.name}/quiet", CIN, {"con": 1, "at": ["/id-in"]}).rsc == 4005


def test_original_content(pair, ae):
    address = announced(pair, ae, acpi=[f"cse-mn/{ae.name}/open"])
    answer = pair.there.get("/~" + address, rcn=7)
    assert answer.rsc == 2000, answer
    assert next(iter(answer.json)) == "m2m:cnt" and answer.pc["rn"] == "box"
    assert ae.get(f"{ae.name}/box", rcn=7).rsc == 4000


def test_who_changes_a_copy(pair, ae):
    address = "/~" + announced(pair, ae)
    reader = pair.there.as_("Creader")
    assert reader.request("PUT", address, {"m2m:cntA": {"lbl": ["x"]}}).rsc == 4103
    assert reader.request("DELETE", address).rsc == 4103
    assert reader.request("POST", "", {"m2m:cntA": {"lnk": "/id-mn/x"}}, ty=10003).rsc == 4103


def test_announced_policies_rule_the_copy(pair, ae):
    reader = pair.there.as_("Creader")
    assert reader.get("/~" + announced(pair, ae, rn="closed", acpi=[f"cse-mn/{ae.name}/open"])).rsc == 4103
    (policy,) = ae.update(f"{ae.name}/open", "m2m:acp", {"at": ["/id-in"]}).pc["at"]
    address = announced(pair, ae, rn="read", acpi=[f"cse-mn/{ae.name}/open"])
    there = reader.get("/~" + address)
    assert there.rsc == 2000 and there.pc["acpi"] == [policy], there


def test_the_other_cse_decides_about_the_original_of_a_copy(pair, ae):
    """Policies there rule the copy; those who are asked to decide, or for policies, apply them to the original."""
    asking = {"acr": [{"acor": ["/id-mn"], "acop": 4}]}
    assert pair.there.create("", ACP, {"rn": f"asking{ae.name}", "pv": asking, "pvs": ALL}).rsc == 2001
    assert pair.there.create("", ACP, {"rn": f"central{ae.name}", "pv": {"acr": [{"acor": [f"/id-mn/Cguest{ae.name}"], "acop": 2}]}, "pvs": ALL}).rsc == 2001
    guest = pair.here.ae(f"guest{ae.name}")
    for ty, key, attribute in ((35, "m2m:auds", "adri"), (36, "m2m:aupy", "apri")):
        assert pair.there.request("POST", "", {key: {"rn": f"{attribute}{ae.name}", "acpi": [f"cse-in/asking{ae.name}"]}}, ty=ty).rsc == 2001
        assert ae.create(ae.name, ACP, {"rn": attribute, "pv": {"acr": []}, "pvs": ALL, attribute: [f"/id-in/cse-in/{attribute}{ae.name}"]}).rsc == 2001
        announced(pair, ae, rn=f"box{attribute}", acpi=[f"cse-mn/{ae.name}/{attribute}", f"/id-in/cse-in/central{ae.name}"])
        assert guest.get(f"{ae.name}/box{attribute}").rsc == 2000
        assert guest.delete(f"{ae.name}/box{attribute}").rsc == 4103
        assert ae.create(ae.name, CNT, {"rn": f"far{attribute}", "acpi": [f"cse-mn/{ae.name}/{attribute}"]}).rsc == 2001
        assert guest.get(f"{ae.name}/far{attribute}").rsc == 4103  # not announced: nothing is known of it there


def test_both_ways(pair, ae):
    address = announced(pair, ae, ast=2, lbl=["old"], acpi=[f"cse-mn/{ae.name}/open"])
    reader = pair.there.as_("Creader")
    answer = reader.request("PUT", "/~" + address, {"m2m:cntA": {"lbl": ["new"]}})
    assert answer.rsc == 2004, answer
    assert ae.get(f"{ae.name}/box").pc["lbl"] == ["new"]
    assert eventually(lambda: copy(pair, address).pc["lbl"] == ["new"])


def test_other_types(pair, ae):
    answer = pair.here.request("POST", "", {"m2m:nod": {"rn": f"n{ae.name}", "ni": "urn:x", "at": ["/id-in"]}}, ty=14)
    assert answer.rsc == 2001, answer
    assert copy(pair, answer.pc["at"][0]).json["m2m:nodA"]["ty"] == 10014
    node = answer.pc["rn"]
    answer = pair.here.request("POST", node, {"m2m:bat": {"mgd": 1006, "btl": 5, "bts": 1, "at": ["/id-in"], "aa": ["btl"]}}, ty=13)
    assert copy(pair, answer.pc["at"][0]).json["m2m:batA"]["btl"] == 5
    assert pair.here.delete(node).rsc == 2002


def test_copies_of_evicted_instances_go(pair, ae):
    announced(pair, ae, mni=2)
    copies = [ae.create(f"{ae.name}/box", CIN, {"con": i, "at": ["/id-in"]}).pc["at"][0] for i in range(3)]
    assert eventually(lambda: copy(pair, copies[0]).rsc == 4004)
    assert [copy(pair, address).rsc for address in copies[1:]] == [2000, 2000]
    assert ae.update(f"{ae.name}/box", "m2m:cnt", {"mni": 1}).rsc == 2004
    assert eventually(lambda: copy(pair, copies[1]).rsc == 4004) and copy(pair, copies[2]).rsc == 2000


def test_a_flexcontainer_and_what_is_below(pair, ae):
    answer = ae.request("POST", ae.name, {"cod:tempe": {"rn": "heat", "cnd": "org.onem2m.common.moduleclass.temperature", "curT0": 21.5, "at": ["/id-in"], "aa": ["curT0"]}}, ty=28)
    assert answer.rsc == 2001, answer
    there = copy(pair, answer.pc["at"][0])
    assert next(iter(there.json)) == "cod:tempeAnnc" and there.pc["ty"] == 10028 and there.pc["curT0"] == 21.5
    inner = ae.create(f"{ae.name}/heat", CNT, {"at": ["/id-in"]})
    assert inner.rsc == 2001 and copy(pair, inner.pc["at"][0]).pc["pi"] == there.pc["ri"]
    assert ae.update(f"{ae.name}/heat", "cod:tempe", {"curT0": 22.5}).rsc == 2004
    assert eventually(lambda: copy(pair, answer.pc["at"][0]).pc["curT0"] == 22.5)
    assert ae.delete(f"{ae.name}/heat").rsc == 2002
    assert eventually(lambda: copy(pair, answer.pc["at"][0]).rsc == 4004)


def test_heals_when_the_other_was_away(pair, ae):
    address = announced(pair, ae, lbl=["old"])
    pair.up.kill("http.1")
    assert ae.update(f"{ae.name}/box", "m2m:cnt", {"lbl": ["new"]}).rsc == 2004
    time.sleep(0.2)
    pair.up.wait_healthy()
    assert eventually(lambda: copy(pair, address).pc["lbl"] == ["new"], 20)
