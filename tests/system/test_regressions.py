"""What is known to have gone wrong in CSEs. What other files test is not repeated: docs/onem2m-coverage.md lists all of them."""

import concurrent.futures
import json
import signal
import socket
import struct

import pytest

from client import CIN, CNT, SUB, Client, Receiver, eventually
from stack import Stack


@pytest.fixture
def box(ae):
    ae.create(ae.name, CNT, {"rn": "c"})
    return f"{ae.name}/c"


@pytest.fixture
def nobody_ended(stack):
    """No process ended meanwhile."""
    before = {name: child["pid"] for name, child in stack.status().items()}
    yield
    assert {name: child["pid"] for name, child in stack.status().items()} == before


def at_once(stack, ae, work, workers=16):
    """work(client, number) in so many threads, each with a connection of its own; the results."""
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        return list(pool.map(lambda number: work(Client(stack.http_port, ae.origin), number), range(workers)))


def holds(ae, box):
    """The instances that are there."""
    return [ae.get("/" + r["val"]).pc for r in ae.discover(box, ty=CIN, rcn=6, drt=2).json["m2m:rrl"]["rrf"]]


def test_counters_under_mixed_load(stack, ae, box):
    """cni and cbs say what is there after creates and deletions of many at once: no update of them is lost."""
    def work(client, number):
        for i in range(12):
            assert client.create(box, CIN, {"con": "x" * (1 + (number + i) % 5)}).rsc == 2001
            if i % 3 == 2:
                assert client.delete(f"{box}/{'la' if number % 2 else 'ol'}").rsc == 2002

    at_once(stack, ae, work)
    a, there = ae.get(box).pc, holds(ae, box)
    assert (a["cni"], a["cbs"]) == (len(there), sum(i["cs"] for i in there)) and len(there) == 16 * 8


def test_eviction_under_concurrent_writers(stack, ae, box):
    """All are served while each create evicts others, and the limits hold."""
    assert ae.update(box, "m2m:cnt", {"mni": 5, "mbs": 40}).rsc == 2004

    def work(client, number):
        codes = [client.create(box, CIN, {"con": "x" * (1 + (number + i) % 20)}).rsc for i in range(15)]
        assert client.get(f"{box}/la").rsc == 2000
        return codes

    assert {rsc for codes in at_once(stack, ae, work) for rsc in codes} == {2001}
    a, there = ae.get(box).pc, holds(ae, box)
    assert (a["cni"], a["cbs"], a["st"]) == (len(there), sum(i["cs"] for i in there), 1 + 16 * 15)
    assert 0 < a["cni"] <= 5 and a["cbs"] <= 40


def test_without_the_store():
    """What cannot be looked up is not said to be missing."""
    stack = Stack()
    try:
        stack.start()
        ae = Client(stack.http_port).ae("alone")
        for rn in ("a", "b"):
            assert ae.create("alone", CNT, {"rn": rn}).rsc == 2001
        ae.create("alone/a", CIN, {"rn": "i", "con": 1})
        stack.kill("storage.1", signal.SIGSTOP)
        for method, path, body, ty in (("GET", "alone/a/i", None, None), ("GET", "alone/a/la", None, None), ("GET", "alone/nothing", None, None), ("GET", "alone?fu=1", None, None),
                                       ("POST", "alone/b", {"m2m:cin": {"con": 1}}, CIN), ("PUT", "alone/b", {"m2m:cnt": {"lbl": ["x"]}}, None), ("DELETE", "alone/a", None, None)):
            answer = ae.request(method, path, body, ty=ty, headers={"X-M2M-RET": "700"})
            assert answer.status >= 500 and answer.rsc in (4008, 5000, 5103), (method, path, answer)
        stack.kill("storage.1", signal.SIGCONT)
        stack.wait_healthy()
        assert eventually(lambda: ae.get("alone/nothing").rsc == 4004 and ae.get("alone/a/i").rsc in (2000, 4004))
    finally:
        stack.stop()


DEEP = 100000
NESTED = {
    "arrays": lambda n: "[" * n + "]" * n,
    "objects": lambda n: '{"a":' * n + "1" + "}" * n,
    "never closed": lambda n: "[" * n,
}


@pytest.mark.parametrize("shape", NESTED)
def test_deep_json(nobody_ended, ae, box, shape):
    deep = NESTED[shape](DEEP)
    for method, path, body, ty in (("POST", box, '{"m2m:cin":{"con":%s}}' % deep, CIN), ("POST", box, deep, CIN), ("PUT", box, '{"m2m:cnt":{"lbl":%s}}' % deep, None), ("POST", box, '{"m2m:sgn":%s}' % deep, None)):
        answer = ae.request(method, path, body, ty=ty)
        assert answer.rsc == 4000 and answer.dbg, (method, answer)
    assert ae.get(box).pc["cni"] == 0
    flat = json.loads(NESTED["arrays"](20))
    assert ae.create(box, CIN, {"con": flat}).rsc == 2001 and ae.get(f"{box}/la").pc["con"] == flat


def test_point_of_access_on_the_loopback(ae, guest, box, receiver):
    """It is used as given, by name, too; nothing of this CSE is mistaken for it."""
    assert guest.update(guest.name, "m2m:ae", {"poa": [f"http://localhost:{receiver.port}/n"], "rr": True}).rsc == 2004
    receiver.answer = lambda headers, body: (200, {"X-M2M-RSC": "2000"})
    policy = {"acr": [{"acor": ["all"], "acop": 63}]}
    assert guest.request("POST", guest.name, {"m2m:acp": {"rn": "p", "pv": policy, "pvs": policy}}, ty=1).rsc == 2001
    assert guest.update(guest.name, "m2m:ae", {"acpi": [f"cse-in/{guest.name}/p"]}).rsc == 2004
    assert ae.create(box, SUB, {"nu": [guest.origin]}).rsc == 2001
    assert receiver.next()["vrq"] is True
    ae.update(box, "m2m:cnt", {"lbl": ["x"]})
    assert receiver.next()["nev"]["net"] == 1


def test_clients_that_leave_in_the_middle_of_an_answer(stack, nobody_ended, ae, box):
    """Nobody ends by writing to who has gone."""
    ae.create(box, CIN, {"con": "x" * 500000})
    request = (f"GET /cse-in/{box}/la HTTP/1.1\r\nHost: x\r\nX-M2M-Origin: {ae.origin}\r\nX-M2M-RI: 1\r\n\r\n" * 3).encode()
    for i in range(40):
        with socket.socket() as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            s.connect(("127.0.0.1", stack.http_port))
            s.sendall(request)
            if i % 2:
                s.recv(100)
            if i % 4 < 2:  # by RST in place of FIN
                s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert ae.get(f"{box}/la").rsc == 2000


def test_targets_that_leave_in_the_middle_of_a_notification(nobody_ended, ae, box):
    """Nobody ends by writing to a target that has gone; what it missed comes when it is back."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert ae.create(box, SUB, {"nu": [f"http://127.0.0.1:{port}/n"], "enc": {"net": [3]}}).rsc == 2001
        ae.create(box, CIN, {"con": "x" * 500000})
        for _ in range(3):
            connection, _ = server.accept()
            connection.recv(100)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()
    with Receiver(port=port) as back:
        assert len(back.next()["nev"]["rep"]["m2m:cin"]["con"]) == 500000
