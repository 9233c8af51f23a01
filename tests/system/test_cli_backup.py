"""`tessera backup` while the installation is written to, and `tessera restore` into an empty one."""

import os
import re
import sqlite3
import stat
import subprocess
import threading

import pytest

from client import CIN, CNT, Client
from commandline import OK, PROGRAM, REFUSED, tessera
from stack import Stack


class Writers:
    """Two clients that create contentInstances until they are told to stop. `done` holds what was acknowledged."""

    def __init__(self, ae):
        self.ae, self.done, self.stop = ae, [], threading.Event()
        self.threads = [threading.Thread(target=self.write, args=(i,)) for i in range(2)]

    def write(self, number):
        mine = Client(self.ae.port, self.ae.origin)
        while not self.stop.is_set():
            answer = mine.create(f"{self.ae.name}/log", CIN, {"con": f"{number}-{len(self.done)}"})
            assert answer.rsc == 2001, answer
            self.done.append((answer.pc["rn"], answer.pc["con"]))

    def __enter__(self):
        for t in self.threads:
            t.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for t in self.threads:
            t.join()


@pytest.fixture(scope="module")
def taken(stack, tmp_path_factory):
    """A backup made under load: the file, what was acknowledged before it began, and what else there was."""
    ae = Client(stack.http_port).ae("saved", lbl=["here"])
    ae.name = "saved"
    ae.create("saved", CNT, {"rn": "log", "mni": 1000000})
    file = tmp_path_factory.mktemp("backup") / "b.db"
    with Writers(ae) as writers:
        while len(writers.done) < 300:
            pass
        before = list(writers.done)
        done = tessera(stack, "backup", file)
        after = len(writers.done)
    assert done.status == OK and str(file) in done.out and "/id-in" in done.out, done
    assert after > len(before)  # the writers went on meanwhile
    yield file, before
    Client(stack.http_port).delete("saved")


def test_restored_into_an_empty_installation_everything_answers(stack, taken):
    file, before = taken
    other = Stack()
    try:
        done = tessera(other, "restore", file)
        assert done.status == OK and "make up" in done.out, done
        other.start()
        admin = Client(other.http_port, "Csaved")
        assert admin.get("saved").pc == Client(stack.http_port).get("saved").pc
        offset, there = 1, {}
        while offset:
            page = admin.get("saved/log", rcn=8, lim=500, ofst=offset)
            there.update({c["rn"]: c["con"] for c in page.pc.get("m2m:cin", [])})
            offset = int(page.headers["X-M2M-CTO"]) if page.headers.get("X-M2M-CTS") == "1" else 0
        assert [rn for rn, con in before if there.get(rn) != con] == []
        assert admin.get("saved/log").pc["cni"] == len(there)
        made = admin.create("saved/log", CIN, {"con": "after"})
        assert made.rsc == 2001 and made.pc["rn"] not in there
        done = tessera(other, "restore", file, "--force")
        assert done.status == REFUSED and "runs" in done.err and "make down" in done.err, done
        other.down()
        done = tessera(other, "restore", file)
        assert done.status == REFUSED and "--force" in done.err, done
        done = tessera(other, "restore", file, "--force")
        kept = re.search(r"kept: (\S+)", done.out)
        assert done.status == OK and kept, done
        with sqlite3.connect(kept[1]) as db:
            assert db.execute("select count(*) from instances").fetchone()[0] == len(there) + 1
        with sqlite3.connect(other.dir / "tenants/main.db") as db:
            assert db.execute("select count(*) from instances").fetchone()[0] == len(there)
            assert not db.execute("select * from sqlite_schema where name = 'backup'").fetchall()
    finally:
        other.stop()


def test_a_backup_is_a_database_that_says_where_it_is_from(stack, taken):
    file, before = taken
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as db:
        said = dict(db.execute("select name, value from backup"))
        assert (said["cse.id"], said["cse.name"]) == ("/id-in", "cse-in") and said["version"] and int(said["schema"]) > 0
        assert db.execute("select count(*) from instances").fetchone()[0] >= len(before)
    assert [p.name for p in file.parent.iterdir()] == [file.name]
    piped = subprocess.run([PROGRAM, "backup", "-"], env=stack.env, capture_output=True, timeout=60)
    assert piped.returncode == OK and piped.stdout.startswith(b"SQLite format 3\0") and b"/id-in" in piped.stderr, piped.stderr
    assert not [p for p in (stack.dir / "tenants").iterdir() if "backup" in p.name]


def test_nothing_is_overwritten_and_nothing_half_done(stack, taken, tmp_path):
    file, _ = taken
    before = file.read_bytes()
    done = tessera(stack, "backup", file)
    assert done.status == REFUSED and "overwritten" in done.err and file.read_bytes() == before
    done = tessera(stack, "backup", tmp_path / "no/such/folder")
    assert done.status == REFUSED and "no/such" in done.err
    done = tessera(stack, "backup", tmp_path / "b", env={"TESSERA_STATE_DIR": str(tmp_path)})
    assert done.status == REFUSED and "TESSERA_STATE_DIR" in done.err and not list(tmp_path.iterdir())


@pytest.mark.parametrize("harm", ["a byte", "cut", "no database", "not sealed", "another cse", "a newer schema"])
def test_what_does_not_fit_is_refused_before_anything_is_replaced(taken, tmp_path, harm):
    state, file = tmp_path / "state", tmp_path / "b"
    data = bytearray(taken[0].read_bytes())
    if harm == "a byte":
        at = data.index(b'"con":"')
        data[at + 7] ^= 1
    file.write_bytes({"cut": data[: len(data) // 2], "no database": b"hello"}.get(harm, data))
    if harm in ("not sealed", "a newer schema"):
        with sqlite3.connect(file) as db:
            db.execute("drop table backup" if harm == "not sealed" else "pragma user_version=99")
    env = {**os.environ, "TESSERA_STATE_DIR": str(state), **({"TESSERA_CSE_ID": "/elsewhere"} if harm == "another cse" else {})}
    done = tessera(None, "restore", file, env=env)
    assert done.status == REFUSED and "tessera restore: " in done.err and not done.out, done
    assert harm != "another cse" or "TESSERA_CSE_ID=/id-in" in done.err
    assert [p.name for p in (state / "tenants").iterdir()] == ["main.lock"]
