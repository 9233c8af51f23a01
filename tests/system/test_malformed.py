"""Rubbish in, a clear error out: never a crash, never a wrong answer for somebody else."""

import json
import random
import socket

from client import CNT


def exchange(port, data, patience=0.05):
    """Sends raw bytes; what comes back until the server closes, or has said no more for `patience`."""
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as s:
        try:
            s.sendall(data)
            s.settimeout(patience)
            while chunk := s.recv(65536):
                answer += chunk
                if b"\r\n\r\n" in answer and not answer.startswith(b"HTTP/1.1 100"):
                    break
        except OSError:
            pass
    return answer


def requests(rng):
    """Valid requests with something broken in each."""
    bodies = [b'{"m2m:cnt":{"rn":"x"}}', b'{"m2m:cin":{"con":"1"}}', b'{"m2m:sub":{"nu":["http://127.0.0.1:1"]}}', b'{"m2m:acp":{"pv":{},"pvs":{}}}']
    while True:
        body = bytearray(rng.choice(bodies))
        for _ in range(rng.randrange(4)):
            at = rng.randrange(len(body))
            body[at:at + rng.randrange(3)] = bytes(rng.randrange(256) for _ in range(rng.randrange(4)))
        length = len(body) if rng.random() < 0.9 else rng.choice([0, 1, 99999, -1, "x", 2**64])
        method = rng.choice(["POST", "PUT", "GET", "DELETE", "FOO", "", "post", "HEAD", "OPTIONS"])
        target = rng.choice(["/cse-in/mal", "/", "//", "/~/id-in/cse-in", "/_/x/y", "/cse-in/mal?rcn=99", "/cse-in?fu=1&lim=-1", "/%00", "/%zz", "/cse-in/" + "a" * rng.randrange(3000),
                             "/cse-in?fu=1&lbl=" + "%ff" * 20, "/cse-in?" + "&".join(f"a{i}=1" for i in range(200)), "*", "cse-in"])
        ty = rng.choice([";ty=3", ";ty=4", ";ty=23", ";ty=1", ";ty=", ";ty=99999999999999999999", "", ";ty=-1", ";ty=5"])
        kind = rng.choice(["application/json", "application/cbor", "application/xml", "text/plain", "", "application/vnd.onem2m-res+json", "\x01"])
        fields = [f"X-M2M-Origin: {rng.choice(['CAdmin', 'Cmal', '', 'C' * 300, '/id-in', '//x', 'Cé'])}", f"X-M2M-RI: {rng.randrange(10)}",
                  f"Content-Type: {kind}{ty}", f"Content-Length: {length}"]
        for extra in ("X-M2M-RVI: 99", "X-M2M-RET: yesterday", "X-M2M-RET: -5", "X-M2M-OT: x", "Content-Length: 3", "Transfer-Encoding: chunked", "X-M2M-RTU: &&&",
                      "Accept: application/xml", "Expect: 100-continue", "traceparent: 00-zz", "A" * 5000 + ": 1", "X-M2M-EC: 7"):
            if rng.random() < 0.06:
                fields.append(extra)
        yield f"{method} {target} HTTP/1.{rng.choice('0119')}\r\n".encode("latin-1") + "\r\n".join(fields).encode("utf-8") + b"\r\n\r\n" + bytes(body)


def test_ten_thousand_malformed_requests(stack, admin):
    admin.ae("mal")
    pids = {name: c["pid"] for name, c in stack.status().items()}
    rng = random.Random(20261121)
    broken = requests(rng)
    statuses = {}
    for i in range(10000):  # a connection each: after a broken frame the rest of one counts for nothing
        answer = exchange(stack.http_port, next(broken))
        for status in {line[9:12] for line in answer.split(b"\r\n") if line.startswith(b"HTTP/1.1 ")}:
            statuses[status] = statuses.get(status, 0) + 1
        if i % 500 == 0:
            assert admin.get().rsc == 2000
    assert sum(statuses.values()) > 7000, statuses  # the others asked for more than they sent, or were cut off
    assert not [s for s in statuses if s[:1] == b"5" and s not in (b"501", b"504", b"505")], statuses
    assert {name: c["pid"] for name, c in stack.status().items()} == pids
    admin.delete("mal")


def test_bodies_that_are_not_json(ae):
    for body in ("", "{", "[]", "nul", '{"m2m:cnt":}', '{"m2m:cnt":{}}x', '{"a":1,"a":2}', '{"m2m:cnt":{"rn":"a","rn":"b"}}', "\x00", '{"m2m:cnt":{"lbl":["\\ud800"]}}',
                 "[" * 100000, '{"m2m:cnt":' * 80 + "1" + "}" * 80, '{"m2m:cnt":{"mni":1e999}}', '{"m2m:cnt":{"mni":99999999999999999999999}}', '{"m2m:cin":{"con":1}}', '{"m2m:cnt":{},"m2m:cin":{}}'):
        answer = ae.request("POST", ae.name, body, ty=CNT)
        assert (answer.status, answer.rsc) == (400, 4000), (body[:60], answer)
        assert answer.dbg, body[:60]


def test_content_with_line_feeds_between_tokens(ae):
    body = json.dumps({"m2m:cnt": {"rn": "pretty", "lbl": ["a\nb"]}}, indent=4).replace("\n", "\r\n")
    assert ae.request("POST", ae.name, body, ty=CNT).rsc == 2001
    assert ae.get(f"{ae.name}/pretty").pc["lbl"] == ["a\nb"]


def test_too_large(ae):
    answer = ae.request("POST", ae.name, '{"m2m:cnt":{"lbl":["%s"]}}' % ("x" * 2000000), ty=CNT)
    assert answer.status == 413, answer
    assert ae.get(f"{ae.name}").rsc == 2000


def test_a_client_that_closes_one_way_is_not_kept_waiting(stack):
    patience = 4 + 20 * stack.pace()
    for request in (b"GET /cse-in HTTP/1.1\r\nX-M2M-Origin: CAdmin\r\nX-M2M-RI: 1\r\n\r\n", b"FOO /cse-in HTTP/1.1\r\nX-M2M-RI: 1\r\n\r\n", b"POST /cse-in HTTP/1.1\r\nContent-Length: 9\r\n\r\n{}"):
        with socket.create_connection(("127.0.0.1", stack.http_port), timeout=patience) as s:
            s.sendall(request)
            s.shutdown(socket.SHUT_WR)
            while s.recv(65536):
                pass
