"""Three installations that know each other, IN - MN - ASN, as docs/federation.md sets them up: registration, requests passed on, notifications, and what happens when one goes away."""

import base64
import re
import subprocess
import threading
import time

import cbor2
import pytest

from client import ACP, AE, CIN, CNT, CSR, NOD, SCH, SUB, Client, Receiver, eventually, stamp
from stack import ROOT, Stack

PAGE = (ROOT / "docs/federation.md").read_text()
ALL = {"acr": [{"acor": ["all"], "acop": 63}]}
NAMES = ("in", "mn", "asn")


class Cse:
    """One installation, its administrator, an AE, and a container that everybody may use."""

    def __init__(self, name, **settings):
        self.name, self.id = name, f"/id-{name}"
        self.stack = Stack(REGISTRATION_INTERVAL=1, REGISTRATION_RETRY=1, STORAGE_SWEEP=1000, **settings)
        self.stack.env["container"] = "test"  # as container managers set it
        self.url = f"http://127.0.0.1:{self.stack.http_port}"
        self.admin = Client(self.stack.http_port, base=f"/cse-{name}")

    def configure(self, text):
        file = self.stack.dir / "tessera.conf"
        file.write_text(text)
        self.stack.env["TESSERA_CONFIG"] = str(file)

    def furnish(self):
        self.ae = self.admin.ae("app")
        assert self.admin.create("", ACP, {"rn": "open", "pv": ALL, "pvs": ALL}).rsc == 2001
        assert self.admin.create("", CNT, {"rn": "box", "acpi": [f"cse-{self.name}/open"]}).rsc == 2001

    def knows(self, other):
        return self.admin.get(f"id-{other}").rsc == 2000


def here(text, cses):
    for cse in cses.values():
        text = text.replace(f"http://{cse.name}.example:8080", cse.url)
    return text


@pytest.fixture(scope="module")
def cses():
    found = {name: Cse(name) for name in NAMES}
    for name, text in re.findall(r"```conf\n# (\w+).conf\n(.*?)```", PAGE, re.S):
        found[name].configure(here(text, found))
    try:
        lower = [threading.Thread(target=found[name].stack.start) for name in ("mn", "asn")]
        [t.start() for t in lower]
        [t.join() for t in lower]
        # What registers is there before its registrar, and goes on trying.
        assert eventually(lambda: "registration.failed" in found["mn"].stack.log())
        found["in"].stack.start()
        for cse in found.values():
            cse.furnish()
        assert eventually(lambda: found["in"].knows("mn") and found["mn"].knows("in") and found["mn"].knows("asn") and found["asn"].knows("mn"))
        assert eventually(lambda: found["in"].admin.get("id-mn").pc.get("dcse") == ["/id-asn"])
        yield found
    finally:
        for cse in found.values():
            cse.stack.stop()


# ---- registration


def test_what_a_registration_leaves(cses):
    up, down = cses["in"].admin.get("id-mn").pc, cses["mn"].admin.get("id-in").pc
    assert up["ri"] == "id-mn" and up["csi"] == "/id-mn" and up["cb"] == "/id-mn/cse-mn" and up["poa"] == [cses["mn"].url] and up["cst"] == 2 and up["rr"] is True
    assert down["ri"] == "id-in" and down["csi"] == "/id-in" and down["cb"] == "/id-in/cse-in" and down["poa"] == [cses["in"].url] and down["cst"] == 1
    assert cses["mn"].admin.get("id-asn").pc["cst"] == 3 and "dcse" not in cses["mn"].admin.get("id-asn").pc


REGISTRATIONS = {
    "an AE": ("in", "Capp", 4005), "a stranger": ("in", "/id-stranger", 4107), "twice": ("in", "/id-mn", 4117), "at an ASN": ("asn", "/id-mn", 4005),
}


@pytest.mark.parametrize("case", REGISTRATIONS)
def test_refused_registrations(cses, case):
    at, origin, rsc = REGISTRATIONS[case]
    answer = cses[at].admin.as_(origin).create("", CSR, {"cb": "/id-x/cse", "rr": True, "srv": ["3"]})
    assert answer.rsc == rsc and answer.dbg


def test_registrations_are_not_passed_on(cses):
    assert cses["in"].ae.create("/~/id-mn/cse-mn", CSR, {"cb": "x", "rr": True, "srv": ["3"]}).rsc in (4000, 4005)
    assert cses["in"].admin.as_("C").create("/~/id-mn/cse-mn", 2, {"api": "N.x", "rr": True, "srv": ["3"]}).rsc == 4000


