"""Nodes: the nodeLink of AEs and what a node says it hosts are the same, whichever of them is changed; TS-0001 9.6.18."""

import pytest

from client import AE, CNT, eventually, numbers, stamp

NOD = 14


@pytest.fixture
def node(admin):
    """The id of a node."""
    answer = admin.request("POST", "", {"m2m:nod": {"rn": f"node{next(numbers)}", "ni": "n1"}}, ty=NOD)
    assert answer.rsc == 2001, answer
    return answer.pc["ri"]


def hosted(admin, node):
    return admin.get(f"/{node}").pc.get("hael", [])


def register(admin, **attributes):
    name = f"dev{next(numbers)}"
    client = admin.as_(f"C{name}")
    answer = client.request("POST", "", {"m2m:ae": {"rn": name, "api": "N.x", "rr": False, "srv": ["3"], **attributes}}, ty=AE)
    client.name, client.aei = name, f"C{name}"
    return client, answer


def test_node_lists_the_aes_that_link_to_it(admin, node):
    a, answer = register(admin, nl=node)
    assert answer.rsc == 2001, answer
    b, _ = register(admin, nl=node)
    assert hosted(admin, node) == [a.aei, b.aei]
    assert a.delete(a.name).rsc == 2002
    assert hosted(admin, node) == [b.aei]
    assert b.request("PUT", b.name, {"m2m:ae": {"nl": None}}).rsc == 2004
    assert "hael" not in admin.get(f"/{node}").pc


def test_ae_moves_to_another_node(admin, node):
    other = admin.request("POST", "", {"m2m:nod": {"ni": "n2"}}, ty=NOD).pc
    a, _ = register(admin, nl=node)
    assert a.request("PUT", a.name, {"m2m:ae": {"nl": f"cse-in/{other['rn']}"}}).rsc == 2004
    assert (hosted(admin, node), hosted(admin, other["ri"])) == ([], [a.aei])


@pytest.mark.parametrize("nl", ["nowhere", "cse-in", "cse-in/nowhere", "a//b"])
def test_node_link_must_lead_to_a_node(admin, nl):
    a, answer = register(admin, nl=nl)
    assert (answer.rsc, "nl" in answer.dbg) == (4000, True), answer
    assert admin.get(a.name).rsc == 4004


def test_node_of_another_cse_is_taken_as_it_is(admin):
    assert register(admin, nl="/id-other/nod1")[1].rsc == 2001


def test_what_a_node_hosts_gets_its_link(admin):
    a, _ = register(admin)
    node = admin.request("POST", "", {"m2m:nod": {"ni": "n3", "hael": [a.aei, "/id-other/Cfar"]}}, ty=NOD).pc["ri"]
    assert admin.get(a.name).pc["nl"] == node
    assert admin.request("PUT", f"/{node}", {"m2m:nod": {"hael": ["/id-other/Cfar"]}}).rsc == 2004
    assert "nl" not in admin.get(a.name).pc


def test_links_end_with_the_node(admin, node):
    a, _ = register(admin, nl=node)
    assert admin.delete(f"/{node}").rsc == 2002
    assert "nl" not in admin.get(a.name).pc


def test_node_cannot_take_what_it_may_not(admin, node):
    a, _ = register(admin, nl=node)
    elsewhere = admin.request("POST", "", {"m2m:nod": {"ni": "n4", "hael": [a.aei]}}, ty=NOD)
    nobody = admin.request("POST", "", {"m2m:nod": {"ni": "n4", "hael": ["Cnobody"]}}, ty=NOD)
    assert (elsewhere.rsc, "another node" in elsewhere.dbg, nobody.rsc) == (4000, True, 4000)


def test_node_of_the_cse_itself(admin):
    node = admin.request("POST", "", {"m2m:nod": {"ni": "n5", "hcl": "/id-in"}}, ty=NOD).pc["ri"]
    assert admin.get("").pc["nl"] == node
    assert admin.delete(f"/{node}").rsc == 2002
    assert "nl" not in admin.get("").pc


def test_who_has_expired_lives_there_no_more(admin, stack):
    assert admin.create("", NOD, {"rn": "house", "ni": "urn:x:house"}).rsc == 2001
    node = admin.get("house").pc["ri"]
    for rn, more in (("brief", {"et": stamp(1)}), ("long", {})):
        admin.ae(rn, nl=node, **more)
    assert admin.get("house").pc["hael"] == ["Cbrief", "Clong"]
    assert eventually(lambda: admin.get("house").pc["hael"] == ["Clong"])
    assert admin.request("POST", "house", {"m2m:gone": {"id": "Clong"}}).rsc == 4005  # nobody but the CSE itself
    assert admin.delete("long").rsc == 2002 and "hael" not in admin.get("house").pc
    assert admin.delete("house").rsc == 2002
