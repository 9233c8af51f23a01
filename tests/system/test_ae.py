"""Registration of applications, and who may speak at all; TS-0001 9.6.5, TS-0004 7.4.5 and 7.2.2.2 step 3."""

import itertools

import pytest

from client import ACP, AE, CIN, CNT, SUB

counter = itertools.count(1)
LEAST = {"api": "N.test", "rr": True, "srv": ["3"]}


def fresh(prefix="C"):
    """An AE-ID stem that nobody has used."""
    return f"{prefix}fresh{next(counter)}"


@pytest.fixture
def register(admin):
    """Registers, and deregisters at the end."""
    done = []

    def register(origin, attributes=None, at="", **more):
        answer = admin.as_(origin).create(at, AE, LEAST if attributes is None else attributes, **more)
        if answer.rsc == 2001:
            done.append(answer.pc["ri"])
        return answer

    yield register
    for ri in done:
        admin.delete("/" + ri)


def test_the_cse_assigns_an_id(register):
    for origin, begins in ((None, "C"), ("", "C"), ("C", "C"), ("S", "S")):
        answers = [register(origin) for _ in range(3)]
        assert [a.rsc for a in answers] == [2001] * 3, (origin, answers)
        ids = {a.pc["aei"] for a in answers}
        assert len(ids) == 3 and all(i.startswith(begins) and len(i) > 1 for i in ids), (origin, ids)
        assert all(a.pc["ri"] == a.pc["aei"] for a in answers)


def test_the_application_brings_its_id(register, admin):
    for stem in (fresh("C"), fresh("S"), fresh("C") + "-._~x"):
        answer = register(stem)
        assert answer.rsc == 2001 and answer.pc["aei"] == answer.pc["ri"] == stem, answer
        assert admin.as_(stem).get("/" + stem).rsc == 2000


@pytest.mark.parametrize("origin", ["X1", "x", "c1", "s1", "1C", "Ca/b", "C*", "Ca b", "C%41", "/C1", "/id-in/C1", "//sp/id-in/C1", "/id-in", "/other", "C" * 300])
def test_stems_that_are_none(register, origin):
    assert register(origin).rsc == 4000


def test_an_id_is_given_once(register, admin):
    stem = fresh()
    assert register(stem, {**LEAST, "rn": stem + "a"}).rsc == 2001
    assert register(stem, {**LEAST, "rn": stem + "b"}).rsc == 4117
    assert register(stem, {**LEAST, "rn": stem + "a"}).rsc == 4117
    assert admin.get(stem + "b").rsc == 4004
    assert admin.delete(stem + "a").rsc == 2002
    assert register(stem, {**LEAST, "rn": stem + "b"}).rsc == 2001


def test_a_name_is_given_once(register):
    rn = fresh("n")
    assert register(fresh(), {**LEAST, "rn": rn}).rsc == 2001
    assert register(fresh(), {**LEAST, "rn": rn}).rsc == 4105


def test_an_id_of_another_resource_is_not_free(register, ae):
    ae.create(ae.name, CNT, {"rn": "c"})
    taken = ae.get(f"{ae.name}/c").pc["ri"]
    assert register(taken).rsc in (4000, 4117)


def test_what_the_answer_holds(register, admin):
    stem = fresh()
    answer = register(stem, {**LEAST, "rn": stem, "lbl": ["a"]})
    base = admin.get().pc
    a = answer.pc
    assert (a["ty"], a["rn"], a["pi"], a["api"], a["rr"], a["srv"], a["lbl"]) == (2, stem, base["ri"], "N.test", True, ["3"], ["a"])
    assert a["ct"] == a["lt"] and a["et"] > a["ct"]
    assert answer.headers["Content-Location"].endswith(f"cse-in/{stem}")
    assert register(None).pc["rn"]


@pytest.mark.parametrize("api,rsc", [("N.x", 2001), ("R.x", 2001), ("r.x", 2001), ("N", 2001), ("n.x", 4000), ("x", 4000), ("0N", 4000), (" N", 4000), ("", 4000), (1, 4000), (None, 4000)])
def test_first_letter_of_the_app_id(register, api, rsc):
    assert register("C", {**LEAST, "api": api}).rsc == rsc


