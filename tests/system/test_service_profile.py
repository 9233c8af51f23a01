"""Registration under a service subscription: serviceSubscribedNode and its rules say which AEs may register; TS-0004 7.4.5.2.1."""

import pytest

from client import AE, Client, numbers
from stack import Stack

MSSP, ASAR, SVSN = 11, 19, 20


@pytest.fixture(scope="module")
def admin():
    s = Stack(ORCHESTRATOR_SERVICE_PROFILES="true")
    s.start()
    yield Client(s.http_port)
    s.stop()


@pytest.fixture
def profile(admin):
    path = f"p{next(numbers)}"
    assert admin.request("POST", "", {"m2m:mssp": {"rn": path}}, ty=MSSP).rsc == 2001
    yield path
    assert admin.delete(path).rsc == 2002


def subscribe(admin, profile, csi="/id-in", **rule):
    links = {}
    if rule:
        answer = admin.request("POST", "", {"m2m:asar": rule}, ty=ASAR)
        assert answer.rsc == 2001, answer
        links = {"rlk": [answer.pc["ri"]]}
    assert admin.request("POST", profile, {"m2m:svsn": {"ni": "n1", "csi": csi, **links}}, ty=SVSN).rsc == 2001


def register(admin, fr=None, api="N.lamp"):
    fr = fr or f"Cdev{next(numbers)}"
    return admin.as_(fr).request("POST", "", {"m2m:ae": {"api": api, "rr": False, "srv": ["3"]}}, ty=AE).rsc


def test_no_subscription(admin):
    assert register(admin) == 4128


def test_subscription_of_another_cse(admin, profile):
    subscribe(admin, profile, csi="/id-other", aai=["*"])
    assert register(admin) == 4128


def test_no_rules_allow_nobody(admin, profile):
    subscribe(admin, profile)
    assert register(admin) == 4126


CASES = {
    "application": ({"aai": ["N.lamp", "R*"]}, "Cany", "N.lamp", 2001), "application by pattern": ({"aai": ["N.la*"]}, "Cpat", "N.lamp", 2001),
    "another application": ({"aai": ["N.la*"]}, "Cany2", "N.door", 4126), "id": ({"aae": ["Cdoor*"]}, "Cdoor7", "N.x", 2001), "another id": ({"aae": ["Cdoor*"]}, "Cwindow", "N.x", 4126),
    "id given by the CSE": ({"aae": ["C*"]}, "C", "N.x", 2001), "both must fit": ({"aae": ["Cboth"], "aai": ["N.y"]}, "Cboth", "N.x", 4126), "not authenticated": ({"apci": ["None"]}, "Cnone", "N.x", 2001),
    "credential": ({"apci": ["key-1"]}, "Ccred", "N.x", 4126),
}


@pytest.mark.parametrize("rule,fr,api,rsc", CASES.values(), ids=CASES)
def test_rule(admin, profile, rule, fr, api, rsc):
    subscribe(admin, profile, **rule)
    assert register(admin, fr, api) == rsc


def test_any_rule_of_any_node_will_do(admin, profile):
    subscribe(admin, profile, aai=["N.other"])
    subscribe(admin, profile, aai=["N.lamp"])
    assert register(admin) == 2001
