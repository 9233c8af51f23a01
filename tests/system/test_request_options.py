"""Requests that ask for permissions, for resources by permission or by a query, for no response, or for some members of a group."""

import json
import urllib.parse

import pytest

from client import ACP, CIN, CNT, SUB, eventually
from test_acp import C, D, F, R, U, Policy, rule


@pytest.fixture
def policy(ae):
    return Policy(ae)


# ---- result content 12

def permissions(client, at):
    answer = client.get(at, rcn=12)
    assert answer.rsc == 2000, answer
    rules = answer.json["m2m:perm"]["acr"]
    assert all(r.pop("acor") == [client.origin] for r in rules)
    return rules


def test_permissions(policy, guest):
    assert permissions(policy.owner, policy.box) == [{"acop": 63}]
    policy.give(rule(guest.origin, op=R | D))
    assert permissions(guest, policy.box) == [{"acop": R | D}]
    policy.give(rule(guest.origin, op=R), rule(guest.origin, op=U, aca=["lbl", "mni"]), rule(guest.origin, op=C, acod=[{"chty": [CIN]}]))
    assert permissions(guest, policy.box) == [{"acop": C, "acod": [{"ty": CNT, "chty": [CIN]}]}, {"acop": U, "aca": ["lbl", "mni"]}, {"acop": R}]
    policy.give(rule(guest.origin, op=R, aca=["lbl"]))
    assert permissions(guest, policy.box) == [{"acop": R, "aca": ["lbl"]}]


def test_permissions_take_the_right_to_retrieve(policy, guest):
    policy.give(rule(guest.origin, op=63 - R))
    assert guest.get(policy.box, rcn=12).rsc == 4103
    assert guest.request("DELETE", policy.box, rcn=12).rsc == 4000


# ---- ops

def test_resources_by_permission(policy, guest):
    owner = policy.owner
    assert owner.create(owner.name, ACP, {"rn": "more", "pv": {"acr": [rule(guest.origin, op=F | U | R)]}, "pvs": {"acr": [policy.own]}}).rsc == 2001
    assert owner.create(owner.name, CNT, {"rn": "d", "acpi": [f"cse-in/{owner.name}/more"]}).rsc == 2001
    policy.give(rule(guest.origin, op=F | R))
    box, other = f"cse-in/{policy.box}", f"cse-in/{owner.name}/d"
    for ops, found in ((R, {box, f"{box}/i", other}), (U, {other}), (R | U, {other}), (D, set()), (0, {box, f"{box}/i", other})):
        assert set(guest.discover(owner.name, ops=ops).found) == found, ops
    assert guest.discover(owner.name, ops=64).rsc == 4000
    assert guest.get(policy.box, ops=U).rsc == 4004 and guest.get(f"{owner.name}/d", ops=U).rsc == 2000


# ---- aq

QUERIES = {'(== rn "c1")': {"c1"}, "(> mni 5)": {"c2", "c3"}, '(and (> mni 5) (not (== lbl "b")))': {"c3"}, '(or (== rn "c1") (>= mni 9))': {"c1", "c3"}, "(< mbs 5)": set()}


@pytest.mark.parametrize("query", QUERIES)
def test_resources_by_a_query(ae, query):
    for rn, attributes in (("c1", {"mni": 1}), ("c2", {"mni": 7, "lbl": ["a", "b"]}), ("c3", {"mni": 9})):
        assert ae.create(ae.name, CNT, {"rn": rn, **attributes}).rsc == 2001
    found = ae.discover(ae.name, aq=urllib.parse.quote(query))
    assert found.rsc == 2000 and {a.rsplit("/", 1)[1] for a in found.found} == QUERIES[query], found
    alone = ae.get(f"{ae.name}/c1", aq=urllib.parse.quote(query))
    assert alone.rsc == (2000 if "c1" in QUERIES[query] else 4004)


def test_queries_and_other_tags(ae):
    for i in range(4):
        assert ae.create(ae.name, CNT, {"rn": f"c{i}", "mni": i + 1, "lbl": ["even" if i % 2 == 0 else "odd"]}).rsc == 2001
    query = urllib.parse.quote("(> mni 2)")
    assert len(ae.discover(ae.name, aq=query, lbl="odd").found) == 1 and len(ae.discover(ae.name, aq=query, lbl="odd", fo=2).found) == 3
    assert ae.discover(ae.name, aq=urllib.parse.quote("(mni)")).rsc == 4000 and ae.discover(ae.name, aq="x").rsc == 4000


def test_events_by_a_query(ae, receiver):
    assert ae.create(ae.name, CNT, {"rn": "c"}).rsc == 2001
    assert ae.create(f"{ae.name}/c", SUB, {"nu": [receiver.url], "enc": {"net": [3], "aq": "(> con 20)"}}).rsc == 2001
    for value in (10, 21.5, "30", "cold", 5, 22):
        assert ae.create(f"{ae.name}/c", CIN, {"con": value}).rsc == 2001
    assert [receiver.next()["nev"]["rep"]["m2m:cin"]["con"] for _ in range(3)] == [21.5, "30", 22]
    assert ae.create(f"{ae.name}/c", SUB, {"nu": [receiver.url], "enc": {"aq": "> con 20"}}).rsc == 4000


