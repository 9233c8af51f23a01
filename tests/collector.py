"""A small OpenTelemetry collector: takes OTLP/HTTP with JSON, strictly, and keeps the spans."""

import contextlib
import http.server
import json
import re
import socket
import threading

HEX = {"traceId": 32, "spanId": 16, "parentSpanId": 16}


def values(attributes):
    """{key: value}; each key once."""
    made = {}
    for a in attributes:
        (kind, value), = a["value"].items()
        assert a["key"] not in made and kind in ("stringValue", "intValue") and isinstance(value, str), a
        made[a["key"]] = int(value) if kind == "intValue" else value
    return made


class Collector:
    def __init__(self):
        self.spans, self.problems, self.connections = [], [], set()
        self.lock = threading.Lock()
        self.port = 0
        self.open()
        self.url = f"http://127.0.0.1:{self.port}"

    def open(self):
        collector = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self):
                super().setup()
                collector.connections.add(self.connection)

            def finish(self):
                collector.connections.discard(self.connection)
                super().finish()

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                try:
                    assert self.path == "/v1/traces" and self.headers["Content-Type"] == "application/json"
                    collector.take(json.loads(body))
                except Exception as e:  # told to the test
                    collector.problems.append(repr(e))
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *args):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

        self.server = Server(("127.0.0.1", self.port), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def take(self, request):
        for resource in request["resourceSpans"]:
            about = values(resource["resource"]["attributes"])
            assert about["service.namespace"] == "tessera" and about["service.version"]
            for scope in resource["scopeSpans"]:
                for span in scope["spans"]:
                    for name, length in HEX.items():
                        assert name not in span or re.fullmatch(f"[0-9a-f]{{{length}}}", span[name]), span
                    assert span["name"] and 1 <= span["kind"] <= 5
                    assert 0 < int(span["startTimeUnixNano"]) <= int(span["endTimeUnixNano"])
                    assert set(span["status"]) <= {"code", "message"}
                    with self.lock:
                        self.spans.append({**span, "attributes": values(span["attributes"]), "service": about["service.name"], "instance": about["service.instance.id"]})

    def of(self, trace):
        """The spans of a trace."""
        with self.lock:
            return [s for s in self.spans if s["traceId"] == trace]

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        for connection in list(self.connections):  # kept alive by the processes
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
