"""Decisions, policies, roles and tokens that are to be had elsewhere: authorizationDecision, -Policy, -Information, and the policies that lead to them; TS-0001 9.6.41 to 43, 11.5.4."""

import pytest

from client import ACP, CIN, CNT, CSR, Receiver, numbers, stamp
from tokens import claims, permission, token

AUDS, AUPY, AUIF, ROL, TK, SUB = 35, 36, 37, 31, 32, 23
KEYS = {AUDS: "m2m:auds", AUPY: "m2m:aupy", AUIF: "m2m:auif"}
ALL = {"acr": [{"acor": ["all"], "acop": 63}]}


@pytest.fixture
def point(admin):
    """Makes a resource of one of the three types, which nobody but the administrator may ask; its name."""
    made = []

    def make(ty, **attributes):
        name = f"point{next(numbers)}"
        assert admin.request("POST", "", {KEYS[ty]: {"rn": name, **attributes}}, ty=ty).rsc == 2001
        made.append(name)
        return name

    yield make
    for name in made:
        admin.delete(name)


@pytest.fixture
def ruled(ae):
    """Makes a container ruled by a policy with these attributes; its path."""
    def make(**policy):
        name = f"c{next(numbers)}"
        assert ae.create(ae.name, ACP, {"rn": f"p{name}", "pv": {"acr": []}, "pvs": {"acr": [{"acor": [f"C{ae.name}"], "acop": 63}]}, **policy}).rsc == 2001
        assert ae.create(ae.name, CNT, {"rn": name, "acpi": [f"cse-in/{ae.name}/p{name}"]}).rsc == 2001
        return f"{ae.name}/{name}"

    return make


def only(who, acop):
    return {"acr": [{"acor": [who], "acop": acop}]}


# ---- asked


def decide(admin, auds, **question):
    answer = admin.update(auds, "m2m:auds", question)
    assert answer.rsc == 2004, answer
    return answer.pc.get("dec"), answer.pc["sus"]


def test_a_decision_is_that_of_the_policies(admin, guest, ruled, point):
    me, auds = f"C{guest.name}", point(AUDS)
    to = f"cse-in/{ruled(pv=only(me, 34))}"
    assert decide(admin, auds, to=to, fr=me, op=2) == (1, 1)
    assert decide(admin, auds, to=f"/id-in/{to}", fr=f"/id-in/{me}", op=2) == (1, 1)
    assert decide(admin, auds, to=to, fr=me, op=2, fu={"fu": 1}) == (1, 1)
    assert decide(admin, auds, to=to, fr=me, op=3) == (2, 1)
    assert decide(admin, auds, to=to, fr=me, op=1, rrt=4) == (2, 1)
    assert decide(admin, auds, to=to, fr="Csomebody", op=2) == (2, 1)
    asked = admin.get(auds).pc
    assert (asked["fr"], asked["dec"], asked["sus"]) == ("Csomebody", 2, 1)


def test_what_a_question_lacks(admin, guest, ruled, point):
    me, auds = f"C{guest.name}", point(AUDS)
    to = f"cse-in/{ruled(pv=only(me, 2))}"
    assert decide(admin, auds, to=to, fr=me, op=2) == (1, 1)
    assert decide(admin, auds, to=to, fr=me) == (None, 3)  # what an earlier question said is not part of it
    assert "op" not in admin.get(auds).pc and "dec" not in admin.get(auds).pc
    assert decide(admin, auds, to=to, op=2) == (None, 3)
    assert decide(admin, auds, to=to, fr=me, op=1) == (None, 3)  # of which type?
    assert decide(admin, auds, to="a//b", fr=me, op=2) == (None, 4)
    assert decide(admin, auds, to="cse-in/nowhere", fr=me, op=2) == (None, 2)
    assert decide(admin, auds, to="/id-nobody/x", fr=me, op=2) == (None, 2)
    assert admin.update(auds, "m2m:auds", {"dec": 1}).rsc == 4000
    assert admin.update(auds, "m2m:auds", {"op": 9}).rsc == 4000


def test_contexts_of_a_question(admin, point, ruled):
    auds = point(AUDS)
    to = f"cse-in/{ruled(pv={'acr': [{'acor': ['Cx'], 'acop': 2, 'acco': [{'actw': ['* * * * * * 2030'], 'acip': {'ipv4': ['10.1.0.0/16']}}]}]})}"
    there = {"to": to, "fr": "Cx", "op": 2, "rtm": "20300505T000000", "oip": {"ip4": "10.1.2.3"}}
    assert decide(admin, auds, **there) == (1, 1)
    assert decide(admin, auds, **{**there, "oip": {"ip4": "10.2.2.3"}}) == (2, 1)
    assert decide(admin, auds, **{**there, "rtm": "20310505T000000"}) == (2, 1)


