"""The HTTP binding (TS-0009), field by field, as bytes and as the programs in the field speak it."""

import json
import os
import re
import signal
import subprocess
import time

import cbor2
import pytest

from client import CIN, CNT
from load import Creates
from wire import Wire, ask, message

JSON3 = {"Content-Type": "application/json;ty=3"}
RELEASES = ("1", "2", "2a", "3", "4", "5")
TRACE = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$")


@pytest.fixture
def port(stack):
    return stack.http_port


@pytest.fixture
def home(ae):
    """The path of an AE of this test."""
    return f"/cse-in/{ae.name}"


def stamp(seconds):
    return time.strftime("%Y%m%dT%H%M%S", time.gmtime(time.time() + seconds))


# ---- header fields


def errors(home):
    """Requests that are refused, by whom ever: name, status, response status code, method, target, header fields, body."""
    big = '{"m2m:cnt":{"lbl":["%s"]}}' % ("x" * 1100000)
    return [
        ("no such resource", 404, 4004, "GET", "/cse-in/nowhere", {}, ""),
        ("stranger", 403, 4106, "GET", home, {"X-M2M-Origin": "Cstranger"}, ""),
        ("name taken", 409, 4105, "POST", "/cse-in", {"Content-Type": "application/json;ty=2", "X-M2M-Origin": "C"}, json.dumps({"m2m:ae": {"rn": home[8:], "api": "N.x", "rr": False, "srv": ["3"]}})),
        ("no such method", 405, 4005, "PATCH", home, {}, ""),
        ("child not allowed", 403, 4108, "POST", home, {"Content-Type": "application/json;ty=4"}, '{"m2m:cin":{"con":1}}'),
        ("not JSON", 400, 4000, "POST", home, JSON3, "{"),
        ("no representation", 400, 4000, "POST", home, JSON3, ""),
        ("no request target", 400, 4000, "GET", "/", {}, ""),
        ("type not one number", 400, 4000, "POST", home, {"Content-Type": "application/json;ty=x"}, '{"m2m:cnt":{}}'),
        ("XML", 415, 4015, "POST", home, {"Content-Type": "application/xml;ty=3"}, "<m2m:cnt/>"),
        ("content without type", 415, 4015, "PUT", home, {}, '{"m2m:ae":{}}'),
        ("answer in XML", 406, 5207, "GET", home, {"Accept": "application/xml"}, ""),
        ("too large", 413, 4000, "POST", home, JSON3, big),
        ("address too long", 414, 4000, "GET", home + "/" + "a" * 9000, {}, ""),
        ("query", 400, 4000, "GET", home + "?rcn=x", {}, ""),
        ("not supported", 501, 5001, "GET", home, {"X-M2M-AS": "s"}, ""),
        ("release", 501, 4001, "GET", home, {"X-M2M-RVI": "99"}, ""),
        ("timestamp", 400, 4000, "GET", home, {"X-M2M-RET": "yesterday"}, ""),
        ("expired", 504, 4008, "GET", home, {"X-M2M-RET": stamp(-60)}, ""),
        ("event category", 400, 4000, "GET", home, {"X-M2M-EC": "x"}, ""),
    ]


def test_errors_have_all_their_header_fields(port, home):
    wrong = []
    for name, status, rsc, method, target, headers, body in errors(home):
        for versioned in (True, False):
            given = {"X-M2M-RI": "r/ä.1", "X-M2M-OT": stamp(0), "X-M2M-VSI": "abc", **headers}
            if not versioned and "X-M2M-RVI" not in headers:
                given["X-M2M-RVI"] = None
            reply = ask(port, method, target, given, body)
            expected = {"X-M2M-RI": "r/ä.1", "X-M2M-VSI": "abc"}
            bad = [k for k, v in expected.items() if reply[k] != v]
            bad += [f"RVI={reply['X-M2M-RVI']}"] if reply["X-M2M-RVI"] not in RELEASES or (versioned and "X-M2M-RVI" not in headers and reply["X-M2M-RVI"] != "3") else []
            bad += ["OT"] if not re.match(r"\d{8}T\d{6}", reply["X-M2M-OT"] or "") else []
            bad += ["traceparent"] if not TRACE.match(reply["traceparent"] or "") else []
            bad += [] if (reply.status, reply.rsc) == (status, rsc) else [f"{reply.status}/{reply.rsc} instead of {status}/{rsc}"]
            if method != "HEAD" and (reply["Content-Type"] != "application/json" or not json.loads(reply.body or b"{}").get("m2m:dbg")):
                bad.append(f"no explanation: {reply['Content-Type']} {reply.body[:60]}")
            if bad:
                wrong.append((name, "with RVI" if versioned else "without RVI", bad))
    assert not wrong, "\n".join(map(str, wrong))