def test_a_lost_registration_is_made_anew(cses):
    before = cses["mn"].admin.get("id-asn").pc["ct"]
    assert cses["mn"].admin.delete("id-asn").rsc == 2002
    assert eventually(lambda: (a := cses["mn"].admin.get("id-asn")).rsc == 2000 and a.pc["ct"] != before)
    assert eventually(lambda: cses["in"].admin.get("id-mn").pc.get("dcse") == ["/id-asn"])
    assert cses["asn"].admin.delete("id-mn").rsc == 2002
    assert eventually(lambda: cses["asn"].knows("mn"))


def test_descendants_follow(cses):
    def dcse():
        return cses["in"].admin.get("id-mn").pc.get("dcse")

    assert cses["mn"].admin.create("", CSR, {"csi": "/id-more", "cb": "/id-more/x", "rr": False, "srv": ["3"]}).rsc == 2001
    assert eventually(lambda: dcse() == ["/id-asn", "/id-more"])
    assert cses["mn"].admin.update("id-asn", "m2m:csr", {"dcse": ["/id-leaf"]}).rsc == 2004
    assert eventually(lambda: dcse() == ["/id-asn", "/id-leaf", "/id-more"] or dcse() == ["/id-asn", "/id-more"])  # the ASN knows better
    assert cses["mn"].admin.delete("id-more").rsc == 2002
    assert eventually(lambda: dcse() == ["/id-asn"])


# ---- requests

FORMS = {
    "structured": lambda cse, ri: f"/~{cse.id}/cse-{cse.name}/box", "dash": lambda cse, ri: f"/~{cse.id}/-/box", "by id": lambda cse, ri: f"/~{cse.id}/{ri}",
    "absolute": lambda cse, ri: f"/_/tessera.example.com{cse.id}/cse-{cse.name}/box", "absolute by id": lambda cse, ri: f"/_/tessera.example.com{cse.id}/{ri}",
}
WAYS = [("in", "mn"), ("mn", "in"), ("in", "asn"), ("asn", "in"), ("asn", "mn")]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("way", WAYS, ids="-".join)
def test_operations_elsewhere(cses, way, form):
    near, far = (cses[name] for name in way)
    box = FORMS[form](far, far.admin.get("box").pc["ri"])
    made = near.ae.create(box, CNT, {"rn": "made", "cr": None, "acpi": [f"cse-{far.name}/open"]})
    assert made.rsc == 2001 and made.pc["cr"] == f"{near.id}/Capp" and made.headers["X-M2M-Origin"] == far.id
    assert made.headers["Content-Location"] == f"/~{far.id}/cse-{far.name}/box/made"
    assert near.ae.get(f"{box}/made" if "cse-" in box or "-/" in box else f"/~{far.id}/{made.pc['ri']}").json == made.json
    assert far.admin.get("box/made").json == made.json
    at = f"/~{far.id}/{made.pc['ri']}"
    assert near.ae.update(at, "m2m:cnt", {"lbl": [f"{near.name} of"]}).pc["lbl"] == [f"{near.name} of"]
    assert near.ae.create(at, CIN, {"con": 1.50, "rn": "one"}).rsc == 2001
    assert near.ae.get(f"{at}/la").pc["con"] == 1.5
    assert near.ae.discover(f"/~{far.id}", lbl=f"{near.name}%20of").found == [f"{far.id}/cse-{far.name}/box/made"]
    assert near.ae.delete(at).rsc == 2002
    assert far.admin.get("box/made").rsc == 4004


def test_the_csebase_of_others(cses):
    for near, far in WAYS:
        assert cses[near].ae.get(f"/~/id-{far}").pc["csi"] == f"/id-{far}"


def test_answers_come_back_whole(cses):
    ae = cses["in"].ae
    box = "/~/id-asn/cse-asn/box"
    names = [f"n{i}" for i in range(5)]
    for name in names:
        assert ae.create(box, CNT, {"rn": name, "acpi": ["cse-asn/open"]}).rsc == 2001
    page = ae.discover(box, ty=3, lim=2)
    assert len(page.found) == 2 and page.headers["X-M2M-CTS"] == "1"
    rest = ae.discover(box, ty=3, ofst=page.headers["X-M2M-CTO"])
    assert sorted(page.found + rest.found) == [f"/id-asn/cse-asn/box/{name}" for name in names]
    assert ae.discover(box, ty=3, drt=2, lim=1).found[0].startswith("/id-asn/cnt")
    assert ae.get(box, rcn=6, ty=3).json["m2m:rrl"]["rrf"][0]["typ"] == 3
    assert ae.get(f"{box}/n1?atrl=rn").json == {"m2m:cnt": {"rn": "n1"}}
    big = "x" * 700_000
    assert ae.create(f"{box}/n0", CIN, {"con": big}).rsc == 2001
    assert ae.get(f"{box}/n0/la").pc["con"] == big
    packed = ae.get(f"{box}/n0", headers={"Accept": "application/cbor"})
    assert cbor2.loads(packed.text)["m2m:cnt"]["rn"] == "n0"
    for name in names:
        assert ae.delete(f"{box}/{name}", rcn=1).pc["rn"] == name


