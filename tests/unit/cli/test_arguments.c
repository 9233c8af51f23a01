/* Command lines, addresses, attributes and filters: words of people turned into what the CSE is asked. */
#include "arguments.h"
#include "client.h"
#include "health.h"
#include "json.h"
#include "settings.h"
#include "typename.h"
#include "values.h"

#include <check.h>

#include "mem.h"

#define WORDS_MAX 8

/* ---- a command line ---- */

static const struct {
    const char *command;
    const char *line[WORDS_MAX];
    int count;        /* of words, or -1: refused */
    const char *last; /* of the words; of a refusal: in the reason */
    const char *originator;
} lines[] = {
    {"get",    {"cse-in"},                              1,  "cse-in",            NULL },
    {"get",    {"-o", "Cae", "cse-in"},                 1,  "cse-in",            "Cae"},
    {"get",    {"cse-in", "-oCae"},                     1,  "cse-in",            "Cae"},
    {"get",    {"--originator=Cae", "cse-in", "rcn=4"}, 2,  "rcn=4",             "Cae"},
    {"get",    {"--originator", "Cae", "cse-in"},       1,  "cse-in",            "Cae"},
    {"get",    {"--", "-o"},                            1,  "-o",                NULL },
    {"create", {"x", "cnt", "-"},                       3,  "-",                 NULL },
    {"create", {"x", "cin", "con=-5", "-o", ""},        3,  "con=-5",            ""   },
    {"get",    {NULL},                                  -1, "missing",           NULL },
    {"tree",   {"a", "b"},                              -1, "too much",          NULL },
    {"get",    {"x", "--depth", "2"},                   -1, "--originator",      NULL },
    {"get",    {"x", "-o"},                             -1, "its ID is missing", NULL },
    {"get",    {"x", "--json=yes"},                     -1, "takes no value",    NULL },
    {"get",    {"x", "--jso"},                          -1, "no such option",    NULL },
    {"get",    {"--help"},                              0,  NULL,                NULL },
};

START_TEST(command_line)
{
    char *words[WORDS_MAX + 1], *argv[WORDS_MAX];
    struct args args;
    char why[512] = "";
    int argc = 0, status;

    for (; argc < WORDS_MAX && lines[_i].line[argc]; argc++)
        argv[argc] = (char *)(uintptr_t)lines[_i].line[argc];
    status = args_parse(&args, command_find(lines[_i].command), argc, argv, words, why, sizeof why);
    ck_assert_msg((status < 0) == (lines[_i].count < 0), "case %d: %s", _i, why);
    if (status < 0) {
        ck_assert_msg(strstr(why, lines[_i].last) != NULL, "case %d: %s", _i, why);
        return;
    }
    ck_assert_int_eq(args.count, lines[_i].count);
    if (args.count)
        ck_assert_str_eq(args.words[args.count - 1], lines[_i].last);
    ck_assert_pstr_eq(args.option[OPTION_ORIGINATOR], lines[_i].originator);
}
END_TEST

START_TEST(every_command_is_whole)
{
    for (const struct command *c = commands; c->name; c++) {
        ck_assert_msg(c->run && *c->help && *c->group && c->least >= 0, "%s", c->name);
        ck_assert_msg(c->most < 0 || c->most >= c->least, "%s", c->name);
        ck_assert_ptr_eq(command_find(c->name), c);
    }
    for (int i = 0; i < OPTIONS; i++)
        ck_assert_msg(options[i].name && options[i].help, "option %d", i);
}
END_TEST

/* ---- addresses, health ---- */

static const struct {
    const char *word, *address;
} addresses[] = {
    {"cse-in",            "cse-in"           },
    {"/cse-in",           "cse-in"           },
    {"",                  "cse-in"           },
    {"/",                 "cse-in"           },
    {"cse-in/x/",         "cse-in/x"         },
    {"/cse-in/x",         "cse-in/x"         },
    {"x",                 "cse-in/x"         },
    {"x/y/la",            "cse-in/x/y/la"    },
    {"cse-inn",           "cse-in/cse-inn"   },
    {"-/x",               "-/x"              },
    {"/id-in/cse-in/x",   "/id-in/cse-in/x"  },
    {"//sp/id-in/cse-in", "//sp/id-in/cse-in"},
};

