"""Who is told over which binding: the addresses of an AE in order, whatever protocol they name; services that do not run cost no time."""

import threading
import time

import pytest

from bus import Bus, pack, unpack
from client import CIN, CNT, SUB, Client
from stack import Stack

FOREIGN = ["coap://127.0.0.1:9/n", "coaps+tcp://127.0.0.1:9", "mqtt://127.0.0.1:9/x", "wss://default", "ftp://127.0.0.1:9"]
SOON = 4  # seconds: less than the time that one address that does not answer is given


class Service:
    """Plays a protocol service: takes what is for `keys` and answers it."""

    def __init__(self, stack, user, queue, *keys, exclusive=False):
        self.bus, self.got, self.ended = Bus(stack, user), [], False
        arguments = {"x-max-length": 100000, "x-message-ttl": 60000, **({} if exclusive else {"x-expires": 10000})}
        self.bus.channel.queue_declare(queue, durable=not exclusive, exclusive=exclusive, arguments=arguments)
        for key in keys:
            self.bus.channel.queue_bind(queue, "cse.requests", key)
        self.queue = queue
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        channel = self.bus.channel
        channel.basic_consume(self.queue, self.take, auto_ack=True)
        while not self.ended:
            self.bus.connection.process_data_events(0.05)

    def take(self, channel, method, properties, body):
        for head, content in unpack(body):
            self.got.append((head, content))
            channel.basic_publish("cse.replies", properties.reply_to, pack(({"id": head["id"], "st": "ok", "rsc": 2000, "sent": True}, None)))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.ended = True
        self.thread.join()
        self.bus.channel.queue_delete(self.queue)  # at once; the broker does so after ten seconds
        self.bus.connection.close()


@pytest.fixture(scope="module")
def stack():
    """One where no binding but HTTP is served."""
    s = Stack(instances="storage=1 orchestrator=1 notification=1 http=1")
    s.start()
    yield s
    s.stop()


@pytest.fixture
def admin(stack):
    return Client(stack.http_port)


@pytest.fixture
def far(admin, receiver):
    """An AE whose first addresses nobody serves."""
    name = f"far{time.time_ns()}"
    mine = admin.ae(name, poa=FOREIGN + [receiver.url])
    mine.name = name
    yield mine
    admin.delete(name)


def notify(client, to):
    return client.request("POST", to, {"m2m:sgn": {"sur": "x"}})


def test_next_address_at_once(far, receiver):
    began = time.monotonic()
    assert notify(far, far.name).rsc == 2000
    assert time.monotonic() - began < SOON
    assert receiver.message()[1] == {"m2m:sgn": {"sur": "x"}}


def test_subscription(far, receiver):
    """The verification and the notifications go the same way."""
    far.create(far.name, CNT, {"rn": "c"})
    began = time.monotonic()
    assert far.create(f"{far.name}/c", SUB, {"nu": [f"C{far.name}"], "enc": {"net": [3]}}).rsc == 2001
    for n in range(5):
        far.create(f"{far.name}/c", CIN, {"con": n})
    got = [receiver.next() for _ in range(5)]
    assert [sgn["nev"]["rep"]["m2m:cin"]["con"] for sgn in got] == list(range(5))
    assert time.monotonic() - began < 3 * SOON


def test_nothing_reaches(far):
    far.update(far.name, "m2m:ae", {"poa": FOREIGN})
    began = time.monotonic()
    assert notify(far, far.name).rsc == 5103
    assert time.monotonic() - began < SOON
    far.update(far.name, "m2m:ae", {"poa": None})
    assert notify(far, far.name).rsc == 5103


@pytest.mark.parametrize("url, user", [("coap+tcp://127.0.0.1:9/n", "coap"), ("mqtts://127.0.0.1:9/n", "mqtt"), ("ws://127.0.0.1:9/n", "websocket")])
def test_role_of_a_scheme(stack, far, url, user):
    role = "egress.ws" if user == "websocket" else f"egress.{user}"
    far.update(far.name, "m2m:ae", {"poa": [url, "http://127.0.0.1:9"]})
    with Service(stack, user, role, role) as service:
        assert notify(far, far.name).rsc == 2000
        [(head, content)] = service.got
        assert (head["url"], head["op"], head["to"], content) == (url, 5, f"C{far.name}", {"m2m:sgn": {"sur": "x"}})


def test_connection(stack, far):
    """Who has connected here is reached by that, if by nothing else, or where ws://default says so."""
    with Service(stack, "websocket", "egress.ws.instance", f"egress.ws.C{far.name}", exclusive=True) as service:
        for change in ({"poa": None}, {"poa": ["http://127.0.0.1:9"], "rr": False}, {"poa": ["coap://127.0.0.1:9", "ws://default"], "rr": True}):
            assert far.update(far.name, "m2m:ae", change).rsc == 2004
            assert notify(far, far.name).rsc == 2000, change
        assert [head["url"] for head, _ in service.got] == [f"ws:C{far.name}"] * 3


def test_may_not_take_others(stack):
    """One service has no right to the addresses of another."""
    with Bus(stack, "websocket") as bus:
        with pytest.raises(Exception, match="ACCESS_REFUSED|refused"):
            bus.channel.queue_bind(bus.queue, "cse.requests", "egress.http")
