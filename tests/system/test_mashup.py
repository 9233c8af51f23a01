"""Semantic mashups: members found by their descriptors, results by a SPARQL function over their values: at creation, on request, in periods, on changes."""

import base64
import json

import pytest

from client import eventually

SMJP, SMI, SMR, SMD = 40, 41, 42, 24
TURTLE = 5
PREFIX = "PREFIX m: <urn:m2m:mashup#> PREFIX e: <urn:e#> "
AVERAGE = PREFIX + "SELECT (AVG(?v) AS ?mean) (COUNT(?v) AS ?n) WHERE { ?r a e:Room ; m:member ?x . ?x m:value ?v }"
LEAST = PREFIX + "SELECT ?r ?a WHERE { <urn:in> e:least ?l . ?r m:member ?x . ?x m:value ?v ; m:address ?a FILTER (?v >= ?l) }"


def b64(text):
    return base64.b64encode(text.encode()).decode()


def result(smr):
    assert smr["mrf"] == ["application/json"], smr
    return json.loads(base64.b64decode(smr["mrt"]))


def rows(smr):
    found = result(smr)
    return [{name: cell["value"] for name, cell in row.items()} for row in found["results"]["bindings"]]


def mean(smr):
    row = rows(smr)[0]
    return float(row["mean"]), int(row["n"])


@pytest.fixture
def house(ae):
    """Rooms of this test alone, with a descriptor and a temperature each."""
    ae.kind = f"Room{ae.name}"
    for rn, value in (("kitchen", 20), ("hall", "24")):
        assert ae.create(ae.name, 3, {"rn": rn}).rsc == 2001
        assert ae.create(f"{ae.name}/{rn}", 4, {"con": value}).rsc == 2001
        text = b64(f"@prefix e: <urn:e#> . <urn:{rn}> a e:Room , e:{ae.kind} .")
        assert ae.request("POST", f"{ae.name}/{rn}", {"m2m:smd": {"dcrp": TURTLE, "dsp": text}}, ty=SMD).rsc == 2001
    return ae


@pytest.fixture
def job(admin, house):
    """Makes a profile that everybody may read; its address."""
    made = []
    acp = admin.create("", 1, {"pv": {"acr": [{"acor": ["all"], "acop": 2}]}, "pvs": {"acr": [{"acor": ["all"], "acop": 63}]}}).pc

    def make(function=AVERAGE, **attributes):
        filter_ = f"ASK {{ ?r a <urn:e#{house.kind}> }}"
        answer = admin.request("POST", "", {"m2m:smjp": {"mbft": filter_, "fucd": b64(function), "uptd": b64("x"), "acpi": [acp["ri"]], **attributes}}, ty=SMJP)
        if answer.rsc == 2001:
            made.append(answer.pc["rn"])
            return f"cse-in/{made[-1]}"
        return answer

    yield make
    for rn in [*made, acp["rn"]]:
        admin.delete(rn)


def instance(ae, mjid, **attributes):
    return ae.request("POST", ae.name, {"m2m:smi": {"rn": "mash", "mjid": mjid, "jpin": b64(""), "mst": 1, "rgt": 2, **attributes}}, ty=SMI)


def results(ae):
    return sorted((child for child in ae.get(f"{ae.name}/mash", rcn=8).pc.get("m2m:smr", [])), key=lambda smr: smr["ct"])


def uris(ae, *names):
    return {"/id-in/" + ae.get(f"{ae.name}/{rn}").pc["ri"] for rn in names}


def test_on_request(admin, house, job):
    at = job()
    made = instance(house, at, mst=2)
    assert made.rsc == 2001, made
    assert {m["muri"] for m in made.pc["msm"]["mmbr"]} == uris(house, "kitchen", "hall") and {m["mvl"] for m in made.pc["msm"]["mmbr"]} == {20, 24}
    assert admin.get(at[7:]).pc["miid"] == [f"/id-in/cse-in/{house.name}/mash"]
    assert results(house) == []
    answer = house.get(f"{house.name}/mash/msp")
    assert answer.rsc == 2000 and mean(answer.pc) == (22, 2), answer
    assert [smr["ri"] for smr in results(house)] == [answer.pc["ri"]]
    assert house.get("/" + answer.pc["ri"]).json == answer.json
    assert house.create(f"{house.name}/kitchen", 4, {"con": 30}).rsc == 2001
    assert mean(house.get(f"{house.name}/mash/msp").pc) == (27, 2) and len(results(house)) == 2
    assert {m["mvl"] for m in house.get(f"{house.name}/mash").pc["msm"]["mmbr"]} == {30, 24}
    for method in ("PUT", "DELETE"):
        assert house.request(method, f"{house.name}/mash/msp", {"m2m:smr": {}} if method == "PUT" else None).rsc == 4005
    at_result = "/" + answer.pc["ri"]
    assert house.update(at_result, "m2m:smr", {"lbl": ["x"]}).rsc == 4005 and house.create(f"{house.name}/mash/msp", 3, {}).rsc == 4005
    assert house.delete(at_result).rsc == 2002
    assert house.delete(f"{house.name}/mash").rsc == 2002
    assert "miid" not in admin.get(at[7:]).pc or admin.get(at[7:]).pc["miid"] == []
    assert house.get("/" + answer.pc["ri"]).rsc == 4004