START_TEST(address)
{
    auto_free char *made = client_address("cse-in", addresses[_i].word);

    ck_assert_str_eq(made, addresses[_i].address);
}
END_TEST

START_TEST(instances)
{
    ck_assert(health_is("http.1", "http"));
    ck_assert(health_is("http.1", "http.1"));
    ck_assert(health_is("broker", "broker"));
    ck_assert(!health_is("http.10", "http.1"));
    ck_assert(!health_is("http.1", "htt"));
    ck_assert(!health_is("http", "http.1"));
}
END_TEST

/* ---- types ---- */

static const struct {
    const char *word;
    int ty;
    const char *text; /* its name here; of an unknown one: in the reason */
} types[] = {
    {"cnt",             3,     "cnt"              },
    {"3",               3,     "cnt"              },
    {"m2m:cnt",         3,     "cnt"              },
    {"container",       3,     "cnt"              },
    {"ContentInstance", 4,     "cin"              },
    {"cntA",            10003, "cntA"             },
    {"10003",           10003, "cntA"             },
    {"bat",             13,    "bat"              },
    {"m2m:bat",         13,    "bat"              },
    {"cod:color",       28,    "cod:color"        },
    {"fcnt",            28,    "fcnt"             },
    {"cnr",             0,     "did you mean cnt?"},
    {"acpp",            0,     "did you mean acp?"},
    {"somethingelse",   0,     "docs/"            },
    {"99",              0,     "no such"          },
    {"",                0,     "no such"          },
};

START_TEST(type_name)
{
    char why[256] = "";
    const struct rtype *found = typename_find(types[_i].word, why, sizeof why);

    ck_assert_msg((found ? found->ty : 0) == types[_i].ty, "%s: %s", types[_i].word, why);
    if (found)
        ck_assert_str_eq(typename_short(found), types[_i].text);
    else
        ck_assert_msg(strstr(why, types[_i].text) != NULL, "%s: %s", types[_i].word, why);
}
END_TEST

/* ---- attributes ---- */

