/* Access control: who may do what by which rule, and why not. */
#include "access.h"
#include "fixture.h"

enum { C = ACCESS_CREATE, R = ACCESS_RETRIEVE, U = ACCESS_UPDATE, D = ACCESS_DELETE, N = ACCESS_NOTIFY, F = ACCESS_DISCOVER };

/* One rule against one originator: a container with a policy of that rule alone. */
static const struct {
    const char *name, *rule;
    const char *originator, *peer;
    bool authenticated;
    int op, child_ty;
    enum verdict wanted;
} rules[] = {
    {"all",                              "'acor':['all'],'acop':63",                                                                   "Cx",             NULL,               false, D, 0,  ALLOWED},
    {"no originator",                    "'acor':[],'acop':63",                                                                        "Cx",             NULL,               false, R, 0,  DENIED },
    {"stem",                             "'acor':['Cx'],'acop':63",                                                                    "Cx",             NULL,               false, R, 0,  ALLOWED},
    {"another stem",                     "'acor':['Cx'],'acop':63",                                                                    "Cxy",            NULL,               false, R, 0,  DENIED },
    {"stem, SP-relative",                "'acor':['/id-in/Cx'],'acop':63",                                                             "Cx",             NULL,               false, R, 0,  ALLOWED},
    {"stem, absolute",                   "'acor':['//tessera.example.com/id-in/Cx'],'acop':63",                                        "Cx",             NULL,               false, R, 0,  ALLOWED},
    {"S stem, SP-relative",              "'acor':['/Sx'],'acop':63",                                                                   "Sx",             NULL,               false, R, 0,  ALLOWED},
    {"stem of another CSE",              "'acor':['/mn/Cx'],'acop':63",                                                                "Cx",             NULL,               false, R, 0,  DENIED },
    {"AE of another CSE",                "'acor':['/mn/Cx'],'acop':63",                                                                "/mn/Cx",         NULL,               false, R, 0,  ALLOWED},
    {"CSE",                              "'acor':['/mn'],'acop':63",                                                                   "/mn",            NULL,               false, R, 0,  ALLOWED},
    {"CSE is not its AEs",               "'acor':['/mn'],'acop':63",                                                                   "/mn/Cx",         NULL,               false, R, 0,  DENIED },
    {"wildcard",                         "'acor':['C*'],'acop':63",                                                                    "Cx",             NULL,               false, R, 0,  ALLOWED},
    {"wildcard in the middle",           "'acor':['C*-7'],'acop':63",                                                                  "Cx-17-7",        NULL,               false, R, 0,  ALLOWED},
    {"wildcard misses the end",          "'acor':['C*-7'],'acop':63",                                                                  "Cx-17",          NULL,               false, R, 0,  DENIED },
    {"wildcard alone",                   "'acor':['*'],'acop':63",                                                                     "/mn/Cx",         NULL,               false, R, 0,  ALLOWED},
    {"wildcard of own AEs",              "'acor':['/id-in/*'],'acop':63",                                                              "Cx",             NULL,               false, R, 0,  ALLOWED},
    {"wildcard of own AEs only",         "'acor':['/id-in/*'],'acop':63",                                                              "/mn/Cx",         NULL,               false, R, 0,  DENIED },
    {"wildcard of another CSE's AEs",    "'acor':['/mn/*'],'acop':63",                                                                 "/mn/Cx",         NULL,               false, R, 0,  ALLOWED},
    {"wildcard of CSEs",                 "'acor':['/m*'],'acop':63",                                                                   "/mn",            NULL,               false, R, 0,  ALLOWED},
    {"domain",                           "'acor':['tessera.example.com'],'acop':63",                                                   "Cx",             NULL,               false, R, 0,  ALLOWED},
    {"domain above",                     "'acor':['Example.com'],'acop':63",                                                           "/mn",            NULL,               false, R, 0,  ALLOWED},
    {"domain as SP-ID",                  "'acor':['//example.com'],'acop':63",                                                         "Cx",             NULL,               false, R, 0,  ALLOWED},
    {"another domain",                   "'acor':['example.org'],'acop':63",                                                           "Cx",             NULL,               false, R, 0,  DENIED },
    {"end of a label is no domain",      "'acor':['ple.com'],'acop':63",                                                               "Cx",             NULL,               false, R, 0,  DENIED },
    {"domain of another SP",             "'acor':['sp.org'],'acop':63",                                                                "//sp.org/mn/Cx", NULL,               false, R, 0,  ALLOWED},
    {"domain with a wildcard",           "'acor':['*.example.com'],'acop':63",                                                         "Cx",             NULL,               false, R, 0,  ALLOWED},
    {"member of a group",                "'acor':['grp7'],'acop':63",                                                                  "Cx",             NULL,               false, R, 0,  ALLOWED},
    {"member, SP-relative",              "'acor':['grp7'],'acop':63",                                                                  "Cy",             NULL,               false, R, 0,  ALLOWED},
    {"member by its path",               "'acor':['grp7'],'acop':63",                                                                  "Cother",         NULL,               false, R, 0,  ALLOWED},
    {"member elsewhere",                 "'acor':['grp7'],'acop':63",                                                                  "/far/Cz",        NULL,               false, R, 0,  ALLOWED},
    {"CSE as a member",                  "'acor':['grp7'],'acop':63",                                                                  "/mn",            NULL,               false, R, 0,  ALLOWED},
    {"no member",                        "'acor':['grp7'],'acop':63",                                                                  "Cz",             NULL,               false, R, 0,  DENIED },
    {"member for another operation",     "'acor':['grp7'],'acop':61",                                                                  "Cx",             NULL,               false, R, 0,  DENIED },
    {"group by its path",                "'acor':['cse-in/staff'],'acop':63",                                                          "Cx",             NULL,               false, R, 0,  ALLOWED},
    {"group, SP-relative",               "'acor':['/id-in/grp7'],'acop':63",                                                           "Cx",             NULL,               false, R, 0,  ALLOWED},
    {"group of another CSE",             "'acor':['/mn/grp7'],'acop':63",                                                              "Cx",             NULL,               false, R, 0,  DENIED },
    {"no such group",                    "'acor':['grp99','grp7'],'acop':63",                                                          "Cx",             NULL,               false, R, 0,  ALLOWED},
    {"another rule than the group's",    "'acor':['grp99'],'acop':63},{'acor':['Cx'],'acop':2",                                        "Cx",             NULL,               false, R, 0,  ALLOWED},
    {"path of no group",                 "'acor':['cse-in/ae/c'],'acop':63",                                                           "Cx",             NULL,               false, R, 0,  DENIED },
    {"a group's id",                     "'acor':['grp1'],'acop':63",                                                                  "Cx",             NULL,               false, R, 0,  DENIED },
    {"second originator",                "'acor':['Ca','Cx'],'acop':63",                                                               "Cx",             NULL,               false, R, 0,  ALLOWED},
    {"operation",                        "'acor':['Cx'],'acop':2",                                                                     "Cx",             NULL,               false, R, 0,  ALLOWED},
    {"another operation",                "'acor':['Cx'],'acop':61",                                                                    "Cx",             NULL,               false, R, 0,  DENIED },
    {"discovery",                        "'acor':['Cx'],'acop':32",                                                                    "Cx",             NULL,               false, F, 0,  ALLOWED},
    {"retrieve is not discovery",        "'acor':['Cx'],'acop':2",                                                                     "Cx",             NULL,               false, F, 0,  DENIED },
    {"notify",                           "'acor':['Cx'],'acop':16",                                                                    "Cx",             NULL,               false, N, 0,  ALLOWED},
    {"no operation",                     "'acor':['Cx'],'acop':0",                                                                     "Cx",             NULL,               false, R, 0,  DENIED },
    {"authenticated",                    "'acor':['Cx'],'acop':63,'acaf':true",                                                        "Cx",             NULL,               true,  R, 0,  ALLOWED},
    {"not authenticated",                "'acor':['Cx'],'acop':63,'acaf':true",                                                        "Cx",             NULL,               false, R, 0,  DENIED },
    {"need not be authenticated",        "'acor':['Cx'],'acop':63,'acaf':false",                                                       "Cx",             NULL,               false, R, 0,  ALLOWED},
    {"window",                           "'acor':['Cx'],'acop':63,'acco':[{'actw':['* * 0 * * * *']}]",                                "Cx",             NULL,               false, R, 0,  ALLOWED},
    {"outside the window",               "'acor':['Cx'],'acop':63,'acco':[{'actw':['* * 8-17 * * * *']}]",                             "Cx",             NULL,               false, R, 0,  DENIED },
    {"any window",                       "'acor':['Cx'],'acop':63,'acco':[{'actw':['* * 8 * * * *','* * 0 * * * *']}]",                "Cx",             NULL,               false, R, 0,
     ALLOWED                                                                                                                                                                                      },
    {"any context",                      "'acor':['Cx'],'acop':63,'acco':[{'actw':['* * 8 * * * *']},{'actw':['* * 0 * * * *']}]",     "Cx",             NULL,               false,
     R,                                                                                                                                                                                0,  ALLOWED},
    {"empty contexts",                   "'acor':['Cx'],'acop':63,'acco':[]",                                                          "Cx",             NULL,               false, R, 0,  ALLOWED},
    {"address",                          "'acor':['Cx'],'acop':63,'acco':[{'acip':{'ipv4':['10.1.2.3']}}]",                            "Cx",             "10.1.2.3",         false, R, 0,  ALLOWED},
    {"another address",                  "'acor':['Cx'],'acop':63,'acco':[{'acip':{'ipv4':['10.1.2.3']}}]",                            "Cx",             "10.1.2.4",         false, R, 0,  DENIED },
    {"no address known",                 "'acor':['Cx'],'acop':63,'acco':[{'acip':{'ipv4':['0.0.0.0/0']}}]",                           "Cx",             NULL,               false, R, 0,  DENIED },
    {"network",                          "'acor':['Cx'],'acop':63,'acco':[{'acip':{'ipv4':['10.0.0.0/8']}}]",                          "Cx",             "10.200.2.3",       false, R, 0,  ALLOWED},
    {"network of odd bits",              "'acor':['Cx'],'acop':63,'acco':[{'acip':{'ipv4':['10.0.0.0/9']}}]",                          "Cx",             "10.200.2.3",       false, R, 0,
     DENIED                                                                                                                                                                                       },
    {"mapped address",                   "'acor':['Cx'],'acop':63,'acco':[{'acip':{'ipv4':['10.0.0.0/8']}}]",                          "Cx",             "::ffff:10.1.2.3",  false, R, 0,
     ALLOWED                                                                                                                                                                                      },
    {"IPv6 network",                     "'acor':['Cx'],'acop':63,'acco':[{'acip':{'ipv6':['2001:db8::/33']}}]",                       "Cx",             "2001:db8:7fff::1", false, R,
     0,                                                                                                                                                                                    ALLOWED},
    {"outside the IPv6 network",         "'acor':['Cx'],'acop':63,'acco':[{'acip':{'ipv6':['2001:db8::/33']}}]",                       "Cx",             "2001:db8:8000::1",
     false,                                                                                                                                                                         R, 0,  DENIED },
    {"all kinds of one context",         "'acor':['Cx'],'acop':63,'acco':[{'actw':['* * 8 * * * *'],'acip':{'ipv4':['10.0.0.0/8']}}]",
     "Cx",                                                                                                                                               "10.1.2.3",         false, R, 0,  DENIED },
    {"region",                           "'acor':['Cx'],'acop':63,'acco':[{'aclr':{'accc':['KR']}}]",                                  "Cx",             NULL,               false, R, 0,  DENIED },
    {"counted",                          "'acor':['Cx'],'acop':63,'acco':[{'acl':3}]",                                                 "Cx",             NULL,               false, R, 0,  ALLOWED},
    {"attributes",                       "'acor':['Cx'],'acop':63,'aca':['rn']",                                                       "Cx",             NULL,               false, R, 0,  DENIED },
    {"type of the target",               "'acor':['Cx'],'acop':63,'acod':[{'ty':3,'chty':[]}]",                                        "Cx",             NULL,               false, R, 0,  ALLOWED},
    {"another type of target",           "'acor':['Cx'],'acop':63,'acod':[{'ty':2,'chty':[4]}]",                                       "Cx",             NULL,               false, R, 0,  DENIED },
    {"type of the child",                "'acor':['Cx'],'acop':63,'acod':[{'chty':[4,23]}]",                                           "Cx",             NULL,               false, C, 23, ALLOWED},
    {"another type of child",            "'acor':['Cx'],'acop':63,'acod':[{'chty':[4,23]}]",                                           "Cx",             NULL,               false, C, 3,  DENIED },
    {"child types restrict CREATE only", "'acor':['Cx'],'acop':63,'acod':[{'chty':[4]}]",                                              "Cx",             NULL,               false, D, 0,  ALLOWED},
    {"any detail",                       "'acor':['Cx'],'acop':63,'acod':[{'ty':2,'chty':[3]},{'ty':3,'chty':[3]}]",                   "Cx",             NULL,               false, C, 3,  ALLOWED},
    {"specialization",                   "'acor':['Cx'],'acop':63,'acod':[{'spty':{'mgd':1001},'chty':[3]}]",                          "Cx",             NULL,               false, R, 0,  DENIED },
    {"administrator",                    "'acor':[],'acop':0",                                                                         "CAdmin",         NULL,               false, D, 0,  ALLOWED},
    {"the CSE",                          "'acor':[],'acop':0",                                                                         "/id-in",         NULL,               false, D, 0,  ALLOWED},
    {"malformed",                        "'acor':'all','acop':63",                                                                     "Cx",             NULL,               false, R, 0,  DENIED },
};