ERRORS = {
    "not there": ("GET", "cse-mn/nothing", None, {}, 4004), "no right": ("GET", "cse-mn/app", None, {}, 4103), "name taken": ("POST", "cse-mn", {"m2m:cnt": {"rn": "box"}}, {"ty": CNT}, 4103),
    "wrong child": ("POST", "cse-mn/box", {"m2m:ae": {}}, {"ty": 2}, 4000), "bad value": ("PUT", "cse-mn/box", {"m2m:cnt": {"mni": -1}}, {}, 4000), "empty": ("GET", "cse-mn/box/la", None, {}, 4004),
    "release": ("GET", "cse-mn/box", None, {"headers": {"X-M2M-RVI": "9"}}, 4001), "result content": ("GET", "cse-mn/box", None, {"rcn": 3}, 4000),
}


@pytest.mark.parametrize("case", ERRORS)
def test_refusals_come_back_with_their_reason(cses, case):
    method, path, body, more, rsc = ERRORS[case]
    answer = cses["in"].ae.request(method, f"/~/id-mn/{path}", body, **more)
    assert answer.rsc == rsc and answer.dbg, answer


def test_unknown_cse(cses):
    for name in NAMES:
        answer = cses[name].ae.get("/~/id-nowhere/x")
        assert answer.rsc == 4004 and "/id-nowhere is not known" in answer.dbg
    assert cses["in"].ae.get("/_/other.example/id-in/x").rsc == 4004


def test_unreachable_cse(cses):
    gone = cses["in"].admin.create("", CSR, {"csi": "/id-gone", "cb": "/id-gone/x", "rr": True, "srv": ["3"], "poa": ["http://127.0.0.1:9", "http://127.0.0.1:1"]})
    assert gone.rsc == 2001
    for name in NAMES:
        answer = cses[name].ae.get("/~/id-gone/x")
        assert answer.rsc == 5103 and "/id-gone cannot be reached" in answer.dbg, answer
    assert eventually(lambda: '"url":"http://127.0.0.1:' in cses["in"].stack.log() and "in a container this is the container itself" in cses["in"].stack.log())
    assert cses["in"].admin.update("id-gone", "m2m:csr", {"poa": ["http://127.0.0.1:9", cses["mn"].url]}).rsc == 2004
    assert cses["in"].admin.delete("id-gone").rsc == 2002


def test_a_request_that_would_go_round_in_circles_ends(cses):
    """The IN believes that the MN leads there, the MN that its registrar does."""
    assert cses["in"].admin.create("", CSR, {"csi": "/id-ghost", "cb": "/id-ghost/x", "rr": True, "srv": ["3"], "poa": [cses["mn"].url]}).rsc == 2001
    for name in NAMES:
        assert cses[name].ae.get("/~/id-ghost/x").rsc == 4004
    assert cses["in"].admin.delete("id-ghost").rsc == 2002


def test_who_is_nobody_here(cses):
    assert cses["in"].admin.as_("/id-stranger").get().rsc == 4107
    assert cses["in"].admin.as_("/id-stranger/Capp").get().rsc == 4106
    assert cses["mn"].admin.as_("/id-anywhere/Capp").get().rsc == 2000  # behind the registrar


# ---- what rests on requests that are passed on


def test_descriptors_of_two_CSEs(cses):
    """A semantic query over a group reads the members elsewhere, too, as far as the originator may."""
    turtle = lambda text: {"dcrp": 5, "dsp": base64.b64encode(text.encode()).decode()}  # noqa: E731
    near, far = cses["in"].ae, cses["mn"].ae
    assert near.request("POST", "app", {"m2m:smd": {"rn": "d", **turtle("<urn:near> <urn:temp> 20 .")}}, ty=24).rsc == 2001
    assert far.request("POST", "app", {"m2m:smd": {"rn": "d", **turtle("<urn:far> <urn:temp> 10 ."), "acpi": ["cse-mn/open"]}}, ty=24).rsc == 2001
    assert near.request("POST", "app", {"m2m:grp": {"rn": "described", "mid": ["cse-in/app/d", "/id-mn/cse-mn/app/d"], "mnm": 5}}, ty=9).rsc == 2001
    try:
        answer = near.get("app/described/sfop?sqi=true&smf=SELECT%20%3Fr%20%7B%3Fr%20%3Curn%3Atemp%3E%20%3Ft%7D")
        assert answer.rsc == 2000, answer
        assert sorted(row["r"]["value"] for row in answer.json["m2m:qres"]["results"]["bindings"]) == ["urn:far", "urn:near"]
        assert far.update("app/d", "m2m:smd", {"acpi": None}).rsc == 2004
        answer = near.get("app/described/sfop?sqi=true&smf=ASK%20%7B%3Curn%3Afar%3E%20%3Fp%20%3Fo%7D")
        assert answer.json["m2m:qres"]["boolean"] is False
    finally:
        near.delete("app/described")


