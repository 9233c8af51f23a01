"""Groups and their fanOutPoint: members, rights, paths, sub-groups, circles, many members; TS-0004 7.4.13 and 7.4.14."""

import concurrent.futures

import pytest

from client import ACP, CIN, CNT, eventually

GRP = 9


def group(client, parent, rn, members, **attributes):
    attributes = {"rn": rn, "mnm": 1000, "mid": members, **attributes}
    return client.request("POST", parent, {"m2m:grp": attributes}, ty=GRP)


def responses(answer):
    """The members' answers by member."""
    assert answer.rsc == 2000, answer
    return {r["fr"]: r for r in answer.json["m2m:agr"]["m2m:rsp"]}


def codes(answer):
    return {r["rsc"] for r in responses(answer).values()}


@pytest.fixture
def boxes(ae):
    """The addresses of three containers of one AE."""
    for i in range(3):
        assert ae.create(ae.name, CNT, {"rn": f"c{i}"}).rsc == 2001
    return [f"cse-in/{ae.name}/c{i}" for i in range(3)]


@pytest.fixture
def point(ae, boxes):
    """The fanOutPoint of a group of them."""
    assert group(ae, ae.name, "g", boxes, mt=CNT).rsc == 2001
    return f"{ae.name}/g/fopt"


# ---- members

def test_group_says_what_it_holds(ae, boxes):
    answer = group(ae, ae.name, "g", [boxes[0], boxes[1], boxes[0], f"C{ae.name}"], mt=CNT, gn="rooms")
    assert answer.rsc == 2001
    grp = answer.json["m2m:grp"]
    assert (grp["mid"], grp["cnm"], grp["mt"], grp["mtv"], grp["csy"], grp["gn"]) == (boxes[:2], 2, CNT, True, 1, "rooms")


def test_one_resource_is_one_member(ae, boxes):
    ri = ae.get(f"{ae.name}/c0").pc["ri"]
    answer = group(ae, ae.name, "g", [boxes[0], ri, f"/id-in/{ri}", f"{ri}/la"])
    assert answer.json["m2m:grp"]["mid"] == [boxes[0], f"{ri}/la"]


MEMBERS = {
    "not there": (["cse-in/nowhere"], {}, 4004), "no address": (["a//b"], {}, 4000), "no group below": (["C{ae}/fopt"], {}, 4004),
    "wrong type": (["C{ae}"], {"mt": 3, "csy": 2}, 4110), "too many": (["C{ae}", "cse-in/{ae}/c0"], {"mnm": 1}, 6010), "no room": ([], {"mnm": 0}, 4000),
}


@pytest.mark.parametrize("members, attributes, rsc", MEMBERS.values(), ids=MEMBERS)
def test_members_that_are_refused(ae, boxes, members, attributes, rsc):
    answer = group(ae, ae.name, "g", [m.format(ae=ae.name) for m in members], **attributes)
    assert answer.rsc == rsc and answer.dbg
    assert ae.get(f"{ae.name}/g").rsc == 4004


def test_members_must_be_readable(ae, guest, boxes):
    assert group(guest, guest.name, "g", boxes).rsc == 5105


def test_mixed_if_they_do_not_fit(ae, boxes):
    answer = group(ae, ae.name, "g", [boxes[0], f"C{ae.name}"], mt=CNT, csy=3)
    assert (answer.pc["mt"], answer.pc["cnm"]) == (0, 2)


def test_group_of_descriptors_says_so(ae, boxes):
    assert ae.request("POST", f"{ae.name}/c0", {"m2m:smd": {"rn": "d", "dcrp": 5, "dsp": ""}}, ty=24).rsc == 2001
    made = group(ae, ae.name, "g", [f"{boxes[0]}/d"], mt=24, csy=3)
    assert made.pc["ssi"] is True
    mixed = ae.update(f"{ae.name}/g", "m2m:grp", {"mid": [f"{boxes[0]}/d", boxes[0]]})
    assert mixed.pc["mt"] == 0 and "ssi" not in mixed.pc


