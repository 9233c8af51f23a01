"""The broker, as a service in any language sees it: primitives of two lines, asked, offered and overheard."""

import itertools
import json
import time

import pika

from client import PATIENCE

numbers = itertools.count(1)


def pack(*primitives):
    """The body of one message; a primitive is (head, body), body None for none or text as it is."""
    lines = []
    for head, body in primitives:
        lines += [json.dumps(head), "" if body is None else body if isinstance(body, str) else json.dumps(body)]
    return ("\n".join(lines) + "\n").encode()


def unpack(body):
    lines = body.decode().split("\n")
    assert lines.pop() == "" and len(lines) % 2 == 0, body
    return [(json.loads(h), json.loads(b) if b else None) for h, b in zip(lines[::2], lines[1::2])]


class Bus:
    """One connection as `user`, whose password is in the installation's secrets."""

    def __init__(self, stack, user):
        password = (stack.dir / f"secrets/{user}.password").read_text()
        self.user = user
        self.connection = pika.BlockingConnection(pika.ConnectionParameters("127.0.0.1", stack.broker_port, "tessera", pika.PlainCredentials(user, password)))
        self.channel = self.connection.channel()
        self.queue = f"reply.{user}.test{next(numbers)}"
        self.channel.queue_declare(self.queue, exclusive=True)
        self.channel.queue_bind(self.queue, "cse.replies", self.queue)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.connection.is_open:
            self.connection.close()

    def send(self, role, body):
        """Sends the bytes of one message to a role."""
        self.channel.basic_publish("cse.requests", role, body, pika.BasicProperties(reply_to=self.queue))

    def listen(self, exchange, *keys):
        """A queue of its own with a copy of what goes to these keys."""
        queue = f"reply.{self.user}.test{next(numbers)}"
        self.channel.queue_declare(queue, exclusive=True)
        for key in keys:
            self.channel.queue_bind(queue, exchange, key)
        return queue

    def messages(self, queue=None, seconds=PATIENCE, enough=lambda got: False):
        """(properties, primitives) of the messages that come until `enough` of the primitives so far, or the time is over."""
        got, until = [], time.monotonic() + seconds
        while not enough([p for _, ps in got for p in ps]) and time.monotonic() < until:
            method, properties, body = self.channel.basic_get(queue or self.queue, auto_ack=True)
            if method:
                got.append((properties, unpack(body)))
            else:
                self.connection.sleep(0.01)
        return got

    def replies(self, count, seconds=PATIENCE, queue=None):
        """The first `count` primitives that come, or fewer when the time is over."""
        return [p for _, ps in self.messages(queue, seconds, lambda got: len(got) >= count) for p in ps]

    def ask(self, role, head, body=None, seconds=PATIENCE):
        """One request and its answer: (head, body)."""
        head = {"id": f"{self.queue}-{next(numbers)}", "tenant": "main", "deadline": int((time.time() + seconds) * 1000), **head}
        self.send(role, pack((head, body)))
        mine = lambda got: [p for p in got if p[0].get("id") == head["id"]]
        got = mine([p for _, ps in self.messages(None, seconds, mine) for p in ps])
        assert got, f"no answer from {role} to {head}"
        return got[0]
