/* Query arguments to filterCriteria and parameters: TS-0009 6.2.2.2. */
#include "query.h"

#include <check.h>

#include "mem.h"

struct row {
    const char *name;
    const char *query;
    enum rsc rsc;
    const char *fc; /* NULL: none */
};

static const struct row filters[] = {
    {"nothing",                      "",                                RSC_OK,          NULL                                                                     },
    {"only separators",              "&&",                              RSC_OK,          NULL                                                                     },
    {"labels repeated",              "lbl=a&lbl=b",                     RSC_OK,          "{\"lbl\":[\"a\",\"b\"]}"                                                },
    {"labels both ways",             "lbl=a+b&fu=1&lbl=c",              RSC_OK,          "{\"lbl\":[\"a\",\"b\",\"c\"],\"fu\":1}"                                 },
    {"label with an encoded plus",   "lbl=a%2Bb",                       RSC_OK,          "{\"lbl\":[\"a+b\"]}"                                                    },
    {"label with key and value",     "lbl=key%3Aa%20b",                 RSC_OK,          "{\"lbl\":[\"key:a b\"]}"                                                },
    {"label with quotes",            "lbl=%22%5C",                      RSC_OK,          "{\"lbl\":[\"\\\"\\\\\"]}"                                               },
    {"labelsQuery",                  "lbq=key+EQ+a",                    RSC_OK,          "{\"lbq\":\"key EQ a\"}"                                                 },
    {"resourceTypes repeated",       "ty=2&ty=3",                       RSC_OK,          "{\"ty\":[2,3]}"                                                         },
    {"contentType",                  "cty=text%2Fplain+image/png",      RSC_OK,          "{\"cty\":[\"text/plain\",\"image/png\"]}"                               },
    {"filterUsage without value",    "fu",                              RSC_BAD_REQUEST, NULL                                                                     },
    {"content filter",               "cfs=1&cfq=%24.a%5B%3F(%40.b)%5D", RSC_OK,          "{\"cfs\":1,\"cfq\":\"$.a[?(@.b)]\"}"                                    },
    {"semanticsFilter",              "smf=select+x&smf=y",              RSC_OK,          "{\"smf\":[\"select x\",\"y\"]}"                                         },
    {"applyRelativePath",            "arp=a/b",                         RSC_OK,          "{\"arp\":\"a/b\"}"                                                      },
    {"geo-query",                    "gmty=1&geom=%5B1.5,2%5D&gsf=1",   RSC_OK,          "{\"gmty\":1,\"geom\":[1.5,2],\"gsf\":1}"                                },
    {"geometry no JSON",             "geom=%5B1",                       RSC_BAD_REQUEST, NULL                                                                     },
    {"advancedQuery",                "aq=a",                            RSC_OK,          "{\"aq\":\"a\"}"                                                         },
    {"attribute",                    "rn=sensor*",                      RSC_OK,          "{\"atr\":[{\"nm\":\"rn\",\"val\":\"sensor*\"}]}"                        },
    {"attribute of a flexContainer", "hd:on=true",                      RSC_OK,          "{\"atr\":[{\"nm\":\"hd:on\",\"val\":\"true\"}]}"                        },
    {"two attributes",               "rn=a&cr=b",                       RSC_OK,          "{\"atr\":[{\"nm\":\"rn\",\"val\":\"a\"},{\"nm\":\"cr\",\"val\":\"b\"}]}"},
    {"one attribute twice",          "rn=a&rn=b",                       RSC_OK,          "{\"atr\":[{\"nm\":\"rn\",\"val\":\"a\"},{\"nm\":\"rn\",\"val\":\"b\"}]}"},
    {"attribute with a blank",       "con=a+b%2B",                      RSC_OK,          "{\"atr\":[{\"nm\":\"con\",\"val\":\"a b+\"}]}"                          },
    {"childAttribute",               "c.cnf=x",                         RSC_OK,          "{\"catr\":[{\"nm\":\"cnf\",\"val\":\"x\"}]}"                            },
    {"parentAttribute",              "p.rn=x",                          RSC_OK,          "{\"patr\":[{\"nm\":\"rn\",\"val\":\"x\"}]}"                             },
    {"mixed with members",           "p.rn=x&lvl=1&rn=y",               RSC_OK,
     "{\"lvl\":1,\"patr\":[{\"nm\":\"rn\",\"val\":\"x\"}],\"atr\":[{\"nm\":\"rn\",\"val\":\"y\"}]}"                                                               },
    {"atr itself",                   "atr=rn",                          RSC_BAD_REQUEST, NULL                                                                     },
    {"no name",                      "=x",                              RSC_BAD_REQUEST, NULL                                                                     },
    {"prefix without a name",        "c.=x",                            RSC_BAD_REQUEST, NULL                                                                     },
    {"name with odd characters",     "a%22b=x",                         RSC_BAD_REQUEST, NULL                                                                     },
    {"escape cut off",               "rn=%4",                           RSC_BAD_REQUEST, NULL                                                                     },
    {"escape no hex",                "rn=%zz",                          RSC_BAD_REQUEST, NULL                                                                     },
    {"zero byte",                    "rn=a%00b",                        RSC_BAD_REQUEST, NULL                                                                     },
    {"line feed",                    "rn=a%0Ab",                        RSC_BAD_REQUEST, NULL                                                                     },
    {"not UTF-8",                    "rn=%ff",                          RSC_BAD_REQUEST, NULL                                                                     },
    {"UTF-8",                        "rn=%C3%BC",                       RSC_OK,          "{\"atr\":[{\"nm\":\"rn\",\"val\":\"\xc3\xbc\"}]}"                       },
    {"surrogate",                    "rn=%ED%A0%80",                    RSC_BAD_REQUEST, NULL                                                                     },
    {"encoded name",                 "%66u=1",                          RSC_OK,          "{\"fu\":1}"                                                             },
    {"rt out of range",              "rt=6",                            RSC_BAD_REQUEST, NULL                                                                     },
    {"atrl no names",                "atrl=a+",                         RSC_BAD_REQUEST, NULL                                                                     },
};

