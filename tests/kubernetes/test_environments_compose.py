"""Environments as Docker Compose reads them, without an engine: the same settings as in Kubernetes, and each program takes what it is given."""

import os
import pathlib
import re
import shlex
import subprocess

import pytest
import yaml
from manifests import NAMESPACES, PROGRAMS, ROOT, certificates, copy, fleet, in_namespaces, run_alive

PASSWORDS = {"/run/secrets": {"bus": b"secret", "mosquitto": b"secret"}}


@pytest.fixture(scope="module")
def read(tmp_path_factory):
    root = tmp_path_factory.mktemp("checkout")
    copy(root)
    (root / "compose.yaml").write_bytes((ROOT / "compose.yaml").read_bytes())
    (root / ".env.production").write_text("TESSERA_CSE_NAME=own\n")
    stub = root / "bin/docker"
    stub.parent.mkdir()
    stub.write_text('#!/bin/sh\ncase "$*" in "compose up -d "*) exec "$COMPOSE" config >"$CONFIG" ;; esac\n')
    stub.chmod(0o755)
    certificates(root, root / "var/production")

    def read_one(name):
        env = {**os.environ, "PATH": f"{stub.parent}:{os.environ['PATH']}", "CONFIG": str(root / name)}
        done = subprocess.run([root / "services/environments/run", "deploy", name], env=env, capture_output=True, text=True)
        assert (root / name).exists() and (root / name).stat().st_size, done.stdout + done.stderr
        return {**yaml.safe_load((root / name).read_text()), "folder": str(root / "var" / name)}

    return {name: read_one(name) for name in ("development", "production")}


PROVIDE = """
for folder in /opt /mosquitto; do mkdir -p $folder && mount -t tmpfs none $folder; done
mkdir -p /opt/tessera/services/supervisor /volumes && mount -t tmpfs none /volumes && mkdir /volumes/secrets
ln -s {programs}/bin /opt/tessera/bin; ln -s {root}/broker-config /opt/tessera/broker-config
for volume in {volumes}; do mkdir -p $volume && chown 10001:10001 $volume; done
chmod -R a+rX /run/environment 2>/dev/null && chown -R 10001:10001 /run/environment && chmod -R go-rwx /run/environment/* || true
as() {{ setpriv --reuid 10001 --regid 10001 --clear-groups "$@"; }}
as {root}/services/supervisor/provide
grep -c 'server-template https' /volumes/balancer/haproxy.cfg || true
mkdir /mosquitto/config /mosquitto/data && mount --bind /volumes/mosquitto /mosquitto/config && chown 10001 /mosquitto/data
as /usr/sbin/mosquitto -c /mosquitto/config/mosquitto.conf >/run/log 2>&1 & broker=$!
for _ in $(seq 10); do as timeout 5 bash -c {health} && break; sleep 0.1; done
as timeout 5 bash -c {health} && echo healthy || cat /run/log
timeout 5 mosquitto_pub -p 1883 -t x -m x && echo stranger || true
timeout 5 mosquitto_pub -p 8883 --cafile /run/environment/tls/tls.crt --insecure -u stranger -P wrong -t x -m x 2>&1 || true
kill $broker
"""


@pytest.mark.skipif(not NAMESPACES, reason="no namespaces can be made here")
@pytest.mark.parametrize("name", ["development", "production"])
def test_what_provide_writes_is_taken_by_the_mqtt_broker(read, name, tmp_path):
    services = read[name]["services"]
    provide = services["provide"]
    tls = {f.name: f.read_bytes() for f in (tmp_path / "none", *sorted(pathlib.Path(read["production"]["folder"], "tls").iterdir())) if f.exists()}
    folders = {"/run/environment/access": {"mqtt.users": b"", "coap.keys": b""}, "/run/environment/tls": tls} if name == "production" else {}
    volumes = " ".join(v["target"] for v in provide["volumes"] if v["type"] == "volume")
    health = shlex.quote(services["mosquitto"]["healthcheck"]["test"][-1].replace("$$", "$"))
    script = in_namespaces(folders) + PROVIDE.format(programs=PROGRAMS, root=ROOT, volumes=volumes, health=health)
    variables = {k: str(v) for k, v in provide["environment"].items() if v is not None}
    ran = subprocess.run(["unshare", "--mount", "--net", "--pid", "--mount-proc", "--fork", "--kill-child", "bash", "-c", script], env={**variables, "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin"}, capture_output=True, text=True, timeout=60)
    assert "every container has what it needs" in ran.stdout and "healthy" in ran.stdout, ran.stdout + ran.stderr
    assert ("stranger\n" in ran.stdout) == (name == "development"), ran.stdout + ran.stderr
    if name == "production":
        assert "\n1\n" in ran.stdout and "not authorised" in ran.stdout, ran.stdout + ran.stderr


