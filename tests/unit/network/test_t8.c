/* What is said to the exposure function of a network, and what its answers mean. */
#include "clock.h"
#include "json.h"
#include "network.h"
#include "t8.h"

#include <check.h>
#include <stdlib.h>

#include "mem.h"

/* ' stands for ". The caller owns it. */
static json_t *parse(const char *text)
{
    auto_free char *copy = xstrdup(text);
    char why[100];
    json_t *value;

    for (char *p = copy; *p; p++)
        if (*p == '\'')
            *p = '"';
    value = json_parse(copy, strlen(copy), why, sizeof why);
    ck_assert_msg(value != NULL, "%s: %s", why, text);
    return value;
}

static void check_json(const char *name, const json_t *is, const char *wanted)
{
    json_auto_t *expected = parse(wanted);
    auto_str struct str text = STR_EMPTY;

    if (is)
        json_write(&text, is);
    ck_assert_msg(json_equal(is, expected), "%s: %s instead of %s", name, str_text(&text), wanted);
}

static int64_t at(const char *text)
{
    int64_t ms = 0;

    ck_assert_msg(t8_parse_time(text, &ms) == 0, "%s", text);
    return ms;
}

START_TEST(identities)
{
    static const struct {
        const char *id, *member;
    } cases[] = {
        {"meter42@plant.example", "externalId"},
        {"491701234567",          "msisdn"    },
        {"12345",                 "msisdn"    },
        {"1234",                  NULL        },
        {"1234567890123456",      NULL        },
        {"a meter",               NULL        },
        {"@plant.example",        NULL        },
        {"meter@",                NULL        },
        {"meter@plant@example",   NULL        },
        {"",                      NULL        },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *member = network_identity(cases[i].id);

        ck_assert_msg(cases[i].member ? member && strcmp(member, cases[i].member) == 0 : !member, "%s: %s", cases[i].id, member);
    }
}
END_TEST

START_TEST(resources)
{
    static const struct {
        const char *location, *body, *id;
    } cases[] = {
        {"http://n/a/transactions/x-1", "{}",                     "x-1"},
        {"",                            "{'self':'http://n/y2'}", "y2" },
        {"x3",                          "{}",                     "x3" },
        {"http://n/a/",                 "{}",                     NULL },
        {"http://n/a/..",               "{}",                     NULL },
        {"http://n/a/x?y",              "{}",                     NULL },
        {"",                            "{}",                     NULL },
    };
    json_auto_t *list = parse("[{'self':'http://n/1','notificationDestination':'http://c/a'},{'self':'http://n/2',"
                              "'notificationDestination':'http://c/b'},{}]");
    auto_free char *found = t8_find(list, "http://c/b"), *none = t8_find(list, "http://c/c"), *no_list = t8_find(NULL, "x");
    auto_free char *all = t8_path(T8_TRANSFER, "s", NULL), *one = t8_path(T8_TRIGGER, "s", "x");

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        json_auto_t *body = parse(cases[i].body);
        auto_free char *id = t8_id(cases[i].location, body);

        ck_assert_msg(cases[i].id ? id && strcmp(id, cases[i].id) == 0 : !id, "%zu: %s", i, id);
    }
    ck_assert_str_eq(found, "2");
    ck_assert_ptr_null(none);
    ck_assert_ptr_null(no_list);
    ck_assert_str_eq(all, "/3gpp-bdt/v1/s/subscriptions");
    ck_assert_str_eq(one, "/3gpp-device-triggering/v1/s/transactions/x");
}
END_TEST

START_TEST(triggers)
{
    json_auto_t *a = parse("{'mei':'m@d.example','tri':7,'tpe':2,'tiae':'Cx','rn':'t'}");
    json_auto_t *body = t8_trigger(a, 1000, 61001, "http://a,http://b", "http://c");

    /* {"m2m:tgp":{"tpe":2,"tiae":"Cx","tipa":["http://a","http://b"]}} */
    check_json("trigger", body,
               "{'validityPeriod':61,'priority':'NO_PRIORITY','applicationPortId':7,'triggerPayload':"
               "'eyJtMm06dGdwIjp7InRwZSI6MiwidGlhZSI6IkN4IiwidGlwYSI6WyJodHRwOi8vYSIsImh0dHA6Ly9iIl19fQ==',"
               "'notificationDestination':'http://c','externalId':'m@d.example'}");
    ck_assert_int_eq(t8_trigger_status("SUCCESS"), TRIGGER_DELIVERED);
    ck_assert_int_eq(t8_trigger_status("EXPIRED"), TRIGGER_EXPIRED);
    ck_assert_int_eq(t8_trigger_status("news"), 0);
    ck_assert_int_eq(t8_trigger_status(NULL), 0);
    ck_assert(trigger_is_pending(TRIGGER_REPLACED) && !trigger_is_pending(TRIGGER_NSE_NOT_FOUND));
}
END_TEST

