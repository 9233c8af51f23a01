"""Tokens give their holder rights that no policy gives: whole, by their ids, by local ids, and from authorization servers; TS-0001 9.6.39 and 11.5, TS-0003 7."""

import json
import subprocess

import pytest

from client import ACP, CIN, CNT, CSR, Receiver, eventually, stamp
from stack import OUT
from tokens import ISSUERS, b64, claims, permission, token

TK, AUIF, DAC = 32, 37, 34


@pytest.fixture
def box(ae):
    """A container of its creator alone."""
    assert ae.create(ae.name, CNT, {"rn": "box"}).rsc == 2001
    return f"{ae.name}/box"


def show(client, path, *tokens, method="GET", **query):
    return client.request(method, path, headers={"Authorization": "+".join(tokens)}, **query)


def reading(guest, box, **more):
    return claims(f"C{guest.name}", permission(f"C{guest.name}", 2, f"cse-in/{box}"), **more)


@pytest.mark.parametrize("issuer", ISSUERS)
def test_token_permits_what_policies_do_not(guest, box, stack, issuer):
    text = token(reading(guest, box, issuer=issuer), issuer, stack.dir)
    assert guest.get(box).rsc == 4103
    assert show(guest, box, text).rsc == 2000
    assert show(guest, box, text, method="DELETE").rsc == 4103
    assert guest.request("GET", box, headers={"Authorization": f"Bearer {text}"}).rsc == 2000


def test_permissions_are_about_their_resources(ae, guest, box):
    me = f"C{guest.name}"
    ri = ae.get(box).pc["ri"]
    assert ae.create(box, CIN, {"rn": "i", "con": "1"}).rsc == 2001 and ae.create(box, CNT, {"rn": "inner"}).rsc == 2001
    by_id = token(claims(me, permission(me, 2, ri)))
    assert [show(guest, path, by_id).rsc for path in (box, f"{box}/i", f"{box}/la", f"{box}/inner")] == [2000, 2000, 2000, 4103]
    everywhere = token(claims(me, permission(me, 34)))
    assert show(guest, f"{box}/inner", everywhere).rsc == 2000
    both = token(claims(me, permission(me, 1, "cse-in/nowhere"), permission(me, 2, f"/id-in/cse-in/{box}")))
    assert show(guest, box, by_id, both).rsc == 2000
    assert show(guest, ae.name, both).rsc == 4103
    other = token(claims(me, permission("Csomebody", 63)))
    assert show(guest, box, other).rsc == 4103


def test_discovery_finds_what_tokens_let_see(ae, guest, box):
    me = f"C{guest.name}"
    assert ae.create(ae.name, CNT, {"rn": "hidden"}).rsc == 2001
    text = token(claims(me, permission(me, 34, f"cse-in/{box}")))
    assert show(guest, ae.name, text, fu=1).found == [f"cse-in/{box}"]
    assert guest.discover(ae.name).found == []


def test_tokens_reach_the_members_of_a_group(ae, guest, box):
    me = f"C{guest.name}"
    assert ae.request("POST", ae.name, {"m2m:grp": {"rn": "g", "mnm": 5, "mid": [f"cse-in/{box}", f"cse-in/{ae.name}"]}}, ty=9).rsc == 2001
    text = token(claims(me, permission(me, 2, f"cse-in/{ae.name}/g", f"cse-in/{box}")))
    answer = show(guest, f"{ae.name}/g/fopt", text)
    assert [r["rsc"] for r in answer.json["m2m:agr"]["m2m:rsp"]] == [2000, 4103], answer


def test_roles_of_a_token(ae, guest, box):
    assert ae.create(ae.name, ACP, {"rn": "p", "pv": {"acr": [{"acor": ["keeper@roles.example"], "acop": 2}]}, "pvs": {"acr": [{"acor": [f"C{ae.name}"], "acop": 63}]}}).rsc == 2001
    assert ae.update(box, "m2m:cnt", {"acpi": [f"cse-in/{ae.name}/p"]}).rsc == 2004
    text = token(claims(f"C{guest.name}", {"rids": ["keeper@roles.example"], "ris": [f"cse-in/{box}"]}))
    assert show(guest, box, text).rsc == 2000
    assert show(guest, box, token(claims(f"C{guest.name}", {"rids": ["keeper@roles.example"], "ris": ["cse-in/elsewhere"]}))).rsc == 4103


