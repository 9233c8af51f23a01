"""When the certificates end that the processes use: metrics of each, also after they were renewed, and what `tessera doctor` says."""

import json
import os
import shutil
import signal
import socket
import ssl
import urllib.request

import pytest

import prometheus
from client import CIN, CNT, PATIENCE, SUB, Client, eventually
from commandline import OK, REFUSED, tessera
from stack import Stack, free_ports
from tls import Authority
from ws import WebSocketServer

DAY = 86400


class File:
    """One that a setting names, replaced as a whole."""

    def __init__(self, path, source):
        self.path = path
        self.replace(source)

    def replace(self, source):
        shutil.copy(source, f"{self.path}.new")
        os.replace(f"{self.path}.new", self.path)


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("ours"))


@pytest.fixture(scope="module")
def house(ours, tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    certificate, key = ours.issue("first", "DNS:localhost", days=40)
    shown, shown_key = ours.issue("shown")
    files = {name: File(folder / name, source) for name, source in (("certificate", certificate), ("key", key), ("ca", ours.file), ("out", ours.file), ("shown", shown), ("shown.key", shown_key))}
    s = Stack("storage=1 orchestrator=1 notification=1 http=1 websocket=1 mqtt=1 coap=1", TLS_CERTIFICATE=files["certificate"].path, TLS_KEY=files["key"].path, TLS_CA=files["ca"].path, TLS_CLIENTS="optional",
              HTTP_EGRESS_CA=files["out"].path, WEBSOCKET_EGRESS_CA=files["out"].path, COAP_EGRESS_CA=files["out"].path, MQTT_CA=files["out"].path,
              COAP_EGRESS_CERTIFICATE=files["shown"].path, COAP_EGRESS_CERTIFICATE_KEY=files["shown.key"].path, MQTT_CERTIFICATE=files["shown"].path, MQTT_KEY=files["shown.key"].path)
    s.files, s.mqtts_port = files, free_ports()
    s.env.update({"TESSERA_HTTP_TLS_PORT": str(s.mqtts_port + 1), "TESSERA_WEBSOCKET_TLS_PORT": str(s.mqtts_port + 2), "TESSERA_COAP_TLS_PORT": str(s.mqtts_port + 3), "TESSERA_MQTT_TLS_PORT": str(s.mqtts_port)})
    s.start()
    yield s
    s.stop()


def metrics(house, instance):
    port = house.management_port if instance == "supervisor.1" else house.status()[instance]["port"]
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as r:
        return prometheus.parse(r.read().decode())


def told(house, instance):
    """{(setting, name): days}, and the settings whose new files are refused."""
    families = metrics(house, instance)
    ends, refused = (families.get(f"tessera_certificate_{what}", ("", "", []))[2] for what in ("expiry_seconds", "refused"))
    return {(labels["setting"], labels["name"]): value / DAY for _, labels, value in ends}, {labels["setting"] for _, labels, value in refused if value == 1}


OWN = {("tls.certificate", "first"): 40, ("tls.ca", "test authority"): 2}
EXPECTED = {
    "http.1": {**OWN, ("http.egress.ca", "test authority"): 2},
    "websocket.1": {**OWN, ("websocket.egress.ca", "test authority"): 2},
    "coap.1": {**OWN, ("coap.egress.ca", "test authority"): 2, ("coap.egress.certificate", "shown"): 2},
    "mqtt.1": {("mqtt.ca", "test authority"): 2, ("mqtt.certificate", "shown"): 2},
    "supervisor.1": {("tls.certificate", "first"): 40},
    "storage.1": {},
}


@pytest.mark.parametrize("instance", EXPECTED)
def test_each_process_tells_of_those_that_it_uses(house, instance):
    days, refused = told(house, instance)
    assert days == {which: pytest.approx(end, abs=0.1) for which, end in EXPECTED[instance].items()} and not refused


def test_a_client_of_the_bus(house, ours, instance):
    one = instance("http.7", BUS_TLS="true", BUS_TLS_CA=str(ours.file), HTTP_TLS_PORT="0")
    assert eventually(lambda: one.health()[0])
    assert one.metric('tessera_certificate_expiry_seconds{setting="bus.tls.ca",name="test authority"}') > DAY


def replace(house, certificate, key):
    house.files["key"].replace(key)
    house.files["certificate"].replace(certificate)
    for pid in [house.pid(name) for name in ("http.1", "websocket.1", "coap.1", "supervisor")]:
        os.kill(pid, signal.SIGHUP)  # sooner than they look themselves


def shown_by_mosquitto(house, ours):
    context = ssl.create_default_context(cafile=ours.file)
    with context.wrap_socket(socket.create_connection(("localhost", house.mqtts_port), 30), server_hostname="localhost") as s:
        return dict(pair for rdn in s.getpeercert()["subject"] for pair in rdn)["commonName"]


def test_renewed_ones_count_when_they_are_taken(house, ours):
    """Those that are not are told, too; the command line says the same."""
    services = ("http.1", "websocket.1", "coap.1", "supervisor.1")
    replace(house, *ours.issue("second", "DNS:localhost", days=90))
    assert eventually(lambda: all(("tls.certificate", "second") in told(house, s)[0] for s in services))
    for service in services:
        days, refused = told(house, service)
        assert days["tls.certificate", "second"] == pytest.approx(90, abs=0.1) and ("tls.certificate", "first") not in days and not refused
    assert eventually(lambda: shown_by_mosquitto(house, ours) == "second")
    done = tessera(house, "doctor")
    assert done.status == OK and 'tls.certificate: "second" is good until' in done.out and 'coap.egress.certificate: "shown" expires on' in done.out, done

    replace(house, ours.issue("third", "DNS:localhost")[0], ours.issue("other")[1])
    assert eventually(lambda: all(told(house, s)[1] == {"tls.certificate"} for s in services[:3]))
    assert told(house, "http.1")[0]["tls.certificate", "second"] > 89
    done = tessera(house, "doctor")
    assert done.status == REFUSED and "tls.certificate: its new file is not taken" in done.out, done

    replace(house, *ours.issue("fourth", "DNS:localhost", days=-1))
    assert eventually(lambda: all(("tls.certificate", "fourth") in told(house, s)[0] for s in services))
    assert told(house, "http.1")[0]["tls.certificate", "fourth"] < 0 and not told(house, "http.1")[1]
    done = json.loads(tessera(house, "doctor", "--json").out)
    assert any(f["state"] == "fail" and '"fourth" has expired' in f["text"] for f in done), done
    replace(house, *ours.issue("fifth", "DNS:localhost", days=90))


def test_new_authorities_count_as_well(house, ours, tmp_path):
    """The former one's clients are not let in any more, its targets are told nothing."""
    others = Authority(tmp_path, "other")
    house.files["ca"].replace(others.file)
    house.files["out"].replace(others.file)
    wanted = {"http.1": {"tls.ca", "http.egress.ca"}, "websocket.1": {"tls.ca", "websocket.egress.ca"}, "coap.1": {"tls.ca", "coap.egress.ca"}, "mqtt.1": {"mqtt.ca"}}
    assert eventually(lambda: all({setting for setting, name in told(house, s)[0] if name == "other authority"} == settings for s, settings in wanted.items())), {s: told(house, s) for s in wanted}

    def gets_in(client):
        context = ssl.create_default_context(cafile=ours.file)
        context.load_cert_chain(*client)
        try:
            with context.wrap_socket(socket.create_connection(("localhost", house.mqtts_port + 2), 30), server_hostname="localhost") as s:
                s.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: oneM2M.json\r\n\r\n")
                return s.recv(100).startswith(b"HTTP/1.1 101")
        except OSError:
            return False

    assert eventually(lambda: gets_in(others.issue("Cx")))
    assert not gets_in(ours.issue("Cx"))

    ae = Client(house.http_port).ae("wss")
    ae.create("wss", CNT, {"rn": "c"})
    with WebSocketServer(tls=others.server()) as good, WebSocketServer(tls=ours.server()) as bad:
        for n, server in enumerate((bad, good)):
            assert ae.create("wss/c", SUB, {"rn": f"s{n}", "nu": [server.url], "enc": {"net": [3]}}).rsc == 2001
        assert ae.create("wss/c", CIN, {"con": 1}).rsc == 2001
        assert good.requests.get(timeout=PATIENCE)["pc"]["m2m:sgn"]["nev"]["rep"]["m2m:cin"]["con"] == 1
        assert bad.connections == 0
