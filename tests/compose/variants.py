"""The other ways to run the containers: with three brokers, and as the environment `production`. Steps for steps.py."""

import contextlib
import http.client
import os
import pathlib
import shutil
import signal
import ssl
import subprocess
import tempfile
import time

from client import AE, Answer, eventually
from coap import Coap, Dtls, Tcp
from containers import Containers
from mqtt import Mqtt
from others import Asking
from tls import Authority
from ws import WebSocket

CREATE, RETRIEVE = 1, 2
NODES = "broker", "broker-2", "broker-3"


def cluster(check):
    """The lines of .env.example that choose it; then each of its nodes is killed, and one is cut off."""
    check.c.compose("down", "-v")
    check.c.shell("cp .env.example .env; sed -Ei '/compose.cluster.yaml|^#TESSERA_BUS_/s/^#//' .env")
    check.c.compose("up", "-d", "--wait")
    seen = []
    for node in NODES:
        with check.traffic() as t:
            time.sleep(1)
            check.c.signal(check.c.ids(node)[0], signal.SIGKILL)
            time.sleep(3)
            check.c.wait_healthy()
        check.stored(t)
        told_to_wait(t)
        seen.append(f"{len(t.failures)} of {t.answered + len(t.failures)}")
    with check.traffic() as t:
        time.sleep(1)
        victim = check.c.ids("broker-2")[0]
        check.c.run("docker", "network", "disconnect", "tessera-check_bus", victim)
        time.sleep(40)
        last = t.failures[-1][0] if t.failures else 0
        check.c.run("docker", "network", "connect", "--alias", "broker-2", "tessera-check_bus", victim)
        assert eventually(lambda: all(knows_no_cut(check, node) for node in NODES), 150), "the nodes are still of two opinions"
        check.c.wait_healthy()
    check.stored(t)
    assert last < 39, f"still failing: {t.failures[-3:]}"
    check.c.compose("down", "-v")
    check.c.shell("cp .env.example .env")
    return f"told to try again when a node was killed: {', '.join(seen)}; one without its network: {t}, the last {max(0, last - 1):.0f} s after the cut"


def knows_no_cut(check, node):
    """Also not when it is just starting again to learn what the others know."""
    return check.c.compose("exec", "-T", node, "rabbitmqctl", "-q", "eval", "{rabbit:is_running(), rabbit_node_monitor:partitions()}.", check=False).strip() == "{true,[]}"


def told_to_wait(traffic):
    """Whatever failed was told to try again."""
    assert all(any(code in why for code in ("5103", "503", "504")) for _, why in traffic.failures), traffic.failures[:5]


class Https:
    """Requests with a certificate."""

    def __init__(self, port, originator, context):
        self.originator, self.connection = originator, http.client.HTTPSConnection("localhost", port, timeout=30, context=context)

    def ask(self, _, path):
        try:
            self.connection.request("GET", f"/{path}", headers={"X-M2M-Origin": self.originator, "X-M2M-RI": "1", "X-M2M-RVI": "3"})
            response = self.connection.getresponse()
            return Answer(response, response.read())
        except http.client.HTTPException as e:
            raise ConnectionError(repr(e)) from e

    def close(self):
        self.connection.close()


