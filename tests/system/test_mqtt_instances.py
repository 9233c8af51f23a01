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
from tls import Authority

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
            threading.Thread(target=self.serve, args=(peer, peer.makefile("rb")), daemon=True).start()

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


def test_who_may_use_which_topics(tmp_path, mqtt_instance, ae):
    """A broker with users: each has the topics of its own name."""
    for user in (ae.origin, "Cother"):
        subprocess.run(["mosquitto_passwd", "-b", *(["-c"] if user == ae.origin else []), tmp_path / "users", user, f"password of {user}"], check=True, timeout=60)
    with Mosquitto(tmp_path, MQTT_USERS=tmp_path / "users") as broker:
        mqtt_instance("mqtt.5", URL=f"mqtt://127.0.0.1:{broker.port}", PASSWORD="the CSE's own").ready()
        with mqtt.Mqtt(broker.port, ae.origin, user=ae.origin, password=f"password of {ae.origin}") as c:
            assert c.ask(RETRIEVE, f"{BASE}/{ae.name}")["rsc"] == 2000
            with mqtt.Mqtt(broker.port, "Cother", user="Cother", password="password of Cother") as other:
                answers = c.expect("stolen")
                other.publish(c.topic, other.primitive(RETRIEVE, f"{BASE}/{ae.name}", fr=ae.origin, rqi="stolen"))
                assert other.ask(RETRIEVE, f"{BASE}/{ae.name}")["rsc"] in (4103, 4106)  # as it is; what came before was dropped
                assert answers.empty() and other.requests.empty()
        with pytest.raises(AssertionError):
            mqtt.Mqtt(broker.port, ae.origin, user=ae.origin, password="guessed", seconds=2)


def test_other_brokers_and_tls(tmp_path, stack, mqtt_instance, ae):
    """Notifications to a broker that is not the CSE's own; then it is one's own, over TLS, if its certificate is right."""
    authority, tls_port = Authority(tmp_path), free_ports()
    certificate, key = authority.issue("localhost", "DNS:localhost")
    with Mosquitto(tmp_path, MQTT_TLS_PORT=tls_port, TLS_CERTIFICATE=certificate, TLS_KEY=key) as broker, mqtt.Mqtt(broker.port, "Cfar") as far:
        far.client.subscribe("far/topic", 1)
        ae.create(ae.name, 3, {"rn": "c"})
        nu = [f"mqtt://localhost:{broker.port}/far/topic", f"mqtt://127.0.0.1:{broker.port}/oneM2M/req/id-in/Cfar/json"]
        assert ae.create(f"{ae.name}/c", 23, {"rn": "s", "nu": nu, "enc": {"net": [3]}}).rsc == 2001
        for i in range(3):
            assert ae.create(f"{ae.name}/c", 4, {"con": i}).rsc == 2001
        told = [json.loads(far.other.get(timeout=60)[1]) for _ in range(3)], [far.request() for _ in range(3)]
        for got in told:
            assert [n["pc"]["m2m:sgn"]["nev"]["rep"]["m2m:cin"]["con"] for n in got] == [0, 1, 2]
        stranger = mqtt_instance("mqtt.6", URL=f"mqtts://localhost:{tls_port}", PASSWORD="the CSE's own")
        mqtt_instance("mqtt.7", URL=f"mqtts://localhost:{tls_port}", PASSWORD="the CSE's own", CA=authority.file).ready()
        with mqtt.Mqtt(broker.port, ae.origin) as c:
            assert c.ask(RETRIEVE, f"{BASE}/{ae.name}")["rsc"] == 2000
        assert stranger.health()[0] == 503


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
