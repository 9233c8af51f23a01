"""Specializations of flexContainer that the operator adds: files in the directory of cse.flexcontainers."""

import json
import os
import subprocess

import pytest

from client import FCNT, Client
from stack import OUT, Stack

TEMPERATURE = "org.onem2m.common.moduleclass.temperature"


def private(tmp_path, **files):
    for name, content in files.items():
        (tmp_path / name.replace("_", ".")).write_text(content if isinstance(content, str) else json.dumps(content))
    return Stack(CSE_FLEXCONTAINERS=tmp_path)


def test_specializations_of_the_operator(tmp_path):
    lamp = {"cnd": "org.example.lamp", "attributes": {"pow": "power boolean 1", "lim": "limit uint 1 M NP", "tag": "tag string 0..1 NP O"}}
    stack = private(tmp_path, lamps_json={"ex:lamp": lamp}, readme_txt="not one of them")
    try:
        stack.start()
        client = Client(stack.http_port)
        answer = client.request("POST", "", {"ex:lamp": {"rn": "l", "cnd": "org.example.lamp", "pow": True, "lim": 5, "fcied": True}}, ty=FCNT)
        assert answer.rsc == 2001, answer
        assert client.get("l/la").json["ex:lampInst"]["pow"] is True
        assert client.update("l", "ex:lamp", {"lim": 6}).rsc == 4000
        assert client.update("l", "ex:lamp", {"tag": "x"}).pc["tag"] == "x"
    finally:
        stack.stop()


BAD = {
    "no JSON": ("{", "line 1"), "a list": ([1], "not an object"), "no key": ({"lamp": {"attributes": {}}}, "lamp: not a root key"), "taken key": ({"cod:tempe": {"cnd": "x", "attributes": {}}}, "cod:tempe: this root key or its cnd is there already"),
    "taken cnd": ({"ex:t": {"cnd": TEMPERATURE, "attributes": {}}}, "ex:t: this root key"), "kind": ({"ex:l": {"cnd": "x", "attributes": {"a": "a flot"}}}, 'ex:l: a: "flot" is no kind'),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_files_are_refused_at_start(tmp_path, case):
    content, why = BAD[case]
    (tmp_path / "bad.json").write_text(content if isinstance(content, str) else json.dumps(content))
    done = subprocess.run([OUT / "bin/tessera-orchestrator"], env={**os.environ, "TESSERA_CSE_FLEXCONTAINERS": str(tmp_path)}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=20)
    assert done.returncode == 78 and why in done.stdout and "bad.json" in done.stdout, done.stdout
