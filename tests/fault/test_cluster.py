"""Three brokers that are a cluster, all by TLS: its nodes are killed one by one under load, then two at once. What was acknowledged
is there once, every change is told in order, and all goes on by itself."""

import collections
import os
import re
import signal
import socket
import ssl
import threading
import time

import pytest

from client import CNT, SUB, Client, eventually
from load import Creates, Sink, assert_in_order
from stack import Stack
from test_killed import contents
from tls import Authority

NODES = (1, 2, 3)


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    authority = Authority(tmp_path_factory.mktemp("broker"))
    certificate, key = authority.issue("broker", ",".join(f"DNS:127.0.0.{n}" for n in NODES))
    s = Stack("storage=1 orchestrator=2 notification=1 http=1", BROKER_NODES=3, BROKER_TLS_CERTIFICATE=certificate, BROKER_TLS_KEY=key, BROKER_TLS_CA=authority.file)
    s.env["TESSERA_BROKER_TLS_PORT"] = str(s.broker_port)
    s.start()
    yield s
    s.stop()


def say(stack, node, port, words):
    """What the node answers to these words by TLS, from somebody without a certificate."""
    anyone = ssl.create_default_context()
    anyone.check_hostname, anyone.verify_mode = False, ssl.CERT_NONE
    try:
        with socket.create_connection((f"127.0.0.{node}", port), 5) as s, anyone.wrap_socket(s) as secure:
            secure.sendall(words)
            return secure.recv(100)
    except OSError:
        return b""


def serves(stack, node):
    """Does this node answer the header of AMQP? Then its copies of the queues are there, too."""
    return say(stack, node, stack.broker_port, b"AMQP\0\0\x09\x01") != b""


def test_nobody_is_a_node_without_a_certificate(stack):
    name = b"tessera@127.0.0.9"
    words = b"N\0\0\0\x01\x03\xdf\x7f\xbd\0\0\0\x01" + len(name).to_bytes(2, "big") + name
    assert say(stack, 1, stack.broker_port + 2, len(words).to_bytes(2, "big") + words) == b""
    with socket.create_connection(("127.0.0.1", stack.broker_port + 2), 5) as s:
        s.sendall(len(words).to_bytes(2, "big") + words)
        assert not s.recv(100).startswith(b"\0\x03sok")


def members(stack):
    """How many nodes have a copy of each queue that instances share."""
    text = stack.ctl("-q", "eval", "[{element(4, amqqueue:get_name(Q)), length(maps:get(nodes, amqqueue:get_type_state(Q)))}"
                     " || Q <- rabbit_amqqueue:list(), amqqueue:get_type(Q) =:= rabbit_quorum_queue].")
    return {name: int(nodes) for name, nodes in re.findall(r'<<"(.+?)">>,(\d+)', text)}


def prepare(stack, name, sink):
    ae = Client(stack.http_port).ae(name)
    for c in ("a", "b"):
        assert ae.create(name, CNT, {"rn": c}).rsc == 2001
        assert ae.create(f"{name}/{c}", SUB, {"nu": [sink.url], "enc": {"net": [3]}}).rsc == 2001
    return ae, Creates(stack.http_port, [f"/cse-in/{name}/{c}" for c in ("a", "b")], f"C{name}", connections=16, goal=10**9)


def check(ae, name, load, sink):
    stored = contents(ae, f"{name}/a") + contents(ae, f"{name}/b")
    count = collections.Counter(i["con"] for i in stored)
    assert not [n for n in load.acked if n not in count], "acknowledged and lost"
    assert not [n for n, times in count.items() if times > 1], "done twice"
    assert_in_order(sink.wait(len(stored), 60))
    return len(stored)


def under_load(load, act):
    """Runs `act` while the load goes on, and ends the load after it."""
    failure = []

    def run():
        try:
            act()
        except BaseException as e:  # noqa: BLE001
            failure.append(e)
        load.goal = 0

    thread = threading.Thread(target=run)
    thread.start()
    load.run()
    thread.join()
    if failure:
        raise failure[0]


def goes_on(load, more=200):
    goal = len(load.acked) + more
    assert eventually(lambda: len(load.acked) >= goal), (load.refused, load.broken)


def test_every_queue_that_is_shared_is_on_every_node(stack):
    copies = members(stack)
    assert set(copies.values()) == {3} and {"orchestrator", "storage", "egress.http", "events.notification", "dead-letters"} <= set(copies), copies


def test_nodes_are_killed_one_by_one(stack):
    sink = Sink()
    try:
        ae, load = prepare(stack, "one", sink)

        def kill_all():
            for n in NODES:
                goes_on(load)
                stack.kill(f"broker.{n}")
                goes_on(load)
                assert eventually(lambda n=n: serves(stack, n))

        under_load(load, kill_all)
        stored = check(ae, "one", load, sink)
        print(f"{len(load.acked)} acknowledged, {stored} stored, refused {load.refused}, {load.broken} connections lost, longest silence {load.longest:.2f} s")
    finally:
        sink.close()


def test_two_of_three_are_killed(stack):
    sink = Sink()
    supervisor = stack.pid("supervisor")
    nodes = [stack.pid(f"broker.{n}") for n in (1, 2)]
    try:
        ae, load = prepare(stack, "two", sink)

        def kill_two():
            goes_on(load)
            os.kill(supervisor, signal.SIGSTOP)  # nobody starts them again meanwhile
            try:
                for pid in nodes:
                    os.kill(pid, signal.SIGKILL)
                refused = eventually(lambda: (a := Client(stack.http_port, "Ctwo").get("two/a")).rsc == 5103 and a)
                assert (refused.status, refused.rsc) == (503, 5103) and int(refused.headers["Retry-After"]) > 0
                time.sleep(1)
                assert Client(stack.http_port, "Ctwo").get("two/a").rsc == 5103
            finally:
                os.kill(supervisor, signal.SIGCONT)
            goes_on(load)

        under_load(load, kill_two)
        stored = check(ae, "two", load, sink)
        print(f"{len(load.acked)} acknowledged, {stored} stored, refused {load.refused}, {load.broken} connections lost, longest silence {load.longest:.2f} s")
    finally:
        sink.close()
