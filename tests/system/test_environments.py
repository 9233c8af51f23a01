"""make deploy and make undeploy: what they ask Docker and Kubernetes for, and what they refuse."""

import os
import shutil
import subprocess

import pytest
from stack import ROOT

STUB = """#!/bin/sh
[ "$(basename "$0")" != docker ] || echo "$COMPOSE_PROJECT_NAME $COMPOSE_ENV_FILES $COMPOSE_FILE" >>"$SAID.environment"
echo "$(basename "$0") $*" >>"$SAID"
"""


@pytest.fixture
def checkout(tmp_path):
    for part in ("services/environments", "services/supervisor", "services/monitoring", "broker-config", "docs/kubernetes"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("generated"))
    for file in ("common/version.h", "compose.yaml"):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / file, tmp_path / file)
    (tmp_path / "bin").mkdir()
    for name in ("docker", "kubectl"):
        (tmp_path / "bin" / name).write_text(STUB)
        (tmp_path / "bin" / name).chmod(0o755)
    return tmp_path


def run(checkout, *words, **variables):
    """Exit status, what was asked of docker and kubectl, what was printed."""
    said = checkout / "said"
    said.unlink(missing_ok=True)
    env = {**os.environ, **variables, "PATH": f"{checkout}/bin:{os.environ['PATH']}", "SAID": str(said)}
    done = subprocess.run([checkout / "services/environments/run", *words], env=env, capture_output=True, text=True)
    return done.returncode, said.read_text().splitlines() if said.exists() else [], done.stdout + done.stderr


def certificate(checkout):
    subprocess.run([checkout / "services/supervisor/certificate", checkout / "var/production"], check=True, capture_output=True)
    tls = checkout / "var/production/tls"
    for name, source in (("tls.crt", "server.crt"), ("tls.key", "server.key"), ("ca.crt", "server.crt")):
        shutil.copy(tls / source, tls / name)


def test_development_comes_up_and_goes_with_values_of_its_own(checkout):
    (checkout / ".env.development").write_text("# mine\nTESSERA_HTTP_PORT=7777\n")
    status, said, _ = run(checkout, "deploy", "development")
    assert status == 0 and "docker compose up -d --wait --remove-orphans" in said
    assert set((checkout / "said.environment").read_text().splitlines()) == {f"tessera-development {checkout}/var/development/environment compose.yaml"}
    values = (checkout / "var/development/environment").read_text()
    assert "TESSERA_HTTP_PORT=7777\n" in values and "8180" not in values and "TESSERA_CSE_ID=/id-in\n" in values
    status, said, text = run(checkout, "undeploy", "development")
    assert status == 0 and said == ["docker compose --profile * down --remove-orphans"] and "data are kept" in text


def test_what_runs_is_replaced_one_service_at_a_time(checkout):
    (checkout / "bin/docker").write_text(STUB + '[ "$*" != "compose ps -q --status running storage" ] || echo 0123\n')
    (checkout / "services/supervisor/upgrade").write_text('#!/bin/sh\necho upgrade >>"$SAID"\n')
    status, said, text = run(checkout, "deploy", "development")
    assert status == 0 and said.index("docker compose build") < said.index("upgrade") < said.index("docker compose up -d --wait --remove-orphans"), text


def test_production_wants_its_certificates(checkout):
    status, said, text = run(checkout, "deploy", "production")
    assert status == 78 and not said and "tls/tls.crt is missing" in text
    certificate(checkout)
    status, said, text = run(checkout, "deploy", "production")
    assert status == 0 and said and " compose.yaml:services/environments/production.yaml" in (checkout / "said.environment").read_text(), text
    assert (checkout / "var/production/access/coap.keys").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("target", ["compose", "kubernetes"])
def test_data_go_only_when_the_environment_is_named_again(checkout, target):
    certificate(checkout)
    (checkout / "docs/kubernetes/overlays/production/generated").mkdir()  # it has been deployed
    for value in ("yes", "true", "development"):
        status, said, text = run(checkout, "undeploy", "production", target, DELETE_DATA=value)
        assert status == 78 and not said and "DELETE_DATA=production" in text
    status, said, text = run(checkout, "undeploy", "production", target)
    assert status == 0 and "kept" in text and not [s for s in said if "pvc" in s or s.endswith("-v")]
    status, said, text = run(checkout, "undeploy", "production", target, DELETE_DATA="production")
    assert status == 0 and "gone" in text and [s for s in said if s.endswith(" -v") or s == "kubectl -n tessera-production delete pvc --all"]


def test_kubernetes_gets_the_same_values(checkout):
    (checkout / ".env.development").write_text("TESSERA_CSE_NAME=mine\nTESSERA_IMAGE=registry.example/tessera\nTESSERA_VERSION=1.2.3\n")
    status, said, text = run(checkout, "deploy", "development", "kubernetes")
    assert status == 0 and f"kubectl apply --server-side -k {checkout}/docs/kubernetes/overlays/development" in said, text
    generated = checkout / "docs/kubernetes/overlays/development/generated"
    settings = (generated / "settings.env").read_text()
    assert "TESSERA_CSE_NAME=mine\n" in settings and "PORT" not in settings and "PUBLISH" not in settings
    assert 'newName: "registry.example/tessera", newTag: "1.2.3"' in (generated / "kustomization.yaml").read_text()
    assert not [f for f in generated.rglob("*") if f.is_file() and f.stat().st_mode & 0o077]


@pytest.mark.parametrize("words", [(), ("deploy",), ("deploy", "nonsense"), ("deploy", "../development"), ("deploy", "development", "swarm"), ("remove", "development")])
def test_wrong_words_are_refused(checkout, words):
    status, said, text = run(checkout, *words)
    assert status == 64 and not said and text
