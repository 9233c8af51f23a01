"""Steady requests over HTTP while something is done to the installation: a thread that counts what was answered, and how."""

import asyncio
import threading
import time

from load import read_message

PAUSE = 0.03  # seconds between the requests of one connection: the machine is to have time for the rest


class Traffic:
    """`with Traffic(port, path, origin) as t:` creates contentInstances below `path` and reads the latest, in turns, over
    connections that are kept open. A lost connection counts as a failure of the request that was on it."""

    def __init__(self, port, path, origin, connections=8):
        self.port, self.path, self.origin, self.connections = port, path, origin, connections
        self.answered = self.created = 0
        self.failures = []  # (seconds since the start, what)
        self.longest = 0  # seconds that an answer took at most

    async def _ask(self, reader, writer, number):
        body = b'{"m2m:cin":{"con":%d}}' % number if number % 2 else b""
        head = f"{'POST' if body else 'GET'} {self.path}{'' if body else '/la'} HTTP/1.1\r\nHost: x\r\nX-M2M-Origin: {self.origin}\r\nX-M2M-RI: {number}\r\nX-M2M-RVI: 3\r\n"
        if body:
            head += f"Content-Type: application/json;ty=4\r\nContent-Length: {len(body)}\r\n"
        writer.write(head.encode() + b"\r\n" + body)
        line, headers, text = await read_message(reader)
        status = int(line.split()[1])
        if status not in (200, 201):
            return f"{status} {text[:120]!r}", headers
        self.created += status == 201
        return None, headers

    async def _connection(self, number):
        writer = None
        while not self.over:
            number += self.connections
            begin = time.monotonic()
            try:
                if writer is None:
                    reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
                why, headers = await asyncio.wait_for(self._ask(reader, writer, number), 30)
            except (OSError, EOFError, asyncio.TimeoutError) as e:
                why, headers = repr(e), {b"connection": b"close"}
            self.longest = max(self.longest, time.monotonic() - begin)
            if why:
                self.failures.append((time.monotonic() - self.began, why))
            else:
                self.answered += 1
            if headers.get(b"connection") == b"close" and writer:
                writer.close()
                writer = None
            await asyncio.sleep(PAUSE)
        if writer:
            writer.close()

    async def _all(self):
        await asyncio.gather(*(self._connection(i) for i in range(self.connections)))

    def __enter__(self):
        self.over, self.began = False, time.monotonic()
        self.thread = threading.Thread(target=lambda: asyncio.run(self._all()))
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over = True
        self.thread.join()

    def __str__(self):
        return f"{self.answered} requests, {len(self.failures)} failed, the slowest took {self.longest:.1f} s"

    def assert_none_failed(self):
        assert not self.failures, f"{self}: {self.failures[:5]}"
