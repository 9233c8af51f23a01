"""A notification target that wants to be told no more: DELETE of ntsr, ruled by policies."""

import pytest

from client import CNT, SCH, SUB, Receiver

NTPR, NTP, PDR = 25, 26, 27
ACCEPT, REJECT, SEEK, INFORM = 1, 2, 3, 4


@pytest.fixture
def watched(ae, receiver):
    """A subscription that tells `ae` and a URL."""
    assert ae.create(ae.name, CNT, {"rn": "box"}).rsc == 2001
    assert ae.create(f"{ae.name}/box", SUB, {"rn": "s", "nu": [ae.origin, receiver.url]}).rsc == 2001
    return f"{ae.name}/box/s"


def policy(admin, ae, label="Default", **attributes):
    answer = admin.as_("CAdmin").request("POST", "", {"m2m:ntp": {"plbl": label, **attributes}}, ty=NTP)
    assert answer.rsc == 2001, answer
    return answer.pc["ri"]


@pytest.fixture
def policies(admin, ae):
    made = []

    def make(**attributes):
        made.append(policy(admin, ae, **attributes))
        return made[-1]

    yield make
    for ri in made:
        admin.delete(f"/{ri}")


def refer(ae, watched, ri):
    answer = ae.request("POST", watched, {"m2m:ntpr": {"ntu": [ae.origin], "npi": ri}}, ty=NTPR)
    assert answer.rsc == 2001, answer


def leave(ae, watched):
    return ae.delete(f"{watched}/ntsr")


def test_accepted(ae, watched, policies, receiver):
    refer(ae, watched, policies(label="mine", acn=ACCEPT))
    assert leave(ae, watched).rsc == 2002
    assert ae.get(watched).pc["nu"] == [receiver.url]
    assert leave(ae, watched).rsc == 4103


def test_rejected(ae, watched, policies):
    refer(ae, watched, policies(label="mine", acn=REJECT))
    assert leave(ae, watched).rsc == 4103
    assert len(ae.get(watched).pc["nu"]) == 2


def test_default_policy(ae, watched, policies):
    assert leave(ae, watched).rsc == 4103
    policies(acn=ACCEPT)
    assert leave(ae, watched).rsc == 2002


def test_last_target(ae, policies):
    policies(acn=ACCEPT)
    assert ae.create(ae.name, SUB, {"rn": "alone", "nu": [ae.origin]}).rsc == 2001
    assert leave(ae, f"{ae.name}/alone").rsc == 2002
    assert ae.get(f"{ae.name}/alone").rsc == 4004


@pytest.mark.parametrize("allows, rsc", [(True, 2002), (False, 4103)])
def test_creator_is_asked(ae, watched, policies, allows, rsc):
    refer(ae, watched, policies(label="mine", acn=SEEK))

    def answer(headers, body):
        return 200, {"X-M2M-RSC": "2000", "Content-Type": "application/json"}, {"m2m:sgn": {"tra": allows}}

    with Receiver(answer=answer) as creator:
        ae.update(ae.name, "m2m:ae", {"poa": [creator.url]})
        assert leave(ae, watched).rsc == rsc
        sgn = creator.got.get(timeout=5)[1]["m2m:sgn"]
        assert sgn["trr"] is True and sgn["ntt"] == ae.origin


def test_creator_is_informed(ae, watched, policies):
    refer(ae, watched, policies(label="mine", acn=INFORM))
    with Receiver() as creator:
        ae.update(ae.name, "m2m:ae", {"poa": [creator.url]})
        assert leave(ae, watched).rsc == 4103
        assert creator.got.get(timeout=5)[1]["m2m:sgn"]["trr"] is True


@pytest.mark.parametrize("times, relation, rsc", [(["* * * * * * *"], 2, 2002), (["* * * * * * 1999"], 2, 4103), (["* * * * * * 1999", "* * * * * * *"], 2, 2002), (["* * * * * * 1999", "* * * * * * *"], 1, 4103)], ids=str)
def test_rules(admin, ae, watched, policies, times, relation, rsc):
    ri = policies(label="mine", acn=ACCEPT, rrs=relation)
    for tod in times:
        assert admin.request("POST", f"/{ri}", {"m2m:pdr": {"dr": {"tod": [tod]}}}, ty=PDR).rsc == 2001
    refer(ae, watched, ri)
    assert leave(ae, watched).rsc == rsc


def test_only_targets_and_only_delete(ae, guest, watched, policies):
    policies(acn=ACCEPT)
    assert leave(guest, watched).rsc == 4103
    assert ae.get(f"{watched}/ntsr").rsc == 4005
    assert ae.update(f"{watched}/ntsr", "m2m:sub", {}).rsc == 4005
    assert ae.create(f"{watched}/ntsr", SCH, {"se": {"sce": ["* * * * * * *"]}}).rsc == 4005
    assert ae.delete(f"{ae.name}/box/ntsr").rsc == 4004
