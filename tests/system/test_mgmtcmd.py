"""Management commands: execEnable makes an execInstance for each node, the AE on the node does it, what nobody did can be cancelled; TS-0001 10.2.8."""

import pytest

from client import AE, Receiver, numbers

GRP, MGC, NOD = 9, 12, 14
UPLOAD = {"uld": [{"ftyp": "1", "url": "http://127.0.0.1:9/f", "unm": "u", "pwd": "p"}]}


@pytest.fixture
def node(admin):
    return admin.request("POST", "", {"m2m:nod": {"rn": f"mnode{next(numbers)}", "ni": "n1"}}, ty=NOD).pc["ri"]


def device(admin, node, url=None):
    name = f"mdev{next(numbers)}"
    poa = {"poa": [url]} if url else {}
    assert admin.as_(f"C{name}").request("POST", "", {"m2m:ae": {"rn": name, "api": "N.x", "rr": bool(url), "srv": ["3"], "nl": node, **poa}}, ty=AE).rsc == 2001


def command(admin, **attributes):
    answer = admin.request("POST", "", {"m2m:mgc": {"rn": f"cmd{next(numbers)}", "cmt": 2, **attributes}}, ty=MGC)
    assert answer.rsc == 2001, answer
    return answer.pc["rn"]


def execute(admin, name):
    return admin.request("PUT", name, {"m2m:mgc": {"exe": True}})


def instances(admin, name):
    return admin.get(name, rcn=8, ty=8).json["m2m:mgc"].get("m2m:exin", [])


def test_command_goes_to_the_device(admin, node, receiver):
    device(admin, node, receiver.url)
    name = command(admin, cmt=3, exra=UPLOAD, ext=node, exm=3, exy="PT1M", exn=2)
    assert instances(admin, name) == []
    assert execute(admin, name).rsc == 2004
    told = receiver.next()
    assert (told["nev"]["net"], told["sur"]) == (3, f"/id-in/cse-in/{name}")
    exin, = instances(admin, name)
    assert (exin["exs"], exin["exr"], exin["ext"], exin["exm"], exin["exy"], exin["exn"], exin["exra"]) == (3, 0, node, 3, "PT1M", 2, UPLOAD)
    rep = told["nev"]["rep"]["m2m:mgc"]
    assert (rep["cmt"], rep["m2m:exin"]["ri"], rep["m2m:exin"]["exra"]) == (3, exin["ri"], UPLOAD)


def test_device_refuses(admin, node):
    with Receiver(lambda headers, body: (403, {"X-M2M-RSC": "4103"})) as r:
        device(admin, node, r.url)
        name = command(admin, ext=node)
        assert execute(admin, name).rsc == 2004
        assert [(e["exs"], e["exr"]) for e in instances(admin, name)] == [(3, 2)]


def test_nobody_there_waits_and_can_be_cancelled(admin, node):
    device(admin, node)
    name = command(admin, ext=node)
    assert execute(admin, name).rsc == 2004
    exin, = instances(admin, name)
    assert (exin["exs"], exin["exr"], exin["exd"]) == (2, 31, False)
    answer = admin.request("PUT", f"{name}/{exin['rn']}", {"m2m:exin": {"exd": True}})
    assert (answer.rsc, answer.pc["exs"]) == (2004, 5), answer
    assert admin.request("PUT", f"{name}/{exin['rn']}", {"m2m:exin": {"exd": True}}).rsc == 6028
    assert admin.request("PUT", f"{name}/{exin['rn']}", {"m2m:exin": {"exs": 3}}).rsc == 4000
    assert admin.delete(f"{name}/{exin['rn']}").rsc == 2002 and instances(admin, name) == []


def test_group_of_nodes(admin, receiver):
    nodes = [admin.request("POST", "", {"m2m:nod": {"ni": f"g{i}"}}, ty=NOD).pc["ri"] for i in range(3)]
    for n in nodes[:2]:
        device(admin, n, receiver.url)
    grp = admin.request("POST", "", {"m2m:grp": {"mnm": 9, "mid": nodes}}, ty=GRP).pc["ri"]
    name = command(admin, ext=grp)
    assert execute(admin, name).rsc == 2004
    assert {e["ext"]: e["exs"] for e in instances(admin, name)} == {nodes[0]: 3, nodes[1]: 3, nodes[2]: 2}
    assert execute(admin, name).rsc == 2004
    assert len(instances(admin, name)) == 6


def test_node_that_is_only_known_elsewhere(admin):
    name = command(admin, ext="urn:gsma:imei:90420156-025763-0", exe=True)
    assert [(e["exs"], e["ext"]) for e in instances(admin, name)] == [(2, "urn:gsma:imei:90420156-025763-0")]


WRONG = {"arguments of another command": ({"cmt": 2, "exra": UPLOAD, "ext": "n"}, 6023), "too few": ({"cmt": 4, "ext": "n"}, 6024), "no node": ({"ext": "cse-in"}, 4000)}


@pytest.mark.parametrize("attributes,rsc", WRONG.values(), ids=WRONG)
def test_command_that_cannot_be_done(admin, attributes, rsc):
    name = command(admin, **attributes)
    assert execute(admin, name).rsc == rsc
    assert instances(admin, name) == [] and admin.get(name).pc["exe"] is False
