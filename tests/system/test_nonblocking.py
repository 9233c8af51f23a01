"""Non-blocking requests: acknowledged at once, carried out later, the result polled for or told."""

import time

import pytest

from client import CIN, CNT, SUB, Receiver, eventually, stamp

COMPLETED, FAILED, PENDING = 1, 2, 3
REQ = 17


@pytest.fixture
def box(ae):
    assert ae.create(ae.name, CNT, {"rn": "box"}).rsc == 2001
    return f"{ae.name}/box"


def kept(client, answer):
    return client.get("/" + answer.json["m2m:uri"])


def completed(client, answer):
    assert eventually(lambda: kept(client, answer).pc["rs"] != PENDING), kept(client, answer)
    return kept(client, answer).pc


def test_synchronous_create(ae, box):
    answer = ae.create(box, CIN, {"con": "x"}, rt=1)
    assert (answer.status, answer.rsc) == (202, 1001), answer
    r = completed(ae, answer)
    assert (r["rs"], r["op"], r["tg"], r["org"]) == (COMPLETED, 1, f"cse-in/{box}", ae.origin)
    assert r["mi"]["ty"] == CIN and r["pc"]["m2m:cin"] == {"con": "x"}
    assert r["ors"]["rsc"] == 2001 and r["ors"]["rqi"] == r["rid"]
    assert r["ors"]["pc"]["m2m:cin"]["con"] == "x"
    assert ae.get(f"{box}/la").pc["ri"] == r["ors"]["pc"]["m2m:cin"]["ri"]
    assert ae.get(box).pc["cni"] == 1


@pytest.mark.parametrize(
    "method, body, rsc",
    [("GET", None, 2000), ("PUT", {"m2m:cnt": {"lbl": ["a"]}}, 2004), ("DELETE", None, 2002)],
)
def test_the_other_operations(ae, box, method, body, rsc):
    answer = ae.request(method, box, body, rt=1)
    assert answer.rsc == 1001, answer
    assert completed(ae, answer)["ors"]["rsc"] == rsc
    assert ae.get(box).rsc == (4004 if method == "DELETE" else 2000)


def test_discovery(ae, box):
    r = completed(ae, ae.get(ae.name, rt=1, fu=1, ty_=CNT))
    assert r["ors"]["pc"] == {"m2m:uril": [f"cse-in/{box}"]}
    assert r["mi"]["fc"] == {"fu": 1, "ty": [CNT]}


def test_failure_is_a_result(ae, guest, box):
    r = completed(guest, guest.get(box, rt=1))
    assert (r["rs"], r["ors"]["rsc"]) == (FAILED, 4103)
    assert "m2m:dbg" in r["ors"]["pc"]
    assert ae.get(f"{ae.name}/nothing", rt=1).rsc == 4004


def test_only_the_originator_sees_the_result(ae, guest, box):
    answer = ae.get(box, rt=1)
    assert kept(guest, answer).rsc == 4103


def test_asynchronous(ae, box, receiver):
    answer = ae.create(box, CIN, {"con": "x"}, rt=2, headers={"X-M2M-RTU": receiver.url})
    assert (answer.status, answer.rsc) == (202, 1002), answer
    headers, body = receiver.got.get(timeout=8)
    assert body["m2m:rsp"]["rsc"] == 2001
    assert body["m2m:rsp"]["rqi"] == kept(ae, answer).pc["rid"]
    assert headers["X-M2M-Origin"] == "/id-in"


def test_asynchronous_tells_the_originator(ae, box, receiver):
    ae.update(ae.name, "m2m:ae", {"poa": [receiver.url]})
    assert ae.get(box, rt=2).rsc == 1002
    assert receiver.got.get(timeout=8)[1]["m2m:rsp"]["pc"]["m2m:cnt"]["rn"] == "box"


def test_told_when_the_target_is_back(ae, box):
    with Receiver() as first:
        port = first.port
    ae.get(box, rt=2, headers={"X-M2M-RTU": f"http://127.0.0.1:{port}"})
    time.sleep(0.3)
    with Receiver(port=port) as second:
        assert second.got.get(timeout=15)[1]["m2m:rsp"]["rsc"] == 2000


def test_execution_time(ae, box):
    answer = ae.create(box, CIN, {"con": "later"}, rt=1, headers={"X-M2M-OET": "2500"})
    assert answer.rsc == 1001
    assert kept(ae, answer).pc["rs"] == PENDING
    assert ae.get(box).pc["cni"] == 0
    r = completed(ae, answer)
    assert r["ors"]["pc"]["m2m:cin"]["ct"][:15] >= r["mi"]["oet"][:15]


def test_execution_time_of_a_blocking_request(ae, box):
    before = time.monotonic()
    assert ae.create(box, CIN, {"con": "later"}, headers={"X-M2M-OET": "700"}).rsc == 2001
    assert time.monotonic() - before > 0.6
    answer = ae.get(box, headers={"X-M2M-OET": "86400000"})
    assert answer.rsc == 4008 and "oet" in answer.dbg


def test_recall(ae, box):
    answer = ae.create(box, CIN, {"con": "never"}, rt=1, headers={"X-M2M-OET": "1000"})
    assert ae.delete("/" + answer.json["m2m:uri"]).rsc == 2002
    time.sleep(1.5)
    assert ae.get(box).pc["cni"] == 0


def test_result_can_be_deleted(ae, box):
    answer = ae.get(box, rt=1)
    completed(ae, answer)
    assert ae.delete("/" + answer.json["m2m:uri"]).rsc == 2002


def test_subscription_to_a_request(ae, box, receiver):
    answer = ae.create(box, CIN, {"con": "x"}, rt=1, headers={"X-M2M-OET": "800"})
    assert ae.create("/" + answer.json["m2m:uri"], SUB, {"nu": [receiver.url], "enc": {"net": [1]}}).rsc == 2001
    assert receiver.got.get(timeout=8)[1]["m2m:sgn"]["nev"]["rep"]["m2m:req"]["rs"] == COMPLETED


def test_lifetime(ae, box):
    answer = ae.get(box, rt=1, rp="2000")
    assert kept(ae, answer).rsc == 2000
    assert eventually(lambda: kept(ae, answer).rsc == 4004)
    soon = stamp(60)
    assert kept(ae, ae.get(box, rt=1, rp=soon)).pc["et"].startswith(soon)


def test_refused(ae, admin, box):
    answer = ae.get(box, rt=1)
    assert ae.get("/" + answer.json["m2m:uri"], rt=1).rsc == 4000
    assert admin.request("POST", "", {"m2m:req": {}}, ty=REQ).rsc == 4005
    assert admin.request("PUT", "/" + answer.json["m2m:uri"], {"m2m:req": {}}).rsc == 4005
    assert admin.request("POST", "/" + answer.json["m2m:uri"], {"m2m:req": {}}).rsc == 4005
    assert ae.get(box, rt=1, rp="-1").rsc == 4000
