"""CoAP (RFC 7252, 7959) and its oneM2M binding (TS-0008) as a constrained client would write them, and a receiver of requests."""

import contextlib
import itertools
import json
import os
import pathlib
import queue
import random
import re
import socket
import subprocess
import threading
import time

import cbor2

CON, NON, ACK, RST = range(4)
GET, POST, PUT, DELETE, FETCH = range(1, 6)
METHODS = {1: POST, 2: GET, 3: PUT, 4: DELETE, 5: POST}  # by operation

URI_HOST, ETAG, LOCATION_PATH, URI_PATH, CONTENT_FORMAT, MAX_AGE, URI_QUERY, ACCEPT = 3, 4, 8, 11, 12, 14, 15, 17
BLOCK2, BLOCK1, SIZE2, SIZE1 = 23, 27, 28, 60
JSON, CBOR = 50, 60
# parameter: number, early number, is it a number
OPTIONS = {"fr": (279, 256, False), "rqi": (283, 257, False), "ot": (259, 259, False), "rturi": (263, 263, False), "ty": (267, 267, True),
           "rvi": (271, None, False), "asri": (275, None, False), "rqet": (291, 260, False), "rset": (295, 261, False), "oet": (299, 262, False), "ec": (303, 264, True),
           "rsc": (307, 265, True), "gid": (311, 266, False), "cnot": (319, None, True), "cnst": (323, None, True), "ati": (327, None, False),
           "vsi": (331, None, False), "grtm": (335, None, False), "aus": (339, None, False), "prpi": (347, None, False), "msu": (351, None, False)}

numbers = itertools.count(1)
SHOWN = re.compile(r"v:1 t:(?:ACK|NON|CON) c:([245]\.\d\d) i:\S+ \{\w*\} \[ (.*?) \](?: :: '(.*)')?$")


def uint(value):
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


def number(data):
    return int.from_bytes(data, "big")


class Message:
    def __init__(self, code, options=(), payload=b"", kind=CON, mid=0, token=b""):
        self.code, self.options, self.payload, self.kind, self.mid, self.token = code, list(options), payload, kind, mid, token

    @property
    def dotted(self):
        return self.code // 32 * 100 + self.code % 32

    def option(self, wanted):
        return next((value for n, value in self.options if n == wanted), None)

    def all(self, wanted):
        return [value for n, value in self.options if n == wanted]

    def block(self, wanted):
        """Number, more, size; None."""
        value = self.option(wanted)
        return None if value is None else (number(value) >> 4, bool(number(value) & 8), 16 << (number(value) & 7))

    def body(self):
        """Options and payload as bytes."""
        out, last = b"", 0
        for n, value in sorted(self.options, key=lambda o: o[0]):
            parts = []
            for x in (n - last, len(value)):
                parts.append((x, b"") if x < 13 else (13, bytes([x - 13])) if x < 269 else (14, (x - 269).to_bytes(2, "big")))
            out += bytes([parts[0][0] << 4 | parts[1][0]]) + parts[0][1] + parts[1][1] + value
            last = n
        return out + (b"\xff" + self.payload if self.payload else b"")

    def encode(self):
        return bytes([0x40 | self.kind << 4 | len(self.token), self.code]) + self.mid.to_bytes(2, "big") + self.token + self.body()

    def take(self, data):
        n = at = 0
        while at < len(data) and data[at] != 0xFF:
            head = data[at]
            at += 1
            values = []
            for nibble in (head >> 4, head & 15):
                if nibble == 13:
                    nibble, at = data[at] + 13, at + 1
                elif nibble == 14:
                    nibble, at = int.from_bytes(data[at:at + 2], "big") + 269, at + 2
                values.append(nibble)
            n += values[0]
            self.options.append((n, data[at:at + values[1]]))
            at += values[1]
        self.payload = data[at + 1:]
        return self

    @staticmethod
    def decode(data):
        length = data[0] & 15
        m = Message(data[1], kind=data[0] >> 4 & 3, mid=int.from_bytes(data[2:4], "big"), token=data[4:4 + length])
        return m.take(data[4 + length:])


class Udp:
    """Datagrams to one address."""

    reliable = False

    def __init__(self, port, host="127.0.0.1"):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.connect((host, port))

    def send(self, message):
        with contextlib.suppress(ConnectionRefusedError):
            self.socket.send(message.encode())

    def receive(self, seconds):
        self.socket.settimeout(max(seconds, 0.001))
        try:
            return Message.decode(self.socket.recv(65536))
        except (TimeoutError, ConnectionRefusedError):
            return None

    def close(self):
        self.socket.close()


