"""The golden messages of tests/contract/ against the real ones, overheard at the broker or sent to it."""

import json
import time

import pytest

from bus import Bus
from client import CIN, CNT, FCNT, PATIENCE, SUB, TS, TSI, Client
from stack import ROOT

GOLDEN = ROOT / "tests/contract"


def golden(name):
    return json.loads((GOLDEN / f"{name}.json").read_text())


def shape(value):
    if isinstance(value, bool):
        return "boolean"
    return {int: "number", float: "number", str: "text", list: "list", dict: "object", type(None): "null"}[type(value)]


def differences(real, wanted, optional, where=""):
    """How the shape of `real` differs from that of `wanted`; members whose path or name is in `optional` may be missing or more."""
    if shape(real) != shape(wanted):
        return [f"{where or '/'}: {shape(real)} instead of {shape(wanted)}"]
    found = []
    if where.endswith("/need"):  # its names are resources
        return [f"{where}/{k}: no version" for k, v in real.items() if shape(v) != "number"]
    if isinstance(wanted, dict):
        for k in sorted(set(real) | set(wanted)):
            path = f"{where}/{k}"
            if k in real and k in wanted:
                found += differences(real[k], wanted[k], optional, path)
            elif k not in optional and path not in optional:
                found.append(f"{path}: {'missing' if k in wanted else 'not in the golden file'}")
    elif isinstance(wanted, list) and wanted and real:
        for i, item in enumerate(real):
            found += differences(item, wanted[min(i, len(wanted) - 1)], optional, f"{where}[{i}]")
    elif isinstance(wanted, list) and bool(wanted) != bool(real):
        found.append(f"{where}: {'empty' if wanted else 'not empty'}")
    return found


# Decided by the moment or by the sender, not by the contract.
ALWAYS_OPTIONAL = {"trace", "again", "need"}


def check(name, primitive, optional=(), same=()):
    """Asserts that a real primitive has the golden file's shape, and in `same` members of the head its values."""
    wanted = golden(name)
    real = {"head": primitive[0], "body": primitive[1]}
    found = differences(real, wanted, ALWAYS_OPTIONAL | set(optional))
    found += [f"head/{m}: {real['head'].get(m)!r} instead of {wanted['head'][m]!r}" for m in same if real["head"].get(m) != wanted["head"][m]]
    assert not found, f"{name}: {found}\n{json.dumps(real)[:2000]}"


@pytest.fixture(scope="module")
def life(stack):
    """What goes over the broker while an AE lives: {exchange or role: primitives}."""
    client = Client(stack.http_port)
    client.delete("golden")
    with Bus(stack, "http") as http, Bus(stack, "storage") as storage, Bus(stack, "orchestrator") as front, Bus(stack, "notification") as notification:
        asked, kept = front.listen("cse.requests", "orchestrator"), storage.listen("cse.requests", "storage")
        events, sent = notification.listen("cse.events", "#"), http.listen("cse.requests", "egress.http")
        mine = client.ae("golden")
        def replies_of(bus, properties):
            return bus.listen("cse.replies", *{p.reply_to for p, _ in properties if p.reply_to})

        def heard(bus, queue, enough):
            return [p for _, ps in bus.messages(queue, PATIENCE, enough) for p in ps]

        def answered(questions):
            return lambda got: {h["id"] for h, _ in got} >= {h["id"] for h, _ in questions}

        first = front.messages(asked, PATIENCE, lambda got: len(got) >= 1)
        answers = replies_of(front, first)
        below = storage.messages(kept, PATIENCE, lambda got: len(got) >= 1)
        answers_below = replies_of(storage, below)
        mine.create("golden", CNT, {"rn": "c", "lbl": ["a"]})
        mine.create("golden/c", SUB, {"rn": "s", "nu": ["http://127.0.0.1:9/"], "enc": {"net": [3]}, "nct": 1})
        mine.create("golden/c", SUB, {"rn": "t", "nu": ["http://127.0.0.1:9/"], "enc": {"net": [1], "atr": ["lbl"]}, "nct": 2})
        mine.create("golden/c", CIN, {"con": "21.5", "cnf": "text/plain:0"})
        mine.get("golden/c/la")
        mine.update("golden/c", "m2m:cnt", {"lbl": ["b"], "mni": 5})
        mine.discover("golden", ty=3)
        mine.request("POST", "golden", {"cod:tempe": {"rn": "f", "cnd": "org.onem2m.common.moduleclass.temperature", "curT0": 21.5, "fcied": True, "mni": 5}}, ty=FCNT)
        mine.create("golden", TS, {"rn": "t"})
        mine.create("golden/t", TSI, {"dgt": "20261121T080102", "con": 21.5})
        mine.create("golden", CNT, {"rn": "c"})
        mine.delete("golden/c")
        requests = heard(front, asked, lambda got: any(h["op"] == 4 and h["to"] == "cse-in/golden/c" for h, _ in got))
        commits = heard(storage, kept, lambda got: any(op["op"] == "delete" for h, b in got if h["do"] == "commit" for op in b["ops"]))
        yield {
            "request": first[0][1] + requests,
            "response": heard(front, answers, answered(requests)),
            "storage": [p for _, ps in below for p in ps] + commits,
            "storage reply": heard(storage, answers_below, answered([p for p in commits if p[0]["do"] in ("append", "get")])),
            "event": heard(notification, events, lambda got: {(h["op"], h["ty"]) for h, _ in got} >= {(1, CIN), (3, CNT), (4, 23)}),
            "egress": heard(http, sent, lambda got: any("m2m:cin" in b["m2m:sgn"].get("nev", {}).get("rep", {}) for _, b in got)),
        }
    client.delete("golden")


