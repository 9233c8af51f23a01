"""The underlying network: device triggers, positions and background data transfers through its exposure function, and triggers received."""

import base64
import calendar
import json
import signal
import time

import pytest

from client import eventually
from nef import Nef
from stack import Stack

TGR, BDT, LCP, SUB = 47, 49, 10, 23
PROCESSING, NOT_FOUND, TRIGGERED, DELIVERED, FAILED, EXPIRED, REPLACED = 1, 2, 3, 4, 5, 6, 9
TRIGGERS = "/3gpp-device-triggering/v1/plant7/transactions"
PLACES = "/3gpp-monitoring-event/v1/plant7/subscriptions"
TRANSFERS = "/3gpp-bdt/v1/plant7/subscriptions"


@pytest.fixture(scope="module")
def nef():
    n = Nef()
    yield n
    n.close()


@pytest.fixture(scope="module")
def stack(nef, tmp_path_factory):
    secret = tmp_path_factory.mktemp("network") / "credentials"
    secret.write_text("a-bearer-token")
    s = Stack(STORAGE_SWEEP=1000, NETWORK_URL=nef.url, NETWORK_SCS="plant7", NETWORK_CREDENTIALS=f"@{secret}", NETWORK_TIMEOUT=1000, NETWORK_RETRY=500)
    s.env["TESSERA_NETWORK_CALLBACK_PORT"] = str(s.http_port + 4)
    s.start()
    yield s
    s.stop()


@pytest.fixture(autouse=True)
def calm(nef):
    nef.clear()
    nef.offers, nef.report = [], None
    yield


def trigger(ae, **attributes):
    return ae.request("POST", ae.name, {"m2m:tgr": {"rn": "t", "mei": "meter42@plant.example", "tri": 4000, "tvt": "PT5M", **attributes}}, ty=TGR)


def status_of(ae):
    return ae.get(f"{ae.name}/t").pc["tst"]


def comes_to(ae, status):
    return eventually(lambda: status_of(ae) == status)


def report(nef, destination, result):
    return nef.tell(destination, {"transaction": "http://nef/x", "result": result})


# ---- triggers


def test_a_trigger_is_handed_over_and_its_delivery_reported(ae, nef):
    answer = trigger(ae, tpe=3, tia="/id-in/cse-in/x", tio=1, tirt=3, tiae="Cmeter")
    assert answer.rsc == 2001 and answer.pc["tst"] in (PROCESSING, TRIGGERED), answer
    body = nef.next("POST", TRIGGERS)
    assert nef.headers["Authorization"] == "Bearer a-bearer-token"
    assert body["externalId"] == "meter42@plant.example" and body["applicationPortId"] == 4000 and 290 < body["validityPeriod"] <= 300
    payload = json.loads(base64.b64decode(body["triggerPayload"]))["m2m:tgp"]
    assert payload == {"tpe": 3, "tiae": "Cmeter", "tia": "/id-in/cse-in/x", "tio": 1, "tirt": 3}
    assert comes_to(ae, TRIGGERED) and ae.get(f"{ae.name}/t").pc["trf"] == nef.resource(f"{TRIGGERS}/x{nef.count}")["self"].rsplit("/", 1)[1]
    assert report(nef, body["notificationDestination"], "SUCCESS") == 204
    assert status_of(ae) == DELIVERED  # the answer to the report means that it is kept
    assert ae.update(f"{ae.name}/t", "m2m:tgr", {"tvt": "PT10M"}).rsc == 5219
    assert ae.update(f"{ae.name}/t", "m2m:tgr", {"lbl": ["done"]}).rsc == 2004
    assert ae.delete(f"{ae.name}/t").rsc == 2002
    assert nef.quiet()


@pytest.mark.parametrize("result, status", (("FAILURE", 5), ("EXPIRED", 6), ("TERMINATE", 7), ("UNCONFIRMED", 8), ("UNKNOWN", 5)))
def test_other_reports(ae, nef, result, status):
    assert trigger(ae, mei="491701234567").rsc == 2001
    body = nef.next("POST", TRIGGERS)
    assert body["msisdn"] == "491701234567" and "externalId" not in body
    assert comes_to(ae, TRIGGERED)
    assert report(nef, body["notificationDestination"], result) == 204 and status_of(ae) == status


