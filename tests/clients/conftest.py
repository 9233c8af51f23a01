import pytest

from stack import Stack


@pytest.fixture(scope="session")
def stack():
    """As clients made for Mobius want it: mqtt.mobius."""
    s = Stack(MQTT_MOBIUS="true")
    s.start()
    yield s
    s.stop()
