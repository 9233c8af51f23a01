"""Requests as primitives that no binding changes anything about, with the responses that the standard wants: lists of rows, each for an AE of its own.

{ae} is that AE's resource name, {originator} its AE-ID, {admin} the CSE's administrator, {csi} the CSE-ID, {cb} the CSEBase's name.
"""

from conformance.runner import ABSENT, CREATE, DELETE, NOTIFY, RETRIEVE, THERE, UPDATE, Only, Row, Some

URL = "http://127.0.0.1:9/"
FAR = "20290101T000000"
ALL = {"acr": [{"acor": ["all"], "acop": 63}]}


def create(name, ty, key, attributes, rsc=2001, to="{cb}/{ae}", want=None, fr="{originator}", keep=None, answer=None, **more):
    return Row(name, CREATE, to, rsc, {key: attributes}, want, keep or {}, fr, {"ty": ty, **more}, answer or {})


def get(name, to, rsc=2000, want=None, fr="{originator}", keep=None, pc=None, answer=None, **more):
    return Row(name, RETRIEVE, to, rsc, pc, want, keep or {}, fr, more, answer or {})


def update(name, to, key, attributes, rsc=2004, want=None, fr="{originator}", **more):
    return Row(name, UPDATE, to, rsc, {key: attributes}, want, {}, fr, more)


def delete(name, to, rsc=2002, want=None, fr="{originator}", **more):
    return Row(name, DELETE, to, rsc, None, want, {}, fr, more)


def notify(name, to, rsc, pc, fr="{originator}", **more):
    return Row(name, NOTIFY, to, rsc, pc, None, {}, fr, more)


# ---- every type: made with the least, read, changed, removed

# short name: resource type, parent (a key of PARENTS), the least to make one
TYPES = {
    "acp": (1, "ae", {"pv": ALL, "pvs": ALL}), "cnt": (3, "ae", {}), "grp": (9, "ae", {"mid": ["{cb}/{ae}"], "mnm": 3}), "lcp": (10, "ae", {"los": 2}), "pch": (15, "ae", {}),
    "sch": (18, "nod", {"se": {"sce": ["* * * * * * *"]}}), "sub": (23, "ae", {"nu": ["{originator}"]}), "smd": (24, "ae", {"dcrp": 5, "dsp": "PHVybjphPiA8dXJuOmI+IDEgLg=="}),
    "ts": (29, "ae", {}), "nod": (14, "cb", {"ni": "{ae}-node"}), "tsb": (60, "ae", {"bcnu": [URL], "bcnc": 1, "bcni": "PT1H"}),
    "actr": (65, "ae", {"orc": "{originator}", "evm": 0, "evc": {"optr": 1, "sbjt": "rn", "thld": "x"}, "apv": {"op": 2, "to": "{originator}", "fr": "{originator}", "rqi": "1", "rvi": "3"}}),
    "fwr": (13, "nod", {"mgd": 1001, "vr": "1", "fwn": "f", "url": URL, "ud": False}), "swr": (13, "nod", {"mgd": 1002, "vr": "1", "swn": "s", "url": URL}), "mem": (13, "nod", {"mgd": 1003, "mma": 10, "mmt": 20}),
    "ani": (13, "nod", {"mgd": 1004, "ant": "BLE", "ldv": []}), "bat": (13, "nod", {"mgd": 1006, "btl": 50, "bts": 1}), "dvi": (13, "nod", {"mgd": 1007, "dlb": "x", "man": "m", "mod": "m", "dty": "d"}), "rbo": (13, "nod", {"mgd": 1009, "rbo": False, "far": False}),
}


