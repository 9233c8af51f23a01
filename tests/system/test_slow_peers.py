"""Peers that send next to nothing, many at once: others are served meanwhile, and the slow ones are closed."""

import contextlib
import socket
import threading
import time

from client import PATIENCE, Client, eventually
from stack import free_ports
from ws import WebSocket

MANY, SECONDS_BETWEEN = 80, 0.05
HEADERS = b"X-M2M-Origin: CAdmin\r\nX-M2M-RI: 1\r\n"
HANDSHAKE = b"GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: oneM2M.json\r\n"
KEY = b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
MASK = bytes(4)
PING, PONG = 0x89, bytes([0x8a, 0x80]) + MASK


def endless(fragment):
    while True:
        yield fragment


def bytewise(data):
    return (data[i:i + 1] for i in range(len(data)))


# What is sent at once, and then bit by bit.
SLOW = {
    "HTTP header": ("http", b"", lambda: bytewise(b"GET /cse-in HTTP/1.1\r\n" + b"X-A: b\r\n" * 10000)),
    "HTTP body": ("http", b"POST /cse-in HTTP/1.1\r\nHost: h\r\nContent-Type: application/json;ty=2\r\nContent-Length: 2000\r\n" + HEADERS + b"\r\n", lambda: endless(b"x")),
    "WebSocket handshake": ("websocket", b"", lambda: bytewise(HANDSHAKE + b"X-A: b\r\n" * 10000)),
    "WebSocket nothing": ("websocket", b"", lambda: endless(b"")),
    "WebSocket frame": ("websocket", HANDSHAKE + KEY + bytes([0x81, 0xfe, 0xff, 0xff]) + MASK, lambda: endless(b"x")),
    "WebSocket fragments": ("websocket", HANDSHAKE + KEY + bytes([0x01, 0x81]) + MASK + b"{", lambda: endless(bytes([0x00, 0x81]) + MASK + b" ")),
}


class Drip(threading.Thread):
    """MANY connections of a kind. `closed` counts those that were ended from the other side."""

    def __init__(self, port, at_once, rest):
        super().__init__(daemon=True)
        self.closed, self.ended = 0, False
        self.open = {}
        for _ in range(MANY):
            s = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
            s.sendall(at_once)
            s.setblocking(False)
            self.open[s] = rest()
        self.start()

    def step(self, s, bits):
        with contextlib.suppress(BlockingIOError):
            while got := s.recv(4096):
                if got[0] == PING:
                    s.sendall(PONG)
            return False
        s.sendall(next(bits))
        return True

    def run(self):
        while self.open and not self.ended:
            for s, bits in list(self.open.items()):
                try:
                    still = self.step(s, bits)
                except OSError:
                    still = False
                if not still:
                    self.closed += 1
                    del self.open[s]
                    s.close()
            time.sleep(SECONDS_BETWEEN)
        for s in self.open:
            s.close()


def test_others_are_served_and_the_slow_ones_are_closed(instance, ae):
    ports = {"http": free_ports(), "websocket": free_ports()}
    web = instance("http.8", HTTP_PORT=ports["http"], HTTP_TIMEOUT=1).ready()
    sockets = instance("websocket.8", WEBSOCKET_PORT=ports["websocket"], WEBSOCKET_HANDSHAKE=1, WEBSOCKET_PING=1, WEBSOCKET_PONG=1).ready()
    slow = {kind: Drip(ports[where], at_once, rest) for kind, (where, at_once, rest) in SLOW.items()}
    try:
        with WebSocket(ports["websocket"], ae.origin) as c:  # they are all still open: none is closed before a second has passed
            for _ in range(20):
                assert c.ask(2, f"cse-in/{ae.name}")["rsc"] == 2000
                assert Client(ports["http"], ae.origin).get(ae.name).rsc == 2000
            assert eventually(lambda: all(drip.closed == MANY for drip in slow.values())), {kind: drip.closed for kind, drip in slow.items()}
            assert c.ask(2, f"cse-in/{ae.name}")["rsc"] == 2000  # who is fast is kept
    finally:
        for drip in slow.values():
            drip.ended = True
            drip.join(PATIENCE)
    assert web.metric("tessera_http_connections_shut_total") >= MANY
    assert sockets.metric("tessera_websocket_connections_shut_total") >= MANY
