"""Statistics of requests (statsConfig, eventConfig, statsCollect): which are counted, the records an operator reads, and that nothing is lost or counted twice by a kill."""

import itertools
import json
import time

import pytest

from client import CIN, CNT, eventually, stamp

STCG, STCL, EVCG = 22, 21, 7
KEYS = {STCG: "m2m:stcg", STCL: "m2m:stcl", EVCG: "m2m:evcg"}
names = itertools.count(1)


def records(stack, rule):
    found = []
    for file in sorted((stack.dir / "statistics").glob("records-*.jsonl")):
        found += [json.loads(line) for line in file.read_text().splitlines()]
    return [r for r in found if r["sci"] == rule]


def make(client, parent, ty, attributes):
    answer = client.request("POST", parent, {KEYS[ty]: attributes}, ty=ty)
    assert answer.rsc == 2001, answer
    return answer.pc


@pytest.fixture
def config(admin):
    rn = f"stats{next(names)}"
    make(admin, "", STCG, {"rn": rn})
    yield rn
    admin.delete(rn)


@pytest.fixture
def collect(admin, config, stack):
    """collect(entities, event) makes a rule and waits until it is followed; the rule's id."""
    made = []

    def begin(entities, event=None, **more):
        attributes = {"cei": "CAdmin", "srs": 1, "sm": 1, "cdi": entities, **more}
        if event:
            attributes["evi"] = make(admin, config, EVCG, event)["evi"]
        rule = make(admin, "", STCL, attributes)
        made.append(rule["rn"])
        probe = make(admin, "", STCL, {"cei": "CAdmin", "srs": 1, "sm": 1, "cdi": ["CAdmin"]})
        # Orchestrators look once a second: one request that was told, and more than that.
        assert eventually(lambda: admin.get("") and records(stack, probe["sci"]))
        assert admin.delete(probe["rn"]).rsc == 2002
        return rule["sci"]

    yield begin
    for rn in made:
        admin.delete(rn)


def test_each_operation(stack, ae, guest, collect):
    """A record of each request of the entity, with its sizes; those of others are not there; refusals are."""
    rule = collect([ae.origin])
    guest.get(guest.name)
    assert ae.create(ae.name, CNT, {"rn": "c"}).rsc == 2001
    assert ae.create(f"{ae.name}/c", CIN, {"con": "x" * 100}).rsc == 2001
    assert ae.get(f"{ae.name}/c/la").rsc == 2000
    assert ae.get("nothing").rsc == 4004
    assert ae.delete(f"{ae.name}/c").rsc == 2002
    told = eventually(lambda: len(found := records(stack, rule)) >= 5 and found)
    assert [(r["op"], r["rsc"], r.get("ty")) for r in told] == [(1, 2001, 3), (1, 2001, 4), (2, 2000, 3), (2, 4004, None), (4, 2002, 3)]
    assert all(r["entity"] == ae.origin and r["cei"] == "CAdmin" and r["requests"] == 1 for r in told)
    assert told[1]["asked"] > 100 and told[2]["asked"] == 0 and told[2]["answered"] > 100
    assert told[1]["target"].endswith(f"{ae.name}/c") and len({r["id"] for r in told}) == 5
    metrics = stack.metrics("statistics.1")
    assert metrics[f'tessera_statistics_requests{{rule="{rule}",operation="create"}}'] == 2
    assert metrics[f'tessera_statistics_bytes{{rule="{rule}",direction="asked"}}'] == sum(r["asked"] for r in told)


def test_chosen_operations(stack, ae, collect):
    rule = collect([ae.origin], {"evt": 1, "opt": [1], "erts": [4]})
    assert ae.create(ae.name, CNT, {"rn": "c"}).rsc == 2001
    ae.get(f"{ae.name}/c")
    for n in range(3):
        assert ae.create(f"{ae.name}/c", CIN, {"con": n}).rsc == 2001
    assert eventually(lambda: len(records(stack, rule)) == 3)
    assert {r["ty"] for r in records(stack, rule)} == {4}


def test_data_stored(stack, ae, collect):
    """One record for every 1,000 bytes; a kill loses none of what was counted and counts nothing twice."""
    rule = collect([ae.origin], {"evt": 2, "ds": 1000, "erts": [4]})
    assert ae.create(ae.name, CNT, {"rn": "c"}).rsc == 2001
    for n in range(40):
        if n in (10, 25):
            stack.kill("statistics.1")
        assert ae.create(f"{ae.name}/c", CIN, {"con": f"{n:0100}"}).rsc == 2001
    stack.wait_healthy()
    each = len('{"m2m:cin":{"con":""}}') + 100
    asked = records(stack, rule) and records(stack, rule)[0]["asked"] // records(stack, rule)[0]["requests"] or each
    per_record = -(-1000 // asked)
    assert eventually(lambda: len(records(stack, rule)) == 40 // per_record), records(stack, rule)
    assert {r["requests"] for r in records(stack, rule)} == {per_record}
    gauge = f'tessera_statistics_requests{{rule="{rule}",operation="create"}}'
    assert eventually(lambda: stack.metrics("statistics.1").get(gauge) == 40)


def test_until_a_time(stack, ae, collect):
    rule = collect([ae.origin], {"evt": 3, "eve": stamp(5)})
    for _ in range(3):
        ae.get(ae.name)
    assert records(stack, rule) == []
    told = eventually(lambda: records(stack, rule))
    assert [r["requests"] for r in told] == [3]


def test_inactive_and_out_of_its_period(stack, admin, ae, collect):
    year = time.gmtime().tm_year
    active, closed = collect([ae.origin]), collect([ae.origin], cp={"sce": [f"* * * * * * {year + 2}"]})
    ae.get(ae.name)
    assert eventually(lambda: len(records(stack, active)) == 1)
    assert admin.update(active, "m2m:stcl", {"srs": 2}).rsc == 2004
    ae.get(ae.name)
    watched = collect([ae.origin])
    ae.get(ae.name)
    assert eventually(lambda: len(records(stack, watched)) == 1)
    assert len(records(stack, active)) == 1 and records(stack, closed) == []


REFUSED = {
    "no such event": (STCL, {"cei": "CAdmin", "srs": 1, "sm": 1, "evi": "evcgnone"}, "evi"),
    "an event that is none": (STCL, {"cei": "CAdmin", "srs": 1, "sm": 1, "evi": "id-in"}, "evi"),
    "no such status": (STCL, {"cei": "CAdmin", "srs": 3, "sm": 1}, "srs"),
    "storage without size": (EVCG, {"evt": 2}, "ds"),
    "timer without end": (EVCG, {"evt": 3}, "eve"),
    "end before start": (EVCG, {"evt": 3, "evs": "20290102T000000", "eve": "20290101T000000"}, "eve"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(admin, config, case):
    ty, attributes, name = REFUSED[case]
    answer = admin.request("POST", config if ty == EVCG else "", {KEYS[ty]: attributes}, ty=ty)
    assert answer.rsc == 4000 and name in answer.dbg, answer


def test_updates_keep_the_terms(admin, config):
    event = make(admin, config, EVCG, {"evt": 2, "ds": 10})
    at = f"{config}/{event['rn']}"
    assert event["evi"] == event["ri"]
    assert admin.update(at, "m2m:evcg", {"ds": None}).rsc == 4000
    assert admin.update(at, "m2m:evcg", {"evt": 3}).rsc == 4000
    assert admin.update(at, "m2m:evcg", {"evt": 1, "ds": None}).rsc == 2004
