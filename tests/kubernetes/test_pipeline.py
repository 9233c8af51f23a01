"""The pipeline file: it is whole, calls what there is, and its deploying jobs do what they say with the variables of a CI."""

import base64
import io
import os
import re
import subprocess
import tarfile

import pytest
import yaml
from manifests import ROOT, certificates, copy

PIPELINE = yaml.safe_load((ROOT / ".gitlab-ci.yml").read_text())
WORDS = {"stages", "workflow", "default", "variables"}
JOBS = {name: job for name, job in PIPELINE.items() if name not in WORDS and not name.startswith(".")}


def whole(name):
    job = PIPELINE[name]
    return {**(whole(job["extends"]) if "extends" in job else {}), **job}


def lines(job):
    return [*job.get("before_script", []), *job["script"]]


def test_stages_are_test_build_deploy():
    assert PIPELINE["stages"] == ["test", "build", "deploy"]
    assert {whole(name)["stage"] for name in JOBS} == set(PIPELINE["stages"])


def test_jobs_call_what_there_is():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    for name in JOBS:
        job = whole(name)
        assert re.search(r":\w*\d|:bookworm|:trixie", job.get("image", PIPELINE["default"]["image"])), name
        subprocess.run(["bash", "-n"], input="\n".join(lines(job)), text=True, check=True)
        for line in lines(job):
            assert set(re.findall(r"^make ([a-z-]+)", line)) <= targets, line
            assert all((ROOT / "services/environments" / f"{env}.env").exists() for env in re.findall(r"ENV=(\w+)", line))
            assert not line.startswith(".ci/") or (ROOT / line).exists()


def test_production_waits_for_a_tag_and_somebody():
    assert whole("production")["rules"] == [{"if": "$CI_COMMIT_TAG", "when": "manual"}]
    assert whole("development")["rules"] == [{"if": "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH"}]


@pytest.mark.parametrize("environment", ["development", "production"])
def test_deploying(tmp_path, environment):
    copy(tmp_path)
    for file in ("Makefile", "compose.yaml"):
        (tmp_path / file).write_bytes((ROOT / file).read_bytes())
    state = tmp_path / "elsewhere"
    certificates(tmp_path, state)
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        tar.add(state, ".")
    (tmp_path / "state").write_bytes(base64.encodebytes(packed.getvalue()))
    (tmp_path / "values").write_text("TESSERA_CSE_NAME=mine")
    (tmp_path / "bin").mkdir()
    for name in ("apt-get", "kubectl"):
        (tmp_path / "bin" / name).write_text('#!/bin/sh\necho "$(basename "$0") $*" >>"$SAID"\n')
        (tmp_path / "bin" / name).chmod(0o755)
    env = {
        "PATH": f"{tmp_path}/bin:{os.environ['PATH']}", "SAID": f"{tmp_path}/said", "TESSERA_STATE": f"{tmp_path}/state", "TESSERA_VALUES": f"{tmp_path}/values",
        "CI_ENVIRONMENT_NAME": environment, "CI_REGISTRY_IMAGE": "registry.example/tessera", "CI_COMMIT_SHA": "0123456789abcdef", "CI_COMMIT_TAG": "",
    }
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", "\n".join(lines(whole(environment)))], cwd=tmp_path, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"kubectl apply --server-side -k {tmp_path}/docs/kubernetes/overlays/{environment}" in (tmp_path / "said").read_text()
    built = subprocess.run([os.environ["KUSTOMIZE"], "build", tmp_path / "docs/kubernetes/overlays" / environment], capture_output=True, text=True, check=True).stdout
    assert "image: registry.example/tessera:0123456789abcdef" in built and "TESSERA_CSE_NAME: mine" in built