def walk(sn):
    ty, parent, least = TYPES[sn]
    key = f"m2m:{sn}"
    to = {"ae": "{cb}/{ae}", "cb": "{cb}", "nod": "{cb}/{ae}home"}[parent]
    fr = "{originator}" if parent == "ae" else "{admin}"
    one = "one" if parent == "ae" else "{ae}one"
    first = [create("a node for it", 14, "m2m:nod", {"rn": "{ae}home", "ni": "{ae}-home"}, to="{cb}", fr=fr)] if parent == "nod" else []
    last = [delete("and its node", to, fr=fr)] if parent == "nod" else []
    common = {"ty": ty, "ri": THERE, "pi": THERE, "ct": THERE, "lt": THERE}
    return first + [
        Row("without a content", CREATE, to, 4000, None, None, {}, fr, {"ty": ty}),
        create("with an attribute nobody knows", ty, key, {**least, "nonsense": 1}, 4000, to, fr=fr),
        create("with what only the CSE says", ty, key, {**least, "ct": FAR}, 4000, to, fr=fr),
        create("another type's name", ty, "m2m:other", least, 4000, to, fr=fr),
        create("the least", ty, key, {**least, "rn": one}, to=to, want={key: {**common, "rn": one}}, keep={"ri": "ri"}, fr=fr),
        create("the same name again", ty, key, {**least, "rn": one}, 4105, to, fr=fr) if sn != "pch" else get("there is one", f"{to}/{one}", fr=fr),
        get("by its path", f"{to}/{one}", want={key: {**common, "rn": one, "ri": "{ri}"}}, fr=fr),
        get("by its id", "{ri}", want={key: {"rn": one}}, fr=fr),
        get("SP-relative", "{csi}/{ri}", want={key: {"rn": one}}, fr=fr),
        get("absolute", "//{sp}{csi}/{ri}", want={key: {"rn": one}}, fr=fr),
        get("one attribute", f"{to}/{one}", want={key: {"ty": ty, "rn": ABSENT}}, pc={"m2m:atrl": ["ty"]}, fr=fr),
        update("labels", f"{to}/{one}", key, {"lbl": ["a", "b"]}, want={key: {"lbl": ["a", "b"]}}, fr=fr),
        update("labels away", f"{to}/{one}", key, {"lbl": None}, fr=fr),
        update("what never changes", f"{to}/{one}", key, {"rn": "two"}, 4000, fr=fr),
        update("what nobody knows", f"{to}/{one}", key, {"nonsense": 1}, 4000, fr=fr),
        get("as it was, without labels", f"{to}/{one}", want={key: {"rn": one, "lbl": ABSENT}}, fr=fr),
        delete("gone", f"{to}/{one}", want=None, fr=fr),
        get("no more", f"{to}/{one}", 4004, fr=fr),
        delete("nor twice", "{ri}", 4004, fr=fr),
    ] + last


# ---- operations and parameters

BASE = [
    get("the CSEBase", "{cb}", want={"m2m:cb": {"ty": 5, "csi": "{csi}", "rn": "{cb}", "pi": ""}}),
    get("by its id", "{csi}", want={"m2m:cb": {"ty": 5}}),
    get("by a dash", "-", want={"m2m:cb": {"ty": 5}}),
    get("a virtual child it has none of", "{cb}/la", 4004),
    update("nobody changes it", "{cb}", "m2m:cb", {"lbl": ["x"]}, 4005, fr="{admin}"),
    delete("nobody deletes it", "{cb}", 4005, fr="{admin}"),
    Row("nobody makes another", CREATE, "{cb}", 4005, {"m2m:cb": {}}, None, {}, "{admin}", {"ty": 5}),
    get("what is not there", "{cb}/nothing", 4004),
    get("another CSE", "/nobody/x", 4004),
    get("no address", "{cb}//x", 4000),
    get("nobody asks", "{cb}", 4000, fr=None),
    get("a stranger asks", "{cb}", 4106, fr="Cstranger{ae}"),
    get("a CSE nobody knows", "{cb}", 4107, fr="/stranger"),
    get("an unknown release", "{cb}", 4001, rvi="99"),
    get("no release", "{cb}", 2000, rvi=None),
    get("a release, which the answer repeats", "{cb}", 2000, rvi="4", answer={"rvi": "4"}),
    get("too late", "{cb}", 4008, rqet="20200101T000000"),
    get("in time", "{cb}", 2000, rqet="60000"),
    get("a result content that is none", "{cb}", 4000, rcn=99),
    get("a result content for others", "{cb}", 4000, rcn=2),
    create("a type nobody knows", 9999, "m2m:cnt", {}, 4000),
    create("a child that cannot be", 4, "m2m:cin", {"con": 1}, 4108),
    create("a filter in a CREATE", 3, "m2m:cnt", {}, 4000, fc={"fu": 1}),
    notify("a container cannot be notified", "{cb}/{ae}/none", 4004, {"m2m:sgn": {}}),
    get("asynchronously, nothing to tell", "{cb}", 1002, rt={"rtv": 2}),
    get("synchronously", "{cb}", 1001, want={"m2m:uri": THERE}, rt={"rtv": 1}),
]

