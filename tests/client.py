"""A oneM2M client over HTTP as an application would write it, and a receiver of notifications."""

import contextlib
import http.client
import http.server
import itertools
import json
import queue
import re
import socket
import threading
import time

numbers = itertools.count(1)

PATIENCE = 60  # seconds after which a test gives up waiting: it ends what hangs, and is no measure of speed

CSE, AE, CNT, CIN, ACP, SUB = 5, 2, 3, 4, 1, 23
FCNT, TS, TSI, FCIN = 28, 29, 30, 58
CSR = 16
NOD, SCH, TSB, PRMR, STTE, ACTR, DEPR = 14, 18, 60, 63, 64, 65, 66


def stamp(seconds=0):
    """The m2m:timestamp of a moment `seconds` from now."""
    return time.strftime("%Y%m%dT%H%M%S", time.gmtime(time.time() + seconds))


def moment(ms):
    """The m2m:timestamp of a moment in ms since 1970."""
    return time.strftime("%Y%m%dT%H%M%S", time.gmtime(ms // 1000)) + f",{ms % 1000:03}"


def case_name(value):
    """The name of a case of a test. Times are left out: it has to be the same in every process that runs tests."""
    return re.sub(r"\d{8}T\d{6}", "time", str(value))[:30]


def eventually(check, seconds=PATIENCE):
    """Waits until `check` returns something true; that, or what it returned last."""
    end = time.monotonic() + seconds
    while not (result := check()) and time.monotonic() < end:
        time.sleep(0.05)
    return result


class Answer:
    def __init__(self, response, body):
        self.status = response.status
        self.headers = response.headers
        self.text = body.decode() if "cbor" not in (response.headers.get("Content-Type") or "") else body
        rsc = response.headers.get("X-M2M-RSC")
        self.rsc = int(rsc) if rsc else None

    @property
    def json(self):
        return json.loads(self.text)

    @property
    def pc(self):
        """What is below the content's root key."""
        return next(iter(self.json.values()))

    @property
    def dbg(self):
        return self.json.get("m2m:dbg", "") if self.text else ""

    @property
    def found(self):
        """The addresses that a discovery found."""
        return self.json["m2m:uril"]

    def __repr__(self):
        return f"<{self.status} rsc {self.rsc} {self.text[:300]!r}>"


class Client:
    """Keeps one connection. `origin` None sends no X-M2M-Origin."""

    def __init__(self, port, origin="CAdmin", base="/cse-in"):
        self.port, self.origin, self.base = port, origin, base
        self.connection = None

    def as_(self, origin):
        return Client(self.port, origin, self.base)

    def request(self, method, path="", body=None, ty=None, headers=None, **query):
        if body is None and ty is not None:  # a filter
            query["ty"] = ty
        if not path.startswith("/"):
            path = f"{self.base}/{path}" if path else self.base
        if body is None and ty is not None:
            query["ty"] = ty  # of a filter: without content there is nothing that it could be the type of
        if query:
            path += "?" + "&".join(f"{k.rstrip('_')}={v}" for k, v in query.items())
        head = {"X-M2M-RI": f"r{next(numbers)}", "X-M2M-RVI": "3"}
        if self.origin is not None:
            head["X-M2M-Origin"] = self.origin
        if body is not None:
            head["Content-Type"] = "application/json" + (f";ty={ty}" if ty else "")
            body = body if isinstance(body, (str, bytes)) else json.dumps(body)
        head.update(headers or {})
        head = {k: v for k, v in head.items() if v is not None}
        for fresh in (False, True):
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
                fresh = True
            try:
                self.connection.request(method, path, body, head)
                response = self.connection.getresponse()
                return Answer(response, response.read())
            except (http.client.BadStatusLine, ConnectionError, socket.timeout):
                self.connection.close()
                self.connection = None
                if fresh or method not in ("GET", "HEAD"):
                    raise

    def create(self, parent, ty, attributes, **more):
        key = {AE: "m2m:ae", CNT: "m2m:cnt", CIN: "m2m:cin", ACP: "m2m:acp", SUB: "m2m:sub", TS: "m2m:ts", TSI: "m2m:tsi", NOD: "m2m:nod",
               SCH: "m2m:sch", TSB: "m2m:tsb", PRMR: "m2m:prmr", STTE: "m2m:stte", ACTR: "m2m:actr", DEPR: "m2m:depr", CSR: "m2m:csr"}[ty]
        return self.request("POST", parent, {key: attributes}, ty=ty, **more)

    def get(self, path="", **query):
        return self.request("GET", path, **query)

    def update(self, path, key, attributes, **more):
        return self.request("PUT", path, {key: attributes}, **more)

    def delete(self, path, **query):
        return self.request("DELETE", path, **query)

    def discover(self, path="", **query):
        return self.request("GET", path, fu=1, **query)

    # ---- what most tests begin with

    def ae(self, rn, **attributes):
        """Registers the AE "C" + rn; a client that acts as it."""
        mine = self.as_(f"C{rn}")
        answer = mine.create("", AE, {"rn": rn, "api": "N.test", "rr": True, "srv": ["3"], **attributes})
        assert answer.rsc == 2001, answer
        return mine


class Receiver:
    """An HTTP server for notifications: `got` is a queue of (headers, JSON). `answer` may change status and headers, and add content.
    `tls`: the context of an HTTPS server."""

    def __init__(self, answer=None, port=0, tls=None):
        self.got = queue.Queue()
        self.connections = set()
        self.answer = answer or (lambda headers, body: (200, {"X-M2M-RSC": "2000"}))
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def setup(self):
                super().setup()
                receiver.connections.add(self.connection)

            def finish(self):
                receiver.connections.discard(self.connection)
                super().finish()

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                data = json.loads(body) if "json" in self.headers.get("Content-Type", "") else body
                status, headers, *content = receiver.answer(self.headers, data)
                content = json.dumps(content[0]).encode() if content else b""
                if status == 200:
                    receiver.got.put((self.headers, data))
                self.send_response(status)
                for k, v in {"X-M2M-RI": self.headers.get("X-M2M-RI", ""), "Content-Length": str(len(content)), **headers}.items():
                    self.send_header(k, v)
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_PUT = do_POST  # of another CSE

            def log_message(self, *args):
                pass

        class Server(http.server.ThreadingHTTPServer):
            request_queue_size = 256
            daemon_threads = True

        self.server = Server(("127.0.0.1", port), Handler)
        self.port = self.server.server_address[1]
        self.url = f"https://localhost:{self.port}/n" if tls else f"http://127.0.0.1:{self.port}/n"
        if tls:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def next(self, timeout=PATIENCE):
        """The next notification: what is below m2m:sgn (or m2m:agn)."""
        return next(iter(self.got.get(timeout=timeout)[1].values()))

    def message(self):
        """The next notification with its header fields: (headers, JSON)."""
        return self.got.get(timeout=PATIENCE)

    def none(self, seconds=0.5):
        try:
            extra = self.got.get(timeout=seconds)
        except queue.Empty:
            return True
        raise AssertionError(f"unexpected notification {extra[1]}")

    def many(self, count, timeout=PATIENCE):
        """The next `count` notifications."""
        return [self.next(timeout) for _ in range(count)]

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        for connection in list(self.connections):  # kept alive by the sender: it is to notice that nobody is here
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
