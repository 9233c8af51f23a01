"""Links between pages: every file and every heading that one names is there, and every page is reached from the README."""

import re

import pytest

from stack import ROOT

PAGES = {str(p.relative_to(ROOT)): p for pattern in ("*.md", "docs/**/*.md", "services/*/README.md", "tests/**/*.md") for p in ROOT.glob(pattern) if "node_modules" not in p.parts}
LINK = re.compile(r"(?<!!)\[(?:[^\]\[]|\[[^\]]*\])*\]\(([^)\s]+)\)")


def prose(page):
    """Without blocks of code and code in lines, in which brackets are no links."""
    text = re.sub(r"^( *)```.*?^\1```$", "", page.read_text(), flags=re.M | re.S)
    return re.sub(r"`[^`\n]*`", "``", text)


def anchors(page):
    """As GitHub and GitLab make them of headings."""
    found = set()
    for heading in re.findall(r"^#+ +(.*?) *#*$", re.sub(r"^( *)```.*?^\1```$", "", page.read_text(), flags=re.M | re.S), re.M):
        heading = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        anchor = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        found.add(anchor if anchor not in found else f"{anchor}-1")
    return found


def targets(name):
    for link in LINK.findall(prose(PAGES[name])):
        if not re.match(r"[a-z]+:", link):
            path, _, anchor = link.partition("#")
            yield link, (PAGES[name].parent / path).resolve() if path else PAGES[name], anchor


@pytest.mark.parametrize("name", PAGES)
def test_what_a_page_links_to_is_there(name):
    for link, file, anchor in targets(name):
        assert file.exists() and ROOT in [file, *file.parents], link
        assert not anchor or (file.suffix == ".md" and anchor in anchors(file)), link


def test_every_page_is_reached_from_the_readme():
    seen, left = set(), ["README.md"]
    while left:
        name = left.pop()
        if name in seen or name not in PAGES:
            continue
        seen.add(name)
        for _, file, _ in targets(name):
            folder = file.is_dir()
            left += [n for n, p in PAGES.items() if p == file or folder and p.parent == file]
    assert {n for n in PAGES if not n.startswith(("services/", "tests/"))} - seen == set()


def test_pages_that_sources_name_are_there():
    """In comments, messages and settings: docs/x.md#y."""
    for file in [*ROOT.glob("common/*.[ch]"), *ROOT.glob("services/**/*.[ch]"), *ROOT.glob("services/supervisor/*"), *ROOT.glob("services/monitoring/prometheus/*.yml"), ROOT / "compose.yaml", ROOT / ".env.example", ROOT / "Makefile"]:
        if file.is_file():
            for page, anchor in re.findall(r"\b(docs/[\w/.-]+\.md)(?:#([\w-]+))?", file.read_text(errors="replace")):
                assert (ROOT / page).is_file(), (file, page)
                assert not anchor or anchor in anchors(ROOT / page), (file, page, anchor)