REGISTRATION = [
    create("an id is given", 2, "m2m:ae", {"api": "N.x", "rr": True, "srv": ["3"], "rn": "{ae}x"}, to="{cb}", fr="C", want={"m2m:ae": {"aei": THERE, "ri": THERE}}, keep={"x": "ri"}),
    get("it may ask", "{cb}/{ae}x", want={"m2m:ae": {"aei": "{x}", "ri": "{x}", "api": "N.x"}}, fr="{x}"),
    create("its own id again", 2, "m2m:ae", {"api": "N.x", "rr": True, "srv": ["3"]}, 4117, "{cb}", fr="{x}"),
    create("the name again", 2, "m2m:ae", {"api": "N.x", "rr": True, "srv": ["3"], "rn": "{ae}x"}, 4105, "{cb}", fr="Cnew{ae}"),
    create("no App-ID", 2, "m2m:ae", {"rr": True, "srv": ["3"]}, 4000, "{cb}", fr="C"),
    create("an App-ID that is none", 2, "m2m:ae", {"api": "x", "rr": True, "srv": ["3"]}, 4000, "{cb}", fr="C"),
    create("no requestReachability", 2, "m2m:ae", {"api": "N.x", "srv": ["3"]}, 4000, "{cb}", fr="C"),
    create("an id that is none", 2, "m2m:ae", {"api": "N.x", "rr": True, "srv": ["3"]}, 4000, "{cb}", fr="Xae"),
    create("below an AE", 2, "m2m:ae", {"api": "N.x", "rr": True, "srv": ["3"]}, 4108, "{cb}/{ae}", fr="C"),
    update("it moves", "{cb}/{ae}x", "m2m:ae", {"poa": [URL, "mqtt://127.0.0.1:9", "coap://127.0.0.1:9"]}, want={"m2m:ae": {"poa": [URL, "mqtt://127.0.0.1:9", "coap://127.0.0.1:9"]}}, fr="{x}"),
    update("to nowhere", "{cb}/{ae}x", "m2m:ae", {"poa": ["here"]}, 4000, fr="{x}"),
    update("its App-ID stays", "{cb}/{ae}x", "m2m:ae", {"api": "N.y"}, 4000, fr="{x}"),
    get("others may not look", "{cb}/{ae}x", 4103),
    delete("nor delete", "{cb}/{ae}x", 4103),
    notify("it is told, but cannot be reached", "{cb}/{ae}x", 5103, {"m2m:sgn": {}}, fr="{x}"),
    delete("it leaves", "{cb}/{ae}x", fr="{x}"),
    get("and is nobody", "{cb}", 4106, fr="{x}"),
]

