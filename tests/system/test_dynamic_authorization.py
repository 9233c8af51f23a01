"""Rights that stand in no policy: roles of the originator, and servers that are asked (dynamicAuthorizationConsultation); TS-0001 11.5."""

import pytest

from client import ACP, CIN, CNT, Receiver, numbers, stamp

ROL, DAC = 31, 34


def grant(*originators, acop=63, **more):
    return {"m2m:seci": {"sit": 2, "dres": {"dai": {"gp": {"acr": [{"acor": list(originators), "acop": acop}]}, **more}}}}


@pytest.fixture
def server():
    """An authorization server: `says` is what it answers, `asked` what it was asked."""
    def answer(headers, body):
        r.asked.append(body["m2m:seci"])
        return 200, {"X-M2M-RSC": "2000", "Content-Type": "application/json"}, r.says

    with Receiver(answer) as r:
        r.says, r.asked = {}, []
        yield r


@pytest.fixture
def consulted(ae, server):
    """A container whose rights the server may extend; its path and that of the consultation."""
    assert ae.request("POST", ae.name, {"m2m:dac": {"rn": "dac", "dae": True, "dap": ["http://127.0.0.1:1/", server.url], "dal": "20290101T000000"}}, ty=DAC).rsc == 2001
    assert ae.create(ae.name, CNT, {"rn": "c", "daci": [f"cse-in/{ae.name}/dac"]}).rsc == 2001
    return f"{ae.name}/c", f"{ae.name}/dac"


def test_server_permits_what_policies_do_not(ae, guest, server, consulted):
    server.says = grant(f"C{guest.name}", acop=2)
    assert guest.get(consulted[0]).rsc == 2000
    asked = server.asked[-1]
    assert (asked["sit"], asked["dreq"]["or"], asked["dreq"]["op"], asked["dreq"]["trt"], asked["dreq"]["trid"], asked["dreq"]["ppl"]) == (1, f"C{guest.name}", 2, CNT, f"cse-in/{consulted[0]}", "20290101T000000")
    assert guest.create(consulted[0], CIN, {"con": "1"}).rsc == 4103
    assert server.asked[-1]["dreq"]["op"] == 1


REFUSALS = {"nothing": {}, "somebody else": grant("Cother"), "another operation": grant("all", acop=1), "no response": {"m2m:seci": {"sit": 1}}, "over": grant("all", pl="20200101T000000"), "malformed": {"m2m:seci": {"sit": 2, "dres": {"dai": {"gp": {"acr": "x"}}}}}}


@pytest.mark.parametrize("says", REFUSALS.values(), ids=REFUSALS)
def test_server_that_does_not_permit(guest, server, consulted, says):
    server.says = says
    assert guest.get(consulted[0]).rsc == 4103
    assert server.asked


def test_nobody_is_asked_without_need(ae, guest, server, consulted):
    server.says = grant("all")
    assert ae.get(consulted[0]).rsc == 2000
    assert ae.update(consulted[1], "m2m:dac", {"dae": False}).rsc == 2004
    assert guest.get(consulted[0]).rsc == 4103
    assert server.asked == []


def test_instances_follow_their_container(ae, guest, server, consulted):
    assert ae.create(consulted[0], CIN, {"rn": "i", "con": "1"}).rsc == 2001
    server.says = grant("all")
    assert guest.get(f"{consulted[0]}/i").rsc == 2000


@pytest.mark.parametrize("daci", [["nowhere"], ["cse-in"], ["cse-in/c/la"], []])
def test_daci_must_lead_to_a_consultation(ae, daci):
    answer = ae.create(ae.name, CNT, {"daci": daci})
    assert (answer.rsc, "daci" in answer.dbg) == (4000, True), answer


def role(admin, holder, rlid, begin=-60, end=3600):
    return admin.request("POST", "", {"m2m:rol": {"rlid": rlid, "tkis": "Cissuer", "tkhd": holder, "tknb": stamp(begin), "tkna": stamp(end)}}, ty=ROL)


def test_role_gives_its_rights(admin, ae, guest):
    rlid = f"{next(numbers)}-keeper@roles.example"
    assert ae.create(ae.name, ACP, {"rn": "p", "pv": {"acr": [{"acor": [rlid], "acop": 2}]}, "pvs": {"acr": [{"acor": [f"C{ae.name}"], "acop": 63}]}}).rsc == 2001
    assert ae.create(ae.name, CNT, {"rn": "c", "acpi": [f"cse-in/{ae.name}/p"]}).rsc == 2001
    path = f"{ae.name}/c"
    assert guest.get(path, rids=rlid).rsc == 4103  # not its role
    assert role(admin, f"C{guest.name}", rlid, begin=600).rsc == 2001
    assert role(admin, f"C{guest.name}", rlid, end=-1).rsc == 2001
    assert role(admin, "Csomebody", rlid).rsc == 2001
    assert role(admin, f"/id-in/C{guest.name}", f"other-{rlid}").rsc == 2001
    assert guest.get(path, rids=rlid).rsc == 4103  # not yet, not any more, not its own, another
    made = role(admin, f"/id-in/C{guest.name}", rlid)
    assert made.rsc == 2001
    assert guest.get(path, rids=rlid).rsc == 2000
    assert guest.get(path).rsc == 4103  # a role must be claimed
    assert guest.delete(path, rids=rlid).rsc == 4103
    assert guest.get(path, rids=f"other-{rlid}+{rlid}").rsc == 2000
