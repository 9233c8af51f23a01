"""Actions: when their criterion holds for a resource that changes, their request is carried out; dependencies, modes, order, what is refused."""

import time

import pytest

from client import ACTR, CIN, CNT, DEPR, FCNT, SUB, eventually

EQUAL, NOT_EQUAL, GREATER, LESS = 1, 2, 3, 4
OFF, ONCE, PERIODIC, CONTINUOUS = 0, 1, 2, 3
OBJECT, OBJECT2 = "object", "object2"


def criterion(sbjt="mni", thld=10, optr=GREATER):
    return {"sbjt": sbjt, "optr": optr, "thld": thld}


@pytest.fixture
def subject(ae):
    """A container that is looked at, and others that something is done to."""
    for rn in ("subject", OBJECT, OBJECT2, "other"):
        assert ae.create(ae.name, CNT, {"rn": rn, "mni": 1}).rsc == 2001
    return f"{ae.name}/subject"


def primitive(ae, what="x", at=OBJECT):
    return {"op": 1, "fr": ae.origin, "to": f"cse-in/{ae.name}/{at}", "ty": CIN, "pc": {"m2m:cin": {"con": what}}}


@pytest.fixture
def act(ae, subject):
    """Creates an action below the subject; returns its address."""

    def act(parent=subject, at=OBJECT, what="x", **attributes):
        whole = {"evc": criterion(), "evm": CONTINUOUS, "apy": 5, "orc": f"cse-in/{ae.name}/{at}", "apv": primitive(ae, what, at), **attributes}
        answer = ae.create(parent, ACTR, {k: v for k, v in whole.items() if v is not None})
        assert answer.rsc == 2001, answer
        return f"{parent}/{answer.pc['rn']}"

    return act


def change(ae, at, **attributes):
    answer = ae.update(at, "m2m:cnt", attributes)
    assert answer.rsc == 2004, answer


def state_tag(ae, at=OBJECT):
    """How many instances were ever made there."""
    return ae.get(f"{ae.name}/{at}").pc["st"]


def done(ae, count, at=OBJECT):
    """True once the request was carried out so many times; never more often."""
    eventually(lambda: state_tag(ae, at) >= count)
    return state_tag(ae, at) == count


class Marker:
    """Another action on the same subject, which comes last: when it has been carried out, so have the others, or never."""

    def __init__(self, ae, act):
        self.ae, self.count = ae, 0
        act(at="other", apy=1000, evc=criterion("mni", 0))

    def passed(self):
        self.count += 1
        assert done(self.ae, self.count, "other")


def test_it_acts_when_its_criterion_holds(ae, subject, act):
    address = act(what="hot")
    assert "air" not in ae.get(address).pc
    marker = Marker(ae, act)
    change(ae, subject, mni=10)
    marker.passed()
    assert state_tag(ae) == 0
    change(ae, subject, mni=11)
    marker.passed()
    assert state_tag(ae) == 1 and ae.get(f"{ae.name}/{OBJECT}/la").pc["con"] == "hot"
    air = ae.get(address).pc["air"]
    assert air["rsc"] == 2001 and air["pc"]["m2m:cin"]["con"] == "hot" and air["rqi"]
    assert ae.get(f"{ae.name}/{OBJECT}/la").pc.get("cr") is None


def test_subject_elsewhere_by_any_address(ae, subject, act):
    ri = ae.get(f"{ae.name}/other").pc["ri"]
    for sri in (f"cse-in/{ae.name}/other", f"/id-in/cse-in/{ae.name}/other", ri):
        assert ae.get(act(sri=sri)).pc["sri"] == ri
    change(ae, subject, mni=100)
    change(ae, f"{ae.name}/other", mni=100)
    assert done(ae, 3)


def test_once_is_once_until_it_is_set_anew(ae, subject, act):
    address = act(evm=ONCE)
    marker = Marker(ae, act)
    for n in range(3):
        change(ae, subject, mni=20 + n)
        marker.passed()
    assert state_tag(ae) == 1
    assert ae.update(address, "m2m:actr", {"evm": ONCE}).rsc == 2004
    change(ae, subject, mni=30)
    marker.passed()
    assert state_tag(ae) == 2


