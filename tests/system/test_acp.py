"""Access control: whom the rules of a policy let in, for what, and from when on; TS-0001 9.6.2, TS-0004 7.3.3.15."""

import time

import pytest

from client import ACP, CIN, CNT, SUB

C, R, U, D, N, F = 1, 2, 4, 8, 16, 32  # F: discovery ("find")


def rule(*originators, op=63, **more):
    return {"acor": list(originators), "acop": op, **more}


class Policy:
    """A policy of `owner`, and a container "c" with an instance below it that it rules."""

    def __init__(self, owner):
        self.owner, self.own = owner, rule(owner.origin)
        self.acp, self.box = f"{owner.name}/acp", f"{owner.name}/c"
        created = owner.create(owner.name, ACP, {"rn": "acp", "pv": {"acr": [self.own]}, "pvs": {"acr": [self.own]}})
        assert created.rsc == 2001, created
        assert owner.create(owner.name, CNT, {"rn": "c", "acpi": [created.pc["ri"]]}).rsc == 2001
        assert owner.create(self.box, CIN, {"rn": "i", "con": "old"}).rsc == 2001

    def give(self, *rules, pvs=()):
        """The owner keeps all rights; these are added."""
        answer = self.owner.update(self.acp, "m2m:acp", {"pv": {"acr": [self.own, *rules]}, "pvs": {"acr": [self.own, *pvs]}})
        assert answer.rsc == 2004, answer


@pytest.fixture
def policy(ae):
    return Policy(ae)


# ---- who

FORMS = {
    "all": ("all", True),
    "stem": ("{stem}", True),
    "SP-relative": ("/id-in/{stem}", True),
    "absolute": ("//tessera.example.com/id-in/{stem}", True),
    "star alone": ("*", True),
    "star at the end": ("Cguest*", True),
    "star in the middle": ("C*st*", True),
    "star in an SP-relative id": ("/id-in/C*", True),
    "domain of this provider": ("tessera.example.com", True),
    "somebody else": ("Cother", False),
    "beginning of the stem": ("Cgues", False),
    "stem and more": ("{stem}x", False),
    "case matters": ("cguest*", False),
    "star that does not fit": ("S*", False),
    "at another CSE": ("/other/{stem}", False),
    "at another provider": ("//other.example.com/id-in/{stem}", False),
    "another domain": ("example.org", False),
    "this CSE, not its AEs": ("/id-in", False),
    "resource name": ("guest*", False),
    "All is not all": ("All", False),
}


@pytest.mark.parametrize("form", FORMS)
def test_originators(policy, guest, form):
    pattern, allowed = FORMS[form]
    policy.give(rule(pattern.format(stem=guest.origin), op=R))
    assert guest.get(policy.box).rsc == (2000 if allowed else 4103)


def test_one_of_several_originators_and_rules(policy, guest):
    policy.give(rule("Ca", "Cb", op=63), rule("Cc", guest.origin, op=R), rule("Cd", op=63))
    assert guest.get(policy.box).rsc == 2000
    policy.give(rule(guest.origin, op=R), rule(guest.origin, op=U))
    assert guest.get(policy.box).rsc == 2000 and guest.update(policy.box, "m2m:cnt", {"lbl": ["x"]}).rsc == 2004


def test_all_does_not_mean_strangers(policy, ae):
    policy.give(rule("all"))
    assert ae.as_("Cstranger").get(policy.box).rsc == 4106
    assert ae.as_(None).get(policy.box).rsc == 4000


# ---- what

OPERATIONS = {
    "CREATE container": (C, lambda g, p: g.create(p.box, CNT, {})),
    "CREATE instance": (C, lambda g, p: g.create(p.box, CIN, {"con": 1})),
    "RETRIEVE": (R, lambda g, p: g.get(p.box)),
    "RETRIEVE instance": (R, lambda g, p: g.get(f"{p.box}/i")),
    "RETRIEVE latest": (R, lambda g, p: g.get(f"{p.box}/la")),
    "RETRIEVE with children": (R, lambda g, p: g.get(p.box, rcn=4)),
    "UPDATE": (U, lambda g, p: g.update(p.box, "m2m:cnt", {"lbl": ["x"]})),
    "DELETE latest": (D, lambda g, p: g.delete(f"{p.box}/la")),
    "DELETE": (D, lambda g, p: g.delete(p.box)),
}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_operation_bits(policy, guest, operation):
    bit, perform = OPERATIONS[operation]
    for op in (63 - bit, 0):
        policy.give(rule(guest.origin, op=op))
        answer = perform(guest, policy)
        assert (answer.rsc, answer.status) == (4103, 403), (op, answer)
    policy.give(rule(guest.origin, op=bit))
    assert perform(guest, policy).rsc in (2000, 2001, 2002, 2004)