@pytest.mark.parametrize("missing", ["api", "rr"])
def test_mandatory(register, missing):
    answer = register("C", {k: v for k, v in LEAST.items() if k != missing})
    assert answer.rsc == 4000 and missing in answer.dbg


def test_releases(register):
    assert register("C", {**LEAST, "srv": ["1", "2", "2a", "3", "4", "5"]}).rsc == 2001
    assert register("C", {"api": "N.x", "rr": True}, headers={"X-M2M-RVI": None}).rsc == 2001  # release 1 has no srv
    for srv in (["6"], ["3", "x"], "3", [3], 3, [""]):
        assert register("C", {**LEAST, "srv": srv}).rsc == 4000, srv


NOT_PERMITTED = {"ri": "x", "aei": "Cx", "ty": 2, "pi": "x", "ct": "20260101T000000", "lt": "20260101T000000", "st": 0, "cr": None, "unknown": 1, "con": 1}


@pytest.mark.parametrize("name", NOT_PERMITTED)
def test_not_permitted_on_create(register, name):
    answer = register("C", {**LEAST, name: NOT_PERMITTED[name]})
    assert answer.rsc == 4000 and name in answer.dbg


KEPT = {
    "apn": "name", "poa": ["http://127.0.0.1:1/x", "mqtt://localhost:1883", "coap://[::1]/x", "ws://default"], "or": "http://example.com/o", "nl": "/id-other/nod1",
    "csz": ["application/json", "cbor"], "mei": "x@example.com", "regs": 1, "trps": False, "scp": ["a"], "tren": True, "tri": 1, "trn": 4294967295,
    "lbl": ["a", "k:v"], "rr": False, "loc": {"typ": 1, "crd": "[52.5,13.4]"},
}


@pytest.mark.parametrize("name", KEPT)
def test_attributes_are_kept_changed_and_removed(register, admin, name):
    stem = fresh()
    assert register(stem, {**LEAST, name: KEPT[name]}).rsc == 2001
    mine = admin.as_(stem)
    assert mine.get("/" + stem).pc[name] == KEPT[name]
    assert mine.update("/" + stem, "m2m:ae", {name: KEPT[name]}).pc[name] == KEPT[name]
    removed = mine.update("/" + stem, "m2m:ae", {name: None})
    if name == "rr":
        assert removed.rsc == 4000  # multiplicity 1
    else:
        assert removed.rsc == 2004 and name not in removed.pc and name not in mine.get("/" + stem).pc


WRONG = {"poa": ["no address"], "rr": "true", "lbl": "a", "csz": ["//"], "regs": 3, "tren": 1, "tri": -1, "trn": 4294967296, "apn": 1, "et": "tomorrow", "acpi": "x"}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_values(register, ae, name):
    assert register("C", {**LEAST, name: WRONG[name]}).rsc == 4000
    assert ae.update(ae.name, "m2m:ae", {name: WRONG[name]}).rsc == 4000


@pytest.mark.parametrize("attributes", [{"api": "N.y"}, {"rn": "y"}, {"ri": "y"}, {"aei": "Cy"}, {"ty": 2}, {"pi": "y"}, {"ct": "20260101T000000"}, {"unknown": 1}])
def test_not_permitted_on_update(ae, attributes):
    before = ae.get(ae.name).text
    assert ae.update(ae.name, "m2m:ae", attributes).rsc == 4000
    assert ae.get(ae.name).text == before


def test_only_below_the_base(ae, register):
    ae.create(ae.name, CNT, {"rn": "c"})
    for at in (ae.name, f"{ae.name}/c"):
        assert register(fresh(), at=at).rsc == 4108, at


def test_deregistration(admin):
    ae = admin.ae("leaving")
    ae.create("leaving", CNT, {"rn": "c"})
    ae.create("leaving/c", CIN, {"con": 1})
    ae.create("leaving/c", SUB, {"rn": "s", "nu": ["http://127.0.0.1:1"]})
    ids = [ae.get(at).pc["ri"] for at in ("leaving", "leaving/c", "leaving/c/la", "leaving/c/s")]
    assert ae.delete("leaving").rsc == 2002
    for at in ("leaving", "leaving/c", "leaving/c/la", "leaving/c/s", *("/" + i for i in ids)):
        assert admin.get(at).rsc == 4004, at
    answer = ae.get("")
    assert answer.rsc == 4106 and answer.status == 403


