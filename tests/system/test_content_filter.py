"""The content filter: contents by what a JSONPath finds in them."""

import urllib.parse

import pytest

from client import CIN, CNT, Client

CONTENTS = {
    "warm": {"temp": 21.5, "room": {"name": "hall", "doors": [1, 2]}},
    "cold": {"temp": 9, "room": {"name": "cellar"}, "alarms": [{"level": 1}, {"level": 3, "text": "frost"}]},
    "text": '{"temp": 15}',
    "plain": "21",
    "words": "not JSON",
    "list": [1, 2, 3],
}


@pytest.fixture(scope="module")
def values(stack):
    admin = Client(stack.http_port)
    ae = admin.ae("values")
    assert ae.create("values", CNT, {"rn": "c"}).rsc == 2001
    for rn, con in CONTENTS.items():
        assert ae.create("values/c", CIN, {"rn": rn, "con": con}).rsc == 2001
    yield ae
    admin.delete("values")


def ask(path):
    return f"cfs=1&cfq={urllib.parse.quote(path)}"


CASES = {
    "a member": ("$.temp", "warm cold text"),
    "a member in brackets": ("$['room']['name']", "warm cold"),
    "an element": ("$[2]", "list"),
    "the last element": ("$.room.doors[-1]", "warm"),
    "any": ("$.*.name", "warm cold"),
    "a comparison": ("$[?(@ > 20)]", "warm"),
    "below a list": ("$.alarms[?(@.level >= 3)].text", "cold"),
    "and, or, not": ("$.alarms[?(!@.text && @.level == 1 || @.level == 9)]", "cold"),
    "a text": ("$.room[?(@ == 'cellar')]", "cold"),
    "everything": ("$", "warm cold text plain words list"),
    "nothing": ("$.humidity", ""),
}


@pytest.mark.parametrize("case", CASES)
def test_discovery(values, case):
    path, expected = CASES[case]
    answer = values.get(f"values?fu=1&{ask(path)}")
    assert answer.rsc == 2000, answer
    assert sorted(uri.rsplit("/", 1)[1] for uri in answer.found) == sorted(expected.split())


def test_with_other_criteria(values):
    names = lambda more: sorted(uri.rsplit("/", 1)[1] for uri in values.get(f"values?fu=1&{ask('$.temp')}&{more}").found)  # noqa: E731
    assert names("ty=4") == ["cold", "text", "warm"] and names("ty=3") == []
    assert names("ty=3&fo=2") == ["c", "cold", "text", "warm"]
    assert names("rn=w*") == ["warm"] and names("rn=w*&fo=3") == ["cold", "text", "words"]


def test_children_shown(values):
    assert [c["rn"] for c in values.get(f"values/c?rcn=8&{ask('$.alarms')}").pc["m2m:cin"]] == ["cold"]


def test_one_target(values):
    assert values.get(f"values/c/warm?{ask('$.temp')}").rsc == 2000
    assert values.get(f"values/c/list?{ask('$.temp')}").rsc == 4004
    assert values.get(f"values/c/la?{ask('$[0]')}").rsc == 2000
    assert values.get(f"values/c?{ask('$')}").rsc == 4004  # it has no content


@pytest.mark.parametrize("query", ("cfs=1", "cfq=$.a", "cfs=2&cfq=$.a", "cfs=1&cfq=a", "cfs=1&cfq=$..a", "cfs=1&cfq=$[", "cfs=1&cfq=$[?(@.a==)]", "cfs=1&cfq=$." + "a" * 1100))
def test_malformed(values, query):
    for path in ("values?fu=1", "values?rcn=4", "values/c/warm?rcn=1"):
        answer = values.get(f"{path}&{query}")
        assert answer.rsc == 4000 and "cf" in answer.dbg, answer
