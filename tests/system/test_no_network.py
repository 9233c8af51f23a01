"""Without an underlying network what needs one is refused, and the text says which settings are missing."""

import pytest

NEEDS_ONE = {
    "triggerRequest": (47, "m2m:tgr", {"mei": "meter@plant.example", "tri": 1, "tvt": "PT1M"}),
    "backgroundDataTransfer": (49, "m2m:bdt", {"vpn": 1, "non": 1, "dtw": "* * * * * * *"}),
    "locationPolicy": (10, "m2m:lcp", {"los": 1, "lot": "491701234567", "lor": "http://lbs.example"}),
}


@pytest.mark.parametrize("what", NEEDS_ONE)
def test_refused(admin, ae, what):
    ty, key, attributes = NEEDS_ONE[what]
    answer = admin.request("POST", "" if what == "backgroundDataTransfer" else ae.name, {key: attributes}, ty=ty)
    assert answer.rsc == 5001 and "network.url" in answer.dbg, answer
