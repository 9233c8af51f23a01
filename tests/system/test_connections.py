"""As many connections as are set, and the next one as soon as one of them closes; on an installation of its own."""

import socket
import time

import pytest

from client import PATIENCE
from stack import Stack

LIMIT = 4
REQUEST = b"GET /cse-in HTTP/1.1\r\nHost: x\r\nX-M2M-Origin: CAdmin\r\nX-M2M-RI: 1\r\nX-M2M-RVI: 3\r\n\r\n"


@pytest.fixture(scope="module")
def small():
    s = Stack(HTTP_CONNECTIONS=LIMIT)
    s.start()
    yield s
    s.stop()


def connect(stack):
    """A connection that is being served."""
    s = socket.create_connection(("127.0.0.1", stack.http_port), timeout=PATIENCE)
    s.sendall(REQUEST)
    assert s.recv(65536).startswith(b"HTTP/1.1 200")
    return s


def test_who_waits_is_let_in_when_another_leaves(small):
    took, pace = [], small.pace()
    for _ in range(5):
        held = [connect(small) for _ in range(LIMIT)]
        with socket.create_connection(("127.0.0.1", small.http_port), timeout=PATIENCE) as waiting:
            waiting.sendall(REQUEST)
            waiting.settimeout(0.3)
            with pytest.raises(TimeoutError):
                waiting.recv(1)
            begin = time.monotonic()
            for s in held:
                s.close()
            waiting.settimeout(PATIENCE)
            assert waiting.recv(65536).startswith(b"HTTP/1.1 200")
            took.append(time.monotonic() - begin)
    assert sorted(took)[2] < 0.3 + 20 * pace, took