def test_roles_and_tokens_of_a_question(admin, point, ruled):
    auds, role = point(AUDS), f"r{next(numbers)}@roles.example"
    to = f"cse-in/{ruled(pv=only(role, 2))}"
    assert admin.request("POST", "", {"m2m:rol": {"rlid": role, "tkis": "Cissuer", "tkhd": "/id-mn/Cx", "tknb": stamp(-60), "tkna": stamp(600)}}, ty=ROL).rsc == 2001
    assert decide(admin, auds, to=to, fr="/id-mn/Cx", op=2, rids=[role]) == (1, 1)
    assert decide(admin, auds, to=to, fr="/id-mn/Cx", op=2) == (2, 1)
    assert decide(admin, auds, to=to, fr="/id-mn/Cy", op=2, rids=[role]) == (2, 1)
    text = token(claims("/id-mn/Cy", permission("/id-mn/Cy", 2, to)))
    assert decide(admin, auds, to=to, fr="/id-mn/Cy", op=2, tkns=[text]) == (1, 1)
    assert decide(admin, auds, to=to, fr="/id-mn/Cz", op=2, tkns=[text]) == (2, 1)


def test_who_may_ask(admin, guest, point):
    auds = point(AUDS)
    assert guest.update(auds, "m2m:auds", {"to": "cse-in", "fr": "Cx", "op": 2}).rsc == 4103


def test_a_watched_decision_tells(admin, point, receiver):
    auds = point(AUDS)
    assert admin.create(auds, SUB, {"rn": "s", "nu": [receiver.url], "enc": {"net": [1]}}).rsc == 2001
    assert decide(admin, auds, to="cse-in", fr="Cx", op=4) == (2, 1)
    assert receiver.next()["nev"]["rep"]["m2m:auds"]["dec"] == 2


def test_policies_of_a_resource(admin, ae, guest, ruled, point):
    aupy, mine = point(AUPY), only("Cx", 2)
    path = ruled(pv=mine)
    answer = admin.update(aupy, "m2m:aupy", {"to": f"cse-in/{path}"})
    assert (answer.rsc, answer.pc["ps"], answer.pc["ca"], answer.pc["sus"]) == (2004, {"pv": [mine]}, 1, 1)
    assert admin.create(path, CIN, {"rn": "i", "con": "1"}).rsc == 2001
    assert admin.update(aupy, "m2m:aupy", {"to": f"cse-in/{path}/i"}).pc["ps"] == {"pv": [mine]}
    assert admin.update(aupy, "m2m:aupy", {"to": f"cse-in/{ae.name}"}).pc["ps"] == {"pv": [only(f"C{ae.name}", 63)]}
    nothing = admin.update(aupy, "m2m:aupy", {"to": "cse-in/nowhere"}).pc
    assert nothing["sus"] == 2 and "ps" not in nothing and "ca" not in nothing


def test_roles_and_tokens_of_somebody(admin, point):
    auif, who = point(AUIF), f"C{next(numbers)}x"
    roles = [f"r{next(numbers)}@roles.example" for _ in range(3)]
    for where, role, holder, end in (("", roles[0], who, 600), (auif, roles[1], f"/id-in/{who}", 600), ("", roles[2], who, -1), ("", "other", "Cother", 600)):
        assert admin.request("POST", where, {"m2m:rol": {"rlid": role, "tkis": "Cissuer", "tkhd": holder, "tknb": stamp(-60), "tkna": stamp(end)}}, ty=ROL).rsc == 2001
    said = claims(who)
    assert admin.request("POST", auif, {"m2m:tk": {"tkid": said["tkid"], "tkob": token(said)}}, ty=TK).rsc == 2001
    answer = admin.update(auif, "m2m:auif", {"fr": f"/id-in/{who}"}).pc
    assert (answer["sus"], sorted(answer["rids"]), answer["tids"]) == (1, sorted(roles[:2]), [said["tkid"]])
    assert admin.update(auif, "m2m:auif", {"fr": who, "rids": roles[1:]}).pc["rids"] == [roles[1]]
    nobody = admin.update(auif, "m2m:auif", {"fr": "Cnobody"}).pc
    assert nobody["sus"] == 1 and "rids" not in nobody and "tids" not in nobody
    assert admin.update(auif, "m2m:auif", {"rids": roles}).pc["sus"] == 3


# ---- asking


@pytest.fixture
def elsewhere(admin):
    """The CSE /id-far: `says` is what it answers to an UPDATE, by root key; `asked` what it was asked."""
    def answer(headers, body):
        key, question = next(iter(body.items())) if body else ("m2m:tk", {})
        r.asked.append((key, question))
        rsc = "2004" if body else "2000"
        return 200, {"X-M2M-RSC": rsc, "Content-Type": "application/json"}, r.says.get(key, {"m2m:dbg": "no"})

    with Receiver(answer) as r:
        r.says, r.asked = {}, []
        assert admin.create("", CSR, {"rn": "id-far", "csi": "/id-far", "cb": "/id-far/cse", "poa": [r.url], "rr": True, "srv": ["3"]}).rsc == 2001
        yield r
        admin.delete("id-far")


