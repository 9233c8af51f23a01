"""Groups with members on another CSE: validation, fan-out, circles, subscriptions, and members that do not answer."""

import contextlib
import socket
import threading

import pytest

from client import ACP, CIN, CNT, CSR, SUB, Client, eventually
from stack import Stack

GRP = 9
ALL = {"acr": [{"acor": ["all"], "acop": 63}]}
HERE, THERE = "cse-in/box", "/id-mn/cse-mn/box"


class Cse:
    """One installation with an AE and a container that everybody may use."""

    def __init__(self, name):
        self.name, self.id = name, f"/id-{name}"
        self.stack = Stack(REGISTRATION_RETRY=1)
        self.url = f"http://127.0.0.1:{self.stack.http_port}"
        self.admin = Client(self.stack.http_port, base=f"/cse-{name}")

    def set(self, **settings):
        self.stack.env.update({f"TESSERA_{k}": v for k, v in settings.items()})

    def furnish(self):
        self.ae = self.admin.ae("app")
        assert self.admin.create("", ACP, {"rn": "open", "pv": ALL, "pvs": ALL}).rsc == 2001
        self.open = f"cse-{self.name}/open"
        assert self.admin.create("", CNT, {"rn": "box", "acpi": [self.open]}).rsc == 2001

    def knows(self, other):
        return self.admin.get(f"id-{other}").rsc == 2000


@pytest.fixture(scope="module")
def cses():
    upper, lower = Cse("in"), Cse("mn")
    upper.set(CSE_POA=upper.url, CSE_PEERS="/id-mn", ORCHESTRATOR_RESPONSE_MAX="20000")
    lower.set(CSE_TYPE="MN", CSE_ID="/id-mn", CSE_NAME="cse-mn", CSE_POA=lower.url, CSE_REGISTRAR_ID="/id-in", CSE_REGISTRAR_URL=upper.url)
    try:
        starts = [threading.Thread(target=cse.stack.start) for cse in (upper, lower)]
        [t.start() for t in starts]
        [t.join() for t in starts]
        for cse in (upper, lower):
            cse.furnish()
        assert eventually(lambda: upper.knows("mn") and lower.knows("in"))
        yield upper, lower
    finally:
        for cse in (upper, lower):
            cse.stack.stop()


@pytest.fixture
def group(cses):
    """Makes groups, and takes them away again."""
    made = []

    def make(cse, members, rn="g", **attributes):
        answer = cse.ae.request("POST", "app", {"m2m:grp": {"rn": rn, "mnm": 500, "mid": members, **attributes}}, ty=GRP)
        if answer.rsc == 2001:
            made.append((cse, rn))
        return answer

    yield make
    for cse, rn in made:
        assert cse.ae.delete(f"app/{rn}").rsc == 2002


def responses(answer):
    assert answer.rsc == 2000, answer
    return {r["fr"]: r for r in answer.json["m2m:agr"]["m2m:rsp"]}


def test_members_here_and_there(cses, group):
    made = group(cses[0], [HERE, THERE, f"{THERE}/la"], mt=CNT)
    assert made.rsc == 2001 and made.pc["mtv"] is True and made.pc["cnm"] == 3
    answers = responses(cses[0].ae.create("app/g/fopt", CNT, {"rn": "below"}))
    assert [answers[m]["rsc"] for m in (HERE, THERE)] == [2001, 2001]
    assert answers[THERE]["pc"]["m2m:cnt"]["rn"] == "below" and answers[THERE]["to"] == "Capp"
    assert cses[1].admin.get("box/below").rsc == 2000
    gone = responses(cses[0].ae.delete("app/g/fopt/below"))
    assert [gone[m]["rsc"] for m in (HERE, THERE)] == [2002, 2002]


