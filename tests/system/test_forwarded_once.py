"""A CREATE for another CSE is never sent twice by itself: not even when the kept connection that it went over ends without an answer."""

import json
import re
import socket
import threading

import pytest

from client import CIN, CSR

ANSWER = json.dumps({"m2m:cin": {"con": "1"}}).encode()


class Other:
    """Another CSE, at one connection at a time: it answers the first `answers` requests, then it reads one more and hangs up."""

    def __init__(self, answers):
        self.answers, self.requests, self.connections = answers, [], 0
        self.server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.server.getsockname()[1]}"
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        try:
            while True:
                peer, _ = self.server.accept()
                self.connections += 1
                with peer, peer.makefile("rb") as lines:
                    while self.request(peer, lines):
                        pass
        except OSError:
            pass

    def request(self, peer, lines):
        head = b"".join(iter(lambda: lines.readline().rstrip(b"\n") + b"\n", b"\r\n"))
        if not head.strip():
            return False
        lines.read(int(re.search(rb"(?i)content-length: *(\d+)", head)[1]))
        self.requests.append((self.connections, re.search(rb"(?i)x-m2m-ri: *(\S+)", head)[1].decode()))
        if len(self.requests) > self.answers:
            return False
        peer.sendall(f"HTTP/1.1 201 Created\r\nX-M2M-RSC: 2001\r\nX-M2M-RI: {self.requests[-1][1]}\r\nContent-Type: application/json\r\nContent-Length: {len(ANSWER)}\r\n\r\n".encode() + ANSWER)
        return True


@pytest.fixture
def other(stack, ae):
    o = Other(answers=2)
    admin = ae.as_("CAdmin")
    assert admin.create("", CSR, {"rn": "id-once", "csi": "/id-once", "cb": "/id-once/cse", "poa": [o.url], "rr": True, "srv": ["3"]}).rsc == 2001
    yield o
    o.server.close()
    admin.delete("id-once")


def test_a_create_is_sent_once(ae, other):
    for _ in range(2):
        assert ae.create("/~/id-once/cse/cnt", CIN, {"con": "1"}).rsc == 2001
    answer = ae.create("/~/id-once/cse/cnt", CIN, {"con": "1"})
    assert answer.rsc // 1000 == 5, answer
    assert [connection for connection, _ in other.requests] == [1, 1, 1]  # a kept one is where libcurl would send again