def test_another_cse_decides(ae, guest, ruled, elsewhere):
    path = ruled(adri=["/id-far/auds"])
    elsewhere.says = {"m2m:auds": {"m2m:auds": {"dec": 1, "sus": 1}}}
    assert guest.get(path).rsc == 2000
    key, question = elsewhere.asked[-1]
    assert (key, question["fr"], question["op"], question["to"]) == ("m2m:auds", f"/id-in/C{guest.name}", 2, f"/id-in/{ae.get(path).pc['ri']}")
    assert guest.create(path, CIN, {"con": "1"}).rsc == 2001
    assert (elsewhere.asked[-1][1]["op"], elsewhere.asked[-1][1]["rrt"]) == (1, 4)
    elsewhere.says = {}
    assert guest.get(path).rsc == 4103
    before = len(elsewhere.asked)
    assert guest.as_("CAdmin").get(path).rsc == 2000 and len(elsewhere.asked) == before  # nobody is asked without need


DENIALS = {"denied": {"m2m:auds": {"dec": 2, "sus": 1}}, "no decision": {"m2m:auds": {"sus": 1}}, "not applicable": {"m2m:auds": {"dec": 1, "sus": 2}}, "another answer": {"m2m:aupy": {"dec": 1, "sus": 1}}, "nonsense": [1]}


@pytest.mark.parametrize("says", DENIALS.values(), ids=DENIALS)
def test_another_cse_does_not_permit(guest, ruled, elsewhere, says):
    elsewhere.says = {"m2m:auds": says}
    assert guest.get(ruled(adri=["/id-far/auds"])).rsc == 4103
    assert elsewhere.asked


def test_who_cannot_be_asked_permits_nothing(guest, ruled):
    assert guest.get(ruled(adri=["/id-nobody/auds", "cse-in/nowhere", "http://127.0.0.1:1/"], apri=["cse-in"], airi=["/id-nobody/x"])).rsc == 4103


def test_policies_from_another_cse(guest, ruled, elsewhere):
    path = ruled(apri=["/id-far/aupy"])
    elsewhere.says = {"m2m:aupy": {"m2m:aupy": {"ps": {"pv": [only("Cx", 63), only(f"C{guest.name}", 2)]}, "ca": 1, "sus": 1}}}
    assert guest.get(path).rsc == 2000
    assert guest.delete(path).rsc == 4103
    elsewhere.says = {"m2m:aupy": {"m2m:aupy": {"ps": {"pv": [{"acr": "all"}]}, "sus": 1}}}
    assert guest.get(path).rsc == 4103


def test_roles_from_another_cse(guest, ruled, elsewhere):
    path = ruled(pv=only("keeper@roles.example", 2), airi=["/id-far/auif"])
    assert guest.get(path, rids="keeper@roles.example").rsc == 4103
    assert elsewhere.asked[-1][1] == {"fr": f"/id-in/C{guest.name}", "rids": ["keeper@roles.example"]}
    elsewhere.says = {"m2m:auif": {"m2m:auif": {"rids": ["keeper@roles.example"], "sus": 1}}}
    assert guest.get(path).rsc == 2000
    assert guest.delete(path).rsc == 4103


def test_tokens_from_another_cse(guest, ruled, elsewhere):
    path = ruled(airi=["/id-far/auif"])
    said = claims(f"C{guest.name}", permission(f"C{guest.name}", 2))
    elsewhere.says = {"m2m:auif": {"m2m:auif": {"tids": [said["tkid"]], "sus": 1}}, "m2m:tk": {"m2m:auif": {"m2m:tk": [{"tkid": said["tkid"], "tkob": token(said)}]}}}
    assert guest.get(path).rsc == 2000
    assert guest.delete(path).rsc == 4103


def test_points_of_this_cse(admin, guest, ruled, point):
    auif, role = point(AUIF), f"r{next(numbers)}@roles.example"
    path = ruled(pv=only(role, 2), airi=[f"cse-in/{auif}"])
    assert guest.get(path).rsc == 4103
    assert admin.request("POST", auif, {"m2m:rol": {"rlid": role, "tkis": "Cissuer", "tkhd": f"C{guest.name}", "tknb": stamp(-60), "tkna": stamp(600)}}, ty=ROL).rsc == 2001
    assert guest.get(path).rsc == 2000


def test_no_circles(admin, guest, ruled, point):
    auds = point(AUDS)
    path = ruled(adri=[f"cse-in/{auds}"])
    assert guest.get(path).rsc == 4103
    assert admin.get(auds).pc["dec"] == 2
    acp = f"pp{next(numbers)}"
    assert admin.create("", ACP, {"rn": acp, "pv": {"acr": []}, "pvs": ALL, "adri": [f"cse-in/{auds}"]}).rsc == 2001
    assert admin.update(auds, "m2m:auds", {"acpi": [f"cse-in/{acp}"]}).rsc == 2004
    assert guest.update(auds, "m2m:auds", {"to": "cse-in", "fr": "Cx", "op": 2}).rsc == 4103
