"""Polling channels: an application that nobody can reach asks for what is meant for it, and answers; TS-0001 10.2.13."""

import contextlib
import queue
import socket
import threading
import time

import pytest

from client import ACP, CIN, CNT, PATIENCE, SUB, Client, eventually

PCH = 15


class Owner(Client):
    """An application with a polling channel. Its own connection serves one poll at a time."""

    def poll(self, ret=None, path=None):
        return self.get(path or f"{self.name}/ch/pcu", headers=self.head(ret))

    @staticmethod
    def head(ret):
        return {"X-M2M-RET": str(ret)} if ret else None

    def respond(self, rqi, rsc=2000, pc=None):
        """Over a connection of its own: the poll's may be held."""
        rsp = {"rsc": rsc, "rqi": rqi, "rvi": "3", **({"pc": pc} if pc else {})}
        return self.as_(self.origin).request("POST", f"{self.name}/ch/pcu", {"m2m:rsp": rsp})

    def take(self, ret=5000, rsc=2000, pc=None):
        """Polls, answers, and returns the request."""
        answer = self.poll(ret)
        assert answer.rsc == 2000, answer
        assert self.respond(answer.pc["rqi"], rsc, pc).rsc == 2000
        return answer.pc


@pytest.fixture
def owner_of(admin):
    """Registers applications that have a polling channel and let everybody notify them."""
    made = []

    def owner_of(rn, channel=True, attributes=None, **ae):
        mine = Owner(admin.port, f"C{rn}")
        mine.name = rn
        admin.ae(rn, **{"rr": False, **ae})
        made.append(rn)
        everybody = {"acr": [{"acor": [mine.origin], "acop": 63}, {"acor": ["all"], "acop": 16}]}
        acp = mine.create(rn, ACP, {"rn": "acp", "pv": everybody, "pvs": {"acr": [{"acor": [mine.origin], "acop": 63}]}})
        assert mine.update(rn, "m2m:ae", {"acpi": [acp.pc["ri"]]}).rsc == 2004
        if channel:
            answer = mine.request("POST", rn, {"m2m:pch": {"rn": "ch", **(attributes or {})}}, ty=PCH)
            assert answer.rsc == 2001, answer
        return mine

    yield owner_of
    for rn in made:
        admin.delete(rn)


@pytest.fixture
def owner(owner_of):
    return owner_of("poll1")


@pytest.fixture
def box(owner):
    assert owner.create(owner.name, CNT, {"rn": "c"}).rsc == 2001
    assert owner.create(f"{owner.name}/c", SUB, {"rn": "s", "nu": [owner.origin], "enc": {"net": [3]}}).rsc == 2001
    return f"{owner.name}/c"


@contextlib.contextmanager
def meanwhile(function, *args):
    """Runs `function` beside the block; the queue gets its result."""
    result = queue.Queue()
    thread = threading.Thread(target=lambda: result.put(function(*args)), daemon=True)
    thread.start()
    yield result
    thread.join(PATIENCE)


def con(request):
    return request["pc"]["m2m:sgn"]["nev"]["rep"]["m2m:cin"]["con"]


# ---- the resource

def test_one_channel_for_its_owner(owner, guest, admin):
    assert owner.get(f"{owner.name}/ch").pc["ty"] == PCH
    assert owner.request("POST", owner.name, {"m2m:pch": {}}, ty=PCH).rsc == 4105
    assert guest.request("POST", owner.name, {"m2m:pch": {}}, ty=PCH).rsc == 4103
    assert admin.request("POST", guest.name, {"m2m:pch": {}}, ty=PCH).rsc == 4103
    assert admin.request("POST", "", {"m2m:pch": {}}, ty=PCH).rsc == 4108
    for client in (guest, admin):
        assert client.get(f"{owner.name}/ch/pcu").rsc == 4103
        assert client.request("POST", f"{owner.name}/ch/pcu", {"m2m:rsp": {"rsc": 2000, "rqi": "1"}}).rsc == 4103
    assert guest.get(f"{owner.name}/ch").rsc == 4103
    assert guest.delete(f"{owner.name}/ch").rsc == 4103
    assert owner.update(f"{owner.name}/ch", "m2m:pch", {"rqag": True}).pc["rqag"] is True