def test_responses_repeat_what_the_request_said(port, home):
    for rvi in RELEASES:
        reply = ask(port, "GET", home, {"X-M2M-RI": "0xä/=", "X-M2M-RVI": rvi, "X-M2M-OT": stamp(0), "X-M2M-VSI": "info", "X-M2M-EC": "3", "X-M2M-GID": f"g{rvi}"})
        assert (reply.status, reply.rsc) == (200, 2000)
        assert reply["X-M2M-RI"] == "0xä/=" and reply["X-M2M-RVI"] == rvi and reply["X-M2M-VSI"] == "info" and reply["X-M2M-EC"] == "3"
        assert re.match(r"\d{8}T\d{6}", reply["X-M2M-OT"])
        assert reply["X-M2M-Origin"] == "/id-in"
        assert reply["Content-Type"] == "application/json"
    plain = ask(port, "GET", home, {"X-M2M-RVI": None})
    assert plain.rsc == 2000 and plain["X-M2M-RVI"] in RELEASES
    assert plain["X-M2M-OT"] is None and plain["X-M2M-VSI"] is None and plain["X-M2M-EC"] is None


def test_the_request_identifier_is_mandatory(port, home):
    for value in (None, ""):
        reply = ask(port, "GET", home, {"X-M2M-RI": value})
        assert (reply.status, reply.rsc) == (400, 4000) and b"X-M2M-RI" in reply.body
        assert reply["X-M2M-RVI"] == "3"
    reply = ask(port, "GET", home, [("X-M2M-RI", "w2")])
    assert (reply.status, reply.rsc) == (400, 4000), "given twice"


def test_header_names_in_any_case_and_unknown_ones(port, home):
    data = f"GET {home} HTTP/1.1\r\nhost: x\r\nx-m2m-origin: CAdmin\r\nX-m2M-rI:   blanks \t\r\nX-M2M-AuthMethod: x\r\nX-Whatever: \x7fy\r\n\r\n"
    with Wire(port) as wire:
        reply = wire.send(data).read()
    assert reply.rsc == 2000 and reply["X-M2M-RI"] == "blanks"


def test_expiry_relative_and_absolute(port, home):
    for ret in ("10000", stamp(60), stamp(60) + ",500", stamp(60) + ",500000"):
        assert ask(port, "GET", home, {"X-M2M-RET": ret}).rsc == 2000, ret
    for ret in (stamp(-1), stamp(-86400), "0"):
        reply = ask(port, "GET", home, {"X-M2M-RET": ret})
        assert (reply.status, reply.rsc) == (504, 4008), ret
    for ret in ("-", "tomorrow", "20261301T000000", "1.5", "0x10"):
        assert ask(port, "GET", home, {"X-M2M-RET": ret}).rsc == 4000, ret
    for name in ("X-M2M-RST", "X-M2M-OET"):
        assert ask(port, "GET", home, {name: "junk"}).rsc == 4000
    assert ask(port, "GET", home, {"X-M2M-RST": stamp(60)}).rsc == 2000
    assert ask(port, "GET", home, {"X-M2M-OT": "now"}).rsc == 4000


@pytest.mark.parametrize("ret", ["700", "absolute"])
def test_nobody_waits_longer_than_the_expiry(stack, port, home, ret):
    most = 1.6 + 20 * stack.pace()
    os.kill(stack.pid("storage.1"), signal.SIGSTOP)
    try:
        start = time.monotonic()
        reply = ask(port, "POST", home, {**JSON3, "X-M2M-RET": stamp(1) if ret == "absolute" else ret}, '{"m2m:cnt":{}}')
        assert (reply.status, reply.rsc) == (504, 4008), reply
        assert time.monotonic() - start < most
    finally:
        os.kill(stack.pid("storage.1"), signal.SIGCONT)
    assert ask(port, "GET", home).rsc == 2000


