#!/usr/bin/env python3
"""Sends one oneM2M request over the bus and prints the response: all that an adapter for a new protocol has to do.

    docs/adapters/request.py 2 cse-in CAdmin                        # RETRIEVE (op 2) of the CSEBase
    docs/adapters/request.py 1 cse-in/me Cme 3 '{"m2m:cnt":{"rn":"c"}}'   # CREATE (op 1) of a container (ty 3)

TESSERA_BROKER_PORT (5682) and TESSERA_STATE_DIR (var) say where the broker is and where its passwords are.
"""
import json
import os
import pathlib
import sys
import time
import uuid

import pika

if len(sys.argv) < 4:
    sys.exit(__doc__)
op, to, originator = int(sys.argv[1]), sys.argv[2], sys.argv[3]
password = pathlib.Path(os.environ.get("TESSERA_STATE_DIR", "var"), "secrets/adapter.password").read_text()
connection = pika.BlockingConnection(pika.ConnectionParameters(
    "127.0.0.1", int(os.environ.get("TESSERA_BROKER_PORT", "5682")), "tessera", pika.PlainCredentials("adapter", password)))
channel = connection.channel()
replies = f"reply.adapter.{uuid.uuid4().hex}"
channel.queue_declare(replies, exclusive=True, auto_delete=True)
channel.queue_bind(replies, "cse.replies", replies)

request = {"id": uuid.uuid4().hex, "tenant": "main", "identity": {"by": "none", "peer": "127.0.0.1"},
           "deadline": int(time.time() * 1000) + 5000, "op": op, "to": to, "fr": originator, "rqi": "1", "rvi": "3"}
if len(sys.argv) > 4:
    request["ty"] = int(sys.argv[4])
content = json.dumps(json.loads(sys.argv[5])) if len(sys.argv) > 5 else ""
channel.basic_publish("cse.requests", "orchestrator", f"{json.dumps(request)}\n{content}\n", pika.BasicProperties(reply_to=replies))

for _, _, body in channel.consume(replies, auto_ack=True, inactivity_timeout=6):
    if body is None:
        sys.exit("no answer: is the orchestrator running?")
    head, content = body.decode().split("\n")[:2]
    print(head, content, sep="\n")
    sys.exit(0 if json.loads(head)["rsc"] < 3000 else 1)
