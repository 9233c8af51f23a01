"""Every form of address leads to the same resource, for every operation; TS-0001 7.2, TS-0009 6.2.3."""

import pytest

from client import ACP, AE, CIN, CNT

SP, CSI = "tessera.example.com", "id-in"

# name: how the path of a request names a resource with id `ri` and the path `path` below the CSEBase
FORMS = {
    "structured": "/cse-in/{path}",
    "structured, dash": "/-/{path}",
    "unstructured": "/{ri}",
    "SP-relative structured": f"/~/{CSI}/cse-in/{{path}}",
    "SP-relative, dash": f"/~/{CSI}/-/{{path}}",
    "SP-relative unstructured": f"/~/{CSI}/{{ri}}",
    "absolute structured": f"/_/{SP}/{CSI}/cse-in/{{path}}",
    "absolute, dash": f"/_/{SP}/{CSI}/-/{{path}}",
    "absolute unstructured": f"/_/{SP}/{CSI}/{{ri}}",
}


@pytest.fixture
def box(ae):
    """The id of a container "c" below the AE."""
    return ae.create(ae.name, CNT, {"rn": "c"}).pc["ri"]


@pytest.mark.parametrize("form", FORMS)
def test_each_operation(ae, box, form):
    at = FORMS[form].format(path=f"{ae.name}/c", ri=box)
    assert ae.get(at).pc["ri"] == box
    created = ae.create(at, CIN, {"con": form})
    assert created.rsc == 2001 and created.pc["pi"] == box, created
    assert ae.update(at, "m2m:cnt", {"lbl": [form]}).pc["lbl"] == [form]
    assert len(ae.discover(at, ty=4).found) == 1
    assert ae.delete(at).rsc == 2002
    assert ae.get(at).rsc == 4004


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("virtual,con", [("la", "new"), ("ol", "old")])
def test_virtual_children(ae, box, form, virtual, con):
    """With an unstructured id in front this is the hybrid form."""
    for value in ("old", "new"):
        ae.create(f"{ae.name}/c", CIN, {"con": value})
    at = FORMS[form].format(path=f"{ae.name}/c", ri=box) + "/" + virtual
    assert ae.get(at).pc["con"] == con
    assert ae.delete(at).rsc == 2002
    assert ae.get(f"{ae.name}/c").pc["cni"] == 1


@pytest.mark.parametrize("address", ["/cse-in", "/-", f"/{CSI}", f"/~/{CSI}", f"/~/{CSI}/cse-in", f"/~/{CSI}/-", f"/_/{SP}/{CSI}", f"/_/{SP}/{CSI}/cse-in", f"/_/{SP}/{CSI}/-"])
def test_the_base_itself(ae, address):
    answer = ae.get(address)
    assert answer.rsc == 2000 and answer.pc["ty"] == 5, answer
    assert (answer.pc["csi"], answer.pc["pi"], answer.pc["rn"]) == (f"/{CSI}", "", "cse-in")


@pytest.mark.parametrize("form", FORMS)
def test_registration_at_each_form_of_the_base(admin, form):
    at = FORMS[form].format(path="", ri=CSI).rstrip("/")
    answer = admin.as_("C").create(at, AE, {"api": "N.x", "rr": False, "srv": ["3"]})
    assert answer.rsc == 2001, answer
    assert admin.delete("/" + answer.pc["ri"]).rsc == 2002


NOWHERE = {
    "unknown name": "/cse-in/{ae}/nothing",
    "unknown parent": "/cse-in/{ae}/nothing/c",
    "unknown id": "/nothing",
    "name below an id": "/{ri}/nothing",
    "virtual child of what has none": "/cse-in/{ae}/la",
    "latest of an empty container": "/cse-in/{ae}/c/la",
    "oldest of an empty container": "/{ri}/ol",
    "below a virtual child": "/cse-in/{ae}/c/la/x",
    "another base name": "/other-cse/{ae}/c",
    "another CSE": "/~/other/cse-in/{ae}/c",
    "another CSE, absolute": f"/_/{SP}/other/cse-in/{{ae}}/c",
    "another provider": f"/_/other.example.com/{CSI}/cse-in/{{ae}}/c",
    "case matters": "/CSE-IN/{ae}/c",
}


@pytest.mark.parametrize("case", NOWHERE)
def test_nowhere(ae, box, case):
    at = NOWHERE[case].format(ae=ae.name, ri=box)
    assert ae.get(at).rsc == 4004
    assert ae.delete(at).rsc == 4004
    assert ae.get(f"{ae.name}/c").rsc == 2000


def test_a_registration_is_never_forwarded(admin):
    for at in ("/~/other", "/~/other/cse-in", "/_/other.example.com/other"):
        assert admin.as_("C").create(at, AE, {"api": "N.x", "rr": False, "srv": ["3"]}).rsc == 4000, at


def test_escapes_in_the_path(ae, box):
    assert ae.get(f"/cse-in/{ae.name}/%63").pc["ri"] == box


def test_references_in_attributes_take_each_form(ae, guest):
    acr = [{"acor": [ae.origin], "acop": 63}]
    acp = ae.create(ae.name, ACP, {"rn": "acp", "pv": {"acr": [*acr, {"acor": [guest.origin], "acop": 2}]}, "pvs": {"acr": acr}}).pc["ri"]
    references = (acp, f"cse-in/{ae.name}/acp", f"-/{ae.name}/acp", f"/{CSI}/{acp}", f"/{CSI}/cse-in/{ae.name}/acp", f"//{SP}/{CSI}/{acp}", f"//{SP}/{CSI}/cse-in/{ae.name}/acp")
    for i, reference in enumerate(references):
        created = ae.create(ae.name, CNT, {"rn": f"c{i}", "acpi": [reference]})
        assert created.rsc == 2001, (reference, created)
        assert guest.get(f"{ae.name}/c{i}").rsc == 2000, reference
        assert guest.delete(f"{ae.name}/c{i}").rsc == 4103, reference
