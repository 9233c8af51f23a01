"""multimediaSession: offered and accepted descriptions, and in which order the session may go online."""

MMS = 46


def offer(ae, rn="call"):
    return ae.request("POST", ae.name, {"m2m:mms": {"rn": rn, "soi": ae.origin, "osd": {"sdc": ["v=0 audio"]}}}, ty=MMS)


def change(ae, **attributes):
    return ae.update(f"{ae.name}/call", "m2m:mms", attributes)


def test_a_session(ae):
    """Offered, accepted, online; other offers while it is need other accepted ones; offline again."""
    made = offer(ae)
    assert made.rsc == 2001 and made.pc["sst"] == 1, made
    answer = change(ae, sst=2)
    assert answer.rsc == 4000 and "asd" in answer.dbg
    assert change(ae, sst=2, asd={"sdc": ["v=0 audio"]}).rsc == 2004
    answer = change(ae, osd={"sdc": ["v=0 video"]})
    assert answer.rsc == 4000 and answer.dbg.startswith("osd")
    assert change(ae, osd={"sdc": ["v=0 video"]}, asd={"sdc": ["v=0 video"]}).rsc == 2004
    assert change(ae, sst=1).rsc == 2004
    assert change(ae, osd={"sdc": ["v=0 text"]}).rsc == 2004
    got = ae.get(f"{ae.name}/call").pc
    assert got["sst"] == 1 and got["osd"] == {"sdc": ["v=0 text"]} and got["asd"] == {"sdc": ["v=0 video"]}


def test_nothing_is_accepted_before_it_is_there(ae):
    for attributes in ({"sst": 2}, {"asd": {"sdc": ["x"]}}):
        made = ae.request("POST", ae.name, {"m2m:mms": {"soi": ae.origin, "osd": {"sdc": ["x"]}, **attributes}}, ty=MMS)
        assert made.rsc == 4000, attributes