def test_response_types(port, home):
    assert ask(port, "GET", home + "?rt=3").rsc == 2000
    assert ask(port, "GET", home + "?rt=4", {"X-M2M-RTU": "http://127.0.0.1:1/a&http://127.0.0.1:1/b"}).rsc == 2000
    assert ask(port, "GET", home + "?rt=1").rsc == 1001
    assert ask(port, "GET", home + "?rt=2").rsc == 1002
    for bad in ("0", "6", "x", "3&rt=3"):
        assert ask(port, "GET", home + "?rt=" + bad).rsc == 4000, bad


def test_tokens_and_signatures(port, home):
    assert ask(port, "GET", home, {"Authorization": "Basic dTpw"}).rsc == 2000
    assert ask(port, "GET", home, {"Authorization": "Bearer aaa+bbb"}).rsc == 2000  # they give nothing, and take nothing away
    assert ask(port, "GET", home, {"X-M2M-AS": "s1+s2"}).rsc == 5001


def test_partial_results_say_where_to_go_on(ae, home):
    for i in range(3):
        ae.create(ae.name, CNT, {"rn": f"c{i}"})
    first = ae.discover(ae.name, ty=3, lim=2)
    assert first.rsc == 2000 and len(first.json["m2m:uril"]) == 2
    assert (first.headers["X-M2M-CTS"], first.headers["X-M2M-CTO"]) == ("1", "3")
    rest = ae.discover(ae.name, ty=3, lim=2, ofst=3)
    assert len(rest.json["m2m:uril"]) == 1 and rest.headers["X-M2M-CTS"] in (None, "2")
    assert rest.headers["X-M2M-CTO"] is None


def test_the_address_of_what_was_created(ae, port, home):
    created = ae.create(ae.name, CNT, {"rn": "c"})
    assert created.headers["Content-Location"] == home + "/c"
    assert ae.request("GET", created.headers["Content-Location"]).rsc == 2000
    named = ae.create(ae.name + "/c", CIN, {"con": 1})
    assert named.headers["Content-Location"] == f"{home}/c/{named.pc['rn']}"
    assert ae.request("PUT", home + "/c", {"m2m:cnt": {"lbl": ["x"]}}).headers["Content-Location"] is None


# ---- addresses and queries


def test_forms_of_the_request_target(ae, port, home):
    c = ae.create(ae.name, CNT, {"rn": "c", "lbl": ["x"]}).pc["ri"]
    same = [home + "/c", f"/~/id-in{home}/c", f"/_/tessera.example.com/id-in{home}/c", f"/-/{ae.name}/c", f"/~/id-in/-/{ae.name}/c", "/" + c, "/~/id-in/" + c,
            f"http://127.0.0.1:{port}{home}/c", home.replace("cse-in", "cse%2Din") + "/%63", home + "/c?", home + "/c?&"]
    for target in same:
        reply = ask(port, "GET", target)
        assert reply.rsc == 2000 and json.loads(reply.body)["m2m:cnt"]["ri"] == c, (target, reply)
    for target in (home + "%2Fc", home + "/%zz", home + "/%", home + "/%00", home + "/%c3%28", home + "//c", "/", "*", "//"):
        reply = ask(port, "GET", target)
        assert reply.status == 400 and reply.rsc in (4000, None), (target, reply)
    assert ask(port, "GET", "/~/other/cse-in").rsc in (4004, 5103)


def test_single_attributes(ae, port, home):
    ae.create(ae.name, CNT, {"rn": "c", "lbl": ["x"], "mni": 7})
    for target in (home + "/c?atrl=lbl+mni", home + "/c#lbl+mni"):
        reply = ask(port, "GET", target)
        assert reply.rsc == 2000 and json.loads(reply.body)["m2m:cnt"] == {"lbl": ["x"], "mni": 7}, (target, reply)
    assert ask(port, "DELETE", home + "/c?atrl=lbl").rsc == 4000


def test_lists_in_the_query(ae, port, home):
    for rn, lbl in (("a", ["red", "one way"]), ("b", ["green"]), ("c", ["blue+white"]), ("d", ["größe"])):
        ae.create(ae.name, CNT, {"rn": rn, "lbl": lbl})
    ae.create(ae.name + "/a", CIN, {"con": 1})

    def found(query):
        reply = ask(port, "GET", f"{home}?fu=1&{query}")
        assert reply.rsc == 2000, (query, reply)
        return [u.split("/")[2] for u in json.loads(reply.body)["m2m:uril"]]

    assert found("ty=3") == ["a", "b", "c", "d"]
    assert found("ty=3+4") == found("ty=3&ty=4") == found("ty=4+3") == ["a", "a", "b", "c", "d"]
    assert found("lbl=red+green") == found("lbl=red&lbl=green") == ["a", "b"]
    assert found("lbl=one%20way") == ["a"] and found("lbl=blue%2Bwhite") == ["c"] and found("lbl=gr%C3%B6%C3%9Fe") == ["d"]
    assert found("rn=b") == ["b"] and found("rn=nobody") == []


