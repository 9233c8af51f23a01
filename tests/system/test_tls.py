"""TLS on the way out: to the broker and to https targets. Who shows no certificate of the authority that is set, for its own name, is not talked to."""

import contextlib
import json
import os
import subprocess
import time
import urllib.error
import urllib.request

import pytest

from client import CIN, CNT, PATIENCE, SUB, Client, Receiver, eventually
from stack import OUT, Stack, free_ports
from tls import Authority, Front


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("ours"))


@pytest.fixture(scope="module")
def others(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("others"), "other")


@pytest.fixture(scope="module")
def house(ours):
    s = Stack(HTTP_EGRESS_CA=ours.file)
    s.start()
    yield s
    s.stop()


@pytest.fixture(scope="module")
def ae(house):
    return Client(house.http_port).ae("tls")


# ---- https targets


def unreachable(house):
    return house.metrics("http.1").get('tessera_http_egress_total{result="unreachable"}', 0)


def test_an_https_target_is_notified(ae, ours):
    ae.create("tls", CNT, {"rn": "good"})
    with Receiver(tls=ours.server()) as receiver:
        assert receiver.url.startswith("https://localhost:")
        assert ae.create("tls/good", SUB, {"nu": [receiver.url], "enc": {"net": [3]}}).rsc == 2001
        for i in range(3):
            ae.create("tls/good", CIN, {"con": i})
        assert [receiver.next()["nev"]["rep"]["m2m:cin"]["con"] for _ in range(3)] == [0, 1, 2]


@pytest.mark.parametrize("case", ["another authority", "another name", "no TLS"])
def test_a_target_that_does_not_prove_who_it_is_gets_nothing(house, ae, ours, others, case):
    context = {"another authority": others.server(), "another name": ours.server("elsewhere.example"), "no TLS": None}[case]
    ae.create("tls", CNT, {"rn": "bad"})
    with Receiver(tls=context) as receiver:
        before = unreachable(house)
        answer = ae.create("tls/bad", SUB, {"nu": [f"https://localhost:{receiver.port}/n"], "enc": {"net": [3], "chty": [CIN]}})
        assert answer.rsc == 2001
        ae.create("tls/bad", CIN, {"con": "secret"})
        assert eventually(lambda: unreachable(house) >= before + 3)
        assert receiver.none(0.1)
    ae.delete("tls/bad")


# ---- the broker


@contextlib.contextmanager
def front_end(house, port, **settings):
    """One more http, whose broker is at `port` of localhost by TLS: its own HTTP port, and a function for its health."""
    base = free_ports()
    env = {k: v for k, v in os.environ.items() if not k.startswith("TESSERA_")}
    env.update({"TESSERA_HTTP_PORT": str(base), "TESSERA_MANAGEMENT_PORT": str(base + 1), "TESSERA_BUS_HOST": "localhost", "TESSERA_BUS_PORT": str(port),
                "TESSERA_BUS_PASSWORD": f"@{house.dir}/secrets/http.password", "TESSERA_BUS_TLS": "true", **{f"TESSERA_{k}": str(v) for k, v in settings.items()}})

    def health():
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{base + 1}/health", timeout=PATIENCE) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refusal:
            return json.load(refusal)
        except OSError:
            return {"status": "not there"}

    log = house.dir / "log/by-hand.log"
    with log.open("wb") as out, subprocess.Popen([OUT / "bin/tessera-http", "--instance", "http.99"], env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=out) as http:
        try:
            yield base, health, log.read_text
        finally:
            http.terminate()
            assert http.wait(PATIENCE) == 0


def test_the_broker_by_tls(house, ae, ours):
    with Front(ours.server(), house.broker_port) as front, front_end(house, front.port, BUS_TLS_CA=ours.file) as (port, health, log):
        assert eventually(lambda: health()["status"] == "ok"), log()
        through = Client(port, "Ctls")
        assert through.get("tls").rsc == 2000
        assert through.create("tls", CNT, {"rn": "through", "lbl": ["x" * 100000]}).rsc == 2001
        assert len(ae.get("tls/through").pc["lbl"][0]) == 100000
        assert front.count == 2, "one connection to receive, one to send"


@pytest.mark.parametrize("case", ["another authority", "another name", "no authority set", "no TLS"])
def test_a_broker_that_does_not_prove_who_it_is_gets_no_password(house, ours, others, case):
    contexts = {"another authority": others.server(), "another name": ours.server("elsewhere.example"), "no authority set": ours.server()}
    with Front(contexts.get(case, ours.server()), house.broker_port) as front:
        settings = {} if case == "no authority set" else {"BUS_TLS_CA": ours.file}
        with front_end(house, house.broker_port if case == "no TLS" else front.port, **settings) as (port, health, log):
            assert eventually(lambda: "bus.unreachable" in log()), log()
            time.sleep(0.5)  # some more attempts
            assert health()["status"] == "unavailable" and "bus.up" not in log()
            answer = Client(port, "Ctls").get("tls")
            assert (answer.status, answer.rsc) == (503, 5103)
