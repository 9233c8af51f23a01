"""Every command in the pages works as it is printed, all of a page in one shell, in a checkout of its own with ports of its own."""

import os
import re
import shutil
import subprocess

import pages
import pytest
from stack import OUT, ROOT, Stack

ELSEWHERE = {"README.md": "test_readme.py", "docs/federation.md": "test_federation.py"}
KINDS = {("sh",), ("sh", "docker"), ("sh", "monitoring"), ("sh", "kubernetes")}
COMMANDS = r"(?:sudo|make|docker|tessera|curl|kubectl|git|openssl|sqlite3|systemctl|apt|apt-get|mosquitto_\w+|coap-client|broker-config/\w+|services/\S+|TESSERA_\w+=\S+)"
NEEDS_ONE = r"^(?:make down|tessera|curl|coap-client|mosquitto_)"  # an installation that runs
TESTED = [page for page in pages.names() if page not in ELSEWHERE and pages.blocks(page, "sh")]


def ports(stack):
    """What the pages print and what it is here. A second installation has the ports of free ones."""
    other = Stack()
    return {
        8080: stack.http_port, 8081: stack.websocket_port, 8090: stack.management_port, 5682: stack.broker_port, 1883: stack.mqtt_port, 5683: stack.coap_port,
        8443: stack.http_port + 30, 5684: stack.coaps_port, 9999: stack.http_port + 32,
        8180: other.http_port, 8181: other.websocket_port, 8190: other.management_port, 5782: other.broker_port, 1983: other.mqtt_port, 5783: other.coap_port,
    }, other


def checkout(where, stack):
    """A directory that looks like a checkout, but has an installation's state directory as its `var`."""
    where.mkdir()
    for entry in ("Makefile", "services", "common", "broker-config", "compose.yaml", "tests", "docs"):
        (where / entry).symlink_to(ROOT / entry)
    (where / "var").symlink_to(stack.dir)
    return where


def script_of(page, stack, where):
    known, other = ports(stack)
    script = "".join(block.text for block in pages.blocks(page, "sh"))
    script = re.sub(r"\b\d{4}\b", lambda m: str(known.get(int(m[0]), m[0])), script).replace("/srv/two", str(other.dir)).replace("/srv", str(where / "srv"))
    return "set -e -o pipefail\ntrap 'kill $(jobs -p) 2>/dev/null || :' EXIT\n" + script, other


@pytest.mark.parametrize("page", TESTED)
def test_commands(page, request, tmp_path):
    text = "".join(block.text for block in pages.blocks(page, "sh"))
    own = "make up" in text
    stack = Stack() if own else request.getfixturevalue("stack")
    if own and re.search(NEEDS_ONE, text[:text.index("make up")], re.M):
        stack.start()
    where = checkout(tmp_path / "tessera", stack)
    script, other = script_of(page, stack, where)
    (where / "srv").mkdir()
    for name, text in re.findall(r"^# (\w+\.conf)\n(.*)", "".join(b.text for b in pages.blocks(page, "conf")), re.M):
        (where / name).write_text(text)
    env = {**stack.env, "OUT": os.path.relpath(OUT, where), "PATH": f"{OUT}/bin:/usr/bin:{os.environ['PATH']}"}
    try:
        done = subprocess.run(["bash", "-c", script], cwd=where, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=240)
        assert done.returncode == 0, done.stdout + script
    finally:
        if own:
            stack.stop()
        other.down()
        shutil.rmtree(other.dir, ignore_errors=True)


@pytest.mark.parametrize("page", pages.names())
def test_blocks_say_what_they_are(page):
    """A command that no test runs would grow old unnoticed."""
    for block in pages.blocks(page):
        if block.words[:1] == ("sh",):
            assert block.words in KINDS, block
        else:
            assert not re.match(COMMANDS + r"\b", block.text), f"a command in a block that is not sh: {block.text}"
    assert not re.findall(rf"^ {{4,}}(?:\$ )?{COMMANDS} .*", pages.outside(page), re.M), "a command outside of a block"