def test_booleans_in_the_query(port, home):
    for name in ("da", "asi", "auri", "sqi"):
        for value in ("0", "false"):
            assert ask(port, "GET", f"{home}?{name}={value}").rsc == 2000, (name, value)
        for value in ("yes", "TRUE", "2", ""):
            assert ask(port, "GET", f"{home}?{name}={value}").rsc == 4000, (name, value)
    for value in ("1", "true"):
        assert ask(port, "GET", f"{home}?da={value}").rsc == 2000
        assert ask(port, "GET", f"{home}?sqi={value}").rsc == 4000  # without a query


def test_queries_that_mean_nothing(port, home):
    for query in ("rcn=x", "rcn=", "rcn=-1", "rcn=99", "rcn=1&rcn=1", "rcn", "1x=2", "fu=1&lim=-1", "fu=1&lim=x", "fu=1&ty=", "fu=1&ty=x", "fu=1&ty=3+", "fu=1&cra=yesterday", "fu=1&ofst=0",
                  "fu=9", "drt=3", "fu=1&atr=rn,x", "fu=1&lbl=", "fu=1&lbl=%ff", "fu=1&lbl=%zz", "fu=1&lvl=0", "fu=1&sts=0", "fu=1&" + "&".join(f"a{i}=1" for i in range(200)), "fu=1&%3D=1"):
        reply = ask(port, "GET", f"{home}?{query}")
        assert (reply.status, reply.rsc) == (400, 4000), (query[:60], reply)
        assert b"m2m:dbg" in reply.body
    assert ask(port, "GET", f"{home}?fu=1&smf=x").rsc == 4143


# ---- content


@pytest.mark.parametrize("kind", ["application/json;ty=3", "application/json; ty=3", "APPLICATION/JSON;TY=3", "application/json;charset=utf-8;ty=3", "application/json ; charset=\"utf-8\" ; ty=\"3\"",
                                  "application/vnd.onem2m-res+json;ty=3", "Application/Vnd.OneM2M-Res+JSON; TY=3"])
def test_content_types(port, home, kind):
    created = ask(port, "POST", home, {"Content-Type": kind}, '{"m2m:cnt":{"rn":"typed"}}')
    assert created.rsc == 2001, created
    assert created["Content-Type"] == ("application/vnd.onem2m-res+json" if "res" in kind.lower() else "application/json")
    assert ask(port, "PUT", home + "/typed", {"Content-Type": kind.replace(";ty=3", "").replace(" ", "")}, '{"m2m:cnt":{"lbl":["é"]}}').rsc == 2004
    assert ask(port, "DELETE", home + "/typed").rsc == 2002


def test_types_that_are_not_spoken(port, home):
    for kind in ("application/xml;ty=3", "text/plain;ty=3", "application/jsonx;ty=3", "json;ty=3", ";ty=3", "application/vnd.onem2m-res+xml;ty=3"):
        reply = ask(port, "POST", home, {"Content-Type": kind}, '{"m2m:cnt":{}}')
        assert (reply.status, reply.rsc) == (415, 4015), kind
    for kind in ("application/json;ty=3;ty=4", "application/json;ty=-3", "application/json;ty=3.0", "application/json;ty", "application/json;ty=99999999999"):
        reply = ask(port, "POST", home, {"Content-Type": kind}, '{"m2m:cnt":{}}')
        assert (reply.status, reply.rsc) == (400, 4000), kind


def test_a_post_without_type_is_a_notification(port, home):
    for kind in ("application/json", "application/vnd.onem2m-ntfy+json"):
        reply = ask(port, "POST", home, {"Content-Type": kind}, '{"m2m:sgn":{"sur":"/id-in/x"}}')
        assert reply.status != 415 and reply.rsc not in (None, 2001, 4015, 5000), reply


