"""What an operator sees when something is wrong: the commands name the cause and what to do, and what can recover does."""

import json
import os
import signal
import subprocess

import pytest

from client import CIN, CNT, Client, eventually
from commandline import REFUSED, USAGE, tessera
from mounts import small_disk
from stack import MODE, ROOT, Stack

SIZE = 65536


@pytest.fixture(scope="module")
def stack():
    """Its log is on a file system of 1 MiB, and written at debug."""
    s = Stack(LOG_LEVEL="debug", LOG_SIZE=SIZE, LOG_FILES=4, STORAGE_SWEEP=1000)
    with small_disk(s.dir / "log", "1m"):
        s.start()
        yield s
        s.stop()


def log_files(stack):
    return {f.name: f.stat().st_size for f in (stack.dir / "log").glob("tessera.log*")}


def numbers_logged(stack, prefix):
    """Of the requests PREFIX-0, PREFIX-1, ... those whose answer is in the log, in its order."""
    lines = [json.loads(line) for line in tessera(stack, "logs", "--json", "--trace", prefix).out.splitlines()]
    return [int(line["rqi"].rsplit("-", 1)[1]) for line in lines if line["event"] == "http.answered" and line.get("rqi", "").startswith(prefix)]


def test_the_log_stays_bounded_and_loses_nothing(stack):
    client = Client(stack.http_port)
    for i in range(800):
        assert client.request("GET", "/cse-in", headers={"X-M2M-RI": f"bound-{i}"}).rsc == 2000
    assert eventually(lambda: set(log_files(stack)) == {"tessera.log", "tessera.log.1", "tessera.log.2", "tessera.log.3"}), log_files(stack)
    assert max(log_files(stack).values()) < 4 * SIZE, "whoever is about to replace it may be held up for a moment"
    found = numbers_logged(stack, "bound-")
    assert found == list(range(found[0], 800)), "what is older than the oldest file is gone, all else is there once and in order"
    pids = {stack.pid("supervisor"), *(c["pid"] for c in stack.status().values() if c["port"])}
    current = lambda: (stack.dir / "log/tessera.log").stat().st_ino
    assert eventually(lambda: all(os.stat(f"/proc/{pid}/fd/2").st_ino == current() for pid in pids)), "nobody keeps an old one open"


def test_a_full_disk_while_the_log_is_replaced(stack):
    ae = Client(stack.http_port).ae("full")
    ae.create("full", CNT, {"rn": "c"})
    filler = stack.dir / "log/filler"
    with filler.open("wb", buffering=0) as f:
        try:
            while f.write(b"x" * 4096):
                pass
        except OSError:
            pass
    for i in range(400):
        assert ae.create("full/c", CIN, {"con": i}).rsc == 2001, "the service goes on"
    filler.unlink()
    assert ae.request("GET", "full/c", headers={"X-M2M-RI": "after-0"}).rsc == 2000
    assert eventually(lambda: numbers_logged(stack, "after-") == [0]), "and is logged again, readable behind what was torn off"
    assert all(c["restarts"] == 0 for c in stack.status().values())


def test_a_wrong_password_is_named_and_taken_back(stack):
    stack.ctl("change_password", "timing", "other")
    stack.kill("timing.1", signal.SIGTERM)
    assert eventually(lambda: 'refuses user "timing" or its password' in stack.status()["timing.1"].get("why", "")), stack.status()
    assert 'timing.1 is starting: no connection to the broker: the broker at' in tessera(stack, "health").err
    done = tessera(stack, "doctor")
    assert done.status == REFUSED and "make down, make up: the broker takes over the passwords" in done.out, done
    stack.ctl("change_password", "timing", "third")
    (stack.dir / "secrets/timing.password").write_text("third")
    stack.wait_healthy()


