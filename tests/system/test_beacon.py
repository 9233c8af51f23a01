"""Time synchronization beacons: at intervals, or to an entity whose clock is off; which attributes go together."""

import time

import pytest

from client import TSB, eventually, moment, stamp


def beacon(**attributes):
    return {"bcnc": 1, "bcnu": ["http://127.0.0.1:9/none"], **attributes}


def far_off(seconds=-3600):
    """A header that says that the request was made then."""
    return {"X-M2M-OT": stamp(seconds)}


COMBINATIONS = {
    "periodic": ({"bcnc": 1, "bcni": "PT1M"}, 2001), "periodic, interval of the CSE's choice": ({"bcnc": 1}, 2001), "periodic with threshold": ({"bcnc": 1, "bcnt": "PT1S"}, 4000),
    "periodic with requester": ({"bcnc": 1, "bcnr": "{ae}"}, 4000), "loss": ({"bcnc": 2, "bcnt": "PT1S", "bcnr": "{ae}"}, 2001), "loss, threshold of the CSE's choice": ({"bcnc": 2, "bcnr": "{ae}"}, 2001),
    "loss without requester": ({"bcnc": 2, "bcnt": "PT1S"}, 4000), "loss with interval": ({"bcnc": 2, "bcnr": "{ae}", "bcni": "PT1M"}, 4000), "requester that is not registered": ({"bcnc": 2, "bcnr": "Cnobody"}, 4000),
    "no such criteria": ({"bcnc": 3}, 4000), "no criteria": ({"bcnc": None}, 4000), "no target": ({"bcnu": []}, 4000), "no list of targets": ({"bcnu": None}, 4000), "interval": ({"bcni": "60"}, 4000),
}


@pytest.mark.parametrize("case", COMBINATIONS)
def test_combinations(ae, case):
    attributes, rsc = COMBINATIONS[case]
    whole = {k: v.format(ae=ae.origin) if k == "bcnr" else v for k, v in beacon(**attributes).items() if v is not None}
    answer = ae.create(ae.name, TSB, whole)
    assert answer.rsc == rsc, answer
    if rsc == 2001:
        assert ("bcni" in answer.pc) == (whole["bcnc"] == 1) and ("bcnt" in answer.pc) == (whole["bcnc"] == 2)


def test_updates_keep_them_together(ae):
    at = f"{ae.name}/{ae.create(ae.name, TSB, beacon()).pc['rn']}"
    for attributes in ({"bcnc": 2}, {"bcnt": "PT1S"}, {"bcnr": ae.origin}, {"bcnu": None}):
        assert ae.update(at, "m2m:tsb", attributes).rsc == 4000, attributes
    assert ae.update(at, "m2m:tsb", {"bcni": "PT2H"}).pc["bcni"] == "PT2H"
    assert ae.update(at, "m2m:tsb", {"bcni": None}).pc["bcni"] == "PT1H"


def tell(receiver):
    return receiver.got.get(timeout=30)[1]["m2m:tsbn"]


def silent(receiver):
    try:
        return receiver.none(1)
    except AssertionError:
        return False


def test_periodic(stack, ae, receiver):
    """To a URL and to an entity; a kill does not end them; an UPDATE and a DELETE do."""
    assert ae.update(ae.name, "m2m:ae", {"poa": [receiver.url]}).rsc == 2004
    made = ae.create(ae.name, TSB, {"rn": "b", "bcnc": 1, "bcni": "PT0.3S", "bcnu": [receiver.url, ae.origin]})
    assert made.rsc == 2001, made
    told = [tell(receiver) for _ in range(4)]
    assert {n["tbr"] for n in told} == {f"/id-in/cse-in/{ae.name}/b"}
    now = int(time.time() * 1000)
    assert all(moment(now - 60000) < n["ctm"] <= moment(now + 1000) for n in told)
    stack.kill("timing.1")
    assert tell(receiver) and tell(receiver)
    stack.wait_healthy()
    assert ae.update(f"{ae.name}/b", "m2m:tsb", {"bcni": "PT1H"}).rsc == 2004
    assert eventually(lambda: silent(receiver))
    assert ae.update(f"{ae.name}/b", "m2m:tsb", {"bcni": "PT0.2S"}).rsc == 2004
    assert tell(receiver)
    assert ae.delete(f"{ae.name}/b").rsc == 2002


def test_loss_of_synchronization(ae, guest, receiver):
    made = ae.create(ae.name, TSB, {"rn": "b", "bcnc": 2, "bcnr": ae.origin, "bcnt": "PT1M", "bcnu": [receiver.url]})
    assert made.rsc == 2001, made
    for headers in (far_off(0), far_off(-20), None):
        ae.get(ae.name, headers=headers)
    guest.get(guest.name, headers=far_off())
    ae.get(ae.name, headers=far_off())
    assert tell(receiver)["tbr"] == f"/id-in/cse-in/{ae.name}/b"
    ae.get("nothing", headers=far_off(3600))  # a refusal counts as well
    assert tell(receiver)
    assert receiver.none()
    assert ae.delete(f"{ae.name}/b").rsc == 2002
    ae.get(ae.name, headers=far_off())
    assert receiver.none()