static const struct {
    const char *name, *type;
    bool update;
    const char *json;
    const char *words[WORDS_MAX];
    const char *made; /* JSON; of a refusal: NULL */
    const char *why;
} values[] = {
    {"numbers and texts",                 "cnt", false, NULL,                        {"rn=room", "mni=5"},                        "{\"m2m:cnt\":{\"rn\":\"room\",\"mni\":5}}",        NULL                                         },
    {"a list",                            "cnt", false, NULL,                        {"lbl=a,b"},                                 "{\"m2m:cnt\":{\"lbl\":[\"a\",\"b\"]}}",            NULL                                         },
    {"a list of one",                     "ae",  false, NULL,                        {"srv=3", "rr=true"},                        "{\"m2m:ae\":{\"srv\":[\"3\"],\"rr\":true}}",       NULL                                         },
    {"a list as JSON",                    "cnt", false, NULL,                        {"lbl=[\"a,b\"]"},                           "{\"m2m:cnt\":{\"lbl\":[\"a,b\"]}}",                NULL                                         },
    {"members",
     "sub",                                      false,
     NULL,                                                                           {"enc.net=1,3", "nu=http://h"},
     "{\"m2m:sub\":{\"enc\":{\"net\":[1,3]},\"nu\":[\"http://h\"]}}",                                                                                                                 NULL                                         },
    {"content that is a number",          "cin", false, NULL,                        {"con=21.5"},                                "{\"m2m:cin\":{\"con\":21.5}}",                     NULL                                         },
    {"content that looks like a list",    "cin", false, NULL,                        {"con=1,2"},                                 "{\"m2m:cin\":{\"con\":\"1,2\"}}",                  NULL                                         },
    {"content that is a text",            "cin", false, NULL,                        {"con=hello, world"},                        "{\"m2m:cin\":{\"con\":\"hello, world\"}}",         NULL                                         },
    {"content with an equals sign",       "cin", false, NULL,                        {"con=a=b"},                                 "{\"m2m:cin\":{\"con\":\"a=b\"}}",                  NULL                                         },
    {"content that is JSON",              "cin", false, NULL,                        {"con={\"t\":1}"},                           "{\"m2m:cin\":{\"con\":{\"t\":1}}}",                NULL                                         },
    {"as it stands",                      "cin", false, NULL,                        {"con:=\"21.5\""},                           "{\"m2m:cin\":{\"con\":\"21.5\"}}",                 NULL                                         },
    {"JSON alone",                        "cnt", false, "{\"mni\":5}",               {NULL},                                      "{\"m2m:cnt\":{\"mni\":5}}",                        NULL                                         },
    {"JSON with its root key",            "cnt", false, "{\"m2m:cnt\":{\"mni\":5}}", {NULL},                                      "{\"m2m:cnt\":{\"mni\":5}}",                        NULL                                         },
    {"words behind JSON",                 "cnt", false, "{\"mni\":5}",               {"mni=6"},                                   "{\"m2m:cnt\":{\"mni\":6}}",                        NULL                                         },
    {"removed",                           "cnt", true,  NULL,                        {"lbl="},                                    "{\"m2m:cnt\":{\"lbl\":null}}",                     NULL                                         },
    {"a specialization",                  "bat", false, NULL,                        {"btl=5", "bts=1"},                          "{\"m2m:bat\":{\"btl\":5,\"bts\":1,\"mgd\":1006}}", NULL                                         },
    {"privileges as JSON",
     "acp",                                      false,
     NULL,                                                                           {"pv.acr=[{\"acor\":[\"C1\"],\"acop\":2}]"},
     "{\"m2m:acp\":{\"pv\":{\"acr\":[{\"acor\":[\"C1\"],\"acop\":2}]}}}",                                                                                                             NULL                                         },
    {"a misspelt name",                   "cnt", false, NULL,                        {"mnni=5"},                                  NULL,                                               "did you mean mni?"                          },
    {"an unknown name",                   "cnt", false, NULL,                        {"volume=5"},                                NULL,                                               "there are"                                  },
    {"no number",                         "cnt", false, NULL,                        {"mni=five"},                                NULL,                                               "mni: \"five\" is not a non-negative integer"},
    {"a number with something behind it", "cnt", false, NULL,                        {"mni=5x"},                                  NULL,                                               "mni"                                        },
    {"a number that is too long",         "cnt", false, NULL,                        {"mni=99999999999999999999"},                NULL,                                               "mni"                                        },
    {"a negative number",                 "cnt", false, NULL,                        {"mni=-5"},                                  NULL,                                               "mni: not a non-negative integer"            },
    {"no boolean",                        "ae",  false, NULL,                        {"rr=maybe"},                                NULL,                                               "rr"                                         },
    {"given by the CSE",                  "cnt", false, NULL,                        {"ri=x"},                                    NULL,                                               "ri: is given by the CSE"                    },
    {"not to be changed",                 "cnt", true,  NULL,                        {"rn=x"},                                    NULL,                                               "rn: cannot be changed"                      },
    {"no value",                          "cnt", false, NULL,                        {"mni"},                                     NULL,                                               "expected name=value"                        },
    {"no name",                           "cnt", false, NULL,                        {"=5"},                                      NULL,                                               "expected name=value"                        },
    {"members of a number",               "cnt", false, NULL,                        {"mni.x=5"},                                 NULL,                                               "mni"                                        },
    {"members of nothing",                "cnt", false, NULL,                        {"foo.x=5"},                                 NULL,                                               "no such attribute"                          },
    {"an unknown member",                 "sub", false, NULL,                        {"enc.nett=1"},                              NULL,                                               "did you mean net?"                          },
    {"bad JSON",                          "cnt", false, "{\"mni\":",                 {NULL},                                      NULL,                                               "JSON"                                       },
    {"JSON that is no object",            "cnt", false, "[1]",                       {NULL},                                      NULL,                                               "no object"                                  },
    {"bad raw JSON",                      "cin", false, NULL,                        {"con:=hello"},                              NULL,                                               "con: \"hello\" is not JSON"                 },
};