def test_members_elsewhere_are_validated(cses, group):
    assert group(cses[0], ["/id-mn/cse-mn/app"]).rsc == 5105
    assert group(cses[0], ["/id-mn/cse-mn/box"], mt=2, csy=2).rsc == 4110
    nobody = group(cses[0], ["/id-nowhere/x", HERE], mt=CNT)
    assert nobody.rsc == 2001 and nobody.pc["mtv"] is False and nobody.pc["cnm"] == 2


def test_groups_of_two_CSEs(cses, group):
    upper, lower = cses
    policy = {"macp": [lower.open], "acpi": [lower.open]}
    assert group(lower, ["cse-mn/box", "/id-in/cse-in/box"], rn="theirs", **policy).rsc == 2001
    assert group(upper, ["/id-mn/cse-mn/app/theirs/fopt"], rn="ours").rsc == 2001
    outer = responses(upper.ae.create("app/ours/fopt", CIN, {"con": "both"}))
    inner = outer["/id-mn/cse-mn/app/theirs/fopt"]
    assert inner["rsc"] == 2000 and {r["fr"]: r["rsc"] for r in inner["pc"]["m2m:agr"]["m2m:rsp"]} == {"cse-mn/box": 2001, "/id-in/cse-in/box": 2001}
    for cse in cses:
        assert cse.admin.get("box/la").pc["con"] == "both"


def test_circle_over_two_CSEs(cses, group):
    upper, lower = cses
    assert group(lower, ["cse-mn/box", "/id-in/cse-in/app/a/fopt"], rn="b", macp=[lower.open], acpi=[lower.open]).rsc == 2001
    assert group(upper, ["cse-in/box", "/id-mn/cse-mn/app/b/fopt"], rn="a", macp=[upper.open], acpi=[upper.open]).rsc == 2001
    before = [cse.admin.get("box").pc["cni"] for cse in cses]
    outer = responses(upper.ae.create("app/a/fopt", CIN, {"con": "round"}))
    inner = {r["fr"]: r for r in outer["/id-mn/cse-mn/app/b/fopt"]["pc"]["m2m:agr"]["m2m:rsp"]}
    assert outer["cse-in/box"]["rsc"] == 2001 and inner["cse-mn/box"]["rsc"] == 2001
    assert inner["/id-in/cse-in/app/a/fopt"]["rsc"] == 4104
    assert [cse.admin.get("box").pc["cni"] for cse in cses] == [n + 1 for n in before]


def test_subscription_through_a_group(cses, group, receiver):
    upper, lower = cses
    made = group(upper, [HERE, THERE], nar={"num": 2})
    answers = responses(upper.ae.create("app/g/fopt", SUB, {"rn": "s", "nu": [receiver.url], "nfu": receiver.url, "enc": {"net": [3]}}))
    assert {r["rsc"] for r in answers.values()} == {2001}, answers
    assert answers[THERE]["pc"]["m2m:sub"]["nu"] == [f"/id-in/{made.pc['ri']}"]
    for cse in cses:
        assert cse.ae.create("box", CIN, {"con": cse.name}).rsc == 2001
    together = receiver.next()["m2m:sgn"]
    assert sorted((sgn["nev"]["rep"]["m2m:cin"]["con"], sgn["sur"]) for sgn in together) == [("in", "/id-in/cse-in/box/s"), ("mn", "/id-mn/cse-mn/box/s")]
    assert {r["rsc"] for r in responses(upper.ae.delete("app/g/fopt/s")).values()} == {2002}


