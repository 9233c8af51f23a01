/* What tokens say, who signed them, whether they hold, and what they permit in a plan. */
#include "fixture.h"
#include "issuers.h"
#include "token.h"

#define SECRET "0123456789abcdef0123456789abcdef"
#define HEAD "'vr':'1','tkid':'t1','tkhd':'Cother','tkis':'Cissuer'"
#define TIMES "'tknb':'20250101T000000','tkna':'20270101T000000'"
#define GOOD "{" HEAD "," TIMES "}"

static char directory[] = "/tmp/tessera-token-XXXXXX";
static struct jws_key *key;

static void write_file(const char *name, const char *text)
{
    auto_free char *path = xasprintf("%s/%s", directory, name);
    FILE *file = fopen(path, "we");

    if (!file)
        abort();
    fputs(text, file);
    fclose(file);
}

static int load(const char *issuers, char *why, size_t why_size)
{
    auto_free char *text = fixture_quotes(issuers);
    json_auto_t *list = json_loads(text, 0, NULL);

    return issuers_load(list, directory, why, why_size);
}

static void begin(void)
{
    char why[256] = "";

    fixture_begin();
    ck_assert_int_eq(load("[{'issuer':'/id-in/Cissuer','alg':'HS256','key':'a.key','kid':'a','tokens':'/id-mn/tokens'},"
                          "{'issuer':'Cissuer','alg':'HS256','key':'b.key','tokens':'/id-mn/tokens'},"
                          "{'issuer':'/id-mn/Cx','alg':'HS256','key':'a.key','tokens':'-/more'}]",
                          why, sizeof why),
                     0);
    key = jws_key_new("HS256", SECRET, strlen(SECRET), why, sizeof why);
    ck_assert_ptr_nonnull(key);
}

static void end(void)
{
    jws_key_free(key);
    tokens_forget();
    issuers_stop();
    fixture_end();
}

/* ---- claims */

static const struct {
    const char *name, *payload;
    const char *why; /* NULL: they are right */
} claims[] = {
    {"least",                    GOOD,                                                               NULL       },
    {"all",
     "{" HEAD "," TIMES ",'tknm':'n','tkau':['/id-in'],'tkps':{'pm':[{'ris':['a'],'rids':['r'],'pv':{'acr':"
     "[{'acor':['all'],'acop':63}]}}]},'tkex':'x'}",                                                 NULL       },
    {"others are left alone",    "{" HEAD "," TIMES ",'iat':1,'sub':{},'x':[1]}",                    NULL       },
    {"empty",                    "",                                                                 ""         },
    {"no JSON",                  "{",                                                                ""         },
    {"list",                     "[1]",                                                              "mandatory"},
    {"text",                     "'x'",                                                              ""         },
    {"number",                   "1",                                                                ""         },
    {"no version",               "{'tkid':'t','tkhd':'C','tkis':'C'," TIMES "}",                     "vr"       },
    {"no holder",                "{'vr':'1','tkid':'t','tkis':'C'," TIMES "}",                       "tkhd"     },
    {"no issuer",                "{'vr':'1','tkid':'t','tkhd':'C'," TIMES "}",                       "tkis"     },
    {"no times",                 "{" HEAD "}",                                                       "tknb"     },
    {"times as numbers",         "{" HEAD ",'tknb':1,'tkna':2}",                                     "tknb"     },
    {"no such day",              "{" HEAD ",'tknb':'20250231T000000','tkna':'20270101T000000'}",     "tknb"     },
    {"null",                     "{" HEAD "," TIMES ",'tkau':null}",                                 "tkau"     },
    {"audience as text",         "{" HEAD "," TIMES ",'tkau':'/id-in'}",                             "tkau"     },
    {"permissions as a list",    "{" HEAD "," TIMES ",'tkps':[]}",                                   "tkps"     },
    {"unknown in a permission",  "{" HEAD "," TIMES ",'tkps':{'pm':[{'x':1}]}}",                     "tkps"     },
    {"privileges as text",       "{" HEAD "," TIMES ",'tkps':{'pm':[{'pv':'all'}]}}",                "tkps"     },
    {"rule without originators", "{" HEAD "," TIMES ",'tkps':{'pm':[{'pv':{'acr':[{'acop':1}]}}]}}", "tkps"     },
    {"tokenID with a blank",     "{'vr':'1','tkid':'a b','tkhd':'C','tkis':'C'," TIMES "}",          "tkid"     },
    {"tokenID with a plus",      "{'vr':'1','tkid':'a+b','tkhd':'C','tkis':'C'," TIMES "}",          "tkid"     },
    {"tokenID beyond ASCII",     "{'vr':'1','tkid':'\xc3\xa4','tkhd':'C','tkis':'C'," TIMES "}",     "tkid"     },
    {"empty tokenID",            "{'vr':'1','tkid':'','tkhd':'C','tkis':'C'," TIMES "}",             "tkid"     },
    {"a member twice",           "{" HEAD "," TIMES ",'tkhd':'Cae'}",                                "duplicate"},
    {"exp as text",              "{" HEAD "," TIMES ",'exp':'1'}",                                   "exp"      },
    {"exp below 0",              "{" HEAD "," TIMES ",'exp':-1}",                                    "exp"      },
    {"exp far off",              "{" HEAD "," TIMES ",'exp':1e300}",                                 "exp"      },
};

