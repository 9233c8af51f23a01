"""Semantic descriptors: their formats, changes by SPARQL, validation, semantic discovery and semantic query."""

import base64
import json
import urllib.parse

import pytest

from client import ACP, CNT, Client, Receiver

SMD, ONTR, ONT, GRP = 24, 38, 39, 9
TURTLE, XML, JSONLD = 5, 4, 7
ROOM = "@prefix e: <urn:e#> . <urn:room> a e:Room ; e:temp 21 ."


def b64(text):
    return base64.b64encode(text.encode()).decode()


def text(representation):
    return base64.b64decode(representation["dsp"]).decode()


def describe(client, parent, rn, turtle, **attributes):
    answer = client.request("POST", parent, {"m2m:smd": {"rn": rn, "dcrp": TURTLE, "dsp": b64(turtle), **attributes}}, ty=SMD)
    assert answer.rsc == 2001, answer
    return answer.pc


def post(client, parent, **attributes):
    return client.request("POST", parent, {"m2m:smd": attributes}, ty=SMD)


def put(client, path, **attributes):
    return client.update(path, "m2m:smd", attributes)


def smf(*queries):
    return "&".join("smf=" + urllib.parse.quote(q) for q in queries)


def query(client, path, sparql, more=""):
    return client.request("GET", f"/cse-in/{path}?sqi=true&rcn=10&{smf(sparql)}{more}")


def rows(answer):
    assert answer.rsc == 2000, answer
    result = answer.json["m2m:qres"]
    return sorted(tuple(row.get(v, {}).get("value") for v in result["head"]["vars"]) for row in result["results"]["bindings"])


# ---- descriptors

FORMATS = {
    "turtle": (TURTLE, ROOM),
    "RDF/XML": (XML, "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns:e='urn:e#'><e:Room rdf:about='urn:room'><e:temp rdf:datatype='http://www.w3.org/2001/XMLSchema#integer'>21</e:temp></e:Room></rdf:RDF>"),
    "JSON-LD": (JSONLD, '{"@context":{"@vocab":"urn:e#"},"@id":"urn:room","@type":"Room","temp":21}'),
}


@pytest.mark.parametrize("name", FORMATS)
def test_formats(ae, name):
    """Each format holds the same statements, can be asked, and is changed in place."""
    code, content = FORMATS[name]
    answer = post(ae, ae.name, rn="d", dcrp=code, dsp=b64(content))
    assert answer.rsc == 2001 and answer.pc["dsp"] == b64(content) and answer.pc["dcrp"] == code, answer
    ask = "SELECT ?t {?r a <urn:e#Room> ; <urn:e#temp> ?t}"
    assert rows(query(ae, ae.name, ask)) == [("21",)]
    assert put(ae, f"{ae.name}/d", soe="DELETE {?r <urn:e#temp> ?t} INSERT {?r <urn:e#temp> 25} WHERE {?r <urn:e#temp> ?t}").rsc == 2004
    assert rows(query(ae, ae.name, ask)) == [("25",)]
    assert ae.get(f"{ae.name}/d").pc["dcrp"] == code


