"""Requests that are wrong before they are about anything: parameters, types, content; TS-0004 7.2.2.2 and 7.3.3.3."""

import pytest

from client import ACP, AE, CIN, CNT, SUB, stamp


@pytest.fixture
def box(ae):
    ae.create(ae.name, CNT, {"rn": "c"})
    return f"{ae.name}/c"


def all_operations(ae, box, headers=None, **query):
    """Each operation with these headers and query arguments, the deletion last."""
    more = {"headers": headers or {}, **query}
    return {
        "CREATE": ae.create(box, CNT, {}, **more),
        "CREATE instance": ae.create(box, CIN, {"con": 1}, **more),
        "RETRIEVE": ae.get(box, **more),
        "UPDATE": ae.update(box, "m2m:cnt", {"lbl": ["x"]}, **more),
        "DELETE": ae.request("DELETE", box, **more),
    }


def check_all(ae, box, rsc, headers=None, **query):
    for operation, answer in all_operations(ae, box, headers, **query).items():
        assert answer.rsc == rsc if rsc else answer.status < 300, (operation, answer)
        if rsc:
            assert answer.dbg, operation


# ---- parameters

@pytest.mark.parametrize("rvi", [None, "1", "2", "2a", "3", "4", "5"])
def test_releases(ae, box, rvi):
    for operation, answer in all_operations(ae, box, {"X-M2M-RVI": rvi}).items():
        assert answer.status < 300, (operation, answer)
        assert rvi is None or answer.headers["X-M2M-RVI"] == rvi, operation


@pytest.mark.parametrize("rvi", ["0", "6", "2b", "3.0", "x", "3 4"])
def test_releases_that_are_not_supported(ae, box, rvi):
    for operation, answer in all_operations(ae, box, {"X-M2M-RVI": rvi}).items():
        assert (answer.rsc, answer.status) == (4001, 501), (operation, answer)
        assert answer.headers["X-M2M-RVI"] in ("1", "2", "2a", "3", "4", "5")


TIMES = {
    "expires later": ({"X-M2M-RET": stamp(3600)}, None), "expires in ms": ({"X-M2M-RET": "5000"}, None), "signed ms": ({"X-M2M-RET": "+5000"}, None), "far future": ({"X-M2M-RET": "99991231T235959"}, None),
    "expired": ({"X-M2M-RET": "20200101T000000"}, 4008), "expired, with fraction": ({"X-M2M-RET": "20200101T000000,123"}, 4008), "expired in ms": ({"X-M2M-RET": "-1"}, 4008),
    "no time": ({"X-M2M-RET": "soon"}, 4000), "no such day": ({"X-M2M-RET": "20291332T000000"}, 4000), "ISO": ({"X-M2M-RET": "2029-01-01"}, 4000),
    "result after request": ({"X-M2M-RET": "5000", "X-M2M-RST": "9000"}, None), "result before request": ({"X-M2M-RET": "9000", "X-M2M-RST": "5000"}, 4000), "result, no time": ({"X-M2M-RST": "x"}, 4000),
    "origin time": ({"X-M2M-OT": "20200101T000000"}, None), "origin time, none": ({"X-M2M-OT": "x"}, 4000),
    "execute at once": ({"X-M2M-OET": "20200101T000000"}, None), "execute later": ({"X-M2M-OET": "100"}, None), "execute, no time": ({"X-M2M-OET": "x"}, 4000),
    "category": ({"X-M2M-EC": "2"}, None), "own category": ({"X-M2M-EC": "100"}, None), "no category": ({"X-M2M-EC": "5"}, 4000), "category as text": ({"X-M2M-EC": "x"}, 4000),
    "vendor information": ({"X-M2M-VSI": "anything"}, None), "unknown header": ({"X-M2M-XYZ": "1"}, None),
}


@pytest.mark.parametrize("case", TIMES)
def test_times_and_other_headers(ae, box, case):
    headers, rsc = TIMES[case]
    check_all(ae, box, rsc, headers)


@pytest.mark.parametrize("query,rsc", [({"rt": 3}, None), ({"rt": 4}, None), ({"rt": 1}, None), ({"rt": 2}, None), ({"rt": 5}, None), ({"rt": 9}, 4000), ({"rt": "x"}, 4000), ({"rcn": 99}, 4000), ({"rcn": "x"}, 4000), ({"drt": 3}, 4000),
                                       ({"da": "maybe"}, 4000), ({"tids": "x"}, None), ({"ltids": "x"}, None), ({"tqi": "maybe"}, 4000)], ids=str)
def test_query_parameters(ae, box, query, rsc):
    check_all(ae, box, rsc, **query)


def test_absolute_expiry_bounds_the_answer(ae, box):
    answer = ae.get(box, headers={"X-M2M-RET": "4000"})
    assert answer.rsc == 2000


