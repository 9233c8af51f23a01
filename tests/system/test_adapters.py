"""What integrators do: the example of docs/adapters.md, a role of their own, an event listener; and what a bad one cannot do."""

import json
import os
import subprocess
import sys
import time

import pika
import pytest

from bus import Bus, pack, unpack
from client import CIN, CNT, PATIENCE, SUB, eventually
from stack import ROOT


@pytest.fixture
def bus(stack):
    with Bus(stack, "adapter") as adapter:
        yield adapter


@pytest.fixture(autouse=True)
def nothing_crashes(stack):
    before = {name: (c["pid"], c["restarts"]) for name, c in stack.status().items()}
    yield
    assert {name: (c["pid"], c["restarts"]) for name, c in stack.status().items()} == before
    stack.wait_healthy()


def example(stack, *arguments):
    env = {k: v for k, v in stack.env.items() if k in ("PATH", "HOME", "TESSERA_STATE_DIR", "TESSERA_BROKER_PORT")}
    done = subprocess.run([sys.executable, ROOT / "docs/adapters/request.py", *arguments], env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=PATIENCE, check=False)
    return done.returncode, done.stdout


def dead_letters(stack):
    for line in stack.ctl("-q", "--no-table-headers", "list_queues", "-p", "tessera", "name", "messages").splitlines():
        name, count = line.split("\t")
        if name == "dead-letters":
            return int(count)
    raise AssertionError("no queue dead-letters")


def request(n, op=2, to="cse-in", **more):
    return {"id": f"adapter-{time.time_ns()}-{n}", "tenant": "main", "identity": {"by": "none", "peer": "127.0.0.1"}, "deadline": int((time.time() + PATIENCE) * 1000),
            "op": op, "to": to, "fr": "CAdmin", "rqi": str(n), "rvi": "3", **more}


# ---- the documented way


def test_the_example(stack, ae):
    status, text = example(stack, "2", "cse-in", "CAdmin")
    head, content = text.splitlines()
    assert status == 0 and json.loads(head)["rsc"] == 2000 and json.loads(content)["m2m:cb"]["ri"] == "id-in"
    status, text = example(stack, "1", f"cse-in/{ae.name}", ae.origin, "3", '{"m2m:cnt":{"rn":"c",\n "lbl":["a"]}}')
    assert status == 0 and json.loads(text.splitlines()[0])["loc"] == f"cse-in/{ae.name}/c"
    assert ae.get(f"{ae.name}/c").pc["lbl"] == ["a"]
    status, text = example(stack, "2", "cse-in/nowhere", "CAdmin")
    assert status == 1 and json.loads(text.splitlines()[0])["rsc"] == 4004
    assert example(stack)[0] == 1
    assert os.access(ROOT / "docs/adapters/request.py", os.X_OK)


def test_the_calls_in_the_page(stack):
    page = (ROOT / "docs/adapters.md").read_text()
    calls = [line.strip()[2:] for line in page.splitlines() if line.strip().startswith("$ docs/adapters/request.py")]
    assert calls
    for call in calls:
        status, text = example(stack, *call.split()[1:])
        assert status == 0, (call, text)


def test_a_batch_is_answered_by_identifier(bus):
    asked = [request(i, to="cse-in" if i % 2 else "cse-in/nowhere") for i in range(64)]
    bus.send("orchestrator", pack(*((head, None) for head in asked)))
    answers = {head["id"]: head for head, _ in bus.replies(64)}
    assert {head["id"]: 2000 if i % 2 else 4004 for i, head in enumerate(asked)} == {i: head["rsc"] for i, head in answers.items()}


def test_done_once_though_sent_twice(bus, ae):
    """What the broker delivers again has the same id; here the sender does it."""
    head = request(1, op=1, to=f"cse-in/{ae.name}", fr=ae.origin, ty=CNT)
    bus.send("orchestrator", pack((head, {"m2m:cnt": {"rn": "once"}})))
    assert bus.replies(1)[0][0]["rsc"] == 2001
    bus.send("orchestrator", pack((head, {"m2m:cnt": {"rn": "once"}})))
    assert bus.replies(1)[0][0]["rsc"] == 4105


