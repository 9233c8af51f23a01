"""`tessera`, the command line: resources are made, shown, changed, found and deleted with it."""

import json
import re
import subprocess

import pytest

from client import CIN, CNT
from commandline import OK, PROGRAM, REFUSED, UNREACHABLE, USAGE, tessera
from stack import ROOT, free_ports


@pytest.fixture
def run(stack, ae):
    return lambda *arguments, **more: tessera(stack, *arguments, "-o", ae.origin, **more)


def test_a_resource_from_its_creation_to_its_end(run, ae):
    done = run("create", f"cse-in/{ae.name}", "cnt", "rn=room", "mni=5", "lbl=a,b c")
    assert done.status == OK and f"cse-in/{ae.name}/room cnt container" in done.lines, done
    assert ae.get(f"{ae.name}/room").pc["lbl"] == ["a", "b c"]
    for name in (f"cse-in/{ae.name}/room", f"/cse-in/{ae.name}/room", f"{ae.name}/room", f"-/{ae.name}/room", f"/id-in/cse-in/{ae.name}/room",
                 ae.get(f"{ae.name}/room").pc["ri"]):
        done = run("get", name)
        assert done.status == OK and "mni 5" in done.lines and "lbl a, b c" in done.lines, (name, done)
    done = run("update", f"{ae.name}/room", "mni=6", "lbl=")
    assert done.status == OK and "mni 6" in done.lines, done
    assert "lbl" not in ae.get(f"{ae.name}/room").pc
    for content in ("con=21.5", "con=hello", 'con={"t": 1}'):
        assert run("create", f"{ae.name}/room", "cin", content).status == OK
    assert [c["con"] for c in ae.get(f"{ae.name}/room", rcn=8).pc["m2m:cin"]] == [21.5, "hello", {"t": 1}]
    done = run("get", f"{ae.name}/room/la", "--json")
    assert json.loads(done.out)["m2m:cin"]["con"] == {"t": 1}
    done = run("delete", f"{ae.name}/room", "--json")
    assert (done.status, json.loads(done.out)) == (OK, {}), done
    assert ae.get(f"{ae.name}/room").rsc == 4004


def test_json_from_the_command_line_and_from_standard_input(run, ae):
    done = run("create", ae.name, "cnt", '{"m2m:cnt":{"rn":"one"}}', "--json")
    assert done.status == OK and json.loads(done.out)["m2m:cnt"]["rn"] == "one", done
    done = run("create", ae.name, "cnt", "-", "mni=3", input='{"rn":"two"}')
    assert done.status == OK and ae.get(f"{ae.name}/two").pc["mni"] == 3, done
    done = run("update", f"{ae.name}/two", "-", input='{"mni":4}')
    assert done.status == OK and ae.get(f"{ae.name}/two").pc["mni"] == 4, done
    done = run("create", ae.name, "cod:color", "rn=lamp", "red=1", "green=2", "blue=3")
    assert done.status == OK and ae.get(f"{ae.name}/lamp").pc["cnd"] == "org.onem2m.common.moduleclass.colour", done


def test_an_ae_of_nobody_gets_an_id(stack, admin):
    done = tessera(stack, "create", "cse-in", "ae", "rn=made", "api=N.made", "rr=false", "srv=3", "--json")
    made = json.loads(done.out)["m2m:ae"]
    assert done.status == OK and made["aei"].startswith("C") and len(made["aei"]) > 1, done
    admin.delete("made")


def test_what_others_wrote_does_not_steer_the_terminal(run, ae):
    ae.create(ae.name, CNT, {"rn": "c", "lbl": ["a\x1b[2Jb\n"]})
    assert "lbl a [2Jb" in run("get", f"{ae.name}/c").lines


