"""HTTPS and wss: who may connect and how, what the platform learns of a client's certificate, and new certificates while connections are open."""

import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import warnings

import pytest

from client import CIN, CNT, PATIENCE, SUB, Client, eventually
from commandline import OK, UNREACHABLE, tessera
from stack import ROOT, Stack
from tls import Authority
from ws import WebSocket, WebSocketServer

TIMEOUT = 4  # of http.timeout: a handshake may take no longer


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("ours"))


@pytest.fixture(scope="module")
def files(tmp_path_factory, ours):
    """Where the server's certificate lies, and how it is replaced."""

    class Files:
        folder = tmp_path_factory.mktemp("server")
        certificate, key = folder / "server.crt", folder / "server.key"

        def replace(self, certificate, key):
            for source, target in ((certificate, self.certificate), (key, self.key)):
                shutil.copy(source, f"{target}.new")
                os.replace(f"{target}.new", target)

    f = Files()
    f.replace(*ours.issue("first", "DNS:localhost"))
    return f


@pytest.fixture(scope="module")
def house(ours, files):
    s = Stack(TLS_CERTIFICATE=files.certificate, TLS_KEY=files.key, TLS_CA=ours.file, TLS_CLIENTS="optional", HTTP_TIMEOUT=TIMEOUT, WEBSOCKET_HANDSHAKE=TIMEOUT, WEBSOCKET_EGRESS_CA=ours.file)
    s.tls_port, s.wss_port = s.management_port + 30, s.management_port + 31
    s.env.update({"TESSERA_HTTP_TLS_PORT": str(s.tls_port), "TESSERA_WEBSOCKET_TLS_PORT": str(s.wss_port)})
    s.start()
    yield s
    s.stop()