static struct resource *resource_from(const char *format, const char *text)
{
    auto_str struct str record = STR_EMPTY;
    const char *hole = strstr(format, "%");

    str_add(&record, format, (size_t)(hole - format));
    str_puts(&record, text);
    str_puts(&record, hole + 1);
    return fixture_resource(str_text(&record));
}

START_TEST(test_rule)
{
    struct snapshot snap = {.now = NOW};
    struct access_who who = {rules[_i].originator, rules[_i].peer, rules[_i].authenticated, NOW, NULL, NULL, NULL, false, NULL};
    struct resource *cnt = fixture_resource("{'ri':'c','pi':'Cae','ty':3,'path':'cse-in/ae/c9','by':'Cae','a':{'acpi':['p']}}");
    enum verdict got;
    char why[256] = "";

    snapshot_add(
        &snap, "p",
        resource_from("{'ri':'p','pi':'Cae','ty':1,'path':'cse-in/p','a':{'pv':{'acr':[{%}]},'pvs':{}}}", rules[_i].rule));
    do {
        fixture_load(&snap);
        got = access_check(&snap, &who, cnt, (enum access_op)rules[_i].op, rules[_i].child_ty, why, sizeof why);
    } while (got == NOT_KNOWN_YET && snap.missing_count > 0);
    ck_assert_msg(got == rules[_i].wanted, "%s: %s", rules[_i].name, why);
    ck_assert_msg((rules[_i].wanted == DENIED) == (why[0] != '\0'), "%s: %s", rules[_i].name, why);
    resource_free(cnt);
    snapshot_forget(&snap);
}
END_TEST