def test_a_group_across_all(cses):
    ae, members = cses["in"].ae, ["cse-in/box", "/id-mn/cse-mn/box", "/id-asn/cse-asn/box"]
    group = cses["in"].admin.request("POST", "", {"m2m:grp": {"rn": "boxes", "mt": 3, "mnm": 10, "mid": members, "macp": ["cse-in/open"], "acpi": ["cse-in/open"]}}, ty=9)
    assert group.rsc == 2001 and group.pc["mtv"] is True and group.pc["cnm"] == 3, group
    answers = ae.create("boxes/fopt", CIN, {"con": "to all"}).json["m2m:agr"]["m2m:rsp"]
    assert [a["rsc"] for a in answers] == [2001] * 3, answers
    for name in NAMES:
        assert cses[name].admin.get("box/la").pc["con"] == "to all"
    answers = cses["asn"].ae.get("/~/id-in/cse-in/boxes/fopt/la").json["m2m:agr"]["m2m:rsp"]  # what it asks for comes back to its own CSE
    assert [a["pc"]["m2m:cin"]["con"] for a in answers] == ["to all"] * 3, answers
    assert cses["in"].admin.delete("boxes").rsc == 2002


@pytest.mark.parametrize("second, state, labels", [("there", 4, ["there"]), (5, 6, ["before"])], ids=["all", "nobody"])
def test_a_transaction_across_all(cses, second, state, labels):
    """Its creator is known at one CSE, the resources are at three: all of them change, or none."""
    ae = cses["in"].ae
    for cse in cses.values():
        assert cse.admin.update("box", "m2m:cnt", {"lbl": ["before"]}).rsc == 2004
    requests = [{"op": 3, "to": f"{cse.id}/cse-{cse.name}/box", "fr": "Capp", "rqi": cse.name, "mi": {"rvi": "3"},
                 "pc": {"m2m:cnt": {"lbl": [second if cse.name == "asn" else "there"]}}} for cse in cses.values()]
    made = ae.request("POST", "app", {"m2m:tram": {"rqps": {"req": requests}}}, ty=50)
    assert made.rsc == 2001, made
    path = f"/{made.pc['ri']}"
    assert eventually(lambda: ae.get(path).pc["trst"] == state), ae.get(path)
    assert [r["rsc"] for r in ae.get(path).pc["rsps"]["m2m:rsp"]] == ([2004] * 3 if state == 4 else [5222, 5222, 4000])
    assert [cse.admin.get("box").pc["lbl"] for cse in cses.values()] == [labels] * 3
    assert ae.delete(path).rsc == 2002
    assert eventually(lambda: not any(cse.admin.discover("box", ty=51).found for cse in cses.values()))


@pytest.mark.parametrize("way", WAYS, ids="-".join)
def test_results_to_be_fetched(cses, way):
    near, far = (cses[name] for name in way)
    answer = near.ae.create(f"/~{far.id}/cse-{far.name}/box", CIN, {"con": "later"}, rt=1)
    assert answer.rsc == 1001, answer
    at = answer.json["m2m:uri"]
    assert at.startswith(far.id)
    assert eventually(lambda: near.ae.get(f"/~{at}").pc["rs"] == 1), near.ae.get(f"/~{at}")
    assert near.ae.get(f"/~{at}").pc["ors"]["pc"]["m2m:cin"]["con"] == "later"


@pytest.mark.parametrize("way", WAYS, ids="-".join)
def test_results_that_are_told(cses, way, receiver):
    near, far = (cses[name] for name in way)
    assert near.ae.update("app", "m2m:ae", {"poa": [receiver.url]}).rsc == 2004
    answer = near.ae.create(f"/~{far.id}/cse-{far.name}/box", CIN, {"con": "told"}, rt=2)
    assert answer.rsc == 1002, answer
    told = receiver.next()
    assert told["rsc"] == 2001 and told["pc"]["m2m:cin"]["con"] == "told", told


# ---- notifications


def con(sgn):
    return sgn["nev"]["rep"]["m2m:cin"]["con"]


@pytest.mark.parametrize("way", WAYS, ids="-".join)
def test_notifications_come_home(cses, way, receiver):
    """An AE subscribes elsewhere and is told by way of its own CSE."""
    near, far = (cses[name] for name in way)
    assert near.ae.update("app", "m2m:ae", {"poa": [receiver.url]}).rsc == 2004
    box = f"/~{far.id}/cse-{far.name}/box"
    made = near.ae.create(box, SUB, {"nu": [f"{near.id}/Capp"], "enc": {"net": [3]}})
    assert made.rsc == 2001 and receiver.none(0)  # it is its own
    for i in range(20):
        assert far.ae.create(box, CIN, {"con": i}).rsc == 2001
    assert [con(sgn) for sgn in receiver.many(20)] == list(range(20))
    assert near.ae.delete(f"/~{far.id}/{made.pc['ri']}").rsc == 2002


