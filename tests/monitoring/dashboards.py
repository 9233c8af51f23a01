"""The dashboards and alerts as the tests see them."""

import json
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = ROOT / "services/monitoring"
ALERTS = HERE / "prometheus/alerts.yml"


def dashboards():
    """{uid: dashboard}."""
    return {file.stem: json.loads(file.read_text()) for file in sorted((HERE / "grafana/dashboards").glob("*.json"))}


def panels(dashboard):
    """All panels, those of collapsed rows included."""
    for panel in dashboard["panels"]:
        yield panel
        yield from panel.get("panels", [])


def queries(dashboard):
    """(title of the panel, expression)."""
    return [(panel["title"], target["expr"]) for panel in panels(dashboard) for target in panel.get("targets", [])]


def top_level(expr, pattern):
    """Where `pattern` matches outside all brackets and quotes."""
    depth, quoted, at = 0, None, 0
    while at < len(expr):
        char = expr[at]
        if quoted:
            at += char == "\\"
            quoted = None if char == quoted else quoted
        elif char in "\"'`":
            quoted = char
        elif char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
        elif depth == 0 and (match := pattern.match(expr, at)):
            yield match
            at = match.end() - 1
        at += 1


def left_sides(expr):
    """What an alert looks at, without its thresholds: the expression is taken apart at `and`, `or` and `unless`, each part is cut off
    at its comparison, and of absent(X) it is X. An alert is right when each of these returns data."""
    parts, begin = [], 0
    for match in top_level(expr, re.compile(r"\s(and|or|unless)\s")):
        parts.append(expr[begin:match.start()])
        begin = match.end()
    for part in [*parts, expr[begin:]]:
        compared = [m.start() for m in top_level(part, re.compile(r"\s*(==|!=|<=|>=|<|>)"))]
        part = part[:compared[0]].strip() if compared else part.strip()
        yield part[len("absent("):-1] if part.startswith("absent(") else part


def names(text):
    """(names, patterns of names) of metrics in expressions."""
    patterns = set(re.findall(r'__name__=~"([^"]+)"', text))
    text = re.sub(r'"[^"]*"', '""', text)
    return {re.sub(r"_(bucket|sum|count)$", "", n) for n in re.findall(r"\b(?:tessera|process)_[a-z_]+", text)}, {re.sub(r"_(bucket|sum|count)$", "", p) for p in patterns}