def test_created_again_after_deletion(owner):
    assert owner.delete(f"{owner.name}/ch").rsc == 2002
    assert owner.poll().rsc == 4004
    answer = owner.request("POST", owner.name, {"m2m:pch": {"rn": "ch"}}, ty=PCH)
    assert answer.rsc == 2001 and "rqag" not in answer.pc


@pytest.mark.parametrize("method, body, ty", [("POST", {"m2m:cnt": {}}, CNT), ("PUT", {"m2m:pch": {}}, None), ("DELETE", None, None), ("HEAD", None, None)])
def test_what_is_not_allowed(owner, method, body, ty):
    answer = owner.request(method, f"{owner.name}/ch/pcu", body, ty=ty)
    assert (answer.status, answer.rsc) == (405, 4005)


@pytest.mark.parametrize("body", [{}, {"m2m:sgn": {}}, {"m2m:rsp": {"rsc": 2000}}, {"m2m:rsp": {"rqi": "1"}}, {"m2m:rsp": {"rqi": "1", "rsc": "x"}}, None])
def test_malformed_answers(owner, body):
    assert owner.request("POST", f"{owner.name}/ch/pcu", body).rsc == 4000


def test_answer_to_nothing(owner):
    assert owner.respond("never").rsc == 4004


# ---- polling

def test_nothing_in_time(owner):
    begin = time.monotonic()
    answer = owner.poll(600)
    assert (answer.status, answer.rsc) == (504, 4008)
    assert time.monotonic() - begin > 0.3
    assert owner.poll(-1).rsc == 4008


def test_a_poll_waits_for_a_notification(owner, box):
    with meanwhile(owner.poll, 8000) as polled:
        assert owner.as_(owner.origin).create(box, CIN, {"con": "news"}).rsc == 2001
        answer = polled.get(timeout=PATIENCE)
    assert answer.rsc == 2000 and list(answer.json) == ["m2m:rqp"]
    request = answer.pc
    assert (request["op"], request["to"], request["fr"]) == (5, owner.origin, "/id-in") and con(request) == "news"
    assert not {"tenant", "identity", "trace", "deadline", "id", "url", "lane"} & set(request)
    assert owner.respond(request["rqi"]).rsc == 2000
    assert owner.respond(request["rqi"]).rsc == 4004
    assert owner.poll(300).rsc == 4008


def test_notifications_in_order(owner, box):
    for i in range(20):
        assert owner.create(box, CIN, {"con": i}).rsc == 2001
    assert [con(owner.take()) for _ in range(20)] == list(range(20))


def test_each_gets_its_own(owner_of):
    owners = [owner_of(f"own{i}") for i in range(2)]
    for mine in owners:
        mine.create(mine.name, CNT, {"rn": "c"})
        mine.create(f"{mine.name}/c", SUB, {"nu": [mine.origin], "enc": {"net": [3]}})
    for i in range(6):
        owners[i % 2].create(f"{owners[i % 2].name}/c", CIN, {"con": i})
    assert [[con(mine.take()) for _ in range(3)] for mine in owners] == [[0, 2, 4], [1, 3, 5]]