def test_somebody_elses_ae_is_asked_first(cses, receiver):
    other = cses["mn"].admin.ae("other", poa=[receiver.url])
    subscribe = lambda: cses["in"].ae.create("box", SUB, {"nu": ["/id-mn/Cother"], "enc": {"net": [3]}})
    refused = subscribe()  # nobody has the right to have it notified
    assert refused.rsc == 5204 and "/id-mn/Cother: cr: " in refused.dbg, refused
    mine = {"acr": [{"acor": ["Cother"], "acop": 63}]}
    assert other.create("other", ACP, {"rn": "friends", "pv": {"acr": [{"acor": ["/id-in/Capp", "/id-in"], "acop": 16}, *mine["acr"]]}, "pvs": mine}).rsc == 2001
    assert other.update("other", "m2m:ae", {"acpi": ["cse-mn/other/friends"]}).rsc == 2004
    made = subscribe()
    assert made.rsc == 2001, made
    asked = receiver.next()
    assert asked["vrq"] is True and asked["cr"] == "/id-in/Capp" and asked["sur"].startswith("/id-in/")
    assert cses["in"].ae.create("box", CIN, {"con": "told"}).rsc == 2001
    told = receiver.next()
    assert con(told) == "told" and told["cr"] == "/id-in/Capp"
    assert cses["in"].ae.delete(f"/{made.pc['ri']}").rsc == 2002
    assert cses["mn"].admin.delete("other").rsc == 2002


# ---- AEs whose ids the IN gives


def register(cse, origin, **attributes):
    answer = cse.admin.as_(origin).create("", AE, {"api": "N.moving", "rr": True, "srv": ["3"], **attributes})
    return answer, cse.admin.as_(answer.pc["aei"]) if answer.rsc == 2001 else None


def ask(cse, origin, lnk, **attributes):
    return cse.admin.as_(origin).request("POST", "", {"m2m:aeA": {"lnk": lnk, **attributes}}, ty=10002)


def contact(cses, stem):
    return cses["in"].admin.get(f"aeA-{stem}")


def lists(cses):
    """CSE -> AEs, when there are as many of these lists as the IN says: it may be changing them."""
    found = cses["in"].admin.get("AEContactList", rcn=4)
    assert found.rsc in (2000, 4004)
    if found.rsc == 4004:
        return {}
    per_cse = {one["csi"]: one["ail"] for one in found.pc.get("m2m:alpc", [])}
    return per_cse if found.pc["nic"] == len(per_cse) else {"?": found.pc["nic"]}


@pytest.mark.parametrize("name", ["mn", "asn"])
def test_the_in_gives_ids(cses, name):
    answer, ae = register(cses[name], "S")
    assert answer.rsc == 2001 and answer.pc["aei"] == answer.pc["ri"] == answer.pc["rn"], answer
    stem = answer.pc["aei"]
    assert stem[0] == "S" and len(stem) > 5
    there = contact(cses, stem)
    assert there.rsc == 2000 and there.pc["lnk"] == f"/id-{name}/{stem}" and there.pc["aei"] == stem and there.pc["api"] == "N.moving"
    assert eventually(lambda: lists(cses).get(f"/id-{name}") == [stem])
    assert ae.delete(stem).rsc == 2002
    assert eventually(lambda: contact(cses, stem).pc["lnk"] == "INACTIVE" and f"/id-{name}" not in lists(cses))


def test_an_id_is_given_once(cses):
    answer, first = register(cses["mn"], "Sonce", rn="kept")
    assert answer.rsc == 2001 and answer.pc["aei"] == "Sonce" and answer.pc["rn"] == "kept"
    for name, rsc in (("mn", 4117), ("asn", 4117), ("in", 4117)):
        answer, _ = register(cses[name], "Sonce")
        assert answer.rsc == rsc and "registered already" in answer.dbg, answer
    assert cses["asn"].admin.get("Sonce").rsc == 4004
    assert first.delete("kept").rsc == 2002
    answer, ae = register(cses["in"], "Sonce")  # at once: the IN asks the MN whether it has gone
    assert answer.rsc == 2001, answer
    assert contact(cses, "Sonce").rsc == 4004 and eventually(lambda: lists(cses) == {"/id-in": ["Sonce"]})
    answer, _ = register(cses["mn"], "Sonce")
    assert answer.rsc == 4117
    assert ae.delete("Sonce").rsc == 2002 and eventually(lambda: lists(cses) == {})


