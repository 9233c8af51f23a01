"""What has expired is not there any more, long before it is swept; its name and id are free. On an installation that sweeps once a day."""

import pytest

from client import ACP, AE, CIN, CNT, SUB, Client, Receiver, eventually, stamp
from stack import Stack


@pytest.fixture(scope="module")
def house():
    s = Stack(STORAGE_SWEEP=86400000)
    s.start()
    yield s
    s.stop()


@pytest.fixture(scope="module")
def receiver():
    with Receiver() as r:
        yield r


@pytest.fixture(scope="module")
def ae(house, receiver):
    """Its tree has had parts that expired: c/d with all below it and c/short; the first and the last of l; n/d and n/i; policy p; an application."""
    mine = Client(house.http_port).ae("x")
    soon = lambda: {"et": stamp(3)}

    def create(at, ty, rn, **attributes):
        answer = mine.create(at, ty, {"rn": rn, **attributes})
        assert answer.rsc == 2001, answer
        return answer.pc["ri"]

    for rn in ("c", "l", "n"):
        create("x", CNT, rn)
    right = {"acr": [{"acor": ["Cleaving"], "acop": 63}]}
    create("x", ACP, "p", pv=right, pvs={"acr": [{"acor": ["Cx"], "acop": 63}]}, **soon())
    create("x", CNT, "shared", acpi=["cse-in/x/p"])
    create("x/n", SUB, "s", nu=[receiver.url], enc={"net": [4]})
    create("x/c", CNT, "d", **soon())
    ids = ["/" + create("x/c/d", CIN, "i", con=1, lbl=["mine"])]
    create("x/c/d", SUB, "s", nu=["http://127.0.0.1:9"])
    for rn in "abcd":
        create("x/l", CIN, rn, con=rn, **(soon() if rn in "ad" else {}))
    for at, ty, rn, attributes in (("x/c", CIN, "short", {"con": 1}), ("x/n", CNT, "d", {}), ("x/n", CIN, "i", {"con": 1})):
        ids.append("/" + create(at, ty, rn, **attributes, **soon()))
    mine.leaving = Client(house.http_port).ae("leaving", **soon())
    for path in (*ids, "x/c/d", "x/c/d/i", "x/c/d/la", "x/c/d/s", "x/c/short", "x/l/a", "x/l/d", "x/n/d", "x/n/i", "x/p", "leaving"):
        assert eventually(lambda path=path: mine.get(path).rsc == 4004 or path == "leaving" and mine.as_("CAdmin").get(path).rsc == 4004), path
    mine.ids = ids
    return mine


def test_all_operations(ae):
    assert ae.update("x/c/d", "m2m:cnt", {"lbl": ["y"]}).rsc == ae.delete("x/c/d").rsc == ae.create("x/c/d", CIN, {"con": 2}).rsc == 4004
    assert ae.delete("x/c/short").rsc == ae.delete(ae.ids[0]).rsc == 4004
    assert ae.discover("x/c").found == [] == ae.discover("x", lbl="mine").found
    assert "x/c" not in str(ae.discover("x", chty=CIN).found)
    for rcn in (4, 5, 6, 8):
        text = ae.get("x/c", rcn=rcn).text
        assert '"d"' not in text and "short" not in text and "/d" not in text, (rcn, text)


def test_latest_is_the_newest_that_is_there(ae):
    assert (ae.get("x/l/la").pc["con"], ae.get("x/l/ol").pc["con"]) == ("c", "b")
    assert ae.delete("x/l/la").rsc == 2002 and ae.get("x/l/la").pc["con"] == "b"


def test_names_are_free_and_the_end_is_told(ae, receiver):
    for ty, rn, attributes in ((CNT, "d", {}), (CIN, "i", {"con": 2}), (CIN, "j", {"con": 3})):
        answer = ae.create("x/n", ty, {"rn": rn, **attributes})
        assert answer.rsc == 2001, answer
    assert {next(iter(receiver.next()["nev"]["rep"])) for _ in range(2)} == {"m2m:cnt", "m2m:cin"}
    assert receiver.none(0.2)
    assert ae.get("x/n/i").pc["con"] == 2 and ae.get("x/n").pc["cni"] == 2


def test_applications_and_policies(ae):
    assert ae.leaving.get("").rsc == 4106
    again = ae.leaving.create("", AE, {"rn": "leaving", "api": "N.test", "rr": True, "srv": ["3"]})
    assert again.rsc == 2001 and again.pc["ri"] == "Cleaving", again
    assert ae.leaving.get("x/shared").rsc == 4103 == ae.get("x/shared").rsc, "a policy that is gone grants nothing"