def test_members_come_and_go(ae, boxes, point):
    name = f"{ae.name}/g"
    answer = ae.update(name, "m2m:grp", {"mid": boxes[1:]})
    assert (answer.rsc, answer.pc["mid"], answer.pc["cnm"]) == (2004, boxes[1:], 2)
    assert ae.update(name, "m2m:grp", {"mnm": 1}).rsc == 6010
    assert ae.update(name, "m2m:grp", {"mnm": 2}).rsc == 2004
    assert ae.update(name, "m2m:grp", {"mid": boxes}).rsc == 6010
    assert ae.update(name, "m2m:grp", {"mid": boxes, "mnm": 3}).pc["cnm"] == 3
    for attribute in ("mt", "csy", "cnm", "mtv"):
        assert ae.update(name, "m2m:grp", {attribute: 1}).rsc == 4000, attribute


# ---- every operation

def test_all_operations(ae, boxes, point):
    created = ae.create(point, CIN, {"con": "x", "rn": "first"})
    assert list(responses(created)) == boxes and codes(created) == {2001}
    assert all(r["pc"]["m2m:cin"]["con"] == "x" and r["to"] == f"C{ae.name}" and r["rqi"] for r in responses(created).values())
    assert len({r["rqi"] for r in responses(created).values()}) == 3
    assert codes(ae.update(point, "m2m:cnt", {"lbl": ["all"]})) == {2004}
    assert all(r["pc"]["m2m:cnt"]["lbl"] == ["all"] for r in responses(ae.get(point)).values())
    assert all(r["pc"]["m2m:cin"]["rn"] == "first" for r in responses(ae.get(f"{point}/la")).values())
    assert [r["pc"] for r in responses(ae.get(point, atrl="lbl")).values()] == [{"m2m:cnt": {"lbl": ["all"]}}] * 3
    found = ae.discover(point, ty=CIN)
    assert sorted(a for r in responses(found).values() for a in r["pc"]["m2m:uril"]) == [f"{b}/first" for b in boxes]
    assert codes(ae.delete(f"{point}/first")) == {2002}
    assert codes(ae.get(f"{point}/la")) == {4004}
    assert codes(ae.delete(point)) == {2002}
    assert codes(ae.get(point)) == {4004}


def test_numbers_stay_as_they_were_written(ae, boxes, point):
    answer = ae.request("POST", point, '{"m2m:cin":{"con":1.50}}', ty=CIN)
    assert answer.text.count("1.50") == 3


def test_notification_to_each(admin, ae, receiver):
    other = admin.ae(f"{ae.name}x", poa=[receiver.url])
    for client, name in ((ae, ae.name), (other, f"{ae.name}x")):
        client.update(name, "m2m:ae", {"poa": [receiver.url], "rr": True})
    assert group(admin, ae.name, "all", [f"C{ae.name}", f"C{ae.name}x"], mt=2).rsc == 2001
    answer = admin.request("POST", f"{ae.name}/all/fopt", {"m2m:sgn": {"sur": "x"}})
    assert codes(answer) == {2000}
    assert receiver.many(2) == [{"sur": "x"}] * 2
    admin.delete(f"{ae.name}x")


def test_what_a_fan_out_needs(ae, boxes, point):
    assert group(ae, ae.name, "none", []).rsc == 2001
    assert ae.get(f"{ae.name}/none/fopt").rsc == 4109
    assert ae.create(point, ACP, {"pv": {"acr": []}, "pvs": {"acr": []}}).rsc == 4108
    assert ae.get(f"{ae.name}/c0/fopt").rsc == 4004
    assert ae.as_("Cnew").request("POST", point, {"m2m:ae": {"api": "N.a", "rr": True, "srv": ["3"]}}, ty=2).rsc in (4000, 4103)


def test_only_some_members(ae, boxes, point):
    chosen = responses(ae.get(point, grtm=f"{boxes[0]}+/id-in/{boxes[2]}"))
    assert list(chosen) == [boxes[0], boxes[2]]
    assert ae.get(point, grtm=f"cse-in/{ae.name}").rsc == 4000
    assert ae.get(f"{ae.name}/c0", grtm=boxes[0]).rsc == 4000


# ---- rights