def published(config):
    return {f"{p.get('host_ip')}:{p['published']}/{p['protocol']}": (name, p["target"]) for name, s in config["services"].items() for p in s.get("ports", [])}


def test_both_run_beside_each_other_and_beside_an_installation_without_an_environment(read):
    ports = [{p.split(":")[1] for p in published(c)} for c in read.values()]
    assert ports[0] & ports[1] == set() and not ports[0] & {"8080", "8081", "5683", "1883"}
    assert {c["name"] for c in read.values()} == {"tessera-development", "tessera-production"}


def test_development_is_for_this_machine_and_says_all(read):
    config = read["development"]
    assert {p.split(":")[0] for p in published(config)} == {"127.0.0.1"}
    assert config["services"]["http"]["environment"]["TESSERA_LOG_LEVEL"] == "debug"
    assert not [name for name in config["services"] if name.endswith("-more")]


def test_production_is_reached_by_tls_alone_and_has_several_instances(read):
    config = read["production"]
    assert {s for p, s in published(config).items() if not p.startswith("127.")} == {("balancer", 8443), ("balancer", 8444), ("coap", 5684), ("mosquitto", 8883)}
    assert {"http-more", "orchestrator-more", "storage-more", "prometheus", "grafana"} <= set(config["services"])
    for name in ("http", "http-more", "websocket", "websocket-more", "coap", "provide"):
        env = config["services"][name]["environment"]
        assert env["TESSERA_TLS_CLIENTS"] == "required" and env["TESSERA_CSE_NAME"] == "own"
        assert not [k for k, v in env.items() if k.endswith(("_INSECURE", "_FORWARDED")) and v != "false"]
        assert (env["TESSERA_HTTP_PORT"], env["TESSERA_WEBSOCKET_PORT"], env["TESSERA_COAP_PORT"]) == ("0", "0", "0")


def test_every_container_is_bounded(read):
    for config in read.values():
        for name, service in config["services"].items():
            assert service["mem_limit"] and service["read_only"] and service["cap_drop"] == ["ALL"] and service["user"].split(":")[0] != "0", name


@pytest.mark.skipif(not NAMESPACES, reason="no namespaces can be made here")
@pytest.mark.parametrize("name", ["development", "production"])
def test_every_program_takes_its_settings_and_lives_without_a_broker(read, name):
    tested = set()
    for service, config in read[name]["services"].items():
        program = service.removesuffix("-more")
        if program not in fleet():
            continue
        folders = dict(PASSWORDS)
        for volume in config["volumes"]:
            if volume["type"] == "bind":
                source, target = volume["source"], volume["target"]
                files = {f: f"{source}/{f}" for f in os.listdir(source)} if os.path.isdir(source) else {os.path.basename(target): source}
                folders.setdefault(target if os.path.isdir(source) else os.path.dirname(target), {}).update({f: open(p, "rb").read() for f, p in files.items()})
        said = run_alive(folders, {k: str(v) for k, v in config["environment"].items() if v is not None}, config["command"])
        assert '{"status":"ok"}' in said and "health: 503" in said and re.search(rf'"service":"{program}\.', said), (service, said)
        tested.add(program)
    assert tested == fleet() - {"network"}