def test_others_cannot_deregister_it(ae, guest, admin):
    assert guest.delete(ae.name).rsc == 4103
    assert guest.update(ae.name, "m2m:ae", {"apn": "x"}).rsc == 4103
    assert guest.get(ae.name).rsc == 4103
    assert admin.delete(ae.name).rsc == 2002


def operations(client, ae):
    """Each operation but registration as this client: name and answer."""
    client = client.as_(client.origin)
    return {
        "CREATE": client.create(ae.name, CNT, {}),
        "RETRIEVE": client.get(ae.name),
        "UPDATE": client.update(ae.name, "m2m:ae", {"apn": "x"}),
        "DELETE": client.delete(f"{ae.name}/none"),
        "discovery": client.discover(""),
        "NOTIFY": client.request("POST", ae.name, {"m2m:sgn": {"vrq": True, "sur": "x"}}),
    }


ORIGINATORS = {
    "not registered": ("Cnobody", 4106),
    "not registered, S": ("Snobody", 4106),
    "just the letter": ("C", 4106),
    "an id of another resource": ("id-in", 4106),
    "absent": (None, 4000),
    "empty": ("", 4000),
    "no id at all": ("a b", 4000),
    "another CSE": ("/other", 4107),
    "another CSE, absolute": ("//other.example.com/other", 4107),
    "AE of another CSE": ("/other/Cae", 4106),
    "own AE, SP-relative": ("/id-in/{0}", 4000),
    "own AE, absolute": ("//tessera.example.com/id-in/{0}", 4000),
}


@pytest.mark.parametrize("case", ORIGINATORS)
def test_who_may_not_speak(ae, case):
    origin, rsc = ORIGINATORS[case]
    for operation, answer in operations(ae.as_(origin and origin.format(ae.origin)), ae).items():
        assert answer.rsc == rsc, (operation, answer)


def test_a_container_id_is_no_originator(ae):
    ri = ae.create(ae.name, CNT, {"rn": "c"}).pc["ri"]
    assert ae.as_(ri).get(ae.name).rsc == 4106


@pytest.mark.parametrize("origin", ["CAdmin", "/id-in"])
def test_administrator_and_the_cse_itself_may_do_all(ae, origin):
    free = ae.as_(origin)
    acr = [{"acor": [ae.origin], "acop": 63}]
    ae.create(ae.name, ACP, {"rn": "acp", "pv": {"acr": acr}, "pvs": {"acr": acr}})
    ae.create(ae.name, CNT, {"rn": "c", "acpi": [f"cse-in/{ae.name}/acp"]})
    assert free.create(f"{ae.name}/c", CIN, {"con": 1}).rsc == 2001
    assert free.get(f"{ae.name}/c/la").rsc == 2000
    assert free.update(f"{ae.name}/c", "m2m:cnt", {"acpi": None}).rsc == 2004
    assert len(free.discover(ae.name).found) == 3
    assert free.delete(f"{ae.name}/acp").rsc == 2002
    assert free.update(ae.name, "m2m:ae", {"apn": "x"}).rsc == 2004
    assert free.delete(ae.name).rsc == 2002


def test_nobody_becomes_administrator_by_registration(register):
    assert register("CAdmin").rsc != 2001


def test_the_base_is_open_for_reading_only(ae):
    base = ae.get("")
    assert base.rsc == 2000 and 2 in base.pc["srt"] and "3" in base.pc["srv"] and base.pc["ty"] == 5
    assert {"rn", "ty", "ri", "pi", "ct", "lt", "csi", "srt", "poa", "spi"} <= set(base.pc) and base.pc["spi"] == "//tessera.example.com", "all that have multiplicity 1"
    assert ae.create("", CNT, {"rn": "mine"}).rsc == 4103
    assert ae.update("", "m2m:cb", {"lbl": ["x"]}).rsc == 4005
    assert ae.delete("").rsc == 4005
    assert ae.as_("CAdmin").update("", "m2m:cb", {"lbl": ["x"]}).rsc == 4005
    assert ae.as_("CAdmin").delete("").rsc == 4005
    assert ae.as_("CAdmin").request("POST", "", {"m2m:cb": {}}, ty=5).rsc == 4005