/* Members of one kind. Columns: names, a good value and what becomes of it, values that are refused. */
static const struct {
    const char *names[8], *good, *json, *bad[6];
} members[] = {
    {{"crb", "cra", "ms", "us", "exb", "exa"},
     "20261121T080000,123",                            "\"20261121T080000,123\"",
     {"", "yesterday", "20260231T000000"}                                                                                         },
    {{"sts", "szb", "lvl", "ofst", "fu", "fo"}, "1",   "1",                       {"", "0", "-1", "x", "99999999999"}             },
    {{"stb", "sza", "lim", "ops"},              "0",   "0",                       {"", "-1", "x", "1+", "99999999999999999999999"}},
    {{"lbl", "clbl", "palb", "cty"},            "a+b", "[\"a\",\"b\"]",           {"", "a++b"}                                    },
    {{"ty", "chty", "pty"},                     "2+3", "[2,3]",                   {"", "ae", "2+", "0"}                           },
};

/* Parameters that are no filter. */
static const char *const bad_parameters[] = {
    "rcn=all", "drt=0", "tqi=yes", "asi=2", "auri=", "rt=x", "rt=1&rt=1", "rcn=1&rcn=1", "atrl=a&atrl=b"};

static enum rsc map(struct arena *arena, struct request *req, const char *text)
{
    struct query query;
    char why[200] = "";
    enum rsc rsc;

    request_init(req);
    rsc = query_map(text, strlen(text), arena, req, &query, why, sizeof why);
    ck_assert_msg(rsc == RSC_OK || *why, "%s: no explanation", text);
    return rsc;
}

