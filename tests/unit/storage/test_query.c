/* Searching a subtree: order, pages, depth, and the short cuts that must find the same. */
#include "fixture.h"

/* Paths of all matches, in order, joined by blanks; instances as PARENT/@seq. `max` per call. */
static char *paths(const char *root, const char *fc_text, int64_t lvl, int64_t max)
{
    char why[100];
    json_auto_t *fc = fc_text ? json_parse(fc_text, strlen(fc_text), why, sizeof why) : NULL;
    auto_free char *after = NULL;
    struct str out = STR_EMPTY;

    for (int calls = 0; calls < 1000; calls++) {
        struct query query = {.root = root, .fc = fc, .lvl = lvl, .after = after, .max = max, .full = true};
        struct answer a = {0};

        ck_assert_int_eq(query_run(reader, &query, &a), 0);
        ck_assert_int_eq(a.st, ST_OK);
        json_auto_t *body = json_parse(a.body.data, a.body.len, why, sizeof why);
        ck_assert_msg(body != NULL, "%s: %s", why, a.body.data);
        json_t *rows = json_object_get(body, "rows"), *row;
        size_t i;
        ck_assert_int_le((int64_t)json_array_size(rows), max);
        json_array_foreach(rows, i, row)
        {
            const json_t *attributes = json_array_get(row, 7);

            ck_assert_uint_eq(json_array_size(row), 8);
            if (out.len)
                str_putc(&out, ' ');
            if (json_integer_value(json_array_get(row, 2)) == 4)
                str_addf(&out, "%s@%lld", json_string_value(json_array_get(row, 3)), (long long)json_int(attributes, "st", 0));
            else
                str_puts(&out, json_string_value(json_array_get(row, 0)));
        }
        answer_done(&a);
        free(after);
        after = NULL;
        if (!json_is_string(json_object_get(body, "more")))
            break;
        after = xstrdup(json_str(body, "more"));
    }
    return str_take(&out);
}

struct query_case {
    const char *name;
    const char *root, *fc;
    int64_t lvl;
    const char *found;
};

static const struct query_case query_cases[] = {
    {"all",               "id-in", NULL,                                         0,
     "cse-in/ae cse-in/ae/c cnt1@2 cnt1@3 cse-in/ae/c-d cse-in/ae/c/d cnt2@1 cse-in/ae/c/d/e cse-in/ae/cx"                                                },
    {"below a container", "cnt1",  NULL,                                         0, "cnt1@2 cnt1@3 cse-in/ae/c/d cnt2@1 cse-in/ae/c/d/e"                  },
    {"one level",         "id-in", NULL,                                         1, "cse-in/ae"                                                           },
    {"two levels",        "id-in", NULL,                                         2, "cse-in/ae cse-in/ae/c cse-in/ae/c-d cse-in/ae/cx"                    },
    {"level of a branch", "cnt1",  NULL,                                         1, "cnt1@2 cnt1@3 cse-in/ae/c/d"                                         },
    {"one type",          "id-in", "{\"ty\":[3]}",                               0, "cse-in/ae/c cse-in/ae/c-d cse-in/ae/c/d cse-in/ae/c/d/e cse-in/ae/cx"},
    {"one type, level",   "id-in", "{\"ty\":[3]}",                               2, "cse-in/ae/c cse-in/ae/c-d cse-in/ae/cx"                              },
    {"instances",         "id-in", "{\"ty\":[4]}",                               0, "cnt1@2 cnt1@3 cnt2@1"                                                },
    {"label",             "id-in", "{\"lbl\":[\"red\"]}",                        0, "cse-in/ae/c cnt1@3 cse-in/ae/c-d cnt2@1 cse-in/ae/c/d/e"             },
    {"label by pattern",  "id-in", "{\"lbl\":[\"re*\"]}",                        0, "cse-in/ae/c cnt1@3 cse-in/ae/c-d cnt2@1 cse-in/ae/c/d/e"             },
    {"label in a branch", "cnt1",  "{\"lbl\":[\"red\"]}",                        0, "cnt1@3 cnt2@1 cse-in/ae/c/d/e"                                       },
    {"label and type",    "id-in", "{\"lbl\":[\"red\"],\"ty\":[3]}",             0, "cse-in/ae/c cse-in/ae/c-d cse-in/ae/c/d/e"                           },
    {"label or type",     "id-in", "{\"lbl\":[\"red\"],\"ty\":[2],\"fo\":2}",    0,
     "cse-in/ae cse-in/ae/c cnt1@3 cse-in/ae/c-d cnt2@1 cse-in/ae/c/d/e"                                                                                  },
    {"label, level",      "cnt1",  "{\"lbl\":[\"red\"]}",                        1, "cnt1@3"                                                              },
    {"parent's label",    "id-in", "{\"palb\":[\"red\"]}",                       0, "cnt1@2 cnt1@3 cse-in/ae/c/d"                                         },
    {"child's label",     "id-in", "{\"clbl\":[\"red\"]}",                       0, "cse-in/ae cse-in/ae/c cse-in/ae/c/d"                                 },
    {"child's type",      "id-in", "{\"chty\":[4]}",                             0, "cse-in/ae/c cse-in/ae/c/d"                                           },
    {"counter",           "id-in", "{\"atr\":[{\"nm\":\"cni\",\"val\":\"2\"}]}", 0, "cse-in/ae/c"                                                         },
    {"size",              "id-in", "{\"sza\":4}",                                0, "cnt1@2 cnt1@3 cnt2@1"                                                },
    {"nothing",           "cnt5",  NULL,                                         0, ""                                                                    },
};