class Dtls:
    """Datagrams through openssl's client, which `arguments` give keys and certificates."""

    reliable = False

    def __init__(self, port, *arguments):
        self.process = subprocess.Popen(["openssl", "s_client", "-dtls1_2", "-quiet", "-connect", f"127.0.0.1:{port}", *map(str, arguments)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        os.set_blocking(self.process.stdout.fileno(), False)

    def send(self, message):
        with contextlib.suppress(BrokenPipeError):
            os.write(self.process.stdin.fileno(), message.encode())

    def receive(self, seconds):
        end = time.monotonic() + max(seconds, 0)
        while time.monotonic() < end:
            with contextlib.suppress(BlockingIOError):
                data = os.read(self.process.stdout.fileno(), 65536)
                if not data:
                    raise ConnectionResetError
                return Message.decode(data)
            time.sleep(0.002)
        return None

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


class Tcp:
    """Messages over one connection, RFC 8323."""

    reliable = True

    def __init__(self, port, host="127.0.0.1", context=None, name="localhost", seconds=30):
        """`context`: of ssl, for TLS; `name`: what the server is to be called."""
        plain = socket.create_connection((host, port), timeout=seconds)
        self.begin(context.wrap_socket(plain, server_hostname=name) if context else plain)

    def begin(self, connected):
        self.socket = connected
        self.data = b""
        self.send(Message(0xE1, [(2, uint(2 * 1024 * 1024))]))  # CSM

    def send(self, message):
        body, n = message.body(), len(message.body())
        length = (n, b"") if n < 13 else (13, bytes([n - 13])) if n < 269 else (14, (n - 269).to_bytes(2, "big")) if n < 65805 else (15, (n - 65805).to_bytes(4, "big"))
        self.socket.sendall(bytes([length[0] << 4 | len(message.token)]) + length[1] + bytes([message.code]) + message.token + body)

    def need(self, n, end):
        while len(self.data) < n:
            self.socket.settimeout(max(end - time.monotonic(), 0.001))
            more = self.socket.recv(65536)
            if not more:
                raise ConnectionResetError
            self.data += more

    def receive(self, seconds):
        end = time.monotonic() + seconds
        try:
            while True:
                self.need(2, end)
                first, extra = self.data[0] >> 4, {13: 1, 14: 2, 15: 4}.get(self.data[0] >> 4, 0)
                self.need(1 + extra, end)
                n = first if extra == 0 else int.from_bytes(self.data[1:1 + extra], "big") + {1: 13, 2: 269, 4: 65805}[extra]
                token = self.data[0] & 15
                whole = 1 + extra + 1 + token + n
                self.need(whole, end)
                frame, self.data = self.data[:whole], self.data[whole:]
                at = 1 + extra
                m = Message(frame[at], token=frame[at + 1:at + 1 + token]).take(frame[at + 1 + token:])
                if m.code >> 5 != 7:  # signals are left alone
                    return m
        except TimeoutError:
            return None

    def close(self):
        self.socket.close()


class Answer:
    def __init__(self, message, early=False):
        self.message, self.early = message, early
        self.code = message.dotted
        self.separate = message.kind != ACK

    def parameter(self, name):
        n, old, is_number = OPTIONS[name]
        value = self.message.option(old if self.early else n)
        return None if value is None else number(value) if is_number else value.decode()

    @property
    def rsc(self):
        return self.parameter("rsc")

    @property
    def json(self):
        if not self.message.payload:
            return None
        cbor = number(self.message.option(CONTENT_FORMAT) or b"\x32") in (CBOR, 10010, 10011, 10012, 10013)
        return cbor2.loads(self.message.payload) if cbor else json.loads(self.message.payload)

    @property
    def pc(self):
        return next(iter(self.json.values()))

    @property
    def dbg(self):
        return (self.json or {}).get("m2m:dbg", "")

    def __repr__(self):
        return f"<{self.code} rsc {self.rsc} {self.message.payload[:200]!r}>"


class Coap:
    """A client. `early`: it has the numbers of the first drafts; `confirmable` False: it sends NON; `block`: its largest block."""

    def __init__(self, port, originator=None, cbor=False, early=False, confirmable=True, block=1024, transport=None, patience=60, first=1.0):
        self.transport = transport or Udp(port)
        self.originator, self.cbor, self.early, self.confirmable, self.block = originator, cbor, early, confirmable, block
        self.patience, self.first = patience, first  # seconds: for an answer at all; before the first repetition
        self.mid = random.randrange(65536)
        self.seen = []  # all that came for the last request

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.transport.close()

    def exchange(self, message):
        """Sends one message and waits for the response with its token, repeating it if it is confirmable."""
        self.mid = (self.mid + 1) % 65536
        message.mid, message.token = self.mid, random.randbytes(4)
        message.kind = CON if self.confirmable else NON
        end, wait = time.monotonic() + self.patience, self.first
        acknowledged, again = False, time.monotonic()
        while time.monotonic() < end:
            if not acknowledged and time.monotonic() >= again:
                self.transport.send(message)
                again, wait = time.monotonic() + wait, wait * 2
                if not self.confirmable or self.transport.reliable:
                    acknowledged = True
            got = self.transport.receive(min(end, end if acknowledged else again) - time.monotonic())
            if not got:
                continue
            self.seen.append(got)
            if got.kind == CON and not self.transport.reliable:
                self.transport.send(Message(0, kind=ACK, mid=got.mid))
            if got.kind == ACK and got.code == 0 and got.mid == message.mid:
                acknowledged = True
            if got.kind == RST and got.mid == message.mid:
                raise ConnectionResetError
            if got.code and got.token == message.token:
                return got
        raise TimeoutError(f"no answer in {self.patience} s")

    def upload(self, code, options, payload):
        if len(payload) <= self.block or self.transport.reliable:
            return self.exchange(Message(code, options, payload))
        size = self.block
        for at in range(0, len(payload), size):
            more = at + size < len(payload)
            block = (BLOCK1, uint(at // size << 4 | (8 if more else 0) | (size.bit_length() - 5)))
            got = self.exchange(Message(code, [*options, block], payload[at:at + size]))
            if more and got.dotted != 231:
                return got
        return got

    def transfer(self, code, options, payload=b""):
        """Content in blocks in both directions."""
        self.seen = []
        got = self.upload(code, options, payload)
        block, data = got.block(BLOCK2), got.payload
        while block and block[1]:
            wanted = (BLOCK2, uint(len(data) // block[2] << 4 | (block[2].bit_length() - 5)))
            got = self.exchange(Message(code, [*options, wanted]))
            block = got.block(BLOCK2)
            if not block:
                return got
            data += got.payload
        got.payload = data
        return got

    def options(self, parameters):
        out = []
        for name, value in parameters.items():
            n, old, is_number = OPTIONS[name]
            n = old if self.early else n
            if n and value is not None:
                out.append((n, uint(value) if is_number else value.encode()))
        return out

    def ask(self, op, to, pc=None, query=(), extra=(), code=None, **parameters):
        """A request: `to` as a path ("cse-in/ae", "~/id-in/cse-in"), `query` a list of "name=value"."""
        given = {"rqi": f"c{next(numbers)}", "rvi": "3", "fr": self.originator, **parameters}
        options = self.options(given) + [(URI_PATH, part.encode()) for part in to.split("/")] + [(URI_QUERY, q.encode()) for q in query] + list(extra)
        payload = b""
        if pc is not None:
            payload = pc if isinstance(pc, bytes) else cbor2.dumps(pc) if self.cbor else json.dumps(pc).encode()
            options.append((CONTENT_FORMAT, uint(CBOR if self.cbor else JSON)))
        if self.cbor:
            options.append((ACCEPT, uint(CBOR)))
        answer = Answer(self.transfer(code or METHODS[op], options, payload), self.early)
        assert answer.parameter("rqi") in (given["rqi"], None)
        return answer


class DtlsLink:
    """One peer's datagrams through openssl's server."""

    def __init__(self, port, *arguments):
        self.port = port
        self.process = subprocess.Popen(["openssl", "s_server", "-dtls1_2", "-quiet", "-accept", f"127.0.0.1:{port}", *map(str, arguments)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        while f":{port:04X} 00000000:0000" not in pathlib.Path("/proc/net/udp").read_text():
            time.sleep(0.01)

    def getsockname(self):
        return "127.0.0.1", self.port

    def recvfrom(self, size):
        return os.read(self.process.stdout.fileno(), size), None

    def sendto(self, data, _):
        os.write(self.process.stdin.fileno(), data)

    def shutdown(self, _):
        self.process.kill()
        self.process.wait()

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()


class TlsLink(Tcp):
    """One peer's messages over TLS, which it writes and reads as datagrams. `asked`: the name that it was asked for; `peer`: who came."""

    def __init__(self, context):
        family, _, _, _, (host, *_) = socket.getaddrinfo("localhost", 0, type=socket.SOCK_DGRAM, flags=socket.AI_ADDRCONFIG)[0]
        self.listener = socket.create_server((host, 0), family=family)
        self.socket = self.asked = self.peer = None
        self.context = context
        context.sni_callback = self.on_name

    def on_name(self, _, name, __):
        self.asked = name

    def getsockname(self):
        return self.listener.getsockname()

    def recvfrom(self, _):
        while not self.socket:
            plain = self.listener.accept()[0]
            with contextlib.suppress(OSError):
                secure = self.context.wrap_socket(plain, server_side=True)
                self.peer = secure.getpeercert()
                self.begin(secure)
        message = self.receive(3600)
        message.mid = next(numbers) % 65536
        return message.encode(), None

    def sendto(self, data, _):
        self.send(Message.decode(data))

    def shutdown(self, how):
        for s in (self.listener, self.socket):
            with contextlib.suppress(OSError, AttributeError):
                s.shutdown(how)

    def close(self):
        self.listener.close()
        if self.socket:
            self.socket.close()


class Receiver:
    """Where the CSE sends requests to: each is answered with `rsc` and `code`, and is in `requests`."""

    def __init__(self, rsc=2000, code=204, answer=None, silent=0, early=False, separate=False, link=None):
        """`link`: instead of a socket for datagrams."""
        self.socket = link or socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        if not link:
            self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.url = f"coap://127.0.0.1:{self.port}/n"
        self.requests, self.rsc, self.code, self.answer, self.silent, self.separate = queue.Queue(), rsc, code, answer, silent, separate
        self.uploads, self.answered, self.datagrams = {}, {}, 0
        self.early = early
        threading.Thread(target=self.run, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)  # wakes who reads: then the port is free, and senders are told
        self.socket.close()

    def get(self, seconds=20):
        return self.requests.get(timeout=seconds)

    def run(self):
        with contextlib.suppress(OSError, ValueError):
            while True:
                data, peer = self.socket.recvfrom(65536)
                if not data:
                    return
                self.datagrams += 1
                if self.silent > 0:
                    self.silent -= 1
                    continue
                m = Message.decode(data)
                if m.code and m.code < 32:
                    self.take(m, peer)

    def reply(self, m, peer, code, options=(), payload=b""):
        kind, mid = (ACK if m.kind == CON else NON), m.mid
        if self.separate:
            self.socket.sendto(Message(0, kind=ACK, mid=m.mid).encode(), peer)
            kind, mid = CON, m.mid ^ 0x5555
        self.answered[peer, m.mid] = out = Message(code // 100 * 32 + code % 100, options, payload, kind, mid, m.token).encode()
        self.socket.sendto(out, peer)

    def take(self, m, peer):
        if (peer, m.mid) in self.answered:
            self.socket.sendto(self.answered[peer, m.mid], peer)
            return
        block = m.block(BLOCK1)
        if block:
            key = (peer, m.option(283))
            self.uploads[key] = (self.uploads.get(key, b"") if block[0] else b"") + m.payload
            if block[1]:
                self.reply(m, peer, 231, [(BLOCK1, m.option(BLOCK1))])
                return
            m.payload = self.uploads.pop(key)
        wanted = m.block(BLOCK2)
        if not wanted or wanted[0] == 0:
            self.requests.put(m)
        options = [(265 if self.early else 307, uint(self.rsc)), (257 if self.early else 283, m.option(283) or b"")]
        payload = json.dumps(self.answer).encode() if self.answer else b""
        if len(payload) > 512:
            at = wanted[0] * wanted[2] if wanted else 0
            size = wanted[2] if wanted else 512
            options.append((BLOCK2, uint(at // size << 4 | (8 if at + size < len(payload) else 0) | size.bit_length() - 5)))
            payload = payload[at:at + size]
        if payload:
            options.append((CONTENT_FORMAT, uint(JSON)))
        if block:
            options.append((BLOCK1, m.option(BLOCK1)))
        self.reply(m, peer, self.code, options, payload)


def coap_client(*arguments):
    """libcoap's client: code, options as it shows them, and content of the first final answer. It drops answers with critical options that it does not
    know, and those of oneM2M are critical by their numbers: so it shows them (-v 7) but does not fetch further blocks."""
    with subprocess.Popen(["coap-client-gnutls", "-v", "7", "-B", "30", *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        seen = []
        try:
            for line in process.stdout:
                seen.append(line)
                found = SHOWN.search(line)
                if found and found[1] != "2.31":
                    return found.groups()
        finally:
            process.kill()
    raise AssertionError("".join(seen)[-2000:])


def content(message):
    """What a request carries."""
    return cbor2.loads(message.payload) if number(message.option(CONTENT_FORMAT) or b"") == CBOR else json.loads(message.payload)
