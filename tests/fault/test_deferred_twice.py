"""Events that are published twice, as by a storage that was killed before it could note that they were: several orchestrators get
the copies, and each non-blocking request is carried out by one of them."""

import collections
import time

from client import CIN, CSR, Client, Receiver, eventually
from stack import Stack

BURST, ROUNDS, SLOW = 40, 6, 1.5
PENDING = 3


def elsewhere(stack):
    """Copies that were left to another instance."""
    return sum(stack.metrics(f"orchestrator.{i}").get('tessera_deferred_total{result="elsewhere"}', 0) for i in (1, 2))


def requests(admin):
    found = admin.get("", rcn=8, ty=17, lim=1000)
    return found.pc.get("m2m:req", []) if found.rsc == 2000 else []


def test_storage_killed_while_requests_are_under_way():
    """They are for a CSE that takes its time, and takes no <delivery>: it gets each of them once."""
    got = collections.Counter()

    def answer(headers, body):
        if "m2m:dlv" in body:
            return 501, {"X-M2M-RSC": "5001"}
        got[body["m2m:cin"]["con"]] += 1
        time.sleep(SLOW)
        return 201, {"X-M2M-RSC": "2001"}

    stack = Stack(instances="storage=1 orchestrator=2 notification=1 http=1")
    stack.start()
    try:
        with Receiver(answer) as slow:
            admin = Client(stack.http_port)
            assert admin.create("", CSR, {"rn": "id-slow", "csi": "/id-slow", "cb": "/id-slow/cse", "poa": [slow.url], "rr": True, "srv": ["3"]}).rsc == 2001
            ae = admin.ae("patient")
            sent = 0
            for _ in range(ROUNDS):
                for _ in range(BURST):
                    assert ae.create("/~/id-slow/cse/cnt", CIN, {"con": sent}, rt=1, da="true").rsc == 1001
                    sent += 1
                stack.kill("storage.1")
                stack.wait_healthy()
                assert eventually(lambda: len(requests(admin)) == sent and all(r["rs"] != PENDING for r in requests(admin)))
                if elsewhere(stack) > 0:
                    break
            assert elsewhere(stack) > 0, "no event came twice"
            assert got == {n: 1 for n in range(sent)}
            assert {r["ors"]["rsc"] for r in requests(admin)} == {2001}
    finally:
        stack.stop()
