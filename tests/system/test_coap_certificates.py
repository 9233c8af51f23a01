"""CoAP over DTLS and TLS with certificates: ours, the clients', those of targets; rules for who is authenticated; new certificates and keys."""

import contextlib
import os
import pathlib
import signal
import socket
import ssl
import subprocess

import pytest

from client import CNT, Client, eventually
from coap import Coap, Dtls, DtlsLink, Receiver, Tcp, TlsLink, coap_client, content
from stack import OUT, Stack, free_ports
from tls import Authority

RETRIEVE = 2
SECRET = "sixteen bytes ok"
KEY = SECRET.encode().hex()
LOST = (TimeoutError, ConnectionError, ssl.SSLError)


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("ours"))


@pytest.fixture(scope="module")
def others(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("others"), "other")


class Files:
    """What the settings name: they are replaced while the service runs."""

    def __init__(self, folder):
        self.certificate, self.key, self.keys = folder / "own.crt", folder / "own.key", folder / "keys"

    def replace(self, certificate, key):
        for target, source in ((self.key, key), (self.certificate, certificate)):
            fresh = target.with_suffix(".new")
            fresh.write_bytes(pathlib.Path(source).read_bytes())
            fresh.rename(target)


@pytest.fixture(scope="module")
def files(ours, tmp_path_factory):
    f = Files(tmp_path_factory.mktemp("files"))
    f.replace(*ours.issue("first", "DNS:localhost"))
    f.keys.write_text(f"Cguest:{KEY}\nCother:{KEY}\n")
    return f


@pytest.fixture(scope="module")
def house(ours, files):
    certificate, key = ours.issue("id-in", "URI:Cidin")
    s = Stack(instances="storage=1 orchestrator=1 notification=1 http=1 coap=1")
    s.tls_port = free_ports()
    s.spare = s.tls_port + 1
    s.env.update({"TESSERA_COAP_DTLS_PORT": str(s.coaps_port), "TESSERA_COAP_TLS_PORT": str(s.tls_port), "TESSERA_COAP_KEYS": str(files.keys),
                  "TESSERA_TLS_CERTIFICATE": str(files.certificate), "TESSERA_TLS_KEY": str(files.key), "TESSERA_TLS_CA": str(ours.file), "TESSERA_TLS_CLIENTS": "optional",
                  "TESSERA_COAP_EGRESS_CA": str(ours.file), "TESSERA_COAP_EGRESS_CERTIFICATE": str(certificate), "TESSERA_COAP_EGRESS_CERTIFICATE_KEY": str(key)})
    s.start()
    yield s
    s.stop()


def context(authority, certificate=None, newest=ssl.TLSVersion.TLSv1_3):
    c = ssl.create_default_context(cafile=authority.file)
    c.minimum_version, c.maximum_version = ssl.TLSVersion.MINIMUM_SUPPORTED, newest
    if certificate:
        c.load_cert_chain(*certificate)
    return c


def dtls(port, authority, certificate=None, name="localhost"):
    own = ["-cert", certificate[0], "-key", certificate[1]] if certificate else []
    return Dtls(port, "-CAfile", authority.file, "-verify_return_error", "-verify_hostname", name, "-servername", name, *own)


def keyed(port, identity):
    return Dtls(port, "-psk_identity", identity, "-psk", KEY, "-cipher", "PSK-AES128-CCM8:@SECLEVEL=0")


def transports(house, authority, certificate=None):
    yield dtls(house.coaps_port, authority, certificate)
    yield Tcp(house.tls_port, context=context(authority, certificate))
    yield Tcp(house.tls_port, context=context(authority, certificate, ssl.TLSVersion.TLSv1_2))


def ask(transport, to, originator="Cguest", patience=20):
    with Coap(None, originator, transport=transport, first=20, patience=patience) as c:
        return c.ask(RETRIEVE, f"cse-in/{to}").rsc


@pytest.fixture(scope="module")
def box(house):
    admin = Client(house.http_port)
    mine = admin.ae("owner")
    admin.ae("guest")
    pv = {"acr": [{"acor": ["Cowner"], "acop": 63}, {"acor": ["Cguest"], "acop": 2, "acaf": True}]}
    assert mine.create("owner", 1, {"rn": "acp", "pv": pv, "pvs": {"acr": [{"acor": ["Cowner"], "acop": 63}]}}).rsc == 2001
    assert mine.create("owner", CNT, {"rn": "c", "acpi": ["cse-in/owner/acp"]}).rsc == 2001
    return "owner/c"


