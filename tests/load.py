"""Many connections at once, without threads: creates that remember what was acknowledged, and a receiver that remembers what it got."""

import asyncio
import json
import multiprocessing
import time


async def read_message(reader):
    """(status or request line, headers, body) of one HTTP message with Content-Length."""
    head = await reader.readuntil(b"\r\n\r\n")
    line, *fields = head[:-4].split(b"\r\n")
    headers = {k.strip().lower(): v.strip() for k, v in (f.split(b":", 1) for f in fields)}
    body = await reader.readexactly(int(headers.get(b"content-length", 0)))
    return line, headers, body


class Creates:
    """Creates contentInstances {"con": n} over `connections` until `goal` of them were acknowledged. Every attempt has a new n.
    `seconds` only ends what hangs."""

    def __init__(self, port, paths, origin, connections=64, goal=20000, seconds=900):
        self.port, self.paths, self.origin, self.connections, self.goal = port, paths, origin, connections, goal
        self.until = time.monotonic() + seconds
        self.tried = 0
        self.acked = {}   # n -> path
        self.refused = {}  # status -> count
        self.broken = 0   # connections lost
        self.longest = 0  # seconds without any acknowledgement
        self.last = time.monotonic()
        self.at = {}      # called once when so many were acknowledged: {5000: fn}

    async def _one(self, reader, writer, n, path):
        body = b'{"m2m:cin":{"con":%d}}' % n
        writer.write(b"POST %s HTTP/1.1\r\nHost: x\r\nX-M2M-Origin: %s\r\nX-M2M-RI: 1\r\nContent-Type: application/json;ty=4\r\nContent-Length: %d\r\n\r\n%s"
                     % (path.encode(), self.origin.encode(), len(body), body))
        line, _, _ = await read_message(reader)
        status = int(line.split()[1])
        if status == 201:
            now = time.monotonic()
            self.longest, self.last = max(self.longest, now - self.last), now
            self.acked[n] = path
            action = self.at.pop(len(self.acked), None)
            if action:
                action()
        else:
            self.refused[status] = self.refused.get(status, 0) + 1
            await asyncio.sleep(0.02)

    async def _connection(self, number):
        writer = None
        while len(self.acked) < self.goal and time.monotonic() < self.until:
            self.tried += 1
            n = self.tried
            try:
                if writer is None:
                    reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
                await asyncio.wait_for(self._one(reader, writer, n, self.paths[number % len(self.paths)]), 30)
            except (OSError, EOFError, asyncio.TimeoutError):
                self.broken += 1
                if writer:
                    writer.close()
                writer = None
                await asyncio.sleep(0.02)
        if writer:
            writer.close()

    def run(self):
        async def all_connections():
            await asyncio.gather(*(self._connection(i) for i in range(self.connections)))

        asyncio.run(all_connections())
        return self


def _sink(port, pipe):
    got = []

    async def serve(reader, writer):
        try:
            while True:
                _, headers, body = await read_message(reader)
                root = json.loads(body)
                for sgn in [root["m2m:sgn"]] if "m2m:sgn" in root else root["m2m:agn"]["m2m:sgn"]:
                    instance = sgn.get("nev", {}).get("rep", {}).get("m2m:cin")
                    if instance:
                        got.append((instance["pi"], instance["st"], instance["con"]))
                writer.write(b"HTTP/1.1 200 OK\r\nX-M2M-RSC: 2000\r\nX-M2M-RI: " + headers.get(b"x-m2m-ri", b"") + b"\r\nContent-Length: 0\r\n\r\n")
        except (EOFError, ConnectionError):
            writer.close()

    async def main():
        server = await asyncio.start_server(serve, "127.0.0.1", port, backlog=256)
        pipe.send(server.sockets[0].getsockname()[1])
        loop = asyncio.get_running_loop()
        asked = asyncio.Event()
        loop.add_reader(pipe.fileno(), lambda: (pipe.recv(), pipe.send(list(got))))
        await asked.wait()

    asyncio.run(main())


class Sink:
    """A receiver in a process of its own; `got` is what has come so far: (parent, stateTag, content) in the order of arrival."""

    def __init__(self, port=0):
        self.pipe, there = multiprocessing.Pipe()
        self.process = multiprocessing.get_context("fork").Process(target=_sink, args=(port, there), daemon=True)
        self.process.start()
        self.port = self.pipe.recv()
        self.url = f"http://127.0.0.1:{self.port}/n"

    @property
    def got(self):
        self.pipe.send("got")
        return self.pipe.recv()

    def wait(self, count, seconds=60):
        """Waits for `count` different instances, until nothing has come for so many seconds."""
        known, last = -1, time.monotonic()
        while time.monotonic() - last < seconds:
            got = self.got
            different = len({(p, st) for p, st, _ in got})
            if different >= count:
                return got
            if different != known:
                known, last = different, time.monotonic()
            time.sleep(0.1)
        raise AssertionError(f"{known} of {count} notifications, and no more for {seconds} s")

    def close(self):
        self.process.kill()
        self.process.join()


def assert_in_order(got):
    """First arrivals of each container's instances come in the order of their stateTag, without a gap; repeats are allowed."""
    last = {}
    for parent, st, _ in got:
        if st > last.get(parent, 0):
            assert st == last.get(parent, 0) + 1, f"{parent}: {st} after {last.get(parent, 0)}"
            last[parent] = st
