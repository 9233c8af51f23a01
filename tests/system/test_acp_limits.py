"""Access control rules that permit something so many times (acl), with two orchestrators that share the count; countries."""

import concurrent.futures

import pytest

from client import CIN
from stack import Stack
from test_acp import F, R, Policy, rule


@pytest.fixture(scope="module")
def stack():
    with_two = Stack(instances="storage=1 orchestrator=2 http=1", ORCHESTRATOR_COUNTRIES="10.0.0.0/8=DE 127.0.0.0/8=KR")
    with_two.start()
    yield with_two
    with_two.stop()


@pytest.fixture
def policy(ae):
    return Policy(ae)


def limited(client, limit, op=63, **more):
    return rule(client.origin, op=op, acco=[{"acl": limit, **more}])


def left(policy):
    return policy.owner.get(policy.acp).pc["pv"]["acr"][1]["acco"][0]["acl"]


def test_as_often_as_it_says(policy, guest):
    policy.give(limited(guest, 3))
    assert guest.get(policy.box).rsc == 2000
    assert left(policy) == 2
    assert guest.create(policy.box, CIN, {"con": 1}).rsc == 2001
    assert guest.update(policy.box, "m2m:cnt", {"lbl": ["x"]}).rsc == 2004
    assert left(policy) == 0
    for refused in (guest.get(policy.box), guest.create(policy.box, CIN, {"con": 1}), guest.delete(policy.box)):
        assert refused.rsc == 4103, refused
    policy.give(limited(guest, 1))  # anew
    assert [guest.get(f"{policy.box}/la").rsc for _ in range(2)] == [2000, 4103]


def test_a_free_rule_uses_nothing_up(policy, guest):
    policy.give(limited(guest, 1), rule(guest.origin, op=R))
    assert [guest.get(policy.box).rsc for _ in range(3)] == [2000] * 3
    assert left(policy) == 1


def test_refusals_use_nothing_up(policy, guest):
    policy.give(limited(guest, 1))
    assert guest.create(policy.box, CIN, {}).rsc == 4000
    assert guest.update(policy.box, "m2m:cnt", {"mni": "x"}).rsc == 4000
    assert guest.get(f"{policy.box}/none").rsc == 4004
    assert left(policy) == 1


def test_a_search_uses_a_rule_up_once(policy, guest):
    policy.give(limited(guest, 2, op=F))
    assert [len(guest.discover(policy.owner.name).found) for _ in range(3)] == [2, 2, 0]


def test_never_more_often_however_many_ask_at_once(policy, guest, stack):
    """Reads and writes by many at once at two orchestrators: what is permitted is counted in one place."""
    policy.give(limited(guest, 12))
    clients = [guest.as_(guest.origin) for _ in range(8)]
    tasks = [(lambda c=c, i=i: (c.get(policy.box) if i % 2 else c.create(policy.box, CIN, {"con": i})).rsc) for i, c in enumerate(clients)]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        got = [rsc for results in pool.map(lambda task: [task() for _ in range(4)], tasks) for rsc in results]
    assert sorted(set(got)) in ([2000, 2001, 4103], [2000, 4103], [2001, 4103]), got
    assert sum(rsc != 4103 for rsc in got) == 12, got
    assert left(policy) == 0 and policy.owner.get(policy.box).pc["cni"] == 1 + got.count(2001)


def test_the_count_outlives_a_death(policy, guest, stack):
    policy.give(limited(guest, 3))
    assert guest.get(policy.box).rsc == 2000
    for name in ("storage.1", "orchestrator.1"):
        stack.kill(name)
    stack.wait_healthy()
    assert left(policy) == 2
    assert [guest.get(policy.box).rsc for _ in range(3)] == [2000, 2000, 4103]


def test_countries_by_networks(policy, guest):
    for countries, rsc in ((["KR", "DE"], 2000), (["kr"], 2000), (["DE"], 4103)):
        policy.give(rule(guest.origin, op=R, acco=[{"aclr": {"accc": countries}}]))
        assert guest.get(policy.box).rsc == rsc, countries
