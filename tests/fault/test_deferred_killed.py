"""Non-blocking requests and a killed orchestrator: what was acknowledged is carried out, once."""

import collections

from client import CIN, CNT, Client, Receiver, eventually
from stack import Stack

COUNT = 200


def stored(ae):
    return collections.Counter(i["con"] for i in ae.get("later/c", rcn=8, lim=1000).pc["m2m:cin"])


def test_killed_while_carrying_out():
    """What one instance has carried out and not yet noted is not carried out once more by the next."""
    stack = Stack()
    stack.start()
    try:
        ae = Client(stack.http_port).ae("later")
        for killed in range(3):
            assert ae.create("later", CNT, {"rn": "c"}).rsc == 2001
            for i in range(COUNT // 2):
                assert ae.create("later/c", CIN, {"con": i}, rt=2, headers={"X-M2M-OET": "800"}).rsc == 1002
            assert eventually(lambda: ae.get("later/c").pc["cni"] >= COUNT // 5)
            stack.kill("orchestrator.1")
            stack.wait_healthy()
            assert eventually(lambda: set(stored(ae)) == set(range(COUNT // 2)), 30)
            assert eventually(lambda: {r["rs"] for r in Client(stack.http_port).get("", rcn=8, ty=17, lim=1000).pc["m2m:req"]} == {1})
            assert stored(ae) == {i: 1 for i in range(COUNT // 2)}, killed
            assert ae.delete("later/c").rsc == 2002
    finally:
        stack.stop()


def test_carried_out_once():
    stack = Stack()
    stack.start()
    try:
        with Receiver() as receiver:
            ae = Client(stack.http_port).ae("later")
            assert ae.create("later", CNT, {"rn": "c"}).rsc == 2001
            headers = {"X-M2M-OET": "1500", "X-M2M-RTU": receiver.url}
            for i in range(COUNT):
                assert ae.create("later/c", CIN, {"con": i}, rt=2, headers=headers).rsc == 1002
                if i in (COUNT // 2, COUNT - 1):
                    stack.kill("orchestrator.1")
                    stack.wait_healthy()
            assert eventually(lambda: ae.get("later/c").pc["cni"] >= COUNT, 30)
            told = {receiver.got.get(timeout=30)[1]["m2m:rsp"]["pc"]["m2m:cin"]["con"] for _ in range(COUNT)}
            assert stored(ae) == {i: 1 for i in range(COUNT)}
            assert eventually(lambda: told == set(range(COUNT)) or told.add(receiver.got.get(timeout=10)[1]["m2m:rsp"]["pc"]["m2m:cin"]["con"]), 30)
    finally:
        stack.stop()
