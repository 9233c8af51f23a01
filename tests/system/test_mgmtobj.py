"""Management objects: what a switch starts is noted as under way, told to whoever subscribes, and reported by the device; TS-0001 annex D."""

import pytest

from client import SUB, numbers

NOD, MGO = 14, 13


@pytest.fixture
def node(admin):
    return admin.request("POST", "", {"m2m:nod": {"rn": f"dev{next(numbers)}", "ni": "n1"}}, ty=NOD).pc["rn"]


FIRMWARE = {"mgd": 1001, "vr": "2", "fwn": "f", "url": "http://127.0.0.1:9/f", "ud": False}
SOFTWARE = {"mgd": 1002, "vr": "2", "swn": "s", "url": "http://127.0.0.1:9/s"}


def make(admin, node, key, attributes):
    answer = admin.request("POST", node, {key: {"rn": f"o{next(numbers)}", **attributes}}, ty=MGO)
    assert answer.rsc == 2001, answer
    return f"{node}/{answer.pc['rn']}", answer.pc


SWITCHES = {"firmware": ("m2m:fwr", FIRMWARE, "ud", "uds"), "install": ("m2m:swr", SOFTWARE, "in", "ins"), "uninstall": ("m2m:swr", SOFTWARE, "un", "ins"), "activate": ("m2m:swr", SOFTWARE, "act", "acts")}


@pytest.mark.parametrize("key,attributes,switch,status", SWITCHES.values(), ids=SWITCHES)
def test_switch_begins_an_action(admin, node, key, attributes, switch, status):
    path, _ = make(admin, node, key, attributes)
    answer = admin.request("PUT", path, {key: {switch: True}})
    assert (answer.rsc, answer.pc[status]) == (2004, {"acn": switch, "sus": 3}), answer
    assert admin.request("PUT", path, {key: {switch: False, status: {"acn": switch, "sus": 1}}}).rsc == 2004
    assert admin.get(path).pc[status]["sus"] == 1


def test_begins_with_the_creation(admin, node):
    assert make(admin, node, "m2m:fwr", {**FIRMWARE, "ud": True})[1]["uds"] == {"acn": "ud", "sus": 3}
    assert make(admin, node, "m2m:fwr", FIRMWARE)[1]["uds"] == {"sus": 0}


def test_device_is_notified(admin, node, receiver):
    path, _ = make(admin, node, "m2m:fwr", FIRMWARE)
    assert admin.request("POST", path, {"m2m:sub": {"nu": [receiver.url], "nct": 2, "enc": {"net": [1]}}}, ty=SUB).rsc == 2001
    assert admin.request("PUT", path, {"m2m:fwr": {"ud": True}}).rsc == 2004
    rep = receiver.next()["nev"]["rep"]["m2m:fwr"]
    assert (rep["ud"], rep["uds"]) == (True, {"acn": "ud", "sus": 3})
