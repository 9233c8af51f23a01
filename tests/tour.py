"""The tour of README.md, line by line, as a newcomer would paste it."""

import re
import subprocess

from stack import ROOT


def run(http_port, receiver_port, folder, host="127.0.0.1"):
    """`host`: where the services reach this machine."""
    text = (ROOT / "README.md").read_text()
    tour = text[text.index("## Five minutes"):text.index("## More")]
    script = "set -m\n" + "\n".join(f"{block}echo; echo '----'" for block in re.findall(r"```sh\n(.*?)```", tour, re.S))
    script = script.replace(":8080", f":{http_port}").replace("9999", str(receiver_port)).replace("N=127.0.0.1 ", f"N={host} ")
    script = script.replace("/tmp/notifications", str(folder / "notifications"))
    done = subprocess.run(["bash", "-c", script], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
    parts = done.stdout.split("----")
    setup, register, store, notified, found, access, clean = parts[:7]

    assert '"aei":"Cthermo"' in register, done.stdout
    assert store.count('"con":21.5') == 2 and '"cni"' in store, store
    assert '"m2m:sgn"' in notified and '"con":22.0' in notified.split('"m2m:sgn"')[1], notified
    assert "cse-in/thermo/room/" in found and '"cse-in/thermo/room"' in found, found
    assert "m2m:dbg" in access and access.rstrip().endswith('"con":22.0}}'), access
    assert "m2m:dbg" not in clean, clean
