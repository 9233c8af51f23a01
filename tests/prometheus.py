"""A strict reader of the Prometheus text format, version 0.0.4."""

import re

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
SAMPLE = re.compile(rf"({NAME})(?:\{{(.*)\}})? (\S+)$")
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)')
ESCAPES = {"\\\\": "\\", '\\"': '"', "\\n": "\n"}


def labels_of(text):
    labels, at = {}, 0
    while at < len(text):
        match = LABEL.match(text, at)
        assert match, f"labels: {text[at:]!r}"
        assert match[1] not in labels, f"label {match[1]} twice in {text!r}"
        labels[match[1]] = re.sub(r'\\["\\n]', lambda e: ESCAPES[e[0]], match[2])
        at = match.end()
    return labels


def check_histogram(name, samples):
    """Buckets of each series ascend, end with +Inf, and agree with its count."""
    series = {}
    for sample, labels, value in samples:
        key = tuple(sorted((k, v) for k, v in labels.items() if k != "le"))
        part = series.setdefault(key, {"buckets": []})
        if sample == name + "_bucket":
            part["buckets"].append((float(labels["le"]), value))
        else:
            part[sample[len(name):]] = value
    for key, part in series.items():
        bounds, counts = zip(*part["buckets"])
        assert list(bounds) == sorted(set(bounds)) and bounds[-1] == float("inf"), (name, key)
        assert list(counts) == sorted(counts) and counts[-1] == part["_count"], (name, key)
        assert "_sum" in part, (name, key)


def parse(text):
    """{family: (type, help, [(sample, labels, value)])}; fails on whatever a strict reader would refuse."""
    assert text.endswith("\n")
    families, current, seen = {}, None, set()
    for line in text.split("\n")[:-1]:
        if line.startswith("# HELP ") or line.startswith("# TYPE "):
            _, what, name, rest = line.split(" ", 3)
            assert re.fullmatch(NAME, name), line
            if what == "HELP":
                assert name not in families, f"{name} twice"
                families[name] = [None, rest, []]
                current = name
            else:
                assert name == current and families[name][0] is None and rest in ("counter", "gauge", "histogram"), line
                families[name][0] = rest
            continue
        match = SAMPLE.match(line)
        assert match, f"not a sample: {line!r}"
        name, labels, value = match[1], labels_of(match[2] or ""), float(match[3])
        kind = families[current][0]
        allowed = {current + s for s in ("_bucket", "_sum", "_count")} if kind == "histogram" else {current}
        assert name in allowed, f"{name} stands under {current}"
        key = (name, tuple(sorted(labels.items())))
        assert key not in seen, f"{key} twice"
        seen.add(key)
        assert kind == "gauge" or value >= 0, line
        families[current][2].append((name, labels, value))
    for name, (kind, meaning, samples) in families.items():
        assert kind and len(meaning) > 5, f"{name}: TYPE or HELP missing"
        assert kind != "counter" or name.endswith("_total"), f"{name}: a counter's name ends in _total"
        if kind == "histogram" and samples:
            check_histogram(name, samples)
    return families