def test_a_supervisor_that_hangs(stack):
    pid = stack.pid("supervisor")
    os.kill(pid, signal.SIGSTOP)
    try:
        done = tessera(stack, "status")
        assert done.status == REFUSED and f"(pid {pid}) runs, but does not answer on port {stack.management_port}" in done.err and "make down, make up" in done.err, done
        assert Client(stack.http_port).get("").rsc == 2000
    finally:
        os.kill(pid, signal.SIGCONT)
    stack.wait_healthy()


def test_a_state_directory_of_somebody_else(stack):
    if os.geteuid() != 0:
        pytest.skip("only root can be somebody else")
    stack.dir.chmod(0o755)
    done = subprocess.run([ROOT / "services/supervisor/up", MODE], env=stack.env, user=65534, capture_output=True, text=True, timeout=60)
    stack.dir.chmod(0o700)
    assert done.returncode == 1 and f"{stack.dir} belongs to root, and you are nobody" in done.stderr and "TESSERA_STATE_DIR" in done.stderr, done


def begin_up(stack, **more):
    return subprocess.Popen([ROOT / "services/supervisor/up", MODE], env={**stack.env, **more}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


@pytest.fixture(scope="module")
def damaged():
    """An installation whose database is none; at info."""
    s = Stack("storage=1 http=1", SUPERVISOR_HANG=4)
    (s.dir / "tenants").mkdir()
    (s.dir / "tenants/main.db").write_bytes(os.urandom(8192))
    yield s
    s.stop()


def test_what_a_process_said_last_is_told(damaged):
    out = begin_up(damaged, UP_SECONDS="3").communicate(timeout=120)[0]
    why = f"ended with status 70: {damaged.dir}/tenants/main.db: file is not a database"
    assert why in out and '"level":"info"' not in out and "make up: not healthy" in out, out
    done = tessera(damaged, "doctor")
    assert done.status == REFUSED and why in done.out and "restore a backup: docs/backup.md" in done.out, done
    assert tessera(damaged, "wait", "x").status == USAGE


def test_make_up_and_down_at_once_wait_for_each_other(damaged):
    (damaged.dir / "tenants/main.db").unlink()
    ups = [begin_up(damaged) for _ in range(3)]
    for out in (up.communicate(timeout=120)[0] for up in ups):
        assert "Tessera is up." in out, out
    assert eventually(lambda: tessera(damaged, "status").status == 0), "the damaged file is gone: it recovers by itself"


def test_refused_requests_do_not_flood_the_log(damaged):
    """20 lines in ten seconds, and how many there were besides."""
    damaged.ctl("set_vm_memory_high_watermark", "absolute", "1MB")
    assert eventually(lambda: "the broker is low on memory" in damaged.status()["http.1"].get("why", "")), damaged.status()
    for _ in range(200):
        assert Client(damaged.http_port).get("x").rsc == 5103
    assert 20 <= damaged.log().count('"event":"http.failed"') <= 60
    assert eventually(lambda: "storage.1, http.1 are sick: the broker is low on memory and takes nothing" in tessera(damaged, "health").err)
    damaged.ctl("set_vm_memory_high_watermark", "absolute", "256MB")
    damaged.wait_healthy()


def test_a_supervisor_and_a_broker_that_hang_are_started_again(damaged):
    """The keeper sees to the supervisor, that to the broker; services go on."""
    pids = {name: damaged.pid(name) for name in ("supervisor", "broker", "storage.1", "http.1")}
    for name in ("supervisor", "broker"):
        os.kill(pids[name], signal.SIGSTOP)
    assert eventually(lambda: damaged.pid("supervisor") != pids["supervisor"])
    damaged.wait_healthy()
    assert eventually(lambda: damaged.pid("broker") != pids["broker"])
    damaged.wait_healthy()
    assert {name: damaged.pid(name) for name in ("storage.1", "http.1")} == {name: pids[name] for name in ("storage.1", "http.1")}
    assert '"event":"supervisor.hangs"' in damaged.log() and '"event":"child.hangs","child":"broker"' in damaged.log()