def test_refused_registrations_leave_nothing(cses):
    answer, _ = register(cses["mn"], "Snothing", rn="box")  # a name that is taken
    assert answer.rsc == 4105, answer
    answer, _ = register(cses["mn"], "Snothing", nl="nowhere")
    assert answer.rsc == 4000, answer
    assert eventually(lambda: contact(cses, "Snothing").rsc == 4004)
    assert ask(cses["in"], "/id-mn/S", "/id-asn/S").rsc == 4000
    assert ask(cses["mn"], "/id-asn/S", "/id-asn/S").rsc == 4005


def test_an_ae_that_moves(cses, receiver):
    """It is reached by what it was called, wherever it is, and may do everywhere what it might before."""
    answer, ae = register(cses["mn"], "Smover", poa=[receiver.url])
    assert answer.rsc == 2001
    subs = {"in": "/Smover", "mn": "Smover", "asn": "/id-mn/Smover"}
    for name, nu in subs.items():
        at = "" if name == "mn" else f"/~/id-{name}/cse-{name}/"
        assert ae.create(f"{at}box", SUB, {"rn": "moving", "nu": [nu], "enc": {"net": [3]}}).rsc == 2001
        assert cses[name].ae.create("box", CIN, {"con": name}).rsc == 2001
        assert con(receiver.next()) == name
    assert ae.delete("Smover").rsc == 2002
    answer, moved = register(cses["asn"], "Smover", poa=[receiver.url])
    assert answer.rsc == 2001, answer
    assert contact(cses, "Smover").pc["lnk"] == "/id-asn/Smover" and eventually(lambda: lists(cses) == {"/id-asn": ["Smover"]})
    for name in subs:
        for i in range(5):
            assert cses[name].ae.create("box", CIN, {"con": i}).rsc == 2001
        assert [con(sgn) for sgn in receiver.many(5)] == list(range(5)), name
    for name in NAMES:
        box = f"/~/id-{name}/cse-{name}/box"
        assert moved.get(f"{box}/moving").rsc == 2000  # its own
        assert moved.delete(f"{box}/moving").rsc == 2002
    assert moved.delete("Smover").rsc == 2002


def test_the_contact_list_is_read_only(cses):
    answer, ae = register(cses["mn"], "Slisted")
    assert answer.rsc == 2001 and eventually(lambda: lists(cses) == {"/id-mn": ["Slisted"]})
    for path, key in (("AEContactList", "m2m:alst"), ("AEContactList/alpc-id-mn", "m2m:alpc")):
        assert cses["in"].admin.update(path, key, {"lbl": ["x"]}).rsc == 4005
        assert cses["in"].admin.delete(path).rsc == 4005
        assert cses["in"].ae.get(path).rsc == 4103
    assert ae.delete("Slisted").rsc == 2002


def test_a_cse_is_told_of_a_move(cses):
    """A CSE that an AE has left is told where it is now."""
    with Receiver() as other:
        made = cses["in"].admin.create("", CSR, {"csi": "/id-other", "cb": "/id-other/cse", "rr": True, "srv": ["3"], "poa": [other.url[:-2]]})
        assert made.rsc == 2001
        asked = ask(cses["in"], "/id-other/Stold", "/id-other/Stold", api="N.x")
        assert asked.rsc == 2001 and asked.pc["aei"] == "Stold" and eventually(lambda: "/id-other" in lists(cses))
        at = asked.pc["ri"]
        assert cses["in"].admin.as_("/id-other").update(at, "m2m:aeA", {"lnk": "INACTIVE"}).rsc == 2004
        answer, ae = register(cses["mn"], "Stold")
        assert answer.rsc == 2001, answer
        told = other.next()
        assert told == {"sur": "/id-in/cse-in/AEContactList", "aerp": True, "tid1": "/id-other/Stold", "tid2": "/id-mn/Stold"}
        assert ae.delete("Stold").rsc == 2002
        assert cses["in"].admin.delete("id-other").rsc == 2002


def test_an_expired_ae_is_inactive(cses):
    answer, _ = register(cses["mn"], "Sbrief", et=stamp(2))
    assert answer.rsc == 2001
    assert eventually(lambda: (a := contact(cses, "Sbrief")).rsc == 4004 or a.pc["lnk"] == "INACTIVE")  # it has the same life
    assert eventually(lambda: lists(cses) == {})
# ---- when requests may leave, and together


