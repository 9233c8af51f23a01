"""The MQTT binding: requests both ways over a broker."""

import json
import queue
import subprocess

import pytest

from client import eventually
from conformance.malformed import MALFORMED
from mqtt import Mqtt

CREATE, RETRIEVE, DELETE, NOTIFY = 1, 2, 4, 5
BASE = "/id-in/cse-in"


@pytest.fixture
def mqtt(stack):
    """Opens connections that end with the test."""
    opened = []

    def connect(*args, **more):
        opened.append(Mqtt(stack.mqtt_port, *args, **more))
        return opened[-1]

    yield connect
    for one in opened:
        one.close()


def test_registration_and_notifications_back(mqtt, admin):
    """By reg_req under any name, then as the AE that it has become; changes made over HTTP are told."""
    before = mqtt("some-credential", originator="C", credential=True)
    topic, answer = before.ask_whole(before.primitive(CREATE, BASE, {"m2m:ae": {"api": "N1", "rr": True, "srv": ["3"], "poa": [f"mqtt://127.0.0.1:{before.client._port}"]}}, ty=2))
    assert answer["rsc"] == 2001 and topic == "/oneM2M/reg_resp/some-credential/id-in/json"
    me, name = answer["pc"]["m2m:ae"]["aei"], answer["pc"]["m2m:ae"]["rn"]
    try:
        c = mqtt(me)
        assert c.ask(CREATE, me, {"m2m:cnt": {"rn": "c"}}, ty=3)["rsc"] == 2001
        assert c.ask(CREATE, f"{BASE}/{name}/c", {"m2m:sub": {"rn": "s", "nu": [me], "enc": {"net": [3]}}}, ty=23)["rsc"] == 2001
        for i in range(10):
            assert admin.create(f"{name}/c", 4, {"con": i}).rsc == 2001
        got = [c.request() for _ in range(10)]
        assert [n["pc"]["m2m:sgn"]["nev"]["rep"]["m2m:cin"]["con"] for n in got] == list(range(10))
        assert all(n["op"] == NOTIFY and n["to"] and n["fr"] for n in got)
        assert admin.request("POST", f"/~/id-in/{me}", {"m2m:sgn": {"sur": "x"}}).rsc == 2000  # a NOTIFY that is passed on
        assert c.request()["pc"] == {"m2m:sgn": {"sur": "x"}}
    finally:
        admin.delete(name)


def test_only_registrations_come_by_the_topic_of_those_without_id(mqtt):
    c = mqtt("some-credential", originator="CAdmin", credential=True)
    assert c.ask(RETRIEVE, BASE)["rsc"] == 4103
    assert c.ask(DELETE, BASE)["rsc"] == 4103


def test_the_topic_names_the_originator(mqtt, ae):
    c = mqtt(ae.origin)
    for fr, rsc in {ae.origin: 2000, f"/id-in/{ae.origin}": 4000, "CAdmin": 4103, "/id-in": 4103, "/id-mn": 4103}.items():
        assert c.ask(RETRIEVE, f"{BASE}/{ae.name}", fr=fr)["rsc"] == rsc, fr
    assert mqtt(f"id-in:{ae.origin}", originator=ae.origin).ask(RETRIEVE, f"{BASE}/{ae.name}")["rsc"] == 2000


TARGETS = ["/id-in/cse-in", "id-in/cse-in", "cse-in", "/cse-in", "-", "~/id-in/cse-in"][:4]


@pytest.mark.parametrize("to", TARGETS)
def test_addresses_as_clients_write_them(mqtt, to):
    assert mqtt("CAdmin").ask(RETRIEVE, to)["pc"]["m2m:cb"]["csi"] == "/id-in"


def test_numbers_and_texts_wrapped_and_bare(mqtt, ae):
    c = mqtt(ae.origin)
    primitive = {"op": "1", "to": f"{BASE}/{ae.name}", "fr": ae.origin, "rqi": 77, "ty": "3", "pc": {"m2m:cnt": {"rn": "n"}}}  # and no rvi
    _, answer = c.ask_whole({"m2m:rqp": primitive})
    assert answer["m2m:rsp"]["rsc"] == 2001 and list(answer) == ["m2m:rsp"]
    _, answer = c.ask_whole({**primitive, "op": 2, "to": f"{BASE}/{ae.name}/n", "ty": None, "pc": None})
    assert answer["rsc"] == 2000
    topic, answer = c.ask_whole({**primitive, "op": 4, "to": f"{BASE}/{ae.name}/n", "ty": None, "pc": None}, f"/oneM2M/req/{ae.origin}/id-in")
    assert answer["rsc"] == 2002 and topic == f"/oneM2M/resp/{ae.origin}/id-in/json"  # without a serialization it is JSON


