/* Specializations of flexContainer from texts. */
#include "attr.h"
#include "flexcontainer.h"
#include "mem.h"

#include <check.h>

static int load(const char *text, char why[300])
{
    return flexcontainer_load(text, strlen(text), why, 300);
}

START_TEST(test_types)
{
    static const char two[] =
        "{\"ex:lamp\":{\"cnd\":\"org.example.lamp\",\"attributes\":{"
        "\"pow\":\"power boolean 1\",\"lim\":\"limit uint 1 M NP\",\"tag\":\"tag string\",\"l\":\"list list 0..1 NP O\"}}}"
        "\n {\"ex:any\":{\"attributes\":{}}}\n";
    const struct rtype *lamp, *instance;
    const struct attr *attr;
    char why[300] = "";

    ck_assert_msg(load(two, why) == 2, "%s", why);
    lamp = rtype_by_key("ex:lamp");
    ck_assert_int_eq(lamp->ty, 28);
    ck_assert_str_eq(lamp->selected, "org.example.lamp");
    attr = rtype_attr(lamp, "lim");
    ck_assert(attr->kind == UINT && attr->mult == ONE && attr->create == M && attr->update == NP && attr->annc == OA);
    attr = rtype_attr(lamp, "tag");
    ck_assert(attr->kind == STRING && attr->mult == OPT && attr->create == O && attr->update == O);
    attr = rtype_attr(lamp, "l");
    ck_assert(attr->kind == (LIST | ANY) && attr->create == NP && attr->update == O);
    ck_assert_ptr_nonnull(rtype_attr(lamp, "fcied"));
    instance = rtype_instance(lamp);
    ck_assert_str_eq(instance->key, "ex:lampInst");
    ck_assert(instance->ty == 58 && rtype_attr(instance, "pow")->create == NP && !rtype_attr(instance, "cnd"));
    ck_assert_str_eq(rtype_by_key("ex:lampAnnc")->key, "ex:lampAnnc");
    ck_assert_ptr_null(rtype_instance(rtype_by_key("ex:any"))->selected); /* no history without a cnd */
    ck_assert(flexcontainer_custom("pow") && !flexcontainer_custom("lbl"));
}
END_TEST

static const struct {
    const char *text, *why;
} bad[] = {
    {"{",                                                                                       "line 1"                            },
    {"[]",                                                                                      "not an object"                     },
    {"{\"lamp\":{\"attributes\":{}}}",                                                          "lamp: not a root key"              },
    {"{\"ex:\":{\"attributes\":{}}}",                                                           "not a root key"                    },
    {"{\"ex:1\":{\"attributes\":{}}}",                                                          "not a root key"                    },
    {"{\"ex:a\":[]}",                                                                           "ex:a: members"                     },
    {"{\"ex:a\":{}}",                                                                           "ex:a: members"                     },
    {"{\"ex:a\":{\"cnd\":\"x\"}}",                                                              "ex:a: members"                     },
    {"{\"ex:a\":{\"attributes\":{},\"x\":1}}",                                                  "ex:a: members"                     },
    {"{\"ex:a\":{\"cnd\":\"\",\"attributes\":{}}}",                                             "cnd: not a text"                   },
    {"{\"ex:a\":{\"cnd\":5,\"attributes\":{}}}",                                                "cnd: not a text"                   },
    {"{\"ex:a\":{\"cnd\":\"a b\",\"attributes\":{}}}",                                          "cnd: not a text without blanks"    },
    {"{\"ex:a\":{\"cnd\":\"x\",\"attributes\":[]}}",                                            "attributes: not an object"         },
    {"{\"ex:a\":{\"cnd\":\"x\",\"attributes\":{\"a\":5}}}",                                     "a: not a string"                   },
    {"{\"ex:a\":{\"cnd\":\"x\",\"attributes\":{\"a b\":\"a string\"}}}",                        "a b: not a name"                   },
    {"{\"ex:a\":{\"cnd\":\"x\",\"attributes\":{\"lbl\":\"a string\"}}}",                        "lbl: an attribute of every"        },
    {"{\"ex:a\":{\"cnd\":\"x\",\"attributes\":{\"org\":\"a string\"}}}",                        "org: an attribute of every"        },
    {"{\"ex:a\":{\"cnd\":\"x\",\"attributes\":{\"a\":\"string\"}}}",                            "a: not \"LONG-NAME KIND"           },
    {"{\"ex:a\":{\"cnd\":\"x\",\"attributes\":{\"a\":\"a text\"}}}",                            "a: \"text\" is no kind"            },
    {"{\"ex:a\":{\"cnd\":\"x\",\"attributes\":{\"a\":\"a string 2\"}}}",                        "a: \"2\" is no multiplicity"       },
    {"{\"ex:a\":{\"cnd\":\"x\",\"attributes\":{\"a\":\"a string 1 M\"}}}",                      "a: not \"LONG-NAME"                },
    {"{\"ex:a\":{\"cnd\":\"x\",\"attributes\":{\"a\":\"a string 1 M M\"}}}",                    "on UPDATE O or NP"                 },
    {"{\"ex:a\":{\"cnd\":\"x\",\"attributes\":{\"a\":\"a string 1 X O\"}}}",                    "on CREATE M, O or NP"              },
    {"{\"ex:a\":{\"cnd\":\"x\",\"attributes\":{\"a\":\"a string 1 M O x\"}}}",                  "a: not \"LONG-NAME"                },
    {"{\"ex:a\":{\"cnd\":\"x\",\"attributes\":{}},\"ex:a\":{\"attributes\":{}}}",               "duplicate"                         },
    {"{\"ex:a\":{\"cnd\":\"x\",\"attributes\":{}},\"ex:b\":{\"cnd\":\"x\",\"attributes\":{}}}", "ex:b: this root key or its cnd"    },
    {"{\"ex:aInst\":{\"attributes\":{}},\"ex:a\":{\"cnd\":\"x\",\"attributes\":{}}}",           "ex:aInst, the key of its instances"},
    {"{\"m2m:cnt\":{\"attributes\":{}}}",                                                       "m2m:cnt: this root key"            },
};