def test_so_many_times(ae, subject, act):
    address = act(evm=CONTINUOUS, ecp=2)
    marker = Marker(ae, act)
    for n in range(4):
        change(ae, subject, mni=20 + n)
        marker.passed()
    assert state_tag(ae) == 2
    assert ae.update(address, "m2m:actr", {"ecp": 1}).rsc == 2004
    for n in range(2):
        change(ae, subject, mni=30 + n)
        marker.passed()
    assert state_tag(ae) == 3


def test_off(ae, subject, act):
    address = act(evm=OFF)
    marker = Marker(ae, act)
    change(ae, subject, mni=20)
    marker.passed()
    assert ae.update(address, "m2m:actr", {"evm": ONCE}).rsc == 2004
    change(ae, subject, mni=21)
    marker.passed()
    assert state_tag(ae) == 1


def test_periodic_acts_once_in_its_period_and_at_its_end_if_something_changed(ae, subject, act):
    start = time.monotonic()
    act(evm=PERIODIC, ecp=1500)
    marker = Marker(ae, act)
    for n in range(4):
        change(ae, subject, mni=20 + n)
        marker.passed()
    within, count = time.monotonic() - start, state_tag(ae)
    assert 1 <= count <= 1 + within / 1.5
    assert eventually(lambda: state_tag(ae) > count)
    assert time.monotonic() - start >= 1.5 or count > 1


def test_lower_priority_number_first(ae, subject, act):
    for what, apy in (("last", None), ("second", 7), ("third", 70), ("first", 1)):
        act(what=what, apy=apy)
    ae.update(f"{ae.name}/{OBJECT}", "m2m:cnt", {"mni": 10})
    change(ae, subject, mni=20)
    assert done(ae, 5)
    assert [cin["con"] for cin in ae.get(f"{ae.name}/{OBJECT}", rcn=8).pc["m2m:cin"]] == ["first", "second", "third", "last"]


def test_counters_are_looked_at_when_instances_come(ae, subject, act):
    act(evc=criterion("cni", 2))
    ae.update(subject, "m2m:cnt", {"mni": 10})
    for _ in range(2):
        ae.create(subject, CIN, {"con": "x"})
    marker = Marker(ae, act)
    change(ae, subject, lbl=["x"])
    marker.passed()
    assert state_tag(ae) == 0
    ae.create(subject, CIN, {"con": "x"})
    assert done(ae, 1)


def test_custom_attributes(ae, subject, act):
    made = ae.request("POST", ae.name, {"cod:tempe": {"rn": "t", "cnd": "org.onem2m.common.moduleclass.temperature", "curT0": 20.5}}, ty=FCNT)
    assert made.rsc == 2001, made
    there = f"cse-in/{ae.name}/t"
    act(evc=criterion("curT0", 30, GREATER), sri=there)
    for value in (29.9, 30.5):
        assert ae.update(f"{ae.name}/t", "cod:tempe", {"curT0": value}).rsc == 2004
    assert done(ae, 1)
    bad = {"evm": ONCE, "orc": f"cse-in/{ae.name}/{OBJECT}", "apv": primitive(ae), "sri": there}
    assert ae.create(subject, ACTR, {"evc": criterion("curT0", "hot"), **bad}).rsc == 4000
    assert ae.create(subject, ACTR, {"evc": criterion("humidity", 1), **bad}).rsc == 4000


def handled(stack):
    return stack.metrics("timing.1")['tessera_timing_events_total{result="handled"}']


def test_what_nobody_looks_at_any_more_costs_nothing(stack, ae, subject, act):
    address = act()
    change(ae, subject, mni=20)
    assert done(ae, 1)
    assert ae.delete(address).rsc == 2002
    before = None

    def quiet():
        """The first event of it tells that its mark is needless; from then on none comes."""
        nonlocal before
        change(ae, subject, mni=21)
        before, last = handled(stack), before
        return before == last

    assert eventually(quiet)