@pytest.fixture
def policy(cses):
    """policy(mrv, years): a cmdhPolicy of the MN-CSE whose requests of category 100 leave only in these years, and when `mrv` bytes wait. Its schedule is node/hours."""
    admin = cses["mn"].admin
    made = lambda answer: answer.rsc == 2001 or pytest.fail(repr(answer))

    def begin(mrv, years):
        mgo = lambda rn, key, mgd, **attributes: made(admin.request("POST", "node", {f"m2m:{key}": {"rn": rn, "mgd": mgd, **attributes}}, ty=13))
        link = lambda rn, typ: {"nm": rn, "typ": typ, "val": f"cse-mn/node/{rn}"}
        made(admin.create("", NOD, {"rn": "node", "ni": "1", "hcl": "/id-mn"}))
        made(admin.create("node", SCH, {"rn": "hours", "se": {"sce": [f"* * * * * * {years}"]}}))
        back_off = {"bops": [{"ibt": 100, "abt": 100, "mbt": 300}]}
        mgo("rule", "cmwr", 1018, ttn=["net"], mrv=mrv, swt=10, bop=back_off, cmlk=[link("hours", 1018)])
        mgo("rules", "cmnr", 1017, aecs=[100], cmlk=[link("rule", 1018)])
        mgo("whole", "cmp", 1011, cpn="p", cmlk=[link("rules", 1017)])
        mgo("active", "acmp", 1012, acmlk="cse-mn/node/whole")

    yield begin
    assert admin.delete("node").rsc == 2002
    assert eventually(lambda: cses["mn"].ae.get("/~/id-in", headers={"X-M2M-EC": "100", "X-M2M-RET": "3000"}).rsc == 2000)


def cons(cse, rn):
    return sorted(c["con"] for c in cse.admin.get(f"box/{rn}", rcn=4).pc.get("m2m:cin", []))


def test_requests_that_may_not_leave_wait(cses, policy):
    """A blocking one as long as it lives; others until they may, whatever is killed meanwhile; each is carried out once."""
    mn, up = cses["mn"], cses["in"]
    assert up.admin.create("box", CNT, {"rn": "waited", "acpi": ["cse-in/open"]}).rsc == 2001
    policy(0, 2099)
    closed = {"X-M2M-EC": "100", "X-M2M-RET": "1000"}
    assert eventually(lambda: mn.ae.get("/~/id-in/cse-in/box/waited", headers=closed).rsc == 4008)
    assert mn.ae.get("/~/id-in/cse-in/box/waited", headers={"X-M2M-EC": "3"}).rsc == 2000
    kept = [mn.ae.create("/~/id-in/cse-in/box/waited", CIN, {"con": n}, rt=1, headers={"X-M2M-EC": "100"}) for n in range(5)]
    assert {k.rsc for k in kept} == {1001}
    for victim in ("orchestrator.1", "storage.1"):
        mn.stack.kill(victim)
    mn.stack.wait_healthy()
    assert cons(up, "waited") == []
    assert mn.admin.update("node/hours", "m2m:sch", {"se": {"sce": ["* * * * * * *"]}}).rsc == 2004
    assert eventually(lambda: cons(up, "waited") == list(range(5))), cons(up, "waited")
    assert eventually(lambda: {mn.admin.get("/" + k.json["m2m:uri"]).pc["rs"] for k in kept} == {1})
    assert up.admin.delete("box/waited").rsc == 2002


def test_requests_that_travel_together(cses, policy):
    """They wait until there are enough of them, and arrive in one <delivery>, of two hops too."""
    mn, up, asn = cses["mn"], cses["in"], cses["asn"]
    assert up.admin.create("box", CNT, {"rn": "together", "acpi": ["cse-in/open"]}).rsc == 2001
    policy(600, "*")
    ask = lambda ae, con: ae.create("/~/id-in/cse-in/box/together", CIN, {"con": con}, rt=1, da="true", headers={"X-M2M-EC": "100"})
    probe = {"X-M2M-EC": "100", "X-M2M-RET": "500"}
    assert eventually(lambda: mn.ae.get("/~/id-in", headers=probe).rsc == 4008)
    kept = [ask(mn.ae, f"{n}" + "x" * 100) for n in range(4)]
    time.sleep(1)
    assert cons(up, "together") == [] and {mn.admin.get("/" + k.json["m2m:uri"]).pc["rs"] for k in kept} == {3}
    kept.append(ask(mn.ae, "4" + "x" * 300))
    assert eventually(lambda: [c[0] for c in cons(up, "together")] == list("01234")), cons(up, "together")
    assert eventually(lambda: {mn.admin.get("/" + k.json["m2m:uri"]).pc["rs"] for k in kept} == {4})
    found = [up.admin.get(f"/~{uri}" if uri[0] == "/" else f"/{uri}").pc for uri in up.admin.discover("", ty=6, lvl=1).found]
    assert 1 <= len(found) < 5 and all(d["sr"] == "/id-mn" and d["tg"] == "/id-in" for d in found)
    assert sum(len(d["arq"]["req"]) for d in found) == 5
    assert ask(asn.ae, "y" * 700).rsc == 1001
    assert eventually(lambda: len(cons(up, "together")) == 6)
    assert up.admin.delete("box/together").rsc == 2002


# ---- what goes away comes back