def test_subscribers_hear_of_the_status(ae, nef, receiver):
    assert trigger(ae).rsc == 2001
    destination = nef.next("POST", TRIGGERS)["notificationDestination"]
    assert comes_to(ae, TRIGGERED)
    assert ae.create(f"{ae.name}/t", SUB, {"rn": "s", "nu": [receiver.url], "enc": {"net": [1], "atr": ["tst"]}}).rsc == 2001
    assert report(nef, destination, "SUCCESS") == 204
    assert receiver.next()["nev"]["rep"]["m2m:tgr"]["tst"] == DELIVERED


def test_replaced_by_update(ae, nef):
    assert trigger(ae).rsc == 2001
    nef.next("POST", TRIGGERS)
    assert comes_to(ae, TRIGGERED)
    answer = ae.update(f"{ae.name}/t", "m2m:tgr", {"tri": 5000, "tvt": "PT1H"})
    assert answer.rsc == 2004 and answer.pc["tst"] == REPLACED and answer.pc["tri"] == 5000, answer
    body = nef.next("PUT", f"{TRIGGERS}/x{nef.count}")
    assert body["applicationPortId"] == 5000 and body["validityPeriod"] > 3500
    nef.refuse["PUT"] = 403
    answer = ae.update(f"{ae.name}/t", "m2m:tgr", {"tri": 6000})
    assert answer.rsc == 5219 and "403" in answer.dbg and ae.get(f"{ae.name}/t").pc["tri"] == 5000, answer
    assert report(nef, body["notificationDestination"], "SUCCESS") == 204 and status_of(ae) == DELIVERED


def test_recalled_by_delete(ae, nef):
    assert trigger(ae).rsc == 2001
    nef.next("POST", TRIGGERS)
    assert comes_to(ae, TRIGGERED)
    nef.refuse["DELETE"] = 500
    answer = ae.delete(f"{ae.name}/t")
    assert answer.rsc == 5220 and "500" in answer.dbg and ae.get(f"{ae.name}/t").rsc == 2000, answer
    nef.clear()
    assert ae.delete(f"{ae.name}/t").rsc == 2002
    nef.next("DELETE", f"{TRIGGERS}/x{nef.count}")
    assert f"{TRIGGERS}/x{nef.count}" not in nef.resources


def test_recalled_with_its_ae_and_by_expiration(admin, nef):
    for how in ("delete", "et"):
        mine = admin.ae("short")
        mine.name = "short"
        et = {"et": time.strftime("%Y%m%dT%H%M%S", time.gmtime(time.time() + 2))} if how == "et" else {}
        assert trigger(mine, **et).rsc == 2001
        nef.next("POST", TRIGGERS)
        if how == "delete":
            assert comes_to(mine, TRIGGERED)
            assert admin.delete("short").rsc == 2002
        nef.next("DELETE", f"{TRIGGERS}/x{nef.count}")
        admin.delete("short")
        nef.clear()


def test_refused_by_the_network(ae, nef):
    nef.refuse["POST"] = 403
    assert trigger(ae).rsc == 2001
    assert comes_to(ae, FAILED) and "trf" not in ae.get(f"{ae.name}/t").pc


def test_tried_again_while_the_network_is_in_trouble(ae, nef):
    nef.refuse["POST"] = 503
    assert trigger(ae).rsc == 2001
    nef.next("POST", TRIGGERS)
    assert status_of(ae) == PROCESSING
    nef.clear()
    assert comes_to(ae, TRIGGERED)


def test_not_repeated_when_the_answer_is_lost(ae, nef):
    """It was carried out, but nobody heard of it: it is found, not asked for again."""
    nef.refuse["POST"] = "silent"
    before = nef.count
    assert trigger(ae).rsc == 2001
    assert comes_to(ae, TRIGGERED) and nef.count == before + 1
    assert ae.get(f"{ae.name}/t").pc["trf"] == f"x{nef.count}"


def test_validity_ends(ae, nef):
    assert trigger(ae, tvt="PT1S").rsc == 2001
    assert comes_to(ae, EXPIRED)


def test_nobody_knows_the_device(ae, nef):
    answer = trigger(ae, mei="a meter")
    assert answer.rsc == 2001 and answer.pc["tst"] == NOT_FOUND
    assert ae.delete(f"{ae.name}/t").rsc == 2002 and nef.quiet()


@pytest.mark.parametrize("attributes, name", (({"tri": 65536}, "tri"), ({"tvt": "PT0S"}, "tvt"), ({"tpe": 3, "tia": "/id-in/x"}, "tpe"), ({"tpe": 9}, "tpe"), ({"tst": 4}, "tst"), ({"trf": "x"}, "trf")))
def test_malformed(ae, nef, attributes, name):
    answer = trigger(ae, **attributes)
    assert answer.rsc == 4000 and name in answer.dbg, answer
    assert nef.quiet()