def test_rights_at_each_member(ae, guest, boxes, point):
    policy = {"pv": {"acr": [{"acor": [f"C{guest.name}"], "acop": 3}]}, "pvs": {"acr": [{"acor": [f"C{ae.name}"], "acop": 63}]}}
    assert ae.create(ae.name, ACP, {"rn": "p", **policy}).rsc == 2001
    acp = f"cse-in/{ae.name}/p"
    assert guest.get(point).rsc == 4103
    assert ae.update(f"{ae.name}/g", "m2m:grp", {"macp": [acp]}).rsc == 2004
    assert {m: r["rsc"] for m, r in responses(guest.get(point)).items()} == dict.fromkeys(boxes, 4103)
    assert ae.update(f"{ae.name}/c1", "m2m:cnt", {"acpi": [acp]}).rsc == 2004
    assert [r["rsc"] for r in responses(guest.get(point)).values()] == [4103, 2000, 4103]
    assert [r["rsc"] for r in responses(guest.create(point, CIN, {"con": 1})).values()] == [4103, 2001, 4103]
    assert guest.delete(point).rsc == 4103
    assert ae.get(point).rsc == 4103, "macp instead of acpi"
    assert guest.get(f"{ae.name}/g").rsc == 4103, "the group itself"
    assert ae.update(f"{ae.name}/g", "m2m:grp", {"macp": None}).rsc == 2004
    assert guest.get(point).rsc == 4103 and [r["rsc"] for r in responses(ae.get(point)).values()] == [2000, 4103, 2000]
    assert ae.update(f"{ae.name}/g", "m2m:grp", {"macp": [boxes[0]]}).rsc == 4000


def test_rights_for_the_members_of_a_group(admin, ae, guest, boxes):
    """A rule may name a group as originator: whoever comes or goes has the right or has not, from the next request on."""
    ri = group(ae, ae.name, "staff", [f"C{ae.name}"]).pc["ri"]
    policy = {"pv": {"acr": [{"acor": [ri], "acop": 34}]}, "pvs": {"acr": [{"acor": [f"C{ae.name}"], "acop": 63}]}}
    assert ae.create(ae.name, ACP, {"rn": "p", **policy}).rsc == 2001
    assert ae.update(f"{ae.name}/c0", "m2m:cnt", {"acpi": [f"cse-in/{ae.name}/p"]}).rsc == 2004
    assert ae.get(f"{ae.name}/c0").rsc == 2000
    assert guest.get(f"{ae.name}/c0").rsc == 4103
    assert guest.discover(ae.name).found == []
    for member in (f"C{guest.name}", f"cse-in/{guest.name}", f"/id-in/C{guest.name}"):
        assert admin.update(f"{ae.name}/staff", "m2m:grp", {"mid": [member]}).rsc == 2004, member
        assert guest.get(f"{ae.name}/c0").rsc == 2000, member
        assert guest.update(f"{ae.name}/c0", "m2m:cnt", {"lbl": ["x"]}).rsc == 4103
        assert guest.discover(ae.name).found == [boxes[0]]
        assert ae.get(f"{ae.name}/c0").rsc == 4103
        assert ae.update(f"{ae.name}/staff", "m2m:grp", {"mid": [f"C{ae.name}"]}).rsc == 2004
        assert guest.get(f"{ae.name}/c0").rsc == 4103
    assert ae.delete(f"{ae.name}/staff").rsc == 2002
    assert ae.get(f"{ae.name}/c0").rsc == 4103


# ---- groups in groups

def test_groups_in_a_group(ae, boxes, point):
    assert group(ae, ae.name, "outer", [f"cse-in/{point}", f"cse-in/{ae.name}/g"]).rsc == 2001
    outer = responses(ae.create(f"{ae.name}/outer/fopt/c9", CNT, {})) and responses(ae.get(f"{ae.name}/outer/fopt"))
    inner = outer[f"cse-in/{point}"]
    assert inner["rsc"] == 2000 and [r["fr"] for r in inner["pc"]["m2m:agr"]["m2m:rsp"]] == boxes
    assert outer[f"cse-in/{ae.name}/g"]["pc"]["m2m:grp"]["rn"] == "g"


def test_below_the_members_of_a_group_in_a_group(ae, boxes, point):
    assert group(ae, ae.name, "outer", [f"cse-in/{point}"], mt=CNT, csy=2).rsc == 2001
    ae.create(point, CIN, {"con": "x"})
    inner = responses(ae.get(f"{ae.name}/outer/fopt/la"))[f"cse-in/{point}"]["pc"]["m2m:agr"]["m2m:rsp"]
    assert [r["pc"]["m2m:cin"]["con"] for r in inner] == ["x"] * 3


