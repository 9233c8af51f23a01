"""`tessera health`: what the health check of a container asks."""

from commandline import OK, REFUSED, USAGE, tessera
from stack import free_ports


def test_health_of_one_process_by_name_by_service_and_by_port(stack):
    for name in ("http.1", "http", "storage", "broker", str(stack.status()["orchestrator.1"]["port"])):
        done = tessera(stack, "health", name)
        assert done.status == OK and done.out.endswith("healthy\n" if name == "broker" else "ok\n"), done
    done = tessera(stack, "health")
    assert done.status == OK and done.out == "supervisor.1: ok\n"


def test_without_a_supervisor_the_process_at_the_port_of_the_setting(stack):
    env = {"TESSERA_MANAGEMENT_PORT": str(stack.status()["http.1"]["port"]), "TESSERA_MANAGEMENT_LISTEN": "0.0.0.0"}
    for name in ([], ["http"], ["http.1"]):
        done = tessera(stack, "health", *name, env=env)
        assert done.status == OK and done.out == "http.1: ok\n", done
    done = tessera(stack, "health", "htt", env=env)
    assert done.status == REFUSED and "no supervisor" in done.err


def test_who_does_not_answer_is_not_healthy(stack):
    done = tessera(stack, "health", free_ports())
    assert done.status == REFUSED and "connect" in done.err
    done = tessera(stack, "health", "nobody")
    assert done.status == REFUSED and "nobody" in done.err and "tessera status" in done.err
    assert tessera(stack, "health", "70000").status == USAGE
    assert tessera(stack, "health", "http", "storage").status == USAGE