START_TEST(location_requests)
{
    static const struct {
        const char *name, *a, *wanted;
    } cases[] = {
        {"once",     "{'lot':'12345','et':'20300101T000000'}",
         "{'notificationDestination':'d','monitoringType':'LOCATION_REPORTING','locationType':'CURRENT_LOCATION','accuracy':"
         "'GEO_AREA','msisdn':'12345','maximumNumberOfReports':1}"                                  },
        {"periodic", "{'lot':'a@b','et':'20300101T000000','lou':['PT2M','PT1H'],'rlkl':true}",
         "{'notificationDestination':'d','monitoringType':'LOCATION_REPORTING','locationType':'LAST_KNOWN_LOCATION','accuracy':"
         "'GEO_AREA','externalId':'a@b','repPeriod':120,'monitorExpireTime':'2030-01-01T00:00:00Z'}"},
        {"changes",  "{'lot':'12345','luec':0}",
         "{'notificationDestination':'d','monitoringType':'LOCATION_REPORTING','locationType':'CURRENT_LOCATION','accuracy':"
         "'GEO_AREA','msisdn':'12345','maximumNumberOfReports':2147483647}"                         },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        json_auto_t *a = parse(cases[i].a);
        json_auto_t *body = t8_location(a, "d");

        check_json(cases[i].name, body, cases[i].wanted);
    }
}
END_TEST

START_TEST(positions)
{
    static const struct {
        const char *name, *report, *wanted; /* NULL: none */
    } cases[] = {
        {"point",       "{'monitoringType':'LOCATION_REPORTING','locationInfo':{'geographicArea':{'point':{'lon':1.5,'lat':2}}}}",
         "{'type':'Point','coordinates':[1.5,2]}"                                                                                                    },
        {"polygon",     "{'locationInfo':{'geographicArea':{'pointList':[{'lon':0,'lat':0},{'lon':1,'lat':0},{'lon':1,'lat':1}]}}}",
         "{'type':'Polygon','coordinates':[[[0,0],[1,0],[1,1],[0,0]]]}"                                                                              },
        {"bad polygon", "{'locationInfo':{'geographicArea':{'pointList':[{'lon':0,'lat':0},{'lon':1},{'lon':1,'lat':1}]}}}",
         "{'geographicArea':{'pointList':[{'lon':0,'lat':0},{'lon':1},{'lon':1,'lat':1}]}}"                                                          },
        {"cell",        "{'locationInfo':{'cellId':'1'}}",                                                                           "{'cellId':'1'}"},
        {"other type",  "{'monitoringType':'ROAMING_STATUS','locationInfo':{'cellId':'1'}}",                                         NULL            },
        {"nothing",     "{'monitoringType':'LOCATION_REPORTING'}",                                                                   NULL            },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        json_auto_t *report = parse(cases[i].report);
        json_auto_t *found = t8_position(report);

        if (cases[i].wanted)
            check_json(cases[i].name, found, cases[i].wanted);
        else
            ck_assert_msg(!found, "%s", cases[i].name);
    }
}
END_TEST

START_TEST(transfer_requests)
{
    json_auto_t *a = parse("{'vpn':10,'non':2,'ggi':{'accc':['DE','FR']}}");
    json_auto_t *body = t8_transfer(a, at("2030-01-01T00:00:00Z"), at("2030-01-01T01:00:00Z"), "d");

    check_json("transfer", body,
               "{'volumePerUE':{'totalVolume':10},'numberOfUEs':2,'desiredTimeWindow':{'startTime':'2030-01-01T00:00:00Z',"
               "'stopTime':'2030-01-01T01:00:00Z'},'notificationDestination':'d','locationArea':{'civicAddresses':["
               "{'country':'DE'},{'country':'FR'}]}}");
}
END_TEST

START_TEST(choice)
{
    static const char window[] = "'timeWindow':{'startTime':'2030-01-01T00:00:00Z','stopTime':'2030-01-01T01:00:00Z'}";
    auto_free char *text =
        xasprintf("[{'bdtPolicyId':9,'ratingGroup':0},{'bdtPolicyId':1,'ratingGroup':3,'maxDownlinkBandwidth':'1 Mbps',%s},"
                  "{'bdtPolicyId':2,'ratingGroup':1,'maxDownlinkBandwidth':'900 Kbps',%s},"
                  "{'bdtPolicyId':3,'ratingGroup':2,'maxDownlinkBandwidth':2000000,'maxUplinkBandwidth':1,%s}]",
                  window, window, window);
    json_auto_t *policies = parse(text);
    static const int wanted[] = {1, 2, 3}; /* by guidance 0, 1, 2 */

    for (int guidance = 0; guidance < 3; guidance++)
        ck_assert_int_eq(json_int(t8_choose(policies, guidance), "bdtPolicyId", 0), wanted[guidance]);
    ck_assert_ptr_null(t8_choose(NULL, 1));
}
END_TEST

