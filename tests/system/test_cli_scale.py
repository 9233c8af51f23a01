"""`tessera scale`: instances come and go while everything runs; a successor of the supervisor keeps their number."""

import json
import threading
import urllib.error
import urllib.request

import pytest

from client import CIN, CNT, Client, eventually
from commandline import OK, REFUSED, USAGE, tessera
from stack import free_ports


@pytest.fixture
def counts(stack):
    """How many of each there are; as it was in the end."""
    before = json.loads(tessera(stack, "scale", "--json").out)
    yield lambda: json.loads(tessera(stack, "scale", "--json").out)
    done = tessera(stack, "scale", *(f"{s}={before[s]}" for s in ("http", "orchestrator", "notification")))
    assert done.status == OK, done


def test_more_and_less_without_a_failed_request(stack, ae, counts):
    ae.create(ae.name, CNT, {"rn": "c"})
    stop, answers = threading.Event(), []

    def write():
        mine = Client(stack.http_port, ae.origin)
        while not stop.is_set():
            answers.append(mine.create(f"{ae.name}/c", CIN, {"con": 1}).rsc)

    writers = [threading.Thread(target=write) for _ in range(2)]
    for w in writers:
        w.start()
    try:
        assert tessera(stack, "scale", "orchestrator=3", "notification=2").status == OK
        assert (counts()["orchestrator"], counts()["notification"]) == (3, 2)
        assert eventually(lambda: all(sum(v for k, v in stack.metrics(f"orchestrator.{i}").items() if k.startswith("tessera_requests_total")) for i in (1, 2, 3)))
        assert tessera(stack, "scale", "orchestrator=1").status == OK
        assert counts()["orchestrator"] == 1 and not [n for n in stack.status() if n in ("orchestrator.2", "orchestrator.3")]
    finally:
        stop.set()
        for w in writers:
            w.join()
    assert set(answers) == {2001}, {rsc: answers.count(rsc) for rsc in answers}


def test_a_successor_of_the_supervisor_keeps_the_number_and_the_ports(stack, counts):
    assert tessera(stack, "scale", "http=2").status == OK
    before, old = stack.status(), stack.pid("supervisor")
    stack.kill("supervisor")
    assert eventually(lambda: stack.pid("supervisor") != old)
    stack.wait_healthy()
    after = stack.status()
    assert {n: (c["pid"], c["port"]) for n, c in before.items() if n != "keeper"} == {n: (c["pid"], c["port"]) for n, c in after.items() if n != "keeper"}
    assert tessera(stack, "scale", "http=1").status == OK and counts()["http"] == 1
    assert Client(stack.http_port).get("").rsc == 2000


def test_what_cannot_be(stack, counts):
    before = counts()
    for words, reason in ((["broker=2"], "there is one"), (["keeper=0"], "there is one"), (["coap=2"], "only one"), (["websocket=2"], "only one"), (["nothing=1"], "no such service"), (["network=1"], "nothing to do"),
                          (["http=17"], "0 to 16"), (["http=2", "nothing=1"], "no such service"), (["http=2", "http=3"], "given twice")):
        done = tessera(stack, "scale", *words)
        assert done.status == REFUSED and reason in done.err, (words, done)
    for words in (["http"], ["http=x"], ["=2"], ["http=-1"]):
        assert tessera(stack, "scale", *words).status == USAGE, words
    assert counts() == before
    done = tessera(stack, "scale", "http=2", env={"TESSERA_MANAGEMENT_PORT": str(free_ports())})
    assert done.status == REFUSED and "make up" in done.err and "docker compose" in done.err


def test_a_web_page_cannot_ask_for_it(stack, counts):
    before = counts()
    for headers in ({}, {"Content-Type": "text/plain"}):
        request = urllib.request.Request(f"http://127.0.0.1:{stack.management_port}/scale", data=b"http=2", headers=headers, method="POST")
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=30)
        assert refused.value.code == 403 and b"X-Tessera" in refused.value.read()
    request = urllib.request.Request(f"http://127.0.0.1:{stack.management_port}/scale", data=b"http=2 " * 1000, headers={"X-Tessera": "1"}, method="POST")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=30)
    assert refused.value.code == 400
    assert counts() == before