def test_triggering_is_disabled_for_the_recipient(ae, guest, nef):
    assert guest.update(guest.name, "m2m:ae", {"mei": "g@plant.example", "tri": 7, "tren": False}).rsc == 2004
    answer = trigger(ae, mei="g@plant.example", tri=7)
    assert answer.rsc == 5218, answer
    assert guest.update(guest.name, "m2m:ae", {"tren": True}).rsc == 2004
    assert trigger(ae, mei="g@plant.example", tri=7).rsc == 2001


# ---- positions


def policy(ae, **attributes):
    return ae.request("POST", ae.name, {"m2m:lcp": {"rn": "p", "los": 1, "lot": "491701234567", "lor": "http://nef", "lon": "places", **attributes}}, ty=LCP)


def spot(lon, lat, at=0):
    return {"monitoringType": "LOCATION_REPORTING", "eventTime": f"2026-01-01T00:00:{at:02}Z", "locationInfo": {"geographicArea": {"shape": "POINT", "point": {"lon": lon, "lat": lat}}}}


def positions(ae):
    answer = ae.get(f"{ae.name}/places?rcn=8")
    return [json.loads(i["con"]) if i["con"][0] == "{" else i["con"] for i in sorted(answer.pc.get("m2m:cin", []), key=lambda i: i["st"])]


def test_positions_are_asked_for_and_stored(ae, nef):
    assert policy(ae, lou=["PT30S"]).rsc == 2001
    body = nef.next("POST", PLACES)
    assert body["monitoringType"] == "LOCATION_REPORTING" and body["msisdn"] == "491701234567"
    assert body["repPeriod"] == 30 and body["monitorExpireTime"][-1] == "Z" and body["locationType"] == "CURRENT_LOCATION"
    reports = {"subscription": "http://nef/x", "monitoringEventReports": [spot(13.4, 52.5), spot(13.5, 52.5, 1)]}
    assert nef.tell(body["notificationDestination"], reports) == 204
    assert nef.tell(body["notificationDestination"], reports) == 204  # the same again
    points = [[13.4, 52.5], [13.5, 52.5]]
    assert sorted(p["coordinates"] for p in positions(ae)) == points
    assert ae.update(f"{ae.name}/p", "m2m:lcp", {"lou": ["PT60S"], "rlkl": True}).rsc == 2004
    body = nef.next("PUT", f"{PLACES}/x{nef.count}")
    assert body["repPeriod"] == 60 and body["locationType"] == "LAST_KNOWN_LOCATION"
    assert ae.delete(f"{ae.name}/p").rsc == 2002
    nef.next("DELETE", f"{PLACES}/x{nef.count}")


def test_one_position(ae, nef):
    """Without a period the network is asked once, and may answer at once."""
    nef.report = spot(1.5, 2.5)
    assert policy(ae).rsc == 2001
    assert nef.next("POST", PLACES)["maximumNumberOfReports"] == 1
    assert eventually(lambda: positions(ae)) == [{"type": "Point", "coordinates": [1.5, 2.5]}]
    assert ae.delete(f"{ae.name}/p").rsc == 2002
    assert nef.quiet()