def depend(ae, action, subject="other", sfc=False, thld=5, optr=EQUAL):
    answer = ae.create(action, DEPR, {"sfc": sfc, "evc": criterion("mni", thld, optr), "rri": f"cse-in/{ae.name}/{subject}"})
    assert answer.rsc == 2001, answer
    return answer.pc["ri"]


DEPENDENCIES = {
    "needed": ([(False, 1)], True), "needed, not so": ([(False, 2)], False), "one of two": ([(False, 1), (False, 2)], False), "enough": ([(True, 1), (False, 2)], True),
    "not enough": ([(True, 2), (False, 1)], True), "nothing holds": ([(True, 2), (True, 3)], False),
}


@pytest.mark.parametrize("case", DEPENDENCIES)
def test_dependencies(ae, subject, act, case):
    dependencies, acts = DEPENDENCIES[case]
    address = act()
    ids = [depend(ae, address, sfc=sfc, thld=thld) for sfc, thld in dependencies]
    depend(ae, address, thld=77)  # not in its list: it does not count
    assert ae.update(address, "m2m:actr", {"dep": ids}).rsc == 2004
    act(at=OBJECT2, apy=1000)
    change(ae, subject, mni=20)
    assert done(ae, 1, OBJECT2)
    assert state_tag(ae) == acts


def test_the_request_has_the_rights_of_who_made_it(ae, guest, subject):
    """The guest may create an action there, but nothing at its object."""
    policy = {"pv": {"acr": [{"acor": [guest.origin], "acop": 3}, {"acor": [ae.origin], "acop": 63}]}, "pvs": {"acr": [{"acor": [ae.origin], "acop": 63}]}}
    assert ae.create(ae.name, 1, {"rn": "p", **policy}).rsc == 2001
    assert ae.update(subject, "m2m:cnt", {"acpi": [f"cse-in/{ae.name}/p"]}).rsc == 2004
    answer = guest.create(subject, ACTR, {"rn": "a", "evc": criterion(), "evm": ONCE, "orc": f"cse-in/{ae.name}/{OBJECT}", "apv": primitive(guest) | {"to": f"cse-in/{ae.name}/{OBJECT}"}})
    assert answer.rsc == 2001, answer
    change(ae, subject, mni=20)
    assert eventually(lambda: guest.get(f"{subject}/a").pc.get("air"))["rsc"] == 4103
    assert state_tag(ae) == 0


def test_subscribers_hear_of_results(ae, subject, act, receiver):
    address = act()
    assert ae.create(address, SUB, {"nu": [receiver.url], "enc": {"net": [1], "atr": ["air"]}, "nct": 2}).rsc == 2001
    change(ae, subject, mni=20)
    assert receiver.next()["nev"]["rep"]["m2m:actr"]["air"]["rsc"] == 2001