def test_circle(ae, boxes):
    a, b = f"{ae.name}/a", f"{ae.name}/b"
    assert group(ae, ae.name, "a", [boxes[0]]).rsc == 2001
    assert group(ae, ae.name, "b", [f"cse-in/{a}/fopt", boxes[1]]).rsc == 2001
    assert ae.update(a, "m2m:grp", {"mid": [f"cse-in/{b}/fopt", boxes[0]]}).rsc == 2004
    answer = responses(ae.create(f"{a}/fopt", CIN, {"con": 1}))
    inner = {r["fr"]: r for r in answer[f"cse-in/{b}/fopt"]["pc"]["m2m:agr"]["m2m:rsp"]}
    assert answer[boxes[0]]["rsc"] == 2001 and inner[boxes[1]]["rsc"] == 2001
    assert inner[f"cse-in/{a}/fopt"]["rsc"] == 4104
    assert [ae.get(f"{ae.name}/c{i}").pc["cni"] for i in (0, 1)] == [1, 1]


def test_along_two_ways_each_member_is_reached_once(ae, boxes, point):
    for name in "xy":
        assert group(ae, ae.name, name, [f"cse-in/{point}"]).rsc == 2001
    assert group(ae, ae.name, "top", [f"cse-in/{ae.name}/x/fopt", f"cse-in/{ae.name}/y/fopt"]).rsc == 2001
    ae.create(f"{ae.name}/top/fopt", CIN, {"con": 1})
    assert [ae.get(f"{ae.name}/c{i}").pc["cni"] for i in range(3)] == [1, 1, 1]


def test_the_same_group_request_twice(ae, boxes, point):
    same = {"X-M2M-GID": f"g-{ae.name}"}
    assert codes(ae.create(point, CIN, {"con": 1}, headers=same)) == {2001}
    assert ae.create(point, CIN, {"con": 1}, headers=same).rsc == 4104
    assert ae.create(f"{ae.name}/c0", CIN, {"con": 1}, headers=same).rsc == 4104
    assert codes(ae.create(point, CIN, {"con": 1}, headers={"X-M2M-GID": f"h-{ae.name}"})) == {2001}


def test_without_waiting(ae, boxes, point):
    """A non-blocking request: what the members answered is the result."""
    accepted = ae.create(point, CIN, {"con": 1}, rt=1)
    assert accepted.rsc == 1001
    kept = "/" + accepted.json["m2m:uri"]
    assert eventually(lambda: ae.get(kept).pc["rs"] == 1)
    result = ae.get(kept).pc["ors"]
    assert result["rsc"] == 2000 and [r["rsc"] for r in result["pc"]["m2m:agr"]["m2m:rsp"]] == [2001] * 3
    assert [ae.get(f"{ae.name}/c{i}").pc["cni"] for i in range(3)] == [1] * 3


# ---- others elsewhere, and many

def test_a_member_that_cannot_be_reached(ae, boxes):
    answer = group(ae, ae.name, "g", ["/elsewhere/cse/x", *boxes], mt=CNT)
    assert answer.rsc == 2001 and answer.pc["mtv"] is False and answer.pc["cnm"] == 4
    answers = responses(ae.create(f"{ae.name}/g/fopt", CIN, {"con": 1}))
    assert [answers[b]["rsc"] for b in boxes] == [2001] * 3
    assert ae.get(f"{ae.name}/g").pc["mtv"] is False, "looked at again, in vain"


def test_a_member_that_is_gone(ae, boxes, point):
    assert ae.delete(f"{ae.name}/c1").rsc == 2002
    assert [r["rsc"] for r in responses(ae.get(point)).values()] == [2000, 4004, 2000]


def test_300_members(ae):
    names = [f"m{i}" for i in range(300)]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        made = pool.map(lambda part: [ae.as_(ae.origin).create(ae.name, CNT, {"rn": n}).rsc for n in part], [names[i::8] for i in range(8)])
        assert {rsc for part in made for rsc in part} == {2001}
    members = [f"cse-in/{ae.name}/{n}" for n in names]
    answer = group(ae, ae.name, "g", members, mt=CNT, csy=2)
    assert answer.rsc == 2001 and answer.pc["cnm"] == 300 and answer.pc["mtv"] is True
    created = responses(ae.create(f"{ae.name}/g/fopt", CIN, {"con": "x" * 1000}))
    assert list(created) == members and {r["rsc"] for r in created.values()} == {2001}
    assert all(r["pc"]["m2m:cin"]["con"] for r in responses(ae.get(f"{ae.name}/g/fopt/la")).values())