def test_accept(port, home):
    rows = [
        ("application/json", "application/json"), ("*/*", "application/json"), ("application/*", "application/json"), ("application/cbor", "application/cbor"),
        ("application/vnd.onem2m-res+json", "application/vnd.onem2m-res+json"), ("application/vnd.onem2m-res+cbor", "application/vnd.onem2m-res+cbor"),
        ("application/xml, application/json;q=0.5", "application/json"), ("application/json;q=0.2, application/cbor;q=0.9", "application/cbor"),
        ("APPLICATION/CBOR", "application/cbor"), ("text/html, */*;q=0.1", "application/json"), ("", "application/json"),
    ]
    for accept, kind in rows:
        reply = ask(port, "GET", home, {"Accept": accept})
        assert (reply.rsc, reply["Content-Type"]) == (2000, kind), (accept, reply)
    for accept in ("application/xml", "text/plain", "application/json;q=0", "image/*"):
        reply = ask(port, "GET", home, {"Accept": accept})
        assert (reply.status, reply.rsc, reply["Content-Type"]) == (406, 5207, "application/json"), accept
    assert ask(port, "POST", home, {**JSON3, "Accept": "application/xml"}, '{"m2m:cnt":{"rn":"unmade"}}').rsc == 5207
    assert ask(port, "GET", home + "/unmade").rsc == 4004, "refused, yet done"
    two = ask(port, "GET", home, [("Accept", "application/xml"), ("Accept", "application/cbor")])
    assert two["Content-Type"] == "application/cbor"


def test_cbor_in_and_out(admin, ae, port, home):
    def cbor(method, target, content=None, ty=None):
        headers = {"Content-Type": "application/cbor" + (f";ty={ty}" if ty else "")} if content is not None else {"Accept": "application/cbor"}
        reply = ask(port, method, target, headers, cbor2.dumps(content) if content is not None else b"")
        return reply, cbor2.loads(reply.body) if reply.body else None

    reply, cnt = cbor("POST", home, {"m2m:cnt": {"rn": "bin", "mni": 10, "lbl": ["ä", "b"]}}, ty=3)
    assert (reply.rsc, reply["Content-Type"]) == (2001, "application/cbor")
    assert cnt["m2m:cnt"]["lbl"] == ["ä", "b"] and cnt["m2m:cnt"]["mni"] == 10
    for con in ("text", 21.5, -3, True, [1, {"a": None}], {"x": 1.25, "y": ["z"]}, "x" * 70000):
        reply, cin = cbor("POST", home + "/bin", {"m2m:cin": {"con": con}}, ty=4)
        assert reply.rsc == 2001 and cin["m2m:cin"]["con"] == con, reply
        assert admin.get(f"{ae.name}/bin/la").pc["con"] == con
    reply, latest = cbor("GET", home + "/bin/la")
    assert reply.rsc == 2000 and latest["m2m:cin"]["st"] == 7 and reply["ETag"]
    reply, cnt = cbor("PUT", home + "/bin", {"m2m:cnt": {"lbl": None, "mni": 3}})
    assert reply.rsc == 2004 and cnt["m2m:cnt"]["mni"] == 3 and cnt["m2m:cnt"]["cni"] == 3
    reply, found = cbor("GET", home + "?fu=1&ty=3")
    assert found == {"m2m:uril": [home[1:] + "/bin"]}
    reply, why = cbor("GET", home + "/none")
    assert reply.rsc == 4004 and why["m2m:dbg"]
    reply, _ = cbor("DELETE", home + "/bin")
    assert reply.rsc == 2002
    for rubbish in (b"\xff", b"\xa1", b"\x9f\x9f", b"\xa1\x01\x02", b"\xd8", cbor2.dumps({"m2m:cnt": {}}) + b"x", b"\xbf" * 5000):
        reply = ask(port, "POST", home, {"Content-Type": "application/cbor;ty=3"}, rubbish)
        assert (reply.status, reply.rsc, reply["Content-Type"]) == (400, 4000, "application/cbor"), rubbish[:20]


