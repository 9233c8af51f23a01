"""A client of each other binding that asks all the time: what it is answered, and how often it had to connect again."""

import threading
import time

import websocket
from coap import Coap
from mqtt import Mqtt
from ws import WebSocket


def retrieve(client):
    answer = client.ask(2, "cse-in")
    return answer.rsc if hasattr(answer, "rsc") else answer and answer["rsc"]


class Asking:
    """`with Asking(name, connect)`: one request after the other; a connection that has ended is opened again."""

    def __init__(self, name, connect):
        self.name, self.connect = name, connect
        self.answered, self.connections, self.longest, self.refused, self.wrong = 0, 0, 0, 0, []

    def run(self):
        client = None
        while not self.over:
            begin = time.monotonic()
            try:
                if client is None:
                    client = self.connect()
                    self.connections += 1
                rsc = retrieve(client)
            except (ConnectionError, websocket.WebSocketException):
                rsc = client = None
            except Exception as e:  # a test's client says in many ways that there was no answer
                rsc = client = None
                self.wrong.append(repr(e))
            if rsc == 2000:
                self.answered += 1
            elif rsc == 5103 and self.name != "websocket":  # the one container of it was told to stop: try again
                self.refused += 1
            elif rsc:
                self.wrong.append(rsc)
            elif client:
                client = None
            self.longest = max(self.longest, time.monotonic() - begin)
            time.sleep(0.1)
        if client:
            client.close()

    def __enter__(self):
        self.over = False
        self.thread = threading.Thread(target=self.run)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over = True
        self.thread.join()

    def __str__(self):
        again = f", {self.connections} connections" if self.connections > 1 else ""
        refused = f", {self.refused} told to try again" if self.refused else ""
        return f"{self.name} {self.answered} (at most {self.longest:.1f} s{again}{refused})"


def clients(websocket_port, coap_port, mqtt_port):
    return [Asking("websocket", lambda: WebSocket(websocket_port, "CAdmin")),
            Asking("coap", lambda: Coap(coap_port, "CAdmin")),
            Asking("mqtt", lambda: Mqtt(mqtt_port, "CAdmin", originator="CAdmin"))]
