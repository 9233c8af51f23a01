"""The semanticValidation of an ontologyRepository: descriptors are validated that are not stored; what an ontology says of domains, ranges and classes above."""

import base64

import pytest

ONTR, ONT, SMD = 38, 39, 24
TURTLE = 5
HOUSE = """@prefix e: <urn:house#> . @prefix o: <http://www.w3.org/2002/07/owl#> . @prefix s: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix x: <http://www.w3.org/2001/XMLSchema#> . e:Room a o:Class ; o:disjointWith e:Lamp . e:Kitchen a o:Class ; s:subClassOf e:Room . e:Lamp a o:Class .
e:temp a o:DatatypeProperty , o:FunctionalProperty ; s:domain e:Room ; s:range x:decimal . e:in a o:ObjectProperty ; s:range e:Room ."""


def b64(text):
    return base64.b64encode(text.encode()).decode()


@pytest.fixture(scope="module")
def repository(stack):
    from client import Client

    admin = Client(stack.http_port)
    acp = admin.create("", 1, {"pv": {"acr": [{"acor": ["all"], "acop": 6}]}, "pvs": {"acr": [{"acor": ["all"], "acop": 63}]}}).pc
    made = admin.request("POST", "", {"m2m:ontr": {"rn": "houses", "acpi": [acp["ri"]]}}, ty=ONTR)
    assert made.rsc == 2001, made
    assert admin.request("POST", "houses", {"m2m:ont": {"rn": "house", "ontf": TURTLE, "ontc": HOUSE, "acpi": [acp["ri"]]}}, ty=ONT).rsc == 2001
    yield admin
    for rn in ("houses", acp["rn"]):
        admin.delete(rn)


def validate(client, text, to="houses/smv", **attributes):
    return client.update(to, "m2m:smd", {"dcrp": TURTLE, "dsp": b64("@prefix e: <urn:house#> . " + text), **attributes})


CASES = {
    "valid": ("<urn:k> a e:Kitchen ; e:temp 21 . <urn:l> a e:Lamp ; e:in <urn:k> .", 2004, ""),
    "unknown class": ("<urn:k> a e:Hall .", 4120, "Hall"),
    "another domain": ("<urn:l> a e:Lamp ; e:temp 21 .", 4120, "domain"),
    "another range": ("<urn:k> e:temp 'warm' .", 4120, "range"),
    "a resource of another range": ("<urn:l> e:in <urn:m> . <urn:m> a e:Lamp .", 4120, "range"),
    "two values": ("<urn:k> a e:Room ; e:temp 20 , 21 .", 4120, "functional"),
    "disjoint with a class above": ("<urn:k> a e:Kitchen , e:Lamp .", 4120, "disjoint"),
    "not Turtle": ("nonsense", 4000, "Turtle"),
}


@pytest.mark.parametrize("case", CASES)
def test_validation(repository, ae, case):
    text, rsc, why = CASES[case]
    answer = validate(ae, text)
    assert answer.rsc == rsc and why in answer.dbg, answer


def test_a_certain_ontology(repository, ae):
    assert validate(ae, "<urn:k> a e:Kitchen .", **{"or": "cse-in/houses/house"}).rsc == 2004
    assert validate(ae, "<urn:k> a e:Hall .", **{"or": "cse-in/houses/house"}).rsc == 4120
    assert validate(ae, "<urn:k> a e:Kitchen .", **{"or": "cse-in/houses/none"}).rsc == 4118
    assert validate(ae, "<urn:k> a e:Kitchen .", rels=["cse-in/houses/house"]).rsc == 4119


def test_what_is_not_allowed(repository, ae, admin):
    assert ae.get("houses/smv").rsc == 4005 and ae.delete("houses/smv").rsc == 4005
    assert ae.create("houses/smv", 3, {}).rsc == 4005
    assert ae.update("houses/smv", "m2m:smd", {"dcrp": TURTLE}).rsc == 4000
    assert ae.update("houses/smv", "m2m:cnt", {"mni": 1}).rsc == 4000
    made = admin.request("POST", "", {"m2m:ontr": {}}, ty=ONTR).pc
    assert validate(ae, "<urn:k> a e:Kitchen .", f"{made['rn']}/smv").rsc == 4103
    answer = validate(admin, "<urn:k> a e:Kitchen .", f"{made['rn']}/smv")
    assert answer.rsc == 4118 and "no ontology" in answer.dbg, answer
    assert admin.delete(made["rn"]).rsc == 2002