def test_several_at_once(owner_of, admin):
    """requestAggregation: what is there comes together; of one subscription only what leaves together, in order."""
    mine = owner_of("agrp", attributes={"rqag": True})
    guests = [admin.ae(f"agrpfrom{i}") for i in range(3)]
    path = mine.path = f"/cse-in/{mine.name}"
    with contextlib.ExitStack() as stack:
        told = [stack.enter_context(meanwhile(g.request, "POST", path, {"m2m:sgn": {"sur": str(i)}}, None, {"X-M2M-RET": "9000"}))
                for i, g in enumerate(guests)]
        got = {}

        def collect():
            answer = mine.poll(300)
            if answer.rsc == 2000:
                got.update({r["rqi"]: r["pc"]["m2m:sgn"]["sur"] for r in answer.json["m2m:agrp"]})
            return len(got) == 3

        assert eventually(collect), got
        for rqi, sur in got.items():
            assert mine.respond(rqi, pc={"m2m:x": {"sur": sur}}).rsc == 2000
        assert [t.get(timeout=PATIENCE).json["m2m:x"]["sur"] for t in told] == ["0", "1", "2"]
    for i in range(3):
        admin.delete(f"agrpfrom{i}")


def left(stack):
    return sum(stack.metrics("polling.1").get(f'tessera_polling_open{{what="{what}"}}', 0) for what in ("polls", "waiting", "handed"))


def raw_poll(stack, owner, ret):
    s = socket.create_connection(("127.0.0.1", stack.http_port))
    s.sendall(f"GET /cse-in/{owner.name}/ch/pcu HTTP/1.1\r\nHost: x\r\nX-M2M-RI: p\r\nX-M2M-Origin: {owner.origin}\r\nX-M2M-RET: {ret}\r\n\r\n".encode())
    return s


def test_a_client_that_leaves_takes_nothing_along(stack, owner, box):
    assert eventually(lambda: left(stack) == 0, PATIENCE)
    s = raw_poll(stack, owner, 60000)
    assert eventually(lambda: left(stack) == 1)
    s.close()
    assert eventually(lambda: left(stack) == 0)
    # Also when the request comes before it is noticed.
    s = raw_poll(stack, owner, 60000)
    assert eventually(lambda: left(stack) == 1)
    s.close()
    owner.create(box, CIN, {"con": "kept"})
    assert con(owner.take()) == "kept"


def test_the_newest_poll_is_served(stack, owner, box):
    assert eventually(lambda: left(stack) == 0, PATIENCE)
    with raw_poll(stack, owner, 60000):
        assert eventually(lambda: left(stack) == 1)
        with meanwhile(owner.poll, 8000) as polled:
            assert eventually(lambda: left(stack) == 2)
            owner.as_(owner.origin).create(box, CIN, {"con": "newest"})
            assert owner.respond(polled.get(timeout=PATIENCE).pc["rqi"]).rsc == 2000


# ---- what comes through it

def test_notify_by_another_application(owner, guest):
    with meanwhile(owner.take, 8000, 2000, {"m2m:cin": {"con": 1.50}}):
        answer = guest.request("POST", f"/cse-in/{owner.name}", {"m2m:sgn": {"sur": "x"}})
    assert (answer.status, answer.rsc, answer.text) == (200, 2000, '{"m2m:cin": {"con": 1.5}}')
    with meanwhile(owner.take, 8000, 4103, {"m2m:dbg": "no"}) as taken:
        answer = guest.request("POST", f"/cse-in/{owner.name}", {"m2m:sgn": {"sur": "y"}}, headers={"X-M2M-OT": "20260101T000000"})
        request = taken.get(timeout=PATIENCE)
    assert (answer.status, answer.rsc, answer.json) == (403, 4103, {"m2m:dbg": "no"})
    assert (request["fr"], request["to"], request["op"], request["ot"]) == (guest.origin, owner.origin, 5, "20260101T000000")
    assert answer.headers["X-M2M-RI"] == request["rqi"]


def test_the_same_request_identifier_twice(owner, guest, admin):
    """Clients in the field use one for ever: the answers still go where they belong."""
    other = admin.ae("samerqi")
    told = queue.Queue()

    def tell(client, sur):
        told.put((sur, client.request("POST", f"/cse-in/{owner.name}", {"m2m:sgn": {"sur": sur}}, headers={"X-M2M-RI": "same"}).json))

    threads = [threading.Thread(target=tell, args=a) for a in ((guest, "a"), (other, "b"))]
    for t in threads:
        t.start()
    for _ in threads:
        request = owner.poll(8000).pc
        assert owner.respond("same", pc={"m2m:x": request["pc"]["m2m:sgn"]["sur"]}).rsc == 2000
    for t in threads:
        t.join(PATIENCE)
    assert sorted(told.get(timeout=PATIENCE) for _ in threads) == [("a", {"m2m:x": "a"}), ("b", {"m2m:x": "b"})]
    admin.delete("samerqi")


