"""Processes: enabled, activated, led from state to state with their actions, paused and ended, all as their conditions say; what is refused."""

import pytest

from client import ACTR, CIN, CNT, PRMR, STTE, SUB, eventually

DISABLED, ENABLED, ACTIVATED, PAUSED, COMPLETED, ABORTED = 1, 2, 3, 4, 5, 6
ENABLE, DISABLE, PAUSE, REACTIVATE = 1, 2, 3, 4


def criterion(thld, optr=1):
    return {"sbjt": "mni", "optr": optr, "thld": thld}


class Process:
    """A process that looks at the container "subject" of its AE."""

    def __init__(self, ae):
        self.ae = ae
        for rn in ("subject", "object"):
            assert ae.create(ae.name, CNT, {"rn": rn, "mni": 1}).rsc == 2001
        self.subject = f"cse-in/{ae.name}/subject"
        self.path = f"{ae.name}/p"
        self.made = ae.create(ae.name, PRMR, {"rn": "p"})
        assert self.made.rsc == 2001, self.made

    def state(self, rn, *transitions):
        """A state with transitions (value of mni, name of the next state); returns its id."""
        answer = self.ae.create(self.path, STTE, {"rn": rn, "sttrs": [self.transition(*t) for t in transitions]} if transitions else {"rn": rn})
        assert answer.rsc == 2001, answer
        return answer.pc["ri"]

    def transition(self, thld, to=None):
        whole = {"evc": criterion(thld), "sri": self.subject}
        return whole | ({"nxst": f"cse-in/{self.path}/{to}"} if to else {})

    def action(self, state, what, **more):
        """The action of a state: stores `what` in the container "object"."""
        answer = self.ae.create(f"{self.path}/{state}", ACTR, {"evc": criterion(0, 3), "evm": 1, "sri": self.subject, "orc": f"cse-in/{self.ae.name}/object", **more,
                                "apv": {"op": 1, "fr": self.ae.origin, "to": f"cse-in/{self.ae.name}/object", "ty": CIN, "pc": {"m2m:cin": {"con": what}}}})
        assert answer.rsc == 2001, answer
        assert self.ae.update(f"{self.path}/{state}", "m2m:stte", {"stac": answer.pc["ri"]}).rsc == 2004

    def set(self, **attributes):
        return self.ae.update(self.path, "m2m:prmr", attributes)

    def control(self, prct, rsc=2004):
        answer = self.set(prct=prct)
        assert answer.rsc == rsc, answer
        return answer

    def change(self, mni):
        assert self.ae.update(f"{self.ae.name}/subject", "m2m:cnt", {"mni": mni}).rsc == 2004

    def reaches(self, status, state=None):
        """Waits until the process is there."""
        assert eventually(lambda: self.ae.get(self.path).pc["prst"] == status and (not state or self.current == state)), self.ae.get(self.path)
        return True

    @property
    def current(self):
        """The name of the current state, which is the only one that is active."""
        active = [s["rn"] for s in self.ae.get(self.path, rcn=8).pc.get("m2m:stte", []) if s["sact"]]
        cust = self.ae.get(self.path).pc.get("cust")
        assert len(active) < 2
        return active[0] if active and self.ae.get(f"{self.path}/{active[0]}").pc["ri"] == cust else None

    @property
    def done(self):
        """What actions have stored, by its number."""
        return self.ae.get(f"{self.ae.name}/object").pc["st"]


@pytest.fixture
def process(ae):
    return Process(ae)


def chain(process):
    """one -(1)-> two -(2)-> three -(1)-> one"""
    process.state("one")
    process.state("two")
    process.state("three", (1, "one"))
    for rn, t in (("one", (1, "two")), ("two", (2, "three"))):
        assert process.ae.update(f"{process.path}/{rn}", "m2m:stte", {"sttrs": [process.transition(*t)]}).rsc == 2004
    assert process.set(inst=f"cse-in/{process.path}/one").rsc == 2004


