"""Primitive profiles: what they add to requests and leave out of responses, for whom, and that withdrawn ones are gone at once."""

import itertools

import pytest

PRP = 62
numbers = itertools.count(1)


@pytest.fixture
def profile(ae):
    """Makes a profile, of the AE's own unless somebody else makes it elsewhere; its address."""
    made = []

    def make(by=ae, below=ae.name, **attributes):
        answer = by.request("POST", below, {"m2m:prp": {"rn": f"p{next(numbers)}", "idl": [ae.origin], **attributes}}, ty=PRP)
        assert answer.rsc == 2001, answer
        assert not [name for name in answer.pc if name.startswith("_")]
        made.append((by, f"{below}/{answer.pc['rn']}" if below else answer.pc["rn"]))
        return made[-1][1]

    yield make
    for by, at in made:
        by.delete(at)


def container(client, **attributes):
    answer = client.create(client.name, 3, attributes)
    assert answer.rsc == 2001, answer
    return answer


def test_requests_and_responses(ae, guest, profile):
    profile(rtys=[3], ops=[1], adds=[{"nm": "mni", "val": 7}], dels=["mbs"], appl=["1"])
    at = profile(rtys=[3], dels=["lt", "fr"], adds=[{"nm": "lbl", "val": ["shown"]}], appl=["2"])
    made = container(ae, rn="c", mbs=5)
    assert made.pc["mni"] == 7 and "mbs" not in made.pc and "lt" not in made.pc and made.pc["lbl"] == ["shown"]
    assert made.headers["X-M2M-Origin"] is None and made.headers["X-M2M-RI"]
    assert "lt" in ae.get(ae.name).pc  # another type
    seen = ae.as_("CAdmin").get(f"{ae.name}/c").pc  # another originator
    assert seen["mni"] == 7 and "lbl" not in seen and "lt" in seen
    assert "mni" not in container(guest, rn="c").pc
    assert ae.update(at, "m2m:prp", {"dels": ["ct"]}).rsc == 2004
    assert "lt" in ae.get(f"{ae.name}/c").pc and "ct" not in ae.get(f"{ae.name}/c").pc
    assert ae.delete(at).rsc == 2002
    assert "ct" in ae.get(f"{ae.name}/c").pc


def test_parameters(ae, profile):
    at = profile(ops=[1], adds=[{"nm": "rcn", "val": 0}])
    assert container(ae).text == ""
    assert ae.create(ae.name, 3, {}, headers=None, rcn=1).pc["ri"]  # what is given stays
    assert ae.update(at, "m2m:prp", {"adds": [{"nm": "rcn", "val": 4}]}).rsc == 2004
    assert ae.create(ae.name, 3, {}).rsc == 4000  # no result content of a CREATE; profiles themselves can be mended
    assert ae.delete(at).rsc == 2002
    profile(ops=[2], adds=[{"nm": "fc", "val": {"ty": [9]}}, {"nm": "rcn", "val": 6}])
    assert ae.get(ae.name).json == {"m2m:rrl": {"rrf": []}}


def test_asked_for_by_name(admin, ae, guest, profile):
    """A profile of the CSEBase for whom a pattern means; asked for, no other counts."""
    at = profile(admin, "", idl=[ae.origin[:-1] + "*"], rtys=[3], adds=[{"nm": "lbl", "val": ["base"]}])
    own = profile(rtys=[3], adds=[{"nm": "lbl", "val": ["own"]}])
    assert container(ae).pc["lbl"] == ["own"]
    assert ae.create(ae.name, 3, {}, headers={"X-M2M-PRPI": f"cse-in/{at}"}).pc["lbl"] == ["base"]
    assert ae.delete(own).rsc == 2002
    assert container(ae).pc["lbl"] == ["base"]
    assert admin.delete(at).rsc == 2002
    assert "lbl" not in container(ae).pc
    assert ae.get(ae.name, headers={"X-M2M-PRPI": f"cse-in/{at}"}).rsc == 4000
    assert ae.get(ae.name, headers={"X-M2M-PRPI": f"cse-in/{ae.name}"}).rsc == 4000


def test_who_registers_later(admin, profile):
    at = profile(admin, "", idl=["Clater.profiled"], adds=[{"nm": "lbl", "val": ["later"]}])
    later = admin.as_("Clater.profiled")
    assert later.create("", 2, {"rn": "later.profiled", "api": "Nx", "rr": False, "srv": ["3"]}).rsc == 2001
    later.name = "later.profiled"
    assert container(later).pc["lbl"] == ["later"]
    assert later.get(later.name, headers={"X-M2M-PRPI": f"cse-in/{at}"}).pc["lbl"] == ["later"]
    assert later.delete(later.name).rsc == 2002


def test_of_others(ae, guest, profile):
    at = profile(adds=[{"nm": "lbl", "val": ["x"]}])
    assert guest.get(guest.name, headers={"X-M2M-PRPI": f"cse-in/{at}"}).rsc == 4103
    for attributes, rsc in (({"idl": [guest.origin]}, 4000), ({"idl": ["*"]}, 4000), ({"idl": []}, 4000), ({"adds": [{"nm": "fr", "val": "CAdmin"}]}, 4000), ({"dels": ["nonsense"]}, 4000), ({"appl": ["4"]}, 5001)):
        assert ae.request("POST", ae.name, {"m2m:prp": {"idl": [ae.origin], **attributes}}, ty=PRP).rsc == rsc, attributes
    assert ae.request("POST", "", {"m2m:prp": {"idl": [ae.origin]}}, ty=PRP).rsc == 4103


def test_members_of_a_group(ae, profile):
    """What comes to a fanOutPoint is changed once, before it goes to the members."""
    for rn in "ab":
        container(ae, rn=rn)
    assert ae.request("POST", ae.name, {"m2m:grp": {"rn": "g", "mnm": 2, "mid": [f"cse-in/{ae.name}/{rn}" for rn in "ab"]}}, ty=9).rsc == 2001
    profile(rtys=[4], adds=[{"nm": "lbl", "val": ["fanned"]}])
    answers = ae.create(f"{ae.name}/g/fopt", 4, {"con": "x"}).json["m2m:agr"]["m2m:rsp"]
    assert [a["pc"]["m2m:cin"]["lbl"] for a in answers] == [["fanned"]] * 2