/* Whose rule counts, in the fixture's CSE. */
static const struct {
    const char *name, *target, *originator;
    int op;
    enum verdict wanted;
    const char *why;
} targets[] = {
    {"creator",                             "cnt1",   "Cae",    D, ALLOWED, ""                                                                     },
    {"not the creator",                     "cnt1",   "Cother", R, DENIED,  "cnt1 has no acpi: only its creator may RETRIEVE it, and Cother is not"},
    {"policy",                              "cnt2",   "Cother", R, ALLOWED, ""                                                                     },
    {"policy, another operation",           "cnt2",   "Cother", U, DENIED,  "no rule in the privileges of cse-in/ae/acp1 gives Cother UPDATE"      },
    {"creator with a policy without him",   "cnt2",   "Cae",    R, DENIED,  "gives Cae RETRIEVE"                                                   },
    {"missing policy",                      "cnt6",   "Cae",    R, DENIED,  "gone (not there)"                                                     },
    {"custodian",                           "cnt7",   "Sdev",   D, ALLOWED, ""                                                                     },
    {"creator beside a custodian",          "cnt7",   "Cae",    D, DENIED,  "cnt7 has no acpi"                                                     },
    {"instance by its container's creator", "cin1",   "Cae",    R, ALLOWED, ""                                                                     },
    {"instance by nobody else",             "cin1",   "Cother", R, DENIED,  "cnt1 has no acpi"                                                     },
    {"instance by its container's policy",  "cin3",   "Cother", R, ALLOWED, ""                                                                     },
    {"policy by its selfPrivileges",        "acp1",   "Cae",    D, ALLOWED, ""                                                                     },
    {"policy not by its privileges",        "acp1",   "Cother", R, DENIED,  "selfPrivileges of acp1"                                               },
    {"AE by itself",                        "Cae",    "Cae",    D, ALLOWED, ""                                                                     },
    {"AE by its policy",                    "Cother", "Cae",    N, ALLOWED, ""                                                                     },
    {"CSEBase, retrieved",                  "id-in",  "Cae",    R, ALLOWED, ""                                                                     },
    {"CSEBase, discovered",                 "id-in",  "Cae",    F, DENIED,  "id-in has no acpi"                                                    },
    {"CSEBase, by another CSE",             "id-in",  "/mn",    R, ALLOWED, ""                                                                     },
    {"CSEBase, changed",                    "id-in",  "Cae",    C, DENIED,  "id-in has no acpi"                                                    },
    {"administrator",                       "cnt6",   "CAdmin", D, ALLOWED, ""                                                                     },
};

