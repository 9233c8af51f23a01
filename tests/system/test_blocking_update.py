"""Subscriptions with event type 7: their target is asked before an UPDATE is carried out."""

import threading

import pytest

from client import CNT, SUB, Receiver

NET = 7


@pytest.fixture
def box(ae):
    assert ae.create(ae.name, CNT, {"rn": "box", "lbl": ["old"]}).rsc == 2001
    return f"{ae.name}/box"


@pytest.fixture
def judge(admin, ae):
    """Another AE that lets itself be notified and says what `verdict` says."""
    verdict = {"rsc": "2000", "status": 200}
    with Receiver(answer=lambda headers, body: (verdict["status"], {"X-M2M-RSC": verdict["rsc"]})) as receiver:
        name = f"judge{ae.name}"
        mine = admin.ae(name, poa=[receiver.url])
        mine.create(name, 1, {"rn": "open", "pv": {"acr": [{"acor": ["all"], "acop": 63}]}, "pvs": {"acr": [{"acor": [mine.origin], "acop": 63}]}})
        assert mine.update(name, "m2m:ae", {"acpi": [f"cse-in/{name}/open"]}).rsc == 2004
        mine.receiver, mine.verdict = receiver, verdict
        yield mine
        admin.delete(name)


def subscribe(ae, box, judge, **more):
    answer = ae.create(box, SUB, {"nu": [judge.origin], "enc": {"net": [NET], **more}})
    assert answer.rsc == 2001, answer
    assert judge.receiver.got.get(timeout=5)[1]["m2m:sgn"]["vrq"] is True
    return answer.pc


def asked(judge):
    return judge.receiver.got.get(timeout=5)[1]["m2m:sgn"]


def test_agreed(ae, box, judge):
    subscribe(ae, box, judge)
    assert ae.update(box, "m2m:cnt", {"lbl": ["new"]}).rsc == 2004
    sgn = asked(judge)
    assert sgn["nev"] == {"rep": {"m2m:cnt": {"lbl": ["new"]}}, "net": NET}
    assert sgn["sur"].startswith("/id-in/cse-in/")
    assert ae.get(box).pc["lbl"] == ["new"]


def test_refused(ae, box, judge):
    subscribe(ae, box, judge)
    judge.verdict.update(rsc="4103", status=403)
    answer = ae.update(box, "m2m:cnt", {"lbl": ["new"]})
    assert answer.rsc == 4127 and "4103" in answer.dbg, answer
    assert ae.get(box).pc["lbl"] == ["old"]


def test_out_of_reach(ae, box, judge):
    subscribe(ae, box, judge)
    judge.update(judge.origin[1:], "m2m:ae", {"poa": ["http://127.0.0.1:1/"]})
    answer = ae.update(box, "m2m:cnt", {"lbl": ["new"]})
    assert answer.rsc == 5107, answer
    assert ae.get(box).pc["lbl"] == ["old"]


def test_only_the_attributes_named(ae, box, judge):
    subscribe(ae, box, judge, atr=["mni"])
    assert ae.update(box, "m2m:cnt", {"lbl": ["new"]}).rsc == 2004
    assert judge.receiver.got.empty()
    assert ae.update(box, "m2m:cnt", {"mni": 5}).rsc == 2004
    assert asked(judge)["nev"]["rep"] == {"m2m:cnt": {"mni": 5}}


def test_bad_updates_are_not_asked_about(ae, box, judge):
    subscribe(ae, box, judge)
    assert ae.update(box, "m2m:cnt", {"mni": "x"}).rsc == 4000
    assert judge.receiver.got.empty()


def test_one_per_resource(ae, box, judge):
    sub = subscribe(ae, box, judge)
    answer = ae.create(box, SUB, {"nu": [judge.origin], "enc": {"net": [NET]}})
    assert answer.rsc == 4124, answer
    assert ae.delete(f"/cse-in/{box}/{sub['rn']}").rsc == 2002
    assert ae.update(box, "m2m:cnt", {"lbl": ["free"]}).rsc == 2004
    subscribe(ae, box, judge)


@pytest.mark.parametrize("more", [{"enc": {"net": [7, 1]}}, {"enc": {"net": [7], "sza": 1}}, {"nu": ["http://127.0.0.1:1"]}, {"nu": ["Cx", "Cy"]}, {"exc": 3}, {"bn": {"num": 2}}], ids=str)
def test_what_it_may_have(ae, box, more):
    assert ae.create(box, SUB, {"nu": [ae.origin], "enc": {"net": [NET]}, **more}).rsc == 4000


def test_not_by_update(ae, box):
    sub = ae.create(box, SUB, {"nu": [ae.origin], "enc": {"net": [1]}}).pc["rn"]
    assert ae.update(f"{box}/{sub}", "m2m:sub", {"enc": {"net": [7]}}).rsc == 4000


def test_concurrent_updates_are_each_agreed_to(ae, box, judge, stack):
    subscribe(ae, box, judge)
    results = []

    def change(i):
        results.append(ae.as_(ae.origin).update(box, "m2m:cnt", {"lbl": [f"l{i}"]}).rsc)

    threads = [threading.Thread(target=change, args=(i,)) for i in range(6)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert results == [2004] * 6
    assert judge.receiver.got.qsize() >= 6
