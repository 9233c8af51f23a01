"""What deploys Tessera names the services and the settings that there are: compose.yaml, and docs/kubernetes (`make test-kubernetes` looks closer)."""

import re
import subprocess
from pathlib import Path

from stack import OUT

ROOT = Path(__file__).resolve().parents[2]
MANIFESTS = [p for p in (ROOT / "docs/kubernetes").rglob("*") if p.suffix in (".yaml", ".env") and "generated" not in p.parts]


def settings(program):
    listed = subprocess.run([program, "--settings"], check=True, capture_output=True, text=True).stdout
    return {line.split("\t")[1]: line.split("\t")[3] for line in listed.splitlines()}


def programs():
    return {p.name.removeprefix("tessera-"): settings(p) for p in sorted(Path(OUT).glob("bin/tessera-*"))}


def test_every_service_is_deployed():
    fleet = set(re.findall(r"([a-z-]+)=", settings(Path(OUT) / "bin/tessera-supervisor")["TESSERA_SUPERVISOR_INSTANCES"]))
    assert fleet == {name for p in MANIFESTS for name in re.findall(r"^ +args: \[([a-z-]+)\]", p.read_text(), re.M) if name != "rabbitmq-server"}
    assert fleet == set(re.findall(r"command: \[([a-z-]+)[\],]", (ROOT / "compose.yaml").read_text())) - {"provide"}


def test_manifests_set_what_a_program_knows():
    known = set().union(*programs().values())
    for manifest in MANIFESTS:
        given = set(re.findall(r"\bTESSERA_[A-Z0-9_]+", manifest.read_text()))
        assert given <= known, (manifest, given - known)
