"""Full disk, a broker out of memory, clients that do not read, subscribers that do not answer."""

import os
import signal
import socket
import time
import urllib.request

import pytest

from client import CIN, CNT, SUB, Client, Receiver, eventually
from load import Creates
from mounts import mount, small_disk
from stack import Stack

HEARTBEAT = 3


@pytest.fixture(scope="module")
def stack():
    s = Stack(BUS_HEARTBEAT=HEARTBEAT)
    s.start()
    yield s
    s.stop()


def test_disk_full(tmp_path):
    """The database on a file system of 24 MiB: creates are refused when it is full, all that was acknowledged is there, and it works again."""
    with small_disk(tmp_path / "disk", "24m") as disk:
        fill_it(disk)


def fill_it(disk):
    stack = Stack(STORAGE_DIRECTORY=disk / "tenants")
    try:
        stack.start()
        ae = Client(stack.http_port).ae("full")
        ae.create("full", CNT, {"rn": "c"})
        acked = 0
        while True:
            answer = ae.create("full/c", CIN, {"con": "x" * 200000})
            if answer.rsc != 2001:
                break
            acked += 1
        assert answer.status in (500, 503) and "disk" in answer.dbg or "full" in answer.dbg, answer
        assert ae.get("full/c").pc["cni"] == acked > 10
        assert ae.get("full/c/la").rsc == 2000
        mount("mount", "-o", "remount,size=64m", disk)
        assert eventually(lambda: ae.create("full/c", CIN, {"con": "after"}).rsc == 2001)
        assert ae.get("full/c").pc["cni"] == acked + 1
        assert all(c["restarts"] == 0 for c in stack.status().values())
    finally:
        stack.stop()


def test_broker_hangs(stack):
    """Its connections stay open and say nothing: every service notices by itself, goes on answering, and is back when the broker is."""
    ae = Client(stack.http_port).ae("hang")
    ae.create("hang", CNT, {"rn": "c"})
    services = {name: c["port"] for name, c in stack.status().items() if c["port"]}
    pids = stack.broker_pids()
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        time.sleep(2 * HEARTBEAT + 1)
        for name, port in services.items():
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/live", timeout=10) as answer:
                assert answer.status == 200, name
        assert ae.create("hang/c", CIN, {"con": "refused"}).rsc == 5103
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
    assert eventually(lambda: ae.create("hang/c", CIN, {"con": "after"}).rsc == 2001)
    stack.wait_healthy()
    assert all(c["restarts"] == 0 for c in stack.status().values())


def test_broker_out_of_memory(stack):
    """The alarm blocks publishers: requests are refused at once, nothing hangs, and it works again when the alarm is over."""
    ae = Client(stack.http_port).ae("alarm")
    ae.create("alarm", CNT, {"rn": "c"})
    watermark = lambda value: stack.ctl("set_vm_memory_high_watermark", "absolute", value)
    watermark("1MB")
    try:
        assert eventually(lambda: all(c["state"] == "sick" and "broker" in c["why"] for n, c in stack.status().items() if n not in ("broker", "mosquitto", "keeper"))), stack.status()
        for _ in range(20):
            answer = ae.create("alarm/c", CIN, {"con": 1})
            assert (answer.status, answer.rsc) == (503, 5103) and answer.headers["Retry-After"], answer  # having waited in vain it would be 504
    finally:
        watermark("256MB")
    assert eventually(lambda: ae.create("alarm/c", CIN, {"con": 2}).rsc == 2001)
    stack.wait_healthy()


def test_clients_that_never_read(stack):
    """200 clients ask for large answers and do not read them; the others are served as before."""
    ae = Client(stack.http_port).ae("deaf")
    ae.create("deaf", CNT, {"rn": "c"})
    ae.create("deaf/c", CIN, {"con": "x" * 100000})
    before = Creates(stack.http_port, ["/cse-in/deaf/c"], "Cdeaf", connections=16, goal=500).run()
    deaf = []
    for _ in range(200):
        s = socket.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        s.connect(("127.0.0.1", stack.http_port))
        s.sendall(b"GET /cse-in/deaf/c/la HTTP/1.1\r\nX-M2M-Origin: Cdeaf\r\nX-M2M-RI: 1\r\n\r\n" * 5)
        deaf.append(s)
    load = Creates(stack.http_port, ["/cse-in/deaf/c"], "Cdeaf", connections=16, goal=500).run()
    assert len(load.acked) >= 500 and not load.refused
    assert load.longest < 2 + 10 * before.longest
    for s in deaf:
        s.close()
    stack.wait_healthy()


def test_a_subscriber_that_is_away_gets_everything_later_in_order(stack):
    """Others are not held up; what waits is on disk and survives a restart of the whole installation."""
    ae = Client(stack.http_port).ae("away")
    gone, here = Receiver(), Receiver()
    port = gone.port
    try:
        for name, receiver in (("sub1", gone), ("sub2", here)):
            ae.create("away", CNT, {"rn": "c"})
            assert ae.create("away/c", SUB, {"rn": name, "nu": [receiver.url], "enc": {"net": [3], "chty": [4]}}).rsc == 2001
        gone.close()
        for i in range(300):
            assert ae.create("away/c", CIN, {"con": i}).rsc == 2001
        assert [here.next()["nev"]["rep"]["m2m:cin"]["con"] for _ in range(300)] == list(range(300))
        stack.down()
        stack.start()
        ae = Client(stack.http_port, "Caway")
        for i in range(300, 310):
            assert ae.create("away/c", CIN, {"con": i}).rsc == 2001
        gone = Receiver(port=port)
        got = [gone.next()["nev"]["rep"]["m2m:cin"]["con"] for _ in range(310)]
        assert sorted(set(got)) == list(range(310))
        assert [n for i, n in enumerate(got) if n not in got[:i]] == list(range(310))
    finally:
        gone.close()
        here.close()