CONTAINERS = [
    create("a container", 3, "m2m:cnt", {"rn": "c", "mni": 3, "mbs": 100, "lbl": ["room:1"]}, want={"m2m:cnt": {"rn": "c", "mni": 3, "cni": 0, "cbs": 0, "st": 0, "lbl": ["room:1"]}}),
    get("nothing in it", "{cb}/{ae}/c/la", 4004),
    create("text", 4, "m2m:cin", {"con": "21.5", "cnf": "text/plain:0"}, to="{cb}/{ae}/c", want={"m2m:cin": {"con": "21.5", "cs": 4, "st": 1, "cnf": "text/plain:0"}}),
    create("a number", 4, "m2m:cin", {"con": 21.5}, to="{cb}/{ae}/c", want={"m2m:cin": {"con": 21.5, "st": 2}}),
    create("a large number", 4, "m2m:cin", {"con": 9007199254740993}, to="{cb}/{ae}/c", want={"m2m:cin": {"con": 9007199254740993}}),
    create("an object", 4, "m2m:cin", {"rn": "obj", "con": {"a": [1, True, None, "\u00e9\n\U0001f600"], "b": {}}}, to="{cb}/{ae}/c", want={"m2m:cin": {"con": {"a": [1, True, None, "\u00e9\n\U0001f600"], "b": {}}}}),
    get("the latest", "{cb}/{ae}/c/la", want={"m2m:cin": {"rn": "obj", "con": {"a": [1, True, None, "\u00e9\n\U0001f600"], "b": {}}}}),
    get("the oldest went", "{cb}/{ae}/c/ol", want={"m2m:cin": {"con": 21.5}}),
    get("three are left", "{cb}/{ae}/c", want={"m2m:cnt": {"cni": 3, "st": 4}}),
    create("too large", 4, "m2m:cin", {"con": "x" * 101}, 5207, "{cb}/{ae}/c"),
    create("no content", 4, "m2m:cin", {"cnf": "text/plain:0"}, 4000, "{cb}/{ae}/c"),
    create("nothing back", 4, "m2m:cin", {"con": 1}, to="{cb}/{ae}/c", rcn=0),
    create("its address back", 4, "m2m:cin", {"con": 1, "rn": "two"}, to="{cb}/{ae}/c", rcn=2, want={"m2m:uri": THERE}),
    create("address and attributes", 4, "m2m:cin", {"con": 1}, to="{cb}/{ae}/c", rcn=3, want={"m2m:rce": {"uri": THERE, "m2m:cin": {"con": 1}}}),
    create("what was not given", 4, "m2m:cin", {"con": 1}, to="{cb}/{ae}/c", rcn=9, want={"m2m:cin": {"con": ABSENT, "ri": THERE}}),
    update("an instance stays", "{cb}/{ae}/c/la", "m2m:cin", {"lbl": ["x"]}, 4005),
    update("fewer", "{cb}/{ae}/c", "m2m:cnt", {"mni": 1}, want={"m2m:cnt": {"mni": 1}}),
    get("one is left", "{cb}/{ae}/c", want={"m2m:cnt": {"cni": 1}}),
    update("a bound below nothing", "{cb}/{ae}/c", "m2m:cnt", {"mni": -1}, 4000),
    update("a text as a number", "{cb}/{ae}/c", "m2m:cnt", {"mni": "1"}, 4000),
    update("the bound away", "{cb}/{ae}/c", "m2m:cnt", {"mni": None, "lbl": ["x"]}, want={"m2m:cnt": {"mni": ABSENT}}),
    delete("the latest", "{cb}/{ae}/c/la"),
    update("no retrieval", "{cb}/{ae}/c", "m2m:cnt", {"disr": True}),
    get("none", "{cb}/{ae}/c/la", 4005),
    create("a container in it", 3, "m2m:cnt", {"rn": "in"}, to="{cb}/{ae}/c"),
    get("the whole tree", "{cb}/{ae}/c", rcn=4, want={"m2m:cnt": {"m2m:cnt": [{"rn": "in"}]}}),
    get("child references", "{cb}/{ae}/c", rcn=6, want={"m2m:rrl": {"rrf": [{"nm": "in", "typ": 3}]}}),
    delete("all of it", "{cb}/{ae}/c"),
    get("and what was in it", "{cb}/{ae}/c/in", 4004),
]

