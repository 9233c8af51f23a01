"""Clients of the conformance rows, one class per binding: request primitive in, response primitive out."""

import json
import urllib.parse

import cbor2

import coap
import mqtt
import ws
from client import Client

# Parameters of a primitive that HTTP has as header fields, TS-0009 6.4; the others stand in the query.
HEADERS = {"fr": "X-M2M-Origin", "rqi": "X-M2M-RI", "rvi": "X-M2M-RVI", "ot": "X-M2M-OT", "rqet": "X-M2M-RET", "rset": "X-M2M-RST", "oet": "X-M2M-OET", "ec": "X-M2M-EC", "gid": "X-M2M-GID", "vsi": "X-M2M-VSI"}
RESPONSE = {"rqi": "X-M2M-RI", "rvi": "X-M2M-RVI", "ot": "X-M2M-OT", "vsi": "X-M2M-VSI", "cnst": "X-M2M-CTS", "cnot": "X-M2M-CTO"}
METHODS = {1: "POST", 2: "GET", 3: "PUT", 4: "DELETE", 5: "POST"}


def path(to):
    """TS-0009 6.2.2.1."""
    return f"/_{to[1:]}" if to.startswith("//") else f"/~{to}" if to.startswith("/") else f"/{to}"


def argument(value):
    if isinstance(value, bool):
        return str(value).lower()
    return "+".join(map(argument, value)) if isinstance(value, list) else urllib.parse.quote(str(value), safe="*")


class Http:
    unsupported = set()

    def __init__(self, stack, cbor=False):
        self.client = Client(stack.http_port, None)
        self.type, self.dump, self.load = ("application/cbor", cbor2.dumps, cbor2.loads) if cbor else ("application/json", json.dumps, json.loads)

    def request(self, primitive):
        rest = dict(primitive)
        op, to, pc, ty = rest.pop("op"), rest.pop("to"), rest.pop("pc", None), rest.pop("ty", None)
        headers = {HEADERS[name]: str(rest.pop(name)) for name in list(rest) if name in HEADERS}
        rt, fc = rest.pop("rt", {}), rest.pop("fc", {})
        query = {**({"rt": rt["rtv"]} if rt else {}), **{a["nm"]: a["val"] for a in fc.get("atr", [])}, **{k: v for k, v in fc.items() if k != "atr"}, **rest}
        headers["Accept"] = self.type
        if pc is not None or op in (1, 5):
            headers["Content-Type"] = self.type + (f";ty={ty}" if op == 1 and ty is not None else "")
        answer = self.client.request(METHODS[op], path(to), None if pc is None else self.dump(pc), headers={"X-M2M-RI": None, "X-M2M-RVI": None, **headers}, **{k: argument(v) for k, v in query.items()})
        response = {"rsc": answer.rsc}
        for name, header in RESPONSE.items():
            if header in answer.headers:
                response[name] = answer.headers[header]
        if answer.text:
            assert answer.headers["Content-Type"] == self.type
            response["pc"] = self.load(answer.text)
        return response


class WebSocket:
    """Over one connection; the message is the primitive."""

    unsupported = set()

    def __init__(self, stack, cbor=False):
        self.connection = ws.WebSocket(stack.websocket_port, cbor=cbor)

    def request(self, primitive):
        return self.connection.ask(**primitive)


class Mqtt:
    """Over one connection for each originator: the broker's topics name them."""

    unsupported = set()

    def __init__(self, stack, cbor=False):
        self.port, self.cbor, self.connections = stack.mqtt_port, cbor, {}

    def request(self, primitive):
        fr = primitive.get("fr") or "nobody"
        me = fr.removeprefix("/").replace("/", ":")
        if me not in self.connections:
            self.connections[me] = mqtt.Mqtt(self.port, me, cbor=self.cbor)
        return self.connections[me].ask_whole(primitive)[1]


class Coap:
    """Datagrams; parameters are options or query arguments, TS-0008."""

    unsupported = set()

    def __init__(self, stack, cbor=False):
        self.client = coap.Coap(stack.coap_port, cbor=cbor)

    def request(self, primitive):
        rest = dict(primitive)
        op, to, pc = rest.pop("op"), rest.pop("to"), rest.pop("pc", None)
        options = {name: rest.pop(name) for name in list(rest) if name in coap.OPTIONS}
        rt, fc = rest.pop("rt", {}), rest.pop("fc", {})
        query = {**({"rt": rt["rtv"]} if rt else {}), **{a["nm"]: a["val"] for a in fc.get("atr", [])}, **{k: v for k, v in fc.items() if k != "atr"}, **rest}
        arguments = [f"{k}={urllib.parse.unquote(argument(v))}" for k, v in query.items()]
        answer = self.client.ask(op, path(to)[1:], pc, arguments, **{"rqi": None, "rvi": None, **options})
        response = {name: answer.parameter(name) for name in ("rsc", "rqi", "rvi", "ot", "vsi", "cnst", "cnot") if answer.parameter(name) is not None}
        if answer.json is not None:
            response["pc"] = answer.json
        return response