START_TEST(test_target)
{
    struct snapshot snap = {.now = NOW};
    struct access_who who = {targets[_i].originator, NULL, false, NOW, NULL, NULL, NULL, false, NULL};
    struct resource *r = fixture_find(targets[_i].target);
    const json_t *acpi = json_object_get(r->a, "acpi");
    const char *owner = json_object_get(r->a, "cstn") ? json_string_value(json_object_get(r->a, "cstn")) : r->by;
    enum access_op op = (enum access_op)targets[_i].op;
    char why[256] = "";
    enum verdict got;

    while ((got = access_check(&snap, &who, r, op, 0, why, sizeof why)) == NOT_KNOWN_YET)
        fixture_load(&snap);
    ck_assert_msg(got == targets[_i].wanted, "%s: %d %s", targets[_i].name, got, why);
    ck_assert_msg(strstr(why, targets[_i].why) != NULL, "%s: %s", targets[_i].name, why);
    /* A row of a query gives the same answer. */
    got = access_check_row(&snap, &who, r->type->ty, r->ri, r->pi, acpi, owner, op, NULL);
    while (got == NOT_KNOWN_YET) {
        fixture_load(&snap);
        got = access_check_row(&snap, &who, r->type->ty, r->ri, r->pi, acpi, owner, op, NULL);
    }
    ck_assert_msg(got == targets[_i].wanted, "%s: %d in a row", targets[_i].name, got);
    resource_free(r);
    snapshot_forget(&snap);
}
END_TEST

