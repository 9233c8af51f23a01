"""The MQTT service among others of its kind, at brokers of other kinds, and what a broker delivers twice."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import threading
import time

import pytest

import mqtt
from bus import Bus
from client import eventually
from stack import ROOT, free_ports

CREATE, RETRIEVE = 1, 2
BASE = "/id-in/cse-in"


@pytest.fixture
def mqtt_instance(stack, instance):
    """Another tessera-mqtt of the same installation; its settings by their names in section mqtt."""

    def start(name, **settings):
        mine = {"USER": "tessera", "PASSWORD": f"@{stack.dir}/secrets/mosquitto.password", **settings}
        return instance(name, **{f"MQTT_{k}": v for k, v in mine.items()})

    return start


def test_instances_share_the_requests(stack, mqtt_instance, ae):
    second = mqtt_instance("mqtt.2").ready()
    with mqtt.Mqtt(stack.mqtt_port, ae.origin) as c:
        def both():
            for _ in range(20):
                assert c.ask(RETRIEVE, f"{BASE}/{ae.name}")["rsc"] == 2000
            return second.metric("tessera_mqtt_requests_total") > 3
        assert eventually(both)
        assert any(k.startswith("tessera_mqtt_requests_total") for k in stack.metrics("mqtt.1"))
    assert second.stop() == 0
    with mqtt.Mqtt(stack.mqtt_port, "cleaner") as c:  # who does not come back takes its session along
        c.client.reinitialise(client_id="C::id-in.mqtt.2", clean_session=True)
        c.client.connect("127.0.0.1", stack.mqtt_port)
        c.client.loop_start()


def test_no_broker_is_no_failed_start(stack, mqtt_instance):
    port = free_ports()
    one = mqtt_instance("mqtt.3", URL=f"mqtt://127.0.0.1:{port}")
    assert eventually(lambda: "no connection to the MQTT broker" in one.health()[1])
    assert one.process.poll() is None


class Broker:
    """Just enough of a broker to send what a real one sends rarely: DUP."""

    def __init__(self):
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        self.published, self.subscribed, self.peer = [], [], None
        self.changed = threading.Condition()
        threading.Thread(target=self.accept, daemon=True).start()

    def close(self):
        self.server.close()

    def accept(self):
        while True:
            try:
                peer = self.server.accept()[0]
            except OSError:
                return
            threading.Thread(target=self.talk, args=(peer,), daemon=True).start()

    def talk(self, peer):
        with contextlib.suppress(ConnectionError):  # the instance was killed
            self.serve(peer, peer.makefile("rb"))

    def serve(self, peer, stream):
        while head := stream.read(1):
            length = shift = 0
            while True:
                byte = stream.read(1)[0]
                length |= (byte & 127) << shift
                shift += 7
                if byte < 128:
                    break
            body = stream.read(length)
            kind = head[0] >> 4
            if kind == 1:
                peer.sendall(bytes([0x20, 2, 0, 0]))
            elif kind == 8:
                peer.sendall(bytes([0x90, 3]) + body[:2] + b"\1")
                with self.changed:
                    self.peer = peer
                    self.subscribed.append(body[4:-1].decode())
            elif kind == 12:
                peer.sendall(bytes([0xd0, 0]))
            elif kind == 3:
                n = 2 + int.from_bytes(body[:2], "big")
                peer.sendall(bytes([0x40, 2]) + body[n:n + 2])
                with self.changed:
                    self.published.append(json.loads(body[n + 2:]))

    def send(self, topic, primitive, dup, number=7):
        body = len(topic).to_bytes(2, "big") + topic.encode() + number.to_bytes(2, "big") + json.dumps(primitive).encode()
        length, rest = b"", len(body)
        while True:
            length += bytes([rest & 127 | (128 if rest > 127 else 0)])
            rest >>= 7
            if not rest:
                break
        self.peer.sendall(bytes([0x32 | (8 if dup else 0)]) + length + body)

    def ask(self, topic, primitive, dup=False):
        before = len(self.published)
        self.send(topic, primitive, dup)
        assert eventually(lambda: len(self.published) > before)
        return self.published[-1]


def test_what_a_broker_delivers_again_is_carried_out_once(mqtt_instance, ae):
    """The same message with DUP is answered again; without it, or with other content, it is a request of its own."""
    ae.create(ae.name, 3, {"rn": "c"})
    broker = Broker()
    topic = f"/oneM2M/req/{ae.origin}/id-in/json"
    create = {"op": 1, "to": f"{BASE}/{ae.name}/c", "fr": ae.origin, "rqi": "constant", "rvi": "3", "ty": 4, "pc": {"m2m:cin": {"con": "x"}}}
    one = mqtt_instance("mqtt.4", URL=f"mqtt://127.0.0.1:{broker.port}").ready()
    assert eventually(lambda: len(broker.subscribed) >= 3)
    first = broker.ask(topic, create)
    assert first["rsc"] == 2001
    again = broker.ask(topic, create, dup=True)
    assert again["rsc"] == 2001 and again["pc"]["m2m:cin"]["ri"] == first["pc"]["m2m:cin"]["ri"]
    second = broker.ask(topic, create)
    assert second["rsc"] == 2001 and second["pc"]["m2m:cin"]["ri"] != first["pc"]["m2m:cin"]["ri"]
    assert broker.ask(topic, {**create, "pc": {"m2m:cin": {"con": "y"}}}, dup=True)["rsc"] == 2001
    assert ae.get(f"{ae.name}/c").pc["cni"] == 3
    # a container, whose name the CSE chose, after the instance that made it was killed
    create = {**create, "ty": 3, "to": f"{BASE}/{ae.name}", "pc": {"m2m:cnt": {"lbl": ["dup"]}}}
    made = broker.ask(topic, create)
    assert made["rsc"] == 2001
    one.stop(signal.SIGKILL)
    broker.subscribed.clear()
    mqtt_instance("mqtt.4", URL=f"mqtt://127.0.0.1:{broker.port}").ready()
    assert eventually(lambda: len(broker.subscribed) >= 3)
    again = broker.ask(topic, create, dup=True)
    assert again["rsc"] == 2001 and again["pc"]["m2m:cnt"]["ri"] == made["pc"]["m2m:cnt"]["ri"]
    assert len(ae.discover(ae.name, lbl="dup").found) == 1
    broker.close()


class Mosquitto:
    """Another broker, as the private one is configured."""

    def __init__(self, folder, **settings):
        self.port = free_ports()
        (folder / "secrets").mkdir()
        (folder / "secrets/mosquitto.password").write_text("the CSE's own")
        env = {**os.environ, "TESSERA_MQTT_PORT": str(self.port), **{f"TESSERA_{k}": str(v) for k, v in settings.items()}}
        self.process = subprocess.Popen([ROOT / "broker-config/mosquitto", folder], env=env, stdout=subprocess.DEVNULL)
        assert eventually(self.answers)

    def answers(self):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 5):
            return True

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(60)


def test_a_broker_that_everybody_reaches_wants_users(tmp_path):
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets/mosquitto.password").write_text("the CSE's own")
    env = {**os.environ, "TESSERA_MQTT_LISTEN": "0.0.0.0"}
    refused = subprocess.run([ROOT / "broker-config/mosquitto", tmp_path], env=env, capture_output=True, text=True, timeout=60)
    assert refused.returncode == 78 and "mqtt.users" in refused.stderr


@pytest.fixture
def rule(ae, guest):
    """A container that the guest may read if it is authenticated."""
    pv = {"acr": [{"acor": [ae.origin], "acop": 63}, {"acor": [guest.origin], "acop": 2, "acaf": True}]}
    assert ae.create(ae.name, 1, {"rn": "acp", "pv": pv, "pvs": pv}).rsc == 2001
    assert ae.create(ae.name, 3, {"rn": "c", "acpi": [f"cse-in/{ae.name}/acp"]}).rsc == 2001
    return f"{BASE}/{ae.name}/c"


def test_who_may_use_which_topics(tmp_path, mqtt_instance, ae, guest, rule):
    """A broker with users: each has the topics of its own name, and is authenticated by that where the CSE was told so."""
    for n, user in enumerate((ae.origin, guest.origin)):
        subprocess.run(["mosquitto_passwd", "-b", *(["-c"] if n == 0 else []), tmp_path / "users", user, f"password of {user}"], check=True, timeout=60)
    users = {"MQTT_USERS": tmp_path / "users"}

    def connect(user):
        return mqtt.Mqtt(broker.port, user, user=user, password=f"password of {user}")

    with Mosquitto(tmp_path, **users) as broker, connect(ae.origin) as c, connect(guest.origin) as other:
        url = f"mqtt://127.0.0.1:{broker.port}"
        for settings, rsc in (({"URL": url}, 4103), ({"URL": url, "AUTHENTICATED": "true"}, 2000), ({"PORT": broker.port, "USERS": users["MQTT_USERS"]}, 2000)):
            one = mqtt_instance("mqtt.5", PASSWORD="the CSE's own", **settings).ready()
            assert other.ask(RETRIEVE, rule)["rsc"] == rsc
            assert one.stop() == 0
        one = mqtt_instance("mqtt.5", PASSWORD="the CSE's own", URL=url).ready()
        assert c.ask(RETRIEVE, rule)["rsc"] == 2000
        answers = c.expect("stolen")
        other.publish(c.topic, other.primitive(RETRIEVE, rule, fr=ae.origin, rqi="stolen"))
        assert other.ask(RETRIEVE, rule)["rsc"] == 4103  # as it is; what came before was dropped
        assert answers.empty() and other.requests.empty()
        with pytest.raises(AssertionError):
            mqtt.Mqtt(broker.port, ae.origin, user=ae.origin, password="guessed", seconds=2)


def test_other_service_providers_use_absolute_ids(stack):
    """Between IN-CSEs of two service providers (Mcc') topics have absolute ids, TS-0010 6.4; what comes from a CSE that is not known is refused by that."""
    with mqtt.Mqtt(stack.mqtt_port, ":far.example:id-far", originator="//far.example/id-far", cse=":tessera.example.com:id-in") as far, Bus(stack, "orchestrator") as bus:
        topic, answer = far.ask_whole(far.primitive(RETRIEVE, "//tessera.example.com/id-in/cse-in"))
        assert answer["rsc"] == 4107 and topic == "/oneM2M/resp/:far.example:id-far/:tessera.example.com:id-in/json"
        head = {"op": 2, "to": "//far.example/id-far/cse/x", "fr": "//tessera.example.com/id-in/Cae", "rqi": "mcc1", "rvi": "3", "url": f"mqtt://localhost:{stack.mqtt_port}"}
        reply = bus.ask("egress.mqtt", head)[0]
        assert reply["st"] == "ok" and reply["rsc"] == 2000, reply
        assert far.request()["to"] == "//far.example/id-far/cse/x"


def test_other_brokers_and_tls(tmp_path, stack, mqtt_instance, ae):
    """Notifications to a broker that is not the CSE's own, with TLS, too; then it is one's own, over TLS, if its certificate is right."""
    tls_port = free_ports()
    certificate, key = stack.authority.issue("localhost", "DNS:localhost")
    with Mosquitto(tmp_path, MQTT_TLS_PORT=tls_port, TLS_CERTIFICATE=certificate, TLS_KEY=key) as broker, mqtt.Mqtt(broker.port, "Cfar") as far:
        far.client.subscribe([("far/topic", 1), ("tls/topic", 1)])
        ae.create(ae.name, 3, {"rn": "c"})
        nu = [f"mqtt://localhost:{broker.port}/far/topic", f"mqtt://127.0.0.1:{broker.port}/oneM2M/req/id-in/Cfar/json", f"mqtts://localhost:{tls_port}/tls/topic",
              f"mqtts://127.0.0.1:{tls_port}/tls/wrong"]  # of another name than the certificate's: nothing is sent there
        assert ae.create(f"{ae.name}/c", 23, {"rn": "s", "nu": nu, "enc": {"net": [3]}}).rsc == 2001
        for i in range(3):
            assert ae.create(f"{ae.name}/c", 4, {"con": i}).rsc == 2001
        told = {"request": [far.request() for _ in range(3)], "far/topic": [], "tls/topic": []}
        for _ in range(6):
            topic, payload = far.other.get(timeout=60)
            told[topic].append(json.loads(payload))
        for topic, got in told.items():
            assert [n["pc"]["m2m:sgn"]["nev"]["rep"]["m2m:cin"]["con"] for n in got] == [0, 1, 2], topic
        stranger = mqtt_instance("mqtt.6", URL=f"mqtts://localhost:{tls_port}", PASSWORD="the CSE's own", CA="")
        mqtt_instance("mqtt.7", URL=f"mqtts://localhost:{tls_port}", PASSWORD="the CSE's own").ready()
        with mqtt.Mqtt(broker.port, ae.origin) as c:
            assert c.ask(RETRIEVE, f"{BASE}/{ae.name}")["rsc"] == 2000
        assert stranger.health()[0] == 503


@pytest.fixture
def strict(tmp_path, stack):
    """A broker of the operator's own: its clients show certificates, whose common names are their user names. Its port, and another one without TLS."""
    certificate, key = stack.authority.issue("localhost", "DNS:localhost")
    port, plain = free_ports(), free_ports()
    (tmp_path / "conf").write_text(f"""per_listener_settings true
user root
listener {port} 127.0.0.1
cafile {stack.authority.file}
certfile {certificate}
keyfile {key}
require_certificate true
use_identity_as_username true
allow_anonymous false
listener {plain} 127.0.0.1
allow_anonymous true
""")
    with subprocess.Popen(["/usr/sbin/mosquitto", "-c", tmp_path / "conf"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        assert eventually(lambda: not socket.socket().connect_ex(("127.0.0.1", plain)))
        yield port, plain
        process.terminate()


def test_a_broker_that_wants_certificates(stack, strict, mqtt_instance, ae):
    port, plain = strict
    certificate, key = stack.authority.issue("tessera")
    own = {"USER": "", "PASSWORD": "", "URL": f"mqtts://localhost:{port}"}
    nobody = mqtt_instance("mqtt.6", **own)
    mqtt_instance("mqtt.7", **own, CERTIFICATE=certificate, KEY=key).ready()
    with mqtt.Mqtt(plain, ae.origin) as c:
        assert c.ask(RETRIEVE, f"{BASE}/{ae.name}")["rsc"] == 2000
    assert nobody.health()[0] == 503


def test_requests_for_other_cses(stack):
    """To the topic of the next hop, whoever is meant."""
    with mqtt.Mqtt(stack.mqtt_port, "id-mn") as hop, Bus(stack, "orchestrator") as bus:
        head = {"op": 2, "to": "/id-far/cse/x", "fr": "/id-in/Cae", "rqi": "far1", "rvi": "3", "url": f"mqtt://localhost:{stack.mqtt_port}", "via": "/id-mn"}
        reply = bus.ask("egress.mqtt", head)[0]
        assert reply["st"] == "ok" and reply["rsc"] == 2000 and reply["sent"]
        got = hop.request()
        assert got["to"] == "/id-far/cse/x" and got["fr"] == "/id-in/Cae" and "via" not in got and "url" not in got
        hop.answer = None
        reply = bus.ask("egress.mqtt", {**head, "rqi": "far2", "deadline": int(time.time() * 1000) + 1000})[0]
        assert reply["st"] == "unreachable" and reply["sent"]
        reply = bus.ask("egress.mqtt", {**{k: v for k, v in head.items() if k != "to"}, "rqi": "far3", "op": 5})[0]
        assert reply["st"] == "refused" and "topic" in reply["why"]