DISCOVERY = [
    create("one", 3, "m2m:cnt", {"rn": "d1", "lbl": ["a", "k:v"]}),
    create("two", 3, "m2m:cnt", {"rn": "d2", "lbl": ["b"]}),
    create("three", 3, "m2m:cnt", {"rn": "d3", "lbl": ["a", "b"]}, to="{cb}/{ae}/d2"),
    create("an instance", 4, "m2m:cin", {"rn": "i", "con": "x" * 50, "cnf": "text/plain:0"}, to="{cb}/{ae}/d1"),
    get("all containers", "{cb}/{ae}", fc={"fu": 1, "ty": [3]}, want={"m2m:uril": Only("{cb}/{ae}/d1", "{cb}/{ae}/d2", "{cb}/{ae}/d2/d3")}),
    get("of two types", "{cb}/{ae}", fc={"fu": 1, "ty": [3, 4]}, want={"m2m:uril": Some("{cb}/{ae}/d1/i")}),
    get("by a label", "{cb}/{ae}", fc={"fu": 1, "lbl": ["a"]}, want={"m2m:uril": Only("{cb}/{ae}/d1", "{cb}/{ae}/d2/d3")}),
    get("by either label", "{cb}/{ae}", fc={"fu": 1, "lbl": ["k:v", "b"]}, want={"m2m:uril": Only("{cb}/{ae}/d1", "{cb}/{ae}/d2", "{cb}/{ae}/d2/d3")}),
    get("two criteria", "{cb}/{ae}", fc={"fu": 1, "ty": [4], "lbl": ["a"]}, want={"m2m:uril": []}),
    get("one of two criteria", "{cb}/{ae}", fc={"fu": 1, "ty": [4], "lbl": ["k:v"], "fo": 2}, want={"m2m:uril": Only("{cb}/{ae}/d1", "{cb}/{ae}/d1/i")}),
    get("by level", "{cb}/{ae}", fc={"fu": 1, "ty": [3], "lvl": 1}, want={"m2m:uril": Only("{cb}/{ae}/d1", "{cb}/{ae}/d2")}),
    get("by size", "{cb}/{ae}", fc={"fu": 1, "sza": 40, "szb": 60}, want={"m2m:uril": ["{cb}/{ae}/d1/i"]}),
    get("by content type", "{cb}/{ae}", fc={"fu": 1, "cty": ["text/plain"]}, want={"m2m:uril": ["{cb}/{ae}/d1/i"]}),
    get("by time", "{cb}/{ae}", fc={"fu": 1, "crb": "20200101T000000"}, want={"m2m:uril": []}),
    get("by an attribute", "{cb}/{ae}", fc={"fu": 1, "atr": [{"nm": "rn", "val": "d*"}]}, want={"m2m:uril": Only("{cb}/{ae}/d1", "{cb}/{ae}/d2", "{cb}/{ae}/d2/d3")}),
    get("no more than two", "{cb}/{ae}", fc={"fu": 1, "ty": [3], "lim": 2}, want={"m2m:uril": [THERE, THERE]}, answer={"cnst": THERE}),
    get("with types and names", "{cb}/{ae}", rcn=6, fc={"fu": 1, "ty": [4]}, want={"m2m:rrl": {"rrf": [{"nm": "i", "typ": 4, "val": "{cb}/{ae}/d1/i"}]}}),
    get("by id", "{cb}/{ae}", drt=2, fc={"fu": 1, "ty": [4]}, want={"m2m:uril": [THERE]}),
    get("a filter usage that is none", "{cb}/{ae}", 4000, fc={"fu": 9}),
    get("a retrieval that its filter allows", "{cb}/{ae}/d1", fc={"lbl": ["a"]}, want={"m2m:cnt": {"rn": "d1"}}),
    get("and one that it does not", "{cb}/{ae}/d1", 4004, fc={"lbl": ["b"]}),
]