BAD = {
    "IRI": (dict(dcrp=1, dsp=b64("urn:x")), 4000, "dcrp"),
    "functional style": (dict(dcrp=2, dsp=b64("Ontology()")), 5001, "dsp"),
    "OWL/XML": (dict(dcrp=3, dsp=b64("<Ontology/>")), 5001, "dsp"),
    "Manchester": (dict(dcrp=6, dsp=b64("Ontology:")), 5001, "dsp"),
    "unknown format": (dict(dcrp=8, dsp=b64(ROOM)), 4000, "dcrp"),
    "not turtle": (dict(dcrp=TURTLE, dsp=b64("this is no RDF")), 4000, "dsp: not Turtle"),
    "turtle as RDF/XML": (dict(dcrp=XML, dsp=b64(ROOM)), 4000, "dsp: not RDF/XML"),
    "not base64": (dict(dcrp=TURTLE, dsp="<urn:a>"), 4000, "dsp"),
    "context elsewhere": (dict(dcrp=JSONLD, dsp=b64('{"@context":"http://127.0.0.1:9/","@id":"urn:a"}')), 4000, "context by reference"),
    "soe at creation": (dict(dcrp=TURTLE, dsp=b64(ROOM), soe="INSERT DATA {}"), 4000, "soe"),
    "svd given": (dict(dcrp=TURTLE, dsp=b64(ROOM), svd=True), 4000, "svd"),
    "no format": (dict(dsp=b64(ROOM)), 4000, "dcrp"),
    "no content": (dict(dcrp=TURTLE), 4000, "dsp"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_descriptors(ae, case):
    attributes, rsc, why = BAD[case]
    answer = post(ae, ae.name, rn="bad", **attributes)
    assert answer.rsc == rsc and why in answer.dbg, answer
    assert ae.get(f"{ae.name}/bad").rsc == 4004


def test_updates(ae):
    describe(ae, ae.name, "d", ROOM, cr=None)
    path = f"{ae.name}/d"
    answer = put(ae, path, soe="PREFIX e: <urn:e#> INSERT DATA {<urn:room> e:floor 2}")
    assert answer.rsc == 2004 and "soe" not in answer.pc and "floor" in text(answer.pc), answer
    assert "soe" not in ae.get(path).pc
    bad = [
        (4000, dict(soe="INSERT DATA {}", dsp=b64(ROOM)), "soe: not together"),
        (4000, dict(soe="INSERT DATA {}", dcrp=XML), "soe: not together"),
        (4000, dict(dcrp=XML), "dsp: not RDF/XML"),  # what is there is no RDF/XML
        (4000, dict(dsp=b64("<")), "dsp: not Turtle"),
        (4143, dict(soe="DELETE everything"), "soe: "),
        (4143, dict(soe="LOAD <file:///etc/passwd>"), "soe: neither INSERT nor DELETE"),
        (4143, dict(soe="CLEAR ALL"), "soe: "),
        (4143, dict(soe="INSERT {?s <urn:p> ?o} WHERE {SERVICE <http://127.0.0.1:9/> {?s ?p ?o}}"), "soe: SERVICE"),
        (4143, dict(soe="INSERT DATA {?s <urn:p> 1}"), "soe: a variable in data"),
        (5212, dict(soe="DELETE {?s ?p ?o} WHERE {?s ?p ?o MINUS {?s a ?c}}"), "soe: the query cannot"),
    ]
    before = ae.get(path).pc
    for rsc, attributes, why in bad:
        answer = put(ae, path, **attributes)
        assert answer.rsc == rsc and why in answer.dbg, answer
    assert ae.get(path).pc == before
    assert put(ae, path, dcrp=JSONLD, dsp=b64('{"@id":"urn:a","urn:p":1}')).rsc == 2004
    assert put(ae, path, soe="INSERT DATA {<urn:a> <urn:p> 2}").rsc == 2004
    assert json.loads(text(ae.get(path).pc))[0]["@id"] == "urn:a"


def test_subscribers_hear_of_the_content(ae):
    """A change by SPARQL is a change of the descriptor."""
    describe(ae, ae.name, "d", ROOM)
    with Receiver() as receiver:
        assert ae.request("POST", f"{ae.name}/d", {"m2m:sub": {"nu": [receiver.url], "enc": {"net": [1]}}}, ty=23).rsc == 2001
        assert put(ae, f"{ae.name}/d", soe="INSERT DATA {<urn:x> <urn:y> <urn:z>}").rsc == 2004
        representation = receiver.next()["nev"]["rep"]["m2m:smd"]
        assert "urn:x" in text(representation) and "soe" not in representation


def test_ontologies(admin):
    answer = admin.request("POST", "", {"m2m:ontr": {"rn": "ontologies"}}, ty=ONTR)
    assert answer.rsc == 2001, answer
    try:
        ont = lambda **a: admin.request("POST", "ontologies", {"m2m:ont": a}, ty=ONT)  # noqa: E731
        assert ont(rn="there", ontf=1, ontc="http://example.org/ontology").rsc == 2001
        assert ont(rn="kept", ontf=3, ontc="<Ontology/>").rsc == 2001  # not read, but kept
        assert ont(rn="bad", ontf=TURTLE, ontc="nonsense").rsc == 4000
        assert ont(rn="o", ontf=TURTLE, ontc="<urn:e#Room> a <http://www.w3.org/2002/07/owl#Class> .").rsc == 2001
        answer = admin.update("ontologies/o", "m2m:ont", {"soe": "INSERT DATA {<urn:e#Hall> a <http://www.w3.org/2002/07/owl#Class>}"})
        assert answer.rsc == 2004 and "urn:e#Hall" in answer.pc["ontc"] and "soe" not in answer.pc, answer
        assert admin.update("ontologies/there", "m2m:ont", {"soe": "INSERT DATA {}"}).rsc == 4000
    finally:
        admin.delete("ontologies")


def test_validation(admin, ae):
    """validationEnable: against the ontology referred to, together with the related descriptors."""
    owl = "http://www.w3.org/2002/07/owl#"
    assert admin.request("POST", "", {"m2m:ontr": {"rn": "onts"}}, ty=ONTR).rsc == 2001
    try:
        ontology = f"@prefix o: <{owl}> . @prefix e: <urn:e#> . e:Room a o:Class ; o:disjointWith e:Hall . e:Hall a o:Class . e:temp a o:DatatypeProperty . e:next a o:ObjectProperty ."
        everyone = {"acr": [{"acor": ["all"], "acop": 2}, {"acor": ["CAdmin"], "acop": 63}]}
        assert admin.create("", ACP, {"rn": "onts-acp", "pv": everyone, "pvs": everyone}).rsc == 2001
        assert admin.request("POST", "onts", {"m2m:ont": {"rn": "o", "ontf": TURTLE, "ontc": ontology, "acpi": ["cse-in/onts-acp"]}}, ty=ONT).rsc == 2001
        assert admin.request("POST", "onts", {"m2m:ont": {"rn": "hidden", "ontf": TURTLE, "ontc": ontology}}, ty=ONT).rsc == 2001
        valid = dict(dcrp=TURTLE, dsp=b64(ROOM), vlde=True)
        path = f"{ae.name}/d"
        refused = [
            (4118, dict(valid, **{"or": "cse-in/onts/none"}), "or: "),
            (4118, dict(valid, **{"or": "http://example.org/ontology"}), "or: "),
            (4118, dict(valid, **{"or": "cse-in/onts/hidden"}), "or: "),
            (4118, dict(valid, **{"or": f"cse-in/{ae.name}"}), "or: "),
            (4119, dict(valid, rels=["cse-in/onts"]), "rels: "),
            (4119, dict(valid, rels=["gone"]), "rels: "),
            (4120, dict(valid, **{"or": "cse-in/onts/o"}, dsp=b64("<urn:r> a <urn:e#Rom> .")), "not in the ontology"),
            (4120, dict(valid, **{"or": "cse-in/onts/o"}, dsp=b64("<urn:r> <urn:e#next> 5 .")), "object property"),
            (4120, dict(valid, **{"or": "cse-in/onts/o"}, dsp=b64("<urn:r> a <urn:e#Room>, <urn:e#Hall> .")), "disjoint"),
        ]
        for rsc, attributes, why in refused:
            answer = post(ae, ae.name, rn="d", **attributes)
            assert answer.rsc == rsc and why in answer.dbg, answer
        answer = post(ae, ae.name, rn="d", **dict(valid, **{"or": "cse-in/onts/o"}))
        assert answer.rsc == 2001 and answer.pc["svd"] is True, answer
        assert put(ae, path, soe="INSERT DATA {<urn:room> <urn:e#next> 7}").rsc == 4120
        answer = put(ae, path, soe="INSERT DATA {<urn:room> <urn:e#next> <urn:hall>}")
        assert answer.rsc == 2004 and answer.pc["svd"] is True, answer
        other = describe(ae, ae.name, "other", "<urn:room> a <urn:e#Hall> .")
        assert put(ae, path, rels=[other["ri"]]).rsc == 4120  # a room there, a hall here
        answer = put(ae, path, vlde=False, dsp=b64("<urn:r> a <urn:e#Rom> ."))
        assert answer.rsc == 2004 and "svd" not in answer.pc, answer
        assert put(ae, path, vlde=True).rsc == 4120
    finally:
        admin.delete("onts")
        admin.delete("onts-acp")


# ---- semantic discovery

@pytest.fixture(scope="module")
def building(stack):
    """building: kitchen (21 degrees), hall (15, leads to the kitchen), cellar: wine (9); each described by "d"."""
    admin = Client(stack.http_port)
    ae = admin.ae("building", lbl=["big"])
    ae.name = "building"
    for path, lbl in (("kitchen", "warm"), ("hall", "cold"), ("cellar", "cold"), ("cellar/wine", "cold")):
        parent, _, rn = f"building/{path}".rpartition("/")
        assert ae.create(parent, CNT, {"rn": rn, "lbl": [lbl]}).rsc == 2001
    describe(ae, "building", "d", "<urn:building> a <urn:e#Building> .")
    kitchen = describe(ae, "building/kitchen", "d", "<urn:kitchen> a <urn:e#Room> ; <urn:e#temp> 21 .")
    describe(ae, "building/hall", "d", "<urn:hall> a <urn:e#Room> ; <urn:e#temp> 15 ; <urn:e#next> <urn:kitchen> .", rels=[kitchen["ri"]])
    describe(ae, "building/cellar/wine", "d", "<urn:wine> a <urn:e#Shelf> ; <urn:e#temp> 9 .")
    yield ae
    admin.delete("building")


def discover(client, *queries, more="", at="building"):
    answer = client.request("GET", f"/cse-in{at and '/' + at}?fu=1&{smf(*queries)}{more}")
    assert answer.rsc == 2000, answer
    return sorted(uri.removeprefix("cse-in/building/") for uri in answer.found)


ROOMS = "ASK {?r a <urn:e#Room>}"
COLD = "SELECT ?r {?r <urn:e#temp> ?t FILTER(?t < 16)}"


def test_what_is_described_is_found(building):
    assert discover(building, ROOMS) == ["hall", "kitchen"]
    assert discover(building, COLD) == ["cellar/wine", "hall"]
    assert discover(building, "ASK {?b a <urn:e#Building>}") == []  # the target itself is no result
    assert discover(building, "ASK {?b a <urn:e#Building>}", at="") == ["cse-in/building"]
    assert discover(building, "ASK {?x a <urn:e#Nothing>}") == []
    assert discover(building, "CONSTRUCT {?r a ?c} {?r a ?c ; <urn:e#temp> 9}") == ["cellar/wine"]


def test_several_queries_are_alternatives(building):
    assert discover(building, "ASK {?r a <urn:e#Shelf>}", "ASK {?r <urn:e#temp> 15}") == ["cellar/wine", "hall"]


def test_related_descriptors_belong_to_it(building):
    """The hall's descriptor says where it leads to, what that is says the kitchen's."""
    assert discover(building, "ASK {?r <urn:e#next> ?n . ?n <urn:e#temp> 21}") == ["hall"]
    assert discover(building, "ASK {?r <urn:e#temp> 21}") == ["hall", "kitchen"]


def test_with_other_criteria(building):
    assert discover(building, ROOMS, more="&lbl=cold") == ["hall"]
    assert discover(building, ROOMS, more="&lbl=warm&fo=2") == ["hall", "kitchen"]
    assert discover(building, ROOMS, more="&lbl=warm&fo=3") == ["hall"]
    assert discover(building, COLD, more="&lvl=1") == ["hall"]
    assert discover(building, ROOMS, more="&ty=4") == []
    assert len(discover(building, ROOMS, more="&lim=1")) == 1
    assert discover(building, ROOMS, more="&arp=d") == ["hall/d", "kitchen/d"]


def test_children_that_match(building):
    answer = building.request("GET", f"/cse-in/building?rcn=8&{smf(COLD)}")
    assert answer.rsc == 2000 and sorted(c["rn"] for c in answer.pc["m2m:cnt"]) == ["hall", "wine"], answer
    assert building.request("GET", f"/cse-in/building/hall?{smf(ROOMS)}").rsc == 5001  # the target alone


def test_rights(building, guest):
    """A descriptor counts only for those who may retrieve it, a result only for those who may discover it."""
    policy = lambda acop: {"acr": [{"acor": [guest.origin], "acop": acop}, {"acor": [building.origin], "acop": 63}]}  # noqa: E731
    assert discover(guest, ROOMS) == []
    assert building.create("building", ACP, {"rn": "see", "pv": policy(34), "pvs": policy(0)}).rsc == 2001
    assert building.update("building/hall", "m2m:cnt", {"acpi": ["cse-in/building/see"]}).rsc == 2004
    assert discover(guest, ROOMS) == []
    assert put(building, "building/hall/d", acpi=["cse-in/building/see"]).rsc == 2004
    assert discover(guest, ROOMS) == ["hall"]
    assert discover(guest, "ASK {?r <urn:e#next> ?n . ?n <urn:e#temp> 21}") == []  # the kitchen's is not for them
    assert rows(query(guest, "building/hall", "SELECT ?r {?r a <urn:e#Room>}")) == [("urn:hall",)]
    assert building.update("building/hall", "m2m:cnt", {"acpi": None}).rsc == 2004
    assert discover(guest, ROOMS) == []
    assert put(building, "building/hall/d", acpi=None).rsc == 2004
    assert query(guest, "building/hall", "ASK {}").rsc == 4103
    building.delete("building/see")


BAD_QUERIES = {
    "not SPARQL": ("all rooms", 4143),
    "broken": ("ASK {?s ?p", 4143),
    "a string without an end": ("ASK {?s ?p 'x}", 4143),
    "a file": ("SELECT * FROM <file:///etc/passwd> {?s ?p ?o}", 4143),
    "another server": ("ASK {SERVICE <http://127.0.0.1:9/> {?s ?p ?o}}", 4143),
    "an update": ("DELETE WHERE {?s ?p ?o}", 4143),
    "DESCRIBE": ("DESCRIBE <urn:hall>", 4143),
    "what is not supported": ("ASK {?s ?p ?o MINUS {?s a ?c}}", 5212),
}


@pytest.mark.parametrize("case", BAD_QUERIES)
def test_bad_queries(building, case):
    sparql, rsc = BAD_QUERIES[case]
    for answer in (building.request("GET", f"/cse-in/building?fu=1&{smf(sparql)}"), query(building, "building", sparql)):
        assert answer.rsc == rsc and "smf" in answer.dbg, answer
    if rsc == 4143:  # even where there is nothing to look at
        assert building.request("GET", f"/cse-in/building/kitchen/d?fu=1&{smf(sparql)}").rsc == rsc


# ---- semantic query

def test_query(building):
    assert rows(query(building, "building", "SELECT ?r ?t {?r a <urn:e#Room> ; <urn:e#temp> ?t}")) == [("urn:hall", "15"), ("urn:kitchen", "21")]
    assert rows(query(building, "building", "SELECT (MIN(?t) AS ?least) {?r <urn:e#temp> ?t}")) == [("9",)]
    assert rows(query(building, "building", "SELECT ?t {<urn:hall> <urn:e#next> ?n . ?n <urn:e#temp> ?t}")) == [("21",)]  # across descriptors
    assert rows(query(building, "building/cellar", "SELECT ?t {?r <urn:e#temp> ?t}")) == [("9",)]
    assert rows(query(building, "building/hall", "SELECT ?t {?r <urn:e#temp> ?t}")) == [("15",), ("21",)]  # with what is related
    assert rows(query(building, "building/kitchen/d", "SELECT ?t {?r <urn:e#temp> ?t}")) == [("21",)]  # a descriptor itself
    assert rows(query(building, "building", "SELECT ?t {?r <urn:e#temp> ?t}", "&lvl=1")) == []
    assert rows(query(building, "building", "SELECT ?b {?b a <urn:e#Building>}", "&lvl=1")) == [("urn:building",)]


def test_forms_of_the_result(building):
    assert query(building, "building", ROOMS).json == {"m2m:qres": {"head": {}, "boolean": True}}
    answer = query(building, "building", "SELECT ?t {<urn:hall> <urn:e#temp> ?t}").json
    assert answer == {"m2m:qres": {"head": {"vars": ["t"]}, "results": {"bindings": [{"t": {"type": "literal", "value": "15", "datatype": "http://www.w3.org/2001/XMLSchema#integer"}}]}}}
    assert "<urn:kitchen>" in query(building, "building", "CONSTRUCT {?a <urn:to> ?b} {?a <urn:e#next> ?b}").json["m2m:qres"]
    short = building.request("GET", f"/cse-in/building?sqi=1&{smf(ROOMS)}")  # rcn 10 goes without saying
    assert short.rsc == 2000 and short.json["m2m:qres"]["boolean"] is True


def test_malformed_requests(building):
    for path, rsc in ((f"rcn=10&{smf(ROOMS)}", 4000), ("sqi=true&rcn=10", 4000), (f"sqi=true&rcn=1&{smf(ROOMS)}", 4000), (f"sqi=true&fu=1&{smf(ROOMS)}", 4000),
                      (f"sqi=true&{smf(ROOMS, COLD)}", 4000), (f"sqi=true&{smf(ROOMS)}&lbl=x", 5001), ("fu=1&smf=", 4000)):
        answer = building.request("GET", f"/cse-in/building?{path}")
        assert answer.rsc == rsc, (path, answer)
    assert building.request("GET", f"/cse-in/nothing?sqi=true&{smf(ROOMS)}").rsc == 4004


def test_a_group_of_descriptors(building, guest):
    """The semanticFanOutPoint: a query over the descriptors that the members are, with what they are related to."""
    members = ["cse-in/building/cellar/wine/d", "cse-in/building/hall/d"]
    answer = building.request("POST", "building", {"m2m:grp": {"rn": "g", "mt": SMD, "mid": members, "mnm": 5}}, ty=GRP)
    assert answer.rsc == 2001, answer
    temperatures = "SELECT ?t {?r <urn:e#temp> ?t}"
    assert rows(query(building, "building/g/sfop", temperatures)) == [("15",), ("21",), ("9",)]
    assert query(building, "building/g/sfop", "ASK {?b a <urn:e#Building>}").json["m2m:qres"]["boolean"] is False
    assert query(building, "building/g/sfop", "all").rsc == 4143
    assert query(guest, "building/g/sfop", temperatures).rsc == 4103
    assert building.get("building/g/sfop").rsc == 4000 and building.delete("building/g/sfop").rsc == building.update("building/g/sfop", "m2m:smd", {}).rsc == building.create("building/g/sfop", CNT, {}).rsc == 4005
    inner = building.request("POST", "building", {"m2m:grp": {"rn": "outer", "mid": ["cse-in/building/g", "cse-in/building/kitchen/d"], "mnm": 5}}, ty=GRP)
    assert inner.rsc == 2001, inner
    assert rows(query(building, "building/outer/sfop", temperatures)) == [("15",), ("21",), ("9",)]
    everyone = {"acr": [{"acor": ["all"], "acop": 63}]}
    assert building.create("building", ACP, {"rn": "open", "pv": everyone, "pvs": everyone}).rsc == 2001
    assert building.update("building/g", "m2m:grp", {"macp": ["cse-in/building/open"]}).rsc == 2004
    assert rows(query(guest, "building/g/sfop", temperatures)) == []  # the group is open, its members are not
    for name in ("g", "outer", "open"):
        building.delete(f"building/{name}")


def test_many_descriptors(ae):
    """More than one page and one question; and a part of them is found exactly."""
    for i in range(150):
        assert ae.create(ae.name, CNT, {"rn": f"c{i}"}).rsc == 2001
        describe(ae, f"{ae.name}/c{i}", "d", f"<urn:c{i}> <urn:n> {i} .")
    answer = ae.request("GET", f"/cse-in/{ae.name}?fu=1&{smf('ASK {?c <urn:n> ?n FILTER(?n > 99)}')}")
    assert sorted(answer.found) == sorted(f"cse-in/{ae.name}/c{i}" for i in range(100, 150))
    assert rows(query(ae, ae.name, "SELECT (COUNT(?c) AS ?n) {?c <urn:n> ?v}")) == [("150",)]


def test_a_hostile_query_ends(building, admin):
    """A product of everything with itself is ended after its time; meanwhile and afterwards all else works."""
    everything = " . ".join(f"?a{i} ?b{i} ?c{i}" for i in range(30))
    answer = query(building, "building", f"SELECT (COUNT(*) AS ?n) {{{everything}}}")
    assert answer.rsc == 5212 and "too long" in answer.dbg, answer
    assert rows(query(building, "building", "SELECT ?b {?b a <urn:e#Building>}")) == [("urn:building",)]
    assert admin.get("").rsc == 2000
