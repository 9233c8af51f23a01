"""All resource types and their announced ones by what the standard's tables say about their attributes (model/types.json): CREATE, UPDATE and their refusals, RETRIEVE, DELETE."""

import copy
import json
import pathlib
import re

import pytest

from client import Client, numbers
from tokens import token

MODEL = json.loads((pathlib.Path(__file__).parent / "model/types.json").read_text())
UNIVERSAL = {"rn": "string 1 O NP NA", "ty": "posint 1 NP NP NA", "ri": "id 1 NP NP NA", "pi": "id 1 NP NP NA", "ct": "timestamp 1 NP NP NA", "lt": "timestamp 1 NP NP NA"}

# ---- what the tables do not say: a type with rules of its own adapts its rows here

# Attributes that are there, but are refused for now with 5001, or by a rule that other tests look at.
ASIDE = {"at", "aa", "daci", ("sub", "psn"), ("sub", "acrs"), ("sub", "enc"), ("sub", "nct"), ("sub", "eeno"), ("cin", "dcnt"), ("stcl", "evi"), ("crs", "srat"), ("crs", "eem"),
         ("lcp", "gta"), ("lcp", "gec"), ("lcp", "lon"), ("smd", "soe"), ("ont", "soe"), ("smi", "msm"),
         ("tram", "tctl"), ("actr", "ipu"), ("grp", "spty"), ("grp", "ssi"), ("grp", "macp"), ("stte", "sttrs"), ("stte", "stac"), ("sch", "nco"), ("actr", "sri"), ("actr", "dep"), ("depr", "sri"), ("prmr", "atcos"), ("prmr", "edcos"), ("prmr", "encos"), ("prmr", "inst"), ("prmr", "cust")}