def test_updates_by_a_query(ae, receiver):
    assert ae.create(ae.name, CNT, {"rn": "c"}).rsc == 2001
    assert ae.create(f"{ae.name}/c", SUB, {"nu": [receiver.url], "enc": {"net": [1], "aq": '(== lbl "on")'}}).rsc == 2001
    for lbl in (["on"], ["off"], ["off", "on"]):
        assert ae.update(f"{ae.name}/c", "m2m:cnt", {"lbl": lbl}).rsc == 2004
    assert [receiver.next()["nev"]["rep"]["m2m:cnt"]["lbl"] for _ in range(2)] == [["on"], ["off", "on"]]


# ---- rt 5

def test_no_response(ae):
    assert ae.create(ae.name, CNT, {"rn": "c"}).rsc == 2001
    for answer in (ae.create(f"{ae.name}/c", CIN, {"rn": "i", "con": 1}, rt=5), ae.create(f"{ae.name}/none", CIN, {"con": 1}, rt=5)):
        assert (answer.status, answer.rsc, answer.text) == (202, 1000, ""), answer
    assert eventually(lambda: ae.get(f"{ae.name}/c/i").rsc == 2000)
    assert ae.request("PUT", f"{ae.name}/c", {"m2m:cnt": {"lbl": ["x"]}}, rt=5).rsc == 1000
    assert eventually(lambda: ae.get(f"{ae.name}/c").pc.get("lbl") == ["x"])
    assert ae.request("DELETE", f"{ae.name}/c", rt=5).rsc == 1000
    assert eventually(lambda: ae.get(f"{ae.name}/c").rsc == 4004)


def test_no_response_is_not_for_everything(ae):
    assert ae.as_("C").request("POST", "", {"m2m:ae": {"api": "Nx", "rr": False, "srv": ["3"]}}, ty=2, rt=5).rsc == 4000
    assert ae.as_("Cstranger").get(ae.name, rt=5).rsc == 4106


# ---- gstn

@pytest.fixture
def group(ae):
    members = [f"cse-in/{ae.name}/m{i}" for i in range(5)]
    for i in range(5):
        assert ae.create(ae.name, CNT, {"rn": f"m{i}"}).rsc == 2001
    assert ae.request("POST", ae.name, {"m2m:grp": {"rn": "g", "mid": members, "mnm": 9}}, ty=9).rsc == 2001
    return members


def reached(answer):
    assert answer.rsc == 2000, answer
    return [r["fr"] for r in answer.pc["m2m:rsp"]]


def test_some_members(ae, group):
    seen = set()
    for _ in range(30):
        members = reached(ae.get(f"{ae.name}/g/fopt", gstn=2))
        assert len(members) == len(set(members)) == 2 and set(members) <= set(group)
        seen.update(members)
    assert len(seen) > 2  # not always the same
    assert len(reached(ae.get(f"{ae.name}/g/fopt", gstn=9))) == 5
    assert set(reached(ae.get(f"{ae.name}/g/fopt", gstn=1, grtm="+".join(group[1:3])))) <= set(group[1:3])
    assert sum(ae.create(f"{ae.name}/g/fopt", CIN, {"con": 1}, gstn=3).rsc == 2000 for _ in range(1)) == 1
    assert sum(ae.get(f"{ae.name}/m{i}").pc["cni"] for i in range(5)) == 3


def test_wrong_numbers_of_members(ae, group):
    assert ae.get(f"{ae.name}/g/fopt", gstn=0).rsc == 4000 and ae.get(f"{ae.name}/g/fopt", gstn="x").rsc == 4000
    assert ae.get(f"{ae.name}/g", gstn=1).rsc == 4000


# ---- what a deferred request was

DEFERRED = {
    "peer": ({"acip": {"ipv4": ["127.0.0.0/8"]}}, {}, 2000),
    "another peer": ({"acip": {"ipv4": ["10.0.0.0/8"]}}, {}, 4103),
    "user": ({"acui": ["anna"]}, {"X-M2M-MSU": "anna"}, 2000),
    "another user": ({"acui": ["anna"]}, {"X-M2M-MSU": "bert"}, 4103),
}


@pytest.mark.parametrize("case", DEFERRED)
def test_who_and_from_where_is_kept_for_later(policy, guest, case):
    context, headers, rsc = DEFERRED[case]
    policy.give(rule(guest.origin, op=R, acco=[context]))
    kept = guest.request("GET", policy.box, headers=headers, rt=1)
    assert kept.rsc == 1001, kept
    at = "/" + json.loads(kept.text)["m2m:uri"]
    assert eventually(lambda: guest.get(at).pc["rs"] != 3)
    assert guest.get(at).pc["ors"]["rsc"] == rsc and "_identity" not in guest.get(at).pc


# ---- eeno

def test_notifications_name_who_caused_them(ae, admin, receiver):
    assert ae.create(ae.name, CNT, {"rn": "c"}).rsc == 2001
    for attributes, causes in (({"eeno": True}, {"CAdmin", ae.origin}), ({"eeno": True, "cr": None}, {ae.origin})):
        sub = ae.create(f"{ae.name}/c", SUB, {"nu": [receiver.url], **attributes})
        assert sub.rsc == 2001, sub
        for client in (admin, ae):
            assert client.update(f"{ae.name}/c", "m2m:cnt", {"lbl": [client.origin]}).rsc == 2004
        assert {receiver.next()["cr"] for _ in range(2)} == causes
        assert ae.delete("/" + sub.pc["ri"]).rsc == 2002