START_TEST(test_bad)
{
    char why[300] = "";

    ck_assert_int_eq(load(bad[_i].text, why), -1);
    ck_assert_msg(strstr(why, bad[_i].why) != NULL, "%s: %s", bad[_i].text, why);
}
END_TEST

/* Moments in both forms of ISO 8601. */
static const struct {
    const char *kind, *text;
    bool right;
} moments[] = {
    {"date",     "2026-02-28",                    true },
    {"date",     "20260228",                      true },
    {"date",     "2026-02-30",                    false},
    {"date",     "2026-0228",                     false},
    {"date",     "",                              false},
    {"date",     "2026-02-28T00:00:00",           false},
    {"time",     "12:34:56",                      true },
    {"time",     "123456",                        true },
    {"time",     "12:34:56.5Z",                   true },
    {"time",     "12:34:56+01:00",                true },
    {"time",     "12:34:56-0100",                 true },
    {"time",     "12:34",                         false},
    {"time",     "24:00:00",                      false},
    {"time",     "12:34:56+1",                    false},
    {"time",     "",                              false},
    {"datetime", "2026-02-28T12:34:56",           true },
    {"datetime", "20260228T123456",               true },
    {"datetime", "2026-02-28T12:34:56.123+02:00", true },
    {"datetime", "2026-02-28",                    false},
    {"datetime", "2026-02-28 12:34:56",           false},
    {"datetime", "T",                             false},
    {"datetime", "20260228T12:34:56Zx",           false},
};

START_TEST(test_moments)
{
    auto_free char *text = xasprintf("{\"ex:m\":{\"cnd\":\"m\",\"attributes\":{\"x\":\"moment %s\"}}}", moments[_i].kind);
    json_auto_t *value = json_string(moments[_i].text);
    char why[300] = "";

    load(text, why);
    ck_assert_msg(attr_value_ok(rtype_attr(rtype_by_key("ex:m"), "x"), value, why, sizeof why) == moments[_i].right, "%s %s: %s",
                  moments[_i].kind, moments[_i].text, why);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("flexcontainer");
    TCase *tests = tcase_create("flexcontainer");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_test(tests, test_types);
    tcase_add_loop_test(tests, test_bad, 0, ARRAY_LEN(bad));
    tcase_add_loop_test(tests, test_moments, 0, ARRAY_LEN(moments));
    suite_add_tcase(suite, tests);
    srunner_set_fork_status(runner, CK_FORK); /* each registers anew */
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
