"""The page docs/onem2m-coverage.md says what is there: nothing is left out, every test that it names exists, and it is up to date."""

import pathlib
import re
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests/coverage"))

import page
from claims import CLAIMS, OPERATIONS, TABLES, VIRTUALS


@pytest.fixture(scope="module")
def tests():
    """The names of all tests, with and without their case."""
    found = subprocess.run([sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", "tests/system", "tests/fault"], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert found.returncode == 0, found.stdout[-2000:]
    names = {line.strip() for line in found.stdout.splitlines() if "::" in line}
    return names | {name.split("[")[0] for name in names}


def is_there(tests, folder, file, function, case):
    path = page.path_of(folder, file)
    if path.endswith(".py"):
        return f"{path}::test_{function}{case}" in tests
    return (ROOT / path).exists() and f"START_TEST({function})" in (ROOT / path).read_text()


def test_every_test_that_is_named_exists(tests):
    claims = [claim for _, of in page.types() for claim in of.values()] + list(VIRTUALS.values()) + [claim for section in CLAIMS.values() for claim in section.values()]
    missing = {".".join((file, function)) + case for claim in claims for folder, file, function, case in page.tests_of(claim) if not is_there(tests, folder, file, function, case)}
    assert not missing


def test_every_operation_of_every_type():
    open_ = [f"{t['sn']} {operation}" for t, claims in page.types() for operation in ("C", "R", "U", "D", *(["announced"] if t["announceable"] else [])) if operation not in claims]
    assert not open_, "no test and not said to be missing"
    known = {t["sn"] for t, _ in page.types()}
    assert not {name for name in OPERATIONS if name.split()[0] not in known}


def test_every_virtual_resource():
    names = {name for t in page.tables()["types"] for name in t["virtuals"]}
    needed = {name if isinstance(VIRTUALS.get(name), tuple) else f"{name} {operation}" for name in names for operation in "CRUD"}
    assert not needed - set(VIRTUALS)


@pytest.mark.parametrize("section", TABLES)
def test_every_name_of_a_table(section):
    claimed = {re.split(r"[:,] | \d", what)[0] for what in CLAIMS[section]}
    assert not set(page.tables()[TABLES[section]]) - claimed


def test_nothing_is_claimed_without_a_test():
    everything = {**VIRTUALS, **OPERATIONS, **{f"{title}: {what}": claim for title, claims in CLAIMS.items() for what, claim in claims.items()}}
    assert not [what for what, claim in everything.items() if not (claim[0] if isinstance(claim, tuple) else page.tests_of(claim))]


def test_the_page_is_up_to_date():
    assert (ROOT / "docs/onem2m-coverage.md").read_text() == page.page() + "\n", "make docs"