START_TEST(test_claims)
{
    auto_free char *payload = fixture_quotes(claims[_i].payload);
    char why[512] = "";
    json_auto_t *found = token_claims(payload, strlen(payload), why, sizeof why);

    ck_assert_msg(!found == !!claims[_i].why, "%s: %s", claims[_i].name, why);
    if (claims[_i].why)
        ck_assert_msg(strstr(why, claims[_i].why) != NULL, "%s: %s", claims[_i].name, why);
}
END_TEST

/* RFC 7519's own times make the others narrower, never wider. */
START_TEST(test_registered_times)
{
    const char text[] = "{" HEAD "," TIMES ",'exp':1767225600,'nbf':1700000000}";
    auto_free char *payload = fixture_quotes(text);
    char why[256] = "";
    json_auto_t *found = token_claims(payload, strlen(payload), why, sizeof why);

    ck_assert_msg(found != NULL, "%s", why);
    ck_assert_str_eq(json_str(found, "tkna"), "20260101T000000,000");
    ck_assert_str_eq(json_str(found, "tknb"), "20250101T000000");
    ck_assert_ptr_null(json_object_get(found, "exp"));
}
END_TEST

/* ---- tokens */

/* The caller frees. */
static char *sign(const char *payload, const char *kid, const struct jws_key *with)
{
    auto_free char *text = fixture_quotes(payload);
    auto_str struct str out = STR_EMPTY;

    ck_assert_int_eq(jws_sign(with, kid, text, strlen(text), &out), 0);
    return str_take(&out);
}

static const struct {
    const char *name, *payload, *kid;
    const char *originator;
    const char *why; /* NULL: it holds */
} tokens[] = {
    {"right",                      GOOD,                                                                      NULL, "Cother", NULL        },
    {"its key by name",            GOOD,                                                                      "a",  "Cother", NULL        },
    {"another key",                GOOD,                                                                      "b",  "Cother", "not signed"},
    {"another form of the holder", "{'vr':'1','tkid':'t','tkhd':'/id-in/Cother','tkis':'Cissuer'," TIMES "}", NULL, "Cother",
     NULL                                                                                                                                 },
    {"another holder",             GOOD,                                                                      NULL, "Cae",    "held by"   },
    {"of another CSE",             "{'vr':'1','tkid':'t','tkhd':'/id-mn/Cother','tkis':'Cissuer'," TIMES "}", NULL, "Cother", "held by"   },
    {"issuer unknown",             "{'vr':'1','tkid':'t','tkhd':'Cother','tkis':'Cnobody'," TIMES "}",        NULL, "Cother", "not known" },
    {"over",                       "{" HEAD ",'tknb':'20240101T000000','tkna':'20260101T000000'}",            NULL, "Cother", "expired"   },
    {"not yet",                    "{" HEAD ",'tknb':'20260101T000001','tkna':'20270101T000000'}",            NULL, "Cother", "before"    },
    {"for us",                     "{" HEAD "," TIMES ",'tkau':['/id-mn','/id-in']}",                         NULL, "Cother", NULL        },
    {"for others",                 "{" HEAD "," TIMES ",'tkau':['/id-mn']}",                                  NULL, "Cother", "not meant" },
    {"for nobody",                 "{" HEAD "," TIMES ",'tkau':[]}",                                          NULL, "Cother", "not meant" },
};