@pytest.mark.parametrize("name, alternative, rsc", [(None, None, 4103), ("Cguest", "", 2000), ("x", "URI:/id-in/Cguest", 2000), ("Cguest", "DNS:other.example", 4103), ("Cother", "", 4103)])
def test_who_shows_a_certificate_is_authenticated(house, ours, box, name, alternative, rsc):
    """Rules for authenticated originators count for who shows a certificate in that very name, and for nobody else."""
    for transport in transports(house, ours, ours.issue(name, alternative) if name else None):
        assert ask(transport, box) == rsc
    with Coap(house.coap_port, "Cguest") as plain:
        assert plain.ask(RETRIEVE, f"cse-in/{box}").rsc == 4103


@pytest.mark.parametrize("identity, rsc", [("Cguest", 2000), ("Cother", 4103)])
def test_who_has_a_key_is_authenticated(house, box, identity, rsc):
    assert ask(keyed(house.coaps_port, identity), box) == rsc


def test_certificates_of_others_are_refused(house, ours, others, box):
    with pytest.raises(LOST):
        ask(dtls(house.coaps_port, ours, others.issue("Cguest")), box, patience=3)
    with pytest.raises(LOST):
        ask(Tcp(house.tls_port, context=context(ours, others.issue("Cguest"))), box)
    with pytest.raises(LOST):  # made for servers
        ask(Tcp(house.tls_port, context=context(ours, ours.issue("Cguest", "DNS:Cguest\nextendedKeyUsage=serverAuth"))), box)


def test_the_server_proves_who_it_is(house, ours, others, box):
    with pytest.raises(LOST):
        ask(dtls(house.coaps_port, others), box, patience=3)
    with pytest.raises(ssl.SSLError):
        Tcp(house.tls_port, context=context(others))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_old_versions_are_refused(house, ours):
    c = context(ours, newest=ssl.TLSVersion.TLSv1_1)
    c.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.raises(LOST):
        Tcp(house.tls_port, context=c, seconds=2)


@pytest.mark.parametrize("scheme, port", [("coaps", "coaps_port"), ("coaps+tcp", "tls_port")])
@pytest.mark.parametrize("way", ["key", "-C", "-R"])
def test_the_client_of_libcoap(house, ours, box, scheme, port, way):
    """With the authority of both sides (-C), with one to trust (-R), and with a key."""
    certificate, key = ours.issue("Cguest")
    proof = ["-k", SECRET, "-u", "Cguest"] if way == "key" else [way, ours.file, "-c", certificate, "-j", key]
    code, _, got = coap_client(*proof, "-O", "256,Cguest", "-O", "257,1", f"{scheme}://localhost:{getattr(house, port)}/cse-in/{box}")
    assert code == "2.05" and '"rn":"c"' in got


# ---- out


@pytest.fixture(scope="module")
def sink(house):
    """An AE that requests are passed on to; its points of access change."""
    return Client(house.http_port).ae("sink")


def passed_on(house, sink, url):
    sink.update("sink", "m2m:ae", {"poa": [url], "rr": True})
    return Client(house.http_port).request("POST", "sink", {"m2m:sgn": {"sur": "x"}})


def test_targets_over_dtls(house, sink, ours):
    """They are shown our certificate, and show theirs."""
    certificate, key = ours.issue("x", "IP:127.0.0.1")
    with Receiver(link=DtlsLink(house.spare, "-cert", certificate, "-key", key, "-CAfile", ours.file, "-Verify", "1", "-verify_return_error")) as r:
        assert passed_on(house, sink, f"coaps://127.0.0.1:{r.port}").rsc == 2000
        assert content(r.get()) == {"m2m:sgn": {"sur": "x"}}


@pytest.mark.parametrize("case", ["another name", "another authority"])
def test_targets_over_dtls_that_prove_nothing_get_nothing(house, sink, ours, others, case):
    house.spare += 1
    certificate, key = ours.issue("x", "DNS:elsewhere.example") if case == "another name" else others.issue("x", "IP:127.0.0.1")
    with Receiver(link=DtlsLink(house.spare, "-cert", certificate, "-key", key)) as r:
        assert passed_on(house, sink, f"coaps://127.0.0.1:{r.port}").rsc == 5103
        assert r.datagrams == 0


def demanding(ours, authority, name="localhost"):
    c = authority.server(name)
    c.load_verify_locations(ours.file)
    c.verify_mode = ssl.CERT_REQUIRED
    return c


def test_targets_over_tls(house, sink, ours):
    link = TlsLink(demanding(ours, ours))
    with Receiver(link=link) as r:
        assert passed_on(house, sink, f"coaps+tcp://localhost:{r.port}").rsc == 2000
        assert content(r.get()) == {"m2m:sgn": {"sur": "x"}}
        assert link.asked == "localhost" and ("URI", "Cidin") in link.peer["subjectAltName"]