# Presence on CREATE and UPDATE where this CSE deviates: applications of release 1 and 2 send no srv.
# A remoteCSE that the CSE itself or its administrator makes says for whom.
PRESENCE = {("csr", "csi"): ("M", "NP"), ("ae", "srv"): ("O", "O"), ("sub", "psn"): ("O", "NP"), ("crs", "rrat"): ("M", "NP"), ("crs", "encs"): ("M", "NP")}
# Types that only the CSE makes although the tables let requests do it: all attributes are NP.
OPERATIONS = {"smr": "D"}
# What the place to create others in has, where there can be only one with the usual value.
OWN = {"csr": {"csi": "/id-place"}}
# Types that are looked at elsewhere: there is nothing to create without a specialization, or without an underlying network.
ELSEWHERE = {"fcnt", "tgr", "bdt"}
# What the token of a <token> says: its attributes must be the same.
CLAIMS = {"vr": "1", "tkid": "id", "tkhd": "Cholder", "tkis": "Cnobody", "tknb": "20250101T000000", "tkna": "20290101T000000", "tknm": "name", "tkau": ["/id-in"], "tkps": {"pm": [{"ris": ["cse-in"]}]}, "tkex": "text"}
# Values that fit, by attribute or by type and attribute.
VALUES = {
    **{("tk", name): value for name, value in CLAIMS.items()}, ("tk", "tkob"): token(CLAIMS),
    "api": "N.app", "poa": ["http://127.0.0.1:9/"], "dap": ["http://127.0.0.1:9/"], "csz": ["application/json"], "srv": ["3"], "et": "20290101T000000", "cr": None, "cnf": "text/plain:0", "loc": {"typ": 1, "crd": [13.4, 52.5]},
    ("csr", "csi"): "/id-other", "acpi": ["acp"],  # replaced by a policy that is there
    "pvs": {"acr": [{"acor": ["all"], "acop": 63}]}, "nar": {"num": 2}, "bn": {"num": 2}, "rl": {"mnn": 1, "tww": "PT1S"}, ("prp", "adds"): [{"nm": "lbl", "val": "x"}], ("prp", "dels"): ["lbl"], ("prp", "appl"): ["1"], ("sub", "nu"): ["http://127.0.0.1:9/"],
    ("acp", "pv"): {"acr": [{"acor": ["all"], "acop": 63}]}, "conr": {"urir": [{"nm": "a", "uri": "b"}]}, "accr": [52.5, 13.4, 100], "accc": ["DE"], "ipv4": ["10.0.0.0/8"], "ipv6": ["fd00::/8"], "dcrp": 4, "imsi": "262019876543210", "icid": "8949020000001234567", "ip4": "10.0.0.1", "ip6": "fd00::1",
    ("smjp", "mbft"): "ASK { <urn:types> <urn:b> 1 }", ("smjp", "fucd"): "QVNLIHt9", ("smi", "mjid"): "cse-in/typesJob", ("smi", "jpin"): "PHVybjphPiA8dXJuOmI+IDEgLg==",
    ("smd", "dcrp"): 5, ("smd", "dsp"): "PHVybjphPiA8dXJuOmI+IDEgLg==", ("smd", "vlde"): False, ("ont", "ontf"): 1, ("lcp", "lit"): 1,
    ("mgc", "exe"): False, "nl": "/id-other/nod1", "hael": ["/id-other/Cx"], "hcl": "/id-other",
    ("crs", "rrat"): ["cse-in"], ("crs", "encs"): {"encn": [{"net": [1]}]}, ("crs", "nu"): ["http://127.0.0.1:9/"], ("crs", "su"): "http://127.0.0.1:9/", ("ts", "pei"): 1000, ("ts", "peid"): 100, ("ts", "mdt"): 500,
    ("tram", "rqps"): {"req": [{"op": 2, "to": "cse-in/none", "fr": "CAdmin", "rqi": "1", "mi": {"rvi": "3"}}]}, ("trac", "rqp"): {"op": 2, "to": "cse-in", "fr": "CAdmin", "rqi": "1", "rvi": "3"},
    ("actr", "orc"): "id-in", ("depr", "rri"): "id-in", ("actr", "apv"): {"op": 2, "to": "/id-in", "fr": "CAdmin", "rqi": "1", "rvi": "3"}, ("grp", "mid"): ["/id-in"], ("grp", "mt"): 5, ("grp", "mnm"): 3, ("tsb", "bcnc"): 1, ("evcg", "evt"): 1, ("evcg", "eve"): "20290102T000000", ("actr", "evc"): {"optr": 1, "sbjt": "rn", "thld": "x"}, ("depr", "evc"): {"optr": 1, "sbjt": "rn", "thld": "x"},
}
# Attributes that change by themselves as soon as the resource is there.
MOVING = {"tram": {"trst", "tctl", "rsps", "lt"}}
# Where a resource of a type is made for the walk, instead of below the first of its parents.
PLACE = {"pch": "ae", "sch": "nod"}
# Switches that cannot be true together with others of the same request, or keep others from being changed.
ALONE = {("ts", "mdd"), ("swr", "un"), ("swr", "dea"), ("dvc", "dis"), ("rbo", "far"), ("evl", "lgo"), ("tsb", "bcni"), ("tsb", "bcnt"), ("tsb", "bcnr"), ("prmr", "prct")}


def attributes(sn):
    """Of a type: name -> (kind, multiplicity, on create, on update)."""
    t = MODEL["types"][sn]
    rows = {**UNIVERSAL, **{name: MODEL["common"][name] for name in t["common"].split()}, **t["attributes"]}
    found = {}
    for name, text in rows.items():
        kind, mult, create, update, _ = text.split()
        create, update = PRESENCE.get((sn, name), (create, update))
        found[name] = (kind, mult, create, update)
    return found


def announced(sn):
    """Of a type: the kinds of what its announced resources may have, besides what all of these have."""
    t = MODEL["types"][sn]
    rows = {**{name: MODEL["common"][name] for name in t["common"].split()}, **t["attributes"]}
    return {name: text.split()[0] for name, text in rows.items() if text.split()[4] != "NA"}


def operations(sn):
    return OPERATIONS.get(sn, MODEL["types"][sn]["operations"])


