"""A WebSocket client of a CSE: requests both ways over one connection (TS-0020)."""

import asyncio
import contextlib
import itertools
import json
import queue
import select
import threading

import cbor2
import websocket
import websockets

numbers = itertools.count(1)


class WebSocket:
    """One connection. `answer` says how requests of the CSE are answered: the response's rsc, None for not at all."""

    def __init__(self, port, originator=None, cbor=False, announce=False, subprotocol=None, tls=None):
        self.originator, self.cbor, self.answer = originator, cbor, 2000
        self.requests = queue.Queue()  # of the CSE
        self.waiting = {}
        self.socket = websocket.create_connection(
            f"wss://localhost:{port}/" if tls else f"ws://127.0.0.1:{port}/", timeout=30, sslopt={"context": tls} if tls else {}, header=[f"X-M2M-Origin: {originator}"] if announce else [],
            subprotocols=[subprotocol or ("oneM2M.cbor" if cbor else "oneM2M.json")])
        self.status = None  # why it was closed
        self.ending, self.lock = False, threading.Lock()  # TLS: either reads or writes
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Not while it is read: somebody else's connection may get the same descriptor."""
        self.ending = True
        if self.thread is not threading.current_thread():
            self.thread.join()
        with contextlib.suppress(OSError, websocket.WebSocketException):
            self.socket.close(timeout=1)

    def readable(self):
        sock = self.socket.sock
        return (hasattr(sock, "pending") and sock.pending()) or select.select([sock], [], [], 0.02)[0]

    def read(self):
        try:
            while not self.ending:
                if not self.readable():
                    continue
                with self.lock:
                    opcode, data = self.socket.recv_data(control_frame=True)
                if opcode == websocket.ABNF.OPCODE_CLOSE:
                    self.status = int.from_bytes(data[:2], "big")
                    break
                if opcode not in (websocket.ABNF.OPCODE_PING, websocket.ABNF.OPCODE_PONG):
                    self.take(cbor2.loads(data) if self.cbor else json.loads(data))
        except (OSError, ValueError, websocket.WebSocketException):
            pass
        for waiting in list(self.waiting.values()):
            waiting.put(None)

    def take(self, primitive):
        if "rsc" in primitive:
            self.waiting.pop(primitive.get("rqi"), queue.Queue()).put(primitive)
            return
        self.requests.put(primitive)
        if self.answer:
            self.send({"rsc": self.answer, "rqi": primitive["rqi"], "rvi": "3"})

    def send(self, primitive):
        with self.lock:
            if self.cbor:
                self.socket.send_binary(cbor2.dumps(primitive))
            else:
                self.socket.send(json.dumps(primitive))

    def ask(self, op, to, pc=None, **parameters):
        """Sends a request and waits for its response; None if the connection ends."""
        rqi = parameters.setdefault("rqi", f"w{next(numbers)}")
        primitive = {"op": op, "to": to, "rvi": "3", **({"fr": self.originator} if self.originator else {}), **parameters}
        if pc is not None:
            primitive["pc"] = pc
        self.waiting[rqi] = answers = queue.Queue()
        self.send(primitive)
        return answers.get(timeout=60)

    def request(self, seconds=60):
        """The next request of the CSE."""
        return self.requests.get(timeout=seconds)


class WebSocketServer:
    """Where the CSE opens connections to: what it sends is in `requests`, and answered with 2000."""

    def __init__(self, cbor=False, tls=None):
        self.cbor, self.tls, self.requests, self.connections = cbor, tls, queue.Queue(), 0
        self.loop = asyncio.new_event_loop()
        started = threading.Event()
        threading.Thread(target=self.run, args=(started,), daemon=True).start()
        started.wait(30)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        asyncio.run_coroutine_threadsafe(self.end(), self.loop).result(30)
        self.loop.call_soon_threadsafe(self.loop.stop)

    async def end(self):
        self.server.close()
        await self.server.wait_closed()

    def run(self, started):
        asyncio.set_event_loop(self.loop)
        protocols = ["oneM2M.cbor" if self.cbor else "oneM2M.json"]
        self.server = self.loop.run_until_complete(websockets.serve(self.serve, "127.0.0.1", 0, subprotocols=protocols, ssl=self.tls))
        self.port = self.server.sockets[0].getsockname()[1]
        self.url = f"wss://localhost:{self.port}/any/path" if self.tls else f"ws://127.0.0.1:{self.port}/any/path"
        started.set()
        self.loop.run_forever()

    async def serve(self, connection):
        self.connections += 1
        async for message in connection:
            request = cbor2.loads(message) if self.cbor else json.loads(message)
            self.requests.put(request)
            answer = {"rsc": 2000, "rqi": request["rqi"], "rvi": "3"}
            await connection.send(cbor2.dumps(answer) if self.cbor else json.dumps(answer))
