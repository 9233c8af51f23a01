"""The main job, end to end: register, store, read, subscribe, be notified, find, clean up."""

from client import AE, CIN, CNT, SUB


def test_a_device_stores_and_an_application_is_notified(admin, receiver):
    device = admin.ae("firstdevice")
    assert device.create("firstdevice", CNT, {"rn": "data"}).rsc == 2001
    sub = device.create("firstdevice/data", SUB, {"rn": "sub", "nu": [receiver.url], "enc": {"net": [3]}, "nct": 1})
    assert sub.rsc == 2001, sub

    created = device.create("firstdevice/data", CIN, {"con": "21.5", "cnf": "text/plain:0"})
    assert created.status == 201 and created.rsc == 2001, created
    assert created.pc["con"] == "21.5" and created.pc["cs"] == 4 and created.pc["st"] == 1

    sgn = receiver.next()
    assert sgn["nev"]["net"] == 3 and sgn["nev"]["rep"]["m2m:cin"]["con"] == "21.5"
    assert sgn["sur"] == "/id-in/cse-in/firstdevice/data/sub"

    assert device.get("firstdevice/data/la").pc["ri"] == created.pc["ri"]
    container = device.get("firstdevice/data").pc
    assert (container["cni"], container["cbs"], container["st"]) == (1, 4, 1)
    found = device.discover("firstdevice", ty=4)
    assert found.json["m2m:uril"] == ["cse-in/firstdevice/data/" + created.pc["rn"]]

    assert device.delete("firstdevice").rsc == 2002
    assert admin.get("firstdevice").rsc == 4004


def test_values_keep_their_json_type(ae):
    ae.create(ae.name, CNT, {"rn": "c"})
    for con in ("5.0", "5", "21.50", "true", "null", '"x"', '{"a":[1.0,2]}', "1e3", "12345678901234567890123"):
        answer = ae.request("POST", f"{ae.name}/c", '{"m2m:cin":{"con":%s}}' % con, ty=CIN)
        if con == "null":
            assert answer.rsc == 4000
            continue
        assert answer.rsc == 2001, answer
        assert f'"con":{con}' in ae.get(f"{ae.name}/c/la").text


def test_registration_forms(admin):
    for origin, begins in ((None, "C"), ("C", "C"), ("S", "S"), ("Cgiven", "Cgiven"), ("Sgiven", "Sgiven")):
        answer = admin.as_(origin).create("", AE, {"api": "N.x", "rr": False, "srv": ["3"]})
        assert answer.rsc == 2001, answer
        assert answer.pc["aei"].startswith(begins) and answer.pc["ri"] == answer.pc["aei"]
        admin.delete(answer.pc["rn"])
