"""`tessera doctor` finds what is wrong and says what to do; `tessera logs` shows what is wanted of the log."""

import json
import os
import signal
import subprocess

from client import PATIENCE, eventually
from commandline import OK, PROGRAM, REFUSED, USAGE, tessera
from stack import free_ports


def findings(done):
    return [(f["check"], f["state"]) for f in json.loads(done.out)]


def test_a_healthy_installation(stack):
    done = tessera(stack, "doctor")
    assert done.status == OK and "answers in" in done.out and "schema" in done.out, done
    found = dict(findings(tessera(stack, "doctor", "--json", env={"TESSERA_PUBLISH": "127.0.0.1", "TESSERA_PUBLISH_GRAFANA_PORT": "3000"})))  # .env's
    assert {"settings", "processes", "API", "broker", "queues", "disk", "database", "secrets", "open files", "clock"} <= found.keys()
    assert {found[c] for c in ("settings", "processes", "broker", "database", "secrets")} == {"ok"}, found


def test_settings_that_are_wrong(stack, tmp_path):
    file = tmp_path / "tessera.conf"
    file.write_text("# fine\nhttp.max_body = 5 # too small\nstorage.sweeep = 1000\nlog.level = info\n")
    done = tessera(stack, "doctor", env={"TESSERA_HTTP_PRT": "1", "TESSERA_COAP_INSECURE": "perhaps", "TESSERA_CONFIG": str(file)})
    assert done.status == REFUSED, done
    for text in ("TESSERA_HTTP_PRT: no program knows it", "TESSERA_COAP_INSECURE: must be true or false", f"{file}:2: http.max_body: must be a whole number from 1024",
                 f"{file}:3: storage.sweeep: no program knows it"):
        assert text in done.out, (text, done.out)
    assert "log.level" not in done.out


def test_what_does_not_run_or_does_not_fit(stack, tmp_path):
    done = tessera(None, "doctor", env={"TESSERA_MANAGEMENT_PORT": str(free_ports()), "TESSERA_HTTP_PORT": str(stack.http_port), "TESSERA_STATE_DIR": str(tmp_path)})
    assert done.status == REFUSED and "no supervisor answers" in done.out and "make up" in done.out, done
    assert f"port {stack.http_port} is in use" in done.out
    done = tessera(stack, "doctor", env={"TESSERA_CSE_ID": "/other"})
    assert done.status == REFUSED and "TESSERA_CSE_ID must be what it was" in done.out, done
    env = {**os.environ, "TESSERA_MANAGEMENT_PORT": str(stack.status()["http.1"]["port"]), "TESSERA_HTTP_PORT": str(stack.http_port), "TESSERA_STATE_DIR": str(tmp_path)}
    done = tessera(None, "doctor", env=env)
    assert done.status == OK and "http.1 runs alone here and is healthy" in done.out and "answers in" in done.out, done


def test_certificates(stack, tmp_path):
    for name, days, state in (("good", 100, "ok"), ("soon", 3, "warn")):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=x", "-days", str(days),
                        "-keyout", tmp_path / "key", "-out", tmp_path / name], check=True, capture_output=True)
        assert ("certificates", state) in findings(tessera(stack, "doctor", "--json", env={"TESSERA_TLS_CERTIFICATE": str(tmp_path / name)}))
    done = tessera(stack, "doctor", env={"TESSERA_TLS_CERTIFICATE": str(tmp_path / "key")})
    assert done.status == REFUSED and "no certificate" in done.out


def test_a_process_that_was_killed(stack):
    stack.kill("timing.1")
    found = eventually(lambda: [f for f in json.loads(tessera(stack, "doctor", "--json").out) if "timing.1 was started again" in f["text"]])
    assert found and found[0]["state"] == "warn"
    stack.wait_healthy()


# ---- logs


def test_lines_of_the_log_by_service_level_trace_and_time(stack):
    trace = os.urandom(16).hex()
    line = next(text for text in reversed(stack.log().splitlines()) if text.startswith("{"))
    done = tessera(stack, "logs", "--limit", "1", "--json")
    assert done.status == OK and done.out.count("\n") == 1 and json.loads(done.out)["event"], done
    done = tessera(stack, "logs", "http", "--limit", "5")
    assert done.status == OK and done.lines and {line.split()[3] for line in done.lines} == {"http.1"}, done
    done = tessera(stack, "logs", "--level", "error", "--since", "1d", "--json")
    assert {json.loads(one)["level"] for one in done.out.splitlines()} <= {"error"}
    assert tessera(stack, "logs", "--since", "2099-01-01").out == ""
    event = json.loads(line)
    shown = tessera(stack, "logs", "--file", "-", input=line + "\nno JSON\n")
    assert event["event"] in shown.lines[0] and event["t"][11:23] in shown.lines[0] and shown.lines[1] == "no JSON"
    done = tessera(stack, "logs", "--file", "-", "--trace", trace, input=f'{{"trace":"00-{trace}-1"}}\n{{"trace":"other"}}\n')
    assert done.out.count("\n") == 1
    for wrong in (["--level", "loud"], ["--since", "yesterday"], ["--limit", "0"]):
        assert tessera(stack, "logs", *wrong).status == USAGE, wrong
    assert tessera(None, "logs", env={"TESSERA_STATE_DIR": "/nowhere"}).status == REFUSED