START_TEST(value)
{
    char why[2048] = "";
    const struct rtype *type = typename_find(values[_i].type, why, sizeof why);
    char *words[WORDS_MAX] = {NULL};
    auto_str struct str text = STR_EMPTY;
    json_t *made;

    for (int i = 0; i < WORDS_MAX - 1; i++)
        words[i] = (char *)(uintptr_t)values[_i].words[i];
    made = values_representation(type, values[_i].update, values[_i].json, values[_i].json ? strlen(values[_i].json) : 0, words,
                                 why, sizeof why);
    ck_assert_msg((made != NULL) == (values[_i].made != NULL), "%s: %s", values[_i].name, why);
    if (made)
        json_write(&text, made);
    if (made)
        ck_assert_msg(strcmp(str_text(&text), values[_i].made) == 0, "%s: %s", values[_i].name, str_text(&text));
    else
        ck_assert_msg(strstr(why, values[_i].why) != NULL, "%s: %s", values[_i].name, why);
    json_decref(made);
}
END_TEST

/* ---- filters ---- */

static const struct {
    const char *words[WORDS_MAX];
    const char *query; /* NULL: refused */
    const char *why;
} filters[] = {
    {{NULL},                  "",                        NULL                               },
    {{"ty=cnt,ae", "lvl=2"},  "ty=3+2&lvl=2",            NULL                               },
    {{"ty=3"},                "ty=3",                    NULL                               },
    {{"lbl=a b,c&d"},         "lbl=a%20b+c%26d",         NULL                               },
    {{"atrl=lbl,et"},         "atrl=lbl+et",             NULL                               },
    {{"rn=room*"},            "rn=room*",                NULL                               },
    {{"c.con=5"},             "c.con=5",                 NULL                               },
    {{"aq=(> con 20)"},       "aq=%28%3E%20con%2020%29", NULL                               },
    {{"cra=20260101T000000"}, "cra=20260101T000000",     NULL                               },
    {{"ty=cnr"},              NULL,                      "did you mean cnt?"                },
    {{"lvll=2"},              NULL,                      "did you mean lvl?"                },
    {{"room"},                NULL,                      "expected name=value"              },
    {{"nosuchthing=1"},       NULL,                      "neither a filter nor an attribute"},
};

START_TEST(filter)
{
    char why[512] = "";
    char *words[WORDS_MAX] = {NULL};
    auto_str struct str query = STR_EMPTY;
    int status;

    for (int i = 0; i < WORDS_MAX - 1; i++)
        words[i] = (char *)(uintptr_t)filters[_i].words[i];
    status = arguments_write(&query, words, why, sizeof why);
    ck_assert_msg((status == 0) == (filters[_i].query != NULL), "case %d: %s", _i, why);
    if (status == 0)
        ck_assert_str_eq(str_text(&query), filters[_i].query);
    else
        ck_assert_msg(strstr(why, filters[_i].why) != NULL, "case %d: %s", _i, why);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cli");
    TCase *tests = tcase_create("arguments");
    SRunner *runner = srunner_create(suite);
    int failed;

    settings_load(NULL);
    typename_load();
    tcase_add_loop_test(tests, command_line, 0, ARRAY_LEN(lines));
    tcase_add_test(tests, every_command_is_whole);
    tcase_add_loop_test(tests, address, 0, ARRAY_LEN(addresses));
    tcase_add_test(tests, instances);
    tcase_add_loop_test(tests, type_name, 0, ARRAY_LEN(types));
    tcase_add_loop_test(tests, value, 0, ARRAY_LEN(values));
    tcase_add_loop_test(tests, filter, 0, ARRAY_LEN(filters));
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
