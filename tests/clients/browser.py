"""Programs of others: a page in a headless Chromium, and whatever node runs. Both report what happens to them."""

import contextlib
import functools
import http.server
import json
import os
import pathlib
import queue
import signal
import subprocess
import tempfile
import threading

HERE = pathlib.Path(__file__).resolve().parent
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--disable-dev-shm-usage"]


def end(process):
    """It and all that it has started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(60)


class Page:
    """page.html, served on the loopback and opened in a browser with a profile of its own."""

    def __init__(self, **wanted):
        self.reports = queue.Queue()
        self.folder = tempfile.TemporaryDirectory(prefix="tessera-browser-", ignore_cleanup_errors=True)
        page = self

        class Handler(http.server.SimpleHTTPRequestHandler):
            extensions_map = {".html": "text/html", ".mjs": "text/javascript", "": "application/octet-stream"}

            def do_POST(self):
                page.reports.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=HERE))
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        self.origin = f"http://127.0.0.1:{self.server.server_address[1]}"
        query = "&".join(f"{k}={v}" for k, v in wanted.items())
        self.process = subprocess.Popen(["chromium", *FLAGS, f"--user-data-dir={self.folder.name}", f"{self.origin}/page.html?{query}"], start_new_session=True,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def close(self):
        end(self.process)
        self.server.shutdown()
        self.server.server_close()
        self.folder.cleanup()


class Program:
    """node FILE ARGUMENT...; each line of its output is a report."""

    def __init__(self, file, *arguments):
        self.reports = queue.Queue()
        self.process = subprocess.Popen(["node", HERE / file, *map(str, arguments)], cwd=HERE, start_new_session=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            with contextlib.suppress(ValueError):  # what a library says besides
                self.reports.put(json.loads(line))

    def close(self):
        end(self.process)