def test_a_role_of_ones_own(stack, bus):
    with Bus(stack, "adapter") as asker:
        bus.channel.queue_declare("adapter.echo", durable=True)
        bus.channel.queue_bind("adapter.echo", "cse.requests", "adapter.echo")
        try:
            asker.send("adapter.echo", pack(({"id": "e1", "x": 1}, {"y": 2})))
            deadline = time.monotonic() + PATIENCE
            method = None
            while not method and time.monotonic() < deadline:
                method, properties, body = bus.channel.basic_get("adapter.echo")
            (head, content), = unpack(body)
            bus.channel.basic_publish("cse.replies", properties.reply_to, pack(({"id": head["id"], "st": "ok"}, content)))
            bus.channel.basic_ack(method.delivery_tag)
            assert asker.replies(1) == [({"id": "e1", "st": "ok"}, {"y": 2})]
        finally:
            bus.channel.queue_delete("adapter.echo")


# ---- what is not permitted


@pytest.mark.parametrize("what", ["storage", "egress.http", "events", "spy", "steal", "declare", "reply"])
def test_an_adapter_may_only_do_what_its_role_needs(stack, bus, what):
    channel = bus.channel
    attempts = {
        "storage": lambda: channel.basic_publish("cse.requests", "storage", pack(({"id": "x", "do": "ping"}, None))),
        "egress.http": lambda: channel.basic_publish("cse.requests", "egress.http", pack(({"id": "x", "url": "http://127.0.0.1:1/"}, None))),
        "events": lambda: channel.basic_publish("cse.events", "main.cin.create.quiet", pack(({"id": "x"}, None))),
        "spy": lambda: channel.queue_bind(bus.queue, "cse.requests", "orchestrator"),
        "steal": lambda: channel.basic_get("orchestrator", auto_ack=True),
        "declare": lambda: channel.queue_declare("orchestrator2"),
        "reply": lambda: channel.queue_delete("storage"),
    }
    channel.confirm_delivery()
    with pytest.raises((pika.exceptions.ChannelClosedByBroker, pika.exceptions.ConnectionClosedByBroker)) as refused:
        attempts[what]()
        bus.connection.sleep(1)
        channel.queue_declare(bus.queue, passive=True)
    assert refused.value.reply_code == 403, refused.value


@pytest.mark.parametrize("user", ["guest", "supervisor", "cli", "nobody"])
def test_who_has_no_business_at_the_broker(stack, user):
    file = stack.dir / f"secrets/{user}.password"
    credentials = pika.PlainCredentials(user, file.read_text() if file.exists() else "guest")
    with pytest.raises((pika.exceptions.ProbableAuthenticationError, pika.exceptions.ProbableAccessDeniedError, pika.exceptions.ConnectionClosedByBroker, pika.exceptions.AMQPConnectionError)):
        pika.BlockingConnection(pika.ConnectionParameters("127.0.0.1", stack.broker_port, "tessera", credentials))


# ---- malformed primitives

ANSWERED = [  # read as an envelope, refused as a request
    ("op missing", {"op": None}), ("op of another type", {"op": "2"}), ("op unknown", {"op": 77}), ("op with a fraction", {"op": 1.5}), ("to missing", {"to": None}), ("to a number", {"to": 5}),
    ("to a list", {"to": ["cse-in"]}), ("fr an object", {"fr": {}}), ("ty text", {"op": 1, "ty": "3"}), ("ty huge", {"op": 1, "ty": 10**30}), ("rqi missing", {"rqi": None}), ("rqi a number", {"rqi": 7}),
    ("fc text", {"fc": "fu=1"}), ("fc a list", {"fc": [1]}), ("rt text", {"rt": "3"}), ("da text", {"da": "yes"}), ("rvi a number", {"rvi": 3}), ("rcn negative", {"rcn": -1}),
    ("unknown tenant", {"tenant": "other"}), ("identity text", {"identity": "me"}),
]