ACCESS = [
    create("a policy", 1, "m2m:acp", {"rn": "p", "pv": {"acr": [{"acor": ["{originator}"], "acop": 63}, {"acor": ["{guest}"], "acop": 34}]}, "pvs": {"acr": [{"acor": ["{originator}"], "acop": 63}]}}),
    create("a container under it", 3, "m2m:cnt", {"rn": "c", "acpi": ["{cb}/{ae}/p"]}, want={"m2m:cnt": {"acpi": THERE}}),
    create("an instance", 4, "m2m:cin", {"con": 1}, to="{cb}/{ae}/c"),
    get("who may read", "{cb}/{ae}/c", want={"m2m:cnt": {"rn": "c"}}, fr="{guest}"),
    get("what is in it as well", "{cb}/{ae}/c/la", want={"m2m:cin": {"con": 1}}, fr="{guest}"),
    get("may search", "{cb}/{ae}/c", fc={"fu": 1}, want={"m2m:uril": [THERE]}, fr="{guest}"),
    create("may not write", 4, "m2m:cin", {"con": 1}, 4103, "{cb}/{ae}/c", fr="{guest}"),
    update("nor change", "{cb}/{ae}/c", "m2m:cnt", {"lbl": ["x"]}, 4103, fr="{guest}"),
    delete("nor delete", "{cb}/{ae}/c", 4103, fr="{guest}"),
    get("nor read the policy", "{cb}/{ae}/p", 4103, fr="{guest}"),
    get("nor anything else", "{cb}/{ae}", 4103, fr="{guest}"),
    update("more rights", "{cb}/{ae}/p", "m2m:acp", {"pv": {"acr": [{"acor": ["{originator}"], "acop": 63}, {"acor": ["{guest}"], "acop": 3}]}}),
    create("count at once", 4, "m2m:cin", {"con": 2}, 2001, "{cb}/{ae}/c", fr="{guest}"),
    get("and so do fewer", "{cb}/{ae}/c", fc={"fu": 1}, want={"m2m:uril": []}, fr="{guest}"),
    update("a policy alone", "{cb}/{ae}/c", "m2m:cnt", {"acpi": None, "lbl": ["x"]}, 4000),
    update("no policy", "{cb}/{ae}/c", "m2m:cnt", {"acpi": None}),
    get("is for its creator", "{cb}/{ae}/c", 4103, fr="{guest}"),
    create("a policy for nobody", 1, "m2m:acp", {"pv": ALL, "pvs": {}}, 4000),
    get("the administrator may", "{cb}/{ae}/c", fr="{admin}"),
]

GROUPS = [
    create("one", 3, "m2m:cnt", {"rn": "g1"}),
    create("two", 3, "m2m:cnt", {"rn": "g2"}),
    create("a group", 9, "m2m:grp", {"rn": "g", "mid": ["{cb}/{ae}/g1", "{cb}/{ae}/g2", "{cb}/{ae}/g1"], "mnm": 2, "mt": 3}, want={"m2m:grp": {"mid": [THERE, THERE], "cnm": 2, "mtv": True, "mt": 3}}),
    create("too many", 9, "m2m:grp", {"mid": ["{cb}/{ae}/g1", "{cb}/{ae}/g2"], "mnm": 1}, 6010),
    create("of another type", 9, "m2m:grp", {"mid": ["{cb}/{ae}/g1"], "mnm": 1, "mt": 2, "csy": 2}, 4110),
    create("to all", 4, "m2m:cin", {"con": 7}, 2000, "{cb}/{ae}/g/fopt", want={"m2m:agr": {"m2m:rsp": [{"rsc": 2001, "pc": {"m2m:cin": {"con": 7}}}, {"rsc": 2001}]}}),
    get("of all", "{cb}/{ae}/g/fopt/la", want={"m2m:agr": {"m2m:rsp": [{"rsc": 2000, "pc": {"m2m:cin": {"con": 7}}}, {"rsc": 2000}]}}),
    update("all", "{cb}/{ae}/g/fopt", "m2m:cnt", {"lbl": ["g"]}, 2000, want={"m2m:agr": {"m2m:rsp": [{"rsc": 2004}, {"rsc": 2004}]}}),
    update("another member", "{cb}/{ae}/g", "m2m:grp", {"mid": ["{cb}/{ae}/g2"]}, want={"m2m:grp": {"cnm": 1}}),
    delete("what is in all", "{cb}/{ae}/g/fopt/la", 2000, want={"m2m:agr": {"m2m:rsp": [{"rsc": 2002}]}}),
    get("one is left", "{cb}/{ae}/g1/la", want={"m2m:cin": {"con": 7}}),
]

