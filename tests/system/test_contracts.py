"""docs/contracts.md names all that the sources say over the bus: members of line one, queues, keys, verbs, operations, events, statuses."""

import re

import pytest

from stack import ROOT

PAGE = (ROOT / "docs/contracts.md").read_text()
CODE = "\n".join(re.findall(r"`([^`]+)`", PAGE) + re.findall(r"^    (.*)$", PAGE, re.M))
WORDS = set(re.findall(r"[A-Za-z0-9_:.]+", CODE))
NO_BUS = {"cli", "supervisor"}
FILES = {"services/statistics/book.c", "services/storage/sweep.c", "services/notification/note.c"}  # write records of their own by the same functions
NAMED = re.compile(r'\b(?:envelope_(?:str|int|bool|raw|find)|head_(?:str|int|bool|raw))\(\s*[^,"]+,\s*"([^"]+)"')


def sources():
    for file in sorted([*ROOT.glob("common/*.c"), *ROOT.glob("services/*/*.c"), *ROOT.glob("services/*/*/*.c")]):
        name = str(file.relative_to(ROOT))
        if name.split("/")[1] not in NO_BUS and name not in FILES:
            yield name, file.read_text()


TEXTS = dict(sources())


def rows(file, table):
    """The first column of a table of names."""
    body = re.search(rf"{table}\[\] = {{\n(.*?)\n}};", TEXTS[file], re.S)[1]
    return set(re.findall(r'^    {"(\w+)"', body, re.M))


def test_members_of_the_envelope():
    said = {name: file for file, text in TEXTS.items() for name in NAMED.findall(text)}
    assert len(said) > 70
    assert {f"{name} ({file})" for name, file in said.items() if name not in WORDS} == set()


def test_queues_and_what_they_are_bound_to():
    kinds = {"BUS_REQUESTS": "", "BUS_EVENTS": "events."}
    queues, keys = set(), set()
    for text in TEXTS.values():
        text = re.sub(r'"\s*\\?\s*"', "", text)  # pieces of one text
        for kind, name, binding in re.findall(r'{(BUS_REQUESTS|BUS_EVENTS),\s*"([\w.]+)",\s*("[^"]*"|\w+)', text):
            queues.add(kinds[kind] + name)
            binding = re.search(rf'#define {binding}\s[\s\\]*"([^"]*)"', text)[1] if binding.isupper() and binding != "NULL" else binding.strip('"')
            keys |= set(binding.split()) - {"NULL"}
    assert len(queues) > 14 and len(keys) > 20
    assert queues - WORDS == set()
    assert {key for key in keys if f"`{key}`" not in PAGE} == set()


@pytest.mark.parametrize("file, table", [("services/storage/server.c", "handlers"), ("services/storage/commit.c", "op_rows"), ("services/semantics/task.c", "verbs"), ("services/network/main.c", "questions")])
def test_verbs_and_operations(file, table):
    names = rows(file, table)
    assert names and names - WORDS == set()


def test_statuses():
    names = re.findall(r'\[ST_\w+\] = "(\w+)"', TEXTS["services/storage/server.c"])
    assert len(names) > 5 and set(names) - WORDS == set()


def test_events():
    events = rows("services/network/main.c", "events")
    for text in TEXTS.values():
        events |= set(re.findall(r'head_str\([^,]+, "event", "(\w+)"\)', text)) | set(re.findall(r'"report", "ri", [^;]*?"event",\s*"(\w+)"', text))
        events |= set(re.findall(r'\b(?:event|attempt|empty)\[\] = "(\w+)"', text)) | set(re.findall(r'strcmp\((?:change\.)?event, "(\w+)"\)', text))
    assert {"resource", "missing", "armed", "locate", "request", "clock", "relay", "attempt", "empty", "tick", "poll", "trigger"} <= events, events
    assert events - WORDS == set()


def test_what_the_cse_asks_of_itself():
    """Contents that are no resource type's and none of the standard's."""
    own = {name for text in TEXTS.values() for name in re.findall(r'"m2m:(moved|gone|window|tram|req)"|m2m:(moved|gone|window|tram|req)\\"', text) for name in name if name}
    assert own == {"moved", "gone", "window", "tram", "req"}
    assert {name for name in own if f'"m2m:{name}"' not in CODE} == set()