def test_discovery_bit(policy, guest):
    for op, count in ((63 - F, 0), (0, 0), (F, 2)):
        policy.give(rule(guest.origin, op=op))
        found = guest.discover(policy.owner.name)
        assert found.rsc == 2000 and len(found.found) == count, op


def test_notify_bit(policy, guest, receiver):
    owner = policy.owner
    assert owner.update(owner.name, "m2m:ae", {"poa": [receiver.url]}).rsc == 2004
    assert owner.update(owner.name, "m2m:ae", {"acpi": [f"cse-in/{policy.acp}"]}).rsc == 2004
    for op, rsc in ((63 - N, 4103), (N, 2000)):
        policy.give(rule(guest.origin, op=op))
        assert guest.request("POST", owner.name, {"m2m:sgn": {"sur": "x", "nev": {"net": 1}}}).rsc == rsc
    assert receiver.next()["nev"] == {"net": 1}
    assert receiver.none(0.2)


def test_subscribing_takes_create_and_retrieve(policy, guest):
    for op, rsc in ((C, 4103), (R, 4103), (C | R, 2001)):
        policy.give(rule(guest.origin, op=op))
        assert guest.create(policy.box, SUB, {"nu": ["http://127.0.0.1:1"]}).rsc == rsc, op


# ---- when, from where, which objects

CONTEXTS = {
    "no context": (None, True),
    "any time": ([{"actw": ["* * * * * * *"]}], True),
    "this hour": ([{"actw": ["* * {hour} * * * *"]}], True),
    "this day and month": ([{"actw": ["* * * {day} {month} * *"]}], True),
    "another year": ([{"actw": ["* * * * * * 2001"]}], False),
    "another hour": ([{"actw": ["* * {other} * * * *"]}], False),
    "one of two windows": ([{"actw": ["* * * * * * 2001", "* * * * * * *"]}], True),
    "range and step": ([{"actw": ["*/1 0-59 * 1-31 1-12 0-7 2020-2099"]}], True),
    "this address": ([{"acip": {"ipv4": ["127.0.0.1"]}}], True),
    "this network": ([{"acip": {"ipv4": ["127.0.0.0/8"]}}], True),
    "another address": ([{"acip": {"ipv4": ["127.0.0.2"]}}], False),
    "another network": ([{"acip": {"ipv4": ["10.0.0.0/8", "128.0.0.0/1"]}}], False),
    "any network": ([{"acip": {"ipv4": ["0.0.0.0/0"]}}], True),
    "IPv6 only": ([{"acip": {"ipv6": ["::1"]}}], False),
    "one of both families": ([{"acip": {"ipv6": ["::1"], "ipv4": ["127.0.0.1"]}}], True),
    "both kinds must hold": ([{"actw": ["* * * * * * *"], "acip": {"ipv4": ["10.0.0.1"]}}], False),
    "both kinds hold": ([{"actw": ["* * * * * * *"], "acip": {"ipv4": ["127.0.0.1"]}}], True),
    "one of two contexts": ([{"acip": {"ipv4": ["10.0.0.1"]}}, {"actw": ["* * * * * * *"]}], True),
    "none of two contexts": ([{"acip": {"ipv4": ["10.0.0.1"]}}, {"actw": ["* * * * * * 2001"]}], False),
    "a country nobody told": ([{"aclr": {"accc": ["KR"]}}], False),
    "a circle nobody told": ([{"aclr": {"accr": [52.5, 13.4, 1000]}}], False),
}


@pytest.mark.parametrize("case", CONTEXTS)
def test_contexts(policy, guest, case):
    contexts, allowed = CONTEXTS[case]
    at = time.gmtime()
    words = {"hour": at.tm_hour, "other": (at.tm_hour + 12) % 24, "day": at.tm_mday, "month": at.tm_mon}
    contexts = [c | {"actw": [w.format(**words) for w in c["actw"]]} if "actw" in c else c for c in contexts or ()]
    policy.give(rule(guest.origin, op=R, **({"acco": contexts} if contexts else {})))
    assert guest.get(policy.box).rsc == (2000 if allowed else 4103)


def test_authentication_flag(policy, guest):
    policy.give(rule(guest.origin, op=R, acaf=True))
    assert guest.get(policy.box).rsc == 4103  # nothing has authenticated it
    policy.give(rule(guest.origin, op=R, acaf=False))
    assert guest.get(policy.box).rsc == 2000


