"""The CoAP binding, requests out: notifications, verification, blocks, retransmission, requests that are passed on."""

import pytest

from client import SUB
from coap import ACCEPT, BLOCK1, CON, OPTIONS, POST, URI_PATH, URI_QUERY, Coap, Receiver, content

CREATE = 1


def parameter(message, name):
    value = message.option(OPTIONS[name][0])
    return None if value is None else int.from_bytes(value, "big") if OPTIONS[name][2] else value.decode()


def subscribe(ae, target, **more):
    ae.create(ae.name, 3, {"rn": "c"})
    return ae.create(f"{ae.name}/c", SUB, {"rn": "s", "nu": [target], "enc": {"net": [3]}, "nct": 1, **more})


@pytest.mark.parametrize("cbor", [False, True], ids=["json", "cbor"])
def test_a_change_over_http_is_notified_over_coap(ae, cbor):
    with Receiver() as r:
        subscribe(ae, r.url + ("?ct=cbor" if cbor else ""))
        ae.create(f"{ae.name}/c", 4, {"con": "21.5"})
        n = r.get()
        assert (n.code, n.kind) == (POST, CON) and n.all(URI_PATH) == [b"n"] and not n.option(OPTIONS["ty"][0])
        assert parameter(n, "rqi") and parameter(n, "fr") and n.option(ACCEPT) == (b"\x3c" if cbor else b"\x32")
        assert content(n)["m2m:sgn"]["nev"]["rep"]["m2m:cin"]["con"] == "21.5"


def test_a_change_over_coap_is_notified_over_http(stack, ae, receiver):
    subscribe(ae, receiver.url)
    with Coap(stack.coap_port, ae.origin) as c:
        assert c.ask(CREATE, f"cse-in/{ae.name}/c", {"m2m:cin": {"con": "7"}}, ty=4).rsc == 2001
    assert receiver.next()["nev"]["rep"]["m2m:cin"]["con"] == "7"


def test_order_under_many_changes(ae):
    with Receiver() as r:
        subscribe(ae, r.url)
        for i in range(30):
            ae.create(f"{ae.name}/c", 4, {"con": str(i)})
        assert [content(r.get())["m2m:sgn"]["nev"]["rep"]["m2m:cin"]["con"] for _ in range(30)] == [str(i) for i in range(30)]


def test_a_large_notification_goes_in_blocks(ae):
    with Receiver() as r:
        subscribe(ae, r.url)
        ae.create(f"{ae.name}/c", 4, {"con": "x" * 20000})
        n = r.get()
        assert n.option(BLOCK1) and content(n)["m2m:sgn"]["nev"]["rep"]["m2m:cin"]["con"] == "x" * 20000


def test_a_lost_message_is_sent_again(ae):
    with Receiver() as r:
        subscribe(ae, r.url)
        r.silent = 1
        ae.create(f"{ae.name}/c", 4, {"con": "1"})
        assert content(r.get())["m2m:sgn"]["nev"]["rep"]["m2m:cin"]["con"] == "1"


def test_a_separate_answer_and_early_numbers(ae):
    with Receiver(separate=True, early=True) as r:
        subscribe(ae, r.url)
        for i in range(3):
            ae.create(f"{ae.name}/c", 4, {"con": str(i)})
        assert [content(r.get())["m2m:sgn"]["nev"]["rep"]["m2m:cin"]["con"] for _ in range(3)] == ["0", "1", "2"]


def test_a_notify_is_passed_on_to_an_ae(stack, admin, ae):
    with Receiver(answer={"m2m:dbg": "y" * 3000}) as r:
        ae.update(ae.name, "m2m:ae", {"poa": [f"coap://127.0.0.1:{r.port}"], "rr": True})
        answer = admin.request("POST", ae.name, {"m2m:sgn": {"sur": "x"}})
        n = r.get()
        assert content(n) == {"m2m:sgn": {"sur": "x"}} and answer.rsc == 2000
        assert answer.json["m2m:dbg"] == "y" * 3000


@pytest.mark.parametrize("rsc, code", [(4103, 403), (5207, 406)])
def test_an_ae_that_refuses(admin, ae, rsc, code):
    with Receiver(rsc=rsc, code=code) as r:
        ae.update(ae.name, "m2m:ae", {"poa": [f"coap://127.0.0.1:{r.port}"], "rr": True})
        assert admin.request("POST", ae.name, {"m2m:sgn": {"sur": "x"}}).rsc == rsc


def test_nobody_listens(admin, ae):
    ae.update(ae.name, "m2m:ae", {"poa": ["coap://127.0.0.1:9"], "rr": True})
    assert admin.request("POST", ae.name, {"m2m:sgn": {"sur": "x"}}).rsc == 5103