SIMPLE = {"string": "text", "id": "Cid", "uri": "/id-in/x", "ncname": "name", "bool": True, "uint": 3, "uint32": 3, "posint": 3, "int": -3, "float": 1.5, "timestamp": "20290101T000000", "absrel": "20290101T000000", "duration": "PT10S",
          "base64": "QUI=", "schedule": "* * * * * * *", "eventcat": 4, "category": 0, "mask": 63, "any": {"x": [1, "2"]}, "simple": "21.5", "content": {"m2m:cnt": {}}, "minmax": [-1, 10]}
WRONG = {"string": 5, "id": "a b", "uri": "", "ncname": "1x", "bool": "true", "uint": -1, "uint32": 1 << 32, "posint": 0, "int": 0.5, "float": "1", "timestamp": "20291301T000000", "absrel": 5, "duration": "10S", "base64": "QUI",
         "schedule": "* * *", "eventcat": 5, "category": 1, "mask": 64, "simple": [1], "content": {}, "minmax": [10, 1], "enum": 9999, "object": "x"}


def value(sn, name, kind):
    """A right value, with all members of a complex type."""
    for key in ((sn, name), name):
        if key in VALUES:
            return copy.deepcopy(VALUES[key])
    if kind.startswith("list:"):
        return [value(sn, None, kind[5:])]
    kind, _, detail = kind.partition("=")
    if kind == "enum":
        return MODEL["enumerations"][detail][-1]
    if kind == "object":
        return {member: value(None, member, text.split()[0]) for member, text in MODEL["complex"][detail].items()}
    return SIMPLE[kind]


def wrong(kind):
    """A value of another kind; None if all kinds are right."""
    if kind.startswith("list:"):
        return "x"
    return WRONG.get(kind.partition("=")[0])


def still(sn, answer):
    """The resource, without what changes by itself."""
    return list(answer.json), {name: v for name, v in answer.pc.items() if name not in MOVING.get(sn, ())}


def aside(sn, name):
    return name in ASIDE or (sn, name) in ASIDE


TYPES = list(MODEL["types"])
CREATABLE = [sn for sn in TYPES if "C" in operations(sn) and sn not in ELSEWHERE]
NOT_CREATABLE = [sn for sn in TYPES if "C" not in operations(sn)]


class World:
    """Places below which the types are made, each made once."""

    def __init__(self, port):
        self.admin = Client(port)
        self.places = {"cb": ("", self.admin)}
        for sn, parent, given in (("smjp", "", {"rn": "typesJob"}), ("cnt", "", {"rn": "typesMember"}), ("smd", "typesMember", {"dsp": "PHVybjp0eXBlcz4gPHVybjpiPiAxIC4="})):  # a mashup has members
            assert self.make(sn, parent, self.admin, **given).rsc == 2001
        self.acp = self.make("acp", "", self.admin, pv={"acr": [{"acor": ["all"], "acop": 63}]}).pc["ri"]

    def client(self, sn, inherited):
        return Client(self.admin.port, "C") if sn == "ae" else inherited

    def least(self, sn):
        """The mandatory attributes."""
        given = {name: value(sn, name, kind) for name, (kind, _, create, _) in attributes(sn).items() if create == "M"}
        if "mgd" in MODEL["types"][sn]:
            given["mgd"] = MODEL["types"][sn]["mgd"]
        return given

    def make(self, sn, parent, client, /, **given):
        """CREATE with the mandatory attributes and these."""
        t = MODEL["types"][sn]
        given = {**self.least(sn), **given}
        return self.client(sn, client).request("POST", parent, {t["key"]: {k: v for k, v in given.items() if v is not ...}}, ty=t["ty"])

    def inside(self, sn):
        """The path of a resource of this type to create others in, and who may."""
        if sn not in self.places:
            path, client = self.place(sn)
            rn = f"place{next(numbers)}"
            answer = self.make(sn, path, client, rn=rn, acpi=[self.acp] if "acpi" in attributes(sn) else ..., **OWN.get(sn, {}))
            assert answer.rsc == 2001, answer
            if sn == "ae":
                client = Client(self.admin.port, answer.pc["aei"])
            self.places[sn] = ("/" + answer.pc["ri"], client)
        return self.places[sn]

    def place(self, sn):
        """The same for where resources of this type are made."""
        parents = MODEL["types"][sn]["parents"].split()
        return self.inside(PLACE.get(sn) or ("cb" if "cb" in parents else parents[0]))

    def announce(self, sn, /, **given):
        """CREATE of an announced resource."""
        t = MODEL["types"][sn]
        parents = t["announced"].split()
        parent = "cbA" if "cbA" in parents else parents[0]
        if parent not in self.places and parent.endswith("A"):
            answer = self.announce(parent[:-1], lnk="/other/x", rn=f"place{next(numbers)}")
            assert answer.rsc == 2001, answer
            self.places[parent] = ("/" + answer.pc["ri"], self.admin)
        path, client = self.inside(parent)
        return client.request("POST", path, {t["key"] + "A": given}, ty=10000 + t["ty"])

    def create(self, sn, /, **given):
        """CREATE at the type's place; the answer, and a function that removes what was made."""
        path, client = self.place(sn)
        answer = self.make(sn, path, client, **given)
        if answer.rsc == 2001:
            self.made = Client(self.admin.port, answer.pc["aei"]) if sn == "ae" else client
        return answer

    def refused(self, sn, rsc, /, **given):
        answer = self.create(sn, **given)
        if answer.rsc == 2001:
            self.made.delete("/" + answer.pc["ri"])
        assert answer.rsc == rsc, (given, answer)
        return answer

    def update(self, sn, ri, name, new):
        return self.made.update("/" + ri, MODEL["types"][sn]["key"], {name: new})


