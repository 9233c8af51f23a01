"""Completion in bash, from the tables and a live CSE; the manual page is the one that the program writes."""

import shutil
import subprocess

import pytest

from client import CNT
from commandline import OK, PROGRAM, USAGE, tessera
from stack import ROOT


def complete(stack, line):
    """What bash offers for this line; what it would put into its place."""
    script = f"""PATH={PROGRAM.parent}:$PATH
source <(tessera completion bash)
COMP_LINE={line!r} COMP_POINT={len(line)}
_tessera 2>/dev/null
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    return subprocess.run(["bash", "-c", script], env=stack.env, capture_output=True, text=True, timeout=60).stdout.split()


def test_commands_types_attributes(stack):
    assert complete(stack, "tessera disc") == ["discover"]
    assert "cnt" in complete(stack, "tessera create cse-in c")
    assert complete(stack, "tessera create cse-in cnt mn") == ["mni="]
    assert complete(stack, "tessera create cse-in cod:colo") == ["color"]  # bash replaces what is behind the colon
    assert "ae" in complete(stack, "tessera discover ty=cnt,a") or "cnt,ae" in complete(stack, "tessera discover ty=cnt,a")
    assert complete(stack, "tessera get x --js") == ["--json"]
    assert complete(stack, "tessera nothing x") == []


def test_resources_and_processes_that_are_there(stack, ae):
    ae.create(ae.name, CNT, {"rn": "room1"})
    ae.create(ae.name, CNT, {"rn": "room2"})
    assert sorted(complete(stack, f"tessera get cse-in/{ae.name}/ro")) == [f"cse-in/{ae.name}/room1", f"cse-in/{ae.name}/room2"]
    assert complete(stack, f"tessera tree {ae.name}/room2") == [f"{ae.name}/room2"]
    assert complete(stack, f"tessera update {ae.name}/room1 mn") == ["mni="]
    assert "cse-in" in complete(stack, "tessera get c")
    assert complete(stack, "tessera health storage.") == ["storage.1"]


def test_without_a_cse_there_is_only_silence(stack):
    env = {**stack.env, "TESSERA_URL": "http://127.0.0.1:1"}
    done = subprocess.run([PROGRAM, "--complete", "get", "x"], env=env, capture_output=True, text=True, timeout=60)
    assert done.stdout == ""
    assert tessera(stack, "completion", "fish").status == USAGE


def test_manual_page():
    page = subprocess.run([PROGRAM, "--man"], capture_output=True, text=True, check=True).stdout
    assert page == (ROOT / "docs/tessera.1").read_text(), "run: make docs"
    if not shutil.which("man") or not shutil.which("groff"):
        pytest.skip("man is not there")
    shown = subprocess.run(["man", "--warnings", "-l", ROOT / "docs/tessera.1"], env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "MANPAGER": "cat"},
                           capture_output=True, text=True)
    assert shown.returncode == OK and not shown.stderr and "tessera" in shown.stdout, shown.stderr