DETAILS = {  # object details: may a container be created, an instance, and the container read?
    "containers": ([{"chty": [3]}], True, False, True),
    "instances": ([{"chty": [4]}], False, True, True),
    "both": ([{"chty": [4, 3]}], True, True, True),
    "two entries": ([{"chty": [4]}, {"chty": [3]}], True, True, True),
    "below containers": ([{"ty": 3, "chty": [4]}], False, True, True),
    "below AEs": ([{"ty": 2, "chty": [3, 4]}], False, False, False),
    "one of two types": ([{"ty": 2, "chty": [4]}, {"ty": 3, "chty": [3]}], True, False, True),
    "none": ([], True, True, True),
}


@pytest.mark.parametrize("case", DETAILS)
def test_object_details(policy, guest, case):
    details, container, instance, read = DETAILS[case]
    policy.give(rule(guest.origin, op=C | R, **({"acod": details} if details else {})))
    assert guest.create(policy.box, CNT, {}).rsc == (2001 if container else 4103)
    assert guest.create(policy.box, CIN, {"con": 1}).rsc == (2001 if instance else 4103)
    assert guest.get(policy.box).rsc == (2000 if read else 4103)


# ---- the policy as a resource

MALFORMED = {
    "no originators": {"acop": 63}, "no operations": {"acor": ["all"]}, "originators are no list": {"acor": "all", "acop": 63}, "operations beyond 63": {"acor": ["all"], "acop": 64},
    "negative operations": {"acor": ["all"], "acop": -1}, "operations as text": {"acor": ["all"], "acop": "63"}, "unknown member": {"acor": ["all"], "acop": 63, "x": 1},
    "bad window": {"acor": ["all"], "acop": 63, "acco": [{"actw": ["every day"]}]}, "six fields": {"acor": ["all"], "acop": 63, "acco": [{"actw": ["* * * * * *"]}]},
    "bad address": {"acor": ["all"], "acop": 63, "acco": [{"acip": {"ipv4": ["300.1.1.1"]}}]}, "bad prefix": {"acor": ["all"], "acop": 63, "acco": [{"acip": {"ipv4": ["10.0.0.0/33"]}}]},
    "details without child types": {"acor": ["all"], "acop": 63, "acod": [{"ty": 3}]}, "bad circle": {"acor": ["all"], "acop": 63, "acco": [{"aclr": {"accr": [1, 2]}}]}, "flag": {"acor": ["all"], "acop": 63, "acaf": 1},
    "rule is no object": "all",
}


@pytest.mark.parametrize("case", MALFORMED)
def test_malformed_rules(policy, case):
    bad = {"acr": [MALFORMED[case]]}
    for attributes in ({"pv": bad, "pvs": {"acr": [policy.own]}}, {"pv": {"acr": [policy.own]}, "pvs": bad}):
        assert policy.owner.create(policy.owner.name, ACP, attributes).rsc == 4000
        assert policy.owner.update(policy.acp, "m2m:acp", attributes).rsc == 4000


def test_what_a_policy_must_have(policy):
    owner, some = policy.owner, {"acr": [policy.own]}
    for attributes, rsc in (({"pv": some}, 4000), ({"pvs": some}, 4000), ({"pv": some, "pvs": {}}, 4000), ({"pv": some, "pvs": {"acr": []}}, 4000), ({"pv": {}, "pvs": some}, 2001),
                            ({"pv": {"acr": []}, "pvs": some}, 2001), ({"pv": some, "pvs": some, "acpi": ["x"]}, 4000), ({"pv": [], "pvs": some}, 4000)):
        assert owner.create(owner.name, ACP, attributes).rsc == rsc, attributes
    for attributes in ({"pv": None}, {"pvs": None}, {"pvs": {"acr": []}}):
        assert owner.update(policy.acp, "m2m:acp", attributes).rsc == 4000, attributes


SELF = {
    "RETRIEVE": (R, lambda g, p: g.get(p.acp)),
    "UPDATE": (U, lambda g, p: g.update(p.acp, "m2m:acp", {"lbl": ["x"]})),
    "DELETE": (D, lambda g, p: g.delete(p.acp)),
    "subscribe": (C | R, lambda g, p: g.create(p.acp, SUB, {"nu": ["http://127.0.0.1:1"]})),
}


@pytest.mark.parametrize("operation", SELF)
def test_self_privileges_rule_the_policy(policy, guest, operation):
    bits, perform = SELF[operation]
    policy.give(rule(guest.origin, op=63), pvs=[rule(guest.origin, op=63 & ~bits)])
    assert perform(guest, policy).rsc == 4103
    policy.give(pvs=[rule(guest.origin, op=bits)])
    assert perform(guest, policy).rsc in (2000, 2001, 2002, 2004)