@pytest.fixture(scope="module")
def world(stack):
    return World(stack.http_port)


@pytest.fixture
def resource(world, request):
    """A resource of a type with all that may be given in CREATE: the type, what was given, the answer."""
    sn = request.param
    given = {name: value(sn, name, kind) for name, (kind, _, create, _) in attributes(sn).items() if create != "NP" and name != "rn" and not aside(sn, name) and (sn, name) not in ALONE}
    if "acpi" in given:
        given["acpi"] = [world.acp]
    if "mgd" in MODEL["types"][sn]:
        given["mgd"] = MODEL["types"][sn]["mgd"]
    answer = world.create(sn, **given)
    assert answer.rsc == 2001, answer
    yield sn, given, answer
    assert world.made.delete("/" + answer.pc["ri"]).rsc in (2002, 4004)


@pytest.mark.parametrize("sn", CREATABLE)
def test_the_least(world, sn):
    answer = world.create(sn)
    assert answer.rsc == 2001, answer
    t, a, known = MODEL["types"][sn], answer.pc, attributes(sn)
    assert list(answer.json) == [t["key"]] and a["ty"] == t["ty"]
    assert {"rn", "ri", "pi", "ct", "lt"} <= set(a) <= set(known)
    assert {**a, **world.least(sn)} == a
    assert still(sn, world.made.get("/" + a["ri"])) == still(sn, answer)
    assert world.made.delete("/" + a["ri"]).rsc == 2002
    assert world.made.get("/" + a["ri"]).rsc in (4004, 4106)


@pytest.mark.parametrize("resource", CREATABLE, indirect=True)
def test_all_that_was_given_comes_back(world, resource):
    sn, given, answer = resource
    shown = world.made.get("/" + answer.pc["ri"])
    assert still(sn, shown) == still(sn, answer)
    for name, new in given.items():
        expected = world.made.origin if name == "cr" else new
        assert shown.pc[name] == expected or name == "et" and shown.pc[name][:15] <= new, name


@pytest.mark.parametrize("sn", CREATABLE)
def test_refused_in_create(world, sn):
    for name, (kind, _, create, _) in attributes(sn).items():
        if aside(sn, name):
            continue
        if create == "M":
            answer = world.refused(sn, 4000, **{name: ...})
            assert answer.dbg.startswith(f"{name}: mandatory, missing") or sn == "crs"
        if create == "NP":
            answer = world.refused(sn, 4000, **{name: value(sn, name, kind)})
            assert answer.dbg == f"{name}: not permitted in CREATE"
        elif wrong(kind) is not None:
            answer = world.refused(sn, 4000, **{name: wrong(kind)})
            assert re.match(rf"{name}\b", answer.dbg), answer
    assert world.refused(sn, 4000, nosuch=1).dbg.startswith("nosuch: unknown attribute")


