/* Rules that ask for more than who and what: users, limits, criteria, places, attributes. */
#include "access.h"
#include "fixture.h"
#include "region.h"

enum { C = ACCESS_CREATE, R = ACCESS_RETRIEVE, U = ACCESS_UPDATE, D = ACCESS_DELETE, F = ACCESS_DISCOVER };

/* What is asked by Cx, at 10.1.2.3 in Berlin, as the user "u1", of a container with `mni` 5 and these rules. */
static const struct {
    const char *name, *rules;
    int op;
    enum verdict wanted;
    const char *uses; /* names of the rules used up, or "" */
} rules[] = {
    {"user",                      "{'acor':['Cx'],'acop':63,'acco':[{'acui':['u0','u1']}]}",                             R, ALLOWED, ""        },
    {"another user",              "{'acor':['Cx'],'acop':63,'acco':[{'acui':['u0']}]}",                                  R, DENIED,  ""        },
    {"no users",                  "{'acor':['Cx'],'acop':63,'acco':[{'acui':[]}]}",                                      R, DENIED,  ""        },
    {"limit",                     "{'acor':['Cx'],'acop':63,'acco':[{'acl':2}]}",                                        R, ALLOWED, "p pv 0 0"},
    {"used up",                   "{'acor':['Cx'],'acop':63,'acco':[{'acl':0}]}",                                        R, DENIED,  ""        },
    {"free rule first",           "{'acor':['Cx'],'acop':63,'acco':[{'acl':2}]},{'acor':['Cx'],'acop':2}",               R, ALLOWED, ""        },
    {"free context first",        "{'acor':['Cx'],'acop':63,'acco':[{'acl':2},{'acui':['u1']}]}",                        R, ALLOWED, ""        },
    {"free rule of others",       "{'acor':['Cx'],'acop':63,'acco':[{'acl':2}]},{'acor':['Cy'],'acop':2}",               R, ALLOWED, "p pv 0 0"},
    {"limit of the second",       "{'acor':['Cx'],'acop':1},{'acor':['Cx'],'acop':2,'acco':[{'acui':['x']},{'acl':1}]}", R, ALLOWED,
     "p pv 1 1"                                                                                                                                },
    {"limit and user",            "{'acor':['Cx'],'acop':63,'acco':[{'acl':2,'acui':['u0']}]}",                          R, DENIED,  ""        },
    {"limit of a group's rule",   "{'acor':['grp7'],'acop':63,'acco':[{'acl':2}]}",                                      R, ALLOWED, "p pv 0 0"},
    {"criterion",                 "{'acor':['Cx'],'acop':63,'acco':[{'acec':{'sbjt':'mni','optr':3,'thld':4}}]}",        R, ALLOWED, ""        },
    {"criterion not met",         "{'acor':['Cx'],'acop':63,'acco':[{'acec':{'sbjt':'mni','optr':4,'thld':4}}]}",        R, DENIED,  ""        },
    {"criterion of no attribute", "{'acor':['Cx'],'acop':63,'acco':[{'acec':{'sbjt':'mbs','optr':2,'thld':4}}]}",        R, DENIED,  ""        },
    {"criterion, another kind",   "{'acor':['Cx'],'acop':63,'acco':[{'acec':{'sbjt':'mni','optr':1,'thld':'5'}}]}",      R, DENIED,  ""        },
    {"country",                   "{'acor':['Cx'],'acop':63,'acco':[{'aclr':{'accc':['KR','de']}}]}",                    R, ALLOWED, ""        },
    {"another country",           "{'acor':['Cx'],'acop':63,'acco':[{'aclr':{'accc':['KR']}}]}",                         R, DENIED,  ""        },
    {"circle",                    "{'acor':['Cx'],'acop':63,'acco':[{'aclr':{'accr':[52.5,13.4,5000]}}]}",               R, ALLOWED, ""        },
    {"small circle",              "{'acor':['Cx'],'acop':63,'acco':[{'aclr':{'accr':[52.5,13.4,50]}}]}",                 R, DENIED,  ""        },
    {"circle and country",        "{'acor':['Cx'],'acop':63,'acco':[{'aclr':{'accr':[52.5,13.4,5000],'accc':['KR']}}]}", R, DENIED,  ""        },
    {"empty region",              "{'acor':['Cx'],'acop':63,'acco':[{'aclr':{}}]}",                                      R, DENIED,  ""        },
    {"unknown kind",              "{'acor':['Cx'],'acop':63,'acco':[{'acxx':1}]}",                                       R, DENIED,  ""        },
    {"attributes are not all",    "{'acor':['Cx'],'acop':63,'aca':['lbl']}",                                             R, DENIED,  ""        },
};

