"""What of oneM2M is there, and the tests that prove it: section -> {what: tests}. One line per claim; `make docs` then writes docs/onem2m-coverage.md.

A test is named FILE.FUNCTION without "test_", with its case in brackets if one is meant: group.circle, discovery.filters[type], fault/killed.kill, unit/orchestrator/crs_window.test_window.
What is missing is a pair: what happens instead, and the tests that prove that (or nothing).

What the program's own tables know must all be here: a claim about it begins with its name and, if there is more to say, a colon ("lbl: any of the labels").
The operations of the types are proved by test_types.py, which walks all of them; OPERATIONS has those that it does not reach.
"""

NOBODY = ("nobody makes one yet", "")  # of types that only the CSE makes
NOWHERE = ("no announced type may hold it", "")
NO_FUNCTION = "kept as a resource, nothing follows from it"

# Type and operation, that the walk over all types does not look at.
OPERATIONS = {
    "cb R": "ae.the_base_is_open_for_reading_only addressing.the_base_itself",
    "cb U": "ae.the_base_is_open_for_reading_only",
    "cb D": "ae.the_base_is_open_for_reading_only",
    "cb announced": "announcement.base_is_announced_first",
    "exin R": "mgmtcmd.command_goes_to_the_device",
    "exin U": "mgmtcmd.nobody_there_waits_and_can_be_cancelled",
    "exin D": "mgmtcmd.nobody_there_waits_and_can_be_cancelled",
    "req R": "nonblocking.synchronous_create",
    "req U": ("4005", "nonblocking.refused"),
    "req D": "nonblocking.result_can_be_deleted nonblocking.recall",
    "fcnt C": "flexcontainer.all_specializations",
    "fcnt R": "flexcontainer.what_is_set_by_the_cse",
    "fcnt U": "flexcontainer.updates",
    "fcnt D": "flexcontainer.all_specializations",
    "tgr C": "network.a_trigger_is_handed_over_and_its_delivery_reported",
    "tgr R": "network.subscribers_hear_of_the_status",
    "tgr U": "network.replaced_by_update",
    "tgr D": "network.recalled_by_delete",
    "bdt C": "network.a_window_is_negotiated",
    "bdt R": "network.what_is_refused_is_not_there",
    "bdt U": "network.negotiated_anew",
    "bdt D": "network.a_window_is_negotiated",
    "fcnt announced": "announcement.a_flexcontainer_and_what_is_below",
