"""A MQTT broker of the operator's own that is not there: everything else starts and serves, and says what is missing."""

from client import Client
from stack import Stack, free_ports


def test_all_but_mqtt_works_without_its_broker():
    url = f"mqtt://127.0.0.1:{free_ports()}"
    stack = Stack("storage=1 orchestrator=1 http=1 mqtt=1", MQTT_URL=url)
    missing = f"no connection to the MQTT broker {url}"
    try:
        said = stack.start()
        assert f"mqtt.1 is degraded: {missing}" in said and f"MQTT        {url}" in said, said
        status = stack.status()
        assert status["mqtt.1"]["state"] == "degraded" and status["mqtt.1"]["why"].startswith(missing)
        assert all(child["state"] == "healthy" for name, child in status.items() if name != "mqtt.1")
        assert Client(stack.http_port).get().rsc == 2000
    finally:
        stack.stop()
