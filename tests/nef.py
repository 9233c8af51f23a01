"""The exposure function of a 3GPP network (TS 29.122), as far as a test needs one: it keeps what it is asked for and can be told to refuse."""

import contextlib
import http.client
import http.server
import json
import queue
import threading
import urllib.parse

from client import PATIENCE


class Nef:
    """`resources` by path; `got` has every request as (method, path, body). `refuse` maps a method to the status that answers it, `offers`
    are the transferPolicies of a background data transfer, `report` what comes at once with a location subscription."""

    def __init__(self):
        self.resources, self.refuse, self.offers, self.report = {}, {}, [], None
        self.got, self.count, self.headers = queue.Queue(), 0, None
        nef = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def handle_any(self):
                text = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                body = json.loads(text) if text else None
                nef.headers = self.headers
                if self.command != "GET":
                    nef.got.put((self.command, self.path, body))
                status, answer, location = nef.answer(self.command, self.path, body)
                text = b"" if answer is None else json.dumps(answer).encode()
                if status is None:  # it carries it out, but nobody hears of it
                    self.close_connection = True
                    return
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                if location:
                    self.send_header("Location", location)
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

            def log_message(self, *args):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def answer(self, method, path, body):
        refused = self.refuse.get(method)
        if refused and refused != "silent":
            return refused, {"title": "refused"}, None
        if method == "GET":
            if path in self.resources:
                return 200, self.resources[path], None
            return 200, [r for p, r in self.resources.items() if p.rsplit("/", 1)[0] == path], None
        if method == "POST":
            self.count += 1
            path = f"{path}/x{self.count}"
            resource = {**body, "self": self.url + path, **self.extras(path)}
            if self.report is not None and "monitoring" in path and body.get("maximumNumberOfReports") == 1:
                return 200, self.report, None
            self.resources[path] = resource
            return (None if refused else 201), resource, self.url + path
        if path not in self.resources:
            return 404, {"title": "not found"}, None
        if method == "DELETE":
            del self.resources[path]
            return 204, None, None
        if method == "PUT":
            self.resources[path] = {**body, "self": self.url + path, **self.extras(path)}
        else:
            self.resources[path].update(body)
        return 200, self.resources[path], None

    def extras(self, path):
        return {"transferPolicies": self.offers} if "bdt" in path and self.offers else {}

    def next(self, method, path):
        """The content of the next such request; others, as the recall of what an earlier test left, are passed over."""
        while True:
            found = self.got.get(timeout=PATIENCE)
            if found[:2] == (method, path):
                return found[2]

    def quiet(self):
        """Nothing was asked, and nothing is taken back of what was asked for last."""
        with contextlib.suppress(queue.Empty):
            while True:
                method, path, _ = self.got.get_nowait()
                if method != "DELETE" or path.endswith(f"/x{self.count}"):
                    return False
        return True

    def clear(self):
        with contextlib.suppress(queue.Empty):
            while True:
                self.got.get_nowait()
        self.refuse.clear()

    def resource(self, path):
        return self.resources[path]

    def tell(self, destination, body, method="POST"):
        """Reports to a notificationDestination: the HTTP status of the answer."""
        url = urllib.parse.urlsplit(destination)
        connection = http.client.HTTPConnection(url.netloc, timeout=PATIENCE)
        connection.request(method, url.path, json.dumps(body) if not isinstance(body, bytes) else body, {"Content-Type": "application/json"})
        status = connection.getresponse().status
        connection.close()
        return status

    def close(self):
        self.server.shutdown()
        self.server.server_close()
