"""The CoAP binding, requests in: operations, option numbers, serializations, blocks, kinds of messages."""

import socket

import pytest

from coap import ACCEPT, BLOCK1, CON, CONTENT_FORMAT, FETCH, GET, LOCATION_PATH, NON, POST, PUT, SIZE1, Answer, Coap, Message, coap_client, uint

CREATE, RETRIEVE, UPDATE, REMOVE, NOTIFY = range(1, 6)


@pytest.fixture
def coap(stack):
    """Makes clients that end with the test."""
    opened = []

    def make(*args, **more):
        opened.append(Coap(stack.coap_port, *args, **more))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


@pytest.mark.parametrize("variant", [{}, {"cbor": True}, {"early": True}, {"confirmable": False}], ids=["json", "cbor", "early", "non"])
def test_all_operations(coap, ae, variant):
    c = coap(ae.origin, **variant)
    made = c.ask(CREATE, f"cse-in/{ae.name}", {"m2m:cnt": {"rn": "c"}}, ty=3)
    assert (made.code, made.rsc) == (201, 2001) and made.pc["rn"] == "c"
    assert c.ask(CREATE, f"~/id-in/cse-in/{ae.name}/c", {"m2m:cin": {"con": "äöü"}}, ty=4).rsc == 2001
    latest = c.ask(RETRIEVE, f"cse-in/{ae.name}/c/la")
    assert (latest.code, latest.rsc) == (205, 2000) and latest.pc["con"] == "äöü"
    changed = c.ask(UPDATE, f"cse-in/{ae.name}/c", {"m2m:cnt": {"mni": 5}})
    assert (changed.code, changed.rsc) == (204, 2004) and changed.pc["mni"] == 5
    found = c.ask(RETRIEVE, f"cse-in/{ae.name}", query=["fu=1", "ty=4"])
    assert len(found.pc) == 1
    gone = c.ask(REMOVE, f"cse-in/{ae.name}/c")
    assert (gone.code, gone.rsc) == (202, 2002)
    missing = c.ask(RETRIEVE, f"cse-in/{ae.name}/c")
    assert (missing.code, missing.rsc) == (404, 4004) and missing.dbg


def test_the_answer_comes_in_the_numbers_of_the_request(coap, ae):
    current = coap(ae.origin).ask(RETRIEVE, f"cse-in/{ae.name}", ot="20260101T000000", vsi="v")
    assert {283, 307, 271, 259, 331} <= {n for n, _ in current.message.options} and not {257, 265} & {n for n, _ in current.message.options}
    early = coap(ae.origin, early=True).ask(RETRIEVE, f"cse-in/{ae.name}")
    assert {257, 265} <= {n for n, _ in early.message.options} and all(n < 279 for n, _ in early.message.options)


def test_an_answer_rides_on_the_acknowledgement(coap, ae):
    c = coap(ae.origin)
    assert not c.ask(RETRIEVE, f"cse-in/{ae.name}").separate and len(c.seen) == 1


def test_what_is_not_confirmable_is_answered_likewise(coap, ae):
    assert coap(ae.origin, confirmable=False).ask(RETRIEVE, f"cse-in/{ae.name}").message.kind == NON


def test_an_answer_that_takes_long_is_a_message_of_its_own(coap, ae):
    c = coap(ae.origin)
    assert c.ask(CREATE, f"cse-in/{ae.name}", {"m2m:pch": {"rn": "ch"}}, ty=15).rsc == 2001
    late = c.ask(RETRIEVE, f"cse-in/{ae.name}/ch/pcu", rqet="1800")
    assert late.rsc == 4008 and late.message.kind == CON and c.seen[0].code == 0


def test_the_address_of_what_was_created(coap, ae):
    made = coap(ae.origin).ask(CREATE, f"cse-in/{ae.name}", {"m2m:cnt": {"rn": "where"}}, ty=3, query=["rcn=3"])
    assert made.rsc == 2001
    path = "/".join(part.decode() for part in made.message.all(LOCATION_PATH))
    assert not path or path.endswith("where")


