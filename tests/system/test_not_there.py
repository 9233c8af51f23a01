"""What is not there is refused with a status that says so, never ignored."""

import pytest

from client import ACP, CNT, SUB

DEAD = "http://127.0.0.1:9/"
RULES = {"acr": [{"acor": ["all"], "acop": 63}]}
NOT_THERE = {
    "enc.aq": (5001, lambda c, at: c.create(at, SUB, {"nu": [DEAD], "enc": {"aq": "x"}})),
    "eeno": (5001, lambda c, at: c.create(at, SUB, {"nu": [DEAD], "eeno": True})),
    "acco.acec": (5001, lambda c, at: c.create(at, ACP, {"pv": {"acr": [{"acor": ["all"], "acop": 1, "acco": [{"acec": {"optr": 1, "sbjt": "a", "thld": 1}}]}]}, "pvs": RULES})),
    "fc.aq": (5001, lambda c, at: c.discover(at, aq="a")),
    "fc.ops": (5001, lambda c, at: c.discover(at, ops=1)),
}


@pytest.mark.parametrize("what", NOT_THERE)
def test_refused(ae, what):
    rsc, ask = NOT_THERE[what]
    assert ae.create(ae.name, CNT, {"rn": "c"}).rsc == 2001
    assert ae.request("POST", ae.name, {"m2m:grp": {"rn": "g", "mid": [f"cse-in/{ae.name}/c"], "mnm": 1}}, ty=9).rsc == 2001
    answer = ask(ae, ae.name)
    assert answer.rsc == rsc and answer.dbg, answer