def forged(text, **header):
    return ".".join([b64(json.dumps(header).encode()), text.split(".")[1], text.split(".")[2]])


BAD = {
    "another holder": (lambda c, t: token({**c, "tkhd": "Csomebody"}), "held by"),
    "expired": (lambda c, t: token({**c, "tkna": stamp(-1)}), "expired"),
    "expired by exp": (lambda c, t: token({**c, "exp": 1700000000}), "expired"),
    "not yet": (lambda c, t: token({**c, "tknb": stamp(600)}), "not valid before"),
    "audience": (lambda c, t: token({**c, "tkau": ["/id-other", "/id-else"]}), "not meant for"),
    "issuer not known": (lambda c, t: token({**c, "tkis": "Cnobody"}), "not known here"),
    "signed by another issuer": (lambda c, t: token({**c, "tkis": ISSUERS["es"][0]}), "not signed"),
    "alg none": (lambda c, t: forged(t, alg="none"), "not signed"),
    "alg none, no signature": (lambda c, t: forged(t, alg="none").rsplit(".", 1)[0] + ".", "not signed"),
    "another alg": (lambda c, t: forged(t, alg="RS256"), "not signed"),
    "changed payload": (lambda c, t: ".".join([t.split(".")[0], b64(json.dumps({**c, "tkna": stamp(7200)}).encode()), t.split(".")[2]]), "not signed"),
    "critical header": (lambda c, t: token(c, crit=["x"]), "critical"),
    "no claims": (lambda c, t: token({}), "vr"),
    "no JSON": (lambda c, t: token(b"{"), ""),
    "a list": (lambda c, t: token(b"[1]"), ""),
    "malformed permissions": (lambda c, t: token({**c, "tkps": {"pm": [{"pv": {"acr": 1}}]}}), "tkps"),
    "bad tokenID": (lambda c, t: token({**c, "tkid": "a b"}), "tkid"),
    "two parts": (lambda c, t: t.rsplit(".", 1)[0], "three parts"),
    "five parts": (lambda c, t: t + ".a.b", "three parts"),
    "not base64url": (lambda c, t: t[:-1] + "=", "base64url"),
    "huge": (lambda c, t: t.rsplit(".", 1)[0] + "." + "A" * 14000, ""),
}


@pytest.mark.parametrize("make, why", BAD.values(), ids=BAD)
def test_a_token_that_does_not_hold_gives_nothing(ae, guest, box, make, why):
    said = reading(guest, box)
    text = make(said, token(said))
    answer = show(guest, box, text)
    assert (answer.rsc, why in answer.dbg) == (4103, True), answer
    assert answer.headers["X-M2M-ATI"] is None
    assert show(ae, box, text).rsc == 2000  # and takes nothing away


def test_a_good_token_beside_bad_ones(guest, box):
    said = reading(guest, box, tkau=["/id-other", "//tessera.example.com/id-in"])
    assert show(guest, box, "a.b.c", token(said), "junk").rsc == 2000


def test_malformed_lists(guest, box):
    assert show(guest, box, *["x.y.z"] * 17).rsc == 4000


def test_local_token_ids(ae, guest, box, admin):
    said = reading(guest, box)
    answer = show(guest, box, token(said))
    local, tkid = answer.headers["X-M2M-ATI"].split(":")
    assert (answer.rsc, tkid) == (2000, said["tkid"])
    assert show(guest, box, token(said)).headers["X-M2M-ATI"] == f"{local}:{tkid}"  # the same again
    assert guest.get(box, ltids=local).rsc == 2000
    assert guest.get(box, tids=tkid).rsc == 2000
    assert guest.get(box, ltids="other").rsc == 4103 and guest.get(box, tids="other").rsc == 4103
    assert ae.as_("CAdmin").ae(f"x{ae.name}").get(box, ltids=local).rsc == 4103  # of somebody else
    kept = admin.get(local).pc
    assert (kept["tkid"], kept["tkhd"], kept["tkna"], kept["et"][:15]) == (tkid, f"C{guest.name}", said["tkna"], said["tkna"])
    assert guest.get(local).rsc == 4103
    assert admin.delete(local).rsc == 2002  # its ids are worth nothing any more
    assert guest.get(box, ltids=local).rsc == 4103 and guest.get(box, tids=tkid).rsc == 4103