static const struct place berlin = {52.52, 13.405};

/* The container asked about, with its policy in the snapshot. */
static struct resource *begin(struct snapshot *snap, struct access_who *who, const char *acr)
{
    auto_free char *policy =
        xasprintf("{'ri':'p','pi':'Cae','ty':1,'path':'cse-in/p','a':{'pv':{'acr':[%s]},'pvs':{'acr':[]}}}", acr);
    char why[80] = "";

    ck_assert_msg(region_set_countries("10.2.0.0/16=KR, 10.0.0.0/8=de", why, sizeof why), "%s", why);
    *snap = (struct snapshot){.now = NOW};
    *who =
        (struct access_who){.originator = "Cx", .peer = "10.1.2.3", .now = NOW, .user = "u1", .located = true, .place = &berlin};
    snapshot_add(snap, "p", fixture_resource(policy));
    return fixture_resource("{'ri':'c','pi':'Cae','ty':3,'path':'cse-in/ae/c9','by':'Cae','a':{'acpi':['p'],'mni':5}}");
}

START_TEST(test_context)
{
    struct snapshot snap;
    struct access_who who;
    struct resource *cnt = begin(&snap, &who, rules[_i].rules);
    char why[256] = "";
    const char *used;
    enum verdict got;

    do {
        fixture_load(&snap);
        got = access_check(&snap, &who, cnt, (enum access_op)rules[_i].op, 0, why, sizeof why);
    } while (got == NOT_KNOWN_YET && snap.missing_count > 0);
    used = json_object_iter_key(json_object_iter(snap.uses));
    ck_assert_msg(got == rules[_i].wanted, "%s: %d %s", rules[_i].name, got, why);
    ck_assert_msg(strcmp(used ? used : "", rules[_i].uses) == 0, "%s: %s", rules[_i].name, used);
    resource_free(cnt);
    snapshot_forget(&snap);
}
END_TEST

/* Some attributes: of which rules, for which operation. */
static const struct {
    const char *name, *rules;
    int op;
    enum verdict wanted;
    const char *names; /* JSON, or "" for all */
} parts[] = {
    {"of one rule",        "{'acor':['Cx'],'acop':2,'aca':['lbl']}",                                                       R, ALLOWED, "[\"lbl\"]"},
    {"of several",         "{'acor':['Cx'],'acop':2,'aca':['lbl']},{'acor':['all'],'acop':6,'aca':['mni']}",               R, ALLOWED,
     "[\"lbl\",\"mni\"]"                                                                                                                          },
    {"of the operation",   "{'acor':['Cx'],'acop':2,'aca':['lbl']},{'acor':['all'],'acop':6,'aca':['mni']}",               U, ALLOWED,
     "[\"mni\"]"                                                                                                                                  },
    {"a whole one beside", "{'acor':['Cx'],'acop':2,'aca':['lbl']},{'acor':['Cx'],'acop':2}",                              R, ALLOWED, ""         },
    {"not to delete",      "{'acor':['Cx'],'acop':63,'aca':['lbl']}",                                                      D, DENIED,  ""         },
    {"not to discover",    "{'acor':['Cx'],'acop':63,'aca':['lbl']}",                                                      F, DENIED,  ""         },
    {"of others",          "{'acor':['Cy'],'acop':63,'aca':['lbl']}",                                                      R, DENIED,  ""         },
    {"with a limit",       "{'acor':['Cx'],'acop':63,'aca':['lbl'],'acco':[{'acl':1}]}",                                   R, ALLOWED, "[\"lbl\"]"},
    {"without one first",  "{'acor':['Cx'],'acop':2,'aca':['x'],'acco':[{'acl':1}]},{'acor':['Cx'],'acop':2,'aca':['y']}", R,
     ALLOWED,                                                                                                                          "[\"y\"]"  },
    {"of a group's rule",  "{'acor':['grp7'],'acop':2,'aca':['lbl']}",                                                     R, ALLOWED, "[\"lbl\"]"},
};