def test_request_identifier(ae, box):
    for operation, answer in all_operations(ae, box, {"X-M2M-RI": "my own/id;1"}).items():
        assert answer.headers["X-M2M-RI"] == "my own/id;1", operation
    assert ae.get(ae.name, headers={"X-M2M-RI": None}).rsc == 4000


def test_the_same_identifier_again_is_another_request(ae, box):
    answers = [ae.create(box, CIN, {"con": i}, headers={"X-M2M-RI": "1"}) for i in range(3)]
    assert [a.pc["con"] for a in answers] == [0, 1, 2] and ae.get(box).pc["cni"] == 3


def test_errors_carry_what_answers_carry(ae):
    answer = ae.get(f"{ae.name}/nothing", headers={"X-M2M-RI": "x1"})
    assert (answer.status, answer.headers["X-M2M-RSC"], answer.headers["X-M2M-RI"], answer.headers["X-M2M-RVI"]) == (404, "4004", "x1", "3")
    assert answer.headers["Content-Type"].startswith("application/") and "json" in answer.headers["Content-Type"] and "nothing" in answer.dbg


@pytest.mark.parametrize("query", ["lbl=x", "ty=3", "fu=1", "lim=5", "mni=3"])
def test_no_filter_in_a_create(ae, box, query):
    answer = ae.request("POST", f"/cse-in/{box}?{query}", {"m2m:cnt": {}}, ty=CNT)
    assert answer.rsc == 4000 and ae.discover(box).found == []


# ---- types

@pytest.mark.parametrize("ty,rsc", [("0", 4000), ("-1", 4000), ("x", 4000), ("33", 4000), ("9999", 4000), ("99999999999999999999", 4000), ("3.0", 4000), ("9", 4000), ("13", 4108), ("14", 4108), ("15", 4000), ("17", 4005), ("28", 4125), ("29", 4000),
                                    ("48", 4000), ("58", 4005)])
def test_types_that_cannot_be_created(ae, ty, rsc):
    for client in (ae, ae.as_("CAdmin")):
        answer = client.request("POST", ae.name, {"m2m:cnt": {}}, headers={"Content-Type": f"application/json;ty={ty}"})
        assert answer.rsc == rsc, answer


@pytest.mark.parametrize("form", ["application/json;ty=3", "application/json; ty=3", "application/json ;ty=3", "application/vnd.onem2m-res+json;ty=3", "application/json;charset=utf-8;ty=3", "application/json;ty=3;charset=utf-8", "APPLICATION/JSON;TY=3"])
def test_where_the_type_stands(ae, form):
    assert ae.request("POST", ae.name, {"m2m:cnt": {}}, headers={"Content-Type": form}).rsc == 2001


def test_a_post_without_a_type_is_a_notification(ae, box):
    for at, rsc in ((box, 4005), ("", 4005), (ae.name, 5103)):  # the AE has no point of access
        assert ae.as_("CAdmin").request("POST", at, {"m2m:sgn": {"sur": "x"}}).rsc == rsc, at
    assert ae.request("POST", box, {"m2m:cnt": {}}).rsc == 4005
    assert ae.discover(box).found == []


@pytest.mark.parametrize("kind,rsc,status", [("application/xml;ty=3", 4015, 415), ("text/plain;ty=3", 4015, 415), ("application/octet-stream;ty=3", 4015, 415), ("application/vnd.onem2m-res+xml;ty=3", 4015, 415), ("x;ty=3", 4015, 415), (None, 4015, 415)])
def test_serializations_that_are_not_spoken(ae, kind, rsc, status):
    answer = ae.request("POST", ae.name, {"m2m:cnt": {}}, headers={"Content-Type": kind})
    assert (answer.rsc, answer.status) == (rsc, status), answer


@pytest.mark.parametrize("accept,rsc", [("application/json", 2000), ("*/*", 2000), ("application/*", 2000), ("application/xml, application/json;q=0.5", 2000), ("application/vnd.onem2m-res+json", 2000), ("application/cbor", 2000), ("application/xml", 5207), ("text/html", 5207),
                                        ("application/json;q=0", 5207)])
def test_acceptable_serializations(ae, accept, rsc):
    answer = ae.get(ae.name, headers={"Accept": accept})
    assert answer.rsc == rsc and (rsc == 2000 or answer.status == 406), answer


# ---- content

