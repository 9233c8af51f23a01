"""`tessera watch` and `tessera subscribe`: told what happens, as it happens; nothing stays behind."""

import calendar
import contextlib
import json
import signal
import subprocess
import time

import pytest

from client import CIN, CNT, PATIENCE, eventually
from commandline import OK, PROGRAM, REFUSED, USAGE, tessera


@contextlib.contextmanager
def watching(stack, ae, *arguments):
    """The process, once it is subscribed."""
    watch = subprocess.Popen([PROGRAM, "watch", *arguments, "-o", ae.origin], env=stack.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert watch.stderr.readline().startswith("watching "), watch.communicate()
        yield watch
    finally:
        watch.kill()
        watch.communicate()


def nothing_is_left(admin, address):
    return not [a for a in admin.discover(address).found if "/watch-" in a] and not [a for a in admin.discover("", ty=2).found if "/watch-" in a]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_what_happens_is_printed_until_it_is_told_to_end(stack, admin, ae, how):
    ae.create(ae.name, CNT, {"rn": "room"})
    with watching(stack, ae, f"{ae.name}/room", "--json") as watch:
        for i in range(5):
            ae.create(f"{ae.name}/room", CIN, {"con": i})
        seen = [json.loads(watch.stdout.readline()) for _ in range(5)]
        assert [n["nev"]["rep"]["m2m:cin"]["con"] for n in seen] == list(range(5)) and {n["nev"]["net"] for n in seen} == {3}
        assert not nothing_is_left(admin, ae.name)
        watch.send_signal(how)
        assert watch.wait(PATIENCE) == OK
    assert nothing_is_left(admin, ae.name)


def test_lines_for_people_and_a_number_of_them(stack, admin, ae):
    ae.create(ae.name, CNT, {"rn": "room"})
    with watching(stack, ae, f"{ae.name}/room", "created,updated", "--limit", "2") as watch:
        made = ae.create(f"{ae.name}/room", CIN, {"con": "warm\n\x1b[31m"}).pc["rn"]
        ae.update(f"{ae.name}/room", "m2m:cnt", {"lbl": ["x"]})
        out, err = watch.communicate(timeout=PATIENCE)
    lines = [line.split(" ", 1)[1] for line in out.splitlines()]
    assert len(lines) == 2 and lines[0] == f"created   {made} cin warm  [31m" and lines[1].startswith('updated   room cnt {"lbl":["x"]'), (out, err)
    assert watch.returncode == OK and nothing_is_left(admin, ae.name)


def test_it_ends_with_what_it_watches(stack, admin, ae):
    ae.create(ae.name, CNT, {"rn": "room"})
    with watching(stack, ae, f"{ae.name}/room") as watch:
        ae.delete(f"{ae.name}/room")
        out, err = watch.communicate(timeout=PATIENCE)
    assert " deleted " in out and "gone" in err and watch.returncode == REFUSED
    assert nothing_is_left(admin, "")


def test_a_killed_one_is_forgotten_soon(stack, admin, ae):
    with watching(stack, ae, ae.name):
        left = [a for a in admin.discover("").found if "/watch-" in a]
        lives = [admin.get(a.removeprefix("cse-in/")).pc for a in left]
    assert len(left) >= 3  # the AE, its policy, its channel is its own secret, the subscription
    for life in lives:
        seconds = seconds_of(life["et"]) - seconds_of(life["ct"])
        assert 0 < seconds <= 330, life
    for address in left:
        admin.delete(address.removeprefix("cse-in/"))


def seconds_of(text):
    return calendar.timegm(time.strptime(text[:15], "%Y%m%dT%H%M%S"))


def test_what_cannot_be_watched(stack, admin, ae):
    done = tessera(stack, "watch", f"{ae.name}/nothing")
    assert done.status == REFUSED and "NOT_FOUND" in done.err and not done.out
    done = tessera(stack, "watch", ae.name, "updatd")
    assert done.status == USAGE and "did you mean updated?" in done.err
    assert nothing_is_left(admin, "")


def test_subscribe(stack, ae, receiver):
    ae.create(ae.name, CNT, {"rn": "room"})
    done = tessera(stack, "subscribe", f"{ae.name}/room", "created", "--nu", receiver.url, "rn=told", "nct=1", "-o", ae.origin)
    assert done.status == OK and f"cse-in/{ae.name}/room/told" in done.out, done
    sub = ae.get(f"{ae.name}/room/told").pc
    assert sub["enc"]["net"] == [3] and sub["nct"] == 1
    ae.create(f"{ae.name}/room", CIN, {"con": 7})
    assert eventually(lambda: receiver.next().get("nev", {}).get("rep", {}).get("m2m:cin", {}).get("con") == 7)
