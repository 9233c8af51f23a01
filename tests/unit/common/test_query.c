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
    {"createdBefore",                "crb=20261121T080000",             RSC_OK,          "{\"crb\":\"20261121T080000\"}"                                          },
    {"createdAfter",                 "cra=20261121T080000,123",         RSC_OK,          "{\"cra\":\"20261121T080000,123\"}"                                      },
    {"modifiedSince",                "ms=20261121T080000",              RSC_OK,          "{\"ms\":\"20261121T080000\"}"                                           },
    {"unmodifiedSince",              "us=20261121T080000",              RSC_OK,          "{\"us\":\"20261121T080000\"}"                                           },
    {"expireBefore",                 "exb=20261121T080000",             RSC_OK,          "{\"exb\":\"20261121T080000\"}"                                          },
    {"expireAfter",                  "exa=20261121T080000",             RSC_OK,          "{\"exa\":\"20261121T080000\"}"                                          },
    {"no timestamp",                 "cra=yesterday",                   RSC_BAD_REQUEST, NULL                                                                     },
    {"no such day",                  "cra=20260231T000000",             RSC_BAD_REQUEST, NULL                                                                     },
    {"stateTagSmaller",              "sts=7",                           RSC_OK,          "{\"sts\":7}"                                                            },
    {"stateTagSmaller is positive",  "sts=0",                           RSC_BAD_REQUEST, NULL                                                                     },
    {"stateTagBigger",               "stb=0",                           RSC_OK,          "{\"stb\":0}"                                                            },
    {"negative",                     "stb=-1",                          RSC_BAD_REQUEST, NULL                                                                     },
    {"sizeAbove",                    "sza=10",                          RSC_OK,          "{\"sza\":10}"                                                           },
    {"sizeBelow",                    "szb=10",                          RSC_OK,          "{\"szb\":10}"                                                           },
    {"sizeBelow is positive",        "szb=0",                           RSC_BAD_REQUEST, NULL                                                                     },
    {"labels joined",                "lbl=a+b",                         RSC_OK,          "{\"lbl\":[\"a\",\"b\"]}"                                                },
    {"labels repeated",              "lbl=a&lbl=b",                     RSC_OK,          "{\"lbl\":[\"a\",\"b\"]}"                                                },
    {"labels both ways",             "lbl=a+b&fu=1&lbl=c",              RSC_OK,          "{\"lbl\":[\"a\",\"b\",\"c\"],\"fu\":1}"                                 },
    {"label with an encoded plus",   "lbl=a%2Bb",                       RSC_OK,          "{\"lbl\":[\"a+b\"]}"                                                    },
    {"label with key and value",     "lbl=key%3Aa%20b",                 RSC_OK,          "{\"lbl\":[\"key:a b\"]}"                                                },
    {"label with quotes",            "lbl=%22%5C",                      RSC_OK,          "{\"lbl\":[\"\\\"\\\\\"]}"                                               },
    {"empty label",                  "lbl=",                            RSC_BAD_REQUEST, NULL                                                                     },
    {"empty label in a list",        "lbl=a++b",                        RSC_BAD_REQUEST, NULL                                                                     },
    {"childLabels",                  "clbl=a",                          RSC_OK,          "{\"clbl\":[\"a\"]}"                                                     },
    {"parentLabels",                 "palb=a",                          RSC_OK,          "{\"palb\":[\"a\"]}"                                                     },
    {"labelsQuery",                  "lbq=key+EQ+a",                    RSC_OK,          "{\"lbq\":\"key EQ a\"}"                                                 },
    {"resourceType",                 "ty=4",                            RSC_OK,          "{\"ty\":[4]}"                                                           },
    {"resourceTypes joined",         "ty=2+3",                          RSC_OK,          "{\"ty\":[2,3]}"                                                         },
    {"resourceTypes repeated",       "ty=2&ty=3",                       RSC_OK,          "{\"ty\":[2,3]}"                                                         },
    {"resourceType no number",       "ty=ae",                           RSC_BAD_REQUEST, NULL                                                                     },
    {"resourceType half a list",     "ty=2+",                           RSC_BAD_REQUEST, NULL                                                                     },
    {"childResourceType",            "chty=2+3",                        RSC_OK,          "{\"chty\":[2,3]}"                                                       },
    {"parentResourceType",           "pty=2",                           RSC_OK,          "{\"pty\":[2]}"                                                          },
    {"contentType",                  "cty=text%2Fplain+image/png",      RSC_OK,          "{\"cty\":[\"text/plain\",\"image/png\"]}"                               },
    {"filterUsage",                  "fu=1",                            RSC_OK,          "{\"fu\":1}"                                                             },
    {"filterUsage twice",            "fu=1&fu=2",                       RSC_BAD_REQUEST, NULL                                                                     },
    {"filterUsage empty",            "fu=",                             RSC_BAD_REQUEST, NULL                                                                     },
    {"filterUsage without value",    "fu",                              RSC_BAD_REQUEST, NULL                                                                     },
    {"limit",                        "lim=0",                           RSC_OK,          "{\"lim\":0}"                                                            },
    {"limit beyond an int",          "lim=99999999999",                 RSC_BAD_REQUEST, NULL                                                                     },
    {"limit with more digits",       "lim=99999999999999999999999",     RSC_BAD_REQUEST, NULL                                                                     },
    {"limit with a blank",           "lim=1+",                          RSC_BAD_REQUEST, NULL                                                                     },
    {"filterOperation",              "fo=2",                            RSC_OK,          "{\"fo\":2}"                                                             },
    {"content filter",               "cfs=1&cfq=%24.a%5B%3F(%40.b)%5D", RSC_OK,          "{\"cfs\":1,\"cfq\":\"$.a[?(@.b)]\"}"                                    },
    {"semanticsFilter",              "smf=select+x&smf=y",              RSC_OK,          "{\"smf\":[\"select x\",\"y\"]}"                                         },
    {"level",                        "lvl=2",                           RSC_OK,          "{\"lvl\":2}"                                                            },
    {"level is positive",            "lvl=0",                           RSC_BAD_REQUEST, NULL                                                                     },
    {"offset",                       "ofst=3",                          RSC_OK,          "{\"ofst\":3}"                                                           },
    {"offset is positive",           "ofst=0",                          RSC_BAD_REQUEST, NULL                                                                     },
    {"applyRelativePath",            "arp=a/b",                         RSC_OK,          "{\"arp\":\"a/b\"}"                                                      },
    {"geo-query",                    "gmty=1&geom=%5B1.5,2%5D&gsf=1",   RSC_OK,          "{\"gmty\":1,\"geom\":[1.5,2],\"gsf\":1}"                                },
    {"geometry no JSON",             "geom=%5B1",                       RSC_BAD_REQUEST, NULL                                                                     },
    {"operations",                   "ops=3",                           RSC_OK,          "{\"ops\":3}"                                                            },
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
    {"rt no number",                 "rt=x",                            RSC_BAD_REQUEST, NULL                                                                     },
    {"rt twice",                     "rt=1&rt=1",                       RSC_BAD_REQUEST, NULL                                                                     },
    {"rcn no number",                "rcn=all",                         RSC_BAD_REQUEST, NULL                                                                     },
    {"boolean no boolean",           "tqi=yes",                         RSC_BAD_REQUEST, NULL                                                                     },
    {"atrl no names",                "atrl=a+",                         RSC_BAD_REQUEST, NULL                                                                     },
    {"atrl twice",                   "atrl=a&atrl=b",                   RSC_BAD_REQUEST, NULL                                                                     },
};

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
    tcase_add_test(tc, parameters);
    tcase_add_test(tc, bounds);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