@pytest.mark.parametrize("case", ["another name", "another authority"])
def test_targets_over_tls_that_prove_nothing_get_nothing(house, sink, ours, others, case):
    link = TlsLink(demanding(ours, ours, "elsewhere.example") if case == "another name" else demanding(ours, others))
    with Receiver(link=link) as r:
        assert passed_on(house, sink, f"coaps+tcp://localhost:{r.port}").rsc == 5103
        assert r.datagrams == 0


# ---- renewal


def test_new_certificates_and_keys(house, ours, files, box):
    """On SIGHUP and when the files change; files that do not belong together change nothing; a key that is gone ends what was begun with it."""

    def name():
        with contextlib.closing(Tcp(house.tls_port, context=context(ours))) as c:
            return dict(pair for rdn in c.socket.getpeercert()["subject"] for pair in rdn)["commonName"]

    old = Coap(None, "Cguest", transport=keyed(house.coaps_port, "Cguest"), first=20)
    assert old.ask(RETRIEVE, f"cse-in/{box}").rsc == 2000
    assert name() == "first"
    files.replace(*ours.issue("second", "DNS:localhost"))
    files.keys.write_text(f"Cnew:{KEY}\n")
    os.kill(house.pid("coap.1"), signal.SIGHUP)
    assert eventually(lambda: name() == "second")
    assert ask(keyed(house.coaps_port, "Cnew"), box, "Cnew") == 4106  # let in, though nobody is registered so
    assert old.ask(RETRIEVE, f"cse-in/{box}").code == 401
    old.close()
    files.replace(*ours.issue("third", "DNS:localhost"))
    files.keys.write_text(f"Cguest:{KEY}\n")
    assert eventually(lambda: name() == "third")
    assert ask(keyed(house.coaps_port, "Cguest"), box) == 2000
    files.replace(ours.issue("fourth", "DNS:localhost")[0], ours.issue("other")[1])
    files.keys.write_text("nonsense\n")
    os.kill(house.pid("coap.1"), signal.SIGHUP)
    assert eventually(lambda: "not the key of the certificate" in house.log() and "line 1 is no identity:key" in house.log())
    assert name() == "third" and ask(keyed(house.coaps_port, "Cguest"), box) == 2000


# ---- when they are required


@pytest.fixture
def strict(ours, tmp_path):
    """A process without a broker: who is let in is told that nobody is there."""
    base = free_ports()
    certificate, key = ours.issue("x", "DNS:localhost")
    env = {"TESSERA_COAP_PORT": 0, "TESSERA_COAP_DTLS_PORT": base, "TESSERA_COAP_TLS_PORT": base + 1, "TESSERA_MANAGEMENT_PORT": base + 2, "TESSERA_BUS_PORT": base + 3,
           "TESSERA_TLS_CERTIFICATE": certificate, "TESSERA_TLS_KEY": key, "TESSERA_TLS_CA": ours.file, "TESSERA_TLS_CLIENTS": "required", "TESSERA_TLS_MINIMUM": "1.3", "TESSERA_COAP_HANDSHAKE_TIMEOUT": "500"}
    process = subprocess.Popen([OUT / "bin/tessera-coap"], env={**os.environ, **{k: str(v) for k, v in env.items()}}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    for line in process.stdout:
        if "bus.unreachable" in line:
            break
    yield base
    process.terminate()
    assert "ERROR:" not in process.communicate()[0] and process.returncode == 0


def test_required(strict, ours, others):
    own = ours.issue("Cguest")
    assert ask(dtls(strict, ours, own), "x") == 5103
    assert ask(Tcp(strict + 1, context=context(ours, own)), "x") == 5103
    for wrong in (None, others.issue("Cguest")):
        with pytest.raises(LOST):
            ask(dtls(strict, ours, wrong), "x", patience=3)
        with pytest.raises(LOST):
            ask(Tcp(strict + 1, context=context(ours, wrong)), "x", patience=3)
    with pytest.raises(LOST):
        Tcp(strict + 1, context=context(ours, own, ssl.TLSVersion.TLSv1_2), seconds=2)


def test_slow_handshakes_end(strict, ours):
    with socket.create_connection(("127.0.0.1", strict + 1), 30) as slow:
        slow.sendall(b"\x16\x03\x01")
        while slow.recv(100):
            pass
    assert ask(Tcp(strict + 1, context=context(ours, ours.issue("Cguest"))), "x") == 5103