class Production:
    """The environment, deployed from a checkout with what its operator has."""

    def __init__(self, checkout, folder):
        self.state, self.authority = folder / "state", Authority(folder)
        self.key, self.word = os.urandom(16).hex(), os.urandom(8).hex()
        tls = self.state / "tls"
        tls.mkdir(parents=True)
        (self.state / "access").mkdir()
        certificate, key = self.authority.issue("localhost", "DNS:localhost,IP:127.0.0.1")
        for source, name in ((certificate, "tls.crt"), (key, "tls.key"), (self.authority.file, "ca.crt")):
            shutil.copy(source, tls / name)
        (self.state / "access/coap.keys").write_text(f"Cguest:{self.key}\n")
        subprocess.run(["mosquitto_passwd", "-b", "-c", self.state / "access/mqtt.users", "Cdevice", self.word], check=True)
        variables = {k: v for k, v in os.environ.items() if not k.startswith(("TESSERA_", "COMPOSE_"))}
        self.c = Containers(checkout, None, env={**variables, "STATE_DIR": str(self.state)})
        values = dict(line.split("=", 1) for line in self.c.run("services/environments/values", "production").splitlines())
        self.https, self.wss, self.coaps, self.mqtts = (int(values[f"TESSERA_{name}_TLS_PORT"]) for name in ("HTTP", "WEBSOCKET", "COAP", "MQTT"))
        # As `deploy` sets them, for what is asked of the engine here.
        self.c.env.update(COMPOSE_PROJECT_NAME="tessera-production", COMPOSE_ENV_FILES=str(self.state / "environment"), TESSERA_FOLDER=str(self.state),
                          TESSERA_ENV_FILE=str(self.state / "environment"), COMPOSE_FILE="compose.yaml:services/environments/production.yaml")

    def context(self, name=None):
        context = ssl.create_default_context(cafile=self.authority.file)
        if name:
            context.load_cert_chain(*self.authority.issue(name, f"URI:{name}"))
        return context

    def published(self):
        """{(port, protocol)} that others than this machine reach."""
        bindings = {(port.split("/")[1], b["HostPort"]) for c in self.c.inspect() for port, to in c["NetworkSettings"]["Ports"].items() for b in to or []
                    if b["HostIp"] not in ("127.0.0.1", "::1")}
        return {(int(port), protocol) for protocol, port in bindings}

    def asking(self):
        admin = self.context("CAdmin")
        return [Asking("https", lambda: Https(self.https, "CAdmin", admin)), Asking("websocket", lambda: WebSocket(self.wss, "CAdmin", tls=admin))]

    def device(self, name, word, seconds=30):
        return Mqtt(self.mqtts, name, user=name, password=word, seconds=seconds, tls=self.context())

    def guest(self, name, key):
        """With a pre-shared key. Clients of both kinds are served on one port, so it offers nothing else."""
        return Coap(self.coaps, name, transport=Dtls(self.coaps, "-cipher", "PSK", "-psk_identity", name, "-psk", key), patience=8)

    def another(self):
        """One more user and one more key: files that take the place of the former ones."""
        users, keys = self.state / "access/mqtt.users", self.state / "access/coap.keys"
        subprocess.run(["mosquitto_passwd", "-b", users, "Cnew", self.word], check=True)
        fresh = keys.with_suffix(".new")
        fresh.write_text(f"Cnew:{self.key}\n")
        fresh.replace(keys)

    def binding_answers(self):
        """What each binding says to who has a certificate, key or password, and to others: {name: (answer, refused)}."""
        pc = lambda name: {"m2m:ae": {"rn": name, "api": f"N.{name}", "rr": False, "srv": ["3"]}}
        said = {}
        with contextlib.closing(Https(self.https, "CAdmin", self.context("CAdmin"))) as client:
            said["https"] = client.ask(RETRIEVE, "cse-in").rsc, refused(lambda: Https(self.https, "CAdmin", self.context()).ask(RETRIEVE, "cse-in"))
        with WebSocket(self.wss, "CAdmin", tls=self.context("CAdmin")) as client:
            said["wss"] = client.ask(RETRIEVE, "cse-in")["rsc"], refused(lambda: WebSocket(self.wss, "CAdmin", tls=self.context()))
        with self.guest("Cguest", self.key) as client:
            said["coaps"] = client.ask(CREATE, "cse-in", pc("guest"), ty=AE).rsc, refused(lambda: self.guest("Cguest", os.urandom(16).hex()).ask(RETRIEVE, "cse-in"))
        with Coap(self.coaps, "CAdmin", transport=Tcp(self.coaps, context=self.context("CAdmin"))) as client:
            said["coaps+tcp"] = client.ask(RETRIEVE, "cse-in").rsc, refused(lambda: Coap(self.coaps, "CAdmin", transport=Tcp(self.coaps, context=self.context())).ask(RETRIEVE, "cse-in"))
        with self.device("Cdevice", self.word) as client:
            said["mqtts"] = client.ask(CREATE, "cse-in", pc("device"), ty=AE)["rsc"], refused(lambda: self.device("Cdevice", "another", seconds=3))
        return said


def refused(request):
    try:
        return f"answered {request()}"
    except (OSError, AssertionError, TimeoutError):  # TLS, MQTT, DTLS
        return True
    except Exception as e:  # a test's WebSocket says it so
        return type(e).__module__.startswith("websocket") or repr(e)


def production(check):
    """TLS only, with certificates of the operator's; brought up, upgraded in place, taken down, its data deleted."""
    if not os.environ.get("OWN_ENGINE"):
        return "left out, its ports may be somebody's: an engine of this check's own is wanted"
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        pathlib.Path(folder).chmod(0o755)
        it = Production(check.c.folder, pathlib.Path(folder))
        if not check.c.run("docker", "images", "-q", "grafana/grafana"):
            (check.c.folder / ".env.production").write_text("COMPOSE_PROFILES=scaled\n")
        begin = time.monotonic()
        it.c.run("make", "deploy", "ENV=production")
        took = time.monotonic() - begin
        said = it.binding_answers()
        assert all(rsc in (2000, 2001) and no is True for rsc, no in said.values()), said
        assert it.published() == {(it.https, "tcp"), (it.wss, "tcp"), (it.coaps, "tcp"), (it.coaps, "udp"), (it.mqtts, "tcp")}, it.published()
        it.another()
        with contextlib.ExitStack() as stack:
            asking = [stack.enter_context(a) for a in it.asking()]
            it.c.run("make", "deploy", "ENV=production")
        assert all(a.answered > 10 and not a.wrong for a in asking), [(a.name, a.answered, a.wrong[:3]) for a in asking]
        with it.device("Cnew", it.word) as device, it.guest("Cnew", it.key) as guest:
            new = device.ask(RETRIEVE, "cse-in")["rsc"], guest.ask(RETRIEVE, "cse-in").rsc
        assert new == (4106, 4106) and refused(lambda: it.guest("Cguest", it.key).ask(RETRIEVE, "cse-in")) is True, new
        it.c.wait_healthy()
        count = len(it.c.inspect())
        it.c.run("make", "undeploy", "ENV=production")
        volumes = it.c.run("docker", "volume", "ls", "-q", "--filter", "name=tessera-production_data").split()
        assert volumes and not it.c.inspect(), volumes
        it.c.run("make", "undeploy", "ENV=production", "DELETE_DATA=production")
        assert not it.c.run("docker", "volume", "ls", "-q", "--filter", "name=tessera-production").split()
        (check.c.folder / ".env.production").unlink(missing_ok=True)
    return (f"{count} containers in {took:.0f} s; {', '.join(said)} answer who has a certificate, key or password, and nobody else; "
            f"deployed again meanwhile: " + ", ".join(map(str, asking)))