@pytest.mark.parametrize("resource", [sn for sn in CREATABLE if "U" in operations(sn)], indirect=True)
def test_update(world, resource):
    sn, given, answer = resource
    ri, a = answer.pc["ri"], answer.pc
    for name, (kind, mult, _, update) in attributes(sn).items():
        if aside(sn, name) or (sn, name) in ALONE or name == "acpi":
            continue
        new = given.get(name, value(sn, name, kind))
        if update == "NP":
            answer = world.update(sn, ri, name, new)
            assert (answer.rsc, answer.dbg) == (4000, f"{name}: not permitted in UPDATE"), (name, answer)
            continue
        if wrong(kind) is not None:
            assert world.update(sn, ri, name, wrong(kind)).rsc == 4000, name
        answer = world.update(sn, ri, name, new)
        assert answer.rsc == 2004 and (answer.pc[name] == new or name == "et"), (name, answer)
        answer = world.update(sn, ri, name, None)
        if mult == "1" and name != "et":
            assert (answer.rsc, answer.dbg) == (4000, f"{name}: mandatory, cannot be deleted"), name
        else:
            assert answer.rsc == 2004 and (name not in answer.pc or name == "et"), (name, answer)
    assert world.update(sn, ri, "nosuch", None).rsc == 4000
    after = world.made.get("/" + ri).pc
    assert all(after[name] == a[name] for name in ("rn", "ri", "pi", "ty", "ct"))


@pytest.mark.parametrize("resource", [sn for sn in CREATABLE if "U" not in operations(sn)], indirect=True)
def test_never_updated(world, resource):
    sn, _, answer = resource
    assert world.update(sn, answer.pc["ri"], "lbl", ["x"]).rsc == 4005


@pytest.mark.parametrize("sn", CREATABLE)
def test_wrong_parent(world, sn):
    parents = MODEL["types"][sn]["parents"].split()
    parent = next(other for other in ("cb", "ae", "acp", "sub", "tram") if other not in parents)
    path, client = world.inside(parent)
    answer = world.make(sn, path, client)
    assert answer.rsc == {"sub": 5203, "csr": 4005}.get(sn, 4108), answer  # an AE tried


@pytest.mark.parametrize("sn", NOT_CREATABLE)
def test_never_created_by_request(world, sn):
    t = MODEL["types"][sn]
    assert world.admin.request("POST", "", {t["key"]: {}}, ty=t["ty"]).rsc == 4005


@pytest.mark.parametrize("sn", [sn for sn in TYPES if MODEL["types"][sn].get("announced") and sn not in ELSEWHERE])
def test_announced(world, sn):
    t, may = MODEL["types"][sn], announced(sn)
    link = {"lnk": "/other/original", **({"mgd": t["mgd"]} if "mgd" in t else {})}
    for given in (link, {**{name: value(sn, name, kind) for name, kind in may.items() if not aside(sn, name) and (sn, name) not in ALONE}, **link}):
        if "acpi" in given:
            given["acpi"] = [world.acp]
        answer = world.announce(sn, **given)
        assert answer.rsc == 2001, answer
        a = answer.pc
        assert list(answer.json) == [t["key"] + "A"] and a["ty"] == 10000 + t["ty"]
        assert all(a[name] == new or name == "et" for name, new in given.items())
        updated = world.admin.update("/" + a["ri"], t["key"] + "A", {"lnk": "INACTIVE"})
        assert updated.rsc == 2004 and updated.pc["lnk"] == "INACTIVE"
        assert world.admin.get("/" + a["ri"]).pc == updated.pc
        assert world.admin.delete("/" + a["ri"]).rsc == 2002
    assert world.announce(sn, **{**link, "lnk": None}).rsc == 4000
    for name in attributes(sn):
        if name not in may and name not in UNIVERSAL and name not in ("et", "lbl", "acpi", "daci", "cstn", "ast"):
            answer = world.announce(sn, **link, **{name: 1})
            assert answer.rsc == 4000 and answer.dbg.startswith(f"{name}: unknown attribute"), answer