START_TEST(kinds)
{
    struct arena arena;
    struct request req;

    arena_init(&arena);
    for (int i = 0; members[_i].names[i]; i++) {
        const char *name = members[_i].names[i];
        auto_free char *good = xasprintf("%s=%s", name, members[_i].good),
                       *json = xasprintf("{\"%s\":%s}", name, members[_i].json);

        ck_assert_msg(map(&arena, &req, good) == RSC_OK && slice_is(req.fc, json), "%s: %s", good, req.fc.p);
        for (int k = 0; members[_i].bad[k]; k++) {
            auto_free char *bad = xasprintf("%s=%s", name, members[_i].bad[k]);

            ck_assert_msg(map(&arena, &req, bad) == RSC_BAD_REQUEST, "%s", bad);
        }
    }
    for (size_t i = 0; i < ARRAY_LEN(bad_parameters); i++)
        ck_assert_msg(map(&arena, &req, bad_parameters[i]) == RSC_BAD_REQUEST, "%s", bad_parameters[i]);
    ck_assert_int_eq(map(&arena, &req, "fu=1&fu=2"), RSC_BAD_REQUEST);
    arena_done(&arena);
}
END_TEST

START_TEST(filter)
{
    const struct row *row = &filters[_i];
    struct arena arena;
    struct request req;
    struct query query;
    char why[200] = "";
    enum rsc rsc;

    arena_init(&arena);
    request_init(&req);
    rsc = query_map(row->query, strlen(row->query), &arena, &req, &query, why, sizeof why);
    ck_assert_msg(rsc == row->rsc, "%s: %d (%s)", row->name, rsc, why);
    if (rsc != RSC_OK)
        ck_assert_msg(*why, "%s: no explanation", row->name);
    else if (!row->fc)
        ck_assert_msg(!req.fc.p, "%s: %s", row->name, req.fc.p);
    else
        ck_assert_msg(req.fc.p && slice_is(req.fc, row->fc), "%s: %s", row->name, req.fc.p ? req.fc.p : "none");
    arena_done(&arena);
}
END_TEST

START_TEST(parameters)
{
    static const char text[] =
        "rcn=5&drt=2&rp=PT1H&da=true&tqi=1&asi=0&auri=false&sqi=true&rids=a+b&tids=c&ltids=d&grtm=e&rt=3&atrl=rn+lbl";
    struct arena arena;
    struct request req;
    struct query query;
    char why[200] = "";

    arena_init(&arena);
    request_init(&req);
    ck_assert_msg(query_map(text, sizeof text - 1, &arena, &req, &query, why, sizeof why) == RSC_OK, "%s", why);
    ck_assert_int_eq(req.rcn, 5);
    ck_assert_int_eq(req.drt, 2);
    ck_assert_str_eq(req.rp, "PT1H");
    ck_assert_int_eq(req.da, 1);
    ck_assert_int_eq(req.tqi, 1);
    ck_assert_int_eq(req.asi, 0);
    ck_assert_int_eq(req.auri, 0);
    ck_assert_int_eq(req.sqi, 1);
    ck_assert(slice_is(req.rids, "[\"a\",\"b\"]"));
    ck_assert(slice_is(req.tids, "[\"c\"]"));
    ck_assert(slice_is(req.ltids, "[\"d\"]"));
    ck_assert(slice_is(req.grtm, "[\"e\"]"));
    ck_assert_int_eq(query.rtv, 3);
    ck_assert(slice_is(query.attributes, "[\"rn\",\"lbl\"]"));
    ck_assert_ptr_null(req.fc.p);
    arena_done(&arena);
}
END_TEST

START_TEST(bounds)
{
    auto_str struct str text = STR_EMPTY;
    struct arena arena;
    struct request req;
    struct query query;
    char why[200] = "";

    arena_init(&arena);
    request_init(&req);
    for (int i = 0; i < QUERY_MAX_ARGUMENTS; i++)
        str_puts(&text, "lbl=x&");
    ck_assert_int_eq(query_map(text.data, text.len, &arena, &req, &query, why, sizeof why), RSC_OK);
    str_puts(&text, "lbl=x");
    ck_assert_int_eq(query_map(text.data, text.len, &arena, &req, &query, why, sizeof why), RSC_BAD_REQUEST);
    arena_done(&arena);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("query");
    TCase *tc = tcase_create("query");
    SRunner *runner;
    int failed;

    tcase_add_loop_test(tc, filter, 0, (int)ARRAY_LEN(filters));
    tcase_add_loop_test(tc, kinds, 0, (int)ARRAY_LEN(members));
    tcase_add_test(tc, parameters);
    tcase_add_test(tc, bounds);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