def test_large_contents_go_in_blocks(coap, ae):
    c = coap(ae.origin)
    c.ask(CREATE, f"cse-in/{ae.name}", {"m2m:cnt": {"rn": "large"}}, ty=3)
    text = "0123456789" * 10000
    assert c.ask(CREATE, f"cse-in/{ae.name}/large", {"m2m:cin": {"con": text}}, ty=4, query=["rcn=0"]).rsc == 2001
    assert c.ask(RETRIEVE, f"cse-in/{ae.name}/large/la").pc["con"] == text
    small = coap(ae.origin, block=64)
    assert small.ask(CREATE, f"cse-in/{ae.name}/large", {"m2m:cin": {"con": text[:3000]}}, ty=4).pc["cs"] == 3000
    assert ae.get(f"{ae.name}/large/la").pc["con"] == text[:3000]


def test_one_mebibyte(coap, ae):
    c = coap(ae.origin, cbor=True)
    c.ask(CREATE, f"cse-in/{ae.name}", {"m2m:cnt": {"rn": "mib"}}, ty=3)
    text = "x" * (1048576 - 100)
    assert c.ask(CREATE, f"cse-in/{ae.name}/mib", {"m2m:cin": {"con": text}}, ty=4, query=["rcn=0"]).rsc == 2001
    assert c.ask(RETRIEVE, f"cse-in/{ae.name}/mib/la").pc["con"] == text
    beyond = c.exchange(Message(POST, [(11, b"cse-in"), (BLOCK1, uint(8 | 6)), (SIZE1, uint(1048577))], b"x" * 1024))
    assert beyond.dotted == 413 and beyond.option(SIZE1) == uint(1048576)


def test_blocks_out_of_order_are_refused(coap, ae):
    c = coap(ae.origin)
    got = c.exchange(Message(POST, c.options({"fr": ae.origin, "rqi": "b1", "ty": 4}) + [(11, b"cse-in"), (BLOCK1, uint(3 << 4 | 8 | 2))], b"x" * 64))
    assert got.dotted == 408


def test_a_request_that_comes_again_is_carried_out_once(coap, ae):
    c = coap(ae.origin)
    c.ask(CREATE, f"cse-in/{ae.name}", {"m2m:cnt": {"rn": "again"}}, ty=3)
    options = c.options({"fr": ae.origin, "rqi": "a1", "rvi": "3", "ty": 4}) + [(11, b"cse-in"), (11, ae.name.encode()), (11, b"again"), (CONTENT_FORMAT, uint(50))]
    message = Message(POST, options, b'{"m2m:cin":{"con":"1"}}', CON, 77, b"tk")
    answers = []
    for _ in range(5):
        c.transport.send(message)
    for _ in range(5):
        c.transport.send(message)
        answers.append(c.transport.receive(30))
    assert len({a.payload for a in answers}) == 1 and all(a.dotted == 201 and a.mid == 77 for a in answers)
    assert ae.get(f"{ae.name}/again").pc["cni"] == 1


def test_methods_and_op(coap, ae):
    c = coap(ae.origin)
    assert c.ask(RETRIEVE, f"cse-in/{ae.name}", {"m2m:atrl": ["rn"]}, code=FETCH).pc == {"rn": ae.name}
    assert c.ask(RETRIEVE, f"cse-in/{ae.name}", code=POST, query=["op=2"]).rsc == 2000
    later = c.ask(RETRIEVE, f"cse-in/{ae.name}", code=POST, query=["op=2", "rt=1"])
    assert later.rsc == 1001
    assert c.ask(RETRIEVE, f"cse-in/{ae.name}", code=POST, query=["op=9"]).rsc == 4000
    assert c.ask(NOTIFY, f"cse-in/{ae.name}", {"m2m:sgn": {}}).rsc >= 4000


