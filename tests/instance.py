"""Another process of a running installation, with settings of its own."""

import signal
import subprocess
import urllib.error
import urllib.request

from client import eventually
from stack import OUT, free_ports


class Instance:
    """tessera-SERVICE; `settings` by variable without prefix: MQTT_URL=..."""

    def __init__(self, stack, name, **settings):
        self.service = name.split(".")[0]
        self.port = free_ports()
        env = {**stack.env, "TESSERA_BUS_PASSWORD": f"@{stack.dir}/secrets/{self.service}.password", "TESSERA_BUS_PORT": str(stack.broker_port),
               "TESSERA_MANAGEMENT_PORT": str(self.port), **{f"TESSERA_{k}": str(v) for k, v in settings.items()}}
        self.process = subprocess.Popen([OUT / f"bin/tessera-{self.service}", "--instance", name], env=env, stdout=subprocess.DEVNULL)

    def health(self):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=30) as answer:
                return answer.status, ""
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def ready(self):
        assert eventually(lambda: self.health()[0] == 200), self.health()
        return self

    def metric(self, name):
        """The sum over its labels."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=30) as answer:
            return sum(float(line.rsplit(" ", 1)[1]) for line in answer.read().decode().splitlines() if line.startswith(name))

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        return self.process.wait(60)


def running_instances(stack):
    """A fixture's body: start(name, **settings). They end with the test, and well."""
    running = []

    def start(name, **settings):
        running.append(Instance(stack, name, **settings))
        return running[-1]

    yield start
    for one in running:
        if one.process.poll() is None:
            assert one.stop() == 0
