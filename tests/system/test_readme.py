"""The tour of README.md, line by line, as a newcomer would paste it."""

import re
import subprocess

from stack import ROOT


def test_the_tour(stack, tmp_path):
    text = (ROOT / "README.md").read_text()
    tour = text[text.index("## Five minutes"):text.index("## More")]
    script = "set -m\n" + "\n".join(f"{block}echo; echo '----'" for block in re.findall(r"```sh\n(.*?)```", tour, re.S))
    script = script.replace(":8080", f":{stack.http_port}").replace("9999", str(stack.http_port + 30))
    script = script.replace("/tmp/notifications", str(tmp_path / "notifications"))
    done = subprocess.run(["bash", "-c", script], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
    parts = done.stdout.split("----")
    setup, register, store, notified, found, access, clean = parts[:7]

    assert '"aei":"Cthermo"' in register
    assert store.count('"con":21.5') == 2 and '"cni"' in store
    assert '"m2m:sgn"' in notified and '"con":22.0' in notified.split('"m2m:sgn"')[1]
    assert "cse-in/thermo/room/" in found and '"cse-in/thermo/room"' in found
    assert "m2m:dbg" in access and access.rstrip().endswith('"con":22.0}}')
    assert "m2m:dbg" not in clean
