"""The pages of README.md and docs/, and the commands in them.

A command stands in a fenced block whose language is `sh`. What is behind that word says who runs it in the tests:

    sh              tests/system/test_docs.py, on an installation of `make up`, all blocks of a page in one shell
    sh docker       tests/compose/check, on containers
    sh monitoring   tests/monitoring
    sh kubernetes   nobody, for want of a cluster: what can be checked without one is

A `conf` block that begins with `# NAME.conf` is the file NAME.conf of those commands.
"""

import re
from typing import NamedTuple

from stack import ROOT

GENERATED = ("docs/configuration.md", "docs/onem2m-coverage.md")


class Block(NamedTuple):
    words: tuple  # ("sh", "docker")
    text: str


def names():
    pages = [ROOT / "README.md", *ROOT.glob("docs/*.md"), *ROOT.glob("docs/kubernetes/*.md")]
    return sorted(str(page.relative_to(ROOT)) for page in pages if str(page.relative_to(ROOT)) not in GENERATED)


def text(page):
    return (ROOT / page).read_text()


def blocks(page, *words):
    """The fenced blocks of a page; with words, those of that kind only."""
    found = [Block(tuple(info.split()), body) for info, body in re.findall(r"^```([^\n]*)\n(.*?)^```$", text(page), re.S | re.M)]
    return [block for block in found if not words or block.words == words]


def outside(page):
    """A page without its fenced blocks."""
    return re.sub(r"^```.*?^```$", "", text(page), flags=re.S | re.M)