def test_only_the_newest_results_stay(house, job):
    assert instance(house, job()).rsc == 2001
    made = [house.get(f"{house.name}/mash/msp").pc["ri"] for _ in range(12)]
    assert {smr["ri"] for smr in results(house)} == set(made[-10:])


def test_input(house, job):
    """What the instance brings counts along with its members."""
    at = job(LEAST)
    made = instance(house, at, rgt=[1], jpin=b64("<urn:in> <urn:e#least> 22 ."))
    assert made.rsc == 2001, made
    (smr,) = results(house)
    assert [row["r"] for row in rows(smr)] == ["urn:hall"] and {rows(smr)[0]["a"]} == uris(house, "hall")
    assert house.get(f"{house.name}/mash/msp").pc == smr  # none is made by requests
    assert house.update(f"{house.name}/mash", "m2m:smi", {"rgt": [1, 2], "jpin": b64("<urn:in> <urn:e#least> 2 .")}).rsc == 2004
    assert len(rows(house.get(f"{house.name}/mash/msp").pc)) == 2


def test_construct(house, job):
    made = instance(house, job(PREFIX + "CONSTRUCT { ?r e:warm true } WHERE { ?r m:member ?x . ?x m:value ?v FILTER (?v > 22) }"))
    assert made.rsc == 2001, made
    assert "<urn:hall>" in result(house.get(f"{house.name}/mash/msp").pc)


def test_named_members(house, guest, job):
    at = job()
    (one,) = uris(house, "hall")
    assert instance(house, at, msm={"mmbr": [{"muri": one}]}).rsc == 2001
    assert mean(house.get(f"{house.name}/mash/msp").pc) == (24, 1)
    updated = house.update(f"{house.name}/mash", "m2m:smi", {"msm": None})  # looked for again
    assert updated.rsc == 2004 and {m["muri"] for m in updated.pc["msm"]["mmbr"]} == uris(house, "kitchen", "hall"), updated
    assert house.delete(f"{house.name}/hall").rsc == 2002
    answer = house.get(f"{house.name}/mash/msp")
    assert answer.rsc == 4121 and one in answer.dbg, answer
    assert instance(guest, at).rsc == 4121  # may find nothing of it
    assert instance(guest, at, msm={"mmbr": [{"muri": f"cse-in/{house.name}/kitchen"}]}).rsc == 4121


def test_refused(house, job):
    at = job()
    for attributes, rsc in (({"mjid": "cse-in/none"}, 4000), ({"mjid": f"cse-in/{house.name}"}, 4000), ({"rgt": 3}, 4000), ({"rgt": [1, 5]}, 4000), ({"rgt": []}, 4000), ({"jpin": b64("nonsense")}, 4000), ({"mst": 3}, 4000)):
        assert instance(house, **{"mjid": at, **attributes}).rsc == rsc, attributes
    assert job("an average").rsc == 4143
    assert job(mbft="whatever").rsc == 4143
    assert job("SELECT * FROM <file:///etc/passwd> {?s ?p ?o}").rsc == 4143


def test_periods_and_changes(stack, house, job):
    """Both go on after a kill."""
    assert instance(house, job(), rgt=[3], prg="PT1S").rsc == 2001
    assert eventually(lambda: len(results(house)) >= 2)
    assert house.update(f"{house.name}/mash", "m2m:smi", {"rgt": [4], "prg": None}).rsc == 2004

    def newest():
        found = results(house)
        return found and mean(found[-1])

    def follows(value):
        assert house.create(f"{house.name}/kitchen", 4, {"con": value}).rsc == 2001
        return eventually(lambda: newest() == ((value + 24) / 2, 2))

    assert follows(40) and follows(50)
    stack.kill("timing.1")
    assert follows(60)
    stack.wait_healthy()
    assert house.delete(f"{house.name}/mash").rsc == 2002
