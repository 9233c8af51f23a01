"""The commands: up, down, status; settings and their refusal; secrets. On installations of their own."""

import contextlib
import os
import pathlib
import re
import signal
import socket
import stat
import subprocess
import time

import pytest

from client import AE, CIN, CNT, PATIENCE, Client
from stack import OUT, ROOT, Stack, free_ports

PROGRAMS = sorted(p for p in (OUT / "bin").glob("tessera*") if os.access(p, os.X_OK))
SERVICES = [p for p in PROGRAMS if p.name != "tessera"]


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """An installation whose state directory is not there yet."""
    s = Stack(LOG_LEVEL="debug")
    s.dir.rmdir()
    s.started = s.start()
    yield s
    s.stop()


def run(program, *arguments, env=None, timeout=PATIENCE):
    """(status, output) of a program that is to end by itself; `env` are the only TESSERA_ variables."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("TESSERA_")}
    done = subprocess.run([program, *arguments], env={**clean, **(env or {})}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=timeout, check=False)
    return done.returncode, done.stdout


def up(stack):
    done = subprocess.run([ROOT / "services/supervisor/up"], env=stack.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=240, check=False)
    return done.returncode, done.stdout


def processes(stack):
    """Everything that belongs to the installation: its state directory is in the environment or the command line."""
    wanted, found = str(stack.dir).encode(), {}
    for proc in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            text = (proc / "cmdline").read_bytes() + (proc / "environ").read_bytes()
            if wanted in text and int(proc.name) != os.getpid():
                found[int(proc.name)] = (proc / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")[:80]
    return found


def open_ports(stack):
    base, found = stack.http_port, []
    for port in range(base, base + 16):
        with socket.socket() as s:
            if s.connect_ex(("127.0.0.1", port)) == 0:
                found.append(port)
    return found


def pids(stack):
    return {name: c["pid"] for name, c in stack.status().items()}


# ---- up and down


def test_up_tells_where_everything_is(house):
    for text in (f"http://127.0.0.1:{house.http_port}/cse-in", f"http://127.0.0.1:{house.management_port}/health", str(house.dir), "make down"):
        assert text in house.started
    for command in re.findall(r"^  (curl .*)$", house.started, re.M):
        done = subprocess.run(["bash", "-c", command], stdout=subprocess.PIPE, text=True, timeout=PATIENCE, check=True)
        assert done.stdout.startswith('{"m2m:') and "dbg" not in done.stdout, command


def test_up_twice_is_harmless(house):
    before = pids(house)
    status, text = up(house)
    assert status == 0 and "Tessera is up" in text
    assert pids(house) == before and all(c["restarts"] == 0 for c in house.status().values())


def test_status(house):
    tessera = OUT / "bin/tessera"
    status, text = run(tessera, "status", env={"TESSERA_MANAGEMENT_PORT": str(house.management_port)})
    assert status == 0
    for name, pid in pids(house).items():
        assert re.search(rf"^{re.escape(name)} +healthy +{pid} ", text, re.M), text
    status, text = run(tessera, "status", "--json", env={"TESSERA_MANAGEMENT_PORT": str(house.management_port)})
    assert status == 0 and '"children"' in text
    status, text = run(tessera, "status", env={"TESSERA_MANAGEMENT_PORT": str(free_ports())})
    assert status == 1 and "not running" in text and "make up" in text
    status, text = run(tessera, "status", env={"TESSERA_MANAGEMENT_PORT": "http"})
    assert status == 78 and "TESSERA_MANAGEMENT_PORT" in text
    for arguments in ([], ["dance"]):
        status, text = run(tessera, *arguments)
        assert status == 2 and "status" in text


def test_another_installation_on_the_same_ports_is_refused(house, tmp_path):
    other = Stack()
    try:
        for name, port in (("HTTP", house.http_port), ("MANAGEMENT", house.management_port), ("BROKER", house.broker_port)):
            own = other.env[f"TESSERA_{name}_PORT"]
            other.env[f"TESSERA_{name}_PORT"] = str(port)
            status, text = up(other)
            assert status == 1 and str(port) in text and f"TESSERA_{name}_PORT" in text, text
            other.env[f"TESSERA_{name}_PORT"] = own
        assert not processes(other) and not (other.dir / "run/children").exists() and not (other.dir / "broker").exists()
    finally:
        other.stop()
    assert house.wait_healthy()


def test_secrets(house):
    files = [p for p in (house.dir / "secrets").iterdir()]
    assert {p.name for p in files} >= {f"{s}.password" for s in ("http", "orchestrator", "storage", "notification", "adapter")}
    secrets = set()
    cookie = house.dir / "broker/home/.erlang.cookie"
    assert cookie.read_text() == (house.dir / "secrets/erlang.cookie").read_text() and stat.S_IMODE(cookie.stat().st_mode) == 0o400
    for p in files:
        assert stat.S_IMODE(p.stat().st_mode) & 0o177 == 0, p
        secret = p.read_text().strip()
        assert len(secret) >= 32 and secret not in secrets
        secrets.add(secret)
    assert stat.S_IMODE(house.dir.stat().st_mode) == 0o700
    assert stat.S_IMODE((house.dir / "secrets").stat().st_mode) == 0o700
    assert Client(house.http_port).get("").rsc == 2000
    shown = [house.started, house.log(), *(p.read_text(errors="replace") for p in (house.dir / "log").iterdir() if p.is_file())]
    shown += [p.read_text(errors="replace") for p in (house.dir / "broker/log").rglob("*") if p.is_file()]
    for pid in processes(house):  # neither may others of this machine read them off the process list
        with contextlib.suppress(OSError):
            shown.append(pathlib.Path(f"/proc/{pid}/cmdline").read_text())
    for text in shown:
        assert not [s for s in secrets if s in text]
    status, text = run(OUT / "bin/tessera-http", "--help", env={"TESSERA_BUS_PASSWORD": "verysecretindeed"})
    assert status == 0 and "verysecret" not in text


def test_down_leaves_nothing_but_the_data(house):
    ae = Client(house.http_port).ae("lasting")
    ae.create("lasting", CNT, {"rn": "c"})
    made = [ae.create("lasting/c", CIN, {"con": i}).pc for i in range(20)]
    text = house.down()
    assert str(house.dir) in text
    assert not processes(house) and not open_ports(house)
    status, text = run(OUT / "bin/tessera", "status", env={"TESSERA_MANAGEMENT_PORT": str(house.management_port)})
    assert status == 1
    again = house.down()
    assert not processes(house), again
    assert up(house)[0] == 0
    assert ae.get("lasting/c").pc["cni"] == 20 and ae.get("lasting/c/la").pc == made[-1]
    assert ae.create("lasting/c", CIN, {"con": 20}).pc["st"] == 21


def test_down_where_nothing_runs(tmp_path):
    for state in (tmp_path, tmp_path / "nowhere"):
        status, text = run(ROOT / "services/supervisor/down", env={"TESSERA_STATE_DIR": str(state)})
        assert status == 0 and "nothing runs" in text


def test_down_when_the_supervisor_and_its_keeper_were_killed(house):
    left = pids(house)
    os.kill(left["keeper"], signal.SIGKILL)
    os.kill(house.pid("supervisor"), signal.SIGKILL)
    time.sleep(0.3)
    assert set(processes(house)) >= {left["storage.1"], left["broker"]}, "the services go on without a supervisor"
    assert Client(house.http_port).get("").rsc == 2000
    house.down()
    assert not processes(house) and not open_ports(house)
    assert up(house)[0] == 0
    assert Client(house.http_port).get("").rsc == 2000


# ---- the configuration file, side by side


def test_two_side_by_side_one_by_a_file(house, tmp_path):
    second = Stack()
    lines = ["# ports", "http.port = %s   # of the API" % second.env.pop("TESSERA_HTTP_PORT"), " management.port=%s" % second.env.pop("TESSERA_MANAGEMENT_PORT"),
             "broker.port =\t%s" % second.env.pop("TESSERA_BROKER_PORT"), "", "cse.name = second", "cse.id = /id-second", "cse.admin = CBoss", "http.max_body = 2048", "log.level = warn"]
    file = tmp_path / "tessera.conf"
    file.write_text("\n".join(lines) + "\n")
    second.env.update({"TESSERA_CONFIG": str(file), "TESSERA_HTTP_MAX_BODY": "4096"})
    try:
        text = second.start()
        assert f":{second.http_port}/second" in text and "CBoss" in text
        boss = Client(second.http_port, "CBoss", "/second")
        root = boss.get("")
        assert root.rsc == 2000 and root.pc["csi"] == "/id-second"
        assert boss.create("", AE, {"rn": "big", "api": "N.x", "rr": False, "srv": ["3"], "lbl": ["x" * 3000]}, headers={"X-M2M-Origin": "C"}).rsc == 2001, "the environment wins over the file"
        assert boss.create("", AE, {"rn": "huge", "api": "N.x", "rr": False, "srv": ["3"], "lbl": ["x" * 5000]}, headers={"X-M2M-Origin": "C"}).status == 413
        assert Client(house.http_port).get("big").rsc == 4004 and Client(house.http_port, base="/second").get("").rsc == 4004
        status, text = run(OUT / "bin/tessera", "status", env={"TESSERA_CONFIG": str(file)})
        assert status == 0 and str(pids(second)["http.1"]) in text
        before = pids(house)
        second.down()
        assert not processes(second) and pids(house) == before
        assert Client(house.http_port).get("").rsc == 2000
    finally:
        second.stop()


# ---- settings


@pytest.mark.parametrize("variable,file", [("TESSERA_HTPP_PORT", None), ("TESSERA_HTTP_PROT", None), ("TESSERA_FOO", None), (None, "htpp.port = 1"), (None, "http.prot = 1")])
def test_up_refuses_unknown_settings(tmp_path, variable, file):
    stack = Stack()
    try:
        if variable:
            stack.env[variable] = "1"
        else:
            (tmp_path / "conf").write_text(file + "\n")
            stack.env["TESSERA_CONFIG"] = str(tmp_path / "conf")
        status, text = up(stack)
        assert status == 1 and f"{variable or file.split()[0]}: unknown setting" in text, text
        assert not processes(stack)
    finally:
        stack.stop()


def test_up_refuses_bad_values_and_can_be_tried_again():
    stack = Stack(HTTP_TIMEOUT="soon", SUPERVISOR_PATIENCE=2000)
    try:
        status, text = up(stack)
        assert status == 1 and 'TESSERA_HTTP_TIMEOUT: "soon": must be a whole number from 1 to 3600' in text, text
        assert not processes(stack)
    finally:
        stack.stop()


BAD = [
    ("http", "TESSERA_HTTP_PORT", "0"), ("http", "TESSERA_HTTP_PORT", "70000"), ("http", "TESSERA_HTTP_PORT", "x"), ("http", "TESSERA_HTTP_PORT", ""), ("http", "TESSERA_HTTP_PORT", " 8080"),
    ("http", "TESSERA_HTTP_INSECURE", "maybe"), ("http", "TESSERA_HTTP_MAX_BODY", "10"), ("http", "TESSERA_LOG_LEVEL", "loud"), ("http", "TESSERA_CSE_ID", "id-in"), ("http", "TESSERA_CSE_NAME", "a/b"),
    ("http", "TESSERA_HTTP_LISTEN", "localhost"), ("http", "TESSERA_MANAGEMENT_LISTEN", "everywhere"), ("http", "TESSERA_BUS_PASSWORD", "@/nonexistent/file"),
    ("storage", "TESSERA_STORAGE_SWEEP", "1"), ("orchestrator", "TESSERA_ORCHESTRATOR_CACHE", "-1"), ("orchestrator", "TESSERA_CSE_TYPE", "ABC"), ("orchestrator", "TESSERA_CSE_RELEASES", "1,9"),
    ("notification", "TESSERA_SERVICE_DRAIN", "1.5"), ("supervisor", "TESSERA_SUPERVISOR_INSTANCES", "http=many"), ("supervisor", "TESSERA_BROKER_PORT", "x"), ("storage", "TESSERA_CONFIG", "/nonexistent"),
]


@pytest.mark.parametrize("service,variable,value", BAD)
def test_programs_refuse_bad_values(tmp_path, service, variable, value):
    status, text = run(OUT / f"bin/tessera-{service}", env={"TESSERA_SUPERVISOR_STATE": str(tmp_path), variable: value} if service == "supervisor" else {variable: value})
    assert status == 78, (status, text)
    assert (variable if variable != "TESSERA_CONFIG" else "/nonexistent: cannot read") in text and value.lstrip("@") in text, text


@pytest.mark.parametrize("program", SERVICES, ids=lambda p: p.name)
def test_programs_refuse_unknown_settings(program, tmp_path):
    section = {"tessera-supervisor": "supervisor"}.get(program.name, "bus")
    status, text = run(program, env={f"TESSERA_{section.upper()}_PROT": "1", "TESSERA_SUPERVISOR_STATE": str(tmp_path)})
    assert status == 78 and f"TESSERA_{section.upper()}_PROT: unknown setting" in text, text
    file = tmp_path / "conf"
    file.write_text(f"# a comment\nlog.level = info\n{section}.prot = 1\n")
    status, text = run(program, "--config", str(file), env={"TESSERA_SUPERVISOR_STATE": str(tmp_path)})
    assert status == 78 and f"{file}:3: {section}.prot: unknown setting" in text, text
    file.write_text("log.level = info\nlog.level = warn\n")
    status, text = run(program, "--config", str(file), env={"TESSERA_SUPERVISOR_STATE": str(tmp_path)})
    assert status == 78 and "given twice" in text, text


def test_near_misses_are_pointed_out():
    status, text = run(OUT / "bin/tessera-http", env={"TESSERA_HTTP_PROT": "1"})
    assert status == 78 and "did you mean TESSERA_HTTP_PORT?" in text


@pytest.mark.parametrize("program", SERVICES, ids=lambda p: p.name)
def test_help_and_settings(program):
    status, text = run(program, "--help")
    assert status == 0 and text.startswith(f"usage: {program.name}")
    status, rows = run(program, "--settings")
    assert status == 0
    names = set()
    for row in rows.splitlines():
        name, variable, kind, standard, least, most, meaning = row.split("\t")
        assert re.fullmatch(r"[a-z]+(\.[a-z_]+)+", name) and variable == "TESSERA_" + re.sub(r"[^A-Z0-9]", "_", name.upper())
        assert kind in ("text", "int", "bool", "secret") and len(meaning) > 10 and name not in names
        assert kind != "int" or int(least) <= int(standard) <= int(most)
        assert f"  {name}\n" in text and variable in text and meaning in text
        names.add(name)
    assert {"log.level", "management.port", "service.drain"} <= names
    status, text = run(program, "--version")
    assert status == 0 and re.fullmatch(rf"{program.name} \d+\.\d+\.\d+\S*\n", text)
    for wrong in (["--nonsense"], ["extra"], ["--instance", "a b"]):
        status, text = run(program, *wrong)
        assert status == 64 and text, wrong


def test_help_of_the_command_line():
    status, text = run(OUT / "bin/tessera", "--help")
    assert status == 0 and "status" in text and "wait" in text


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "192.0.2.1"])
def test_http_listens_on_the_loopback_only_unless_told_otherwise(address):
    status, text = run(OUT / "bin/tessera-http", env={"TESSERA_HTTP_LISTEN": address, "TESSERA_HTTP_PORT": str(free_ports())})
    assert status == 78, (status, text)
    assert address in text and "insecure" in text.lower()


@pytest.mark.parametrize("case", [{}, {"PORT": "0"}, {"PORT": "0", "TLS_PORT": "free"}], ids=["plain", "nowhere", "strangers"])
def test_websocket_listens_everywhere_only_for_those_with_a_certificate(case, tmp_path):
    subprocess.run([ROOT / "services/supervisor/certificate", tmp_path], check=True, capture_output=True)
    env = {f"TESSERA_WEBSOCKET_{k}": v.replace("free", str(free_ports())) for k, v in {"PORT": "free", **case}.items()}
    tls = {"TESSERA_TLS_CERTIFICATE": f"{tmp_path}/tls/server.crt", "TESSERA_TLS_KEY": f"{tmp_path}/tls/server.key"}
    status, text = run(OUT / "bin/tessera-websocket", env={"TESSERA_WEBSOCKET_LISTEN": "0.0.0.0", **env, **tls})
    assert status == 78 and ("insecure" in text.lower() or "nobody could connect" in text), (status, text)


def test_http_listens_everywhere_when_told(tmp_path):
    base = free_ports()
    env = {k: v for k, v in os.environ.items() if not k.startswith("TESSERA_")}
    env.update({"TESSERA_HTTP_LISTEN": "0.0.0.0", "TESSERA_HTTP_INSECURE": "true", "TESSERA_HTTP_PORT": str(base), "TESSERA_BUS_PORT": str(base + 1)})
    with subprocess.Popen([OUT / "bin/tessera-http"], env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as http:
        try:
            until = time.monotonic() + PATIENCE
            while time.monotonic() < until:
                with contextlib.suppress(OSError):
                    answer = Client(base).get("")
                    break
                time.sleep(0.05)
            assert (answer.status, answer.rsc) == (503, 5103) and answer.headers["Retry-After"], "without a broker it says so"
        finally:
            http.terminate()
            assert http.wait(PATIENCE) == 0


def test_the_page_of_settings_is_up_to_date(tmp_path):
    (tmp_path / "docs").mkdir()
    script = tmp_path / "docs/generate"
    script.write_text((ROOT / "docs/generate").read_text())
    script.chmod(0o755)
    subprocess.run([script], env={**os.environ, "OUT": str(OUT)}, timeout=PATIENCE, check=True)
    made = (tmp_path / "docs/configuration.md").read_text()
    assert made.count("| `") > 40
    assert made == (ROOT / "docs/configuration.md").read_text(), "run: make docs"