def test_the_creator_has_no_right_to_a_policy_that_does_not_give_it(ae, guest):
    other = {"acr": [rule(guest.origin)]}
    assert ae.create(ae.name, ACP, {"rn": "acp", "pv": other, "pvs": other}).rsc == 2001
    assert ae.get(f"{ae.name}/acp").rsc == 4103
    assert guest.get(f"{ae.name}/acp").rsc == 2000


# ---- who may change acpi

def test_changing_acpi_takes_a_self_privilege(policy, guest):
    other = policy.owner.create(policy.owner.name, ACP, {"pv": {"acr": [policy.own]}, "pvs": {"acr": [policy.own]}}).pc["ri"]
    policy.give(rule(guest.origin, op=63))
    assert guest.update(policy.box, "m2m:cnt", {"acpi": [other]}).rsc == 4103
    assert guest.update(policy.box, "m2m:cnt", {"acpi": None}).rsc == 4103
    policy.give(pvs=[rule(guest.origin, op=U)])
    assert guest.update(policy.box, "m2m:cnt", {"lbl": ["x"]}).rsc == 4103
    assert guest.update(policy.box, "m2m:cnt", {"acpi": [other]}).rsc == 2004
    assert guest.update(policy.box, "m2m:cnt", {"acpi": [other]}).rsc == 4103  # now the other policy decides


def test_acpi_is_alone_in_its_update(policy):
    acpi = policy.owner.get(policy.box).pc["acpi"]
    assert policy.owner.update(policy.box, "m2m:cnt", {"acpi": acpi, "lbl": ["x"]}).rsc == 4000
    assert policy.owner.update(policy.box, "m2m:cnt", {"acpi": None, "lbl": None}).rsc == 4000
    assert policy.owner.update(policy.box, "m2m:cnt", {"acpi": acpi}).rsc == 2004


def test_without_acpi_the_creator_sets_it(ae, guest):
    ae.create(ae.name, CNT, {"rn": "c"})
    own = {"acr": [rule(ae.origin)]}
    acp = ae.create(ae.name, ACP, {"pv": own, "pvs": own}).pc["ri"]
    assert guest.update(f"{ae.name}/c", "m2m:cnt", {"acpi": [acp]}).rsc == 4103
    assert ae.update(f"{ae.name}/c", "m2m:cnt", {"acpi": [acp]}).rsc == 2004
    assert ae.update(f"{ae.name}/c", "m2m:cnt", {"acpi": None}).rsc == 2004
    assert "acpi" not in ae.get(f"{ae.name}/c").pc


# ---- default policy, inheritance, missing policies

def test_default_policy_is_the_creator(policy, guest):
    """Also where cr is not kept: the creator of the parent has no say."""
    policy.give(rule(guest.origin, op=C))
    created = guest.create(policy.box, CNT, {"rn": "guests"})
    assert created.rsc == 2001 and "cr" not in created.pc
    at = f"{policy.box}/guests"
    for client, allowed in ((guest, True), (policy.owner, False), (policy.owner.as_("CAdmin"), True)):
        assert client.get(at).rsc == (2000 if allowed else 4103), client.origin
        assert client.update(at, "m2m:cnt", {"lbl": ["x"]}).rsc == (2004 if allowed else 4103), client.origin
        assert client.create(at, CIN, {"con": 1}).rsc == (2001 if allowed else 4103), client.origin
        assert client.get(f"{at}/la").rsc == (2000 if allowed else 4103), client.origin
    assert policy.owner.delete(at).rsc == 4103
    assert guest.delete(at).rsc == 2002


def test_custodian_in_place_of_the_creator(ae, guest):
    assert ae.create(ae.name, CNT, {"rn": "c", "cstn": guest.origin}).rsc == 2001
    assert guest.get(f"{ae.name}/c").rsc == 2000
    assert ae.get(f"{ae.name}/c").rsc == 4103
    guest.create(f"{ae.name}/c", CIN, {"rn": "i", "con": 1})
    assert sorted(guest.discover(ae.name).found) == [f"cse-in/{ae.name}/c", f"cse-in/{ae.name}/c/i"] and ae.discover(ae.name).found == []
    assert guest.update(f"{ae.name}/c", "m2m:cnt", {"cstn": None}).rsc == 2004
    assert len(ae.discover(ae.name).found) == 2 and guest.discover(ae.name).found == []
    assert ae.get(f"{ae.name}/c").rsc == 2000
    assert guest.get(f"{ae.name}/c").rsc == 4103


