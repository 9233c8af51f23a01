"""The whole installation down and up again: everything that was acknowledged is there, what waits for its subscriber too."""

import pytest

from client import ACP, CIN, CNT, SUB, Client, Receiver
from stack import Stack


@pytest.fixture
def stack():
    s = Stack()
    s.start()
    yield s
    s.stop()


def everything(client):
    """All representations below the CSEBase by address; the counters of each come with it."""
    found = {}
    for address in ["cse-in", *client.discover("").json["m2m:uril"]]:
        answer = client.request("GET", "/" + address)
        assert answer.rsc == 2000, (address, answer)
        found[address] = answer.json
    return found


def test_all_is_as_it_was(stack):
    ae = Client(stack.http_port).ae("house", lbl=["größe"])
    receiver = Receiver()
    port = receiver.port
    try:
        right = {"acr": [{"acor": ["Chouse"], "acop": 63}]}
        assert ae.create("house", ACP, {"rn": "acp", "pv": right, "pvs": right}).rsc == 2001
        assert ae.create("house", CNT, {"rn": "c", "acpi": ["cse-in/house/acp"], "mni": 15}).rsc == 2001
        assert ae.create("house/c", SUB, {"rn": "s", "nu": [receiver.url], "enc": {"net": [3]}}).rsc == 2001
        assert ae.create("house/c", CIN, {"con": 0}).rsc == 2001
        assert receiver.next()["nev"]["rep"]["m2m:cin"]["con"] == 0
        receiver.close()
        for i in range(1, 21):
            assert ae.create("house/c", CIN, {"con": i, "lbl": [f"n:{i}"]}).rsc == 2001
        before = everything(Client(stack.http_port))
        assert before["cse-in/house/c"]["m2m:cnt"]["cni"] == 15

        stack.down()
        receiver = Receiver(port=port)
        stack.start()

        assert everything(Client(stack.http_port)) == before
        ae = Client(stack.http_port, "Chouse")
        assert ae.as_("Cother").get("house/c").rsc in (4103, 4106), "rights too"
        got = [receiver.next()["nev"]["rep"]["m2m:cin"]["con"] for _ in range(20)]
        if got[0] == 0:  # its answer was lost when the receiver left: told once more
            got = got[1:] + [receiver.next()["nev"]["rep"]["m2m:cin"]["con"]]
        assert got == list(range(1, 21)), "what waited comes, in order"
        created = ae.create("house/c", CIN, {"con": 21})
        assert created.rsc == 2001 and created.pc["st"] == 22 and created.pc["ri"] not in str(before)
        assert receiver.next()["nev"]["rep"]["m2m:cin"]["con"] == 21
        assert receiver.none()
    finally:
        receiver.close()