SERIES = [
    create("a series", 29, "m2m:ts", {"rn": "t", "mni": 2, "pei": 1000}, want={"m2m:ts": {"rn": "t", "mni": 2, "cni": 0}}),
    create("a point", 30, "m2m:tsi", {"con": 1, "dgt": "20260101T000000", "snr": 1}, to="{cb}/{ae}/t", want={"m2m:tsi": {"dgt": "20260101T000000", "snr": 1}}),
    create("the same moment", 30, "m2m:tsi", {"con": 2, "dgt": "20260101T000000"}, 4105, "{cb}/{ae}/t"),
    create("no moment", 30, "m2m:tsi", {"con": 2}, 4000, "{cb}/{ae}/t"),
    create("another", 30, "m2m:tsi", {"con": 2, "dgt": "20260101T000001,5"}, to="{cb}/{ae}/t"),
    get("the latest", "{cb}/{ae}/t/la", want={"m2m:tsi": {"con": 2}}),
    get("the oldest", "{cb}/{ae}/t/ol", want={"m2m:tsi": {"con": 1}}),
    update("detection without a threshold", "{cb}/{ae}/t", "m2m:ts", {"mdd": True}, 4000),
    create("a deviation beyond half of the period", 29, "m2m:ts", {"pei": 1000, "peid": 600}, 4000),
]

FLEX = [
    create("a thermometer", 28, "cod:tempe", {"rn": "f", "cnd": "org.onem2m.common.moduleclass.temperature", "curT0": 21.5}, want={"cod:tempe": {"curT0": 21.5, "cs": THERE}}),
    get("it", "{cb}/{ae}/f", want={"cod:tempe": {"curT0": 21.5, "cnd": "org.onem2m.common.moduleclass.temperature"}}),
    update("warmer", "{cb}/{ae}/f", "cod:tempe", {"curT0": 22.5}, want={"cod:tempe": {"curT0": 22.5, "st": 1}}),
    update("by a text", "{cb}/{ae}/f", "cod:tempe", {"curT0": "hot"}, 4000),
    update("what it has not", "{cb}/{ae}/f", "cod:tempe", {"power": True}, 4000),
    create("of a kind nobody knows", 28, "cod:tempe", {"cnd": "org.example.nothing", "curT0": 1}, 4125),
    create("of another name", 28, "cod:other", {"cnd": "org.onem2m.common.moduleclass.temperature", "curT0": 1}, 4125),
]

SUBSCRIPTIONS = [
    create("a container", 3, "m2m:cnt", {"rn": "c"}),
    create("to oneself", 23, "m2m:sub", {"rn": "s", "nu": ["{originator}"], "enc": {"net": [1, 3]}, "nct": 1}, to="{cb}/{ae}/c", want={"m2m:sub": {"enc": {"net": [1, 3]}, "nct": 1}}),
    create("to nobody", 23, "m2m:sub", {"nu": ["{cb}/none"]}, 5204, "{cb}/{ae}/c"),
    create("to no target", 23, "m2m:sub", {}, 4000, "{cb}/{ae}/c"),
    create("to events that are none", 23, "m2m:sub", {"nu": ["{originator}"], "enc": {"net": [99]}}, 4000, "{cb}/{ae}/c"),
    create("to a subscription", 23, "m2m:sub", {"nu": ["{originator}"]}, 5203, "{cb}/{ae}/c/s"),
    create("without a right to read", 23, "m2m:sub", {"nu": ["{guest}"]}, 4103, "{cb}/{ae}/c", fr="{guest}"),
    update("other events", "{cb}/{ae}/c/s", "m2m:sub", {"enc": {"net": [2]}}, want={"m2m:sub": {"enc": {"net": [2]}}}),
    update("its parent does not move", "{cb}/{ae}/c/s", "m2m:sub", {"pi": "x"}, 4000),
    delete("over", "{cb}/{ae}/c/s"),
]

CHAPTERS = {"base": BASE, "registration": REGISTRATION, "containers": CONTAINERS, "discovery": DISCOVERY, "access": ACCESS, "groups": GROUPS, "series": SERIES, "flexContainers": FLEX, "subscriptions": SUBSCRIPTIONS, **{f"type {sn}": walk(sn) for sn in TYPES}}