def test_instances_follow_their_container(policy, guest):
    """Whoever created them: an instance has no rule of its own."""
    policy.give(rule(guest.origin, op=C))
    mine = guest.create(policy.box, CIN, {"con": "mine"})
    assert guest.get(f"{policy.box}/{mine.pc['rn']}").rsc == 4103
    assert guest.delete(f"{policy.box}/la").rsc == 4103
    policy.give(rule(guest.origin, op=R))
    for at in (f"{policy.box}/i", f"{policy.box}/la", f"{policy.box}/ol", "/" + mine.pc["ri"]):
        assert guest.get(at).rsc == 2000, at


def test_children_with_acpi_do_not_follow_their_parent(policy, guest):
    policy.owner.create(policy.box, CNT, {"rn": "inner"})
    policy.give(rule(guest.origin, op=63))
    assert guest.get(f"{policy.box}/inner").rsc == 4103
    assert policy.owner.create(policy.box, CNT, {"rn": "open", "acpi": policy.owner.get(policy.box).pc["acpi"]}).rsc == 2001
    assert guest.get(f"{policy.box}/open").rsc == 2000


def test_a_missing_policy_grants_nothing(policy, guest):
    policy.give(rule(guest.origin, op=63))
    assert policy.owner.delete(policy.acp).rsc == 2002
    for client in (guest, policy.owner):
        assert client.get(policy.box).rsc == 4103, client.origin
        assert client.get(f"{policy.box}/la").rsc == 4103, client.origin
    assert policy.owner.as_("CAdmin").get(policy.box).rsc == 2000


def test_two_policies_one_missing(policy, guest):
    second = policy.owner.create(policy.owner.name, ACP, {"rn": "second", "pv": {"acr": [rule(guest.origin, op=R)]}, "pvs": {"acr": [policy.own]}}).pc["ri"]
    acpi = policy.owner.get(policy.box).pc["acpi"]
    assert policy.owner.update(policy.box, "m2m:cnt", {"acpi": [*acpi, second]}).rsc == 2004
    assert guest.get(policy.box).rsc == 2000
    assert policy.owner.delete(policy.acp).rsc == 2002
    assert guest.get(policy.box).rsc == 2000
    assert policy.owner.get(policy.box).rsc == 4103


def test_a_new_resource_must_refer_to_policies(policy):
    for acpi in (["nothing"], [f"cse-in/{policy.box}"], [f"cse-in/{policy.owner.name}/nothing"], [1]):
        assert policy.owner.create(policy.owner.name, CNT, {"acpi": acpi}).rsc == 4000, acpi


# ---- at once

def test_given_and_withdrawn_at_once(policy, guest):
    for turn in range(20):
        policy.give(rule(guest.origin, op=R | F))
        assert guest.get(f"{policy.box}/la").rsc == 2000, turn
        assert len(guest.discover(policy.owner.name).found) == 2, turn
        policy.give()
        assert guest.get(f"{policy.box}/la").rsc == 4103, turn
        assert guest.discover(policy.owner.name).found == [], turn


def test_changed_reference_at_once(policy, guest):
    other = policy.owner.create(policy.owner.name, ACP, {"pv": {"acr": [policy.own, rule(guest.origin)]}, "pvs": {"acr": [policy.own]}}).pc["ri"]
    mine = policy.owner.get(policy.box).pc["acpi"][0]
    for turn in range(10):
        for acp, rsc in ((other, 2000), (mine, 4103)):
            assert policy.owner.update(policy.box, "m2m:cnt", {"acpi": [acp]}).rsc == 2004
            assert guest.get(f"{policy.box}/la").rsc == rsc, turn


# ---- why

def test_refusals_say_why(policy, guest):
    policy.owner.create(policy.owner.name, CNT, {"rn": "private"})
    for answer, words in ((guest.get(policy.box), ("privileges", guest.origin, "RETRIEVE")), (guest.create(policy.box, CIN, {"con": 1}), (guest.origin, "CREATE")),
                          (guest.get(policy.acp), ("selfPrivileges", guest.origin)), (guest.delete(f"{policy.owner.name}/private"), ("creator", "DELETE", guest.origin)),
                          (guest.update(policy.box, "m2m:cnt", {"acpi": None}), ("acpi", "selfPrivileges"))):
        assert answer.rsc == 4103 and all(w in answer.dbg for w in words), (answer.dbg, words)
    assert policy.owner.as_("CAdmin").delete(policy.acp).rsc == 2002
    assert "not there" in guest.get(policy.box).dbg
