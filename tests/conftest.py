import itertools

import pytest

from client import Client, Receiver
from instance import running_instances
from stack import Stack
from tls import Authority
from tokens import write_issuers

names = itertools.count(1)


@pytest.fixture(scope="session")
def stack():
    """The installation that most tests share; each works below an AE of its own."""
    s = Stack(STORAGE_SWEEP=1000)
    s.authority = Authority(s.dir)
    s.env["TESSERA_MQTT_CA"] = str(s.authority.file)
    s.env["TESSERA_ORCHESTRATOR_TOKEN_ISSUERS"] = str(write_issuers(s.dir, es={"tokens": "/id-das/tokens"}))
    s.start()
    yield s
    s.stop()


@pytest.fixture
def admin(stack):
    return Client(stack.http_port)


@pytest.fixture
def ae(admin):
    """A registered AE; `ae.name` is its resource name."""
    name = f"ae{next(names)}"
    mine = admin.ae(name)
    mine.name = name
    yield mine
    admin.delete(name)


@pytest.fixture
def guest(admin):
    """Another registered AE, which nobody has given any right yet."""
    name = f"guest{next(names)}"
    other = admin.ae(name)
    other.name = name
    yield other
    admin.delete(name)


@pytest.fixture
def receiver():
    with Receiver() as r:
        yield r


@pytest.fixture
def instance(stack):
    yield from running_instances(stack)
