/* What the remoteCSEs of a registration hold, and when they are changed. */
#include "config.h"
#include "content.h"
#include "cse.h"
#include "delivery.h"

#include <check.h>
#include <stdlib.h>

#include "mem.h"

#define NOW INT64_C(1767225600000) /* 20260101T000000 */
#define DAY INT64_C(86400000)

/* ' stands for ". The caller owns it; NULL for NULL. */
static json_t *parse(const char *text)
{
    auto_free char *copy = text ? xstrdup(text) : NULL;
    char why[100];
    json_t *value;

    if (!text)
        return NULL;
    for (char *p = copy; *p; p++)
        if (*p == '\'')
            *p = '"';
    value = json_parse(copy, strlen(copy), why, sizeof why);
    ck_assert_msg(value != NULL, "%s: %s", why, text);
    return value;
}

static void begin(void)
{
    static const struct config_row *const tables[] = {cse_config, NULL};
    static char program[] = "test";
    char *argv[] = {program, NULL};

    setenv("TESSERA_CSE_TYPE", "MN", 1);
    setenv("TESSERA_CSE_ID", "/id-mn", 1);
    setenv("TESSERA_CSE_NAME", "cse-mn", 1);
    setenv("TESSERA_CSE_POA", "http://mn:1,mqtt://mn", 1);
    setenv("TESSERA_CSE_RELEASES", "2a,3", 1);
    setenv("TESSERA_CSE_REGISTRAR_ID", "/id-in", 1);
    setenv("TESSERA_CSE_REGISTRAR_NAME", "base", 1);
    setenv("TESSERA_CSE_REGISTRAR_URL", "http://in:1", 1);
    config_load("test", tables, 1, argv);
}

static void is(const char *name, const json_t *value, const char *expected)
{
    json_auto_t *wanted = parse(expected);
    auto_str struct str text = STR_EMPTY;

    if (value)
        json_write(&text, value);
    ck_assert_msg(value ? json_equal(value, wanted) : !wanted, "%s: %s", name, str_text(&text));
}

START_TEST(descendants)
{
    static const struct {
        const char *name, *list, *expected;
    } rows[] = {
        {"nobody",                "[]",                                        "[]"              },
        {"the registrar is none", "[{'csi':'/id-in','dcse':['/id-x']}]",       "[]"              },
        {"one",                   "[{'csi':'/b'}]",                            "['/b']"          },
        {"in order",              "[{'csi':'/b'},{'csi':'/a'}]",               "['/a','/b']"     },
        {"theirs, too",           "[{'csi':'/b','dcse':['/c','/a']}]",         "['/a','/b','/c']"},
        {"each once",             "[{'csi':'/b','dcse':['/a']},{'csi':'/a'}]", "['/a','/b']"     },
        {"not itself",            "[{'csi':'/b','dcse':['/id-mn']}]",          "['/b']"          },
        {"without csi",           "[{'dcse':['/a']}]",                         "[]"              },
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        json_auto_t *list = parse(rows[i].list);
        json_auto_t *found = content_descendants(list, "/id-in");

        is(rows[i].name, found, rows[i].expected);
    }
}
END_TEST

START_TEST(own)
{
    json_auto_t *below = parse("['/id-asn']");
    json_auto_t *a = content_own(below, NOW, DAY);
    auto_free char *address = content_own_address();

    is("own", a,
       "{'rn':'id-mn','csi':'/id-mn','cb':'/id-mn/cse-mn','cst':2,'poa':['http://mn:1','mqtt://mn'],'rr':true,'srv':['2a','3'],"
       "'csz':['application/json','application/cbor'],'dcse':['/id-asn'],'et':'20260102T000000,000'}");
    ck_assert_str_eq(address, "/id-in/base/id-mn");
}
END_TEST

START_TEST(mirror)
{
    json_auto_t *cb =
        parse("{'rn':'base','cst':1,'srv':['3'],'csz':['application/json'],'poa':['http://127.0.0.1:8080'],'nl':'nod1'}");
    json_auto_t *known = content_mirror(cb);
    json_auto_t *unknown = content_mirror(NULL);

    is("shown", known,
       "{'rn':'id-in','csi':'/id-in','cb':'/id-in/base','cst':1,'poa':['http://in:1'],'rr':true,'srv':['3'],'csz':['application/"
       "json']}");
    is("not shown", unknown, "{'rn':'id-in','csi':'/id-in','cb':'/id-in/base','poa':['http://in:1'],'rr':true,'srv':['2a','3']}");
}
END_TEST

START_TEST(changes)
{
    static const struct {
        const char *name, *is, *wanted, *expected;
    } rows[] = {
        {"the same",                         "{'poa':['a'],'rr':true}",                 "{'poa':['a'],'rr':true}",     NULL                      },
        {"moved",                            "{'poa':['a'],'rr':true}",                 "{'poa':['b'],'rr':true}",     "{'poa':['b']}"           },
        {"first descendant",                 "{'rr':true}",                             "{'rr':true,'dcse':['/a']}",   "{'dcse':['/a']}"         },
        {"last descendant gone",             "{'rr':true,'dcse':['/a']}",               "{'rr':true}",                 "{'dcse':null}"           },
        {"what cannot be updated",           "{'cb':'x','cst':1,'rn':'n'}",             "{'cb':'y','cst':2,'rn':'m'}", NULL                      },
        {"what the registrar adds",          "{'lbl':['x'],'acpi':['y'],'tren':false}", "{}",                          NULL                      },
        {"fresh",                            "{'et':'20260101T130000'}",                "{'et':'20260102T000000'}",    NULL                      },
        {"due",                              "{'et':'20260101T110000'}",                "{'et':'20260102T000000'}",    "{'et':'20260102T000000'}"},
        {"without et",                       "{}",                                      "{'et':'20260102T000000'}",    "{'et':'20260102T000000'}"},
        {"with an et that nobody asked for", "{'et':'20260102T000000'}",                "{}",                          NULL                      },
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        json_auto_t *old = parse(rows[i].is);
        json_auto_t *wanted = parse(rows[i].wanted);
        json_auto_t *found = content_changes(old, wanted, NOW);

        is(rows[i].name, found, rows[i].expected);
    }
}
END_TEST

START_TEST(local)
{
    ck_assert(delivery_is_local("http://localhost:8080"));
    ck_assert(delivery_is_local("HTTP://LOCALHOST"));
    ck_assert(delivery_is_local("mqtt://127.0.0.1"));
    ck_assert(delivery_is_local("http://[::1]:8080"));
    ck_assert(!delivery_is_local("http://in.example:8080"));
    ck_assert(!delivery_is_local("http://10.0.0.1/127.0.0.1"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("content");
    TCase *tests = tcase_create("content");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tests, begin, NULL);
    tcase_add_test(tests, descendants);
    tcase_add_test(tests, own);
    tcase_add_test(tests, mirror);
    tcase_add_test(tests, changes);
    tcase_add_test(tests, local);
    suite_add_tcase(suite, tests);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