def test_what_is_refused_and_what_is_wrong(stack, run, ae):
    done = run("get", f"{ae.name}/nothing")
    assert (done.status, done.out) == (REFUSED, "") and done.err.startswith("NOT_FOUND (4004): ") and "nothing" in done.err
    done = tessera(stack, "get", ae.name, "-o", "Cnobody")
    assert done.status == REFUSED and "Cnobody" in done.err
    for words, hint in ((["create", ae.name, "cnr"], "did you mean cnt?"), (["create", ae.name, "cnt", "mnni=1"], "did you mean mni?"),
                        (["create", ae.name, "cnt", "mni=x"], "mni"), (["discover", "lvll=1"], "did you mean lvl?"), (["get"], "missing"),
                        (["get", "x", "--depth", "1"], "no such option"), (["create", ae.name, "cnt", "-"], "JSON")):
        done = run(*words)
        assert done.status == USAGE and hint in done.err and not done.out, (words, done)
    done = tessera(None, "get", "x", "--url", f"http://127.0.0.1:{free_ports()}")
    assert done.status == UNREACHABLE and "cannot reach" in done.err and "--url" in done.err
    done = tessera(None, "get", "x", env={"TESSERA_HTTP_PORT": str(free_ports())})
    assert done.status == UNREACHABLE and "make up" in done.err
    done = tessera(None, "get", "x", "--url", f"http://127.0.0.1:{stack.management_port}")
    assert done.status == UNREACHABLE and "not as a CSE" in done.err
    assert tessera(None, "get", "x", "--url", "ftp://x").status == USAGE


def test_where_and_who_from_the_environment_and_a_file(stack, ae, tmp_path):
    url = f"http://127.0.0.1:{stack.http_port}"
    for env in ({"TESSERA_URL": url, "TESSERA_ORIGINATOR": ae.origin}, {"TESSERA_URL": f"{url}/cse-in"}):
        done = tessera(None, "get", ae.name, env=env)
        assert done.status == OK and f"aei {ae.origin}" in done.lines, done
    file = tmp_path / "tessera.conf"
    file.write_text(f"url = {url}\noriginator = Cnobody\n")
    done = tessera(None, "get", ae.name, "--config", file)
    assert done.status == REFUSED and "Cnobody" in done.err


def test_discovery_and_tree_page_by_page(run, ae):
    ae.create(ae.name, CNT, {"rn": "hall", "lbl": [ae.name]})
    for i in range(3):
        ae.create(f"{ae.name}/hall", CIN, {"con": i})
    done = run("discover", "ty=cnt", f"lbl={ae.name}")
    assert (done.status, done.out) == (OK, f"cnt      cse-in/{ae.name}/hall\n"), done
    done = run("discover", ae.name, "--json")
    assert len(json.loads(done.out)["m2m:uril"]) == 4, done
    done = run("discover", ae.name, "--limit", "2")
    assert len(done.out.splitlines()) == 2 and "more than 2" in done.err, done
    done = run("tree", ae.name, env={"LC_ALL": "C.UTF-8"})
    assert (done.status, done.out) == (OK, f"cse-in/{ae.name}\n└── hall cnt\n"), done
    done = run("tree", ae.name, "--all", env={"LC_ALL": "C"})
    assert done.out.startswith(f"cse-in/{ae.name}\n`-- hall cnt\n    |-- cin") and len(done.out.splitlines()) == 5, done
    assert run("tree", ae.name, "--all", "--depth", "1").out == run("tree", ae.name).out
    assert [n["type"] for n in json.loads(run("tree", ae.name, "--json").out)] == ["cnt"]


def test_pages_are_put_together(run, ae):
    ae.create(ae.name, CNT, {"rn": "many"})
    for i in range(260):  # a page has 250
        ae.create(f"{ae.name}/many", CIN, {"con": i})
    found = json.loads(run("discover", ae.name, "ty=cin", "--json").out)["m2m:uril"]
    assert len(found) == len(set(found)) == 260
    assert len(run("tree", ae.name, "--all").out.splitlines()) == 262
    done = run("tree", ae.name, "--all", "--limit", "100")
    assert len(done.out.splitlines()) == 101 and "Only 100 are shown" in done.err, done


def test_the_examples_of_the_page(stack):
    block = re.search(r"```sh\n(.*?)```", (ROOT / "docs/cli.md").read_text(), re.S)[1]
    done = subprocess.run(["bash", "-e"], input=block, env={**stack.env, "PATH": f"{PROGRAM.parent}:{stack.env['PATH']}"}, capture_output=True, text=True, timeout=60)
    assert done.returncode == OK and re.search(r"con +21.5", done.stdout) and "cnt      cse-in/thermo/room" in done.stdout and done.stdout.endswith("deleted cse-in/thermo\n"), done
