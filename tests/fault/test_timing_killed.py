"""Any process killed while time series lose points and actions act: every change is acted upon, every point that did not come is listed once, in order."""

import time

import pytest

from client import ACTR, CIN, CNT, TS, TSI, Client, eventually, moment
from stack import Stack

CHANGES, PEI = 30, 100


@pytest.fixture(scope="module")
def stack():
    s = Stack(instances="storage=1 orchestrator=1 notification=1 timing=2 http=1")
    s.start()
    yield s
    s.stop()


def patiently(ask):
    """Asks again while something is away."""
    return eventually(lambda: (answer := ask()).rsc in (2001, 2004) and answer)


@pytest.mark.parametrize("victim", ["timing.1", "timing.2", "orchestrator.1", "storage.1", "broker"])
def test_kill(stack, victim):
    name = "t" + victim.replace(".", "")
    ae = Client(stack.http_port).ae(name)
    for rn in ("subject", "object"):
        assert ae.create(name, CNT, {"rn": rn, "mni": 1}).rsc == 2001
    apv = {"op": 1, "fr": f"C{name}", "to": f"cse-in/{name}/object", "ty": CIN, "pc": {"m2m:cin": {"con": "x"}}}
    assert ae.create(f"{name}/subject", ACTR, {"evc": {"sbjt": "mni", "optr": 3, "thld": 1}, "evm": 3, "orc": f"cse-in/{name}/object", "apv": apv}).rsc == 2001
    assert ae.create(name, TS, {"rn": "t", "pei": PEI, "peid": 20, "mdt": 50, "mdd": True}).rsc == 2001
    first = int(time.time() * 1000)
    assert patiently(lambda: ae.create(f"{name}/t", TSI, {"dgt": moment(first), "con": 0}))
    for n in range(CHANGES):
        if n == CHANGES // 3:
            stack.kill(victim)
        assert patiently(lambda: ae.update(f"{name}/subject", "m2m:cnt", {"mni": 2 + n}))
    stack.wait_healthy(stack.recovery)
    assert eventually(lambda: ae.get(f"{name}/object").pc["st"] >= CHANGES), ae.get(f"{name}/object").pc["st"]
    until = int((time.time() * 1000 - first) / PEI)
    assert eventually(lambda: ae.get(f"{name}/t").pc["mdc"] >= until)
    mdlt = ae.get(f"{name}/t").pc["mdlt"]
    assert mdlt == [moment(first + n * PEI) for n in range(1, len(mdlt) + 1)]
    ae.delete(name)
