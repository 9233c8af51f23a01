"""Runs rows of request primitives through a client of any binding, and looks at the response primitives.

A client has `request(primitive)`: a request primitive as a dict of short names (TS-0004 7.2.1.1; `pc` its content) becomes the response primitive, likewise. What it cannot
say in its protocol it names in `unsupported`: a set of parameter names, rows with them are left out.
"""

import dataclasses
import itertools

CREATE, RETRIEVE, UPDATE, DELETE, NOTIFY = 1, 2, 3, 4, 5
RVI = "3"
numbers = itertools.count(1)


@dataclasses.dataclass
class Row:
    """`want` is what must be in the content, in the notation of match(); `keep` remembers members of its resource by name: {"c": "ri"} is "{c}" in later rows."""

    name: str
    op: int
    to: str
    rsc: int
    pc: object = None
    want: object = None
    keep: dict = dataclasses.field(default_factory=dict)
    fr: str = "{originator}"
    more: dict = dataclasses.field(default_factory=dict)  # further parameters
    answer: dict = dataclasses.field(default_factory=dict)  # of the response primitive, besides rsc and pc


class There:
    """Matches everything that is there."""

    def __repr__(self):
        return "there"


class Not:
    """Matches what is absent."""

    def __repr__(self):
        return "absent"


class Some:
    """Matches a list with these among its elements, in any order."""

    def __init__(self, *elements):
        self.elements = elements

    def __repr__(self):
        return f"some of {self.elements}"


class Only(Some):
    """Matches a list of these and nothing else, in any order."""


THERE, ABSENT = There(), Not()


def match(want, got):
    """Objects match when the wanted members do; lists element by element; everything else when it is equal."""
    if isinstance(want, There):
        return got is not None
    if isinstance(want, Not):
        return got is None
    if isinstance(want, Some):
        return isinstance(got, list) and all(any(match(w, g) for g in got) for w in want.elements) and (not isinstance(want, Only) or len(got) == len(want.elements))
    if isinstance(want, dict):
        return isinstance(got, dict) and all(match(w, got.get(name)) for name, w in want.items())
    if isinstance(want, list):
        return isinstance(got, list) and len(got) == len(want) and all(map(match, want, got))
    return want == got and isinstance(want, bool) == isinstance(got, bool)


def fill(value, names):
    """The value with "{name}" replaced in all of its texts."""
    if isinstance(value, str):
        for name, text in names.items():
            value = value.replace("{" + name + "}", str(text))
        return value
    if isinstance(value, dict):
        return {k: fill(v, names) for k, v in value.items()}
    if isinstance(value, list):
        return [fill(v, names) for v in value]
    if isinstance(value, Some):
        return type(value)(*[fill(v, names) for v in value.elements])
    return value


def primitive(row, names):
    given = {"op": row.op, "to": row.to, "fr": row.fr, "rqi": f"conf{next(numbers)}", "rvi": RVI, **row.more}
    if row.pc is not None:
        given["pc"] = row.pc
    return {k: v for k, v in fill(given, names).items() if v is not None}


def run(client, rows, **names):
    """Asserts every row in its turn; the rows of one list build on each other."""
    for row in rows:
        if client.unsupported & set(row.more):
            continue
        request = primitive(row, names)
        response = client.request(request)
        assert response["rsc"] == row.rsc, f"{row.name}: {request} -> {response}"
        assert response["rqi"] == request.get("rqi"), f"{row.name}: rqi of {response}"
        want = fill(row.want, names)
        assert row.want is None or match(want, response.get("pc")), f"{row.name}: {want} is not in {response.get('pc')}"
        for name, value in fill(row.answer, names).items():
            assert match(value, response.get(name)), f"{row.name}: {name} is {response.get(name)}"
        for name, member in row.keep.items():
            names[name] = next(iter(response["pc"].values()))[member]
