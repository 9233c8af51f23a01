"""HTTP as bytes, for what a well-behaved client never sends."""

import socket

from client import PATIENCE


class Reply:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def __getitem__(self, name):
        """The value of a header field, None if absent; given twice it is an error of the server."""
        values = [v for k, v in self.headers if k == name.lower()]
        assert len(values) < 2, f"{name}: {values}"
        return values[0] if values else None

    @property
    def rsc(self):
        return int(self["X-M2M-RSC"]) if self["X-M2M-RSC"] else None

    def __repr__(self):
        return f"<{self.status} rsc {self['X-M2M-RSC']} {self.body[:300]!r}>"


class Wire:
    """One connection."""

    def __init__(self, port, timeout=PATIENCE):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data if isinstance(data, bytes) else data.encode("utf-8"))
        return self

    def _more(self):
        chunk = self.socket.recv(65536)
        if not chunk:
            raise EOFError(self.buffer)
        self.buffer += chunk

    def read(self, method="GET"):
        """The next response; `method` of its request says whether there is a body."""
        while b"\r\n\r\n" not in self.buffer:
            self._more()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        line, *fields = head.decode("utf-8").split("\r\n")
        status = int(line.split()[1])
        headers = [(k.strip().lower(), v.strip()) for k, v in (f.split(":", 1) for f in fields)]
        size = int(dict(headers).get("content-length", 0))
        if method == "HEAD" or status in (204, 304) or status < 200:
            size = 0
        while len(self.buffer) < size:
            self._more()
        body, self.buffer = self.buffer[:size], self.buffer[size:]
        return Reply(status, headers, body)

    def rest(self):
        """All that comes until the server ends the connection; fails when it does not."""
        try:
            while True:
                self._more()
        except (EOFError, ConnectionError):
            return self.buffer

    def closed(self):
        """True when the server ends the connection without saying anything more."""
        try:
            self._more()
        except (EOFError, ConnectionError):
            return not self.buffer
        except socket.timeout:
            pass
        return False


def message(method, target, headers=None, body=b"", version="1.1", length=True):
    """The bytes of one request. Header fields: a dict or a list of pairs; None leaves one out."""
    fields = {"Host": "x", "X-M2M-Origin": "CAdmin", "X-M2M-RI": "w1", "X-M2M-RVI": "3"}
    pairs = []
    if isinstance(headers, list):
        pairs = headers
    else:
        fields.update(headers or {})
    body = body if isinstance(body, bytes) else body.encode("utf-8")
    if length and body:
        pairs = pairs + [("Content-Length", str(len(body)))]
    pairs = [(k, v) for k, v in fields.items() if v is not None] + pairs
    return f"{method} {target} HTTP/{version}\r\n".encode("utf-8") + "".join(f"{k}: {v}\r\n" for k, v in pairs).encode("utf-8") + b"\r\n" + body


def ask(port, method, target, headers=None, body=b"", **more):
    """One request on a connection of its own."""
    with Wire(port) as wire:
        return wire.send(message(method, target, headers, body, **more)).read(method)