def test_one_goes_away_and_comes_back(cses, receiver):
    ae, far = cses["asn"].ae, cses["in"]
    assert ae.update("app", "m2m:ae", {"poa": [receiver.url]}).rsc == 2004
    assert ae.create("/~/id-in/cse-in/box", SUB, {"rn": "patient", "nu": ["/id-asn/Capp"], "enc": {"net": [3]}}).rsc == 2001
    cses["mn"].stack.down()
    for near, path in (("in", "/~/id-mn"), ("in", "/~/id-asn"), ("asn", "/~/id-in")):
        answer = cses[near].ae.get(path)
        assert answer.rsc == 5103 and "cannot be reached" in answer.dbg, answer
    assert far.ae.create("box", CIN, {"con": "kept"}).rsc == 2001
    for origin in ("S", "Slate"):  # nobody can give an id
        answer, _ = register(cses["asn"], origin)
        assert answer.rsc == 5103 and "/id-in" in answer.dbg, answer
    assert cses["asn"].admin.get("Slate").rsc == 4004
    cses["mn"].stack.start()
    assert con(receiver.next()) == "kept"
    for near, path in (("in", "/~/id-mn"), ("in", "/~/id-asn"), ("asn", "/~/id-in")):
        assert eventually(lambda: cses[near].ae.get(path).rsc == 2000)
    assert far.admin.delete("box/patient").rsc == 2002


def test_a_request_that_comes_twice_is_carried_out_once(cses):
    """What was passed on, and is passed on again by the successor of one that was killed."""
    forwarded = {"X-M2M-VSI": "tessera-request=http.1-twice-1", "X-M2M-RI": "same"}
    mn = cses["in"].admin.as_("/id-mn/Capp")
    for path, ty, body in (("box", CNT, {}), ("box", CIN, {"con": "twice"})):
        forwarded["X-M2M-VSI"] += "x"
        first, second = (mn.create(path, ty, body, headers=forwarded) for _ in range(2))
        assert first.rsc == second.rsc == 2001 and first.pc["ri"] == second.pc["ri"], (first, second)
        assert mn.create(path, ty, body, headers={**forwarded, "X-M2M-VSI": "another"}).pc["ri"] != first.pc["ri"]
    forwarded["X-M2M-VSI"] += "x"
    assert [mn.delete("box/la", headers=forwarded).rsc for _ in range(2)] == [2002, 2002]
    assert cses["in"].admin.get("box/la").pc["con"] == "twice"  # only the newer one has gone


def test_a_request_is_passed_on_with_its_number(cses):
    """Also when who passes it on is killed meanwhile: then it comes again."""
    came = []

    def answer(headers, body):
        came.append(headers["X-M2M-VSI"])
        if len(came) == 1:
            cses["mn"].stack.kill("orchestrator.1")
            threading.Event().wait(1)
            return 500, {}
        return 201, {"X-M2M-RSC": "2001", "X-M2M-VSI": came[-1]}

    for client in (cses["mn"].admin, cses["mn"].ae):
        assert client.get().rsc == 2000  # a connection from before the installation went away is not used again
    with Receiver(answer) as other:
        assert cses["mn"].admin.create("", CSR, {"csi": "/id-slow", "cb": "/id-slow/cse", "rr": True, "srv": ["3"], "poa": [other.url[:-2]]}).rsc == 2001
        made = cses["mn"].ae.create("/~/id-slow/cse/x", CNT, {})
        assert made.rsc == 2001 and made.headers["X-M2M-VSI"] is None, made
        assert len(came) == 2 and came[0] == came[1] and came[0].startswith("tessera-request="), came
        assert cses["mn"].admin.delete("id-slow").rsc == 2002
    assert eventually(lambda: cses["in"].admin.get("id-mn").pc.get("dcse") == ["/id-asn"])


def test_any_process_on_the_way_may_be_killed(cses):
    for victim in ("registration.1", "orchestrator.1", "http.1"):
        cses["mn"].stack.kill(victim)
        assert eventually(lambda: cses["in"].ae.get("/~/id-asn").rsc == 2000)
    assert cses["in"].admin.delete("id-mn").rsc == 2002
    assert eventually(lambda: (a := cses["in"].admin.get("id-mn")).rsc == 2000 and a.pc.get("dcse") == ["/id-asn"])


# ---- the page


def test_the_page(cses):
    script = "\n".join(f"{block}echo; echo ----" for block in re.findall(r"```sh\n(.*?)```", PAGE, re.S))
    done = subprocess.run(["bash", "-c", here(script, cses)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
    up, down, everywhere, prepared, used = done.stdout.split("----")[:5]
    assert '"csi":"/id-mn"' in up and '"dcse":["/id-asn"]' in up
    assert '"csi":"/id-in"' in down
    assert [re.search(f'"csi":"/id-{name}"', everywhere) is not None for name in NAMES] == [True] * 3
    assert prepared.count('"ri"') == 3 and "m2m:dbg" not in prepared
    assert used.count('"con":21.5') == 2 and '"/id-in/cse-in/values/cin' in used and "m2m:dbg" not in used