static void make_tree(void)
{
    fixture_tree();
    commit("{\"op\":\"update\",\"ri\":\"cnt1\",\"set\":{\"lbl\":[\"red\",\"big\"]}}");
    create(3, "cnt2", "cnt1", "cse-in/ae/c/d", "");
    create(3, "cnt3", "Cae", "cse-in/ae/c-d", "\"lbl\":[\"red\"]");
    create(3, "cnt4", "cnt2", "cse-in/ae/c/d/e", "\"lbl\":[\"red\"]");
    create(3, "cnt5", "Cae", "cse-in/ae/cx", "");
    append("cnt1", "", "{\"con\":1}");
    append("cnt1", "\"rn\":\"named\"", "{\"con\":1,\"lbl\":[\"red\"]}");
    append("cnt2", "", "{\"con\":1,\"lbl\":[\"red\"]}");
}

START_TEST(cases)
{
    make_tree();
    for (size_t i = 0; i < ARRAY_LEN(query_cases); i++) {
        const struct query_case *c = &query_cases[i];

        for (int64_t max = 1; max <= 100; max = max * 3 + 1) {
            auto_free char *found = paths(c->root, c->fc, c->lvl, max);

            ck_assert_msg(strcmp(found, c->found) == 0, "%s, %lld at a time: %s", c->name, (long long)max, found);
        }
    }
}
END_TEST

START_TEST(nonsense)
{
    char why[100];
    json_auto_t *bad = json_parse("{\"fo\":9}", 8, why, sizeof why);
    struct query queries[] = {
        {.root = "gone",  .max = 10},
        {.root = "id-in", .max = 10, .fc = bad},
        {.root = "id-in",               .after = "cse-in/ae"         },
        {.root = "cnt1",               .after = "0 a" },
        {.root = "cnt1",               .after = "0 cse-in/zz"         },
    };
    const enum answer_st sts[] = {ST_NONE, ST_REFUSED, ST_REFUSED, ST_OK, ST_OK};
    struct answer a = {0};

    make_tree();
    for (size_t i = 0; i < ARRAY_LEN(queries); i++) {
        ck_assert_int_eq(query_run(reader, &queries[i], &a), 0);
        ck_assert_int_eq(a.st, sts[i]);
        ck_assert_msg(i < 3 || !strstr(a.body.data, "cse-in/ae\""), "a cursor leads out of the subtree");
    }
    answer_done(&a);
}
END_TEST

/* A CSE is found by its own remoteCSE first, then by one that has it as descendant. */
START_TEST(remote_cses)
{
    static const struct {
        const char *cse, *ri; /* NULL: none */
    } rows[] = {
        {"/id-mn",         "id-mn"},
        {"/id-asn",        "id-mn"},
        {"/id-two",        "csr2" },
        {"/id-named",      "csr3" },
        {"/id-in",         NULL   },
        {"/cnt1",          NULL   },
        {"/id-foo",        NULL   },
        {"//sp.one/id-x",  "csr4" },
        {"//sp.one/id-y",  "csr4" },
        {"//sp.one1/id-y", NULL   },
        {"//sp",           NULL   },
    };

    make_tree();
    create(16, "id-mn", "id-in", "cse-in/id-mn", "\"csi\":\"/id-mn\",\"dcse\":[\"/id-asn\",\"/id-two\"]");
    create(16, "csr2", "id-in", "cse-in/z", "\"csi\":\"/id-two\"");
    create(16, "csr3", "id-in", "cse-in/y", "\"csi\":\"/id-named\"");
    create(16, "csr4", "id-in", "cse-in/x", "\"csi\":\"//sp.one/id-x\"");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        json_auto_t *r = record(rows[i].cse);
        const char *ri = json_str(r, "ri");

        ck_assert_msg(rows[i].ri ? ri && strcmp(ri, rows[i].ri) == 0 : json_is_null(r), "%s: %s", rows[i].cse, ri);
    }
}
END_TEST

START_TEST(addresses)
{
    static const char *const found[] = {"cse-in", "id-in", "cse-in/ae", "cnt1", "cse-in/ae/c/named", "cin100000"};
    static const char *const not_found[] = {"",          "/",   "cse-in/",   "cse-in/ae/c/cin100001",
                                            "cin100009", "cin", "tsi100000", "cse-in/ae/c/d/cin100000"};
    json_t *r;

    make_tree();
    for (size_t i = 0; i < ARRAY_LEN(found); i++) {
        r = record(found[i]);
        ck_assert_msg(json_is_object(r), "%s", found[i]);
        json_decref(r);
    }
    for (size_t i = 0; i < ARRAY_LEN(not_found); i++) {
        r = record(not_found[i]);
        ck_assert_msg(json_is_null(r), "%s", not_found[i]);
        json_decref(r);
    }
    r = get("cse-in/ae/c/cin100000", NOT_VIRTUAL);
    ck_assert_str_eq(json_str(json_object_get(r, "m2m:cin"), "rn"), "cin100000");
    json_decref(r);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("query");

    tcase_add_test(tcase, cases);
    tcase_add_test(tcase, nonsense);
    tcase_add_test(tcase, addresses);
    tcase_add_test(tcase, remote_cses);
    return suite_run(tcase);
}
