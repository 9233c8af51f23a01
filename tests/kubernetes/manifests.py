"""Environments as `kustomize build` makes them, with secrets of their own in a copy of what is in git."""

import base64
import json
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = Path(os.environ["OUT"]) if os.path.isabs(os.environ.get("OUT", "")) else ROOT / os.environ.get("OUT", "build/release")
NAMESPACES = subprocess.run(["unshare", "--mount", "--net", "true"], capture_output=True).returncode == 0  # may we make some?
COMPONENT = "app.kubernetes.io/component"
WORKLOADS = ("Deployment", "StatefulSet")


def copy(to):
    """A checkout as far as the manifests need one."""
    for part in ("docs/kubernetes", "broker-config", "services/supervisor", "services/monitoring", "services/environments"):
        shutil.copytree(ROOT / part, to / part, ignore=shutil.ignore_patterns("generated"))
    (to / "common").mkdir()
    shutil.copy(ROOT / "common/version.h", to / "common")
    for main in ROOT.glob("services/*/main.c"):  # `prepare` looks for services without a user
        (to / main.relative_to(ROOT).parent).mkdir(exist_ok=True)
        (to / main.relative_to(ROOT)).touch()


def certificates(checkout, state):
    subprocess.run([checkout / "services/supervisor/certificate", state, "tessera.example.com"], check=True, capture_output=True)
    tls = Path(state) / "tls"
    for name, source in (("tls.crt", "server.crt"), ("ca.crt", "server.crt"), ("tls.key", "server.key")):
        shutil.copy(tls / source, tls / name)


class Environment:
    """What is built of overlays/NAME."""

    def __init__(self, checkout, name):
        self.name = name
        built = subprocess.run([os.environ["KUSTOMIZE"], "build", checkout / "docs/kubernetes/overlays" / name], capture_output=True, text=True)
        assert built.returncode == 0, built.stderr
        assert "deprecated" not in built.stderr, built.stderr
        self.all = [d for d in yaml.safe_load_all(built.stdout) if d]

    def of(self, *kinds):
        return [d for d in self.all if d["kind"] in kinds]

    def one(self, kind, name):
        return next(d for d in self.of(kind) if d["metadata"]["name"] == name)

    def pods(self):
        """Workloads by their component."""
        return {d["spec"]["template"]["metadata"]["labels"][COMPONENT]: d["spec"]["template"] for d in self.of(*WORKLOADS)}

    def services(self):
        """Those that run a program of ours."""
        return {c: t for c, t in self.pods().items() if t["metadata"]["labels"]["app.kubernetes.io/name"] == "tessera"}

    def selected(self, labels):
        return {c: t for c, t in self.pods().items() if matches(labels, t["metadata"]["labels"])}

    def settings(self, container):
        """The variables that a container has; those taken from elsewhere are empty."""
        found = {}
        for source in container.get("envFrom", []):
            found.update(self.one("ConfigMap", source["configMapRef"]["name"])["data"])
        found.update({e["name"]: e.get("value", "") for e in container.get("env", [])})
        return found


def matches(selector, labels):
    known = {"In": lambda e: labels.get(e["key"]) in e["values"]}
    return all(labels.get(k) == v for k, v in selector.get("matchLabels", {}).items()) and all(known[e["operator"]](e) for e in selector.get("matchExpressions", []))


def containers(template):
    return template["spec"].get("initContainers", []) + template["spec"]["containers"]


def ports(template):
    return {p["name"]: p for c in template["spec"]["containers"] for p in c.get("ports", [])}


def known_settings(program):
    listed = subprocess.run([PROGRAMS / "bin" / program, "--settings"], check=True, capture_output=True, text=True).stdout
    return {line.split("\t")[1]: line.split("\t")[3] for line in listed.splitlines()}


def fleet():
    """The services that the supervisor starts."""
    return set(re.findall(r"([a-z-]+)=", known_settings("tessera-supervisor")["TESSERA_SUPERVISOR_INSTANCES"]))


def schema_mistakes(manifests):
    checked = subprocess.run(["node", ROOT / "tests/kubernetes/schemas.mjs", os.environ["NODE_MODULES"]], input=json.dumps(manifests), capture_output=True, text=True)
    assert not checked.stderr, checked.stderr
    return checked.stdout