# ---- the resource


def test_a_token_resource_mirrors_its_token(admin, guest, box):
    said = reading(guest, box, tkau=["/id-in"], tknm="readers", tkex="x")
    made = admin.request("POST", "", {"m2m:tk": {"tkid": said["tkid"], "tkob": token(said), "tknm": "readers"}}, ty=TK)
    assert made.rsc == 2001 and {k: made.pc[k] for k in said} == said and made.pc["et"][:15] == said["tkna"]
    assert guest.get(box, tids=said["tkid"]).rsc == 2000
    assert admin.update(made.pc["rn"], "m2m:tk", {"tkhd": "Cx"}).rsc == 4000
    assert admin.update(made.pc["rn"], "m2m:tk", {"lbl": ["x"]}).rsc == 2004
    assert admin.update(made.pc["rn"], "m2m:tk", {"et": stamp(9999)}).pc["et"][:15] == said["tkna"]
    assert admin.delete(made.pc["rn"]).rsc == 2002
    assert guest.get(box, tids=said["tkid"]).rsc == 4103


def test_tokens_below_authorization_information(admin, guest, box):
    said = reading(guest, box)
    assert admin.request("POST", "", {"m2m:auif": {"rn": f"auif-{guest.name}"}}, ty=AUIF).rsc == 2001
    assert admin.request("POST", f"auif-{guest.name}", {"m2m:tk": {"tkid": said["tkid"], "tkob": token(said)}}, ty=TK).rsc == 2001
    assert guest.get(box, tids=said["tkid"]).rsc == 2000


REFUSED = {
    "no token": (lambda c: {"tkob": "text"}, "tkob"),
    "wrong signature": (lambda c: {"tkob": token(c)[:-2] + "AA"}, "tkob"),
    "expired": (lambda c: {"tkob": token({**c, "tkna": stamp(-5)})}, "tkob"),
    "another id": (lambda c: {"tkob": token({**c, "tkid": "other"})}, "tkid"),
    "another holder": (lambda c: {"tkob": token(c), "tkhd": "Cother"}, "tkhd"),
    "other permissions": (lambda c: {"tkob": token(c), "tkps": {"pm": []}}, "tkps"),
}


@pytest.mark.parametrize("make, why", REFUSED.values(), ids=REFUSED)
def test_a_token_resource_that_is_refused(admin, guest, box, make, why):
    said = reading(guest, box)
    answer = admin.request("POST", "", {"m2m:tk": {"tkid": said["tkid"], **make(said)}}, ty=TK)
    assert (answer.rsc, why in answer.dbg) == (4000, True), answer


def test_a_token_of_an_unknown_issuer_is_kept_for_others(admin, guest, box):
    said = {**reading(guest, box), "tkis": "Cnobody"}
    assert admin.request("POST", "", {"m2m:tk": {"tkid": said["tkid"], "tkob": token(said)}}, ty=TK).rsc == 2001
    assert guest.get(box, tids=said["tkid"]).rsc == 4103


# ---- issuers and servers that are asked


@pytest.fixture
def das(admin):
    """The CSE /id-das: an issuer that keeps its tokens at /id-das/tokens."""
    def answer(headers, body):
        return 200, {"X-M2M-RSC": "2000", "X-M2M-RI": headers["X-M2M-RI"], "Content-Type": "application/json"}, {"m2m:auif": {"ri": "x", "m2m:tk": r.tokens}}

    with Receiver(answer) as r:
        r.tokens = []
        assert admin.create("", CSR, {"rn": "id-das", "csi": "/id-das", "cb": "/id-das/cse", "poa": [r.url], "rr": True, "srv": ["3"]}).rsc == 2001
        yield r
        admin.delete("id-das")