def test_sizes(port, home):
    fits = '{"m2m:cin":{"con":"%s"}}' % ("x" * (1048576 - 25))
    ask(port, "POST", home, JSON3, '{"m2m:cnt":{"rn":"c"}}')
    assert len(fits) <= 1048576
    assert ask(port, "POST", home + "/c", {"Content-Type": "application/json;ty=4"}, fits).rsc == 2001
    with Wire(port) as wire:  # the connection goes on after a body that was too large
        wire.send(message("POST", home + "/c", {"Content-Type": "application/json;ty=4"}, fits + " " * 100))
        assert wire.read().status == 413
        assert wire.send(message("GET", home)).read().rsc == 2000
    with Wire(port) as wire:  # nor is it sent when the client asks before
        wire.send(message("POST", home + "/c", {"Content-Type": "application/json;ty=4", "Content-Length": "2000000", "Expect": "100-continue"}))
        assert wire.read().status == 413
    assert ask(port, "GET", "/" + "a" * 8190).status in (400, 404)
    assert ask(port, "GET", "/" + "a" * 9000).status == 414
    assert ask(port, "GET", "/" + "a" * 40000).status in (414, 431)
    assert ask(port, "GET", home, {"X-Long": "a" * 40000}).status in (413, 431)
    assert ask(port, "GET", home, {"X-Long": "a" * 6000}).rsc == 2000


# ---- methods, caching, browsers


def test_head_is_get_without_content(port, home):
    get, head = ask(port, "GET", home), ask(port, "HEAD", home)
    assert head.body == b"" and head["Content-Length"] == str(len(get.body))
    changing = ("traceparent", "date")
    assert [h for h in get.headers if h[0] not in changing] == [h for h in head.headers if h[0] not in changing]
    assert ask(port, "HEAD", home + "/none").rsc == 4004
    with Wire(port) as wire:
        for _ in range(3):
            assert wire.send(message("HEAD", home)).read("HEAD").rsc == 2000


def test_entity_tags(ae, port, home):
    first = ask(port, "GET", home)
    tag = first["ETag"]
    assert re.fullmatch(r'"[^"]+"', tag) and ask(port, "GET", home)["ETag"] == tag
    assert ask(port, "GET", home, {"Accept": "application/cbor"})["ETag"] != tag
    with Wire(port) as wire:
        for value in (tag, f'"x", {tag}', "W/" + tag, "*"):
            same = wire.send(message("GET", home, {"If-None-Match": value})).read()
            assert (same.status, same.rsc, same["ETag"]) == (304, 2000, tag), value
        assert wire.send(message("GET", home, {"If-None-Match": '"other"'})).read().body == first.body
    ae.update(ae.name, "m2m:ae", {"lbl": ["changed"]})
    changed = ask(port, "GET", home, {"If-None-Match": tag})
    assert changed.status == 200 and changed["ETag"] != tag
    assert ask(port, "GET", home + "/none")["ETag"] is None


def test_browsers(port, home):
    asked = {"Origin": "https://page.example", "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-m2m-origin, x-m2m-ri, x-m2m-rvi, content-type",
             "X-M2M-Origin": None, "X-M2M-RI": None, "X-M2M-RVI": None}
    with Wire(port) as wire:
        reply = wire.send(message("OPTIONS", home, asked)).read("OPTIONS")
        assert reply.status == 204 and reply["Access-Control-Allow-Origin"] == "*" and int(reply["Access-Control-Max-Age"]) > 0
        assert {"GET", "HEAD", "POST", "PUT", "DELETE"} <= set(re.split(", *", reply["Access-Control-Allow-Methods"]))
        allowed = {h.lower() for h in re.split(", *", reply["Access-Control-Allow-Headers"])}
        assert {"x-m2m-origin", "x-m2m-ri", "x-m2m-rvi", "content-type", "accept", "authorization", "x-m2m-ret", "x-m2m-rtu"} <= allowed
        for target in (home, home + "/none"):
            reply = wire.send(message("GET", target, {"Origin": "https://page.example"})).read()
            exposed = {h.lower() for h in re.split(", *", reply["Access-Control-Expose-Headers"])}
            assert reply["Access-Control-Allow-Origin"] == "*"
            assert {"x-m2m-rsc", "x-m2m-ri", "x-m2m-rvi", "content-location", "etag"} <= exposed
    plain = ask(port, "OPTIONS", home)
    assert plain.status == 204 and "POST" in plain["Allow"] and plain["Access-Control-Allow-Origin"] is None


def test_traceparent(port, home):
    given = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    reply = ask(port, "GET", home, {"traceparent": given})
    assert reply["traceparent"].split("-")[1] == given.split("-")[1]
    seen = set()
    for bad in (None, "", "00-zz", given.upper(), given + "x", "ff" + given[2:], "00-" + "0" * 32 + given[35:]):
        made = ask(port, "GET", home, {"traceparent": bad})["traceparent"]
        assert TRACE.match(made) and made != given, bad
        seen.add(made)
    assert len(seen) == 7


