"""Two instances of each service answer like one; a right withdrawn at one is withdrawn at the other at once."""

import concurrent.futures
import threading

import pytest

from client import ACP, AE, CIN, CNT, Client
from stack import Stack


@pytest.fixture(scope="module")
def pair():
    s = Stack(instances="storage=2 orchestrator=2 notification=2 http=2")
    s.start()
    yield s
    s.stop()


def clients(stack, origin, count=8):
    """Several connections: the kernel spreads them over the http instances."""
    return [Client(stack.http_port, origin) for _ in range(count)]


def served(stack, service, metric):
    return [sum(v for k, v in stack.metrics(f"{service}.{i}").items() if k.startswith(metric)) for i in (1, 2)]


def test_rights_change_at_once_everywhere(pair):
    owner = Client(pair.http_port).ae("owner")
    Client(pair.http_port).ae("guest")
    allow = {"acr": [{"acor": ["Cguest"], "acop": 2}, {"acor": ["Cowner"], "acop": 63}]}
    deny = {"acr": [{"acor": ["Cowner"], "acop": 63}]}
    assert owner.create("owner", ACP, {"rn": "acp", "pv": allow, "pvs": {"acr": [{"acor": ["Cowner"], "acop": 63}]}}).rsc == 2001
    assert owner.create("owner", CNT, {"rn": "c", "acpi": ["cse-in/owner/acp"]}).rsc == 2001
    assert owner.create("owner/c", CIN, {"con": 1}).rsc == 2001

    owners, guests = clients(pair, "Cowner"), clients(pair, "Cguest")
    for turn in range(60):
        allowed = turn % 2 == 1
        changed = owners[turn % 8].update("owner/acp", "m2m:acp", {"pv": allow if allowed else deny})
        assert changed.rsc == 2004, changed
        for guest in guests:
            assert guest.get("owner/c/la").rsc == (2000 if allowed else 4103), f"turn {turn}"
            assert guest.create("owner/c", CIN, {"con": 1}).rsc == 4103
    assert min(served(pair, "http", "tessera_http_requests_total")) > 0
    assert min(served(pair, "orchestrator", "tessera_requests_total")) > 0


def test_names_counters_and_state_tags_under_concurrent_creates(pair):
    owner = Client(pair.http_port).ae("busy")
    owner.create("busy", CNT, {"rn": "c"})
    barrier = threading.Barrier(24)

    def both(i):
        client = Client(pair.http_port, "Cbusy")
        barrier.wait()
        return client.create("busy", CNT, {"rn": "same"}), [client.create("busy/c", CIN, {"con": i}) for _ in range(20)]

    with concurrent.futures.ThreadPoolExecutor(24) as pool:
        results = list(pool.map(both, range(24)))
    assert sorted(r[0].rsc for r in results) == [2001] + [4105] * 23
    tags = [a.pc["st"] for r in results for a in r[1]]
    assert sorted(tags) == list(range(1, 481))
    container = owner.get("busy/c").pc
    assert (container["cni"], container["st"]) == (480, 480)


def test_registration_with_one_id_at_the_same_time(pair):
    barrier = threading.Barrier(16)

    def register(i):
        client = Client(pair.http_port, "Conce")
        barrier.wait()
        return client.create("", AE, {"rn": f"once{i}", "api": "N.x", "rr": False, "srv": ["3"]})

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        codes = sorted(a.rsc for a in pool.map(register, range(16)))
    assert codes == [2001] + [4117] * 15


def test_a_standby_storage_takes_over(pair):
    owner = Client(pair.http_port).ae("lasting")
    owner.create("lasting", CNT, {"rn": "c"})
    for name in ("storage.1", "storage.2", "storage.1"):
        assert owner.create("lasting/c", CIN, {"con": name}).rsc == 2001
        pair.kill(name)
        for _ in range(100):
            answer = owner.create("lasting/c", CIN, {"con": "after"})
            if answer.rsc == 2001:
                break
            assert answer.status in (503, 504), answer
        assert answer.rsc == 2001
        pair.wait_healthy()