@pytest.mark.parametrize("options, payload, code, rsc", [
    ([(CONTENT_FORMAT, uint(41))], b"<x/>", 415, 4015),
    ([(CONTENT_FORMAT, uint(50))], b"{", 400, 4000),
    ([(CONTENT_FORMAT, uint(60))], b"\xff\xff", 400, 4000),
    ([(ACCEPT, uint(41))], b"", 406, 5207),
    ([(303, b"12345")], b"", 400, 4000),
    ([(291, b"soon")], b"", 400, 4000),
    ([(15, b"ty=x")], b"", 400, 4000),
    ([(15, b"op")], b"", 400, 4000),
], ids=["xml", "bad json", "bad cbor", "accept", "number", "time", "query", "argument"])
def test_what_is_malformed_is_refused(coap, ae, options, payload, code, rsc):
    c = coap(ae.origin)
    address = [(11, b"cse-in"), (11, ae.name.encode())]
    got = Answer(c.exchange(Message(PUT, c.options({"fr": ae.origin, "rqi": "m", "rvi": "3"}) + address + options, payload)))
    assert (got.code, got.rsc) == (code, rsc) and got.parameter("rqi")


def test_options_that_nobody_knows(stack, coap, ae):
    c = coap(ae.origin)
    assert c.ask(RETRIEVE, f"cse-in/{ae.name}", extra=[(2048, b"elective")]).rsc == 2000
    got = c.exchange(Message(GET, c.options({"fr": ae.origin, "rqi": "u"}) + [(11, b"cse-in"), (2049, b"critical")]))
    assert got.dotted == 402
    many = c.exchange(Message(GET, [(11, b"x")] * 300))
    assert many.dotted == 402


def test_noise_does_no_harm(stack, coap, ae):
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for noise in (b"", b"\x00", b"\xff" * 40, b"\x40\x01\x00\x01\xff", b"\x49\x01\x00\x01", b"\x44\x01\x00\x02abcd\xdd\xff\xff\xff"):
        udp.sendto(noise, ("127.0.0.1", stack.coap_port))
    udp.close()
    assert coap(ae.origin).ask(RETRIEVE, f"cse-in/{ae.name}").rsc == 2000


def test_without_an_originator_or_an_identifier(coap, ae):
    c = coap()
    assert c.ask(RETRIEVE, f"cse-in/{ae.name}").rsc in (4000, 4103)
    got = c.exchange(Message(GET, [(11, b"cse-in")]))
    assert got.dotted == 400 and b"RQI" in got.payload


@pytest.mark.parametrize("fr, rqi, rsc", [(279, 283, 307), (256, 257, 265)], ids=["current", "early"])
def test_the_client_of_libcoap(stack, ae, fr, rqi, rsc):
    url, own = f"coap://127.0.0.1:{stack.coap_port}/cse-in/{ae.name}", ["-O", f"{fr},{ae.origin}", "-O", f"{rqi},r1"]
    for name, blocks in (("whole", []), ("blocks", ["-b", "64"])):
        body = f'{{"m2m:cnt":{{"rn":"{name}","lbl":["{"y" * 300}"]}}}}'
        code, options, content = coap_client(*blocks, "-m", "post", "-t", "50", *own, "-O", "267,0x03", "-e", body, url)
        assert code == "2.01" and f"{rsc}:\\x07\\xD1" in options and f"{rqi}:\\x72\\x31" in options and f'"rn":"{name}"' in content and "y" * 300 in content
        assert ("Block1:5/_/64" in options) == bool(blocks)
    code, options, content = coap_client(*own, f"{url}/whole")
    assert code == "2.05" and f"{rsc}:\\x07\\xD0" in options and '"rn":"whole"' in content
    code, options, _ = coap_client("-N", *own, f"{url}/nothing")
    assert code == "4.04" and f"{rsc}:\\x0F\\xA4" in options
