"""Contexts of access control rules beside time and address: users, criteria, places; TS-0001 9.6.2."""

import json

import pytest

from client import CIN, CNT
from test_acp import C, F, R, Policy, rule

LCP = 10


@pytest.fixture
def policy(ae):
    return Policy(ae)


USERS = {"listed": (["anna", "bert"], "bert", True), "not listed": (["anna"], "bert", False), "none told": (["anna"], None, False), "case matters": (["Anna"], "anna", False)}


@pytest.mark.parametrize("case", USERS)
def test_users(policy, guest, case):
    users, user, allowed = USERS[case]
    policy.give(rule(guest.origin, op=R, acco=[{"acui": users}]))
    headers = {"X-M2M-MSU": user} if user else {}
    assert guest.request("GET", policy.box, headers=headers).rsc == (2000 if allowed else 4103)
    assert guest.request("GET", f"{policy.box}/la", headers=headers).rsc == (2000 if allowed else 4103)


CRITERIA = {
    "equal": ({"optr": 1, "sbjt": "mni", "thld": 7}, True),
    "greater": ({"optr": 3, "sbjt": "mni", "thld": 7}, False),
    "not less": ({"optr": 5, "sbjt": "mni", "thld": 7}, True),
    "text": ({"optr": 1, "sbjt": "rn", "thld": "c"}, True),
    "list": ({"optr": 1, "sbjt": "lbl", "thld": ["open"]}, True),
    "absent": ({"optr": 2, "sbjt": "mbs", "thld": 7}, False),
}


@pytest.mark.parametrize("case", CRITERIA)
def test_criteria(policy, guest, case):
    criterion, allowed = CRITERIA[case]
    assert policy.owner.update(policy.box, "m2m:cnt", {"mni": 7, "lbl": ["open"]}).rsc == 2004
    policy.give(rule(guest.origin, op=R | C | F, acco=[{"acec": criterion}]))
    assert guest.get(policy.box).rsc == (2000 if allowed else 4103)
    assert guest.get(f"{policy.box}/la").rsc == (2000 if allowed else 4103)  # its container is looked at
    assert guest.create(policy.box, CIN, {"con": 1}).rsc == (2001 if allowed else 4103)


def test_a_criterion_follows_the_resource(policy, guest):
    """Each of several resources with one policy by its own attributes, from the moment they change."""
    acpi = policy.owner.get(policy.box).pc["acpi"]
    assert policy.owner.create(policy.owner.name, CNT, {"rn": "d", "acpi": acpi, "lbl": ["open"]}).rsc == 2001
    policy.give(rule(guest.origin, op=R | F, acco=[{"acec": {"optr": 1, "sbjt": "lbl", "thld": ["open"]}}]))
    for _ in range(3):
        assert guest.get(policy.box).rsc == 4103 and guest.discover(policy.owner.name).found == [f"cse-in/{policy.owner.name}/d"]
        assert policy.owner.update(policy.box, "m2m:cnt", {"lbl": ["open"]}).rsc == 2004
        assert guest.get(policy.box).rsc == 2000 and len(guest.discover(policy.owner.name).found) == 3
        assert policy.owner.update(policy.box, "m2m:cnt", {"lbl": None}).rsc == 2004


@pytest.mark.parametrize("sbjt", ["cni", "lt", "st"])
def test_criteria_about_what_the_cse_counts(policy, sbjt):
    answer = policy.owner.update(policy.acp, "m2m:acp", {"pv": {"acr": [rule("all", acco=[{"acec": {"optr": 1, "sbjt": sbjt, "thld": 1}}])]}})
    assert answer.rsc == 4000 and sbjt in answer.dbg, answer


BERLIN, NEAR, SEOUL = [52.52, 13.405, 5000], [13.41, 52.53], [126.98, 37.57]


def test_the_place_of_an_application(policy, guest):
    policy.give(rule(guest.origin, op=R | F, acco=[{"aclr": {"accr": BERLIN}}]))
    assert guest.get(policy.box).rsc == 4103  # nobody knows where it is
    for position, rsc, count in ((NEAR, 2000, 2), (SEOUL, 4103, 0), (NEAR, 2000, 2)):
        assert guest.update(guest.name, "m2m:ae", {"loc": {"typ": 1, "crd": position}}).rsc == 2004
        assert guest.get(policy.box).rsc == rsc
        assert len(guest.discover(policy.owner.name).found) == count


def test_the_measured_place_of_an_application(policy, guest, admin):
    """A locationPolicy that names it counts more than what it says itself."""
    assert guest.update(guest.name, "m2m:ae", {"loc": {"typ": 1, "crd": NEAR}}).rsc == 2004
    policy.give(rule(guest.origin, op=R, acco=[{"aclr": {"accr": BERLIN}}]))
    lcp = admin.request("POST", "", {"m2m:lcp": {"los": 3, "lot": guest.origin, "lon": f"where-{guest.name}"}}, ty=LCP)
    assert lcp.rsc == 2001, lcp
    assert guest.get(policy.box).rsc == 2000  # no position yet
    for position, rsc in ((SEOUL, 4103), (NEAR, 2000)):
        assert admin.create(f"where-{guest.name}", CIN, {"con": json.dumps({"type": "Point", "coordinates": position})}).rsc == 2001
        assert guest.get(policy.box).rsc == rsc
    assert admin.delete("/" + lcp.pc["ri"]).rsc == 2002