def test_rights_of_members_elsewhere(cses, group):
    upper, lower = cses
    ri = group(upper, [], rn="none").pc["ri"]
    guest = lower.admin.ae("guest", acpi=[lower.open])
    mine = {"acr": [{"acor": ["Capp"], "acop": 63}]}
    assert upper.ae.create("app", ACP, {"rn": "p", "pv": {"acr": [{"acor": [ri], "acop": 2}]}, "pvs": mine}).rsc == 2001
    assert upper.ae.create("app", CNT, {"rn": "shared", "acpi": ["cse-in/app/p"]}).rsc == 2001
    assert guest.get("/~/id-in/cse-in/app/shared").rsc == 4103
    assert upper.ae.update("app/none", "m2m:grp", {"mid": ["/id-mn/Cguest"]}).rsc == 2004
    assert guest.get("/~/id-in/cse-in/app/shared").rsc == 2000
    assert lower.ae.get("/~/id-in/cse-in/app/shared").rsc == 4103
    for name in ("shared", "p"):
        upper.admin.delete(f"app/{name}")
    lower.admin.delete("guest")


@contextlib.contextmanager
def mute():
    """Accepts connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=256) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def test_slow_members_keep_nobody_waiting(cses, group):
    upper = cses[0]
    with mute() as silent:
        for name, poa in (("slow", silent), ("gone", "http://127.0.0.1:9")):
            assert upper.admin.create("", CSR, {"csi": f"/id-{name}", "cb": f"/id-{name}/x", "rr": True, "srv": ["3"], "poa": [poa]}).rsc == 2001
        silent_ones = [f"/id-slow/x{i}" for i in range(40)]
        made = group(upper, ["/id-gone/x", HERE, THERE], mt=CNT)
        assert made.pc["mtv"] is False
        assert upper.admin.update("app/g", "m2m:grp", {"mid": [*silent_ones, "/id-gone/x", HERE, THERE]}, headers={"X-M2M-RET": "600"}).rsc == 2004
        answers = responses(upper.ae.create("app/g/fopt", CIN, {"con": 1}, headers={"X-M2M-RET": "1000"}))
        assert {m: r["rsc"] for m, r in answers.items()} == {"/id-gone/x": 5103, HERE: 2001, THERE: 2001}
        assert upper.ae.get("app/g/fopt", grtm="/id-gone/x").rsc == 5209
        assert upper.ae.get("app/g/fopt", grtm="/id-slow/x1", headers={"X-M2M-RET": "500"}).rsc == 5209
    for name in ("slow", "gone"):
        assert upper.admin.delete(f"id-{name}").rsc == 2002


def test_contents_that_are_too_large_together(cses, group):
    ae = cses[0].ae
    for i in range(4):
        assert ae.create("app", CNT, {"rn": f"large{i}"}).rsc == 2001
        assert ae.create(f"app/large{i}", CIN, {"con": "x" * 8000}).rsc == 2001
    assert group(cses[0], [f"cse-in/app/large{i}" for i in range(4)]).rsc == 2001
    answer = ae.get("app/g/fopt/la")
    assert [(r["rsc"], "pc" in r) for r in responses(answer).values()] == [(2000, True), (2000, True), (2000, False), (2000, False)]
    assert answer.headers["X-M2M-CTS"] == "1"
    for i in range(4):
        assert ae.delete(f"app/large{i}").rsc == 2002


def test_validated_when_it_is_reached_again(cses, group):
    upper, lower = cses
    lower.admin.ae("misfit", acpi=[lower.open])
    assert upper.admin.update("id-mn", "m2m:csr", {"poa": ["http://127.0.0.1:9"]}).rsc == 2004
    members = [HERE, THERE, "/id-mn/Cmisfit"]
    made = group(upper, members, mt=CNT)
    assert made.pc["mtv"] is False and made.pc["mid"] == members
    assert responses(upper.ae.get("app/g/fopt"))[THERE]["rsc"] == 5103
    assert upper.admin.update("id-mn", "m2m:csr", {"poa": [lower.url]}).rsc == 2004
    assert responses(upper.ae.get("app/g/fopt"))[THERE]["rsc"] == 2000
    assert eventually(lambda: upper.ae.get("app/g").pc["mtv"] is True)
    assert upper.ae.get("app/g").pc["mid"] == members[:2], "the AE does not fit"
    lower.admin.delete("misfit")