@pytest.mark.parametrize("members", [m for _, m in ANSWERED], ids=[n for n, _ in ANSWERED])
def test_primitives_with_wrong_members_are_answered(bus, members):
    head = {k: v for k, v in {**request(1), **members}.items() if v is not None}
    bus.send("orchestrator", pack((head, None)))
    got = bus.replies(1)
    assert got and got[0][0]["id"] == head["id"] and got[0][0]["rsc"] >= 4000, got
    assert got[0][1]["m2m:dbg"]


def malformed():
    """Message bodies: name, bytes, whether they are read at all (and then answered with an error; what is not is kept aside)."""
    one = {**request(1), "deadline": int((time.time() + 60) * 1000)}
    make = {**one, "op": 1, "ty": CNT}
    head = json.dumps(one)
    return [
        ("not JSON", b"hello\n\n", False), ("binary", bytes(range(256)) * 4, False), ("a list", b"[1,2]\n\n", False), ("a string", b'"x"\n\n', False), ("cut", head[:40].encode() + b"\n\n", False),
        ("member twice", head.replace('"op"', '"to": "x", "op"').encode() + b"\n\n", False), ("not UTF-8", head.replace("CAdmin", "C\xff").encode("latin-1") + b"\n\n", False),
        ("100 members", json.dumps({**one, **{f"m{i}": i for i in range(100)}}).encode() + b"\n\n", False), ("deep", b'{"fc":' + b"[" * 5000 + b"]" * 5000 + b"}\n\n", False),
        ("NUL", head.encode() + b"\n\0\n", None), ("body not JSON", pack((make, "{")), True), ("body a number", pack((make, "1")), True), ("body deep", pack((make, "[" * 100000)), True),
        ("1 MB head", pack(({**one, "to": "x" * 1000000}, None)), True), ("1 MB body", pack((make, {"m2m:cnt": {"lbl": ["x" * 1000000], "api": 1}})), True), ("empty", b"", None), ("one line feed", b"\n", None),
        ("id a number", pack(({**one, "id": 5, "to": "cse-in/nowhere"}, None)), None), ("no id", pack(({k: v for k, v in one.items() if k != "id"}, None)), None),
    ]


def test_malformed_messages_are_answered_or_kept_aside(stack, bus):
    """And whoever comes next is served."""
    before, wrong, aside = dead_letters(stack), [], 0
    for name, body, answered in malformed():
        bus.send("orchestrator", body)
        after = {**request(2), "id": "after " + name}
        bus.send("orchestrator", pack((after, None)))
        served = lambda got: "after " + name in [head.get("id") for head, _ in got]
        got = [p for _, ps in bus.messages(None, PATIENCE, lambda got: served(got) and len(got) > bool(answered)) for p in ps]
        if not served(got):
            wrong.append((name, "the next request is not served"))
        others = [(head["rsc"], content) for head, content in got if head.get("id") != "after " + name]
        if answered and not (others and others[0][0] >= 4000 and others[0][1]["m2m:dbg"]):
            wrong.append((name, "not answered with an error", others))
        if answered is False:
            aside += 1
            if others:
                wrong.append((name, "answered", others))
    assert not wrong, wrong
    assert dead_letters(stack) - before >= aside


def test_more_primitives_than_a_message_may_have(bus):
    """Whatever is done with the rest, the next is served."""
    bus.send("orchestrator", pack(*((request(i), None) for i in range(200))))
    assert bus.ask("orchestrator", {k: v for k, v in request(2).items() if k not in ("id", "deadline")})[0]["rsc"] == 2000