def test_areas_and_cells(ae, nef):
    assert policy(ae, luec=0).rsc == 2001
    destination = nef.next("POST", PLACES)["notificationDestination"]
    corners = [{"lon": 0, "lat": 0}, {"lon": 1, "lat": 0}, {"lon": 1, "lat": 1}]
    for info in ({"geographicArea": {"shape": "POLYGON", "pointList": corners}}, {"cellId": "262-01-1-2"}):
        assert nef.tell(destination, {"subscription": "x", "monitoringEventReports": [{"monitoringType": "LOCATION_REPORTING", "locationInfo": info}]}) == 204
    assert positions(ae) == [{"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}, {"cellId": "262-01-1-2"}]


def test_a_geofence_around_it(ae, nef):
    area = {"type": "Polygon", "coordinates": [[[0, 0], [10, 0], [10, 10], [0, 10], [0, 0]]]}
    assert policy(ae, lou=["PT30S"], lit=2, gta=area, gec=1).rsc == 2001
    destination = nef.next("POST", PLACES)["notificationDestination"]
    for at, (x, y) in enumerate(((20, 20), (5, 5))):
        assert nef.tell(destination, {"subscription": "x", "monitoringEventReports": [spot(x, y, at)]}) == 204
    assert positions(ae)[-1] == "1" and ae.get(f"{ae.name}/p").pc["lost"] == "inside"


def test_a_position_that_is_refused(ae, nef):
    nef.refuse["POST"] = 404
    assert policy(ae, lou=["PT30S"]).rsc == 2001
    assert eventually(lambda: ae.get(f"{ae.name}/p").pc["lost"]).startswith("refused")
    assert policy(ae, rn="q", lon="others", lot="somewhere").rsc == 4000


# ---- background data


def transfer(ae, **attributes):
    return ae.request("POST", ae.name, {"m2m:bdt": {"rn": "b", "vpn": 1000000, "non": 20, "dtw": "* * 2-3 * * * *", **attributes}}, ty=BDT)


def offer(number, start, stop, rating, rate):
    return {"bdtPolicyId": number, "ratingGroup": rating, "maxDownlinkBandwidth": rate, "timeWindow": {"startTime": start, "stopTime": stop}}


@pytest.fixture
def base(admin):
    """Where a backgroundDataTransfer is made."""
    admin.name = ""
    yield admin
    admin.delete("b")


@pytest.mark.parametrize("tsg, chosen, dtw", ((1, 2, "* * 3-3 1 2 * 2030"), (2, 1, "* 0-29 2 1 2 * 2030"), (None, 1, "* 0-29 2 1 2 * 2030")))
def test_a_window_is_negotiated(base, nef, tsg, chosen, dtw):
    nef.offers = [offer(1, "2030-02-01T02:00:00Z", "2030-02-01T02:30:00Z", 5, "20 Mbps"), offer(2, "2030-02-01T04:00:00+01:00", "2030-02-01T05:00:00+01:00", 1, "900 Kbps")]
    answer = transfer(base, ggi={"accr": [52.5, 13.4, 100]}, **({"tsg": tsg} if tsg else {}))
    assert answer.rsc == 2001 and answer.pc["dtw"] == dtw, answer
    body = nef.next("POST", TRANSFERS)
    assert body["volumePerUE"] == {"totalVolume": 1000000} and body["numberOfUEs"] == 20
    start, stop = (calendar.timegm(time.strptime(body["desiredTimeWindow"][n], "%Y-%m-%dT%H:%M:%SZ")) for n in ("startTime", "stopTime"))
    assert stop - start == 7200 or 0 < stop - start < 7200 and time.gmtime().tm_hour in (2, 3)  # the rest of a window that is open
    assert body["locationArea"]["geographicAreas"][0]["point"] == {"lat": 52.5, "lon": 13.4}
    assert nef.next("PATCH", f"{TRANSFERS}/x{nef.count}") == {"selectedPolicy": chosen}
    assert base.delete("b").rsc == 2002
    nef.next("DELETE", f"{TRANSFERS}/x{nef.count}")


def test_negotiated_anew(base, nef):
    assert transfer(base).rsc == 2001  # nothing is offered: as asked for
    nef.next("POST", TRANSFERS)
    nef.offers = [offer(7, "2030-02-01T00:00:00Z", "2030-02-03T00:00:00Z", 1, "1 Mbps")]
    answer = base.update("b", "m2m:bdt", {"vpn": 5, "dtw": "* * * 1-2 2 * *"})
    assert answer.rsc == 2004 and answer.pc["dtw"] == "* * * 1-2 2 * 2030", answer
    nef.next("PUT", f"{TRANSFERS}/x{nef.count}")
    assert base.update("b", "m2m:bdt", {"lbl": ["x"]}).rsc == 2004 and nef.quiet()


def test_what_is_refused_is_not_there(base, nef):
    for status, rsc in ((403, 4102), (500, 5103)):
        nef.refuse["POST"] = status
        answer = transfer(base)
        assert answer.rsc == rsc and str(status) in answer.dbg, answer
    nef.clear()
    answer = transfer(base, dtw="* * * 30 2 * *")
    assert answer.rsc == 4000 and "dtw" in answer.dbg, answer
    assert base.get("b").rsc == 4004


# ---- the way in


def test_nobody_else_can_report(ae, nef):
    assert trigger(ae).rsc == 2001
    destination = nef.next("POST", TRIGGERS)["notificationDestination"]
    assert comes_to(ae, TRIGGERED)
    head, _, token = destination.rpartition("/")
    wrong = head + "/" + token[:-1] + ("0" if token[-1] != "0" else "1")
    for address in (wrong, head, head + "/", head.rpartition("/")[0] + "/other/" + token, head.rpartition("/")[0]):
        assert report(nef, address, "SUCCESS") == 404
    assert nef.tell(destination, b"{") == 400 and nef.tell(destination, b"[]") == 400 and nef.tell(destination, {}, "PUT") == 405
    assert nef.tell(destination, {"x": "y" * 300000}) == 413
    assert report(nef, destination, "something new") == 204 and status_of(ae) == TRIGGERED


@pytest.fixture
def triggered(ae, receiver):
    assert ae.create(ae.name, SUB, {"rn": "s", "nu": [receiver.url], "enc": {"net": [6]}}).rsc == 2001
    return ae


def arrives(who, payload):
    return who.request("POST", "", {"m2m:tgp": payload})


def test_a_trigger_for_an_ae_is_told(admin, triggered, receiver):
    sub = triggered.get(f"{triggered.name}/s").pc
    assert sub["nct"] == 4
    payload = {"tpe": 3, "tiae": triggered.origin, "tia": "/id-in/cse-in/x", "tio": 2}
    assert arrives(admin, payload).rsc == 2000
    told = receiver.next()
    assert told["nev"] == {"rep": {"m2m:tgp": payload}, "net": 6} and told["sur"] == f"/id-in/cse-in/{triggered.name}/s"
    assert arrives(admin, {"tpe": 1, "tiae": f"/id-in/{triggered.origin}"}).rsc == 2000
    assert receiver.next()["nev"]["rep"]["m2m:tgp"]["tpe"] == 1


def test_triggers_that_are_refused(admin, triggered, guest, receiver):
    assert arrives(guest, {"tpe": 1, "tiae": triggered.origin}).rsc == 4103
    assert arrives(admin, {"tpe": 1, "tiae": "Cnobody"}).rsc == 4004
    assert arrives(admin, {"tpe": 7, "tiae": triggered.origin}).rsc == 4000
    assert arrives(admin, {"tiae": triggered.origin}).rsc == 4000
    assert arrives(admin, {"tpe": 1}).rsc == 5001
    assert admin.request("POST", "", {"m2m:sgn": {}}).rsc == 4005
    assert arrives(admin, {"tpe": 1, "tiae": guest.origin}).rsc == 2000  # nobody wants to know
    assert receiver.none(0.2)
    assert triggered.create(f"{triggered.name}", 3, {"rn": "c"}).rsc == 2001
    assert triggered.create(f"{triggered.name}/c", SUB, {"nu": [receiver.url], "enc": {"net": [6]}}).rsc == 4000
    assert triggered.create(triggered.name, SUB, {"nu": [receiver.url], "enc": {"net": [6]}, "nct": 1}).rsc == 4000


# ---- kills


def test_nothing_is_lost_or_repeated_by_a_kill(stack, ae, nef):
    """Killed while the network does not answer: the trigger it has got is found, the other one is handed over."""
    nef.refuse["POST"] = 503
    before = nef.count
    assert trigger(ae).rsc == 2001 and trigger(ae, rn="u").rsc == 2001
    assert policy(ae, lou=["PT30S"]).rsc == 2001
    nef.next("POST", TRIGGERS)
    stack.kill("network.1", signal.SIGKILL)
    nef.clear()
    for rn in ("t", "u"):
        assert eventually(lambda: ae.get(f"{ae.name}/{rn}").pc["tst"] == TRIGGERED)
    assert eventually(lambda: nef.count == before + 3)
    destinations = [r["notificationDestination"] for r in nef.resources.values()]
    stack.kill("network.1", signal.SIGKILL)
    stack.wait_healthy()
    mine = [r for r in list(nef.resources.values())[-3:]]
    for resource in mine:
        body = {"monitoringEventReports": [spot(1, 2)]} if "monitoring" in resource["self"] else {"result": "SUCCESS"}
        assert eventually(lambda: told(nef, resource["notificationDestination"], body))
    assert status_of(ae) == DELIVERED and positions(ae) == [{"type": "Point", "coordinates": [1, 2]}]
    assert nef.count == before + 3 and len(destinations) == len(set(destinations))


def told(nef, destination, body):
    try:
        return nef.tell(destination, body) == 204
    except OSError:  # it is not back yet
        return False