def one(life, kind, **members):
    for primitive in life[kind]:
        if all(primitive[0].get(k) == v for k, v in members.items()):
            return primitive
    raise AssertionError(f"no {kind} with {members} among {[p[0] for p in life[kind]]}")


# ---- between the front ends and the orchestrator

REQUESTS = [
    ("request.create", {"op": 1, "ty": 4}),
    ("request.retrieve", {"op": 2, "to": "cse-in/golden/c/la"}),
    ("request.update", {"op": 3}),
    ("request.delete", {"op": 4, "to": "cse-in/golden/c"}),
    ("request.discover", {"op": 2, "to": "cse-in/golden"}),
]


@pytest.mark.parametrize("name,members", REQUESTS, ids=[r[0] for r in REQUESTS])
def test_requests(life, name, members):
    check(name, one(life, "request", **members), same=("op", "tenant"))


@pytest.mark.parametrize("name,request_", [("response.created", {"op": 1, "ty": 4}), ("response.content", {"op": 2, "to": "cse-in/golden/c/la"}), ("response.deleted", {"op": 4, "to": "cse-in/golden/c"}),
                                           ("response.refused", {"op": 1, "ty": 3})], ids=lambda v: v if isinstance(v, str) else "")
def test_responses(life, name, request_):
    asked = [p for p in life["request"] if all(p[0].get(k) == v for k, v in request_.items())][-1]
    check(name, one(life, "response", id=asked[0]["id"]), same=("rsc",))


# ---- between the orchestrator and storage

STORAGE = ["append", "commit.create", "commit.update", "commit.delete", "get", "query", "records"]


def of_kind(primitive, do, op):
    """True for a request `do`, and if it is a commit, one of a container and of this operation."""
    if primitive[0]["do"] != do:
        return False
    first = primitive[1]["ops"][0] if op else None
    return not op or (first["op"] == op and first.get("r", {"ty": CNT})["ty"] == CNT)


@pytest.mark.parametrize("kind", STORAGE)
def test_requests_to_storage(life, kind):
    do, _, op = kind.partition(".")
    matching = [p for p in life["storage"] if of_kind(p, do, op)]
    assert matching, f"no {kind} among {[p[0] for p in life['storage']]}"
    check("storage." + kind, matching[0], same=("do", "tenant"))


def test_instances_that_are_no_contents(life):
    check("storage.append.series", one(life, "storage", do="append", ty=TSI), same=("do",))
    made = [p for p in life["storage"] if p[0]["do"] == "commit" and p[1]["ops"][0].get("r", {}).get("ty") == FCNT]
    check("storage.commit.history", made[0], same=("do",))


def test_overheard_answers_of_storage(life):
    asked = one(life, "storage", do="append")
    check("storage.append.reply", one(life, "storage reply", id=asked[0]["id"]), same=("st",))


@pytest.fixture(scope="module")
def orchestrator(stack):
    with Bus(stack, "orchestrator") as bus:
        yield bus


@pytest.fixture
def parent(orchestrator, ae):
    """Records of an AE and its container, got as the orchestrator gets them."""
    assert ae.create(ae.name, CNT, {"rn": "c", "lbl": ["a"]}).rsc == 2001
    head, body = orchestrator.ask("storage", {"do": "records"}, [f"cse-in/{ae.name}", f"cse-in/{ae.name}/c", "cse-in/nobody"])
    check("storage.records.reply", (head, body), same=("st",))
    assert body[2] is None
    return body


def ask(bus, name, head, body=None):
    """Sends what the golden request `name` says, with `head` and `body` put in; checks that these leave its shape, and the answer's."""
    wanted = golden(name)
    head = {**{k: v for k, v in wanted["head"].items() if k not in ("id", "deadline", "need", "trace")}, **head}
    body = wanted["body"] if body is None else body
    answer = bus.ask("storage", head, body)
    check(name, ({"id": "x", "deadline": 1, **head}, body))
    return answer


def test_storage_appends(orchestrator, parent):
    now = int(time.time() * 1000)
    key = f"golden-{now}"
    need = {parent[1]["ri"]: parent[1]["v"]}
    answer = ask(orchestrator, "storage.append", {"pi": parent[1]["ri"], "ct": now, "key": key, "need": need})
    check("storage.append.reply", answer, same=("st",))
    again = ask(orchestrator, "storage.append", {"pi": parent[1]["ri"], "ct": now, "key": key, "need": need, "again": True})
    assert (again[0]["ri"], again[0]["seq"], again[1]) == (answer[0]["ri"], answer[0]["seq"], answer[1]), "the first answer again"