def test_the_log_is_followed_over_a_rotation(tmp_path):
    (tmp_path / "log").mkdir()
    file = tmp_path / "log/tessera.log"
    file.write_text("one\n")
    with subprocess.Popen([PROGRAM, "logs", "--follow"], env={**os.environ, "TESSERA_STATE_DIR": str(tmp_path)}, stdout=subprocess.PIPE, text=True) as logs:
        assert logs.stdout.readline() == "one\n"
        with file.open("a") as f:
            f.write("two\n")
        assert logs.stdout.readline() == "two\n"
        file.rename(tmp_path / "old")
        file.write_text("three\n")
        assert logs.stdout.readline() == "three\n"
        logs.send_signal(signal.SIGINT)
        assert logs.wait(PATIENCE) == -signal.SIGINT


def line(n, level="info", service="http.1"):
    return json.dumps({"t": f"2026-11-21T08:00:{n:02}.000Z", "level": level, "service": service, "event": "test.line", "n": n}, separators=(",", ":"))


def numbers(done):
    return [json.loads(text)["n"] for text in done.out.splitlines()]


def test_the_log_is_read_over_all_of_its_files(tmp_path):
    (tmp_path / "log").mkdir()
    for n, name in enumerate(["tessera.log.3", "tessera.log.2", "tessera.log.1", "tessera.log"]):
        (tmp_path / "log" / name).write_text(line(2 * n) + "\n" + line(2 * n + 1, "error") + "\n")
    env = {"TESSERA_STATE_DIR": str(tmp_path)}
    assert numbers(tessera(None, "logs", "--json", env=env)) == list(range(8))
    assert numbers(tessera(None, "logs", "--json", "--limit", "3", env=env)) == [5, 6, 7]
    assert numbers(tessera(None, "logs", "--json", "--level", "error", env=env)) == [1, 3, 5, 7]
    assert numbers(tessera(None, "logs", "--json", "--since", "2026-11-21T08:00:03", env=env)) == [3, 4, 5, 6, 7]
    assert numbers(tessera(None, "logs", "--json", "--trace", '"n":2', env=env)) == [2]
    (tmp_path / "log/tessera.log.2").unlink()
    (tmp_path / "log/tessera.log.2").hardlink_to(tmp_path / "log/tessera.log.1")  # while it is replaced
    assert numbers(tessera(None, "logs", "--json", env=env)) == [0, 1, 4, 5, 6, 7]


def test_what_a_full_disk_has_torn_off_hides_nothing(tmp_path):
    (tmp_path / "log").mkdir()
    (tmp_path / "log/tessera.log").write_text(line(1)[:40] + line(2) + "\n" + line(3))
    done = tessera(None, "logs", "--level", "info", "--json", env={"TESSERA_STATE_DIR": str(tmp_path)})
    assert numbers(done) == [2, 3], done


def test_the_log_is_followed_over_several_rotations_at_once(tmp_path):
    (tmp_path / "log").mkdir()
    file = tmp_path / "log/tessera.log"
    file.write_text(line(0) + "\n")
    with subprocess.Popen([PROGRAM, "logs", "--follow", "--json", "--level", "warn"], env={**os.environ, "TESSERA_STATE_DIR": str(tmp_path)}, stdout=subprocess.PIPE, text=True) as logs:
        with file.open("a") as f:
            f.write(line(1, "warn") + "\n" + line(2) + "\n")
        assert json.loads(logs.stdout.readline())["n"] == 1
        with file.open("a") as f:
            f.write(line(3, "warn") + "\n")
            file.rename(f"{file}.3")
            (tmp_path / "log/tessera.log.2").write_text(line(4, "error") + "\n")
            (tmp_path / "log/tessera.log.1").write_text(line(5, "warn") + "\n" + line(6) + "\n")
            file.write_text(line(7, "warn") + "\n")
        assert [json.loads(logs.stdout.readline())["n"] for _ in range(4)] == [3, 4, 5, 7]
        logs.send_signal(signal.SIGINT)
        assert logs.wait(PATIENCE) == -signal.SIGINT
