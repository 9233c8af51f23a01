/* What is printed: JSON with line breaks, tables, trees. */
#include "json.h"
#include "place.h"
#include "progress.h"
#include "show.h"
#include "tree.h"

#include <check.h>

#include "mem.h"

static const struct {
    const char *text, *shown;
} documents[] = {
    {"{}",                                    "{}"                                                                    },
    {"[ ]",                                   "[]"                                                                    },
    {"5",                                     "5"                                                                     },
    {"{\"a\":1.50,\"b\":[1,\"x\"],\"c\":{}}", "{\n  \"a\": 1.50,\n  \"b\": [\n    1,\n    \"x\"\n  ],\n  \"c\": {}\n}"},
    {" { \"a\" : \"q\\\"{[,:\" } ",           "{\n  \"a\": \"q\\\"{[,:\"\n}"                                          },
    {"[[],{\"a\":null}]",                     "[\n  [],\n  {\n    \"a\": null\n  }\n]"                                },
};

START_TEST(document)
{
    auto_str struct str out = STR_EMPTY;

    show_json(&out, documents[_i].text, strlen(documents[_i].text), false);
    ck_assert_str_eq(str_text(&out), documents[_i].shown);
}
END_TEST

START_TEST(coloured)
{
    auto_str struct str out = STR_EMPTY;

    show_json(&out, "{\"a\":\"b\"}", 9, true);
    ck_assert_str_eq(str_text(&out), "{\n  \033[36m\"a\"\033[0m: \033[32m\"b\"\033[0m\n}");
}
END_TEST

START_TEST(attributes)
{
    auto_str struct str out = STR_EMPTY;
    json_auto_t *attrs =
        json_pack("{s:s,s:s,s:[s,s],s:{s:i}}", "ct", "20261121T193402,892", "longname", "x", "lbl", "a", "b", "enc", "n", 1);

    show_attributes(&out, rtype_by_ty(3), attrs, false);
    ck_assert_str_eq(str_text(&out), "  ct        2026-11-21 19:34:02\n  longname  x\n  lbl       a, b\n  enc       {\"n\":1}\n");
}
END_TEST

static const struct {
    const char *name, *asked;
    const char *nodes[8]; /* "cse/a" */
    const char *drawn;
} trees[] = {
    {"nothing",                         "cse",  {NULL},                                              "cse\n"                                },
    {"one",                             "cse",  {"cse/a"},                                           "cse\n`-- a t\n"                       },
    {"sorted, nested",
     "cse",                                     {"cse/b", "cse/a/y", "cse/a-b", "cse/a", "cse/a/x"},
     "cse\n|-- a t\n|   |-- x t\n|   `-- y t\n|-- a-b t\n`-- b t\n"                                                                         },
    {"a parent that is not to be seen",
     "cse",                                     {"cse/a/x/1", "cse/a/x/2"},
     "cse\n`-- a (not to be seen)\n    `-- x (not to be seen)\n        |-- 1 t\n        `-- 2 t\n"                                          },
    {"asked for by its id",             "cnt7", {"cse/a/x", "cse/a/x/1"},                            "cse/a\n`-- x t\n    `-- 1 t\n"        },
    {"names that begin alike",          "cse",  {"cse/ab", "cse/a", "cse/ab/c"},                     "cse\n|-- a t\n`-- ab t\n    `-- c t\n"},
};

START_TEST(drawn)
{
    auto_str struct str out = STR_EMPTY;
    auto_free char *root = NULL;
    struct tree tree = {0};

    for (int i = 0; trees[_i].nodes[i]; i++)
        tree_add(&tree, trees[_i].nodes[i], "t");
    root = tree_root(&tree, trees[_i].asked);
    tree_draw(&tree, &out, root, false, false);
    ck_assert_msg(strcmp(str_text(&out), trees[_i].drawn) == 0, "%s:\n%s", trees[_i].name, str_text(&out));
    tree_done(&tree);
}
END_TEST

START_TEST(as_json)
{
    auto_str struct str out = STR_EMPTY;
    struct tree tree = {0};

    tree_add(&tree, "cse/b", "cnt");
    tree_add(&tree, "cse/a", "ae");
    tree_json(&tree, &out);
    ck_assert_str_eq(str_text(&out), "[{\"address\":\"cse/a\",\"type\":\"ae\"},{\"address\":\"cse/b\",\"type\":\"cnt\"}]");
    tree_done(&tree);
}
END_TEST

START_TEST(progress)
{
    static const struct {
        int64_t done, total;
        const char *drawn;
    } cases[] = {
        {0,  10, "copying [..............................]   0 %"},
        {5,  10, "copying [###############...............]  50 %"},
        {10, 10, "copying [##############################] 100 %"},
        {11, 10, "copying [##############################] 100 %"},
        {5,  0,  "copying [..............................]   0 %"},
    };
    auto_str struct str out = STR_EMPTY;

    progress_draw(&out, "copying", cases[_i].done, cases[_i].total);
    ck_assert_str_eq(str_text(&out), cases[_i].drawn);
}
END_TEST

START_TEST(sizes)
{
    char text[32];

    place_size(text, sizeof text, 999);
    ck_assert_str_eq(text, "999 B");
    place_size(text, sizeof text, 110592);
    ck_assert_str_eq(text, "110.6 kB");
    place_size(text, sizeof text, 5000000000000000);
    ck_assert_str_eq(text, "5000.0 TB");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cli");
    TCase *tests = tcase_create("show");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tests, document, 0, ARRAY_LEN(documents));
    tcase_add_test(tests, coloured);
    tcase_add_test(tests, attributes);
    tcase_add_loop_test(tests, drawn, 0, ARRAY_LEN(trees));
    tcase_add_test(tests, as_json);
    tcase_add_loop_test(tests, progress, 0, 5);
    tcase_add_test(tests, sizes);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