def test_storage_says_what_is_stale(orchestrator, parent):
    old = {parent[1]["ri"]: parent[1]["v"] + 7, "gone": 1}
    answer = ask(orchestrator, "storage.append", {"pi": parent[1]["ri"], "ct": int(time.time() * 1000), "key": "golden-stale", "need": old})
    assert answer[0]["st"] == "stale" and answer[1] == {parent[1]["ri"]: parent[1]["v"], "gone": None}
    for do in ("get", "records", "query"):
        head, body = orchestrator.ask("storage", {"do": do, "to": parent[1]["ri"], "root": parent[1]["ri"], "mode": "refs", "need": old}, [parent[1]["ri"]] if do == "records" else None)
        assert head["st"] == "stale" and body == answer[1], do


def test_storage_commits(orchestrator, parent):
    create = golden("storage.commit.create")
    now = int(time.time() * 1000)
    record = create["body"]["ops"][0]["r"]
    record = {**record, "ri": f"golden{now}", "pi": parent[0]["ri"], "path": parent[0]["path"] + "/made"}
    record["a"] = {**record["a"], "ri": record["ri"], "pi": record["pi"], "rn": "made"}
    answer = ask(orchestrator, "storage.commit.create", {"key": f"k{now}", "at": now, "need": {parent[0]["ri"]: parent[0]["v"]}}, {"ops": [{"op": "create", "r": record}]})
    check("storage.commit.reply", answer, same=("st",))
    made = answer[1][0]
    assert made["ri"] == record["ri"] and made["a"]["st"] == 0 and made["a"]["lt"] == made["a"]["ct"]
    taken = ask(orchestrator, "storage.commit.create", {"key": f"l{now}", "at": now}, {"ops": [{"op": "create", "r": record}]})
    assert taken[0]["st"] == "exists" and taken[0]["what"] in ("ri", "path")
    updated = orchestrator.ask("storage", {"do": "commit", "key": f"m{now}", "at": now, "fr": "CAdmin", "rqi": "1"}, {"ops": [{"op": "update", "ri": record["ri"], "set": {"mni": 3}, "del": ["lbl"]}]})
    assert updated[1][0]["v"] == made["v"] + 1 and updated[1][0]["a"]["mni"] == 3 and "lbl" not in updated[1][0]["a"]
    gone = orchestrator.ask("storage", {"do": "commit", "key": f"n{now}", "at": now, "fr": "CAdmin", "rqi": "1"}, {"ops": [{"op": "delete", "ri": record["ri"]}]})
    assert gone[0]["st"] == "ok" and gone[1] == [None]


def test_storage_gets_and_finds(orchestrator, parent, ae):
    ae.create(f"{ae.name}/c", CIN, {"con": "21.5", "cnf": "text/plain:0"})
    answer = ask(orchestrator, "storage.get", {"to": parent[1]["path"], "virt": "la"})
    check("storage.get.reply", answer, same=("st",))
    assert orchestrator.ask("storage", {"do": "get", "to": "cse-in/nobody"})[0]["st"] == "none"
    answer = ask(orchestrator, "storage.query", {"root": parent[0]["ri"]})
    check("storage.query.reply", answer, same=("st",))
    full = orchestrator.ask("storage", {"do": "query", "root": parent[0]["ri"], "mode": "full", "max": 1})
    assert full[1]["more"] and isinstance(full[1]["rows"][0][7], dict)
    rest = orchestrator.ask("storage", {"do": "query", "root": parent[0]["ri"], "mode": "refs", "after": full[1]["more"], "max": 10})
    assert [r[2] for r in rest[1]["rows"]] == [4] and rest[1]["more"] is None


def test_storage_refuses_what_it_does_not_know(orchestrator, parent):
    for head in ({"do": "explode"}, {}, {"do": "append"}, {"do": "commit"}, {"do": "get"}, {"do": "query"}, {"do": "records"}, {"do": "get", "to": "cse-in", "tenant": "other"}, {"do": "pend"}):
        answer = orchestrator.ask("storage", head)
        assert answer[0]["st"] in ("refused", "failed", "none"), (head, answer)
        assert answer[0]["st"] == "none" or answer[0]["why"], (head, answer)
    assert orchestrator.ask("storage", {"do": "ping"})[0]["st"] == "ok"


# ---- events and notifications


def test_events(life):
    check("event.create", one(life, "event", op=1, ty=4), optional=("cr", "nct", "et", "enc", "acpi", "self"))
    check("event.update", one(life, "event", op=3, ty=3), optional=("parent", "mbs", "cr", "et", "acpi", "mni"))
    check("event.delete", one(life, "event", op=4, ty=23), optional=("su", "parent", "self", "subs", "et", "cr", "acpi", "nct"))


def test_notifications(life):
    instances = [p for p in life["egress"] if "m2m:cin" in p[1]["m2m:sgn"].get("nev", {}).get("rep", {})]
    assert instances
    check("notify", instances[0], optional=("id", "cr", "ec", "ot", "et", "csz", "to"))