REFUSED = {
    "times with once": {"evm": ONCE, "ecp": 3}, "times with off": {"evm": OFF, "ecp": 3}, "no such mode": {"evm": 4}, "no such subject": {"sri": "cse-in/nothing"},
    "subject of another CSE": {"sri": "/id-other/cse/x"}, "no such object": {"orc": "cse-in/nothing"}, "another attribute": {"evc": criterion("nothing")},
    "text threshold": {"evc": criterion("mni", "10")}, "negative threshold": {"evc": criterion("mni", -1)}, "order of texts": {"evc": criterion("rn", "x", GREATER)},
    "order of lists": {"evc": criterion("lbl", ["x"], LESS)}, "no such operator": {"evc": criterion(optr=7)}, "no threshold": {"evc": {"sbjt": "mni", "optr": 1}}, "dependencies from the start": {"dep": []},
    "result": {"air": {}}, "priority 0": {"apy": 0},
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(ae, subject, case):
    good = {"evc": criterion(), "evm": CONTINUOUS, "orc": f"cse-in/{ae.name}/{OBJECT}", "apv": primitive(ae)}
    answer = ae.create(subject, ACTR, good | REFUSED[case])
    assert answer.rsc == 4000 and answer.dbg, answer


@pytest.mark.parametrize("apv", [{"fr": "CAdmin"}, {"fr": None}, {"to": "cse-in"}, {"op": None}, {"op": 6}])
def test_refused_primitives(ae, subject, apv):
    made = {k: v for k, v in {**primitive(ae), **apv}.items() if v is not None}
    assert ae.create(subject, ACTR, {"evc": criterion(), "evm": ONCE, "orc": f"cse-in/{ae.name}/{OBJECT}", "apv": made}).rsc == 4000


def test_refused_updates(ae, guest, subject, act):
    address, other = act(), act()
    foreign = depend(ae, other)
    for attributes in ({"evm": ONCE, "ecp": 2}, {"dep": [foreign]}, {"dep": ["nothing"]}, {"orc": None}, {"evc": criterion("mni", "x")}, {"sri": "cse-in"}, {"apv": primitive(guest)}, {"air": {"rsc": 2000}}):
        answer = ae.update(address, "m2m:actr", attributes)
        assert answer.rsc == 4000, (attributes, answer)
    assert ae.update(address, "m2m:actr", {"evc": criterion("lbl", ["x"], EQUAL)}).rsc == 2004
    for ipu in ({"cstr": "x"}, {"cstr": "x", "rsid": "nothing", "raid": "mni"}, {"cstr": "x", "rsid": f"cse-in/{ae.name}", "raid": "mni"}):
        assert ae.update(address, "m2m:actr", {"ipu": ipu}).rsc == 4000


def test_input_of_another_resource(ae, subject, act):
    """The request carries what an attribute is when it is made."""
    address = act(what="NOW", ipu={"cstr": "NOW", "rsid": f"cse-in/{ae.name}/other", "raid": "mni"})
    assert ae.get(address).pc["ipu"]["rsid"] == ae.get(f"{ae.name}/other").pc["ri"]
    change(ae, f"{ae.name}/other", mni=7)
    change(ae, subject, mni=11)
    assert done(ae, 1) and ae.get(f"{ae.name}/{OBJECT}/la").pc["con"] == 7
    change(ae, f"{ae.name}/other", mni=None)  # nothing to put in: nothing is sent
    change(ae, subject, mni=12)
    assert eventually(lambda: ae.get(address).pc["air"]["rsc"] == 4004) and state_tag(ae) == 1


def test_refused_dependencies(ae, subject, act):
    address = act()
    for attributes in ({"rri": "cse-in/nothing"}, {"evc": criterion("nothing")}, {"evc": criterion("mni", "x")}, {"sfc": "yes"}):
        assert ae.create(address, DEPR, {"sfc": True, "evc": criterion(), "rri": f"cse-in/{ae.name}/other", **attributes}).rsc == 4000
    child = ae.create(address, DEPR, {"sfc": True, "evc": criterion(), "rri": f"cse-in/{ae.name}/other"}).pc["rn"]
    assert ae.update(f"{address}/{child}", "m2m:depr", {"rri": "cse-in/nothing"}).rsc == 4000
    assert ae.update(f"{address}/{child}", "m2m:depr", {"sfc": False}).rsc == 2004
    assert ae.create(subject, DEPR, {"sfc": True, "evc": criterion(), "rri": "cse-in"}).rsc == 4108


def test_deleted_it_does_nothing_more(ae, subject, act):
    address = act()
    marker = Marker(ae, act)
    assert ae.delete(address).rsc == 2002
    change(ae, subject, mni=20)
    marker.passed()
    assert state_tag(ae) == 0


def test_nothing_is_left_out_by_a_kill(stack, ae, subject, act):
    act(evm=CONTINUOUS, ecp=6)
    once = act(evm=ONCE, at=OBJECT2)
    change(ae, subject, mni=20)
    assert eventually(lambda: "air" in ae.get(once).pc)
    stack.kill("timing.1")
    for n in range(4):
        change(ae, subject, mni=21 + n)
    assert eventually(lambda: state_tag(ae) >= 5)
    stack.wait_healthy()
    assert state_tag(ae, OBJECT2) == 1
    change(ae, subject, mni=30)
    assert eventually(lambda: state_tag(ae) == 6)
