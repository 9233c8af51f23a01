"""Access control rules about attributes (aca): only these are shown, and only these can be set."""

import pytest

from client import ACP, CIN, CNT, SUB
from test_acp import C, D, F, R, U, Policy, rule


@pytest.fixture
def policy(ae):
    policy = Policy(ae)
    assert ae.update(policy.box, "m2m:cnt", {"lbl": ["a"], "mni": 10}).rsc == 2004
    return policy


def test_only_these_are_shown(policy, guest):
    policy.give(rule(guest.origin, op=R, aca=["lbl", "con"]))
    assert guest.get(policy.box).json == {"m2m:cnt": {"lbl": ["a"]}}
    assert guest.get(f"{policy.box}/la").json == {"m2m:cin": {"con": "old"}}
    assert guest.get(f"{policy.box}/i").json == {"m2m:cin": {"con": "old"}}
    assert guest.get(policy.box, atrl="lbl").json == {"m2m:cnt": {"lbl": ["a"]}}
    answer = guest.get(policy.box, atrl="lbl+mni")
    assert answer.rsc == 4103 and "mni" in answer.dbg, answer
    assert guest.get(policy.box, rcn=4).json == {"m2m:cnt": {"lbl": ["a"], "m2m:cin": [{"con": "old"}]}}
    assert guest.get(policy.box, rcn=8).json == {"m2m:cnt": {"m2m:cin": [{"con": "old"}]}}


def test_rules_add_up_and_a_whole_one_wins(policy, guest):
    policy.give(rule(guest.origin, op=R, aca=["lbl"]), rule("all", op=R, aca=["mni"]))
    assert guest.get(policy.box).pc == {"lbl": ["a"], "mni": 10}
    policy.give(rule(guest.origin, op=R, aca=["lbl"]), rule(guest.origin, op=R))
    assert guest.get(policy.box).pc["ri"]


def test_only_these_can_be_set(policy, guest):
    policy.give(rule(guest.origin, op=U, aca=["lbl"]))
    for attributes in ({"mni": 5}, {"lbl": ["b"], "mni": 5}, {"lbl": None, "mni": None}):
        answer = guest.update(policy.box, "m2m:cnt", attributes)
        assert answer.rsc == 4103 and "mni" in answer.dbg, answer
    answer = guest.update(policy.box, "m2m:cnt", {"lbl": ["b"]})
    assert answer.rsc == 2004 and answer.json == {"m2m:cnt": {"lbl": ["b"]}}, answer
    assert policy.owner.get(policy.box).pc["mni"] == 10


def test_only_these_can_be_given(policy, guest):
    policy.give(rule(guest.origin, op=C, aca=["con", "rn"]))
    assert guest.create(policy.box, CIN, {"con": 1, "lbl": ["x"]}).rsc == 4103
    assert guest.create(policy.box, CIN, {"con": 1, "rn": "new"}).rsc == 2001
    assert guest.create(policy.box, CNT, {"mni": 1}).rsc == 4103


def test_what_is_not_about_attributes_takes_a_whole_rule(policy, guest):
    policy.give(rule(guest.origin, op=63, aca=["lbl", "con", "nu", "enc"]))
    assert guest.delete(f"{policy.box}/la").rsc == 4103
    assert guest.discover(policy.owner.name).found == []
    assert guest.create(policy.box, SUB, {"nu": ["http://127.0.0.1:1"]}).rsc == 4103  # its notifications would show all of it
    policy.give(rule(guest.origin, op=63, aca=["lbl"]), rule(guest.origin, op=D | F))
    assert len(guest.discover(policy.owner.name).found) == 2 and guest.delete(f"{policy.box}/la").rsc == 2002


def test_policies_by_their_own_privileges(policy, guest):
    policy.give(pvs=[rule(guest.origin, op=R | U, aca=["lbl"])])
    assert guest.get(policy.acp).json == {"m2m:acp": {}}
    assert guest.update(policy.acp, "m2m:acp", {"lbl": ["x"]}).json == {"m2m:acp": {"lbl": ["x"]}}
    assert guest.update(policy.acp, "m2m:acp", {"pv": {}}).rsc == 4103
    assert guest.create(policy.owner.name, ACP, {}).rsc == 4103
