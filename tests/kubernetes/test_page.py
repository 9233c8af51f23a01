"""The commands of docs/kubernetes/README.md, with a kubectl and a docker that only look whether what they are asked about is there."""

import json
import os
import re
import subprocess

from manifests import ROOT, Environment, certificates, copy

# kubectl: what is named must be in the manifests that were applied; docker: there is a Dockerfile.
KUBECTL = r"""#!/usr/bin/python3
import json, os, re, subprocess, sys
words = sys.argv[1:]
folder = os.environ["BUILT"]
if "-k" in words:
    overlay = words[words.index("-k") + 1]
    built = subprocess.run([os.environ["KUSTOMIZE"], "build", overlay], capture_output=True, text=True, check=True).stdout
    open(f"{folder}/tessera-{os.path.basename(overlay)}", "w").write(built)
if "-n" in words:
    with open(f"{folder}/{words[words.index('-n') + 1]}") as built:
        names = [(re.search(r"^kind: (\w+)$", d, re.M)[1].lower(), re.search(r"^  name: (\S+)$", d, re.M)[1]) for d in built.read().split("\n---\n")]
    for word in words:
        if "/" in word and word.split("/")[0] in ("deployment", "statefulset", "service"):
            assert tuple(word.split("/")) in names, word
    if "exec" in words:
        assert ("statefulset", re.sub("-0$", "", next(w for w in words if w.endswith("-0")))) in names
if "--patch-file" in words:
    json.load(open(words[words.index("--patch-file") + 1]))
if words[:2] == ["get", "namespace"]:
    sys.exit(1)
"""


def test_commands(tmp_path):
    copy(tmp_path)
    for file in ("Makefile", "compose.yaml", "Dockerfile"):
        (tmp_path / file).write_bytes((ROOT / file).read_bytes())
    certificates(tmp_path, tmp_path / "var/production")
    (tmp_path / "bin").mkdir()
    (tmp_path / "built").mkdir()
    for name, text in {"kubectl": KUBECTL, "docker": "#!/bin/sh\ntest -e Dockerfile\n", "curl": "#!/bin/sh\n"}.items():
        (tmp_path / "bin" / name).write_text(text)
        (tmp_path / "bin" / name).chmod(0o755)
    page = (ROOT / "docs/kubernetes/README.md").read_text()
    script = "".join(re.findall(r"^```sh kubernetes\n(.*?)^```$", page, re.S | re.M))
    assert script.count("kubectl") > 8
    env = {**os.environ, "PATH": f"{tmp_path}/bin:{os.environ['PATH']}", "BUILT": f"{tmp_path}/built"}
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=tmp_path, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr

    storage = Environment(tmp_path, "production").one("StatefulSet", "storage")["spec"]["template"]["spec"]["containers"][0]
    for step in json.loads((ROOT / "docs/kubernetes/idle.json").read_text()):
        field = step["path"].rsplit("/", 1)[1]
        assert (field in storage) == (step["op"] == "remove"), step


def test_values_of_the_page_are_taken():
    page = (ROOT / "docs/kubernetes/README.md").read_text()
    for component in re.findall(r"^\| `(\w+)` \|", page, re.M):
        assert (ROOT / "docs/kubernetes/components" / component / "kustomization.yaml").exists(), component