START_TEST(test_tokens)
{
    auto_free char *text = sign(tokens[_i].payload, tokens[_i].kid, key);
    char why[512] = "";
    bool right = false;

    for (int again = 0; again < 2; again++) { /* verified, then remembered */
        struct token *token = token_read(text, strlen(text), why, sizeof why);

        right = token && token_holds(token, tokens[_i].originator, NOW, why, sizeof why);
        ck_assert_msg(right == !tokens[_i].why, "%s: %s", tokens[_i].name, why);
        token_free(token);
    }
    if (tokens[_i].why)
        ck_assert_msg(strstr(why, tokens[_i].why) != NULL, "%s: %s", tokens[_i].name, why);
}
END_TEST

START_TEST(test_local_ids_and_lists)
{
    auto_free char *a = sign(GOOD, NULL, key);
    auto_free char *b = sign(GOOD, "a", key);
    char why[256], first[ID_SIZE], second[ID_SIZE];
    struct token *one = token_read(a, strlen(a), why, sizeof why), *two = token_read(b, strlen(b), why, sizeof why);
    struct token_list *list = NULL;

    token_local_id(one, first);
    token_local_id(two, second);
    ck_assert_str_ne(first, second);
    list = token_list_add(list, one);
    list = token_list_add(list, two);
    list = token_list_add(list, token_ref(one));
    ck_assert_uint_eq(list->count, 2);
    token_list_free(list);
    token_list_free(NULL);
}
END_TEST

START_TEST(test_places_of_issuers)
{
    ck_assert_str_eq(issuers_place(0), "/id-mn/tokens");
    ck_assert_str_eq(issuers_place(1), "-/more");
    ck_assert_ptr_null(issuers_place(2));
}
END_TEST

static const struct {
    const char *text, *why;
} lists[] = {
    {"{}",                                                           "list"     },
    {"[1]",                                                          "no object"},
    {"[{'issuer':'C','alg':'HS256'}]",                               "without"  },
    {"[{'issuer':'C','alg':'HS256','key':'none'}]",                  "none"     },
    {"[{'issuer':'C','alg':'HS256','key':1}]",                       "texts"    },
    {"[{'issuer':'C','alg':'HS256','key':'a.key','x':'y'}]",         "texts"    },
    {"[{'issuer':'C','alg':'none','key':'a.key'}]",                  "HS256"    },
    {"[{'issuer':'C','alg':'ES256','key':'a.key'}]",                 "PEM"      },
    {"[{'issuer':'C','alg':'HS256','key':'short.key'}]",             "32 bytes" },
    {"[{'issuer':'C','alg':'HS256','key':'a.key','tokens':'a//b'}]", "address"  },
};

/* A bad list changes nothing. */
START_TEST(test_lists_that_are_refused)
{
    char why[512] = "";

    ck_assert_int_eq(load(lists[_i].text, why, sizeof why), -1);
    ck_assert_msg(strstr(why, lists[_i].why) != NULL, "%s: %s", lists[_i].text, why);
    ck_assert_str_eq(issuers_place(1), "-/more");
}
END_TEST

/* ---- in a plan: cnt1 belongs to Cae alone, roled is for whom a role is given */

#define PERMIT(pm) "{" HEAD "," TIMES ",'tkps':{'pm':[" pm "]}}"
#define READ "'pv':{'acr':[{'acor':['Cother'],'acop':2}]}"

static const struct {
    const char *name, *payload, *to;
    const char *parts;
} plans[] = {
    {"everywhere",        PERMIT("{" READ "}"),                                                                                   "cse-in/ae/c",     "GET 2000|cse-in\"|{\"m2m:tk\":"           },
    {"by path",           PERMIT("{'ris':['cse-in/ae/c']," READ "}"),                                                             "cse-in/ae/c",     "GET 2000"                                 },
    {"by id",             PERMIT("{'ris':['x','/id-in/cnt1']," READ "}"),                                                         "cse-in/ae/c",     "GET 2000"                                 },
    {"instances follow",  PERMIT("{'ris':['cse-in/ae/c']," READ "}"),                                                             "cse-in/ae/c/one", "GET 2000"                                 },
    {"another resource",  PERMIT("{'ris':['cse-in/ae']," READ "}"),                                                               "cse-in/ae/c",     "ANSWER 4103"                              },
    {"another CSE's",     PERMIT("{'ris':['/id-mn/cnt1']," READ "}"),                                                             "cse-in/ae/c",     "ANSWER 4103"                              },
    {"another operation", PERMIT("{'pv':{'acr':[{'acor':['all'],'acop':61}]}}"),                                                  "cse-in/ae/c",     "ANSWER 4103"                              },
    {"roles",             PERMIT("{'rids':['keeper']}"),                                                                          "cse-in/ae/roled", "GET 2000"                                 },
    {"roles elsewhere",   PERMIT("{'rids':['keeper'],'ris':['cse-in/ae/c']}"),                                                    "cse-in/ae/roled", "ANSWER 4103"                              },
    {"no permissions",    GOOD,                                                                                                   "cse-in/ae/c",     "ANSWER 4103"                              },
    {"of somebody else",
     "{'vr':'1','tkid':'t','tkhd':'Cae','tkis':'Cissuer'," TIMES ",'tkps':{'pm':[{'pv':{'acr':[{'acor':['all'],'acop':63}]}}]}}",
     "cse-in/ae/c",                                                                                                                                  "ANSWER 4103|tkns: held by Cae|!m2m:tk\":{"},
};