# ---- framing


def test_keep_alive_and_pipelining(ae, port, home):
    ae.create(ae.name, CNT, {"rn": "c"})
    with Wire(port) as wire:
        wire.send(b"".join(message("GET" if i % 3 else "POST", home + "/c", {"X-M2M-RI": f"p{i}", "Content-Type": "application/json;ty=4"}, "" if i % 3 else '{"m2m:cin":{"con":%d}}' % i)
                           for i in range(60)))
        for i in range(60):
            reply = wire.read()
            assert reply["X-M2M-RI"] == f"p{i}" and reply.rsc == (2000 if i % 3 else 2001), (i, reply)
        assert wire.send(message("GET", home, {"Connection": "close"})).read().rsc == 2000
        assert wire.closed()
    assert ae.get(f"{ae.name}/c").pc["cni"] == 20


def test_pipelined_creates_keep_their_order(ae, port, home):
    ae.create(ae.name, CNT, {"rn": "c"})
    with Wire(port) as wire:
        wire.send(b"".join(message("POST", home + "/c", {"Content-Type": "application/json;ty=4"}, '{"m2m:cin":{"con":%d}}' % i) for i in range(50)))
        got = [json.loads(wire.read().body)["m2m:cin"] for _ in range(50)]
    assert [(i["con"], i["st"]) for i in got] == [(i, i + 1) for i in range(50)]


def test_http_1_0(port, home):
    with Wire(port) as wire:
        reply = wire.send(message("GET", home, {"Host": None}, version="1.0")).read()
        assert reply.rsc == 2000 and reply.body and reply["Transfer-Encoding"] is None
        assert wire.closed()
    reply = ask(port, "POST", home, JSON3, '{"m2m:cnt":{"rn":"old"}}', version="1.0")
    assert reply.rsc == 2001
    with Wire(port) as wire:
        for _ in range(2):
            assert wire.send(message("GET", home, {"Connection": "keep-alive"}, version="1.0")).read().rsc == 2000


def test_chunked_content(admin, ae, port, home):
    body = b'{"m2m:cnt":{"rn":"chunked","lbl":["a","b"]}}'
    chunked = {**JSON3, "Transfer-Encoding": "chunked"}
    with Wire(port) as wire:
        wire.send(message("POST", home, chunked))
        for i in range(0, len(body), 7):
            part = body[i:i + 7]
            wire.send(b"%x;ext=1\r\n%s\r\n" % (len(part), part))
        assert wire.send(b"0\r\nX-Trailer: 1\r\n\r\n").read().rsc == 2001
        assert wire.send(message("GET", home)).read().rsc == 2000
    assert admin.get(f"{ae.name}/chunked").pc["lbl"] == ["a", "b"]
    with Wire(port) as wire:
        wire.send(message("POST", home, chunked)).send(b"100000\r\n" + b" " * 0x100000 + b"\r\n10\r\n" + b" " * 16 + b"\r\n0\r\n\r\n")
        assert wire.read().status == 413
    for bad in ("gzip, chunked", "identity", "chunked, chunked"):
        assert ask(port, "POST", home, {**JSON3, "Transfer-Encoding": bad}, b"0\r\n\r\n", length=False).status in (400, 501), bad


def test_expect_continue(port, home):
    body = b'{"m2m:cnt":{"rn":"asked"}}'
    with Wire(port) as wire:
        wire.send(message("POST", home, {**JSON3, "Expect": "100-continue", "Content-Length": str(len(body))}))
        assert wire.read().status == 100
        assert wire.send(body).read().rsc == 2001
        assert wire.send(message("GET", home)).read().rsc == 2000