/* Matches of a query that differ from the resource itself. */
static const struct {
    const char *name, *target;
    int op;
    enum verdict wanted;
} matches[] = {
    {"hidden instance",             "cin2", R, DENIED },
    {"its reference",               "cin2", F, DENIED },
    {"its container",               "cnt5", R, ALLOWED},
    {"instance that is not hidden", "cin1", R, ALLOWED},
};

START_TEST(test_match)
{
    struct snapshot snap = {.now = NOW};
    struct access_who who = {"Cae", NULL, false, NOW, NULL, NULL, NULL, false, NULL};
    struct resource *r = fixture_find(matches[_i].target);
    enum access_op op = (enum access_op)matches[_i].op;
    enum verdict got;

    while ((got = access_check_row(&snap, &who, r->type->ty, r->ri, r->pi, NULL, r->by, op, NULL)) == NOT_KNOWN_YET)
        fixture_load(&snap);
    ck_assert_msg(got == matches[_i].wanted, "%s: %d", matches[_i].name, got);
    resource_free(r);
    snapshot_forget(&snap);
}
END_TEST

/* What is no m2m:setOfAcrs. */
static const char *const malformed[] = {
    "[]",
    "{'acr':1}",
    "{'acr':[1]}",
    "{'acr':[{'acop':1}]}",
    "{'acr':[{'acor':['x']}]}",
    "{'acr':[{'acor':[1],'acop':1}]}",
    "{'acr':[{'acor':['x'],'acop':1,'acco':1}]}",
    "{'acr':[{'acor':['x'],'acop':1},{'acor':['x'],'acop':1,'acod':{}}]}",
};

START_TEST(test_malformed)
{
    auto_free char *text = fixture_quotes(malformed[_i]);
    char why[256];
    json_auto_t *set = json_parse(text, strlen(text), why, sizeof why);

    ck_assert_msg(acl_compile(set) == NULL, "%s", text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("access");
    TCase *tests = tcase_create("access");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_checked_fixture(tests, fixture_begin, fixture_end);
    tcase_add_loop_test(tests, test_rule, 0, ARRAY_LEN(rules));
    tcase_add_loop_test(tests, test_target, 0, ARRAY_LEN(targets));
    tcase_add_loop_test(tests, test_match, 0, ARRAY_LEN(matches));
    tcase_add_loop_test(tests, test_malformed, 0, ARRAY_LEN(malformed));
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