def test_one_bad_primitive_among_64(stack, bus):
    before = dead_letters(stack)
    asked = [request(i) for i in range(64)]
    lines = [[json.dumps(head), ""] for head in asked]
    lines[20][0] = '{"id":"bad", not json'
    bus.send("orchestrator", "".join(f"{h}\n{b}\n" for h, b in lines).encode())
    assert {head["id"] for head, _ in bus.replies(20)} >= {head["id"] for head in asked[:20]}, "those before it"
    assert eventually(lambda: dead_letters(stack) > before), "nothing kept aside"


def test_nobody_to_answer_to(stack, bus, ae):
    """Without reply_to, or with a queue that is gone: it is done all the same."""
    head = request(1, op=1, to=f"cse-in/{ae.name}", fr=ae.origin, ty=CNT)
    bus.channel.basic_publish("cse.requests", "orchestrator", pack((head, {"m2m:cnt": {"rn": "silent"}})))
    head = {**head, "id": head["id"] + "b"}
    bus.channel.basic_publish("cse.requests", "orchestrator", pack((head, {"m2m:cnt": {"rn": "gone"}})), pika.BasicProperties(reply_to="reply.adapter.nobody"))
    for name in ("silent", "gone"):
        assert eventually(lambda: ae.get(f"{ae.name}/{name}").rsc == 2000)


def test_what_is_late_is_not_done(bus, ae):
    head = {**request(1, op=1, to=f"cse-in/{ae.name}", fr=ae.origin, ty=CNT), "deadline": int(time.time() * 1000) - 1000}
    bus.send("orchestrator", pack((head, {"m2m:cnt": {"rn": "late"}})))
    bus.replies(1, 0.5)  # told or not: nobody waits any more
    assert ae.get(f"{ae.name}/late").rsc == 4004


# ---- events


def test_a_listener_hears_what_happens(stack, ae):
    """Anyone with the right may listen without disturbing anyone."""
    with Bus(stack, "notification") as listener:
        everything, instances = listener.listen("cse.events", "main.#"), listener.listen("cse.events", "main.cin.create.*")
        watched = listener.listen("cse.events", "main.*.*.watched")
        ae.create(ae.name, CNT, {"rn": "c"})
        ae.create(f"{ae.name}/c", CIN, {"con": 1})
        ae.create(f"{ae.name}/c", SUB, {"nu": ["http://127.0.0.1:9/"], "enc": {"net": [3]}})
        ae.create(f"{ae.name}/c", CIN, {"con": 2})
        ae.update(f"{ae.name}/c", "m2m:cnt", {"lbl": ["x"]})
        ae.delete(f"{ae.name}/c")
        last = lambda got: any(h["op"] == 4 and h["path"] == f"cse-in/{ae.name}/c" for h, _ in got)
        got = [p for _, ps in listener.messages(everything, PATIENCE, last) for p in ps]
        mine = [(h["op"], h["ty"], h["path"].split("/", 2)[2]) for h, _ in got if h["path"].startswith(f"cse-in/{ae.name}/")]
        assert mine[0] == (1, CNT, "c") and (3, CNT, "c") in mine and (4, CNT, "c") in mine
        assert [m[:2] for m in mine].count((1, CIN)) == 2
        seqs = [h["seq"] for h, _ in got]
        assert seqs == sorted(seqs) and len({h["id"] for h, _ in got}) == len(got)
        assert [b["rep"]["m2m:cin"]["con"] for h, b in listener.replies(2, PATIENCE, instances) if h["path"].startswith(f"cse-in/{ae.name}/")] == [1, 2]
        told = [(h, b) for h, b in listener.replies(20, 0.5, watched) if h["path"].startswith(f"cse-in/{ae.name}/")]
        assert [b["rep"]["m2m:cin"]["con"] for h, b in told if h["ty"] == CIN and h["op"] == 1] == [2]
        assert all(b["subs"] for h, b in told if h["ty"] == CIN)
