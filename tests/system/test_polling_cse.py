"""A CSE that nobody can reach polls as well: requests for what is behind it wait at its channel."""

import queue
import threading

import pytest

from client import CNT, CSR, PATIENCE, SUB, Client
from stack import Stack

PCH = 15


@pytest.fixture(scope="module")
def here():
    s = Stack(CSE_PEERS="/id-mn")
    s.start()
    yield Client(s.http_port)
    s.stop()


@pytest.fixture(scope="module")
def mn(here):
    """The other CSE, as its registrar sees it."""
    cse = here.as_("/id-mn")
    attributes = {"rn": "mn", "csi": "/id-mn", "cb": "/id-mn/cse-mn", "rr": False, "srv": ["3"], "cst": 2}
    answer = cse.request("POST", "", {"m2m:csr": attributes}, ty=CSR)
    assert answer.rsc == 2001, answer
    return cse


def serve(mn, rsc, pc=None):
    """Polls once, answers, and puts the request into the queue."""
    took = queue.Queue()

    def run():
        me = mn.as_(mn.origin)
        request = me.get("mn/ch/pcu", headers={"X-M2M-RET": "20000"}).json["m2m:rqp"]
        rsp = {"rsc": rsc, "rqi": request["rqi"], "rvi": "3", "to": request["fr"], "fr": "/id-mn", **({"pc": pc} if pc else {})}
        me.request("POST", "mn/ch/pcu", {"m2m:rsp": rsp})
        took.put(request)

    threading.Thread(target=run, daemon=True).start()
    return took


def test_polling_cse(here, mn):
    ae = here.ae("asks")
    assert ae.get("/~/id-mn/cse-mn/x").rsc == 5103
    assert ae.request("POST", "mn", {"m2m:pch": {}}, ty=PCH).rsc == 4103
    answer = mn.request("POST", "mn", {"m2m:pch": {"rn": "ch"}}, ty=PCH)
    assert answer.rsc == 2001, answer
    assert ae.get("mn/ch/pcu").rsc == 4103

    took = serve(mn, 2000, {"m2m:cnt": {"rn": "x", "cni": 7}})
    answer = ae.get("/~/id-mn/cse-mn/x", rcn=1)
    request = took.get(timeout=PATIENCE)
    assert (answer.rsc, answer.json) == (2000, {"m2m:cnt": {"rn": "x", "cni": 7}})
    assert (request["op"], request["to"], request["fr"], request["rcn"]) == (2, "/id-mn/cse-mn/x", "/id-in/Casks", 1)

    took = serve(mn, 4105, {"m2m:dbg": "is there"})
    answer = ae.request("POST", "/~/id-mn/cse-mn", {"m2m:cnt": {"rn": "x"}}, ty=CNT)
    request = took.get(timeout=PATIENCE)
    assert (answer.rsc, answer.dbg) == (4105, "is there")
    assert (request["op"], request["ty"], request["pc"]) == (1, CNT, {"m2m:cnt": {"rn": "x"}})

    ae.create("asks", CNT, {"rn": "c"})
    took = serve(mn, 2000)
    answer = ae.create("asks/c", SUB, {"nu": ["/id-mn/Cthere"], "enc": {"net": [1]}})
    assert answer.rsc == 2001, answer
    assert took.get(timeout=PATIENCE)["pc"]["m2m:sgn"]["vrq"] is True
    took = serve(mn, 2000)
    ae.update("asks/c", "m2m:cnt", {"lbl": ["news"]})
    request = took.get(timeout=PATIENCE)
    assert request["to"] == "/id-mn/Cthere" and request["pc"]["m2m:sgn"]["nev"]["rep"]["m2m:cnt"]["lbl"] == ["news"]