def test_an_unknown_token_is_asked_for_at_its_issuer(guest, box, das, stack):
    said = reading(guest, box, issuer="es")
    assert guest.get(box, tids=said["tkid"]).rsc == 4103
    das.tokens = [{"tkid": "another", "tkob": "x"}, {"tkid": said["tkid"], "tkob": token(said, "es", stack.dir)}]
    found = guest.get(box, tids=said["tkid"])
    assert found.rsc == 2000
    asked = das.got.qsize()
    assert asked >= 2
    assert guest.get(box, tids=said["tkid"]).rsc == 2000 and das.got.qsize() == asked  # known from now on
    assert guest.get(box, ltids=found.headers["X-M2M-ATI"].split(":")[0]).rsc == 2000


@pytest.fixture
def server():
    """An authorization server: `says` is what it answers."""
    def answer(headers, body):
        r.asked.append(body["m2m:seci"]["dreq"])
        return 200, {"X-M2M-RSC": "2000", "Content-Type": "application/json"}, {"m2m:seci": {"sit": 2, "dres": r.says}}

    with Receiver(answer) as r:
        r.says, r.asked = {}, []
        yield r


@pytest.fixture
def consulted(ae, box, server):
    assert ae.request("POST", ae.name, {"m2m:dac": {"rn": "dac", "dae": True, "dap": [server.url]}}, ty=DAC).rsc == 2001
    assert ae.update(box, "m2m:cnt", {"daci": [f"cse-in/{ae.name}/dac"]}).rsc == 2004
    return box


def test_a_server_gives_a_token(guest, server, consulted):
    said = reading(guest, consulted)
    server.says = {"tkns": ["junk", token(said)]}
    answer = guest.get(consulted)
    assert answer.rsc == 2000
    local, tkid = answer.headers["X-M2M-ATI"].split(":")
    assert tkid == said["tkid"]
    server.says, before = {}, len(server.asked)
    assert guest.get(consulted, ltids=local).rsc == 2000 and len(server.asked) == before


def test_a_token_of_a_server_that_does_not_hold(guest, server, consulted):
    server.says = {"tkns": [token({**reading(guest, consulted), "tkhd": "Cother"})]}
    answer = guest.get(consulted)
    assert (answer.rsc, "held by" in answer.dbg) == (4103, True), answer


def test_where_to_ask_for_a_token(guest, server, consulted):
    answer = guest.get(consulted, tqi=1)
    assert answer.rsc == 4103
    info = json.loads(answer.headers["X-M2M-TQF"])["dasi"]
    assert [(i["uri"], i["dreq"]["or"], i["dreq"]["op"], i["dreq"]["trid"]) for i in info] == [(server.url, f"C{guest.name}", 2, f"cse-in/{consulted}")]
    assert guest.get(consulted).headers["X-M2M-TQF"] is None


def test_tokens_of_a_deferred_request(guest, box):
    accepted = show(guest, box, token(reading(guest, box)), rt=1)
    assert accepted.rsc == 1001
    where = "/~" + accepted.json["m2m:uri"] if accepted.json["m2m:uri"].startswith("/") else accepted.json["m2m:uri"].removeprefix("cse-in/")
    done = eventually(lambda: (lambda r: r if r.pc["rs"] != 3 else None)(guest.get(where)))
    assert done.pc["ors"]["rsc"] == 2000, done


# ---- the command


def command(*arguments, claims):
    return subprocess.run([OUT / "bin/tessera", "token", *map(str, arguments)], input=json.dumps(claims).encode(), capture_output=True)


@pytest.mark.parametrize("issuer", ISSUERS)
def test_the_command_makes_tokens(guest, box, stack, issuer):
    key = stack.dir / ("hs.key" if issuer == "hs" else f"{issuer}.private")
    made = command(ISSUERS[issuer][1], key, "k1", claims=reading(guest, box, issuer=issuer))
    assert show(guest, box, made.stdout.decode().strip()).rsc == 2000, made.stderr


def test_the_command_refuses(stack):
    assert command("HS256", claims={}).returncode == 2
    for arguments, said in ((("none", stack.dir / "hs.key"), claims("Cx")), (("HS256", "/nowhere"), claims("Cx")), (("ES256", stack.dir / "es.pem"), claims("Cx")), (("HS256", stack.dir / "hs.key"), {"vr": "1"}), (("HS256", stack.dir / "hs.key"), [])):
        refused = command(*arguments, claims=said)
        assert (refused.returncode, refused.stdout) == (65, b"") and refused.stderr