def in_namespaces(folders):
    """The beginning of a script that `unshare --mount --net` runs: no port is in use, and /run has these files alone."""
    lines = ["set -eu", "ip link set lo up", "mount -t tmpfs none /run"]
    for folder, files in folders.items():
        lines.append(f"mkdir -p {folder}")
        lines += [f"base64 -d >{folder}/{name} <<'E'\n{base64.b64encode(data).decode()}\nE" for name, data in files.items()]
    return "\n".join(lines) + "\n"


def run_alive(folders, variables, args):
    """Starts a program as the image does, in namespaces of its own where no port is in use, with the files of its container
    ({folder: {name: bytes}}) and nothing of the machine's, asks it whether it lives and is healthy, and ends it. No broker is there."""
    lines = ["hostname some-pod-0", "mkdir -p /var/lib/tessera"]
    lines += [f"mount -t tmpfs none {folder}" for folder in ("/var/lib/tessera", "/opt")]
    lines += ["mkdir -p /opt/tessera", f"ln -s {PROGRAMS}/bin /opt/tessera/bin"]
    own = {"TESSERA_BUS_HOST": "127.0.0.1", "TESSERA_SERVICE_LINGER": "0", "PATH": f"{PROGRAMS}/bin:{os.environ['PATH']}:/usr/sbin:/sbin"}
    script = in_namespaces(folders) + "\n".join(lines) + ALIVE
    ran = subprocess.run(["unshare", "--mount", "--net", "--uts", "bash", "-c", script, "bash", ROOT / "services/supervisor/enter", *args], env={**variables, **own}, capture_output=True, text=True, timeout=60)
    return ran.stdout + ran.stderr


ALIVE = """
"$@" & pid=$!
for _ in $(seq 300); do curl -sf http://127.0.0.1:8090/live && break; kill -0 $pid || break; sleep 0.1; done
curl -s -o /dev/null -w 'health: %{http_code}\n' http://127.0.0.1:8090/health || true
kill $pid 2>/dev/null && wait $pid
"""


def run_broker(nodes, folders, variables, cookie):
    """Starts the nodes as the pods do, by Debian's RabbitMQ, on hosts that are namespaces, until they are a cluster; its status."""
    given = " ".join(f"{name}={shlex.quote(value.replace('$(POD_NAME)', 'POD'))}" for name, value in variables.items() if value).replace("POD", '"$1"')
    program = "/usr/lib/rabbitmq/bin/"
    script = (
        in_namespaces(folders)
        + f"""
ip link add bridge type bridge && ip link set bridge up && hosts=/run/hosts && echo 127.0.0.1 localhost >$hosts
for i in $(seq 0 {nodes - 1}); do
  ip netns add n$i && ip link add v$i type veth peer name eth0 netns n$i && ip link set v$i master bridge up
  ip -n n$i addr add 10.9.9.1$i/24 dev eth0 && ip -n n$i link set eth0 up && ip -n n$i link set lo up
  echo 10.9.9.1$i broker-$i.broker-nodes >>$hosts
done
cat >/run/in <<'EOF'
# POD PROGRAM ARGUMENT...
set -eu
mount --bind /run/hosts /etc/hosts
mkdir -p "/run/$1" && mount --bind "/run/$1" /var/lib/rabbitmq
[ -e /var/lib/rabbitmq/.erlang.cookie ] || {shlex.join(cookie)}
cd "/run/$1"
exec env -i PATH="$PATH" LANG=C.UTF-8 RABBITMQ_CONF_ENV_FILE=/dev/null RABBITMQ_LOG_BASE="$PWD" RABBITMQ_MNESIA_BASE="$PWD/data" {given} {program}"$2" "${{@:3}}"
EOF
for i in $(seq 0 {nodes - 1}); do ip netns exec n$i bash /run/in broker-$i rabbitmq-server </dev/null >/run/out-$i 2>&1 & done
for i in $(seq 0 {nodes - 1}); do
  for _ in $(seq 200); do ip netns exec n$i bash -c 'exec 3<>/dev/tcp/127.0.0.1/5672' 2>/dev/null && break; sleep 0.2; done
done
ip netns exec n0 bash /run/in broker-0 rabbitmqctl cluster_status --formatter json || true
cat /run/out-* >&2
"""
    )
    ran = subprocess.run(["unshare", "--mount", "--net", "--pid", "--mount-proc", "--fork", "--kill-child", "bash", "-c", script], capture_output=True, text=True, timeout=180)
    assert ran.stdout.startswith("{"), ran.stdout + ran.stderr
    return json.loads(ran.stdout)
