"""The policy of communication management and delivery handling of a CSE (cmdhPolicy below its node): what it adds to requests and what it forbids. What it lets leave for other CSEs is in test_federation.py."""

import pytest

from client import CIN, CNT, NOD, eventually, stamp

MGO, DLV = 13, 6
PENDING = 3


def link(at, typ=1011):
    return {"nm": "x", "typ": typ, "val": at}


@pytest.fixture
def policy(admin, ae):
    """policy(resources): mgmtObjs by name (root key, mgd, attributes) below this CSE's node; the cmdhPolicy links to `top`."""
    node = f"node{ae.name}"
    assert admin.create("", NOD, {"rn": node, "ni": "1", "hcl": "/id-in"}).rsc == 2001
    base = f"cse-in/{node}"

    def make(rn, key, mgd, **attributes):
        answer = admin.request("POST", node, {f"m2m:{key}": {"rn": rn, "mgd": mgd, **attributes}}, ty=MGO)
        assert answer.rsc == 2001, answer

    make.node, make.base = node, base
    yield make
    assert admin.delete(node).rsc == 2002


def asked(client, target, **more):
    """The parameters that a non-blocking request is kept with."""
    answer = client.get(target, rt=1, **more)
    return client.get("/" + answer.json["m2m:uri"]).pc["mi"] if answer.rsc == 1001 else answer


def test_defaults(admin, ae, guest, policy):
    """Category and times of whom the policy names, in its order; what is given stays; others are left alone; it ends with the policy."""
    policy("one", "cmdv", 1014, od=1, dev=100, ror=[ae.origin])
    policy("values", "cmpv", 1015, aec=[100], dqet=60000, dset=90000, doet=0, drp=-1, dda=True)
    policy("plain", "cmpv", 1015, aec=[0], dqet=30000, dset=40000, doet=0, drp=-1, dda=False)
    policy("defaults", "cmdf", 1013, cmlk=[link(f"{policy.base}/{rn}", 1014) for rn in ("one", "values", "plain")])
    policy("whole", "cmp", 1011, cpn="p", cmlk=[link(f"{policy.base}/defaults", 1013)])
    assert "ec" not in asked(ae, ae.name)  # not in force yet
    policy("active", "acmp", 1012, acmlk=f"{policy.base}/whole")
    assert eventually(lambda: asked(ae, ae.name).get("ec") == 100)
    mi = asked(ae, ae.name)
    assert mi["da"] is True and stamp(50) < mi["rqet"] < stamp(70) and stamp(80) < mi["rset"] < stamp(100) and "oet" not in mi
    mi = asked(ae, ae.name, headers={"X-M2M-EC": "4", "X-M2M-RET": "5000"})
    assert mi["ec"] == 4 and mi["rqet"] < stamp(10) and mi["da"] is False
    mi = asked(guest, guest.name)
    assert "ec" not in mi and stamp(20) < mi["rqet"] < stamp(40)
    assert ae.get(ae.name).headers["X-M2M-EC"] == "100"
    assert admin.delete(f"{policy.node}/active").rsc == 2002
    assert eventually(lambda: "ec" not in asked(ae, ae.name))


def test_limits(ae, guest, policy):
    """What may be asked for, by originator and category."""
    policy("limits", "cml", 1016, od=1, ror=[ae.origin], lec=[3], lqet=[100, 5000], lset=[-1, -1], loet=[-1, 0], lrp=[-1, 60000], lda=[False])
    policy("whole", "cmp", 1011, cpn="p", cmlk=[link(f"{policy.base}/limits", 1016)])
    policy("active", "acmp", 1012, acmlk=f"{policy.base}/whole")
    long = {"X-M2M-RET": "20000"}
    assert eventually(lambda: ae.get(ae.name, headers=long).rsc == 4000)
    answer = ae.get(ae.name, headers=long)
    assert answer.dbg.startswith("rqet") and "lqet" in answer.dbg
    assert ae.get(ae.name, headers={"X-M2M-RET": "4000"}).rsc == 2000
    assert ae.get(ae.name, rp=90000, rt=1).rsc == 4000 and ae.get(ae.name, da="true").dbg.startswith("da")
    assert ae.get(ae.name, headers={**long, "X-M2M-EC": "4"}).rsc == 2000
    assert guest.get(guest.name, headers=long).rsc == 2000
    assert ae.get(ae.name).rsc == 2000


# ---- <delivery>


def delivery(**attributes):
    return {"m2m:dlv": {"sr": "/id-far", "tg": "/id-in", "ls": stamp(60), "ec": 3, "dmd": {"tcop": False}, **attributes}}


def aggregated(ae, con, rqi="1", **more):
    return {"op": 1, "to": f"cse-in/{ae.name}/box", "fr": ae.origin, "rqi": rqi, "pc": {"m2m:cin": {"con": con}}, "mi": {"ty": CIN, "rvi": "3"}, **more}


def test_requests_in_a_delivery_are_carried_out(admin, ae):
    """Each once, also when they are handed over again; refused ones have failed."""
    assert ae.create(ae.name, CNT, {"rn": "box"}).rsc == 2001
    same = [aggregated(ae, n, f"{ae.name}-{n}") for n in range(3)]
    for _ in range(2):
        answer = admin.request("POST", "", delivery(arq={"req": same + [aggregated(ae, "no", f"{ae.name}-no", fr="Cnobody")]}), ty=DLV)
        assert answer.rsc == 2001, answer
        assert admin.delete(answer.pc["rn"]).rsc == 2002
    assert ae.create(f"{ae.name}/box", CIN, {"con": "last"}).rsc == 2001
    assert eventually(lambda: ae.get(f"{ae.name}/box").pc["cni"] == 4), ae.get(f"{ae.name}/box")
    found = ae.get(f"{ae.name}/box", rcn=4).pc["m2m:cin"]
    assert sorted(c["con"] for c in found if c["con"] != "last") == [0, 1, 2]


REFUSED = {"its life is over": ({"ls": "20200101T000000"}, "ls"), "no address": ({"arq": {"req": [{"op": 1, "to": "a//b", "fr": "Cx", "rqi": "1"}]}}, "arq"), "nothing in it": ({"arq": {"req": []}}, "arq")}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(admin, case):
    attributes, name = REFUSED[case]
    answer = admin.request("POST", "", delivery(**attributes), ty=DLV)
    assert answer.rsc == 4000 and name in answer.dbg, answer


def test_applications_deliver_nothing(ae):
    assert ae.request("POST", "", delivery(arq={"req": [aggregated(ae, "x")]}), ty=DLV).rsc == 4103