def test_made_disabled(process):
    a = process.made.pc
    assert (a["prst"], a["prct"]) == (DISABLED, DISABLE) and "cust" not in a and "inst" not in a
    assert process.ae.get(f"{process.path}/{process.state('s') and 's'}").pc["sact"] is False


def test_from_state_to_state(process):
    chain(process)
    process.change(5)
    assert process.control(ENABLE).pc["prst"] == ENABLED
    assert process.reaches(ACTIVATED, "one")
    process.change(1)
    assert process.reaches(ACTIVATED, "two")
    process.change(2)
    assert process.reaches(ACTIVATED, "three")
    process.change(7)
    process.change(1)  # to the first state, and on: its condition holds already
    assert process.reaches(ACTIVATED, "two")
    assert process.control(DISABLE).pc["prst"] == DISABLED
    assert "cust" not in process.ae.get(process.path).pc and process.current is None


def test_quick_changes_are_not_missed(process):
    process.state("c")
    process.state("b", (3, "c"))
    process.state("a", (2, "b"))
    assert process.set(inst=f"cse-in/{process.path}/a").rsc == 2004
    process.control(ENABLE)
    assert process.reaches(ACTIVATED, "a")
    for mni in (2, 3, 4):
        process.change(mni)
    assert process.reaches(ACTIVATED, "c")


def test_it_waits_for_its_conditions_and_ends_with_them(process):
    process.state("only")
    conditions = [{"evc": criterion(3, 3), "sri": process.subject}, {"evc": criterion(100, 4), "sri": process.subject}]
    assert process.set(inst=f"cse-in/{process.path}/only", atcos=conditions, encos=[{"evc": criterion(50), "sri": process.subject}]).rsc == 2004
    process.control(ENABLE)
    process.change(2)
    process.change(200)
    assert process.ae.get(process.path).pc["prst"] == ENABLED
    process.change(20)
    assert process.reaches(ACTIVATED, "only")
    process.change(50)
    assert process.reaches(COMPLETED)
    assert process.current is None
    process.control(ENABLE, 4005)
    process.control(DISABLE)
    process.control(ENABLE)


def test_a_transition_to_nowhere_ends_it(process):
    process.state("only", (9, None))
    process.set(inst=f"cse-in/{process.path}/only")
    process.control(ENABLE)
    assert process.reaches(ACTIVATED)
    process.change(9)
    assert process.reaches(COMPLETED)


def test_the_action_of_a_state_acts_while_it_is_the_current_one(process):
    chain(process)
    process.action("two", "x", evm=3)
    process.change(5)
    assert process.done == 0
    process.control(ENABLE)
    assert process.reaches(ACTIVATED, "one")
    process.change(1)
    assert process.reaches(ACTIVATED, "two") and eventually(lambda: process.done == 1)  # on entering
    process.change(6)
    assert eventually(lambda: process.done == 2)
    process.change(2)
    assert process.reaches(ACTIVATED, "three")
    before = process.done
    process.change(8)
    process.change(1)
    assert process.reaches(ACTIVATED, "two") and eventually(lambda: process.done == before + 1)


def test_transitions_look_at_what_the_action_looks_at(process):
    process.state("end")
    process.state("begin")
    process.action("begin", "x")
    assert process.ae.update(f"{process.path}/begin", "m2m:stte", {"sttrs": [{"evc": criterion(4), "nxst": f"cse-in/{process.path}/end"}]}).rsc == 2004
    process.set(inst=f"cse-in/{process.path}/begin")
    process.control(ENABLE)
    assert process.reaches(ACTIVATED, "begin") and eventually(lambda: process.done == 1)
    process.change(4)
    assert process.reaches(ACTIVATED, "end")


def test_paused(process):
    chain(process)
    process.control(PAUSE, 4005)
    process.control(ENABLE)
    process.change(7)
    assert process.reaches(ACTIVATED)
    state = process.current
    process.control(REACTIVATE, 4005)
    assert process.control(PAUSE).pc["prst"] == PAUSED
    process.change(2)
    process.change(1)
    assert process.current == state
    assert process.control(REACTIVATE).pc["prst"] == ACTIVATED
    assert process.reaches(ACTIVATED, "two")