START_TEST(test_plans)
{
    auto_free char *text = sign(plans[_i].payload, NULL, key);
    auto_free char *head = xasprintf("'op':2,'to':'%s','fr':'Cother','tkns':['%s']", plans[_i].to, text);
    const struct fixture_case one = {plans[_i].name, head, NULL, plans[_i].parts};

    fixture_run(&one);
}
END_TEST

/* By an id that nothing here has: the issuers are asked for it, and what they have counts. */
START_TEST(test_unknown_id)
{
    auto_free char *text = sign(PERMIT("{" READ "}"), NULL, key);
    auto_free char *content = xasprintf("{'m2m:auif':{'m2m:tk':[{'tkid':'t1','tkob':'%s'}]}}", text);
    const struct fixture_reply replies[] = {
        {"/id-mn/tokens", 2000, content},
        {"cse-in/more",   4004, ""     },
        {NULL,            0,    NULL   },
    };
    const struct fixture_case found = {"found", "'op':2,'to':'cse-in/ae/c','fr':'Cother','tids':['t1']", NULL, "GET 2000"};
    const struct fixture_case other = {"another", "'op':2,'to':'cse-in/ae/c','fr':'Cother','tids':['t2']", NULL,
                                       "ANSWER 4103|t2: no token"};

    fixture_replies = replies;
    fixture_run(&found);
    fixture_run(&other);
    fixture_replies = NULL;
}
END_TEST

static const struct fixture_case parameters[] = {
    {"no texts",         "'op':2,'to':'cse-in/ae/c','fr':'Cae','tkns':[1]",         NULL, "ANSWER 4000 tkns"            },
    {"ids, no texts",    "'op':2,'to':'cse-in/ae/c','fr':'Cae','tids':[{}]",        NULL, "ANSWER 4000 tids"            },
    {"local, no texts",  "'op':2,'to':'cse-in/ae/c','fr':'Cae','ltids':[null]",     NULL, "ANSWER 4000 ltids"           },
    {"no local id",      "'op':2,'to':'cse-in/ae/c','fr':'Cother','ltids':['a/b']", NULL, "ANSWER 4103|a/b: not a local"},
    {"unknown local id", "'op':2,'to':'cse-in/ae/c','fr':'Cother','ltids':['ae']",  NULL, "ANSWER 4103|ae: no token"    },
};

START_TEST(test_parameters)
{
    fixture_run(&parameters[_i]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("token");
    TCase *tests = tcase_create("token");
    SRunner *runner = srunner_create(suite);
    int failed;

    if (!mkdtemp(directory))
        return 1;
    write_file("a.key", SECRET "\n");
    write_file("b.key", "another secret of at least 32 bytes");
    write_file("short.key", "short");
    tcase_add_checked_fixture(tests, begin, end);
    tcase_add_loop_test(tests, test_claims, 0, ARRAY_LEN(claims));
    tcase_add_test(tests, test_registered_times);
    tcase_add_loop_test(tests, test_tokens, 0, ARRAY_LEN(tokens));
    tcase_add_test(tests, test_local_ids_and_lists);
    tcase_add_test(tests, test_places_of_issuers);
    tcase_add_loop_test(tests, test_lists_that_are_refused, 0, ARRAY_LEN(lists));
    tcase_add_loop_test(tests, test_plans, 0, ARRAY_LEN(plans));
    tcase_add_test(tests, test_unknown_id);
    tcase_add_loop_test(tests, test_parameters, 0, ARRAY_LEN(parameters));
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    for (const char *const *name = (const char *const[]){"a.key", "b.key", "short.key", NULL}; *name; name++) {
        auto_free char *path = xasprintf("%s/%s", directory, *name);

        remove(path);
    }
    remove(directory);
    return failed ? 1 : 0;
}