def test_nobody_polls_or_answers(owner, guest):
    """4008 comes when the way back took too long."""
    answer = guest.request("POST", f"/cse-in/{owner.name}", {"m2m:sgn": {}}, headers={"X-M2M-RET": "700"})
    assert answer.rsc == 4008 or (answer.rsc == 5103 and "polled" in answer.dbg), answer
    with meanwhile(owner.poll, 8000) as polled:
        answer = guest.request("POST", f"/cse-in/{owner.name}", {"m2m:sgn": {}}, headers={"X-M2M-RET": "1500"})
        assert polled.get(timeout=PATIENCE).rsc == 2000
    assert answer.rsc == 4008 or (answer.rsc == 5103 and "no answer" in answer.dbg), answer


def test_not_reachable_without_a_channel(owner_of, guest):
    mute = owner_of("mute1", channel=False, poa=["http://127.0.0.1:9/x"])
    answer = guest.request("POST", f"/cse-in/{mute.name}", {"m2m:sgn": {}})
    assert answer.rsc == 5103 and "rr" in answer.dbg


def test_points_of_access_are_the_second_choice(owner_of, guest, receiver):
    mine = owner_of("both1", rr=True, poa=[receiver.url])
    answer = guest.request("POST", f"/cse-in/{mine.name}", {"m2m:sgn": {"sur": "x"}}, headers={"X-M2M-RET": "3000"})
    assert answer.rsc == 2000 and receiver.next() == {"sur": "x"}
    with meanwhile(mine.take, 8000) as taken:
        assert guest.request("POST", f"/cse-in/{mine.name}", {"m2m:sgn": {"sur": "y"}}).rsc == 2000
        assert taken.get(timeout=PATIENCE)["pc"]["m2m:sgn"]["sur"] == "y"
    assert receiver.none(0.1)


@pytest.mark.parametrize("rsc, expected", [(2000, 2001), (4103, 5204)])
def test_subscription_asks_through_it(owner, ae, rsc, expected):
    ae.create(ae.name, CNT, {"rn": "c"})
    with meanwhile(owner.take, 8000, rsc) as taken:
        answer = ae.create(f"{ae.name}/c", SUB, {"nu": [owner.origin], "enc": {"net": [3]}})
        sgn = taken.get(timeout=PATIENCE)["pc"]["m2m:sgn"]
    assert answer.rsc == expected, answer
    assert sgn["vrq"] is True and sgn["cr"] == ae.origin
    if expected == 2001:
        ae.create(f"{ae.name}/c", CIN, {"con": "for the other"})
        assert con(owner.take()) == "for the other"


def test_addressed_by_path(owner, box):
    assert owner.update(f"{box}/s", "m2m:sub", {"nu": [f"cse-in/{owner.name}"]}).rsc == 2004
    owner.create(box, CIN, {"con": "by path"})
    assert con(owner.take()) == "by path"


def test_address_of_nobody_else(owner, ae):
    """The address that is used inside is no address for others."""
    ae.create(ae.name, CNT, {"rn": "c"})
    for target in (f"poll:pch{owner.origin}", f"poll://pch{owner.origin}"):
        assert ae.update(ae.name, "m2m:ae", {"poa": [f"poll:pch{owner.origin}"]}).rsc == 4000
        ae.create(f"{ae.name}/c", SUB, {"nu": [target]})
    ae.create(f"{ae.name}/c", CIN, {"con": "x"})
    ae.update(f"{ae.name}/c", "m2m:cnt", {"lbl": ["x"]})
    assert owner.poll(500).rsc == 4008
