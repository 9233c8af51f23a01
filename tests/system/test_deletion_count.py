"""contentInstances that go when they have been retrieved so many times (dcnt)."""

import concurrent.futures

import pytest

from client import CIN, CNT, SUB


@pytest.fixture
def box(ae):
    assert ae.create(ae.name, CNT, {"rn": "box"}).rsc == 2001
    return f"{ae.name}/box"


def put(ae, box, rn, count, **more):
    created = ae.create(box, CIN, {"rn": rn, "con": rn, "dcnt": count, **more})
    assert created.rsc == 2001 and created.pc["dcnt"] == count, created


def test_counts_down_and_goes(ae, box):
    put(ae, box, "i", 3)
    got = [ae.get(f"{box}/i") for _ in range(4)]
    assert [a.rsc for a in got] == [2000, 2000, 2000, 4004]
    assert [a.pc["dcnt"] for a in got[:3]] == [2, 1, 0] and got[2].pc["con"] == "i"
    assert ae.get(box).pc["cni"] == 0 and ae.get(f"{box}/la").rsc == 4004


def test_the_latest_and_the_oldest(ae, box):
    put(ae, box, "a", 1)
    put(ae, box, "b", 2)
    assert [ae.get(f"{box}/la").pc["con"] for _ in range(3)] == ["b", "b", "a"]
    assert ae.get(f"{box}/la").rsc == 4004
    put(ae, box, "c", 1)
    assert ae.get(f"{box}/ol").pc["con"] == "c" and ae.get(f"{box}/ol").rsc == 4004


def test_every_way_to_retrieve_it(ae, box):
    put(ae, box, "i", 4)
    assert ae.get(f"{box}/i", atrl="con").json == {"m2m:cin": {"con": "i"}}
    assert ae.get(box, rcn=4).pc["m2m:cin"][0]["dcnt"] == 2
    assert ae.get(box, rcn=8).pc["m2m:cin"][0]["dcnt"] == 1
    assert ae.request("POST", ae.name, {"m2m:grp": {"rn": "g", "mid": [f"cse-in/{box}"], "mnm": 1}}, ty=9).rsc == 2001
    assert ae.get(f"{ae.name}/g/fopt/la").pc["m2m:rsp"][0]["pc"]["m2m:cin"]["dcnt"] == 0
    assert ae.get(box).pc["cni"] == 0


def test_what_does_not_count(ae, guest, box):
    put(ae, box, "i", 1)
    assert len(ae.discover(box).found) == 1 and len(ae.get(box, rcn=6).json["m2m:rrl"]["rrf"]) == 1
    assert ae.get(box, rcn=5).rsc == 2000 and ae.get(box).pc["cni"] == 1
    assert guest.get(f"{box}/i").rsc == 4103 and ae.get(f"{box}/i", atrl="mni").rsc == 4000
    assert ae.get(box, rcn=8, lim=1, ofst=2).json == {"m2m:cnt": {}}
    assert ae.get(f"{box}/i").rsc == 2000


def test_others_stay_as_they_were_written(ae, box):
    assert ae.request("POST", box, '{"m2m:cin":{"rn":"i","con":{"x":1.50,"dcnt":9},"dcnt":2}}', ty=CIN).rsc == 2001
    assert '"con":{"x":1.50,"dcnt":9}' in ae.get(f"{box}/i").text
    assert ae.request("POST", box, '{"m2m:cin":{"rn":"k","con":{"dcnt":1}}}', ty=CIN).rsc == 2001
    assert [ae.get(f"{box}/k").rsc for _ in range(3)] == [2000] * 3


def test_never_more_often_however_many_ask_at_once(ae, box):
    put(ae, box, "i", 7)
    clients = [ae.as_(ae.origin) for _ in range(6)]
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        got = [rsc for results in pool.map(lambda c: [c.get(f"{box}/i").rsc for _ in range(4)], clients) for rsc in results]
    assert got.count(2000) == 7 and got.count(4004) == 17, got


def test_its_end_is_told(ae, box, receiver):
    assert ae.create(box, SUB, {"nu": [receiver.url], "enc": {"net": [4]}}).rsc == 2001
    put(ae, box, "i", 1)
    assert ae.get(f"{box}/i").rsc == 2000
    assert receiver.next()["nev"]["rep"]["m2m:cin"]["con"] == "i"


@pytest.mark.parametrize("count", [0, -1, "2", None])
def test_wrong_counts(ae, box, count):
    assert ae.create(box, CIN, {"con": 1, "dcnt": count}).rsc == 4000