BODIES = {  # a body that is right, and a mandatory attribute of it, per type
    AE: ("m2m:ae", {"api": "N.x", "rr": False, "srv": ["3"]}, "api"),
    CNT: ("m2m:cnt", {}, None),
    CIN: ("m2m:cin", {"con": 1}, "con"),
    ACP: ("m2m:acp", {"pv": {"acr": []}, "pvs": {"acr": [{"acor": ["all"], "acop": 63}]}}, "pvs"),
    SUB: ("m2m:sub", {"nu": ["http://127.0.0.1:1"]}, "nu"),
}
WRONG = {
    "nothing": lambda key, a, m: "",
    "no object": lambda key, a, m: [],
    "empty object": lambda key, a, m: {},
    "null": lambda key, a, m: {key: None},
    "a list": lambda key, a, m: {key: [a]},
    "a text": lambda key, a, m: {key: "x"},
    "without prefix": lambda key, a, m: {key[4:]: a},
    "another prefix": lambda key, a, m: {"x" + key[1:]: a},
    "another type's key": lambda key, a, m: {"m2m:cnt" if key != "m2m:cnt" else "m2m:acp": a},
    "a key that is no type": lambda key, a, m: {"m2m:uri": a},
    "two keys": lambda key, a, m: {key: a, "m2m:x": {}},
    "no wrapper": lambda key, a, m: a,
    "unknown attribute": lambda key, a, m: {key: {**a, "xyz": 1}},
    "long name": lambda key, a, m: {key: {**a, "labels": ["x"]}},
    "null for an optional one": lambda key, a, m: {key: {**a, "lbl": None}},
    "wrong type": lambda key, a, m: {key: {**a, "lbl": "x"}},
    "wrong type in a list": lambda key, a, m: {key: {**a, "lbl": [{}]}},
    "mandatory missing": lambda key, a, m: {key: {k: v for k, v in a.items() if k != m}} if m else {key: {"st": 1}},
    "mandatory null": lambda key, a, m: {key: {**a, m: None}} if m else {key: {"mni": None}},
    "what only the CSE may set": lambda key, a, m: {key: {**a, "ri": "x"}},
    "the parent": lambda key, a, m: {key: {**a, "pi": "x"}},
    "the type": lambda key, a, m: {key: {**a, "ty": 1}},
    "empty name of an attribute": lambda key, a, m: {key: {**a, "": 1}},
}


@pytest.mark.parametrize("case", WRONG)
@pytest.mark.parametrize("ty", BODIES)
def test_wrong_content_of_a_create(ae, box, ty, case):
    key, attributes, mandatory = BODIES[ty]
    at, origin = {AE: ("", "C"), ACP: (ae.name, ae.origin)}.get(ty, (box, ae.origin))
    before = ae.get(ae.name, rcn=6).text
    answer = ae.as_(origin).request("POST", at, WRONG[case](key, attributes, mandatory), ty=ty)
    assert answer.rsc == 4000 and answer.dbg, answer
    assert ae.get(ae.name, rcn=6).text == before


@pytest.mark.parametrize("body", ["", [], {}, {"m2m:cnt": None}, {"m2m:cnt": []}, {"m2m:cin": {}}, {"m2m:ae": {"lbl": ["x"]}}, {"lbl": ["x"]}, {"m2m:cnt": {}, "m2m:cin": {}}, {"m2m:cnt": {"xyz": 1}}, {"m2m:cnt": {"xyz": None}}, {"m2m:cnt": {"lbl": 1}},
                                  {"m2m:cnt": {"lbl": [None]}}, {"m2m:cnt": {"ty": 3}}, {"m2m:cnt": {"ri": None}}], ids=str)
def test_wrong_content_of_an_update(ae, box, body):
    before = ae.get(box).text
    answer = ae.request("PUT", box, body)
    assert answer.rsc == 4000 and answer.dbg, answer
    assert ae.get(box).text == before


# ---- which of two faults is told

ORDER = {
    "unknown originator before target": (lambda ae, box: ae.as_("Cnobody").get(f"{box}/nothing"), 4106),
    "expired before originator": (lambda ae, box: ae.as_("Cnobody").get(box, headers={"X-M2M-RET": "-1"}), 4008),
    "originator before result content": (lambda ae, box: ae.as_("Cnobody").get(box, rcn=99), 4106),
    "result content before release": (lambda ae, box: ae.get(box, rcn=2, headers={"X-M2M-RVI": "9"}), 4000),
    "release before target": (lambda ae, box: ae.get(f"{box}/nothing", headers={"X-M2M-RVI": "9"}), 4001),
    "target before right": (lambda ae, box: ae.as_("CAdmin").get(f"{box}/nothing"), 4004),
    "right before content": (lambda ae, box: ae.other.request("POST", box, {"m2m:cnt": {"xyz": 1}}, ty=CNT), 4103),
    "right before update's content": (lambda ae, box: ae.other.request("PUT", box, {"m2m:cnt": {"xyz": 1}}), 4103),
    "right before name": (lambda ae, box: ae.other.create(ae.name, CNT, {"rn": "c"}), 4103),
    "content before name": (lambda ae, box: ae.create(ae.name, CNT, {"rn": "c", "xyz": 1}), 4000),
    "type before content": (lambda ae, box: ae.request("POST", ae.name, {"m2m:x": 1}, ty=14), 4108),
    "child before content": (lambda ae, box: ae.create(ae.name, CIN, {"xyz": 1}), 4108),
}


@pytest.mark.parametrize("case", ORDER)
def test_order_of_the_checks(ae, guest, box, case):
    perform, rsc = ORDER[case]
    ae.other = guest
    answer = perform(ae, box)
    assert answer.rsc == rsc, answer