START_TEST(windows)
{
    static const struct {
        const char *entry, *now, *start, *stop; /* NULL: none */
    } cases[] = {
        {"* * 2-3 * * * *",      "2030-01-01T12:00:30Z", "2030-01-02T02:00:00Z", "2030-01-02T04:00:00Z"},
        {"* * 2-3 * * * *",      "2030-01-01T02:10:30Z", "2030-01-01T02:11:00Z", "2030-01-01T04:00:00Z"},
        {"0 30 4 * * * *",       "2030-01-01T12:00:00Z", "2030-01-02T04:30:00Z", "2030-01-02T04:31:00Z"},
        {"* * * * * * *",        "2030-01-01T12:00:00Z", "2030-01-01T12:01:00Z", "2030-01-02T12:01:00Z"},
        {"* 15-29 22 24 12 * *", "2030-01-01T12:00:00Z", "2030-12-24T22:15:00Z", "2030-12-24T22:30:00Z"},
        {"* * * 30 2 * *",       "2030-01-01T12:00:00Z", NULL,                   NULL                  },
        {"* * * * * * 2029",     "2030-01-01T12:00:00Z", NULL,                   NULL                  },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int64_t start = 0, stop = 0;
        bool found = t8_next_window(cases[i].entry, at(cases[i].now), &start, &stop);

        ck_assert_msg(found == (cases[i].start != NULL), "%s", cases[i].entry);
        if (found)
            ck_assert_msg(start == at(cases[i].start) && stop == at(cases[i].stop), "%s", cases[i].entry);
    }
}
END_TEST

START_TEST(entries)
{
    static const struct {
        const char *start, *stop, *entry; /* NULL: none */
    } cases[] = {
        {"2030-02-01T02:00:00Z",      "2030-02-01T04:00:00Z",      "* * 2-3 1 2 * 2030"  },
        {"2030-02-01T02:15:00Z",      "2030-02-01T02:30:00Z",      "* 15-29 2 1 2 * 2030"},
        {"2030-02-01T00:00:00Z",      "2030-02-03T00:00:00Z",      "* * * 1-2 2 * 2030"  },
        {"2030-02-01T22:00:00+01:00", "2030-02-01T23:00:00+01:00", "* * 21-21 1 2 * 2030"},
        {"2030-02-01T02:15:00Z",      "2030-02-01T03:30:00Z",      NULL                  },
        {"2030-02-01T23:00:00Z",      "2030-02-02T01:00:00Z",      NULL                  },
        {"2030-02-01T02:00:30Z",      "2030-02-01T03:00:00Z",      NULL                  },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        auto_free char *entry = t8_entry(at(cases[i].start), at(cases[i].stop));

        ck_assert_msg(cases[i].entry ? entry && strcmp(entry, cases[i].entry) == 0 : !entry, "%s: %s", cases[i].start, entry);
        ck_assert_msg(!entry || clock_schedule_valid(entry), "%s", entry);
    }
}
END_TEST

START_TEST(times)
{
    static const char *const bad[] = {"",
                                      "2030-02-01",
                                      "2030-13-01T00:00:00Z",
                                      "2030-02-01T00:00:00",
                                      "2030-02-01T00:00:00+1",
                                      "2030-02-01T00:00:00Zx",
                                      "2030-02-30T00:00:00Z",
                                      "-030-02-01T00:00:00Z"};
    char text[T8_TIME_SIZE];
    int64_t ms;

    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        ck_assert_msg(t8_parse_time(bad[i], &ms) < 0, "%s", bad[i]);
    ck_assert_int_eq(at("2030-02-01T02:00:00.123-01:30"), at("2030-02-01T03:30:00Z"));
    t8_format_time(at("2030-02-01T03:30:09Z"), text);
    ck_assert_str_eq(text, "2030-02-01T03:30:09Z");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("t8");
    TCase *cases = tcase_create("t8");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_test(cases, identities);
    tcase_add_test(cases, resources);
    tcase_add_test(cases, triggers);
    tcase_add_test(cases, location_requests);
    tcase_add_test(cases, positions);
    tcase_add_test(cases, transfer_requests);
    tcase_add_test(cases, choice);
    tcase_add_test(cases, windows);
    tcase_add_test(cases, entries);
    tcase_add_test(cases, times);
    suite_add_tcase(suite, cases);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