START_TEST(test_part)
{
    struct snapshot snap;
    struct access_who who;
    struct resource *cnt = begin(&snap, &who, parts[_i].rules);
    json_t *names = NULL;
    auto_str struct str text = STR_EMPTY;
    enum verdict got;

    do {
        fixture_load(&snap);
        got = access_check_part(&snap, &who, cnt, (enum access_op)parts[_i].op, 0, &names);
    } while (got == NOT_KNOWN_YET && snap.missing_count > 0);
    if (names)
        json_write(&text, names);
    ck_assert_msg(got == parts[_i].wanted, "%s: %d", parts[_i].name, got);
    ck_assert_msg(strcmp(str_text(&text), parts[_i].names) == 0, "%s: %s", parts[_i].name, str_text(&text));
    json_decref(names);
    resource_free(cnt);
    snapshot_forget(&snap);
}
END_TEST

START_TEST(test_place_is_looked_for)
{
    struct snapshot snap;
    struct access_who who;
    struct resource *cnt = begin(&snap, &who, "{'acor':['Cx'],'acop':63,'acco':[{'aclr':{'accr':[52.5,13.4,5000]}}]}");
    char why[256] = "";

    who.located = false;
    who.place = NULL;
    ck_assert_int_eq(access_check(&snap, &who, cnt, ACCESS_RETRIEVE, 0, why, sizeof why), NOT_KNOWN_YET);
    ck_assert(snap.wants_place);
    who.located = true;
    ck_assert_int_eq(access_check(&snap, &who, cnt, ACCESS_RETRIEVE, 0, why, sizeof why), DENIED);
    resource_free(cnt);
    snapshot_forget(&snap);
}
END_TEST

START_TEST(test_countries)
{
    static const char *const bad[] = {"10.0.0.0/8", "10.0.0.0/33=DE", "x=DE", "10.0.0.0/8=DEU", "10.0.0.0/8=D1", "10.0.0.0/=DE"};
    char why[160];

    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        ck_assert_msg(!region_set_countries(bad[i], why, sizeof why), "%s", bad[i]);
    ck_assert(region_set_countries("10.2.0.0/16=kr 10.0.0.0/8=DE\n2001:db8::/32=FR,192.0.2.7=US", why, sizeof why));
    ck_assert_str_eq(region_country("10.2.255.1"), "KR");
    ck_assert_str_eq(region_country("10.3.0.1"), "DE");
    ck_assert_str_eq(region_country("2001:db8::7"), "FR");
    ck_assert_str_eq(region_country("192.0.2.7"), "US");
    ck_assert_ptr_null(region_country("192.0.2.8"));
    ck_assert_ptr_null(region_country("nowhere"));
    ck_assert_ptr_null(region_country(NULL));
    ck_assert(region_set_countries("", why, sizeof why));
    ck_assert_ptr_null(region_country("10.2.255.1"));
}
END_TEST

START_TEST(test_places)
{
    static const struct {
        const char *text;
        bool is;
    } cases[] = {
        {"{\"typ\":1,\"crd\":[13.4,52.5]}",                                  true },
        {"{\"typ\":1,\"crd\":\"[13.4,52.5]\"}",                              true },
        {"{\"type\":\"Point\",\"coordinates\":[13.4,52.5]}",                 true },
        {"\"{\\\"type\\\":\\\"Point\\\",\\\"coordinates\\\":[13.4,52.5]}\"", true },
        {"{\"typ\":2,\"crd\":[[13.4,52.5],[1,2]]}",                          false},
        {"{\"typ\":1,\"crd\":[13.4]}",                                       false},
        {"\"here\"",                                                         false},
        {"21.5",                                                             false},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        json_auto_t *value = json_loads(cases[i].text, JSON_DECODE_ANY, NULL);
        struct place place = {0, 0};

        ck_assert_msg(region_place(value, &place) == cases[i].is, "%s", cases[i].text);
        ck_assert_msg(!cases[i].is || (place.latitude > 52.4 && place.longitude < 13.5), "%s", cases[i].text);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("access_contexts");
    TCase *tests = tcase_create("access_contexts");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_checked_fixture(tests, fixture_begin, fixture_end);
    tcase_add_loop_test(tests, test_context, 0, ARRAY_LEN(rules));
    tcase_add_loop_test(tests, test_part, 0, ARRAY_LEN(parts));
    tcase_add_test(tests, test_place_is_looked_for);
    tcase_add_test(tests, test_countries);
    tcase_add_test(tests, test_places);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