def test_no_request_hides_in_another(port, home):
    body = b'{"m2m:cnt":{"rn":"smuggled"}}'
    inner = message("DELETE", home)
    framings = [
        [("Content-Length", str(len(body))), ("Content-Length", str(len(body)))],
        [("Content-Length", str(len(body))), ("Content-Length", str(len(body) + len(inner)))],
        [("Content-Length", str(len(body) + len(inner))), ("Content-Length", str(len(body)))],
        [("Content-Length", f"{len(body)}, {len(body)}")],
        [("Content-Length", f"+{len(body)}")],
        [("Content-Length", f"{len(body)}x")],
        [("Content-Length", "0"), ("Transfer-Encoding", "chunked")],
        [("Transfer-Encoding", "chunked"), ("Content-Length", str(len(body)))],
        [("Transfer-Encoding", "xchunked"), ("Content-Length", str(len(body)))],
        [("Content-Length ", str(len(body)))],
    ]
    for fields in framings:
        with Wire(port) as wire:
            wire.send(message("POST", home, [*JSON3.items(), *fields], body, length=False) + inner)
            statuses = re.findall(rb"HTTP/1.1 (\d+)", wire.rest())
            assert set(statuses) == {b"400"}, (fields, statuses)
    assert ask(port, "GET", home).rsc == 2000
    assert ask(port, "GET", home + "/smuggled").rsc == 4004


# ---- programs in the field


def curl(*arguments):
    done = subprocess.run(["curl", "-s", "-S", "-i", "--max-time", "60", *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=90, check=False)
    head, _, body = done.stdout.partition(b"\r\n\r\n")
    if head.startswith(b"HTTP/1.1 100"):
        head, _, body = body.partition(b"\r\n\r\n")
    headers = {k.lower(): v.strip() for k, v in (line.split(":", 1) for line in head.decode().split("\r\n")[1:])}
    assert done.returncode == 0, done.stdout
    return int(head.split()[1]), int(headers.get("x-m2m-rsc", 0)), headers, body


def test_curl(port, home, tmp_path):
    url, common = f"http://127.0.0.1:{port}{home}", ["-H", "X-M2M-Origin: CAdmin", "-H", "X-M2M-RI: 1", "-H", "X-M2M-RVI: 3"]
    status, rsc, headers, body = curl(url, *common, "-H", "Content-Type: application/json;ty=3", "-d", '{"m2m:cnt":{"rn":"c"}}')
    assert (status, rsc) == (201, 2001) and json.loads(body)["m2m:cnt"]["rn"] == "c" and headers["content-location"] == home + "/c"
    assert curl(url + "/c", *common, "-H", "Content-Type: application/json;ty=4", "-d", '{"m2m:cin":{"con":"%s"}}' % ("x" * 50000))[:2] == (201, 2001)
    assert curl(url + "/c", *common, "-X", "PUT", "-H", "Content-Type: application/json", "-d", '{"m2m:cnt":{"lbl":["a"]}}')[:2] == (200, 2004)
    assert curl(url + "/c/la", *common, "--compressed")[:2] == (200, 2000)
    # the query given by options, not in the address
    status, rsc, _, body = curl(url, *common, "-G", "-d", "fu=1", "-d", "ty=3+4", "--data-urlencode", "lbl=a")
    assert (status, rsc) == (200, 2000) and json.loads(body)["m2m:uril"] == [home[1:] + "/c"]
    assert curl(url, *common, "-I")[:2] == (200, 2000)
    assert curl(url, *common, "--http1.0")[:2] == (200, 2000)
    assert curl(url, *common, "-X", "OPTIONS")[0] == 204
    upload = tmp_path / "content"
    upload.write_text('{"m2m:cnt":{"lbl":["uploaded"]}}')
    assert curl(url + "/c", *common, "-H", "Content-Type: application/json", "-T", str(upload))[:2] == (200, 2004)
    assert curl(url + "/c", *common, "-H", "Content-Type: application/json", "-H", "Transfer-Encoding: chunked", "-T", str(upload))[:2] == (200, 2004)
    assert curl(url + "/c", *common, "-X", "DELETE")[:2] == (200, 2002)
    assert curl(url + "/c", *common)[:2] == (404, 4004)
    assert curl(url, *common, "-d", "{}")[:2] == (415, 4015), "curl's own content type"


@pytest.mark.parametrize("connections", [127, 128, 129, 255, 256, 257])
def test_many_connections_busy_at_once(stack, ae, port, home, connections):
    most = 2 + 20 * stack.pace()
    ae.create(ae.name, CNT, {"rn": "c"})
    load = Creates(port, [home + "/c"], "CAdmin", connections=connections, goal=connections * 8).run()
    assert len(load.acked) >= load.goal and not load.refused and not load.broken, (len(load.acked), load.refused, load.broken)
    assert load.longest < most, f"{load.longest:.1f} s without an answer"
    assert ae.get(f"{ae.name}/c").pc["cni"] == len(load.acked)