def context(authority, client=None, newest=None):
    c = ssl.create_default_context(cafile=authority.file)
    if client:
        c.load_cert_chain(*client)
    if newest:
        c.set_ciphers("ALL:@SECLEVEL=0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python finds them old as well
            c.minimum_version, c.maximum_version = ssl.TLSVersion.MINIMUM_SUPPORTED, newest
    return c


class Secure(Client):
    def __init__(self, house, authority, client=None, origin="CAdmin"):
        super().__init__(house.tls_port, origin)
        self.context = context(authority, client)
        self.renew()

    def renew(self):
        self.connection = http.client.HTTPSConnection("localhost", self.port, timeout=PATIENCE, context=self.context)

    def name(self):
        """The common name that the server shows on this connection."""
        return dict(pair for rdn in self.connection.sock.getpeercert()["subject"] for pair in rdn)["commonName"]


def curl(house, ours, *arguments):
    return subprocess.run(["curl", "-sS", "--max-time", "30", "--cacert", str(ours.file), *map(str, arguments), f"https://localhost:{house.tls_port}/cse-in",
                           "-H", "X-M2M-Origin: CAdmin", "-H", "X-M2M-RI: 1", "-H", "X-M2M-RVI: 3"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60, check=False)


@pytest.mark.parametrize("arguments", [(), ("--tlsv1.3",), ("--tls-max", "1.2"), ("--http1.1",)])
def test_curl(house, ours, arguments):
    done = curl(house, ours, *arguments)
    assert json.loads(done.stdout)["m2m:cb"]["ri"] == "id-in", done.stderr


def test_the_command_line(house, ours, tmp_path):
    url = ("--url", f"https://localhost:{house.tls_port}")
    done = tessera(house, "get", "cse-in", *url)
    assert done.status == UNREACHABLE and "--ca" in done.err, done
    done = tessera(house, "get", "cse-in", *url, "--ca", ours.file)
    assert done.status == OK and "csi /id-in" in done.lines, done
    done = tessera(house, "get", "cse-in", env={"TESSERA_HTTP_PORT": "0", "TESSERA_CA": str(ours.file)})  # it finds the local one
    assert done.status == OK, done
    certificate, key = ours.issue("operator", "URI:Coperator")
    assert tessera(house, "get", "cse-in", *url, "--ca", ours.file, "--cert", certificate, "--key", key).status == OK
    certificate, key = Authority(tmp_path).issue("stranger", "URI:Cstranger")
    assert tessera(house, "get", "cse-in", *url, "--ca", ours.file, "--cert", certificate, "--key", key).status == UNREACHABLE


@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_old_versions_are_refused(house, ours, newest):
    with socket.create_connection(("localhost", house.tls_port), PATIENCE) as plain:
        with pytest.raises((ssl.SSLError, ConnectionError)):
            context(ours, newest=newest).wrap_socket(plain, server_hostname="localhost")


def test_plain_requests_get_nothing(house):
    with socket.create_connection(("localhost", house.tls_port), PATIENCE) as plain:
        plain.sendall(b"GET /cse-in HTTP/1.1\r\nHost: x\r\n\r\n")
        with contextlib.suppress(ConnectionError):
            assert b"HTTP" not in plain.recv(100)
    with pytest.raises((http.client.HTTPException, ConnectionError)):
        c = http.client.HTTPSConnection("localhost", house.http_port, timeout=PATIENCE)
        try:
            c.request("GET", "/cse-in")
        except ssl.SSLError as e:
            raise ConnectionError from e


def test_everything_works_there_as_well(house, ours):
    client = Secure(house, ours)
    ae = client.create("", 2, {"rn": "s", "api": "N.s", "rr": False, "srv": ["3"]}, headers={"X-M2M-Origin": "Cs"})
    assert ae.rsc == 2001, ae
    client.origin = "Cs"
    assert client.create("s", CNT, {"rn": "c"}).rsc == 2001
    big = "x" * 300_000
    for n in range(20):
        assert client.create("s/c", CIN, {"con": big if n == 7 else n}).rsc == 2001
    assert client.get("s/c/la").pc["con"] == 19
    assert client.get("s/c", rcn=4, lim=9).rsc == 2000
    assert client.delete("s").rsc == 2002


def test_everything_works_over_wss_as_well(house, ours):
    with WebSocket(house.wss_port, "CAdmin", tls=context(ours)) as c:
        assert c.ask(1, "cse-in", {"m2m:ae": {"rn": "w", "api": "N.w", "rr": False, "srv": ["3"]}}, ty=2, fr="Cw")["rsc"] == 2001
        assert c.ask(1, "cse-in/w", {"m2m:cnt": {"rn": "c"}}, ty=3, fr="Cw")["rsc"] == 2001
        assert c.ask(1, "cse-in/w/c", {"m2m:cin": {"con": "x" * 300_000}}, ty=4, fr="Cw")["rsc"] == 2001
        assert len(c.ask(2, "cse-in/w/c/la", fr="Cw")["pc"]["m2m:cin"]["con"]) == 300_000
        assert c.ask(4, "cse-in/w", fr="Cw")["rsc"] == 2002


@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_old_versions_are_refused_over_wss(house, ours, newest):
    with pytest.raises(OSError):
        WebSocket(house.wss_port, "CAdmin", tls=context(ours, newest=newest))


# ---- wss targets


def test_wss_targets_prove_who_they_are(house, ours):
    """Notifications go to who shows a certificate of the authority that is set, for its own name."""
    ae = Client(house.http_port).ae("wsstarget")
    ae.create("wsstarget", CNT, {"rn": "c"})
    with WebSocketServer(tls=ours.server()) as good, WebSocketServer(tls=ours.server("elsewhere.example")) as bad:
        for n, server in enumerate((bad, good)):
            assert ae.create("wsstarget/c", SUB, {"rn": f"s{n}", "nu": [server.url], "enc": {"net": [3]}}).rsc == 2001
        for i in range(3):
            assert ae.create("wsstarget/c", CIN, {"con": i}).rsc == 2001
        assert [good.requests.get(timeout=PATIENCE)["pc"]["m2m:sgn"]["nev"]["rep"]["m2m:cin"]["con"] for _ in range(3)] == [0, 1, 2]
        assert bad.connections == 0
    ae.delete("wsstarget")


# ---- certificates of clients


@pytest.fixture(scope="module")
def box(house):
    admin = Client(house.http_port)
    mine = admin.ae("owner")
    admin.ae("guest")
    pv = {"acr": [{"acor": ["Cowner"], "acop": 63}, {"acor": ["Cguest"], "acop": 2, "acaf": True}]}
    assert mine.create("owner", 1, {"rn": "acp", "pv": pv, "pvs": {"acr": [{"acor": ["Cowner"], "acop": 63}]}}).rsc == 2001
    assert mine.create("owner", CNT, {"rn": "c", "acpi": ["cse-in/owner/acp"]}).rsc == 2001
    return "owner/c"


@pytest.mark.parametrize("name, alternative, rsc", [(None, None, 4103), ("Cguest", "", 2000), ("x", "URI:Cguest", 2000), ("x", "URI:/id-in/Cguest", 2000), ("Cguest", "DNS:other.example", 4103), ("Cother", "", 4103)])
def test_clients(house, ours, box, name, alternative, rsc):
    """Rules for authenticated originators count for who shows a certificate in that very name, and for nobody else."""
    client = Secure(house, ours, ours.issue(name, alternative) if name else None, origin="Cguest")
    assert client.get(box).rsc == rsc
    assert Client(house.http_port, "Cguest").get(box).rsc == 4103
    with WebSocket(house.wss_port, "Cguest", tls=context(ours, ours.issue(name, alternative) if name else None)) as c:
        assert c.ask(2, f"cse-in/{box}")["rsc"] == rsc


def test_certificates_of_others(house, tmp_path):
    others = Authority(tmp_path, "others")
    c = ssl.create_default_context()
    c.check_hostname, c.verify_mode = False, ssl.CERT_NONE
    c.load_cert_chain(*others.issue("Cguest"))
    with pytest.raises((ssl.SSLError, ConnectionError, http.client.HTTPException)):
        connection = http.client.HTTPSConnection("localhost", house.tls_port, timeout=PATIENCE, context=c)
        connection.request("GET", "/cse-in", headers={"X-M2M-RI": "1", "X-M2M-Origin": "CAdmin"})
        connection.getresponse()
    for newest in (ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_2):
        c.maximum_version = newest
        with pytest.raises(OSError):
            WebSocket(house.wss_port, "Cguest", tls=c)


# ---- new certificates


def test_renewal(house, ours, files):
    """On SIGHUP and when the files change; who is connected stays so; files that do not belong together change nothing."""
    old = Secure(house, ours)
    assert old.get("").rsc == 2000

    def shown():
        assert old.get("").rsc == 2000 and old.name() == "first"
        fresh = Secure(house, ours)
        assert fresh.get("").rsc == 2000
        with WebSocket(house.wss_port, "CAdmin", tls=context(ours)) as over:
            name = dict(pair for rdn in over.socket.sock.getpeercert()["subject"] for pair in rdn)["commonName"]
        return fresh.name() if name == fresh.name() else "not the same"

    files.replace(*ours.issue("second", "DNS:localhost"))
    for service in ("http.1", "websocket.1"):
        os.kill(house.pid(service), signal.SIGHUP)
    assert eventually(lambda: shown() == "second")
    files.replace(*ours.issue("third", "DNS:localhost"))
    assert eventually(lambda: shown() == "third")

    files.replace(ours.issue("fourth", "DNS:localhost")[0], ours.issue("other")[1])
    assert eventually(lambda: "tls.reload" in house.log() and "not the key of the certificate" in house.log())
    files.certificate.write_text("nonsense")
    for service in ("http.1", "websocket.1"):
        os.kill(house.pid(service), signal.SIGHUP)
    assert shown() == "third"
    files.replace(*ours.issue("fifth", "DNS:localhost"))
    assert eventually(lambda: shown() == "fifth")


def test_a_certificate_for_trying(tmp_path):
    """Made once, for the names that are asked for."""
    make = [ROOT / "services/supervisor/certificate", tmp_path, "gateway.example", "192.0.2.7", "2001:db8::7"]
    certificate = subprocess.run(make, stdout=subprocess.PIPE, text=True, check=True, timeout=60).stdout.strip()
    first = open(certificate, encoding="ascii").read()
    shown = subprocess.run(["openssl", "x509", "-noout", "-ext", "subjectAltName", "-in", certificate], stdout=subprocess.PIPE, text=True, check=True, timeout=60).stdout
    assert all(name in shown for name in ("DNS:localhost", "IP Address:127.0.0.1", "DNS:gateway.example", "IP Address:192.0.2.7", "IP Address:2001:DB8"))
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, certificate.replace(".crt", ".key"))
    subprocess.run(make, stdout=subprocess.PIPE, check=True, timeout=60)
    assert open(certificate, encoding="ascii").read() == first


# ---- who is slow


def test_slow_handshakes(house, ours):
    """They end, and hold up nobody."""
    silent = [socket.create_connection(("localhost", house.tls_port), PATIENCE) for _ in range(50)]
    dripping = [socket.create_connection(("localhost", house.tls_port), PATIENCE) for _ in range(10)]
    hello = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200)
    assert Secure(house, ours).get("").rsc == 2000

    def all_ended():
        for s in list(dripping):
            try:
                s.send(hello[:1])
                s.setblocking(False)
                if s.recv(1) == b"":
                    dripping.remove(s)
            except BlockingIOError:
                pass
            except ConnectionError:
                dripping.remove(s)
        for s in list(silent):
            s.setblocking(False)
            try:
                if s.recv(1) == b"":
                    silent.remove(s)
            except BlockingIOError:
                pass
            except ConnectionError:
                silent.remove(s)
        return not silent and not dripping

    assert eventually(all_ended), (len(silent), len(dripping))
    assert Secure(house, ours).get("").rsc == 2000


def test_polls_end_with_their_client(house, ours):
    """A long poll whose client leaves is told, over TLS as well."""
    client = Secure(house, ours, origin="Cpoller")
    assert client.create("", 2, {"rn": "poller", "api": "N.p", "rr": False, "srv": ["3"]}).rsc == 2001
    assert client.request("POST", "poller", {"m2m:pch": {"rn": "ch"}}, ty=15).rsc == 2001
    client.connection.request("GET", "/cse-in/poller/ch/pcu", headers={"X-M2M-RI": "1", "X-M2M-Origin": "Cpoller", "X-M2M-RVI": "3"})
    assert eventually(lambda: house.metrics("polling.1").get('tessera_polling_open{what="polls"}') == 1)
    client.connection.close()
    assert eventually(lambda: house.metrics("polling.1").get('tessera_polling_open{what="polls"}') == 0)
    assert Client(house.http_port, "Cpoller").delete("poller").rsc == 2002
