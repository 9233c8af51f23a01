"""The page docs/onem2m-coverage.md: what the program's tables and the claims say."""

import functools
import json
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests/system"), str(HERE)]

import test_types as walk
from claims import CLAIMS, OPERATIONS, TABLES, VIRTUALS
from stack import OUT

TEST = re.compile(r"([a-z0-9_/]+)\.([A-Za-z0-9_]+)(\[[^]]*\])?")
HEAD = """# Coverage of oneM2M

Every resource type with its operations and every procedure, and the tests that prove it. What is missing is marked, with what happens instead. `make docs` writes this page from the program's tables and `tests/coverage/claims.py`; a test fails when something has
neither a test nor is said to be missing, or when a test that is named is not there. How things behave is on [the page about oneM2M](onem2m.md), with
[the choices where the standard is silent or ambiguous](onem2m.md#choices-where-the-standard-is-silent-or-ambiguous)."""


@functools.cache
def tables():
    """What the program's own tables say; see types.c."""
    found = json.loads(subprocess.run([OUT / "coverage/types"], stdout=subprocess.PIPE, check=True).stdout)
    sub = next(t for t in found["types"] if t["sn"] == "sub")
    found["sub"] = [name for name in sub["attributes"] if name not in walk.UNIVERSAL and name not in ("acpi", "daci", "cstn", "et", "lbl")]
    for part in ("filter", "rule"):  # what belongs together has one claim
        found[part] = list(dict.fromkeys(re.sub(r"(acec|^[cp]?atr)\..*", r"\1", name) for name in found[part]))
    return found


def tests_of(claim):
    """The tests that a claim names: (folder, file, function, case)."""
    text = claim[1] if isinstance(claim, tuple) else claim
    assert not TEST.sub("", text).strip(), f"not the name of a test: {text}"
    return [(*("system/" + m[1] if "/" not in m[1] else m[1]).rsplit("/", 1), m[2], (m[3] or "")) for m in TEST.finditer(text)]


def path_of(folder, file):
    return f"tests/{folder}/test_{file}" + (".c" if folder.startswith("unit") else ".py")


def shown(claim):
    """A claim's tests as links, each file once."""
    by_file = {}
    for folder, file, function, case in tests_of(claim):
        by_file.setdefault((folder, file), []).append(function.removeprefix("test_").replace("_", " ").strip() + (f" ({case[1:-1]})" if case else ""))
    links = "; ".join(f"[{file}](../{path_of(folder, file)}): {', '.join(names)}" for (folder, file), names in by_file.items())
    return f"**missing**: {claim[0]}" + (f" ({links})" if links else "") if isinstance(claim, tuple) else links


def walked(t):
    """Operation -> the test of the walk over all types that proves it. Announced types are walked with their originals."""
    sn, found = t["sn"], {}
    if sn in walk.CREATABLE:
        found = {"C": "the_least", "R": "the_least", "U": "update" if t["update"] else "never_updated", "D": "the_least"}
        assert t["create"] and t["update"] == ("U" in walk.operations(sn)), f"{sn}: the tables differ"
    elif sn in walk.NOT_CREATABLE:
        found = {"C": "never_created_by_request"}
    if t["announceable"] and walk.MODEL["types"][sn].get("announced") and sn not in walk.ELSEWHERE:
        found["announced"] = "announced"
    return {operation: f"types.{test}[{sn}]" for operation, test in found.items()}


def types():
    """The rows of the types: (the type's row in the program's table or its variant, operation -> claim)."""
    rows = []
    for t in tables()["types"] + tables()["variants"]:
        if t["ty"] >= 10000 or t["sn"] == "mgo" and t in tables()["types"]:  # mgmtObj: its specializations
            continue
        t = {**t, "sn": t["key"].split(":")[1]} if t["ty"] == 13 else t
        claims = walked(t)
        for operation in ("C", "R", "U", "D", *(["announced"] if t["announceable"] else [])):
            if f"{t['sn']} {operation}" in OPERATIONS:
                claims[operation] = OPERATIONS[f"{t['sn']} {operation}"]
        rows.append((t, claims))
    return sorted(rows, key=lambda row: row[0]["ty"])


def cell(t, operation, claims):
    if operation == "announced" and not t["announceable"]:
        return "-"
    claim = claims[operation]
    if isinstance(claim, tuple):
        return shown(claim)
    allowed = {"C": t["create"], "U": t["update"], "D": t["del"]}.get(operation, True)
    return ("yes" if allowed else "4005") + ("" if claim.startswith("types.") else f" ({shown(claim)})")


def table(head, rows):
    return "\n".join(["| " + " | ".join(head) + " |", "|" + "---|" * len(head), *("| " + " | ".join(row) + " |" for row in rows)])


def count(claims):
    return sum(isinstance(claim, tuple) for claim in claims)


def page():
    rows, procedures = types(), [claim for section in CLAIMS.values() for claim in section.values()]
    parts = [HEAD, f"{len(rows)} types and specializations of mgmtObj, {len(procedures)} procedures and rules, of which {count(procedures)} are missing or differ.", "## Resource types\n\n"
             "A plain \"yes\" or \"4005\" (never allowed) is proved by [the walk over all types](../tests/system/test_types.py): the least (CREATE, RETRIEVE, DELETE), update, never updated, never created by request, announced, each with the type as its case. "
             "The specializations of flexContainer are walked by [flexcontainer](../tests/system/test_flexcontainer.py).\n\n"
             + table(("", "type", "CREATE", "RETRIEVE", "UPDATE", "DELETE", "announced"),
                     [(str(t["ty"]), (f"mgmtObj, {t['sn']}" if t["ty"] == 13 else t["name"]) + (", on an IN-CSE" if t["in_only"] else ""), *(cell(t, op, claims) for op in ("C", "R", "U", "D", "announced"))) for t, claims in rows]),
             "## Virtual resources\n\n" + table(("resource and operation", "tests"), [(what, shown(claim)) for what, claim in VIRTUALS.items()])]
    for title, claims in CLAIMS.items():
        parts.append(f"## {title}\n\n" + table(("", "tests"), [(what.replace("|", "\\|"), shown(claim)) for what, claim in claims.items()]))
    return "\n\n".join(parts)


if __name__ == "__main__":
    print(page())