def test_malformed_messages_are_refused(mqtt):
    c = mqtt("CAdmin")
    for name, text in {**MALFORMED, "a response": '{"rsc":2000,"rqi":"1"}'}.items():
        c.waiting["None"] = c.waiting["1"] = answers = queue.Queue()
        c.publish(c.topic, text)
        refused = answers.get(timeout=60)[1]
        assert refused["rsc"] == 4000 and refused["pc"]["m2m:dbg"], name
    c.waiting["None"] = answers = queue.Queue()
    c.publish("/oneM2M/req/CAdmin/id-in/xml", "<m2m:rqp/>")
    assert answers.get(timeout=60)[1]["rsc"] == 4015
    assert c.ask(RETRIEVE, BASE)["rsc"] == 2000


def test_retained_messages_are_ignored(stack, mqtt, ae):
    """One that is retained while nobody subscribes would come at every connection."""
    c = mqtt(ae.origin)
    c.ask(CREATE, f"{BASE}/{ae.name}", {"m2m:cnt": {"rn": "c"}}, ty=3)
    made = c.primitive(CREATE, f"{BASE}/{ae.name}/c", {"m2m:cin": {"con": 1}}, ty=4)
    answers = c.expect(made["rqi"])
    c.publish(c.topic, made, retain=True)  # now it is an ordinary message: the broker says so to those who subscribe
    assert answers.get(timeout=60)[1]["rsc"] == 2001
    pid = stack.pid("mqtt.1")
    stack.kill("mqtt.1")
    eventually(lambda: stack.pid("mqtt.1") not in (0, pid))
    stack.wait_healthy()
    assert c.ask(RETRIEVE, f"{BASE}/{ae.name}/c")["pc"]["m2m:cnt"]["cni"] == 1
    c.publish(c.topic, "", retain=True)


def test_plain_clients(stack, ae):
    """mosquitto_pub and mosquitto_sub."""
    listen = subprocess.Popen(["stdbuf", "-oL", "mosquitto_sub", "-p", str(stack.mqtt_port), "-t", f"/oneM2M/resp/{ae.origin}/#", "-q", "1", "-C", "1", "-W", "60", "-d"],
                              stdout=subprocess.PIPE, text=True)
    while "SUBACK" not in listen.stdout.readline():
        pass
    request = {"op": 2, "to": f"{BASE}/{ae.name}", "fr": ae.origin, "rqi": "p1", "rvi": "3"}
    subprocess.run(["mosquitto_pub", "-p", str(stack.mqtt_port), "-t", f"/oneM2M/req/{ae.origin}/id-in/json", "-q", "1", "-m", json.dumps(request)], check=True, timeout=60)
    text = [line for line in listen.communicate(timeout=60)[0].splitlines() if line.startswith("{")]
    assert json.loads(text[0])["rsc"] == 2000


def test_notifications_to_topics(stack, mqtt, ae):
    """A URL with a topic of its own, and one that is a whole request topic."""
    c = mqtt("Cnobody")
    c.client.subscribe("plain/topic", 1)
    url = f"mqtt://127.0.0.1:{stack.mqtt_port}"
    ae.create(ae.name, 3, {"rn": "c"})
    nu = [f"{url}/plain/topic", f"{url}/oneM2M/req/id-in/Cnobody/cbor?ct=cbor"]
    assert ae.create(f"{ae.name}/c", 23, {"rn": "s", "nu": nu, "enc": {"net": [3]}}).rsc == 2001
    for i in range(5):
        assert ae.create(f"{ae.name}/c", 4, {"con": i}).rsc == 2001
    got = [json.loads(c.other.get(timeout=60)[1]) for _ in range(5)]
    assert [n["pc"]["m2m:sgn"]["nev"]["rep"]["m2m:cin"]["con"] for n in got] == list(range(5))
    assert [c.request()["pc"]["m2m:sgn"]["nev"]["rep"]["m2m:cin"]["con"] for _ in range(5)] == list(range(5))