def test_order_of_controls(process):
    chain(process)
    for prct in (DISABLE, PAUSE, REACTIVATE):
        process.control(prct, 4005)
    process.control(5, 4000)
    process.control(ENABLE)
    process.control(ENABLE, 4005)


def test_only_a_disabled_one_is_changed(process):
    chain(process)
    process.control(ENABLE)
    assert process.set(inst=f"cse-in/{process.path}/two").rsc == 4005
    assert process.set(atcos=[{"evc": criterion(1), "sri": process.subject}]).rsc == 4005
    assert process.set(encos=None).rsc == 4005
    assert process.set(lbl=["x"]).rsc == 2004
    assert process.ae.create(process.path, STTE, {}).rsc == 4005
    assert process.ae.update(f"{process.path}/two", "m2m:stte", {"sttrs": []}).rsc == 4005
    assert process.ae.delete(f"{process.path}/two").rsc == 4005
    process.control(DISABLE)
    assert process.ae.delete(f"{process.path}/two").rsc == 2002


def test_references_that_lead_nowhere(process):
    ae, here = process.ae, f"cse-in/{process.path}"
    process.state("s")
    ae.create(ae.name, PRMR, {"rn": "q"})
    ae.create(f"{ae.name}/q", STTE, {"rn": "s"})
    for attributes in ({"inst": "cse-in/nothing"}, {"inst": process.subject}, {"inst": f"cse-in/{ae.name}/q/s"}, {"atcos": [{"evc": criterion(1), "sri": "cse-in/nothing"}]},
                       {"encos": [{"evc": {"sbjt": "nothing", "optr": 1, "thld": 1}, "sri": process.subject}]}, {"atcos": [{"evc": criterion("x"), "sri": process.subject}]}):
        assert process.set(**attributes).rsc == 4142, attributes
    for transition in ({"evc": criterion(1), "nxst": "cse-in/nothing"}, {"evc": criterion(1), "nxst": f"cse-in/{ae.name}/q/s"}, {"evc": criterion(1), "sri": "cse-in/nothing"},
                       {"evc": criterion("x"), "sri": process.subject}):
        assert ae.create(process.path, STTE, {"sttrs": [transition]}).rsc == 4142, transition
    assert ae.update(f"{process.path}/s", "m2m:stte", {"stac": process.subject}).rsc == 4142
    process.control(ENABLE, 4142)  # no initial state
    assert process.set(inst=f"{here}/s").rsc == 2004
    assert ae.update(f"{process.path}/s", "m2m:stte", {"sttrs": [{"evc": criterion(1), "nxst": f"{here}/s"}]}).rsc == 2004
    process.control(ENABLE, 4142)  # nothing says what that transition looks at


def test_what_the_cse_sets_is_nobodys(process):
    ae = process.ae
    process.state("s")
    for attributes in ({"prst": 3}, {"cust": "x"}):
        assert process.set(**attributes).rsc == 4000
    assert ae.update(f"{process.path}/s", "m2m:stte", {"sact": True}).rsc == 4000
    assert ae.create(ae.name, PRMR, {"prct": 1}).rsc == 4000
    assert ae.create(ae.name, PRMR, {"inst": "x"}).rsc == 4000


def test_subscribers_hear_of_it(process, receiver):
    process.state("only")
    process.set(inst=f"cse-in/{process.path}/only")
    assert process.ae.create(process.path, SUB, {"nu": [receiver.url], "enc": {"net": [1], "atr": ["prst"]}, "nct": 2}).rsc == 2001
    process.control(ENABLE)
    assert [receiver.next()["nev"]["rep"]["m2m:prmr"]["prst"] for _ in range(2)] == [ENABLED, ACTIVATED]


def test_it_goes_on_after_a_kill(stack, process):
    chain(process)
    process.change(5)
    process.control(ENABLE)
    assert process.reaches(ACTIVATED, "one")
    stack.kill("timing.1")
    process.change(1)
    assert process.reaches(ACTIVATED, "two")
    stack.wait_healthy()
    process.change(2)
    assert process.reaches(ACTIVATED, "three")
