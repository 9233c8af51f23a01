"""IPE on-demand discovery (filterUsage 3): the interworking proxy is asked when nothing is found, and what it makes is found then."""

import itertools

import pytest

from client import ACP, CNT, Receiver

names = itertools.count(1)


@pytest.fixture
def proxy(admin):
    """An AE that is a proxy. `asked` are the requests it got, `reaction` what it does about one."""
    with Receiver(lambda headers, body: react(body)) as receiver:
        name = f"proxy{next(names)}"
        ae = admin.ae(name, poa=[receiver.url], lbl=["Iwked-Technology:zigbee"])
        ae.name, ae.asked, ae.receiver = name, [], receiver

        def react(body):
            ae.asked.append(body)
            return ae.reaction(body["m2m:sgn"]["idr"])

        ae.reaction = lambda idr: (200, {"X-M2M-RSC": "2000"})
        yield ae
        admin.delete(name)


def find(client, name, more="lbl=kind:lamp"):
    return client.get(f"{name}?fu=3&{more}")


def makes(proxy, rn, label="kind:lamp"):
    def reaction(idr):
        own = proxy.as_(proxy.origin)  # a connection of its own: the other one waits
        assert own.create(proxy.name, CNT, {"rn": rn, "lbl": [label]}).rsc == 2001
        return 200, {"X-M2M-RSC": "2000"}

    return reaction


def test_what_it_makes_is_found(proxy):
    proxy.reaction = makes(proxy, "lamp")
    answer = find(proxy, proxy.name)
    assert answer.rsc == 2000 and answer.found == [f"cse-in/{proxy.name}/lamp"], answer
    assert [a["m2m:sgn"]["idr"] for a in proxy.asked] == [{"or": proxy.origin, "fc": {"fu": 3, "lbl": ["kind:lamp"]}}]
    assert find(proxy, proxy.name).found == [f"cse-in/{proxy.name}/lamp"] and len(proxy.asked) == 1  # there already


def test_what_does_not_match_is_not(proxy):
    proxy.reaction = makes(proxy, "valve", "kind:valve")
    assert find(proxy, proxy.name).found == []
    assert len(proxy.asked) == 1


def test_forms_of_the_result(proxy):
    proxy.reaction = makes(proxy, "lamp")
    answer = find(proxy, proxy.name, "lbl=kind:lamp&rcn=6&drt=2")
    assert [r["nm"] for r in answer.json["m2m:rrl"]["rrf"]] == ["lamp"]


def test_it_may_refuse(proxy):
    proxy.reaction = lambda idr: (403, {"X-M2M-RSC": "4103"})
    answer = find(proxy, proxy.name)
    assert answer.rsc == 5208 and "4103" in answer.dbg, answer


def test_it_may_be_away(proxy, admin):
    proxy.receiver.close()
    assert find(proxy, proxy.name).rsc == 5103
    assert proxy.create(proxy.name, CNT, {"rn": "lamp", "lbl": ["kind:lamp"]}).rsc == 2001
    assert find(proxy, proxy.name).found == [f"cse-in/{proxy.name}/lamp"]  # nobody must be asked


def test_rights(proxy, guest):
    """Whoever has it ask must be allowed to discover there; what is found takes the right as always."""
    assert find(guest, proxy.name).rsc == 4103 and proxy.asked == []
    rights = {"acr": [{"acor": [guest.origin], "acop": 32}, {"acor": [proxy.origin], "acop": 63}]}
    assert proxy.create(proxy.name, ACP, {"rn": "acp", "pv": rights, "pvs": rights}).rsc == 2001
    assert proxy.update(proxy.name, "m2m:ae", {"acpi": [f"cse-in/{proxy.name}/acp"]}).rsc == 2004
    proxy.reaction = makes(proxy, "lamp")
    assert find(guest, proxy.name).found == []
    assert proxy.asked[0]["m2m:sgn"]["idr"]["or"] == guest.origin
    assert find(proxy, proxy.name).found == [f"cse-in/{proxy.name}/lamp"]


def test_others_are_no_proxies(ae):
    for path in (ae.name, "", f"{ae.name}/c"):
        if path.endswith("/c"):
            assert ae.create(ae.name, CNT, {"rn": "c", "lbl": ["IPE"]}).rsc == 2001
        answer = ae.request("GET", f"/cse-in{path and '/' + path}?fu=3")
        assert answer.rsc == 4000 and "fu" in answer.dbg, answer
    assert ae.delete(f"{ae.name}/c?fu=3").rsc == 4000
